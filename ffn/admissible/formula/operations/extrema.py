"""Maxima and minima, and what their cotangents may be.

A maximum that is subtracted for safety is a pivot: the value does not hang on it, and the cotangents that meet in it
add up to 0 but for their roundings. Some programs send that sum of roundings on, others take the pivot for a constant,
so any share of it from none to all is admitted; ``Drawn`` finds where.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ffn.admissible.formula.operations.elementary import Elementary
from ffn.admissible.formula.operations.functions import both
from ffn.admissible.formula.operations.values import Condition, Mask, Value

NOWHERE = (np.zeros((), dtype=bool), np.zeros((), dtype=bool))


@dataclass(frozen=True, eq=False)
class Tie:
    """Entries of arguments that share the cotangents of an extremum.

    Attributes:
        low, high: bounds of the cotangents, by group.
        members: an argument, the places of its entries, their groups, and their sign.
    """

    low: Any
    high: Any
    members: tuple[tuple[Value, Any, Any, int], ...]


class Extrema(Elementary):
    """A part of the namespace.

    Attributes:
        extrema: the arrays that ``max`` and ``maximum`` returned, in their order.
        places: of each of them its place there, by id.
        pivots: of each of them, where all cotangents together, and where each alone, vanish; None for nowhere.
        ties: the entries of arguments that shared a cotangent.
        leaving: whether such entries are left without any.
        shared: the bounds of their sums.
    """

    pivots: Sequence[tuple[Mask, Sequence[Mask]]] | None = None
    leaving = False
    shared: Any = None

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.extrema: list[Value] = []
        self.places: dict[int, int] = {}
        self.ties: list[Tie] = []

    if TYPE_CHECKING:  # of the class that builds on this one
        broadcast_to: Callable[..., Value]

    def _extremum(self, value: Value) -> Value:
        if self.record:
            self.places[id(value)] = len(self.extrema)
            self.extrema.append(value)
        return value

    def maximum(self, a: Any, b: Any) -> Value:
        """The larger of two, entry by entry; at a tie either may take the cotangent, or both a share of it."""
        arrays = isinstance(a, Value) and isinstance(b, Value)
        a, b = self.number(a), self.number(b)
        first = self.beyond(a, b) if self.record else Condition(*NOWHERE)

        def back(g: Value, mine: bool) -> Value:
            test, value = (first, a) if mine else (~first, b)
            tied = ~(first.holds | first.fails)
            if arrays and tied.any() and self._shared(found, g, [(a, tied), (b, tied)], note=mine):
                test = Condition(test.holds, test.fails | (tied & self._no_pivot(found)))
            return self._unbroadcast(self.where(test, g, 0.0), value.shape)

        parents = [(a, lambda g: back(g, True)), (b, lambda g: back(g, False))]
        found = Value(self, a.x.maximum(b.x), both(a.grid, b.grid, min), parents=parents)
        return self._extremum(found) if arrays else found

    def minimum(self, a: Any, b: Any) -> Value:
        """The smaller of two, entry by entry."""
        a, b = (self.negative(each) if isinstance(each, Value) else np.negative(each) for each in (a, b))
        return self.negative(self.maximum(a, b))

    def clip(self, a: Any, min: Any = None, max: Any = None) -> Value:
        """The number itself, or the bound that it is beyond."""
        a = a if min is None else self.maximum(a, min)
        return self.number(a) if max is None else self.minimum(a, max)

    def max(self, a: Any, axis: Any = None, keepdims: bool = False) -> Value:
        """The largest entry along axes; tied ones share its cotangent, in any shares."""
        a = self.number(a)
        axes = axes_of(axis, a.ndim)
        kept = tuple(1 if i in axes else n for i, n in enumerate(a.shape))
        x = a.x
        for i in sorted(axes, reverse=True):
            x = x.max(i)

        def back(g: Value) -> Value:
            top = x.lower().reshape(kept)
            may = a.x.upper() >= top
            tied = may & (may.sum(axis=axes, keepdims=True) > 1)
            fails, g = ~may, self.reshape(g, kept)
            if tied.any() and self._shared(result, g, [(a, tied)]):
                fails = fails | (tied & self._no_pivot(result).reshape(kept))
            return self.where(Condition(may & ~tied, fails), self.broadcast_to(g, a.shape), 0.0)

        result = Value(self, x, a.grid, parents=[(a, back)])
        result = self.reshape(result, kept) if keepdims else result
        return self._extremum(result)

    def min(self, a: Any, axis: Any = None, keepdims: bool = False) -> Value:
        """The smallest entry along axes."""
        return self.negative(self.max(self.negative(self.number(a)), axis, keepdims))

    # cotangents

    def _shared(self, value: Value, g: Value, members: Sequence[tuple[Value, Mask]], note: bool = True) -> bool:
        """Note the entries of arguments that share a cotangent; whether they are left without it this time.

        Args:
            members: the arrays with those entries set.
        """
        arguments = [argument for argument in (self._argument(each) for each, _ in members) if argument is not None]
        if self.arithmetic is None or len(arguments) < len(members):
            return False
        if note and not self.leaving:
            groups, found = np.arange(g.size).reshape(g.shape), []
            open = self._no_pivot(value).reshape(g.shape)
            for each, mask in members:  # of what may be no number nothing is known
                unknown = mask & ~np.isfinite(each.x.radius())
                open = open & ~np.isin(groups, np.broadcast_to(groups, unknown.shape)[unknown])
            for (_, mask), (source, places, sign) in zip(members, arguments, strict=True):
                group, place, there = np.broadcast_arrays(groups, places, mask & open)
                found.append((source, place[there], group[there], sign))
            self.ties.append(Tie(g.x.lower().ravel(), g.x.upper().ravel(), tuple(found)))
        return self.leaving

    def _no_pivot(self, value: Value) -> Mask:
        none = np.ones(value.shape, dtype=bool)
        return none if self.pivots is None else none & ~self.pivots[self.places[id(value)]][0]

    def _argument(self, value: Value) -> tuple[Value, Any, int] | None:
        """The argument whose entries these are, their places in it, and their sign; None where they are no such."""
        forms, sign = [], 1
        while value.moved is not None and value.parents:
            form, turned = value.moved
            forms.append(form)
            sign *= turned
            value = value.parents[0][0]
        if value.place[0] != "an argument":
            return None
        places = np.arange(value.size).reshape(value.shape)
        for form in reversed(forms):
            places = form(places)
        return value, places, sign

    def arrived(self, value: Value, terms: Sequence[Value]) -> Value:
        """The cotangent of an array: the sum of what its uses send."""
        if self.pivots is None or id(value) not in self.places:
            return self.total(terms)
        together, alone = self.pivots[self.places[id(value)]]
        each = [self._share(term, mask & ~together) for term, mask in zip(terms, alone, strict=True)]
        return self._share(self.total(each), together)

    def _share(self, g: Value, mask: Mask) -> Value:
        """Any share from none to all where the mask is set: nothing is computed."""
        if not mask.any():
            return g
        some, one = self.kind.exactly(0.0).hull(self.kind.exactly(1.0)), self.kind.exactly(1.0)
        share = self.kind.joined(lambda a, b: np.where(mask, a, b), [some, one])
        return Value(self, g.x.multiply(share), parents=[(g, lambda h: self._share(h, mask))])


def axes_of(axis: Any, ndim: int) -> tuple[int, ...]:
    """The axes that an argument names, none of them negative."""
    if axis is None:
        return tuple(range(ndim))
    axes = tuple(int(i) for i in ((axis,) if isinstance(axis, (int, np.integer)) else axis))
    if not all(-ndim <= i < ndim for i in axes):
        raise ValueError(f"axis {axis} of an array of {ndim} axes")
    return tuple(i % ndim for i in axes)
