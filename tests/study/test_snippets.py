"""What a page has under “check it yourself”: it runs, and says what the claim says."""

from __future__ import annotations

import contextlib
import io
import operator
from typing import Any

import pytest

from proofs.chapters.notes import derivations
from proofs.engine.derivation import Derivation
from proofs.engine.notation.layers import OfVector
from proofs.study.snippet import snippet

WITHOUT = [d for d in derivations() if not d.claims or any(claim.left.has(OfVector) for claim in d.single_claims)]
SHOWN = [d for d in derivations() if d not in WITHOUT]
RELATIONS: dict[str, Any] = {"≤": operator.le, "<": operator.lt, "≥": operator.ge, ">": operator.gt, "≠": operator.ne}


@pytest.mark.parametrize("derivation", SHOWN, ids=lambda derivation: derivation.name)
def test_a_page_can_be_checked_by_who_reads_it(derivation: Derivation) -> None:
    """Who runs it would find nothing printed or computed, the same expression on both sides, or a claim that fails."""
    code, values = snippet(derivation), {}
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        exec(code, values)
    left, right = values["left"], values["right"]
    _, relation, _ = printed.getvalue().split()
    close = abs(left - right) <= (1e-4 if "step" in values else 1e-12) * max(1, abs(left))
    assert (close and relation in "=≤≥") or (relation != "=" and RELATIONS[relation](left, right))
    (one,), (other,) = ([line for line in code.splitlines() if line.startswith(side)] for side in ("left", "right"))
    assert one.removeprefix("left") != other.removeprefix("right")
    assert set("+-*(") & set(one + other)  # 1/3 alone is a number


@pytest.mark.parametrize("derivation", WITHOUT, ids=lambda derivation: derivation.name)
def test_what_plain_python_cannot_show_is_left_out(derivation: Derivation) -> None:
    """A network of any depth is no formula, and a cited theorem has none."""
    assert snippet(derivation) == ""
