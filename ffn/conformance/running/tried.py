"""What was offered, and tried by no law on its full plan."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from ffn.conformance.implementation.subject import Subject
from ffn.conformance.running.tally import LawReport
from ffn.conformance.verdict import Verdict
from ffn.network.formulas import FORMULAS


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
    return "the laws on it ask for more than is offered: another method, a part among `parts`, or a promise"
