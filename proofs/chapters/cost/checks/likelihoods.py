"""What evaluates the pages of C32, C33, C37 and C45: likelihood and distributions."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from math import comb

import numpy as np
import sympy

from ffn.network.description import LEARNED_VARIANCE, OUTPUTS, Output
from ffn.network.outputs import distribution_of
from proofs.chapters.code_on_floats import FLOATS
from proofs.chapters.cost.figures import cost as figures
from proofs.chapters.cost.figures import maximum_likelihood
from proofs.chapters.cost.figures.cost import nll
from proofs.chapters.evaluation import drawn, evaluates, lines

p, q = sympy.symbols("p q", positive=True)

# C32


@evaluates(
    "C32",
    r"$$-\frac{1}{N} \sum_{i=1}^N \log p(y_i) \allowbreak = -\sum_y \hat p(y) \log p(y) \allowbreak = H(\hat "
    r"p, p) \allowbreak = H(\hat p) + D(\hat p \,\|\, p),$$",
    r"with $D \ge 0$, and $D = 0$ only for $p = \hat p$.",
)
def parts_of_the_mean_nll() -> None:
    counts = (6, 3, 1)
    N, shares = sum(counts), [sympy.Rational(c, sum(counts)) for c in counts]
    models = [[sympy.Rational(w, sum(each)) for w in each] for each in ((1, 1, 1), (5, 3, 2), counts, (1, 3, 6))]
    for model in models:
        sample = [y for y, count in enumerate(counts) for _ in range(count)]
        mean = -sum(sympy.log(model[y]) for y in sample) / N
        cross = -sum(s * sympy.log(m) for s, m in zip(shares, model, strict=True))
        entropy = -sum(s * sympy.log(s) for s in shares)
        divergence = sum(s * (sympy.log(s) - sympy.log(m)) for s, m in zip(shares, model, strict=True))
        assert abs((mean - cross).evalf(30)) < 1e-25
        assert abs((cross - entropy - divergence).evalf(30)) < 1e-25
        assert (divergence > 0) == (model != shares)


@evaluates(
    "C32",
    "The mean NLL of a sample (dots) is the entropy of the data, the same for every model, plus the "
    "divergence of the model from the data, "
    "which is 0 for the model that has the data's shares.",
)
def bars_of_the_figure() -> None:
    axes = drawn(figures.entropy_and_divergence).axes[1]
    low, high = axes.patches[0::2], axes.patches[1::2]
    dots = [line.get_ydata()[0] for line in axes.get_lines()]
    assert len({bar.get_height() for bar in low}) == 1
    assert np.allclose(dots, [a.get_height() + b.get_height() for a, b in zip(low, high, strict=True)])
    assert [bool(bar.get_height() < 1e-12) for bar in high] == [False, False, True, False]


# C33


@evaluates(
    "C33",
    r"If the variance is learned too, $\frac12 \log v$ is part of the cost.",
    r"$-\log p(y \mid z) = \text{kernel}(z, y) + \text{constant}(y)$ for every output of the code. For a gaussian "
    r"$$-\log p(y \mid \mu, v) = \frac{(y - \mu)^2}{2v} + \frac12 \log v + \frac12 \log 2\pi.$$",
)
def densities_are_normalised() -> None:
    y, mean, v = sympy.Symbol("y", real=True), sympy.Symbol("m", real=True), sympy.Symbol("v", positive=True)
    cost = (y - mean) ** 2 / (2 * v) + sympy.log(v) / 2 + sympy.log(2 * sympy.pi) / 2
    assert sympy.integrate(sympy.exp(-cost.subs(mean, 0)), (y, -sympy.oo, sympy.oo)) == 1
    grid = np.linspace(-40, 40, 400001)
    for name in ("gaussian", "laplace"):
        assert abs(np.trapezoid(np.exp(-nll(name, grid, 0)), grid) - 1) < 1e-6
    shifted = {  # by the point of the grid, with the log-variances 0.7 and 0.1
        "heteroscedastic": [grid, np.full_like(grid, 0.7)],
        "mixture": [np.zeros_like(grid), np.ones_like(grid), grid, grid + 3, *np.full((2, len(grid)), [[0.7], [0.1]])],
    }
    for name, blocks in shifted.items():
        assert abs(np.trapezoid(np.exp(-nll(name, np.stack(blocks, axis=1), 0)), grid) - 1) < 1e-6
    assert {"gaussian", "laplace", "poisson", "bernoulli", "categorical", *shifted} == {*OUTPUTS, *LEARNED_VARIANCE}
    assert abs(sum(np.exp(-nll("poisson", [0.7], k)[0]) for k in range(60)) - 1) < 1e-12
    assert abs(sum(np.exp(-nll("bernoulli", [0.7], k)[0]) for k in range(2)) - 1) < 1e-12
    assert abs(sum(np.exp(-nll("categorical", [[0.7, -1, 2]], k)[0]) for k in range(3)) - 1) < 1e-12


@evaluates(
    "C33",
    "A density and its cost. Another fixed variance scales the parabola and shifts it, with the minimum "
    "where it was; another family has another shape.",
)
def curves_of_densities_and_costs() -> None:
    costs = [line.get_ydata() for line in drawn(figures.densities_and_costs).axes[1].get_lines()]
    assert len({int(np.argmin(cost)) for cost in costs}) == 1
    middle = len(costs[0]) // 2
    risen = [cost - cost[middle] for cost in costs]
    assert np.allclose(risen[1], 4 * risen[0])
    assert not np.allclose(np.diff(risen[2], 2)[: middle - 2], np.diff(risen[0], 2)[: middle - 2])


# C37


@evaluates(
    "C37",
    r"$$\begin{array}{ll} \text{gaussian} & \frac12 (y - z)^2 \\ \text{Laplace} & |y - z| \\ \text{Bernoulli} "
    r"& \log(1 + e^z) - yz \\ \text{categorical} & "
    r"\log \sum_j e^{z_j} - z_y \end{array}$$",
)
def kernels_of_the_outputs() -> None:
    z = np.linspace(-3, 3, 13)[:, None]
    for name, y, expected in (
        ("gaussian", 0.5, (0.5 - z) ** 2 / 2),
        ("laplace", 0.5, np.abs(0.5 - z)),
        ("bernoulli", 1.0, np.log1p(np.exp(z)) - z),
        ("bernoulli", 0.0, np.log1p(np.exp(z))),
    ):
        assert np.allclose(distribution_of(Output(name)).kernel(FLOATS, z, np.full_like(z, y)), expected)
    three = np.hstack([z, 0 * z, 1 - z])
    logs = np.log(np.exp(three).sum(axis=1))
    kernel = distribution_of(Output("categorical")).kernel(FLOATS, three, np.full(len(z), 2))
    assert np.allclose(kernel, logs - three[:, 2])


@evaluates(
    "C37",
    r"The mean is the one minimiser of $\sum_i (y_i - c)^2$; the minimisers of $\sum_i |y_i - c|$ are the medians.",
    "Left: one outlier pulls the minimum of the squared error, the mean, and leaves that of the absolute "
    "error, the median.",
    "Left: a parabola with its minimum at «» and a polygon with its minimum at «», over marks of five targets.",
)
def mean_and_median() -> tuple[float, float]:
    ys = [Fraction(v) for v in (0, 1, Fraction(3, 2), 2, 8)]
    mean, grid = sum(ys) / Fraction(5), [Fraction(k, 16) for k in range(-16, 200)]
    assert min(grid, key=lambda c: sum((y - c) ** 2 for y in ys)) == mean == Fraction(5, 2)
    best = min(sum(abs(y - c) for y in ys) for c in grid)
    assert [c for c in grid if sum(abs(y - c) for y in ys) == best] == [Fraction(3, 2)]
    even = ys[:4]
    best = min(sum(abs(y - c) for y in even) for c in grid)
    assert {c for c in grid if sum(abs(y - c) for y in even) == best} == {c for c in grid if 1 <= c <= Fraction(3, 2)}
    dots = [
        line.get_xdata()[0]
        for line in drawn(figures.costs_and_statistics).axes[0].get_lines()
        if len(line.get_xdata()) == 1
    ]
    assert dots == [float(mean), 1.5]
    return dots[0], dots[1]


@evaluates(
    "C37",
    "Right: the costs of four outputs for the target «» (of the categorical one, class «» of three).",
    "Right: a parabola, an absolute value, and two curves that fall towards «».",
)
def costs_of_four_outputs() -> tuple[int, int, int]:
    curves = lines(figures.costs_and_statistics, 1)
    z, bernoulli = curves["Bernoulli: log(1 + e⁻ᶻ)"]
    assert np.allclose(bernoulli, np.log1p(np.exp(-z)))
    assert np.allclose(curves["categorical: log(2 + eᶻ) − z"][1], np.log(2 + np.exp(z)) - z)
    assert np.allclose(curves["gaussian: ½(1 − z)²"][1], (1 - z) ** 2 / 2)
    assert all((np.diff(np.log(cost)) < 0).all() for cost in (np.log1p(np.exp(-z)), np.log(2 + np.exp(z)) - z))
    return 1, 1, 0


# C45


@evaluates(
    "C45",
    r"It is unbiased, and its variance $p(1 - p)/n$ is the least that an unbiased estimator can have.",
)
def information_bound_of_a_coin() -> None:
    for n in range(1, 5):
        chance = {k: comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(n + 1)}
        mean = sum(c * sympy.Rational(k, n) for k, c in chance.items())
        variance = sum(c * (sympy.Rational(k, n) - p) ** 2 for k, c in chance.items())
        information = p * sympy.diff(sympy.log(p), p) ** 2 + (1 - p) * sympy.diff(sympy.log(1 - p), p) ** 2
        assert sympy.simplify(mean - p) == 0
        assert sympy.simplify(variance - p * (1 - p) / n) == 0
        assert sympy.simplify(variance - 1 / (n * information)) == 0


@evaluates(
    "C45",
    r"Let every pair of observations have a mean of its own, and all the same variance $\sigma^2$: the "
    r"estimate of the variance comes to $\sigma^2/2$, however many pairs there are.",
    "divided by $n$, the variance of one gaussian sample comes out too small by the factor $(n - 1)/n$",
    r"For pairs $(y_{i1}, y_{i2})$ with means $\mu_i$ and variance $\sigma^2$ the estimate is $$\hat\sigma^2 "
    r"= \frac{1}{2m} \sum_{i=1}^{m} \sum_{j=1}^{2} (y_{ij} - \bar y_i)^2, "
    r"\qquad \operatorname{E} \hat\sigma^2 = \frac{\sigma^2}{2} .$$",
    counterexample=True,
)
def estimated_variances_are_too_small() -> None:
    """The expected value takes the mean and the variance alone: here of ±1, so that all cases can be counted."""
    for n in (2, 3, 4):
        samples = list(product((-1, 1), repeat=n))
        found = sum(sum((y - Fraction(sum(ys), n)) ** 2 for y in ys) / n for ys in samples)
        assert found / len(samples) == Fraction(n - 1, n)
    for m in (1, 2):
        samples = list(product((-1, 1), repeat=2 * m))
        found = sum(
            sum((y - Fraction(ys[i - i % 2] + ys[i - i % 2 + 1], 2)) ** 2 for i, y in enumerate(ys)) / (2 * m)
            for ys in samples
        )
        assert found / len(samples) == Fraction(1, 2)


@evaluates(
    "C45",
    r"For a model $p_\theta$ of $N$ discrete observations with the empirical distribution $\hat p$: "
    r"$$\sum_{i=1}^N \log p_\theta(y_i) = -N \bigl( H(\hat p) + D(\hat p \,\|\, p_\theta) \bigr).$$",
    "Left: the mean NLL of ten throws with seven heads is the entropy of the data plus the divergence, and "
    "least at the share «».",
    "Left: a valley with its minimum at «», above a level line.",
)
def likelihood_of_ten_throws() -> tuple[float, float]:
    at, mean = lines(maximum_likelihood.closest_and_misled, 0)["mean NLL"]
    entropy = -(0.7 * np.log(0.7) + 0.3 * np.log(0.3))
    divergence = 0.7 * np.log(0.7 / at) + 0.3 * np.log(0.3 / (1 - at))
    assert np.allclose(mean, entropy + divergence)
    assert sympy.solve(sympy.diff(-7 * sympy.log(q) - 3 * sympy.log(1 - q), q), q) == [sympy.Rational(7, 10)]
    least = float(at[np.argmin(mean)])
    return round(least, 6), round(least, 6)


@evaluates(
    "C45",
    "Right: with one mean for all the estimated variance comes to the true «», with a mean for each pair to ½.",
    "Right: over the number of observations one jagged line settles at «», another at one half.",
)
def variances_of_the_figure() -> tuple[int, int]:
    together, pairs = (curve[-1] for curve in maximum_likelihood.estimated_variances(400))
    assert abs(pairs - 0.5) < 0.05
    return round(float(together)), round(float(together))
