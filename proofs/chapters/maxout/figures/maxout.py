"""Figures of the claims on maxout, C25 to C31."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from ffn import reference
from ffn.constructions.maxout import MaxAffine, best_square, difference_of_maxouts
from ffn.network.activations import activation_named
from ffn.network.backward import maxout_vjp
from ffn.network.description import Hidden, Network, Output, Parameters
from ffn.network.dropout import weight_scaled
from ffn.network.forward import LayerTrace, affine, trace
from ffn.network.maxout import maxout
from ffn.network.outputs import softmax
from proofs.chapters.code_on_floats import FLOATS
from proofs.chapters.figure import FAINT, FIRST, FOURTH, INK, SECOND, THIRD, figure_of


def values(f: MaxAffine, x: Any) -> Any:
    """f by the shipped maxout layer, at every x."""
    W, b = f.layer()
    z = affine(FLOATS, np.asarray(x, float).reshape(-1, 1), W.astype(float), b.astype(float))
    return maxout(FLOATS, z)[:, 0]


@figure_of("C25", 2)
def pieces_and_ties(left: Axes, right: Axes) -> None:
    x = np.linspace(-2, 2, 201)
    unit = MaxAffine((-1, 0.25, 1.5), (-0.5, 0.25, -0.75))
    for j, (slope, intercept) in enumerate(zip(unit.slopes, unit.intercepts, strict=True)):
        left.plot(x, slope * x + intercept, color=(FIRST, SECOND, THIRD)[j], linestyle="--", label=f"piece {j + 1}")
    left.plot(x, values(unit, x), color=INK, linewidth=2.5, label="maximum")
    left.set(xlabel="x", title="three pieces and their maximum", ylim=(-1.6, 4))
    left.legend(loc="upper center", ncols=2, fontsize="small")
    slopes = np.array([[0.5, 2.0]])
    tied = MaxAffine(tuple(slopes[0].tolist()), (0.0, 0.0))
    step = LayerTrace(None, np.zeros((1, 1, 2)), None)
    routed = float((maxout_vjp(FLOATS, step, np.ones((1, 1)))[0] @ slopes.T).item())
    right.fill_between(x, *np.sort([slopes[0, 0] * x, slopes[0, 1] * x], axis=0), color=FIRST, alpha=0.15)
    right.plot(x, values(tied, x), color=INK, linewidth=2.5, label="max(x/2, 2x)")
    right.plot(x, routed * x, color=FIRST, linestyle="--", label=f"first winner: slope {routed:g}")
    right.plot(x, slopes.sum() * x, color=FOURTH, linestyle="-.", label=f"both winners: slope {slopes.sum():g}")
    right.set(xlabel="x", title="at the tie, x = 0", ylim=(-3, 4.6))
    right.legend(loc="upper left", fontsize="small")


def circle(signal: Any, filters: Any) -> Any:
    """The responses of a filter at each place of a circle, the pieces of one unit."""
    places = range(len(signal))
    W = np.array([[[filters[j][(i - j) % len(signal)] for j in places]] for i in places])
    return affine(FLOATS, signal[None, :], W, np.zeros((1, len(signal))))


@figure_of("C26", 2)
def pooling_and_maxout(left: Axes, right: Axes) -> None:
    generator = np.random.default_rng(3)
    places = 8
    signal = np.array([0.0, 1, 3, 1, -1, 0, 2, 0])
    filter_ = np.array([1.0, 2, -1, 0, 0, 0, 0, 0])
    several = generator.integers(-2, 3, (places, places)).astype(float)
    for shift, colour, marker in ((0, FIRST, "o"), (2, SECOND, "s")):
        responses = circle(np.roll(signal, shift), [filter_] * places)[0, 0]
        offset = np.arange(places) + (0.12 if shift else -0.12)
        left.vlines(offset, 0, responses, color=colour, alpha=0.6)
        left.plot(offset, responses, marker, color=colour, label=f"shifted by {shift}")
    left.axhline(maxout(FLOATS, circle(signal, [filter_] * places)).item(), color=INK, linestyle=":", label="maximum")
    left.set(xlabel="place", title="one filter at every place", ylim=(-4.5, 12))
    left.legend(loc="upper right", fontsize="small")
    shifts = range(places + 1)
    for filters, colour, marker, label in (
        ([filter_] * places, FIRST, "o", "max pooling: one filter"),
        (several, THIRD, "^", "maxout: different filters"),
    ):
        largest = [maxout(FLOATS, circle(np.roll(signal, shift), filters)).item() for shift in shifts]
        right.plot(shifts, largest, color=colour, marker=marker, label=label)
    right.set(xlabel="shift of the input", title="the maximum", ylim=(0, 19))
    right.legend(loc="upper right", fontsize="small")


@figure_of("C27", 2)
def square_by_pieces(left: Axes, right: Axes) -> None:
    x = np.linspace(-1, 1, 401)
    left.plot(x, x**2, color=INK, label="x²")
    for pieces, colour in ((1, FIRST), (2, SECOND), (3, THIRD)):
        y = values(best_square(-1.0, 1.0, pieces), x)
        left.plot(x, y, color=colour, label=f"n = {pieces}")
        right.plot(x, y - x**2, color=colour)
        for sign in (1, -1):
            right.axhline(sign / (2 * pieces**2), color=colour, linestyle=":", linewidth=1)
    left.set(xlabel="x", title="best maximum of n lines")
    left.legend()
    right.set(xlabel="x", title="its error")
    right.grid()


def error_on(f: MaxAffine, sign: int) -> float:
    """The largest distance from sign·x² on [−1, 1], taken where it can lie."""
    crossings = [(d - c) / (s - t) for s, c in _lines(f) for t, d in _lines(f) if s != t]
    points = [-1.0, 1.0, *crossings, *(sign * s / 2 for s in f.slopes)]
    return float(max(abs(f(x) - sign * x * x) for x in points if -1 <= x <= 1))


def _lines(f: MaxAffine) -> list[tuple[float, float]]:
    return list(zip(f.slopes, f.intercepts, strict=True))


@figure_of("C28", 2)
def error_by_pieces(left: Axes, right: Axes) -> None:
    x = np.linspace(-1, 1, 201)
    line = MaxAffine((0.0,), (-0.5,))
    left.plot(x, x**2, color=FIRST, label="x²")
    left.plot(x, values(best_square(-1.0, 1.0, 4), x), color=INK, linestyle="--", label="best, n = 4")
    left.plot(x, -(x**2), color=FOURTH, label="−x²")
    left.plot(x, values(line, x), color=INK, linestyle=":", label="best, any n")
    left.set(xlabel="x", title="a convex and a concave target", ylim=(-1.1, 2.3))
    left.legend(loc="upper center", ncols=2, fontsize="small")
    counts = np.array([1, 2, 4, 8, 16, 32])
    errors = [error_on(best_square(-1.0, 1.0, int(n)), 1) for n in counts]
    right.loglog(counts, [error_on(line, -1)] * len(counts), "s-", color=FOURTH, label="−x²: stays at 1/2")
    right.loglog(counts, errors, "o-", color=FIRST, label="x²: a quarter for twice n")
    right.set(xlabel="pieces n", title="least error", xticks=counts, xticklabels=map(str, counts), ylim=(2e-4, 40))
    right.minorticks_off()
    right.grid()
    right.legend(loc="upper right", fontsize="small")


@figure_of("C29", 2)
def difference(left: Axes, right: Axes) -> None:
    knots, heights = [-1.5, -0.5, 0.5, 1.5], [-0.5, 1.0, -1.0, 0.5]
    g, h = difference_of_maxouts(knots, heights, 0, -1)
    x = np.linspace(-2.5, 2.5, 501)
    common = 2.5  # the slope of a line taken from both: their difference is the same, and easier to see
    convex, concave = values(g, x) - common * x, values(h, x) - common * x
    left.plot(x, convex, color=FIRST, label="g: kinks where f bends up")
    left.plot(x, concave, color=SECOND, linestyle="--", label="h: kinks where f bends down")
    left.fill_between(x, concave, convex, where=convex > concave, color=FIRST, alpha=0.2)
    left.fill_between(x, concave, convex, where=convex < concave, color=SECOND, alpha=0.2)
    left.set(xlabel="x", title=f"two convex functions, less {common:g}x", ylim=(-2, 11))
    right.plot(x, convex - concave, color=INK, label="f = g − h")
    right.fill_between(x, 0, convex - concave, where=convex > concave, color=FIRST, alpha=0.2)
    right.fill_between(x, 0, convex - concave, where=convex < concave, color=SECOND, alpha=0.2)
    for unit, colour, marker in ((g, FIRST, "o"), (h, SECOND, "s")):
        kinks = np.array(unit.kinks(), float)
        left.plot(kinks, values(unit, kinks) - common * kinks, marker, color=colour)
        right.plot(kinks, values(g, kinks) - values(h, kinks), marker, color=colour)
    right.set(xlabel="x", title="their difference is f")
    left.legend(loc="upper left", fontsize="small")
    right.legend(loc="lower left", fontsize="small")


@figure_of("C30", 2)
def learned(left: Axes, right: Axes) -> None:
    x = np.linspace(-2, 2, 401)
    for name, slope, shift, colour in (
        ("absolute", -1, 1.0, FIRST),
        ("leaky_relu", 0.1, 0.5, THIRD),
        ("relu", 0, 0.0, SECOND),
    ):
        unit, _ = difference_of_maxouts([0], [0], slope, 1)
        target = activation_named(name, 0.1).value(FLOATS, x)
        left.plot(x, target + shift, color=colour, linewidth=5, alpha=0.4)
        label = {"absolute": "|x| + 1", "leaky_relu": "leaky ReLU + 0.5", "relu": "ReLU"}[name]
        left.plot(x, values(unit, x) + shift, color=colour, linestyle="--", label=label)
    left.set(xlabel="x", title="convex: one unit, exactly", ylim=(-0.4, 4.4))
    left.legend(loc="upper left", fontsize="small")
    hard = reference.activation("hard_tanh", x)
    g, h = difference_of_maxouts([-1, 1], [-1, 1], 0, 0)
    right.plot(x, hard, color=FIRST, linewidth=5, alpha=0.4, label="hard tanh")
    right.plot(x, values(g, x) - values(h, x), color=FIRST, linestyle="--", label="two units, exactly")
    ends = np.array([-1.0, 2.0])
    chord = reference.activation("hard_tanh", ends)
    right.plot(ends, chord, color=FOURTH, marker="o", label="a chord below it")
    inside = np.linspace(-1.0, 2.0, 100)
    right.fill_between(
        inside, np.interp(inside, ends, chord), reference.activation("hard_tanh", inside), color=FOURTH, alpha=0.2
    )
    right.set(xlabel="x", title="not convex: no single unit", ylim=(-1.4, 3))
    right.legend(loc="upper left", fontsize="small")


def ensemble(axes: Axes, network: Network, parameters: Parameters, title: str) -> None:
    """Every masked network's probability of class 1 along a line of inputs, their means and the scaled network's."""
    keep = 0.5
    along = np.linspace(-3, 3, 121)
    x = along[:, None] * np.array([[1.0, -1.0, 0.5, 2.0]]) + np.array([[1.0, 1.0, -1.0, 0.0]])
    ones = [np.ones((len(x), W[0])) for W, _ in network.shapes]
    curves = []
    for mask in product((0.0, 1.0), repeat=network.inputs):
        masks = [ones[0] * mask, *ones[1:]]
        curves.append(softmax(FLOATS, trace(FLOATS, network, parameters, x, masks)[-1].z))
        axes.plot(along, curves[-1][:, 1], color=FAINT, alpha=0.35, linewidth=0.8)
    geometric = np.exp(np.log(curves).mean(axis=0))
    geometric /= geometric.sum(axis=1, keepdims=True)
    scaled = weight_scaled(parameters, [keep, *[1] * (network.depth - 1)])
    axes.plot(along, np.mean(curves, axis=0)[:, 1], color=SECOND, linestyle=":", label="arithmetic mean")
    axes.plot(along, geometric[:, 1], color=FIRST, linewidth=4, alpha=0.5, label="geometric mean")
    axes.plot(
        along,
        softmax(FLOATS, trace(FLOATS, network, scaled, x)[-1].z)[:, 1],
        color=INK,
        linestyle="--",
        label="weights halved",
    )
    axes.set(xlabel="position along a line of inputs", title=title, ylim=(-0.03, 1.03))


@figure_of("C31", 2, sharey=True)
def masks_and_means(left: Axes, right: Axes) -> None:
    regression = Network(4, 2, Output("categorical"))
    W = np.array([[0.0, 1.5], [0.0, -1.0], [0.0, 1.0], [0.0, -0.5]])
    ensemble(left, regression, ((W, np.array([0.0, -0.5])),), "softmax regression: exact")
    hidden = Network(4, 2, Output("categorical"), hidden=(Hidden(2, "relu"),))
    first = np.array([[1.0, -1.0], [1.0, 0.5], [-1.0, 1.0], [-0.5, 1.0]])
    last = np.array([[0.0, 1.5], [0.0, -1.0]])
    ensemble(right, hidden, ((first, np.zeros(2)), (last, np.zeros(2))), "behind a ReLU layer: not")
    left.set(ylabel="probability of class 1")
    left.legend(loc="upper left", fontsize="small")


def maxout_under_masks() -> tuple[Any, Any, Any]:
    """Along a line of inputs: a maxout unit of two pieces under each mask of four inputs, and with weights halved."""
    along = np.linspace(-3, 3, 241)
    x = along[:, None] * np.array([[1.0, 0.5, 0.5, 1.0]]) + np.array([[0.5, 1.0, -1.0, 0.0]])
    network = Network(4, 1, Output("gaussian"), hidden=(Hidden(1, "maxout", pieces=2),))
    W = np.array([[1.0, 0.2], [1.0, -0.5], [0.5, 0.0], [0.5, -0.5]]).reshape(4, 1, 2)
    parameters = ((W, np.array([[0.5, 0.5]])), (np.ones((1, 1)), np.zeros(1)))
    ones = np.ones((len(x), 1))
    curves = [
        trace(FLOATS, network, parameters, x, [np.tile(mask, (len(x), 1)), ones])[-1].z[:, 0]
        for mask in product((0.0, 1.0), repeat=4)
    ]
    scaled = weight_scaled(parameters, [0.5, 1])
    return along, np.array(curves), trace(FLOATS, network, scaled, x)[-1].z[:, 0]


@figure_of("C47")
def mean_of_a_maxout_unit(axes: Axes) -> None:
    along, curves, scaled = maxout_under_masks()
    for curve in curves:
        axes.plot(along, curve, color=FAINT, alpha=0.4, linewidth=0.8)
    axes.plot(along, curves.mean(axis=0), color=FIRST, linewidth=4, alpha=0.5, label="mean over all masks")
    axes.plot(along, scaled, "--", color=INK, label="weights halved")
    axes.set(xlabel="position along a line of inputs", ylabel="the unit")
    axes.legend(loc="upper left")
