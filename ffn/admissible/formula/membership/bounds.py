"""The bounds of arrays that a formula has in an arithmetic, rounded to the precision of the answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ffn.admissible.formula.arithmetic import Arithmetic, binade, nearest
from ffn.admissible.formula.evaluation import BITS, Question
from ffn.admissible.formula.membership.judgement import Part
from ffn.admissible.formula.operations.values import Enclosure, Value
from ffn.numbers.ball import working_precision
from ffn.numbers.precision import Precision, precision


def parts_of(question: Question, values: Sequence[Value]) -> tuple[Part, ...]:
    """The bounds of arrays that a formula has in the question's arithmetic."""
    names = question.names() or (["output"] if len(values) == 1 else [f"output {i}" for i in range(len(values))])
    returned = question.returned(len(values))
    with working_precision(BITS), np.errstate(all="ignore"):
        return tuple(
            part(name, value, question.arithmetic, precision(dtype))
            for name, value, dtype in zip(names, values, returned, strict=True)
        )


def part(name: str, value: Value, model: Arithmetic, returned: Precision) -> Part:
    """RN(lo) ≤ computed ≤ RN(hi), for rounding to nearest is monotone: of the exact result of the last operation
    where that is rounded once, and of all that a wider program computes; otherwise what was rounded already.

    An answer in a wider precision than the arrays' is what was computed; one in a narrower precision is that, rounded
    to theirs before or not.
    """
    x: Enclosure = value.x
    inner = (x.lower(), x.upper())
    if value.raw is not None and model.nearest:
        low, high = _nearest(value.raw[0].widened(value.raw[1]), model)
    elif model.ends_in_storage:
        low, high = inner
    elif model.nearest:
        low, high = _nearest(x, model)
    else:
        low, high = _rounded(*inner, model.storage, nearest_alone=False)
    if returned.bits != model.storage.bits or returned.largest != model.storage.largest:
        wider = returned.bits > model.storage.bits and returned.largest >= model.storage.largest
        low, high = inner if wider else (np.minimum(low, inner[0]), np.maximum(high, inner[1]))
        if returned.bits < 53:
            low, high = _rounded(low, high, returned, model.nearest)
    return Part(name, *_range(low, high, returned), x.middle(), inner, returned)


def _rounded(low: Any, high: Any, format: Precision, nearest_alone: bool) -> tuple[Any, Any]:
    if nearest_alone:
        return nearest(low, format), nearest(high, format)
    return low - _ulp(low, format), high + _ulp(high, format)


def _nearest(x: Enclosure, model: Arithmetic) -> tuple[Any, Any]:
    if model.storage.bits == 53:
        return x.nearest_bounds()  # type: ignore[no-any-return]
    return nearest(x.lower(), model.storage), nearest(x.upper(), model.storage)


def _ulp(x: Any, storage: Precision) -> Any:
    return 2 * storage.unit_roundoff * binade(x) + 2 * storage.underflow


def _range(low: Any, high: Any, storage: Precision) -> tuple[Any, Any]:
    """A result below the normal numbers may be flushed to 0; beyond the largest number nothing is known."""
    if storage.flushed:
        low = np.where(np.abs(low) < storage.underflow, np.minimum(low, 0), low)
        high = np.where(np.abs(high) < storage.underflow, np.maximum(high, 0), high)
    same = low == high  # an infinity that is meant
    known = same | ((np.abs(low) <= storage.largest) & (np.abs(high) <= storage.largest))
    return np.where(known, low, -np.inf), np.where(known, high, np.inf)
