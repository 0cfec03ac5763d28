"""Bugs that show in the second call or later: what is kept of one call is taken for another's."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from dataclasses import replace
from functools import partial
from itertools import count
from typing import Any

import numpy as np

from ffn.cases.case import mapped
from ffn.conformance.verdict import Verdict
from tests.conformance.implementations.buggy import BuggyImplementation
from tests.conformance.implementations.textbook import Array, Textbook

Key = Callable[..., Hashable]  # of (method, network, parameters, x, y or masks, …)
CALLS = ("forward", "loss", "gradient")


def contents(tree: Any) -> Hashable:
    """What is in the arrays, with their shapes."""
    if isinstance(tree, tuple):
        return tuple(map(contents, tree))
    return (tree.shape, tree.tobytes()) if isinstance(tree, np.ndarray) else tree


class Remembering(Textbook):
    """What was computed for the same key is returned again; a key that has all of the arguments would be right."""

    def __init__(self, name: str, key: Key, methods: tuple[str, ...] = CALLS) -> None:
        self.name, self._key, self._kept = name, key, dict[Hashable, Any]()
        for method in methods:
            setattr(self, method, partial(self._remembered, method))

    def _remembered(self, method: str, *given: Any) -> Any:
        key = method, self._key(*given)
        if key not in self._kept:
            self._kept[key] = getattr(Textbook, method)(self, *given), given  # the arguments live on too
        return mapped(np.copy, self._kept[key][0])


class SameObject(Remembering):
    """Keyed by the addresses of arrays, which are let go of."""

    def _remembered(self, method: str, *given: Any) -> Any:
        key = method, self._key(*given)
        if key not in self._kept:
            self._kept[key] = getattr(Textbook, method)(self, *given)
        return mapped(np.copy, self._kept[key])


def _without(*attributes: str) -> Key:
    """The arguments, and of the network what is not among these attributes."""

    def key(network: Any, *rest: Any) -> Hashable:
        layers = tuple(
            tuple(getattr(layer, name) for name in ("units", "activation", "negative_slope") if name not in attributes)
            for layer in network.hidden
        )
        kept = (getattr(network, n) for n in ("output", "reduction", "weight_decay") if n not in attributes)
        return layers, tuple(kept), contents(rest)

    return key


def _weights(parameters: Any) -> Hashable:
    return tuple(contents(W) for W, _ in parameters)


class Workspace(Textbook):
    """Rows are put into a buffer that only grows, and sums are taken over all of it."""

    name = "stale rows in a buffer"

    def __init__(self) -> None:
        self._kept: dict[Any, Array] = {}

    def dot(self, a: Array, b: Array) -> Array:
        if len(a) >= len(self._kept.get((a.shape[1:], b.shape, a.dtype), a[:0])):
            self._kept[a.shape[1:], b.shape, a.dtype] = a.copy()
        buffer = self._kept[a.shape[1:], b.shape, a.dtype]
        buffer[: len(a)] = a
        return Textbook.dot(self, buffer, b)[-len(a) :]  # the last rows, where it should be the first


class ByTheArray(Textbook):
    """Gradients in a dictionary by the parameter itself: layers that share an array share their sum."""

    name = "gradients keyed by their parameter"

    def gradient(self, network: Any, parameters: Any, x: Array, y: Array) -> Any:
        found: dict[int, Array] = {}
        for layer, changes in zip(parameters, Textbook.gradient(self, network, parameters, x, y), strict=True):
            for array, change in zip(layer, changes, strict=True):
                found[id(array)] = found[id(array)] + change if id(array) in found else change
        return tuple((found[id(W)], found[id(b)]) for W, b in parameters)


class OneBuffer(Textbook):
    """The output is written into one array for each shape, which is returned."""

    name = "one buffer for every output"

    def __init__(self) -> None:
        self._kept: dict[Any, Array] = {}

    def forward(self, network: Any, parameters: Any, x: Array) -> Array:
        z = Textbook.forward(self, network, parameters, x)
        buffer = self._kept.setdefault((z.shape, z.dtype), z.copy())
        buffer[...] = z
        return buffer


class OneFlatGradient(OneBuffer):
    """The gradient as views of one flat array, used again."""

    name = "one flat array for every gradient"
    forward = Textbook.forward

    def gradient(self, network: Any, parameters: Any, x: Array, y: Array) -> Any:
        gradient = Textbook.gradient(self, network, parameters, x, y)
        flat = np.concatenate([array.ravel() for layer in gradient for array in layer])
        buffer = self._kept.setdefault((flat.shape, flat.dtype), flat.copy())
        buffer[...] = flat
        parts = iter(np.split(buffer, np.cumsum([array.size for layer in gradient for array in layer])[:-1]))
        return tuple(tuple(next(parts).reshape(array.shape) for array in layer) for layer in gradient)


class KeptItself(Textbook):
    """Remembered by everything that is given; but what is kept is handed out, and so is whatever becomes of it."""

    name = "the answer is what is kept"

    def __init__(self) -> None:
        self._kept: dict[Any, Any] = {}

    def gradient(self, *given: Any) -> Any:
        key = contents(given)
        if key not in self._kept:
            self._kept[key] = Textbook.gradient(self, *given)
        return self._kept[key]


class AfterForward(Textbook):
    """The backward pass takes the layers that the last forward pass left."""

    def __init__(self, name: str, alone: bool) -> None:
        self.name, self._alone, self._steps = name, alone, list[Any]()

    def forward(self, network: Any, parameters: Any, x: Array) -> Array:
        self._steps = self.steps(network, parameters, x)
        return self._steps[-1].h.copy()

    def gradient(self, network: Any, parameters: Any, x: Array, y: Array) -> Any:
        steps = self.steps(network, parameters, x)
        if self._alone:
            if not self._steps:
                raise RuntimeError("backward before forward")
        elif self._steps and [s.h.shape for s in self._steps] == [s.h.shape for s in steps]:
            steps = self._steps
        return self.backward(network, parameters, steps, y)


class EveryThird(Textbook):
    """A refresh at every third call of a kind, which forgets the biases."""

    name = "every third call"

    def __init__(self, every: int = 3) -> None:
        self._calls, self._every = count(1), every

    def forward(self, network: Any, parameters: Any, x: Array) -> Array:
        z = Textbook.forward(self, network, parameters, x)
        return z + z.dtype.type(next(self._calls) % self._every == 0)


class OfItsThread(Textbook):
    """What belongs to a thread is set up in the one that made it."""

    name = "set up in one thread alone"

    def __init__(self) -> None:
        self._local = threading.local()
        self._local.scale = 1

    def __deepcopy__(self, memo: Any) -> OfItsThread:
        """A thread's own data cannot be copied: it is set up anew."""
        return OfItsThread()

    def forward(self, network: Any, parameters: Any, x: Array) -> Array:
        return Textbook.forward(self, network, parameters, x) * x.dtype.type(getattr(self._local, "scale", 0))


class OneWorkspace(Textbook):
    """Two threads write into the same array between a product and its sum."""

    name = "a workspace that threads share"
    concurrent = True

    def __init__(self) -> None:
        self._z: Any = None

    def affine(self, x: Array, W: Array, b: Array) -> Array:
        self._z = self.dot(x, W)
        return self._z + b if self._z.shape[1:] == b.shape else self.dot(x, W) + b


class OfTheNetworkBefore(Textbook):
    """The reduction is read again only where the number of rows is as it was."""

    name = "another reduction and another number of rows at once"

    def __init__(self) -> None:
        self._before: tuple[str, int] | None = None

    def gradient(self, network: Any, parameters: Any, x: Array, y: Array) -> Any:
        reduction, rows = self._before or (network.reduction, len(x))
        if rows != len(x):
            network = replace(network, reduction=reduction)
        self._before = network.reduction, len(x)
        return Textbook.gradient(self, network, parameters, x, y)


class ActivationsInPlace(Textbook):
    """Activations of a shape are written into one array, which is returned."""

    name = "one array for every activation"

    def __init__(self) -> None:
        self._kept: dict[Any, Array] = {}

    def activation(self, name: str, z: Array) -> Array:
        h = Textbook.activation(self, name, z)
        buffer = self._kept.setdefault((h.shape, h.dtype), h.copy())
        buffer[...] = h
        return buffer


class FactorialsOfTheFirst(Textbook):
    """A table as long as the first counts need."""

    name = "log factorials of the first counts"

    def __init__(self) -> None:
        self._most: float | None = None

    def poisson(self, z: Array, y: Array) -> Array:
        self._most = self._most or max(16, float(y.max(initial=0)))
        last = np.minimum(y, y.dtype.type(self._most))
        return Textbook.poisson(self, z, last) + (last - y) * z


class RangeOfTheFirst(Textbook):
    """Inputs are kept within the range of the first batch, as by a scale that is set once."""

    name = "the range of the first inputs"

    def __init__(self) -> None:
        self._most: dict[Any, Array] = {}

    def steps(self, network: Any, parameters: Any, x: Array, masks: Any = None) -> Any:
        most = self._most.setdefault(x.dtype, 2 * np.abs(x).max())
        return Textbook.steps(self, network, parameters, x.clip(-most, most), masks)


class WeightsOfARange(Textbook):
    """Weights likewise."""

    name = "the range of the first weights"

    def __init__(self) -> None:
        self._most: dict[Any, Array] = {}

    def dot(self, a: Array, b: Array) -> Array:
        most = self._most.setdefault((b.shape, b.dtype), 3 * np.abs(b).max())
        return Textbook.dot(self, a, b.clip(-most, most))


class TableOfTheFirst(Textbook):
    """A function that few use is read off a table, which ends where the first numbers did."""

    name = "a table of the first numbers"

    def __init__(self) -> None:
        self._most: dict[Any, Array] = {}

    def softplus(self, z: Array) -> Array:
        most = self._most.setdefault(z.dtype, 2 * np.abs(z).max())
        return Textbook.softplus(self, z.clip(-most, most))


class MasksOfTheFirst(Textbook):
    """Masks are made once for each shape."""

    name = "masks of the first call"

    def __init__(self) -> None:
        self._kept: dict[Any, Array] = {}

    def dropped(self, x: Array, mask: Array) -> Array:
        return x * self._kept.setdefault((mask.shape, mask.dtype), mask.copy())


class Stateful(Textbook):
    """The state is kept from call to call, as of a layer that is said to be stateful."""

    name = "the last state kept"

    def __init__(self) -> None:
        self._state: dict[Any, Array] = {}

    def states(self, recurrent: Any, cell: Any, x: Array, h: Array) -> list[Any]:
        states = Textbook.states(self, recurrent, cell, x, self._state.get((h.shape, h.dtype), h))
        self._state[h.shape, h.dtype] = states[-1].h
        return states


def _wrong(implementation: Any) -> tuple[BuggyImplementation, ...]:
    return (BuggyImplementation(implementation, Verdict.WRONG),)


def _head(x: Any) -> bytes:
    return np.ascontiguousarray(x).tobytes()[:64]


def _remembering(name: str, key: Key, methods: tuple[str, ...] = CALLS) -> tuple[BuggyImplementation, ...]:
    return _wrong(Remembering(name, key, methods))


BUGS: dict[str, tuple[BuggyImplementation, ...]] = {
    "state/parameters in place": _remembering(
        "keyed by the objects of the parameters",
        lambda network, parameters, *rest: (network, tuple(map(id, sum(parameters, ()))), contents(rest)),
    )
    + _remembering(
        "keyed by the tuple of the parameters",
        lambda network, parameters, *rest: (network, id(parameters), contents(rest)),
    ),
    "state/batch in place": _remembering(
        "keyed by the object of the batch",
        lambda network, parameters, x, *rest: (network, contents(parameters), id(x), *map(id, rest)),
    )
    + _remembering(
        "keyed by what is given",
        lambda network, *rest: (network, *map(id, rest)),
    ),
    "state/address used again": _wrong(
        SameObject(
            "keyed by an address",
            lambda network, parameters, x, *rest: (network, contents((parameters, *rest)), x.ctypes.data, x.shape),
        )
    ),
    "state/other parameters": _remembering(
        "keyed by the shapes of the parameters",
        lambda network, parameters, *rest: (network, contents(rest)),
    )
    + _wrong(WeightsOfARange()),
    "state/biases alone": _remembering(
        "keyed by the weights",
        lambda network, parameters, *rest: (network, _weights(parameters), contents(rest)),
    ),
    "state/other inputs": _remembering(
        "keyed by the first row",
        lambda network, parameters, x, *rest: (network, contents(parameters), x.shape, x[0].tobytes(), contents(rest)),
    )
    + _remembering(
        "keyed by the first 64 bytes",
        lambda network, parameters, x, *rest: (network, contents(parameters), x.shape, _head(x), contents(rest)),
    )
    + _wrong(RangeOfTheFirst()),
    "state/other targets": _remembering(
        "keyed by the inputs",
        lambda network, parameters, x, y: (network, contents(parameters), contents(x)),
        ("gradient",),
    )
    + _wrong(FactorialsOfTheFirst()),
    "state/rows permuted": _remembering(
        "keyed by the sorted batch",
        lambda network, parameters, *batch: (network, contents(parameters), *(np.sort(a, 0).tobytes() for a in batch)),
    ),
    "state/other activation": _remembering("keyed without the activation", _without("activation")),
    "state/other slope": _remembering("keyed without the slope", _without("negative_slope")),
    "state/other reduction": _remembering("keyed without the reduction", _without("reduction")),
    "state/other decay": _remembering("keyed without the decay", _without("weight_decay")),
    "state/other output": _remembering("keyed without the output", _without("output")),
    "state/batches of other sizes": _wrong(Workspace()),
    "state/one array for two layers": _wrong(ByTheArray()),
    "state/answers kept": (*_wrong(OneBuffer()), *_wrong(OneFlatGradient())),
    "state/answers written": _wrong(KeptItself()),
    "state/gradient alone": (BuggyImplementation(AfterForward("backward needs forward", alone=True), Verdict.ERROR),),
    "state/gradient after another forward": _wrong(AfterForward("layers of the last forward pass", alone=False)),
    "state/repeated call": _wrong(EveryThird()),
    "state/two threads": _wrong(OfItsThread()),
    "state/threads at once": _wrong(OneWorkspace()),
    "state/any order": _wrong(OfTheNetworkBefore()),
    "state/activations": (*_wrong(ActivationsInPlace()), *_wrong(TableOfTheFirst())),
    "state/dropout": _wrong(MasksOfTheFirst()),
    "state/recurrent": _wrong(Stateful()),
}
