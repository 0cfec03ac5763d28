"""What a hidden layer of squares cannot do."""

from __future__ import annotations

from typing import Any

from sympy import Rational

from proofs.engine.derivation import Derivation, Step, WrongStep, chain
from proofs.engine.notation import arrays, dimension, positives, reals, total

HALF, QUARTER = Rational(1, 2), Rational(1, 4)
x, c = reals("x c")
u, v = positives("u v")
n = dimension("n")
w, b, outer = arrays("w b v")


def cubic_error(at: Any) -> Any:
    """What a network of n squared units leaves of x³."""
    return at**3 - total(lambda i: outer[i] * (w[i] * at + b[i]) ** 2, n) - c


FUNCTIONAL = (-cubic_error(-1) + 2 * cubic_error(-HALF) - 2 * cubic_error(HALF) + cubic_error(1)) / 6
INSIDE = (u - v) / (u + v)  # any number in (−1, 1)
squares = Derivation(
    name="squares are not universal",
    statement="A hidden layer of units z², of any width, is at least 1/4 away from x³ on [−1, 1]; two units reach 1/4.",
    hypotheses=("one hidden layer of n squared units and a bias", "(u − v)/(u + v) is any number of (−1, 1)"),
    source="Chebyshev's equioscillation; for the theorem Leshno, Lin, Pinkus & Schocken 1993",
    chains=(
        chain(
            "lower bound",
            FUNCTIONAL,
            Step(
                "a functional that no quadratic sees",
                QUARTER,
                "the weights −1, 2, −2, 1 over 6 at −1, −½, ½, 1 take every quadratic to 0 and add up to 1 in size",
            ),
        ),
        chain(
            "two units",
            Rational(3, 16) * (x + 1) ** 2 - Rational(3, 16) * (x - 1) ** 2,
            Step("a line", 3 * x / 4, "the squares cancel"),
        ),
        chain(
            "upper bound",
            (INSIDE**3 - 3 * INSIDE / 4) ** 2,
            Step(
                "Chebyshev polynomial",
                Rational(1, 16),
                "x³ − 3x/4 = T₃/4, and 1 − T₃² = (1 − x²)(4x² − 1)²",
                "≤",
                4 * u * v / (u + v) ** 2 * (4 * INSIDE**2 - 1) ** 2 / 16,
            ),
        ),
    ),
    untied="z² is none of the code's activations",
    planted=(
        WrongStep("weights of one sign", "a functional that no quadratic sees", -QUARTER),
        WrongStep("coefficient", "a line", x / 2),
        WrongStep("nearer than it is", "Chebyshev polynomial", Rational(1, 17)),
    ),
)
