"""Numbers that no correct program in a precision rounds: float64 arrays whose every operation is shown to be exact.

A sum of terms that are whole multiples of one power of two 2^g, with Σ|terms| < 2^(p+g), has partial sums that are such
multiples too and no larger, so a precision of p bits holds each of them: in whatever order, in blocks, with fused
multiply-adds or a wider accumulator, nothing is rounded. (Small whole numbers are the case g = 0.) A product of two
numbers is the same question with one term. What does not pass raises ``Rounds``; so does a slope at a kink, where
programs differ without rounding.

Not spoken of are programs that form other sums on their way (Strassen's products, running means) or divide by what is
no power of two and multiply back.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
from numpy.lib.mixins import NDArrayOperatorsMixin

from ffn.numbers.arrays import NumpyNamespace
from ffn.numbers.namespace import Array, Mask
from ffn.numbers.precision import Precision

Floats = npt.NDArray[np.float64]

_EXPONENT, _FRACTION, _LEADING = np.int64(0x7FF0_0000_0000_0000), np.int64(2**52 - 1), np.int64(2**52)
POWER = 4  # of the norm that bounds a largest term: n equal terms are taken for n^(1/4) times as large


class Rounds(ArithmeticError):
    """Some correct program may round here, or choose a slope. The text says where."""


class Unrounded(NumpyNamespace):
    """Arrays of float64 numbers that every correct program in a precision computes exactly.

    Args:
        assumed: the precision, of at most 53 bits.
        headroom: a power of two that all numbers may be multiplied by on the way, such as the rows of a mean that is
            taken at the end.
    """

    def __init__(self, assumed: Precision, headroom: int = 1) -> None:
        self.name, self.bits = assumed.name, assumed.bits
        self.smallest = assumed.smallest_normal  # smaller numbers may be flushed to zero
        self.largest = assumed.largest / headroom

    # making arrays

    def asarray(self, values: npt.ArrayLike) -> UnroundedArray:
        array = np.asarray(values)
        found = array.astype(np.float64)
        if array.dtype.name != self.name:
            return self.held(found, "an argument")
        magnitudes = np.abs(found)  # of this precision: the bits need no looking at
        if not (magnitudes <= self.largest).all() or ((magnitudes < self.smallest) & (magnitudes > 0)).any():
            raise Rounds("an argument may overflow or underflow")
        return UnroundedArray(found, self)

    def constant(self, text: str) -> Floats:
        if text == "pi":
            raise Rounds("pi is rounded")
        found: Floats = np.asarray(float(Fraction(text)))
        if Fraction(float(found)) != Fraction(text):
            raise Rounds(f"{text} is rounded")
        return self.held(found, text).values

    def ones_like(self, z: UnroundedArray) -> UnroundedArray:
        return UnroundedArray(np.ones(z.shape), self)

    def held(self, values: Floats, what: str) -> UnroundedArray:
        """Numbers that float64 holds, if the precision holds them too."""
        magnitudes = np.abs(values)
        if not (magnitudes <= self.largest).all():
            raise Rounds(f"{what} may overflow")
        low = lowest_bit(values)
        if not (magnitudes < 2.0**self.bits * low).all():
            raise Rounds(f"{what} has more than {self.bits} bits")
        if not (low >= self.smallest).all():
            raise Rounds(f"{what} may underflow")
        return UnroundedArray(values, self)

    # sums: the same condition on all terms of each, however they are added

    def affine(self, x: UnroundedArray, W: UnroundedArray, b: UnroundedArray) -> UnroundedArray:
        return self._product(x, W, b)

    def matmul(self, a: UnroundedArray, b: UnroundedArray) -> UnroundedArray:
        return self._product(a, b, UnroundedArray(np.zeros(b.shape[1]), self))

    def _product(self, left: UnroundedArray, right: UnroundedArray, bias: UnroundedArray) -> UnroundedArray:
        """a @ b + added. First by bounds over the rows, of each column; where these are too coarse, entry by entry."""
        a, b, added = left.values, right.values, bias.values
        rows = added if added.ndim == 1 else np.abs(added).max(axis=0)
        finest = bias.low.copy() if added.ndim == 1 else bias.low.min(axis=0)
        terms, columns = _used(b)
        weights = b[terms, columns]
        top, low = np.abs(a).max(axis=0), left.low.min(axis=0)
        totals: Floats = np.abs(rows) + np.bincount(columns, top[terms] * np.abs(weights), b.shape[1])
        np.minimum.at(finest, columns, low[terms] * lowest_bit(weights))
        coarse = ~self._fits(totals, finest)
        if coarse.any():
            some = b[:, coarse]
            own = np.broadcast_to(added, (len(a), b.shape[1]))[:, coarse]
            self._require(np.abs(a) @ np.abs(some) + np.abs(own), np.minimum(_finest(a, some), lowest_bit(own)))
        return UnroundedArray(a @ b + added, self)

    def sum(self, z: UnroundedArray, axis: int | None = None) -> UnroundedArray:
        self._require(np.abs(z.values).sum(axis=axis), z.low.min(axis=axis, initial=np.inf))
        return UnroundedArray(np.asarray(z.values.sum(axis=axis)), self)

    def total(self, parts: Sequence[Any]) -> UnroundedArray:
        return self.sum(UnroundedArray(np.concatenate([part.values.ravel() for part in parts]), self))

    def _fits(self, totals: Any, finest: Any) -> npt.NDArray[np.bool_]:
        """Whether sums of these total magnitudes, all terms multiples of ``finest`` (∞ where all are 0), are exact."""
        within = (totals < 2.0**self.bits * finest) & (totals <= self.largest) & (finest >= self.smallest)
        return np.asarray(within)

    def _require(self, totals: Any, finest: Any) -> None:
        if not self._fits(totals, finest).all():
            raise Rounds(f"a sum of products has more than {self.bits} bits, or leaves the range")

    # operators

    def operate(self, ufunc: np.ufunc, a: Any, b: Any = None) -> Any:
        """An operation on two numbers, whose float64 result is exact where the precision holds it."""
        first, second = _values(a), None if b is None else _values(b)
        if ufunc is np.negative:
            return UnroundedArray(-first, self)
        if second is None:
            return NotImplemented
        if ufunc in (np.add, np.subtract):
            finest = np.minimum(_low(a), _low(b))
        elif ufunc is np.multiply:
            finest = _low(a) * _low(b)
        elif ufunc is np.divide and _is_power_of_two(second):
            finest = _low(a) / np.abs(second)
        elif ufunc is np.divide:
            raise Rounds("a division by something else than a power of two is rounded")
        else:
            return NotImplemented
        values = ufunc(first, second)  # a multiple of ``finest``: where it is small enough, float64 has not rounded it
        exact = self._fits(np.abs(values), np.where(values == 0, np.inf, finest)).all()
        return UnroundedArray(values, self, signs_alone=not exact)

    # branches

    def maximum(self, a: Any, b: Any) -> UnroundedArray:
        return UnroundedArray(np.maximum(_values(a), _values(b)), self)

    def select(self, t: UnroundedArray, a: Any, b: Any) -> UnroundedArray:
        first, second = _values(a), _values(b)
        if ((t.signs == 0) & (first != second)).any():
            raise Rounds("a pre-activation on a kink has several slopes")
        return UnroundedArray(np.where(t.signs > 0, first, second), self)

    def where(self, mask: Mask, a: Any, b: Any) -> UnroundedArray:
        return UnroundedArray(np.where(mask, _values(a), _values(b)), self)

    def detached_positive(self, z: UnroundedArray) -> Mask:
        return np.asarray(z.signs > 0)

    def stack(self, parts: Sequence[Any]) -> UnroundedArray:
        return UnroundedArray(np.stack([part.values for part in parts], axis=-1), self)

    def concatenate(self, parts: Sequence[Any]) -> UnroundedArray:
        return UnroundedArray(np.concatenate([part.values for part in parts], axis=-1), self)

    def either(self, preferred: Array, *alternatives: Callable[[], Array]) -> Array:
        return preferred

    # functions

    def _irrational(self, z: Array) -> Array:
        raise Rounds("a function whose values are rounded")

    exp = log = log1p = tanh = lgamma = _irrational


class UnroundedArray(NDArrayOperatorsMixin):
    """An array of such numbers, which belongs to its namespace.

    A sum, difference or product of two that may be rounded has a sign all the same, for a comparison to look at.
    """

    def __init__(self, values: Any, xp: Unrounded, signs_alone: bool = False) -> None:
        self.signs: Floats = np.asarray(values, dtype=np.float64)
        self.xp = xp
        self.signs_alone = signs_alone

    @property
    def values(self) -> Floats:
        """The numbers. Raises Rounds where a program may have rounded one of them."""
        if self.signs_alone:
            raise Rounds(f"a result has more than {self.xp.bits} bits, or leaves the range")
        return self.signs

    @property
    def shape(self) -> tuple[int, ...]:
        return self.signs.shape

    @property
    def T(self) -> UnroundedArray:
        found = UnroundedArray(self.values.T, self.xp)
        if "low" in vars(self):
            vars(found)["low"] = self.low.T
        return found

    @cached_property
    def low(self) -> Floats:
        """``lowest_bit`` of the numbers."""
        return lowest_bit(self.values)

    def reshape(self, *shape: int) -> UnroundedArray:
        return UnroundedArray(self.values.reshape(*shape), self.xp)

    def sum(self, axis: int | None = None) -> UnroundedArray:
        return self.xp.sum(self, axis)

    def __getitem__(self, index: Any) -> UnroundedArray:
        return UnroundedArray(self.values[index], self.xp)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *operands: Any, **options: Any) -> Any:
        return NotImplemented if method != "__call__" or options else self.xp.operate(ufunc, *operands)


def lowest_bit(values: Any) -> Floats:
    """The largest power of two that each normal float64 number is a whole multiple of; ∞ for 0, a multiple of all."""
    floats = np.asarray(values, dtype=np.float64, order="C")
    patterns = floats.view(np.int64)
    significands = patterns & _FRACTION  # in place from here on: for large arrays three times as fast
    significands |= _LEADING
    significands &= -significands
    lowest: Floats = (patterns & _EXPONENT).view(np.float64)
    lowest *= 2.0**-52
    lowest *= significands
    return np.where(floats == 0, np.inf, lowest)


def _low(value: Any) -> Any:
    if isinstance(value, UnroundedArray):
        return value.low
    if isinstance(value, int):
        return float(value & -value) or math.inf
    return lowest_bit(value)


def _used(b: Floats) -> tuple[npt.NDArray[np.int_], npt.NDArray[np.int_]]:
    """The places of what is not 0; in the order of memory, which is several times as fast as ``np.nonzero``."""
    if b.flags.f_contiguous and not b.flags.c_contiguous:
        columns, terms = _used(b.T)
    else:
        terms, columns = np.divmod(np.flatnonzero(b.ravel() != 0), b.shape[1])
    return terms, columns


def _finest(a: Floats, b: Floats) -> Floats:
    """For each entry of a @ b a power of two that all its products are multiples of, by the norm of their inverses."""
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):  # what overflows passes no comparison
        norms = (1 / lowest_bit(a)) ** POWER @ (1 / lowest_bit(b)) ** POWER
        exponents = np.floor(np.log2(norms) / POWER + 2.0**-20)  # the sum may have been rounded down
        found: Floats = np.where(norms == 0, np.inf, 2.0**-exponents)
    return found


def _is_power_of_two(values: Floats) -> bool:
    return all(abs(math.frexp(value)[0]) == 0.5 for value in values.ravel().tolist())


def _values(value: Any) -> Floats:
    return value.values if isinstance(value, UnroundedArray) else np.asarray(value, dtype=np.float64)
