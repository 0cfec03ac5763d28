"""autograd boxes: the forward pass, differentiated in reverse by a library that knows nothing of the backward one."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import autograd.numpy as anp
import numpy as np
import numpy.typing as npt
from autograd.tracer import getval

from ffn.numbers.floating import Floating
from ffn.numbers.namespace import Array, Mask


class Traced:
    """float64 arrays and autograd's boxes of them.

    Every function goes through ``autograd.numpy``: plain ``np.where`` on a box gives a zero gradient.
    """

    def asarray(self, values: npt.ArrayLike) -> Array:
        return np.asarray(values, dtype=np.float64)

    def constant(self, text: str) -> Any:
        return math.pi if text == "pi" else float(Fraction(text))

    def ones_like(self, z: Array) -> Array:
        return np.ones(z.shape)

    def affine(self, x: Array, W: Array, b: Array) -> Array:
        return anp.dot(x, W) + b

    def matmul(self, a: Array, b: Array) -> Array:
        return anp.dot(a, b)

    def stack(self, parts: Sequence[Array]) -> Array:
        return anp.stack(parts, axis=-1)

    def concatenate(self, parts: Sequence[Array]) -> Array:
        return anp.concatenate(parts, axis=-1)

    def total(self, parts: Sequence[Array]) -> Array:
        return sum((anp.sum(part) for part in parts[1:]), anp.sum(parts[0]))

    def exp(self, z: Array) -> Array:
        return anp.exp(z)

    def log(self, z: Array) -> Array:
        return anp.log(z)

    def log1p(self, z: Array) -> Array:
        return anp.log1p(z)

    def tanh(self, z: Array) -> Array:
        return anp.tanh(z)

    def lgamma(self, z: Array) -> Array:
        return Floating(np.float64).lgamma(z)

    def maximum(self, a: Array, b: Array) -> Array:
        return anp.maximum(a, b)

    def select(self, t: Array, a: Array, b: Array) -> Array:
        return anp.where(getval(t) > 0, a, b)

    def where(self, mask: Mask, a: Array, b: Array) -> Array:
        return anp.where(mask, a, b)

    def detached_positive(self, z: Array) -> Mask:
        return np.asarray(getval(z) > 0)

    def detached_max(self, z: Array) -> Array:
        return getval(z).max(axis=-1, keepdims=True)

    def either(self, preferred: Array, *alternatives: Callable[[], Array]) -> Array:
        return preferred


traced = Traced()
