"""sympy expressions: the forward and the backward pass as formulas."""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy

from ffn.numbers.arrays import ObjectNamespace, elementwise
from ffn.numbers.namespace import Array, Mask


class Symbolic(ObjectNamespace):
    """Object arrays of sympy expressions.

    ``select`` and ``maximum`` become a ``Piecewise``, whose derivative keeps the convention at the kink;
    sympy's ``Max`` would turn into Heaviside(0) = ½ there. The detached choices, where any is right, are fixed.
    """

    def number(self, value: Any) -> sympy.Expr:
        return sympy.Rational(value) if isinstance(value, float) else sympy.sympify(value)  # a float exactly

    def constant(self, text: str) -> sympy.Expr:
        return sympy.pi if text == "pi" else sympy.Rational(text)

    def exp(self, z: Array) -> Array:
        return elementwise(sympy.exp)(z)

    def log(self, z: Array) -> Array:
        return elementwise(sympy.log)(z)

    def log1p(self, z: Array) -> Array:
        return self.log(1 + z)

    def tanh(self, z: Array) -> Array:
        return elementwise(sympy.tanh)(z)

    def lgamma(self, z: Array) -> Array:
        return elementwise(sympy.loggamma)(z)

    def maximum(self, a: Array, b: Array) -> Array:
        return self.select(a - b, a, b)

    def select(self, t: Array, a: Array, b: Array) -> Array:
        return elementwise(lambda t, a, b: sympy.Piecewise((a, t > 0), (b, True)), 3)(t, a, b)

    def detached_positive(self, z: Array) -> Mask:
        return np.zeros(z.shape, dtype=bool)

    def detached_max(self, z: Array) -> Array:
        return self.asarray(np.zeros((z.shape[0], 1)))


symbolic = Symbolic()
