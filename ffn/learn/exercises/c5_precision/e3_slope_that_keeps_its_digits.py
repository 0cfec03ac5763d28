"""5.3: a σ′ that keeps its digits in saturation."""

import numpy as np

from ffn.learn.kinds import Array, Function, Misconception, drawing
from ffn.network.activations import sigmoid, sigmoid_slope


def from_the_output(xp, z):
    h = sigmoid(xp, z)
    return h * (1 - h)


def by_quotient(xp, z):
    h = 1 / (1 + xp.exp(-z))
    return h * (1 - h)


def by_tanh(xp, z):
    t = xp.tanh(z / 2)
    return (1 - t * t) / 4


def far_out(rng, shape):
    """Where the formulas overflow in some format and σ′ is still a number of it, and where it is not."""
    sizes = (2.0**-10, 0.25, 1.0, 3.0, 8.0, 10.0, 12.0, 13.0, 15.0, 21.0, 37.0, 40.0, 95.0, 100.0, 400.0, 720.0, 750.0)
    return np.asarray(rng.choice((0.0, *sizes, *(-size for size in sizes)), shape))


def truth(xp, z):
    return xp.either(sigmoid_slope(xp, z), lambda: from_the_output(xp, z))


def growing_exponential(xp, z):
    e = xp.exp(z)
    return e / ((1 + e) * (1 + e))


def tail_alone(xp, z):
    return xp.exp(-xp.maximum(z, -z))


EXERCISE = Function(
    title="σ′ that keeps its digits",
    stars=2,
    minutes=12,
    task="""
Write sigmoid_slope(z): σ′(z) at every entry of the array z, first for z from −4 to 4
in float64, then far out in float16, float32 and float64, to the last digits.

σ′(z) = σ(z) (1 − σ(z)) is true. In floats 1 − σ(z) has lost what σ(z) had rounded
away: from z = 37 on it is 0 in float64, where σ′ is 10⁻¹⁶.

Below the smallest normal float32 and float64 an answer of 0 is right too, for
arithmetic may flush what is smaller.
""",
    template="""
import numpy as np


def sigmoid_slope(z):
    raise NotImplementedError
""",
    solution="""
import numpy as np


def sigmoid_slope(z):
    e = np.exp(-np.abs(z))
    return e / (1 + e) ** 2
""",
    hints=(
        "What is 1 − σ(z), written as a σ?",
        "σ(z) σ(−z) has no difference in it. Put the fractions in, and look at the exponentials.",
        "It is e/(1 + e)² with e = e^z or e^−z: which of them cannot overflow?",
        "`e = np.exp(-np.abs(z))`, because σ′ is the same at z and −z.",
    ),
    law="It is σ′(z) to the last digits.",
    read="claim C14; the derivation “sigmoid, saturation”.",
    function="sigmoid_slope",
    arguments=(Array("z", "row entry"),),
    returns=("slope", "row entry"),
    truth=truth,
    accurate=True,
    precisions=("float16", "float32", "float64"),
    precise=far_out,
    drawing=drawing.elementwise(
        "σ", {"σ(z)": lambda z: sigmoid(drawing.FLOATS, z.astype(float))}, z="z", h="σ(z)", dz="slope"
    ),
    misconceptions=(
        Misconception(
            "h(1 − h)",
            "1 − h has lost what h had rounded away. What is 1 − σ(z) otherwise?",
            from_the_output,
            also=(by_quotient,),
        ),
        Misconception("(1 − tanh²)/4", "Where tanh² is nearly 1, what is left of 1 − tanh²?", by_tanh),
        Misconception("e/(1 + e)² with e = e^z", "Which sign may the exponent of e have?", growing_exponential),
        Misconception("the tail alone", "What is σ′ at 0, and what is yours?", tail_alone),
    ),
)
