"""The kind *bug hunt*: a program with six bugs, which differ from learner to learner."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ffn.learn.exercise import Exercise, Finding, Misconception, Outcome
from ffn.learn.judging.opening import opened
from ffn.learn.judging.submission import Submission
from ffn.learn.kinds.answers.network import NetworkFunction

PLANTED = 6


@dataclass(frozen=True)
class Bug:
    """A bug: a piece of the program that is there once, and what stands in its place.

    Attributes:
        name: that of the misconception of the part that it breaks: it is named where it is the last one there.
    """

    name: str
    right: str
    wrong: str


@dataclass(frozen=True, kw_only=True)
class Hunt(Exercise):
    """A program to be repaired. Every function of it is judged, not the first that fails alone.

    The template is left empty: a seed chooses six bugs. ``misconceptions`` are those of the parts.

    Attributes:
        bugs: at least six, each of which can be there beside any others.
        parts: what the program offers, each as an exercise of its own.
    """

    bugs: tuple[Bug, ...]
    parts: tuple[NetworkFunction, ...]
    template: str = ""

    @property
    def asked(self) -> tuple[str, ...]:
        return tuple(part.function for part in self.parts)

    @property
    def begins(self) -> Outcome:
        return Outcome.WRONG

    def begun(self, seed: int) -> str:
        return planted(self.solution, random.Random(seed).sample(self.bugs, PLANTED))

    def judge(self, submission: Submission) -> Finding:
        if finding := opened(submission, self.asked, "function"):
            return finding
        findings = [part.judge(submission) for part in self.parts]
        held = tuple(law for finding in findings for law in finding.held)
        laws = sum(finding.laws for finding in findings)
        failing = next((finding for finding in findings if finding.outcome is not Outcome.PASSED), None)
        if failing is None:
            return Finding(Outcome.PASSED, name=self.asked[0], held=held, laws=laws)
        return replace(failing, held=held, laws=laws)

    def slip(self, misconception: Misconception) -> Mapping[str, Any]:
        defined: dict[str, Any] = {}
        alone = [bug for bug in self.bugs if bug.name == misconception.name]
        exec(planted(self.solution, alone), defined)  # the author's own
        return defined


def planted(program: str, bugs: Any) -> str:
    """The program with bugs in it.

    Raises:
        ValueError: where a line to be replaced is not there exactly once.
    """
    for bug in bugs:
        if program.count(bug.right) != 1:
            raise ValueError(f"“{bug.name}”: {bug.right!r} is not one line of the program")
        program = program.replace(bug.right, bug.wrong)
    return program
