"""Gradients that vanish with depth."""

from __future__ import annotations

from typing import Any

from sympy import Rational, exp

from proofs.engine.derivation import Derivation, Step, WrongStep, chain
from proofs.engine.notation import arrays, dimension, total

d, m = dimension("d"), dimension("m")
c, z, W, u = arrays("c z W u")


def slope(i: Any) -> Any:
    """σ′(z_i)."""
    return exp(-z[i]) / (1 + exp(-z[i])) ** 2


SCALED = total(lambda i: (c[i] * slope(i)) ** 2, m)
LEFT = total(lambda i: c[i] ** 2 * (1 - exp(-z[i])) ** 2 / (4 * (1 + exp(-z[i])) ** 2) * (slope(i) + Rational(1, 4)), m)
MAPPED = total(lambda p: total(lambda i: W[p, i] * u[i], m) ** 2, d)
NORMS = total(lambda p, i: W[p, i] ** 2, d, m) * total(lambda i: u[i] ** 2, m)
LAGRANGE = Rational(1, 2) * total(lambda p, i, q: (W[p, i] * u[q] - W[p, q] * u[i]) ** 2, d, m, m)

vanishing = Derivation(
    name="vanishing gradients",
    statement="Through a sigmoid layer ‖δ_below‖² ≤ ‖W‖²‖δ ⊙ σ′‖² and ‖δ ⊙ σ′‖² ≤ ‖δ‖²/16; so through L layers the "
    "gradient shrinks to at most 4^-L Π‖W‖ of it.",
    hypotheses=("‖W‖ is the Frobenius norm; for the operator norm the first bound is its definition",),
    source="Hochreiter 1991; Bengio, Simard & Frasconi 1994",
    chains=(
        chain(
            "slopes",
            SCALED,
            Step("a quarter each", total(lambda i: c[i] ** 2, m) / 16, "1/16 − σ′² = (1/4 − σ′)(1/4 + σ′)", "≤", LEFT),
        ),
        chain(
            "weights",
            MAPPED,
            Step("Cauchy–Schwarz", NORMS, "Lagrange's identity gives the difference as squares", "≤", LAGRANGE),
        ),
    ),
    conclusion="By induction over depth: each layer multiplies the bound by ‖W‖/4.",
    untied="a bound on what the derivation of one layer ties to the code",
    planted=(
        WrongStep("an eighth", "a quarter each", total(lambda i: c[i] ** 2, m) / 64),
        WrongStep("half of the pairs", "Cauchy–Schwarz", certificate=LAGRANGE / 2),
        WrongStep("wrong direction", "Cauchy–Schwarz", relation="≥"),
    ),
)
