"""What the declaration of a function says of it: a lemma that needs no proof."""

from __future__ import annotations

from proofs.engine.claim import Claim, Fact, Words
from proofs.engine.notation import phi, reals

x, y, share, rest = reals("x y λ μ")

CONVEX = Claim(
    "convex",
    phi(share * x + rest * y),
    "≤",
    share * phi(x) + rest * phi(y),
    Words("what convex means"),
    given=(Fact(share, "≥", 0), Fact(rest, "≥", 0), Fact(share + rest, "=", 1)),
)
