"""3.1: two rows through one hidden layer, there and back, by hand."""

from dataclasses import replace

from ffn.learn.kinds import Misconception, Predict
from ffn.network import backward, forward
from ffn.network.description import Hidden, Network, Output

NETWORK = Network(2, 1, Output("gaussian"), (Hidden(2, "relu"),))
X, Y = [[1, 2], [2, 0]], [[1], [0]]
PARAMETERS = (([[1, 1], [1, -1]], [0, 0]), ([[1], [2]], [-1]))


def cells(xp, network=NETWORK, rules=None, y=Y):
    parameters = tuple((xp.asarray(W), xp.asarray(b)) for W, b in PARAMETERS)
    steps = forward.trace(xp, network, parameters, xp.asarray(X))
    hidden, last = backward.cotangents(xp, network, parameters, steps, xp.asarray(y), rules=rules)
    return {
        "z": steps[0].z, "h": steps[0].h, "out": steps[1].z, "d_out": last.dz, "dV": last.dW, "dc": last.db,
        "dh": hidden.dh, "dz": hidden.dz, "dW": hidden.dW, "db": hidden.db,
    }  # fmt: skip


LINEAR = replace(NETWORK, hidden=(Hidden(2, "identity"),))


def relu_forgotten(xp):
    return cells(xp, LINEAR)


def relu_on_the_way_back_alone(xp):
    own = backward.own_rules()
    masked = own._replace(pre_activation=lambda xp, layer, step, dh: dh * xp.select(step.z, 1, 0) if layer else dh)
    return cells(xp, LINEAR, rules=masked)


def mask_forgotten(xp):
    own = backward.own_rules()
    return cells(xp, rules=own._replace(pre_activation=lambda xp, layer, step, dh: dh))


def mean_forgotten(xp):
    return cells(xp, replace(NETWORK, reduction="sum"))


def sign_of_the_residual(xp):
    own = backward.own_rules()
    return cells(xp, rules=own._replace(output=lambda *given: -own.output(*given)))


def db_averaged(xp):
    own = backward.own_rules()

    def averaged(xp, x, dz, decay):
        dW, db = own.affine(xp, x, dz, decay)
        return dW, db / len(X)

    return cells(xp, rules=own._replace(affine=averaged))


EXERCISE = Predict(
    title="Backprop by hand",
    stars=2,
    minutes=20,
    task="""
Two inputs, two relus, one output, two rows. Everything with pencil and paper:
fractions such as "1/2", or 0.5.

    x = [[1, 2],      W = [[1,  1],     b = [0, 0]     z = x W + b, h = relu(z)
         [2, 0]]           [1, −1]]
    y = [[1], [0]]    V = [[1], [2]]    c = [−1]       out = h V + c

The loss is the mean over the two rows of ½(y − out)². First the values z, h and
out, then back: d_out = ∂loss/∂out, dV, dc, dh, dz, dW, db, each shaped as what
it belongs to. Fill in as many as you like; each cell is judged by itself.
""",
    template="""
z = [[None, None], [None, None]]
h = [[None, None], [None, None]]
out = [[None], [None]]

d_out = [[None], [None]]
dV = [[None], [None]]
dc = [None]
dh = [[None, None], [None, None]]
dz = [[None, None], [None, None]]
dW = [[None, None], [None, None]]
db = [None, None]
""",
    solution="""
z = [[3, -1], [2, 2]]
h = [[3, 0], [2, 2]]
out = [[2], [5]]

d_out = [["1/2"], ["5/2"]]
dV = [["13/2"], [5]]
dc = [3]
dh = [["1/2", 1], ["5/2", 5]]
dz = [["1/2", 0], ["5/2", 5]]
dW = [["11/2", 10], [1, 0]]
db = [3, 5]
""",
    hints=(
        "Each number of out is one row of h times V, plus c. The loss of a row is half of its error squared.",
        "The mean over two rows halves what each row contributes: d_out is (out − y)/2.",
        "dV is hᵀ d_out and dc the sum of d_out over the rows; dh is d_out Vᵀ; dz keeps dh where z > 0.",
    ),
    law="Each cotangent is that of the step after it, times the slope between them.",
    read="tests/lessons/limits/test_backprop.py; Goodfellow et al. 2016, section 6.5.",
    truth=cells,
    misconceptions=(
        Misconception(
            "relu forgotten",
            "One z is below 0. What does relu make of it, before V is met?",
            relu_forgotten,
            also=(relu_on_the_way_back_alone,),
        ),
        Misconception("mask forgotten", "That unit is off: z ≤ 0. When z moves there, does h?", mask_forgotten),
        Misconception(
            "mean or ½ forgotten", "d_out is twice too large. Is the loss a sum, and where is its ½?", mean_forgotten
        ),
        Misconception(
            "sign of the residual",
            "d ½(y − out)²/d out: what does the inner derivative do to the sign?",
            sign_of_the_residual,
        ),
        Misconception("db averaged", "Where has the 1/N of the mean gone in already?", db_averaged),
    ),
)
