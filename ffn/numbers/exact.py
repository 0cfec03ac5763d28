"""Rational numbers: affine layers, piecewise linear activations and squared error without rounding."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from ffn.numbers.namespace import Array, Mask
from ffn.numbers.objects import ObjectNamespace, elementwise


class Exact(ObjectNamespace):
    """Object arrays of ``fractions.Fraction``. What has no rational value raises TypeError."""

    def number(self, value: Any) -> Fraction:
        return Fraction(value)

    def constant(self, text: str) -> Fraction:
        if text == "pi":
            raise TypeError("pi is not rational: it has no exact value here")
        return Fraction(text)

    def maximum(self, a: Array, b: Array) -> Array:
        return np.maximum(self._operand(a), self._operand(b))

    def select(self, t: Array, a: Array, b: Array) -> Array:
        return self.where(np.asarray(t > 0, dtype=bool), a, b)

    def detached_positive(self, z: Array) -> Mask:
        return np.asarray(z > 0, dtype=bool)

    def detached_max(self, z: Array) -> Array:
        return z.max(axis=-1, keepdims=True)

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
