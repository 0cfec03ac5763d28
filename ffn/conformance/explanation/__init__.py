"""One sentence on why an answer is wrong, or none: what it is in place of what was asked for, or where it is off.

There are two kinds of sentence. A *name* (2 times what is admissible; the answer with a bias left out) is a set that
admits every judged coordinate of the answer, by membership and without a tolerance. It may do so by chance, so the name
is given only where

- at least two coordinates with different numbers (of a single number that one) tell: the error is far larger than the
  radius of that set;
- it fits every answer that is given: of one case before it was shrunk, say, which tells more, and after;
- nothing else fits as well, but what claims the same and more. Of rivals that are one multiple the number is said and
  its meaning is not, as that is true whatever the cause; among other rivals none is chosen.

Where nothing is rounded a name is what reproduces the answer bit for bit, a narrower sum or a missing tile, say.

A *pattern* (outside in rows 64 to 66 alone) says which coordinates are outside and no more, so it needs no proof.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ffn.cases.case import ActivationCase, Case
from ffn.conformance.explanation.answer import Answer, Balls, Hypothesis
from ffn.conformance.explanation.multiples import multiples, orders
from ffn.conformance.explanation.patterns import pattern
from ffn.conformance.explanation.points import PointAnswer, probes, reproduced
from ffn.conformance.explanation.related import related
from ffn.numbers.ball import working_precision

TELLING = 64  # how many times the radius of a set the error has to be, squared for a single number
MOST_COORDINATES = 1024  # of more, some thirty sets take longer than a reader waits
FEW_COORDINATES = 128  # of an exact case, whose answer is looked at in other ways before

__all__ = ["Answer", "PointAnswer", "explained", "explained_exactly"]


def explained(*answers: Answer) -> str:
    """A sentence that is true of all answers to one law by one implementation; "" where there is none.

    Give the case before shrinking, then the shrunk one: what is named fits both, and what is outside is described on
    the last, which a reader sees.
    """
    largest = max(answers, key=lambda answer: answer.values.size)
    if not all(answer.outside.any() for answer in answers):
        return ""
    with working_precision(largest.xp.bits):
        return (_name(answers) if largest.values.size <= MOST_COORDINATES else "") or pattern(answers[-1])


def explained_exactly(name: str, case: Case, answer: Callable[[str, Case], Any]) -> str:
    """A sentence on an answer where one alone is right: what gives it, or where it is off.

    Args:
        name: forward or gradient.
        case: the shrunk case.
        answer: asks the implementation, of this case and of ``probes``.
    """
    last = PointAnswer(name, case, answer(name, case))
    if not last.outside.any():
        return ""
    for cases in probes(name, case.dtype):
        told = (PointAnswer(name, probe, answer(name, probe)) for probe in cases)
        if wrong := [each for each in told if each.outside.any()]:
            break
    return reproduced([*wrong, last]) or _by_sets([last]) or pattern(last)


def _by_sets(answers: Sequence[PointAnswer]) -> str:
    """A name, for a slip that is larger than rounding and that small cases show."""
    small = [answer for answer in answers if answer.values.size <= FEW_COORDINATES]
    sets = [Answer(answer.name, answer.case, answer.computed) for answer in small]
    if not sets or not all(answer.outside.any() for answer in sets):
        return ""
    with working_precision(sets[0].xp.bits):
        return _name(sets)


def _name(answers: Sequence[Answer]) -> str:
    fitting = _fitting(answers)
    chosen = {group[0].sentence for group in fitting}
    if len(fitting) > 1:
        numbers = {_without_layer(hypothesis.plain, answers[0]) for group in fitting for hypothesis in group} - {""}
        chosen = {group[0].plain for group in fitting} - {""} if len(numbers) == 1 else numbers
    return chosen.pop().removesuffix(".") + _at(answers) if len(chosen) == 1 else ""


def _at(answers: Sequence[Answer]) -> str:
    """How far a name of a function was tried, as beyond it may be another one."""
    z = _places(answers)
    return f", at z from {z.min():.6g} to {z.max():.6g}." if z.size else "."


def _places(answers: Sequence[Answer]) -> npt.NDArray[np.float64]:
    """All z that are judged; none where the case is no activation's."""
    pairs = [(answer.case.z.ravel(), answer.judged) for answer in answers if isinstance(answer.case, ActivationCase)]
    return np.unique(np.concatenate([np.empty(0), *(z[judged].astype(np.float64) for z, judged in pairs)]))


def _fitting(answers: Sequence[Answer]) -> list[list[Hypothesis]]:
    """What fits every answer, once for each, without what claims more than another that fits."""
    tables = [{_alike(each.sentence): each for each in _hypotheses(answer)} for answer in answers]
    pairs = list(zip(tables, answers, strict=True))
    groups = (
        [found for table, answer in pairs if (found := _said(sentence, answers[0], table, answer))]
        for sentence in tables[0]
    )
    fitting = [group for group in groups if len(group) == len(tables) and _fits(answers, group)]
    return [group for group in fitting if not any(other[0].claims < group[0].claims for other in fitting)]


def _said(sentence: str, first: Answer, table: dict[str, Hypothesis], answer: Answer) -> Hypothesis | None:
    """What says the same in another answer's table."""
    of_one_layer = isinstance(answer.case, Case) and len(answer.case.parameters) == 1
    return table.get(sentence) or (table.get(_without_layer(sentence, first)) if of_one_layer else None)


def _without_layer(sentence: str, answer: Answer) -> str:
    """The sentence as it is of a network of one layer, which is the first and the last."""
    if not isinstance(answer.case, Case):
        return sentence
    ends = f"(0|{len(answer.case.parameters) - 1})"
    return re.sub(rf" in layer {ends} alone|(?<= )layer {ends}, ", "", sentence)


def _alike(sentence: str) -> str:
    """The sentence as it is of a network of one layer, where every b is one."""
    return sentence.replace(" every b", " b").replace(" every W", " W")


def _hypotheses(answer: Answer) -> Iterator[Hypothesis]:
    yield from multiples(answer)
    yield from orders(answer)
    yield from related(answer)


def _fits(answers: Sequence[Answer], group: Sequence[Hypothesis]) -> bool:
    telling: set[tuple[float, float]] = set()
    for answer, hypothesis in zip(answers, group, strict=True):
        balls = hypothesis.balls()
        if not answer.admitted_by(balls):
            return False
        telling |= set(_telling(answer, balls))
    z = _places(answers)  # a function is told by both of its sides
    one_sided = z.size and min(np.count_nonzero(z > 0), np.count_nonzero(z < 0)) < 2
    return not one_sided and len(telling) >= min(2, max(answer.values.size for answer in answers))


def _telling(answer: Answer, balls: Balls) -> Iterator[tuple[float, float]]:
    """What was computed and what is admissible where a set admits the answer and hardly by chance."""
    off = zip(balls[answer.outside], answer.truth[answer.outside], answer.values[answer.outside], strict=True)
    needed = TELLING if len(answer.values) > 1 else TELLING**2
    for ball, true, value in off:
        if needed * ball.rad() < abs(true.mid() - value):
            yield float(value), float(true.mid())
