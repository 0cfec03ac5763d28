"""The set of a formula: bounds for every entry, and membership."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ffn.admissible.examination import NotJudged
from ffn.admissible.formula.evaluation import BITS, Question
from ffn.admissible.formula.meanvalue import PAYS, radii
from ffn.admissible.formula.meanvalue.intermediates import Narrowing, Truths
from ffn.admissible.formula.membership.bounds import part as part_of
from ffn.admissible.formula.membership.bounds import parts_of
from ffn.admissible.formula.membership.judgement import Judgement, Part, compared
from ffn.admissible.formula.membership.ties import with_sums
from ffn.admissible.formula.operations.backward.adjoints import ordered
from ffn.admissible.formula.operations.backward.ties import Shared
from ffn.admissible.formula.operations.forms import Namespace
from ffn.admissible.formula.operations.values import Mask, Value, enclosures
from ffn.admissible.formula.taken import taken
from ffn.numbers.ball import working_precision
from ffn.numbers.precision import dtype_of

LARGE = 2**18  # entries of the arguments beyond which the mean-value form is for chosen outputs alone
SMALL = 2**15  # and that of the sums on the way
VISITS = {True: 1e7, False: 1e5}  # entries visited for it, in float64's own precision through arb
GROWN, MANY = 2.0**10, 200  # units roundoff lost, and operations at most, for sums on the way to be narrowed too
WIDE = 1e-3  # relative width of a set from which its middle may not be the true value
LAST = 10  # times as many entries visited after that as for each of the sums
CHOSEN = 64  # times as many, where the outputs were chosen


@dataclass(frozen=True, eq=False, repr=False)
class FormulaSet:
    """Every answer that a correct program may return. ``kernel(x) in admitted`` is how a test reads.

    Attributes:
        question: the formula, its arguments and the arithmetic.
        parts: the bounds of each array of the answer.
        alternatives: the sets of other algorithms for the same function; a whole answer lies in one of them.
        shared: of a gradient the entries that share a cotangent, and the bounds of their sums.
    """

    question: Question
    parts: tuple[Part, ...]
    alternatives: tuple[FormulaSet, ...] = ()
    shared: Shared | None = None

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
        listed = zip(_listed(computed, len(self.parts)), self.parts, strict=True)
        arrays = [_weakly(array, part) for array, part in listed]
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
        text = "; ".join(f"{part.name} {part.low.shape}{part.left_out}" for part in self.parts)
        return f"FormulaSet({self.question.arithmetic.storage.name}: {text})"


def _listed(computed: Any, count: int) -> list[Any]:
    arrays = list(computed) if isinstance(computed, (tuple, list)) and (count > 1 or len(computed) == 1) else [computed]
    if len(arrays) != count:
        raise ValueError(f"computed is {len(arrays)} arrays, not {count}")
    return arrays


def _weakly(array: Any, part: Part) -> Any:
    """The array; a number of Python's has no precision, and is taken in that of the answer where it is one there."""
    if isinstance(array, (int, float)) and not isinstance(array, (bool, np.generic)):
        held = np.asarray(array).astype(dtype_of(part.returned.name))
        return held if float(held) == array else np.asarray(float(array))
    return taken(array)


def _judge(admitted: FormulaSet, arrays: Sequence[Any]) -> Judgement:
    shapes, expected = [array.shape for array in arrays], [part.low.shape for part in admitted.parts]
    if shapes != expected:
        raise ValueError(f"computed has shapes {shapes}, not {expected}")
    model = admitted.question.arithmetic
    with np.errstate(all="ignore"):
        beside = [compared(part, array, model.storage) for part, array in zip(admitted.parts, arrays, strict=True)]
        return Judgement(admitted, *with_sums(beside, admitted.shared, model))


def admissible_set(question: Question, outputs: Any = None) -> FormulaSet:
    """The set, narrowed by the mean-value form over the roundings where that pays.

    Args:
        outputs: which of them are judged, as ``value`` takes it.
    """
    size = sum(array.size for array in question.arrays)
    xp = question.namespace(question.arithmetic, record=size <= LARGE or outputs is not None)
    values = question.evaluate(xp)
    admitted = replace(bounded(question, values), shared=xp.shared)
    asked = chosen(outputs, [part.low.shape for part in admitted.parts])
    if xp.record:
        visits = VISITS[question.arithmetic.storage.bits < 53]
        most = visits * (1 if outputs is None else CHOSEN)
        parts = _narrowed(question, xp, values, admitted.parts, asked, most)
        worth = (size <= SMALL or outputs is not None) and len(ordered(values)) <= MANY
        if worth and _grown(question, parts, asked):
            parts = _from_intermediates(question, parts, asked, visits * (1 if outputs is None else 4))
        admitted = replace(admitted, parts=parts)
    if any((np.diff(part.inner, axis=0)[0] > WIDE * np.abs(part.middle)).any() for part in admitted.parts):
        truth = bounded(question, question.without_rounding()).parts
        pairs = zip(admitted.parts, truth, strict=True)
        admitted = replace(admitted, parts=tuple(replace(part, middle=true.middle) for part, true in pairs))
    if outputs is None:
        return admitted
    only = [part.only(mask) for part, mask in zip(admitted.parts, asked, strict=True)]
    return replace(admitted, parts=tuple(only))


def _from_intermediates(
    question: Question, parts: Sequence[Part], asked: Sequence[Mask], most: float
) -> tuple[Part, ...]:
    """Narrowed once more, from sums on the way that are narrowed themselves."""
    truths = Truths(enclosures(question.arithmetic.storage.name))
    question.evaluate(truths)
    xp = Narrowing(truths.kind, question.arithmetic, truths.kept, most)
    values = question.evaluate(xp)
    again = bounded(question, values).parts
    both = [part.within(other) for part, other in zip(parts, again, strict=True)]
    return _narrowed(question, xp, values, both, asked, LAST * most)


def _grown(question: Question, parts: Sequence[Part], asked: Sequence[Mask]) -> bool:
    """Whether half of the entries of an array have lost more than ``GROWN`` units roundoff."""
    most = 2 * GROWN * question.arithmetic.compute.unit_roundoff
    with np.errstate(all="ignore"):
        widths = [((part.high - part.low) / np.abs(part.middle))[mask] for part, mask in zip(parts, asked, strict=True)]
    return any(width.size and not np.median(width) <= most for width in widths)


def chosen(outputs: Any, shapes: Sequence[tuple[int, ...]]) -> list[Mask]:
    """Masks of the entries that are judged.

    Raises:
        ValueError, IndexError: where ``outputs`` fits none of the arrays.
    """
    if outputs is None:
        return [np.ones(shape, dtype=bool) for shape in shapes]
    if isinstance(outputs, (int, np.integer)) and not isinstance(outputs, bool):
        if outputs < 1:
            raise ValueError(f"outputs is a number from 1, an index or a mask, not {outputs}")
        return [_drawn(int(outputs), shape) for shape in shapes]
    each = outputs if len(shapes) > 1 else [outputs]
    if not isinstance(each, (list, tuple)) or len(each) != len(shapes):
        raise ValueError(f"outputs is a number, or a list of an index or a mask for each of {len(shapes)} arrays")
    masks = []
    for index, shape in zip(each, shapes, strict=True):
        mask = np.zeros(shape, dtype=bool)
        mask[... if index is None else index] = True
        masks.append(mask)
    return masks


def _drawn(count: int, shape: tuple[int, ...]) -> Mask:
    """So many entries at random, the same ones each time."""
    mask = np.zeros(shape, dtype=bool)
    mask.ravel()[np.random.default_rng(0).choice(mask.size, min(count, mask.size), replace=False)] = True
    return mask


def _narrowed(
    question: Question,
    xp: Namespace,
    values: Sequence[Value],
    parts: Sequence[Part],
    asked: Sequence[Mask],
    most: float,
) -> tuple[Part, ...]:
    """Bounds that hold by the mean value theorem as well; never where an entry is not bounded without it."""
    truth, found = None, []
    with working_precision(BITS), np.errstate(all="ignore"):
        for value, part, mask in zip(values, parts, asked, strict=True):
            width = part.high - part.low
            wanted = mask & (width > 0) & (width < np.inf)
            moved = radii(xp, value, wanted, most, PAYS if mask.all() else 1) if wanted.any() else None
            if moved is None:
                found.append(part)
                continue
            truth = truth or dict(zip(map(id, values), question.without_rounding(), strict=True))
            x, error = truth[id(value)].x, 0.0 if value.error is None else value.error
            raw = (x, moved + value.raw[1]) if value.raw is not None and value.error is not None else None
            other = part_of(part.name, Value(xp, x.widened(moved + error), raw=raw), question.arithmetic, part.returned)
            found.append(part.within(other))
    return tuple(found)


def bounded(question: Question, values: Sequence[Value]) -> FormulaSet:
    """The set of arrays that a formula has in the question's arithmetic."""
    return FormulaSet(question, parts_of(question, values))
