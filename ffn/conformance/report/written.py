"""The report of a run as JSON."""

from __future__ import annotations

import json
import platform
import re
import textwrap
from functools import cache
from importlib import metadata
from typing import Any

from ffn.cases.plan import Coverage, total
from ffn.conformance.report.causes import Cause
from ffn.conformance.report.run import Run
from ffn.conformance.report.text import line, printable
from ffn.conformance.running.tally import LawReport


class Writer:
    """A run as JSON, as the contract of the command has it: written again after each law, each law serialised once."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._laws: list[str] = []

    def text(self) -> str:
        run = self._run
        for report in run.reports[len(self._laws) :]:
            self._laws.append(_indented(_law_json(report, run.is_known(report))))
        content = {
            "implementation": line(run.implementation),
            "versions": versions(),
            "declared": str(run.declared),
            "seed": run.seed,
            "seconds": round(run.seconds, 3),
            "finished": run.finished,
            "interrupted": run.interrupted,
            "untried": [line(reason) for reason in run.untried],
            "slow": {law: round(seconds, 3) for law, seconds in run.slow.items()},
            "coverage": _coverage_json(total(report.coverage for report in run.reports)),
            "causes": [_cause_json(cause, run) for cause in run.causes],
        }
        laws = ",\n".join(self._laws)
        return f'{_dumped(content)[:-2]},\n  "laws": [\n{laws}\n  ]\n}}\n'


def _dumped(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)


def _indented(value: Any) -> str:
    return textwrap.indent(_dumped(value), "    ")


@cache
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


def _cause_json(cause: Cause, run: Run) -> dict[str, Any]:
    return {
        "cause": line(cause.name),
        "laws": list(cause.laws),
        "known": all(run.is_known(report) for report in cause.reports),
        "smallest": {"law": cause.smallest.law.name, "dtype": cause.smallest.dtype},
    }


def _coverage_json(coverage: Coverage | None) -> dict[str, Any] | None:
    if coverage is None:
        return None
    written = {name: getattr(coverage, name) for name in ("tried", "total", "strength", "later")}
    return written | ({"shared": coverage.shared} if coverage.shared else {})


def _law_json(report: LawReport, known: bool) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "law": report.law.name,
        "dtype": report.dtype,
        "verdict": str(report.verdict),
        "examples": report.examples,
        "message": printable(report.message),
        "explanation": printable(report.explanation),
        "known": known,
        "resolution": report.resolution,
        "resolution_90": report.resolution_90,
        **({"repeated_calls": report.repeats, "least_rate": report.least_rate} if report.repeats else {}),
        "undecided_examples": report.undecided_examples,
        "coordinates": {
            "decided": report.examination.decided,
            "undecided": report.examination.undecided,
            "not judged": report.examination.not_judged,
        },
        "decided_share": round(report.examination.decided_share, 4),
        "coverage": _coverage_json(report.coverage),
        "left_out": [*sorted(report.left_out), *report.levels_left_out],
    }
    if report.counterexample is not None:
        entry["counterexample"] = report.counterexample.to_json()
    return entry
