"""What evaluates the pages of C34, C35 and C36: families, mistakes, rewards without a limit."""

from __future__ import annotations

from math import exp, log
from typing import Any

import numpy as np
import sympy

from ffn import reference
from ffn.network.description import Network, Output
from ffn.network.outputs import log_sum_exp, softmax
from proofs.chapters.code_on_floats import FLOATS
from proofs.chapters.cost.figures import cost as figures
from proofs.chapters.cost.figures.cost import descent, nll
from proofs.chapters.evaluation import drawn, evaluates, lines

v = sympy.Symbol("v", positive=True)
r, w = sympy.symbols("r w", real=True)

# C34


@evaluates(
    "C34",
    r"For $p(y) = h(y) \exp(\eta \cdot T(y) - A(\eta))$ the NLL $\ell$ has $$\nabla \ell = "
    r"\operatorname{E}[T] - T(y), \qquad \nabla^2 \ell = \operatorname{Cov}(T) \succeq 0.$$",
)
def gradient_and_hessian_of_a_family() -> None:
    """Over four values with a statistic of two numbers, h not constant."""
    eta = sympy.symbols("eta:2", real=True)
    h, T = (1, 2, 1, 3), ((0, 1), (1, 2), (-1, 0), (2, 2))
    weights = [hk * sympy.exp(sum(e * t for e, t in zip(eta, Tk, strict=True))) for hk, Tk in zip(h, T, strict=True)]
    A = sympy.log(sum(weights))
    at = {eta[0]: sympy.Rational(1, 3), eta[1]: sympy.Rational(-1, 2)}
    chance = [weight / sum(weights) for weight in weights]
    mean = [sum(c * Tk[i] for c, Tk in zip(chance, T, strict=True)) for i in range(2)]
    for i in range(2):
        assert abs((sympy.diff(A, eta[i]) - mean[i]).subs(at).evalf(30)) < 1e-25
        for j in range(2):
            covariance = sum(c * Tk[i] * Tk[j] for c, Tk in zip(chance, T, strict=True)) - mean[i] * mean[j]
            assert abs((sympy.diff(A, eta[i], eta[j]) - covariance).subs(at).evalf(30)) < 1e-25


@evaluates(
    "C34",
    r"For a gaussian with mean 0 and residual $r$ the NLL in the variance $v$ is $r^2/(2v) + \frac{1}{2} \log "
    r"v$: its slope vanishes as $v$ grows, however wrong $v$ is, and for $v > 2r^2$ it is concave.",
    "The parameter of the exponential family is its natural one.",
    counterexample=True,
)
def a_variance_is_no_natural_parameter() -> None:
    cost = r**2 / (2 * v) + sympy.log(v) / 2
    assert sympy.limit(sympy.diff(cost, v), v, sympy.oo) == 0
    assert sympy.simplify(sympy.diff(cost, v, 2) - (2 * r**2 - v) / (2 * v**3)) == 0


@evaluates(
    "C34",
    "Midway between two equal gaussians 6 apart the NLL of their mixture has the second derivative $«»$: «»"
    ", the curvature of either gaussian, less the variance «» of not knowing which one.",
    r"For the equal mixture of unit gaussians with means $z - a$ and $z + a$, at $y = z$: $\ell'' = 1 - a^2$. "
    r"For Student's t with $\nu$ degrees of freedom and $r = y - z$: "
    r"$\ell'' = (\nu + 1)(\nu - r^2)/(\nu + r^2)^2$.",
)
def curvature_of_mixtures_and_of_student() -> tuple[Any, ...]:
    a, nu = sympy.Symbol("a", positive=True), sympy.Symbol("nu", positive=True)
    mixture = -sympy.log(sympy.exp(-((r - a) ** 2) / 2) / 2 + sympy.exp(-((r + a) ** 2) / 2) / 2)
    at_middle = sympy.simplify(sympy.diff(mixture, r, 2).subs(r, 0))
    assert sympy.simplify(at_middle - (1 - a**2)) == 0
    student = (nu + 1) / 2 * sympy.log(1 + r**2 / nu)
    assert sympy.simplify(sympy.diff(student, r, 2) - (nu + 1) * (nu - r**2) / (nu + r**2) ** 2) == 0
    return at_middle.subs(a, 3), 1, 3**2


@evaluates(
    "C34",
    "Left: in an exponential family the cost is convex, and least where the model's mean is the data's.",
    "Right: the cost of a mixture, which is no such family, rises above a chord between the two components.",
)
def convex_and_not() -> None:
    left, right = (lines(figures.convex_or_not, panel) for panel in (0, 1))
    at, cost = left["mean NLL, Poisson"]
    means = left["mean of the model"][1]
    assert (np.diff(cost, 2) > 0).all()
    assert abs(means[np.argmin(cost)] - 3) < 0.1
    centre, mixture = right["mixture of two, 6 apart"]
    inside = np.abs(centre) < 2.9
    assert (mixture[inside] > np.interp(centre[inside], *right["a chord, below it"])).all()
    assert len(at)


# C35


def pushes(logits: tuple[float, ...], right: int) -> tuple[float, Any]:
    """The cost and its gradient."""
    row = np.array([logits], dtype=float)
    return nll("categorical", row, right)[0], softmax(FLOATS, row)[0] - np.eye(len(logits))[right]


@evaluates(
    "C35",
    r"With the logits $(10, 0, -1)$ and the first class right the cost is $«» \cdot 10^{-5}$, and the most "
    r"active wrong class is pushed down with $«» \cdot 10^{-5}$. "
    "With the last class right the same logits cost «.5f», and the first class is pushed with «.5f».",
    "A wrong class leads all others by far.",
    counterexample=True,
)
def pushes_of_three_logits() -> tuple[Any, ...]:
    led, gradient = pushes((10, 0, -1), 0)
    lost, other = pushes((10, 0, -1), 2)
    assert gradient.argmax() == 1
    assert pushes((0,) * 1000, 0)[1][1] < 2e-3  # no class leads, and none is pushed
    assert 0 < other[1] < 5e-5 < other[0]
    return f"{led * 1e5:.1f}", f"{gradient[1] * 1e5:.1f}", lost, other[0]


@evaluates(
    "C35",
    r"$$\max_j z_j - z_y \le \ell \le \max_j z_j - z_y + \log n, \qquad \nabla \ell = p - e_y, \qquad 0 "
    r"\preceq \nabla^2 \ell \preceq \tfrac12 I.$$",
    r"For $\ell = \log \sum_j e^{z_j} - z_y$ with $n$ classes and $p = \operatorname{softmax}(z)$",
    "The curvature is at most «» in every direction, so a gradient step of size 2 on the logits never raises the cost.",
    "The «» is attained by two even classes.",
    "A confident mistake keeps a gradient near 1.",
    "In floats log-sum-exp is not below the largest logit either, without any slack.",
)
def bounds_on_the_cost() -> tuple[str, str]:
    generator = np.random.default_rng(0)
    for _ in range(200):
        n = int(generator.integers(2, 7))
        logits, y = generator.normal(size=(1, n)) * 10 ** generator.uniform(-1, 2.5), int(generator.integers(n))
        cost, gradient = pushes(tuple(logits[0]), y)
        assert logits.max() - logits[0, y] <= cost + 1e-9 * max(1, cost)
        assert log_sum_exp(FLOATS, logits)[0] >= logits.max()
        assert cost <= logits.max() - logits[0, y] + log(n) + 1e-9 * max(1, cost)
        p = gradient + np.eye(n)[y]
        curvatures = np.linalg.eigvalsh(np.diag(p) - np.outer(p, p))
        assert curvatures.min() > -1e-12
        assert curvatures.max() <= 0.5 + 1e-12
        assert pushes(tuple(logits[0] - 2 * gradient), y)[0] <= cost + 1e-9 * max(1, cost)
    even = np.full(2, 0.5)
    assert np.isclose(np.linalg.eigvalsh(np.diag(even) - np.outer(even, even)).max(), 0.5)
    assert pushes((30, 0), 1)[1][0] > 1 - 1e-9
    return "1/2", "1/2"


@evaluates("C35", "as with a lead of «», where the cost itself is «»")
def log_of_a_probability_that_underflows() -> tuple[int, int]:
    row = np.array([[800.0, 0.0]])
    with np.errstate(divide="ignore"):
        assert np.log(softmax(FLOATS, row))[0, 1] == -np.inf
    return 800, int(pushes((800, 0), 1)[0])


@evaluates(
    "C35",
    r"Squared error through a sigmoid, $\frac{1}{2} (1 - \sigma(z))^2$, has a slope of at most «» in size, at "
    r"$\sigma(z) = 1/3$, and is not convex for smaller $\sigma(z)$.",
    "Through a sigmoid, half the squared error flattens out: its gradient is never above «», and disappears "
    "for the worst mistakes.",
    "The further a prediction is on the wrong side, the closer the gradient of the NLL comes to «».",
    "Left: the NLL grows like a straight line to the left, the squared error levels off at «». Right: the "
    "gradient of the one rises to «», that of the other is a low hump",
)
def slope_of_squared_error_through_a_sigmoid() -> tuple[Any, ...]:
    s = sympy.Symbol("s", positive=True)
    slope = -(1 - s) * s * (1 - s)  # of ½(1 − σ)², by z
    curvature = sympy.factor(sympy.diff(slope, s) * s * (1 - s))
    assert sympy.Rational(1, 3) in sympy.solve(curvature, s)
    assert curvature.subs(s, sympy.Rational(1, 4)) < 0 < curvature.subs(s, sympy.Rational(1, 2))
    largest = abs(slope.subs(s, sympy.Rational(1, 3)))
    drawn_slopes = [line.get_ydata() for line in drawn(figures.confident_mistakes).axes[1].get_lines()[:2]]
    assert drawn_slopes[1].max() <= float(largest)
    assert drawn_slopes[1][0] < 1e-3
    assert 0.999 < drawn_slopes[0][0] < 1
    squared = lines(figures.confident_mistakes, 0)["½(1 − σ)²"][1]
    return largest, largest, 1, sympy.Rational(round(2 * float(squared[0])), 2), 1


# C36


@evaluates(
    "C36",
    r"The infimum 0 is approached and never attained; gradient descent makes the margin grow like the log of "
    r"the number of steps.",
    r"Logistic loss $\ell(w) = \log(1 + e^{-w})$ at the margin $w$: $\inf \ell = 0$, not attained; for "
    r"$w_{t+1} = w_t + \sigma(-w_t)$ one has $w_t - \log t \to 0$ and $t\,\ell(w_t) \to 1$.",
)
def a_margin_without_end() -> None:
    loss = sympy.log(1 + sympy.exp(-w))
    assert sympy.limit(loss, w, sympy.oo) == 0
    assert sympy.diff(loss, w).is_negative
    at, gaps = 0.0, {}
    for t in range(1, 100001):
        at += 1 / (1 + exp(at))
        if t in (100, 1000, 10000, 100000):
            gaps[t] = (at - log(t), t * np.log1p(exp(-at)) - 1)
    sizes = [abs(gap) for gap, _ in gaps.values()]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[-1] < 2e-4
    assert abs(gaps[100000][1]) < 2e-4


@evaluates(
    "C36",
    r"With $\frac{\lambda}{2} w^2$ added, $\lambda > 0$, the minimum is the one $w$ with $\sigma(-w) = \lambda w$.",
    "One row of each class at the same point, and nothing else, has its minimum attained without it.",
    counterexample=True,
)
def weight_decay_and_both_classes_at_one_point() -> None:
    decay = sympy.Symbol("lambda", positive=True)
    loss = sympy.log(1 + sympy.exp(-w)) + decay * w**2 / 2
    assert sympy.simplify(sympy.diff(loss, w) - (decay * w - 1 / (1 + sympy.exp(w)))) == 0
    bend = sympy.exp(w) / (1 + sympy.exp(w)) ** 2
    assert sympy.simplify(sympy.diff(loss, w, 2) - decay - bend) == 0
    assert bend.is_positive
    both = sympy.log(1 + sympy.exp(-w)) + sympy.log(1 + sympy.exp(w))
    assert sympy.simplify(sympy.diff(both, w).subs(w, 0)) == 0
    assert sympy.diff(both, w, 2).subs(w, 0) > 0


@evaluates(
    "C36",
    r"For the residual $r \ne 0$ and the variance $v$, $$\min_{v > 0} \Bigl( \frac{r^2}{2v} + \frac12 \log v "
    r"\Bigr) = \frac12 + \log |r|$$ at $v = r^2$, which goes to $-\infty$ as $r \to 0$; "
    "with $b/v$ added the minimum is at $v = r^2 + 2b$.",
    r"the NLL falls to $-\infty$",
)
def least_cost_of_a_variance() -> None:
    size, b = sympy.Symbol("r", positive=True), sympy.Symbol("b", positive=True)
    cost = size**2 / (2 * v) + sympy.log(v) / 2
    assert sympy.solve(sympy.diff(cost, v), v) == [size**2]
    assert sympy.simplify(cost.subs(v, size**2) - sympy.Rational(1, 2) - sympy.log(size)) == 0
    assert sympy.limit(sympy.Rational(1, 2) + sympy.log(size), size, 0) == -sympy.oo
    assert sympy.simplify(sympy.solve(sympy.diff(cost + b / v, v), v)[0] - size**2 - 2 * b) == 0


@evaluates(
    "C36",
    "Weight decay does *not* help: a bias can hold the log-variance, and biases are not decayed.",
)
def a_bias_holds_the_log_variance() -> None:
    network = Network(1, 2, Output("heteroscedastic"), weight_decay=10.0)
    losses = [
        float(reference.loss(network, ((np.zeros((1, 2)), np.array([0.0, s])),), [[1.0]], [[0.0]]))
        for s in (-10.0, -100.0, -700.0)
    ]
    assert losses == sorted(losses, reverse=True)
    assert losses[-1] < -300


@evaluates(
    "C36",
    "Left: without weight decay the weight follows log t and never rests; with it, it does.",
    "Right: a smaller error makes a smaller variance best and the cost lower, without end for error 0, "
    "unless a term such as b/v is added.",
    "against the logarithm of the step one curve keeps climbing along log t, two level off",
)
def limits_of_the_figure() -> None:
    free, light, heavy = (np.array(descent(decay, 1000)) for decay in (0.0, 0.01, 0.1))
    assert free[-1] - free[-2] > 100 * max(abs(light[-1] - light[-2]), abs(heavy[-1] - heavy[-2]))
    assert abs(free[-1] - log(1000)) < 0.3
    right = lines(figures.limits_of_reward, 1)
    at, least = zip(
        *(
            (curve[0][np.argmin(curve[1])], curve[1].min())
            for curve in (right[f"error {e}"] for e in ("1", "0.3", "0.1"))
        ),
        strict=True,
    )
    assert list(at) == sorted(at, reverse=True)
    assert list(least) == sorted(least, reverse=True)
    assert np.argmin(right["error 0"][1]) == 0
    assert np.argmin(right["error 0, and 0.02/v"][1]) > 0
