"""What a miss looks like: where it is, by how much, and which changes of formula or precision give the same numbers.

What is said was tried: a pattern holds of every entry outside, a factor of every decided entry, and a change of the
formula is named where it gives the answer to within the width of the set, at every decided entry.
"""

from __future__ import annotations

from time import process_time

import numpy as np

from ffn.admissible.formula.explanation.changes import GIVES, changed
from ffn.admissible.formula.explanation.hints import eager, near
from ffn.admissible.formula.explanation.patterns import ratio, where_outside
from ffn.admissible.formula.explanation.precisions import narrower
from ffn.admissible.formula.explanation.roundings import filling
from ffn.admissible.formula.membership.judgement import Judgement

MOST = 100_000  # entries of the answer and of the arguments up to which changes are tried
SECONDS = 1.5  # of the processor, for trying them


def explained(judgement: Judgement) -> str:
    """The judgement, and what is known of its cause."""
    lines, question = str(judgement).split("\n"), judgement.admitted.question
    small = judgement.size + sum(array.size for array in question.arrays) <= MOST
    with np.errstate(all="ignore"):
        if judgement.outside and not any(each.wrong_dtype for each in judgement.arrays):
            worst = judgement.worst
            found = [where_outside(worst.out), ratio(worst, question.arrays)]
            if small and not judgement.tied:  # that is what is wrong
                found += list(eager(judgement)) or [*_causes(judgement), *near(judgement)]
            first = 2 if judgement.tied else 1
            lines[first:first] = [line for line in found if line]
        if small and not judgement.tied and (judgement.outside or judgement.unjudged or judgement.undecided > 0.5):
            lines += filling(judgement)
    return "\n".join(lines)


def _causes(judgement: Judgement) -> list[str]:
    question, deadline = judgement.admitted.question, process_time() + SECONDS
    found = list(changed(judgement, question, deadline))
    if not any(line.startswith(GIVES) for line in found):
        found += narrower(judgement, question, deadline + SECONDS / 3)
    return found
