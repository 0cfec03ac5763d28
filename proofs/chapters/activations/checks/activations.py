"""What evaluates the pages of C12 and C21 to C24: Jacobians, recurrence, autoencoders, probabilities."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from math import log
from statistics import NormalDist
from typing import Any

import numpy as np
import sympy

from ffn import reference
from ffn.network import recurrent
from ffn.network.description import Hidden, Network, Recurrent
from ffn.network.forward import activate, output
from ffn.network.outputs import softmax
from ffn.numbers.exact import exact
from proofs.chapters.activations.checks.saturation import first_one
from proofs.chapters.activations.figures import activations as figures
from proofs.chapters.activations.figures.activations import jacobian
from proofs.chapters.activations.figures.saturation import true
from proofs.chapters.code_on_floats import GAUSSIAN
from proofs.chapters.code_on_fractions import fractions
from proofs.chapters.evaluation import drawn, evaluates, lines

# C12


@evaluates(
    "C12",
    r"$$h_i = g(z_i) \ \Rightarrow\ \frac{\partial h_i}{\partial z_j} = 0 \quad (i \ne j).$$",
    r"$$\frac{\partial p_i}{\partial z_j} = -p_i p_j < 0 \quad (i \ne j), \qquad g : \mathbb{R}^{n \times k} "
    r"\to \mathbb{R}^n.$$",
    counterexample=True,
)
def jacobians_of_softmax_and_maxout() -> None:
    z = sympy.symbols("z:3", real=True)
    p = [sympy.exp(each) / sum(map(sympy.exp, z)) for each in z]
    for i in range(3):
        for j in range(3):
            assert i == j or sympy.simplify(sympy.diff(p[i], z[j]) + p[i] * p[j]) == 0
            assert i == j or sympy.diff(sympy.tanh(z[i]), z[j]) == 0
    assert all(each.is_positive for each in p)


@evaluates(
    "C12",
    "How output i answers to input j at one point. tanh has entries on the diagonal alone, softmax has all "
    "of them, and maxout has fewer outputs than inputs.",
    "tanh: «» by «», diagonal. softmax: «» by «», positive on the diagonal and negative everywhere else. "
    "maxout of pairs: «» by «», with a single «» in each row.",
)
def matrices_of_the_figure() -> tuple[int, ...]:
    z = np.array([1.0, -0.5, 2.0, 0.5])
    tanh = jacobian(lambda dual, at: activate(dual, Hidden(4, "tanh"), at), z)
    soft = jacobian(softmax, z)
    pairs = jacobian(lambda dual, at: activate(dual, Hidden(2, "maxout", pieces=2), at.reshape(-1, 2, 2)), z)
    assert (tanh != 0).tolist() == np.eye(4, dtype=bool).tolist()
    assert (np.sign(soft) == 2 * np.eye(4) - 1).all()
    assert sorted(pairs[0]) == sorted(pairs[1]) == [0, 0, 0, 1]
    return (*tanh.shape, *soft.shape, *pairs.shape, 1)


# C21 and C22


def states(U: Any, h0: Any, steps: int, x: Any = None) -> list[Any]:
    """h_1, …, of a recurrent layer of relus without a bias, on fractions."""
    d = len(h0)
    layer = Recurrent(1, Hidden(d, "relu"), 1, GAUSSIAN)
    weights = fractions(np.ones((1, d), int)), fractions(U), fractions([0] * d)
    inputs = fractions([0] * steps if x is None else x).reshape(1, -1, 1)
    return [step.h[0] for step in recurrent.trace(exact, layer, (weights, None), inputs, fractions([h0]))]


@evaluates(
    "C21",
    r"For $h_t = \operatorname{relu}(h_{t-1} U + x_t W)$: $$\begin{aligned} U = I,\ h_0 \ge 0,\ x_t W \ge 0 \ "
    r"&\Rightarrow\ h_n = h_0 + \sum_{t \le n} x_t W, \\ "
    r"U \ge I,\ h_0 > 0,\ x_t = 0 \ &\Rightarrow\ \frac{\partial h_n}{\partial h_0} = (U^n)^\top, \end{aligned}$$",
    counterexample=True,
)
def a_recurrent_relu_counts() -> None:
    x = [1, 0, 3, 2]
    assert [h.tolist() for h in states([[1, 0], [0, 1]], [2, 5], 4, x)] == [[2 + s, 5 + s] for s in (1, 1, 4, 6)]
    U, h0, n = np.array([[1, 2], [1, 3]]), np.array([1, 2]), 4
    step = Fraction(1, 1000)
    jacobian = np.linalg.matrix_power(U, n).T
    for i in range(2):
        moved = h0 + step * np.eye(2, dtype=int)[i]
        assert ((states(U, moved.tolist(), n)[-1] - states(U, h0.tolist(), n)[-1]) / step == jacobian[:, i]).all()


@evaluates(
    "C21",
    "One recurrent unit with U = 1. Left: relu adds up what it reads and keeps it; tanh and σ cannot count. "
    "Right: its gradient stays 1 at every distance.",
    "Left: relu's state is a staircase that rises at each input up to «»; tanh fades below 1, σ settles near "
    "«». Right: relu's gradient is level at 1",
    counterexample=True,
)
def memory_of_the_figure() -> tuple[float, float]:
    left, right = (lines(figures.memory, panel) for panel in (0, 1))
    relu, tanh, sigmoid = (left[name][1].ravel() for name in ("relu", "tanh", "sigmoid"))
    assert (np.diff(relu) >= 0).all()
    assert tanh[-1] < 1
    slopes = [line[1].ravel() for line in right.values()]
    assert (slopes[0] == 1).all()
    assert slopes[1][-1] > 10 * slopes[2][-1]
    return round(float(relu[-1]), 1), round(float(sigmoid[-1]), 1)


@evaluates(
    "C22",
    r"$$U \ge 0,\ h_0 \ge 0 \ \Rightarrow\ h_t = h_0 U^t; \qquad \| h_t \|_\infty \le q^t \| h_0 \|_\infty \ "
    r"\text{ with } q = \max_j \sum_i |U_{ij}|.$$",
    r"If also $\sum_i U_{ij} = \rho$ for every $j$, then $\rho^t \min h_0 \le h_t \le \rho^t \max h_0$.",
)
def powers_of_a_nonnegative_matrix() -> None:
    generator = np.random.default_rng(0)
    for _ in range(10):
        U, h0 = generator.integers(0, 4, size=(3, 3)), generator.integers(0, 5, size=3)
        signed = U * generator.choice((-1, 1), size=(3, 3))
        for t, (h, any_sign) in enumerate(
            zip(states(U, h0.tolist(), 4), states(signed, h0.tolist(), 4), strict=True), 1
        ):
            assert (h == h0 @ np.linalg.matrix_power(U, t)).all()
            assert abs(any_sign).max() <= abs(signed).sum(axis=0).max() ** t * h0.max()
        even = np.array([[1, 0, 2], [2, 3, 0], [1, 1, 2]])  # columns sum to 4
        for t, h in enumerate(states(even, h0.tolist(), 4), 1):
            assert 4**t * h0.min() <= h.min()
            assert h.max() <= 4**t * h0.max()


def radius(U: Any) -> Any:
    return max(abs(each) for each in sympy.Matrix(U).eigenvals())


@evaluates(
    "C22",
    "it explodes for ρ > 1 and dies out for ρ < 1",
    "$-2I$ has ρ = 2, and switches every unit off in one step",
    "and a matrix with ρ < 1 can grow for ever",
    "It is true of the growth in the long run if no weight is negative, the first state is positive and ρ > 1.",
    r"With $U = \begin{pmatrix} 0 & 4 \\ 1 & 0 \end{pmatrix}$, $\rho = 2$ and $h_0 = (1, 1)$ the largest "
    r"entry grows by factors 4, 1, 4, 1, …; with "
    r"$\begin{pmatrix} 1 & 1 \\ 0 & 1 \end{pmatrix}$, $\rho = 1$, it grows like $t$.",
    r"With $U = \begin{pmatrix} 1.1 & -1 \\ 1.2 & -1 \end{pmatrix}$, $\rho = \sqrt{0.1}$, from $(1, 0)$ it "
    r"grows like $1.1^t$.",
    "Where nothing is negative the spectral radius ρ decides; −2I has ρ = 2 and is 0 after one step.",
    counterexample=True,
)
def growth_and_the_spectral_radius() -> None:
    assert radius([[-2, 0], [0, -2]]) == 2
    assert not states([[-2, 0], [0, -2]], [3, 1], 1)[0].any()
    swing = [[1, 1], *(h.tolist() for h in states([[0, 4], [1, 0]], [1, 1], 4))]
    assert [max(after) / max(before) for before, after in pairwise(swing)] == [4, 1, 4, 1]
    assert radius([[0, 4], [1, 0]]) == 2
    assert [max(h) for h in states([[1, 1], [0, 1]], [1, 1], 5)] == [2, 3, 4, 5, 6]
    assert radius([[1, 1], [0, 1]]) == 1
    U = [[Fraction(11, 10), Fraction(-1)], [Fraction(6, 5), Fraction(-1)]]
    assert (
        sympy.simplify(
            radius([[sympy.Rational(11, 10), -1], [sympy.Rational(6, 5), -1]]) - sympy.sqrt(sympy.Rational(1, 10))
        )
        == 0
    )
    assert [max(h) for h in states(U, [1, 0], 5)] == [Fraction(11, 10) ** t for t in range(1, 6)]
    assert [max(states([[r]], [1], 40)[-1]) > 100 for r in (Fraction(2), Fraction(1, 2))] == [True, False]


@evaluates(
    "C22",
    "The states of a recurrent relu on a logarithmic scale.",
    "Straight lines over 40 steps: rising for ρ = 1.1, level for ρ = 1, falling for ρ = 0.9; a fourth drops "
    "to 0 at once.",
)
def states_of_the_figure() -> None:
    drawn_lines = list(lines(figures.growth).values())
    for (_, size), rate in zip(drawn_lines, (1.1, 1.0, 0.9), strict=False):
        assert len(size) == 41
        assert np.allclose(np.diff(np.log(size))[20:], log(rate), atol=1e-4)
    assert drawn_lines[3][1][-1] == drawn_lines[3][1].min()


# C23 and C24


@evaluates(
    "C23",
    r"$\operatorname{relu}(x) - \operatorname{relu}(-x) = x$",
    r"$$\operatorname{relu}(xE)E^\top = x, \quad E = [I, -I]; \qquad \Bigl| c + \sum_j v_j \sigma(w_j x + "
    r"b_j) \Bigr| \le |c| + \sum_j |v_j|.$$",
    "Right: two relus reproduce every number exactly; two sigmoids are bounded, and leave the line beyond "
    "their training data.",
    "with 2d units an autoencoder of relus reproduces every vector",
    "a straight line for relus; for sigmoids an S-shaped curve that flattens outside −2 to 2",
    counterexample=True,
)
def an_autoencoder_of_relus() -> None:
    E = fractions([[1, 0, -1, 0], [0, 1, 0, -1]])
    network = Network(2, 2, GAUSSIAN, (Hidden(4, "relu"),))
    x = fractions([[3, -5], [0, Fraction(1, 3)], [-7, -2]])
    assert (output(exact, network, ((E, fractions([0] * 4)), (E.T, fractions([0, 0]))), x) == x).all()
    z = np.linspace(-50, 50, 101)
    assert (np.abs(reference.activation("sigmoid", z)) <= 1).all()
    right = lines(figures.round_trip, 1)
    (at, sigmoids), (_, relus) = right["2 sigmoids, trained"], right["2 relus"]
    assert (relus == at).all()
    assert np.abs(sigmoids - at)[np.abs(at) <= 1.5].max() < np.abs(sigmoids - at)[[0, -1]].min()


@evaluates(
    "C23",
    "from 38 on it is «», and the logit of that infinite",
    r"In float64 $\sigma(x) = 1$ for $x \ge 54 \log 2 = «.2f»$.",
    "Left: σ and back again in float64: steps, then infinity.",
    "Left: logit(σ(x)) follows x, in ever larger steps, and ends at «.1f».",
    counterexample=True,
)
def sigmoid_has_no_inverse_in_floats() -> tuple[Any, ...]:
    end = 54 * log(2)
    assert set(reference.activation("sigmoid", np.linspace(38, 100, 63))) == {1.0}
    assert [float(value) for value in true("sigmoid", "value", np.array([end + 1e-9, 40.0]))] == [1, 1]
    _, back = lines(figures.round_trip, 0)["logit(σ(x))"]
    finite = back[np.isfinite(back)]
    assert len(np.unique(finite)) < len(finite) < len(back)
    return 1, end, first_one("sigmoid", 36.7)


@evaluates(
    "C24",
    "What has to lie between 0 and 1 is a probability",
    "a density may exceed 1, and so may the mean of a count",
    "the normal distribution function (probit) and $1 - e^{-e^z}$ (complementary log-log) lead there as well",
    "And σ is not the only way into (0, 1)",
    r"$$0 < \Phi(z) < 1, \qquad 0 < 1 - e^{-e^z} < 1; \qquad p(\mu) = \frac{1}{\sqrt{2 \pi v}} > 1 \text{ for "
    r"a normal with } v < \frac{1}{2\pi}.$$",
    "Left: three functions that increase from 0 to 1; σ is one of them.",
    "Right: the density of a normal exceeds 1 when its variance is below 1/(2π).",
    "Right: bell curves of variance 1, 0.25 and 0.04; the narrowest reaches «.0f».",
    counterexample=True,
)
def other_links_and_densities_above_one() -> float:
    z = np.linspace(-4, 2.5, 53)
    for link in (np.array([NormalDist().cdf(each) for each in z]), -np.expm1(-np.exp(z))):
        assert (link > 0).all()
        assert (link < 1).all()
        assert (np.diff(link) > 0).all()
    v = sympy.Symbol("v", positive=True)
    (edge,) = sympy.solve(1 / sympy.sqrt(2 * sympy.pi * v) - 1, v)
    assert edge == 1 / (2 * sympy.pi)
    assert all((np.diff(line[1]) >= 0).all() for line in lines(figures.links_and_densities, 0).values())
    tops = [line.get_ydata()[100] for line in drawn(figures.links_and_densities).axes[1].get_lines()[:3]]
    assert np.allclose(tops, [NormalDist(0, s).pdf(0) for s in (1, 0.5, 0.2)])
    return float(tops[2])


@evaluates(
    "C24",
    "then normalising gives $P(1) = \\sigma(z)$",
    r"$$\tilde P(y) = e^{yz},\ y \in \{0, 1\} \ \Rightarrow\ P(1) = \frac{e^z}{1 + e^z} = \sigma(z).$$",
)
def sigmoid_from_a_linear_log_probability() -> None:
    z = sympy.Symbol("z", real=True)
    unnormalised = {y: sympy.exp(y * z) for y in (0, 1)}
    assert sympy.simplify(unnormalised[1] / sum(unnormalised.values()) - 1 / (1 + sympy.exp(-z))) == 0
