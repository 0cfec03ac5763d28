"""What authors need: a new exercise, and what is promised of every one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from ffn.learn import catalogue
from ffn.learn.exercise import Entry, Misconception, Outcome
from ffn.learn.judging.submission import Submission
from ffn.learn.message import text
from ffn.learn.message.wrapping import COLUMNS
from ffn.terminal import CannotRun

CODE = re.compile(r"`[^`]*[(=@\[][^`]*`|\breturn\b|\bdef \w|np\.\w|\w\(.*\)\s*[=*@]|^\s{4,}\S", re.M)
LONGEST = 88  # columns of a learner's file


def faults(entry: Entry) -> list[str]:
    """What an exercise does not keep of what is promised; empty where it keeps all."""
    return [*_of_prose(entry), *_of_code(entry), *_of_names(entry)]


def _of_prose(entry: Entry) -> Iterator[str]:
    exercise = entry.exercise
    if len(exercise.misconceptions) < 2:
        yield "fewer than two misconceptions"
    if not exercise.hints:
        yield "no hint"
    for number, hint in enumerate(exercise.hints[:-1], 1):
        if CODE.search(hint):
            yield f"hint {number} holds code before the last"
    for misconception in exercise.misconceptions:
        if "?" not in misconception.question and "." not in misconception.question:
            yield f"“{misconception.name}” has no question"
    if any(len(line) > LONGEST for line in entry.text().splitlines()):
        yield f"the learner's file has a line of more than {LONGEST} columns"


def _of_code(entry: Entry) -> Iterator[str]:
    template = _finding(entry, _defined(entry.text()))
    if template.outcome is not entry.exercise.begins:
        yield f"the template is {template.outcome}, not {entry.exercise.begins!s}: {template.message}"
    solution = _finding(entry, _defined(entry.solved))
    if solution.outcome is not Outcome.PASSED:
        yield f"the solution is {solution.outcome}: {solution.message}"


def _of_names(entry: Entry) -> Iterator[str]:
    for misconception in entry.exercise.misconceptions:
        for rule in (misconception.rule, *misconception.also):
            yield from _of_name(entry, replace(misconception, rule=rule, also=()))


def _of_name(entry: Entry, misconception: Misconception) -> Iterator[str]:
    finding = _finding(entry, entry.exercise.slip(misconception))
    if finding.outcome is Outcome.PASSED:
        yield f"“{misconception.name}” passes"
    elif finding.misconception is None or finding.misconception.name != misconception.name:
        other = finding.misconception.name if finding.misconception else "nothing"
        yield f"“{misconception.name}” is called {other} ({finding.stage}: {finding.message})"
    lines = text.lines(entry, finding)
    if len(lines) > text.LINES or any(len(line) > COLUMNS for line in lines[1:]):
        yield f"the message of “{misconception.name}” has {len(lines)} lines, or more than {COLUMNS} columns"


def _finding(entry: Entry, defined: Mapping[str, Any]) -> Any:
    return entry.exercise.judge(Submission.of(defined))


def _defined(code: str) -> dict[str, Any]:
    """What the code of an author defines."""
    defined: dict[str, Any] = {"__name__": "exercise"}
    exec(compile(code, "exercise", "exec"), defined)  # it is ours, as the module that holds it
    return defined


NEW = '''"""{name}."""

from ffn.learn.kinds import Array, Function, Misconception


def double(xp, x):
    return 2 * x


EXERCISE = Function(
    title="{name}",
    stars=1,
    minutes=8,
    task="""
Write double(x): twice x.
""",
    template="""
def double(x):
    raise NotImplementedError
""",
    solution="""
def double(x):
    return 2 * x
""",
    hints=("What is x and x together?", "`return 2 * x`"),
    law="It is twice x.",
    read="the README.",
    function="double",
    arguments=(Array("x", "row column"),),
    returns=("doubled", "row column"),
    truth=double,
    misconceptions=(
        Misconception("it is x", "What is it of 1?", lambda xp, x: x),
        Misconception("it is squared", "What is it of 3?", lambda xp, x: x * x),
    ),
)
'''


def begin(identifier: str, name: str) -> str:
    """Write a small exercise that keeps all promises, to be changed; its path.

    Raises:
        CannotRun: when there is such an exercise, or no such chapter, or the name is none.
    """
    if not re.fullmatch(r"\d+\.\d+", identifier) or not re.fullmatch(r"[a-z]\w*", name):
        raise CannotRun("an exercise is called like 3.12 and, in small letters, sum_of_two")
    chapter, _, number = identifier.partition(".")
    folders = list(catalogue.FOLDER.glob(f"c{chapter}_*"))
    if not folders:
        raise CannotRun(f"there is no chapter {chapter}: make c{chapter}_TOPIC, with a TITLE in its __init__.py")
    if identifier in catalogue.places():
        raise CannotRun(f"there is an exercise {identifier}")
    path = folders[0] / f"e{number}_{name}.py"
    path.write_text(NEW.format(name=name.replace("_", " ")), encoding="utf-8")
    return str(path)
