"""How well one maxout unit approximates x², and another convex function.

On x² all is rational, and is checked on fractions with ==, <= and no tolerance; exp is enclosed in balls. A supremum is
taken over the finitely many points where it can lie, never on a grid: one test shows how a grid deceives.

Source: equioscillation, Chebyshev.
"""

from fractions import Fraction
from functools import reduce
from itertools import pairwise

import numpy as np
import pytest
from flint import arb
from hypothesis import given
from hypothesis import strategies as st

from ffn.constructions.maxout import MaxAffine, best_square
from ffn.numbers.ball import working_precision
from tests.helpers.balls import BITS, exactly
from tests.helpers.maxout import crossings, difference_by_network, lines, near, pieces, sup_distance
from tests.helpers.strategies import intervals, rational

# One unit approximates x²


@pytest.mark.claim("C27")
@given(intervals, pieces)
def test_the_equal_pieces_approximate_the_square_to_within_their_bound(interval: list, n: int) -> None:
    """The error (b − a)²/(8n²) would be a bound that nothing attains."""
    a, b = interval
    assert sup_distance(best_square(a, b, n), 1, a, b) == (b - a) ** 2 / (8 * n**2)


@pytest.mark.claim("C27")
@given(intervals, pieces, st.data())
def test_no_maximum_of_n_affine_functions_does_better(interval: list, n: int, data: st.DataObject) -> None:
    """The construction would not be the best one."""
    a, b = interval
    least = (b - a) ** 2 / (8 * n**2)
    rival = data.draw(lines(n) | near(best_square(a, b, n), interval, least))
    assert sup_distance(rival, 1, a, b) >= least


@pytest.mark.claim("C27")
@given(intervals, pieces)
def test_chords_alone_and_tangents_alone_err_twice_as_much(interval: list, n: int) -> None:
    """The measure of the error would not tell an interpolation from the best approximation."""
    a, b = interval
    f, h = best_square(a, b, n), (b - a) / n
    for lift in (h**2 / 8, -(h**2) / 8):  # onto the chords; down to the tangents
        assert sup_distance(MaxAffine(f.slopes, [c + lift for c in f.intercepts]), 1, a, b) == h**2 / 4


@pytest.mark.claim("C27")
@given(intervals, st.data())
def test_no_other_tangents_or_chords_err_less(interval: list, data: st.DataObject) -> None:
    """Better points of contact would save the factor of two."""
    a, b = interval
    points = data.draw(st.lists(st.fractions(a, b, max_denominator=40), min_size=1, max_size=5, unique=True))
    joints = sorted({a, b, *points})
    tangents = MaxAffine([2 * t for t in points], [-t * t for t in points])
    chords = MaxAffine([s + t for s, t in pairwise(joints)], [-s * t for s, t in pairwise(joints)])
    for f in (tangents, chords):
        assert sup_distance(f, 1, a, b) >= (b - a) ** 2 / (4 * len(f.slopes) ** 2)


@pytest.mark.claim("C27")
def test_on_a_grid_an_approximation_seems_to_beat_the_bound() -> None:
    """A supremum taken on a grid would refute a theorem: the constant 5/9 errs by 4/9 there, and the bound is 1/2."""
    constant, bound = MaxAffine([0], [Fraction(5, 9)]), Fraction(2**2, 8)
    grid = [Fraction(i, 3) for i in (-3, -1, 1, 3)]
    assert max(abs(constant(x) - x * x) for x in grid) < bound < sup_distance(constant, 1, Fraction(-1), Fraction(1))


@pytest.mark.claim("C27")
@given(intervals, pieces)
def test_the_construction_is_what_the_shipped_layer_computes(interval: list, n: int) -> None:
    """The statements on x² would hold of the formula, not of the maxout layer."""
    f, points = best_square(*interval, n), [interval[0] + i * (interval[1] - interval[0]) / 7 for i in range(8)]
    assert difference_by_network(f, MaxAffine([0], [0]), points) == [f(x) for x in points]


@pytest.mark.claim("C27")
@given(intervals, st.integers(2, 5))
def test_the_pieces_of_the_best_approximation_are_equally_long(interval: list, n: int) -> None:
    """A longer piece would err by more than its share."""
    a, b = interval
    assert best_square(a, b, n).kinks() == tuple(a + i * (b - a) / n for i in range(1, n))


@pytest.mark.claim("C27", "C30")
@given(pieces.flatmap(lines))
def test_the_kinks_are_where_the_largest_line_changes(f: MaxAffine) -> None:
    """A line that is nowhere the largest could add a kink, and pieces would be miscounted."""

    def largest(x: Fraction) -> set:
        return {s for s, c in zip(f.slopes, f.intercepts, strict=True) if s * x + c == f(x)}

    assert f.kinks() == tuple(sorted({x for x in crossings(f) if len(largest(x)) > 1}))


@pytest.mark.claim("C28")
@given(pieces.flatmap(lines), st.integers(1, 3), st.lists(rational, min_size=1, max_size=3))
def test_more_pieces_can_do_what_fewer_can(f: MaxAffine, spare: int, xs: list) -> None:
    """The best error could rise with n, for whatever target: but a piece that is repeated changes nothing."""
    assert difference_by_network(f, MaxAffine([0], [0]), xs, spare) == [f(x) for x in xs]


@pytest.mark.claim("C28")
@given(intervals, pieces)
def test_twice_the_pieces_err_a_quarter_as_much_on_the_square(interval: list, n: int) -> None:
    """The error would not fall as n⁻², or more pieces would be no use at all."""
    once, twice = (sup_distance(best_square(*interval, count), 1, *interval) for count in (n, 2 * n))
    assert once == 4 * twice > 0


# The general convex function: exp on [0, 1], where the constant is (∫√f″)²/16 = (√e − 1)²/4

ROOT_CURVATURE = 2 * (np.exp(0.5) - 1)  # ∫√f″, to place the joints


def exp_pieces(n: int) -> MaxAffine:
    """n lines between joints that share out ∫√f″ equally, each a chord lowered by half of its height above exp.

    The joints and intercepts are rounded to fractions; what they make is judged, not how they were found.
    """
    joints = np.array([2 * np.log(1 + j * ROOT_CURVATURE / 2 / n) for j in range(n + 1)])
    slopes = np.diff(np.exp(joints)) / np.diff(joints)
    chords = np.exp(joints[:-1]) - slopes * joints[:-1]
    tangents = slopes - slopes * np.log(slopes)
    lowered = chords - max(chords - tangents) / 2  # all by one height, so that they still meet at the joints
    return MaxAffine(list(map(Fraction, slopes)), list(map(Fraction, lowered)))


def sup_distance_to_exp(f: MaxAffine) -> arb:
    """The supremum of |f(x) − eˣ| on [0, 1], enclosed: it lies at an end, at a kink or where a slope is eˣ."""
    ends = [Fraction(0), *(x for x in f.kinks() if 0 <= x <= 1), Fraction(1)]
    inside = [s for s in f.slopes if s > 0 and 0 <= exactly(s).log() <= 1]
    with working_precision(BITS):
        distances = [abs(exactly(f(x)) - exactly(x).exp()) for x in ends]
        for slope in map(exactly, inside):
            x = slope.log()
            values = [exactly(s) * x + exactly(c) for s, c in zip(f.slopes, f.intercepts, strict=True)]
            distances.append(abs(reduce(arb.max, values) - slope))
        return reduce(arb.max, distances)


def constant_for_exp(n: int, sign: int) -> arb:
    """(∫√f″)²/16 = (√e − 1)²/4, times (1 + (√e − 1)/n)² for sign 1, or over it for −1, divided by n².

    On a piece [l, r] the best line errs between f″(l)(r − l)²/16 and f″(r)(r − l)²/16. With ∫√f″ shared out equally
    both are (√e − 1)²/4n² but for a factor between e^-(r − l) and e^(r − l), and e^(r − l) ≤ (1 + (√e − 1)/n)².
    """
    with working_precision(BITS):
        delta = arb(0.5).exp() - 1
        return delta**2 / (4 * n**2) * (1 + delta / n) ** (2 * sign)


counts = st.integers(1, 12)


@pytest.mark.claim("C27")
@given(counts)
def test_the_error_on_exp_is_the_general_constant_over_n_squared(n: int) -> None:
    """What holds of x² would be a peculiarity of a constant second derivative."""
    assert constant_for_exp(n, -1) < sup_distance_to_exp(exp_pieces(n)) < constant_for_exp(n, 1)


@pytest.mark.claim("C27")
@given(counts, st.data())
def test_no_maximum_of_n_affine_functions_comes_closer_to_exp(n: int, data: st.DataObject) -> None:
    """The constant would bound one construction, not all: of any n pieces one holds a whole one of the equal shares."""
    rival = data.draw(lines(n) | near(exp_pieces(n), (0, 1), Fraction(1, 10 * n * n)))
    assert sup_distance_to_exp(rival) > constant_for_exp(n, -1)
