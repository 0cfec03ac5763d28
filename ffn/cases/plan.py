"""Plans: which level each factor of a case has, so that every pair of levels is tried.

Most faults show with one or two factors at the right levels, whatever the others are (Kuhn, Wallace & Gallo 2004), so a
covering array tries all of those with few cases, the same ones for every seed.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from typing import Any

import covertable
import numpy as np

Levels = Mapping[str, Any]  # of each factor, the level that a case has
PAIRS, TRIPLES = 2, 3
KINDS = {1: "levels", PAIRS: "pairs of levels", TRIPLES: "triples of levels"}
SEARCHED = 3000  # pairs of levels from which on rows are chosen among few, which is faster and takes some more of them


class NoCase(Exception):
    """There is no case with these levels. The text says why."""


@dataclass(frozen=True)
class Plan:
    """Factors with their levels, and how a case is made of one level of each.

    Attributes:
        factors: the levels of each factor, the simplest first.
        build: (levels, generator of the values) → a case.
    """

    factors: Mapping[str, tuple[Any, ...]]
    build: Callable[[Levels, np.random.Generator], Any]

    def rows(self, strength: int = PAIRS) -> tuple[Levels, ...]:
        """Levels for each case: every level, pair of levels of two factors, or triple of three, is in some row."""
        counts = tuple(len(levels) for levels in self.factors.values())
        return tuple(
            {name: levels[place] for place, (name, levels) in zip(row, self.factors.items(), strict=True)}
            for row in covering_array(counts, strength)
        )

    def case(self, levels: Levels, seed: str) -> Any:
        """The case with these levels, the same for the same seed. Raises NoCase where there is none."""
        return self.build(levels, np.random.default_rng(zlib.crc32(seed.encode())))


@dataclass(frozen=True)
class Coverage:
    """How many combinations of ``strength`` levels were tried, of how many."""

    tried: int = 0
    total: int = 0
    strength: int = PAIRS

    def __str__(self) -> str:
        return f"{self.tried} of {self.total} {KINDS[self.strength]}"


def total(coverages: Iterable[Coverage | None]) -> Coverage | None:
    """Of several laws, added up; none where none has a plan."""
    found = [each for each in coverages if each]
    if not found:
        return None
    return Coverage(sum(each.tried for each in found), sum(each.total for each in found), found[0].strength)


def coverage(plan: Plan, tried: Iterable[Levels], strength: int = PAIRS) -> Coverage:
    """What the rows that were tried cover."""
    names = list(plan.factors)
    found = {
        (chosen, tuple(map(repr, (row[name] for name in chosen))))
        for row in tried
        for chosen in combinations(names, strength)
    }
    counts = [len(levels) for levels in plan.factors.values()]
    return Coverage(len(found), sum(map(math.prod, combinations(counts, strength))), strength)


@cache
def covering_array(counts: tuple[int, ...], strength: int) -> tuple[tuple[int, ...], ...]:
    """Rows of one level of each factor, as its place, that hold every combination of ``strength`` levels."""
    if len(counts) <= strength:
        return tuple(np.ndindex(counts))
    many = sum(map(math.prod, combinations(counts, strength))) > SEARCHED
    criterion = covertable.main.criteria.simple if many else covertable.main.criteria.greedy
    rows = covertable.make([list(range(count)) for count in counts], strength=strength, criterion=criterion)
    return tuple(sorted(map(tuple, rows), key=sum))  # simple cases first: the first that fails is shown
