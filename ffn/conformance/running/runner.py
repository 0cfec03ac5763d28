"""Running laws: the planned cases of each law and dtype, then those that Hypothesis finds, and shrinks if they fail."""

from __future__ import annotations

import random
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from itertools import islice
from typing import Any

import hypothesis
from hypothesis import HealthCheck, Phase

from ffn.cases.case import Case
from ffn.cases.covering import PAIRS, TRIPLES
from ffn.cases.exact.arithmetic import Rounds
from ffn.cases.levels import ALIKE
from ffn.cases.networks import NothingSupported, Supported
from ffn.cases.plan import WHOLE, Levels, NoCase, Part, Plan, coverage
from ffn.conformance.explanation import Answer, explained, explained_exactly
from ffn.conformance.implementation.errors import Died, ImplementationError
from ffn.conformance.implementation.subject import Subject
from ffn.conformance.law import Law, Planned, Trial
from ffn.conformance.running import DEFAULT_EXAMPLES, UNPLANNED
from ffn.conformance.running.classify import classified
from ffn.conformance.running.reproduction import as_a_function
from ffn.conformance.running.simplify import simplified
from ffn.conformance.running.support import supported_by
from ffn.conformance.running.tally import LawReport, Seeing, Seen, Tally, conclusion, report_of
from ffn.conformance.running.thinning import thinned
from ffn.conformance.verdict import Judgement, Verdict
from ffn.network.description import REDUCTIONS
from ffn.numbers.precision import NAMES

STEPS_OF_SEQUENCES = 60  # each of them many calls: about a second
SMALLER = 100  # cases to be drawn for one that is smaller than the planned one that failed
DRAWS = 10  # for each case that is wanted, where those that were drawn are not offered
MOST_ACCEPTED = 48  # networks that a plan takes of those that were accepted, evenly
MOST_AHEAD = 16  # planned cases whose answers are asked for in one message
SAMPLE = 10  # of planned networks, to see whether they are supported


class _Failed(Exception):
    """Tells Hypothesis that a case fails."""


class _Stopped(BaseException):
    """Ends Hypothesis's search at once, which goes on after any Exception."""


@dataclass(frozen=True)
class Task:
    """A law to be judged in one dtype, by ``run_law`` with these arguments.

    Attributes:
        law, dtype, examples, seed, shrink, strength: as there.
        left_out: elements that its networks are not to contain.
        shared: the precisions, itself among them, that share the rows of its plan.
    """

    law: Law
    dtype: str
    examples: int = DEFAULT_EXAMPLES
    seed: int = 0
    shrink: bool = True
    strength: int = PAIRS
    left_out: frozenset[str] = frozenset()
    shared: tuple[str, ...] = ()


Announce = Callable[[Sequence[Any]], None]  # of the cases that are judged next
Judging = Callable[[Sequence[Task], Seeing], Iterator[LawReport]]  # one report a task, in their order


def unseen(seen: Seen) -> None:
    """Tell nobody of what was seen to fail: its report will."""


def run(
    laws: Iterable[Law],
    dtypes: Iterable[str],
    subject: Subject,
    examples: int = DEFAULT_EXAMPLES,
    seed: int = 0,
    shrink: bool = True,
    stopping: Callable[[], object] = lambda: None,
    strength: int = PAIRS,
    judging: Judging | None = None,
    seeing: Seeing = unseen,
) -> Iterator[LawReport]:
    """Judge every law in every dtype, one report after the other; ``run_law`` says how.

    Laws about an element come first, the ones about a reduction, which take whole networks, and about extremes last of
    these. Networks are made of the elements that did not fail until then in that dtype.

    What interrupts a law that was seen to fail comes through after a report of that; ``stopping`` is called before.
    ``judging`` may do the work elsewhere. ``seeing`` is told of each law that is seen to fail, before its report.
    """
    laws, dtypes, reports = tuple(laws), tuple(dtypes), list[LawReport]()
    judging = judging or partial(judged_here, subject, stopping, {})
    for stage in range(3):
        left_out = {dtype: failing_elements(reports, dtype) for dtype in dtypes}
        tasks = [
            Task(law, dtype, examples, seed, shrink, strength, left_out[dtype], sharing(law, dtype, subject, left_out))
            for law in laws
            for dtype in dtypes
            if _stage(law) == stage
        ]
        for report in judging(tasks, seeing):
            reports.append(report)
            yield report


def sharing(law: Law, dtype: str, subject: Subject, left_out: Mapping[str, frozenset[str]]) -> tuple[str, ...]:
    """The precisions that share the plan of a law with one: alike, judged too, and with networks of the same elements.

    None where it is alone.
    """
    alike = next(group for group in ALIKE if dtype in group)
    found = tuple(
        each
        for each in alike
        if each in left_out and left_out[each] == left_out[dtype] and law.spoken_in(each, subject)
    )
    return found if len(found) > 1 else ()


def _stage(law: Law) -> int:
    return 2 if law.element is None else 1 if law.element in REDUCTIONS or law.extreme else 0


def failing_elements(reports: Sequence[LawReport], dtype: str) -> frozenset[str]:
    """The elements whose own law fails in a dtype, unless most of that family do: then it is the method's fault."""
    families: dict[str, list[LawReport]] = defaultdict(list)
    for report in reports:
        if report.dtype == dtype and report.verdict is not Verdict.NOT_OFFERED:
            families[report.law.family].append(report)
    failing = ([r for r in members if r.verdict.fails] for members in families.values())
    accused = (f for f, members in zip(failing, families.values(), strict=True) if 2 * len(f) <= len(members))
    return frozenset(report.law.element for found in accused for report in found if report.law.element)


def judged_here(
    subject: Subject,
    stopping: Callable[[], object],
    supported: dict[str, Supported],
    tasks: Sequence[Task],
    seeing: Seeing = unseen,
) -> Iterator[LawReport]:
    """The reports of the tasks, in this process; ``supported`` keeps what is found out for the next ones."""
    for dtype in {task.dtype for task in tasks} & set(subject.dtypes) - set(supported):
        supported[dtype] = supported_by(subject, dtype)
    for task in tasks:
        tally = tally_of(task, seeing)
        try:
            report = judged_once(task, subject, supported.get(task.dtype), tally)
        except BaseException:
            stopping()
            if partial_report := until_now(task, tally):
                yield partial_report
            raise
        yield report


def tally_of(task: Task, seeing: Seeing) -> Tally:
    """What the judgements of a task are added up in."""
    return Tally(
        task.law.searched(task.examples, task.strength >= TRIPLES),
        lambda judgement: seeing(Seen(task.law.name, task.dtype, judgement.message)),
    )


def judged_once(task: Task, subject: Subject, supported: Supported | None, tally: Tally) -> LawReport:
    """The report of one task; ``tally`` keeps what was found should something interrupt."""
    tally.left_out = task.left_out
    made_of = supported and supported.without(task.left_out)
    options: dict[str, Any] = {name: getattr(task, name) for name in ("seed", "shrink", "strength", "shared")}
    return run_law(task.law, task.dtype, subject, supported=made_of, tally=tally, **options)


def until_now(task: Task, tally: Tally) -> LawReport | None:
    """What a law that was interrupted was seen to fail with."""
    if tally.failure is None:
        return None
    case, judgement = tally.failure
    return report_of(task.law, task.dtype, tally, judgement.verdict, judgement.message, judgement.shown or case)


def run_law(
    law: Law,
    dtype: str,
    subject: Subject,
    examples: int = DEFAULT_EXAMPLES,
    seed: int = 0,
    shrink: bool = True,
    supported: Supported | None = None,
    tally: Tally | None = None,
    strength: int = PAIRS,
    shared: tuple[str, ...] = (),
) -> LawReport:
    """Judge one law in one dtype: the cases of its plan, then ``examples`` cases that Hypothesis draws.

    Args:
        law, dtype, subject: what is judged.
        examples: cases to be drawn, ``UNPLANNED`` at least of a law without a plan; of one on sequences of calls fewer,
            unless triples are asked for.
        seed: of the values in planned cases, and of the cases that are drawn.
        shrink: whether a failing case is made smaller.
        supported: what cases are made from; found out when left out.
        tally: what is kept when something interrupts.
        strength: of the plan: 2 for every pair of levels, 3 for every triple, 1 for every level, 0 for no plan.
        shared: the precisions, this one among them, between which the pairs are shared.
    """
    if not law.spoken_in(dtype, subject):
        return LawReport(law, dtype)
    thorough = strength >= TRIPLES
    tally = tally or Tally(searched=law.searched(examples, thorough))
    trial = law.put_to(subject, thorough)
    supported = supported or supported_by(subject, dtype)
    plan = _plan(law, dtype, supported)
    if plan is None:
        tally.searched = law.searched(max(tally.searched, UNPLANNED), thorough)
    cases_of = plan.name if plan and plan.name else law.chapter
    named, of_plan = f"{seed} {law.name} {dtype}", f"{seed} {cases_of} {dtype}"
    if plan is not None and strength:
        part = Part(shared.index(dtype), len(shared)) if shared else WHOLE
        _try_plan(trial, partial(law.announce, subject=subject), plan.cases(of_plan, strength, part), tally)
        tally.coverage = coverage(plan, tally.tried, strength, law.name, shared)
    try:
        of_one_call = law.most is None  # sequences of calls are long, and cut down by themselves
        cases = law.cases(dtype, supported=supported)
        flaky = _search_on(trial, cases, tally, named, shrink and of_one_call, law.simplest)
    except NothingSupported as error:
        if not tally.judgements:
            return LawReport(law, dtype, message=str(error))
        flaky = False
    if tally.failure is None:
        return report_of(law, dtype, tally, *conclusion(tally))
    case, judgement = tally.failure
    explanation = ""
    if tally.died:
        return report_of(law, dtype, tally, judgement.verdict, judgement.message, case)
    with suppress(Died):  # what was seen stays
        if judgement.replayed:  # by a law on sequences of calls, which says all that there is to say
            case, judgement = simplified(trial, case, judgement, STEPS_OF_SEQUENCES if shrink else 0)
            judgement = thinned(subject, judgement) if shrink else judgement
        elif irreproducible := as_a_function(subject, case, judgement, flaky):
            judgement, case = irreproducible
        elif shrink:
            case, judgement = simplified(trial, case, judgement)
        judgement = classified(trial, case, judgement, subject.dtypes, subject.declared.precision(dtype))
        telling = _telling(trial, plan, case, of_plan, strength) if judgement.enclosed else None
        explanation = _explained(subject, judgement, telling or tally.first or case, case)
    return report_of(law, dtype, tally, judgement.verdict, judgement.message, judgement.shown or case, explanation)


def _plan(law: Law, dtype: str, supported: Supported) -> Plan | None:
    """The plan of a law from what is supported; where most of that is refused, from networks that were accepted."""
    if law.plan is None:
        return None
    plan, accepts = None, supported.accepts
    with suppress(NothingSupported):
        plan = _plan_of(law.plan, dtype, supported)
    if accepts is None or not supported.accepted:
        return plan
    if plan:
        cases = (_case_of(plan, levels) for levels in plan.rows()[:SAMPLE])
        sample = [case.network for case in cases if isinstance(case, Case)]
        if 2 * sum(map(accepts, sample)) >= len(sample):
            return plan
    step = -(-len(supported.accepted) // MOST_ACCEPTED)
    with suppress(NothingSupported):
        return law.plan(dtype, supported=replace(supported, networks=supported.accepted[::step]))
    return None


@lru_cache(len(NAMES))  # the last plan in each dtype: the next law of a chapter has the same one, and its cases
def _plan_of(plan: Planned, dtype: str, supported: Supported) -> Plan:
    return plan(dtype, supported=supported)


def _case_of(plan: Plan, levels: Levels) -> Any:
    """The case with these levels, or none."""
    with suppress(NoCase):
        return plan.case(levels, "")


def _in_lots(planned: Iterator[tuple[Levels, Any]], announce: Announce) -> Iterator[tuple[Levels, Any]]:
    """The same, announced in lots, of which each is as large as all before: a failure costs at most twice the calls."""
    size = 1
    while lot := list(islice(planned, size)):
        announce([case for _, case in lot])
        yield from lot
        size = min(2 * size, MOST_AHEAD)


def _try_plan(trial: Trial, announce: Announce, planned: Iterator[tuple[Levels, Any]], tally: Tally) -> None:
    """Judge the planned cases until one fails. Those that are not supported were not planned from what is."""
    # A row without a case stays untried, and is counted as that.
    for levels, case in _in_lots(planned, announce):
        with tally.surviving(case):
            judgement = trial(case)
            if judgement.verdict is Verdict.NOT_OFFERED:
                tally.refused += not judgement.answers  # else the law itself says nothing of the case
            else:
                tally.add(case, judgement)
                tally.tried.append(levels)
        if tally.failure:
            break


def _telling(trial: Trial, plan: Plan | None, shown: Any, seed: str, strength: int) -> Any:
    """A planned case of middle size that fails too, with the reduction of the one that is shown.

    Of a case as simple as that many things are true by chance.
    """
    rows = plan.rows(strength) if plan and strength and isinstance(shown, Case) else ()
    middle, tries = len(rows) // 2, SAMPLE
    for place, levels in enumerate(rows[middle:], middle):
        with suppress(NoCase, Died):
            case = plan.case(levels, f"{seed} {place}")  # type: ignore[union-attr]
            alike = isinstance(case, Case) and case.network.reduction == shown.network.reduction
            if alike and len(case.x) > 2 and case.network.units > 1 and case.x.any():  # else no gradient by weights
                if trial(case).fails:
                    return case
                tries -= 1
        if not tries:
            break
    return None


def _search_on(trial: Trial, cases: Any, tally: Tally, seed: str, shrink: bool, simplest: bool) -> bool:
    """Search for a case that fails; where a planned one did and does again, for a smaller one to show instead.

    Whether a case that failed was seen to hold as well.
    """
    if tally.failure is None:
        return _search(trial, cases, tally, seed, shrink, simplest)
    if tally.died:
        return False
    case, judgement = tally.failure
    with tally.surviving(case):
        if not trial(case).fails:
            return True
    if tally.died or not shrink:
        return False
    smaller = Tally(max(tally.searched, SMALLER))
    flaky = _search(trial, cases, smaller, seed, shrink, simplest=True)
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


def _search(trial: Trial, cases: Any, tally: Tally, seed: str, shrink: bool, simplest: bool) -> bool:
    """Judge cases until one fails, then smaller ones; whether a case that failed was seen to hold as well.

    Hypothesis begins with the ``simplest``, all of whose numbers are 0 as a rule. It is judged where that is asked for,
    or where there is no other.
    """
    drawn = 0

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=tally.searched,
        deadline=None,
        verbosity=hypothesis.Verbosity.quiet,
        phases=(Phase.generate, Phase.shrink) if shrink else (Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @hypothesis.given(cases)
    def judge(case: Any) -> None:
        nonlocal drawn
        drawn += 1
        hypothesis.assume(simplest or drawn > 1)
        with tally.surviving(case):
            judgement = trial(case)
        if tally.died:
            raise _Stopped
        tally.add(case, judgement)
        if tally.rejected >= DRAWS * tally.searched and not tally.failure:
            raise _Stopped
        hypothesis.assume(judgement.verdict is not Verdict.NOT_OFFERED)  # another case is drawn in its place
        if judgement.fails:
            raise _Failed

    state = random.getstate()
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Generating overly large repr")  # a wide case is never printed by it
            judge()
    except (_Failed, _Stopped, hypothesis.errors.Unsatisfiable):
        pass
    except hypothesis.errors.Flaky:
        return True
    finally:
        random.setstate(state)
    return drawn == 1 and not simplest and _search(trial, cases, tally, seed, shrink, simplest=True)
