"""Parts that an implementation offers by name and with methods of their own: dropout, and a recurrent layer."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
from hypothesis import strategies as st

from ffn.cases import levels as standard
from ffn.cases.case import Case
from ffn.cases.networks import EVERYTHING, RECURRENT_ACTIVATIONS, RECURRENT_OUTPUTS, Supported
from ffn.cases.plan import Plan
from ffn.cases.planned import masked, network_plan, recurrent_plan
from ffn.cases.strategies import DROPOUT_ACTIVATIONS, DROPOUT_OUTPUTS, dropout_cases, recurrent_cases
from ffn.conformance.law import ANSWERS, Law, Offered, same_as
from ffn.conformance.verdict import Judgement
from ffn.numbers.precision import Precision


def kept_units_change_nothing(case: Case, offered: Offered, assumed: Precision) -> Judgement:
    """The sets are those of the network without dropout."""
    return same_as(replace(case, masks=None), case, offered, assumed)


def _nothing_dropped(dtype: str, supported: Supported = EVERYTHING) -> st.SearchStrategy[Case]:
    return dropout_cases(dtype, supported).map(lambda case: case.mapped(np.ones_like, "masks"))


_planned = partial(
    network_plan,
    activations=DROPOUT_ACTIVATIONS,
    outputs=DROPOUT_OUTPUTS,
    weight_decays=(0.0, 0.5),
    depths=(2,),
    change=masked,
    of_layers=False,
)
_dropout_planned = partial(_planned, further={"masks": standard.MASKS})


def _recurrent_planned(dtype: str, supported: Supported = EVERYTHING) -> Plan:
    """In few digits without leaky_relu, whose slope next to its kink is hardly known."""
    names = tuple(name for name in RECURRENT_ACTIVATIONS if name != "leaky_relu" or not standard.few_digits(dtype))
    return recurrent_plan(dtype, names, RECURRENT_OUTPUTS)


LAWS = (
    Law(
        "dropout/output",
        "Each layer reads its input times the mask, not scaled up.",
        ("forward",),
        dropout_cases,
        part="dropout",
        plan=_dropout_planned,
    ),
    Law(
        "dropout/loss",
        "The loss is that of the output with masks, and weight decay takes every weight.",
        ("loss",),
        dropout_cases,
        part="dropout",
        plan=_dropout_planned,
    ),
    Law(
        "dropout/gradient",
        "The gradient passes through kept units alone.",
        ("gradient",),
        dropout_cases,
        part="dropout",
        plan=_dropout_planned,
    ),
    Law(
        "dropout/mask of ones",
        "Masks that keep every unit change nothing.",
        ANSWERS,
        _nothing_dropped,
        kept_units_change_nothing,
        part="dropout",
        plan=partial(_planned, depths=(1,), further={"masks": ("none dropped",)}),  # more layers have the laws above
    ),
    Law(
        "recurrent/output",
        "The output is that of the last state, each state made from the one before.",
        ("forward",),
        recurrent_cases,
        part="recurrent",
        plan=_recurrent_planned,
    ),
    Law(
        "recurrent/loss",
        "The loss is that of the last state's output.",
        ("loss",),
        recurrent_cases,
        part="recurrent",
        plan=_recurrent_planned,
    ),
    Law(
        "recurrent/gradient",
        "The gradient of shared weights adds up over all steps, back to the first.",
        ("gradient",),
        recurrent_cases,
        part="recurrent",
        plan=_recurrent_planned,
    ),
)
