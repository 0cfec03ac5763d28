"""The kind *bug hunt*: a program with six bugs, which differ from learner to learner."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ffn.learn.exercise import Misconception, Outcome
from ffn.learn.kinds.together import Together

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
class Hunt(Together):
    """A program to be repaired, whose parts are what it offers. The template is left empty: a seed chooses six bugs.

    Attributes:
        bugs: at least six, each of which can be there beside any others.
    """

    bugs: tuple[Bug, ...]
    template: str = ""

    @property
    def begins(self) -> Outcome:
        return Outcome.WRONG

    def begun(self, seed: int) -> str:
        return planted(self.solution, random.Random(seed).sample(self.bugs, PLANTED))

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
