"""Bugs in the layer loop, in batches and symmetries, and in what a call leaves behind."""

from __future__ import annotations

from itertools import count
from typing import Any

import numpy as np

from tests.conformance.implementations.buggy import BuggyImplementation, error, overwriting, unstable, widening, wrong
from tests.conformance.implementations.bugs.activations import square_not_transposed
from tests.conformance.implementations.bugs.objective import mean_of_terms, unshifted_log_sum_exp, unshifted_softmax
from tests.conformance.implementations.textbook import Array, Step, Textbook


def _bias_of_last_layer_alone(self: Textbook, network: Any, parameters: Any, x: Array) -> list[Step]:
    *hidden, last = parameters
    return Textbook.steps(self, network, (*((W, 0 * b) for W, b in hidden), last), x)


def _tile(self: Textbook, a: Array, b: Array) -> Array:
    """Rows from 64 on are never reached."""
    return np.concatenate([Textbook.dot(self, a[:64], b), np.zeros((len(a[64:]), b.shape[1]), dtype=a.dtype)])


def _tiled_sum(self: Textbook, a: Array, b: Array) -> Array:
    return Textbook.dot(self, a[:, :64], b[:64])


def _distinct(self: Textbook, network: Any, parameters: Any, x: Array, y: Array) -> Any:
    """Equal rows of x counted once."""
    _, first = np.unique(x, axis=0, return_index=True)
    return Textbook.gradient(self, network, parameters, x[first], y[first])


def _squeezed(self: Textbook, network: Any, parameters: Any, x: Array) -> Array:
    return np.squeeze(Textbook.forward(self, network, parameters, x))


def _running_mean(self: Textbook, x: Array, W: Array, b: Array) -> Array:
    return Textbook.affine(self, x - x[:1], W, b)


def _first_row_twice(self: Textbook, network: Any, z: Array, y: Array) -> Array:
    dz = Textbook.output_cotangent(self, network, z, y)
    return np.concatenate([2 * dz[:1], dz[1:]])


def _last_unit_skipped(self: Textbook, network: Any, parameters: Any, x: Array) -> list[Step]:
    """``range(units − 1)`` in the loop over hidden units: the last one reaches nobody."""
    *hidden, last = Textbook.steps(self, network, parameters, x)
    if not hidden:
        return [last]
    h = hidden[-1].h.copy()
    h[:, -1] = 0
    z = self.affine(h, *parameters[-1])
    return [*hidden, Step(h, z, z)]


def _in_place_step(self: Textbook, network: Any, parameters: Any, x: Array, y: Array) -> Any:
    gradient = Textbook.gradient(self, network, parameters, x, y)
    for arrays, changes in zip(parameters, gradient, strict=True):
        for array, change in zip(arrays, changes, strict=True):
            array -= change / 100
    return gradient


def _centred_in_place(self: Textbook, network: Any, parameters: Any, x: Array) -> Array:
    z = Textbook.forward(self, network, parameters, x)
    x -= x[:1] + 1
    return z


def _counting() -> Any:
    calls = count()

    def forward(self: Textbook, network: Any, parameters: Any, x: Array) -> Array:
        return Textbook.forward(self, network, parameters, x) + next(calls)

    return forward


def _noise() -> Any:
    random = np.random.default_rng(0)

    def input_cotangent(self: Textbook, W: Array, dz: Array) -> Array:
        return Textbook.input_cotangent(self, W, dz) * random.uniform(0, 2, len(W)).astype(W.dtype)

    return input_cotangent


def _accumulating() -> Any:
    """Gradients added to those of the call before, as where nobody sets them to zero."""
    before: list[Any] = []

    def gradient(self: Textbook, network: Any, parameters: Any, x: Array, y: Array) -> Any:
        now = Textbook.gradient(self, network, parameters, x, y)
        if before and [W.shape for W, _ in before[0]] == [W.shape for W, _ in now]:
            now = tuple((W + V, b + c) for (W, b), (V, c) in zip(now, before[0], strict=True))
        before[:] = [now]
        return now

    return gradient


def _wide_gradient(self: Textbook, *given: Any) -> Any:
    return tuple((dW, db.astype(np.float64)) for dW, db in Textbook.gradient(self, *given))


BUGS: dict[str, tuple[BuggyImplementation, ...]] = {
    "network/output": (
        wrong("bias forgotten in the hidden layers", steps=_bias_of_last_layer_alone),
        wrong(
            "activation on the last layer", forward=lambda self, *given: np.maximum(Textbook.forward(self, *given), 0)
        ),
    ),
    "network/loss": (
        wrong("mean over all entries", loss=mean_of_terms),
        wrong("forgot ½ log 2π", gaussian=lambda self, z, y: (y - z) * (y - z) / 2),
    ),
    "network/gradient": (
        wrong("W not transposed, which shows where it is square", input_cotangent=square_not_transposed),
        wrong("bias gradient is the mean", bias_gradient=lambda self, network, b, dz: self.sum(dz) / len(dz)),
    ),
    "batch/of one": (
        error("squeezed away", forward=_squeezed),
        wrong(
            "variance of one row",
            output_cotangent=lambda self, network, z, y: Textbook.output_cotangent(self, network, z, y) * (len(z) > 1),
        ),
    ),
    "batch/beyond a tile": (
        wrong("rows beyond 64 left at 0", dot=_tile),
        wrong("sums stop at 64 terms", dot=_tiled_sum),
    ),
    "batch/repeated rows": (wrong("equal rows counted once", gradient=_distinct),),
    "batch/sum of parts": (
        wrong("mean where the sum is asked for", reduced=lambda self, network, total, rows: total / rows),
        wrong("inputs centred on the batch", affine=_running_mean),
        wrong("first row counted twice", output_cotangent=_first_row_twice),
    ),
    "batch/permuted rows": (
        wrong("first row counted twice", output_cotangent=_first_row_twice),
        wrong(
            "rows returned in the order of their sum",
            forward=lambda self, network, parameters, x: Textbook.forward(
                self, network, parameters, x[np.argsort(x.sum(axis=1))]
            ),
        ),
    ),
    "symmetry/hidden units permuted": (wrong("the last hidden unit skipped", steps=_last_unit_skipped),),
    "symmetry/relu rescaled": (
        wrong("relu clipped at 6", relu=lambda self, z: np.maximum(np.minimum(z, 6), 0)),
        wrong("weights clipped to ±4", affine=lambda self, x, W, b: Textbook.affine(self, x, np.clip(W, -4, 4), b)),
    ),
    "symmetry/softmax shifted": (
        unstable("unshifted exponential", log_sum_exp=unshifted_log_sum_exp),
        unstable("unshifted softmax", softmax=unshifted_softmax),
    ),
    "purity/inputs untouched": (
        wrong("an update in place", gradient=_in_place_step),
        wrong("x centred in place", forward=_centred_in_place),
        wrong("y changed in place", loss=overwriting("loss", 3)),
    ),
    "purity/second call": (
        wrong("a counter of calls in the answer", forward=_counting()),
        wrong("the noise of training left on", input_cotangent=_noise()),
        wrong("gradients never set to zero", gradient=_accumulating()),
    ),
    "purity/dtype kept": (
        wrong("float64 returned", forward=widening("forward")),
        wrong("float64 bias gradient", gradient=_wide_gradient),
    ),
}
