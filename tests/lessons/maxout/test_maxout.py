"""Maxout: h = maxⱼ zⱼ, what one unit can approximate, what two can, and how its gradient is routed.

Nearly everything here is rational, so it is checked on fractions with ==, <= and no tolerance; exp is enclosed in
balls. A supremum is taken over the finitely many points where it can lie, never on a grid: one test shows how a grid
deceives.

Sources: Goodfellow et al. 2013, Maxout networks; equioscillation: Chebyshev.
"""

from bisect import bisect
from collections.abc import Sequence
from fractions import Fraction
from functools import reduce
from itertools import combinations, pairwise

import numpy as np
import pytest
from flint import arb
from hypothesis import find, given
from hypothesis import strategies as st

from ffn.constructions.maxout import MaxAffine, best_square, difference_of_maxouts
from ffn.network.activations import activation_named
from ffn.network.backward import maxout_vjp
from ffn.network.description import Hidden, Network, Output
from ffn.network.forward import LayerTrace, affine
from ffn.network.maxout import maxout
from ffn.numbers.ball import working_precision
from ffn.numbers.exact import exact
from tests.helpers.balls import BITS, exactly
from tests.helpers.networks import affine_layers, outputs
from tests.helpers.strategies import intervals, lists_of, rational

small = st.builds(Fraction, st.integers(-8, 8), st.integers(8, 64))
pieces = st.integers(1, 5)
one_unit = st.lists(st.integers(-3, 3), min_size=1, max_size=4)  # its pieces, often tied
two_units = st.lists(st.tuples(rational, rational), min_size=1, max_size=4).map(
    lambda rows: list(zip(*rows, strict=True))
)


def unit(z: Sequence) -> Fraction:
    """The shipped maxout of the pieces of one unit."""
    return maxout(exact, exact.asarray([[z]]))[0, 0]


def lines(count: int) -> st.SearchStrategy[MaxAffine]:
    """Maxima of any ``count`` affine functions."""
    return st.builds(MaxAffine, lists_of(count, rational), lists_of(count, rational))


def near(f: MaxAffine, interval: Sequence, error: Fraction) -> st.SearchStrategy[MaxAffine]:
    """Each line tilted and lifted by an error's size at most: what has a chance of doing better than f."""
    a, b = interval
    changes = lists_of(len(f.slopes), st.tuples(small, small)).map(np.array)
    moved = changes.map(lambda d: d * error)  # a tilt is what a line gains from a to b
    tilted = moved.map(lambda d: (f.slopes + d[:, 0] / (b - a), f.intercepts + d[:, 1] - a * d[:, 0] / (b - a)))
    return tilted.map(lambda lines: MaxAffine(*lines))


def crossings(f: MaxAffine) -> list[Fraction]:
    """Where two of the lines meet, whether or not they are the largest there."""
    pairs = combinations(zip(f.slopes, f.intercepts, strict=True), 2)
    return [(c - d) / (t - s) for (s, c), (t, d) in pairs if s != t]


def sup_distance(f: MaxAffine, sign: int, a: Fraction, b: Fraction) -> Fraction:
    """The exact supremum of |f(x) − sign·x²| on [a, b], for sign ±1.

    Where f is affine the difference is a parabola, extremal at its ends or where both have one slope. So the supremum
    lies at a, at b, where two lines cross, or where a line has the parabola's slope 2·sign·x.
    """
    tangent = [sign * slope / 2 for slope in f.slopes]
    return max(abs(f(x) - sign * x * x) for x in [a, b, *crossings(f), *tangent] if a <= x <= b)


def difference_by_network(g: MaxAffine, h: MaxAffine, xs: Sequence[Fraction], spare: int = 0) -> list[Fraction]:
    """g(x) − h(x) by the shipped forward pass: two maxout units, then an affine layer with weights 1 and −1."""
    k = max(len(g.slopes), len(h.slopes)) + spare
    network = Network(inputs=1, hidden=(Hidden(2, "maxout", pieces=k),), units=1, output=Output("gaussian"))
    (W_g, b_g), (W_h, b_h) = g.layer(k), h.layer(k)
    hidden = np.concatenate([W_g, W_h], axis=1), np.concatenate([b_g, b_h])
    return outputs(network, affine_layers(hidden, ([[1], [-1]], [0])), xs)


# What one unit is


@pytest.mark.claim("C25")
@given(two_units, st.fractions(0, 1, max_denominator=8))
def test_maxout_is_convex_in_its_pre_activations(pair: list, weight: Fraction) -> None:
    """Without convexity one unit could do what the last section needs two for."""
    z, w = pair
    mixture = [weight * zj + (1 - weight) * wj for zj, wj in zip(z, w, strict=True)]
    assert unit(mixture) <= weight * unit(z) + (1 - weight) * unit(w)


@pytest.mark.claim("C25")
@given(two_units)
def test_maxout_is_1_lipschitz_in_the_largest_change(pair: list) -> None:
    """Otherwise a small error in the pre-activations could grow on its way through a maxout layer."""
    z, w = pair
    assert abs(unit(z) - unit(w)) <= max(abs(zj - wj) for zj, wj in zip(z, w, strict=True))


@pytest.mark.claim("C25", "C26")
@given(one_unit.flatmap(lambda z: st.tuples(st.just(z), st.permutations(z))))
def test_the_order_of_the_pieces_does_not_matter(orders: tuple) -> None:
    """A maxout that depended on it would not be a maximum."""
    z, permuted = orders
    assert unit(permuted) == unit(z)


@pytest.mark.claim("C25")
@given(st.lists(rational, min_size=1, max_size=4))
def test_a_maxout_layer_of_one_piece_is_linear(z: list) -> None:
    """The nonlinearity comes from the competition of pieces alone."""
    assert maxout(exact, exact.asarray([z]).reshape(1, -1, 1)).tolist() == [z]


TWO_PIECES = {"relu": (1, 0), "absolute": (1, -1), "leaky_relu": (1, Fraction("1/10"))}


@pytest.mark.claim("C25", "C30")
@pytest.mark.parametrize("name", TWO_PIECES)
@given(x=rational)
def test_two_pieces_learn_the_rectifying_activations(name: str, x: Fraction) -> None:
    """Maxout would not generalise relu, |·| and leaky relu."""
    z = affine(exact, exact.asarray([[x]]), exact.asarray([[TWO_PIECES[name]]]), exact.asarray([[0, 0]]))
    assert maxout(exact, z) == activation_named(name, 0.1).value(exact, exact.asarray([[x]]))


@pytest.mark.claim("C26")
@given(lists_of(4, rational), lists_of(2, rational))
def test_max_pooling_is_a_maxout_whose_pieces_are_shifts_of_one_filter(signal: list, filter_: list) -> None:
    """The two would not be the same maximum: pooling competes over places, maxout over filters."""
    W = exact.asarray([[[filter_[i - j] if 0 <= i - j < 2 else 0 for j in range(3)]] for i in range(4)])
    responses = [filter_[0] * left + filter_[1] * right for left, right in pairwise(signal)]
    assert maxout(exact, affine(exact, exact.asarray([signal]), W, exact.asarray([[0, 0, 0]]))) == max(responses)


def pooled(signal: Sequence, filters: Sequence[Sequence]) -> Fraction:
    """The shipped maxout of a filter's response at each place; of one filter a place, the signal being a circle."""
    rows = [[filters[j][(i - j) % len(signal)] for j in range(len(signal))] for i in range(len(signal))]
    zeros = exact.asarray([[0] * len(signal)])
    return maxout(exact, affine(exact, exact.asarray([signal]), exact.asarray([[row] for row in rows]), zeros))[0, 0]


three = lists_of(3, st.integers(-3, 3))


@pytest.mark.claim("C26")
@given(three, three)
def test_pooling_one_filter_over_all_places_does_not_see_a_shift(signal: list, filter_: list) -> None:
    """Max pooling would not be the maxout with tied weights that it is, or not give invariance to shifts."""
    assert pooled([*signal[1:], signal[0]], [filter_] * 3) == pooled(signal, [filter_] * 3)


@pytest.mark.claim("C26")
def test_a_maxout_of_different_filters_does() -> None:
    """The resemblance would be an identity: the invariance comes from the tied weights, not from the maximum."""
    examples = st.tuples(three, lists_of(3, three))
    assert find(examples, lambda e: pooled([*e[0][1:], e[0][0]], e[1]) != pooled(*e))


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


# The gradient goes to a winner


def is_subgradient(slopes: Sequence, z: Sequence, w: Sequence) -> bool:
    """Whether h(w) ≥ h(z) + slopes·(w − z), as it is for every w where slopes is a subgradient of the maximum at z."""
    return max(w) >= max(z) + sum(s * (wj - zj) for s, wj, zj in zip(slopes, w, z, strict=True))


def routed(z: Sequence, cotangent: int) -> list:
    """The shipped cotangents of the pieces of one unit."""
    step = LayerTrace(None, exact.asarray([[z]]), None)
    return maxout_vjp(exact, step, exact.asarray([[cotangent]]))[0, 0].tolist()


@pytest.mark.claim("C25")
@given(one_unit, st.integers(-5, 5))
def test_the_first_of_the_largest_pieces_takes_the_whole_cotangent(z: list, cotangent: int) -> None:
    """Some of the cotangent would get lost, be doubled at a tie, or reach a piece that did not decide the output."""
    assert routed(z, cotangent) == [cotangent if j == z.index(max(z)) else 0 for j in range(len(z))]


@pytest.mark.claim("C25")
@given(one_unit, st.data())
def test_the_routed_slopes_are_a_subgradient(z: list, data: st.DataObject) -> None:
    """At a tie, where no derivative exists, the backward pass would return a slope that no limit of slopes supports."""
    w = data.draw(lists_of(len(z), st.integers(-5, 5)))
    assert is_subgradient(routed(z, 1), z, w)


@pytest.mark.claim("C25")
@given(one_unit, st.data())
def test_subgradients_share_out_the_slope_1_among_the_winners(z: list, data: st.DataObject) -> None:
    """The test above could not fail, or a tie not be shared: slope 1 for each of two winners is no subgradient.

    A sum above or below 1 shows when all pieces move by ±1, a negative slope or one for a loser when that piece does.
    """
    shares = data.draw(lists_of(len(z), st.integers(-1, 2)))
    whole = data.draw(st.sampled_from([1, sum(shares) or 1]))
    slopes = [Fraction(share, whole) for share in shares]
    shared_out = sum(slopes) == 1 and all(s == 0 or (s > 0 and zj == max(z)) for s, zj in zip(slopes, z, strict=True))
    moves = [*np.eye(len(z), dtype=int).tolist(), [1] * len(z)]
    moved = [[zj + sign * m for zj, m in zip(z, move, strict=True)] for move in moves for sign in (1, -1)]
    assert all(is_subgradient(slopes, z, w) for w in moved) == shared_out
