"""Activations that weigh their input by a sigmoid: SiLU and GELU. Covers in ball arithmetic show their bounds."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from sympy import Rational, erf, exp, pi, sqrt, tanh

from ffn.admissible import formulas
from proofs.chapters.code_on_symbols import kernels, without_floats
from proofs.engine.derivation import Claim, Comparison, Cover, Derivation, Relation, Step, WrongStep, claim
from proofs.engine.notation import Partial, gelu, positives, reals, sigmoid, silu

(z,) = reals("z")
(t,) = positives("t")
HALF = Rational(1, 2)
CUBIC = Rational(44715, 10**6)
CONSTANTS = {math.sqrt(0.5): sqrt(HALF)}


def shipped(formula: Callable[..., Any]) -> Any:
    """z → the formula of the code on a symbol, with its rounded constants as what they stand for."""
    return lambda at: without_floats(formula(kernels, np.array([at], dtype=object))[0], CONSTANTS)


def bound(name: str, of: Any, relation: Relation, value: Any, *before: Step) -> Claim:
    """A bound, after what leads to it, by a cover."""
    sought = "the difference is positive in every box that covers the line, and in both tails"
    return claim(name, of, relation, value, *before, Step(f"{name}, by a cover", value, sought, relation, Cover()))


def slope_of_silu(at: Any) -> Any:
    """σ(z)(1 + z(1 − σ(z)))."""
    return sigmoid(at) * (1 + at * (1 - sigmoid(at)))


silu_bounds = Derivation(
    name="SiLU, slope and bounds",
    source="Elfwing, Uchibe & Doya 2018; Ramachandran, Zoph & Le 2017",
    claims=(
        claim(
            "slope",
            Partial(silu(z), z),
            "=",
            slope_of_silu(z),
            Step("product rule", slope_of_silu(z), "σ + zσ′, and σ′ = σ(1 − σ)"),
        ),
        claim(
            "less its reflection",
            silu(z) - silu(-z),
            "=",
            z,
            Step("reflect", z, "zσ(z) + zσ(−z) = z"),
        ),
        bound(
            "slope at most 1.1",
            Partial(silu(z), z),
            "<",
            Rational(11, 10),
            Step("as above, for the largest", slope_of_silu(z), "product rule"),
        ),
        bound(
            "slope at least −0.1",
            Partial(silu(z), z),
            ">",
            -Rational(1, 10),
            Step("as above, for the least", slope_of_silu(z), "product rule"),
        ),
        bound("at least −0.279", silu(z), ">", -Rational(279, 1000)),
        claim(
            "the slope does exceed 1.099",
            slope_of_silu(z),
            ">",
            Rational(1099, 1000),
            Step("at 2.4, by a cover", Rational(1099, 1000), "σ(2.4) ≈ 0.917", ">", Cover()),
            exists={z: Rational(12, 5)},
        ),
    ),
    ties=(Comparison("SiLU of the code", (t, -t), shipped(formulas.silu), silu, "ffn.admissible.formulas.silu"),),
    planted=(
        WrongStep("slope of σ alone", "product rule", sigmoid(z) * (1 - sigmoid(z))),
        WrongStep("even", "reflect", 0),
        WrongStep("slope at most 1", "slope at most 1.1, by a cover", 1),
        WrongStep("increasing", "slope at least −0.1, by a cover", 0),
        WrongStep("at least −¼", "at least −0.279, by a cover", -Rational(1, 4)),
        WrongStep("value of σ", "SiLU of the code", claimed=sigmoid),
    ),
)


def phi(at: Any) -> Any:
    """The normal density."""
    return exp(-(at**2) / 2) / sqrt(2 * pi)


def slope_of_gelu(at: Any) -> Any:
    """Φ(z) + zφ(z)."""
    return (1 + erf(at / sqrt(2))) / 2 + at * phi(at)


def gelu_by_tanh(at: Any) -> Any:
    """z(1 + tanh(√(2/π)(z + 0.044715z³)))/2."""
    return at * (1 + tanh(sqrt(2 / pi) * (at + CUBIC * at**3))) / 2


def rounded_tanh_form(at: Any) -> Any:
    """The same with √(2/π) and 0.044715 as floats."""
    return without_floats(at * (1 + tanh(math.sqrt(2 / math.pi) * (at + 0.044715 * at**3))) / 2)


gelu_bounds = Derivation(
    name="GELU, slope and bounds",
    source="Hendrycks & Gimpel 2016",
    letters="φ is the density of the normal distribution, Φ its distribution function.",
    claims=(
        claim(
            "slope",
            Partial(gelu(z), z),
            "=",
            slope_of_gelu(z),
            Step("product rule", slope_of_gelu(z), "Φ′ = φ"),
        ),
        claim(
            "less its reflection",
            gelu(z) - gelu(-z),
            "=",
            z,
            Step("reflect", z, "Φ(z) + Φ(−z) = 1"),
        ),
        bound(
            "slope at most 1.13",
            Partial(gelu(z), z),
            "<",
            Rational(113, 100),
            Step("as above, for the largest", slope_of_gelu(z), "Φ + zφ, largest at √2"),
        ),
        bound(
            "slope at least −0.13",
            Partial(gelu(z), z),
            ">",
            -Rational(13, 100),
            Step("as above, for the least", slope_of_gelu(z), "Φ + zφ, least at −√2"),
        ),
        bound("at least −0.17", gelu(z), ">", -Rational(17, 100)),
        bound("the tanh form, from above", gelu_by_tanh(z) - gelu(z), "<", Rational(1, 2000)),
        bound("the tanh form, from below", gelu_by_tanh(z) - gelu(z), ">", -Rational(1, 2000)),
    ),
    ties=(
        Comparison("GELU of the code", (t, -t), shipped(formulas.gelu), gelu, "ffn.admissible.formulas.gelu"),
        Comparison(
            "its tanh form in the code, with rounded constants",
            (t, -t),
            shipped(formulas.gelu_tanh),
            rounded_tanh_form,
            "ffn.admissible.formulas.gelu_tanh",
        ),
    ),
    planted=(
        WrongStep("Φ alone", "product rule", slope_of_gelu(z) - z * phi(z)),
        WrongStep("even", "reflect", 0),
        WrongStep("slope at most 1.05", "slope at most 1.13, by a cover", Rational(105, 100)),
        WrongStep("increasing", "slope at least −0.13, by a cover", 0),
        WrongStep("at least −0.15", "at least −0.17, by a cover", -Rational(15, 100)),
        WrongStep("tanh above", "the tanh form, from below, by a cover", Rational(1, 1000)),
        WrongStep("SiLU", "GELU of the code", claimed=silu),
        WrongStep("exact constants", "its tanh form in the code, with rounded constants", claimed=gelu_by_tanh),
    ),
)
