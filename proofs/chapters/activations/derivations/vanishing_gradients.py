"""Gradients that vanish with depth."""

from __future__ import annotations

from typing import Any

from sympy import Rational, exp

from proofs.engine.derivation import Derivation, Fact, Step, Uses, WrongStep, claim
from proofs.engine.notation import array, dimension, positives, total

(s,) = positives("s")
d, m = dimension("d"), dimension("m")
c, z, W, u = array("c", m), array("z", m), array("W", d, m), array("u", m)


def slope(i: Any) -> Any:
    """σ′(z_i)."""
    return exp(-z[i]) / (1 + exp(-z[i])) ** 2


SCALED = total(lambda i: (c[i] * slope(i)) ** 2, m)
LEFT = total(lambda i: c[i] ** 2 * (1 - exp(-z[i])) ** 2 / (4 * (1 + exp(-z[i])) ** 2) * (slope(i) + Rational(1, 4)), m)
MAPPED = total(lambda p: total(lambda i: W[p, i] * u[i], m) ** 2, d)
NORMS = total(lambda p, i: W[p, i] ** 2, d, m) * total(lambda i: u[i] ** 2, m)
LAGRANGE = Rational(1, 2) * total(lambda p, i, q: (W[p, i] * u[q] - W[p, q] * u[i]) ** 2, d, m, m)

quarter = claim(
    "slopes",
    SCALED,
    "≤",
    total(lambda i: c[i] ** 2, m) / 16,
    Step("a quarter each", total(lambda i: c[i] ** 2, m) / 16, "1/16 − σ′² = (1/4 − σ′)(1/4 + σ′)", "≤", LEFT),
)
SQUARES = total(lambda i: c[i] ** 2, m)
PULLED = total(lambda p: total(lambda i: W[p, i] * c[i] * slope(i), m) ** 2, d)  # ‖W(δ ⊙ σ′)‖²
NORM = Fact(PULLED, "≤", s**2 * SCALED)  # what a spectral norm s of W says of δ ⊙ σ′
vanishing = Derivation(
    name="vanishing gradients",
    source="Hochreiter 1991; Bengio, Simard & Frasconi 1994",
    claims=(
        quarter,
        claim(
            "weights",
            MAPPED,
            "≤",
            NORMS,
            Step("Cauchy–Schwarz", NORMS, "Lagrange's identity gives the difference as squares", "≤", LAGRANGE),
        ),
        claim(
            "one layer",
            PULLED,
            "≤",
            s**2 / 16 * SQUARES,
            Step("spectral norm", s**2 * SCALED, "‖W v‖ ≤ s‖v‖ at v = δ ⊙ σ′", "≤", uses=Uses(NORM)),
            Step("slopes again", s**2 / 16 * SQUARES, "a quarter each", "≤", uses=Uses(quarter, weight=s**2)),
            given=(NORM,),
        ),
    ),
    untied="a bound on what the derivation of one layer ties to the code",
    planted=(
        WrongStep("an eighth", "a quarter each", total(lambda i: c[i] ** 2, m) / 64),
        WrongStep("half of the pairs", "Cauchy–Schwarz", certificate=LAGRANGE / 2),
        WrongStep("wrong direction", "Cauchy–Schwarz", relation="≥"),
    ),
)
