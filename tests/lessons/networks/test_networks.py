"""What a feedforward network is, what its nonlinearity is for, and how well one hidden layer, or many, approximate.

Everything here is rational and compared with ==, but for tanh and exp, which are enclosed. A supremum is taken over the
finitely many points where it can lie: ends, kinks, and where a line has the slope of the parabola.

Sources: Goodfellow, Bengio & Courville 2016, sections 6.1, 6.4 and 6.5; Telgarsky 2015; Yarotsky 2017; Zhang et al.
2017 (interpolation of points).
"""

from fractions import Fraction
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise, permutations, product
from math import factorial, prod

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ffn.cases.case import Case
from ffn.constructions import folding, interpolation, regions, symmetries
from ffn.constructions import maxout as constructions
from ffn.constructions.maxout import MaxAffine
from ffn.network import backward
from ffn.network.description import Hidden, Network
from ffn.network.forward import activate, affine, trace
from ffn.numbers.exact import exact
from tests.helpers.balls import agree, ball, exactly
from tests.helpers.gradients import flat, piecewise_case, placed
from tests.helpers.networks import GAUSSIAN, affine_layers, arrays, column, outputs, small_networks, sum_of_units
from tests.helpers.profiles import examples, search
from tests.helpers.strategies import any_unit, integers, intervals, lists_of, positive, rational

factor = st.sampled_from((Fraction(2), Fraction(3), Fraction(1, 2)))
deep = piecewise_case(min_depth=1)
MONOTONE = ("identity", "relu", "leaky_relu", "hard_tanh")
PIECEWISE = (*MONOTONE, "absolute", "maxout")
HOMOGENEOUS = ("relu", "leaky_relu", "absolute")  # g(fz) = f g(z) for f > 0


# One way through the network


@st.composite
def graphs(draw: st.DrawFn, feedback: int) -> np.ndarray:
    """A[i, j] is the weight with which unit j of five reads unit i: forward in some order, then some from anywhere."""
    order = draw(st.permutations(range(5)))
    A = np.zeros((5, 5), dtype=int)
    A[np.triu_indices(5, 1)] = draw(lists_of(10, integers))
    A = A[np.ix_(order, order)]
    for place in draw(st.lists(st.tuples(*[st.integers(0, 4)] * 2), max_size=feedback)):
        A[place] = 1
    return A


def one_pass(graph: dict, random) -> list:
    """The nodes in a topological order, any of them; graph[node] are those that it reads."""
    order, sorter = [], TopologicalSorter(graph)
    sorter.prepare()
    ready = list(sorter.get_ready())
    while ready:
        order.append(ready.pop(random.randrange(len(ready))))
        sorter.done(order[-1])
        ready += sorter.get_ready()
    return order


randoms = st.randoms(use_true_random=False)


@pytest.mark.claim("C1")
@given(graphs(feedback=3), randoms)
def test_a_graph_can_be_gone_through_in_one_pass_exactly_when_its_matrix_is_nilpotent(A: np.ndarray, random) -> None:
    """'No feedback' would not be what makes a network a function that one pass computes."""
    try:
        possible = len(one_pass({j: np.flatnonzero(A[:, j]).tolist() for j in range(5)}, random)) == 5
    except CycleError:
        possible = False
    assert possible == (not np.linalg.matrix_power(A != 0, 5).any())  # no way is 5 steps long


@pytest.mark.claim("C1")
@given(graphs(feedback=0), *[lists_of(5, integers)] * 2, randoms)
def test_without_feedback_the_units_have_one_value_each(A: np.ndarray, b: list, start: list, random) -> None:
    """h = relu(hA + b) would have no solution, or several: but after 5 rounds nothing is left of any start."""
    W, b = exact.asarray(A), exact.asarray(b)
    h = exact.asarray([[0] * 5])
    for j in one_pass({j: np.flatnonzero(A[:, j]).tolist() for j in range(5)}, random):
        h[:, [j]] = activate(exact, Hidden(1), affine(exact, h, W[:, [j]], b[[j]]))
    rounds = exact.asarray([start])
    for _ in range(5):
        rounds = activate(exact, Hidden(5), affine(exact, rounds, W, b))
    assert (rounds == h).all()


@pytest.mark.claim("C1")
@examples(60)
@given(deep, randoms)
def test_every_topological_order_gives_what_the_layers_give(case: Case, random) -> None:
    """The order in which units that do not need each other are computed would matter."""
    network, parameters, x, _ = placed(case, exact)
    layers = (*network.hidden, None)
    graph = {
        (depth, unit): [(depth - 1, other) for other in range(parameters[depth - 1][1].shape[0])] if depth else []
        for depth, (_, b) in enumerate(parameters)
        for unit in range(b.shape[0])
    }
    computed = {}
    for depth, unit in one_pass(graph, random):
        before = np.concatenate([computed[other] for other in graph[depth, unit]], axis=1) if depth else x
        W, b = parameters[depth]
        z = affine(exact, before, W[:, [unit]], b[[unit]])
        computed[depth, unit] = z if layers[depth] is None else activate(exact, layers[depth], z)
    last = len(layers) - 1
    output = np.concatenate([computed[last, unit] for unit in range(network.units)], axis=1)
    assert (output == trace(exact, network, parameters, x)[-1].h).all()


@pytest.mark.claim("C1")
@given(rational, rational)
def test_with_feedback_there_may_be_no_value_or_several(h: Fraction, x: Fraction) -> None:
    """A node that reads its own output, h = relu(h + x), would define a value as one without feedback does."""

    def fed_back(x: Fraction) -> Fraction:
        return activate(exact, Hidden(1), affine(exact, exact.asarray([[h]]), exact.asarray([[1]]), x))[0, 0]

    assert (fed_back(Fraction(0)) == h) == (h >= 0)  # every h ≥ 0 is a solution
    assert x <= 0 or fed_back(x) != h  # none is


@pytest.mark.claim("C1")
@given(
    small_networks(activations=("identity",), most_units=2, outputs=2),
    integers,
    lists_of(2, integers),
)
def test_the_gradient_adds_up_all_paths(net: tuple, x: int, y: tuple) -> None:
    """A unit that several others read would count once, or once too often: without a nonlinearity ∂loss/∂b of the
    first layer is the sum over all ways to the output of the product of their weights."""
    network, parameters = net
    x, y = exact.asarray([[x]]), exact.asarray([y])
    [residual] = trace(exact, network, parameters, x)[-1].h - y  # the loss is half of its square
    weights = [W for W, _ in parameters[1:]]
    for unit, db in enumerate(backward.gradient(exact, network, parameters, x, y)[0][1]):
        total = 0
        for path in product([unit], *(range(W.shape[1]) for W in weights)):
            total += prod(W[edge] for W, edge in zip(weights, pairwise(path), strict=True)) * residual[path[-1]]
        assert db == total


@pytest.mark.claim("C1")
@given(small_networks(most_layers=1, most_units=2), integers, integers)
def test_the_backward_pass_leaves_nothing_behind(net: tuple, x: int, y: int) -> None:
    """What a first pass added up would be there still in the second: the gradient would depend on who asked before."""
    once, again = (backward.gradient(exact, *net, exact.asarray([[x]]), exact.asarray([[y]])) for _ in range(2))
    assert flat(once) == flat(again)


# Many parameters, one function


@pytest.mark.claim("C2")
@search(250)
@given(small_networks(activations=PIECEWISE, most_units=2), integers, st.data())
def test_hidden_units_may_be_permuted(net: tuple, x: int, data: st.DataObject) -> None:
    """'The' parameters of a function would exist: learning could be asked to find them."""
    network, parameters = net
    layer = data.draw(st.integers(0, len(network.hidden) - 1))
    order = data.draw(st.permutations(range(network.hidden[layer].units)))
    other = symmetries.permute_units(parameters, layer, order)
    assert outputs(network, other, [x]) == outputs(network, parameters, [x])


@pytest.mark.claim("C2")
@given(small_networks(activations=HOMOGENEOUS, most_units=2), integers, st.tuples(factor, factor), st.data())
def test_what_scales_a_unit_up_its_readers_may_scale_down(net: tuple, x: int, factors: tuple, data) -> None:
    """The parameters of a ReLU network would be isolated: each lies on a curve of others with the same function."""
    network, parameters = net
    layer = data.draw(st.integers(0, len(network.hidden) - 1))
    other = symmetries.rescale_units(parameters, layer, exact.asarray(factors[: network.hidden[layer].units]))
    assert outputs(network, other, [x]) == outputs(network, parameters, [x])


@pytest.mark.claim("C2")
@given(integers, integers, integers, integers.filter(bool))
def test_a_relu_cannot_be_turned(w: int, b: int, x: int, v: int) -> None:
    """The rescaling would hold for every factor: but −relu(−z) is relu(z) at z = 0 alone."""
    network, parameters = sum_of_units([(w, b, v)])
    turned = symmetries.rescale_units(parameters, 0, exact.asarray([-1]))
    assert (outputs(network, turned, [x]) == outputs(network, parameters, [x])) == (w * x + b == 0)


@pytest.mark.claim("C2")
@given(lists_of(3, st.integers(-4, 4)))
def test_a_tanh_layer_has_2_to_the_h_times_h_factorial_tables_of_one_function(x: list) -> None:
    """48 networks that differ in their weights would differ in what they compute."""
    network = Network(3, 1, GAUSSIAN, (Hidden(3, "tanh"),))
    W, b, V = [[1, 2, 3], [0, 1, -1], [2, 0, 1]], [1, 0, 2], [[1], [-2], [3]]
    parameters = affine_layers((W, b), (V, [1]))
    tables = {
        tuple(tuple(array.ravel()) for pair in turned for array in pair): turned
        for order in permutations(range(3))
        for signs in product((1, -1), repeat=3)
        for turned in [
            symmetries.rescale_units(symmetries.permute_units(parameters, 0, order), 0, exact.asarray(signs))
        ]
    }
    assert len(tables) == factorial(3) * 2**3
    found = []
    for turned in tables.values():
        on_balls = trace(ball, network, affine_layers(*turned, xp=ball), ball.asarray([x]))
        found.append(on_balls[-1].h.balls[0, 0])
    assert all(agree(output, found[0]) for output in found)


ONE_LAYER = ((np.ones((1, 2)), np.ones(2)), (np.ones((2, 1)), np.ones(1)))
IMPOSSIBLE = [
    (symmetries.permute_units, ONE_LAYER, 0, [0, 0]),
    (symmetries.permute_units, ONE_LAYER, 1, [0]),
    (symmetries.rescale_units, ONE_LAYER, -1, np.ones(1)),
    (symmetries.rescale_units, ONE_LAYER, 0, np.ones(1)),
    (symmetries.rescale_units, ONE_LAYER, 0, np.array([1, 0])),
    (interpolation.interpolate, [0, 0], [1, 2]),
    (interpolation.interpolate, [0], [1]),
    (interpolation.interpolate_points, [[0, 1], [0, 1]], [1, 2]),
    (interpolation.interpolate_points, [], []),
    (interpolation.approximate, abs, 1, 1, abs, 1),
    (interpolation.approximate, abs, 0, 1, abs, 0),
]


@pytest.mark.claim("C2", "C6")
@pytest.mark.parametrize("call", IMPOSSIBLE, ids=lambda call: call[0].__name__)
def test_what_has_no_network_is_refused(call: tuple) -> None:
    """A wrong network would take the place of an error."""
    function, *arguments = call
    with pytest.raises(ValueError, match=r"order|hidden layers|factors|knots|points|interval|pieces"):
        function(*arguments)


# Without a nonlinearity


@pytest.mark.claim("C5")
@given(small_networks(2, ("identity",), most_layers=3, outputs=2), arrays((1, 2)))
def test_any_depth_of_affine_layers_is_one(net: tuple, x) -> None:
    """Depth alone would make a network more than an affine map."""
    network, parameters = net
    W, b = parameters[0]
    for V, c in parameters[1:]:
        W, b = W @ V, b @ V + c
    assert (affine(exact, x, W, b) == trace(exact, network, parameters, x)[-1].h).all()


@pytest.mark.claim("C5")
@given(rational.filter(bool))
def test_two_relus_compute_what_no_affine_map_does(x: Fraction) -> None:
    """A nonlinearity would add nothing: an affine map's values at −x and x have their mean at 0, |x| has not."""
    left, middle, right = outputs(*sum_of_units([(1, 0, 1), (-1, 0, 1)]), [-x, 0, x])
    assert [left, middle, right] == [abs(x), 0, abs(x)]
    assert left + right != 2 * middle


@pytest.mark.claim("C5")
@given(*(lists_of(k, st.integers(-4, 4)) for k in (2, 3)), st.sampled_from(MONOTONE))
def test_one_monotone_unit_cannot_do_xor(w: list, others: list, activation: str) -> None:
    """One unit would be enough: but along w it goes one way, and w·x of one class encloses that of the other."""
    b, v, c = others
    network = Network(2, 1, GAUSSIAN, (Hidden(1, activation),))
    parameters = affine_layers((column(w), [b]), ([[v]], [c]))
    same_0, one_0, one_1, same_1 = outputs(network, parameters, [[0, 0], [0, 1], [1, 0], [1, 1]])
    assert not max(same_0, same_1) < min(one_0, one_1)
    assert not max(one_0, one_1) < min(same_0, same_1)


# Width: one hidden layer


@st.composite
def data_sets(draw: st.DrawFn) -> tuple[list, list]:
    """Different points, and values for them."""
    d = draw(st.integers(1, 3))
    points = draw(st.lists(st.tuples(*[integers] * d), min_size=1, max_size=6, unique=True))
    return points, draw(lists_of(len(points), rational))


def sup_from_parabola(net: tuple, p: Fraction, q: Fraction, a: Fraction, b: Fraction) -> Fraction:
    """The exact supremum on [a, b] of |network − (px² + qx)|, p ≠ 0: at the ends of pieces, or at equal slopes."""
    places = {a, b}
    for piece in regions.linear_pieces(*net, a, b):
        tangent = (piece.slope[0] - q) / (2 * p)
        places |= {piece.left, piece.right} | ({tangent} if piece.left < tangent < piece.right else set())
    return max(abs(y - (p * x * x + q * x)) for x, y in zip(places, outputs(*net, list(places)), strict=True))


@pytest.mark.claim("C6")
@given(data_sets())
def test_n_units_take_any_values_at_n_points(data: tuple) -> None:
    """A network could be too weak to learn some data set by heart; with n + d + n numbers it never is."""
    points, wanted = data
    network, parameters = interpolation.interpolate_points(points, wanted)
    assert outputs(network, parameters, points) == wanted
    W, _ = parameters[0]
    assert network.hidden == (Hidden(len(points), "relu"),)
    assert (W[:, :1] == W).all()  # d numbers, with n biases and n outer weights


@pytest.mark.claim("C6")
@given(st.dictionaries(st.integers(-6, 6), integers, min_size=2, max_size=5), st.fractions(0, 1, max_denominator=5))
def test_between_the_knots_the_interpolation_is_the_chord(points: dict, share: Fraction) -> None:
    """The error bound for chords would be applied to something else."""
    knots = sorted(points)
    net = interpolation.interpolate(knots, [points[t] for t in knots])
    assert net[0].hidden == (Hidden(len(knots) - 1, "relu"),)
    for s, t in pairwise(knots):
        assert outputs(*net, [(1 - share) * s + share * t]) == [(1 - share) * points[s] + share * points[t]]


@pytest.mark.claim("C6")
@given(integers, st.integers(1, 3), integers.filter(bool), integers, st.integers(1, 5))
def test_on_parabolas_the_certified_error_is_the_error(a: int, length: int, p: int, q: int, n: int) -> None:
    """The bound h²M/8 would be unsafe, or more than is needed: where f″ is constant it is reached."""
    within = Fraction(length**2 * 2 * abs(p), 8 * n**2)
    got = interpolation.approximate(
        lambda x: p * x * x + q * x, a, a + length, lambda h: interpolation.chord_error(2 * abs(p), h), within
    )
    assert sup_from_parabola(got[:2], Fraction(p), q, a, a + length) == got.error == within


@pytest.mark.claim("C6")
@examples(60)
@given(intervals, st.integers(1, 40), st.fractions(0, 1, max_denominator=20))
def test_a_cubic_is_within_the_certified_error(interval: list, parts: int, share: Fraction) -> None:
    """A bound on |f″| over the whole interval would not hold in each piece."""
    a, b = interval
    curvature = 6 * max(abs(a), abs(b))
    within = (b - a) ** 2 * curvature / (8 * parts)
    got = interpolation.approximate(lambda x: x**3, a, b, lambda h: interpolation.chord_error(curvature, h), within)
    pieces = got.network.hidden[0].units
    middles = [a + (b - a) * Fraction(2 * i + 1, 2 * pieces) for i in range(pieces)]  # nearly the worst places
    places = [a + share * (b - a), *middles]
    errors = [abs(y - x**3) for x, y in zip(places, outputs(got.network, got.parameters, places), strict=True)]
    assert max(errors) <= got.error <= within


@pytest.mark.claim("C6")
@examples(40)
@given(st.integers(4, 400), st.fractions(0, 1, max_denominator=50))
def test_rounded_values_enter_the_certified_error(parts: int, x: Fraction) -> None:
    """For a function without rational values, such as exp, the certificate would hold of another function. The balls
    must lie within it in their every point."""

    def to_1_digit(t: Fraction) -> Fraction:
        return Fraction(round(float(exactly(t).exp()) * 10), 10)

    slack = Fraction(1, 19)  # more than 1/20 for rounding to tenths: the rest is for the float
    got = interpolation.approximate(
        to_1_digit, 0, 1, lambda h: interpolation.chord_error(3, h), slack + Fraction(1, parts), slack
    )
    assert abs(exactly(outputs(*got[:2], [x])[0]) - exactly(x).exp()) <= exactly(got.error)


@pytest.mark.claim("C6")
@given(st.lists(st.tuples(rational, rational), min_size=1, max_size=4), intervals, st.integers(1, 12))
def test_a_modulus_of_continuity_certifies_where_there_is_no_curvature(lines: list, interval: list, parts: int) -> None:
    """Only smooth functions could be approximated with a guarantee: here the maximum of lines, with all its kinks."""
    a, b = interval
    f = MaxAffine(*zip(*lines, strict=True))
    steepest = max(abs(slope) for slope in f.slopes)
    within = max(steepest, 1) * (b - a) / parts
    got = interpolation.approximate(f, a, b, lambda h: steepest * h, within)
    knots = [-c / w for w, c in zip(*(array.ravel() for array in got.parameters[0]), strict=True)]
    places = [t for t in (a, b, *knots, *f.kinks()) if a <= t <= b]
    assert max(abs(f(x) - y) for x, y in zip(places, outputs(*got[:2], places), strict=True)) <= got.error <= within


@pytest.mark.claim("C6")
def test_the_most_pieces_are_allowed_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """An error that the last allowed network has would be refused, or a search for one would have no end."""
    monkeypatch.setattr(interpolation, "MOST_PIECES", 8)
    error = lambda h: h  # noqa: E731
    assert interpolation.approximate(abs, 0, 1, error, Fraction(1, 8)).network.hidden[0].units == 8
    with pytest.raises(ValueError, match="8 pieces do not bring the error below 1/9"):
        interpolation.approximate(abs, 0, 1, error, Fraction(1, 9))


@pytest.mark.claim("C6")
@given(intervals, positive, positive)
def test_no_unit_is_wasted(interval: list, curvature: Fraction, within: Fraction) -> None:
    """More units than the bound asks for would be taken."""
    a, b = interval
    within += (b - a) ** 2 * curvature / 800

    def bound(h: Fraction) -> Fraction:
        return interpolation.chord_error(curvature, h)

    units = interpolation.approximate(lambda x: 0, a, b, bound, within).network.hidden[0].units
    assert bound((b - a) / units) <= within
    assert units == 1 or bound((b - a) / (units - 1)) > within


@pytest.mark.claim("C6")
@given(st.integers(1, 6))
def test_the_best_pieces_err_half_as_much_as_chords(n: int) -> None:
    """Interpolation would be the best that n pieces can do: lowered by half of its error it errs by half."""
    knots = [Fraction(i, n) for i in range(n + 1)]
    chords = interpolation.interpolate(knots, [t * t for t in knots])
    best = constructions.best_square(0, 1, n)
    lowered = interpolation.interpolate(knots, [best(t) for t in knots])
    errors = [sup_from_parabola(net, Fraction(1), Fraction(0), Fraction(0), Fraction(1)) for net in (chords, lowered)]
    assert errors == [Fraction(1, 4 * n**2), Fraction(1, 8 * n**2)]


@pytest.mark.claim("C6")
@examples(60)
@given(st.lists(any_unit, min_size=1, max_size=5), rational, intervals)
def test_no_hidden_layer_of_n_units_does_better_than_n_plus_1_best_pieces(units: list, c, interval: list) -> None:
    """Some clever weights would beat the rate n⁻²: but some piece is at least as long as the mean one."""
    a, b = interval
    error = sup_from_parabola(sum_of_units(units, c), Fraction(1), Fraction(0), a, b)
    assert error >= (b - a) ** 2 / Fraction(8 * (len(units) + 1) ** 2)


@pytest.mark.claim("C6")
@given(st.integers(1, 8).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n))))
def test_n_units_reach_what_n_plus_1_best_pieces_do(split: tuple) -> None:
    """The bound would be too low for any network: here the slopes of the pieces are those of x² in their middles."""
    n, left = split
    odd = range(1, 2 * n, 2)
    units = [(-1, -t, 4) for t in odd[:left]] + [(1, -t, 4) for t in odd[: n - left]]
    a, b = Fraction(-2 * left - 1), Fraction(2 * (n - left) + 1)
    error = sup_from_parabola(sum_of_units(units, Fraction(1, 2)), Fraction(1), Fraction(0), a, b)
    assert error == (b - a) ** 2 / (8 * (n + 1) ** 2)


# Depth


@pytest.mark.claim("C7")
@given(st.integers(1, 5), st.fractions(0, 1, max_denominator=40))
def test_the_square_is_made_of_tents(depth: int, x: Fraction) -> None:
    """The network would be another one than x − Σ T^s(x)/4^s, or miss x² at the multiples of 2^-m."""
    net = folding.square(depth)
    tents = sum(outputs(*folding.tent(s), [x])[0] / 4**s for s in range(1, depth + 1))
    ends = [Fraction(i, 2**depth) for i in range(2**depth + 1)]
    assert outputs(*net, [x]) == [x - tents]
    assert outputs(*net, ends) == [t * t for t in ends]


@pytest.mark.claim("C7")
@given(st.integers(1, 6))
def test_each_layer_divides_the_error_for_the_square_by_4(depth: int) -> None:
    """x² would not show what depth is good for: the error is 4^-(m + 1), exactly."""
    error = sup_from_parabola(folding.square(depth), Fraction(1), Fraction(0), Fraction(0), Fraction(1))
    assert error == Fraction(1, 4 ** (depth + 1))
