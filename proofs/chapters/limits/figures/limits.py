"""Figures of the claims on universal approximation and limits, C38 to C42."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import pairwise, product
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from ffn.constructions.interpolation import interpolate
from ffn.constructions.training import Descent, train
from ffn.network.backward import gradient
from ffn.network.description import Hidden, Network, Parameters, initialise
from ffn.network.forward import affine, objective
from ffn.numbers.counting import cost
from proofs.chapters.code_on_floats import FLOATS, GAUSSIAN, outputs
from proofs.chapters.figure import FAINT, FIRST, FOURTH, INK, SECOND, THIRD, figure_of
from proofs.chapters.limits.derivations.no_free_lunch import LEARNERS, predicted


def one_layer(activation: str, w: list[float], b: list[float], v: list[float]) -> tuple[Network, Parameters]:
    """Σ v g(wx + b)."""
    network = Network(1, 1, GAUSSIAN, (Hidden(len(w), activation),))
    return network, ((np.array([w]), np.array(b)), (np.array(v).reshape(-1, 1), np.zeros(1)))


def best_squares(x: Any) -> Any:
    """3/16 ((x + 1)² − (x − 1)²), the best that any number of squares can do for x³."""
    z = affine(FLOATS, x.reshape(-1, 1), np.array([[1.0, 1.0]]), np.array([1.0, -1.0]))
    return affine(FLOATS, z * z, np.array([[3 / 16], [-3 / 16]]), np.zeros(1))[:, 0]


def chords(pieces: int) -> tuple[Network, Parameters]:
    """x³ on [−1, 1] by so many relu units."""
    knots = [Fraction(2 * i - pieces, pieces) for i in range(pieces + 1)]
    return interpolate(knots, [t**3 for t in knots])


def error_of_chords(pieces: int) -> float:
    """The largest error: on [l, r] of (x − l)(x − r)(x + l + r), where 3x² = l² + lr + r²."""
    knots = np.linspace(-1, 1, pieces + 1)
    inner = [math.sqrt((a * a + a * b + b * b) / 3) for a, b in pairwise(knots)]
    points = np.array([x for (a, b), t in zip(pairwise(knots), inner, strict=True) for x in (t, -t) if a <= x <= b])
    return float(np.abs(outputs(*chords(pieces), points) - points**3).max())


@figure_of("C38", 2)
def stuck_at_a_quarter(left: Axes, right: Axes) -> None:
    x = np.linspace(-1, 1, 401)
    tanh = one_layer("tanh", [0.25, 0.5], [0.0, 0.0], [64.0, -32.0])
    left.plot(x, best_squares(x) - x**3, color=FOURTH, linestyle="--", label="z², any width")
    left.plot(x, outputs(*tanh, x) - x**3, color=FIRST, label="2 tanh units")
    left.plot(x, outputs(*chords(6), x) - x**3, color=THIRD, linewidth=1.2, label="6 relu units")
    left.set(xlabel="x", title="error on x³", ylim=(-0.3, 0.62), yticks=(-0.25, 0, 0.25))
    left.grid(axis="y")
    left.legend(loc="upper center", fontsize="small")
    widths = [2, 4, 8, 16, 32, 64]
    right.loglog(widths, [0.25] * len(widths), "s--", color=FOURTH, label="z²")
    right.loglog(widths, [error_of_chords(n) for n in widths], "o-", color=THIRD, label="relu")
    right.set(xlabel="hidden units", title="largest error on x³", xticks=widths, xticklabels=map(str, widths))
    right.minorticks_off()
    right.annotate("z²: 1/4", (8, 0.25), (18, 0.13))
    right.annotate("relu", (16, 0.01), (5, 0.012))


@figure_of("C39", 2)
def step_in_the_limit(left: Axes, right: Axes) -> None:
    x = np.linspace(-0.5, 1, 601)
    left.plot([-0.5, 0, 0, 1], [0, 0, 1, 1], color=INK, linestyle=":", label="step")
    for n, colour in ((1, FIRST), (4, SECOND), (16, THIRD)):
        left.plot(x, outputs(*one_layer("relu", [n, n], [0.0, -1.0], [1.0, -1.0]), x), color=colour, label=f"n = {n}")
    left.set(xlabel="x", title="relu(nx) − relu(nx − 1)", ylim=(-0.05, 1.35))
    left.legend(ncols=2, fontsize="small", loc="upper left")
    weights = np.array([1, 2, 4, 8, 16, 32, 64, 128])
    distances = []
    for n in weights:
        t = (np.arange(4000) + 0.5) / 4000 / n  # midpoints of the only part where the two differ
        ramp = outputs(*one_layer("relu", [n, n], [0.0, -1.0], [1.0, -1.0]), t)
        distances.append(math.sqrt(np.mean((ramp - 1) ** 2) / n))
    right.loglog(weights, distances, "o-", color=FIRST)
    right.loglog(weights, 1 / np.sqrt(12 * weights), color=FOURTH, linestyle="--")
    right.fill_between(weights, 0.01, 1 / np.sqrt(12 * weights), color=FOURTH, alpha=0.15, linewidth=0)
    right.annotate("the ramps", (8, 0.2), (9, 0.24))
    right.annotate("no network with\nslopes up to n", (4, 0.05), (1.3, 0.02))
    right.set(xlabel="n", title="distance to the step", ylim=(0.01, 1))


XOR = Network(2, 1, GAUSSIAN, (Hidden(2, "relu"),))
CORNERS = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]]), np.array([[0.0], [1], [1], [0]])


@figure_of("C40", 1)
def xor_from_16_starts(axes: Axes) -> None:
    constant = math.log(2 * math.pi) / 2
    found = {True: 0, False: 0}
    for seed in range(16):
        losses = train(XOR, initialise(XOR, seed), *CORNERS, Descent(0.2, epochs=500)).losses
        errors = [max(2 * (value - constant), 1e-5) for value in losses]
        good = errors[-1] < 1 / 16
        label = ("reaches 0", "stays above")[not good] if not found[good] else None
        found[good] += 1
        axes.plot(errors, color=FIRST if good else FOURTH, linestyle="-" if good else "--", linewidth=1.2, label=label)
    for level, name in ((1 / 4, "1/4"), (1 / 6, "1/6"), (1 / 8, "1/8")):
        axes.annotate(name, (500, level), (508, level), va="center", fontsize="small")
    axes.set(xlabel="steps of descent", ylabel="mean squared error on XOR", ylim=(-0.01, 0.6), xlim=(0, 540))
    axes.legend(title=f"of 16 starts {found[True]} reach 0", loc="upper right")


@figure_of("C41", 2)
def cost_of_gradients(left: Axes, right: Axes) -> None:
    widths = [1, 2, 4, 8, 12]
    for depth, colour, marker in ((1, FIRST, "o"), (2, SECOND, "s"), (4, THIRD, "^")):
        ratios, numbers = [], []
        for width in widths:
            network = Network(width, width, GAUSSIAN, (Hidden(width),) * depth, reduction="sum")
            parameters, ones = initialise(network, seed=0), np.ones((2, width))
            of_loss = cost(objective, network, parameters, ones, ones, kernel_only=True)
            ratios.append(cost(gradient, network, parameters, ones, ones) / of_loss)
            numbers.append(sum(W.size + b.size for W, b in parameters))
        name = f"{depth} hidden layer{'s' * (depth > 1)}"
        left.plot(widths, ratios, marker=marker, color=colour, label=name)
        right.loglog(numbers, ratios, marker=marker, color=colour)
    left.axhline(3, color=FAINT, linestyle="--")
    left.set(xlabel="width", title="cost of gradient / cost of loss", ylim=(0, 4.6), xticks=widths)
    left.legend(loc="upper right", fontsize="small")
    count = np.array([4, 1000])
    right.loglog(count, count + 1, color=FOURTH, linestyle="--")
    right.annotate("one loss a parameter,\nand one more", (60, 60), (4, 220))
    right.annotate("backpropagation", (60, 2.4), (30, 3.6))
    right.set(xlabel="number of parameters", title="the same, with differences", ylim=(1, 1500))


LABELINGS = sorted(product((0, 1), repeat=5), key=lambda labels: sum(a != b for a, b in pairwise(labels)))
SMOOTH = [sum(a != b for a, b in pairwise(labels)) <= 1 for labels in LABELINGS].count(True)
SEEN, UNSEEN = (0, 1, 4), (2, 3)


@figure_of("C42", 1, height=2.9)
def learners_by_labelings(axes: Axes) -> None:
    for row, learner in enumerate(LEARNERS):
        scores: list[float] = []
        for column, labels in enumerate(LABELINGS):
            answers = [predicted(learner, {i: labels[i] for i in SEEN}, x) == labels[x] for x in UNSEEN]
            scores.append(sum(answers) / 2)
            # half of the box is filled for one right answer of two, all of it for two
            axes.add_patch(Rectangle((column, row), 0.9, 0.8 * scores[-1], facecolor=FIRST, linewidth=0))
            axes.add_patch(Rectangle((column, row), 0.9, 0.8, facecolor="none", edgecolor=FAINT, linewidth=0.5))
        for at, mean in ((35, np.mean(scores[:SMOOTH])), (40.5, np.mean(scores[SMOOTH:])), (46, np.mean(scores))):
            axes.text(at, row + 0.4, f"{mean:.2f}", ha="center", va="center")
    for at, text in ((35, "smooth"), (40.5, "others"), (46, "all")):
        axes.text(at, -0.35, text, ha="center", va="center")
    axes.text(SMOOTH / 2, -0.35, "smooth", ha="center", va="center")
    axes.text((SMOOTH + 32) / 2, -0.35, "other labelings", ha="center", va="center")
    axes.plot([SMOOTH - 0.05] * 2, [-0.55, 3.9], color=INK, linewidth=1.5)
    axes.set(xlim=(-0.2, 48), ylim=(4, -0.7), xticks=(), yticks=[row + 0.4 for row in range(4)])
    axes.set_yticklabels(LEARNERS)
    axes.tick_params(left=False)
    axes.spines[["left", "bottom"]].set_visible(False)
    axes.set_title("right on what was not seen: 0, 1 or 2 of 2, and the mean")
