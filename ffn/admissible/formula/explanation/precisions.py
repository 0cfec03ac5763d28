"""Which narrower precision makes the errors that were found.

The formula is computed as a program in that precision would, each operation rounded, sums one by one; its errors are
compared with those of the answer. A sum has many orders, so that they need not be equal; they are taken for the same
where they have nearly one direction and size.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from time import process_time
from typing import Any

import numpy as np

from ffn.admissible.formula.arithmetic import nearest
from ffn.admissible.formula.enclosures.midrad import MidRad
from ffn.admissible.formula.evaluation import Question
from ffn.admissible.formula.membership.judgement import Judgement
from ffn.admissible.formula.operations.extrema import axes_of
from ffn.admissible.formula.operations.forms import Namespace
from ffn.admissible.formula.operations.values import Value
from ffn.numbers.precision import Precision, precision

ALIKE = 0.9  # the cosine of the angle between two arrays of errors that are called the same
TERMS = 2048  # of a sum that is added one by one


class Emulated(Namespace):
    """A namespace of floating-point numbers: enclosures without a radius, rounded after each operation.

    Args:
        compute: the precision of the operations.
        accumulate: that of sums and matrix products.
    """

    def __init__(self, compute: Precision, accumulate: Precision, record: bool) -> None:
        super().__init__(MidRad, None, record)
        self.compute, self.accumulate = compute, accumulate

    def result(self, name: str, x: Any, parents: Any = (), *rest: Any, **options: Any) -> Value:
        rounded = MidRad.exactly(nearest(x.m, self.compute))
        return Value(self, rounded, parents=parents)

    def sum(self, a: Any, axis: Any = None, keepdims: bool = False) -> Value:
        plain, values = super().sum(a, axis, keepdims), self.number(a).x.m
        axes = axes_of(axis, values.ndim)
        kept = [n for i, n in enumerate(values.shape) if i not in axes]
        terms = np.moveaxis(values, axes, range(len(axes))).reshape(-1, *kept)
        return self._one_by_one(plain, terms) if len(terms) <= TERMS else plain

    def matmul(self, a: Any, b: Any) -> Value:
        plain, p, q = super().matmul(a, b), self.number(a).x.m, self.number(b).x.m
        if p.ndim < 2 or q.ndim < 2 or p.shape[-1] > TERMS:
            return plain
        return self._one_by_one(plain, (p[..., :, i, None] * q[..., i, None, :] for i in range(p.shape[-1])))

    def _one_by_one(self, plain: Value, terms: Iterable[Any]) -> Value:
        total: Any = np.zeros(())
        for term in terms:
            total = nearest(total + term, self.accumulate)
        rounded = nearest(total, self.compute).reshape(plain.shape)
        return Value(self, MidRad.exactly(rounded), parents=plain.parents)


def narrower(judgement: Judgement, question: Question, deadline: float) -> Iterator[str]:
    """The precision whose errors are those of the answer, in words; the widest where several are alike."""
    if question.arithmetic.storage.bits == 53:
        return
    for text, compute, accumulate, arrays in _precisions(question):
        if process_time() > deadline:
            yield "narrower precisions were not all tried"
            return
        values = question.at(arrays).evaluate(Emulated(compute, accumulate, question.cotangents is not None))
        if _same_errors(judgement, values):
            yield f"{text} gives the same errors"
            return


def _same_errors(judgement: Judgement, values: list[Value]) -> bool:
    pairs = []
    if not all(np.isfinite(compared.computed[compared.known]).all() for compared in judgement.arrays):
        return False
    for compared, value in zip(judgement.arrays, values, strict=True):
        there = compared.decided & np.isfinite(compared.computed) & np.isfinite(value.x.m)
        width = np.maximum(compared.high - compared.low, 1e-300)[there]  # each error in units of what is admissible
        true = compared.part.middle[there]
        pairs.append(((compared.computed[there] - true) / width, (value.x.m[there] - true) / width))
    ours, theirs = (np.concatenate([pair[i] for pair in pairs]) for i in (0, 1))
    sizes = math.sqrt(float(ours @ ours)), math.sqrt(float(theirs @ theirs))
    if ours.size < 8 or not all(0 < size < math.inf for size in sizes):
        return False
    return float(ours @ theirs) > ALIKE * sizes[0] * sizes[1] and 0.5 < sizes[0] / sizes[1] < 2


def _precisions(question: Question) -> Iterator[tuple[str, Precision, Precision, Any]]:
    model, arrays = question.arithmetic, question.arrays
    for name in ("float32", "float16", "bfloat16"):
        other = precision(name)
        if other.bits < model.accumulate.bits:
            yield f"accumulating sums in {name}", model.compute, other, arrays
        if other.bits < model.compute.bits:
            yield f"computing in {name}", other, other, arrays
    for name, bits in (("TF32", 11), ("bfloat16", 8)):
        if bits < model.storage.bits:
            other = precision("float32").with_bits(bits)
            rounded = tuple(
                nearest(array.astype(np.float64), other).astype(array.dtype) if array.dtype.kind == "f" else array
                for array in arrays
            )
            yield f"rounding the arguments to {name}", model.compute, model.accumulate, rounded
