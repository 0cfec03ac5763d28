"""The Markdown file of a claim: what is in it, and that a slip in it is refused in one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from ffn.terminal import CannotRun
from proofs.chapters.claim import ClaimVerdict, read

WRITTEN = """---
id: C1
title: A title
verdict: true
sources:
- direct
---

# Statement

What the notes say of $x$.

# Answer

Why.

# Precisely

$$x = x$$

# Figure

A line.

# In words

A straight line.
"""


def written(folder: Path, *change: str) -> Path:
    """A claim's file with one thing in it replaced."""
    path = folder / "C1.md"
    path.write_text(WRITTEN.replace(*change) if change else WRITTEN, encoding="utf-8")
    return path


def test_a_claim_is_read_from_its_file(tmp_path: Path) -> None:
    """A page would show other words than the file has."""
    claim = read(written(tmp_path))
    assert (claim.id, claim.verdict, claim.sources, claim.code) == ("C1", ClaimVerdict.TRUE, ("direct",), ())
    assert (claim.statement, claim.answer, claim.precisely) == ("What the notes say of $x$.", "Why.", "$$x = x$$")
    assert (claim.figure, claim.in_words) == ("A line.", "A straight line.")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("verdict: true\n", ""), "no 'verdict'"),
        (("verdict: true", "verdict: perhaps"), "unknown verdict 'perhaps': one of true, qualified, false, empirical"),
        (("title:", "titel:"), "unknown field 'titel'"),
        (("sources:\n- direct", "sources:"), "no 'sources'"),
        (("sources:\n- direct", "sources: direct"), "'sources' is a list of texts"),
        (("title: A title", "title: [A, title]"), "'title' is a text"),
        (("title: A title", "title: A: title"), "mapping values are not allowed here"),
        (("verdict: true", "verdict: true\nalso:\n- false"), "'also' has further verdicts, and 'fair' says why"),
        (("verdict: true", "verdict: true\nfair: Why."), "'also' has further verdicts, and 'fair' says why"),
        (("verdict: true", "verdict: true\nalso:\n- no\nfair: Why."), "unknown verdict 'no'"),
        (("verdict: true", "verdict: qualified"), "'condition' says when it is true"),
        (("verdict: true", "verdict: true\ncondition: When."), "'condition' says when it is true"),
        (("id: C1", "id: C2"), "the id 'C2' is not the file's name"),
        (("# Answer\n", ""), "headings Statement, Answer, Precisely, Figure, In words"),
        (("# Statement", "Words.\n\n# Statement"), "headings Statement, Answer, Precisely, Figure, In words"),
        (("Why.", ""), "headings Statement, Answer, Precisely, Figure, In words"),
        ((WRITTEN, "A page without front matter"), "no 'id'"),
    ],
)
def test_a_slip_is_refused_in_one_line_that_names_the_file(change: tuple[str, str], said: str, tmp_path: Path) -> None:
    """Who adds a claim would have to look for the slip, or would not learn of it."""
    path = written(tmp_path, *change)
    with pytest.raises(CannotRun) as refused:
        read(path)
    line = refused.value.format_message()
    assert line.startswith(str(path))
    assert said in line
    assert "\n" not in line
