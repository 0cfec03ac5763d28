"""Figures of the claims on what an activation does, C12, and on recurrence and probabilities, C21 to C24."""

from __future__ import annotations

from collections.abc import Callable
from math import log
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from ffn import reference
from ffn.constructions.training import Descent, train
from ffn.network import recurrent
from ffn.network.description import Hidden, Network, Output, Recurrent, initialise
from ffn.network.forward import activate
from ffn.network.outputs import softmax
from ffn.numbers.ball import Ball, working_precision
from ffn.numbers.dual import Dual, DualArray
from proofs.chapters.code_on_floats import FLOATS, GAUSSIAN, outputs
from proofs.chapters.figure import FAINT, FIFTH, FIRST, FOURTH, INK, SECOND, THIRD, figure_of

Vector = npt.NDArray[np.float64]
balls = Ball(256)


# Element-wise


def jacobian(function: Callable[[Dual, Any], Any], z: Vector) -> Vector:
    """Row i is output i, column j input j."""
    dual = Dual(FLOATS)
    result = function(dual, DualArray(np.tile(z, (len(z), 1)), np.eye(len(z)))).tangent
    return np.asarray(result.T)


def matrix(ax: Axes, entries: Vector, title: str) -> None:
    """Entries as tinted squares with their values."""
    rows, columns = entries.shape
    largest = np.abs(entries).max()
    for (i, j), entry in np.ndenumerate(entries):
        colour = FIRST if entry >= 0 else FOURTH
        ax.add_patch(
            Rectangle((j, i), 1, 1, facecolor=colour, alpha=float(abs(entry) / largest) * 0.7, edgecolor="none")
        )
        ax.add_patch(Rectangle((j, i), 1, 1, fill=False, edgecolor=FAINT, linewidth=0.8))
        text = f"{entry:.2f}".rstrip("0").rstrip(".").replace("-", "−")
        ax.text(j + 0.5, i + 0.5, text, ha="center", va="center", size="small", color=INK if entry else FAINT)
    ax.set(xlim=(-0.05, columns + 0.05), ylim=(rows + 0.05, -0.05), aspect="equal", title=title, xlabel="input j")
    ax.set_xticks(np.arange(columns) + 0.5, [str(j + 1) for j in range(columns)])
    ax.set_yticks(np.arange(rows) + 0.5, [str(i + 1) for i in range(rows)])
    ax.spines[:].set_visible(False)
    ax.tick_params(length=0)


@figure_of("C12", 3, height=2.6)
def jacobians(left: Axes, middle: Axes, right: Axes) -> None:
    z = np.array([1.0, -0.5, 2.0, 0.5])
    matrix(left, jacobian(lambda dual, at: activate(dual, Hidden(4, "tanh"), at), z), "tanh")
    matrix(middle, jacobian(softmax, z), "softmax")
    pairs = Hidden(2, "maxout", pieces=2)
    matrix(right, jacobian(lambda dual, at: activate(dual, pairs, at.reshape(-1, 2, 2)), z), "maxout of pairs")
    left.set_ylabel("output i")


# Recurrence


def run(activation: str, U: Any, h0: Any, x: Any, W: Any) -> tuple[Vector, Vector]:
    """The states h_1, …, and ∂h_t/∂h_0 of a layer of one unit."""
    dual, d = Dual(FLOATS), len(h0)
    layer = Recurrent(1, Hidden(d, activation), 1, GAUSSIAN)
    weights = dual.asarray(W), dual.asarray(U), dual.asarray(np.zeros(d))
    start = DualArray(np.array([h0]), np.ones((1, d)))
    steps = recurrent.trace(dual, layer, (weights, None), dual.asarray(np.reshape(x, (1, -1, 1))), start)
    return np.array([step.h.primal[0] for step in steps]), np.array([step.h.tangent[0] for step in steps])


@figure_of("C21", 2)
def memory(left: Axes, right: Axes) -> None:
    x = np.zeros(30)
    x[[2, 9, 10, 20]] = 1, 0.5, 1, 1.5
    time = np.arange(1, 31)
    for activation, colour, line in (("relu", FIRST, "-"), ("tanh", SECOND, "--"), ("sigmoid", FOURTH, ":")):
        states, slopes = run(activation, [[1.0]], [0.1], x, [[1.0]])
        left.plot(time, states, color=colour, linestyle=line, label=activation)
        right.plot(time, slopes, color=colour, linestyle=line)
    left.vlines(time[x > 0], 0, x[x > 0], color=FAINT, linewidth=3, alpha=0.7, label="input")
    left.set(xlabel="step", title="state, with U = 1", ylim=(0, 5.9))
    left.legend(ncols=2, loc="upper left")
    right.set(yscale="log", xlabel="step", title="what is left of the gradient", ylim=(1e-22, 100))


@figure_of("C22")
def growth(ax: Axes) -> None:
    U = np.random.default_rng(3).uniform(size=(3, 3))
    U /= np.abs(np.linalg.eigvals(U)).max()
    time = np.arange(41)
    h0 = np.array([1.0, 0.2, 0.5])
    for radius, colour, line in ((1.1, FOURTH, "-."), (1.0, THIRD, "-"), (0.9, FIRST, "--")):
        states, _ = run("relu", radius * U, h0, np.zeros(40), np.zeros((1, 3)))
        ax.plot(time, [h0.max(), *states.max(axis=1)], color=colour, linestyle=line, label=f"U ≥ 0, ρ = {radius:g}")
    states, _ = run("relu", -2 * np.eye(3), h0, np.zeros(1), np.zeros((1, 3)))
    floor = 3e-3
    ax.plot([0, 1], np.maximum([h0.max(), states.max()], floor), color=FIFTH, marker="x", label="U = −2I, ρ = 2")
    ax.annotate("0 after one step", (1, floor), (2.2, floor * 1.05), va="center")
    ax.set(yscale="log", xlabel="step", ylabel="largest entry of h", ylim=(floor * 0.7, 200))
    ax.legend(loc="upper left", ncols=2)
    ax.grid()


# Autoencoders and probabilities


@figure_of("C23", 2)
def round_trip(left: Axes, right: Axes) -> None:
    x = np.linspace(33.5, 38.5, 2001)
    h = reference.activation("sigmoid", x)
    with np.errstate(divide="ignore"):
        back = np.log(h / (1 - h))
    left.plot(x, x, color=INK, linewidth=0.8, label="x")
    left.plot(x, back, color=FOURTH, label="logit(σ(x))")
    left.axvspan(53 * log(2), 38.5, color=FOURTH, alpha=0.15, linewidth=0)
    left.text(37.6, 34.1, "infinite", ha="center")
    left.set(xlabel="x", title="there and back in float64")
    left.legend(loc="upper left")
    data = np.linspace(-2, 2, 33)[:, None]
    wide = np.linspace(-6, 6, 241)
    network = Network(1, 1, GAUSSIAN, (Hidden(2, "sigmoid"),))
    trained = train(network, initialise(network, seed=0), data, data, Descent(learning_rate=0.3, epochs=1500))
    right.plot(
        wide, outputs(network, trained.parameters, wide), color=FOURTH, linestyle="--", label="2 sigmoids, trained"
    )
    relus = Network(1, 1, GAUSSIAN, (Hidden(2, "relu"),))
    signs = np.array([[1.0, -1.0]])
    exactly = ((signs, np.zeros(2)), (signs.T, np.zeros(1)))
    right.plot(wide, outputs(relus, exactly, wide), color=FIRST, label="2 relus")
    right.axvspan(-2, 2, color=FAINT, alpha=0.15, linewidth=0)
    right.text(0, -5.6, "training data", ha="center", size="small")
    right.set(xlabel="x", title="an autoencoder's output")
    right.legend(loc="upper left")


@figure_of("C24", 2)
def links_and_densities(left: Axes, right: Axes) -> None:
    z = np.linspace(-4, 4, 161)
    with working_precision(balls.bits):
        real = list(balls.asarray(z).balls)
        probit = [float(((-t / 2**0.5).erfc() / 2).mid()) for t in real]
        cloglog = [float((-(-t.exp()).expm1()).mid()) for t in real]
    left.plot(z, reference.activation("sigmoid", z), color=FIRST, label="σ(z)")
    left.plot(z, probit, color=SECOND, linestyle="--", label="Φ(z), probit")
    left.plot(z, cloglog, color=THIRD, linestyle="-.", label="1 − exp(−eᶻ), cloglog")
    left.set(xlabel="z", title="into (0, 1)", ylim=(-0.05, 1.75), yticks=(0, 0.5, 1))
    left.legend(loc="upper left")
    network = Network(1, 2, Output("heteroscedastic"), reduction="sum")
    y = np.linspace(-2, 2, 201)
    for variance, colour, line in ((1.0, FIRST, "-"), (0.25, SECOND, "--"), (0.04, FOURTH, "-.")):
        parameters = ((np.zeros((1, 2)), np.array([0.0, log(variance)])),)
        density = [float(np.exp(-reference.loss(network, parameters, [[0.0]], [[value]]))) for value in y]
        right.plot(y, density, color=colour, linestyle=line, label=f"variance {variance:g}")
    right.axhline(1, color=INK, linewidth=0.8)
    right.set(xlabel="y", title="normal densities", ylim=(0, 2.9))
    right.legend(loc="upper left", fontsize="small")
