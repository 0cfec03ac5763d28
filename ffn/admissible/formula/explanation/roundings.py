"""Which operation's rounding fills a set."""

from __future__ import annotations

import linecache
from collections import defaultdict

import numpy as np

from ffn.admissible.formula.evaluation import BITS
from ffn.admissible.formula.meanvalue import shares_of
from ffn.admissible.formula.membership.judgement import Judgement
from ffn.numbers.ball import working_precision


def line_of(place: str) -> str:
    """The line of the formula's source, where there is one."""
    name, _, number = place.rpartition(":")
    return linecache.getline(name, int(number)).strip() if number.isdigit() else ""


def where(place: str, joined: str = " ") -> str:
    """The line in words; an operation of the backward pass has no place."""
    line = line_of(place)
    return f"{joined}in `{line}`" if line else "" if place else f"{joined}in its backward pass"


def filling(judgement: Judgement) -> list[str]:
    """The operation with the largest share of the roundings that reach the first entry outside, or the first
    undecided."""
    question = judgement.admitted.question
    wrong = [each.out if judgement.outside else ~each.decided & each.part.asked for each in judgement.arrays]
    which = next((i for i, mask in enumerate(wrong) if mask.any()), None)
    if which is None:
        return []
    index = tuple(int(i) for i in np.argwhere(wrong[which])[0])
    xp = question.namespace(question.arithmetic, record=True)
    output = question.evaluate(xp)[which]
    by_place: dict[tuple[str, str], float] = defaultdict(float)
    with working_precision(BITS), np.errstate(all="ignore"):
        for value, share in shares_of(xp, output, index):
            by_place[value.place] += share
    total = sum(by_place.values())
    if not 0 < total < np.inf:
        return []
    (what, place), most = max(by_place.items(), key=lambda item: item[1])
    return [f"the roundings there: {most / total:.0%} {what}{where(place)}"]
