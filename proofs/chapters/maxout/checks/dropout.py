"""What evaluates the pages of C31 and C47: means over all masks."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from math import prod
from typing import Any

import numpy as np

from ffn.network.description import Hidden, Network, Output
from ffn.network.dropout import weight_scaled
from ffn.network.forward import trace
from ffn.network.outputs import softmax
from ffn.numbers.exact import exact
from proofs.chapters.code_on_floats import FLOATS
from proofs.chapters.code_on_fractions import fractions
from proofs.chapters.evaluation import drawn, evaluates, lines
from proofs.chapters.maxout.figures import maxout as figures


def unit_under_masks(W: Any, x: Any, q: Any, activation: str) -> tuple[Any, Any, Any]:
    """A unit's mean over all masks of its inputs, its value with scaled weights, and its lead under each mask."""
    maxout = activation == "maxout"
    network = Network(
        len(x), 1, Output("gaussian"), hidden=(Hidden(1, activation, **({"pieces": 2} if maxout else {})),)
    )
    parameters = ((fractions(W), fractions([[0, 0]] if maxout else [0])), (fractions([[1]]), fractions([0])))
    masks = list(product((0, 1), repeat=len(x)))
    batch, ones = fractions([x] * len(masks)), fractions([[1]] * len(masks))
    values = trace(exact, network, parameters, batch, [fractions(masks), ones])
    chances = [prod(p if kept else 1 - p for p, kept in zip(q, mask, strict=True)) for mask in masks]
    mean = sum(chance * value for chance, value in zip(chances, values[-1].z[:, 0], strict=True))
    scaled = trace(exact, network, weight_scaled(parameters, [fractions(q), fractions(1)]), fractions([x]))[-1].z.item()
    z = values[0].z
    return mean, scaled, z[:, 0, 0] - z[:, 0, 1] if maxout else z


@evaluates(
    "C31",
    r"For $\max(x_1 + x_2, 0)$ at $(1, -1)$, both kept with probability «», the mean is «» and the scaled "
    r"unit gives «».",
)
def a_relu_behind_masks() -> tuple[Any, ...]:
    half = Fraction(1, 2)
    mean, scaled, _ = unit_under_masks([[1], [1]], [1, -1], [half, half], "relu")
    return half, mean, scaled


@evaluates(
    "C31",
    r"Let $m \in \{0, 1\}^d$ have independent entries, $1$ with probability $q_i$, and $p_m = "
    r"\operatorname{softmax}(W^T (m \odot v) + b)$. Then "
    r"$$\frac{\prod_m p_m(y)^{P(m)}}{\sum_k \prod_m p_m(k)^{P(m)}} = \operatorname{softmax}\bigl( W^T (q "
    r"\odot v) + b \bigr)_y,$$",
    r"and $\sum_m P(m)\, m = q$",
)
def geometric_mean_of_softmax_regressions() -> None:
    generator = np.random.default_rng(0)
    W, b, v, q = (
        generator.normal(size=(3, 4)),
        generator.normal(size=4),
        generator.normal(size=3),
        np.array([0.2, 0.5, 0.9]),
    )
    masks = np.array(list(product((0.0, 1.0), repeat=3)))
    chances = np.prod(np.where(masks == 1, q, 1 - q), axis=1)
    assert np.allclose(chances @ masks, q)
    means = np.exp(chances @ np.log(softmax(FLOATS, (masks * v) @ W + b)))
    assert np.allclose(means / means.sum(), softmax(FLOATS, ((q * v) @ W + b)[None])[0], rtol=1e-12)
    arithmetic = chances @ softmax(FLOATS, (masks * v) @ W + b)
    assert not np.allclose(arithmetic, means / means.sum(), rtol=1e-3)


def jensen_for_maxout_units() -> None:
    """The mean over the masks is at least the scaled unit, and equal to it exactly where no mask changes the winner."""
    generator = np.random.default_rng(1)
    seen = set()
    for _ in range(60):
        W, x = generator.integers(-2, 3, size=(3, 1, 2)), generator.integers(-2, 3, size=3).tolist()
        mean, scaled, lead = unit_under_masks(W, x, [Fraction(1, 3), Fraction(1, 2), Fraction(3, 4)], "maxout")
        same = bool((lead >= 0).all() or (lead <= 0).all())
        assert mean >= scaled
        assert (mean == scaled) == same
        seen.add(same)
    assert seen == {True, False}


one_maxout_unit = evaluates(
    "C31",
    r"For one maxout unit Jensen's inequality gives $\sum_m P(m)\, g(z_m) \ge g\bigl( \sum_m P(m)\, z_m \bigr)$.",
)(jensen_for_maxout_units)
one_unit_of_two_pieces = evaluates(
    "C47",
    r"For one maxout unit $g$ of two pieces, masks $m$ with independent entries and means $q$: "
    r"$$\operatorname{E}\, g(m \odot x) \ge g(q \odot x),$$ "
    "with equality if and only if one piece is at least as large as the other under every mask that is not impossible.",
)(jensen_for_maxout_units)


@evaluates(
    "C31",
    "One thin curve for each of the «» masks of four inputs. Left: the network with halved weights lies on "
    "the geometric mean, and not on the arithmetic one. "
    "Right: behind a hidden ReLU layer it lies on neither.",
)
def means_of_the_figure() -> int:
    gaps = []
    for panel in (0, 1):
        curves = lines(figures.masks_and_means, panel)
        scaled = curves["weights halved"][1]
        gaps.append([float(np.abs(curves[name][1] - scaled).max()) for name in ("geometric mean", "arithmetic mean")])
    assert gaps[0][0] < 1e-12
    assert min(gaps[0][1], *gaps[1]) > 0.01
    thin = [
        line for line in drawn(figures.masks_and_means).axes[0].get_lines() if str(line.get_label()).startswith("_")
    ]
    return len(thin)


@evaluates(
    "C47",
    "One thin curve for each of the «» masks of four inputs of a maxout unit with two pieces. The pass with "
    "halved weights lies below their mean where masks change the winner, "
    "and on it where none does.",
    "Thin piecewise linear curves, a thick one for their mean and a dashed one that touches it at both ends "
    "and runs below it in the middle.",
)
def the_figure_of_one_unit() -> int:
    _, curves, scaled = figures.maxout_under_masks()
    gap = curves.mean(axis=0) - scaled
    assert (gap > -1e-12).all()
    assert max(gap[0], gap[-1]) < 1e-12
    assert gap[len(gap) // 2] > 0.01
    return len(curves)
