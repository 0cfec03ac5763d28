"""How fast σ can move, and how fast its slope can turn."""

from __future__ import annotations

from sympy import Rational, exp

from proofs.chapters.activations.derivations.sigmoids import T, decay
from proofs.chapters.code_on_symbols import shipped
from proofs.engine.derivation import Comparison, Derivation, Step, Valley, WrongStep, claim
from proofs.engine.notation import Partial, positives, reals, sigmoid

(z,) = reals("z")
(t,) = positives("t")
AHEAD = z + t
MOVED = sigmoid(AHEAD) - sigmoid(z)
RISEN = exp(-z) * (1 - exp(-t)) / ((1 + exp(-z)) * (1 + exp(-AHEAD)))

lipschitz = Derivation(
    name="sigmoid is ¼-Lipschitz",
    source="derived here",
    letters="t is how far two arguments are apart.",
    claims=(
        claim(
            "it rises",
            MOVED,
            ">",
            0,
            Step("over one denominator", RISEN, "e^-z − e^-(z + t) = e^-z (1 − e^-t)"),
            Step("positive", 0, "t is", ">"),
        ),
        claim(
            "by a quarter of the way at most",
            MOVED,
            "≤",
            t / 4,
            Step(
                "no faster than ¼",
                t / 4,
                "both are 0 at t = 0, and ¼ − σ′ is a square",
                "≤",
                Valley(t, 0, t * (1 - exp(-AHEAD)) ** 2 / (4 * (1 + exp(-AHEAD)) ** 2)),
            ),
        ),
    ),
    ties=(
        Comparison(
            "difference by the code",
            (z, -z),
            lambda at: shipped("sigmoid", "value")(at + t) - shipped("sigmoid", "value")(at),
            lambda at: sigmoid(at + t) - sigmoid(at),
            "ffn.network.activations.sigmoid",
        ),
    ),
    planted=(
        WrongStep("falls", "over one denominator", -RISEN),
        WrongStep("a fifth", "no faster than ¼", t / 5),
        WrongStep("reflected", "difference by the code", claimed=lambda at: sigmoid(at - t) - sigmoid(at)),
    ),
)

THIRD = Partial(Partial(Partial(sigmoid(z), z), z), z)
SHARP = T * (1 - 6 * T)
third = Derivation(
    name="sigmoid, third derivative",
    source="derived here",
    claims=(
        claim(
            "third derivative",
            THIRD,
            "=",
            SHARP,
            Step("three times", SHARP, "with T = σ(1 − σ), T′ = T(1 − 2σ) and (1 − 2σ)² = 1 − 4T"),
        ),
        claim(
            "from above",
            THIRD,
            "≤",
            Rational(1, 24),
            Step("as above", SHARP, "in T"),
            Step("a square", Rational(1, 24), "1/24 − T + 6T²", "≤", 6 * (decay(z) - Rational(1, 12)) ** 2),
        ),
        claim(
            "from below",
            THIRD,
            "≥",
            -Rational(1, 8),
            Step("as above again", SHARP, "in T"),
            Step(
                "factors",
                -Rational(1, 8),
                "1/8 + T − 6T² = (¼ − T)(½ + 6T), and T ≤ ¼",
                "≥",
                (1 - exp(-z)) ** 2 / (4 * (1 + exp(-z)) ** 2) * (Rational(1, 2) + 6 * decay(z)),
            ),
        ),
        claim("which it is at 0", SHARP, "=", -Rational(1, 8), because="T = ¼", exists={z: 0}),
    ),
    untied="the code needs no third derivative",
    planted=(
        WrongStep("factor 5", "three times", T * (1 - 5 * T)),
        WrongStep("1/25", "a square", Rational(1, 25)),
        WrongStep("−1/9", "factors", -Rational(1, 9)),
    ),
)
