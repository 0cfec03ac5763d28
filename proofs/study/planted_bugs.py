"""The bugs planted in the lessons. They belong to the tests: this is the one place of ``proofs`` that asks for them."""

from __future__ import annotations

import numpy as np

import tests.conftest  # noqa: F401  (the profile that makes a run the same each time)
from tests.lessons.bugs import EVERY
from tests.lessons.planted import LessonBug, Refusal, refusal

__all__ = ["EVERY", "LessonBug", "Refusal", "refused"]


def refused(place: int) -> Refusal | None:
    """How a lesson refuses the bug at this place of them all, or None where it lets it pass."""
    with np.errstate(all="ignore"):  # wrong code overflows, and is refused for it
        return refusal(EVERY[place])
