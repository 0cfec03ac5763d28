"""Kinks and ties: whichever slope is chosen, it lies in the subdifferential."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np

from ffn import admissible
from ffn.cases.case import Case
from ffn.cases.levels import TIES
from ffn.cases.plan import plan_by
from ffn.cases.probes import kinked_network_plan, maxout_plan
from ffn.cases.strategies import kinked_network_cases, maxout_cases
from ffn.conformance.law import Law, Offered
from ffn.conformance.verdict import Judgement, first_failure, inside_hull, judged
from ffn.network.activations import KINKED
from ffn.numbers.precision import Precision


def gradient_is_in_the_hull(case: Case, offered: Offered, assumed: Precision) -> Judgement:
    return inside_hull(admissible.gradient(case, assumed).examine(offered("gradient", case)))


def pieces_share_one_cotangent(case: Case, offered: Offered, assumed: Precision) -> Judgement:
    """Each piece's slope lies in [0, 1], and over the pieces they sum to 1.

    The sum over the pieces is the gradient of a network whose hidden units are their winning values, with W and b
    shared by all pieces.
    """
    computed = offered("gradient", case)
    each = inside_hull(admissible.gradient(case, assumed).examine(computed))
    sums = tuple(np.asarray(array, dtype=np.float64).sum(axis=-1) for array in computed[0])
    together = judged(admissible.summed_over_pieces(case, assumed).examine(sums))
    named = replace(together, message=together.message and f"summed over the pieces, {together.message}")
    return first_failure(each, named)


LAWS = (
    Law(
        "kinks/gradient",
        "With a pre-activation on a kink the gradient lies between the one-sided ones.",
        ("gradient",),
        partial(kinked_network_cases, activations=KINKED),
        gradient_is_in_the_hull,
        plan=partial(kinked_network_plan, activations=KINKED),
        as_given=True,
    ),
    Law(
        "maxout/value",
        "A maxout unit is the largest of its pieces.",
        ("forward",),
        partial(maxout_cases, tied=False),
        plan=plan_by(maxout_plan, ties=("none",)),
    ),
    Law(
        "maxout/winners",
        "The winning piece takes the whole cotangent, the others none.",
        ("gradient",),
        partial(maxout_cases, tied=False),
        plan=plan_by(maxout_plan, ties=("none",)),
    ),
    Law(
        "maxout/ties",
        "Tied pieces share one cotangent: slopes from 0 to 1 that sum to 1.",
        ("gradient",),
        partial(maxout_cases, tied=True),
        pieces_share_one_cotangent,
        plan=plan_by(maxout_plan, ties=TIES),
        as_given=True,
    ),
)
