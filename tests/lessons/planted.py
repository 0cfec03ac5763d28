"""A planted bug: wrong code in the place of ours, the lesson that refuses it, and what Hypothesis shrinks it to.

    @planted("slope s(1 − s)", claim="C14", in_place_of=sigmoid_slope)
    @refused_by(test_saturation.test_the_shipped_slope_keeps_its_digits_in_saturation)
    def slope_from_the_output(xp, z): ...

One wrong function may be planted several times, for several claims or lessons: then it has several such pairs.
"""

from __future__ import annotations

import ast
import re
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

WIDTH = 100  # of a line of an example
BUGS_FOLDER = "tests.lessons.bugs"
PLANTED: list[LessonBug] = []  # what `planted` adds to


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
    arguments: dict[str, Any]


def planted(name: str, claim: str, in_place_of: Any) -> Callable[[Any], Any]:
    """Plant the function below in the place of the code, to be refused by the lesson that is named next below."""

    def plant(wrong: Any) -> Any:
        PLANTED.append(LessonBug(name, claim, wrong.refused_by, in_place_of, wrong, wrong.arguments))
        return wrong

    return plant


def refused_by(lesson: Callable[..., Any], **arguments: Any) -> Callable[[Any], Any]:
    """The lesson that refuses what is planted above, and the arguments where it is parametrised."""

    def note(wrong: Any) -> Any:
        wrong.refused_by, wrong.arguments = lesson, arguments
        return wrong

    return note


@dataclass(frozen=True)
class Refusal:
    """How a bug was refused: the smallest example that shows it, and what the lesson said of it."""

    example: str
    message: str


def refusal(bug: LessonBug) -> Refusal | None:
    """The refusal of the bug by the lesson as it runs, with its own number of examples; None where it passed."""
    with _in_place(bug), np.errstate(all="ignore"):  # an overflow is for the lesson to see, not for NumPy
        try:
            bug.lesson(**bug.arguments)
        except AssertionError as error:  # anything else says that the wrong function does not run
            return Refusal(_example(error), _message(error))
    return None


@contextmanager
def _in_place(bug: LessonBug) -> Iterator[None]:
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


def _ours() -> list[Any]:
    """The project's modules and the lessons', but not the wrong functions': what they import is the right code."""
    return [
        module
        for name, module in list(sys.modules.items())
        if name.startswith(("ffn", "proofs", "tests")) and module is not None and not name.startswith(BUGS_FOLDER)
    ]


def _example(error: BaseException) -> str:
    """The smallest failing example as Hypothesis notes it on the error: the arguments, then what was drawn later."""
    notes = [_with_short_numbers(note) for note in getattr(error, "__notes__", ())]
    calls = [re.search(r"^(?:Failing test case|Falsifying example): (\w+\(.*\))", note, re.DOTALL) for note in notes]
    draws = [re.search(r"^Draw (\d+)[^:]*: (.*)", note, re.DOTALL) for note in notes]
    arguments = [line for call in calls if call for line in _arguments(call[1])]
    return "\n".join([*arguments, *(f"draw {draw[1]} = {_on_one_line(draw[2])}" for draw in draws if draw)])


def _with_short_numbers(note: str) -> str:
    """Without Hypothesis's remarks, and with fractions reduced: Fraction(0, 4) is 0."""
    note = re.sub(r" *# (The test |or any other).*", "", note)
    fraction = r"Fraction\(\s*(-?\d+),\s*(\d+),?\s*\)"
    return re.sub(fraction, lambda found: repr(reduced(Fraction(int(found[1]), int(found[2])))), note)


def reduced(number: Fraction) -> Fraction | int:
    return int(number) if number.denominator == 1 else number


def _arguments(call: str) -> Iterator[str]:
    """The arguments of a call, each on a line of its own."""
    parsed = ast.parse(call, mode="eval").body
    assert isinstance(parsed, ast.Call)
    for keyword in parsed.keywords:
        value = _on_one_line(ast.get_source_segment(call, keyword.value) or "")
        if value != "data(...)":  # what was drawn from it has lines of its own
            yield f"{keyword.arg} = {value}"


def _on_one_line(value: str) -> str:
    """A value on one line where that is short enough and the value is Python."""
    try:
        short = ast.unparse(ast.parse(value.strip(), mode="eval"))
    except SyntaxError:
        return value
    return short if len(short) <= WIDTH else textwrap.dedent(value)


def _message(error: BaseException) -> str:
    text = str(error).strip()
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
