"""Each output distribution on an affine network, so that a failure points at it; and confident predictions."""

from __future__ import annotations

from functools import partial

from hypothesis import strategies as st

from ffn.cases.case import Case
from ffn.cases.strategies import cases, confident_cases, learned_variance_cases, networks
from ffn.conformance.law import Law
from ffn.network.description import LEARNED_VARIANCE, OUTPUTS


def _affine(output: str, dtype: str) -> st.SearchStrategy[Case]:
    return cases(dtype, networks(outputs=(output,), max_depth=0, reductions=("sum",)))


CASES = {
    **{output: partial(_affine, output) for output in OUTPUTS},
    **{output: partial(learned_variance_cases, name=output) for output in LEARNED_VARIANCE},
}
STATEMENTS = {"loss": "The negative log-likelihood of", "gradient": "The gradient of the negative log-likelihood of"}

LAWS = (
    *(
        Law(
            f"output/{output}/{answer}",
            f"{statement} {output} is admissible.",
            (answer,),
            cases_of_output,
            part=output if output in LEARNED_VARIANCE else None,
        )
        for answer, statement in STATEMENTS.items()
        for output, cases_of_output in CASES.items()
    ),
    Law(
        "confidence/right",
        "A confident right prediction has a loss near 0, not the nan of 0·∞.",
        ("loss",),
        partial(confident_cases, right=True),
    ),
    Law(
        "confidence/wrong",
        "A confident wrong prediction costs its margin, not infinity.",
        ("loss",),
        partial(confident_cases, right=False),
    ),
    Law(
        "confidence/gradient",
        "A confident wrong prediction has the full gradient: the loss does not saturate.",
        ("gradient",),
        partial(confident_cases, right=False),
    ),
)
