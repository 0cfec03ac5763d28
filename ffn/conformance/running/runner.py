"""Running laws: the planned cases of each law and dtype, then those that Hypothesis finds, and shrinks if they fail."""

from __future__ import annotations

import random
import statistics
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import Any

import hypothesis
from hypothesis import HealthCheck, Phase

from ffn.admissible import Examination
from ffn.cases.case import Case
from ffn.cases.exact.arithmetic import Rounds
from ffn.cases.networks import NothingSupported, Supported
from ffn.cases.plan import PAIRS, TRIPLES, Coverage, Levels, NoCase, Plan, coverage
from ffn.conformance.explanation import Answer, explained, explained_exactly
from ffn.conformance.implementation.errors import Died, ImplementationError
from ffn.conformance.implementation.subject import Subject
from ffn.conformance.law import Law, Trial
from ffn.conformance.running.classify import classified
from ffn.conformance.running.reproduction import as_a_function
from ffn.conformance.running.simplify import simplified
from ffn.conformance.running.support import supported_by
from ffn.conformance.running.thinning import thinned
from ffn.conformance.verdict import Judgement, Verdict
from ffn.network.formulas import FORMULAS

STEPS_OF_SEQUENCES = 60  # each of them many calls: about a second
DEFAULT_EXAMPLES = 10  # on top of those that are planned
SAMPLE = 10  # of planned networks, to see whether they are supported
UNSEEN = 0.05  # the probability that faults of the rate that is told show in no call
LEAST_DECIDED = 0.9  # of the coordinates that were judged, or a law is undecided


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

    searched: int  # cases to be found by the search
    rejected: int = 0  # cases that were drawn and are not supported
    tried: list[Levels] = field(default_factory=list)  # of the plan
    coverage: Coverage | None = None
    judgements: list[Judgement] = field(default_factory=list)
    failure: tuple[Any, Judgement] | None = None
    first: Any = None  # the case that failed first
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
            self.first = self.first or case
            self.failure = (case, judgement)

    @contextmanager
    def surviving(self, case: Any) -> Iterator[None]:
        """Note that the process of what is judged did not answer: that is its error on the case, if it is the first."""
        try:
            yield
        except Died as died:
            self.died = True
            if self.failure is None:
                self.add(case, Judgement(Verdict.ERROR, str(died)))


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
    stopping: Callable[[], object] = lambda: None,
    strength: int = PAIRS,
) -> Iterator[LawReport]:
    """Judge every law in every dtype, one report after the other; ``run_law`` says how.

    What interrupts a law that was seen to fail comes through after a report of that; ``stopping`` is called before.
    """
    dtypes = tuple(dtypes)
    supported = {dtype: supported_by(subject, dtype) for dtype in dtypes if dtype in subject.dtypes}
    for law in laws:
        for dtype in dtypes:
            tally = _Tally(searched=law.searched(examples, strength >= TRIPLES))
            try:
                report = run_law(law, dtype, subject, examples, seed, shrink, supported.get(dtype), tally, strength)
            except BaseException:
                stopping()
                if tally.failure:
                    case, judgement = tally.failure
                    yield _report(law, dtype, tally, judgement.verdict, judgement.message, judgement.shown or case)
                raise
            yield report


def run_law(
    law: Law,
    dtype: str,
    subject: Subject,
    examples: int = DEFAULT_EXAMPLES,
    seed: int = 0,
    shrink: bool = True,
    supported: Supported | None = None,
    tally: _Tally | None = None,
    strength: int = PAIRS,
) -> LawReport:
    """Judge one law in one dtype: the cases of its plan, then ``examples`` cases that Hypothesis draws.

    Args:
        law, dtype, subject: what is judged.
        examples: cases to be drawn; of a law on sequences of calls fewer, unless triples are asked for.
        seed: of the values in planned cases, and of the cases that are drawn.
        shrink: whether a failing case is made smaller.
        supported: what cases are made from; found out when left out.
        tally: what is kept when something interrupts.
        strength: of the plan: 2 for every pair of levels, 3 for every triple, 1 for every level, 0 for no plan.
    """
    if not law.spoken_in(dtype, subject):
        return LawReport(law, dtype)
    thorough = strength >= TRIPLES
    tally = tally or _Tally(searched=law.searched(examples, thorough))
    trial = law.put_to(subject, thorough)
    supported = supported or supported_by(subject, dtype)
    named = f"{seed} {law.name} {dtype}"
    _try_plan(trial, _plan(law, dtype, supported), tally, named, strength)
    try:
        of_one_call = law.most is None  # sequences of calls are long, and cut down by themselves
        flaky = _search_on(trial, law.cases(dtype, supported=supported), tally, named, shrink and of_one_call)
    except NothingSupported as error:
        if not tally.judgements:
            return LawReport(law, dtype, message=str(error))
        flaky = False
    if tally.failure is None:
        return _report(law, dtype, tally, *_conclusion(tally))
    case, judgement = tally.failure
    explanation = ""
    if tally.died:
        return _report(law, dtype, tally, judgement.verdict, judgement.message, case)
    with suppress(Died):  # what was seen stays
        if judgement.replayed:  # by a law on sequences of calls, which says all that there is to say
            case, judgement = simplified(trial, case, judgement, STEPS_OF_SEQUENCES if shrink else 0)
            judgement = thinned(subject, judgement) if shrink else judgement
        elif irreproducible := as_a_function(subject, case, judgement, flaky):
            judgement, case = irreproducible
        elif shrink:
            case, judgement = simplified(trial, case, judgement)
        judgement = classified(trial, case, judgement, subject.dtypes, subject.declared.precision(dtype))
        explanation = _explained(subject, judgement, (tally.first or case), case)
    return _report(law, dtype, tally, judgement.verdict, judgement.message, judgement.shown or case, explanation)


def _plan(law: Law, dtype: str, supported: Supported) -> Plan | None:
    """The plan of a law from what is supported; where most of that is refused, from networks that were accepted."""
    if law.plan is None:
        return None
    with suppress(NothingSupported):
        plan = law.plan(dtype, supported=supported)
        accepts = supported.accepts
        if accepts is None or not supported.accepted:
            return plan
        cases = (_case_of(plan, levels) for levels in plan.rows()[:SAMPLE])
        sample = [case.network for case in cases if isinstance(case, Case)]
        if 2 * sum(map(accepts, sample)) >= len(sample):
            return plan
        return law.plan(dtype, supported=replace(supported, networks=supported.accepted))
    return None


def _case_of(plan: Plan, levels: Levels) -> Any:
    """The case with these levels, or none."""
    with suppress(NoCase):
        return plan.case(levels, "")


def _try_plan(trial: Trial, plan: Plan | None, tally: _Tally, seed: str, strength: int) -> None:
    """Judge the planned cases until one fails. Those that are not supported were not planned from what is."""
    if plan is None or not strength:
        return
    for place, levels in enumerate(plan.rows(strength)):
        try:
            case = plan.case(levels, f"{seed} {place}")
        except NoCase:
            continue  # these levels stay untried, and are counted as that
        with tally.surviving(case):
            judgement = trial(case)
            if judgement.verdict is not Verdict.NOT_OFFERED:
                tally.add(case, judgement)
                tally.tried.append(levels)
        if tally.failure:
            break
    tally.coverage = coverage(plan, tally.tried, strength)


def _search_on(trial: Trial, cases: Any, tally: _Tally, seed: str, shrink: bool) -> bool:
    """Search for a case that fails; where a planned one did and does again, for a smaller one to show instead.

    Whether a case that failed was seen to hold as well.
    """
    if tally.failure is None:
        return _search(trial, cases, tally, seed, shrink)
    if tally.died:
        return False
    case, judgement = tally.failure
    with tally.surviving(case):
        if not trial(case).fails:
            return True
    if tally.died or not shrink:
        return False
    smaller = _Tally(tally.searched)
    flaky = _search(trial, cases, smaller, seed, shrink)
    if smaller.failure and not flaky and smaller.failure[1].verdict is judgement.verdict:
        tally.failure = smaller.failure
    return False


def _explained(subject: Subject, judgement: Judgement, first: Any, case: Any) -> str:
    """What an answer is in place of what was asked for, by the case that failed first and by the smallest."""
    if not judgement.enclosed:
        return ""
    for name in judgement.answers:
        with suppress(ImplementationError, Rounds):  # what was seen does not depend on its answering again
            if judgement.exact:
                sentence = explained_exactly(name, case, subject.answer)
            else:
                answers = ((each, subject.answer(name, each)) for each in (first, case))
                model = subject.declared.precision(case.dtype)
                sentence = explained(*(Answer(name, each, computed, model) for each, computed in answers))
            if sentence:
                return sentence
    return ""


def _search(trial: Trial, cases: Any, tally: _Tally, seed: str, shrink: bool) -> bool:
    """Judge cases until one fails, then smaller ones; whether a case that failed was seen to hold as well."""

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=tally.searched,
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
        with tally.surviving(case):
            judgement = trial(case)
        if tally.died:
            raise _Stopped
        tally.add(case, judgement)
        hypothesis.assume(judgement.verdict is not Verdict.NOT_OFFERED)  # another case is drawn in its place
        if judgement.fails:
            raise _Failed

    state = random.getstate()
    try:
        judge()
    except (_Failed, _Stopped, hypothesis.errors.Unsatisfiable):
        pass
    except hypothesis.errors.Flaky:
        return True
    finally:
        random.setstate(state)
    return False


def _conclusion(tally: _Tally) -> tuple[Verdict, str]:
    """Verdict and message where nothing failed: on fewer cases than planned nothing is said to hold."""
    verdicts = {judgement.verdict for judgement in tally.judgements}
    if not verdicts:
        return Verdict.NOT_OFFERED, "no case of it is supported"
    if tally.rejected and len(tally.judgements) < tally.planned:
        return Verdict.UNDECIDED, f"{len(tally.judgements)} of {tally.planned} cases were supported"
    if Verdict.HOLDS not in verdicts:
        return Verdict.UNDECIDED, ""
    share = _examination(tally).decided_share
    if share < LEAST_DECIDED:
        return Verdict.UNDECIDED, f"{100 * share:.0f} % of the coordinates were decided"
    return Verdict.HOLDS, ""


def _examination(tally: _Tally) -> Examination:
    return sum((judgement.examination for judgement in tally.judgements), Examination())


def _report(
    law: Law,
    dtype: str,
    tally: _Tally,
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
        examination=_examination(tally),
        undecided_examples=sum(judgement.verdict is Verdict.UNDECIDED for judgement in tally.judgements),
        coverage=tally.coverage,
        repeats=0 if verdict.fails else sum(judgement.repeats for judgement in tally.judgements),
        tried=frozenset(
            law.methods()[name]
            for name, count in judged.items()
            if counterexample or (count >= full and verdict is Verdict.HOLDS)
        ),
    )


def untried(reports: Iterable[LawReport], subject: Subject) -> list[str]:
    """For each method, precision and part that is offered and that laws here speak of, a line where none was tried."""
    reports = list(reports)
    return [
        f"{what} was tried by no law on its full plan: {_reason(spoken)}"
        for what, spoken in _offers(reports, subject).items()
        if spoken and not any(report.tried & methods for report, methods in spoken)
    ]


Spoken = list[tuple[LawReport, frozenset[str]]]  # reports, and what they are asked to have tried


def _offers(reports: list[LawReport], subject: Subject) -> dict[str, Spoken]:
    """What an implementation says it offers, with the reports of the laws that speak of it."""
    of_law = {report.law.name: frozenset(report.law.methods().values()) for report in reports}
    methods: dict[str, Spoken] = {
        method: [(report, frozenset((method,))) for report in reports if method in of_law[report.law.name]]
        for method in filter(subject.offers, FORMULAS)
    }
    dtypes: dict[str, Spoken] = {
        dtype: [(r, of_law[r.law.name]) for r in reports if r.dtype == dtype and r.law.part in (None, *subject.parts)]
        for dtype in subject.dtypes
    }
    parts: dict[str, Spoken] = {
        f"the part {part}": [(r, of_law[r.law.name]) for r in reports if r.law.part == part] for part in subject.parts
    }
    return methods | dtypes | parts


def _reason(spoken: Spoken) -> str:
    verdicts = {report.verdict for report, _ in spoken}
    messages = Counter(report.message for report, _ in spoken if report.message)
    if messages:
        return messages.most_common(1)[0][0]
    if Verdict.UNDECIDED in verdicts:
        return "the admissible sets are too wide there to decide anything"
    return "none of its methods is there, or its part is not among `parts`"
