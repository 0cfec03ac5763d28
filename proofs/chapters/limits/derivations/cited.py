"""Theorems that are cited with their source, and checked on finite cases, exactly."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations, product
from math import comb
from typing import Any

import sympy
from sympy import QQ
from sympy.polys.matrices import DomainMatrix

from ffn.constructions.folding import folding
from ffn.constructions.regions import arrangement_regions, linear_pieces
from proofs.engine.badges import Badge
from proofs.engine.derivation import Chain, Comparison, Derivation, Step, WrongStep
from proofs.engine.notation import positives

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


N, K = positives("n k")
zaslavsky = Derivation(
    name="regions of a hyperplane arrangement",
    statement="n hyperplanes in d dimensions cut at most Σ_{k≤d} C(n, k) regions, and exactly so many in general "
    "position: r(n, d) = r(n − 1, d) + r(n − 1, d − 1).",
    hypotheses=("general position: any d meet in one point, no d + 1 do",),
    source="Schläfli 1901; Zaslavsky 1975",
    badge=Badge.CITED,
    chains=(
        Chain(
            "Pascal's rule, in units of C(n − 1, k − 1)",
            (N - K) / K + 1,
            (
                Step(
                    "quotients of binomials",
                    N / K,
                    "C(n, k) = C(n − 1, k − 1) n/k, and summing it gives the recurrence",
                ),
            ),
        ),
    ),
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
        WrongStep("quotient", "quotients of binomials", (N + 1) / K),
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
    statement="Some relu networks with L layers of n units on n₀ inputs have (Π_{i<L} ⌊n/n₀⌋^n₀) Σ_{j≤n₀} C(n, j) "
    "linear regions or more; here for n₀ = 1, where folding networks have n^(L−1) (n + 1) pieces on [0, 1].",
    hypotheses=("n ≥ n₀",),
    source="Montúfar, Pascanu, Cho & Bengio 2014",
    badge=Badge.CITED,
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

# Density

POWERS = tuple((degree, width) for degree in (1, 2, 3) for width in (1, 2, 3, 4, 5, 6))


def rank_of_features(case: tuple[int, int]) -> int:
    """The rank of (x + b)^p for so many biases b, at 9 points: the dimension of what the units can compute."""
    degree, width = case
    rows = [[QQ(at + i) ** degree for i in range(width)] for at in range(-4, 5)]
    return int(DomainMatrix(rows, (9, width), QQ).rank())


leshno = Derivation(
    name="universal approximation",
    statement="With one hidden layer of any width, networks with a continuous activation g approximate every "
    "continuous function on a compact set as well as wanted if and only if g is not a polynomial.",
    hypotheses=("g is continuous", "biases, and a linear output"),
    source="Leshno, Lin, Pinkus & Schocken 1993",
    badge=Badge.CITED,
    counts=(
        Comparison(
            "features of a polynomial of degree p",
            POWERS,
            rank_of_features,
            lambda case: min(case[0] + 1, case[1]),
        ),
    ),
    untied="of the code's activations none is a polynomial but the identity",
    conclusion="Checked: polynomial units of degree p span p + 1 dimensions at most, whatever the width. "
    "That nothing else stands in the way is cited.",
    planted=(
        WrongStep("every unit helps", "features of a polynomial of degree p", claimed=lambda case: case[1]),
        WrongStep("degree", "features of a polynomial of degree p", claimed=lambda case: min(case[0], case[1])),
    ),
)

# No free lunch

INPUTS = 5
LEARNERS = ("majority", "minority", "nearest neighbour", "constant")
TRAINED_ON = ((0,), (0, 3), (1, 2, 4), (0, 1, 2, 3))


def predicted(learner: str, seen: dict[int, int], x: int) -> int:
    majority = int(2 * sum(seen.values()) > len(seen))
    if learner == "nearest neighbour":
        return seen[min(seen, key=lambda other: abs(other - x))]
    return {"majority": majority, "minority": 1 - majority, "constant": 1}[learner]


def mean_accuracy(case: tuple[str, tuple[int, ...]]) -> Fraction:
    """Accuracy off the training set, averaged over all labelings."""
    learner, trained = case
    unseen = [x for x in range(INPUTS) if x not in trained]
    labelings = list(product((0, 1), repeat=INPUTS))
    hits = sum(
        predicted(learner, {i: labels[i] for i in trained}, x) == labels[x] for labels in labelings for x in unseen
    )
    return Fraction(hits, len(labelings) * len(unseen))


no_free_lunch = Derivation(
    name="no free lunch",
    statement="Averaged over all labelings of the inputs, every deterministic learner has the accuracy 1/2 off its "
    "training set.",
    hypotheses=("two classes, all labelings equally likely", "accuracy off the training set"),
    source="Wolpert 1996",
    badge=Badge.CITED,
    counts=(
        Comparison(
            "four learners on five inputs",
            tuple(product(LEARNERS, TRAINED_ON)),
            mean_accuracy,
            lambda case: Fraction(1, 2),
        ),
    ),
    untied="a statement about all learners",
    planted=(
        WrongStep(
            "neighbours help",
            "four learners on five inputs",
            claimed=lambda case: Fraction(3, 5) if case[0] == "nearest neighbour" else Fraction(1, 2),
        ),
    ),
)
