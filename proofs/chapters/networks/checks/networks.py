"""What evaluates the pages of C1 to C5: graphs, symmetries, hyperplanes, XOR."""

from __future__ import annotations

from fractions import Fraction
from itertools import permutations, product
from math import comb, factorial
from typing import Any

import numpy as np
import sympy

from ffn.constructions.regions import arrangement_regions, in_general_position, most_central_regions, most_regions
from ffn.constructions.symmetries import permute_units, rescale_units
from ffn.network.backward import gradient
from ffn.network.description import Hidden, Network
from ffn.network.forward import affine, trace
from ffn.numbers.exact import exact
from proofs.chapters.code_on_floats import GAUSSIAN
from proofs.chapters.code_on_fractions import fractions
from proofs.chapters.evaluation import evaluates, lines
from proofs.chapters.networks.figures import networks as figures
from proofs.chapters.networks.figures.networks import built

CORNERS = fractions([[0, 0], [0, 1], [1, 0], [1, 1]])
BOOK = built(Hidden(2), ([[1, 1], [1, 1]], [0, -1]), ([[1], [-2]], [0]))


def value(z: Any) -> Any:
    return max(z, 0)


# C1


@evaluates(
    "C1", r"$h = \operatorname{relu}(h + 1)$ has no solution, and $h = \operatorname{relu}(h)$ has every $h \ge 0$"
)
def feedback_has_no_value_or_many() -> None:
    h = sympy.Symbol("h", real=True)
    assert sympy.solveset(sympy.Max(h + 1, 0) - h, h, sympy.S.Reals) is sympy.S.EmptySet
    assert all(value(each) == each for each in map(Fraction, range(100)))
    assert all(value(-each) != -each for each in map(Fraction, range(1, 100)))


@evaluates(
    "C1", "For a directed graph … these are equivalent: it has no cycle, its units have a topological order, $A^n = 0$."
)
def every_graph_on_up_to_three_units_agrees() -> None:
    for n in (1, 2, 3):
        for edges in product((0, 1), repeat=n * n):
            A = np.array(edges).reshape(n, n)
            ordered = any(not np.tril(A[np.ix_(order, order)]).any() for order in permutations(range(n)))
            cycle = any(np.trace(np.linalg.matrix_power(A, k)) for k in range(1, n + 1))
            assert ordered == (not cycle) == (not np.linalg.matrix_power(A, n).any())


@evaluates(
    "C1",
    r"a sum over all paths from it, $$\frac{\partial L}{\partial b_j} = \sum_{\text{paths } j \to k} \frac{\partial L}"
    r"{\partial z_k} \prod_{\text{edges}} w.$$",
)
def gradient_by_a_first_bias_is_a_sum_over_paths() -> None:
    network = Network(1, 2, GAUSSIAN, (Hidden(2, "identity"), Hidden(2, "identity")), reduction="sum")
    U, V = fractions([[2, -1], [3, 5]]), fractions([[1, 4], [-2, 7]])
    parameters = (
        (fractions([[1, 2]]), fractions([0, 1])),
        (U, fractions([1, 0])),
        (V, fractions([0, 3])),
    )
    x, y = fractions([[3]]), fractions([[1, -1]])
    by_z = trace(exact, network, parameters, x)[-1].z[0] - y[0]
    by_paths = [sum(U[j, i] * V[i, k] * by_z[k] for i in range(2) for k in range(2)) for j in range(2)]
    assert gradient(exact, network, parameters, x, y)[0][1].tolist() == by_paths


@evaluates(
    "C1",
    "Left: one pass gives every unit of the book's XOR network its value, each from earlier ones.",
    "two inputs «» and «», two hidden units with the values «» and «» and an output with the value «»",
)
def one_pass_through_the_book_s_network() -> tuple[Any, ...]:
    steps = trace(exact, *BOOK, fractions([[0, 1]]))
    return (*steps[0].x[0], *steps[0].h[0], *steps[1].h[0])


@evaluates(
    "C1",
    "Right: a unit that reads itself has a value where its curve meets the diagonal: relu(h) lies on it, "
    "relu(h + 1) never meets it.",
)
def curves_of_the_figure_on_and_above_the_diagonal() -> None:
    drawn = lines(figures.one_pass, 1)
    (h, on), (_, above) = drawn["relu(h)"], drawn["relu(h + 1)"]
    assert (on == h).all()
    assert (above > h).all()


# C2


@evaluates(
    "C2", "a layer of three tanh units has «» tables of one and the same function", r"this makes $h! \, 2^h$ tables"
)
def tables_of_three_tanh_units() -> int:
    parameters = (
        (fractions([[1, 2, 3]]), fractions([0, 1, 2])),
        (fractions([[5], [7], [9]]), fractions([0])),
    )
    tables = set()
    for order in permutations(range(3)):
        for signs in product((1, -1), repeat=3):
            (W, b), (V, _) = rescale_units(permute_units(parameters, 0, order), 0, fractions(signs))
            tables.add((*W[0], *b, *V[:, 0]))
    assert len(tables) == factorial(3) * 2**3
    return len(tables)


@evaluates(
    "C2",
    r"$$(w, b, v) \mapsto (cw, cb, v/c), \qquad \begin{cases} c > 0 & \text{relu, leaky relu, } |\cdot| \\ c = -1 & "
    r"\text{tanh.} \end{cases}$$",
    r"For $h$ tanh units, no $(w_i, b_i, v_i)$ being 0 or, up to its sign, equal to another",
)
def rescaled_units_compute_the_same() -> None:
    for name in ("relu", "leaky_relu", "absolute"):
        network, parameters = built(Hidden(2, name), ([[2, -1]], [1, 3]), ([[1], [-4]], [2]))
        for c in (Fraction(1, 3), Fraction(5)):
            moved = rescale_units(parameters, 0, fractions([c, c]))
            x = fractions([[Fraction(i, 3)] for i in range(-12, 13)])
            assert (trace(exact, network, moved, x)[-1].h == trace(exact, network, parameters, x)[-1].h).all()
    z = sympy.Symbol("z")
    assert sympy.expand(-sympy.tanh(-z) - sympy.tanh(z)) == 0


@evaluates("C2", "The factor of a ReLU must be positive: turned round, it is another function.", counterexample=True)
def a_relu_turned_round_is_another() -> None:
    assert value(2) != -value(-2)


@evaluates(
    "C2",
    "Two tables of weights: the units have changed places, and each has moved along a curve on which the "
    "product of its weights is the same.",
    "What they compute is one function.",
    counterexample=True,
)
def two_tables_one_function() -> None:
    left, right = lines(figures.two_tables, 0), lines(figures.two_tables, 1)
    (w, v), (moved_w, moved_v) = left["first table"], left["second table"]
    assert np.allclose(w[::-1] * v[::-1], moved_w * moved_v)
    assert not np.allclose(w, moved_w)
    assert np.allclose(right["first table"][1], right["second table"][1], rtol=0, atol=1e-12)


# C3


@evaluates(
    "C3",
    r"In the input space $z$ is 0 on a hyperplane exactly when $w \ne 0$; it is orthogonal to $w$ and passes "
    r"through $-bw/\lVert w \rVert^2$.",
    r"$$\{x : w \cdot x + b = 0\} = \begin{cases} -\frac{b}{\lVert w \rVert^2} w + w^\perp & w \ne 0, \\ "
    r"\mathbb{R}^d & w = 0,\ b = 0, \\ "
    r"\emptyset & w = 0,\ b \ne 0, \end{cases}$$",
)
def where_an_affine_node_is_zero() -> None:
    points = [(Fraction(i, 2), Fraction(j, 2)) for i, j in product(range(-6, 7), repeat=2)]
    for p, q, b in product(range(-2, 3), repeat=3):
        z = affine(exact, fractions(points), fractions([[p], [q]]), fractions([b]))[:, 0]
        zero = {x for x, value in zip(points, z, strict=True) if value == 0}
        if p or q:
            foot = [Fraction(-b * each, p * p + q * q) for each in (p, q)]
            assert zero == {x for x in points if p * (x[0] - foot[0]) + q * (x[1] - foot[1]) == 0}
        else:
            assert zero == (set(points) if b == 0 else set())


@evaluates(
    "C3",
    "A node whose weights are all 0 makes none: $z$ is $b$ everywhere, so it is 0 nowhere, or everywhere.",
    "$w$ is not 0, or the graph of $z$ is meant.",
    "its fold line turns, and at w = 0 there is none",
    counterexample=True,
)
def without_weights_there_is_no_hyperplane() -> None:
    at = fractions([[3, -5]])
    assert [affine(exact, at, fractions([[0], [0]]), fractions([b]))[0, 0] for b in (0, 2)] == [0, 2]


@evaluates(
    "C3",
    "applied to $w$ and to $(w, -1)$",
    "The graph of $z$, a set with one more dimension, is a hyperplane always, also for $w = 0$.",
    r"while $\{(x, z) : w \cdot x + b - z = 0\}$ has the normal $(w, -1) \ne 0$.",
)
def the_graph_has_a_normal() -> None:
    w, x, b, z = sympy.symbols("w x b z")
    assert [sympy.diff(w * x + b - z, each) for each in (x, z)] == [w, -1]


@evaluates(
    "C3",
    "As w becomes smaller the line on which w·x − 1 is 0 moves away, and for w = 0 it is gone. The graph "
    "stays a line, also for w = 0.",
    "Left: three parallel lines, each twice as far from the origin as the one before.",
)
def lines_of_the_figure_move_away() -> None:
    feet = [[Fraction(1) / (s * 5) * each for each in (1, 2)] for s in (1, Fraction(1, 2), Fraction(1, 4))]
    assert [float(2 * a) for a, _ in feet[:2]] == [float(a) for a, _ in feet[1:]]
    assert set(lines(figures.vanishing_weights, 1)["w = 0"][1]) == {-1.0}


# C4


@evaluates(
    "C4",
    "In general position $n$ lines cut the plane into $1 + n + n(n-1)/2$ parts: «» for four of them.",
    "Four parallel lines cut it into «», four lines through one point, as nodes without a bias have, into «».",
    "Four lines cut the plane into «» regions, the most that are possible, when they lie in general "
    "position, into «» when they pass "
    "through one point, as without biases, and into «» when they are parallel.",
    "with numbered regions: «» of them, «» of them, and «» strips.",
    counterexample=True,
)
def regions_of_four_lines() -> tuple[int, ...]:
    general, central, parallel = (len(arrangement_regions(n, b)) for _, n, b in figures.ARRANGEMENTS)
    assert general == 1 + 4 + 4 * 3 // 2 == most_regions(4, 2)
    return (general, parallel, central, general, central, parallel, general, central, parallel)


@evaluates(
    "C4",
    r"$$\# \text{regions} \le \sum_{k=0}^{d} \binom{n}{k},$$ with equality if and only if the hyperplanes are "
    r"in general position: "
    r"any $d$ of them meet in one point (when $n < d$, the normals are independent), no $d + 1$ do. Through the origin "
    r"$$\# \text{regions} \le 2 \sum_{k=0}^{d-1} \binom{n-1}{k},$$ with equality if and only if any $\min(n, "
    r"d)$ of the normals are independent.",
)
def counts_of_small_arrangements() -> None:
    generator = np.random.default_rng(0)
    for d, n in ((1, 3), (2, 2), (2, 3), (2, 4), (3, 3), (3, 2)):
        for _ in range(12):
            normals = generator.integers(-2, 3, size=(n, d)).tolist()
            if not all(map(any, normals)):
                continue
            offsets = generator.integers(-2, 3, size=n).tolist()
            count, most = len(arrangement_regions(normals, offsets)), sum(comb(n, k) for k in range(d + 1))
            assert count <= most == most_regions(n, d)
            assert (count == most) == in_general_position(normals, offsets)
            central, most = len(arrangement_regions(normals, [0] * n)), 2 * sum(comb(n - 1, k) for k in range(d))
            assert central <= most == most_central_regions(n, d)
            independent = all(np.linalg.matrix_rank(rows) == min(n, d) for rows in _subsets(normals, min(n, d)))
            assert (central == most) == independent


def _subsets(rows: list[list[int]], size: int) -> list[Any]:
    return [np.array(chosen) for chosen in permutations(rows, size)]


# C5


@evaluates(
    "C5",
    r"$$(xW_1 + b_1) W_2 + b_2 \allowbreak = x (W_1 W_2) + (b_1 W_2 + b_2),$$",
)
def two_affine_layers_are_one() -> None:
    W, b = fractions([[1, 2, -1], [0, 3, 5]]), fractions([1, -2, 4])
    V, c = fractions([[2], [-1], [7]]), fractions([3])
    assert (affine(exact, affine(exact, CORNERS, W, b), V, c) == affine(exact, CORNERS, W @ V, b @ V + c)).all()


@evaluates(
    "C5",
    "the best it can do is to answer «» to everything, with a mean squared error of «»",
    r"$$\min_{w, b} \ \frac{1}{4} \sum_{x \in \{0, 1\}^2} (w \cdot x + b - \operatorname{xor}(x))^2 "
    r"\allowbreak = \frac{1}{4} \quad "
    r"\text{at } w = 0,\ b = \frac{1}{2},$$",
)
def best_affine_fit_to_xor() -> tuple[Any, Any]:
    p, q, b = sympy.symbols("p q b", real=True)
    loss = sum((p * x + q * y + b - (x ^ y)) ** 2 for x, y in product((0, 1), repeat=2)) / 4
    (best,) = sympy.solve([sympy.diff(loss, each) for each in (p, q, b)], [p, q, b], dict=True)
    assert (best[p], best[q]) == (0, 0)
    assert sympy.hessian(loss, (p, q, b)).is_positive_definite
    assert (best[b], loss.subs(best)) == (sympy.Rational(1, 2), sympy.Rational(1, 4))
    return best[b], loss.subs(best)


@evaluates(
    "C5", "A single ReLU, or any monotone unit, cannot do it either", "the least mean squared error of one is «»"
)
def best_monotone_fit_to_xor() -> Fraction:
    """Every order of the four corners by w·x, with ties, and the isotonic fit along it, rising or falling."""
    losses = []
    for w in product(range(-3, 4), repeat=2):
        levels = sorted({w[0] * x + w[1] * y for x, y in product((0, 1), repeat=2)})
        groups = [[x ^ y for x, y in product((0, 1), repeat=2) if w[0] * x + w[1] * y == level] for level in levels]
        losses += [_isotonic(groups), _isotonic(groups[::-1])]
    return min(losses)


def _isotonic(groups: list[list[int]]) -> Fraction:
    """The least mean squared error of a nondecreasing function of the groups: neighbours that fall are pooled."""
    blocks: list[list[int]] = []
    for group in groups:
        blocks.append(list(group))
        while len(blocks) > 1 and Fraction(sum(blocks[-2]), len(blocks[-2])) > Fraction(
            sum(blocks[-1]), len(blocks[-1])
        ):
            blocks[-2:] = [blocks[-2] + blocks[-1]]
    return sum((y - Fraction(sum(block), len(block))) ** 2 for block in blocks for y in block) * Fraction(1, 4)


@evaluates(
    "C5",
    "the book's network folds the plane so that (0, 1) and (1, 0) become one point, after which a line "
    "separates the classes.",
    r"while $h = \operatorname{relu}(x_1 + x_2, x_1 + x_2 - 1)$ and $y = h_1 - 2 h_2$ give $y = "
    r"\operatorname{xor}(x)$.",
    "The hidden units fold the plane, so that (0, 1) and (1, 0) become one point, and then a line does.",
    "Left: circles at (0, 0) and (1, 1), squares at (0, 1) and (1, 0). Right: circles at («», «») and («», "
    "«»), one square for both at («», «»)",
)
def the_book_s_network_folds() -> tuple[Any, ...]:
    hidden, last = trace(exact, *BOOK, CORNERS)
    assert last.h[:, 0].tolist() == [0, 1, 1, 0]
    (a, b, c, d) = hidden.h.tolist()
    assert b == c
    assert [2 * (h1 - 2 * h2) - 1 > 0 for h1, h2 in (a, b, d)] == [False, True, False]
    return (*a, *d, *b)


@evaluates("C5", "The four points of XOR: in the input space no line separates the classes.")
def no_line_separates_xor() -> None:
    """(0, 0) and (1, 1) have the middle of (0, 1) and (1, 0), so that no affine function separates the pairs."""
    assert (CORNERS[0] + CORNERS[3] == CORNERS[1] + CORNERS[2]).all()
