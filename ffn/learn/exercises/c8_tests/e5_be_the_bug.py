"""8.5: a wrong slope that a gradient check accepts."""

import numpy as np

from ffn.learn.kinds import Array, Disguise, Function, Misconception
from ffn.network.activations import sigmoid_slope

STEP, TOLERANCE = 1e-4, 1e-3


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def gradient_check(program):
    """A central difference at seven points, to a part in a thousand."""
    z = np.linspace(-3, 3, 7)
    difference = (sigmoid(z + STEP) - sigmoid(z - STEP)) / (2 * STEP)
    found = program(z)
    for at, mine, theirs in zip(z, found, difference, strict=True):
        if not abs(mine - theirs) <= TOLERANCE * abs(theirs):
            return f"at z = {at:g} it is {mine:.6g}, and the difference {theirs:.6g}."
    return ""


def truth(xp, z):
    h = 1 / (1 + xp.exp(-z))
    return xp.either(sigmoid_slope(xp, z), lambda: h * (1 - h))


def correct(z):
    h = sigmoid(z)
    return h * (1 - h)


def found_out(z):
    return sigmoid(z)


EXERCISE = Disguise(
    title="Be the bug",
    stars=3,
    minutes=15,
    task="""
Somebody tests a program sigmoid_slope(z) for σ′ like this: at the seven points
z = −3, −2, …, 3 the slope may differ from (σ(z + h) − σ(z − h))/2h, h = 10⁻⁴, by a
part in a thousand of it.

Write a sigmoid_slope that passes, and is wrong all the same. Then it is held
against the admissible set of σ′ at numbers from −4 to 4, which has to refuse it.
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
    return h * (1 - h) * 1.0009
""",
    hints=(
        "What does the given test never look at, and what does it allow?",
        "Two ways: be wrong where it does not look, or by less than it allows.",
        "A slope that is a little too steep everywhere passes: `h * (1 - h) * 1.0009`.",
    ),
    law="The given test accepts the program, and the admissible set of σ′ refuses it.",
    read="claim C41; README, “How it judges”.",
    theirs=gradient_check,
    ours=Function(
        title="σ′",
        stars=1,
        minutes=1,
        task="",
        template="",
        solution="",
        hints=(),
        law="σ′(z) is σ(z) (1 − σ(z)).",
        read="exercise 2.3",
        function="sigmoid_slope",
        arguments=(Array("z", "entry"),),
        returns=("slope", "entry"),
        truth=truth,
    ),
    misconceptions=(
        Misconception("ours passes too", "Which law does it break? At which z is it not σ′?", correct),
        Misconception("theirs refuses", "At which points does the given test look, and how closely?", found_out),
    ),
)
