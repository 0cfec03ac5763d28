"""Planted bugs: Universal approximation and limits."""

from __future__ import annotations

from tests.lesson_bugs.planted import LessonBug

BUGS: tuple[LessonBug, ...] = ()
