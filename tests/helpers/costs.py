"""The shipped negative log-likelihoods and their gradients, on balls, for one example."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from flint import arb

from ffn.network.description import Network, Output
from ffn.network.forward import negative_log_likelihood
from ffn.network.outputs import as_targets, distribution_of
from ffn.numbers.dual import Dual, DualArray
from tests.helpers.balls import ball


def nll(name: str, logits: Sequence, target: Any) -> arb:
    network = Network(inputs=1, units=len(logits), output=Output(name))
    return shipped(lambda xp, z, y: negative_log_likelihood(xp, network, z, y), name, logits, target)[0]


def nll_gradient(name: str, logits: Sequence, target: Any) -> list[arb]:
    return shipped(distribution_of(Output(name)).gradient, name, logits, target)


def shipped(function: Callable, name: str, logits: Sequence, target: Any) -> list[arb]:
    """The entries of one of the code's functions of (xp, z, y)."""
    return function(ball, ball.asarray([logits]), _targets(ball, name, target)).balls.ravel().tolist()


def nll_hessian(name: str, logits: Sequence, target: Any, direction: Sequence) -> list[arb]:
    """The Hessian times a direction: the derivative, by dual numbers, of the shipped gradient along it."""
    xp = Dual(ball)
    z = DualArray(ball.asarray([logits]), ball.asarray([direction]))
    gradient = distribution_of(Output(name)).gradient(xp, z, _targets(xp, name, target))
    return gradient.tangent.balls.ravel().tolist()


def _targets(xp: Any, name: str, target: Any) -> Any:
    return as_targets(xp, Output(name), np.array([target]) if name == "categorical" else [[target]])
