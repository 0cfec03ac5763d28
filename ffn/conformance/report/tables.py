"""The tables of a run: a line a chapter of laws, or a line a law and dtype."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from ffn.conformance.report.run import Run
from ffn.conformance.running.tally import LawReport
from ffn.conformance.verdict import Verdict

STYLES = {
    Verdict.HOLDS: "green",
    Verdict.WRONG: "bold red",
    Verdict.UNSTABLE: "bold yellow",
    Verdict.ERROR: "bold red",
    Verdict.UNDECIDED: "cyan",
    Verdict.NOT_OFFERED: "dim",
}


def chapter(law: str) -> str:
    """The part of a law's name before the first slash."""
    return law.partition("/")[0]


def chapters(run: Run) -> Table:
    """Chapter, how many judgements hold, fail, fail as is known or are undecided, examples, share decided."""
    any_known = len(run.news) < len(run.failures)
    groups: dict[str, list[LawReport]] = {}
    for report in run.judged:
        groups.setdefault(chapter(report.law.name), []).append(report)
    columns = ("holds", "fails", *(["known"] if any_known else []), "undecided", "examples", "decided")
    table = _table(("chapter",), columns)
    for name, reports in groups.items():
        fails, known = (sum(r.verdict.fails and run.is_known(r) is known for r in reports) for known in (False, True))
        holds, undecided = (sum(r.verdict is v for r in reports) for v in (Verdict.HOLDS, Verdict.UNDECIDED))
        counts: list[str | Text] = [
            str(holds or ""),
            Text(str(fails or ""), STYLES[Verdict.WRONG]),
            *([str(known or "")] if any_known else []),
            Text(str(undecided or ""), STYLES[Verdict.UNDECIDED]),
        ]
        table.add_row(escape(name), *counts, str(sum(r.examples for r in reports)), _decided(reports))
    return table


def _decided(reports: Sequence[LawReport]) -> str:
    """The share of all coordinates that was decided."""
    tallies = [report.examination for report in reports]
    decided = sum(tally.decided for tally in tallies)
    total = decided + sum(tally.undecided + tally.not_judged for tally in tallies)
    return f"{100 * decided // total} %" if total else ""


def laws(run: Run, most: int) -> Table:
    """Law, dtype, verdict, examples, resolution, what was not decided or not judged: as many as fit in ``most``."""
    columns = ("law", "dtype", "verdict"), ("examples", "resolution", "90 %", "undecided", "not judged")
    rows = list(_rows(run))
    for left_out in range(len(columns[1]) + 1):
        right = columns[1][: len(columns[1]) - left_out]
        table = _table(columns[0], right)
        for row in rows:
            table.add_row(*row[: len(columns[0]) + len(right)])
        if width(table) <= most:
            break
    return table


def _rows(run: Run) -> Iterator[tuple[str | Text, ...]]:
    previous = ""
    for report in run.judged:
        name = report.law.name if report.law.name != previous else ""
        known = f"{report.verdict}, known" if run.is_known(report) else str(report.verdict)
        counts = (report.undecided_examples, report.examination.not_judged)
        yield (
            escape(name),
            report.dtype,
            Text(known, STYLES[report.verdict]),
            str(report.examples),
            *map(resolution, (report.resolution, report.resolution_90)),
            *(str(count or "") for count in counts),
        )
        previous = report.law.name


def resolution(value: float | None) -> str:
    """A relative error in one digit."""
    return "" if value is None else f"{value:.0e}" if value else "exact"


def resolutions(run: Run) -> str:
    """For each dtype the smallest relative error that is seen in half of the coordinates, of the median law."""
    found: dict[str, list[float]] = {}
    for report in run.judged:
        if report.resolution is not None and report.resolution < 1:  # who errs by all of it is seen by any law
            found.setdefault(report.dtype, []).append(report.resolution)
    return ", ".join(f"{dtype} {resolution(statistics.median(values))}" for dtype, values in found.items())


def width(table: Table) -> int:
    """The width of the table with nothing cut."""
    return Console(width=1000).measure(table).maximum


def _table(left: Sequence[str], right: Sequence[str]) -> Table:
    table = Table(box=None, pad_edge=False)
    for column in left:
        table.add_column(column)
    for column in right:
        table.add_column(column, justify="right")
    return table
