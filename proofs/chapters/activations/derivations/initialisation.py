"""Random initial weights: the second moment that relu keeps."""

from __future__ import annotations

from typing import Any

import numpy as np
from sympy import KroneckerDelta, Rational, Symbol

from ffn.network.description import Network, Output, initialise
from proofs.engine.derivation import Comparison, Derivation, Fact, Step, Uses, WrongStep, claim
from proofs.engine.notation import array, dimension, index, positives, relu, total

HALF = Rational(1, 2)
n, D = map(dimension, "nD")
data, P, inputs = array("x", n), array("p", n, nonnegative=True), array("h", D)
s, t, variance = positives("ω t ν")
HE = Fact(D * variance, "=", 2)

SECOND_MOMENT = HALF * total(lambda i: P[i] * data[i] ** 2, n)
he = Derivation(
    name="E[relu²] and He's initialisation",
    source="He, Zhang, Ren & Sun 2015",
    claims=(
        claim(
            "second moment of relu",
            total(lambda i: P[i] / 2 * (relu(data[i]) ** 2 + relu(-data[i]) ** 2), n),
            "=",
            SECOND_MOMENT,
            Step("half of it is negative", SECOND_MOMENT, "relu(z)² + relu(−z)² = z²"),
        ),
        claim(
            "second moment of a layer",
            total(lambda p, q: s**2 * KroneckerDelta(p, q) * inputs[p] * inputs[q], D, D),
            "=",
            s**2 * total(lambda p: inputs[p] ** 2, D),
            Step("independent weights", s**2 * total(lambda p: inputs[p] ** 2, D), "E[W_p W_q] = ω² [p = q]"),
        ),
        claim(
            "kept with the variance ν = 2/D, t² being the mean square before the layer",
            total(lambda p: variance * (t**2 / 2), D),
            "=",
            t**2,
            Step("kept", t**2, "D terms of νt²/2, where Dν = 2", uses=Uses(HE, weight=t**2 / 2)),
            given=(HE,),
            example={variance: 2 / D},
        ),
    ),
    ties=(
        Comparison(
            "scale of the code",
            (1, 2, 3, 8),
            lambda d: initialise(Network(d, 2, Output("gaussian")), seed=0, scheme="he")[0][0],
            lambda d: np.sqrt(2 / d) * np.random.default_rng(0).normal(size=(d, 2)),
            "ffn.network.description.initialise",
        ),
    ),
    planted=(
        WrongStep("half forgotten", "half of it is negative", 2 * SECOND_MOMENT),
        WrongStep("cross terms", "independent weights", s**2 * total(lambda p: inputs[p], D) ** 2),
        WrongStep(
            "variance 1/d",
            "scale of the code",
            claimed=lambda d: np.sqrt(1 / d) * np.random.default_rng(0).normal(size=(d, 2)),
        ),
    ),
)
k, p = index("k"), index("p")

# Glorot: both passes at once

units, back = dimension("m"), array("c", dimension("m"))
FORWARD, BACKWARD = 2 * D / (D + units), 2 * units / (D + units)
leak = Symbol("a", real=True)


def leaky(at: Any) -> Any:
    """z where it is positive, else a z."""
    return relu(at) - leak * relu(-at)


LEAKY_HE = Fact(D * variance * (1 + leak**2), "=", 2)
LEAKY_MOMENT = (1 + leak**2) / 2 * total(lambda i: P[i] * data[i] ** 2, n)


def drawn(scheme: Any, scale: Any) -> Comparison:
    """The code's weights against a scale times the same random numbers."""
    return Comparison(
        f"scale of the code, {scheme}",
        ((1, 1), (2, 3), (3, 2), (8, 1)),
        lambda case: initialise(Network(case[0], case[1], Output("gaussian")), seed=0, scheme=scheme)[0][0],
        lambda case: np.sqrt(scale(*case)) * np.random.default_rng(0).normal(size=case),
        "ffn.network.description.initialise",
    )


glorot = Derivation(
    name="Glorot's and He's factors",
    source="Glorot & Bengio 2010; He, Zhang, Ren & Sun 2015",
    claims=(
        claim(
            "backwards",
            total(lambda p, q: s**2 * KroneckerDelta(p, q) * back[p] * back[q], units, units),
            "=",
            s**2 * total(lambda p: back[p] ** 2, units),
            Step(
                "independent weights, backwards",
                s**2 * total(lambda p: back[p] ** 2, units),
                "the cotangent Wc: each entry has ω² times the sum over the m units, not the d inputs",
            ),
        ),
        claim(
            "forwards and backwards with the variance 2/(D + m)",
            FORWARD + BACKWARD,
            "=",
            2,
            Step("sum of the factors", 2, "Dω² forwards and mω² backwards: 1 on average"),
        ),
        claim(
            "no more than 1 together",
            FORWARD * BACKWARD,
            "≤",
            1,
            Step("product of the factors", 1, "4dm ≤ (d + m)²", "≤", (D - units) ** 2 / (D + units) ** 2),
        ),
        claim(
            "second moment of leaky relu",
            total(lambda i: P[i] / 2 * (leaky(data[i]) ** 2 + leaky(-data[i]) ** 2), n),
            "=",
            LEAKY_MOMENT,
            Step("a side each", LEAKY_MOMENT, "leaky(z)² + leaky(−z)² = (1 + a²) z²: He's ½ for a = 0"),
        ),
        claim(
            "He's variance for it",
            total(lambda p: variance * ((1 + leak**2) / 2 * t**2), D),
            "=",
            t**2,
            Step("kept by leaky relu", t**2, "where Dν(1 + a²) = 2", uses=Uses(LEAKY_HE, weight=t**2 / 2)),
            given=(LEAKY_HE,),
            example={variance: 1 / D, leak: 1},
        ),
    ),
    ties=(drawn("glorot", lambda d, m: 2 / (d + m)), drawn("he", lambda d, m: 2 / d)),
    planted=(
        WrongStep("cross terms", "independent weights, backwards", s**2 * total(lambda p: back[p], units) ** 2),
        WrongStep("one", "sum of the factors", 1),
        WrongStep("a half", "product of the factors", HALF),
        WrongStep("1 + a", "a side each", (1 + leak) / 2 * total(lambda i: P[i] * data[i] ** 2, n)),
        WrongStep(
            "variance 1/d",
            "scale of the code, glorot",
            claimed=lambda case: np.sqrt(1 / case[0]) * np.random.default_rng(0).normal(size=case),
        ),
    ),
)
