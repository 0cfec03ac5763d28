"""Figures of the claims on ranges, bends and the usual choice: C44, C48, C49."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from ffn import reference
from ffn.constructions.training import Descent, train
from ffn.network.activations import ELEMENTWISE
from ffn.network.backward import activation_vjp, affine_input_vjp
from ffn.network.description import Hidden, Network, initialise
from ffn.network.forward import trace
from proofs.chapters.code_on_floats import FLOATS, GAUSSIAN, outputs
from proofs.chapters.figure import FAINT, FIRST, FOURTH, INK, SECOND, THIRD, figure_of


def fitted_to_x() -> tuple[Network, Any]:
    """Two tanh units trained to give x back on [−2, 2]."""
    data = np.linspace(-2, 2, 33)[:, None]
    network = Network(1, 1, GAUSSIAN, (Hidden(2, "tanh"),))
    return network, train(network, initialise(network, seed=0), data, data, Descent(0.1, epochs=800)).parameters


def bound(parameters: Any) -> float:
    """|c| + Σ|v|, which no network above units with values from −1 to 1 exceeds."""
    (_, _), (V, c) = parameters
    return float(np.abs(c).sum() + np.abs(V).sum())


@figure_of("C44", 2)
def bounded(left: Axes, right: Axes) -> None:
    z = np.linspace(-8, 8, 161)
    left.plot(z, reference.activation("sigmoid", z), color=FIRST)
    left.set(xlabel="logit", title="σ as an output", ylim=(-0.05, 1.05))
    x = np.linspace(-8, 8, 321)
    network, parameters = fitted_to_x()
    right.plot(x, x, color=FIRST, label="two relus: x")
    right.plot(x, outputs(network, parameters, x), "--", color=FOURTH, label="two tanh units")
    right.axhline(bound(parameters), color=INK, linestyle=":", label="|c| + Σ|v|")
    right.axvspan(-2, 2, color=FAINT, alpha=0.15, linewidth=0)
    right.set(xlabel="x", title="fitted to x in the tint", ylim=(-8, 12))
    right.legend(loc="upper left", fontsize="small")


@figure_of("C48", 4, rows=2, height=1.9)
def bends(*panels: Axes) -> None:
    x = np.linspace(-3, 4, 141)
    for axes, name in zip(panels, ELEMENTWISE, strict=True):
        low, middle, high = reference.activation(name, np.array([-1.0, 1.0, 3.0]))
        axes.plot(x, reference.activation(name, x), color=FIRST)
        axes.plot([-1, 3], [low, high], "--", color=FOURTH, linewidth=1)
        axes.plot(1, (low + high) / 2, "x", color=FOURTH)
        axes.plot(1, middle, "o", color=FIRST, markersize=4)
        axes.set(title=name, xticks=(-1, 1, 3), yticks=())


def sizes_of_gradients(activation: str, layers: int = 20, width: int = 64) -> Any:
    """The root mean square of the cotangent behind each layer, from the last to the first, as shares of the first."""
    network = Network(width, width, GAUSSIAN, (Hidden(width, activation),) * layers)
    parameters, generator = initialise(network, seed=1), np.random.default_rng(0)
    steps = trace(FLOATS, network, parameters, generator.normal(size=(200, width)))
    dh, sizes = generator.normal(size=(200, width)), []
    for layer, (W, _), step in zip(network.hidden[::-1], parameters[-2::-1], steps[-2::-1], strict=True):
        sizes.append(float(np.sqrt(np.mean(dh**2))))
        dh = affine_input_vjp(FLOATS, W, activation_vjp(FLOATS, layer, step, dh))
    return np.array([*sizes, float(np.sqrt(np.mean(dh**2)))]) / sizes[0]


@figure_of("C49")
def what_is_left(axes: Axes) -> None:
    for activation, colour, line in (("relu", FIRST, "-"), ("tanh", SECOND, "--"), ("sigmoid", THIRD, ":")):
        axes.semilogy(sizes_of_gradients(activation), line, color=colour, label=activation)
    axes.set(xlabel="layers that the gradient went through", ylabel="its size")
    axes.legend(loc="lower left")
