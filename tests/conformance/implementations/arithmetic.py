"""Arithmetic in which correct programs differ: the order of sums, fused and wide accumulators, flushed subnormals."""

from __future__ import annotations

from fractions import Fraction
from functools import reduce
from typing import Any

import numpy as np

from ffn.numbers.precision import dtype_of
from tests.conformance.implementations.textbook import Array, Textbook, textbook

NOT_FLOAT16 = ("bfloat16", "float32", "float64")

# sums, over the first axis


def sequential(self: Textbook, terms: Array) -> Array:
    return reduce(np.add, terms)


def pairwise(self: Textbook, terms: Array) -> Array:
    half = len(terms) // 2
    return pairwise(self, terms[:half]) + pairwise(self, terms[half:]) if half else terms[0]


def blocked(self: Textbook, terms: Array) -> Array:
    return reduce(np.add, [reduce(np.add, terms[start : start + 3]) for start in range(0, len(terms), 3)])


def compensated(self: Textbook, terms: Array) -> Array:
    """Kahan's."""
    total, lost = terms[0], 0 * terms[0]
    for term in terms[1:]:
        corrected = term - lost
        new = total + corrected
        total, lost = new, (new - total) - corrected
    return total


def by_size(self: Textbook, terms: Array) -> Array:
    """From the largest to the smallest."""
    return sequential(self, np.take_along_axis(terms, np.argsort(-np.abs(terms), axis=0), axis=0))


def dot_of_products(self: Textbook, a: Array, b: Array) -> Array:
    """Each product rounded, then the sum of this variant."""
    return self.sum(a.T[:, :, None] * b[:, None, :])


def summing(name: str, total: Any, **lines: Any) -> Textbook:
    return textbook(name, sum=total, dot=dot_of_products, **lines)


# fused multiply-add: a·b + c, rounded once


def fused_dot(self: Textbook, a: Array, b: Array) -> Array:
    columns = zip(a.T[:, :, None], b[:, None, :], strict=True)
    start = np.zeros((a.shape[0], b.shape[1]), dtype=a.dtype)
    return reduce(lambda c, ab: fused(ab[0], ab[1], c), columns, start)


def fused(a: Array, b: Array, c: Array) -> Array:
    if c.dtype == np.float64:
        return np.asarray(_fused_exactly(a, b, c), dtype=np.float64)
    product, c64 = a.astype(np.float64) * b.astype(np.float64), c.astype(np.float64)  # the product is exact
    total = product + c64
    virtual = total - product
    error = (product - (total - virtual)) + (c64 - virtual)  # Knuth's TwoSum: total + error is exact
    # Rounded to odd, 53 bits may be rounded again to 24 or fewer as if at once (Boldo & Melquiond 2008).
    inexact = np.isfinite(total) & (error != 0) & (total.view(np.int64) % 2 == 0)
    total = np.where(inexact, np.nextafter(total, np.where(error > 0, np.inf, -np.inf)), total)
    return total.astype(c.dtype)


def _one_fused(a: float, b: float, c: float) -> float:
    if not np.isfinite(a * b + c):
        return a * b + c
    return float(Fraction(a) * Fraction(b) + Fraction(c))


_fused_exactly = np.frompyfunc(_one_fused, 3, 1)


# wider accumulators


def wide(dtype: Any) -> Any:
    return np.float64 if np.dtype(dtype).itemsize < 8 else np.longdouble


def wide_sum(self: Textbook, terms: Array) -> Array:
    return terms.astype(wide(terms.dtype)).sum(axis=0).astype(terms.dtype)


def wide_dot(self: Textbook, a: Array, b: Array) -> Array:
    return (a.astype(wide(a.dtype)) @ b.astype(wide(b.dtype))).astype(a.dtype)


def widened(array: Array) -> Array:
    return array if array.dtype.kind in "iu" else array.astype(wide(array.dtype))


# to any number of bits


def nearest(value: Fraction, bits: int) -> Fraction:
    """The number of so many significand bits that is nearest to the value, of two the even one; of any exponent."""
    if value == 0:
        return value
    exponent = value.numerator.bit_length() - value.denominator.bit_length() - bits
    exponent += abs(value) >= Fraction(2) ** (exponent + bits)
    return round(value / Fraction(2) ** exponent) * Fraction(2) ** exponent


# subnormals flushed to zero


class Flushed(np.ndarray):
    """An array whose operations read and return 0 in place of a subnormal."""

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        return _flushed(getattr(ufunc, method)(*(_plain(_flushed(value)) for value in inputs), **options))

    def __array_function__(self, function: Any, types: Any, arguments: Any, options: Any) -> Any:
        result = super().__array_function__(function, types, arguments, options)
        return result.view(Flushed) if isinstance(result, np.ndarray) else result


def _plain(value: Any) -> Any:
    return value.view(np.ndarray) if isinstance(value, Flushed) else value


def _flushed(value: Any) -> Any:
    if not isinstance(value, (np.ndarray, np.generic)) or value.dtype.name not in _SMALLEST_NORMAL:
        return value
    plain = np.asarray(_plain(value))
    zero = plain.dtype.type(0)
    return np.where(np.abs(plain) < _SMALLEST_NORMAL[plain.dtype.name], zero * plain, plain).view(Flushed)


_SMALLEST_NORMAL = {name: dtype_of(name).type(2.0**-1022 if name == "float64" else 2.0**-126) for name in NOT_FLOAT16}


# everything in another arithmetic

CALLED = (
    *("forward", "loss", "gradient", "activation", "slope"),
    *("dropout_forward", "dropout_loss", "dropout_gradient"),
    *("recurrent_forward", "recurrent_loss", "recurrent_gradient"),
)


def on_arrays(name: str, arriving: Any, leaving: Any, **lines: Any) -> Textbook:
    """The textbook on arrays as ``arriving`` makes them, its answers as ``leaving`` makes them for the dtype given.

    What the laws call has arrays, or tuples of them, after the network, the layer or the activation's name.
    """

    def converting(method: Any) -> Any:
        def call(self: Textbook, described: Any, *given: Any) -> Any:
            answer = method(self, described, *(each(arriving, part) for part in given))
            return each(lambda array: leaving(array, dtype_of_all(given)), answer)

        return call

    return textbook(name, **{method: converting(getattr(Textbook, method)) for method in CALLED}, **lines)


def each(convert: Any, arrays: Any) -> Any:
    return tuple(each(convert, part) for part in arrays) if isinstance(arrays, tuple) else convert(arrays)


def dtype_of_all(arrays: Any) -> Any:
    """The dtype of the first."""
    return dtype_of_all(arrays[0]) if isinstance(arrays, tuple) else arrays.dtype


WIDE = on_arrays("computed wide, rounded once", widened, lambda answer, dtype: answer.astype(dtype))

# Subnormals flushed to zero in every operation, as many GPUs and vector units do.
FLUSHED = on_arrays(
    "subnormals flushed",
    _flushed,
    lambda answer, dtype: answer,
    dtypes=NOT_FLOAT16,
    sum=sequential,
    dot=dot_of_products,
)
