"""Sigmoid and tanh: slopes, ranges and bounds.

The bounds of σ are proved in e^-|z|: σ′ is even, so that z ≥ 0 is enough.
"""

from __future__ import annotations

from typing import Any

from sympy import Rational, Symbol, exp, tanh

from proofs.chapters.code_on_symbols import shipped, shipped_other_slope
from proofs.engine.derivation import Comparison, Derivation, Step, WrongStep, chain
from proofs.engine.notation import Partial, positives, reals, sigmoid

(z,) = reals("z")
t, u = positives("t u")
a = Symbol("a", nonnegative=True)  # |z|
QUARTER, HALF = Rational(1, 4), Rational(1, 2)
BOOK = "Goodfellow, Bengio & Courville 2016, section 3.10"
REAL = ("z is real",)


def decay(at: Any) -> Any:
    """e^-z/(1 + e^-z)²."""
    return exp(-at) / (1 + exp(-at)) ** 2


sigmoid_slope = Derivation(
    name="sigmoid, slope",
    statement="σ′ = σ(1 − σ) = e^-z/(1 + e^-z)², which is even, positive and at most 1/4.",
    hypotheses=REAL,
    source=BOOK,
    chains=(
        chain(
            "slope from the output",
            Partial(sigmoid(z), z),
            Step("differentiate σ", decay(z), "quotient rule"),
            Step("in terms of σ", sigmoid(z) * (1 - sigmoid(z)), "1 − σ(z) = e^-z σ(z)"),
        ),
        chain("even", decay(-z), Step("reflect", decay(z), "multiply both by e^-2z")),
        chain(
            "at most 1/4",
            decay(z),
            Step(
                "bound",
                QUARTER,
                "the difference is a square: equality at z = 0",
                "≤",
                (1 - exp(-z)) ** 2 / (4 * (1 + exp(-z)) ** 2),
            ),
        ),
        chain("increasing", decay(z), Step("positive", 0, "exponentials are positive", ">", decay(z))),
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
        WrongStep("odd", "reflect", -decay(z)),
        WrongStep("slope of tanh", "slope in the code", claimed=lambda at: 4 * decay(2 * at)),
    ),
)

Q = exp(-a)
sigmoid_decay = Derivation(
    name="sigmoid, saturation",
    statement="e^-|z|/4 ≤ σ′(z) < e^-|z|: σ saturates exponentially.",
    hypotheses=("z is real; a = |z|, which is enough because σ′ is even",),
    source=BOOK,
    chains=(
        chain(
            "lower bound",
            Q / 4,
            Step(
                "σ′ from below", decay(a), "(1 + e^-a)² is at most 4", "≤", Q * (1 - Q) * (3 + Q) / (4 * (1 + Q) ** 2)
            ),
        ),
        chain(
            "upper bound",
            decay(a),
            Step("σ′ from above", Q, "(1 + e^-a)² is more than 1", "<", Q * (2 * Q + Q**2) / (1 + Q) ** 2),
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
        WrongStep("half in place of a quarter", "σ′ from below", decay(a) / 2),
        WrongStep("faster decay", "σ′ from above", exp(-2 * a)),
        WrongStep("wrong direction", "σ′ from above", relation=">"),
        WrongStep("slope not even", "slope at ±a in the code", claimed=lambda at: exp(-a) * sigmoid(at) ** 2),
    ),
)

S = sigmoid(z)
T = S * (1 - S)
sigmoid_second = Derivation(
    name="sigmoid, second derivative",
    statement="σ″ = σ(1 − σ)(1 − 2σ), and σ″² ≤ 1/108, that is |σ″| ≤ √3/18.",
    hypotheses=REAL,
    source="direct",
    chains=(
        chain(
            "second derivative",
            Partial(Partial(sigmoid(z), z), z),
            Step("twice", T * (1 - 2 * S), "product rule on σ(1 − σ)"),
        ),
        chain(
            "its square",
            (T * (1 - 2 * S)) ** 2,
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
    statement="0 < σ(z) < 1, and σ(−z) = 1 − σ(z).",
    hypotheses=("z is real: in floating point the range is closed",),
    source=BOOK,
    chains=(
        chain("above 0", S, Step("positive", 0, "the denominator is positive", ">", S)),
        chain("below 1", S, Step("less than 1", 1, "1 − σ is again a σ", "<", exp(-z) / (1 + exp(-z)))),
        chain("symmetry", sigmoid(-z), Step("reflect", 1 - S, "multiply both by e^-z")),
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
    statement="tanh z = 2σ(2z) − 1; tanh′ z = 1 − tanh² z = 4σ′(2z), at most 1 and less than 4e^-2|z|.",
    hypotheses=("z is real; a = |z|",),
    source=BOOK,
    chains=(
        chain("value", tanh(z), Step("rescaled σ", 2 * sigmoid(2 * z) - 1, "expand tanh by e^-z")),
        chain(
            "slope",
            Partial(tanh(z), z),
            Step("from the output", 1 - tanh(z) ** 2, "quotient rule on sinh/cosh"),
            Step("from σ′", 4 * decay(2 * z), "the identity above, differentiated"),
            Step("at most 1", 1, "4σ′ ≤ 1", "≤", (1 - exp(-2 * z)) ** 2 / (1 + exp(-2 * z)) ** 2),
        ),
        chain(
            "decay",
            4 * decay(2 * a),
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
