"""A run of laws on an implementation: what was asked for, and what was found until now."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import click

from ffn.conformance.report.causes import Cause, causes
from ffn.conformance.report.known_failures import Known
from ffn.conformance.running.tally import LawReport
from ffn.conformance.verdict import Verdict
from ffn.numbers.declared import STANDARD, Declared

SLOW_SECONDS, SLOW_SHARE = 5.0, 0.2  # a law that takes more than both is named


@dataclass
class Run:
    """A run of laws on an implementation, complete or not.

    Attributes:
        implementation: its name; until it is loaded, what the user named it by.
        seed: of the cases.
        known: the failures that are expected.
        dtypes: those that the implementation offers.
        declared: its arithmetic.
        misspelt: names of its own that nobody calls, and those that may be meant.
        reports: of each law in each dtype, as it is judged.
        untried: a line for each method that is offered and that no law has tried on its full plan.
        seconds: since the run began.
        finished: whether every law was judged.
        interrupted: whether the user, or the system, ended it.
        unwritten: why its file could not be written, where that was so.
    """

    implementation: str
    seed: int
    known: Sequence[Known] = ()
    dtypes: Sequence[str] = ()
    declared: Declared = STANDARD
    misspelt: Sequence[tuple[str, str]] = ()
    reports: list[LawReport] = field(default_factory=list)
    untried: list[str] = field(default_factory=list)
    seconds: float = 0.0
    finished: bool = False
    interrupted: bool = False
    unwritten: str = ""
    _clock: float = field(default_factory=time.perf_counter)
    _seconds_of: dict[str, float] = field(default_factory=dict)

    def add(self, report: LawReport) -> None:
        """Add what was found of the law that was judged since the last one."""
        seconds = time.perf_counter() - self._clock
        self._clock += seconds
        if report.verdict is not Verdict.NOT_OFFERED:  # what went by until then was spent on others
            self._seconds_of[report.law.name] = self._seconds_of.get(report.law.name, 0.0) + seconds
        self.seconds += seconds
        self.reports.append(report)

    @contextmanager
    def kept_going(self) -> Iterator[None]:
        """Note that a file could not be written, and go on: what was found is still told."""
        try:
            yield
        except click.ClickException as error:
            self.unwritten = error.format_message()

    def is_known(self, report: LawReport) -> bool:
        return any(entry.matches(report) for entry in self.known)

    @property
    def failures(self) -> list[LawReport]:
        return [report for report in self.reports if report.verdict.fails]

    @property
    def news(self) -> list[LawReport]:
        """The failures that are not known."""
        return [report for report in self.failures if not self.is_known(report)]

    @property
    def judged(self) -> list[LawReport]:
        return [report for report in self.reports if report.verdict is not Verdict.NOT_OFFERED]

    @property
    def causes(self) -> list[Cause]:
        """The causes of the failures, known ones included: these tell which element is to blame."""
        return causes(self.reports)

    @property
    def slow(self) -> dict[str, float]:
        """The laws that took much of the time, with their seconds, the slowest first."""
        least = max(SLOW_SECONDS, SLOW_SHARE * self.seconds)
        found = {law: seconds for law, seconds in self._seconds_of.items() if seconds > least}
        return dict(sorted(found.items(), key=lambda item: -item[1]))
