"""Verdicts, and what a law says of one case."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from ffn.admissible import Examination


class Verdict(StrEnum):
    """What a law concludes.

    ``unstable``: not admissible, but lost to rounding: a wider precision has it right. ``wrong``: the formula is off.
    ``undecided``: the admissible sets are so wide that nothing was shown. ``not offered``: the implementation lacks
    what the law needs. ``error``: it raised, or returned something of the wrong kind.
    """

    HOLDS = "holds"
    WRONG = "wrong"
    UNSTABLE = "unstable"
    UNDECIDED = "undecided"
    NOT_OFFERED = "not offered"
    ERROR = "error"

    @property
    def fails(self) -> bool:
        return self in (Verdict.WRONG, Verdict.UNSTABLE, Verdict.ERROR)


@dataclass(frozen=True)
class Judgement:
    """What a law says of one case.

    Attributes:
        verdict: one of the verdicts.
        message: for a failure, the first wrong coordinate by its path, what was computed and what is admissible.
        enclosed: whether numbers were compared with an admissible set, so that rounding may explain a failure.
        exact: whether that set is one point, so that a correct program in that precision does not round.
        examination: what the comparison showed of the coordinates.
        answers: the names of the answers that were judged.
        shown: what shows a failure, where that is more than the case: the calls that lead there.
        replayed: judges other calls as those that are shown were.
        repeats: where the same call was made again and again, how often each was.
    """

    verdict: Verdict
    message: str = ""
    enclosed: bool = False
    examination: Examination = field(default_factory=Examination)
    answers: tuple[str, ...] = ()
    exact: bool = False
    shown: Any = None
    replayed: Callable[[Any], Judgement] | None = None
    repeats: int = 0

    @property
    def fails(self) -> bool:
        return self.verdict.fails

    @property
    def error(self) -> float:
        """The largest distance of a wrong coordinate from the middle of its admissible set."""
        return self.examination.error


def holds() -> Judgement:
    return Judgement(Verdict.HOLDS, examination=Examination(decided=1))


def wrong(message: str) -> Judgement:
    return Judgement(Verdict.WRONG, message)


def judged(examination: Examination) -> Judgement:
    """The judgement that follows from comparing an answer with its admissible set."""
    outside = examination.outside
    admitted = Verdict.HOLDS if examination.decided else Verdict.UNDECIDED
    return Judgement(Verdict.WRONG if outside else admitted, str(outside) if outside else "", True, examination)


def inside_hull(examination: Examination) -> Judgement:
    """As ``judged``, for laws on subdifferentials: there a wide set is the statement, not a lack of precision."""
    decided = examination.decided + examination.undecided
    return judged(replace(examination, decided=decided, undecided=0))


def first_failure(*judgements: Judgement) -> Judgement:
    """The first judgement that fails; else one that sums up all, decided if any is."""
    for judgement in judgements:
        if judgement.fails:
            return judgement
    decided = any(judgement.verdict is Verdict.HOLDS for judgement in judgements)
    examination = sum((judgement.examination for judgement in judgements), Examination())
    return Judgement(Verdict.HOLDS if decided else Verdict.UNDECIDED, examination=examination)
