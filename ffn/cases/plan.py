"""Plans: which level each factor of a case has, so that every pair of levels is tried.

Most faults show with one or two factors at the right levels, whatever the others are (Kuhn, Wallace & Gallo 2004), so a
covering array tries all of those with few cases, the same ones for every seed.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache, partial
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt

from ffn.cases.covering import PAIRS, TRIPLES, covering_array

Levels = Mapping[str, Any]  # of each factor, the level that a case has
plan_by = cache(partial)  # the same object for the same arguments: laws with one plan share its cases
KINDS = {1: "levels", PAIRS: "pairs of levels", TRIPLES: "triples of levels"}


class NoCase(Exception):
    """There is no case with these levels. The text, or the cause, says why."""


@dataclass(frozen=True)
class Plan:
    """Factors with their levels, and how a case is made of one level of each.

    Attributes:
        factors: the levels of each factor, the simplest first.
        build: (levels, generator of the values) → a case.
        later: sizes that are left to plans of triples, by factor.
    """

    factors: Mapping[str, tuple[Any, ...]]
    build: Callable[[Levels, np.random.Generator], Any]
    later: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    _made: dict[tuple[str, int], Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    def levels(self, strength: int = PAIRS) -> Mapping[str, tuple[Any, ...]]:
        """The levels of each factor that are tried."""
        later = {} if strength >= TRIPLES else self.later
        return {
            name: tuple(level for level in levels if level not in later.get(name, ())) or levels
            for name, levels in self.factors.items()
        }

    def rows(self, strength: int = PAIRS) -> tuple[Levels, ...]:
        """Levels for each case: every level, pair of levels of two factors, or triple of three, is in some row."""
        tried = self.levels(strength)
        counts = tuple(map(len, tried.values()))
        return tuple(
            {name: levels[place] for place, (name, levels) in zip(row, tried.items(), strict=True)}
            for row in covering_array(counts, strength)
        )

    def case(self, levels: Levels, seed: str) -> Any:
        """The case with these levels, the same for the same seed. Raises NoCase where there is none."""
        return self.build(levels, np.random.default_rng(zlib.crc32(seed.encode())))

    def cases(self, seed: str, strength: int = PAIRS) -> Iterator[tuple[Levels, Any]]:
        """The case of each row with its levels, made when it is first asked for and kept; a row may have none."""
        for place, levels in enumerate(self.rows(strength)):
            key = f"{seed} {place}", strength
            if key not in self._made:
                with suppress(NoCase):
                    self._made[key] = self.case(levels, key[0])
            if key in self._made:
                yield levels, self._made[key]


@dataclass(frozen=True)
class Coverage:
    """How many combinations of ``strength`` levels were tried, of how many, and which sizes are left to triples.

    ``levels`` has the factor, the name and whether it was tried of each level that has a name.
    """

    tried: int = 0
    total: int = 0
    strength: int = PAIRS
    later: tuple[int, ...] = ()
    levels: tuple[tuple[str, int | float | str, bool], ...] = ()

    def __str__(self) -> str:
        return f"{self.tried} of {self.total} {KINDS[self.strength]}"

    def left_out(self) -> tuple[str, ...]:
        """The levels that no case had, in words, such as ``rows 9 and more``."""
        names = dict.fromkeys(factor for factor, _, _ in self.levels)
        found = ((name, {level: tried for factor, level, tried in self.levels if factor == name}) for name in names)
        return tuple(f"{name} {_in_words(of)}" for name, of in found if not all(of.values()))


def _in_words(levels: Mapping[int | float | str, bool]) -> str:
    """Those that were not tried."""
    untried = [level for level, tried in levels.items() if not tried]
    numbers = sorted(level for level in levels if not isinstance(level, str))
    if len(numbers) < len(levels):
        return ", ".join(map(str, untried))
    ordered = [level for level in numbers if not levels[level]]
    at_the_end = len(ordered) > 1 and ordered == numbers[-len(ordered) :]
    return f"{ordered[0]} and more" if at_the_end else ", ".join(map(str, ordered))


def _name(level: Any) -> int | float | str | None:
    """What a level is called, if anything: a layer by its activation, an output by its name."""
    named = getattr(level, "activation", None) or getattr(level, "name", level)
    return named if isinstance(named, (int, float, str)) else None


def total(coverages: Iterable[Coverage | None]) -> Coverage | None:
    """Of several laws, added up; none where none has a plan."""
    found = [each for each in coverages if each]
    if not found:
        return None
    later = {size for each in found for size in each.later}
    tried, all_of_them = (sum(getattr(each, name) for each in found) for name in ("tried", "total"))
    levels: dict[tuple[str, int | float | str], bool] = {}
    for factor, level, was_tried in (each for of in found for each in of.levels):
        levels[factor, level] = was_tried or levels.get((factor, level), False)
    named = tuple((*key, was_tried) for key, was_tried in levels.items())
    return Coverage(tried, all_of_them, found[0].strength, tuple(sorted(later)), named)


def coverage(plan: Plan, tried: Sequence[Levels], strength: int = PAIRS) -> Coverage:
    """What the rows that were tried cover."""
    planned = plan.levels(strength)
    places = [{repr(level): place for place, level in enumerate(levels)} for levels in planned.values()]
    counts = list(map(len, planned.values()))
    found = [[of[repr(row[name])] for of, name in zip(places, planned, strict=True)] for row in tried]
    columns = np.array(found, dtype=np.int64).reshape(-1, len(counts)).T
    later = {size for name in plan.later for size in plan.factors[name] if size not in planned[name]}
    named = {
        (name, called): False
        for name, levels in planned.items()
        for level in levels
        if (called := _name(level)) is not None
    }
    named |= {(name, called): True for row in tried for name in planned if (called := _name(row[name])) is not None}
    return Coverage(
        sum(_distinct(columns, counts, chosen) for chosen in combinations(range(len(counts)), strength)),
        sum(map(math.prod, combinations(counts, strength))),
        strength,
        tuple(sorted(later)),
        tuple((*key, was_tried) for key, was_tried in named.items()),
    )


def _distinct(columns: npt.NDArray[np.int64], counts: Sequence[int], chosen: tuple[int, ...]) -> int:
    """How many combinations of levels of some factors there are in the rows."""
    joined = np.ravel_multi_index(tuple(columns[list(chosen)]), [counts[place] for place in chosen])
    return int(np.count_nonzero(np.bincount(joined)))
