"""Figures of the claims on networks and hyperplanes, C1 to C5."""

from __future__ import annotations

from fractions import Fraction
from itertools import cycle, pairwise
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from ffn.constructions.regions import Region, arrangement_regions
from ffn.constructions.symmetries import permute_units, rescale_units
from ffn.network.description import Hidden, Network, Parameters
from ffn.network.forward import activate, affine, trace
from ffn.numbers.exact import exact
from proofs.chapters.code_on_floats import FLOATS, GAUSSIAN, outputs
from proofs.chapters.figure import FAINT, FIRST, FOURTH, INK, SECOND, SERIES, THIRD, figure_of

Built = tuple[Network, Parameters]


def built(hidden: Hidden, *parameters: tuple[Any, Any]) -> Built:
    """A network with one hidden layer, on fractions."""
    arrays = tuple((exact.asarray(W), exact.asarray(b)) for W, b in parameters)
    return Network(arrays[0][0].shape[0], 1, GAUSSIAN, (hidden,)), arrays


# One pass, or none


@figure_of("C1", 2)
def one_pass(left: Axes, right: Axes) -> None:
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


# Two tables, one function


@figure_of("C2", 2)
def two_tables(left: Axes, right: Axes) -> None:
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
        right.plot(x, outputs(*net, x), line, color=colour, linewidth=4 if line == "-" else 1.8, label=label)
    left.axhline(0, color=FAINT, linewidth=0.8)
    left.set(xlabel="weight in, w", ylabel="weight out, v", ylim=(-5, 5), xlim=(0, 4.4), title="two tables of weights")
    left.legend(loc="upper right")
    right.set(xlabel="x", title="one function")
    right.legend(loc="lower right")


# Hyperplanes


@figure_of("C3", 2)
def vanishing_weights(left: Axes, right: Axes) -> None:
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


@figure_of("C4", 3, height=2.5)
def regions_of_four_lines(*axes: Axes) -> None:
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


@figure_of("C5", 2)
def xor_folded(left: Axes, right: Axes) -> None:
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
    left.figure.legend(*left.get_legend_handles_labels(), loc="outside lower center", ncols=2)
