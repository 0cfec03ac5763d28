"""Sigmoid and tanh: slopes, ranges and bounds.

The bounds of σ are proved in e^-|z|: σ′ is even, so that z ≥ 0 is enough.
"""

from __future__ import annotations

from typing import Any

from sympy import Abs, Rational, Symbol, exp, tanh

from proofs.chapters.code_on_symbols import shipped, shipped_other_slope
from proofs.engine.derivation import (
    Case,
    Cases,
    Comparison,
    Derivation,
    Fact,
    Relation,
    Step,
    WrongStep,
    claim,
)
from proofs.engine.notation import Partial, positives, reals, sigmoid

(z,) = reals("z")
t, u = positives("t u")
a = Symbol("a", nonnegative=True)  # |z|
QUARTER, HALF = Rational(1, 4), Rational(1, 2)
BOOK = "Goodfellow, Bengio & Courville 2016, section 3.10"


def decay(at: Any) -> Any:
    """e^-z/(1 + e^-z)²."""
    return exp(-at) / (1 + exp(-at)) ** 2


S = sigmoid(z)
sigmoid_slope = Derivation(
    name="sigmoid, slope",
    source=BOOK,
    claims=(
        claim(
            "slope from the output",
            Partial(sigmoid(z), z),
            "=",
            sigmoid(z) * (1 - sigmoid(z)),
            Step("differentiate σ", decay(z), "quotient rule"),
            Step("in terms of σ", sigmoid(z) * (1 - sigmoid(z)), "1 − σ(z) = e^-z σ(z)"),
        ),
        claim(
            "even",
            S * (1 - S),
            "=",
            sigmoid(-z) * (1 - sigmoid(-z)),
            Step("reflect", sigmoid(-z) * (1 - sigmoid(-z)), "σ(−z) = 1 − σ(z)"),
        ),
        claim(
            "at most 1/4",
            Partial(S, z),
            "≤",
            QUARTER,
            Step("the slope", decay(z), "as above"),
            Step(
                "bound",
                QUARTER,
                "the difference is a square",
                "≤",
                (1 - exp(-z)) ** 2 / (4 * (1 + exp(-z)) ** 2),
            ),
        ),
        claim("which it is at 0", S * (1 - S), "=", QUARTER, because="σ(0) = ½", exists={z: 0}),
        claim("increasing", Partial(S, z), ">", 0, Step("positive", 0, "exponentials are positive", ">", decay(z))),
    ),
    ties=(
        Comparison(
            "slope in the code", (z,), shipped("sigmoid", "slope"), decay, "ffn.network.activations.sigmoid_slope"
        ),
        Comparison(
            "slope from the output in the code",
            (z,),
            shipped_other_slope("sigmoid"),
            decay,
            "ffn.network.activations: sigmoid",
        ),
    ),
    planted=(
        WrongStep("sign", "differentiate σ", -decay(z)),
        WrongStep("σ² forgotten", "in terms of σ", sigmoid(z)),
        WrongStep("bound too small", "bound", Rational(6, 25)),
        WrongStep("bound with a wrong certificate", "bound", certificate=(1 + exp(-z)) ** 2 / (4 * (1 + exp(-z)) ** 2)),
        WrongStep("odd", "reflect", -sigmoid(-z) * (1 - sigmoid(-z))),
        WrongStep("slope of tanh", "slope in the code", claimed=lambda at: 4 * decay(2 * at)),
    ),
)

Q = exp(-Abs(z))


def on_both_sides(name: str, result: Any, because: str, relation: Relation, certificate: Any) -> Cases:
    """One step, for z ≥ 0 and for z < 0, where |z| is z and −z."""
    right = Step(f"{name}, on the right", result, because, relation, certificate)
    left = Step(f"{name}, on the left", result, because + "; σ′ is even", relation, certificate)
    return Cases((Case(Fact(z, "≥", 0), (right,)), Case(Fact(z, "<", 0), (left,))))


sigmoid_decay = Derivation(
    name="sigmoid, saturation",
    source=BOOK,
    claims=(
        claim(
            "lower bound",
            Q / 4,
            "≤",
            S * (1 - S),
            proof=on_both_sides(
                "σ′ from below", S * (1 - S), "(1 + e^-|z|)² ≤ 4", "≤", Q * (1 - Q) * (3 + Q) / (4 * (1 + Q) ** 2)
            ),
        ),
        claim(
            "upper bound",
            S * (1 - S),
            "<",
            Q,
            proof=on_both_sides("σ′ from above", Q, "(1 + e^-|z|)² > 1", "<", Q * (2 * Q + Q**2) / (1 + Q) ** 2),
        ),
    ),
    ties=(
        Comparison(
            "slope at ±a in the code",
            (a, -a),
            shipped("sigmoid", "slope"),
            lambda _: decay(a),
            "ffn.network.activations.sigmoid_slope",
        ),
    ),
    planted=(
        WrongStep("half in place of a quarter", "σ′ from below, on the right", decay(z) / 2),
        WrongStep("faster decay", "σ′ from above, on the left", exp(-2 * Abs(z))),
        WrongStep("wrong direction", "σ′ from above, on the right", relation=">"),
        WrongStep("slope not even", "slope at ±a in the code", claimed=lambda at: exp(-a) * sigmoid(at) ** 2),
    ),
)

T = S * (1 - S)
sigmoid_second = Derivation(
    name="sigmoid, second derivative",
    source="derived here",
    claims=(
        claim(
            "second derivative",
            Partial(Partial(sigmoid(z), z), z),
            "=",
            T * (1 - 2 * S),
            Step("twice", T * (1 - 2 * S), "product rule on σ(1 − σ)"),
        ),
        claim(
            "its square",
            (T * (1 - 2 * S)) ** 2,
            "≤",
            Rational(1, 108),
            Step("in t = σ(1 − σ)", T**2 * (1 - 4 * T), "(1 − 2σ)² = 1 − 4t"),
            Step(
                "maximum at t = 1/6",
                Rational(1, 108),
                "1/108 − t²(1 − 4t) has a double root at 1/6",
                "≤",
                4 * (decay(z) - Rational(1, 6)) ** 2 * (decay(z) + Rational(1, 12)),
            ),
        ),
    ),
    untied="the code needs no second derivative",
    planted=(
        WrongStep("factor 2 lost", "twice", T * (1 - S)),
        WrongStep("bound too small", "maximum at t = 1/6", Rational(1, 120)),
    ),
)

sigmoid_range = Derivation(
    name="sigmoid, range",
    source=BOOK,
    claims=(
        claim(
            "above 0",
            S,
            ">",
            0,
            Step("positive", 0, "1 and an exponential, which is positive", ">", 1 / (1 + exp(-z))),
        ),
        claim(
            "below 1",
            S,
            "<",
            1,
            Step("less than 1", 1, "1 − σ is again a σ", "<", exp(-z) / (1 + exp(-z))),
        ),
        claim(
            "symmetry",
            sigmoid(-z),
            "=",
            1 - S,
            Step("reflect", 1 - S, "multiply both by e^-z"),
        ),
    ),
    ties=(
        Comparison("value in the code", (z,), shipped("sigmoid", "value"), sigmoid, "ffn.network.activations.sigmoid"),
    ),
    planted=(
        WrongStep("bound too small", "less than 1", HALF),
        WrongStep("odd", "reflect", -S),
        WrongStep("argument reflected", "value in the code", claimed=lambda at: sigmoid(-at)),
    ),
)

tanh_and_sigmoid = Derivation(
    name="tanh and sigmoid",
    source=BOOK,
    claims=(
        claim(
            "value",
            tanh(z),
            "=",
            2 * sigmoid(2 * z) - 1,
            Step("rescaled σ", 2 * sigmoid(2 * z) - 1, "expand tanh by e^-z"),
        ),
        claim(
            "slope",
            Partial(tanh(z), z),
            "≤",
            1,
            Step("from the output", 1 - tanh(z) ** 2, "quotient rule on sinh/cosh"),
            Step("from σ′", 4 * decay(2 * z), "the identity above, differentiated"),
            Step("at most 1", 1, "4σ′ ≤ 1", "≤", (1 - exp(-2 * z)) ** 2 / (1 + exp(-2 * z)) ** 2),
        ),
        claim(
            "decay",
            4 * decay(2 * a),
            "<",
            4 * exp(-2 * a),
            Step(
                "twice as fast",
                4 * exp(-2 * a),
                "σ′(2a) < e^-2a",
                "<",
                4 * exp(-2 * a) * (2 * exp(-2 * a) + exp(-4 * a)) / (1 + exp(-2 * a)) ** 2,
            ),
        ),
    ),
    ties=(
        Comparison(
            "value in the code",
            (z,),
            shipped("tanh", "value"),
            lambda at: 2 * sigmoid(2 * at) - 1,
            "ffn.network.activations: tanh",
        ),
        Comparison(
            "slope in the code",
            (z,),
            shipped("tanh", "slope"),
            lambda at: 4 * decay(2 * at),
            "ffn.network.activations.tanh_slope",
        ),
        Comparison(
            "slope from the output in the code",
            (z,),
            shipped_other_slope("tanh"),
            lambda at: 4 * decay(2 * at),
            "ffn.network.activations: tanh",
        ),
    ),
    planted=(
        WrongStep("argument not doubled", "rescaled σ", 2 * sigmoid(z) - 1),
        WrongStep("square lost", "from the output", 1 - tanh(z)),
        WrongStep("inner derivative lost", "from σ′", 2 * decay(2 * z)),
        WrongStep("slope of σ", "slope in the code", claimed=decay),
    ),
)
