"""Rational numbers: affine layers, piecewise linear activations and squared error without rounding."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from ffn.numbers.arrays import ObjectNamespace, elementwise
from ffn.numbers.namespace import Array


class Exact(ObjectNamespace):
    """Object arrays of ``fractions.Fraction``. What has no rational value raises TypeError."""

    def number(self, value: Any) -> Fraction:
        return Fraction(value)

    def constant(self, text: str) -> Fraction:
        if text == "pi":
            raise TypeError("pi is not rational: it has no exact value here")
        return Fraction(text)

    def _irrational(self, z: Array) -> Array:
        raise TypeError("this function leaves the rational numbers: it has no exact value here")

    exp = log = log1p = tanh = _irrational

    def lgamma(self, z: Array) -> Array:
        return elementwise(self._lgamma)(z)

    def _lgamma(self, value: Fraction) -> Fraction:
        if value not in (1, 2):
            raise TypeError(f"log Γ({value}) is not rational: it has no exact value here")
        return Fraction(0)


exact = Exact()
