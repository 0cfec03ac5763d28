"""What a program may do to the results of a formula: precisions, sums, library functions.

An operation in a precision of p bits returns its exact result with an error of at most half an ulp, u 2^e where
2^e ≤ |x| (u = 2^-p; rounded any way: a whole ulp), and at most η where it underflows (Higham 2002, sec. 2.1). A program
may compute a result in something wider and round it later, which are two roundings, once in either: every u is taken as
u(1 + 2^-9), for a wider precision has at least 11 bits more. A result that it uses both before and after that rounding
is none of this.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from ffn.admissible.formula.taken import named
from ffn.numbers.precision import Precision, precision

Floats = npt.NDArray[np.float64]
Depth = int | Callable[[int], int] | None

TWICE = 1 + 2.0**-9  # a second rounding, in something wider
SHORT = 24  # significant bits of a constant that is the same in every precision from float32 on
PRODUCTS = 2  # roundings of a product or quotient: a scale in two steps, a reciprocal and a product, a rounded constant

# The ulps that a library function may be off by, or (ulps, as many more for each unit of |x|), as of an exponential
# through 2^(x log₂ e). libm: what NumPy states for its vectorised functions; tanh has twice that, so that the form
# through expm1 is admitted; a square root, which IEEE 754 rounds correctly, has the ulp that vector libraries may
# lose. cuda: the CUDA C++ Programming Guide, appendix "Mathematical Functions", table of single precision: 2 ulps for
# expf, erff, sinf, cosf, tanhf and rsqrtf, 1 for expm1f, logf and log1pf, and for sqrtf without -prec-sqrt=true from
# compute capability 5.2 on; compared with the copy in Intel's "CUDA vs OpenCL math builtin precision", which cites it.
# The guide counts from the correctly rounded result, which is half an ulp more, and says that its figures come from
# tests and are no guarantee.
Ulps = float | tuple[float, float]
# Of the others the guide's figures were not compared: they have those of libm.
LIBM: dict[str, Ulps] = {
    **dict.fromkeys(("exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "erf", "rsqrt", "pow"), 4.0),
    **dict.fromkeys(("sin", "cos", "atan", "atan2", "sinh", "cosh"), 4.0),
    "tanh": 8.0,
    "sqrt": 1.0,
}
TABLES: Mapping[str, Mapping[str, Ulps]] = {
    "libm": LIBM,
    "cuda": LIBM
    | dict.fromkeys(("exp", "erf", "sin", "cos", "rsqrt", "tanh"), 2.5)
    | dict.fromkeys(("expm1", "log", "log1p", "sqrt"), 1.5),
}


@dataclass(frozen=True)
class Arithmetic:
    """The error model of a program.

    Attributes:
        storage: the precision of the arrays that it is given, and of its answer.
        compute: that of its operations.
        accumulate: that of its sums.
        every: whether every operation's result is rounded to ``storage``, or the answer alone.
        depth: the longest chain of additions in a sum of n terms; None for any order.
        functions: ulps by name.
        nearest: whether it rounds to nearest, or any way.
    """

    storage: Precision
    compute: Precision
    accumulate: Precision
    every: bool = False
    depth: Depth = None
    functions: Mapping[str, Ulps] = field(default_factory=lambda: TABLES["libm"])
    nearest: bool = True

    def unit(self, format: Precision) -> float:
        """The relative error of a rounding to a precision, perhaps the second one."""
        return format.unit_roundoff * TWICE * (1 if self.nearest else 2)

    @property
    def ends_in_storage(self) -> bool:
        """Whether the last rounding of an operation is to the precision of the arrays."""
        return self.every or self.compute == self.storage

    def rounded(self, x: Floats, exact: Any, roundings: int = 1, stored: bool = False) -> tuple[Any, Any]:
        """The error of an operation with a result of magnitude x: before its last rounding, and after it.

        A rounding of a factor, before the last one, costs a share of |x|, and moves it perhaps to the next binade;
        ``stored``: in eager code the factor is stored, as the reciprocal in a quotient is.
        """
        u = self.unit(self.compute)
        before: Any = 0.0
        if roundings > 1:
            factor = self.storage if stored and self.every else self.compute
            before = (roundings - 1) * (self.unit(factor) * x + factor.underflow * TWICE)
        after = before + self._once(x + before, self.compute)
        if self.every and self.storage != self.compute:
            before, after = after, after + self._once(x + after, self.storage)
        else:
            before = before + u * 2.0**-9 * x  # by then computed in something wider
        exact = exact if x.all() else exact | (x == 0)  # of an exact 0 nothing is lost
        return (before, after) if exact is False else (np.where(exact, 0, before), np.where(exact, 0, after))

    @property
    def largest(self) -> float:
        """The largest number that an operation may return."""
        return min(self.compute.largest, self.storage.largest) if self.every else self.compute.largest

    @property
    def scaled(self) -> float:
        """The error of a product with a power of two: where it underflows."""
        return 2 * (self.compute.underflow + (self.storage.underflow if self.every else 0))

    def holds(self, constants: Floats) -> Any:
        """Where every program has a constant as it stands: it has few bits, and is a normal number or 0."""
        format, size = self._constants, np.abs(constants)
        short = significant_bits(constants) <= min(format.bits, SHORT)
        return (short & (size >= smallest_normal(format)) & (size <= format.largest)) | (size == 0) | np.isinf(size)

    def constant(self, constants: Floats) -> Any:
        """The error of a constant that is rounded to the precision of the operations, or, in eager code, of the
        arrays."""
        format, size = self._constants, np.abs(constants)
        return np.where(size <= format.largest, self.unit(format) * size + format.underflow * TWICE, np.inf)

    @property
    def _constants(self) -> Precision:
        return self.storage if self.every else self.compute

    def stored(self, x: Floats) -> Floats:
        """The error of a value of magnitude x that a kernel stores between its operations."""
        return self._once(x, self.storage)

    def _once(self, x: Floats, format: Precision) -> Floats:
        return self.unit(format) * binade(x * (1 + 2.0**-50)) + format.underflow * TWICE

    def function(self, name: str, x: Floats, argument: Floats) -> tuple[Any, Any]:
        """The error of a library function, of which an ulp is 2u 2^e, before and after it is stored."""
        allowed = self.functions[name]
        fixed, more = allowed if isinstance(allowed, tuple) else (allowed, 0.0)
        ulps = fixed + more * argument if more else fixed
        before = ulps * 2 * self.compute.unit_roundoff * TWICE * binade(x) + 2 * (ulps + 1) * self.compute.underflow
        if name == "rsqrt" and self.every:  # the root may be stored
            before = before + self.unit(self.storage) * x + self.storage.underflow * TWICE
        before = np.where(np.isinf(argument), 0, before)  # e^−∞ is 0
        return before, before + self._once(x + before, self.storage) if self.every else before

    def added(self, magnitude: Floats, terms: int, products: bool, exact: Any) -> Floats:
        """The error of a sum of ``terms`` terms whose absolute values sum to ``magnitude``.

        In any order, n terms: (n − 1)u Σ|x|, and of products (n + 1)u Σ|xy|, one rounding of each more than nu Σ|xy|,
        as ``PRODUCTS`` has it (Jeannerod & Rump 2013; proved for every order, with fused multiply-adds, where nu ≤ 1,
        rounded to nearest). Otherwise, and in a chain of at most h additions, γ_h Σ|x| with γ_h = hu/(1 − hu)
        (Higham 2002, sec. 4.2). Beyond nu = 1 nothing is known.
        """
        u, extra = self.unit(self.accumulate), PRODUCTS if products else 0
        chain = terms - 1 if self.depth is None else min(terms - 1, self._declared(terms))
        share = (chain + extra) * u
        if share >= 1:
            return np.where(exact | (magnitude == 0), 0, np.inf)
        if self.depth is not None or not self.nearest:
            share = share / (1 - share)
        underflow = (terms * (extra + 1) if self.accumulate.flushed else terms * extra) * self.accumulate.underflow
        error = share * magnitude * (1 + 2.0**-20) + 2 * underflow
        return np.where(exact | (magnitude == 0), 0, error)

    def _declared(self, terms: int) -> int:
        depth = self.depth(terms) if callable(self.depth) else self.depth
        if isinstance(depth, bool) or not isinstance(depth, (int, np.integer)) or depth < 1:
            raise ValueError(f"depth is a number from 1, also of {terms} terms, not {depth!r}")
        return int(depth)


def binade(x: Floats) -> Floats:
    """The power of two 2^e ≤ |x| < 2^(e + 1); 0 of 0, and of subnormals."""
    bits = x.view(np.uint64) & np.uint64(0x7FF0000000000000)
    return bits.view(np.float64)


def nearest(x: Floats, format: Precision) -> Floats:
    """x rounded to nearest, ties to even, in a precision of less than 53 bits with its subnormals; ±∞ beyond its
    range."""
    if format.bits == 53:
        return x
    drop = np.uint64(53 - format.bits)
    bits = x.view(np.uint64)
    one = np.uint64(1)
    half = (one << (drop - one)) - one + ((bits >> drop) & one)
    rounded = (((bits + half) >> drop) << drop).view(np.float64)
    step = smallest_normal(format) * 2.0 ** (1 - format.bits)
    small = np.abs(x) < step * 2.0 ** (format.bits - 1)  # below the smallest normal number
    rounded = np.where(small, np.rint(np.where(small, x, 0) / step) * step, rounded)
    infinite = np.copysign(np.inf, x)
    return np.where(np.isfinite(x) & (np.abs(rounded) <= format.largest), rounded, np.where(np.isnan(x), x, infinite))


def smallest(format: Precision) -> float:
    """The smallest number above 0 that is certainly not flushed."""
    return format.underflow * (1 if format.flushed else 2)


def smallest_normal(format: Precision) -> float:
    return format.underflow if format.flushed else 2.0**format.bits * format.underflow


def significant_bits(values: Floats) -> Any:
    """How many significant bits each number has."""
    fraction = np.frexp(np.where(np.isfinite(values), values, 0))[0]
    whole = (np.abs(fraction) * 2.0**53).astype(np.int64)
    lowest = np.where(whole == 0, 53, np.frexp((whole & -whole).astype(np.float64))[1] - 1)
    return 53 - lowest


def arithmetic(
    storage: str,
    compute: str | None,
    accumulate: str | None,
    rounds: str,
    depth: Depth,
    functions: str | Mapping[str, Ulps],
    rounding: str,
) -> Arithmetic:
    """The error model of the arguments of ``value``; ValueError, one line, where one of them is none."""
    compute, accumulate = (
        None if given is None else named(given, of) for given, of in ((compute, "compute"), (accumulate, "accumulate"))
    )
    if rounds not in ("output", "every operation"):
        raise ValueError(f"rounds is 'output' or 'every operation', not {rounds!r}")
    if rounding not in ("nearest", "any"):
        raise ValueError(f"rounding is 'nearest' or 'any', not {rounding!r}")
    if (
        depth is not None
        and not callable(depth)
        and (isinstance(depth, bool) or not isinstance(depth, int) or depth < 1)
    ):
        raise ValueError(f"depth is the longest chain of additions, a number from 1 or a function of n, not {depth!r}")
    return Arithmetic(
        storage=precision(storage),
        compute=precision(compute or storage),
        accumulate=precision(accumulate or compute or storage),
        every=rounds == "every operation",
        depth=depth,
        functions=_table(functions),
        nearest=rounding == "nearest",
    )


def _table(functions: str | Mapping[str, Ulps]) -> Mapping[str, Ulps]:
    if isinstance(functions, str) and functions in TABLES:
        return TABLES[functions]
    if not isinstance(functions, Mapping):
        raise ValueError(f"functions is a table of ulps or one of {', '.join(TABLES)}, not {functions!r}")
    if unknown := set(functions) - set(TABLES["libm"]):
        raise ValueError(f"no function is called {min(unknown, key=str)!r}: {', '.join(sorted(TABLES['libm']))}")
    for name, ulps in functions.items():
        fixed, *more = ulps if isinstance(ulps, tuple) else (ulps,)
        if not (_number(fixed) and fixed >= 0.5 and len(more) <= 1 and all(map(_number, more))):
            raise ValueError(f"{name} is off by ulps from 0.5, or (ulps, as many more for each |x|), not {ulps!r}")
    return {**TABLES["libm"], **functions}


def _number(value: Any) -> bool:
    """Whether it is a finite number from 0."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < math.inf
