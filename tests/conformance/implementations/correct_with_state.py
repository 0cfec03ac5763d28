"""Correct implementations that keep something between calls, each in the way that is right."""

from __future__ import annotations

import threading
from collections.abc import Hashable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import count
from typing import Any

import numpy as np

from ffn.cases.case import flat, mapped
from ffn.network.description import Network
from tests.conformance.implementations.bugs.state import Remembering, contents
from tests.conformance.implementations.textbook import Array, Textbook


def _everything(*given: Any) -> Hashable:
    return contents(given)


class HandsOutWhatItKeeps(Remembering):
    """Nobody can write into what is kept."""

    def _remembered(self, method: str, *given: Any) -> Any:
        key = method, self._key(*given)
        if key not in self._kept:
            self._kept[key] = mapped(np.asarray, getattr(Textbook, method)(self, *given))
            for array in flat(self._kept[key]):
                array.setflags(write=False)
        return self._kept[key]


class ChecksWhatLiesThere(Textbook):
    """Keyed by an object that is kept alive, and by a copy of what was in it."""

    name = "keyed by the object, and checked"

    def __init__(self) -> None:
        self._kept: dict[int, tuple[Any, Hashable, Array]] = {}

    def forward(self, network: Network, parameters: Any, x: Array) -> Array:
        key = contents((network, parameters, x))
        kept = self._kept.get(id(x))
        if kept is None or kept[1] != key:
            kept = self._kept[id(x)] = x, key, Textbook.forward(self, network, parameters, x)
        return kept[2].copy()


class LastForward(Textbook):
    """The backward pass takes the layers of the last forward pass where that was of the same arguments."""

    name = "layers of the same forward pass"

    def __init__(self) -> None:
        self._last: tuple[Hashable, Any] = (None, None)

    def steps(self, network: Network, parameters: Any, x: Array, masks: Any = None) -> Any:
        key = contents((network, parameters, x, masks))
        if self._last[0] != key:
            self._last = key, Textbook.steps(self, network, parameters, x, masks)
        return self._last[1]

    def forward(self, network: Network, parameters: Any, x: Array) -> Array:
        return self.steps(network, parameters, x)[-1].h.copy()


class OneWorkspaceCopied(Textbook):
    """Products are written into an array that only grows; what is handed out is copied."""

    name = "a workspace, and answers that are copies"

    def __init__(self) -> None:
        self._kept: dict[Any, Array] = {}

    def workspace(self) -> dict[Any, Array]:
        return self._kept

    def dot(self, a: Array, b: Array) -> Array:
        key, kept = (b.shape, a.dtype), self.workspace()
        if len(kept.get(key, ())) < len(a):
            kept[key] = np.empty((len(a), *b.shape[1:]), a.dtype)
        kept[key][: len(a)] = Textbook.dot(self, a, b)
        return kept[key][: len(a)].copy()


class OneWorkspaceAThread(OneWorkspaceCopied):
    """Each thread has its own."""

    name, concurrent = "a workspace for each thread", True

    def __init__(self) -> None:
        self._of_thread = threading.local()

    def workspace(self) -> dict[Any, Array]:
        if not hasattr(self._of_thread, "kept"):
            self._of_thread.kept = {}
        kept: dict[Any, Array] = self._of_thread.kept
        return kept


class Pooled(Textbook):
    """Rows are shared out to threads, and added up in their order."""

    name, concurrent = "rows in a pool of threads", True

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(2)

    def dot(self, a: Array, b: Array) -> Array:
        rows = self._pool.map(lambda row: Textbook.dot(self, row, b), np.split(a, len(a)) if len(a) else [a])
        return np.concatenate(list(rows))


class ChangingOrder(Textbook):
    """Sums in another order at each call, as it says."""

    name, reproducible = "sums in a changing order", False

    def __init__(self) -> None:
        self._calls = count()

    def dot(self, a: Array, b: Array) -> Array:
        order = np.random.default_rng(next(self._calls)).permutation(len(b))
        return Textbook.dot(self, a[:, order], b[order])


class OneFlatArray(Textbook):
    """The gradient as views of one array, which is new for each call."""

    name, concurrent = "views of one new array", True

    def gradient(self, *given: Any) -> Any:
        gradient = Textbook.gradient(self, *given)
        joined = np.concatenate([array.ravel() for array in flat(gradient)])
        parts = iter(np.split(joined, np.cumsum([array.size for array in flat(gradient)])[:-1]))
        return mapped(lambda array: next(parts).reshape(array.shape), gradient)


class Planned(Textbook):
    """What follows from the network alone is worked out once for each."""

    name, concurrent = "a plan for each network", True

    def steps(self, network: Network, parameters: Any, x: Array, masks: Any = None) -> Any:
        return _plan(network)(self, network, parameters, x, masks)


@cache
def _plan(network: Network) -> Any:
    return Textbook.steps


VARIANTS: tuple[Textbook, ...] = (
    Remembering("remembered by all that is given", _everything),
    HandsOutWhatItKeeps("what is kept, read-only", _everything),
    ChecksWhatLiesThere(),
    LastForward(),
    OneWorkspaceCopied(),
    OneWorkspaceAThread(),
    Pooled(),
    ChangingOrder(),
    OneFlatArray(),
    Planned(),
)
