"""Bugs that show at one level of one factor of a plan alone, by what an implementation is handed.

Each predicate is true of no case that lacks its level; where it says more than the level, such as two rows at least,
that keeps chance and other factors out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from ffn import reference

Array = Any


class Seen(NamedTuple):
    """The arguments of a call."""

    network: Any
    parameters: Any
    x: Array
    y: Array = None
    last: Any = None  # masks, or the first state


Shows = Callable[[Any, Seen], bool]  # (level, arguments) → whether a bug of that level shows


class WrongAt:
    """The reference, whose answers are off where a predicate is true."""

    parts = ("heteroscedastic", "mixture", "dropout", "recurrent")

    def __init__(self, name: str, dtype: str, shows: Callable[[Seen], bool]) -> None:
        self.name, self.dtypes, self.shows = name, (dtype,), shows

    def forward(self, network: Any, parameters: Any, x: Array) -> Array:
        return self._off(reference.forward(network, parameters, x), Seen(network, parameters, x))

    def loss(self, network: Any, parameters: Any, x: Array, y: Array) -> Array:
        return self._off(reference.loss(network, parameters, x, y), Seen(network, parameters, x, y))

    def gradient(self, network: Any, parameters: Any, x: Array, y: Array) -> Any:
        found = reference.gradient(network, parameters, x, y)
        seen = Seen(network, parameters, x, y)
        return tuple((W, self._off(b, seen)) for W, b in found)

    def dropout_forward(self, network: Any, parameters: Any, x: Array, masks: Any) -> Array:
        return self._off(
            reference.dropout_forward(network, parameters, x, masks), Seen(network, parameters, x, None, masks)
        )

    def recurrent_forward(self, network: Any, parameters: Any, x: Array, h0: Array) -> Array:
        return self._off(
            reference.recurrent_forward(network, parameters, x, h0), Seen(network, parameters, x, None, h0)
        )

    def _off(self, answer: Array, seen: Seen) -> Array:
        answer = np.asarray(answer)
        return answer * 2 + answer.dtype.type(1) if self.shows(seen) else answer


# what is seen of the network and of sizes


def layer(place: int) -> Shows:
    return lambda level, seen: (
        len(seen.network.hidden) > place and replace(seen.network.hidden[place], units=1) == level
    )


def width(place: int) -> Shows:
    return lambda level, seen: len(seen.network.hidden) > place and seen.network.hidden[place].units == level


def magnitude(level: int, seen: Seen) -> bool:
    largest = float(np.abs(seen.x.astype(float)).max())
    return bool(largest) and level - 1 <= np.log2(largest) < level + 3


# what is seen of weights and biases: of the layers behind the first, whose weights have no magnitude to undo


def _behind(seen: Seen) -> Iterator[tuple[Array, Array]]:
    """Of each layer W times the root of its inputs, an input a row, and b, but where all rows are one in memory."""
    for W, b in seen.parameters[1:]:
        if 0 in W.strides:
            continue
        yield W.astype(float).reshape(len(W), -1) * np.sqrt(len(W)), b.astype(float).ravel()


def _dead(W: Array, b: Array) -> Array:
    return np.isclose(b, -8 * np.abs(W).sum(axis=0) / np.sqrt(len(W)), rtol=1e-4)


WEIGHTS: dict[str, Callable[[Array, Array], Any]] = {
    "equal units": lambda W, b: W.shape[1] > 1 and W.any() and (W[:, :1] == W).all(),
    "dead unit": lambda W, b: (_dead(W, b) & (b < -4)).any(),
    "saturated unit": lambda W, b: (np.abs(W).min(axis=0) >= 4.001).any(),
    "scaled columns": lambda W, b: ((np.abs(W) > 0) & (np.abs(W) < 0.499)).any(),
    "one each": lambda W, b: len(W) > 1 and (np.count_nonzero(W, axis=0) == 1).all(),
    "zero column": lambda W, b: (np.count_nonzero(W, axis=0) == 0).any(),
}
BIASES: dict[str, Callable[[Array, Array], Any]] = {
    "zero": lambda W, b: not b.any(),
    "proportional": lambda W, b: b.any() and np.allclose(b, W[0] / np.sqrt(len(W)), rtol=1e-6),
    "one large": lambda W, b: (
        (np.abs(b) > 1.001) & (np.abs(b) < 4) & ~_dead(W, b) & ~np.isclose(b, W[0] / np.sqrt(len(W)), rtol=1e-6)
    ).any(),
}


def weights(level: str, seen: Seen) -> bool:
    return any(WEIGHTS[level](W, b) for W, b in _behind(seen))


def biases(level: str, seen: Seen) -> bool:
    return any(BIASES[level](W, b) for W, b in _behind(seen))


# what is seen of the data


def _halves(x: Array) -> Any:
    return np.frexp(np.abs(x[x != 0]))[0] == 0.5


DATA: dict[str, Callable[[Array], Any]] = {
    "whole": lambda x: x.all() and np.isin(np.frexp(np.abs(x))[0], (0.5, 0.75)).all() and not _halves(x).all(),
    "equal rows": lambda x: (x == x[:1]).all() and x.all() and not _halves(x).all(),
    "zero column": lambda x: (x == 0).all(axis=0).any() and x.any() and not _halves(x).all(),
    "constant column": lambda x: (
        ((x == x[:1]).all(axis=0) & (np.frexp(x[0])[0] == 0.5)).any()
        and not (x == x[:1]).all()
        and not _halves(x).all()
    ),
    "one-hot": lambda x: (np.count_nonzero(x, axis=1) == 1).all() and len(np.unique(x)) == 2 and (x >= 0).all(),
    "halves": lambda x: x.size >= 12 and x.all() and _halves(x).all() and len(np.unique(np.abs(x))) == 2,
    "zero row": lambda x: (x == 0).all(axis=1).any() and x.any() and not (x == 0).all(axis=0).any(),
}


def data(level: str, seen: Seen) -> bool:
    x = seen.x.astype(float)
    several = min(x.shape) > 1 and len(x) > 2
    return several and 0 not in seen.x.strides and bool(DATA[level](x))


def _classes(seen: Seen) -> bool:
    return seen.network.output.name == "categorical" and seen.network.units > 2


def _numbers(seen: Seen) -> bool:
    return seen.network.output.name in ("gaussian", "laplace")


TARGETS: dict[str, Callable[[Seen], Any]] = {
    "constant": lambda seen: _numbers(seen) and not seen.y.any(),
    "sorted": lambda seen: _numbers(seen) and len(seen.y) > 4 and seen.y.any() and (np.diff(seen.y, axis=0) >= 0).all(),
    "ends": lambda seen: _classes(seen) and len(seen.y) > 7 and (seen.y == seen.network.units - 1).all(),
    "whole": lambda seen: _numbers(seen) and seen.y.any() and (seen.y == np.round(seen.y)).all(),
    "far": lambda seen: _numbers(seen) and np.abs(seen.y).max() > 12,
    "last unused": lambda seen: (
        seen.network.output.name == "categorical"
        and (1 - 1 / seen.network.units) ** len(seen.y) < 0.002  # or it is unused by chance
        and seen.y.max() < seen.network.units - 1
        and (len(np.unique(seen.y)) > 1 or seen.network.units == 2)
    ),
}


def targets(level: str, seen: Seen) -> bool:
    return 0 not in seen.y.strides and bool(TARGETS[level](seen))


# what is seen of memory


LAYOUTS: dict[str, Callable[[Array], Any]] = {
    "transposed": lambda x: x.flags.f_contiguous and not x.flags.c_contiguous,
    "strided": lambda x: min(x.strides) > 0 and not (x.flags.c_contiguous or x.flags.f_contiguous),
    "reversed": lambda x: min(x.strides) < 0,
    "broadcast": lambda x: 0 in x.strides,
    "misaligned": lambda x: not x.flags.aligned,
    "read-only": lambda x: not x.flags.writeable and 0 not in x.strides,
}


def layout(level: str, seen: Seen) -> bool:
    return min(seen.x.shape) > 1 and bool(LAYOUTS[level](seen.x))


# what is seen of masks

MASKS: dict[str, Callable[[Array], Any]] = {
    "none dropped": lambda mask: mask.all(),
    "all dropped": lambda mask: not mask.any(),
    "one dropped": lambda mask: np.count_nonzero(mask == 0) == 1,
    "one kept": lambda mask: np.count_nonzero(mask) == 1,
    "alternating": lambda mask: (mask[:, 1:] != mask[:, :-1]).all() and (mask[1:] != mask[:-1]).all(),
}


def masks(level: str, seen: Seen) -> bool:
    return all(mask.size > 5 and min(mask.shape) > 1 and MASKS[level](mask) for mask in seen.last)
