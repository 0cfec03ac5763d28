"""Plans: which level each factor of a case has, so that every pair of levels is tried.

Most faults show with one or two factors at the right levels, whatever the others are (Kuhn, Wallace & Gallo 2004), so a
covering array tries all of those with few cases, the same ones for every seed. Precision is one factor more: those with
the same levels may share the rows, so that every pair is tried in one of them, and every level in each.
"""

from __future__ import annotations

import math
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cache, partial, reduce
from itertools import combinations
from operator import or_
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ffn.cases.covering import PAIRS, TRIPLES, covering_array

Levels = Mapping[str, Any]  # of each factor, the level that a case has
plan_by = cache(partial)  # the same object for the same arguments: laws with one plan share its cases
KINDS = {1: "levels", PAIRS: "pairs of levels", TRIPLES: "triples of levels"}


class Part(NamedTuple):
    """Which part of the rows of a plan is tried in one of ``of`` precisions that share them."""

    place: int = 0
    of: int = 1


WHOLE = Part()


class NoCase(Exception):
    """There is no case with these levels. The text, or the cause, says why."""


@dataclass(frozen=True)
class Plan:
    """Factors with their levels, and how a case is made of one level of each.

    Attributes:
        factors: the levels of each factor, the simplest first.
        build: (levels, generator of the values) → a case.
        later: sizes that are left to plans of triples, by factor.
        shared: whether precisions may share its pairs of levels. A list that is tried whole is not.
        name: of its set of cases, where that is not the chapter of the law: laws of several may have one.
    """

    factors: Mapping[str, tuple[Any, ...]]
    build: Callable[[Levels, np.random.Generator], Any]
    later: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    shared: bool = False
    name: str = ""
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
        return tuple(
            {name: levels[place] for place, (name, levels) in zip(row, tried.items(), strict=True)}
            for row in covering_array(self.counts(strength), strength)
        )

    def counts(self, strength: int = PAIRS) -> tuple[int, ...]:
        """How many levels of each factor are tried."""
        return tuple(map(len, self.levels(strength).values()))

    def places(self, strength: int = PAIRS, part: Part = WHOLE) -> tuple[int, ...]:
        """The rows of a part: each ``of``-th, and the first with any level that none of these has."""
        rows = covering_array(self.counts(strength), strength)
        if not self.shared or strength != PAIRS:
            part = WHOLE
        found = list(range(part.place, len(rows), part.of))
        had = {level for place in found for level in enumerate(rows[place])}
        for place, row in enumerate(rows):
            if not had.issuperset(enumerate(row)):
                found.append(place)
                had.update(enumerate(row))
        return tuple(sorted(found))

    def case(self, levels: Levels, seed: str) -> Any:
        """The case with these levels, the same for the same seed. Raises NoCase where there is none."""
        return self.build(levels, np.random.default_rng(zlib.crc32(seed.encode())))

    def cases(self, seed: str, strength: int = PAIRS, part: Part = WHOLE) -> Iterator[tuple[Levels, Any]]:
        """The case of each row with its levels, made when it is first asked for and kept; a row may have none."""
        rows = self.rows(strength)
        for place in self.places(strength, part):
            levels = rows[place]
            key = f"{seed} {place}", strength
            if key not in self._made:
                with suppress(NoCase):
                    self._made[key] = self.case(levels, key[0])
            if key in self._made:
                yield levels, self._made[key]


@dataclass(frozen=True)
class Coverage:
    """How many combinations of ``strength`` levels were tried, of how many, and which sizes are left to triples.

    Attributes:
        tried, total, strength, later: these.
        levels: the factor, the name and whether it was tried of each level that has a name.
        shared: the precisions that share the rows.
        plan: what the coverages of one plan in these precisions have in common.
        combinations: those that were tried, a bit each.
    """

    tried: int = 0
    total: int = 0
    strength: int = PAIRS
    later: tuple[int, ...] = ()
    levels: tuple[tuple[str, int | float | str, bool], ...] = ()
    shared: tuple[str, ...] = ()
    plan: tuple[Any, ...] = ()
    combinations: int = 0

    def __str__(self) -> str:
        return f"{self.tried} of {self.total} {KINDS[self.strength]}"


def left_out(coverages: Iterable[Coverage | None]) -> tuple[str, ...]:
    """The levels of plans that no case of any of the laws had, in words, such as ``rows 9 and more``."""
    factors: dict[str, dict[int | float | str, bool]] = defaultdict(dict)
    for factor, level, tried in (each for coverage in coverages if coverage for each in coverage.levels):
        factors[factor][level] = tried or factors[factor].get(level, False)
    return tuple(f"{name} {_in_words(levels)}" for name, levels in factors.items() if not all(levels.values()))


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
    """Of several laws, added up; none where none has a plan.

    What precisions share is counted once: a combination that was tried in one of them was tried.
    """
    found = [each for each in coverages if each]
    if not found:
        return None
    later = {size for each in found for size in each.later}
    together: dict[tuple[Any, ...], list[Coverage]] = defaultdict(list)
    for place, each in enumerate(found):
        together[each.plan if each.shared else (place,)].append(each)
    tried, total = sum(map(_tried, together.values())), sum(of[0].total for of in together.values())
    return Coverage(tried, total, found[0].strength, tuple(sorted(later)))


def _tried(of_one_plan: Sequence[Coverage]) -> int:
    first, *others = of_one_plan
    return reduce(or_, (each.combinations for each in of_one_plan)).bit_count() if others else first.tried


def in_each(coverages: Iterable[Coverage | None]) -> tuple[int, tuple[tuple[str, ...], ...]]:
    """The percentage of the combinations of plans that precisions share that was tried in each, and who shares."""
    shared = [each for each in coverages if each and each.shared]
    tried, total = sum(each.tried for each in shared), sum(each.total for each in shared)
    return 100 * tried // total if total else 0, tuple(dict.fromkeys(each.shared for each in shared))


def coverage(
    plan: Plan, tried: Sequence[Levels], strength: int = PAIRS, law: str = "", shared: tuple[str, ...] = ()
) -> Coverage:
    """What the rows that were tried cover, of the plan of a law, which these precisions share."""
    planned, counts = plan.levels(strength), plan.counts(strength)
    places = [{repr(level): place for place, level in enumerate(levels)} for levels in planned.values()]
    rows = [[of[repr(row[name])] for of, name in zip(places, planned, strict=True)] for row in tried]
    columns = np.array(rows, dtype=np.int64).reshape(-1, len(counts)).T
    later = {size for name in plan.later for size in plan.factors[name] if size not in planned[name]}
    named = {
        (name, called): False
        for name, levels in planned.items()
        for level in levels
        if (called := _name(level)) is not None
    }
    named |= {(name, called): True for row in tried for name in planned if (called := _name(row[name])) is not None}
    had = [_had(columns, counts, chosen) for chosen in combinations(range(len(counts)), strength)]
    combined = np.concatenate([np.zeros(0, dtype=bool), *had])
    found = Coverage(
        int(combined.sum()),
        combined.size,
        strength,
        tuple(sorted(later)),
        tuple((*key, was_tried) for key, was_tried in named.items()),
    )
    if not (plan.shared and shared):
        return found
    alike = {name: levels for name, levels in planned.items() if name != "magnitude"}  # that is each precision's own
    of_plan = (law, *shared, zlib.crc32(repr(alike).encode()))
    return replace(found, shared=shared, plan=of_plan, combinations=int.from_bytes(np.packbits(combined).tobytes()))


def _had(columns: npt.NDArray[np.int64], counts: Sequence[int], chosen: tuple[int, ...]) -> npt.NDArray[np.bool_]:
    """Of each combination of levels of some factors, whether it is in the rows."""
    several = [counts[place] for place in chosen]
    joined = np.ravel_multi_index(tuple(columns[list(chosen)]), several)
    return np.bincount(joined, minlength=math.prod(several)) > 0
