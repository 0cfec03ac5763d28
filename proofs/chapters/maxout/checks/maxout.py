"""What evaluates the pages of C25 to C30: the maximum of pieces, and what it approximates."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from math import exp, sqrt
from typing import Any

import mpmath
import numpy as np
import sympy

from ffn.constructions.maxout import MaxAffine, best_square, difference_of_maxouts
from ffn.network.backward import maxout_vjp
from ffn.network.forward import LayerTrace
from ffn.network.maxout import maxout
from ffn.numbers.exact import exact
from proofs.chapters.code_on_floats import FLOATS
from proofs.chapters.code_on_fractions import fractions
from proofs.chapters.evaluation import drawn, evaluates, lines
from proofs.chapters.maxout.figures import maxout as figures
from proofs.chapters.maxout.figures.maxout import circle, error_on

SMALL = [tuple(map(Fraction, z)) for z in product((-2, 0, 1), repeat=3)]


def g(z: Any) -> Any:
    """The unit, by the code."""
    return maxout(exact, fractions([[list(z)]])).item()


# C25


@evaluates(
    "C25",
    r"With $g(z) = \max_{j \le k} z_j$: $$g(tz + (1 - t)w) \le t\,g(z) + (1 - t)\,g(w), \qquad |g(z) - g(w)| "
    r"\le \max_j |z_j - w_j|,$$",
)
def convex_and_no_more_than_its_pieces() -> None:
    for z, w in product(SMALL[::2], SMALL[::3]):
        assert abs(g(z) - g(w)) <= max(abs(a - b) for a, b in zip(z, w, strict=True))
        for t in (Fraction(1, 3), Fraction(3, 4)):
            assert g([t * a + (1 - t) * b for a, b in zip(z, w, strict=True)]) <= t * g(z) + (1 - t) * g(w)


@evaluates(
    "C25",
    r"and $s$ is a subgradient at $z$ exactly if $s_j \ge 0$, $\sum_j s_j = 1$ and $s_j = 0$ unless $z_j = g(z)$.",
    "shared out among them with weights that sum to 1",
    "leaky ReLU (of slope at most 1)",
    "The code takes the first winner.",
)
def subgradients_at_a_tie() -> None:
    z = (Fraction(1), Fraction(1), Fraction(0))
    probes = [tuple(map(Fraction, w)) for w in product((-30, 0, 1, 2, 30), repeat=3)]
    for s in (tuple(Fraction(k, 2) for k in each) for each in product(range(-1, 3), repeat=3)):
        below = all(max(w) >= max(z) + sum(a * (b - c) for a, b, c in zip(s, w, z, strict=True)) for w in probes)
        assert below == (min(s) >= 0 and sum(s) == 1 and s[2] == 0)
    tied = fractions([[list(z)]])
    step = LayerTrace(tied, tied, maxout(exact, tied))
    assert maxout_vjp(exact, step, fractions([[5]])).ravel().tolist() == [5, 0, 0]


@evaluates(
    "C25",
    "Left: three affine pieces and the unit, their maximum.",
    "Right: where two pieces tie, any line within the tint is a subgradient, for it stays below the maximum.",
    "The gradient given to both winners adds up to a steeper line, which leaves the tint and cuts above the maximum.",
    "Right: the maximum of x/2 and 2x; a line of slope 1/2 lies below it, a line of slope «» lies above it "
    "for positive x.",
)
def lines_at_the_tie() -> float:
    left, right = (lines(figures.pieces_and_ties, panel) for panel in (0, 1))
    pieces = [np.asarray(left[f"piece {j}"][1], float) for j in (1, 2, 3)]
    assert np.allclose(np.asarray(left["maximum"][1], float), np.max(pieces, axis=0))
    x = right["first winner: slope 0.5"][0]
    top = np.maximum(x / 2, 2 * x)
    assert (right["first winner: slope 0.5"][1] <= top).all()
    both = right["both winners: slope 2.5"][1]
    assert (both[x > 0] > top[x > 0]).all()
    return float(both[-1] / x[-1])


# C26


@evaluates(
    "C26",
    r"For a filter $w$ and a signal $x$, pooling is $\max_t \sum_s w_s x_{t + s}$, a maxout unit whose piece "
    r"$t$ has the weights $w$ moved by $t$. "
    r"If $t$ runs over all places of a circle, the maximum for the signal $x_{\cdot + 1}$ is the maximum for $x$.",
    "The pieces of the maxout unit are shifted copies of one filter.",
    "Left: the responses of one filter at each place of a circle move with the input, and their maximum stays.",
    "Right: so max pooling does not see a shift; a maxout of different filters does.",
    counterexample=True,
)
def pooling_is_blind_to_shifts() -> None:
    generator = np.random.default_rng(0)
    for _ in range(10):
        x, w = generator.integers(-4, 5, size=(2, 6)).astype(float)
        pooled = max(sum(w[s] * x[(t + s) % 6] for s in range(6)) for t in range(6))
        assert maxout(FLOATS, circle(x, [w] * 6)).item() == pooled
        assert maxout(FLOATS, circle(np.roll(x, 1), [w] * 6)).item() == pooled
    curves = lines(figures.pooling_and_maxout, 1)
    assert len(set(curves["max pooling: one filter"][1])) == 1
    assert len(set(curves["maxout: different filters"][1])) > 1


# C27 and C28

x, s, t, h = sympy.symbols("x s t h", real=True)


@evaluates(
    "C27",
    "the best maximum of $n$ affine functions errs by $L^2/(8n^2)$: three pieces on $[-1, 1]$ miss $x^2$ by "
    "«» at the most, and no three pieces do better: for an error below «» they are not enough",
    r"exactly if $L^2 \le 72\, \varepsilon$",
    r"With $L = r - l$ $$\min_{a, c}\ \sup_{x \in [l, r]} \Bigl| \max_{j \le n} (a_j x + c_j) - x^2 \Bigr| = "
    r"\frac{L^2}{8 n^2},$$ attained by pieces of equal length $h = L/n$, "
    "on $[s, t]$ the line $(s + t)x - st - h^2/8$.",
    counterexample=True,
)
def best_pieces_of_the_square() -> tuple[Any, Any]:
    error = ((s + t) * x - s * t - h**2 / 8 - x**2).subs(t, s + h)
    assert [sympy.simplify(error.subs(x, at) / h**2) * 8 for at in (s, s + h / 2, s + h)] == [-1, 1, -1]
    for n in range(1, 6):  # a line that errs less at three points of one piece does not exist, see the derivation
        assert abs(error_on(best_square(-1.0, 1.0, n), 1) - 1 / (2 * n * n)) < 1e-15
    best = best_square(Fraction(-1), Fraction(1), 3)
    third = Fraction(2, 3)
    assert (best.slopes[0], best.intercepts[0]) == (-1 - Fraction(1, 3), -Fraction(1, 3) - third**2 / 8)
    at = [Fraction(-1) + Fraction(k, 3) for k in range(7)]
    most = max(abs(best(p) - p * p) for p in at)
    assert most == Fraction(2**2, 72)
    return most, most


@evaluates("C27", "Tangents alone, or chords alone, err at least twice as much.")
def tangents_or_chords_alone() -> None:
    """A chord lies h²/4 above x² in its middle; two tangents meet h²/4 below it, h the distance of their points."""
    chord = (s + t) * x - s * t - x**2
    assert sympy.simplify(chord.subs(x, (s + t) / 2) - (t - s) ** 2 / 4) == 0
    tangent = 2 * s * x - s**2 - x**2
    assert sympy.simplify(tangent.subs(x, (s + t) / 2) + (t - s) ** 2 / 4) == 0
    assert sympy.solve(2 * s * x - s**2 - (2 * t * x - t**2), x) == [(s + t) / 2]


@evaluates(
    "C27",
    "On $e^x$ over $[0, 1]$ the error is about $«.4f»/n^2$.",
    r"$$n^2 E_n \to \frac{1}{16} \Bigl( \int_l^r \sqrt{f''(x)}\, dx \Bigr)^2,$$ which for $e^x$ on $[0, 1]$ "
    r"is $(\sqrt{e} - 1)^2/4$; there $n^2 E_n$ is within a factor "
    r"$(1 + (\sqrt{e} - 1)/n)^{\pm 2}$ of it.",
)
def best_pieces_of_the_exponential() -> float:
    limit = (sqrt(exp(1)) - 1) ** 2 / 4
    assert (
        sympy.simplify(sympy.integrate(sympy.exp(x / 2), (x, 0, 1)) ** 2 / 16 - (sympy.sqrt(sympy.E) - 1) ** 2 / 4) == 0
    )
    for n in (1, 2, 3, 6, 12):
        factor = (1 + (sqrt(exp(1)) - 1) / n) ** 2
        assert limit / factor <= n**2 * _least_error_on_exp(n) <= limit * factor
    return limit


def _least_error_on_exp(n: int) -> float:
    """n pieces that err alike: from the left each as long as the error allows, the error by bisection."""

    def end(error: float) -> float:
        at = 0.0
        for _ in range(n):
            start = at
            at = float(
                mpmath.findroot(
                    lambda stop, start=start: _of_one_piece(start, stop) - error,
                    (start + 0.01, start + 0.6),
                    solver="anderson",
                )
            )
        return at

    low, high = 1e-5, 1.0
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if end(middle) < 1 else (low, middle)
    return high


def _of_one_piece(start: Any, stop: Any) -> Any:
    """The least error of one line on e^x: half of the largest distance to the chord."""
    slope = (mpmath.exp(stop) - mpmath.exp(start)) / (stop - start)
    touch = mpmath.log(slope)
    return (mpmath.exp(start) + slope * (touch - start) - slope) / 2


@evaluates("C27", "On a grid an approximation can seem to beat the bound.")
def a_grid_misses_the_largest_error() -> None:
    best = best_square(Fraction(-1), Fraction(1), 3)
    lowered = MaxAffine(best.slopes, tuple(c - Fraction(1, 500) for c in best.intercepts))
    grid = [Fraction(2 * k + 1, 20) for k in range(-10, 10)]  # it misses the kinks and the ends
    assert max(abs(lowered(p) - p * p) for p in grid) < Fraction(1, 18)
    assert abs(lowered(Fraction(1, 3)) - Fraction(1, 9)) > Fraction(1, 18)


@evaluates(
    "C27",
    r"The best maximum of n affine functions on an interval of length 2, and how far it is from x²: the error "
    r"swings between the bounds $\pm 1/(2n^2)$, reached $2n + 1$ times.",
    "Left: x² on [−1, 1] with the best approximations of one, two and three pieces.",
    "that touch equal heights above and below zero: «», «» and «»",
)
def swings_of_the_error() -> tuple[Any, ...]:
    heights = []
    for n in (1, 2, 3):
        best = best_square(Fraction(-1), Fraction(1), n)
        at = [Fraction(-1) + Fraction(k, n) for k in range(2 * n + 1)]
        errors = [best(p) - p * p for p in at]
        assert errors == [(-1) ** (k + 1) * Fraction(1, 2 * n * n) for k in range(2 * n + 1)]
        heights.append(max(errors))
    assert set(lines(figures.square_by_pieces, 0)) == {"x²", "n = 1", "n = 2", "n = 3"}
    return tuple(heights)


@evaluates(
    "C28",
    "On $x^2$ twice the pieces leave a quarter of the error. On $-x^2$ one unit errs by $L^2/8$ whatever the "
    "number of its pieces; a single line does as well.",
    "Then $E_{n+1}(f) \\le E_n(f)$ for every $f$, and",
    r"$$E_n(x^2) = \frac{L^2}{8 n^2}, \qquad E_n(-x^2) = \frac{L^2}{8} \text{ for every } n.$$ The second: at "
    r"the middle a convex function is at most the mean of its end values, "
    "and there $-x^2$ lies $L^2/4$ above its chord.",
    "On −x² no number of pieces does better than one line, which errs by «» at the ends and in the middle.",
    "Left: x² with four pieces on it, −x² with a horizontal line at −1/2. Right: on logarithmic axes the "
    "error on x² falls with slope −2, that on −x² is flat at «».",
    "Four pieces follow x² closely.",
    "the error for x² is 1/(2n²) on [−1, 1], and no less",
    "it falls to 0 only if the target is convex",
    counterexample=True,
)
def a_concave_target() -> tuple[Any, Any]:
    assert sympy.simplify(-(((s + t) / 2) ** 2) - (-(s**2) - t**2) / 2 - (t - s) ** 2 / 4) == 0
    level = MaxAffine((Fraction(0),), (Fraction(-1, 2),))
    errors = {abs(level(p) + p * p) for p in (Fraction(-1), Fraction(0), Fraction(1))}
    assert errors == {Fraction(1, 2)}
    assert error_on(level, -1) == 2**2 / 8
    right = lines(figures.error_by_pieces, 1)
    n, falls = right["x²: a quarter for twice n"]
    assert np.allclose(falls, 1 / (2 * n**2))
    assert set(right["−x²: stays at 1/2"][1]) == {0.5}
    two = best_square(Fraction(0), Fraction(1), 2)
    repeated = MaxAffine((*two.slopes, two.slopes[1]), (*two.intercepts, two.intercepts[1]))
    assert all(repeated(p) == two(p) for p in (Fraction(k, 7) for k in range(8)))
    return Fraction(1, 2), Fraction(1, 2)


# C29 and C30


@evaluates(
    "C29",
    "on $-x^2$ two units with $n$ pieces each err by no more than $L^2/(8n^2)$: the first is 0, the second "
    "the best one for $x^2$",
    "it is convex, and stays $L^2/8$ away from $-x^2$",
    counterexample=True,
)
def two_units_on_a_concave_target() -> None:
    for n in (1, 2, 3, 5):
        best = best_square(Fraction(-1), Fraction(1), n)
        at = [Fraction(-1) + Fraction(k, n) for k in range(2 * n + 1)]
        assert max(abs(0 - best(p) + p * p) for p in at) == Fraction(4, 8 * n * n)
    assert error_on(MaxAffine((0.0,), (-0.5,)), -1) == 2**2 / 8


@evaluates(
    "C29",
    r"For knots $t_i$ and slope jumps $\Delta_i = \Delta_i^+ - \Delta_i^-$ with both parts at least 0, $$sx + "
    r"c + \sum_i \Delta_i \max(x - t_i, 0) \allowbreak = "
    r"\Bigl( sx + c + \sum_i \Delta_i^+ \max(x - t_i, 0) \Bigr) \allowbreak - \sum_i \Delta_i^- \max(x - t_i, 0),$$",
    "A function that bends up and down is the difference of two convex ones: the kinks where it bends up "
    "belong to the first, those where it bends down to the second.",
    "The tinted gap on the left is f on the right.",
)
def a_zigzag_as_a_difference() -> None:
    knots, values = [Fraction(k) for k in (-2, -1, 1, 2, 4)], [Fraction(v) for v in (0, 3, -1, 2, 2)]
    first, second = difference_of_maxouts(knots, values, 0, -1)
    assert [first(p) - second(p) for p in knots] == values
    for f in (first, second):
        assert all(2 * f((p + q) / 2) <= f(p) + f(q) for p, q in product(knots, knots))
    axes = drawn(figures.difference).axes
    assert len(axes) == 2
    (up, down), gap = [line.get_ydata() for line in axes[0].get_lines()[:2]], axes[1].get_lines()[0].get_ydata()
    assert np.allclose(np.abs(up - down), np.abs(gap), atol=1e-9)


@evaluates(
    "C30",
    r"A function of one variable is $\max_{j \le k}(a_j x + c_j)$ for some $a, c$ if and only if it is "
    r"convex, continuous and piecewise linear with at most $k$ pieces, that is at most $k - 1$ kinks.",
)
def kinks_of_a_maximum() -> None:
    generator = np.random.default_rng(0)
    for _ in range(20):
        k = int(generator.integers(1, 5))
        unit = MaxAffine(
            tuple(map(Fraction, generator.integers(-3, 4, size=k).tolist())),
            tuple(map(Fraction, generator.integers(-3, 4, size=k).tolist())),
        )
        at = [Fraction(p, 12) for p in range(-144, 145)]
        slopes = np.diff([unit(p) for p in at])
        assert (np.diff(slopes) >= 0).all()
        assert len({slope for slope in slopes if list(slopes).count(slope) > 1}) <= k


@evaluates(
    "C30",
    "so is a leaky ReLU steeper than 1 on the left",
    "Left: convex activations (wide) and the units of two pieces that equal them (dashed), moved apart by 1/2.",
    "Right: hard tanh lies above one of its chords, as no maximum of lines does; a difference of two units equals it.",
    "Right: hard tanh with a chord from −1 to 2 that runs below it",
    counterexample=True,
)
def activations_as_units() -> None:
    def hard_tanh(p: Any) -> Any:
        return max(-1, min(1, p))

    assert all(hard_tanh(p) >= -1 + (p + 1) * Fraction(2, 3) for p in (Fraction(k, 8) for k in range(-8, 17)))
    first, second = difference_of_maxouts(
        [Fraction(k) for k in (-2, -1, 1, 2)], [Fraction(v) for v in (-1, -1, 1, 1)], 0, 0
    )
    assert all(first(Fraction(k, 4)) - second(Fraction(k, 4)) == hard_tanh(Fraction(k, 4)) for k in range(-8, 9))

    def steep(p: Any) -> Any:
        return p if p > 0 else 2 * p

    assert 2 * steep(0) > steep(-1) + steep(1)
    for slopes, f in (((0, 1), lambda p: max(p, 0)), ((Fraction(1, 4), 1), lambda p: max(p, p / 4)), ((-1, 1), abs)):
        unit = MaxAffine(slopes, (0, 0))
        assert all(unit(Fraction(k, 3)) == f(Fraction(k, 3)) for k in range(-6, 7))
    assert len(drawn(figures.learned).axes[0].get_lines()) == 6
