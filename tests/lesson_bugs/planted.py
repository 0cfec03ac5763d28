"""A planted bug: wrong code in the place of ours, the lesson that refuses it, and what Hypothesis shrinks it to."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class LessonBug:
    """A planted bug.

    Attributes:
        name: what is wrong, in a few words.
        claim: the claim it belongs to.
        lesson: the test that refuses it.
        code: the function or class that is replaced, wherever the project or a lesson has it by name.
        wrong: what takes its place.
        arguments: of a parametrised lesson.
    """

    name: str
    claim: str
    lesson: Callable[..., Any]
    code: Any
    wrong: Any
    arguments: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Refusal:
    """How a bug was refused: the smallest example that shows it, and what the lesson said of it."""

    example: str
    message: str


@contextmanager
def planted(bug: LessonBug) -> Iterator[None]:
    """The bug in place of the code, in every loaded module of the project or the tests that has it."""
    places = [(module, name) for module in _ours() for name, value in vars(module).items() if value is bug.code]
    if not places:
        raise LookupError(f"{bug.name}: nothing has {bug.code!r} by name")
    try:
        for module, name in places:
            setattr(module, name, bug.wrong)
        yield
    finally:
        for module, name in places:
            setattr(module, name, bug.code)


def refusal(bug: LessonBug) -> Refusal | None:
    """The lesson's refusal of the bug, or None where it let the bug pass."""
    with planted(bug):
        try:
            bug.lesson(**bug.arguments)
        except Exception as error:
            return Refusal(_example(error), _message(error))
    return None


def _ours() -> list[Any]:
    """The project's modules and the lessons', but not the ones that plant: there the code keeps its name."""
    ours = ("ffn", "proofs", "tests")
    return [
        module
        for name, module in list(sys.modules.items())
        if name.startswith(ours) and module is not None and "lesson_bugs" not in name
    ]


def _example(error: BaseException) -> str:
    """The arguments of the smallest failing example, as Hypothesis notes them on the error, without its remarks."""
    for note in getattr(error, "__notes__", ()):
        if found := re.search(r"(?:Failing test case|Falsifying example): \w+(\(.*\))", note, re.DOTALL):
            return re.sub(r"[ ]*# (The test |or any other).*", "", found[1]).replace("(\n\n", "(\n")
    return ""


def _message(error: BaseException) -> str:
    text = str(error).strip()
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
