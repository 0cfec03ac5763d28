"""Verdicts: wrong is a formula, unstable is rounding, and neither is a matter of how much.

A rounding error shrinks with the unit roundoff and goes away where the problem is well conditioned; the error of a
formula does neither.
"""

from __future__ import annotations

from itertools import count
from typing import Any

import numpy as np
import pytest

from ffn import reference
from ffn.conformance.implementation.subject import Subject
from ffn.conformance.laws import matching
from ffn.conformance.running.classify import bits_right
from ffn.conformance.running.runner import run_law
from ffn.conformance.running.tally import LawReport
from ffn.conformance.verdict import Verdict
from ffn.numbers.precision import NAMES
from tests.conformance.implementations.bugs.objective import log_of_softmax
from tests.conformance.implementations.textbook import Textbook, textbook


def from_the_output(self: Textbook, z: Any, h: Any) -> Any:
    return h * (1 - h)


SLOPE_FROM_THE_OUTPUT = textbook("slope from the output", sigmoid_slope=from_the_output)
LOG_OF_SOFTMAX = textbook("log of a softmax", categorical=log_of_softmax)
LINEAR_BEYOND_20 = textbook(
    "softplus linear beyond 20", softplus=lambda self, z: np.where(z > 20, z, Textbook.softplus(self, z))
)
OFF_BY_A_THOUSANDTH = textbook(
    "slope off by a thousandth",
    tanh_slope=lambda self, z, h: Textbook.tanh_slope(self, z, h) * z.dtype.type(1.001),
)


def report(implementation: Any, law: str, dtype: str, **options: Any) -> LawReport:
    return run_law(matching((law,))[0], dtype, Subject(implementation), **options)


@pytest.mark.parametrize("dtype", NAMES)
def test_a_slope_lost_in_saturation_is_unstable_in_every_precision(dtype: str) -> None:
    """Without it float64, which nothing wider can check, would call rounding a wrong formula."""
    found = report(SLOPE_FROM_THE_OUTPUT, "activation/sigmoid/slope", dtype)
    assert found.verdict is Verdict.UNSTABLE
    assert "bits are right" in found.message


@pytest.mark.parametrize("dtype", NAMES)
def test_a_log_of_a_softmax_is_unstable_in_every_precision(dtype: str) -> None:
    """Without it −log 0 = ∞ would be called a wrong formula."""
    assert report(LOG_OF_SOFTMAX, "confidence/wrong", dtype).verdict is Verdict.UNSTABLE


def test_a_formula_that_changes_beyond_a_threshold_is_wrong_where_the_precision_shows_it() -> None:
    """Without it a departure of 2e-9 would pass for rounding, or a correct float32 answer for a departure."""
    assert report(LINEAR_BEYOND_20, "activation/softplus/value", "float64").verdict is Verdict.WRONG
    assert report(LINEAR_BEYOND_20, "activation/softplus/value", "float32").verdict is Verdict.HOLDS


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_thousandth_is_wrong_and_some_ten_bits_are_right(dtype: str) -> None:
    """Without it the usual tolerance of a gradient checker would still be in force."""
    found = report(OFF_BY_A_THOUSANDTH, "activation/tanh/slope", dtype)
    assert found.verdict is Verdict.WRONG
    right = bits_right(found.law.put_to(Subject(OFF_BY_A_THOUSANDTH)), found.counterexample)
    assert 10 <= right <= 16  # a thousandth is 2^-10, and the model admits at most 64 = 2^6 roundings here


def test_the_bits_that_are_right_are_told_where_rounding_is_the_question() -> None:
    """Without it a newcomer whose formula is off by a thousandth would go looking for rounding errors."""
    assert "bits are right" not in report(OFF_BY_A_THOUSANDTH, "activation/tanh/slope", "float64").message
    assert "bits are right" in report(LINEAR_BEYOND_20, "activation/softplus/value", "float64").message


def test_without_a_wider_precision_a_failure_is_wrong() -> None:
    """Without it a float32-only implementation would be excused by a precision that it does not have."""
    implementation = textbook("in float32 alone", sigmoid_slope=from_the_output, dtypes=("float32",))
    assert report(implementation, "activation/sigmoid/slope", "float32").verdict is Verdict.WRONG


def test_an_implementation_that_answers_differently_each_time_is_an_error() -> None:
    """Without it Hypothesis's own complaint would end the run."""

    calls = count()
    forgetful = textbook("forgetful", tanh_slope=lambda self, z, h: reference.slope("tanh", z) + (next(calls) == 0))
    found = report(forgetful, "activation/tanh/slope", "float64")
    assert found.verdict is Verdict.ERROR
    assert found.message.startswith("not reproducible: the same arguments failed once and held once")


def test_a_dtype_that_is_not_offered_is_not_judged() -> None:
    """Without it an implementation would fail in precisions that it never claimed."""
    assert (
        report(textbook("in float64 alone", dtypes=("float64",)), "network/output", "float16").verdict
        is Verdict.NOT_OFFERED
    )


def test_a_law_whose_every_set_is_too_wide_is_undecided() -> None:
    """Without it a precision that cannot tell anything would hold everything."""
    from ffn.admissible import Examination
    from ffn.conformance.verdict import judged

    assert judged(Examination(undecided=5)).verdict is Verdict.UNDECIDED
    assert judged(Examination(undecided=5, decided=1)).verdict is Verdict.HOLDS


def test_the_same_seed_gives_the_same_counterexample() -> None:
    """Without it a report could not be reproduced."""
    found = [report(OFF_BY_A_THOUSANDTH, "activation/tanh/slope", "float32", seed=7) for _ in range(2)]
    assert found[0].message == found[1].message
    assert found[0].counterexample.to_python() == found[1].counterexample.to_python()
