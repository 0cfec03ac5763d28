"""What evaluates the pages of C10, C11 and C43: starts, batches, linear models."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations
from math import ceil, log
from typing import Any

import numpy as np
import sympy

from ffn import reference
from ffn.constructions.training import Descent, step, train
from ffn.network.backward import gradient
from ffn.network.description import Hidden, Network, initialise
from ffn.numbers.exact import exact
from proofs.chapters.code_on_floats import GAUSSIAN
from proofs.chapters.code_on_fractions import column, fractions
from proofs.chapters.evaluation import drawn, evaluates, lines
from proofs.chapters.optimisation.checks.landscapes import units
from proofs.chapters.optimisation.figures import linear_models
from proofs.chapters.optimisation.figures import optimisation as figures

XOR = Network(2, 1, GAUSSIAN, (Hidden(2, "relu"),))
CORNERS = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]]), np.array([[0.0], [1], [1], [0]])

# C10


@evaluates(
    "C10",
    "If $(w_i, b_i, v_i) = (w_j, b_j, v_j)$ before a step of gradient descent on any batch, then after it.",
    "Units that start equal lie on one curve for ever, and are worth one; random starts part them.",
    "The weights into four hidden units while a network learns a sine.",
)
def equal_units_stay_equal() -> None:
    network, parameters = units("relu", (2, 1, 3), (2, 1, 3), (-1, 2, 1))
    for batch in (column(1, 2), column(-3)):
        parameters = step(parameters, gradient(exact, network, parameters, batch, 2 * batch), Fraction(1, 7))
    (W, b), (V, _) = parameters
    assert (W[0, 0], b[0], V[0, 0]) == (W[0, 1], b[1], V[1, 0])
    equal, parted = (drawn(figures.collapsed_units).axes[panel].get_lines() for panel in (0, 1))
    assert all((line.get_ydata() == equal[0].get_ydata()).all() for line in equal)
    assert not any(np.allclose(line.get_ydata(), parted[0].get_ydata()) for line in parted[1:])


@evaluates(
    "C10",
    r"If $g(0) = 0$, there is a hidden layer and all parameters are 0, then $$\frac{\partial L}{\partial W_l} "
    r"= 0 \ \text{for all}\ l, \qquad "
    r"\frac{\partial L}{\partial b_l} = 0 \ \text{for all but the last}\ l,$$ and so at every later step.",
    "Without a hidden layer the first gradient need not be 0: for one linear unit and the row $x = 1$, $y = "
    "5$ it is $«»$.",
)
def from_all_zeros() -> int:
    network = Network(2, 1, GAUSSIAN, (Hidden(3, "relu"), Hidden(2, "relu")), reduction="sum")
    parameters = tuple((fractions(np.zeros(W, int)), fractions(np.zeros(b, int))) for W, b in network.shapes)
    x, y = fractions([[1, 2], [3, -1]]), column(5, 1)
    for _ in range(3):
        *below, (dW, db) = gradient(exact, network, parameters, x, y)
        assert not any(d.any() for pair in below for d in pair)
        assert not dW.any()
        parameters = step(parameters, (*below, (dW, db)), Fraction(1, 3))
    assert parameters[-1][1].any()
    linear = Network(1, 1, GAUSSIAN, reduction="sum")
    ((dW, _),) = gradient(exact, linear, ((column(0), fractions([0])),), column(1), column(5))
    return int(dW.item())


@evaluates("C10", "From all zeros, a network whose activation is 0 at 0 (tanh, relu) moves nothing but its last bias.")
def activations_that_are_zero_at_zero() -> None:
    assert [float(reference.activation(name, np.zeros(1))[0]) for name in ("tanh", "relu", "sigmoid")] == [0, 0, 0.5]


@evaluates("C10", "of «» random starts on XOR with two ReLUs only three are near 0 after «» steps", counterexample=True)
def starts_on_xor() -> tuple[int, int]:
    errors = [_error_on_xor(seed, 500) for seed in range(16)]
    assert sum(error < 1 / 1000 for error in errors) == 3
    return len(errors), 500


def _error_on_xor(seed: int, epochs: int) -> float:
    trained = train(XOR, initialise(XOR, seed), *CORNERS, Descent(0.1, epochs=epochs))
    return float(np.mean((reference.forward(XOR, trained.parameters, CORNERS[0]) - CORNERS[1]) ** 2))


# C11


@evaluates(
    "C11",
    r"Over all $\binom{N}{m}$ batches of $m$ of $N \ge 2$ rows, the mean $\hat{g}$ of $m$ of the gradients "
    r"$g_1, \ldots, g_N$ has "
    r"$$\operatorname{E} \hat{g} = \bar{g}, \qquad \operatorname{Var} \hat{g} = \frac{s^2}{m} \cdot \frac{N - "
    r"m}{N - 1}, \qquad "
    r"s^2 = \frac{1}{N} \sum_n (g_n - \bar{g})^2 .$$",
    "It falls to 0 for all rows if the rows are drawn without replacement",
)
def variance_over_all_batches() -> None:
    g = [Fraction(v) for v in (3, -1, 4, 0, Fraction(1, 2), 7)]
    N, mean = len(g), sum(g) / Fraction(len(g))
    s2 = sum((each - mean) ** 2 for each in g) / N
    for m in range(1, N + 1):
        means = [sum(batch) / Fraction(m) for batch in combinations(g, m)]
        assert sum(means) / Fraction(len(means)) == mean
        assert sum((each - mean) ** 2 for each in means) / len(means) == s2 / m * Fraction(N - m, N - 1)


@evaluates(
    "C11",
    r"where no curvature is larger than $\ell$, a step of $1/\ell$ lowers the loss, unless the gradient is 0",
    r"Where the gradient is Lipschitz with the constant $\ell$, $$L\Bigl(\theta - \frac{1}{\ell} \nabla "
    r"L\Bigr) \le L(\theta) - \frac{1}{2 \ell} "
    r"\lVert \nabla L \rVert^2 ;$$ for half the squared error, summed over the rows, $\ell = "
    r"\lambda_{\max}(X^\top X)$, for the logistic loss, summed, a quarter of it.",
    r"A step longer than $2/\ell$ may raise the loss.",
    counterexample=True,
)
def the_descent_lemma() -> None:
    generator = np.random.default_rng(0)
    for _ in range(50):
        X, y, theta = generator.normal(size=(6, 3)), generator.choice((-1.0, 1.0), size=6), generator.normal(size=3)
        largest = np.linalg.eigvalsh(X.T @ X).max()
        slopes = X.T @ (X @ theta - y), X.T @ (-y / (1 + np.exp(y * (X @ theta))))
        for loss, slope, ell in zip((_squared, _logistic), slopes, (largest, largest / 4), strict=True):
            assert loss(X @ (theta - slope / ell), y) <= loss(X @ theta, y) - slope @ slope / (2 * ell) + 1e-9
    w = sympy.Symbol("w")
    parabola = w**2 / 2  # ℓ = 1
    assert parabola.subs(w, 1 - sympy.Rational(5, 2)) > parabola.subs(w, 1)


def _squared(z: Any, y: Any) -> float:
    return float(((z - y) ** 2).sum() / 2)


def _logistic(z: Any, y: Any) -> float:
    return float(np.logaddexp(0, -y * z).sum())


@evaluates(
    "C11",
    "The variance of a batch's gradient, counted over all batches of m out of ten rows. It falls faster than "
    "with replacement, and to 0: the full batch has no noise.",
    "Points from all batches lie on the curve s²(N − m)/(m(N − 1)), which reaches 0 at m = «»; the dashed "
    "curve s²/m stays above it.",
)
def variances_of_the_figure() -> int:
    drawn = lines(figures.variance_of_batches)
    sizes, counted = drawn["all batches of m, counted"]
    m, dashed = drawn["with replacement: s²/m"]
    at = [int(np.argmin(np.abs(m - size))) for size in sizes]
    curve = drawn["without: s²(N − m)/(m(N − 1))"][1]
    assert np.allclose(counted, curve[at], atol=1e-12)
    assert (dashed[1:] > curve[1:]).all()
    assert abs(counted[-1]) < 1e-12
    return int(sizes[-1])


# C43


@evaluates("C43", r"$(1 - \sigma(w))^2$ lies above its chord from $w = -8$ to $w = 0$", counterexample=True)
def squared_error_through_a_sigmoid() -> None:
    w = np.linspace(-8, 0, 401)[1:-1]
    left, right = (1 - reference.activation("sigmoid", np.array([-8.0, 0.0]))) ** 2
    assert ((1 - reference.activation("sigmoid", w)) ** 2 > left + (w + 8) / 8 * (right - left)).all()


@evaluates(
    "C43",
    r"the slowest error is multiplied by $1 - 1/\kappa$ at each step of length $1/\ell$. With $\kappa = 100$ "
    r"a hundredth of it is left after «» steps, with $\kappa = 2$ after «».",
    r"steps longer than $2/\ell$ diverge on the very same parabola",
    r"For $L(\theta) = \frac{1}{2} \lVert X \theta - y \rVert^2$ with $X^\top X$ of the eigenvalues $\mu \le "
    r"\dots \le \ell$, $\mu > 0$, and "
    r"$\theta_{t+1} = \theta_t - \frac{1}{\ell} \nabla L(\theta_t)$: $$\lVert \theta_t - \theta^* \rVert \le "
    r"\Bigl( 1 - \frac{1}{\kappa} \Bigr)^t "
    r"\lVert \theta_0 - \theta^* \rVert, \qquad \kappa = \frac{\ell}{\mu},$$",
    counterexample=True,
)
def rate_of_descent_on_least_squares() -> tuple[int, int]:
    generator = np.random.default_rng(1)
    for _ in range(20):
        X, y, start = generator.normal(size=(7, 3)), generator.normal(size=7), generator.normal(size=3)
        curvatures = np.linalg.eigvalsh(X.T @ X)
        best, theta = np.linalg.lstsq(X, y, rcond=None)[0], start
        for t in range(1, 20):
            theta = theta - X.T @ (X @ theta - y) / curvatures.max()
            kept = (1 - curvatures.min() / curvatures.max()) ** t
            assert np.linalg.norm(theta - best) <= kept * np.linalg.norm(start - best) * (1 + 1e-9)
    left = linear_models.errors((2.0,), 2.1 / 8, 30)[:, 0]
    assert (np.diff(np.abs(left)) > 0).all()
    hundred, two = (ceil(log(0.01) / log(1 - 1 / kappa)) for kappa in (100, 2))
    return hundred, two


@evaluates(
    "C43",
    r"Steps of $2/(\ell + \mu)$ make it $(\kappa - 1)/(\kappa + 1)$, and no constant step does better for all starts.",
)
def the_best_constant_step() -> None:
    for least, largest in ((1, 2), (1, 100), (3, 7)):
        best, kappa = Fraction(2, least + largest), Fraction(largest, least)

        def slowest(rate: Fraction, ends: tuple[int, int] = (least, largest)) -> Fraction:
            """By step in the code on axes of these curvatures, the error that is left of 1 along the worse."""
            factors: list[Fraction] = []
            for curvature in ends:
                moved = step(((fractions([[1]]), fractions([0])),), ((fractions([[curvature]]), fractions([0])),), rate)
                factors.append(abs(moved[0][0][0, 0]))
            return max(factors)

        assert slowest(best) == (kappa - 1) / (kappa + 1)
        assert all(slowest(best * Fraction(k, 20)) > slowest(best) for k in range(1, 61) if k != 20)


@evaluates(
    "C43",
    r"Left: the error in descent on least squares falls by $1 - 1/\kappa$ at each step.",
    r"Right: on one parabola steps of $1/\ell$ arrive, steps of $1.9/\ell$ swing in, and steps of $2.1/\ell$ diverge.",
    "one curve at 0 after a step, one that alternates and decays, one that alternates and grows",
)
def descents_of_the_figure() -> None:
    for label, (_, size) in lines(linear_models.conditioning, 0).items():
        kappa = int(label.removeprefix("κ = "))
        assert np.allclose(size[1:], (1 - 1 / kappa) * size[:-1], rtol=1e-6, atol=1e-12)
    once, slow, away = (np.array(line[1]) for line in lines(linear_models.conditioning, 1).values())
    assert not once[1:].any()
    assert (slow[1:] * slow[:-1] < 0).all() and (np.diff(np.abs(slow)) < 0).all()  # noqa: PT018
    assert (away[1:] * away[:-1] < 0).all() and (np.diff(np.abs(away)) > 0).all()  # noqa: PT018
