"""Arithmetic in which correct programs differ: the order of sums, fused and wide accumulators, flushed subnormals."""

from __future__ import annotations

from fractions import Fraction
from functools import reduce
from typing import Any

import numpy as np

from ffn.network.description import Network, Parameters, Recurrent
from ffn.numbers.precision import dtype_of
from tests.conformance.textbook import Array, Textbook, textbook

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


class Wide(Textbook):
    """Everything in a wider precision, the answers rounded at the end."""

    name = "computed wide, rounded once"

    def forward(self, network: Network, parameters: Parameters, x: Array) -> Array:
        return super().forward(network, _wide(parameters), _wide(x)).astype(x.dtype)

    def loss(self, network: Network, parameters: Parameters, x: Array, y: Array) -> Array:
        return super().loss(network, _wide(parameters), _wide(x), _wide(y)).astype(x.dtype)

    def gradient(self, network: Network, parameters: Parameters, x: Array, y: Array) -> Parameters:
        gradients = super().gradient(network, _wide(parameters), _wide(x), _wide(y))
        return tuple((dW.astype(x.dtype), db.astype(x.dtype)) for dW, db in gradients)

    def dropout_forward(self, network: Network, parameters: Parameters, x: Array, masks: Any) -> Array:
        return super().dropout_forward(network, *_wide((parameters, x, masks))).astype(x.dtype)

    def dropout_gradient(self, network: Network, parameters: Parameters, x: Array, y: Array, masks: Any) -> Parameters:
        gradients = super().dropout_gradient(network, *_wide((parameters, x, y, masks)))
        return tuple((dW.astype(x.dtype), db.astype(x.dtype)) for dW, db in gradients)

    def recurrent_forward(self, recurrent: Recurrent, parameters: Any, x: Array, h0: Array) -> Array:
        return super().recurrent_forward(recurrent, *_wide((parameters, x, h0))).astype(x.dtype)

    def recurrent_gradient(self, recurrent: Recurrent, parameters: Any, x: Array, y: Array, h0: Array) -> Any:
        gradients = super().recurrent_gradient(recurrent, *_wide((parameters, x, y, h0)))
        return tuple(tuple(array.astype(x.dtype) for array in layer) for layer in gradients)

    def activation(self, name: str, z: Array) -> Array:
        return super().activation(name, _wide(z)).astype(z.dtype)

    def slope(self, name: str, z: Array) -> Array:
        return super().slope(name, _wide(z)).astype(z.dtype)


def _wide(given: Any) -> Any:
    if isinstance(given, tuple):
        return tuple(_wide(part) for part in given)
    return given if given.dtype.kind == "i" else given.astype(wide(given.dtype))


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


class FlushToZero(Textbook):
    """Subnormals flushed to zero in every operation, as many GPUs and vector units do."""

    name = "subnormals flushed"
    dtypes = NOT_FLOAT16
    sum = sequential
    dot = dot_of_products

    def forward(self, network: Network, parameters: Parameters, x: Array) -> Array:
        return super().forward(network, _flushing(parameters), _flushing(x))

    def loss(self, network: Network, parameters: Parameters, x: Array, y: Array) -> Array:
        return super().loss(network, _flushing(parameters), _flushing(x), _flushing(y))

    def gradient(self, network: Network, parameters: Parameters, x: Array, y: Array) -> Parameters:
        return super().gradient(network, _flushing(parameters), _flushing(x), _flushing(y))

    def dropout_forward(self, network: Network, parameters: Parameters, x: Array, masks: Any) -> Array:
        return super().dropout_forward(network, *_flushing((parameters, x, masks)))

    def dropout_gradient(self, network: Network, parameters: Parameters, x: Array, y: Array, masks: Any) -> Parameters:
        return super().dropout_gradient(network, *_flushing((parameters, x, y, masks)))

    def recurrent_forward(self, recurrent: Recurrent, parameters: Any, x: Array, h0: Array) -> Array:
        return super().recurrent_forward(recurrent, *_flushing((parameters, x, h0)))

    def recurrent_gradient(self, recurrent: Recurrent, parameters: Any, x: Array, y: Array, h0: Array) -> Any:
        return super().recurrent_gradient(recurrent, *_flushing((parameters, x, y, h0)))

    def activation(self, name: str, z: Array) -> Array:
        return super().activation(name, _flushing(z))

    def slope(self, name: str, z: Array) -> Array:
        return super().slope(name, _flushing(z))


def _flushing(given: Any) -> Any:
    return tuple(_flushing(part) for part in given) if isinstance(given, tuple) else _flushed(given)
