"""Figure of the claim on linear models, C43."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from ffn import reference
from ffn.constructions.training import step
from ffn.network.description import Network, Parameters
from proofs.chapters.code_on_floats import GAUSSIAN
from proofs.chapters.figure import FIRST, FOURTH, SECOND, THIRD, figure_of


def errors(lengths: tuple[float, ...], rate: float, steps: int) -> Any:
    """The error of each weight in descent on rows ±aᵢeᵢ, whose curvatures are 2aᵢ²; each begins at −1."""
    x = np.concatenate([s * np.diag(lengths) for s in (1.0, -1.0)])
    network, y = Network(len(lengths), 1, GAUSSIAN, reduction="sum"), x.sum(axis=1, keepdims=True)
    parameters: Parameters = ((np.zeros((len(lengths), 1)), np.zeros(1)),)
    found = [parameters[0][0][:, 0] - 1]
    for _ in range(steps):
        parameters = step(parameters, reference.gradient(network, parameters, x, y), rate)
        found.append(parameters[0][0][:, 0] - 1)
    return np.array(found)


@figure_of("C43", 2)
def conditioning(left: Axes, right: Axes) -> None:
    for kappa, colour, line in ((2, THIRD, ":"), (10, SECOND, "--"), (100, FIRST, "-")):
        # curvatures 2κ and 2; that of the bias, which is not in error, is 2 times their number
        size = np.linalg.norm(errors((kappa**0.5, 1.0), 1 / (2 * kappa), 60)[:, 1:], axis=1)
        left.semilogy(size, line, color=colour, label=f"κ = {kappa}")
    left.set(xlabel="steps of 1/ℓ", title="error along the flattest direction", ylim=(1e-6, 2))
    left.legend(loc="lower left")
    for factor, colour, line in ((1.0, THIRD, "-"), (1.9, SECOND, "--"), (2.1, FOURTH, "-.")):
        right.plot(errors((2.0,), factor / 8, 12)[:, 0], line, color=colour, marker=".", label=f"steps of {factor:g}/ℓ")
    right.set(xlabel="steps", title="error on one parabola", ylim=(-3.5, 5.5))
    right.legend(loc="upper left", fontsize="small")
