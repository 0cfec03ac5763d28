"""What a hidden layer of squares cannot do."""

from __future__ import annotations

from typing import Any

from sympy import Rational

from proofs.engine.derivation import Derivation, Fact, Step, WrongStep, claim
from proofs.engine.notation import array, dimension, reals, total

HALF, QUARTER = Rational(1, 2), Rational(1, 4)
x, c, error = reals("x c E")
n = dimension("n")
w, b, outer = array("w", n), array("b", n), array("v", n)


def cubic_error(at: Any) -> Any:
    """What a network of n squared units leaves of x³."""
    return at**3 - total(lambda i: outer[i] * (w[i] * at + b[i]) ** 2, n) - c


FUNCTIONAL = (-cubic_error(-1) + 2 * cubic_error(-HALF) - 2 * cubic_error(HALF) + cubic_error(1)) / 6
AT = (-1, -HALF, HALF, 1)
squares = Derivation(
    name="squares are not universal",
    source="Chebyshev's equioscillation; for the theorem Leshno, Lin, Pinkus & Schocken 1993",
    letters="n units v (wx + b)² and a constant c are compared with x³; E bounds the error at −1, −½, ½ and 1.",
    claims=(
        claim(
            "any width",
            QUARTER,
            "≤",
            error,
            Step(
                "a functional that no quadratic sees",
                FUNCTIONAL,
                "the weights −1, 2, −2, 1 over 6 at −1, −½, ½, 1 take every quadratic to 0",
            ),
            Step("four errors", error, "the weights add up to 1 in size", "≤"),
            given=tuple(Fact(sign * cubic_error(at), "≤", error) for at in AT for sign in (1, -1)),
            example={error: 100},
        ),
        claim(
            "two units",
            Rational(3, 16) * (x + 1) ** 2 - Rational(3, 16) * (x - 1) ** 2,
            "=",
            3 * x / 4,
            because="the squares cancel",
        ),
        claim(
            "they reach it",
            (x**3 - 3 * x / 4) ** 2,
            "≤",
            Rational(1, 16),
            Step(
                "Chebyshev polynomial",
                Rational(1, 16),
                "x³ − 3x/4 = T₃/4, and 1 − T₃² = (1 − x²)(4x² − 1)²",
                "≤",
                (x + 1) * (1 - x) * (4 * x**2 - 1) ** 2 / 16,
            ),
            given=(Fact(x, "≥", -1), Fact(x, "≤", 1)),
        ),
    ),
    untied="z² is none of the code's activations",
    planted=(
        WrongStep("weights of one sign", "a functional that no quadratic sees", -FUNCTIONAL),
        WrongStep("coefficient", "two units", x / 2),
        WrongStep("nearer than it is", "Chebyshev polynomial", Rational(1, 17)),
    ),
)
