"""Figure of the claim on maximum likelihood, C45."""

from __future__ import annotations

from math import log
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from ffn import reference
from ffn.network.description import Network, Output
from proofs.chapters.figure import FAINT, FIRST, FOURTH, INK, SECOND, figure_of


def mean_nll(p: float, heads: int = 7, throws: int = 10) -> float:
    """The loss of a coin with probability p on throws of which so many were heads."""
    y = np.array([[1.0]] * heads + [[0.0]] * (throws - heads))
    parameters = ((np.zeros((1, 1)), np.array([log(p / (1 - p))])),)
    return float(reference.loss(Network(1, 1, Output("bernoulli")), parameters, np.zeros((throws, 1)), y))


def estimated_variances(count: int) -> tuple[Any, Any]:
    """The variance by maximum likelihood of the first 2, 4, … observations: with one mean, and with one for "
    "each pair."""
    pairs = np.random.default_rng(0).normal(size=(count, 2))
    numbers = np.arange(1, count + 1)
    of_pairs = ((pairs - pairs.mean(axis=1, keepdims=True)) ** 2).sum(axis=1)
    together = np.array([pairs[:m].var() for m in numbers])
    return together, np.cumsum(of_pairs) / (2 * numbers)


@figure_of("C45", 2)
def closest_and_misled(left: Axes, right: Axes) -> None:
    p = np.linspace(0.3, 0.95, 131)
    left.plot(p, [mean_nll(each) for each in p], color=FIRST, label="mean NLL")
    left.axhline(mean_nll(0.7), color=FAINT, linestyle="--", label="entropy of the data")
    left.plot(0.7, mean_nll(0.7), "o", color=FIRST)
    left.set(xlabel="probability of heads in the model", title="seven heads in ten throws")
    left.legend(loc="upper center")
    together, of_pairs = estimated_variances(400)
    numbers = 2 * np.arange(1, 401)
    right.plot(numbers, together, color=SECOND, linewidth=1, label="one mean")
    right.plot(numbers, of_pairs, color=FOURTH, linewidth=1, label="a mean for each pair")
    for level in (1, 0.5):
        right.axhline(level, color=INK, linewidth=0.6)
    right.set(xlabel="observations", title="estimated variance (true: 1)", ylim=(0, 2))
    right.legend(loc="upper right")
