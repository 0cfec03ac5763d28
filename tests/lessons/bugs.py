"""All planted bugs of the lessons."""

from __future__ import annotations

from tests.lessons.activations import bugs as activations
from tests.lessons.cost import bugs as cost
from tests.lessons.limits import bugs as limits
from tests.lessons.maxout import bugs as maxout
from tests.lessons.networks import bugs as networks
from tests.lessons.optimisation import bugs as optimisation
from tests.lessons.planted import LessonBug

EVERY: tuple[LessonBug, ...] = (
    *networks.BUGS,
    *optimisation.BUGS,
    *activations.BUGS,
    *maxout.BUGS,
    *cost.BUGS,
    *limits.BUGS,
)
