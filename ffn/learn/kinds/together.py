"""The kind *together*: an exercise of several parts, each of a kind of its own, in one file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ffn.learn.exercise import Exercise, Finding, Misconception, Outcome
from ffn.learn.judging.submission import Submission


@dataclass(frozen=True, kw_only=True)
class Together(Exercise):
    """Every part is judged, not only the first that fails; that one is told. ``misconceptions`` are those of the parts.

    Attributes:
        parts: exercises whose names differ; their own task, template, solution and hints are left empty.
    """

    parts: tuple[Exercise, ...]

    @property
    def asked(self) -> tuple[str, ...]:
        return tuple(name for part in self.parts for name in part.asked)

    def judge(self, submission: Submission) -> Finding:
        findings = [part.judge(submission) for part in self.parts]
        held = tuple(law for finding in findings for law in finding.held)
        laws = sum(finding.laws for finding in findings)
        failing = [finding for finding in findings if finding.outcome is not Outcome.PASSED]
        if not failing:
            return Finding(Outcome.PASSED, name=self.asked[0], held=held, laws=laws)
        begun = [finding for finding in failing if finding.outcome is not Outcome.NOT_BEGUN]
        if not begun and len(failing) < len(findings):
            message = f"What is there is right, and the rest is still to be done: {failing[0].message}"
            return replace(failing[0], outcome=Outcome.UNFINISHED, message=message, law=self.law, held=held, laws=laws)
        return replace((begun or failing)[0], held=held, laws=laws)

    def slip(self, misconception: Misconception) -> Mapping[str, Any]:
        part = next(part for part in self.parts if misconception.name in {each.name for each in part.misconceptions})
        defined: dict[str, Any] = {}
        exec(self.solution, defined)  # the author's own
        return {**{name: defined[name] for name in self.asked}, **part.slip(misconception)}


PART: Mapping[str, Any] = {"stars": 1, "minutes": 1, "task": "", "template": "", "solution": "", "hints": ()}
