"""A derivation's page shows the theorems of Rocq that go with it."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

from proofs.rocq.theorems import THEOREMS
from proofs.study.site import slug

BADGE = "also checked by Rocq"


def text_of(page: Path) -> str:
    """A page without its tags."""
    return unescape(re.sub("<[^>]+>", "", page.read_text(encoding="utf-8")))


def test_a_theorem_stands_beside_its_derivation(site: Path) -> None:
    """A badge alone would not say what Rocq has checked: every statement is shown, with what is given and its note."""
    for theorem in THEOREMS:
        for name in theorem.derivations:
            text = text_of(site / "derivations" / f"{slug(name)}.html")
            assert theorem.statement in text
            assert theorem.given in text
            assert theorem.note in text
            assert BADGE in text


def test_no_other_derivation_has_the_badge(site: Path) -> None:
    """It would stand beside what Rocq has never seen."""
    with_theorem = {f"{slug(name)}.html" for theorem in THEOREMS for name in theorem.derivations}
    assert {page.name for page in (site / "derivations").glob("*.html") if BADGE in text_of(page)} == with_theorem
