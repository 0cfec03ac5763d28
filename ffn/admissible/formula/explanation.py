"""What a miss looks like."""

from __future__ import annotations

from ffn.admissible.formula.judgement import Judgement


def explained(judgement: Judgement) -> str:
    """The judgement, and what is known of its cause."""
    return str(judgement)
