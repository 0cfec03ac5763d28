"""What was offered, and tried by no law on its full plan."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from ffn.conformance.implementation.subject import Subject
from ffn.conformance.running.tally import LawReport
from ffn.conformance.verdict import Verdict
from ffn.network.formulas import FORMULAS


def untried(reports: Iterable[LawReport], subject: Subject) -> list[str]:
    """The methods, precisions and parts that are offered, that laws here speak of, and that none tried: by reason."""
    reports = list(reports)
    found: dict[str, list[str]] = {}
    for what, spoken in _offers(reports, subject).items():
        if spoken and not any(_plans(report) and report.tried & methods for report, methods in spoken):
            found.setdefault(_reason(spoken), []).append(what)
    return [
        f"{_listed(what)} {'was' if len(what) == 1 else 'were'} tried by no law on its full plan: {reason}"
        for reason, what in found.items()
    ]


def _plans(report: LawReport) -> bool:
    """Whether its law has a plan of values: what is planned of sequences of calls is one case of each kind."""
    return report.law.plan is not None and report.law.most is None


def _listed(names: list[str]) -> str:
    return " and ".join((", ".join(names[:-1]), names[-1])) if len(names) > 1 else names[0]


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
    if not any(_plans(report) for report, _ in spoken):
        return "none of the laws that were chosen has one"
    if in_part := [report for report, _ in spoken if _plans(report) and report.verdict is Verdict.HOLDS]:
        return f"some cases of {in_part[0].law.name} were not offered"
    if messages:
        return messages.most_common(1)[0][0]
    if Verdict.UNDECIDED in verdicts:
        return "the admissible sets are too wide there to decide anything"
    return "the laws on it ask for more than is offered: another method, a part among `parts`, or a promise"
