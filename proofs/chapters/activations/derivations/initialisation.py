"""Random initial weights: the second moment that relu keeps."""

from __future__ import annotations

from typing import Any

import numpy as np
from sympy import KroneckerDelta, Rational, Symbol

from ffn.network.description import Network, Output, initialise
from proofs.engine.derivation import Claim, Comparison, Derivation, Fact, Step, Uses, WrongStep, claim
from proofs.engine.notation import array, dimension, index, positives, relu, total

HALF, THIRD = Rational(1, 2), Rational(1, 3)
n, D = map(dimension, "nD")
data, P, inputs = array("x", n), array("p", n, nonnegative=True), array("h", D)
t, variance = positives("t ν")
HE = Fact(D * variance, "=", 2)
R = dimension("R")
chance, W = array("a", R, positive=True), array("W", R, D)  # of draw r, the weights that enter one sum
i, k = index("i"), index("k")
UNCORRELATED = "E[W_i W_k] = ν [i = k], as of independent weights of mean 0 and variance ν"


def second_moment(name: str, at: Any, size: Any, weights: Any) -> Claim:
    """E (Σ W_p at_p)² = ν Σ at_p² over draws of uncorrelated weights."""

    def product(p: Any, q: Any) -> Any:
        return total(lambda r: chance[r] * weights[r, p] * weights[r, q], R)

    moments = Fact(product(i, k), "=", variance * KroneckerDelta(i, k), {i: size, k: size})
    value = variance * total(lambda p: at[p] ** 2, size)
    put_in = total(lambda p, q: at[p] * at[q] * variance * KroneckerDelta(p, q), size, size)
    return claim(
        name,
        total(lambda r: chance[r] * total(lambda p: weights[r, p] * at[p], size) ** 2, R),
        "=",
        value,
        Step("multiply out", total(lambda p, q: at[p] * at[q] * product(p, q), size, size), "the draws inside"),
        Step("the moments", put_in, UNCORRELATED, uses=Uses(moments, weight=at[i] * at[k], over={i: size, k: size})),
        Step("the squares", value, "the terms of p ≠ q are 0"),
        given=(moments,),
        example={
            R: 3,
            size: 2,
            chance: Rational(1, 3),
            weights: lambda r, p: 3 * (r == p),
            variance: 3,
            at: lambda p: p,
        },
    )


SECOND_MOMENT = HALF * total(lambda i: P[i] * data[i] ** 2, n)
he = Derivation(
    name="E[relu²] and He's initialisation",
    source="He, Zhang, Ren & Sun 2015",
    letters=(
        "A symmetric variable takes the values x_i and −x_i with the chances p_i/2 each. h is what enters a layer of "
        "D inputs. Draw r of the weights that enter one sum has the chance a_r and the weights W_rp, E is the mean "
        "over the draws, and ν the variance of the weights, which are uncorrelated."
    ),
    claims=(
        claim(
            "second moment of relu",
            total(lambda i: P[i] / 2 * (relu(data[i]) ** 2 + relu(-data[i]) ** 2), n),
            "=",
            SECOND_MOMENT,
            Step("half of it is negative", SECOND_MOMENT, "relu(z)² + relu(−z)² = z²"),
        ),
        second_moment("second moment of a pre-activation, over draws of its weights", inputs, D, W),
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
            "draws without their chances",
            "multiply out",
            total(lambda p, q: inputs[p] * inputs[q] * total(lambda r: W[r, p] * W[r, q], R), D, D),
        ),
        WrongStep("cross terms", "the squares", variance * total(lambda p: inputs[p], D) ** 2),
        WrongStep("all weights equal", "the moments", total(lambda p, q: inputs[p] * inputs[q] * variance, D, D)),
        WrongStep(
            "variance 1/d",
            "scale of the code",
            claimed=lambda d: np.sqrt(1 / d) * np.random.default_rng(0).normal(size=(d, 2)),
        ),
    ),
)
# Glorot: both passes at once

units, back = dimension("m"), array("c", dimension("m"))
OUTGOING = array("W", R, units)
FORWARD, BACKWARD = 2 * D / (D + units), 2 * units / (D + units)
leak = Symbol("α", real=True)


def leaky(at: Any) -> Any:
    """z where it is positive, else α z."""
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
        "A layer has D inputs and m units, and the cotangent c. Draw r of the weights that leave one input has the "
        "chance a_r and the weights W_rp; ν is their variance. α is the slope of leaky relu, whose argument is "
        "symmetric: x_i and −x_i with the chances p_i/2 each."
    ),
    claims=(
        second_moment("backwards, over the m units that an input enters", back, units, OUTGOING),
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
            Step("a side each", LEAKY_MOMENT, "leaky(z)² + leaky(−z)² = (1 + α²) z²: He's ½ for α = 0"),
        ),
        claim(
            "He's variance for it, t² being the mean square of the pre-activations of the layer before",
            total(lambda p: variance * ((1 + leak**2) / 2 * t**2), D),
            "=",
            t**2,
            Step("kept by leaky relu", t**2, "where Dν(1 + α²) = 2", uses=Uses(LEAKY_HE, weight=t**2 / 2)),
            given=(LEAKY_HE,),
            example={variance: 1 / D, leak: 1},
        ),
    ),
    ties=(drawn("glorot", lambda d, m: 2 / (d + m)), drawn("he", lambda d, m: 2 / d)),
    planted=(
        WrongStep("cross terms", "the squares", variance * total(lambda p: back[p], units) ** 2),
        WrongStep("one", "sum of the factors", 1),
        WrongStep("a half", "product of the factors", HALF),
        WrongStep("1 + α", "a side each", (1 + leak) / 2 * total(lambda i: P[i] * data[i] ** 2, n)),
        WrongStep(
            "variance 1/d",
            "scale of the code, glorot",
            claimed=lambda case: np.sqrt(1 / case[0]) * np.random.default_rng(0).normal(size=case),
        ),
    ),
)
