"""Figures of the claims on saturation and depth, C13 to C16."""

from __future__ import annotations

from fractions import Fraction
from math import log

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes

from ffn import reference
from ffn.network.activations import activation_named
from ffn.network.description import Hidden, Network, initialise
from ffn.network.forward import trace
from ffn.numbers.ball import Ball, working_precision
from proofs.chapters.code_on_floats import FLOATS, GAUSSIAN
from proofs.chapters.figure import FAINT, FIRST, FOURTH, INK, SECOND, THIRD, figure_of

Vector = npt.NDArray[np.float64]
balls = Ball(256)


def true(name: str, which: str, x: Vector) -> list[Fraction]:
    """An activation's value or slope to 256 bits."""
    with working_precision(balls.bits):
        result = getattr(activation_named(name), which)(balls, balls.asarray(x)).balls
        pairs = [ball.mid().man_exp() for ball in result]
    return [Fraction(int(man)) * Fraction(2) ** int(exponent) for man, exponent in pairs]


# Sigmoid in floats


@figure_of("C13", height=3.2)
def staircase(ax: Axes) -> None:
    u = 2.0**-53
    x = np.linspace(34.9, 38.2, 1500)
    nearest = np.array([float(value) for value in true("sigmoid", "value", x)])
    ax.plot(x, np.exp(-x) / u, color=INK, linewidth=1, label="true")
    ax.step(x, (1 - nearest) / u, color=SECOND, where="mid", linestyle="--", label="nearest float")
    ax.step(x, (1 - reference.activation("sigmoid", x)) / u, color=FIRST, where="mid", label="program")
    for bits, colour in ((53, FIRST), (54, SECOND)):
        ax.axvline(bits * log(2), color=colour, linewidth=0.8, linestyle=":")
        ax.text(
            bits * log(2) + 0.03, 3.2, f"{bits} log 2 = {bits * log(2):.2f}", size="small", rotation=90, va="bottom"
        )
    ax.set(xlabel="x", ylabel="(1 − σ(x)) / u", yticks=range(7), ylim=(-0.2, 6.2))
    ax.legend(loc="upper center", bbox_to_anchor=(0.36, 1))
    ax.grid(axis="y")


@figure_of("C14", 2)
def saturation(left: Axes, right: Axes) -> None:
    x = np.linspace(-12, 12, 481)
    left.fill_between(
        x, np.exp(-abs(x)) / 4, np.exp(-abs(x)), color=FIRST, alpha=0.2, linewidth=0, label="¼ exp(−|x|) to exp(−|x|)"
    )
    left.plot(x, reference.slope("sigmoid", x), color=FIRST, label="σ′")
    left.plot(x, reference.slope("tanh", x), color=SECOND, linestyle="--", label="tanh′")
    left.set(yscale="log", xlabel="x", title="slope", ylim=(1e-9, 1e7))
    left.legend(loc="upper right")
    z = np.linspace(0.05, 38, 700)
    exact_slopes = true("sigmoid", "slope", z)
    h = reference.activation("sigmoid", z)
    for values, colour, label in (
        (h * (1 - h), FOURTH, "s(1 − s)"),
        (reference.slope("sigmoid", z), FIRST, "e/(1 + e)²"),
    ):
        errors = [float(abs(Fraction(v) / t - 1)) for v, t in zip(values.tolist(), exact_slopes, strict=True)]
        right.plot(z, np.maximum(errors, 1e-17), color=colour, linewidth=0.9, label=label)
    right.set(yscale="log", xlabel="x", title="relative error in float64", ylim=(1e-17, 1e3))
    right.legend(loc="upper left")


# Depth


def survival(w: float, depth: int) -> float:
    """|∂h_L/∂z_1| of a chain of sigmoids with weight w, each at its steepest: by the backward pass."""
    network = Network(1, 1, GAUSSIAN, tuple(Hidden(1, "sigmoid") for _ in range(depth)))
    weight, bias = np.array([[w]]), np.array([-w / 2])
    parameters = ((weight, np.zeros(1)), *[(weight, bias)] * (depth - 1), (np.eye(1), np.zeros(1)))
    (_, first), *_, (_, last) = reference.gradient(network, parameters, [[0.0]], [[3.0]])
    return float(abs(first[0] / last[0])) * abs(w)


@figure_of("C15", 2)
def depth_and_weights(left: Axes, right: Axes) -> None:
    depths = list(range(1, 21))
    styles = ((1.0, FIRST, "-"), (4.0, SECOND, "--"), (6.894, THIRD, "-."), (20.0, FOURTH, ":"))
    for w, colour, line in styles:
        left.plot(depths, [survival(w, depth) for depth in depths], color=colour, linestyle=line, label=f"w = {w:g}")
    left.set(yscale="log", xlabel="layers, each at its steepest", title="gradient that is left", ylim=(1e-13, 1e24))
    left.legend(ncols=2, loc="upper left")
    x = np.linspace(-0.8, 0.8, 801)
    for w, colour, line in styles:
        factors = w * reference.slope("sigmoid", w * x)
        right.plot(x, factors, color=colour, linestyle=line)
        if w > 4:
            inside = factors >= 1
            right.fill_between(x, 0, factors, where=inside, color=colour, alpha=0.2, linewidth=0)
    right.axhline(1, color=INK, linewidth=0.8)
    right.set(xlabel="x", title="factor w σ′(wx) of one layer", ylim=(0, 5.2))


@figure_of("C16", 2)
def second_moments(left: Axes, right: Axes) -> None:
    depth, width = 20, 192
    network = Network(width, 1, GAUSSIAN, tuple(Hidden(width, "relu") for _ in range(depth)))
    parameters = initialise(network, seed=1)
    x = np.random.default_rng(0).normal(size=(64, width))
    for scale, colour, line, label in (
        (2.0, FOURTH, ":", "4/d"),
        (1.0, THIRD, "-", "2/d (He)"),
        (0.5, FIRST, "--", "1/d"),
    ):
        scaled = [(W * np.sqrt(scale), b) for W, b in parameters]
        steps = trace(FLOATS, network, scaled, x)
        moments = [np.mean(x**2), *(np.mean(step.h**2) for step in steps[:-1])]
        left.plot(range(depth + 1), moments, color=colour, linestyle=line, marker="o", markersize=3, label=label)
        if scale == 1:
            z = steps[0].z.ravel()
    left.set(yscale="log", xlabel="layer", title="mean of h²", xticks=range(0, 21, 5), ylim=(1e-7, 1e13))
    left.legend(title="variance of w", loc="upper left")
    bins = np.linspace(-5, 5, 41).tolist()
    right.hist(z[z > 0], bins, color=THIRD, alpha=0.6, label="kept, slope 1")
    right.hist(z[z <= 0], bins, color=FAINT, alpha=0.4, label="cut off, slope 0")
    right.set(xlabel="z", title="pre-activations of layer 1", yticks=[], ylim=(0, 1300))
    right.legend(loc="upper left")
