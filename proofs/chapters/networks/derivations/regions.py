"""Regions of hyperplane arrangements and of deep networks: cited, and counted on finite cases, exactly."""

from __future__ import annotations

from itertools import combinations, product
from math import comb
from typing import Any

import sympy

from ffn.constructions.folding import folding
from ffn.constructions.regions import arrangement_regions, linear_pieces
from proofs.engine.derivation import Comparison, Derivation, WrongStep

# Regions of hyperplane arrangements

ARRANGEMENTS = tuple((count, dimension) for dimension in (1, 2, 3) for count in range(dimension, 6))


def hyperplane(i: int, dimension: int) -> tuple[list[int], int]:
    """a·x = b with a = (1, t, t², …) and b = t^d for t = i + 1: in general position, by Vandermonde."""
    t = i + 1
    return [t**power for power in range(dimension)], t**dimension


def regions(case: tuple[int, int]) -> int:
    """Regions counted by their signs: each region of such an arrangement has a vertex, where 2^d regions meet."""
    count, dimension = case
    planes = [hyperplane(i, dimension) for i in range(count)]
    found = set()
    for chosen in combinations(planes, dimension):
        normals = sympy.Matrix([a for a, _ in chosen])
        inverse = normals.inv()
        vertex = inverse * sympy.Matrix([b for _, b in chosen])
        for corner in product((-1, 1), repeat=dimension):
            found.add(_signs_near(vertex, inverse * sympy.Matrix(corner), planes))
    return len(found)


def shipped_regions(case: tuple[int, int]) -> int:
    """Regions counted by the code, which needs no vertex."""
    count, dimension = case
    planes = [hyperplane(i, dimension) for i in range(count)]
    return len(arrangement_regions([a for a, _ in planes], [-b for _, b in planes]))


def _signs_near(vertex: Any, direction: Any, planes: list[Any]) -> tuple[bool, ...]:
    """On which side of each plane a point a little away from the vertex lies."""
    signs = []
    for a, b in planes:
        row = sympy.Matrix([a])
        value = (row * vertex)[0] - b
        signs.append(bool((value if value else (row * direction)[0]) > 0))
    return tuple(signs)


def bound(count: int, dimension: int) -> int:
    """Σ_{k ≤ d} C(n, k)."""
    return sum(comb(count, k) for k in range(dimension + 1))


zaslavsky = Derivation(
    name="regions of a hyperplane arrangement",
    statement="n hyperplanes in d dimensions cut at most Σ_{k≤d} C(n, k) regions, and exactly so many in general "
    "position, where any d meet in one point and no d + 1 do (for n < d: their normals are "
    "independent): r(n, d) = r(n − 1, d) + r(n − 1, d − 1).",
    source="Schläfli 1901; Zaslavsky 1975",
    counts=(
        Comparison("regions counted", ARRANGEMENTS, regions, lambda case: bound(*case)),
        Comparison(
            "recurrence",
            tuple(product(range(1, 9), range(1, 5))),
            lambda case: bound(*case),
            lambda case: bound(case[0] - 1, case[1]) + bound(case[0] - 1, case[1] - 1),
        ),
    ),
    ties=(
        Comparison(
            "regions by the code",
            ARRANGEMENTS,
            shipped_regions,
            lambda case: bound(*case),
            "ffn.constructions.regions.arrangement_regions",
        ),
    ),
    planted=(
        WrongStep("through the origin", "regions counted", claimed=lambda case: 2 * bound(case[0] - 1, case[1] - 1)),
        WrongStep("two to the n", "regions by the code", claimed=lambda case: 2 ** case[0]),
        WrongStep("one term too few", "regions counted", claimed=lambda case: bound(case[0], case[1] - 1)),
        WrongStep("recurrence in one index", "recurrence", claimed=lambda case: 2 * bound(case[0] - 1, case[1])),
    ),
)

# Linear regions of deep networks


WIDTHS_AND_DEPTHS = tuple((width, depth) for width in (2, 3, 4) for depth in (1, 2, 3))


def pieces(case: tuple[int, int]) -> Any:
    """The affine pieces of the code's folding network on [0, 1], counted by the code."""
    width, depth = case
    return len(linear_pieces(*folding(1, width, depth), 0, 1))


montufar = Derivation(
    name="linear regions grow with depth",
    statement="Some relu networks with L layers of n ≥ n₀ units on n₀ inputs have (Π_{i<L} ⌊n/n₀⌋^n₀) Σ_{j≤n₀} C(n, j) "
    "linear regions or more; here for n₀ = 1, where folding networks have n^(L−1) (n + 1) pieces on [0, 1].",
    source="Montúfar, Pascanu, Cho & Bengio 2014",
    ties=(
        Comparison(
            "pieces of folding networks",
            WIDTHS_AND_DEPTHS,
            pieces,
            lambda case: case[0] ** (case[1] - 1) * (case[0] + 1),
            "ffn.constructions.folding.folding",
        ),
    ),
    planted=(
        WrongStep(
            "as many as units allow in one layer",
            "pieces of folding networks",
            claimed=lambda case: case[0] * case[1] + 1,
        ),
        WrongStep("last layer's fold", "pieces of folding networks", claimed=lambda case: case[0] ** case[1]),
    ),
)
