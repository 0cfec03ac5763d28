"""Covering arrays: few rows of levels, in which every pair of levels of two factors, or triple of three, is tried.

The arrays of plans that everything is supported for are stored: ``python -m tests.house.covering`` searched longer for
them than a run can wait. Others, those of limited implementations and of triples, are made when they are asked for.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from functools import cache
from importlib import resources
from itertools import combinations

import covertable
import numpy as np

Row = tuple[int, ...]
PAIRS, TRIPLES = 2, 3
SEARCHED = 3000  # pairs of levels from which on rows are chosen among few, which is faster and takes some more of them
STORED = "arrays.json"  # of counts, the largest first, the rows, a digit each level


@cache
def covering_array(counts: Row, strength: int) -> tuple[Row, ...]:
    """Rows of one level of each factor, as its place, that hold every combination of ``strength`` levels."""
    several = sorted((place for place, count in enumerate(counts) if count > 1), key=lambda place: -counts[place])
    if len(several) <= strength:
        return tuple(np.ndindex(counts))
    fewer = tuple(counts[place] for place in several)
    found = stored().get(fewer) if strength == PAIRS else None
    levels = (dict(zip(several, row, strict=True)) for row in found or made(fewer, strength))
    rows = (tuple(of.get(place, 0) for place in range(len(counts))) for of in levels)
    return tuple(sorted(rows, key=sum))  # simple cases first: the first that fails is shown


def made(counts: Row, strength: int) -> list[Row]:
    """An array that is made now, of factors with several levels each."""
    many = sum(map(math.prod, combinations(counts, strength))) > SEARCHED
    criterion = covertable.main.criteria.simple if many else covertable.main.criteria.greedy
    return [
        tuple(row) for row in covertable.make([list(range(n)) for n in counts], strength=strength, criterion=criterion)
    ]


@cache
def stored() -> dict[Row, list[Row]]:
    """The arrays of pairs that are stored, by the levels of their factors, the largest number first."""
    text = resources.files(__package__).joinpath(STORED).read_text(encoding="utf-8")
    return {tuple(map(int, key.split())): [_read(row) for row in rows] for key, rows in json.loads(text).items()}


def _read(row: str) -> Row:
    return tuple(int(digit, 36) for digit in row)


def written(arrays: dict[Row, Sequence[Row]]) -> str:
    """What ``stored`` reads."""
    rows = {
        key: ["".join(np.base_repr(level, 36).lower() for level in row) for row in of] for key, of in arrays.items()
    }
    return json.dumps({" ".join(map(str, key)): of for key, of in sorted(rows.items())}, indent=0) + "\n"
