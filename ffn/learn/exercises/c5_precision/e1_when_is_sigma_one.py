"""5.1: from where on σ is exactly 1 in float16."""

from fractions import Fraction
from functools import cache

import numpy as np

from ffn.learn.kinds import Misconception, Predict
from ffn.numbers.ball import number, working_precision

BITS = 11  # of float16, the leading one included


def floats():
    """Every float16 from 0 to 16, in order."""
    return np.arange(np.float16(16).view(np.uint16), dtype=np.uint16).view(np.float16)


@cache
def first_by_formula():
    """Where 1/(1 + e^−z) is 1, each step rounded to float16."""
    z = floats()
    return Fraction(float(z[1 / (1 + np.exp(-z)) == 1][0]))


@cache
def first_rounded():
    """Where σ(z) itself rounds to 1: from the middle between 1 and the float below it, which is 1 − 2⁻¹²."""
    with working_precision(128):
        middle = 1 - Fraction(1, 2 ** (BITS + 1))
        return next(
            Fraction(z) for z in map(float, floats()) if 1 / (1 + (-number(Fraction(z))).exp()) >= number(middle)
        )


@cache
def first_above(bits):
    """The first float16 that is at least so many times log 2."""
    return next(Fraction(z) for z in map(float, floats()) if z >= bits * np.log(2))


def truth(xp):
    return {"formula": first_by_formula(), "rounded": first_rounded()}


EXERCISE = Predict(
    title="When is σ exactly 1?",
    stars=2,
    minutes=10,
    task="""
float16 has 11 significant bits: between ½ and 1 its numbers are 2⁻¹¹ apart, between
1 and 2 they are 2⁻¹⁰ apart. A result that lies in the middle goes to the even one.

    formula    the first float16 z ≥ 0 for which 1/(1 + e^−z) is exactly 1, where
               e^−z, the sum and the quotient are each rounded to float16
    rounded    the first for which σ(z) itself, rounded once, is 1

Between 4 and 8 the float16 numbers are 1/256 apart, between 8 and 16 they are 1/128
apart: write 7 + 5/8 as Fraction(61, 8), or "61/8", or 7.625. If you think that σ is
never 1, write 0. You may use NumPy.
""",
    template="""
from fractions import Fraction

import numpy as np

formula = None
rounded = None
""",
    solution="""
from fractions import Fraction

import numpy as np

z = np.arange(np.float16(16).view(np.uint16), dtype=np.uint16).view(np.float16)
formula = Fraction(float(z[1 / (1 + np.exp(-z)) == 1][0]))
wide = z.astype(np.float64)
rounded = Fraction(float(z[(1 / (1 + np.exp(-wide))).astype(np.float16) == 1][0]))
""",
    hints=(
        "For the formula: when does 1 + e round to 1, e being e^−z? Halfway goes to the even number, which is 1.",
        "So e has to be at most 2⁻¹¹. For σ itself 1 − σ has to be at most half of the gap below 1, 2⁻¹².",
        "z is at least 11 log 2, and about 12 log 2: take the first float16 from there on, or let NumPy look.",
    ),
    law="A result is rounded to the nearest float16, and from the middle to the even one.",
    read="claim C13; tests/lessons/activations/test_saturation.py.",
    truth=truth,
    misconceptions=(
        Misconception(
            "float64's 37",
            "How many bits has float64, and how many float16?",
            lambda xp: {"formula": 37, "rounded": 37},
        ),
        Misconception(
            "never",
            "That is so of numbers. How many floats are there between ½ and 1, and how many z?",
            lambda xp: {"formula": 0, "rounded": 0},
        ),
        Misconception(
            "both the same",
            "In the formula it is 1 + e that loses e. How far apart are the floats above 1, and how far below?",
            lambda xp: {"formula": first_rounded(), "rounded": first_rounded()},
        ),
        Misconception(
            "a bit too few",
            "Eleven bits, with the leading one: how far are the floats above 1 apart, and what is half of that?",
            lambda xp: {"formula": first_above(BITS - 1), "rounded": first_above(BITS)},
        ),
    ),
)
