"""Where a maximum is a pivot: in exact arithmetic its cotangents vanish."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ffn.admissible.formula.operations.backward.adjoints import pulled_back
from ffn.admissible.formula.operations.forms import Namespace
from ffn.admissible.formula.operations.values import Mask, Value, condition

Pivots = tuple[tuple[Mask, Sequence[Mask]], ...]


class Drawn(Namespace):
    """Exact arithmetic, with one share drawn at every kink and tie: a point, where there is a range of slopes.

    What vanishes for shares drawn at random vanishes for all: it is a polynomial of the shares.
    """

    def __init__(self, kind: Any) -> None:
        super().__init__(kind, None, record=True)
        self.rng = np.random.default_rng(0)
        self.met: dict[int, tuple[Mask, Sequence[Mask]]] = {}

    def where(self, test: Any, a: Any, b: Any) -> Value:
        test, a, b = condition(test), self.number(a), self.number(b)
        if test.certain:
            return super().where(test, a, b)
        share = np.where(test.holds, 1.0, np.where(test.fails, 0.0, self.rng.uniform(0.25, 0.75, test.holds.shape)))
        between = a.x.multiply(self.kind.exactly(share)).add(b.x.multiply(self.kind.exactly(1 - share)))
        x = self.kind.joined(lambda p, q, r: np.where(test.holds, p, np.where(test.fails, q, r)), [a.x, b.x, between])
        return Value(self, x, parents=[(a, self._sharing(a, share)), (b, self._sharing(b, 1 - share))])

    def _sharing(self, value: Value, share: Any) -> Any:
        def back(g: Value) -> Value:
            part = self.multiply(super(Drawn, self).where(share > 0, g, 0.0), self.given(share))
            return self._unbroadcast(part, value.shape)

        return back

    def arrived(self, value: Value, terms: Sequence[Value]) -> Value:
        total = self.total(terms)
        if id(value) in self.places:
            self.met[id(value)] = (vanishes(total), [vanishes(term) for term in terms])
        return total


def vanishes(value: Value) -> Mask:
    """Where an exact result can be 0, as far as its enclosure tells, which is one of points."""
    x = value.x
    return np.asarray(np.isfinite(x.radius()) & (x.lower() <= 0) & (x.upper() >= 0))


def pivots_of(xp: Drawn, outputs: Sequence[Value], cotangents: Sequence[Value]) -> Pivots:
    """Of every extremum on the way to the outputs, where its cotangents vanish, together and each alone."""
    if not xp.extrema:
        return ()
    pulled_back(xp, outputs, cotangents, [])
    nowhere = (np.zeros((), dtype=bool), ())
    return tuple(xp.met.get(id(value), nowhere) for value in xp.extrema)
