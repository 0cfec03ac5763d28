"""Planted bugs: Maxout."""

from __future__ import annotations

from ffn import constructions
from ffn.constructions import MaxAffine
from tests import test_maxout
from tests.lesson_bugs.planted import LessonBug


def best_square_from_chords(a, b, pieces):
    """The chords, left where they touch x²: lowering them by h²/8 was forgotten."""
    h = (b - a) / pieces
    chords = [(2 * a + (2 * i + 1) * h, -(a + i * h) * (a + (i + 1) * h)) for i in range(pieces)]
    return MaxAffine(*zip(*chords, strict=True))


BUGS = (
    LessonBug(
        "chords are not lowered",
        "C27",
        test_maxout.test_the_equal_pieces_approximate_the_square_to_within_their_bound,
        constructions.best_square,
        best_square_from_chords,
    ),
)
