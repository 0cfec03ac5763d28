"""What the judgements of one law in one dtype add up to."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from ffn.admissible import Examination
from ffn.admissible.examination import LEAST_DECIDED
from ffn.cases.plan import Coverage, Levels, left_out
from ffn.conformance.implementation.errors import Died
from ffn.conformance.law import Law
from ffn.conformance.verdict import Judgement, Verdict

UNSEEN = 0.05  # the probability that faults of the rate that is told show in no call


@dataclass(frozen=True)
class LawReport:
    """What a law concluded in one dtype.

    Attributes:
        law: the law.
        dtype: the precision judged in.
        verdict: the conclusion; a failing example outweighs all others.
        examples: the cases that were judged until then.
        message: for a failure, the first wrong coordinate.
        counterexample: the shrunk failing case.
        explanation: what the answer is in place of what was asked for, where that can be told.
        examination: the coordinates of all those cases.
        undecided_examples: examples of which no coordinate was decided.
        coverage: how many pairs of levels the planned cases tried, of how many; none where the law has no plan.
        refused: planned cases that the implementation does not offer.
        left_out: elements that its networks lack, because they fail by themselves.
        repeats: calls of each method, of one case or another again and again, of which none was at fault.
        tried: the methods that were judged on every case that was planned, with a conclusion, or until one failed.

    Raises:
        ValueError: for a counterexample beside a verdict that does not fail.
    """

    law: Law
    dtype: str
    verdict: Verdict = Verdict.NOT_OFFERED
    examples: int = 0
    message: str = ""
    counterexample: Any = None
    explanation: str = ""
    examination: Examination = field(default_factory=Examination)
    undecided_examples: int = 0
    coverage: Coverage | None = None
    refused: int = 0
    left_out: frozenset[str] = frozenset()
    repeats: int = 0
    tried: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if self.counterexample is not None and not self.verdict.fails:
            raise ValueError(f"{self.law.name}, {self.dtype}: a counterexample, and yet {self.verdict}")

    @property
    def least_rate(self) -> float | None:
        """The rate p of faults among calls that would have been seen with 95 %: of n calls without one, 1 − 0.05^(1/n).

        Each call is taken to be at fault or not whatever the others are. None where no call was repeated.
        """
        return 1 - UNSEEN ** (1 / self.repeats) if self.repeats else None

    @property
    def levels_left_out(self) -> tuple[str, ...]:
        """The levels of its plan that no case had because the implementation does not offer them, in words."""
        return left_out([self.coverage]) if self.refused and not self.verdict.fails else ()

    @property
    def resolution(self) -> float | None:
        """The median over the decided coordinates of the smallest relative error that would have been seen."""
        return self._quantile(50)

    @property
    def resolution_90(self) -> float | None:
        """The same for nine coordinates of ten."""
        return self._quantile(90)

    def _quantile(self, percent: int) -> float | None:
        found = self.examination.resolutions
        if len(found) < 2:
            return found[0] if found else None
        return statistics.quantiles(found, n=100, method="inclusive")[percent - 1]


@dataclass(frozen=True)
class Seen:
    """A law that was seen to fail in a dtype, at once, before the case is made smaller: its report will say more."""

    law: str
    dtype: str
    message: str


Seeing = Callable[[Seen], None]


@dataclass
class Tally:
    """The judgements of one law in one dtype, up to and with the first failure; later calls only shrink it."""

    searched: int  # cases to be found by the search
    seeing: Callable[[Judgement], None] = lambda judgement: None  # is told of the first failure
    rejected: int = 0  # cases that were drawn and are not supported
    tried: list[Levels] = field(default_factory=list)  # of the plan
    refused: int = 0  # cases of the plan that are not offered
    coverage: Coverage | None = None
    judgements: list[Judgement] = field(default_factory=list)
    failure: tuple[Any, Judgement] | None = None
    first: Any = None  # the case that failed first
    left_out: frozenset[str] = frozenset()
    died: bool = False  # its process did not answer: nothing more is asked

    @property
    def planned(self) -> int:
        return self.searched + len(self.tried)

    def add(self, case: Any, judgement: Judgement) -> None:
        if judgement.verdict is Verdict.NOT_OFFERED:
            self.rejected += self.failure is None
        elif self.failure is None:
            self.judgements.append(judgement)
        if judgement.fails:
            new, self.failure = self.failure is None, (case, judgement)
            self.first = self.first or case
            if new:
                self.seeing(judgement)

    @contextmanager
    def surviving(self, case: Any) -> Iterator[None]:
        """Note that the process of what is judged did not answer: that is its error on the case, if it is the first."""
        try:
            yield
        except Died as died:
            self.died = True
            if self.failure is None:
                self.add(case, Judgement(Verdict.ERROR, str(died)))


def conclusion(tally: Tally) -> tuple[Verdict, str]:
    """Verdict and message where nothing failed: on fewer cases than planned nothing is said to hold."""
    verdicts = {judgement.verdict for judgement in tally.judgements}
    if not verdicts:
        return Verdict.NOT_OFFERED, "no case of it is supported"
    if tally.rejected and len(tally.judgements) < tally.planned:
        return Verdict.UNDECIDED, f"{len(tally.judgements)} of {tally.planned} cases were supported"
    if tally.refused > len(tally.tried):
        return Verdict.UNDECIDED, f"{len(tally.tried)} of {tally.refused + len(tally.tried)} planned cases were offered"
    if Verdict.HOLDS not in verdicts:
        return Verdict.UNDECIDED, ""
    share = examination_of(tally).decided_share
    if share < LEAST_DECIDED:
        return Verdict.UNDECIDED, f"{int(100 * share)} % of the coordinates were decided"
    return Verdict.HOLDS, ""


def examination_of(tally: Tally) -> Examination:
    return sum((judgement.examination for judgement in tally.judgements), Examination())


def report_of(
    law: Law,
    dtype: str,
    tally: Tally,
    verdict: Verdict,
    message: str = "",
    counterexample: Any = None,
    explanation: str = "",
) -> LawReport:
    judged = Counter(name for judgement in tally.judgements for name in judgement.answers)
    full = tally.planned if tally.rejected else len(tally.judgements)  # fewer where there are no more cases
    return LawReport(
        law=law,
        dtype=dtype,
        verdict=verdict,
        examples=len(tally.judgements),
        message=message,
        counterexample=counterexample,
        explanation=explanation,
        examination=examination_of(tally),
        undecided_examples=sum(judgement.verdict is Verdict.UNDECIDED for judgement in tally.judgements),
        coverage=tally.coverage,
        repeats=0 if verdict.fails else sum(judgement.repeats for judgement in tally.judgements),
        left_out=tally.left_out,
        refused=tally.refused,
        tried=frozenset(
            law.methods()[name]
            for name, count in judged.items()
            if counterexample or (count >= full and not tally.refused and verdict is Verdict.HOLDS)
        ),
    )
