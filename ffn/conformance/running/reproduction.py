"""Whether a failure is that of a function: the same arguments give the same answer, whatever was called before.

An implementation that answers at random, or that remembers, is told that before any law is blamed. What it remembers is
shown as the calls that lead there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ffn.cases.case import Arguments, flat
from ffn.conformance.implementation.errors import Died, ImplementationError
from ffn.conformance.implementation.sequence import of_calls
from ffn.conformance.implementation.subject import Subject
from ffn.conformance.verdict import Judgement, Verdict

REPEATS = 10  # calls of one answer; a fault in one call of five is missed in one run of ten
REPEATS_OF_FLAKY = 100  # where a case failed once and held once: a fault in one call of twenty is missed in one of 170
LONGEST = 256  # calls before the failing one that are played again: at most 20 times, each after a restart

Call = tuple[str, Arguments]  # what is asked for, and of which case


def as_a_function(subject: Subject, case: Arguments, judgement: Judgement, flaky: bool) -> tuple[Judgement, Any] | None:
    """What is to be said in place of a failing judgement, and its counterexample, where the answer is no function.

    Args:
        subject: the implementation.
        case: the failing case.
        judgement: what the law said of it.
        flaky: whether the case was also seen to hold.
    """
    found = None
    for name in judgement.answers:
        try:
            found = found or _of_one_answer(subject, name, case, REPEATS_OF_FLAKY if flaky else REPEATS)
        except Died:
            raise
        except ImplementationError:
            continue  # it is judged as what it is, an error
    if flaky and not found:
        message = f"not reproducible: the same arguments failed once and held once; it failed with {judgement.message}"
        found = message, case
    if not found:
        return None
    # A law about just this has found what it is about; any other law, of numbers or of how arrays lie, found nothing
    # that it could speak of.
    verdict = Verdict.ERROR if judgement.enclosed or judgement.shown else judgement.verdict
    return replace(judgement, verdict=verdict, message=found[0], enclosed=False, shown=None), found[1]


def _of_one_answer(subject: Subject, name: str, case: Arguments, repeats: int) -> tuple[str, Any] | None:
    before = tuple(subject.history)[-LONGEST:]
    answers = [subject.answer(name, case) for _ in range(repeats)]
    differing = [answer for answer in answers if not same(answer, answers[0])]
    if (differing and not subject.reproducible) or (not differing and case.method(name) in subject.functions):
        return None
    if not subject.restart():
        return _at_random(name, case, answers, differing) if differing else None
    fresh = subject.answer(name, case)
    again = subject.answer(name, case)
    if not same(fresh, again):
        return _remembers(name, case, again, fresh, ((name, case),) * 2, subject)
    if differing:
        return _at_random(name, case, answers, differing)
    if not same(fresh, answers[-1]):
        calls = _that_matter(subject, before, (name, case), fresh)
        return _remembers(name, case, answers[-1], fresh, calls, subject)
    subject.functions.add(case.method(name))  # once is enough: a process of its own takes its time
    return None


def _at_random(name: str, case: Arguments, answers: list[Any], differing: list[Any]) -> tuple[str, Any]:
    difference = difference_of(name, case, answers[0], differing[0])
    return (
        f"not reproducible: the same arguments gave {difference} ({len(differing)} of {len(answers)} calls differ)",
        case,
    )


def _remembers(
    name: str, case: Arguments, later: Any, fresh: Any, calls: tuple[Call, ...], subject: Subject
) -> tuple[str, Any]:
    """Two fresh processes tell what is remembered from what is random."""
    subject.restart()
    if not same(subject.answer(name, case), fresh):
        return f"not reproducible: a fresh process gave {difference_of(name, case, fresh, later)}", case
    difference = difference_of(name, case, fresh, later, "alone and", "after them")
    return f"{case.method(name)} depends on earlier calls: it gives {difference}", of_calls(calls)


def _that_matter(subject: Subject, before: Sequence[Call], last: Call, fresh: Any) -> tuple[Call, ...]:
    """The fewest calls found after which the last one's answer is another: a suffix of what was called, thinned."""

    def differs(calls: Sequence[Call]) -> bool:
        subject.restart()
        for name, case in calls:
            subject.answer(name, case)
        return not same(subject.answer(*last), fresh)

    size = 1
    while size < len(before) and not differs(before[-size:]):
        size *= 4
    kept = list(before[-size:])
    while len(kept) > 1:
        half = len(kept) // 2
        smaller = next((part for part in (kept[half:], kept[:half]) if differs(part)), None)
        if smaller is None:
            break
        kept = smaller
    return (*kept, last)


def same(a: Any, b: Any) -> bool:
    """Whether two answers are the same bits."""
    pairs = zip(flat(a), flat(b), strict=True)
    return all(x.dtype == y.dtype and x.shape == y.shape and x.tobytes() == y.tobytes() for x, y in pairs)


def difference_of(name: str, case: Arguments, a: Any, b: Any, after_a: str = "and then", after_b: str = "") -> str:
    """The first place where two answers differ, and what is there in both."""
    for path, x, y in zip(flat(case.returned(name)[0]), flat(a), flat(b), strict=True):
        if not same(x, y):
            index = next(i for i in np.ndindex(x.shape) if x[i].tobytes() != y[i].tobytes())
            place = f"{path}[{', '.join(map(str, index))}]" if index else path
            return f"{x[index]} {after_a} {y[index]} {after_b}".rstrip() + f", in {place}"
    return "the same"
