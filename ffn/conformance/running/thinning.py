"""Making a sequence of calls shorter, as long as it fails where nothing was called before."""

from __future__ import annotations

from collections.abc import Sequence as Several
from dataclasses import replace

from ffn.conformance.implementation.sequence import Sequence, Use
from ffn.conformance.implementation.subject import Subject
from ffn.conformance.verdict import Judgement

RESTARTS = 24  # of the process: each takes as long as loading the implementation


def thinned(subject: Subject, judgement: Judgement) -> Judgement:
    """The judgement of the fewest calls found that fail as these do, each time begun anew.

    Calls that fail only after others, which came before them, keep their judgement, and it says so.
    """
    if judgement.replayed is None or not subject.restart():
        return judgement
    judge, left = judgement.replayed, RESTARTS

    def of(uses: Several[Use]) -> Judgement | None:
        nonlocal left
        left -= 1
        subject.restart()
        found = judge(Sequence(tuple(uses)))
        return found if found.verdict is judgement.verdict else None

    found = of(judgement.shown.uses)
    if found is None:
        return replace(judgement, message=f"{judgement.message}; only after what was called before these calls")
    size = len(found.shown.uses) // 2
    while size and left > 0:
        uses, shorter = found.shown.uses, None
        for start in range(0, len(uses), size):
            if left > 0 and (shorter := of(uses[:start] + uses[start + size :])):
                break
        found, size = (shorter, min(size, len(shorter.shown.uses) // 2)) if shorter else (found, size // 2)
    return found
