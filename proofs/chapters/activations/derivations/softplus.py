"""Softplus: the integral of σ, and the NLL of it."""

from __future__ import annotations

from sympy import exp, log

from proofs.chapters.activations.derivations.sigmoids import decay
from proofs.chapters.code_on_symbols import shipped, shipped_other_slope
from proofs.engine.derivation import Comparison, Derivation, Step, WrongStep, claim
from proofs.engine.notation import Partial, reals, sigmoid, softplus

(z,) = reals("z")
S = sigmoid(z)
BOOK = "Goodfellow, Bengio & Courville 2016, section 3.10"

softplus_slope = Derivation(
    name="softplus",
    source=BOOK,
    claims=(
        claim(
            "slope",
            Partial(softplus(z), z),
            "=",
            S,
            Step("differentiate", S, "chain rule; divide by e^z"),
        ),
        claim(
            "convex",
            Partial(Partial(softplus(z), z), z),
            ">",
            0,
            Step("differentiate again", decay(z), "the slope of σ"),
            Step("curved upwards", 0, "it is positive", ">", decay(z)),
        ),
        claim(
            "less its reflection",
            softplus(z) - softplus(-z),
            "=",
            z,
            Step("the identity", z, "1 + e^z = e^z (1 + e^-z)"),
        ),
        claim(
            "above 0",
            softplus(z),
            ">",
            0,
            Step("positive", 0, "log of more than 1", ">", log(1 + exp(z))),
        ),
        claim(
            "above z",
            softplus(z),
            ">",
            z,
            Step("above the identity", z, "softplus(z) − z = softplus(−z), log of more than 1", ">", log(1 + exp(-z))),
        ),
    ),
    ties=(
        Comparison(
            "value in the code", (z,), shipped("softplus", "value"), softplus, "ffn.network.activations.softplus"
        ),
        Comparison("slope in the code", (z,), shipped("softplus", "slope"), sigmoid, "ffn.network.activations.sigmoid"),
        Comparison(
            "slope from the output in the code",
            (z,),
            shipped_other_slope("softplus"),
            sigmoid,
            "ffn.network.activations: softplus",
        ),
    ),
    planted=(
        WrongStep("slope reflected", "differentiate", sigmoid(-z)),
        WrongStep("sign", "the identity", -z),
        WrongStep("slope of σ", "slope in the code", claimed=decay),
    ),
)

log_sigmoid = Derivation(
    name="−log σ is softplus",
    source="Goodfellow, Bengio & Courville 2016, section 6.2.2.2",
    claims=(
        claim(
            "NLL",
            -log(sigmoid(z)),
            "=",
            softplus(-z),
            Step("log of a reciprocal", softplus(-z), "−log(1/(1 + e^-z)) = log(1 + e^-z)"),
        ),
    ),
    ties=(
        Comparison(
            "softplus of the reflected logit in the code",
            (z,),
            lambda at: shipped("softplus", "value")(-at),
            lambda at: softplus(-at),
            "ffn.network.activations.softplus",
        ),
    ),
    planted=(
        WrongStep("sign of the logit", "log of a reciprocal", softplus(z)),
        WrongStep("sign", "log of a reciprocal", -softplus(-z)),
        WrongStep("logit not reflected", "softplus of the reflected logit in the code", claimed=softplus),
    ),
)
