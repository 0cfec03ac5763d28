"""Running laws: Hypothesis generates the cases of each law and dtype, and shrinks the first that fails."""

from __future__ import annotations

import random
import statistics
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import hypothesis
from hypothesis import HealthCheck, Phase

from ffn.admissible import Examination
from ffn.conformance.classify import classified
from ffn.conformance.implementation.errors import Died
from ffn.conformance.implementation.subject import Subject
from ffn.conformance.law import Law, Trial
from ffn.conformance.simplify import simplified
from ffn.conformance.verdict import Judgement, Verdict

DEFAULT_EXAMPLES = 25


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
        examination: the coordinates of all those cases.
        undecided_examples: examples of which no coordinate was decided.

    Raises:
        ValueError: for a counterexample beside a verdict that does not fail.
    """

    law: Law
    dtype: str
    verdict: Verdict = Verdict.NOT_OFFERED
    examples: int = 0
    message: str = ""
    counterexample: Any = None
    examination: Examination = field(default_factory=Examination)
    undecided_examples: int = 0

    def __post_init__(self) -> None:
        if self.counterexample is not None and not self.verdict.fails:
            raise ValueError(f"{self.law.name}, {self.dtype}: a counterexample, and yet {self.verdict}")

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


@dataclass
class _Tally:
    """The judgements of one law in one dtype, up to and with the first failure; later calls only shrink it."""

    judgements: list[Judgement] = field(default_factory=list)
    failure: tuple[Any, Judgement] | None = None
    died: bool = False  # its process did not answer: nothing more is asked

    def add(self, case: Any, judgement: Judgement) -> None:
        if self.failure is None and judgement.verdict is not Verdict.NOT_OFFERED:
            self.judgements.append(judgement)
        if judgement.fails:
            self.failure = (case, judgement)


class _Failed(Exception):
    """Tells Hypothesis that a case fails."""


class _Stopped(BaseException):
    """Ends Hypothesis's search at once, which goes on after any Exception."""


def run(
    laws: Iterable[Law],
    dtypes: Iterable[str],
    subject: Subject,
    examples: int = DEFAULT_EXAMPLES,
    seed: int = 0,
    shrink: bool = True,
) -> Iterator[LawReport]:
    """Judge every law in every dtype, one report after the other. The same seed generates the same cases."""
    dtypes = tuple(dtypes)
    for law in laws:
        for dtype in dtypes:
            yield run_law(law, dtype, subject, examples, seed, shrink)


def run_law(
    law: Law, dtype: str, subject: Subject, examples: int = DEFAULT_EXAMPLES, seed: int = 0, shrink: bool = True
) -> LawReport:
    """Judge one law in one dtype on ``examples`` cases."""
    if dtype not in subject.dtypes or not law.offered_by(subject):
        return LawReport(law, dtype)
    trial = law.put_to(subject)
    tally = _Tally()
    flaky = _search(trial, law.cases(dtype), tally, f"{seed} {law.name} {dtype}", examples, shrink)
    if tally.failure is None:
        return _report(law, dtype, tally, _verdict(tally))
    case, judgement = tally.failure
    if tally.died:
        return _report(law, dtype, tally, judgement.verdict, judgement.message, case)
    if flaky and judgement.enclosed:
        message = "the same case failed once and held once: the implementation is not a function of its inputs"
        judgement = Judgement(Verdict.ERROR, f"{message}; it failed with {judgement.message}")
    with suppress(Died):  # what was seen stays
        if shrink and not flaky:
            case, judgement = simplified(trial, case, judgement)
        judgement = classified(trial, case, judgement, subject.dtypes)
    return _report(law, dtype, tally, judgement.verdict, judgement.message, case)


def _search(trial: Trial, cases: Any, tally: _Tally, seed: str, examples: int, shrink: bool) -> bool:
    """Judge cases until one fails, then smaller ones; whether a case that failed was seen to hold as well."""

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=examples,
        database=None,
        deadline=None,
        derandomize=False,
        print_blob=False,
        report_multiple_bugs=False,
        verbosity=hypothesis.Verbosity.quiet,
        phases=(Phase.generate, Phase.shrink) if shrink else (Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @hypothesis.given(cases)
    def judge(case: Any) -> None:
        try:
            judgement = trial(case)
        except Died as died:
            tally.died = True
            if tally.failure is None:
                tally.add(case, Judgement(Verdict.ERROR, str(died)))
            raise _Stopped from died
        tally.add(case, judgement)
        if judgement.fails:
            raise _Failed

    state = random.getstate()
    try:
        judge()
    except (_Failed, _Stopped):
        pass
    except hypothesis.errors.Flaky:
        return True
    finally:
        random.setstate(state)
    return False


def _verdict(tally: _Tally) -> Verdict:
    """The conclusion where nothing failed."""
    verdicts = {judgement.verdict for judgement in tally.judgements}
    if not verdicts:
        return Verdict.NOT_OFFERED
    return Verdict.HOLDS if Verdict.HOLDS in verdicts else Verdict.UNDECIDED


def _report(
    law: Law, dtype: str, tally: _Tally, verdict: Verdict, message: str = "", counterexample: Any = None
) -> LawReport:
    return LawReport(
        law=law,
        dtype=dtype,
        verdict=verdict,
        examples=len(tally.judgements),
        message=message,
        counterexample=counterexample,
        examination=sum((judgement.examination for judgement in tally.judgements), Examination()),
        undecided_examples=sum(judgement.verdict is Verdict.UNDECIDED for judgement in tally.judgements),
    )
