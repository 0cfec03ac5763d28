"""The floating-point precisions and what is assumed of a correct program in each."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Precision:
    """A floating-point format and the error model of the programs that are judged in it.

    The standard model with underflow (Higham 2002, ch. 2): an operation returns x(1 + δ) + ε with |δ| ≤ u and |ε| ≤ η.

    Attributes:
        unit_roundoff: u = 2^-p for p significand bits.
        underflow: η, the absolute error of one operation: half the smallest subnormal, or the smallest normal number
            where subnormals are flushed to zero.
        largest: the largest finite number.
        flushed: whether a subnormal may be read, and returned, as zero.
        roundings: how many roundings a program may spend where the reference spends one (a reciprocal and a product
            for a division, a scale applied in two steps, a constant rounded first).
        function_ulps: the error allowed to a library function, in ulps. NumPy states at most 4 for its vectorised
            float32 and float64 functions; tanh is given twice that, so that the form through expm1 is admitted.
    """

    name: str
    unit_roundoff: float
    underflow: float
    largest: float
    flushed: bool
    roundings: int = 2
    function_ulps: int = 4

    @property
    def bits(self) -> int:
        """Significand bits p, the leading one included."""
        return round(-math.log2(self.unit_roundoff))

    def with_bits(self, bits: int) -> Precision:
        """The same range with another number of significand bits."""
        return replace(self, unit_roundoff=2.0**-bits)


NAMES = ("float16", "bfloat16", "float32", "float64")


def dtype_of(name: str) -> np.dtype[Any]:
    """The NumPy dtype of a precision's name.

    Raises:
        ValueError: for a name that is none of float16, bfloat16, float32 and float64.
    """
    if name not in NAMES:
        raise ValueError(f"unknown dtype {name!r}: one of {', '.join(NAMES)}")
    dtype: np.dtype[Any]
    if name == "bfloat16":
        import ml_dtypes

        dtype = np.dtype(ml_dtypes.bfloat16)
    else:
        dtype = np.dtype(name)
    return dtype


def precision(name: str, subnormals: str | None = None) -> Precision:
    """The error model of a dtype.

    Args:
        name: float16, bfloat16, float32 or float64.
        subnormals: ``"kept"`` or ``"flushed"``. When left out, float16 keeps them and the others may flush them: no
            hardware that flushes does so in float16, where subnormals begin at 6e-5 and admitting a flush would hide
            errors, while from 1e-38 down it costs no resolution.

    Raises:
        ValueError: for an unknown name or treatment of subnormals.
    """
    import ml_dtypes

    info: Any = ml_dtypes.finfo(dtype_of(name))  # type: ignore[no-untyped-call]
    subnormals = subnormals or ("kept" if name == "float16" else "flushed")
    if subnormals not in ("kept", "flushed"):
        raise ValueError(f"subnormals are 'kept' or 'flushed', not {subnormals!r}")
    flushed = subnormals == "flushed"
    return Precision(
        name=name,
        unit_roundoff=float(info.eps) / 2,
        underflow=float(info.smallest_normal) if flushed else float(info.smallest_subnormal) / 2,
        largest=float(info.max),
        flushed=flushed,
    )
