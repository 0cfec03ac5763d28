"""Every lesson that guards code is shown able to fail: wrong code is planted, and it must be refused."""

from __future__ import annotations

import pytest

from tests.lessons.bugs import EVERY
from tests.lessons.planted import LessonBug, refusal


@pytest.mark.parametrize("bug", EVERY, ids=lambda bug: f"{bug.claim}: {bug.name}")
def test_a_planted_bug_is_refused(bug: LessonBug) -> None:
    """A lesson that lets wrong code pass teaches nothing about right code; its own run shows that it lets ours pass."""
    assert refusal(bug) is not None, f"{bug.lesson.__name__} let it pass"
