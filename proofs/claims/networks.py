"""Networks, hyperplanes, approximation."""

from __future__ import annotations

from proofs.claims.claim import Claim, Subject

_CLAIMS: tuple[Claim, ...] = ()

SUBJECT = Subject("A", "Networks, hyperplanes, approximation", "networks", _CLAIMS)
