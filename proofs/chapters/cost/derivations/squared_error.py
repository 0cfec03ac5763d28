"""Squared error through a sigmoid: not convex, and flat where it is most wrong."""

from __future__ import annotations

from typing import Any

from sympy import Rational, exp, log

from proofs.chapters.code_on_symbols import gradients, network_1
from proofs.engine.derivation import Comparison, Derivation, Step, WrongStep, claim
from proofs.engine.notation import Partial, positives, reals, sigmoid

z, y = reals("z y")
(t,) = positives("t")
SIGMA = sigmoid(z)
SQUARED_GRADIENT = (SIGMA - y) * SIGMA * (1 - SIGMA)
CURVATURE: Any = SIGMA * (1 - SIGMA) ** 2 * (3 * SIGMA - 1)
FLAT = 1 / (3 + t)

squared_error = Derivation(
    name="squared error through sigmoid",
    source="Goodfellow, Bengio & Courville 2016, section 6.2.2.2, for the saturation; the constants directly",
    claims=(
        claim(
            "gradient",
            Partial((y - SIGMA) ** 2 / 2, z),
            "=",
            SQUARED_GRADIENT,
            Step("chain rule", SQUARED_GRADIENT, "σ′ = σ(1 − σ)"),
        ),
        claim(
            "second derivative at y = 1",
            Partial(Partial((1 - SIGMA) ** 2 / 2, z), z),
            "=",
            CURVATURE,
            Step("differentiate twice", CURVATURE, "product rule on −σ(1 − σ)²"),
        ),
        claim(
            "not convex",
            CURVATURE.xreplace({z: -log(2 + t)}),
            "<",
            0,
            Step("at e^-z = 2 + t", FLAT * (1 - FLAT) ** 2 * (3 * FLAT - 1), "σ = 1/(3 + t)"),
            Step("curved downwards", 0, "3σ − 1 is negative", "<", t * (2 + t) ** 2 / (3 + t) ** 4),
        ),
        claim(
            "steepest",
            2 * SIGMA * (1 - SIGMA) ** 2,
            "≤",
            Rational(8, 27),
            Step(
                "largest slope",
                Rational(8, 27),
                "4/27 − σ(1 − σ)² has a double root at 1/3",
                "≤",
                2 * (SIGMA - Rational(1, 3)) ** 2 * (1 + 4 * exp(-z)) / (3 * (1 + exp(-z))),
            ),
        ),
    ),
    ties=(
        Comparison(
            "gradient of the code",
            ((z, y),),
            lambda case: gradients(network_1("sigmoid"), (0, z, 1, 0), 0, y)[1],
            lambda case: SQUARED_GRADIENT,
            "ffn.network.backward.gradient",
        ),
    ),
    planted=(
        WrongStep("slope forgotten", "chain rule", SIGMA - y),
        WrongStep("factor 3 lost", "differentiate twice", SIGMA * (1 - SIGMA) ** 2 * (2 * SIGMA - 1)),
        WrongStep("convex", "curved downwards", relation=">"),
        WrongStep("a quarter", "largest slope", Rational(1, 4)),
        WrongStep("gradient of the NLL", "gradient of the code", claimed=lambda case: SIGMA - y),
    ),
)
