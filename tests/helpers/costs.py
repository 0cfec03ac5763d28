"""The shipped negative log-likelihoods and their gradients, on balls, for one example; an output may be its name."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from flint import arb

from ffn.network.description import Network, Output
from ffn.network.forward import negative_log_likelihood
from ffn.network.outputs import as_targets, distribution_of
from ffn.numbers.dual import Dual, DualArray
from tests.helpers.balls import ball


def units(name: str) -> int:
    """How many units an output has in these tests."""
    return 3 if name == "categorical" else 1


def nll(output: str | Output, logits: Sequence, target: Any) -> arb:
    network = Network(inputs=1, units=len(logits), output=_described(output))
    return shipped(lambda xp, z, y: negative_log_likelihood(xp, network, z, y), output, logits, target)[0]


def nll_gradient(output: str | Output, logits: Sequence, target: Any) -> list[arb]:
    return shipped(distribution_of(_described(output)).gradient, output, logits, target)


def shipped(function: Callable, output: str | Output, logits: Sequence, target: Any) -> list[arb]:
    """The entries of one of the code's functions of (xp, z, y)."""
    return function(ball, ball.asarray([logits]), _targets(ball, output, target)).balls.ravel().tolist()


def nll_hessian(output: str | Output, logits: Sequence, target: Any, direction: Sequence) -> list[arb]:
    """The Hessian times a direction: the derivative, by dual numbers, of the shipped gradient along it."""
    xp = Dual(ball)
    z = DualArray(ball.asarray([logits]), ball.asarray([direction]))
    gradient = distribution_of(_described(output)).gradient(xp, z, _targets(xp, output, target))
    return gradient.tangent.balls.ravel().tolist()


def _described(output: str | Output) -> Output:
    return Output(output) if isinstance(output, str) else output


def _targets(xp: Any, output: str | Output, target: Any) -> Any:
    output = _described(output)
    return as_targets(xp, output, np.array([target]) if output.name == "categorical" else [[target]])
