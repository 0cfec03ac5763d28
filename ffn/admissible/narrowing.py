"""A set met with a second enclosure of the same answers, which follows the errors that operands have in common."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flint import arb

from ffn.admissible.sets import AdmissibleSet
from ffn.cases.case import flat
from ffn.numbers.arrays import elementwise
from ffn.numbers.ball import working_precision
from ffn.numbers.ball.centred import Centred, Noise, TooLarge

MOST = 2.0**24  # coefficients: some ten seconds


def narrower(found: AdmissibleSet, evaluate: Callable[[Centred], Any], most: float) -> AdmissibleSet:
    """What is in both enclosures; the set itself where the second would need more coefficients than that."""
    try:
        others = flat(evaluate(Centred(found.working_bits, found.precision, Noise(most))))
    except TooLarge:
        return found
    with working_precision(found.working_bits):
        parts = zip(found.parts, others, strict=True)
        return replace(found, parts=tuple((path, _both(balls, other.balls)) for (path, balls), other in parts))


def _in_both(one: arb, other: arb) -> arb:
    """Numbers in both; a ball of which nothing is known contains everything."""
    if not one.is_finite():
        return other
    return one.intersection(other) if other.is_finite() else one


_both = elementwise(_in_both, 2)
