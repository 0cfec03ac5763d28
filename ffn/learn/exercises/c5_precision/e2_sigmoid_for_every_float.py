"""5.2: a σ that is right for every float."""

from ffn.learn.kinds import Array, Function, Misconception, drawing
from ffn.network.activations import sigmoid


def naive(xp, z):
    return 1 / (1 + xp.exp(-z))


def by_tanh(xp, z):
    return (1 + xp.tanh(z / 2)) / 2


def truth(xp, z):
    return xp.either(sigmoid(xp, z), lambda: by_tanh(xp, z))


def clipped(bound):
    """As if nothing beyond ± the bound mattered."""

    def rule(xp, z):
        most = bound * xp.ones_like(z)
        return sigmoid(xp, -xp.maximum(-xp.maximum(z, -most), -most))

    return rule


EXERCISE = Function(
    title="A σ for every float",
    stars=2,
    minutes=12,
    task="""
Write sigmoid(z): σ(z) = 1/(1 + e^−z) at every entry of the array z, first for z from
−4 to 4 in float64, then far out in float16, float32 and float64.

Far to the left σ(z) is small, and not 0 while the format has a normal number that small.
The answer has the dtype of z. No warning is looked at.
""",
    template="""
import numpy as np


def sigmoid(z):
    raise NotImplementedError
""",
    solution="""
import numpy as np


def sigmoid(z):
    e = np.exp(-np.abs(z))
    return np.where(z > 0, 1, e) / (1 + e)
""",
    hints=(
        "Which exponentials can overflow: those of positive numbers, or of negative ones?",
        "σ(z) is also e^z/(1 + e^z). For which sign of z is which form safe?",
        "With e = e^−|z|: the numerator is 1 or e, the denominator 1 + e.",
        "`e = np.exp(-np.abs(z))`, and `np.where(z > 0, 1, e) / (1 + e)`.",
    ),
    law="It is σ(z) to the last digits.",
    read="claim C13; tests/lessons/activations/test_saturation.py.",
    function="sigmoid",
    arguments=(Array("z", "row entry"),),
    returns=("σ", "row entry"),
    truth=truth,
    accurate=True,
    precisions=("float16", "float32", "float64"),
    drawing=drawing.elementwise("σ", z="z", h="σ"),
    misconceptions=(
        Misconception("1/(1 + e^−z)", "What is e^12 in float16, whose largest number is 65504?", naive),
        Misconception("(1 + tanh)/2", "Where tanh is nearly −1, what is left of 1 + tanh?", by_tanh),
        Misconception(
            "clipped",
            "Is there a float below your smallest answer, and does σ take it?",
            clipped(30),
            also=tuple(map(clipped, (5, 6, 8, 10, 15, 16, 20, 25, 35, 36, 37, 40, 50, 60, 80, 88, 100, 500, 700))),
        ),
    ),
)
