"""Running laws: Hypothesis generates the cases of each law and dtype, and shrinks the first that fails."""

from __future__ import annotations

import random
import statistics
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import hypothesis
from hypothesis import HealthCheck, Phase

from ffn.cases.case import ActivationCase, Case, RecurrentCase
from ffn.conformance.classify import classified
from ffn.conformance.implementation.subject import Subject
from ffn.conformance.law import Law
from ffn.conformance.simplify import simplified
from ffn.conformance.verdict import Judgement, Verdict

DEFAULT_EXAMPLES = 25


@dataclass
class LawReport:
    """What a law concluded in one dtype.

    Attributes:
        law: the law.
        dtype: the precision judged in.
        verdict: the conclusion; a failing example outweighs all others.
        examples: the cases that were judged until then.
        message: for a failure, the first wrong coordinate.
        counterexample: the shrunk failing case.
        resolution: the median over the decided examples of the smallest relative error that would have been seen.
        decided, undecided, not_judged: coordinates, summed over the examples.
        undecided_examples: examples of which no coordinate was decided.
    """

    law: Law
    dtype: str
    verdict: Verdict = Verdict.NOT_OFFERED
    examples: int = 0
    message: str = ""
    counterexample: Any = None
    resolution: float | None = None
    decided: int = 0
    undecided: int = 0
    not_judged: int = 0
    undecided_examples: int = 0


@dataclass
class _Tally:
    """The judgements of one law in one dtype, up to and with the first failure; later calls only shrink it."""

    judgements: list[Judgement] = field(default_factory=list)
    failure: tuple[Any, Judgement] | None = None

    def add(self, case: Any, judgement: Judgement) -> None:
        if self.failure is None and judgement.verdict is not Verdict.NOT_OFFERED:
            self.judgements.append(judgement)
        if judgement.fails:
            self.failure = (case, judgement)


class _Failed(Exception):
    """Tells Hypothesis that a case fails."""


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
    tally = _Tally()
    _search(law, dtype, subject, tally, examples, seed, shrink)
    report = _summary(law, dtype, tally)
    if tally.failure is not None:
        case, judgement = _narrowed(law, subject, *tally.failure) if shrink else tally.failure
        judgement = classified(law, case, subject, judgement)
        report = replace(report, verdict=judgement.verdict, message=judgement.message, counterexample=case)
    return report


def _search(law: Law, dtype: str, subject: Subject, tally: _Tally, examples: int, seed: int, shrink: bool) -> None:
    @hypothesis.seed(f"{seed} {law.name} {dtype}")
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
    @hypothesis.given(law.cases(dtype))
    def judge(case: Any) -> None:
        judgement = law(case, subject)
        tally.add(case, judgement)
        if judgement.fails:
            raise _Failed

    state = random.getstate()
    try:
        judge()
    except _Failed:
        pass
    except hypothesis.errors.Flaky:
        case, _ = tally.failure or (None, None)
        message = "the same case failed once and held once: the implementation is not a function of its inputs"
        tally.failure = (case, Judgement(Verdict.ERROR, message))
    finally:
        random.setstate(state)


def _summary(law: Law, dtype: str, tally: _Tally) -> LawReport:
    judgements = tally.judgements
    verdicts = {judgement.verdict for judgement in judgements}
    resolutions = [judgement.resolution for judgement in judgements if judgement.resolution < float("inf")]
    verdict = Verdict.HOLDS if Verdict.HOLDS in verdicts else Verdict.UNDECIDED
    return LawReport(
        law=law,
        dtype=dtype,
        verdict=verdict if judgements else Verdict.NOT_OFFERED,
        examples=len(judgements),
        resolution=statistics.median(resolutions) if resolutions else None,
        decided=sum(judgement.decided for judgement in judgements),
        undecided=sum(judgement.undecided for judgement in judgements),
        not_judged=sum(judgement.not_judged for judgement in judgements),
        undecided_examples=sum(judgement.verdict is Verdict.UNDECIDED for judgement in judgements),
    )


def _narrowed(law: Law, subject: Subject, case: Any, judgement: Judgement) -> tuple[Any, Judgement]:
    """The failing case cut down further.

    An element-wise one to the entry that fails alone and is the shortest to write, if there is one.
    """
    if isinstance(case, (Case, RecurrentCase)):
        case = simplified(case, lambda simpler: law(simpler, subject).verdict is judgement.verdict)
        return case, law(case, subject)
    if not isinstance(case, ActivationCase):  # none: the answers were not a function of the case
        return case, judgement
    singles = ((single, law(single, subject)) for single in map(case.at, range(case.z.size)))
    failing = [(single, alone) for single, alone in singles if alone.verdict is judgement.verdict]
    return min(failing, key=lambda found: len(str(found[0].z[0])), default=(case, judgement))
