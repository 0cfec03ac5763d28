"""Each output distribution on an affine network, so that a failure points at it; and confident predictions."""

from __future__ import annotations

from functools import partial

from hypothesis import strategies as st

from ffn.cases.case import Case
from ffn.cases.networks import EVERYTHING, Supported, networks, supported_of
from ffn.cases.plan import Plan
from ffn.cases.planned import network_plan, of_plan, unchanged
from ffn.cases.probes import confident_plan, extremes_plan
from ffn.cases.strategies import (
    cases,
    confident_cases,
    learned_variance_cases,
    with_smaller_log_variances,
)
from ffn.conformance.law import Law
from ffn.conformance.laws.layouts import LABELS, labelled
from ffn.network.description import LEARNED_VARIANCE, OUTPUTS


def _affine(output: str, dtype: str, supported: Supported = EVERYTHING) -> st.SearchStrategy[Case]:
    reduction = supported_of(("sum", "mean"), supported.reductions, "reduction")[:1]
    depth = min(supported_of(range(3), supported.depths, "depth"))  # none, or as few hidden layers as there can be
    drawn = networks(outputs=(output,), min_depth=depth, max_depth=depth, reductions=reduction, supported=supported)
    return cases(dtype, drawn)


def _affine_planned(output: str, dtype: str, supported: Supported = EVERYTHING) -> Plan:
    reductions = supported_of(("sum", "mean"), supported.reductions, "reduction")[:1]
    depth = min(supported_of(range(3), supported.depths, "depth"))
    learned, labels = output in LEARNED_VARIANCE, {"labels": LABELS} if output == "categorical" else {}
    change = (lambda case, *_: with_smaller_log_variances(case)) if learned else labelled if labels else unchanged
    return network_plan(
        dtype,
        outputs=(output,),
        reductions=reductions,
        depths=(depth,),
        further=labels,
        change=change,
        supported=supported,
    )


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
            plan=partial(_affine_planned, output),
        )
        for answer, statement in STATEMENTS.items()
        for output, cases_of_output in CASES.items()
    ),
    *(
        Law(
            f"output/{output}/extreme {answer}",
            statement,
            (answer,),
            partial(of_plan, partial(extremes_plan, output=output)),
            part=output if output in LEARNED_VARIANCE else None,
            plan=partial(extremes_plan, output=output),
            extreme=True,
        )
        for (output, answer), statement in EXTREME.items()
    ),
    Law(
        "confidence/right",
        "A confident right prediction has a loss near 0, not the nan of 0·∞.",
        ("loss",),
        partial(confident_cases, right=True),
        plan=partial(confident_plan, right=True),
    ),
    Law(
        "confidence/wrong",
        "A confident wrong prediction costs its margin, not infinity.",
        ("loss",),
        partial(confident_cases, right=False),
        plan=partial(confident_plan, right=False),
    ),
    Law(
        "confidence/gradient",
        "A confident wrong prediction has the full gradient: the loss does not saturate.",
        ("gradient",),
        partial(confident_cases, right=False),
        plan=partial(confident_plan, right=False),
    ),
)
