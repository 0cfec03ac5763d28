"""Covering arrays: few rows of levels, in which every pair of levels of two factors, or triple of three, is tried.

The arrays of plans that everything is supported for are stored: ``python -m tests.house.covering`` takes its time to
find few rows. Others, those of limited implementations and of triples, are made when asked for.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from itertools import combinations

import covertable
import numpy as np

Row = tuple[int, ...]
PAIRS, TRIPLES = 2, 3
SEARCHED = 3000  # pairs of levels from which on an array is made quickly
STORED = "arrays.json"  # of counts the rows of an array of pairs, a digit each level


@cache
def covering_array(counts: Row, strength: int) -> tuple[Row, ...]:
    """Rows of one level of each factor, as its place, that hold every combination of ``strength`` levels."""
    stored = _stored().get(counts) if strength == PAIRS else None
    many = sum(map(math.prod, combinations(counts, strength))) > SEARCHED
    return made(counts, strength, quickly=many) if stored is None else stored


def made(counts: Row, strength: int, quickly: bool = False) -> tuple[Row, ...]:
    """The same, made now; quickly, of about a fifth more rows."""
    several = {place: list(range(count)) for place, count in enumerate(counts) if count > 1}
    if len(several) <= strength:
        return tuple(np.ndindex(counts))
    criterion = covertable.main.criteria.simple if quickly else covertable.main.criteria.greedy
    found = covertable.make(several, strength=strength, criterion=criterion)
    rows = (tuple(row.get(place, 0) for place in range(len(counts))) for row in found)
    return tuple(sorted(rows, key=sum))  # simple cases first: the first that fails is shown


@cache
def _stored() -> Mapping[Row, tuple[Row, ...]]:
    return read(resources.files(__package__).joinpath(STORED).read_text(encoding="utf-8"))


def read(text: str) -> Mapping[Row, tuple[Row, ...]]:
    """The arrays by their counts, from what ``written`` wrote."""
    arrays = json.loads(text)
    return {_levels(counts): tuple(map(_levels, rows.split())) for counts, rows in arrays.items()}


def written(arrays: Mapping[Row, Sequence[Row]]) -> str:
    """The arrays as text, one a line."""
    return (
        json.dumps({_digits(counts): " ".join(map(_digits, rows)) for counts, rows in arrays.items()}, indent=0) + "\n"
    )


def _levels(digits: str) -> Row:
    return tuple(int(digit, 36) for digit in digits)


def _digits(levels: Row) -> str:
    return "".join(np.base_repr(level, 36).lower() for level in levels)
