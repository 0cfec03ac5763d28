"""Attempts that nobody planned for: no wrong one passes or bears a false name, and no right one is refused."""

from __future__ import annotations

from typing import Any

import pytest

from ffn.learn import check
from tests.learn.attempts.right import RIGHT
from tests.learn.attempts.wrong import OF_CODE
from tests.learn.attempts.wrong_tests_and_proofs import OF_TESTS_AND_PROOFS

WRONG = (*OF_CODE, *OF_TESTS_AND_PROOFS)


def needs(exercise: str) -> None:
    if exercise.startswith("9."):
        pytest.importorskip("z3")


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize(("exercise", "what", "answer", "name"), WRONG, ids=[f"{each[0]} {each[1]}" for each in WRONG])
def test_a_wrong_attempt_is_refused_under_no_false_name(
    exercise: str, what: str, answer: Any, name: str | None
) -> None:
    """Without it a beginner would be told that they believe what they do not, or that they are done."""
    needs(exercise)
    result = check(exercise, answer)
    assert not result
    assert name == (result.finding.misconception and result.finding.misconception.name)
    assert len(result.lines) <= 15


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize(("exercise", "what", "answer"), RIGHT, ids=[f"{each[0]} {each[1]}" for each in RIGHT])
def test_a_right_attempt_passes_however_unusual(exercise: str, what: str, answer: Any) -> None:
    """Without it a student would be told to write what the solution writes."""
    needs(exercise)
    assert check(exercise, answer)
