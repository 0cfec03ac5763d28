"""The set of a formula: bounds for every entry, and membership."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ffn.admissible.examination import NotJudged
from ffn.admissible.formula.arithmetic import Arithmetic, binade, nearest
from ffn.admissible.formula.evaluation import BITS, Question
from ffn.admissible.formula.judgement import Judgement, Part, judged
from ffn.admissible.formula.operations.adjoints import rounding_shares
from ffn.admissible.formula.operations.values import Enclosure, Value
from ffn.admissible.formula.taken import taken
from ffn.numbers.ball import working_precision
from ffn.numbers.precision import Precision

FEW = 8  # entries of which each is worth a reverse pass of its own


@dataclass(frozen=True, eq=False, repr=False)
class FormulaSet:
    """Every answer that a correct program may return. ``kernel(x) in admitted`` is how a test reads.

    Attributes:
        question: the formula, its arguments and the arithmetic.
        parts: the bounds of each array of the answer.
        alternatives: the sets of other algorithms for the same function; a whole answer lies in one of them.
    """

    question: Question
    parts: tuple[Part, ...]
    alternatives: tuple[FormulaSet, ...] = ()

    def __contains__(self, computed: Any) -> bool:
        """Whether every entry is in its set.

        Raises:
            NotJudged: when none is outside, and one is not bounded, or zeros would pass for a whole array too.
            ValueError: when shapes do not match.
        """
        judgement = self.judge(computed)
        if not judgement.outside and judgement.unjudged:
            raise NotJudged(judgement.unjudged)
        return not judgement.outside

    def judge(self, computed: Any) -> Judgement:
        """What the comparison shows: by another algorithm where that admits the whole answer."""
        arrays = [taken(array) for array in _listed(computed, len(self.parts))]
        found = _judge(self, arrays)
        others = (_judge(each, arrays) for each in self.alternatives if found.outside)
        return next((other for other in others if not other.outside), found)

    def explain(self, computed: Any) -> str:
        """The judgement in words, and, where something is outside, what that looks like."""
        from ffn.admissible.formula.explanation import explained

        return explained(self.judge(computed))

    # bounds of the entries, of a set of one array

    @property
    def lower(self) -> Any:
        return self._single().low[()]

    @property
    def upper(self) -> Any:
        return self._single().high[()]

    @property
    def middle(self) -> Any:
        """The true values, nearest in float64."""
        return self._single().middle[()]

    @property
    def shape(self) -> Any:
        shapes = tuple(part.low.shape for part in self.parts)
        return shapes[0] if len(shapes) == 1 else shapes

    def _single(self) -> Part:
        if len(self.parts) > 1:
            raise IndexError(f"several arrays, {', '.join(part.name for part in self.parts)}: take one of .parts")
        return self.parts[0]

    def __repr__(self) -> str:
        text = "; ".join(f"{part.name} {part.low.shape}" for part in self.parts)
        return f"FormulaSet({self.question.arithmetic.storage.name}: {text})"


def _listed(computed: Any, count: int) -> list[Any]:
    arrays = list(computed) if isinstance(computed, (tuple, list)) and (count > 1 or len(computed) == 1) else [computed]
    if len(arrays) != count:
        raise ValueError(f"computed is {len(arrays)} arrays, not {count}")
    return arrays


def _judge(admitted: FormulaSet, arrays: Sequence[Any]) -> Judgement:
    shapes, expected = [array.shape for array in arrays], [part.low.shape for part in admitted.parts]
    if shapes != expected:
        raise ValueError(f"computed has shapes {shapes}, not {expected}")
    return judged(admitted, arrays)


def admissible_set(question: Question) -> FormulaSet:
    """The set; of a few entries, such as a loss, each by the mean-value form over the roundings as well."""
    xp = question.namespace(question.arithmetic)
    values = question.evaluate(xp)
    admitted = bounded(question, values)
    if question.cotangents is not None or sum(value.size for value in values) > FEW:
        return admitted
    return replace(admitted, parts=_refined(question, admitted.parts))


def _refined(question: Question, parts: Sequence[Part]) -> tuple[Part, ...]:
    """Bounds that hold by the mean value theorem as well: everything within Σ sup |∂out/∂e| ρ of the true value."""
    xp = question.namespace(question.arithmetic, record=True, pivots=True)
    outputs, truth = question.evaluate(xp), question.without_rounding()
    if xp.branched:
        return tuple(parts)
    found = []
    with working_precision(BITS), np.errstate(all="ignore"):
        for i, part in enumerate(parts):
            moved = np.zeros(part.low.shape)
            for index in np.ndindex(part.low.shape):
                moved[index] = sum(share for share, _ in rounding_shares(xp, outputs, i, index))
            x = truth[i].x.widened(np.where(np.isfinite(moved), moved, np.inf))
            other = _part(part.name, Value(xp, x), question.arithmetic)
            low, high = np.maximum(part.low, other.low), np.minimum(part.high, other.high)
            inner = (np.maximum(part.inner[0], other.inner[0]), np.minimum(part.inner[1], other.inner[1]))
            found.append(replace(part, low=low, high=high, inner=inner))
    return tuple(found)


def bounded(question: Question, values: Sequence[Value]) -> FormulaSet:
    """The set of arrays that a formula has in the question's arithmetic."""
    names = question.names() or (["output"] if len(values) == 1 else [f"output {i}" for i in range(len(values))])
    with working_precision(BITS), np.errstate(all="ignore"):
        parts = [_part(name, value, question.arithmetic) for name, value in zip(names, values, strict=True)]
    return FormulaSet(question, tuple(parts))


def _part(name: str, value: Value, model: Arithmetic) -> Part:
    """RN(lo) ≤ computed ≤ RN(hi), for rounding to nearest is monotone: of the exact result of the last operation
    where that is rounded once, and of all that a wider program computes; otherwise what was rounded already."""
    x: Enclosure = value.x
    inner = (x.lower(), x.upper())
    if value.raw is not None and model.nearest:
        low, high = _nearest(value.raw[0].widened(value.raw[1]), model)
    elif model.ends_in_storage:
        low, high = inner
    elif model.nearest:
        low, high = _nearest(x, model)
    else:
        low, high = inner[0] - _ulp(inner[0], model.storage), inner[1] + _ulp(inner[1], model.storage)
    return Part(name, *_range(low, high, model.storage), x.middle(), inner)


def _nearest(x: Enclosure, model: Arithmetic) -> tuple[Any, Any]:
    if model.storage.bits == 53:
        return x.nearest_bounds()  # type: ignore[no-any-return]
    return nearest(x.lower(), model.storage), nearest(x.upper(), model.storage)


def _ulp(x: Any, storage: Precision) -> Any:
    return 2 * storage.unit_roundoff * binade(x) + 2 * storage.underflow


def _range(low: Any, high: Any, storage: Precision) -> tuple[Any, Any]:
    """A result below the normal numbers may be flushed to 0; beyond the largest number nothing is known."""
    if storage.flushed:
        low = np.where((low > 0) & (low < storage.underflow), 0, low)
        high = np.where((high < 0) & (high > -storage.underflow), 0, high)
    same = low == high  # an infinity that is meant
    known = same | ((np.abs(low) <= storage.largest) & (np.abs(high) <= storage.largest))
    return np.where(known, low, -np.inf), np.where(known, high, np.inf)
