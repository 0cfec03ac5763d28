"""An exercise, and what a check finds. Each kind of exercise is a class in ``ffn.learn.kinds``."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from ffn.learn.message.wrapping import wrapped

if TYPE_CHECKING:  # listing exercises loads no judge
    from ffn.learn.judging.submission import Submission


class Outcome(StrEnum):
    """What a check concludes. ``unstable``: right on mild numbers, and lost to rounding on others."""

    PASSED = "passed"
    NOT_BEGUN = "not begun"
    UNFINISHED = "unfinished"
    WRONG = "wrong"
    UNSTABLE = "unstable"
    ERROR = "error"


STAGES = ("runs", "shapes", "numbers", "precision", "inside a network")


@dataclass(frozen=True)
class Misconception:
    """A wrong idea of the right answer, as a rule that computes what somebody who has it would hand in.

    Attributes:
        name: what it does, in a few words, such as "the mask is always 1".
        question: the one question that leads out of it; no answer, and no code.
        rule: as the exercise's ``truth``.
        exactly: whether it is compared on fractions, as at ties, where the sets of balls are wide. What it returns has
            to be a float then whenever its arguments are small whole numbers.
        also: other rules of the same idea, such as other numbers at which somebody clips.
    """

    name: str
    question: str
    rule: Callable[..., Any]
    exactly: bool = False
    also: tuple[Callable[..., Any], ...] = ()


class Manner(StrEnum):
    """What a program does beside giving its answer."""

    CHANGES = "changes an argument"
    WIDENS = "returns another dtype"
    SHARES = "returns memory of an argument"


@dataclass(frozen=True)
class Behaviour(Misconception):
    """A misconception that shows in what a program does, whatever its numbers are; its rule is such a program.

    Attributes:
        shows: how.
    """

    shows: Manner = Manner.CHANGES


FOR_THIS = "for this example"


@dataclass(frozen=True)
class Printed:
    """What the learner's own code printed.

    Attributes:
        lines: the last ones.
        count: of how many.
        when: in a few words.
    """

    lines: tuple[str, ...] = ()
    count: int = 0
    when: str = "in the last call"


@dataclass(frozen=True)
class Finding:
    """What a check found.

    Attributes:
        outcome: of the check.
        stage: of ``STAGES``, or of the kind's own: the first that failed.
        message: what is wrong, in one line.
        law: the law that is broken, in one sentence.
        name: the function or the variable that it is about.
        line: of the learner's file, from 1; None where the definition of ``name`` is meant.
        drawing: the smallest example.
        misconception: the one that agrees with everything that was handed in, if one does.
        agree: how many of the examples are wrong, all of which it gives.
        tried: the examples of that stage.
        held: the laws that held, in words, and of how many.
        things: what was tried, in a word.
        printed: what the learner's code printed on that example; None where no example is told.
    """

    outcome: Outcome
    stage: str = ""
    message: str = ""
    law: str = ""
    name: str = ""
    line: int | None = None
    drawing: tuple[str, ...] = ()
    misconception: Misconception | None = None
    agree: int = 0
    tried: int = 0
    held: tuple[str, ...] = ()
    laws: int = 0
    things: str = "examples"
    printed: Printed | None = None


@dataclass(frozen=True, kw_only=True)
class Exercise(ABC):
    """What every kind of exercise has. A module of ``ffn/learn/exercises`` holds one, as ``EXERCISE``.

    Attributes:
        title: in a few words.
        stars: 1 to 3, how hard it is.
        minutes: that a student needs.
        task: what is asked, in a few sentences; it stands at the top of the learner's file.
        template: Python, the rest of that file; a function to write raises NotImplementedError, a value is None.
        solution: Python that passes, in place of the template.
        hints: one after the other; only the last may hold code.
        law: what a right answer satisfies, in one sentence.
        read: what to read: a claim, a derivation, a lesson, a book's section.
        misconceptions: the wrong answers that have a name.
        seconds: that a call of what the learner wrote may take.
    """

    title: str
    stars: int
    minutes: int
    task: str
    template: str
    solution: str
    hints: tuple[str, ...]
    law: str
    read: str
    misconceptions: tuple[Misconception, ...] = ()
    seconds: float = 10.0

    @property
    @abstractmethod
    def asked(self) -> tuple[str, ...]:
        """The names that the learner's file has to define."""

    @property
    def begins(self) -> Outcome:
        """What a check of the untouched template concludes."""
        return Outcome.NOT_BEGUN

    def begun(self, seed: int) -> str:
        """The template; a kind may make one for each seed."""
        return self.template

    @abstractmethod
    def judge(self, submission: Submission) -> Finding:
        """Judge what was handed in."""

    @abstractmethod
    def slip(self, misconception: Misconception) -> Mapping[str, Any]:
        """What somebody with this misconception would define, by name: the exercise's author is held to it."""


@dataclass(frozen=True)
class Entry:
    """An exercise in its place.

    Attributes:
        id: chapter and number, such as ``"3.2"``.
        chapter: the chapter's title.
        path: where the learner's file of it goes, relative to the learner's folder.
        exercise: the exercise.
    """

    id: str
    chapter: str
    path: str
    exercise: Exercise = field(repr=False)

    def text(self, seed: int = 0) -> str:
        """The learner's file as it begins."""
        return written(self, self.exercise.begun(seed))

    @property
    def solved(self) -> str:
        """The learner's file with the solution."""
        return written(self, self.exercise.solution)


def written(entry: Entry, code: str) -> str:
    """A learner's file: the task as its docstring, and code."""
    exercise = entry.exercise
    head = f"{entry.id} {exercise.title} · {'★' * exercise.stars} · {exercise.minutes} min"
    return f'"""{head}\n\n{_filled(exercise.task)}\n"""\n\n{code.strip()}\n'


def _filled(task: str) -> str:
    """A text whose paragraphs fill lines of 80 columns, but for those that hold an indented line."""
    paragraphs = task.strip().split("\n\n")
    return "\n\n".join(each if re.search(r"^ ", each, re.M) else "\n".join(wrapped(each, "")) for each in paragraphs)
