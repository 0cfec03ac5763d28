"""Functions of the entries of arrays: each with the ulps that a library may be off by, and its slope."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ffn.admissible.formula.operations.backward.adjoints import in_exact_arithmetic
from ffn.admissible.formula.operations.functions import Functions
from ffn.admissible.formula.operations.values import Enclosure, Mask, Value


class Elementary(Functions):
    """A part of the namespace."""

    def _function(self, name: str, a: Value, x: Enclosure, slope: Callable[[Value, Value, Value], Value]) -> Value:
        """``slope`` takes the cotangent, the argument and the result."""
        result = self._off(name, x, a.x.magnitude())
        if self.record:
            result.parents = [(a, lambda g: slope(g, a, result))]
        return result

    def exp(self, a: Any) -> Value:
        """e^x."""
        a = self.number(a)
        return self._function("exp", a, a.x.exp(), lambda g, a, h: g * h)

    def exp2(self, a: Any) -> Value:
        """2^x."""
        a = self.number(a)
        return self._function("exp2", a, a.x.exp2(), lambda g, a, h: g * (h * math.log(2)))

    def expm1(self, a: Any) -> Value:
        """e^x − 1."""
        a = self.number(a)
        return self._function("expm1", a, a.x.expm1(), lambda g, a, h: g * self.hull(h + 1, self.exp(a)))

    def log(self, a: Any) -> Value:
        """The natural logarithm."""
        a = self.number(a)
        return self._function("log", a, a.x.log(), lambda g, a, h: g / a)

    def log2(self, a: Any) -> Value:
        """The logarithm to base 2."""
        a = self.number(a)
        return self._function("log2", a, a.x.log2(), lambda g, a, h: g / (a * math.log(2)))

    def log10(self, a: Any) -> Value:
        """The logarithm to base 10."""
        a = self.number(a)
        return self._function("log10", a, a.x.log10(), lambda g, a, h: g / (a * math.log(10)))

    def log1p(self, a: Any) -> Value:
        """log(1 + x)."""
        a = self.number(a)
        return self._function("log1p", a, a.x.log1p(), lambda g, a, h: g / (1 + a))

    def sinh(self, a: Any) -> Value:
        """The hyperbolic sine."""
        a = self.number(a)
        return self._function("sinh", a, a.x.sinh(), lambda g, a, h: g * self.cosh(a))

    def cosh(self, a: Any) -> Value:
        """The hyperbolic cosine."""
        a = self.number(a)
        return self._function("cosh", a, a.x.cosh(), lambda g, a, h: g * self.sinh(a))

    def tanh(self, a: Any) -> Value:
        """The hyperbolic tangent. Its slope from the result, 1 − h² or (1 − h)(1 + h): the union of both."""
        a = self.number(a)
        return self._function("tanh", a, a.x.tanh(), lambda g, a, h: g * self.hull(1 - h * h, (1 - h) * (1 + h)))

    def erf(self, a: Any) -> Value:
        """2/√π times the integral of e^−t² from 0 to x."""
        a = self.number(a)
        return self._function("erf", a, a.x.erf(), lambda g, a, h: g * (2 / math.sqrt(math.pi) * self.exp(-(a * a))))

    def sin(self, a: Any) -> Value:
        """The sine."""
        a = self.number(a)
        return self._function("sin", a, a.x.sin(), lambda g, a, h: g * self.cos(a))

    def cos(self, a: Any) -> Value:
        """The cosine."""
        a = self.number(a)
        return self._function("cos", a, a.x.cos(), lambda g, a, h: -(g * self.sin(a)))

    def sqrt(self, a: Any) -> Value:
        """The square root."""
        a = self.number(a)
        return self._function("sqrt", a, a.x.root(), lambda g, a, h: g * 0.5 / h)

    def rsqrt(self, a: Any) -> Value:
        """1/√x, also as a quotient of 1 and a square root."""
        a = self.number(a)
        x = a.x.reciprocal_root()
        return self._function("rsqrt", a, x, lambda g, a, h: -0.5 * (g * (h * h * h)))

    def _any_power(self, a: Value, b: Value) -> Value:
        """a^b = e^(b log a), as a function of its own; nothing is known where a may be negative."""
        with in_exact_arithmetic(self):
            x = self.exp(b * self.log(a)).x
        found = self._off("pow", x, np.maximum(a.x.magnitude(), b.x.magnitude()))
        if self.record:
            found.parents = [
                (a, lambda g: self._unbroadcast(g * (b * self.pow(a, b - 1)), a.shape)),
                (b, lambda g: self._unbroadcast(g * (found * self.log(a)), b.shape)),
            ]
        return found

    def atan(self, a: Any) -> Value:
        """The arc tangent."""
        a = self.number(a)
        return self._function("atan", a, a.x.atan(), lambda g, a, h: g / (1 + a * a))

    def atan2(self, a: Any, b: Any) -> Value:
        """The angle of the point (b, a), from −π to π; 0 of (0, 0), and π where a is 0 and b below."""
        a, b = self.number(a), self.number(b)
        with in_exact_arithmetic(self):
            x = self._angle(a, b).x
        found = self._off("atan2", x, np.maximum(a.x.magnitude(), b.x.magnitude()))
        if self.record:
            found.parents = [
                (a, lambda g: self._unbroadcast(g * b / (a * a + b * b), a.shape)),
                (b, lambda g: self._unbroadcast(-g * a / (a * a + b * b), b.shape)),
            ]
        return found

    def _angle(self, a: Value, b: Value) -> Value:
        pi = 4 * self.atan(1.0)
        steep = self.where(a > 0, pi / 2, -pi / 2) - self.atan(b / a)
        flat = self.atan(a / b) + self.where(b > 0, 0.0, self.where(a >= 0, pi, -pi))
        origin = self._certain_zero(a) & self._certain_zero(b)
        return self.where(origin, 0.0, self.where(self.abs(a) >= self.abs(b), steep, flat))

    def _certain_zero(self, a: Value) -> Mask:
        return np.asarray((a.x.middle() == 0) & (a.x.radius() == 0))

    def _off(self, name: str, x: Enclosure, argument: Any) -> Value:
        """Everything that a library function may return where x is exact; ``argument`` is the magnitude of its own."""
        if self.arithmetic is None:
            return self.result(name, x)
        before, after = self.arithmetic.function(name, x.magnitude(), argument)
        return self.result(name, x, error=after, before=before if self.arithmetic.every else None)
