"""What a build has to run, and what came of it: every derivation's check, every figure, every planted bug."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from typing import Any

from proofs.chapters.figure import to_svg
from proofs.chapters.notes import derivations, figures
from proofs.engine.check import Outcome, check
from proofs.study import planted_bugs


@dataclass
class Results:
    """What was run.

    Attributes:
        badges: of each derivation, by its name: what it reached.
        weakest: and the step that makes it so.
        provers: and of each of its steps what shows it.
        svgs: of each claim with a figure.
        refusals: of each planted bug that was refused, by its place among all of them.
        failures: one line for each derivation that fell short and each bug that was not refused.
    """

    badges: dict[str, str] = field(default_factory=dict)
    weakest: dict[str, str] = field(default_factory=dict)
    provers: dict[str, dict[str, tuple[str, ...]]] = field(default_factory=dict)
    svgs: dict[str, str] = field(default_factory=dict)
    refusals: dict[int, planted_bugs.Refusal] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)


def run(progress: Callable[[int, int], None]) -> Results:
    """Run everything on all cores; ``progress`` is told how many of how many are done."""
    tasks = [
        *(("bug", place) for place in range(len(planted_bugs.EVERY))),
        *(("derivation", place) for place in range(len(derivations()))),
        *(("figure", id) for id in figures()),
    ]
    results = Results()
    with ProcessPoolExecutor(mp_context=multiprocessing.get_context("spawn")) as pool:
        waiting = {pool.submit(_one, kind, key): (kind, key) for kind, key in tasks}
        for done, future in enumerate(as_completed(waiting), 1):
            _keep(results, *waiting[future], future.result())
            progress(done, len(tasks))
    results.failures.sort()
    return results


def _one(kind: str, key: Any) -> Any:
    """What comes of one task."""
    if kind == "figure":
        return to_svg(figures()[key])
    if kind == "derivation":
        outcome = check(derivations()[key])
        return str(outcome.badge), outcome.weakest, outcome.provers, _shortcoming(outcome)
    return planted_bugs.refused(key)


def _shortcoming(outcome: Outcome) -> str:
    """One line on a derivation that falls short of its badge, "" for another."""
    if outcome.holds:
        return ""
    refused = "; ".join(f"{r.step!r} is refused ({', '.join(r.checks)})" for r in outcome.refusals)
    return f"the derivation {outcome.derivation.name!r} is {outcome.badge}, not {outcome.declared}: {refused}"


def _keep(results: Results, kind: str, key: Any, result: Any) -> None:
    if kind == "figure":
        results.svgs[key] = result
    elif kind == "derivation":
        name = derivations()[key].name
        results.badges[name], results.weakest[name], results.provers[name], shortcoming = result
        results.failures += [shortcoming] if shortcoming else []
    elif result is None:
        bug = planted_bugs.EVERY[key]
        results.failures.append(f"the planted bug {bug.name!r} of {bug.claim} was not refused")
    else:
        results.refusals[key] = result
