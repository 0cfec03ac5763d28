"""Wrong or unstable: whether an answer that is not admissible was lost to rounding.

A rounding error shrinks with the unit roundoff; the error of a wrong formula does not. So a failing case is repeated in
float64, on the same inputs: if the answer is admissible there, it was rounding that lost it.

float64 itself has nothing wider to be repeated in. There the error in float64 is compared with the error in float32,
on the same inputs: if it is rounding, it shrinks by the ratio of the two unit roundoffs, 2^29. One such comparison can
mislead, where float32 overflows or is right by chance. So it is made at several scales: of the case times 1, ½, ¼, …,
and near its edge. The edge is the scale where the case begins to fail; there is one because everything here is well
conditioned close to 0.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ffn.cases.case import ActivationCase, Case
from ffn.conformance.law import Trial
from ffn.conformance.verdict import Judgement, Verdict
from ffn.numbers.precision import Precision, precision

# Scales 2^-k at which a case that holds is looked for. The last brings the largest float64 to 1.
HALVINGS = (1, 2, 4, 8, 16, 32, 128, 512, 1024)
# Scales 2^-k tried beside the edge: at a single one an answer that is wrong may be right by chance.
SCALES = range(6)
# Bisections between a scale that holds and one that fails: they find the edge to one part in 4096 of the exponent.
EDGE_STEPS = 12
# How much smaller the error in float64 has to be for rounding: 2^29 is expected, and a wrong formula has about 1.
SHRINKS = 2.0**10


def classified(
    trial: Trial, case: Any, judgement: Judgement, dtypes: Sequence[str], model: Precision | None = None
) -> Judgement:
    """A failure's judgement, ``wrong`` refined to ``unstable`` where that is so, with the bits that are right.

    Args:
        trial: the law on the implementation.
        case: the failing case.
        judgement: what the law says of it.
        dtypes: those that the implementation offers.
        model: the error model that it was judged by, where that is not the one of the dtype.
    """
    if judgement.verdict is not Verdict.WRONG or not judgement.enclosed or judgement.exact:
        return judgement
    case = _balanced(trial, _alone(trial, case, judgement))
    verdict = Verdict.UNSTABLE if _lost_to_rounding(trial, case, dtypes) else Verdict.WRONG
    right, bits = 0 if math.isinf(trial(case).error) else bits_right(trial, case, model), precision(case.dtype).bits
    # Of a formula that is plainly off they would only distract: nobody looks for 49 lost bits of 53 in the rounding.
    in_question = verdict is Verdict.UNSTABLE or 3 * right >= bits
    message = f"{judgement.message}; {right} of {bits} bits are right" if in_question else judgement.message
    if in_question and verdict is Verdict.WRONG:
        message += _both_ways(case.dtype, dtypes)
    return replace(judgement, verdict=verdict, message=message)


def _alone(trial: Trial, case: Any, judgement: Judgement) -> Any:
    """The first entry that is wrong of an activation's array, whose entries have nothing to do with one another."""
    outside = judgement.examination.outside
    if not isinstance(case, ActivationCase) or outside is None or len(outside.index) != 1:
        return case
    entry = case.changed(z=case.z[outside.index[0] : outside.index[0] + 1])
    return entry if trial(entry).fails else case


def _both_ways(dtype: str, dtypes: Sequence[str]) -> str:
    """What would also explain an answer that is nearly right, and what is missing to tell."""
    if "float64" not in dtypes or (dtype == "float64" and "float32" not in dtypes):
        missing = "float32" if dtype == "float64" else "float64"
        return f"; wrong or unstable: {missing} is not offered, in which it would be repeated"
    where = "hardly less so than in float32" if dtype == "float64" else "in float64 too"
    return f"; off {where}: a number is off, or the arithmetic has fewer bits"


def _balanced(trial: Trial, case: Any) -> Any:
    """The case with inputs near 1, their magnitude in the weights that read them: so that float32 holds both."""
    if not isinstance(case, Case) or case.dtype != "float64" or not np.any(case.x):
        return case
    (W, *others), *rest = case.parameters
    shift = int(np.frexp(np.max(np.abs(case.x)))[1])
    near = replace(case, x=np.ldexp(case.x, -shift), parameters=((np.ldexp(W, shift), *others), *rest))
    return near if trial(near).fails else case


def bits_right(trial: Trial, case: Any, model: Precision | None = None) -> int:
    """The largest number of significand bits whose unit roundoff would admit the answer; 0 where none does."""
    model = model or precision(case.dtype)
    low, high = 0, model.bits
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if trial(case, model.with_bits(middle)).fails else (middle, high)
    return low


def _lost_to_rounding(trial: Trial, case: Any, dtypes: Sequence[str]) -> bool:
    if "float64" not in dtypes:
        return False
    wide = case.cast("float64")
    if case.dtype != "float64" and not trial(wide).fails:
        return True
    if "float32" not in dtypes:
        return False
    scaled = (wide.scaled(2.0**-k) for k in SCALES)
    return any(_shrinks(trial, copy) for copy in scaled) or any(
        _shrinks(trial, edge) or _overflows(trial, edge) for edge in _edge(trial, wide)
    )


def _edge(trial: Trial, case: Any) -> Iterator[Any]:
    """Copies of a failing float64 case, scaled to where it begins to fail and beyond; none if it never holds."""
    low: float | None = next((k for k in HALVINGS if not trial(case.scaled(2.0**-k)).fails), None)
    if low is None:
        return
    high = 0.0  # it holds at 2^-low and fails at 2^-high
    for _ in range(EDGE_STEPS):
        middle = (low + high) / 2
        low, high = (low, middle) if trial(case.scaled(2.0**-middle)).fails else (middle, high)
    for factor in (1.0, 1.2, 2.0):
        yield case.scaled(factor * 2.0**-high)


def _shrinks(trial: Trial, case: Any) -> bool:
    """Whether the error in float64 is far below the one that float32 makes on the same inputs.

    An overflow in float32 is far above every error: it tells where nothing is wrong in float64.
    """
    coarse, fine = _in_both(trial, case)
    told = math.isfinite(coarse.error) or not fine.fails
    return coarse.fails and told and math.isfinite(fine.error) and coarse.error >= SHRINKS * fine.error


def _overflows(trial: Trial, case: Any) -> bool:
    """Whether neither gives a number, at a scale where smaller inputs have the right one."""
    return all(math.isinf(judgement.error) for judgement in _in_both(trial, case))


def _in_both(trial: Trial, case: Any) -> tuple[Judgement, Judgement]:
    """The judgements in float32 and in float64 of the same numbers."""
    narrow = case.cast("float32")
    return trial(narrow), trial(narrow.cast("float64"))
