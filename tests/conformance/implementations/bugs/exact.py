"""Bugs that show where nothing is rounded: narrow products and sums, and what is missing at some width."""

from __future__ import annotations

from functools import reduce
from typing import Any

import numpy as np

from ffn.numbers.precision import dtype_of
from tests.conformance.implementations.buggy import unstable, wrong
from tests.conformance.implementations.textbook import Array, Textbook, textbook


def of_bits(values: Array, bits: int) -> Array:
    """Rounded to so many significant bits."""
    fraction, exponent = np.frexp(values.astype(np.float64))
    return np.ldexp(np.rint(fraction * 2.0**bits), exponent - bits).astype(values.dtype)


def of_tensor_float(self: Textbook, a: Array, b: Array) -> Array:
    """What is multiplied has 11 significant bits, as in TF32; the sum is not narrowed."""
    return Textbook.dot(self, of_bits(a, 11), of_bits(b, 11))


def summed_in_bfloat16(self: Textbook, a: Array, b: Array) -> Array:
    narrow = dtype_of("bfloat16")
    products = (a.T[:, :, None] * b[:, None, :]).astype(narrow)
    return reduce(lambda total, term: (total + term).astype(narrow), products).astype(a.dtype)


def beyond_16_inputs(self: Textbook, a: Array, b: Array) -> Array:
    """Whole tiles of 16 terms, or what there is of the first."""
    length = max(16, a.shape[1] // 16 * 16)
    return Textbook.dot(self, a[:, :length], b[:length])


def last_columns_without_bias(self: Textbook, x: Array, W: Array, b: Array) -> Array:
    z = Textbook.affine(self, x, W, b)
    whole = len(b) // 64 * 64
    z[:, whole:] -= b[whole:] if whole else 0 * b
    return z


def first_256_rows(self: Textbook, network: Any, b: Array, dz: Array) -> Array:
    return self.sum(dz[:256])


def stale_row(self: Textbook, network: Any, parameters: Any, x: Array) -> Array:
    """The row after a tile of 8 is the one before."""
    z = Textbook.forward(self, network, parameters, x)
    z[8::8] = z[7:-1:8]
    return z


def all_rows_but_the_last(self: Textbook, network: Any, parameters: Any, z: Array, y: Array) -> Array:
    return Textbook.cost(self, network, parameters, z[:-1] if len(z) > 1 else z, y[:-1] if len(z) > 1 else y)


def loss_of_tensor_float(self: Textbook, network: Any, parameters: Any, x: Array, y: Array) -> Array:
    narrow = textbook("tensor float", dot=of_tensor_float)
    return self.cost(network, parameters, narrow.forward(network, parameters, x), y)


def tail_of_tanh(self: Textbook, z: Array) -> Array:
    """Beyond the last whole vector of 16 an approximation, as a scalar loop has it."""
    h = Textbook.tanh(self, z)
    whole = z.shape[1] // 16 * 16
    h[:, whole:] = (z / (1 + np.abs(z)))[:, whole:]
    return h


def sum_of_whole_vectors(self: Textbook, network: Any, z: Array, y: Array) -> Array:
    """The sum of the exponentials takes whole vectors of 8."""
    e = np.exp(z - z.max(axis=1, keepdims=True))
    p = e / e[:, : max(8, z.shape[1] // 8 * 8)].sum(axis=1, keepdims=True)
    p[np.arange(len(y)), y] -= 1
    return self.reduced(network, p, len(z))


def pivot_of_the_first_classes(self: Textbook, z: Array) -> Array:
    e = np.exp(z - z[:, :64].max(axis=1, keepdims=True))
    return e / self.sum(e.T)[:, None]


def pivot_of_the_batch(self: Textbook, z: Array) -> Array:
    e = np.exp(z - z.max())
    return e / self.sum(e.T)[:, None]


def label_of_the_row_before(self: Textbook, z: Array, y: Array) -> Array:
    return Textbook.categorical_gradient(self, z, np.roll(y, 1))


def loss_of_whole_tiles(self: Textbook, network: Any, parameters: Any, z: Array, y: Array) -> Array:
    """Tiles of 100 rows; a batch of fewer is one."""
    whole = len(z) // 100 * 100 or len(z)
    return Textbook.cost(self, network, parameters, z[:whole], y[:whole])


def rate_of_the_first_rows(self: Textbook, z: Array, y: Array) -> Array:
    dz = Textbook.poisson_gradient(self, z, y)
    dz[1024:] = 0
    return dz


def label_255_ignored(self: Textbook, z: Array, y: Array) -> Array:
    gradient = Textbook.categorical_gradient(self, z, y)
    return np.where((y == 255)[:, None], gradient.dtype.type(0), gradient)


def index_in_the_type_of_labels(self: Textbook, z: Array, y: Array) -> Array:
    """Row times classes plus label, which wraps around in a byte."""
    p = self.softmax(z)
    place = (np.arange(len(y)) * z.shape[1]).astype(y.dtype) + y
    p.ravel()[place.astype(np.int64)] -= 1
    return p


BUGS = {
    "width/smooth units": (wrong("tail of a vector approximated", tanh=tail_of_tanh),),
    "width/many classes": (
        wrong("sum of whole vectors", output_cotangent=sum_of_whole_vectors),
        unstable("pivot of the first 64 classes", softmax=pivot_of_the_first_classes),
        unstable("pivot of the whole batch", softmax=pivot_of_the_batch),
        wrong("label of the row before", categorical_gradient=label_of_the_row_before),
        wrong("label 255 ignored", categorical_gradient=label_255_ignored),
        wrong("index in the type of the labels", categorical_gradient=index_in_the_type_of_labels),
        wrong("sum of whole vectors", dtype="bfloat16", output_cotangent=sum_of_whole_vectors),
    ),
    "width/many rows": (
        wrong("rows beyond whole tiles of 100 lost in the loss", cost=loss_of_whole_tiles),
        wrong("bias gradient of the first 256 rows", bias_gradient=first_256_rows),
        wrong("rows beyond whole tiles of 100 lost in the loss", dtype="float16", cost=loss_of_whole_tiles),
        wrong("cotangent of the first 1024 rows", poisson_gradient=rate_of_the_first_rows),
    ),
    "exact/forward": (
        wrong("products of 11 bits", dot=of_tensor_float),
        wrong("sums in bfloat16", dot=summed_in_bfloat16),
        wrong("stale row", dtype="bfloat16", forward=lambda self, n, p, x: _last_row_stale(self, n, p, x)),
    ),
    "exact/gradient": (
        wrong("products of 11 bits", weight_gradient=lambda self, n, W, x, dz: of_tensor_float(self, x.T, dz)),
        wrong("sums in bfloat16", dot=summed_in_bfloat16),
        wrong("first two rows alone", dtype="float16", bias_gradient=lambda self, n, b, dz: self.sum(dz[:2])),
    ),
    "exact/loss": (
        wrong("all rows but the last", cost=all_rows_but_the_last),
        wrong("products of 11 bits", loss=loss_of_tensor_float),
    ),
    "exact/wide forward": (
        wrong("tail beyond 16 inputs lost", dot=beyond_16_inputs),
        wrong("bias skipped for the last columns", dtype="bfloat16", affine=last_columns_without_bias),
        wrong("stale row", dtype="float64", forward=stale_row),
    ),
    "exact/wide gradient": (
        wrong("tail beyond 16 inputs lost", dtype="float16", dot=beyond_16_inputs),
        wrong("gradient of the first 256 rows", bias_gradient=first_256_rows),
    ),
}


def _last_row_stale(self: Textbook, network: Any, parameters: Any, x: Array) -> Array:
    z = Textbook.forward(self, network, parameters, x)
    z[-1] = z[-2] if len(z) > 1 else z[-1]
    return z
