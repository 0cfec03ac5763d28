"""Finding exercises: ``exercises/c3_backpropagation/e2_mask_of_relu.py`` is exercise 3.2. Nobody lists them."""

from __future__ import annotations

import importlib
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from ffn.learn.exercise import Entry, Exercise

FOLDER = Path(__file__).parent / "exercises"
_PLACE = re.compile(r"c(\d+)_(\w+)/e(\d+)_(\w+)\.py")


class Unknown(ValueError):
    """There is no such exercise. The text says what there is."""


@cache
def places() -> dict[str, tuple[str, str]]:
    """By the id of each exercise, in their order, its module and where the learner's file of it goes."""
    found = []
    for path in FOLDER.glob("c*/e*.py"):
        if match := _PLACE.fullmatch(path.relative_to(FOLDER).as_posix()):
            chapter, topic, number, name = match.groups()
            module = f"ffn.learn.exercises.{path.parent.name}.{path.stem}"
            place = f"{chapter}_{topic}/{chapter}.{number}_{name}.py"
            found.append(((int(chapter), int(number)), module, place))
    return {f"{chapter}.{number}": (module, place) for (chapter, number), module, place in sorted(found)}


@cache
def entry(identifier: str) -> Entry:
    """The exercise of that id.

    Raises:
        Unknown: when there is none.
    """
    if identifier not in places():
        raise Unknown(f"there is no exercise {identifier!r}: `ffn learn list` lists them")
    module, place = places()[identifier]
    exercise = importlib.import_module(module).EXERCISE
    if not isinstance(exercise, Exercise):
        raise TypeError(f"{module}.EXERCISE is no exercise")
    chapter = importlib.import_module(module.rpartition(".")[0]).TITLE
    return Entry(identifier, chapter, place, exercise)


def entries(identifiers: Sequence[str] = ()) -> list[Entry]:
    """The exercises of these ids, in their order; all where none is named. Raises as ``entry`` does."""
    return [entry(identifier) for identifier in identifiers or places()]
