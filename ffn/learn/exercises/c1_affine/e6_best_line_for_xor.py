"""1.6: the best affine fit to XOR."""

from fractions import Fraction

from ffn.learn.kinds import Misconception, Predict
from ffn.network import forward
from ffn.network.description import Network, Output

X, Y = [[0, 0], [0, 1], [1, 0], [1, 1]], [[0], [1], [1], [0]]
NETWORK = Network(2, 1, Output("gaussian"))


def loss(xp):
    """At w = (0, 0) and b = ½, where the gradient is 0 and the loss, which is convex, is least."""
    fit = ((xp.asarray([[0], [0]]), xp.asarray([Fraction(1, 2)])),)
    return forward.objective(xp, NETWORK, fit, xp.asarray(X), xp.asarray(Y), kernel_only=True)


def best(xp):
    return {"w": [0, 0], "b": Fraction(1, 2), "loss": loss(xp)}


def half_forgotten(xp):
    return {**best(xp), "loss": 2 * loss(xp)}


def summed(xp):
    return {**best(xp), "loss": len(X) * loss(xp)}


EXERCISE = Predict(
    title="The best a line can do for XOR",
    stars=1,
    minutes=8,
    task="""
XOR at (0, 0), (0, 1), (1, 0), (1, 1) is y = 0, 1, 1, 0. An affine unit says
z = w₁x₁ + w₂x₂ + b. Its cost is the mean over the four points of ½(y − z)².

Which w and b make the cost least, and how small is it then? Write the fractions
by hand, such as "1/3". The symmetries of XOR save most of the work.
""",
    template="""
w = [None, None]
b = None
loss = None
""",
    solution="""
w = [0, 0]
b = "1/2"
loss = "1/8"
""",
    hints=(
        "Exchange x₁ by 1 − x₁: every y becomes 1 − y. What must the best z do then?",
        "So z is ½ on average, and does not know which way is up: w = 0. What is then the error at each point?",
        "Each error is ½, so each point costs ½ · (½)²; and the mean of four equal numbers is that number.",
    ),
    law="At the least cost the gradient is 0: no line does better than this one.",
    read="claim C5; Goodfellow et al. 2016, section 6.1.",
    truth=best,
    misconceptions=(
        Misconception(
            "loss 0",
            "With a cost of 0 the four points of XOR would lie on a plane. Do they?",
            lambda xp: {**best(xp), "loss": 0},
        ),
        Misconception("½ forgotten", "What stands in the cost before the square?", half_forgotten),
        Misconception("sum for mean", "By how many rows is the cost divided?", summed),
    ),
)
