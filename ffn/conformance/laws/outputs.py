"""Each output distribution on an affine network, so that a failure points at it; and confident predictions."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from hypothesis import strategies as st

from ffn.cases.case import Case
from ffn.cases.networks import EVERYTHING, Supported, first_reduction, supported_of
from ffn.cases.plan import Levels, Plan, plan_by
from ffn.cases.planned import Generator, network_plan, of_plan
from ffn.cases.probes import confident_plan, extremes_plan
from ffn.cases.strategies import (
    confident_cases,
    learned_variance_cases,
    network_cases,
    with_smaller_log_variances,
)
from ffn.conformance.law import Law
from ffn.conformance.laws.layouts import LABELS, labelled
from ffn.network.description import LEARNED_VARIANCE, OUTPUTS
from ffn.numbers.precision import precision

DEPTHS = (0, 1, 2)


def _at_its_targets(case: Case, levels: Levels, generator: Generator) -> Case:
    """The case with targets next to its outputs, where a program may smooth the kink, or on them.

    They are next to it in the pattern ``ends``, as a domain without ends has no use for that. On its target is the
    first unit of each row of zeros: there the output is the bias, by any order.
    """
    if len(case.parameters) > 1:
        return case
    ((W, b),) = case.parameters
    y = case.y.copy()
    if levels["targets"] == "ends":
        near = 2.0 ** (-precision(case.dtype).bits / 2)  # far beyond the rounding of z, and close all the same
        z = case.x.astype(np.float64) @ W.astype(np.float64) + b.astype(np.float64)
        y = (z + near * generator.choice((-1.0, 1.0), z.shape)).astype(y.dtype)
    y[~case.x.any(axis=1), 0] = b[0]
    return replace(case, y=y)


OF_OUTPUTS: dict[str, dict[str, Any]] = {
    "laplace": {"change": _at_its_targets},
    "categorical": {"further": {"labels": LABELS}, "change": labelled},
    **{output: {"change": lambda case, *_: with_smaller_log_variances(case)} for output in LEARNED_VARIANCE},
}


def _plain(supported: Supported) -> tuple[tuple[Any], int]:
    """The sum where it may be, and no hidden layer, or as few as there can be."""
    return first_reduction(supported), min(supported_of(DEPTHS, supported.depths, "depth"))


def _affine(output: str, dtype: str, supported: Supported = EVERYTHING) -> st.SearchStrategy[Case]:
    reductions, depth = _plain(supported)
    return network_cases(
        dtype, None, supported, outputs=(output,), reductions=reductions, min_depth=depth, max_depth=depth
    )


def _affine_planned(output: str, dtype: str, supported: Supported = EVERYTHING) -> Plan:
    reductions, depth = _plain(supported)
    own = OF_OUTPUTS.get(output, {})
    return network_plan(dtype, outputs=(output,), reductions=reductions, depths=(depth,), supported=supported, **own)


CASES = {
    **{output: partial(_affine, output) for output in OUTPUTS},
    **{output: partial(learned_variance_cases, name=output) for output in LEARNED_VARIANCE},
}
STATEMENTS = {"loss": "The negative log-likelihood of", "gradient": "The gradient of the negative log-likelihood of"}

EXTREME = {
    ("poisson", "loss"): "The loss of rates near the ends of the range is admissible: nothing is clipped.",
    ("poisson", "gradient"): "The gradient of rates near the ends of the range is admissible: nothing is clipped.",
    ("heteroscedastic", "loss"): "The loss of variances near the ends of the range is admissible: nothing is clamped.",
    ("heteroscedastic", "gradient"): "The gradient of variances near the ends of the range is admissible.",
    ("gaussian", "loss"): "The loss of targets close to a large mean is admissible: no square is expanded.",
}

LAWS = (
    *(
        Law(
            f"output/{output}/{answer}",
            f"{statement} {output} is admissible.",
            (answer,),
            cases_of_output,
            part=output if output in LEARNED_VARIANCE else None,
            plan=plan_by(_affine_planned, output),
        )
        for output, cases_of_output in CASES.items()
        for answer, statement in STATEMENTS.items()
    ),
    *(
        Law(
            f"output/{output}/extreme {answer}",
            statement,
            (answer,),
            partial(of_plan, partial(extremes_plan, output=output)),
            part=output if output in LEARNED_VARIANCE else None,
            plan=plan_by(extremes_plan, output=output),
            extreme=True,
        )
        for (output, answer), statement in EXTREME.items()
    ),
    Law(
        "confidence/right",
        "A confident right prediction has a loss near 0, not the nan of 0·∞.",
        ("loss",),
        partial(confident_cases, right=True),
        plan=plan_by(confident_plan, right=True),
    ),
    Law(
        "confidence/wrong",
        "A confident wrong prediction costs its margin, not infinity.",
        ("loss",),
        partial(confident_cases, right=False),
        plan=plan_by(confident_plan, right=False),
    ),
    Law(
        "confidence/gradient",
        "A confident wrong prediction has the full gradient: the loss does not saturate.",
        ("gradient",),
        partial(confident_cases, right=False),
        plan=plan_by(confident_plan, right=False),
    ),
)
