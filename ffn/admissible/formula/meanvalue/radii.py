"""Bounds by the mean value theorem over the roundings: an answer is within Σ sup |∂out/∂e| ρ of the true value.

A program's answer is F(e), where e are its roundings, |e| ≤ ρ, each added to the result of its operation; between
F(0), the true value, and F(e) lies Σ ∂F/∂eᵢ eᵢ at some roundings of the same bounds (the mean value theorem; of
continuous functions with kinks, Lebourg's). All values there are in the enclosures, over which reverse mode encloses
the derivatives. An operation of the formula is carried out once, and what follows uses its result; a product, and in
eager code every result, may be used rounded in one place and not in another, as a fused multiply-add does: there each
use has a rounding of its own. Where a branch hangs on a rounding, its result is taken for any number in its
enclosure: another source of error.

One reverse pass serves as many outputs as do not meet on their way: all rows of a softmax. Memory is that of one pass.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt

from ffn.admissible.formula.enclosures.owners import MANY, NONE, Owners
from ffn.admissible.formula.operations.backward.adjoints import in_exact_arithmetic, ordered
from ffn.admissible.formula.operations.forms import Namespace
from ffn.admissible.formula.operations.values import Value

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

SUMMED = 1 + 2.0**-20  # what float64 loses in a sum of at most 2^30 shares
PAYS = 0.9  # of the radius: where the first pass leaves more of it, no further one is made
CALL = 1000
TWICE_USED = ("a product", "a quotient")


def radii(xp: Namespace, output: Value, wanted: Mask, most: float, pays: float = PAYS) -> Any:
    """Bounds of the distance between the true value and what a program returns, but for the rounding that makes the
    output itself.

    Args:
        xp: the namespace that made the output, with its derivatives recorded.
        wanted: which of its entries are asked for.
        most: entries that may be visited in all passes together.
        pays: no further pass is made where the first leaves more than this share of the radius.

    Returns:
        an array of the output's shape, infinite where nothing was found; None where it would visit more.
    """
    found = np.full(output.shape, np.inf)
    graph = Graph.of(output)
    groups = _grouped(xp, graph, wanted, most)
    if groups is None:
        return None
    with in_exact_arithmetic(xp):
        for turn, chosen in enumerate(_turns(groups.labels)):
            places = np.flatnonzero(chosen)
            shares = groups.shares(xp, chosen)[groups.labels.ravel()[places]] * SUMMED
            found.ravel()[places] = shares
            if turn == 0 and pays < 1 and not _narrower(shares, output.x.radius().ravel()[places], pays):
                return None
    return found


def shares_of(xp: Namespace, output: Value, index: tuple[int, ...]) -> Iterator[tuple[Value, float]]:
    """How far the rounding of each operation can move one entry of an output."""
    labels = np.full(output.shape, NONE)
    labels[index] = 0
    groups = _owned(xp, Graph.of(output), labels)
    if groups is not None:
        with in_exact_arithmetic(xp):
            for value, share in groups.each(xp, labels == 0):
                yield value, float(share.sum())


def _narrower(shares: Floats, radius: Floats, pays: float) -> bool:
    there = (radius > 0) & np.isfinite(radius)
    return bool(there.any() and np.median(shares[there] / radius[there]) < pays)


def _turns(labels: Labels) -> Iterator[Mask]:
    """Masks that hold one output of each label, until all had their turn."""
    flat = labels.ravel()
    places = np.flatnonzero(flat >= 0)
    order = places[np.argsort(flat[places], kind="stable")]
    new = np.concatenate([[True], np.diff(flat[order]) > 0])
    first = np.maximum.accumulate(np.where(new, np.arange(order.size), 0))
    rank = np.arange(order.size) - first
    for turn in range(int(rank.max()) + 1):
        mask = np.zeros(flat.size, dtype=bool)
        mask[order[rank == turn]] = True
        yield mask.reshape(labels.shape)


@dataclass(frozen=True)
class Graph:
    """What an output hangs on, and of that what a rounding reaches.

    Attributes:
        order: every array, each after its operands.
        inexact: the ids of those that have an error, or operands that do.
    """

    output: Value
    order: tuple[Value, ...]
    inexact: frozenset[int]

    @classmethod
    def of(cls, output: Value) -> Graph:
        order, inexact = ordered([output]), set()
        for value in order:
            if _errs(value) or any(id(parent) in inexact for parent, _ in value.parents):
                inexact.add(id(value))
        return cls(output, tuple(order), frozenset(inexact))

    @property
    def size(self) -> int:
        """Entries visited in a pass; calls of NumPy on small arrays cost as many as ``CALL``."""
        return sum(value.size + CALL for value in self.order if id(value) in self.inexact)

    def back(self, xp: Namespace, cotangent: Value, shared: frozenset[int] = frozenset()) -> Iterator[Any]:
        """Reverse mode: each array with the cotangents that its uses send it, the last arrays first.

        To an array in ``shared``, which was repeated to fit, they come as they are before they are added up there.
        """
        arriving: dict[int, list[Value]] = {id(self.output): [cotangent]}
        for value in reversed(self.order):
            terms = arriving.pop(id(value), None)
            if terms is None:
                continue
            yield value, terms
            behind = [] if id(value) in shared else [each for each in value.parents if id(each[0]) in self.inexact]
            g = xp.total(terms) if behind else terms[0]
            for parent, take_back in behind:
                xp.repeated_stays = id(parent) in shared
                arriving.setdefault(id(parent), []).append(take_back(g))
                xp.repeated_stays = False


def _errs(value: Value) -> bool:
    return value.error is not None and bool(np.any(value.error))


@dataclass(frozen=True)
class Groups:
    """Outputs that do not meet on their way back have different labels.

    Attributes:
        labels: of every output; ``NONE`` where it is not asked for.
        owners: by array, the label that each entry belongs to.
        shared: by array that several labels meet in, the label of each place where it is used, once for each use.
    """

    graph: Graph
    labels: Labels
    owners: dict[int, Labels]
    shared: dict[int, list[Labels]]

    def shares(self, xp: Namespace, chosen: Mask) -> Floats:
        """Σ sup |∂out/∂e| ρ of one chosen output of each label."""
        nothing = np.zeros(int(self.labels.max()) + 1)
        return sum((share for value, share in self.each(xp, chosen) if value is not self.graph.output), nothing)

    def each(self, xp: Namespace, chosen: Mask) -> Iterator[tuple[Value, Any]]:
        """Every array that has an error, with its share in the chosen output of each label."""
        count = int(self.labels.max()) + 1
        cotangent = xp.given(chosen.astype(np.float64))
        for value, terms in self.graph.back(xp, cotangent, frozenset(self.shared)):
            if not _errs(value):
                continue
            if id(value) in self.shared:
                for each, labels in zip(terms, self.shared[id(value)], strict=True):
                    yield value, _shared_share(value, each, labels, count)
                continue
            uses = terms if _used_twice(xp, value) else [xp.total(terms)]
            slope = sum(each.x.magnitude() for each in uses)
            labels = self.owners[id(value)]
            there = labels >= 0
            share = _products(slope[there], np.broadcast_to(value.error, slope.shape)[there])
            yield value, np.bincount(labels[there], share, count)


def _used_twice(xp: Namespace, value: Value) -> bool:
    return xp.every or value.place[0] in TWICE_USED


def _products(slope: Any, error: Any) -> Floats:
    return np.where((error == 0) | (slope == 0), 0, slope * error)


def _shared_share(value: Value, cotangent: Value, labels: Labels, count: int) -> Floats:
    """What a constant's error does to each label's output: its cotangents are added up by label."""
    entry = np.broadcast_to(np.arange(value.size).reshape(value.shape), labels.shape)
    nobody = count * value.size
    place = np.where(labels >= 0, labels * value.size + entry, nobody)
    slope = cotangent.x.gathered(place, nobody + 1).magnitude()[:-1].reshape(count, value.size)
    error = np.broadcast_to(value.error, value.shape).ravel()
    return np.asarray(_products(slope, error).sum(axis=1))


def _grouped(xp: Namespace, graph: Graph, wanted: Mask, most: float) -> Groups | None:
    """The fewest passes that do."""
    size = graph.size
    for labels in _labellings(wanted):
        passes = int(np.bincount(labels[labels >= 0]).max(initial=0))
        if passes * size > most:
            return None
        found = _owned(xp, graph, labels)
        if found is not None:
            return found
    return None


def _labellings(wanted: Mask) -> Iterator[Labels]:
    """Labels by the place along some of the axes: along all first, which takes one pass, and along none at last."""
    axes = [axis for axis, n in enumerate(wanted.shape) if n > 1]
    chosen = [kept for count in range(len(axes), -1, -1) for kept in combinations(axes, count)]
    found = []
    for kept in chosen:
        shape = [n if axis in kept else 1 for axis, n in enumerate(wanted.shape)]
        labels = np.broadcast_to(np.arange(math.prod(shape)).reshape(shape), wanted.shape)
        found.append(np.where(wanted, labels, NONE))
    found.sort(key=lambda labels: int(np.bincount(labels[labels >= 0]).max(initial=0)))
    yield from found


def _owned(xp: Namespace, graph: Graph, labels: Labels) -> Groups | None:
    """The labels of every entry; None where outputs of two labels meet in an array behind which there are errors."""
    shared: frozenset[int] = frozenset()
    while True:
        owners, uses, met = _followed(xp, graph, labels, shared)
        if not met:
            return Groups(graph, labels, owners, uses)
        if any(id(value) in shared or not _alone(value, graph) for value in met):
            return None
        shared |= {id(value) for value in met}


def _alone(value: Value, graph: Graph) -> bool:
    return not any(id(parent) in graph.inexact for parent, _ in value.parents)


def _followed(
    xp: Namespace, graph: Graph, labels: Labels, shared: frozenset[int]
) -> tuple[dict[int, Labels], dict[int, list[Labels]], Sequence[Value]]:
    """A reverse pass of labels, and the arrays in which several of them meet."""
    owners: dict[int, Labels] = {}
    uses: dict[int, list[Labels]] = {}
    met = []
    kept, kind = {id(value): value.x for value in graph.order}, xp.kind
    with in_exact_arithmetic(xp):
        try:
            xp.kind = Owners
            for value in graph.order:
                value.x = Owners.exactly(np.empty(value.shape))
            cotangent = Value(xp, Owners.labelled(labels))
            for value, terms in graph.back(xp, cotangent, shared):
                found = [each.x.owner() for each in terms]
                if id(value) in shared:
                    uses[id(value)] = found
                    if any((each == MANY).any() for each in found):
                        met.append(value)
                        break
                    continue
                owners[id(value)] = xp.total(terms).x.owner()
                if _errs(value) and (owners[id(value)] == MANY).any():
                    met.append(value)
        finally:
            xp.kind = kind
            for value in graph.order:
                value.x = kept[id(value)]
    return owners, uses, met
