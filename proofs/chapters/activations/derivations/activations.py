"""Softplus and the piecewise linear activations, and a bound of the logarithm."""

from __future__ import annotations

from typing import Any

import sympy
from sympy import Abs, Rational, log, sign

from proofs.chapters.activations.derivations.sigmoids import decay
from proofs.chapters.code_on_symbols import shipped, shipped_other_slope
from proofs.engine.badges import Badge
from proofs.engine.derivation import Chain, Comparison, Derivation, Step, Valley, WrongStep
from proofs.engine.notation import Partial, positives, reals, relu, sigmoid, softplus

(z,) = reals("z")
t, u = positives("t u")
S = sigmoid(z)
BOOK = "Goodfellow, Bengio & Courville 2016, section 3.10"
REAL = ("z is real",)

softplus_slope = Derivation(
    name="softplus",
    statement="softplus′ = σ, so softplus is convex; softplus(z) − softplus(−z) = z; softplus(z) > max(z, 0).",
    hypotheses=REAL,
    source=BOOK,
    badge=Badge.GENERAL,
    chains=(
        Chain("slope", Partial(softplus(z), z), (Step("differentiate", S, "chain rule; divide by e^z"),)),
        Chain(
            "convex",
            Partial(Partial(softplus(z), z), z),
            (
                Step("differentiate again", decay(z), "the slope of σ"),
                Step("curved upwards", 0, "it is positive", ">", decay(z)),
            ),
        ),
        Chain("odd part", softplus(z) - softplus(-z), (Step("the identity", z, "1 + e^z = e^z (1 + e^-z)"),)),
        Chain("above 0", softplus(z), (Step("positive", 0, "log of more than 1", ">", softplus(z)),)),
        Chain("above z", softplus(z), (Step("above the identity", z, "by the odd part", ">", softplus(-z)),)),
    ),
    ties=(
        Comparison(
            "value in the code", (z,), shipped("softplus", "value"), softplus, "ffn.network.activations.softplus"
        ),
        Comparison(
            "slope in the code", (z,), shipped("softplus", "slope"), sigmoid, "ffn.network.activations.softplus"
        ),
        Comparison(
            "slope from the output in the code",
            (z,),
            shipped_other_slope("softplus"),
            sigmoid,
            "ffn.network.activations",
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
    statement="−log σ(z) = softplus(−z): the log of the NLL cancels the exp of σ, and nothing saturates.",
    hypotheses=REAL,
    source="Goodfellow, Bengio & Courville 2016, section 6.2.2.2",
    badge=Badge.GENERAL,
    chains=(
        Chain(
            "NLL",
            -log(sigmoid(z)),
            (Step("log of a reciprocal", softplus(-z), "−log(1/(1 + e^-z)) = log(1 + e^-z)"),),
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

logarithm = Derivation(
    name="log u ≤ u − 1",
    statement="log u ≤ u − 1 for u > 0, with equality at u = 1 alone; so log(1 + t) ≤ t.",
    hypotheses=("u > 0, t > 0",),
    source="classical",
    badge=Badge.GENERAL,
    chains=(
        Chain(
            "at every u",
            log(u),
            (
                Step(
                    "tangent at 1",
                    u - 1,
                    "the difference is 0 at 1 and rises away from it",
                    "≤",
                    Valley(u, 1, (u - 1) ** 2 / u),
                ),
            ),
        ),
        Chain(
            "near 1",
            log(1 + t),
            (Step("tangent at 0", t, "the same at u = 1 + t", "≤", Valley(t, 0, t**2 / (1 + t))),),
        ),
    ),
    untied="a lemma: the code has no such formula",
    planted=(
        WrongStep("wrong direction", "tangent at 1", relation="≥"),
        WrongStep("shifted tangent", "tangent at 1", u - 2),
        WrongStep("wrong slope", "tangent at 0", t, certificate=Valley(t, 0, t**2)),
    ),
)

POSITIVE, NEGATIVE = t, -t
CLIPPED = (-1 - t, Rational(-1, 2), Rational(0), Rational(1, 3), 1 + t)


def hard_tanh(at: Any) -> Any:
    """z between −1 and 1, and clipped to them beyond."""
    return (Abs(at + 1) - Abs(at - 1)) / 2


def hard_tanh_slope(at: Any) -> Any:
    """1 between −1 and 1, 0 beyond."""
    return (sign(at + 1) - sign(at - 1)) / 2


piecewise = Derivation(
    name="piecewise linear activations, slopes",
    statement="Off the kinks relu′ is 1 for z > 0 and 0 for z < 0, |z|′ is the sign of z, leaky relu has its negative "
    "slope for z < 0, and hard tanh has the slope 1 between −1 and 1 and 0 beyond.",
    hypotheses=("z ≠ 0, and for hard tanh z ≠ ±1",),
    source="Goodfellow, Bengio & Courville 2016, section 6.3.1",
    badge=Badge.GENERAL,
    chains=(
        Chain("relu", Partial(relu(z), z), (Step("step", (1 + sign(z)) / 2, "relu z = (z + |z|)/2"),)),
        Chain("absolute value", Partial(Abs(z), z), (Step("sign of z", sign(z), "|z| = z sign z"),)),
        Chain(
            "leaky relu",
            Partial(relu(z) - u * relu(-z), z),
            (Step("1 or u", (1 + sign(z)) / 2 + u * (1 - sign(z)) / 2, "relu(z) − u relu(−z), u the negative slope"),),
        ),
        Chain(
            "hard tanh",
            Partial(hard_tanh(z), z),
            (Step("1 between −1 and 1", hard_tanh_slope(z), "hard tanh z = (|z + 1| − |z − 1|)/2"),),
        ),
    ),
    ties=tuple(
        Comparison(
            f"{name}, {which}",
            (POSITIVE, NEGATIVE),
            shipped(name, which, slope),
            claimed,
            f"ffn.network.activations: {name}",
        )
        for name, slope, value, derivative in (
            ("relu", None, relu, lambda at: (1 + sign(at)) / 2),
            ("absolute", None, Abs, sign),
            ("leaky_relu", 0.25, lambda at: relu(at) - relu(-at) / 4, lambda at: (5 + 3 * sign(at)) / 8),
        )
        for which, claimed in (("value", value), ("slope", derivative))
    )
    + tuple(
        Comparison(
            f"hard_tanh, {which}", CLIPPED, shipped("hard_tanh", which), claimed, "ffn.network.activations: hard_tanh"
        )
        for which, claimed in (("value", hard_tanh), ("slope", hard_tanh_slope))
    ),
    planted=(
        WrongStep("slope 1 everywhere", "step", sympy.S.One),
        WrongStep("sides exchanged", "1 or u", (1 - sign(z)) / 2 + u * (1 + sign(z)) / 2),
        WrongStep("slope 2 between the kinks", "1 between −1 and 1", 2 * hard_tanh_slope(z)),
        WrongStep("not clipped on the left", "hard_tanh, value", claimed=lambda at: 1 - relu(1 - at)),
        WrongStep("slope of the other side", "relu, slope", claimed=lambda at: (1 - sign(at)) / 2),
    ),
)
