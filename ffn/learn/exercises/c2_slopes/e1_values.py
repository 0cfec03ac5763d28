"""2.1: relu, leaky relu and |·|, up to the largest float."""

import numpy as np

from ffn.learn.kinds import Array, Behaviour, Choice, Function, Misconception, drawing, numbers
from ffn.network.activations import absolute, activation_named

NAMES = ("relu", "leaky_relu", "absolute")
LARGEST = float(np.finfo(np.float64).max)


def value(xp, name, z):
    right = activation_named(name).value(xp, z)
    if name == "leaky_relu":  # also as a sum of two lines, which rounds
        return xp.either(right, lambda: xp.constant("0.01") * z + xp.constant("0.99") * xp.maximum(z, 0))
    return right


def leak_on_the_right(xp, name, z):
    return xp.select(z, xp.constant("0.01") * z, z) if name == "leaky_relu" else value(xp, name, z)


def leak_forgotten(xp, name, z):
    return xp.maximum(z, 0) if name == "leaky_relu" else value(xp, name, z)


def by_half_of_the_sum(xp, name, z):
    return (z + absolute(xp, z)) / 2 if name == "relu" else value(xp, name, z)


def in_place(name, z):
    left = {"relu": 0.0, "leaky_relu": 0.01, "absolute": -1.0}[name]
    z[z < 0] *= left
    return z.copy()


def to_the_largest(rng, shape):
    return rng.choice((0.0, 1e-300, 3.0, 1e300, LARGEST, -LARGEST, -3.0, LARGEST / 2), shape)


EXERCISE = Function(
    title="relu, leaky relu, |·|",
    stars=1,
    minutes=10,
    task="""
Write value(name, z), the activation of that name at every entry of the array z:

    "relu"         z where z > 0, else 0
    "leaky_relu"   z where z > 0, else 0.01 z
    "absolute"     |z|

It returns a new array, leaves z as it is, and is right up to the largest float.
""",
    template="""
import numpy as np


def value(name, z):
    raise NotImplementedError
""",
    solution="""
import numpy as np


def value(name, z):
    if name == "relu":
        return np.maximum(z, 0)
    if name == "leaky_relu":
        return np.where(z > 0, z, 0.01 * z)
    return np.abs(z)
""",
    hints=(
        "Each name is one formula. Two of them choose between two lines by the sign of z.",
        "Formulas that first make z larger, such as z + |z|, leave the range of floats before they come back.",
        "NumPy chooses entry by entry: `np.where(z > 0, z, 0.01 * z)`.",
    ),
    law="relu is max(z, 0), leaky relu is 0.01 z on the left, and |z| is the size of z.",
    read="claims C12 and C17.",
    function="value",
    arguments=(Choice("name", NAMES), Array("z", "entry", numbers)),
    returns=("value", "entry"),
    truth=value,
    precisions=("float64",),
    precise=to_the_largest,
    precise_law="It is right up to the largest float.",
    drawing=drawing.elementwise("", z="z", h="value"),
    misconceptions=(
        Misconception("leak on the right side", "What is leaky relu at 3?", leak_on_the_right),
        Behaviour("argument changed in place", "Print z before and after your call. Whose array is it?", in_place),
        Misconception("leak forgotten", "What is left of z = −1 after leaky relu?", leak_forgotten),
        Misconception("(z + |z|)/2", "What is z + |z| at the largest float?", by_half_of_the_sum),
    ),
)
