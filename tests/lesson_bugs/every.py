"""All planted bugs of the lessons."""

from __future__ import annotations

from tests.lesson_bugs import activations, cost, limits, maxout, networks, optimisation
from tests.lesson_bugs.planted import LessonBug

EVERY: tuple[LessonBug, ...] = (
    *networks.BUGS,
    *optimisation.BUGS,
    *activations.BUGS,
    *maxout.BUGS,
    *cost.BUGS,
    *limits.BUGS,
)
