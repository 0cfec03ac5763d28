"""Finding exercises: ``exercises/c1_affine/e4_xor.py`` is exercise 1.4. Nobody lists them.

The exercises of a chapter that has many lie in folders of the chapter's, whose names count for nothing.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from ffn.learn.exercise import Entry, Exercise

FOLDER = Path(__file__).parent / "exercises"
_PLACE = re.compile(r"c(\d+)_(\w+?)/(?:\w+/)?e(\d+)_(\w+)\.py")


class Unknown(ValueError):
    """There is no such exercise. The text says what there is."""


@cache
def places() -> dict[str, tuple[str, str]]:
    """By the id of each exercise, in their order, its module and where the learner's file of it goes."""
    found = []
    for path in FOLDER.glob("c*/**/e*.py"):
        place = path.relative_to(FOLDER)
        if match := _PLACE.fullmatch(place.as_posix()):
            chapter, topic, number, name = match.groups()
            module = ".".join(("ffn.learn.exercises", *place.with_suffix("").parts))
            theirs = f"{chapter}_{topic}/{chapter}.{number}_{name}.py"
            found.append(((int(chapter), int(number)), module, theirs))
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
    chapter = importlib.import_module(".".join(module.split(".")[:4])).TITLE
    return Entry(identifier, chapter, place, exercise)


def entries(identifiers: Sequence[str] = ()) -> list[Entry]:
    """The exercises of these ids, in their order; all where none is named. Raises as ``entry`` does."""
    return [entry(identifier) for identifier in identifiers or places()]
