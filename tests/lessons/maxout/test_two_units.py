"""What one maxout unit cannot do and two can: functions that are not convex.

All is rational, and is checked on fractions with ==, <= and no tolerance.

Source: Goodfellow et al. 2013, Maxout networks.
"""

from bisect import bisect
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import find, given
from hypothesis import strategies as st

from ffn.constructions.maxout import MaxAffine, best_square, difference_of_maxouts
from ffn.network.activations import activation_named
from ffn.numbers.exact import exact
from tests.helpers.maxout import difference_by_network, lines, near, pieces, sup_distance
from tests.helpers.strategies import intervals, lists_of, rational

# One unit does not approximate −x², two do


@pytest.mark.claim("C28", "C29")
@given(intervals, pieces, st.data())
def test_one_unit_errs_on_minus_the_square_by_as_much_as_a_line(interval: list, n: int, data: st.DataObject) -> None:
    """One maxout unit would be universal: more pieces would help with a function that is not convex."""
    a, b = interval
    line = MaxAffine([-slope for slope in best_square(a, b, 1).slopes], [-c for c in best_square(a, b, 1).intercepts])
    least = (b - a) ** 2 / 8
    assert sup_distance(line, -1, a, b) == least
    rival = data.draw(lines(n) | near(MaxAffine(line.slopes * n, line.intercepts * n), interval, least))
    assert sup_distance(rival, -1, a, b) >= least


@pytest.mark.claim("C29")
@given(intervals, pieces)
def test_two_units_come_as_close_to_minus_the_square_as_wanted(interval: list, n: int) -> None:
    """The second unit would not help: but as n chords the two err by L²/(4n²), where one alone stays at L²/8."""
    a, b = interval
    knots = [a + i * (b - a) / n for i in range(n + 1)]
    ends = -(knots[0] + knots[1]), -(knots[-2] + knots[-1])
    g, h = difference_of_maxouts(knots, [-t * t for t in knots], *ends)
    (slope,), (intercept,) = g.slopes, g.intercepts  # g is a line, and h − g approximates x²
    h_less_g = MaxAffine([s - slope for s in h.slopes], [c - intercept for c in h.intercepts])
    assert sup_distance(h_less_g, 1, a, b) == (b - a) ** 2 / (4 * n**2)


@st.composite
def piecewise_linear(draw: st.DrawFn) -> tuple[list, list, Fraction, Fraction]:
    """Knots, values there, and the two end slopes."""
    knots = sorted(draw(st.lists(rational, min_size=1, max_size=5, unique=True)))
    values = draw(lists_of(len(knots), rational))
    return knots, values, draw(rational), draw(rational)


def interpolated(knots: list, values: list, left_slope: Fraction, right_slope: Fraction, x: Fraction) -> Fraction:
    """The function by its definition: a line from knot to knot, and one to each side."""
    i = bisect(knots, x)
    if i == 0:
        return values[0] + left_slope * (x - knots[0])
    if i == len(knots):
        return values[-1] + right_slope * (x - knots[-1])
    share = (x - knots[i - 1]) / (knots[i] - knots[i - 1])
    return (1 - share) * values[i - 1] + share * values[i]


@pytest.mark.claim("C29")
@given(piecewise_linear(), st.lists(rational, max_size=3))
def test_two_units_give_every_continuous_piecewise_linear_function(function: tuple, xs: list) -> None:
    """Networks with two maxout units would not be universal."""
    g, h = difference_of_maxouts(*function)
    knots = function[0]
    points = [*knots, *((s + t) / 2 for s, t in pairwise(knots)), knots[0] - 1, knots[-1] + 1, *xs]
    assert difference_by_network(g, h, points) == [interpolated(*function, x) for x in points]


@pytest.mark.claim("C29")
@given(piecewise_linear())
def test_the_two_units_share_out_the_knots_where_the_slope_jumps(function: tuple) -> None:
    """Agreement at points would say nothing about the places in between, where a kink too many could hide."""
    g, h = difference_of_maxouts(*function)
    knots, values, left, right = function
    inner = [(w - v) / (t - s) for (s, v), (t, w) in pairwise(zip(knots, values, strict=True))]
    jumps = [t for t, (before, after) in zip(knots, pairwise([left, *inner, right]), strict=True) if before != after]
    assert sorted(g.kinks() + h.kinks()) == jumps


@pytest.mark.claim("C30")
@given(pieces.flatmap(lines), st.lists(rational, max_size=4))
def test_any_convex_piecewise_linear_activation_is_recovered(f: MaxAffine, xs: list) -> None:
    """A maxout could not learn every convex activation, or would need more pieces than that has, or a second unit."""
    knots = f.kinks() or (Fraction(0),)
    g, h = difference_of_maxouts(knots, [f(t) for t in knots], min(f.slopes), max(f.slopes))
    points = [*knots, knots[0] - 1, knots[-1] + 1, *xs]
    assert [g(x) for x in points] == [f(x) for x in points]
    assert (g.kinks(), h) == (f.kinks(), MaxAffine([0], [0]))
    assert len(g.slopes) == len(f.kinks()) + 1 <= len(f.slopes)


@pytest.mark.claim("C30")
@pytest.mark.parametrize("name", ["hard_tanh", "leaky_relu"])
def test_an_activation_that_is_not_convex_is_learned_by_no_unit(name: str) -> None:
    """'Maxout learns the activation' would hold without 'convex': no maximum lies above its chord, and these do."""
    g = activation_named(name, 2.0 if name == "leaky_relu" else None).value

    def above_the_chord(ends: tuple) -> bool:
        left, right, middle = g(exact, exact.asarray([*ends, sum(ends) / 2]))
        return middle > (left + right) / 2

    assert find(st.tuples(rational, rational), above_the_chord)


@pytest.mark.claim("C29", "C30")
@given(rational)
def test_two_units_learn_hard_tanh(x: Fraction) -> None:
    """The first activation that one unit cannot learn would stay out of reach."""
    units = difference_of_maxouts([-1, 1], [-1, 1], 0, 0)
    assert difference_by_network(*units, [x]) == activation_named("hard_tanh").value(exact, exact.asarray([x])).tolist()


IMPOSSIBLE = [(MaxAffine, [1, 2], [0]), (best_square, 1, 1, 2), (difference_of_maxouts, [0, 0], [1, 2], 0, 0)]


@pytest.mark.claim("C29", "C30")
@pytest.mark.parametrize("call", [*IMPOSSIBLE, (MaxAffine([1, 2], [0, 0]).layer, 1)])
def test_what_describes_no_function_is_refused(call: tuple) -> None:
    """A wrong answer would take the place of an error."""
    function, *arguments = call
    with pytest.raises(ValueError, match=r"piece|interval|knots"):
        function(*arguments)
