"""What a build has to run: every derivation's check, every figure, every planted bug."""

from __future__ import annotations

import importlib
import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from proofs.chapters.figure import Figure, to_svg
from proofs.claims.register import SUBJECTS
from proofs.engine.check import Outcome, check
from proofs.registry import ALL


@dataclass
class Results:
    """What was run.

    Attributes:
        badges: of each derivation, by its name: what it reached.
        svgs: of each claim with a figure.
        refusals: of each planted bug, by its place in the list of all: (example, message), or None where it passed.
        failures: one line for each derivation that fell short and each bug that was not refused.
    """

    badges: dict[str, str] = field(default_factory=dict)
    svgs: dict[str, str] = field(default_factory=dict)
    refusals: dict[int, tuple[str, str]] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)


def figures() -> dict[str, Figure]:
    """The figure of each claim that has one."""
    places = (f"proofs.chapters.{subject.slug}.figures.{subject.slug}" for subject in SUBJECTS)
    modules = map(importlib.import_module, places)
    return {id: figure for module in modules for id, figure in module.FIGURES.items()}


def planted_bugs() -> tuple[Any, ...]:
    """The bugs planted in the lessons. They belong to the tests: only a build of the site asks for them."""
    importlib.import_module("tests.conftest")  # the profile that makes a run the same each time
    every: tuple[Any, ...] = importlib.import_module("tests.lessons.bugs").EVERY
    return every


def run(progress: Callable[[int, int], None]) -> Results:
    """Run everything on all cores; ``progress`` is told how many of how many are done."""
    bugs = planted_bugs()
    tasks = [
        *(("bug", place) for place in range(len(bugs))),
        *(("derivation", place) for place in range(len(ALL))),
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
    if kind == "figure":
        return to_svg(figures()[key])
    if kind == "derivation":
        return _shown(check(ALL[key]))
    with np.errstate(all="ignore"):  # wrong code overflows, and is refused for it
        refused = importlib.import_module("tests.lessons.planted").refusal(planted_bugs()[key])
    return None if refused is None else (refused.example, refused.message)


def _shown(outcome: Outcome) -> tuple[str, bool]:
    return str(outcome.badge), outcome.holds


def _keep(results: Results, kind: str, key: Any, result: Any) -> None:
    if kind == "figure":
        results.svgs[key] = result
    elif kind == "derivation":
        results.badges[ALL[key].name], holds = result
        results.failures += [] if holds else [f"the derivation {ALL[key].name!r} falls short of its badge"]
    elif result is None:
        bug = planted_bugs()[key]
        results.failures.append(f"the planted bug {bug.name!r} of {bug.claim} was not refused")
    else:
        results.refusals[key] = result
