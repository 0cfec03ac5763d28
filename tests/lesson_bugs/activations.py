"""Planted bugs: Activations."""

from __future__ import annotations

from tests.lesson_bugs.planted import LessonBug

BUGS: tuple[LessonBug, ...] = ()
