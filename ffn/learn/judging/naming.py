"""Naming a wrong answer: by the one misconception whose every answer it gives, or by none.

A misconception has an admissible set of its own, what a program that has it may return in that precision. An answer
bears its name when on every example it lies in that set, or fails where such a program fails, and on some it lies
outside the true set. Where two would do, that one is named which returns the very same floats; where both do, or none,
neither is: none is better than a false one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ffn.admissible import AdmissibleSet
from ffn.cases.case import flat
from ffn.learn.exercise import Behaviour, Misconception
from ffn.learn.judging import sets
from ffn.learn.judging.sets import Judged, Rule
from ffn.learn.judging.submission import Answer

WIDE = 2.0**-8  # of its middle: a set with a larger radius may hold what another idea gives,
MANY = 16  # where it is also so many times as wide as the right one


@dataclass(frozen=True)
class Example:
    """An example that was tried.

    Attributes:
        case: its arguments.
        answer: what came of it.
        names: where each array of the right answer stands.
        shapes: of each.
        fails: whether the law rejects it.
    """

    case: Judged
    answer: Answer
    names: Any
    shapes: Any
    fails: bool


Truth = Callable[[Judged, Any], AdmissibleSet]  # (case, names) → the right answers
Again = Callable[[Judged, Any, Any], Answer]  # (case, names, shapes) → the answer in other shapes than those asked


def named(
    misconceptions: Sequence[Misconception], examples: Sequence[Example], again: Again, truth: Truth | None = None
) -> tuple[Misconception | None, int]:
    """The misconception that agrees, and how many of the examples are wrong.

    Args:
        misconceptions: those of the exercise.
        examples: every one that was tried, in the same precision.
        again: asks once more, for an answer of other shapes.
        truth: the set of right answers; left out where wide sets are meant, as between the slopes at a kink.
    """
    rules = [
        (each, rule) for each in misconceptions if not isinstance(each, Behaviour) for rule in (each.rule, *each.also)
    ]
    found = [
        (each, rule, count) for each, rule in rules if (count := _agreement(rule, each.exactly, truth, examples, again))
    ]
    if len({each.name for each, _, _ in found}) > 1:  # where digits are lost sets are wide: one may hold another
        found = [each for each in found if all(_to_the_bit(each[1], example) for example in examples)]
    names = {each.name for each, _, _ in found}
    return (found[0][0], found[0][2]) if len(names) == 1 else (None, 0)


def _agreement(rule: Rule, exactly: bool, truth: Truth | None, examples: Sequence[Example], again: Again) -> int:
    """How many of the examples fail, where a rule agrees on all of them; else 0."""
    count = 0
    for example in examples:
        if not _agrees(rule, exactly, truth, example, again):
            return 0
        count += example.fails and not example.answer.failure
    # A program that raises everywhere has shown nothing of what it computes, but in the shape of what it returns.
    shaped = any(" returned shape " in example.answer.failure for example in examples)
    return sum(example.fails for example in examples) if count or shaped else 0


def _agrees(rule: Rule, exactly: bool, truth: Truth | None, example: Example, again: Again) -> bool:
    try:
        expected = sets.floats(rule, example.case)
    except (ValueError, IndexError, TypeError, ZeroDivisionError):  # such a program would raise too
        return bool(example.answer.failure) and " raised " in example.answer.failure
    answer = example.answer
    shapes = [array.shape for array in flat(expected)]
    if shapes != _shapes(example):
        if " returned shape " not in answer.failure or len(shapes) != len(flat(example.names)):
            return False
        answer = again(example.case, example.names, _nested(example.names, shapes))
    if answer.value is None:
        return False
    if truth is not None and not _same_where_wide(rule, truth, example, answer.value, expected):
        return False
    if exactly:
        return _equal(sets.fractions(rule, example.case), answer.value)
    return _inside(sets.admitted(rule, example.case, example.names, meant=True), answer.value, expected)


def _same_where_wide(rule: Rule, truth: Truth, example: Example, value: Any, expected: Any) -> bool:
    """Whether an answer has the very same floats where the rule's set is wide, and would hold the truth too."""
    theirs = sets.admitted(rule, example.case, example.names, meant=True).parts
    right = truth(example.case, example.names).parts
    for (_, balls), (_, narrow), computed, wanted in zip(theirs, right, flat(value), flat(expected), strict=True):
        if balls.shape == narrow.shape:
            loose = _relative(balls) > np.maximum(WIDE, _relative(narrow) * MANY)
            if not np.array_equal(np.asarray(computed)[loose], np.asarray(wanted)[loose], equal_nan=True):
                return False
    return True


def _relative(balls: Any) -> Any:
    """The radius of each ball, relative to its middle."""
    found = [float(ball.rad()) / abs(float(ball.mid())) if ball.mid() != 0 else np.inf for ball in balls.ravel()]
    return np.array(found).reshape(balls.shape)


def _to_the_bit(rule: Rule, example: Example) -> bool:
    """Whether a program of the rule returns the very same floats."""
    if example.answer.value is None:
        return False
    expected = flat(sets.floats(rule, example.case))
    return all(
        np.array_equal(one, other, equal_nan=True)
        for one, other in zip(expected, flat(example.answer.value), strict=True)
    )


def _shapes(example: Example) -> list[tuple[int, ...]]:
    found: list[tuple[int, ...]] = []

    def collect(names: Any, shapes: Any) -> None:
        if isinstance(names, str):
            found.append(shapes)
        else:
            for name, shape in zip(names, shapes, strict=True):
                collect(name, shape)

    collect(example.names, example.shapes)
    return found


def _nested(names: Any, shapes: Sequence[tuple[int, ...]]) -> Any:
    left = iter(shapes)

    def place(name: Any) -> Any:
        return next(left) if isinstance(name, str) else tuple(place(each) for each in name)

    return place(names)


def _equal(expected: Any, value: Any) -> bool:
    return all(np.array_equal(one, other) for one, other in zip(flat(expected), flat(value), strict=True))


def _inside(admitted: AdmissibleSet, value: Any, expected: Any) -> bool:
    """Whether every coordinate lies in the set or, where overflow leaves no set, is what such a program computes."""
    examination = admitted.examine(value)
    if examination.outside is None:
        return not examination.not_judged or _same_where_lost(admitted, value, expected)
    return False


def _same_where_lost(admitted: AdmissibleSet, value: Any, expected: Any) -> bool:
    largest = admitted.precision.largest
    for (_, balls), computed, wanted in zip(admitted.parts, flat(value), flat(expected), strict=True):
        lost = np.array([not abs(ball) <= largest for ball in balls.ravel()], dtype=bool).reshape(balls.shape)
        if not np.array_equal(np.asarray(computed)[lost], np.asarray(wanted)[lost], equal_nan=True):
            return False
    return True
