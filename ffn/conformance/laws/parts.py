"""Parts that an implementation offers by name: learned variances, dropout, and a recurrent layer."""

from __future__ import annotations

from functools import partial

import numpy as np
from hypothesis import strategies as st

from ffn import admissible
from ffn.cases.case import DropoutCase, RecurrentCase
from ffn.cases.strategies import dropout_cases, learned_variance_cases, recurrent_cases
from ffn.conformance.implementation.subject import Subject
from ffn.conformance.law import Law
from ffn.conformance.laws.network import gradient_is_admissible, loss_is_admissible
from ffn.conformance.verdict import Judgement, first_failure, judged
from ffn.network.description import LEARNED_VARIANCE
from ffn.numbers.precision import Precision


def dropout_output_is_admissible(case: DropoutCase, subject: Subject, assumed: Precision) -> Judgement:
    return judged(admissible.output(case, assumed).examine(subject.dropout_forward(case)))


def dropout_loss_is_admissible(case: DropoutCase, subject: Subject, assumed: Precision) -> Judgement:
    return judged(admissible.loss(case, assumed).examine(subject.dropout_loss(case)))


def dropout_gradient_is_admissible(case: DropoutCase, subject: Subject, assumed: Precision) -> Judgement:
    return judged(admissible.gradient(case, assumed).examine(subject.dropout_gradient(case)))


def kept_units_change_nothing(case: DropoutCase, subject: Subject, assumed: Precision) -> Judgement:
    """The sets are those of the network without dropout."""
    plain = case.without_masks()
    return first_failure(
        judged(admissible.output(plain, assumed).examine(subject.dropout_forward(case))),
        judged(admissible.gradient(plain, assumed).examine(subject.dropout_gradient(case))),
    )


def recurrent_output_is_admissible(case: RecurrentCase, subject: Subject, assumed: Precision) -> Judgement:
    return judged(admissible.recurrent_output(case, assumed).examine(subject.recurrent_forward(case)))


def recurrent_loss_is_admissible(case: RecurrentCase, subject: Subject, assumed: Precision) -> Judgement:
    return judged(admissible.recurrent_loss(case, assumed).examine(subject.recurrent_loss(case)))


def recurrent_gradient_is_admissible(case: RecurrentCase, subject: Subject, assumed: Precision) -> Judgement:
    return judged(admissible.recurrent_gradient(case, assumed).examine(subject.recurrent_gradient(case)))


def _nothing_dropped(dtype: str) -> st.SearchStrategy[DropoutCase]:
    def kept(case: DropoutCase) -> DropoutCase:
        masks = tuple(np.ones_like(mask) for mask in case.masks)
        return DropoutCase(case.network, case.parameters, case.x, case.y, masks)

    return dropout_cases(dtype).map(kept)


LAWS = (
    *(
        Law(
            f"output/{output}/loss",
            f"The negative log-likelihood of {output} is admissible.",
            ("loss",),
            partial(learned_variance_cases, name=output),
            loss_is_admissible,
            part=output,
        )
        for output in LEARNED_VARIANCE
    ),
    *(
        Law(
            f"output/{output}/gradient",
            f"The gradient of the negative log-likelihood of {output} is admissible.",
            ("gradient",),
            partial(learned_variance_cases, name=output),
            gradient_is_admissible,
            part=output,
        )
        for output in LEARNED_VARIANCE
    ),
    Law(
        "dropout/output",
        "Each layer reads its input times the mask, not scaled up.",
        ("dropout_forward",),
        dropout_cases,
        dropout_output_is_admissible,
        part="dropout",
    ),
    Law(
        "dropout/loss",
        "The loss is that of the output with masks, and weight decay takes every weight.",
        ("dropout_loss",),
        dropout_cases,
        dropout_loss_is_admissible,
        part="dropout",
    ),
    Law(
        "dropout/gradient",
        "The gradient passes through kept units alone.",
        ("dropout_gradient",),
        dropout_cases,
        dropout_gradient_is_admissible,
        part="dropout",
    ),
    Law(
        "dropout/mask of ones",
        "Masks that keep every unit change nothing.",
        ("dropout_forward", "dropout_gradient"),
        _nothing_dropped,
        kept_units_change_nothing,
        part="dropout",
    ),
    Law(
        "recurrent/output",
        "The output is that of the last state, each state made from the one before.",
        ("recurrent_forward",),
        recurrent_cases,
        recurrent_output_is_admissible,
        part="recurrent",
    ),
    Law(
        "recurrent/loss",
        "The loss is that of the last state's output.",
        ("recurrent_loss",),
        recurrent_cases,
        recurrent_loss_is_admissible,
        part="recurrent",
    ),
    Law(
        "recurrent/gradient",
        "The gradient of shared weights adds up over all steps, back to the first.",
        ("recurrent_gradient",),
        recurrent_cases,
        recurrent_gradient_is_admissible,
        part="recurrent",
    ),
)
