"""What would admit an answer that is hardly outside."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from ffn.admissible.formula.membership.judgement import Judgement
from ffn.admissible.formula.membership.sets import admissible_set
from ffn.numbers.precision import dtype_of

NEAR = 16  # ulps from the true values, within which a program may compute the same function by other operations


def eager(judgement: Judgement) -> Iterator[str]:
    """That roundings after every operation admit the answer, where they do, which is tried."""
    question = judgement.admitted.question
    model = question.arithmetic
    if model.storage.bits >= 24 or model.every:
        return
    admitted = admissible_set(replace(question, arithmetic=replace(model, every=True)))
    computed = [each.computed.astype(dtype_of(each.part.returned.name)) for each in judgement.arrays]
    again = admitted.judge(computed)
    if not again.outside and not again.unjudged:
        yield "admitted with rounds='every operation', as eager code rounds"


def near(judgement: Judgement) -> Iterator[str]:
    """That there may be another algorithm, where all that is outside is near the true values."""
    out = [each.out & np.isfinite(each.computed) for each in judgement.arrays]
    far = max(float(each.ulps_off[mask].max(initial=0)) for each, mask in zip(judgement.arrays, out, strict=True))
    if 0 < far <= NEAR:
        yield (
            f"all within {far:.2g} ulps of the true values: by other operations than the formula's? `algorithms` takes "
            "a formula of them"
        )
