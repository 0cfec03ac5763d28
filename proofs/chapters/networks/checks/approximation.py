"""What evaluates the pages of C6 and C7: width, and depth."""

from __future__ import annotations

from fractions import Fraction
from math import comb
from typing import Any

import numpy as np
import sympy

from ffn.constructions.folding import square, tent
from ffn.constructions.interpolation import chord_error, interpolate, interpolate_points
from ffn.constructions.maxout import best_square
from ffn.constructions.regions import linear_pieces, montufar_regions, most_deep_regions
from ffn.network.forward import affine, trace
from ffn.numbers.exact import exact
from proofs.chapters.code_on_fractions import fractions
from proofs.chapters.evaluation import evaluates, lines
from proofs.chapters.networks.figures import approximation as figures
from proofs.chapters.networks.figures.approximation import error_on_the_square, on_knots

x, h, left = sympy.symbols("x h left", real=True)


@evaluates("C6", "with $n + 1$ pieces at the most", "One hidden layer with $n$ ReLUs is piecewise linear")
def one_layer_has_no_more_pieces() -> None:
    generator = np.random.default_rng(0)
    for n in range(1, 6):
        knots = sorted(set(map(int, generator.integers(-20, 20, size=n + 1))))
        net = interpolate(knots, [int(v) for v in generator.integers(-5, 6, size=len(knots))])
        units = net[0].hidden[0].units
        assert len(linear_pieces(*net, -100, 100)) <= units + 1


@evaluates(
    "C6",
    r"Chords of length $h$ miss a function by at most $h^2 M/8$ when $|f''| \le M$, and a parabola by exactly that",
    r"$$\sup_{[a, b]} |f - I_n f| \le \frac{h^2 M}{8}, \qquad h = \frac{b - a}{n}, \quad |f''| \le M,$$ with "
    r"equality for $f = x^2$",
    "twice as many units, a quarter of the error. Lines placed",
    "Twice as many units, a quarter of the error: on x² the n chords err by 1/(4n²), and the best n pieces "
    "by half of that.",
    "do twice as well as chords on $x^2$, but no choice of weights changes the rate $n^{-2}$",
)
def chords_of_functions_with_a_bounded_curvature() -> None:
    chord = (x - left) * (left + h - x)  # chord − x², largest in the middle
    assert sympy.simplify(chord.subs(x, left + h / 2) - h**2 / 4) == 0
    assert chord_error(2, Fraction(1, 3)) == Fraction(2, 9) / 8
    for n in (1, 2, 4, 8):
        assert error_on_the_square(on_knots(n, best=False)) == Fraction(1, 4 * n * n)
        assert error_on_the_square(on_knots(n, best=True)) == Fraction(1, 8 * n * n)
    t = np.linspace(0, 1, 2001)  # sin: |f''| ≤ 1
    for n in (1, 3, 10):
        knots = np.linspace(0, 1, n + 1)
        assert np.abs(np.interp(t, knots, np.sin(knots)) - np.sin(t)).max() <= (1 / n) ** 2 / 8


@evaluates("C6", r"with a modulus of continuity $\omega$ in place of $f''$ the bound is $\omega(h)$")
def chords_of_a_root() -> None:
    t = np.linspace(0, 1, 2001)
    for n in (1, 4, 25):
        knots = np.linspace(0, 1, n + 1)
        assert np.abs(np.interp(t, knots, np.sqrt(knots)) - np.sqrt(t)).max() <= np.sqrt(1 / n)


@evaluates(
    "C6",
    r"For $x^2$ on an interval of length $L$, every network with one hidden layer of $n$ ReLUs has $$\sup |f "
    r"- x^2| \ge \frac{L^2}{8 (n + 1)^2},$$",
    "and for even $n$ some network reaches it on $[-n - 1, n + 1]$.",
)
def no_layer_does_better_on_the_square() -> None:
    """On one piece of length l the best line errs by l²/8, and one of n + 1 pieces has length L/(n + 1) or more."""
    a = sympy.Symbol("a")
    line = (2 * a + h) * x - a * (a + h) - h**2 / 8
    values = [(line - x**2).subs(x, at) for at in (a, a + h / 2, a + h)]
    assert [sympy.simplify(each / h**2) for each in values] == [
        -sympy.Rational(1, 8),
        sympy.Rational(1, 8),
        -sympy.Rational(1, 8),
    ]
    for n in (2, 4, 6):
        best = best_square(-n - 1, n + 1, n + 1)
        # n + 1 pieces, one of them level, in the middle: each of the n kinks is a relu to one side or the other
        assert best.slopes[n // 2] == 0
        L = 2 * (n + 1)
        assert max(abs(best(t) - t * t) for t in map(Fraction, range(-n - 1, n + 2))) == Fraction(
            L * L, 8 * (n + 1) ** 2
        )


@evaluates(
    "C6",
    r"Any values at $n$ different points of $\mathbb{R}^d$ are taken by $n$ ReLUs with one common weight "
    r"vector, $2n + d$ numbers in all.",
)
def points_are_met() -> None:
    points, values = [(0, 0), (1, 2), (2, -1), (1, 3)], [5, -2, 0, 7]
    network, parameters = interpolate_points(points, values)
    assert trace(exact, network, parameters, fractions(points))[-1].h[:, 0].tolist() == values
    (W, _), (_, c) = parameters
    assert network.hidden[0].units <= len(points)
    assert all((W[:, j] == W[:, 0]).all() for j in range(W.shape[1]))
    assert not c.any()


@evaluates(
    "C6",
    r"one tanh unit is $\tanh$ exactly, and no ReLU network is",
    "The target is not itself affine, and there are units enough.",
    counterexample=True,
)
def tanh_is_not_piecewise_linear_and_an_affine_target_needs_no_relu() -> None:
    bends = sympy.diff(sympy.tanh(x), x, 2)
    assert sympy.solveset(bends, x, sympy.S.Reals) == {0}
    at = fractions([[-1], [0], [2], [5]])
    by_relus = trace(exact, *interpolate([0, 1], [1, 4]), at[1:])[-1].h
    assert (by_relus == affine(exact, at, fractions([[3]]), fractions([1]))[1:]).all()


@evaluates(
    "C6",
    "More accurate than an affine map is every width from two on.",
    "Left: x² with chords of one, two and four pieces.",
    "both errors over the number of units on logarithmic axes, two parallel lines that fall by two decades "
    "for one decade of units, and a level line at «»",
)
def errors_of_the_figure() -> str:
    drawn = lines(figures.width_and_error, 1)
    (widths, chords), (_, best), (_, level) = drawn["chords"], drawn["best pieces"], drawn["best affine map"]
    affine = level[0]
    assert [width for width, error in zip(widths, chords, strict=True) if error < affine] == [
        2 * w for w in widths[:-1]
    ]
    assert np.allclose(np.diff(np.log(chords)) / np.diff(np.log(widths)), -2)
    assert np.allclose(chords / best, 2)
    return str(Fraction(affine))


# C7


@evaluates(
    "C7",
    "the tent map composed $k$ times has $2^k$ pieces on $[0, 1]$ with $2k$ units, and crosses 1/2 in each "
    "of them, where one layer of $2k$ units has at most $2k + 1$ pieces",
    r"With $T(x) = 2\operatorname{relu}(x) - 4\operatorname{relu}(x - \frac{1}{2})$,",
    "$T^s$ being $T$ composed $s$ times.",
    "Left: each tent doubles the pieces.",
    "Left: zigzags with «», «» and «» pieces.",
)
def pieces_of_tents() -> tuple[int, ...]:
    for k in range(1, 6):
        net = tent(k)
        pieces = linear_pieces(*net, 0, 1)
        assert len(pieces) == 2**k
        assert sum(layer.units for layer in net[0].hidden) == 2 * k
        for i in range(2**k):
            ends = trace(exact, *net, fractions([[Fraction(i, 2**k)], [Fraction(i + 1, 2**k)]]))[-1].h[:, 0]
            assert min(ends) < Fraction(1, 2) < max(ends)
    at = fractions([[Fraction(i, 8)] for i in range(9)])
    tents = 2 * np.maximum(at, 0) - 4 * np.maximum(at - Fraction(1, 2), 0)
    assert (trace(exact, *tent(1), at)[-1].h == tents).all()
    return tuple(len(linear_pieces(*tent(k), 0, 1)) for k in (1, 2, 3))


@evaluates(
    "C7",
    "each further layer of three units divides the error by exactly «»",
    r"$$f_m = x - \sum_{s=1}^{m} \frac{T^s(x)}{4^s}, \qquad \max_{[0, 1]} |f_m - x^2| = 4^{-(m+1)},$$",
    "with up to four layers a single layer of as many units can do at least as well, from five layers on none does",
    "Middle: three units a layer bring the error for x² to $4^{-(m+1)}$, which no single layer matches from "
    "«» units on.",
    "over the number of units a straight falling line crosses a flatter curve between «» and «» units",
    counterexample=True,
)
def depth_against_width_on_the_square() -> tuple[int, ...]:
    deep = {3 * m: error_on_the_square(square(m)) for m in range(1, 8)}
    assert all(error == Fraction(1, 4 ** (units // 3 + 1)) for units, error in deep.items())
    at = fractions([[Fraction(i, 16)] for i in range(17)])
    tents = [trace(exact, *tent(s), at)[-1].h / 4**s for s in (1, 2, 3)]
    assert (trace(exact, *square(3), at)[-1].h == at - sum(tents)).all()
    shallow = {units: Fraction(1, 8 * (units + 1) ** 2) for units in deep}  # no layer errs by less, see C6
    worse = [units for units in deep if shallow[units] > deep[units]]
    assert worse == [units for units in deep if units >= 15]
    assert error_on_the_square(on_knots(12, best=True)) <= deep[12]
    ratio = deep[3] / deep[6]
    assert ratio == int(ratio)
    return int(ratio), worse[0], worse[0] - 3, worse[0]


@evaluates(
    "C7",
    r"$$\binom{n}{d}^{d(l-1)} n^d, \qquad \text{where} \qquad \Bigl(\frac{n}{d}\Bigr)^{d(l-1)} n^d$$",
    "for two layers of 32 units on two inputs it says «» (its binomial coefficient is «»), while no such "
    "network has more than «» regions; Montúfar's count by folding is «»",
    "Right: for two layers of 32 units on 2 inputs the formula with a binomial coefficient says about «» "
    "times as many regions as there can be.",
    "four bars on a logarithmic axis, «», «», «» and «»",
)
def regions_of_two_layers() -> tuple[int, ...]:
    n, d, depth = 32, 2, 2
    binomial = comb(n, d) ** (d * (depth - 1)) * n**d
    most, folded = most_deep_regions((n, n), d), montufar_regions((n, n), d)
    quotient = (n // d) ** (d * (depth - 1)) * n**d
    return binomial, comb(n, d), most, folded, int(round(binomial / most, -2)), folded, quotient, most, binomial


@evaluates(
    "C7",
    r"For relu networks with $L$ layers of $n_1, \dots, n_L \ge n_0$ units on $n_0$ inputs, the largest "
    r"number of linear regions lies between "
    r"$$\prod_{i<L} \left\lfloor \frac{n_i}{n_0} \right\rfloor^{n_0} \sum_{j \le n_0} \binom{n_L}{j} \qquad "
    r"\text{and} \qquad "
    r"\prod_{i \le L} \sum_{j \le n_0} \binom{n_i}{j}.$$",
)
def bounds_on_linear_regions() -> None:
    for widths, inputs in (((4, 4), 2), ((3, 5, 4), 1), ((6, 7), 3)):
        *lower, last = widths
        sums = [sum(comb(n, j) for j in range(inputs + 1)) for n in widths]
        product: Any = 1
        for n in lower:
            product *= (n // inputs) ** inputs
        assert montufar_regions(widths, inputs) == product * sum(comb(last, j) for j in range(inputs + 1))
        assert most_deep_regions(widths, inputs) == np.prod(sums)
        assert montufar_regions(widths, inputs) <= most_deep_regions(widths, inputs)
