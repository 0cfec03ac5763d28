"""Maxout."""

from __future__ import annotations

from proofs.claims.claim import Claim, Subject, Verdict

_CLAIMS: tuple[Claim, ...] = (
    Claim(
        id="C27",
        title="Three pieces approximate x²",
        statement="Three linear pieces of one maxout unit are enough to approximate $x^2$.",
        verdict=Verdict.TRUE,
        answer=(
            "How well can be said exactly. On an interval of length $L$ the best maximum of $n$ affine functions "
            "errs by $L^2/(8n^2)$: three pieces on $[-1, 1]$ miss $x^2$ by 1/18 at the most, and no three pieces do better. "
            "Tangents alone, or chords alone, err twice as much."
        ),
        precise=(
            r"$$\min_{a, c}\ \sup_{x \in [l, r]} \Bigl| \max_{j \le n} (a_j x + c_j) - x^2 \Bigr| "
            r"= \frac{(r - l)^2}{8 n^2},$$"
            "\n\nattained by pieces of equal length $h$, on $[s, t]$ the line $(s + t)x - st - h^2/8$."
        ),
        sources=("Goodfellow et al. 2013, Maxout networks", "Chebyshev's equioscillation, classical"),
        derivations=("maxout's best approximation of x²",),
        code=("ffn.constructions:best_square", "ffn.maxout:maxout"),
    ),
)

SUBJECT = Subject("D", "Maxout", "maxout", _CLAIMS)
