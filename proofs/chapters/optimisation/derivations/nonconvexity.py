"""Losses as functions of the parameters: not convex without any nonlinearity, and points where descent stands still."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import sympy
from sympy import Rational, sign

from ffn.network import backward, forward
from ffn.network.description import Hidden, Network, Output
from ffn.numbers.exact import exact
from ffn.numbers.symbolic import symbolic
from proofs.chapters.code_on_symbols import gradients, network_1
from proofs.engine.derivation import Comparison, Derivation, Fact, Step, WrongStep, claim
from proofs.engine.notation import Partial, array, dimension, g, g1, index, reals, relu, total

z, y, x, b = reals("z y x b")
w1, w2, v = reals("w_1 w_2 v")
HALF = Rational(1, 2)
BOOK = "Goodfellow, Bengio & Courville 2016"

RESIDUAL = 1 - w1 * w2
product_loss = Derivation(
    name="two factors, no convexity",
    source="for linear networks Baldi & Hornik 1989",
    claims=(
        claim(
            "gradient",
            Partial(RESIDUAL**2 / 2, w1),
            "=",
            -w2 * RESIDUAL,
            Step("chain rule", -w2 * RESIDUAL, "inner derivative −w₂"),
        ),
        claim(
            "diagonal",
            Partial(Partial(RESIDUAL**2 / 2, w1), w1),
            "=",
            w2**2,
            Step("once more", w2**2, "linear in w₁"),
        ),
        claim(
            "off the diagonal",
            Partial(Partial(RESIDUAL**2 / 2, w1), w2),
            "=",
            2 * w1 * w2 - 1,
            Step("mixed", 2 * w1 * w2 - 1, "product rule; −1 at 0, where the diagonal is 0"),
        ),
    ),
    ties=(
        Comparison(
            "gradient of the code",
            ((w1, w2),),
            lambda case: gradients(network_1("identity"), (w1, 0, w2, 0), 1, 1)[::2],
            lambda case: [-w2 * RESIDUAL, -w1 * RESIDUAL],
            "ffn.network.backward.gradient",
        ),
    ),
    counts=(
        Comparison(
            "eigenvalues at 0",
            ((0, 0),),
            lambda case: sorted(sympy.hessian(RESIDUAL**2 / 2, (w1, w2)).subs({w1: 0, w2: 0}).eigenvals()),
            lambda case: [-1, 1],
        ),
        Comparison(
            "minima and their midpoint",
            (((1, 1), 0), ((-1, -1), 0), ((0, 0), HALF)),
            lambda case: (RESIDUAL**2 / 2).subs(dict(zip((w1, w2), case[0], strict=True))),
            lambda case: case[1],
        ),
    ),
    planted=(
        WrongStep("sign", "chain rule", w2 * RESIDUAL),
        WrongStep("constant lost", "mixed", 2 * w1 * w2),
        WrongStep("positive definite", "eigenvalues at 0", claimed=lambda case: [1, 1]),
        WrongStep("inner weight", "gradient of the code", claimed=lambda case: [-w1 * RESIDUAL, -w2 * RESIDUAL]),
    ),
)

n = dimension("n")
k = index("k")
W, B, V = array("W", n), array("b", n), array("v", n)


def one_layer(weights: Any, biases: Any, outer: Any) -> Any:
    """Σ_i v_i g(w_i x + b_i) of one input."""
    return total(lambda i: outer(i) * g(weights(i) * x + biases(i)), n)


OUTPUT = one_layer(lambda i: W[i], lambda i: B[i], lambda i: V[i])
EQUAL = one_layer(lambda i: w1, lambda i: b, lambda i: v)
symmetry = Derivation(
    name="equal units stay equal",
    source=BOOK + ", section 8.4",
    ranges={k: n},
    claims=(
        claim(
            "gradient",
            Partial((OUTPUT - y) ** 2 / 2, W[k]),
            "=",
            (OUTPUT - y) * V[k] * g1(W[k] * x + B[k]) * x,
            Step("chain rule", (OUTPUT - y) * V[k] * g1(W[k] * x + B[k]) * x, "the unit occurs in one term"),
        ),
        claim(
            "all units equal",
            (EQUAL - y) * v * g1(w1 * x + b) * x,
            "=",
            (n * v * g(w1 * x + b) - y) * v * g1(w1 * x + b) * x,
            Step("no index left", (n * v * g(w1 * x + b) - y) * v * g1(w1 * x + b) * x, "n equal terms"),
        ),
    ),
    ties=(
        Comparison(
            "two equal units of the code",
            ((),),
            lambda case: _equal_units(0) - _equal_units(1),
            lambda case: 0,
            "ffn.network.backward.gradient",
        ),
    ),
    planted=(
        WrongStep(
            "sum over the units", "chain rule", (OUTPUT - y) * total(lambda i: V[i] * g1(W[i] * x + B[i]) * x, n)
        ),
        WrongStep("number of units lost", "no index left", (v * g(w1 * x + b) - y) * v * g1(w1 * x + b) * x),
        WrongStep("units that differ", "two equal units of the code", claimed=lambda case: x),
    ),
)


def _equal_units(which: int) -> Any:
    """The gradient by one of two equal hidden units' weight, by the code on symbols."""
    network = Network(1, 1, Output("gaussian"), (Hidden(2, "tanh"),))
    parameters = (
        (symbolic.asarray([[w1, w1]]), symbolic.asarray([b, b])),
        (symbolic.asarray([[v], [v]]), symbolic.asarray([0])),
    )
    result = backward.gradient(symbolic, network, parameters, symbolic.asarray([[x]]), symbolic.asarray([[y]]))
    return result[0][0][0, which]


UNIT = (y - v * relu(z)) ** 2 / 2
DEAD = (Fact(z, "<", 0),)  # one relu unit, its pre-activation negative
dead_unit = Derivation(
    name="a dead unit",
    source="direct",
    claims=(
        claim(
            "gradient by z",
            Partial(UNIT, z),
            "=",
            0,
            Step("chain rule", (v * relu(z) - y) * v * (1 + sign(z)) / 2, "relu′ = (1 + sign)/2"),
            Step("no slope", 0, "sign z = −1"),
            given=DEAD,
        ),
        claim(
            "gradient by v",
            Partial(UNIT, v),
            "=",
            0,
            Step("linear in v", (v * relu(z) - y) * relu(z), "chain rule"),
            Step("no output", 0, "relu(z) = 0"),
            given=DEAD,
        ),
    ),
    ties=(
        Comparison(
            "a dead network of the code",
            ((1, 1), (2, 2)),
            lambda case: gradients(network_1("relu"), (-1, 0, 1, 0), *case)[:3],
            lambda case: [0, 0, 0],
            "ffn.network.backward.gradient",
        ),
        Comparison(
            "its loss",
            ((),),
            lambda case: _dead_loss(),
            lambda case: Fraction(5, 4),
            "ffn.network.forward.objective",
        ),
    ),
    planted=(
        WrongStep("slope forgotten", "chain rule", (v * relu(z) - y) * v),
        WrongStep("gradient not 0", "a dead network of the code", claimed=lambda case: [0, 0, case[0]]),
    ),
)


def _dead_loss() -> Any:
    """½ mean((y − 0)²) over the data (1, 1) and (2, 2): half of (1 + 4)/2."""
    parameters = tuple((exact.asarray([[value]]), exact.asarray([0])) for value in (-1, 1))
    rows = exact.asarray([[1], [2]])
    return forward.objective(exact, network_1("relu"), parameters, rows, rows, kernel_only=True)
