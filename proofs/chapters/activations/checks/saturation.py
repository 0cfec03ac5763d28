"""What evaluates the pages of C13 to C16: ranges, slopes, depth."""

from __future__ import annotations

from fractions import Fraction
from math import log
from typing import Any

import mpmath
import numpy as np
import sympy

from ffn import reference
from proofs.chapters.activations.figures import saturation as figures
from proofs.chapters.activations.figures.saturation import true
from proofs.chapters.evaluation import drawn, evaluates, lines

x = sympy.Symbol("x", real=True)
SIGMOID = 1 / (1 + sympy.exp(-x))
s = sympy.Symbol("s", positive=True)  # σ(x): its derivatives are polynomials in it
SLOPES = [s * (1 - s)]
for _ in range(2):
    SLOPES.append(sympy.expand(sympy.diff(SLOPES[-1], s) * s * (1 - s)))
GRID = np.linspace(-30, 30, 1201)

# C13


@evaluates(
    "C13",
    r"$$0 < \sigma(x) < 1, \qquad \tanh x = 2\sigma(2x) - 1 \qquad (x \in \mathbb{R}).$$",
)
def range_of_sigmoid() -> None:
    assert sympy.limit(SIGMOID, x, sympy.oo) == 1
    assert sympy.limit(SIGMOID, x, -sympy.oo) == 0
    assert sympy.diff(SIGMOID, x).is_positive
    assert sympy.simplify((2 * SIGMOID.subs(x, 2 * x) - 1 - sympy.tanh(x)).rewrite(sympy.exp)) == 0


def first_one(name: str, near: float) -> float:
    """The first float64, to 1e-9, from which an activation of the code is 1."""
    low, high = near - 1, near + 1
    while high - low > 1e-9:
        middle = (low + high) / 2
        low, high = (low, middle) if reference.activation(name, np.array([middle]))[0] == 1 else (middle, high)
    return high


@evaluates(
    "C13",
    "In float64 the usual formula is exactly 1 from «.2f» on, and even the nearest float to σ(x) is 1 from «.2f» on.",
    r"With $p$ bits and $u = 2^{-p}$, $1/(1 + e^{-x})$ rounds to 1 from $x = p \log 2$ on, the correctly "
    r"rounded σ from $(p + 1) \log 2$ and tanh from $\frac{1}{2}(p + 2) \log 2$.",
    "So a test that asks a program for 0 < σ(x) < 1, or for a strict increase, asks for something false.",
    "exactly 1 from «» log 2 on, where the nearest float is 1 − u until «» log 2",
    "The program's staircase drops from 2 to 0 units at x = «.2f», that of the nearest floats from 1 to 0 at «.2f».",
)
def where_sigmoid_is_one() -> tuple[Any, ...]:
    assert abs(first_one("sigmoid", 36.7) - 53 * log(2)) < 1e-6
    for bits, below in ((53, 53 * log(2)), (54, 54 * log(2))):
        near = [float(value) for value in true("sigmoid", "value", np.array([below - 1e-6, below + 1e-6]))]
        assert (near[0] < 1, near[1] < 1) == (True, bits == 53)
    tanh = 55 * log(2) / 2
    assert [float(value) for value in true("tanh", "value", np.array([tanh - 1e-6, tanh + 1e-6]))] == [1 - 2**-53, 1]
    ends = 53 * log(2), 54 * log(2)
    return (*ends, 53, 54, *ends)


@evaluates(
    "C13",
    r"The shipped σ obeys $$0 \le \sigma(x) \le 1, \qquad |\sigma(x) + \sigma(-x) - 1| \le \tfrac{7}{4} u.$$",
    "that σ(x) and σ(−x) add up to 1 within two roundings",
    "with every operation rounded correctly $e/(1 + e)$ still falls between some neighbouring floats",
)
def sigmoid_in_floats() -> None:
    z = np.concatenate([GRID, np.linspace(-800, 800, 4001)])
    h, back = reference.activation("sigmoid", z), reference.activation("sigmoid", -z)
    assert ((h >= 0) & (h <= 1)).all()
    sums = [abs(Fraction(a) + Fraction(b) - 1) for a, b in zip(h.tolist(), back.tolist(), strict=True)]
    assert max(sums) <= Fraction(7, 4) / 2**53
    assert _falls_in_float16()


def _falls_in_float16() -> bool:
    """e/(1 + e), each operation rounded to nearest, on all neighbouring negative float16 of a stretch."""
    at = np.arange(-8192, 0, dtype=np.float64)[::1] / 1024  # all of them are float16
    e = np.array([np.float16(value) for value in np.exp(at)], dtype=np.float64)
    bottom = np.float16(1 + e).astype(np.float64)
    return bool((np.diff(np.float16(e / bottom)) < 0).any())


@evaluates(
    "C13",
    "1 − σ(x) near the right end of float64. Floats below 1 are u apart: the program goes in steps of 2u and is",
)
def steps_of_the_staircase() -> None:
    _, program = lines(figures.staircase)["program"]
    assert set(np.diff(np.unique(program[program < 4]))) == {2.0}
    assert 1 - np.nextafter(1, 0) == 2.0**-53


# C14


@evaluates(
    "C14",
    "The slope of σ is largest at 0, where it is «», and falls like $e^{-|x|}$: it lies between a quarter of "
    "that and all of it. tanh is steeper at 0, with slope «»",
    r"$$\tfrac{1}{4} e^{-|x|} \le \sigma'(x) < e^{-|x|}, \qquad \sigma'(x) \le \tfrac{1}{4}, \qquad \tanh'(x) "
    r"\le \min(1,\ 4 e^{-2|x|}),$$",
    "Left: σ′ on a logarithmic scale stays in the band between $e^{-|x|}/4$ and $e^{-|x|}$; tanh′ falls twice as fast.",
    "The lower bound and those on $\\sigma'$, $\\sigma'''$ and $\\tanh'$ are reached at 0",
    "$e^{-|x|}$ is only approached",
)
def envelopes_of_the_slopes() -> tuple[Any, Any]:
    e = sympy.Symbol("e", positive=True)  # e^−|x|, at most 1: σ′ = e/(1 + e)²
    ratio = 1 / (1 + e) ** 2  # σ′/e^−|x| falls from 1, which it does not reach, to ¼ at e = 1
    assert sympy.diff(ratio, e).is_negative
    assert (sympy.limit(ratio, e, 0), ratio.subs(e, 1)) == (1, sympy.Rational(1, 4))
    tanh = 4 * e**2 / (1 + e**2) ** 2  # tanh′ = 1 − tanh² by e^−|x|: below 4e², and rising to 1
    assert sympy.factor(4 * e**2 - tanh).is_positive
    assert tanh.subs(e, 1) == 1
    assert sympy.simplify((1 - sympy.tanh(x) ** 2).rewrite(sympy.exp) - tanh.subs(e, sympy.exp(-x))) == 0
    return sympy.Rational(1, 4), tanh.subs(e, 1)


@evaluates(
    "C14",
    r"$$|\sigma''(x)| \le \frac{\sqrt{3}}{18}, \qquad |\sigma'''(x)| \le \frac{1}{8}.$$",
    r"that on $\sigma''$ where $\sigma(x) = \frac{1}{2} \pm \frac{\sqrt{3}}{6}$",
)
def largest_second_and_third_derivative() -> None:
    for polynomial, bound in ((SLOPES[1], sympy.sqrt(3) / 18), (SLOPES[2], sympy.Rational(1, 8))):
        places = [at for at in sympy.solve(sympy.diff(polynomial, s), s) if 0 < at < 1]
        assert max(abs(sympy.simplify(polynomial.subs(s, at))) for at in places) == bound
    at = sympy.Rational(1, 2) + sympy.sqrt(3) / 6
    assert sympy.simplify(abs(SLOPES[1].subs(s, at))) == sympy.sqrt(3) / 18
    assert abs(SLOPES[2].subs(s, sympy.Rational(1, 2))) == sympy.Rational(1, 8)


def relative_errors(values: Any, at: Any) -> Any:
    exact = true("sigmoid", "slope", at)
    return np.array([float(abs(Fraction(v) / t - 1)) for v, t in zip(values.tolist(), exact, strict=True)])


@evaluates(
    "C14",
    "σ(1 − σ), the formula that most use, loses its digits on the right, because 1 − σ has lost them: 4 % at "
    "36, everything from 37 on",
    "$e/(1 + e)^2$ with $e = e^{-|x|}$ keeps them",
    "In floats the shipped slope is right within $13u$ relative, where it does not underflow",
    "Right: s(1 − s) loses its digits one after the other, $e/(1 + e)^2$ none.",
    "Right: the relative error of s(1 − s) rises from 1e-16 at 0 to 1 at 37; that of the other formula stays "
    "near 1e-16.",
)
def digits_of_the_slope() -> None:
    at = np.linspace(0.05, 38, 400)
    h = reference.activation("sigmoid", at)
    lost, kept = relative_errors(h * (1 - h), at), relative_errors(reference.slope("sigmoid", at), at)
    assert kept.max() <= 13 * 2**-53
    assert np.median(lost[at < 1]) < 1e-15
    near = np.linspace(35.95, 36.05, 101)
    h = reference.activation("sigmoid", near)
    assert (
        0.035 < np.median(relative_errors(h * (1 - h), near)) < 0.045
        or 0.035 < relative_errors(h * (1 - h), near).max() < 0.1
    )
    far = np.linspace(37, 38, 11)
    h = reference.activation("sigmoid", far)
    assert (relative_errors(h * (1 - h), far) == 1).all()


@evaluates("C14", "the slope of σ at «» in float64 is less exact than that: it is subnormal", counterexample=True)
def underflow_of_the_slope() -> int:
    slope = reference.slope("sigmoid", np.array([730.0]))
    assert 0 < slope[0] < np.finfo(np.float64).smallest_normal
    assert relative_errors(slope, np.array([730.0]))[0] > 13 * 2**-53
    return 730


@evaluates("C14", "two tents on a logarithmic scale, the one of tanh higher at 0 and twice as steep")
def slopes_of_the_figure() -> None:
    drawn = lines(figures.saturation, 0)
    (at, sigmoid), (_, tanh) = drawn["σ′"], drawn["tanh′"]
    assert tanh.max() > sigmoid.max()
    far = at > 8
    steepness = [np.diff(np.log(slope[far])).mean() / np.diff(at[far]).mean() for slope in (sigmoid, tanh)]
    assert np.allclose(steepness, [-1, -2], rtol=1e-3)


# C15


@evaluates(
    "C15",
    "slopes of at most «» and by its weights",
    r"$$\left\| \frac{\partial h_L}{\partial h_0} \right\|_2 \le 4^{-L} \prod_{l \le L} \| W_l \|_2.$$",
    "twenty layers with weight 1 leave at most $9.1 \\cdot 10^{-13}$ of it",
    "With weights of norm below 4 the gradient must shrink",
)
def bound_on_the_jacobian() -> Any:
    generator = np.random.default_rng(0)
    for _ in range(20):
        h, jacobian, bound = generator.normal(size=4), np.eye(4), np.float64(1)
        for _layer in range(5):
            W = generator.normal(size=(4, 4)) * 3
            h = reference.activation("sigmoid", W @ h)
            jacobian, bound = np.diag(h * (1 - h)) @ W @ jacobian, bound * np.linalg.norm(W, 2) / 4
        assert np.linalg.norm(jacobian, 2) <= bound * (1 + 1e-12)
    assert f"{0.25**20:.1e}" == "9.1e-13"
    return sympy.Rational(1, 4)


def stretch(w: Any) -> Any:
    """The length of the stretch on which |wσ′(wx)| ≥ 1."""
    return 2 / w * mpmath.log(w / 2 * (1 + mpmath.sqrt(1 - 4 / w)) - 1)


@evaluates(
    "C15",
    "its length is at most «.4f», at weight «.3f»",
    r"$|w \sigma'(wx + b)| \ge 1$ is possible for $|w| \ge 4$ alone, on an interval of length $$\frac{2}{|w|} "
    r"\log \Bigl( \frac{|w|}{2} \bigl( 1 + \sqrt{1 - 4/|w|} \bigr) - 1 \Bigr) \le «.4f».$$",
    "Right: a factor above 1 (shaded) needs w > 4, and the stretch is widest for w = «.3f».",
)
def stretch_where_gradients_do_not_shrink() -> tuple[float, ...]:
    w = mpmath.findroot(lambda at: mpmath.diff(stretch, at), 7)
    for weight in (4.5, 6.894, 20.0):  # the ends of the stretch, on the slope itself
        end = float(stretch(weight)) / 2
        assert abs(weight * reference.slope("sigmoid", np.array([weight * end]))[0] - 1) < 1e-9
    widest = float(stretch(w))
    assert all(stretch(weight) < widest for weight in np.linspace(4.1, 60, 300) if abs(weight - w) > 0.05)
    assert widest <= 0.4478
    return round(widest + 5e-5 - 1e-9, 4), float(w), 0.4478, float(w)


@evaluates(
    "C15",
    "a recurrent tanh at 0 with weight «» multiplies the gradient by «» in twelve steps",
    "The norms of the weights stay below a number that is less than 4.",
    counterexample=True,
)
def a_recurrent_tanh_explodes() -> tuple[int, int]:
    assert reference.slope("tanh", np.zeros(1))[0] == 1
    return 3, 3**12


@evaluates(
    "C15",
    "Left: the gradient through sigmoids at z = 0 goes with (w/4)ᴸ: it vanishes, stays or explodes.",
    "falling to 1e-12 for w = 1, level for w = 4 and rising for larger w",
    "bell curves, higher and narrower for larger w, and where they exceed 1",
)
def gradients_of_the_figure() -> None:
    for label, (depths, left) in lines(figures.depth_and_weights, 0).items():
        w = float(label.removeprefix("w = "))
        assert np.allclose(np.log(left), depths * log(w / 4), atol=1e-9)
    tops = [line.get_ydata().max() for line in drawn(figures.depth_and_weights).axes[1].get_lines()[:4]]
    assert np.allclose(tops, [0.25, 1, 6.894 / 4, 5], rtol=1e-3)


# C16


@evaluates(
    "C16",
    "Where it is not the slope is 0, and a unit of the first layer that is inactive on all data gets no "
    "gradient from them any more",
    "Right: half of the second moment is cut off, and has no slope.",
    "The slope is 1 on one side only.",
    r"$$\frac{\partial h_L}{\partial h_0} = (W_1 \cdots W_L)^\top \text{ along active units}; \qquad "
    r"\mathbb{E}\bigl[\operatorname{relu}(z)^2\bigr] = \frac{s^2}{2}$$",
    "relu keeps half of the second moment of a symmetric pre-activation",
)
def half_of_the_second_moment() -> None:
    z, spread = sympy.Symbol("z", real=True), sympy.Symbol("s", positive=True)
    density = sympy.exp(-(z**2) / (2 * spread**2)) / (spread * sympy.sqrt(2 * sympy.pi))
    assert sympy.simplify(sympy.integrate(z**2 * density, (z, 0, sympy.oo)) - spread**2 / 2) == 0
    for values in ((-3, -1, 1, 3), (-2, 2)):  # any symmetric distribution
        assert 2 * sum(max(v, 0) ** 2 for v in values) == sum(v * v for v in values)
    assert reference.slope("relu", np.array([-1.0, 2.0])).tolist() == [0, 1]


@evaluates(
    "C16",
    r"So independent symmetric weights with variance $2/d$ keep $\mathbb{E}[h^2]$ from layer to layer, $d$ "
    r"being the fan-in. Without symmetry they need not: "
    r"with weights that are proportional to 3 with probability 1/4 and to −1 with 3/4, and so scaled, one "
    r"input 1 gives $\mathbb{E}[h^2] = \frac{3}{2}$ in place of 1.",
    "and symmetric weights of variance 2/d make up for that",
    "Left: with weights of variance 2/d the mean of h² stays over twenty layers of relus; with half or twice "
    "of that it halves or doubles at each.",
    "rising for 4/d, level for 2/d, falling to 1e-6 for 1/d",
    counterexample=True,
)
def weights_that_keep_the_second_moment() -> None:
    skew = {Fraction(3): Fraction(1, 4), Fraction(-1): Fraction(3, 4)}
    assert sum(p * w for w, p in skew.items()) == 0
    scale = 2 / sum(p * w * w for w, p in skew.items())  # of w²: to variance 2/d, d = 1
    assert sum(p * max(w, Fraction(0)) ** 2 for w, p in skew.items()) * scale == Fraction(3, 2)
    even = {Fraction(-1): Fraction(1, 2), Fraction(1): Fraction(1, 2)}
    assert sum(p * max(w, Fraction(0)) ** 2 for w, p in even.items()) * 2 == 1
    moments = {label: np.array(line[1]) for label, line in lines(figures.second_moments).items()}
    assert 0.3 < moments["2/d (He)"][-1] / moments["2/d (He)"][0] < 3
    for label, factor in (("4/d", 2), ("1/d", 0.5)):
        assert np.allclose(moments[label] / moments["2/d (He)"], factor ** np.arange(21))
    assert 2e-7 < moments["1/d"][-1] < 3e-6
