"""Figures of the claims on optimisation, C8 to C11."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from ffn import reference
from ffn.constructions.training import Descent, step, train
from ffn.network.description import Hidden, Network, Parameters, initialise
from ffn.network.forward import objective
from proofs.chapters.code_on_floats import FLOATS, GAUSSIAN
from proofs.chapters.figure import FAINT, FIRST, FOURTH, INK, SECOND, THIRD, figure_of


def chain(activation: str) -> Network:
    """w₂ g(w₁ x): one unit between one input and one output."""
    return Network(1, 1, GAUSSIAN, (Hidden(1, activation),), reduction="sum")


def of_chain(w1: float, w2: float, b: float = 0.0) -> Parameters:
    return (np.array([[w1]]), np.array([b])), (np.array([[w2]]), np.array([0.0]))


def rows(*values: float) -> Any:
    return np.array(values, dtype=np.float64).reshape(-1, 1)


def loss(network: Network, parameters: Parameters, x: Any, y: Any) -> float:
    return float(objective(FLOATS, network, parameters, x, y, kernel_only=True))


@figure_of("C8", 2, height=3.2)
def hyperbola_of_minima(left: Axes, right: Axes) -> None:
    w = np.linspace(-2, 2, 41)
    product = [[loss(chain("identity"), of_chain(a, b), rows(1), rows(1)) for a in w] for b in w]
    levels = (0.02, 0.125, 0.5, 1.2, 2.5)
    left.contour(w, w, product, levels=levels, colors=FAINT, linewidths=1)
    for side in (np.linspace(-2, -0.5, 50), np.linspace(0.5, 2, 50)):
        left.plot(side, 1 / side, color=FIRST, label="loss 0" if side[0] > 0 else None)
    left.plot([-1, 1], [-1, 1], color=SECOND, linestyle="--")
    left.plot([-1, 1], [-1, 1], "o", color=FIRST)
    left.plot(0, 0, "x", color=SECOND, markersize=9, markeredgewidth=2)
    left.annotate("saddle", (0, 0), (0.15, -0.35))
    left.set(xlabel="w₁", ylabel="w₂", title="(1 − w₁w₂)²/2", aspect="equal")
    left.legend(loc="upper left", fontsize="small", borderpad=0)
    t = np.linspace(-1, 1, 81)
    both = [loss(chain("identity"), of_chain(s, s), rows(1), rows(1)) for s in t]
    last = [loss(chain("tanh"), of_chain(1, s), rows(1), rows(0)) for s in t]
    right.plot(t, both, color=SECOND, linestyle="--", label="both weights, linear")
    right.plot([-1, 1], [0, 0], color=FIRST, marker="o", linewidth=1, label="the chord")
    right.plot(t, last, color=THIRD, label="last weight, above tanh")
    right.legend(loc="upper center", fontsize="small")
    right.set(xlabel="from one end to the other", title="loss along a line", ylim=(-0.03, 0.85))


@figure_of("C9", 2)
def plateau(left: Axes, right: Axes) -> None:
    data = rows(1, 2)
    w = np.linspace(-1.5, 2, 141)
    values = [2 * loss(chain("relu"), of_chain(a, 1.0), data, data) for a in w]
    left.plot(w, values, color=FIRST)
    left.plot(-1, 5, "x", color=FOURTH, markersize=10, markeredgewidth=2.5, zorder=3)
    left.plot(1, 0, "o", color=THIRD, zorder=3)
    left.annotate("gradient 0", (-1, 5), (-1.45, 4.3))
    left.annotate("minimum", (1, 0), (1, 1.7), ha="center", arrowprops={"arrowstyle": "-", "color": FAINT})
    left.set(xlabel="w", title="squared error of relu(wx)", ylim=(-0.3, 6))
    for start, colour, style, name in ((-1.0, FOURTH, "-", "from w = −1"), (0.2, THIRD, "--", "from w = 0.2")):
        losses, parameters = [], of_chain(start, 1.0)
        for _ in range(31):
            losses.append(2 * loss(chain("relu"), parameters, data, data))
            (W, b), (V, c) = step(parameters, reference.gradient(chain("relu"), parameters, data, data), 0.02)
            parameters = (W, 0 * b), (V, 0 * c)  # without biases, as in the claim
        right.plot(losses, color=colour, linestyle=style, label=name)
    right.set(xlabel="steps of descent", title="squared error in training", ylim=(-0.3, 6))
    right.legend(loc="center right")


SINE = Network(1, 1, GAUSSIAN, (Hidden(4, "tanh"),))
GRID = np.linspace(-2, 2, 17).reshape(-1, 1)


def equal_units(parameters: Parameters) -> Parameters:
    """Every hidden unit a copy of the first."""
    (W, b), (V, c) = parameters
    return (W[:, [0] * 4], b[[0] * 4]), (V[[0] * 4], c)


def paths(axes: Axes, start: Parameters, title: str) -> None:
    """The hidden units' weights while the network learns a sine."""
    parameters, weights = start, [start[0][0][0]]
    for _ in range(60):
        parameters = train(SINE, parameters, GRID, np.sin(2 * GRID), Descent(0.1, epochs=5)).parameters
        weights.append(parameters[0][0][0])
    steps = 5 * np.arange(len(weights))
    styles = ((FIRST, 6.0, "-"), (SECOND, 4.0, "-"), (THIRD, 2.5, "-"), (INK, 1.0, "--"))
    for unit, (colour, width, style) in enumerate(styles):
        axes.plot(steps, [w[unit] for w in weights], color=colour, linewidth=width, linestyle=style)
    axes.set(xlabel="steps of descent", title=title)


@figure_of("C10", 2, sharey=True)
def collapsed_units(left: Axes, right: Axes) -> None:
    start = initialise(SINE, seed=3)
    paths(left, equal_units(start), "four equal units")
    paths(right, start, "four random units")
    left.set(ylabel="weight into the unit")


@figure_of("C11", 1)
def variance_of_batches(axes: Axes) -> None:
    generator = np.random.default_rng(0)
    x, y = generator.normal(size=(2, 10, 1))
    network = Network(1, 1, GAUSSIAN)
    start = ((np.array([[0.5]]), np.array([0.0])),)

    def slope(batch: list[int]) -> float:
        return float(reference.gradient(network, start, x[batch], y[batch])[0][0].item())

    spread = float(np.var([slope([i]) for i in range(10)]))
    sizes = np.arange(1, 11)
    counted = [np.var([slope(list(batch)) for batch in combinations(range(10), int(m))]) for m in sizes]
    m = np.linspace(1, 10, 100)
    axes.plot(m, spread / m, color=SECOND, linestyle="--", label="with replacement: s²/m")
    axes.plot(m, spread / m * (10 - m) / 9, color=FIRST, label="without: s²(N − m)/(m(N − 1))")
    axes.plot(sizes, counted, "o", color=INK, label="all batches of m, counted")
    axes.set(xlabel="rows in a batch, m of N = 10", ylabel="variance of the gradient", ylim=(0, None))
    axes.legend()
