"""Causes: failures of many laws, grouped by what they have in common.

Elements first. An activation, an output or a reduction has laws of its own, and each of these is one of a family that
says the same of the others. An element is accused where its own law fails and at least as many of that family hold;
then every failure whose smallest case has the element is put down to it. Where most of a family fail it is no element
but the method that they all call, and the failures that call it are put down to that. What is left keeps its chapter's
name.

An exception is its own cause, by type and place. Purity is judged apart: what changes its inputs does so whatever the
element.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ffn.cases.case import ActivationCase, Arguments, Case
from ffn.conformance.implementation.protocol import PARTS_WITH_METHODS
from ffn.conformance.law import ELEMENTS, Law, admitted
from ffn.conformance.running.tally import LawReport
from ffn.conformance.verdict import Verdict
from ffn.network.description import Network

_ALONE = {"weight decay", *PARTS_WITH_METHODS}
# Chapters that accuse no element: they are about calls, whatever these compute.
_ABOUT_CALLS = ("purity", "arguments", "state")


@dataclass(frozen=True)
class Cause:
    """Failures with something in common.

    Attributes:
        name: an element, a method, a chapter of laws, or an exception with its place.
        reports: of the laws that fail, the one that shows it best first: by a plain call, with the smallest case.
        symptom: whether it is likely to follow from the others.
    """

    name: str
    reports: tuple[LawReport, ...]
    symptom: bool = False

    @cached_property
    def laws(self) -> tuple[str, ...]:
        """The names of the laws."""
        return tuple(dict.fromkeys(report.law.name for report in self.reports))

    @property
    def smallest(self) -> LawReport:
        return self.reports[0]

    @property
    def rank(self) -> tuple[Any, ...]:
        """What to begin with: a cause before a symptom, what is wrong before what is unstable, what few laws meet."""
        unstable = all(report.verdict is Verdict.UNSTABLE for report in self.reports)
        return self.symptom, unstable, len(self.laws), _reading(self.smallest)


def causes(reports: Sequence[LawReport]) -> list[Cause]:
    """The causes of the failures among these reports, the one to begin with first."""
    suspects = _Suspects(reports)
    groups: dict[str, list[LawReport]] = defaultdict(list)
    for report in reports:
        if report.verdict.fails:
            groups[suspects.cause_of(report)].append(report)
    found = (Cause(name, tuple(sorted(group, key=_reading)), _is_symptom(name)) for name, group in groups.items())
    return sorted(found, key=lambda cause: cause.rank)


class _Suspects:
    """The elements and methods that the laws about them accuse, in each dtype."""

    def __init__(self, reports: Iterable[LawReport]) -> None:
        self.elements: set[tuple[str, str]] = set()
        self.methods: set[tuple[str, str]] = set()
        families: dict[tuple[str, str], list[LawReport]] = defaultdict(list)
        for report in reports:
            judged = report.verdict in (Verdict.HOLDS, Verdict.WRONG, Verdict.UNSTABLE)
            if judged and _chapter(report.law) not in _ABOUT_CALLS:
                families[report.dtype, report.law.family].append(report)
        # Families first: what they accuse explains what fails of an element that has no family.
        for (dtype, _), members in sorted(families.items(), key=lambda item: "*" not in item[0][1]):
            self._hear(dtype, members)

    def _hear(self, dtype: str, members: Sequence[LawReport]) -> None:
        failing = [report for report in members if report.verdict.fails]
        for report in failing:
            element, in_family = _element(report.law), "*" in report.law.family
            if in_family and 2 * len(failing) > len(members):
                self.methods |= {(dtype, method) for method in _methods(report)}
            elif element and (in_family or not self._accused(report)):
                self.elements.add((dtype, element))

    def _accused(self, report: LawReport) -> str | None:
        """The accused element in the smallest case, or the accused method that failed."""
        elements = (name for name in _elements(report) if (report.dtype, name) in self.elements)
        methods = (name for name in _methods(report) if (report.dtype, name) in self.methods)
        return next(elements, None) or next(methods, None)

    def cause_of(self, report: LawReport) -> str:
        if report.verdict is Verdict.ERROR:
            return _exception(report.message)
        name, chapter = report.law.name, _chapter(report.law)
        if chapter == "purity":
            return name
        return self._accused(report) or chapter


def _chapter(law: Law) -> str:
    return law.name.partition("/")[0]


def _is_symptom(name: str) -> bool:
    return name.startswith("purity/")


def _element(law: Law) -> str | None:
    """The element that a law is about."""
    return next((part for part in law.name.split("/") if part in ELEMENTS | _ALONE), None)


def _methods(report: LawReport) -> tuple[str, ...]:
    """The method whose answer was not admissible; where no set was left, those that the law calls."""
    law, outside = report.law, report.examination.outside
    prefix = f"{law.part}_" if law.part in PARTS_WITH_METHODS else ""
    if outside is None or isinstance(report.counterexample, ActivationCase):
        return tuple(prefix + name for name in law.speaks_of)
    found = {"output": "forward", "loss": "loss"}.get(outside.path.partition("[")[0], "gradient")
    return (prefix + found,)


def _elements(report: LawReport) -> Iterator[str]:
    """What may be to blame: the element that the law is about, then those in the smallest case."""
    if element := _element(report.law):
        yield element
    case = report.counterexample
    if isinstance(case, ActivationCase):
        yield case.activation
    if isinstance(case, Case):
        network = case.network
        yield from (
            layer.activation for layer in (network.hidden if isinstance(network, Network) else (network.hidden,))
        )
        yield network.output.name
        yield from ("weight decay",) if isinstance(network, Network) and network.weight_decay else ()
        yield from (case.part,) if case.part else ()
        if len(case.x) > 1:  # of one row mean and sum are the same
            yield case.network.reduction


def _exception(message: str) -> str:
    """What identifies an exception: its type and place, else its words, for numbers and shapes vary with the case."""
    if found := re.search(r"raised (\w+).*\(([^()\s]+:\d+)\)", message, re.DOTALL):
        return f"{found[1]} at {found[2]}"
    return re.sub(r"\([\d, ]*\)|-?\d[\d.e+-]*", "…", message)[:80]


def _reading(report: LawReport) -> tuple[bool, int]:
    """What it takes to understand a failure: whether the law does more than call with the case, and its numbers."""
    case = report.counterexample
    numbers = sum(array.size for array in case.arrays()) if isinstance(case, Arguments) else 0
    return report.law.judge is not admitted, numbers
