"""Jensen's inequality for finitely many points, by induction on their number."""

from __future__ import annotations

from typing import Any

from sympy import oo

from proofs.engine.declared import CONVEX, rest, share, x, y
from proofs.engine.derivation import Derivation, Induction, Step, Uses, WrongStep, claim
from proofs.engine.notation import array, dimension, phi, total

n = dimension("n")
points, weights = array("p", oo), array("w", oo, positive=True)


def weight(count: Any) -> Any:
    """Σ w."""
    return total(lambda i: weights[i], count)


def moment(count: Any) -> Any:
    """Σ w p."""
    return total(lambda i: weights[i] * points[i], count)


def of_values(count: Any) -> Any:
    """Σ w φ(p)."""
    return total(lambda i: weights[i] * phi(points[i]), count)


LAST = weights[n + 1] * phi(points[n + 1])
scaled = claim(
    "for any positive weights",
    weight(n) * phi(moment(n) / weight(n)),
    "≤",
    of_values(n),
    proof=Induction(
        n,
        base=(Step("one point", weights[1] * phi(points[1]), "the mean of one point is the point"),),
        step=(
            Step(
                "the last point apart",
                weight(n) * phi(moment(n) / weight(n)) + LAST,
                "convexity, between the mean of the others, with the share of their weights, and the last point",
                "≤",
                uses=Uses(
                    CONVEX,
                    {
                        share: weight(n) / weight(n + 1),
                        rest: weights[n + 1] / weight(n + 1),
                        x: moment(n) / weight(n),
                        y: points[n + 1],
                    },
                    weight(n + 1),
                ),
            ),
            Step("the hypothesis", of_values(n) + LAST, "for the n points before it", "≤", uses=Uses()),
        ),
    ),
)
jensen = Derivation(
    name="Jensen's inequality",
    source="Jensen 1906",
    letters="p_i are points and w_i their weights.",
    claims=(
        scaled,
        claim(
            "for the mean",
            phi(moment(n) / weight(n)),
            "≤",
            of_values(n) / weight(n),
            Step(
                "divided by the weights",
                of_values(n) / weight(n),
                "their sum is positive",
                "≤",
                uses=Uses(scaled, weight=1 / weight(n)),
            ),
        ),
    ),
    untied="a lemma: the code has no such formula",
    planted=(
        WrongStep("point forgotten", "the last point apart", weight(n) * phi(moment(n) / weight(n))),
        WrongStep("half of the last value", "the hypothesis", of_values(n) + LAST / 2),
        WrongStep("a hundredth", "divided by the weights", of_values(n) / weight(n) / 100),
    ),
)
