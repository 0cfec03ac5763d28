"""Wrong or unstable: whether an answer that is not admissible was lost to rounding.

A rounding error shrinks with the unit roundoff, the error of a formula does not. So a failing case is repeated in
float64 on the same inputs. float64 itself has nothing wider: there its error is compared with the one of float32 on
the same inputs, also after scaling the case towards 0, to the edge where it begins to fail.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from ffn.conformance.implementation.subject import Subject
from ffn.conformance.law import Law
from ffn.conformance.verdict import Judgement, Verdict
from ffn.numbers.precision import precision

HALVINGS = (1, 2, 4, 8, 16, 32, 128, 512)  # the last brings the largest float32 well below 1
SCALES = range(6)  # beside the edge, which a value that is right by chance may displace
EDGE_STEPS = 12
SHRINKS = 2.0**10  # from float32 to float64 a rounding error shrinks by 2^29; a wrong formula's not at all


def classified(law: Law, case: Any, subject: Subject, judgement: Judgement) -> Judgement:
    """A failure's judgement, ``wrong`` refined to ``unstable`` where that is so, with the bits that are right."""
    if judgement.verdict is not Verdict.WRONG or not judgement.enclosed:
        return judgement
    unstable = _lost_to_rounding(law, case, subject)
    verdict = Verdict.UNSTABLE if unstable else Verdict.WRONG
    bits = precision(case.dtype).bits
    right = 0 if math.isinf(judgement.error) else bits_right(law, case, subject)
    return replace(judgement, verdict=verdict, message=f"{judgement.message}; {right} of {bits} bits are right")


def bits_right(law: Law, case: Any, subject: Subject) -> int:
    """The largest number of significand bits whose unit roundoff would admit the answer; 0 where none does."""
    model = precision(case.dtype)
    low, high = 0, model.bits
    while high - low > 1:
        middle = (low + high) // 2
        if law(case, subject, model.with_bits(middle)).fails:
            high = middle
        else:
            low = middle
    return low


def _lost_to_rounding(law: Law, case: Any, subject: Subject) -> bool:
    if "float64" not in subject.dtypes:
        return False
    wide = case.cast("float64")
    if case.dtype != "float64" and not law(wide, subject).fails:
        return True
    if "float32" not in subject.dtypes:
        return False
    scaled = (wide.scaled(2.0**-k) for k in SCALES)
    return any(_shrinks(law, copy, subject) for copy in scaled) or any(
        _shrinks(law, edge, subject) or _overflows(law, edge, subject) for edge in _edge(law, wide, subject)
    )


def _edge(law: Law, case: Any, subject: Subject) -> Iterator[Any]:
    """Copies of a failing float64 case, scaled to where it begins to fail and beyond; none if it never holds."""
    low: float | None = next((k for k in HALVINGS if not law(case.scaled(2.0**-k), subject).fails), None)
    if low is None:
        return
    high = 0.0  # it holds at 2^-low and fails at 2^-high
    for _ in range(EDGE_STEPS):
        middle = (low + high) / 2
        low, high = (low, middle) if law(case.scaled(2.0**-middle), subject).fails else (middle, high)
    for factor in (1.0, 1.2, 2.0):
        yield case.scaled(factor * 2.0**-high)


def _shrinks(law: Law, case: Any, subject: Subject) -> bool:
    """Whether the error in float64 is far below the one that float32 makes on the same inputs."""
    coarse, fine = _in_both(law, case, subject)
    return coarse.fails and math.isfinite(fine.error) and coarse.error >= SHRINKS * fine.error


def _overflows(law: Law, case: Any, subject: Subject) -> bool:
    """Whether neither gives a number, at a scale where smaller inputs have the right one."""
    return all(math.isinf(judgement.error) for judgement in _in_both(law, case, subject))


def _in_both(law: Law, case: Any, subject: Subject) -> tuple[Judgement, Judgement]:
    """The judgements in float32 and in float64 of the same numbers."""
    narrow = case.cast("float32")
    return law(narrow, subject), law(narrow.cast("float64"), subject)
