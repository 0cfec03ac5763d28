"""5.5: log(1 + e^z)."""

import numpy as np

from ffn.learn.kinds import Array, Function, Misconception, drawing
from ffn.network.activations import softplus


def naive(xp, z):
    return xp.log(1 + xp.exp(z))


def truth(xp, z):
    return xp.either(softplus(xp, z), lambda: naive(xp, z))


def linear_beyond_twenty(xp, z):
    return xp.select(z - 20, z, softplus(xp, z))


def log_of_one_plus(xp, z):
    return xp.maximum(z, 0) + xp.log(1 + xp.exp(-xp.maximum(z, -z)))


def relu(xp, z):
    return xp.maximum(z, 0)


def log1p_alone(xp, z):
    return xp.log1p(xp.exp(z))


def far_out(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    sizes = (2.0**-10, 0.5, 1.0, 3.0, 8.0, 10.0, 21.0, 25.0, 30.0, 40.0, 400.0, 750.0)
    return rng.choice((0.0, *sizes, *(-size for size in sizes)), shape)


EXERCISE = Function(
    title="softplus",
    stars=2,
    minutes=10,
    task="""
Write softplus(z) = log(1 + e^z) at every entry of the array z: first from −4 to 4 in
float64, then in float16, float32 and float64 far out, to the last digits.

Two places fail at first: z = 750, where it is nearly z, and z = −40, where it is
nearly e^z.
""",
    template="""
import numpy as np


def softplus(z):
    raise NotImplementedError
""",
    solution="""
import numpy as np


def softplus(z):
    return np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))
""",
    hints=(
        "On the right: take z out of the logarithm. What remains has e^−z in it.",
        "On the left: 1 + e is 1 for a small e. NumPy has a logarithm of 1 + e that is told e.",
        "Both sides at once: `np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))`.",
    ),
    law="It is log(1 + e^z) to the last digits.",
    read="claim C13, and the law activation/softplus/value of `ffn laws`.",
    function="softplus",
    arguments=(Array("z", "row entry"),),
    returns=("softplus", "row entry"),
    truth=truth,
    accurate=True,
    precisions=("float16", "float32", "float64"),
    precise=far_out,
    drawing=drawing.elementwise("softplus", z="z", h="softplus"),
    misconceptions=(
        Misconception("log(1 + e^z)", "Two places fail: what is 1 + e^−40 in floats, and e^750?", naive),
        Misconception("log(1 + e) for log1p(e)", "The right is mended. What is 1 + e^−40 in floats?", log_of_one_plus),
        Misconception("log1p(e^z)", "The left is mended. What is e^750?", log1p_alone),
        Misconception(
            "linear beyond 20", "What is e^−21, next to the last digit of 21 in float64?", linear_beyond_twenty
        ),
        Misconception("relu", "What is log(1 + e^0)?", relu),
    ),
)
