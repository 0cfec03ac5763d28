"""Cases that differ from a case in one thing, and in no shape: what is mistaken for what was there before shows.

What differs: every number; the last column alone, or the last number, which a key made of the first ones misses; all
but the first row; only the order, which a key made of a sum misses; or how large they are, which is beyond what a table
or a scale was made for.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from ffn.cases.case import Arguments, Case, flat, mapped
from ffn.cases.networks import SLOPES
from ffn.conformance.implementation.sequence import same_contents
from ffn.network.activations import ELEMENTWISE
from ffn.network.description import REDUCTIONS, Hidden, Network, Output
from ffn.numbers.precision import precision

Array = npt.NDArray[Any]
Drawn = TypeVar("Drawn", bound=Arguments)

DECAYS = (0.0, 0.5, 2.0)
LARGER, FURTHER = 4, 40  # times a number; counts beyond
ALIKE = ("gaussian", "laplace")  # outputs whose targets are of one kind


def spread(case: Drawn) -> Drawn:
    """The case with mild numbers, no two of an array in a simple relation: so that what differs shows in the answer."""
    return case.mapped(_spread, *(name for name, _ in case.trees() if name not in ("y", "masks")))


def _spread(array: Array) -> Array:
    share = (np.arange(array.size) * 7 % 11 - 5).reshape(array.shape) / 8 + 1 / 16
    return (array.astype(np.float64) / 8 + share).astype(array.dtype)


def different(case: Case, *names: str) -> tuple[Case, ...]:
    """The case with other numbers in one of its fields after the other."""
    found = (case.changed(**{name: tree}) for name in names for tree in _others(case, name))
    return tuple(each for each in found if not _same(each, case))


def with_larger(name: str, case: Drawn) -> tuple[Drawn, ...]:
    """The case with larger numbers in one of its fields, or larger counts; none of labels and of shares of 1."""
    tree = getattr(case, name)
    if name != "y":
        return (case.changed(**{name: mapped(_larger, tree)}),)
    output = case.network.output.name  # type: ignore[attr-defined]
    if output in ("bernoulli", "categorical"):
        return ()
    return (case.changed(y=(tree + FURTHER).astype(tree.dtype) if output == "poisson" else _larger(tree)),)


def with_other_biases(case: Case) -> tuple[Case, ...]:
    """The case with other biases in every layer, and in the last, or the first, alone."""
    *_, last = layers = [(W, other_numbers(b)) for W, b in case.parameters]
    first, *_ = layers
    changed = (tuple(layers), (*case.parameters[:-1], last), (first, *case.parameters[1:]))
    return tuple(case.changed(parameters=parameters) for parameters in changed)


def with_unequal_targets(case: Case) -> Case:
    """The case, with another target in the last row where all were equal: so that the order of the rows shows."""
    if not all(same_contents(row, case.y[0]) for row in case.y):
        return case
    y = case.y.copy()
    y[-1] = _other_targets(case)[-1]
    return case.changed(y=y)


def with_another(what: str, case: Case) -> tuple[Case, ...]:
    """The case with other networks, of the same shapes, that differ in their activation, slope, reduction, …."""
    network = case.network
    assert isinstance(network, Network)
    return tuple(case.changed(network=each) for each in _NETWORKS[what](network) if each != network)


def larger(case: Case, times: int = 3) -> Case:
    """The case with so many times the rows, each moved by a share of its own."""
    longer = case.rows(np.arange(times * len(case.x)) % len(case.x))
    return longer.changed(x=_spread(longer.x * longer.x.dtype.type(4)))


def with_another_last_input(case: Case) -> Case:
    """The case with another number in place of the last input alone."""
    return case.changed(x=_with(case.x, other_numbers(case.x), 0, (-1,) * case.x.ndim))


def _same(a: Case, b: Case) -> bool:
    return all(map(same_contents, a.arrays(), b.arrays()))


def _others(case: Case, name: str) -> Iterator[Any]:
    tree = getattr(case, name)
    others = _other_targets(case) if name == "y" else mapped(_dropped if name == "masks" else other_numbers, tree)
    yield others
    yield _with(tree, others, len(flat(tree)) - (2 if name == "parameters" else 1), _last_entry)
    yield _with(tree, others, 0, _all_but_the_first_row)
    yield mapped(lambda array: array[::-1].copy(), tree)


def _with(tree: Any, others: Any, place: int, taken: Any) -> Any:
    """The tree with some entries of one array as they are in the other tree."""
    arrays = [array.copy() for array in flat(tree)]
    arrays[place][taken] = flat(others)[place][taken]
    left = iter(arrays)
    return mapped(lambda _: next(left), tree)


_last_entry = (..., -1)
_all_but_the_first_row = slice(1, None)


def other_numbers(array: Array) -> Array:
    """Another number in place of each: no number of any precision is its own ½ − v/2."""
    return (0.5 - array.astype(np.float64) / 2).astype(array.dtype)


def _larger(array: Array) -> Array:
    """Numbers some times as large, where there is room for what is computed of them."""
    most = math.sqrt(precision(array.dtype.name).largest) / LARGER
    times: Array = np.where(np.abs(array) < most, LARGER, 1).astype(array.dtype)
    return array * times


def _dropped(mask: Array) -> Array:
    return (1 - mask).astype(mask.dtype)


def _other_targets(case: Case) -> Array:
    """Other targets in the domain of the distribution."""
    y, name = case.y, case.network.output.name
    if name == "categorical":
        return (y + 1) % case.network.units
    if name == "poisson":
        return (y + 1).astype(y.dtype)
    return (1 - y).astype(y.dtype) if name == "bernoulli" else other_numbers(y)


def _other_activations(network: Network) -> Iterator[Network]:
    """Three others in place of each."""
    names = [layer.activation for layer in network.hidden if layer.pieces is None]
    start = ELEMENTWISE.index(names[0]) if names else 0
    for name in (*ELEMENTWISE[start:], *ELEMENTWISE[:start]):
        yield replace(network, hidden=tuple(_replaced(layer, activation=name) for layer in network.hidden))


def _replaced(layer: Hidden, **attributes: Any) -> Hidden:
    if layer.pieces is not None or ("negative_slope" in attributes and layer.activation != "leaky_relu"):
        return layer
    return Hidden(layer.units, **{"activation": layer.activation, **attributes})


_NETWORKS: dict[str, Any] = {
    "activation": _other_activations,
    "slope": lambda network: (
        replace(network, hidden=tuple(_replaced(layer, negative_slope=slope) for layer in network.hidden))
        for slope in SLOPES
    ),
    "reduction": lambda network: (replace(network, reduction=reduction) for reduction in REDUCTIONS),
    "decay": lambda network: (replace(network, weight_decay=decay) for decay in DECAYS),
    "output": lambda network: (
        replace(network, output=Output(name)) for name in (ALIKE if network.output.name in ALIKE else ())
    ),
}
