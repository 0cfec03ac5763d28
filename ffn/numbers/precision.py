"""The floating-point precisions and what is assumed of a correct program in each."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Precision:
    """A floating-point format and the error model of the programs that are judged in it.

    The standard model with underflow (Higham 2002, ch. 2): an operation returns x(1 + δ) + ε with |δ| ≤ u and |ε| ≤ η.

    Attributes:
        unit_roundoff: u = 2^-p for p significand bits.
        underflow: η, the absolute error of one operation: half the smallest subnormal, or the smallest normal number
            where subnormals are flushed to zero. (Half of float64's is no float64: there it is the whole.)
        smallest_normal: the smallest number that has all p significand bits.
        largest: the largest finite number.
        flushed: whether a subnormal may be read, and returned, as zero.
        function_ulps: the error allowed to a library function, in ulps. In float32 and float64 NumPy states at most 4
            for its vectorised functions. In float16 and bfloat16 functions are computed in float32 and rounded once,
            which costs half an ulp and 2^-11 of one.
        functions: of functions whose error is declared, their ulps.
        accumulator: the wider precision that sums are kept in, where one is declared.
        product_bits: the significand bits of the factors of matrix products, where these are declared to be fewer.
    """

    name: str
    unit_roundoff: float
    underflow: float
    smallest_normal: float
    largest: float
    flushed: bool
    function_ulps: float = 4.0
    functions: tuple[tuple[str, float], ...] = ()
    accumulator: Precision | None = None
    product_bits: int | None = None

    @property
    def rounding(self) -> float:
        """v, the relative error of an operation that is rounded to this precision, maybe through a wider one first.

        A rounding to nearest errs by at most u/(1 + u). One to w = 2^-11 u before it, as through the 64 bits of x87's
        registers to 53, adds at most w, and a wider one less: u + w in all, where u alone would be too small.
        """
        return self.unit_roundoff * (1 + 2.0**-11)

    def ulps_of(self, function: str) -> float:
        """The error allowed to a library function, in ulps."""
        return dict(self.functions).get(function, self.function_ulps)

    def compounded(self, roundings: int, products: bool = False) -> tuple[float, float]:
        """(a, b) for 1 − a = (1 − v)^k and 1 + b = (1 + v)^k, what k roundings can make of a term of a sum.

        A factor of a product with fewer bits, p, is off by less than 2^(1 − p), what cutting off loses.
        """
        errors = [(self.rounding, roundings)]
        if self.product_bits is not None and products:
            errors.append((2.0 ** (1 - self.product_bits), 2))
        below = -math.expm1(sum(k * math.log1p(-v) for v, k in errors))
        return below, math.expm1(sum(k * math.log1p(v) for v, k in errors))

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
    if name == "bfloat16":
        import ml_dtypes  # noqa: F401, with it NumPy knows the name

    return np.dtype(name)


@cache
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
    normal, subnormal = float(info.smallest_normal), float(info.smallest_subnormal)
    return Precision(
        name=name,
        unit_roundoff=float(info.eps) / 2,
        underflow=normal if flushed else subnormal / 2 or subnormal,
        smallest_normal=normal,
        largest=float(info.max),
        flushed=flushed,
        function_ulps=0.5 + 2.0**-11 if name in ("float16", "bfloat16") else 4.0,
    )
