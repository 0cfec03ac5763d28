"""Random initial weights: the second moment that relu keeps."""

from __future__ import annotations

from typing import Any

import numpy as np
from sympy import KroneckerDelta, Rational, Symbol

from ffn.network.description import Network, Output, initialise
from proofs.engine.derivation import Claim, Comparison, Derivation, Fact, Step, Uses, WrongStep, claim
from proofs.engine.notation import array, dimension, positives, relu, total

HALF = Rational(1, 2)
n, D = map(dimension, "nD")
data, P, inputs = array("x", n), array("p", n, nonnegative=True), array("h", D)
t, variance = positives("t ν")
HE = Fact(D * variance, "=", 2)
R = dimension("R")
chance, W = array("a", R, positive=True), array("W", R, D)  # of draw r, the weights that enter one sum
OVER_DRAWS = total(lambda r: chance[r] * total(lambda p: W[r, p] * inputs[p], D) ** 2, R)
BY_MOMENTS = total(lambda p, q: inputs[p] * inputs[q] * total(lambda r: chance[r] * W[r, p] * W[r, q], R), D, D)
MOMENTS = "where E[W_p W_q] = ν [p = q] is put in: independent weights of mean 0 and variance ν"


def uncorrelated(name: str, step: str, at: Any, size: Any) -> Claim:
    """Σ Σ at_p at_q E[W_p W_q], the second moment of Σ W_p at_p, with the moments of uncorrelated weights."""
    value = variance * total(lambda p: at[p] ** 2, size)
    moments = total(lambda p, q: at[p] * at[q] * variance * KroneckerDelta(p, q), size, size)
    return claim(f"{name}, {MOMENTS}", moments, "=", value, Step(step, value, "the terms of p ≠ q are 0"))


SECOND_MOMENT = HALF * total(lambda i: P[i] * data[i] ** 2, n)
he = Derivation(
    name="E[relu²] and He's initialisation",
    source="He, Zhang, Ren & Sun 2015",
    letters=(
        "A symmetric variable takes the values x_i and −x_i with the chances p_i/2 each. h is what enters a layer of "
        "D inputs; ν is the variance of its weights."
    ),
    claims=(
        claim(
            "second moment of relu",
            total(lambda i: P[i] / 2 * (relu(data[i]) ** 2 + relu(-data[i]) ** 2), n),
            "=",
            SECOND_MOMENT,
            Step("half of it is negative", SECOND_MOMENT, "relu(z)² + relu(−z)² = z²"),
        ),
        claim(
            "second moment of a layer, over draws of its weights with the chances a",
            OVER_DRAWS,
            "=",
            BY_MOMENTS,
            Step("multiply out", BY_MOMENTS, "the sum over the draws inside, E[W_p W_q]"),
        ),
        uncorrelated("the same", "independent weights", inputs, D),
        claim(
            "kept with ν = 2/D, t² being the mean square of the pre-activations of the layer before",
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
        WrongStep(
            "squares alone",
            "multiply out",
            total(lambda p: inputs[p] ** 2 * total(lambda r: chance[r] * W[r, p] ** 2, R), D),
        ),
        WrongStep("cross terms", "independent weights", variance * total(lambda p: inputs[p], D) ** 2),
        WrongStep(
            "variance 1/d",
            "scale of the code",
            claimed=lambda d: np.sqrt(1 / d) * np.random.default_rng(0).normal(size=(d, 2)),
        ),
    ),
)
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
    letters=(
        "A layer has D inputs and m units, weights of variance ν, and the cotangent c; a is the slope of leaky relu, "
        "of which t and x are as with relu."
    ),
    claims=(
        uncorrelated("backwards, over the m units", "independent weights, backwards", back, units),
        claim(
            "forwards and backwards with the variance 2/(D + m)",
            FORWARD + BACKWARD,
            "=",
            2,
            Step("sum of the factors", 2, "Dν forwards and mν backwards: 1 on average"),
        ),
        claim(
            "their product is at most 1",
            FORWARD * BACKWARD,
            "≤",
            1,
            Step("product of the factors", 1, "4Dm ≤ (D + m)²", "≤", (D - units) ** 2 / (D + units) ** 2),
        ),
        claim(
            "second moment of leaky relu",
            total(lambda i: P[i] / 2 * (leaky(data[i]) ** 2 + leaky(-data[i]) ** 2), n),
            "=",
            LEAKY_MOMENT,
            Step("a side each", LEAKY_MOMENT, "leaky(z)² + leaky(−z)² = (1 + a²) z²: He's ½ for a = 0"),
        ),
        claim(
            "He's variance for it, t² being the mean square of the pre-activations of the layer before",
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
        WrongStep("cross terms", "independent weights, backwards", variance * total(lambda p: back[p], units) ** 2),
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
