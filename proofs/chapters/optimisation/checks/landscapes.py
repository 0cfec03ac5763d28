"""What evaluates the pages of C8 and C9: losses that are not convex, and starts that lead nowhere."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
import sympy

from ffn.network.backward import gradient
from ffn.network.description import Hidden, Network, Output
from ffn.network.forward import objective, output
from ffn.numbers.exact import exact
from proofs.chapters.code_on_floats import GAUSSIAN
from proofs.chapters.code_on_fractions import column, fractions
from proofs.chapters.evaluation import evaluates, lines
from proofs.chapters.optimisation.figures import optimisation as figures

w1, w2, t = sympy.symbols("w1 w2 t", real=True)
PRODUCT = (1 - w1 * w2) ** 2 / 2


def error(network: Network, parameters: Any, x: Any, y: Any) -> Fraction:
    """The sum of the squared errors: twice the loss."""
    return Fraction(2 * objective(exact, network, parameters, x, y, kernel_only=True))


def units(activation: str, *each: tuple[Any, ...], c: Any = 0) -> tuple[Network, Any]:
    """Σ v g(wx + b) + c of units (w, b, v)."""
    w, b, v = zip(*each, strict=True)
    network = Network(1, 1, GAUSSIAN, (Hidden(len(w), activation),), reduction="sum")
    return network, ((fractions([w]), fractions(b)), (column(*v), fractions([c])))


# C8


@evaluates("C8", r"$(\operatorname{relu}(w) - 1)^2$ is 1 at $w = -1$, 0 at $w = 1$ and 1 half-way between them")
def one_relu_is_enough() -> None:
    one = column(1)
    assert [error(*units("relu", (w, 0, 1)), one, one) for w in (-1, 1, 0)] == [1, 0, 1]


@evaluates(
    "C8",
    "$(1 - w_1 w_2)^2/2$ is 0 at $(1, 1)$ and at $(-1, -1)$, and $1/2$ half-way between them",
    "Two weights and no nonlinearity. The minima form two branches of a hyperbola; half-way between them the "
    "loss is «», above the chord.",
    "contours of (1 − w₁w₂)²/2 with its minima on the hyperbola w₁w₂ = 1, a dashed line from (−1, −1) to (1, "
    "1) and a cross on the saddle at 0. "
    "Right: along that line the loss rises from 0 to 1/2 and falls back to 0",
)
def two_linear_layers_are_enough() -> Any:
    loss = sympy.lambdify((w1, w2), PRODUCT)
    assert [loss(1, 1), loss(-1, -1)] == [0, 0]
    (_, along) = lines(figures.hyperbola_of_minima, 1)["both weights, linear"]
    assert (along[0], along.max(), along[-1]) == (0, 0.5, 0)
    assert sympy.solve(PRODUCT, w2) == [1 / w1]
    return PRODUCT.subs({w1: 0, w2: 0})


@evaluates(
    "C8",
    r"$L(w_1, w_2) = \frac{1}{2} (1 - w_1 w_2)^2$ has at 0 the Hessian $$\begin{pmatrix} 0 & -1 \\ -1 & 0 "
    r"\end{pmatrix},$$ with the eigenvalues $\pm 1$.",
)
def hessian_at_the_saddle() -> None:
    hessian = sympy.hessian(PRODUCT, (w1, w2)).subs({w1: 0, w2: 0})
    assert hessian == sympy.Matrix([[0, -1], [-1, 0]])
    assert set(hessian.eigenvals()) == {1, -1}


@evaluates(
    "C8",
    "an activation that is the identity, relu or a leaky relu with a slope in $(0, 1)$",
    r"a network of zero loss with two units $v_i\, g(w_i x + b_i)$ that differ in $v$ and in $(w, b)$, $w \ne "
    r"0$: with $\bar\theta$ the same network "
    r"with the two units swapped, $$L\Bigl(\frac{\theta + \bar\theta}{2}\Bigr) > 0 = \frac{L(\theta) + "
    r"L(\bar\theta)}{2}$$",
    "One point can be too few: for linear units with $(w, b, v) = (1, 0, 1)$ and $(2, 1, 3)$ the loss at the "
    "midpoint is «» on $x = -1$ alone.",
    counterexample=True,
)
def half_way_between_two_orders_of_units() -> Fraction:
    first, second = (1, 0, 1), (2, 1, 3)
    middle = tuple(Fraction(p + q, 2) for p, q in zip(first, second, strict=True))
    for activation in ("identity", "relu", "leaky_relu"):
        network, theta = units(activation, first, second)
        _, swapped = units(activation, second, first)
        x = column(-5, -1, 0, 2, Fraction(-1, 2), Fraction(-1, 3), 1)
        y = _outputs(network, theta, x)
        assert (_outputs(network, swapped, x) == y).all()
        assert error(*units(activation, middle, middle), x, y) > 0
    network, theta = units("identity", first, second)
    alone = column(-1)
    return error(*units("identity", middle, middle), alone, _outputs(network, theta, alone))


def _outputs(network: Network, parameters: Any, x: Any) -> Any:
    return output(exact, network, parameters, x)


@evaluates(
    "C8",
    r"For fixed features $h$, $(V, c) \mapsto L(h V + c)$ is convex where the loss of the output is.",
    "With a nonlinear layer held fixed the loss is convex in the last one.",
    counterexample=True,
)
def convex_in_the_last_layer() -> None:
    h = column(-2, Fraction(1, 3), 5)
    for name, y in (("gaussian", column(1, -2, 4)), ("laplace", column(1, -2, 4))):
        network = Network(1, 1, Output(name), reduction="sum")
        for p, q, a, b in product((-2, 1), (3, 0), (0, 2), (-1, 4)):
            ends = [((column(v), fractions([c])),) for v, c in ((p, a), (q, b))]
            middle = ((column(Fraction(p + q, 2)), fractions([Fraction(a + b, 2)])),)
            at = [objective(exact, network, each, h, y, kernel_only=True) for each in (*ends, middle)]
            assert 2 * at[2] <= at[0] + at[1]
    (_, last) = lines(figures.hyperbola_of_minima, 1)["last weight, above tanh"]
    assert (np.diff(last, 2) > 0).all()


# C9


@evaluates(
    "C9",
    r"Fit a unit $v \operatorname{relu}(wx + b)$, without an output bias, to the points $(1, 1)$ and $(2, 2)$ "
    r"from $w = -1$, $b = 0$, $v = 1$: "
    "the unit is off on all data, every gradient is exactly «», and the sum of the squared errors stays «», "
    "although $w = v = 1$ gives «».",
    "The unit relu(wx) fitted to the points (1, 1) and (2, 2). For w < 0 it is off on both, and the sum of "
    "the squares is «» and flat: descent that starts there stays there.",
    "the squared error over w, flat at «» for negative w and a parabola down to 0 at w = 1. Right: the "
    "squared error in training: constant at «» from w = −1, falling to 0 from w = 0.2.",
)
def a_dead_start() -> tuple[Any, ...]:
    data = column(1, 2)
    network, dead = units("relu", (-1, 0, 1))
    slopes = gradient(exact, network, dead, data, data)
    (dW, db), (dV, _) = slopes
    every = {*dW.ravel(), *db, *dV.ravel()}
    stays, best = error(network, dead, data, data), error(*units("relu", (1, 0, 1)), data, data)
    drawn = lines(figures.plateau, 1)
    assert set(drawn["from w = −1"][1]) == {float(stays)}
    assert drawn["from w = 0.2"][1][-1] < 0.01
    assert len(every) == 1
    return (*every, stays, best, stays, stays, stays)


@evaluates(
    "C9",
    r"With $x_n > 0$, $y_n = x_n$, $w < 0$, $b \le 0$ and $c = \bar{y}$ the gradient of $\frac{1}{2} \sum_n "
    r"(v \operatorname{relu}(w x_n + b) + c - y_n)^2$ "
    r"is 0, and no parameters with $w < 0$, $b \le 0$ have a lower loss; $w = v = 1$, $b = c = 0$ has the loss 0.",
)
def a_dead_unit_with_the_best_bias() -> None:
    data = column(1, 2, 6)
    best = Fraction(3)
    network, parameters = units("relu", (-2, -1, 5), c=best)
    assert not any(d.any() for pair in gradient(exact, network, parameters, data, data) for d in pair)
    least = error(network, parameters, data, data)
    for w, b, v, c in product((-3, -1), (-2, 0), (-1, 4), (0, Fraction(5, 2), 3, 7)):
        assert error(*units("relu", (w, b, v), c=c), data, data) >= least
    assert error(*units("relu", (1, 0, 1)), data, data) == 0


@evaluates(
    "C9",
    r"$$\nabla \frac{1}{2} (1 - w_1 w_2)^2 = 0 \iff w_1 w_2 = 1 \ \text{or}\ w_1 = w_2 = 0,$$ and at 0 the "
    r"loss falls along $(t, t)$ and rises along $(t, -t)$.",
    "to which small steps lead from the line $w_1 = -w_2$ alone",
    counterexample=True,
)
def critical_points_of_a_product() -> None:
    slopes = [sympy.diff(PRODUCT, each) for each in (w1, w2)]
    assert sympy.factor(slopes[0]) == w2 * (w1 * w2 - 1)
    assert sympy.factor(slopes[1]) == w1 * (w1 * w2 - 1)
    assert sympy.expand(PRODUCT.subs({w1: t, w2: t})) == t**4 / 2 - t**2 + sympy.Rational(1, 2)
    assert sympy.expand(PRODUCT.subs({w1: t, w2: -t})) == t**4 / 2 + t**2 + sympy.Rational(1, 2)
    # w₁ + w₂ is multiplied by 1 − ε(w₁w₂ − 1), above 1 near the saddle: it comes to 0 in small steps only where it is 0
    assert sympy.simplify(sum(slopes) - (w1 * w2 - 1) * (w1 + w2)) == 0
