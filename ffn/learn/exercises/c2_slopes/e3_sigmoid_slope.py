"""2.3: the slope of σ, given z."""

from ffn.learn.kinds import Array, Function, Misconception, drawing
from ffn.network.activations import sigmoid, sigmoid_slope, tanh_slope


def slope(xp, z):
    h = sigmoid(xp, z)
    return xp.either(sigmoid_slope(xp, z), lambda: h * (1 - h))


def of_z_itself(xp, z):
    return z * (1 - z)


def sigma_twice(xp, z):
    return slope(xp, sigmoid(xp, z))


def of_tanh(xp, z):
    h = xp.tanh(z)
    return xp.either(tanh_slope(xp, z), lambda: 1 - h * h)


def the_value(xp, z):
    return sigmoid(xp, z)


EXERCISE = Function(
    title="σ′ from z",
    stars=1,
    minutes=8,
    task="""
The sigmoid is σ(z) = 1/(1 + e^−z). Write sigmoid_slope(z), its derivative at
every entry of the array z, from −4 to 4.

It can be had from h = σ(z) alone: σ′(z) = h (1 − h). Note what you are given.
""",
    template="""
import numpy as np


def sigmoid_slope(z):
    raise NotImplementedError
""",
    solution="""
import numpy as np


def sigmoid_slope(z):
    h = 1 / (1 + np.exp(-z))
    return h * (1 - h)
""",
    hints=(
        "You are given z, and the formula wants h. What comes first?",
        "At z = 0, h is ½, and the slope of σ is a quarter. Check yours there.",
        "First `h = 1 / (1 + np.exp(-z))`, then the product.",
    ),
    law="σ′(z) is σ(z) (1 − σ(z)).",
    read="claim C14, and the derivation of σ′ in `python -m proofs`.",
    function="sigmoid_slope",
    arguments=(Array("z", "row entry"),),
    returns=("slope", "row entry"),
    truth=slope,
    drawing=drawing.elementwise("σ", {"σ(z)": lambda z: sigmoid(drawing.FLOATS, z)}, z="z", h="σ(z)", dz="slope"),
    misconceptions=(
        Misconception("z(1 − z)", "In h(1 − h), what is h?", of_z_itself),
        Misconception("σ taken twice", "You were given z. Which argument did your σ get the second time?", sigma_twice),
        Misconception("slope of tanh", "At 0 the slope of σ is ¼. What is yours?", of_tanh),
        Misconception("slope is the value", "σ(0) is ½. How steep is σ there?", the_value),
    ),
)
