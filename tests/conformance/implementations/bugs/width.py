"""Bugs that begin at some width, depth of a sum or number of rows, and correct kernels for such sizes."""

from __future__ import annotations

from functools import reduce
from typing import Any

import numpy as np

from ffn.numbers.precision import dtype_of
from tests.conformance.implementations.bugs.exact import (
    beyond_16_inputs,
    first_256_rows,
    last_columns_without_bias,
    of_bits,
    of_tensor_float,
    stale_row,
)
from tests.conformance.implementations.textbook import Array, Step, Textbook, textbook

WIDE = ("float32", "float64")  # where bfloat16 is narrower than what is asked for


def sums_in_bfloat16(self: Textbook, a: Array, b: Array) -> Array:
    """Runs of 32 terms, each added to what is kept in bfloat16."""
    narrow = dtype_of("bfloat16")
    runs = [Textbook.dot(self, a[:, s : s + 32], b[s : s + 32]).astype(narrow) for s in range(0, a.shape[1], 32)]
    return reduce(np.add, runs).astype(a.dtype)


def last_partial_tile_of_columns(self: Textbook, a: Array, b: Array) -> Array:
    z = Textbook.dot(self, a, b)
    if z.shape[1] > 64:
        z[:, z.shape[1] // 64 * 64 :] = 0
    return z


def rows_by_their_low_byte(self: Textbook, x: Array, W: Array, b: Array) -> Array:
    """A row's number in eight bits: row 256 is row 0 again."""
    return Textbook.affine(self, x[np.arange(len(x)) % 256], W, b)


def columns_by_ten_bits(self: Textbook, x: Array, W: Array, b: Array) -> Array:
    places = np.arange(W.shape[1]) % 1024
    return Textbook.affine(self, x, W[:, places], b[places])


def partial_block_reversed(self: Textbook, network: Any, parameters: Any, x: Array) -> Array:
    """Blocks of 128 rows; the last one is walked through backwards."""
    z = Textbook.forward(self, network, parameters, x)
    whole = len(z) // 128 * 128
    z[whole:] = z[whole:][::-1] if whole else z[whole:]
    return z


def first_row_broadcast(self: Textbook, network: Any, W: Array, x: Array, dz: Array) -> Array:
    """Beyond 1000 rows the batch is a view without a stride."""
    return Textbook.weight_gradient(self, network, W, np.broadcast_to(x[:1], x.shape) if len(x) > 1000 else x, dz)


def gradient_kept_in_float16(self: Textbook, network: Any, W: Array, x: Array, dz: Array) -> Array:
    return Textbook.weight_gradient(self, network, W, x, dz).astype(np.float16).astype(W.dtype)


def four_pieces(self: Textbook, layer: Any, z: Array) -> Array:
    return Textbook.activated(self, layer, z[..., :4] if layer.activation == "maxout" else z)


def cotangents_of_whole_vectors(self: Textbook, W: Array, dz: Array) -> Array:
    length = max(8, dz.shape[1] // 8 * 8)
    return self.dot(dz[:, :length], W[:, :length].T)


def last_input_of_a_vector(self: Textbook, network: Any, W: Array, x: Array, dz: Array) -> Array:
    dW = Textbook.weight_gradient(self, network, W, x, dz)
    dW[8::8][-1:] = 0 if len(W) % 8 == 1 else dW[8::8][-1:]
    return dW


def narrow_copy_backwards(self: Textbook, W: Array, dz: Array) -> Array:
    return self.dot(dz, of_bits(W, 8).T)


def odd_last_unit(self: Textbook, network: Any, parameters: Any, x: Array) -> list[Step]:
    """Two units at a time: of an odd number beyond 64 the last reaches nobody."""
    *hidden, last = Textbook.steps(self, network, parameters, x)
    if not hidden or hidden[-1].h.shape[1] < 65 or hidden[-1].h.shape[1] % 2 == 0:
        return [*hidden, last]
    h = hidden[-1].h.copy()
    h[:, -1] = 0
    z = self.affine(h, *parameters[-1])
    return [*hidden, Step(h, z, z)]


def half_of_a_long_sum(self: Textbook, a: Array, b: Array) -> Array:
    """Sums of more than 512 terms are split in two, and one half is lost."""
    return Textbook.dot(self, a[:, :512], b[:512]) if a.shape[1] > 512 else Textbook.dot(self, a, b)


def bias_of_the_first_row_tile(self: Textbook, x: Array, W: Array, b: Array) -> Array:
    z = Textbook.affine(self, x, W, b)
    z[512:] -= b
    return z


AT_WIDTH = {
    "tail beyond 16 terms lost": textbook("tail", dot=beyond_16_inputs),
    "factors of 11 bits": textbook("tensor float", dtypes=WIDE, dot=of_tensor_float),
    "sums in bfloat16": textbook("bfloat16 sums", dtypes=WIDE, dot=sums_in_bfloat16),
    "stale row": textbook("stale", forward=stale_row),
    "last partial tile of 64 columns": textbook("columns", dot=last_partial_tile_of_columns),
    "bias skipped for the last columns": textbook("bias", affine=last_columns_without_bias),
    "bias gradient of the first 256 rows": textbook("256 rows", bias_gradient=first_256_rows),
    "rows by their low byte": textbook("byte", affine=rows_by_their_low_byte),
    "columns by ten bits": textbook("ten bits", affine=columns_by_ten_bits),
    "last block of rows reversed": textbook("reversed", forward=partial_block_reversed),
    "first row broadcast beyond 1000": textbook("broadcast", weight_gradient=first_row_broadcast),
    "gradient kept in float16": textbook("float16", dtypes=WIDE, weight_gradient=gradient_kept_in_float16),
    "pieces beyond 4": textbook("pieces", activated=four_pieces),
    "cotangents of whole vectors of 8": textbook("cotangents", input_cotangent=cotangents_of_whole_vectors),
    "last input of a vector of 8": textbook("inputs", weight_gradient=last_input_of_a_vector),
    "bfloat16 copy in the backward pass": textbook("copy", dtypes=WIDE, input_cotangent=narrow_copy_backwards),
    "odd last unit beyond 64": textbook("odd unit", steps=odd_last_unit),
    "half of a sum of more than 512 terms": textbook("half", dot=half_of_a_long_sum),
    "bias beyond 512 rows": textbook("bias rows", affine=bias_of_the_first_row_tile),
}


# correct kernels


def blocked(self: Textbook, a: Array, b: Array) -> Array:
    """Tiles of 64 terms, the partial one first."""
    starts = range(0, a.shape[1], 64)[::-1]
    return reduce(np.add, [Textbook.dot(self, a[:, s : s + 64], b[s : s + 64]) for s in starts])


def halved(self: Textbook, a: Array, b: Array) -> Array:
    """Pairwise down to 16 terms."""
    half = a.shape[1] // 2
    if half < 8:
        return Textbook.dot(self, a, b)
    return halved(self, a[:, :half], b[:half]) + halved(self, a[:, half:], b[half:])


def compensated(self: Textbook, a: Array, b: Array) -> Array:
    """Kahan's, over blocks of 8 terms."""
    total = lost = np.zeros((len(a), b.shape[1]), a.dtype)
    for start in range(0, a.shape[1], 8):
        corrected = Textbook.dot(self, a[:, start : start + 8], b[start : start + 8]) - lost
        new = total + corrected
        total, lost = new, (new - total) - corrected
    return total


def fused(self: Textbook, a: Array, b: Array) -> Array:
    """A product of two of these dtypes is exact in twice the bits; each sum is rounded once."""
    wide = np.longdouble if a.dtype == np.float64 else np.float64
    total = np.zeros((len(a), b.shape[1]), a.dtype)
    for place in range(a.shape[1]):
        total = (total.astype(wide) + a[:, place, None].astype(wide) * b[None, place].astype(wide)).astype(a.dtype)
    return total


def microbatches(self: Textbook, network: Any, W: Array, x: Array, dz: Array) -> Array:
    parts = [self.dot(x[s : s + 7].T, dz[s : s + 7]) for s in range(0, len(x), 7)]
    dW = reduce(np.add, parts)
    return dW + W.dtype.type(network.weight_decay) * W if network.weight_decay else dW


def by_einsum(self: Textbook, a: Array, b: Array) -> Array:
    return np.einsum("nk,km->nm", a.astype(np.float32 if a.dtype.itemsize == 2 else a.dtype), b).astype(a.dtype)


def from_the_end(self: Textbook, a: Array, b: Array) -> Array:
    return Textbook.dot(self, np.ascontiguousarray(a[:, ::-1]), np.ascontiguousarray(b[::-1]))


def in_float64(self: Textbook, a: Array, b: Array) -> Array:
    return (a.astype(np.float64) @ b.astype(np.float64)).astype(a.dtype)


def stored_by_columns(self: Textbook, a: Array, b: Array) -> Array:
    return Textbook.dot(self, np.asfortranarray(a), np.asfortranarray(b))


def split_in_four(self: Textbook, a: Array, b: Array) -> Array:
    """Four accumulators, each of every fourth term."""
    return reduce(np.add, [Textbook.dot(self, a[:, lane::4], b[lane::4]) for lane in range(min(4, a.shape[1]))])


CORRECT = (
    textbook("blocked", dot=blocked),
    textbook("pairwise", dot=halved),
    textbook("compensated", dot=compensated),
    textbook("fused", dot=fused),
    textbook("microbatches", weight_gradient=microbatches),
    textbook("einsum", dot=by_einsum),
    textbook("from the end", dot=from_the_end),
    textbook("float64 inside", dot=in_float64),
    textbook("stored by columns", dot=stored_by_columns),
    textbook("four accumulators", dot=split_in_four),
)
