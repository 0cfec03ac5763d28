"""float16, bfloat16, float32 and float64 arrays."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from ffn.numbers.arrays import NumpyNamespace
from ffn.numbers.namespace import Array
from ffn.numbers.precision import dtype_of

_lgamma = np.frompyfunc(math.lgamma, 1, 1)


class Floating(NumpyNamespace):
    """NumPy arrays of one floating dtype.

    Results are cast back where NumPy would widen: ``bfloat16 @ bfloat16`` gives float32, and a Python float times a
    bfloat16 array too.
    """

    def __init__(self, dtype: npt.DTypeLike) -> None:
        self.dtype: np.dtype[Any] = np.dtype(dtype)

    def __repr__(self) -> str:
        return f"Floating({self.dtype.name!r})"

    def asarray(self, values: npt.ArrayLike) -> Array:
        return np.asarray(values, dtype=self.dtype)

    def constant(self, text: str) -> Any:
        return self.dtype.type(super().constant(text))

    def ones_like(self, z: Array) -> Array:
        return np.ones_like(z)

    def affine(self, x: Array, W: Array, b: Array) -> Array:
        z = np.matmul(x, W)
        z += b  # in place: at width 1024 a fresh array would cost as much as the addition
        return self.asarray(z)

    def matmul(self, a: Array, b: Array) -> Array:
        return self.asarray(np.matmul(a, b))

    def lgamma(self, z: Array) -> Array:
        return self.asarray(_lgamma(z))

    def select(self, t: Array, a: Array, b: Array) -> Array:
        if isinstance(a, int) and isinstance(b, int) and (a, b) == (1, 0):
            return (t > 0).astype(self.dtype)  # a step: np.where takes twenty times as long
        return super().select(t, a, b)

    def operand(self, value: Any) -> Any:
        """A plain 0 or 1 in the dtype: np.where would make an array of int64 of it, twice as large, to be cast."""
        return self.dtype.type(value) if isinstance(value, int) else value


_KNOWN: dict[Any, Floating] = {}  # a dtype's name takes longer to make than a small layer to compute


def floating(dtype: npt.DTypeLike | str = "float64") -> Floating:
    """The namespace of a dtype, given as such or by name (``"bfloat16"`` needs ml_dtypes).

    Raises:
        ValueError: for a dtype that is none of the four.
    """
    if dtype not in _KNOWN:
        _KNOWN[dtype] = Floating(dtype_of(dtype if isinstance(dtype, str) else np.dtype(dtype).name))
    return _KNOWN[dtype]
