"""Where a step stands: the declared domain of its variables and the hypotheses."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import lru_cache
from itertools import product
from typing import Any

import sympy
from sympy import oo

from proofs.engine import instances
from proofs.engine.claim import Claim, Fact
from proofs.engine.derivation import Derivation
from proofs.engine.notation.indices import paired
from proofs.engine.provers import numeric, sign, solver
from proofs.engine.provers.point import Point
from proofs.engine.provers.sign import Known

POINTS = 3  # random points that decide the numeric check of a step
TRIES = 12  # points drawn for them: one at a kink decides nothing
POINTS_GIVEN, TRIES_GIVEN = 12, 60  # where there are hypotheses, which many points do not meet
ENDLESS = 9  # so many places of a hypothesis without an end are looked at, more than an example has
EXAMPLE = "example"  # from which the sizes of an example follow, where it does not say them
FIRST, LATER = (3, 3), (1, 2)  # how far above the least ones the sizes of the first point are, and of others
# Points drawn at the boundary and far out: their style, and how far above the least sizes.
CORNERS = (("corner", (0, 1)), ("corner", (0, 1)), ("extreme", (4, 5))) * 2 + (("huge", (0, 1)),) * 2
DEPTH = 3  # what counts from 0 is a depth, and a few layers cost as much as many rows: so many fewer


@dataclass(frozen=True)
class Setting:
    """What holds where a step is made.

    Attributes:
        name: from which random points follow.
        ranges: each index with its dimension.
        smallest: the least size of a dimension, where it is more than 1.
        given: the hypotheses.
        example: values that meet them.
        induction: the hypothesis of an induction.
        before: the ranges of its indices.
    """

    name: str
    ranges: Mapping[Any, Any] = field(default_factory=dict)
    smallest: Mapping[Any, int] = field(default_factory=dict)
    given: tuple[Fact, ...] = ()
    example: Mapping[Any, Any] = field(default_factory=dict)
    induction: Fact | None = None
    before: Mapping[Any, Any] = field(default_factory=dict)

    def within(self, limits: Sequence[Any]) -> Setting:
        """Inside a sum with these limits."""
        return replace(self, ranges={**self.ranges, **{i: high for i, low, high in limits if low == 1}})

    @property
    def known(self) -> tuple[Known, ...]:
        """The hypotheses that are inequalities, for the signs of expressions."""
        facts = ((fact, *fact.difference) for fact in self.given)
        return tuple(
            Known(difference, relation == ">", tuple(fact.over))
            for fact, difference, relation in facts
            if relation in ("≥", ">") and _is_of_all(fact)
        )

    def has(self, difference: Any, relation: str) -> bool:
        """Whether the difference is shown to stand in the relation to 0, by its structure or by z3."""
        if relation == ">" and sign.positive(difference, self.known):
            return True
        if relation == "≥" and sign.nonnegative(difference, self.known):
            return True
        if relation == "≠" and any(sign.positive(e, self.known) for e in (difference, -difference)):
            return True
        return solver.proves(self.question(difference, relation))

    def question(self, difference: Any, relation: str) -> solver.Question:
        given = tuple(fact.difference for fact in self.given if not fact.over)
        return solver.Question(difference, relation, self.ranges, given, self.known, self.smallest)

    def points(self, exprs: tuple[Any, ...]) -> list[Point]:
        """Points that meet the hypotheses and where every expression has a value.

        The first has sizes beyond those of the instances: at the least size there are too few terms to tell much.
        """
        points: list[Point] = []
        if self.example:
            sizes = {n: value for n, value in self.example.items() if n.is_integer}
            point = self._point(exprs, EXAMPLE, LATER, sizes)
            values = {key: _valued(value, point) for key, value in self.example.items() if key not in sizes}
            point = replace(point, fixed=values)
            points += [point] if self._is_met(exprs, point) else []
        enough, tries = (POINTS_GIVEN, TRIES_GIVEN) if self.given else (POINTS, TRIES)
        for attempt in range(tries):
            point = self._point(exprs, f"{self.name} {attempt}", LATER if points else FIRST, {})
            points += [point] if self._is_met(exprs, point) else []
            if len(points) >= enough:
                break
        return points

    def corners(self, exprs: tuple[Any, ...]) -> Iterator[Point]:
        """Further points, at the boundary of the domain and far out."""
        for attempt, (style, above) in enumerate(CORNERS):
            point = replace(self._point(exprs, f"{self.name} corner {attempt}", above, {}), style=style)
            if self._is_met(exprs, point):
                yield point

    def _is_met(self, exprs: tuple[Any, ...], point: Point) -> bool:
        return all(self._holds(fact, point) for fact in self.given) and all(numeric.is_sharp(e, point) for e in exprs)

    def _holds(self, fact: Fact, point: Point) -> bool:
        ends = (ENDLESS if n == oo else numeric.whole(sympy.sympify(n), point) for n in fact.over.values())
        spans = [range(1, end + 1) for end in ends]
        places = (paired(fact.over, chosen) for chosen in product(*spans))
        difference, relation = fact.difference
        return all(numeric.stands(difference, relation, point.bound(place)) for place in places)

    def _point(self, exprs: tuple[Any, ...], seed: str, above: tuple[int, int], sizes: Mapping[Any, int]) -> Point:
        generator = random.Random(seed)
        found = _occurring(exprs)
        dimensions = instances.dimensions_of([], self.ranges, found.bounds)
        wholes = sorted(found.wholes - {*dimensions, *self.ranges}, key=str)
        size = {n: self.smallest.get(n, int(bool(n.is_positive))) for n in (*dimensions, *wholes)}
        for n in size:
            further = generator.randint(*above)
            size[n] += further if n in wholes or n.is_positive else further // DEPTH
        size |= sizes
        ranges = {k: n for k, n in self.ranges.items() if k in found.symbols}
        point = Point(size, seed)
        highest = {k: max(1, numeric.whole(sympy.sympify(n), point)) for k, n in ranges.items()}
        return point.bound({k: generator.randint(1, n) for k, n in highest.items()})


def _is_of_all(fact: Fact) -> bool:
    """Whether it holds for every index of an entry in it: then it holds wherever that entry is defined."""
    entries = fact.difference[0].atoms(sympy.Indexed)
    places = [place for e in entries if e.base.shape for place in paired(e.indices, e.base.shape).items()]
    return len(fact.over) < 2 and all(n == oo or (k, n) in places for k, n in fact.over.items())


def _valued(value: Any, point: Point) -> Any:
    """A value of an example: a number, or an entry by its indices."""
    return value if callable(value) else Fraction(str(instances.expanded(value, point.indices)))


@dataclass(frozen=True)
class _Occurring:
    """What a point needs to know of expressions: their symbols, those that are whole numbers, the ends of sums."""

    symbols: frozenset[Any]
    wholes: frozenset[Any]
    bounds: frozenset[Any]


@lru_cache(maxsize=32)
def _occurring(exprs: tuple[Any, ...]) -> _Occurring:
    """Looked for once: a point is drawn many times for the same expressions."""
    shown = [sympy.sympify(e) for e in exprs]
    symbols = frozenset().union(*(e.free_symbols for e in shown))
    labels = {entry.base.label for e in shown for entry in e.atoms(sympy.Indexed)}
    wholes = frozenset(s for s in symbols - labels if s.is_Symbol and s.is_integer and s.is_nonnegative)
    return _Occurring(symbols, wholes, instances.bounds_of(shown))


def of_claim(derivation: Derivation, claim: Claim) -> Setting:
    name = f"{derivation.name} {claim.name}"
    return Setting(name, derivation.ranges, derivation.smallest, assumed(claim), claim.example)


def assumed(claim: Claim) -> tuple[Fact, ...]:
    """The hypotheses, without those of a witness, which are to be proved of it."""
    return tuple(fact for fact in claim.given if not fact.symbols & claim.exists.keys())
