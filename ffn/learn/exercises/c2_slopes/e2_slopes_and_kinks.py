"""2.2: slopes, and what counts as one at a kink."""

from ffn.learn.kinds import Array, Choice, Function, Misconception, drawing, numbers
from ffn.network.activations import activation_named

NAMES = ("relu", "leaky_relu", "absolute")


def slope(xp, name, z):
    return activation_named(name).slope(xp, z)


def the_value(xp, name, z):
    return activation_named(name).value(xp, z)


def both_sides_at_the_kink(xp, name, z):
    left, right = {"relu": ("0", "1"), "leaky_relu": ("0.01", "1"), "absolute": ("-1", "1")}[name]
    not_left, not_right = 1 - xp.select(-z, 1, 0), 1 - xp.select(z, 1, 0)
    return xp.constant(right) * not_left + xp.constant(left) * not_right


def quotient(xp, name, z):
    if name == "absolute":
        return z / xp.maximum(z, -z)
    return slope(xp, name, z)


EXERCISE = Function(
    title="Slopes and kinks",
    stars=1,
    minutes=12,
    task="""
Write slope(name, z), the derivative of the activation of that name at every
entry of the array z: "relu", "leaky_relu" (0.01 z where z < 0) or "absolute".

At z = 0 each of them has a kink. There is no derivative there, and any number
between the slopes on its two sides is right: choose one. None beyond them is.
""",
    template="""
import numpy as np


def slope(name, z):
    raise NotImplementedError
""",
    solution="""
import numpy as np


def slope(name, z):
    left = {"relu": 0.0, "leaky_relu": 0.01, "absolute": -1.0}[name]
    return np.where(z > 0, 1.0, left)
""",
    hints=(
        "Each of the three is made of two straight lines. How steep is each line?",
        "So for each name there are two numbers, and the sign of z says which. What do you take at 0?",
        'With `left = {"relu": 0.0, "leaky_relu": 0.01, "absolute": -1.0}[name]`, np.where chooses: `z > 0`.',
    ),
    law="The slope is that of the line that z lies on; at a kink any between the two.",
    read="claims C18 and C19.",
    function="slope",
    arguments=(Choice("name", NAMES), Array("z", "entry", numbers)),
    returns=("slope", "entry"),
    truth=slope,
    hull=True,
    drawing=drawing.elementwise(
        "", {"value": lambda name, z: activation_named(name).value(drawing.FLOATS, z)}, z="z", h="value", dz="slope"
    ),
    misconceptions=(
        Misconception("slope is the value", "relu(3) is 3. How steep is relu there?", the_value),
        Misconception(
            "both sides at the kink",
            "At 0 both lines were counted. Which numbers lie between the left slope and the right one?",
            both_sides_at_the_kink,
            exactly=True,
        ),
        Misconception("z/|z| at 0", "What is 0/0, and what does a program make of it?", quotient),
    ),
)
