"""Numbers as a beginner reads them: short where they can be, and long enough where two have to be told apart."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

from ffn.admissible import Outside

MOST_DIGITS = 17
SMALL = 1e-3  # an interval around 0 that is no wider holds what rounding makes of 0
FAR = 0.1  # of the larger one, are two ends apart that are both shown
MANY = 1e6  # times as large as that, a number is another one however 0 was rounded


def short(value: Any, digits: int = 4) -> str:
    """A number in at most so many significant digits, whole numbers without a point."""
    number = float(value)
    if not math.isfinite(number):
        return {math.inf: "inf", -math.inf: "-inf"}.get(number, "nan")
    return f"{number + 0.0:.{digits}g}"


LONG = 16  # characters of a fraction that nobody would write by hand


def fraction(value: Any) -> str:
    """A fraction as it is written by hand; one that is too long for that as a decimal."""
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(fraction, value)) + "]"
    said = "?" if value is None else str(Fraction(value))
    return said if len(said) <= LONG else f"{float(value):.10g}"


def apart(outside: Outside) -> tuple[str, str]:
    """What was computed and what is admissible, in as many digits as it takes to see that they differ.

    The second is the middle of the admissible set, which has no width at that number of digits; where it has, as at a
    kink, it is its two ends.
    """
    computed, ball = outside.computed, outside.admissible
    low, high = float(ball.lower()), float(ball.upper())
    if not math.isfinite(computed):
        return short(computed), _between(low, high)
    if low < 0 < high < SMALL:
        return short(computed), f"0 ± {short(high, 2)}" if abs(computed) < MANY * high else "0"
    for digits in range(3, MOST_DIGITS + 1):
        said, ends = short(computed, digits), {short(low, digits), short(high, digits)}
        if said not in ends and len(ends) == 1:
            return said, ends.pop()
    return short(computed, MOST_DIGITS), _between(low, high)


def _between(low: float, high: float) -> str:
    """The number between these, or both where they are far apart."""
    if high - low > FAR * max(abs(low), abs(high)):
        low, high = (end if abs(end) > (high - low) / MANY else 0.0 for end in (low, high))
        return f"from {short(low, 6)} to {short(high, 6)}"
    return short(low / 2 + high / 2)
