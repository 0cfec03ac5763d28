"""Plain minibatch stochastic gradient descent, enough for the lessons.

Source: Goodfellow, Bengio & Courville 2016, section 8.3.1 (algorithm 8.1, with a constant learning rate).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ffn.network import reference
from ffn.network.description import Network, Parameters


@dataclass(frozen=True)
class Descent:
    """How to descend.

    Attributes:
        learning_rate: the step is this times the gradient of the batch's loss.
        epochs: how often the data are gone through.
        batch_size: rows of a minibatch, the last one of an epoch may have fewer; left out, all of them.
        seed: of the order of the rows, drawn anew in each epoch.

    Raises:
        ValueError: when an attribute is out of its range.
    """

    learning_rate: float
    epochs: int
    batch_size: int | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        if not 0 < self.learning_rate < math.inf:
            raise ValueError(f"learning_rate is above 0 and finite, not {self.learning_rate!r}")
        if self.epochs < 0:
            raise ValueError(f"epochs is at least 0, not {self.epochs!r}")
        if self.batch_size is not None and self.batch_size < 1:
            raise ValueError(f"batch_size is at least 1, not {self.batch_size!r}")


class Trained(NamedTuple):
    """The parameters after the last step, and the loss on all data at the start and after each epoch."""

    parameters: Parameters
    losses: list[float]


def train(
    network: Network, parameters: Parameters, x: npt.NDArray[Any], y: npt.NDArray[Any], descent: Descent
) -> Trained:
    """Minimise the loss by minibatch stochastic gradient descent; the given parameters are left as they are.

    A minibatch is drawn without replacement: its mean gradient is on average that of all data, the more precisely the
    larger the batch, and exactly for all rows.

    Args:
        network: the network.
        parameters: where to start, of one floating dtype, in which everything is computed.
        x: the examples, (N, inputs).
        y: their targets, as ``reference.loss`` takes them.
        descent: how to descend.

    Raises:
        ValueError: when a shape, the dtype or a target does not fit.
    """
    generator = np.random.default_rng(descent.seed)
    size = descent.batch_size or len(x)
    losses = [float(reference.loss(network, parameters, x, y))]
    for _ in range(descent.epochs):
        for rows in batches(len(x), size, generator):
            gradient = reference.gradient(network, parameters, x[rows], y[rows])
            parameters = step(parameters, gradient, descent.learning_rate)
        losses.append(float(reference.loss(network, parameters, x, y)))
    return Trained(parameters, losses)


def batches(count: int, size: int, generator: np.random.Generator) -> Iterator[npt.NDArray[np.intp]]:
    """One epoch: every one of ``count`` rows once, in random order, ``size`` at a time, in the end what is left.

    Every order is as likely as another, so each full batch is a sample of ``size`` ≥ 1 rows without replacement.
    """
    order = generator.permutation(count)
    for start in range(0, count, size):
        yield order[start : start + size]


def step(parameters: Parameters, gradient: Parameters, learning_rate: Any) -> Parameters:
    """One step of descent, θ − ε∇, on floats of any dtype (which is kept) or on fractions."""
    pairs = zip(parameters, gradient, strict=True)
    return tuple((_descended(W, dW, learning_rate), _descended(b, db, learning_rate)) for (W, b), (dW, db) in pairs)


def accuracy(network: Network, parameters: Parameters, x: npt.NDArray[Any], y: npt.NDArray[Any]) -> float:
    """The share of the rows of x, (N, inputs), whose largest output is that of their class in y, (N,).

    Raises:
        ValueError: when the output is not categorical, or y has not one class for each row.
    """
    if network.output.name != "categorical":
        raise ValueError(f"accuracy is for a categorical output, not {network.output.name}")
    predicted = reference.forward(network, parameters, x).argmax(axis=1)
    if np.shape(y) != predicted.shape:
        raise ValueError(f"one class for each of {len(predicted)} rows is needed, not an array of shape {np.shape(y)}")
    return float(np.mean(predicted == y))


def _descended(array: Any, gradient: Any, learning_rate: Any) -> Any:
    rate = learning_rate if array.dtype == object else array.dtype.type(learning_rate)  # so that the dtype is kept
    return array - rate * gradient
