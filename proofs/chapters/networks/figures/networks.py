"""Figures: Networks, hyperplanes, approximation."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import cycle, pairwise
from math import comb
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing

from ffn.constructions.folding import square, tent
from ffn.constructions.interpolation import interpolate
from ffn.constructions.maxout import best_square
from ffn.constructions.regions import Region, arrangement_regions, linear_pieces, montufar_regions, most_deep_regions
from ffn.constructions.symmetries import permute_units, rescale_units
from ffn.network.description import Hidden, Network, Output, Parameters
from ffn.network.forward import activate, affine, trace
from ffn.numbers.exact import exact
from ffn.numbers.floating import floating
from proofs.chapters.figure import FAINT, FIFTH, FIRST, FOURTH, INK, SECOND, SERIES, THIRD, Figure, panels

GAUSSIAN = Output("gaussian")
FLOATS = floating("float64")
Built = tuple[Network, Parameters]


def outputs(net: Built, x: Any) -> Any:
    """The outputs of a network with one input at the points x."""
    network, parameters = net
    on_floats = tuple((W.astype(float), b.astype(float)) for W, b in parameters)
    return trace(FLOATS, network, on_floats, np.asarray(x, dtype=float).reshape(-1, 1))[-1].h[:, 0]


def built(hidden: Hidden, *parameters: tuple[Any, Any]) -> Built:
    """A network with one hidden layer, on fractions."""
    arrays = tuple((exact.asarray(W), exact.asarray(b)) for W, b in parameters)
    return Network(arrays[0][0].shape[0], 1, GAUSSIAN, (hidden,)), arrays


# One pass, or none


def one_pass() -> Drawing:
    drawing, (left, right) = panels(2)
    net = built(Hidden(2), ([[1, 1], [1, 1]], [0, -1]), ([[1], [-2]], [0]))
    steps = trace(exact, *net, exact.asarray([[0, 1]]))
    columns = [steps[0].x[0], *(step.h[0] for step in steps)]
    places = [[(depth, len(column) / 2 - i) for i in range(len(column))] for depth, column in enumerate(columns)]
    for before, after in pairwise(places):
        for start in before:
            for end in after:
                arrow = {"arrowstyle": "->", "color": FAINT, "shrinkA": 15, "shrinkB": 15}
                left.annotate("", end, start, arrowprops=arrow)
    for depth, (column, spots) in enumerate(zip(columns, places, strict=True)):
        left.text(depth, 1.55, f"step {depth}" if depth else "input", ha="center")
        for value, (x, y) in zip(column, spots, strict=True):
            left.plot(x, y, "o", markersize=26, markerfacecolor="none", markeredgecolor=FIRST)
            left.text(x, y, str(value), ha="center", va="center")
    left.set(xlim=(-0.4, 2.4), ylim=(-0.5, 1.9), title="no feedback: one value")
    left.axis("off")
    h = np.linspace(0, 2, 21)
    for bias, colour, label in ((0.0, SECOND, "relu(h)"), (1.0, FIRST, "relu(h + 1)")):
        z = affine(FLOATS, h.reshape(-1, 1), np.ones((1, 1)), np.array([bias]))
        fed_back = activate(FLOATS, Hidden(1), z)
        right.plot(h, fed_back[:, 0], color=colour, linewidth=1.8 if bias else 3.5, label=label)
    right.plot(h, h, color=INK, linestyle="--", label="h itself")
    right.set(xlabel="h", ylim=(0, 4.2), title="feedback: every value, or none")
    right.legend(loc="upper left")
    return drawing


# Two tables, one function


def two_tables() -> Drawing:
    drawing, (left, right) = panels(2)
    first = built(Hidden(2), ([[1, 2]], [1, -1]), ([[2], [-1]], [0]))
    moved = rescale_units(permute_units(first[1], 0, [1, 0]), 0, exact.asarray(np.array([Fraction(1, 2), 3])))
    nets = ((first, FIRST, "-", "o", "first table"), ((first[0], moved), SECOND, "--", "s", "second table"))
    w = np.linspace(0.35, 4, 100)
    for product in (2, -2):
        left.plot(w, product / w, color=FAINT, linewidth=1)
    x = np.linspace(-2, 2, 201)
    for net, colour, line, marker, label in nets:
        (W, _), (V, _) = net[1]
        left.plot(W[0].astype(float), V[:, 0].astype(float), marker, color=colour, markersize=8, label=label)
        for unit in range(2):
            left.annotate(
                f"unit {unit + 1}",
                (float(W[0, unit]), float(V[unit, 0])),
                (7, 5 if V[unit, 0] > 0 else -14),
                textcoords="offset points",
            )
        right.plot(x, outputs(net, x), line, color=colour, linewidth=4 if line == "-" else 1.8, label=label)
    left.axhline(0, color=FAINT, linewidth=0.8)
    left.set(xlabel="weight in, w", ylabel="weight out, v", ylim=(-5, 5), xlim=(0, 4.4), title="two tables of weights")
    left.legend(loc="upper right")
    right.set(xlabel="x", title="one function")
    right.legend(loc="lower right")
    return drawing


# Hyperplanes


def vanishing_weights() -> Drawing:
    drawing, (left, right) = panels(2)
    x = np.linspace(-4, 4, 2)
    for scale, colour, line in ((1.0, FIRST, "-"), (0.5, SECOND, "--"), (0.25, THIRD, "-.")):
        w, b = scale * np.array([[1.0], [2.0]]), np.array([-1.0])
        foot = -b[0] * w[:, 0] / (w**2).sum()
        if not np.isclose(affine(FLOATS, foot.reshape(1, 2), w, b)[0, 0], 0):
            raise ValueError("the line is not where z is 0")
        left.axline(tuple(foot), slope=-w[0, 0] / w[1, 0], color=colour, linestyle=line, label=f"w = {scale:g}·(1, 2)")
        left.annotate(
            "", tuple(foot), (0, 0), arrowprops={"arrowstyle": "->", "color": colour, "shrinkA": 0, "shrinkB": 0}
        )
        slope = np.array([[scale]])
        right.plot(x, affine(FLOATS, x.reshape(-1, 1), slope, b)[:, 0], line, color=colour, label=f"w = {scale:g}")
    right.plot(x, affine(FLOATS, x.reshape(-1, 1), np.zeros((1, 1)), b)[:, 0], ":", color=FOURTH, label="w = 0")
    left.plot(0, 0, "o", color=INK, markersize=4)
    left.set(xlim=(-2, 4), ylim=(-2, 4), aspect="equal", xlabel="x₁", ylabel="x₂", title="where w·x − 1 is 0")
    left.legend(loc="lower left", fontsize="small")
    right.axhline(0, color=FAINT, linewidth=0.8)
    right.set(xlabel="x", title="the graph of wx − 1")
    right.legend(loc="upper left", fontsize="small")
    return drawing


ARRANGEMENTS = (
    ("general position", ((1, 2), (2, -1), (1, -3), (3, 1)), (-3, -2, -2, 3)),
    ("through one point", ((1, 2), (2, -1), (1, -3), (3, 1)), (0, 0, 0, 0)),
    ("parallel", ((1, 2), (1, 2), (1, 2), (1, 2)), (-5, -2, 2, 5)),
)
SIDE = Fraction(4)


def polygon(region: Region) -> list[tuple[float, float]]:
    """The corners of a region inside the square, half-plane after half-plane."""
    corners: list[Any] = [(-SIDE, -SIDE), (SIDE, -SIDE), (SIDE, SIDE), (-SIDE, SIDE)]
    for (p, q), b in region.rows:
        heights = [Fraction(p * x + q * y + b) for x, y in corners]
        kept = []
        ring = list(zip(corners, heights, strict=True))
        for (start, h), (end, k) in pairwise([*ring, ring[0]] if ring else []):
            if h >= 0:
                kept.append(start)
            if h * k < 0:
                share = h / Fraction(h - k)
                kept.append(tuple(s + share * (e - s) for s, e in zip(start, end, strict=True)))
        corners = kept
    return [(float(x), float(y)) for x, y in corners]


def regions_of_four_lines() -> Drawing:
    drawing, axes = panels(3, height=2.5)
    for ax, (title, normals, offsets) in zip(axes, ARRANGEMENTS, strict=True):
        found = arrangement_regions(normals, offsets)
        for number, (region, colour) in enumerate(zip(found, cycle(SERIES), strict=False), start=1):
            corners = np.array(polygon(region))
            ax.fill(*corners.T, facecolor=colour, alpha=0.25, linewidth=0)
            ax.text(*_centre(corners), str(number), ha="center", va="center", fontsize="small")
        for (p, q), b in zip(normals, offsets, strict=True):
            foot = -b / (p * p + q * q) * np.array([p, q])
            ax.axline(tuple(foot), (foot[0] - q, foot[1] + p), color=INK, linewidth=1.2)
        side = float(SIDE)
        ax.set(xlim=(-side, side), ylim=(-side, side), aspect="equal", xticks=[], yticks=[])
        ax.set_title(f"{title}: {len(found)}")
    return drawing


def _centre(corners: Any) -> tuple[float, float]:
    """The centroid of a polygon."""
    x, y = corners.T
    cross = x * np.roll(y, -1) - np.roll(x, -1) * y
    area = cross.sum() / 2
    return (
        float(((x + np.roll(x, -1)) * cross).sum() / (6 * area)),
        float(((y + np.roll(y, -1)) * cross).sum() / (6 * area)),
    )


# XOR


def xor_folded() -> Drawing:
    drawing, (left, right) = panels(2)
    net = built(Hidden(2), ([[1, 1], [1, 1]], [0, -1]), ([[1], [-2]], [0]))
    corners = exact.asarray([[0, 0], [0, 1], [1, 0], [1, 1]])
    hidden, last = trace(exact, *net, corners)
    for answer, colour, marker in ((0, FIRST, "o"), (1, SECOND, "s")):
        rows = last.h[:, 0] == answer
        for ax, points in ((left, corners[rows]), (right, hidden.h[rows])):
            ax.plot(*points.astype(float).T, marker, color=colour, markersize=11, label=f"xor = {answer}")
    for offset in (0, 1):
        left.axline((offset, 0), slope=-1, color=FAINT, linestyle="--", linewidth=1.2)
    left.text(
        0.4,
        0.66,
        "units fold here",
        fontsize="small",
        rotation=-45,
        rotation_mode="anchor",
        transform_rotates_text=True,
    )
    for (x, y), (p, q) in zip(corners, hidden.h, strict=True):
        name, dy = f"({x}, {y})", -0.2 if (x, y) == (0, 1) else 0.12
        right.text(float(p) + 0.1, float(q) + dy, name)
    right.axline((0.5, 0), slope=0.5, color=INK, linewidth=1.2)
    right.text(1.0, 0.62, "h₁ − 2h₂ = ½", ha="right")
    left.set(xlim=(-0.5, 1.8), ylim=(-0.5, 1.5), xlabel="x₁", ylabel="x₂", title="no line separates them")
    right.set(xlim=(-0.3, 2.8), ylim=(-0.5, 1.5), xlabel="h₁", ylabel="h₂", title="after the fold one does")
    left.legend(loc="upper right", fontsize="small")
    return drawing


# Width and depth


def error_on_the_square(net: Built) -> Fraction:
    """The largest distance from x² on [0, 1]: at the ends of the pieces, or where the slopes agree."""
    errors = []
    for piece in linear_pieces(*net, 0, 1):
        slope, intercept = piece.slope[0], piece.intercept[0]
        left, right = Fraction(piece.left or 0), Fraction(1 if piece.right is None else piece.right)
        places = [x for x in (left, right, slope / 2) if left <= x <= right]
        errors += [abs(slope * x + intercept - x * x) for x in places]
    return max(errors)


def on_knots(n: int, best: bool) -> Built:
    """x² by n pieces: its chords, or the best ones."""
    knots = [Fraction(i, n) for i in range(n + 1)]
    f = best_square(0, 1, n)
    return interpolate(knots, [f(t) if best else t * t for t in knots])


def width_and_error() -> Drawing:
    drawing, (left, right) = panels(2)
    x = np.linspace(0, 1, 201)
    left.plot(x, x**2, color=INK, label="x²")
    for n, colour, line in ((1, FOURTH, ":"), (2, SECOND, "--"), (4, THIRD, "-.")):
        left.plot(x, outputs(on_knots(n, best=False), x), line, color=colour, label=f"{n} ReLU" + "s" * (n > 1))
    left.set(xlabel="x", title="chords of x²")
    left.legend()
    widths = (1, 2, 4, 8, 16, 32)
    for best, colour, marker, label in ((False, FIRST, "o", "chords"), (True, SECOND, "s", "best pieces")):
        errors = [float(error_on_the_square(on_knots(n, best))) for n in widths]
        right.loglog(widths, errors, "-" + marker, color=colour, label=label)
    affine_error = float(error_on_the_square(on_knots(1, best=True)))
    right.axhline(affine_error, color=FAINT, linestyle="--", label="best affine map")
    right.set(xlabel="ReLUs", title="largest error: ∝ 1/n²", xticks=widths, xticklabels=[str(n) for n in widths])
    right.minorticks_off()
    right.legend()
    return drawing


def folds() -> Drawing:
    drawing, (left, middle, right) = panels(3, height=2.7)
    x = np.linspace(0, 1, 257)
    for shift, (depth, colour) in enumerate(((3, THIRD), (2, SECOND), (1, FIRST))):
        left.plot(x, outputs(tent(depth), x) + 1.3 * shift, color=colour)
        left.text(1.04, 1.3 * shift + 0.4, str(len(linear_pieces(*tent(depth), 0, 1))))
    left.set(xlabel="x", yticks=[], title="pieces of 1, 2, 3 tents", xlim=(0, 1.2))
    depths = range(1, 9)
    units = [3 * depth for depth in depths]
    middle.semilogy(units, _errors(depths), "-o", color=FIRST, markersize=4)
    middle.semilogy(units, [1 / (8 * (n + 1) ** 2) for n in units], "--", color=SECOND)
    middle.text(23.5, 4e-4, "one layer,\nat least", ha="right", va="bottom")
    middle.text(13, 2e-5, "3 units\na layer", ha="right")
    middle.set(xlabel="units", title="error for x²", xticks=(3, 12, 24))
    _counts(right)
    return drawing


def _errors(depths: Sequence[int]) -> list[float]:
    return [float(error_on_the_square(square(depth))) for depth in depths]


def _counts(ax: Axes) -> None:
    """Two layers of four units on two inputs: what formulas say of their regions."""
    n, d = 4, 2
    quotient, binomial = (n // d) ** d * n**d, comb(n, d) ** d * n**d
    bars = (
        ("built", montufar_regions((n, n), d), FIRST),
        ("(n/d)ᵈnᵈ", quotient, THIRD),
        ("at most", most_deep_regions((n, n), d), INK),
        ("C(n,d)ᵈnᵈ", binomial, FIFTH),
    )
    for place, (_, count, colour) in enumerate(bars):
        ax.barh(-place, count, color=colour, alpha=0.6, linewidth=0)
        ax.text(count + 12, -place, str(count), va="center")
    ax.set(yticks=[-i for i in range(4)], yticklabels=[name for name, _, _ in bars], xticks=[], xlim=(0, 750))
    ax.set_title("regions, 4 + 4 units")
    ax.spines["bottom"].set_visible(False)


FIGURES = {
    "C1": Figure(
        one_pass,
        "Left: one pass gives every unit of the book's XOR network its value, each from earlier ones. Right: a unit "
        "that reads itself has a value where its curve meets the diagonal: relu(h) lies on it, relu(h + 1) never meets "
        "it.",
        "Left: a graph with two inputs 0 and 1, two hidden units with the values 1 and 0 and an output with the value "
        "1, arrows from left to right alone. Right: the diagonal, one curve on it and one parallel above it.",
    ),
    "C2": Figure(
        two_tables,
        "Two tables of weights: the units have changed places, and each has moved along a curve on which the product "
        "of its weights is the same. What they compute is one function.",
        "Left: weights out over weights in, two circles and two squares in different places on the same two "
        "hyperbolas. Right: the functions of both tables, two curves that coincide.",
    ),
    "C3": Figure(
        vanishing_weights,
        "As w becomes smaller the line on which w·x − 1 is 0 moves away, and for w = 0 it is gone. The graph stays a "
        "line, also for w = 0.",
        "Left: three parallel lines, each twice as far from the origin as the one before. Right: four straight graphs "
        "through one point that become flatter, the last one level.",
    ),
    "C4": Figure(
        regions_of_four_lines,
        "Four lines cut the plane into 11 regions, the most that are possible, when they lie in general position, into "
        "8 when they pass through one point, as without biases, and into 5 when they are parallel.",
        "Three squares, each cut by four lines, with numbered regions: 11 of them, 8 of them, and 5 strips.",
    ),
    "C5": Figure(
        xor_folded,
        "The four points of XOR: in the input space no line separates the classes. The hidden units fold the plane, so "
        "that (0, 1) and (1, 0) become one point, and then a line does.",
        "Left: circles at (0, 0) and (1, 1), squares at (0, 1) and (1, 0). Right: circles at (0, 0) and (2, 1), one "
        "square for both at (1, 0), and a line between them.",
    ),
    "C6": Figure(
        width_and_error,
        "Twice as many units, a quarter of the error: on x² the n chords err by 1/(4n²), and the best n pieces by half "
        "of that. More accurate than an affine map is every width from two on.",
        "Left: x² with chords of one, two and four pieces. Right: both errors over the number of units on logarithmic "
        "axes, two parallel lines that fall by two decades for one decade of units, and a level line at 1/8.",
    ),
    "C7": Figure(
        folds,
        "Left: each tent doubles the pieces. Middle: three units a layer bring the error for x² to 4^-(m+1), which no "
        "single layer matches from 15 units on. Right: for two layers of 4 units on 2 inputs the formula with a "
        "binomial coefficient says 576 regions, where 121 is the most.",
        "Left: zigzags with 2, 4 and 8 pieces. Middle: over the number of units a straight falling line crosses a "
        "flatter curve between 12 and 15 units. Right: bars of 44, 64, 121 and 576.",
    ),
}
