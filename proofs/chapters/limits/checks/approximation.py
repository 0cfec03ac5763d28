"""What evaluates the pages of C38, C39 and C46: what networks approximate, and what they fit too well."""

from __future__ import annotations

from fractions import Fraction
from math import comb
from typing import Any

import mpmath
import numpy as np
import sympy

from ffn import reference
from ffn.constructions.interpolation import interpolate
from ffn.network.forward import output
from ffn.numbers.exact import exact
from proofs.chapters.code_on_floats import outputs
from proofs.chapters.code_on_fractions import column
from proofs.chapters.evaluation import evaluates, lines
from proofs.chapters.limits.figures import limits as figures
from proofs.chapters.limits.figures import overfitting
from proofs.chapters.limits.figures.limits import one_layer

x = sympy.Symbol("x", real=True)
BEST = sympy.Rational(3, 16) * ((x + 1) ** 2 - (x - 1) ** 2)
TANH = one_layer("tanh", [0.25, 0.5], [0.0, 0.0], [64.0, -32.0])

# C38


@evaluates(
    "C38",
    r"units $(wx + b)^2$ add up to a quadratic, however many there are, and no quadratic is closer to $x^3$ "
    r"on $[-1, 1]$ than $1/4$",
    "Two units reach that",
    r"For all $n$ and all $w, b, v$ $$\max_{x \in [-1, 1]} \Bigl| \sum_{i \le n} v_i (w_i x + b_i)^2 - x^3 "
    r"\Bigr| \ge \frac{1}{4},$$ with equality for $\frac{3}{16} ((x + 1)^2 - (x - 1)^2)$: "
    r"the functional $-\frac{1}{6} f(-1) + \frac{1}{3} f(-\frac{1}{2}) - \frac{1}{3} f(\frac{1}{2}) + "
    r"\frac{1}{6} f(1)$ is 0 on quadratics and $\frac{1}{4}$ on $x^3$, and its weights have sizes that sum to 1.",
    "Squares of any width stay «» away from x³: the best of them swings four times between ±«».",
    "that of squares touches −1/4 and 1/4 alternately",
    counterexample=True,
)
def squares_stay_a_quarter_away() -> tuple[Any, Any]:
    places = [sympy.Rational(k, 2) for k in (-2, -1, 1, 2)]
    weights = [sympy.Rational(*each) for each in ((-1, 6), (1, 3), (-1, 3), (1, 6))]
    on_powers = [sum(c * at**k for c, at in zip(weights, places, strict=True)) for k in range(4)]
    assert on_powers == [0, 0, 0, sympy.Rational(1, 4)]
    assert sum(map(abs, weights)) == 1
    error = sympy.expand(BEST - x**3)
    assert [error.subs(x, at) for at in places] == [sympy.Rational(k, 4) for k in (1, -1, 1, -1)]
    assert set(sympy.solve(sympy.diff(error, x), x)) == {-sympy.Rational(1, 2), sympy.Rational(1, 2)}
    return sympy.Rational(1, 4), sympy.Rational(1, 4)


@evaluates(
    "C38",
    "Two tanh units already come closer to $x^3$ than $1/4$.",
    r"$$\Bigl| 32 \Bigl( 2 \tanh \frac{x}{4} - \tanh \frac{x}{2} \Bigr) - x^3 \Bigr| < \frac{1}{4} \ "
    r"\text{on}\ [-1, 1].$$",
    r"Two tanh units err by «.3f» at the most, and yet the squares are closer for $«.3f» \le |x| \le «.3f»$: "
    r"at $|x| = \sqrt{3}/2$ they are exact.",
)
def two_tanh_units_on_the_cube() -> tuple[float, ...]:
    def tanh(at: Any) -> Any:
        return 32 * (2 * mpmath.tanh(at / 4) - mpmath.tanh(at / 2)) - at**3

    grid = np.linspace(-1, 1, 4001)
    errors = np.array([abs(float(tanh(at))) for at in grid])
    # the error falls on [0, 1], as its derivative 16(sech²(x/4) − sech²(x/2)) − 3x² is negative there
    assert all(16 * (mpmath.sech(at / 4) ** 2 - mpmath.sech(at / 2) ** 2) < 3 * at**2 for at in grid[grid > 0.01])
    assert errors.max() == errors[-1] < 0.25
    assert np.allclose(outputs(*TANH, grid) - grid**3, [float(tanh(at)) for at in grid], atol=1e-12)
    assert sympy.simplify((BEST - x**3).subs(x, sympy.sqrt(3) / 2)) == 0
    squares = np.abs(0.75 * grid - grid**3)
    closer = grid[(squares < errors) & (grid > 0)]
    return float(errors.max()), float(closer[0]), float(closer[-1])


@evaluates("C38", "The biases are needed too: without them a relu network is «» at «».", counterexample=True)
def without_biases() -> tuple[int, int]:
    network, (hidden, last) = interpolate([0, 1, 2], [3, 1, 4])
    nothing = ((hidden[0], 0 * hidden[1]), (last[0], 0 * last[1]))
    return int(output(exact, network, nothing, column(0)).item()), 0


@evaluates(
    "C38",
    "two layers of two squares are $x^3$ exactly",
    r"In $d$ variables the functions $(w \cdot x + b)^m$ span at most $\binom{m + d}{d}$ dimensions.",
)
def depth_and_dimensions_of_powers() -> None:
    first = [
        (x + sympy.Rational(1, 2)) ** 2 - sympy.Rational(1, 4),
        (x - sympy.Rational(1, 2)) ** 2 - sympy.Rational(1, 4),
    ]
    assert sympy.expand((first[0] ** 2 - first[1] ** 2) / 4) == x**3
    generator = np.random.default_rng(0)
    for d, m in ((1, 2), (2, 2), (2, 3)):
        points, units = generator.integers(-4, 5, size=(30, d)), generator.integers(-4, 5, size=(d + 1, 25))
        features = (points @ units[:d] + units[d]) ** m
        assert np.linalg.matrix_rank(features.astype(float)) <= comb(m + d, d)


@evaluates(
    "C38",
    "With relu units the error falls with their number.",
    "Left: three error curves on [−1, 1];",
    "those of two tanh and of six relu units stay inside. Right: largest error over the number of units, "
    "constant at «» for squares, falling for relu.",
)
def errors_of_relu_units() -> str:
    left, right = (lines(figures.stuck_at_a_quarter, panel) for panel in (0, 1))
    assert all(np.abs(left[name][1]).max() < 0.25 for name in ("2 tanh units", "6 relu units"))
    assert (np.diff(right["relu"][1]) < 0).all()
    (level,) = set(right["z²"][1])
    return str(Fraction(level))


# C39


@evaluates(
    "C39",
    "a ramp of slope $n$ has the distance $(3n)^{-1/2}$ in mean square, which falls below every bound and is never 0",
    r"$$\int_{-1}^{1} \bigl( \operatorname{relu}(nx) - \operatorname{relu}(nx - 1) - \mathbf{1}[x \ge 0] "
    r"\bigr)^2 \, dx = \frac{1}{3n},$$",
    counterexample=True,
)
def distance_of_a_ramp() -> None:
    n = sympy.Symbol("n", positive=True)
    distance = sympy.integrate((n * x - 1) ** 2, (x, 0, 1 / n))
    assert distance == 1 / (3 * n)
    assert sympy.limit(distance, n, sympy.oo) == 0
    assert distance.is_positive


@evaluates(
    "C39",
    r"while every network $\sum_i v_i \operatorname{relu}(w_i x + b_i) + c$ with $s = \sum_i |v_i w_i| \ge "
    r"\frac{1}{2}$ has at least $\frac{1}{12 s}$, and next to the step an error of "
    r"$\frac{1}{2}$ or as near to it as wanted",
)
def distance_that_slopes_leave() -> None:
    """A function with slopes up to s leaves |f − step| ≥ ½ − sx on one side of every x > 0, or as much in the mean."""
    s = sympy.Symbol("s", positive=True)
    assert (
        sympy.simplify(2 * sympy.integrate((sympy.Rational(1, 2) - s * x) ** 2, (x, 0, 1 / (2 * s))) - 1 / (12 * s))
        == 0
    )
    generator = np.random.default_rng(0)
    t = np.linspace(-1, 1, 20001)
    for _ in range(30):
        w, b, v, c = *generator.normal(size=(3, 4)), generator.normal()
        f = np.maximum(np.outer(t, w) + b, 0) @ v + c
        slopes = max(np.abs(v * w).sum(), 0.5)
        assert np.trapezoid((f - (t >= 0)) ** 2, t) >= 1 / (12 * slopes) - 1e-3
        assert max(abs(f[10000] - 1), abs(f[9999])) >= 0.5 - slopes * 1e-4


@evaluates("C39", r"$$\Bigl| \frac{\sigma(x + h) - \sigma(x - h)}{2h} - \sigma'(x) \Bigr| \le \frac{h^2}{48} .$$")
def slope_of_sigmoid_as_a_limit() -> None:
    """Central differences err by h²/6 times the largest |σ‴|, which is 1/8."""
    at = np.linspace(-8, 8, 161)
    for h in (1.0, 0.1, 0.01):
        difference = (reference.activation("sigmoid", at + h) - reference.activation("sigmoid", at - h)) / (2 * h)
        assert np.abs(difference - reference.slope("sigmoid", at)).max() <= h**2 / 48 + 1e-13


@evaluates(
    "C39",
    r"Two ReLUs come as close to a step as wanted, but only with ever larger weights: at slope n the distance "
    r"is $(3n)^{-1/2}$, and with slopes up to n none is below $(12n)^{-1/2}$. There is no best pair.",
    "Left: ramps with slopes «», «» and «», ever nearer to a step.",
)
def ramps_of_the_figure() -> tuple[int, ...]:
    left = lines(figures.step_in_the_limit, 0)
    weights, distances = next(iter(lines(figures.step_in_the_limit, 1).values()))
    assert np.allclose(distances, 1 / np.sqrt(3 * np.asarray(weights)), rtol=1e-6)
    slopes = tuple(int(label.removeprefix("n = ")) for label in left if label.startswith("n ="))
    for n in slopes:
        _, ramp = left[f"n = {n}"]
        assert abs(np.diff(ramp).max() / np.diff(left[f"n = {n}"][0])[0] - n) < 1e-6
    return slopes


# C46


@evaluates(
    "C46",
    r"$r$ independent features on average lower the mean squared error in training to $(1 - r/n) \sigma^2$, "
    r"and raise it "
    r"on new noise at the same points to $(1 + r/n) \sigma^2$. With $r = n$ all noise is fitted: "
    r"training shows an error of «», and the test $«» \sigma^2$.",
    r"With $P$ the projection on the span of $r$ independent features and noise $e$ of mean 0, variance "
    r"$\sigma^2$ and independent entries, $e'$ another such, $$\frac{1}{n} \operatorname{E} \lVert e - Pe \rVert^2 = "
    r"\Bigl(1 - \frac{r}{n}\Bigr) \sigma^2, \qquad \frac{1}{n} \operatorname{E} \lVert e' - Pe \rVert^2 = "
    r"\Bigl(1 + \frac{r}{n}\Bigr) \sigma^2 .$$",
    "Right: fitted to noise at eight points, each independent feature takes «» from the error in training "
    "and adds «» in the test.",
    "Right: two straight lines that part from «», one down to «» and one up to «», with dots on both.",
)
def errors_by_rank() -> tuple[Any, ...]:
    for rank in range(9):
        trained, tested = overfitting.errors_of_rank(rank)
        assert np.allclose((trained, tested), (1 - rank / 8, 1 + rank / 8))
    generator = np.random.default_rng(0)
    X = generator.normal(size=(5, 2))
    P = X @ np.linalg.inv(X.T @ X) @ X.T  # E‖Pe‖² is the trace of P, for any noise of variance 1
    assert np.isclose(np.trace(P), 2)
    ends = [round(value) for value in overfitting.errors_of_rank(8)]
    return *ends, Fraction(1, 8), Fraction(1, 8), round(overfitting.errors_of_rank(0)[0]), *ends


@evaluates(
    "C46",
    "A network with one relu less than it has points does the same.",
    "Left: seven relus through eight noisy points of a line meet every point; the line does not, and is "
    "nearer the truth.",
)
def relus_through_noise() -> None:
    y, line, zigzag = overfitting.fits()
    network, _ = interpolate([int(p) for p in overfitting.POINTS], [float(v) for v in y])
    assert network.hidden[0].units == 7
    at, truth = [20 * int(p) for p in overfitting.POINTS], np.linspace(0, 7, 141) / 2
    assert np.allclose(zigzag[at], y)
    assert np.abs(line[at] - y).max() > 0.1
    assert np.mean((line - truth) ** 2) < np.mean((zigzag - truth) ** 2)


@evaluates(
    "C46",
    "Copies of a feature add parameters and leave the fit as it is.",
    "on the points of a parabola a straight line errs in training and in test",
    "The parameters are those of independent features, fitted without a penalty, and fewer would do.",
    counterexample=True,
)
def copies_and_too_few() -> None:
    t = np.arange(6.0)
    y = np.array([1.0, -1, 1, 1, -1, 1])
    once, twice = np.stack([t, t**0], 1), np.stack([t, t, t, t**0], 1)
    fits = [X @ np.linalg.lstsq(X, y, rcond=None)[0] for X in (once, twice)]
    assert np.allclose(fits[0], fits[1])
    parabola = t**2
    missed = once @ np.linalg.lstsq(once, parabola, rcond=None)[0] - parabola
    assert np.mean(missed**2) > 1
