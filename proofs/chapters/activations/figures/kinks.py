"""Figures of the claims on kinks, C17 to C20."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes

from ffn import reference
from ffn.network.backward import affine_input_vjp
from ffn.network.description import Hidden, Network
from ffn.network.forward import objective, trace
from ffn.numbers.exact import exact
from proofs.chapters.code_on_floats import FLOATS, GAUSSIAN, outputs
from proofs.chapters.figure import FAINT, FIRST, FOURTH, INK, PAPER, SECOND, SERIES, THIRD, figure_of

Vector = npt.NDArray[np.float64]


def one_relu(w: Any, b: Any, v: Any = 1, c: Any = 0) -> tuple[Network, Any]:
    network = Network(1, 1, GAUSSIAN, (Hidden(1, "relu"),), reduction="sum")
    return network, ((exact.asarray([[w]]), exact.asarray([b])), (exact.asarray([[v]]), exact.asarray([c])))


@figure_of("C17", 2)
def not_convex(left: Axes, right: Axes) -> None:
    w = np.linspace(-2, 2.2, 85)
    losses = [
        float(
            2
            * objective(exact, *one_relu(Fraction(v), 0), exact.asarray([[1]]), exact.asarray([[1]]), kernel_only=True)
        )
        for v in w
    ]
    left.plot(w, losses, color=FIRST)
    left.plot([-1, 1], [1, 0], color=FOURTH, linestyle="--", marker="o")
    left.plot([0, 0], [0.5, 1], color=INK, linewidth=0.8, linestyle=":")
    left.annotate("loss 1", (0, 1), (0.15, 1.15))
    left.annotate("chord ½", (0, 0.5), (-1.1, 0.35))
    left.set(xlabel="w", title="(relu(w) − 1)²", ylim=(-0.05, 1.6))
    x = np.linspace(-3, 3, 301)
    network = Network(1, 1, GAUSSIAN, (Hidden(3, "relu"),))
    hidden = np.array([[1.0, -1.0, 1.0]]), np.array([0.0, -1.0, -1.5])
    for last, colour, line, label in (
        (1.5, THIRD, "-", "no later weight below 0"),
        (-2.0, FOURTH, "--", "one below 0"),
    ):
        weights = np.array([[1.0], [1.0], [last]])
        right.plot(x, outputs(network, (hidden, (weights, np.zeros(1))), x), color=colour, linestyle=line, label=label)
    right.set(xlabel="x", title="a network as a function of x", ylim=(-0.3, 6.5))
    right.legend(loc="upper left")


XOR = Network(2, 1, GAUSSIAN, (Hidden(2, "relu"),), reduction="sum")
BOOK = ((np.ones((2, 2)), np.array([0.0, -1.0])), (np.array([[1.0], [-2.0]]), np.zeros(1)))
INPUTS = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]])


@figure_of("C18", 2)
def optimum_on_kinks(left: Axes, right: Axes) -> None:
    z = trace(FLOATS, XOR, BOOK, INPUTS)[0].z
    left.axhline(0, color=FOURTH, linewidth=1)
    left.axvline(0, color=FOURTH, linewidth=1)
    labels = {(0, -1): "(0, 0)", (1, 0): "(0, 1) and (1, 0)", (2, 1): "(1, 1)"}
    for (z1, z2), label in labels.items():
        here = bool(np.any(np.all(z == [z1, z2], axis=1)))
        left.plot(z1, z2, "o", color=FIRST if here else PAPER, markersize=8, zorder=3)
        left.annotate(label, (z1, z2), xytext=(8, -14), textcoords="offset points")
    left.text(2.75, 0.07, "fold of unit 2", color=FOURTH, ha="right", size="small")
    left.text(-0.06, 1.45, "fold of unit 1", color=FOURTH, ha="right", va="top", rotation=90, size="small")
    left.set(xlabel="z₁", ylabel="z₂", title="XOR at its optimum", xlim=(-0.8, 2.8), ylim=(-1.5, 1.5))
    steps = np.linspace(-1, 1, 201)
    for error, colour, line, label in ((0.0, THIRD, "-", "residual 0"), (0.75, FOURTH, "--", "residual ¾")):
        target = np.array([[1 + error]])
        losses = []
        for t in steps:
            moved = ((BOOK[0][0], BOOK[0][1] + [0.0, t]), BOOK[1])
            losses.append(float(objective(FLOATS, XOR, moved, INPUTS[1:2], target, kernel_only=True)))
        right.plot(steps, losses, color=colour, linestyle=line, label=label)
    right.axvline(0, color=FAINT, linewidth=0.8, linestyle=":")
    right.set(xlabel="change of the bias of unit 2", title="loss of the row (0, 1)", ylim=(-0.1, 3))
    right.legend(loc="upper left")


def slope_by_chain_rule(s: float) -> float:
    """d/dx of relu(x) − relu(−x) at 0, with slope s for each relu."""
    signs = np.array([[1.0, -1.0]])
    dz = affine_input_vjp(FLOATS, signs.T, np.eye(1)) * s
    return float(affine_input_vjp(FLOATS, signs, dz)[0, 0])


@figure_of("C19", 2)
def slopes_at_zero(left: Axes, right: Axes) -> None:
    x = np.linspace(-1.5, 1.5, 301)
    choices = (0.0, 0.5, 1.0)
    for s, colour, line in zip(choices, (FIRST, SECOND, THIRD), (":", "--", "-."), strict=True):
        left.plot(x, s * x, color=colour, linestyle=line, label=f"s = {s:g}")
    left.plot(x, reference.activation("relu", x), color=INK, linewidth=2.4, label="relu")
    left.set(xlabel="x", title="lines below relu through 0", ylim=(-0.8, 1.5))
    left.legend(loc="upper left")
    s_values = np.linspace(0, 1, 21)
    right.plot(s_values, [slope_by_chain_rule(s) for s in s_values], color=FOURTH, label="by the chain rule")
    right.axhline(1, color=INK, linewidth=1, label="true")
    for s, colour in zip(choices, (FIRST, SECOND, THIRD), strict=True):
        right.plot(s, slope_by_chain_rule(s), "o", color=colour, zorder=3)
    right.set(
        xlabel="slope s of relu at 0", title="slope of relu(x) − relu(−x) at 0", xticks=(0, 0.5, 1), yticks=(0, 1, 2)
    )
    right.legend(loc="upper left")


@figure_of("C20", 2)
def kinks_of_parameters(left: Axes, right: Axes) -> None:
    data = np.array([[-1.0], [0.0], [0.5], [2.0]])
    axis = np.linspace(-2, 2, 161)
    active = np.array([[np.sum(data * w + b > 0) for w in axis] for b in axis])
    for count in range(1, 5):
        left.contourf(axis, axis, active, levels=[count - 0.5, 9], colors=[FIRST], alpha=0.1)
    for (x,), colour in zip(data, SERIES[1:], strict=True):
        left.plot(axis, -axis * x, color=colour)
        right.plot(axis, axis * x, color=colour, linewidth=3.5 if x == 0 else 1.8, label=f"x = {x:g}".replace("-", "−"))
    left.set(xlabel="w", ylabel="b", xlim=(-2, 2), ylim=(-2, 2), title="kinks: wx + b = 0")
    right.axhline(0, color=INK, linewidth=0.8, zorder=0)
    right.set(xlabel="w", ylabel="z", xlim=(-2, 2), ylim=(-2, 2), title="no bias: z = wx")
    right.figure.legend(*right.get_legend_handles_labels(), loc="outside lower center", ncols=4)
