"""Figure of the claim on overfitting, C46."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from ffn.constructions.interpolation import interpolate
from proofs.chapters.code_on_floats import outputs
from proofs.chapters.figure import FAINT, FIRST, FOURTH, INK, THIRD, figure_of

POINTS = np.arange(8.0)
NOISE = np.random.default_rng(5).normal(size=8)


def errors_of_rank(rank: int) -> tuple[float, float]:
    """The mean squared error in training and in test over all patterns of noise ±1 at eight points, by enumeration."""
    Q, _ = np.linalg.qr(np.random.default_rng(2).normal(size=(8, rank)))
    noises = np.array(list(product((-1.0, 1.0), repeat=8)))
    fitted = noises @ Q @ Q.T
    return float(np.mean((noises - fitted) ** 2)), float(np.mean(fitted**2)) + 1


def fits() -> tuple[Any, Any, Any]:
    """Noisy points of the line x/2, the line fitted to them, and the relus through all of them, on a fine grid."""
    x, y = np.linspace(0, 7, 141), POINTS / 2 + NOISE
    network, parameters = interpolate([int(p) for p in POINTS], [float(v) for v in y])
    return y, np.polyval(np.polyfit(POINTS, y, 1), x), outputs(network, parameters, x)


@figure_of("C46", 2)
def overfitted(left: Axes, right: Axes) -> None:
    x = np.linspace(0, 7, 141)
    y, line, zigzag = fits()
    left.plot(x, x / 2, color=FAINT, linestyle=":", label="the truth")
    left.plot(x, line, color=THIRD, label="line")
    left.plot(x, zigzag, "--", color=FOURTH, label="7 relus")
    left.plot(POINTS, y, "o", color=INK, markersize=4)
    left.set(xlabel="x", title="eight noisy points")
    left.legend(loc="upper left", fontsize="small")
    ranks = np.arange(9)
    errors = np.array([errors_of_rank(int(rank)) for rank in ranks])
    for column, sign, colour, name in ((0, -1, FIRST, "training"), (1, 1, FOURTH, "test")):
        right.plot(ranks, 1 + sign * ranks / 8, color=colour, label=name)
        right.plot(ranks, errors[:, column], "o", color=colour)
    right.set(xlabel="independent features", title="mean squared error on noise")
    right.legend(loc="upper left")
