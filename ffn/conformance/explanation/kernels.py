"""Other arithmetic: what kernels compute that narrow products or sums, or leave something out.

Each is a function of two matrices in float64, which computes their product as such a kernel does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Product = Callable[[Floats, Floats], Floats]

TILES = (2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)
# Significant bits, the leading one included, and who has them.
NARROW = {11: "TF32, float16", 8: "bfloat16", 24: "float32"}
FLOAT32_BITS = 24
BEYOND = 2  # bits of a sum beyond float32's that the tensor cores of an H100 were seen to keep, before they cut it
RUNS = (1, 2, 4, 8, 16, 32)  # terms that are added exactly before a sum is narrowed


def rounded(values: Floats, bits: int) -> Floats:
    """To the nearest number of so many significant bits, ties to even."""
    fractions, exponents = np.frexp(values)
    found: Floats = np.ldexp(np.rint(np.ldexp(fractions, bits)), exponents - bits)
    return found


def cut(values: Floats, bits: int) -> Floats:
    """The same, towards 0."""
    fractions, exponents = np.frexp(values)
    found: Floats = np.ldexp(np.trunc(np.ldexp(fractions, bits)), exponents - bits)
    return found


def products(bits: int) -> Iterator[tuple[str, Product]]:
    """Kernels whose factors, products or sums have at most ``bits`` significant bits, where the precision has more."""
    for narrow, who in NARROW.items():
        if narrow >= bits:
            continue
        yield f"factors rounded to {narrow} significant bits ({who})", partial(_factors, rounded, narrow)
        if bits == FLOAT32_BITS:
            yield f"factors rounded to {narrow} significant bits ({who})", partial(_in_tensor_cores, narrow)
        yield f"factors cut to {narrow} significant bits ({who})", partial(_factors, cut, narrow)
        yield f"products and partial sums of {narrow} significant bits ({who})", partial(_narrow_terms, narrow)
        for run in RUNS:
            after = "" if run == 1 else f" after every {run} terms"
            yield f"partial sums of {narrow} significant bits ({who}){after}", partial(_partial_sums, narrow, run)
        yield f"results rounded to {narrow} significant bits ({who})", partial(_results, narrow)


def _factors(narrowed: Callable[[Floats, int], Floats], bits: int, a: Floats, b: Floats) -> Floats:
    return narrowed(a, bits) @ narrowed(b, bits)


def _in_tensor_cores(bits: int, a: Floats, b: Floats) -> Floats:
    """The same, whose products are aligned with the largest of a sum and cut, and their sum is cut to float32.

    Of sums of up to four terms: of more it depends on how many are added at a time.
    """
    terms = rounded(a, bits)[:, :, None] * rounded(b, bits)[None]
    _, largest = np.frexp(np.abs(terms).max(axis=1, initial=0))
    finest = np.ldexp(1.0, largest - FLOAT32_BITS - BEYOND)[:, None]
    aligned: Floats = np.trunc(terms / finest) * finest
    return cut(np.asarray(aligned.sum(axis=1)), FLOAT32_BITS)


def _results(bits: int, a: Floats, b: Floats) -> Floats:
    return rounded(a @ b, bits)


def _narrow_terms(bits: int, a: Floats, b: Floats) -> Floats:
    total = np.zeros((len(a), b.shape[1]))
    for place in range(a.shape[1]):
        total = rounded(total + rounded(a[:, place, None] * b[None, place], bits), bits)
    return total


def _partial_sums(bits: int, run: int, a: Floats, b: Floats) -> Floats:
    total = np.zeros((len(a), b.shape[1]))
    for start in range(0, a.shape[1], run):
        total = rounded(total + a[:, start : start + run] @ b[start : start + run], bits)
    return total


def missing(longest: int) -> Iterator[tuple[str, Product]]:
    """Kernels that leave out what is beyond a tile: terms of each sum, rows or columns of the result."""
    axes: dict[str, tuple[str, Callable[[int, Floats, Floats], Floats]]] = {
        "terms": ("terms of each sum", _terms),
        "rows": ("rows", _rows),
        "columns": ("columns", _columns),
    }
    for axis, (words, without) in axes.items():
        for tile in TILES:
            if tile < longest:
                yield f"the {words} beyond the first {tile} missing", partial(_first, without, axis, tile)
                yield f"the {words} beyond whole tiles of {tile} missing", partial(_whole, without, axis, tile, tile)
                yield f"the {words} beyond any whole tile of {tile} missing", partial(_whole, without, axis, tile, 0)


def _first(without: Callable[..., Floats], axis: str, tile: int, a: Floats, b: Floats) -> Floats:
    return without(tile, a, b)


def _whole(without: Callable[..., Floats], axis: str, tile: int, least: int, a: Floats, b: Floats) -> Floats:
    length: int = {"terms": a.shape[1], "rows": a.shape[0], "columns": b.shape[1]}[axis]
    return without(max(least, length // tile * tile), a, b)


def _terms(kept: int, a: Floats, b: Floats) -> Floats:
    return a[:, :kept] @ b[:kept]


def _rows(kept: int, a: Floats, b: Floats) -> Floats:
    result: Floats = a @ b
    result[kept:] = 0
    return result


def _columns(kept: int, a: Floats, b: Floats) -> Floats:
    result: Floats = a @ b
    result[:, kept:] = 0
    return result


def strided(x: Floats) -> Iterator[tuple[str, Any]]:
    """A matrix as it is read with other strides than it lies in memory, where that is not itself."""
    rows, columns = x.shape
    flat = x.ravel()
    yield "as if it were stored column by column", flat.reshape(columns, rows).T
    yield "with stride 0 along its rows: all are the first", np.broadcast_to(x[:1], x.shape)
    yield "with its rows from the last to the first", x[::-1]
    yield "with its columns from the last to the first", x[:, ::-1]
    for words, step in (("one more than", columns + 1), ("one less than", columns - 1)):
        places = np.arange(rows)[:, None] * step + np.arange(columns)
        yield f"with {words} the length of a row as stride", flat[places % flat.size]
