"""Enclosures of real numbers, and what it means that two of them agree."""

from fractions import Fraction

from flint import arb
from hypothesis import strategies as st

from ffn.numbers.ball import Ball, number, working_precision

BITS = 256
ball = Ball(BITS)
dyadic = st.integers(-80, 80).map(lambda i: Fraction(i, 4))  # exact as midpoints of balls


def exactly(value: Fraction | float) -> arb:
    """The number as a ball, without the 53 bits that flint would otherwise work with."""
    with working_precision(BITS):
        return number(value)


def agree(a: arb, b: arb) -> bool:
    """Whether both enclose one value, and to 100 bits: wide balls would agree with anything.

    Fewer than 50 operations at 256 bits on numbers below e^20, where 1 − σ keeps a relative e^-20, lose less than 100.
    """
    return a.overlaps(b) and max(a.rad(), b.rad()) < arb(2) ** -100
