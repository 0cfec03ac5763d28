"""The register: every claim of the notes, by subject and in their order."""

from __future__ import annotations

from proofs.claims import activations, cost, limits, maxout, networks, optimisation
from proofs.claims.claim import Claim, Subject

SUBJECTS: tuple[Subject, ...] = (
    networks.SUBJECT,
    optimisation.SUBJECT,
    activations.SUBJECT,
    maxout.SUBJECT,
    cost.SUBJECT,
    limits.SUBJECT,
)

CLAIMS: dict[str, Claim] = {claim.id: claim for subject in SUBJECTS for claim in subject.claims}
