"""Reports of a run: JSON for machines, tables and counterexamples for the terminal."""

from __future__ import annotations

import json
import platform
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib import metadata
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from ffn.conformance.known_failures import Known, stale
from ffn.conformance.runner import LawReport
from ffn.conformance.verdict import Verdict
from ffn.numbers.precision import precision

_STYLES = {
    Verdict.HOLDS: "green",
    Verdict.WRONG: "bold red",
    Verdict.UNSTABLE: "bold yellow",
    Verdict.ERROR: "bold red",
    Verdict.UNDECIDED: "cyan",
    Verdict.NOT_OFFERED: "dim",
}


@dataclass
class Run:
    """A run of laws on an implementation, complete or interrupted."""

    implementation: str
    seed: int
    seconds: float = 0.0
    reports: list[LawReport] = field(default_factory=list)
    known: Sequence[Known] = ()
    interrupted: bool = False

    def is_known(self, report: LawReport) -> bool:
        return any(entry.matches(report) for entry in self.known)

    @property
    def news(self) -> list[LawReport]:
        """The failures that are not known."""
        return [report for report in self.reports if report.verdict.fails and not self.is_known(report)]

    @property
    def judged(self) -> list[LawReport]:
        return [report for report in self.reports if report.verdict is not Verdict.NOT_OFFERED]


def versions() -> dict[str, str]:
    """The versions of Python and of the packages that the judgement rests on, where installed."""
    found = {"python": platform.python_version()}
    required = (re.match(r"[\w.-]+", requirement) for requirement in metadata.requires("ffn-reference") or ())
    for package in ("ffn-reference", *(name[0] for name in required if name)):
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return found


def to_json(run: Run) -> str:
    """The run as JSON, as the contract of the command has it, and the counts beside it."""
    content = {
        "implementation": run.implementation,
        "versions": versions(),
        "seed": run.seed,
        "seconds": round(run.seconds, 3),
        "interrupted": run.interrupted,
        "laws": [_law_json(report, run.is_known(report)) for report in run.reports],
    }
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def _law_json(report: LawReport, known: bool) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "law": report.law.name,
        "dtype": report.dtype,
        "verdict": str(report.verdict),
        "examples": report.examples,
        "message": report.message,
        "known": known,
        "resolution": report.resolution,
        "resolution_90": report.resolution_90,
        "undecided_examples": report.undecided_examples,
        "coordinates": {
            "decided": report.examination.decided,
            "undecided": report.examination.undecided,
            "not judged": report.examination.not_judged,
        },
    }
    if report.counterexample is not None:
        entry["counterexample"] = report.counterexample.to_json()
    return entry


def show(run: Run, console: Console) -> None:
    """The table, the counterexample of each failure, and a summary."""
    console.print(table(run))
    for report in run.reports:
        if report.verdict.fails and not run.is_known(report):
            console.print(failure(report), soft_wrap=True)  # a wrapped line could not be pasted
    for entry in stale(run.known, run.reports):
        line = f"stale known failure: {entry.law} in {entry.dtype} is no longer {entry.verdict}"
        console.print(Text(line, style="yellow"))
    console.print(summary(run))


def table(run: Run) -> Table:
    """Law, dtype, verdict, examples, resolution, and what was not decided or not judged."""
    result = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("law", "dtype", "verdict"):
        result.add_column(column, no_wrap=True)
    for column in ("examples", "resolution", "90 %", "undecided", "not judged"):
        result.add_column(column, justify="right", no_wrap=True)
    previous = ""
    for report in run.judged:
        name = report.law.name if report.law.name != previous else ""
        result.add_row(escape(name), *_cells(report, run.is_known(report)))
        previous = report.law.name
    return result


def _cells(report: LawReport, known: bool) -> tuple[str | Text, ...]:
    verdict = Text(f"{report.verdict}, known" if known else str(report.verdict), _STYLES[report.verdict])
    resolutions = map(_resolution, (report.resolution, report.resolution_90))
    counts = (report.undecided_examples, report.examination.not_judged)
    return report.dtype, verdict, str(report.examples), *resolutions, *(str(count or "") for count in counts)


def _resolution(value: float | None) -> str:
    return "" if value is None else f"{value:.0e}" if value else "exact"


def failure(report: LawReport) -> Text:
    """A failure: the law, what it states, what was found, and the counterexample as Python."""
    title = Text.assemble(
        "\n", (f"{report.law.name}, {report.dtype}: ", "bold"), (str(report.verdict), _STYLES[report.verdict])
    )
    parts = [title, Text(report.law.statement, "italic"), Text(report.message)]
    if report.counterexample is not None:
        highlighted = Syntax("", "python", background_color="default").highlight(report.counterexample.to_python())
        highlighted.rstrip()
        parts.append(highlighted)
    return Text("\n").join(parts)


def summary(run: Run) -> Text:
    """Counts of verdicts, the laws not offered, and what the columns mean."""
    judged = Counter(report.verdict for report in run.judged)
    counts = ", ".join(f"{judged[verdict]} {verdict}" for verdict in Verdict if judged[verdict])
    known = sum(report.verdict.fails and run.is_known(report) for report in run.reports)
    lines = [
        f"\n{run.implementation}: {counts or 'nothing was judged'}" + (f" ({known} known)" if known else ""),
        f"{_counted(len(run.judged), 'judgement')} of {_counted(sum(r.examples for r in run.judged), 'example')}"
        f" in {run.seconds:.1f} s, seed {run.seed}",
    ]
    if absent := _not_offered(run.reports):
        lines.append(f"not offered: {absent}")
    if flushed := [d for d in dict.fromkeys(r.dtype for r in run.judged) if precision(d).flushed]:
        lines.append(f"subnormals may be flushed to zero in {', '.join(flushed)}")
    lines.append(
        "resolution: smallest relative error that would be seen in half, and in 90 %, of the decided coordinates;"
        " undecided: examples whose admissible set is too wide; not judged: entries that may overflow"
    )
    if run.interrupted:
        lines.append("interrupted: this is what was found so far")
    return Text("\n".join(lines))


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _not_offered(reports: Sequence[LawReport]) -> str:
    """The laws not offered in any dtype, and the dtypes in which none is."""
    judged = {report.law.name for report in reports if report.verdict is not Verdict.NOT_OFFERED}
    in_dtypes = {report.dtype for report in reports if report.verdict is not Verdict.NOT_OFFERED}
    laws = [name for name in dict.fromkeys(r.law.name for r in reports) if name not in judged]
    dtypes = [dtype for dtype in dict.fromkeys(r.dtype for r in reports) if dtype not in in_dtypes]
    return ", ".join(dtypes + (laws if in_dtypes else []))
