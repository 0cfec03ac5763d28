"""Optimisation."""

from __future__ import annotations

from proofs.claims.claim import Claim, Subject

_CLAIMS: tuple[Claim, ...] = ()

SUBJECT = Subject("B", "Optimisation", "optimisation", _CLAIMS)
