"""2.4: the slope of tanh, given h."""

from ffn.learn.kinds import Array, Function, Misconception, drawing


def slope(xp, h):
    return xp.either(1 - h * h, lambda: (1 - h) * (1 + h))


def as_if_z_were_given(xp, h):
    t = xp.tanh(h)
    return xp.either(1 - t * t, lambda: (1 - t) * (1 + t))


def of_z(xp, h):
    """1 − z², where h = tanh(z): the square is that of the wrong one of the two."""
    z = (xp.log1p(h) - xp.log1p(-h)) / 2
    return 1 - z * z


def of_sigmoid(xp, h):
    return h * (1 - h)


def without_the_square(xp, h):
    return 1 - h


def squared_as_a_whole(xp, h):
    return (1 - h) * (1 - h)


def eighths(rng, shape):
    """h = tanh(z) lies between −1 and 1."""
    return rng.integers(-7, 8, shape) / 8


EXERCISE = Function(
    title="tanh′ from h",
    stars=1,
    minutes=6,
    task="""
A layer computed h = tanh(z) on the way forward and kept h. On the way back it
needs the slope of tanh at z, which is 1 − tanh(z)².

Write tanh_slope(h): an array of slopes, one for each entry of h.
""",
    template="""
import numpy as np


def tanh_slope(h):
    raise NotImplementedError
""",
    solution="""
import numpy as np


def tanh_slope(h):
    return 1 - h**2
""",
    hints=(
        "What is tanh(z) called here? You have it already.",
        "The slope is 1 where h is 0, and nearly 0 where h is nearly 1 or −1. Is yours the same at h and −h?",
        "`return 1 - h**2`.",
    ),
    law="It is the slope of tanh at z, where h = tanh(z).",
    read="claim C14.",
    function="tanh_slope",
    arguments=(Array("h", "row entry", eighths),),
    returns=("slope", "row entry"),
    truth=slope,
    drawing=drawing.elementwise("tanh′", z="h", h="slope"),
    misconceptions=(
        Misconception("tanh taken again", "You have h, and not z. What does your tanh get?", as_if_z_were_given),
        Misconception("1 − z²", "The slope is 1 − tanh(z)². Which of z and tanh(z) do you square?", of_z),
        Misconception("slope of σ", "At h = 0 tanh is steepest. What is your slope there?", of_sigmoid),
        Misconception("1 − h", "At h = −½ your slope is above 1. How steep can tanh be at most?", without_the_square),
        Misconception("(1 − h)²", "1 − h² has two factors. Are they equal?", squared_as_a_whole),
    ),
)
