"""A bound of the logarithm."""

from __future__ import annotations

from sympy import log

from proofs.engine.derivation import Derivation, Step, Valley, WrongStep, chain
from proofs.engine.notation import positives

t, u = positives("t u")

logarithm = Derivation(
    name="log u ≤ u − 1",
    statement="log u ≤ u − 1 for u > 0, with equality at u = 1 alone; so log(1 + t) ≤ t.",
    hypotheses=("u > 0, t > 0",),
    source="classical",
    chains=(
        chain(
            "at every u",
            log(u),
            Step(
                "tangent at 1",
                u - 1,
                "the difference is 0 at 1 and rises away from it",
                "≤",
                Valley(u, 1, (u - 1) ** 2 / u),
            ),
        ),
        chain(
            "near 1", log(1 + t), Step("tangent at 0", t, "the same at u = 1 + t", "≤", Valley(t, 0, t**2 / (1 + t)))
        ),
    ),
    untied="a lemma: the code has no such formula",
    planted=(
        WrongStep("wrong direction", "tangent at 1", relation="≥"),
        WrongStep("shifted tangent", "tangent at 1", u - 2),
        WrongStep("wrong slope", "tangent at 0", t, certificate=Valley(t, 0, t**2)),
    ),
)
