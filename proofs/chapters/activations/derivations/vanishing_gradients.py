"""Gradients that vanish with depth."""

from __future__ import annotations

from typing import Any

from sympy import Rational, exp, oo

from proofs.engine.derivation import Derivation, Fact, Induction, Step, Uses, WrongStep, claim
from proofs.engine.notation import array, dimension, index, natural, positives, total

(s,) = positives("s")
d, m = dimension("d"), dimension("m")
c, z, W, u = array("c", m), array("z", m), array("W", d, m), array("u", m)


def slope_at(at: Any) -> Any:
    """σ′."""
    return exp(-at) / (1 + exp(-at)) ** 2


def slope(i: Any) -> Any:
    """σ′(z_i)."""
    return slope_at(z[i])


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
PULLED = total(lambda p: total(lambda i: W[p, i] * c[i] * slope(i), m) ** 2, d)  # ‖W(c ⊙ σ′)‖²
NORM = Fact(PULLED, "≤", s**2 * SCALED)  # what a spectral norm s of W says of c ⊙ σ′
# Layer by layer, from the last: the cotangents C_l and pre-activations Z_l, all of width m; narrower ones with zeros

L, at = natural("L"), index("l")
C, Z = array("C", oo, m), array("Z", oo, m)


def length(layer: Any) -> Any:
    """‖C_l‖²."""
    return total(lambda i: C[layer, i] ** 2, m)


def scaled(layer: Any) -> Any:
    """‖C_l ⊙ σ′(Z_l)‖²."""
    return total(lambda i: (C[layer, i] * slope_at(Z[layer, i])) ** 2, m)


norms, P = array("s", oo, positive=True), array("P", oo, positive=True)
EACH = Fact(length(at + 1), "≤", norms[at] ** 2 * scaled(at), {at: oo})  # a spectral norm of at most s_l, in layer l
NO_FACTOR = Fact(P[1], "=", 1)
FACTORS = Fact(P[at + 1], "=", norms[at] ** 2 / 16 * P[at], {at: oo})
MORE = norms[L + 1] ** 2
vanishing = Derivation(
    name="vanishing gradients",
    source="Hochreiter 1991; Bengio, Simard & Frasconi 1994",
    letters=(
        "c is a cotangent, z a pre-activation, s the norm of W. C_l and Z_l are those of layer l, counted from the "
        "last, and s_l its norm; the widths are equal, narrower layers having zeros."
    ),
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
            Step("spectral norm", s**2 * SCALED, "‖W v‖ ≤ s‖v‖ at v = c ⊙ σ′", "≤", uses=Uses(NORM)),
            Step("slopes again", s**2 / 16 * SQUARES, "a quarter each", "≤", uses=Uses(quarter, weight=s**2)),
            given=(NORM,),
        ),
        claim(
            "L layers",
            length(L + 1),
            "≤",
            P[L + 1] * length(1),
            proof=Induction(
                L,
                base=(Step("no layer", P[1] * length(1), "the factor is 1", uses=Uses(NO_FACTOR, weight=-length(1))),),
                step=(
                    Step("one more layer", MORE * scaled(L + 1), "its norm", "≤", uses=Uses(EACH, {at: L + 1})),
                    Step(
                        "its slopes",
                        MORE / 16 * length(L + 1),
                        "a quarter each",
                        "≤",
                        uses=Uses(quarter, {c: lambda i: C[L + 1, i], z: lambda i: Z[L + 1, i]}, MORE),
                    ),
                    Step(
                        "the layers behind it",
                        MORE / 16 * P[L + 1] * length(1),
                        "by the hypothesis",
                        "≤",
                        uses=Uses(weight=MORE / 16),
                    ),
                    Step(
                        "one factor more",
                        P[L + 2] * length(1),
                        "P is the product of s²/16, which vanishes with the depth if every s ≤ s′ < 4",
                        uses=Uses(FACTORS, {at: L + 1}, weight=-length(1)),
                    ),
                ),
                start=0,
            ),
            given=(EACH, NO_FACTOR, FACTORS),
            example={C: 1, Z: 0, norms: 4, P: 1},
        ),
    ),
    untied="a bound on what the derivation of one layer ties to the code",
    planted=(
        WrongStep("an eighth", "a quarter each", total(lambda i: c[i] ** 2, m) / 64),
        WrongStep("half of the pairs", "Cauchy–Schwarz", certificate=LAGRANGE / 2),
        WrongStep("a hundredth", "its slopes", MORE * length(L + 1) / 100),
        WrongStep("a tenth", "the layers behind it", MORE / 16 * P[L + 1] * length(1) / 10),
        WrongStep("wrong direction", "Cauchy–Schwarz", relation="≥"),
    ),
)
