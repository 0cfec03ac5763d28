"""Universal approximation and limits."""

from __future__ import annotations

from proofs.claims.claim import Claim, Subject

_CLAIMS: tuple[Claim, ...] = ()

SUBJECT = Subject("F", "Universal approximation and limits", "limits", _CLAIMS)
