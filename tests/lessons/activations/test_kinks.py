"""Kinks: what a network of relus is where it has no derivative, and what training meets there.

A relu is convex and its network locally affine, but the loss is neither convex in the weights nor kept away from the
kinks: an optimum may lie on them. Whole numbers put pre-activations on a kink all the time, and on fractions everything
here is exact. A directional derivative is a difference over a step that crosses no kink.

Sources: Goodfellow, Bengio & Courville 2016, sections 6.1 (XOR) and 6.3; Amos, Xu & Kolter 2017 (convex networks);
Zhang et al. 2017 (interpolation); Kakade & Lee 2018, Bertoin et al. 2021 (the slope at 0).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, find, given
from hypothesis import strategies as st

from ffn.network import backward
from ffn.network.activations import ELEMENTWISE, activation_named
from ffn.network.description import Hidden, Network, Output
from ffn.network.forward import affine, trace
from ffn.numbers.exact import exact
from tests.helpers.networks import affine_layers, column, loss, outputs, sum_of_units
from tests.helpers.profiles import examples, search
from tests.helpers.strategies import integers, lists_of, rational
from tests.helpers.xor import BOOK, XOR, X, Y

nonnegative = st.integers(0, 3)


def layer(rows: int, columns: int, entries: st.SearchStrategy = integers) -> st.SearchStrategy:
    """(W, b) of whole numbers."""
    row = lists_of(columns, entries)
    return st.tuples(lists_of(rows, row), lists_of(columns, integers))


def relus(*widths: int) -> Network:
    """A network of relus with squared error ½(y − f)², summed over the rows."""
    hidden = tuple(Hidden(units, "relu") for units in widths[1:-1])
    return Network(widths[0], widths[-1], Output("gaussian"), hidden, reduction="sum")


def moved(parameters: Any, direction: Any, step: Any) -> tuple:
    return tuple((W + step * dW, b + step * db) for (W, b), (dW, db) in zip(parameters, direction, strict=True))


deep = relus(2, 2, 2, 1)
any_deep = st.tuples(layer(2, 2), layer(2, 2), layer(2, 1))
points = lists_of(2, integers)


def middle(x: list, y: list) -> list:
    return [Fraction(s + t) / 2 for s, t in zip(x, y, strict=True)]


# Piecewise linear is not convex


@pytest.mark.claim("C17")
@given(st.tuples(layer(2, 2), layer(2, 2, nonnegative), layer(2, 1, nonnegative)), points, points)
def test_a_network_is_convex_in_its_input_when_no_later_weight_is_negative(parameters: tuple, x: list, y: list) -> None:
    """Convexity could not be had at all: relu is convex and increasing, and such weights keep both."""
    at_x, at_y, between = outputs(deep, affine_layers(*parameters), [x, y, middle(x, y)])
    assert between <= (at_x + at_y) / 2


@pytest.mark.claim("C17")
def test_one_negative_weight_is_enough_to_lose_that() -> None:
    """'Keeps the convexity' would be true of all weights: hypothesis finds the hat −relu(x)."""

    def is_above_its_chord(example: tuple) -> bool:
        v, x, y = example
        at_x, at_y, between = outputs(*sum_of_units([(1, 0, v)]), [x, y, Fraction(x + y, 2)])
        return between > (at_x + at_y) / 2

    v, *_ = find(st.tuples(integers, integers, integers), is_above_its_chord)
    assert v < 0


@pytest.mark.claim("C17")
@given(any_deep, points, points)
def test_between_points_of_one_activation_pattern_a_network_is_affine(parameters: tuple, x: list, y: list) -> None:
    """'Piecewise linear' would be false too: this is what is left of the linear model, in one piece at a time.

    On a segment whose ends put no unit on opposite sides of its kink, a layer is affine, and by induction the next.
    """
    for _ in range(8):
        steps = trace(exact, deep, affine_layers(*parameters), exact.asarray([x, y]))
        if all(np.all(step.z[0] * step.z[1] >= 0) for step in steps[:-1]):
            break
        y = middle(x, y)
    else:
        assume(False)
    at_x, at_y, between = outputs(deep, affine_layers(*parameters), [x, y, middle(x, y)])
    assert between == (at_x + at_y) / 2


def loss_of_weight(w: Any) -> Fraction:
    """½(relu(w) − 1)²: one unit, x = y = 1."""
    return loss(*sum_of_units([(w, 0, 1)]), [[1]], [[1]])


@pytest.mark.claim("C17")
def test_in_the_weight_the_loss_is_not_convex_though_relu_is() -> None:
    """Training would be a convex problem: hypothesis finds two weights between which the loss is above its chord."""

    def is_above_its_chord(w: int, v: int) -> bool:
        return loss_of_weight(Fraction(w + v, 2)) > (loss_of_weight(w) + loss_of_weight(v)) / 2

    w, v = find(st.tuples(integers, integers), lambda pair: is_above_its_chord(*pair))
    assert min(w, v) < 0 < max(w, v)
    assert [loss_of_weight(w) for w in (-1, 0, 1)] == [Fraction(1, 2), Fraction(1, 2), 0]


# An optimum on the kinks

OPTIMUM = affine_layers(*BOOK)


@pytest.mark.claim("C18")
def test_the_optimum_of_the_book_lies_on_three_kinks() -> None:
    """'The cost cannot reach its global minimum' would be true at least of the first network that one meets."""
    assert loss(XOR, OPTIMUM, X, Y) == 0
    assert (trace(exact, XOR, OPTIMUM, exact.asarray(X))[0].z == 0).sum() == 3


@pytest.mark.claim("C18")
@given(st.lists(st.tuples(integers, rational), min_size=2, max_size=5, unique_by=lambda pair: pair[0]))
def test_n_minus_1_relus_pass_through_n_points_and_each_point_is_a_kink(data: list) -> None:
    """A loss of 0 would be out of reach with other data: a unit starts at every point but the last."""
    xs, ys = zip(*sorted(data), strict=True)
    slopes = [Fraction(w - v) / (t - s) for (s, v), (t, w) in pairwise(zip(xs, ys, strict=True))]
    jumps = [after - before for before, after in pairwise([Fraction(0), *slopes])]
    net = sum_of_units([(1, -x, jump) for x, jump in zip(xs, jumps, strict=False)], ys[0])
    assert loss(*net, column(xs), column(ys)) == 0
    assert (trace(exact, *net, column(xs))[0].z == 0).sum() == len(jumps)


@pytest.mark.claim("C18")
@given(rational)
def test_two_relus_have_their_only_minimum_at_a_kink(x: Fraction) -> None:
    """A function would have its minima where it has a derivative: |x| = relu(x) + relu(−x) has not."""
    at_0, at_x = outputs(*sum_of_units([(1, 0, 1), (-1, 0, 1)]), [0, x])
    assert at_0 < at_x or x == 0
    assert at_x == activation_named("absolute").value(exact, exact.asarray(x))


one_layer = relus(2, 2, 1)
shallow = st.tuples(layer(2, 2), layer(2, 1))
batches = st.lists(points, min_size=1, max_size=3)


def change_of_output(parameters: Any, direction: Any, x: Any) -> Any:
    """For one hidden layer, a C with |f(θ + εd) − f(θ)| ≤ Cε for ε ≤ 1: the products of absolute values."""
    (_, _), (V, _) = parameters
    (dW, db), (dV, dc) = direction
    h = trace(exact, one_layer, parameters, x)[0].h
    dh = affine(exact, abs(x), abs(dW), abs(db))  # relu is 1-Lipschitz
    return affine(exact, h, abs(dV), abs(dc)) + dh @ (abs(V) + abs(dV))


@pytest.mark.claim("C18")
@examples(50)
@given(shallow, shallow, batches, st.integers(0, 40))
def test_where_every_residual_is_0_the_loss_is_differentiable_also_on_kinks(
    parameters: tuple, direction: tuple, rows: list, halvings: int
) -> None:
    """At an optimum on the kinks the loss would have no gradient: it is at most Cε² at a distance of ε, so 0 is one."""
    parameters, direction = affine_layers(*parameters), affine_layers(*direction)
    x, step = exact.asarray(rows), Fraction(1, 2**halvings)
    y = trace(exact, one_layer, parameters, x)[-1].h
    bound = (change_of_output(parameters, direction, x) ** 2).sum() / 2
    assert loss(one_layer, moved(parameters, direction, step), x, y) <= bound * step**2


@pytest.mark.claim("C18")
@given(shallow, batches)
def test_there_the_backward_pass_returns_0_whatever_it_does_at_kinks(parameters: tuple, rows: list) -> None:
    """Descent would leave an optimum that it has reached: a residual of 0 is a factor of everything it computes."""
    parameters, x = affine_layers(*parameters), exact.asarray(rows)
    y = trace(exact, one_layer, parameters, x)[-1].h
    for s in (0, Fraction(1, 2), 1):
        with slope_at_0(s):
            gradient = backward.gradient(exact, one_layer, parameters, x, y)
        assert all(np.all(array == 0) for pair in gradient for array in pair)


@pytest.mark.claim("C18")
@given(st.integers(1, 40), st.integers(-3, 3).filter(bool))
def test_the_output_has_no_derivative_there_and_with_a_residual_the_loss_has_none(halvings: int, error: int) -> None:
    """The lemma would be about networks, not about residuals of 0: at XOR's optimum f bends with the second bias."""
    direction = tuple((0 * W, 0 * b) for W, b in OPTIMUM)
    direction[0][1][1] = 1  # that bias
    step, row = Fraction(1, 2**halvings), [[0, 1]]
    ahead, here, behind = (outputs(XOR, moved(OPTIMUM, direction, t), row)[0] for t in (step, 0, -step))
    assert ((ahead - here) / step, (here - behind) / step) == (-2, 0)
    ahead, here, behind = (loss(XOR, moved(OPTIMUM, direction, t), row, [[1 + error]]) for t in (step, 0, -step))
    assert ((ahead - here) / step, (here - behind) / step) == (2 * error + 2 * step, 0)


# The slope at 0


@contextmanager
def slope_at_0(s: Any) -> Iterator[None]:
    """Relu's slope at 0 is s in the backward pass."""
    relu = activation_named("relu")

    def slope(xp: Any, z: Any) -> Any:
        return xp.select(z, 1, xp.select(-z, 0, s))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(backward, "activation_of", lambda hidden: replace(relu, slope=slope))
        yield


def kinks() -> list:
    names = [name for name in ELEMENTWISE if activation_named(name).kinks]
    return [(name, kink) for name in names for kink in activation_named(name).kinks]


@pytest.mark.claim("C19")
@given(st.sampled_from(kinks()))
def test_at_a_kink_the_slope_lies_between_those_of_both_sides(where: tuple) -> None:
    """It would be no subgradient: a slope that no limit of slopes, nor a mean of them, supports."""
    name, kink = where
    slope = activation_named(name).slope(exact, exact.asarray([Fraction(kink.at)]))[0]
    assert min(Fraction(kink.left), Fraction(kink.right)) <= slope <= max(Fraction(kink.left), Fraction(kink.right))


@pytest.mark.claim("C19")
@given(st.sampled_from(kinks()), rational)
def test_off_the_kinks_it_is_the_slope_of_a_line(where: tuple, z: Fraction) -> None:
    """The convention at 0 would spread to where nothing is left to choose."""
    activation = activation_named(where[0])
    distance = min(abs(z - Fraction(kink.at)) for kink in activation.kinks)
    assume(distance > 0)
    left, here, right = activation.value(exact, exact.asarray([z - distance, z, z + distance]))
    slope = activation.slope(exact, exact.asarray([z]))[0]
    assert slope == (right - here) / distance == (here - left) / distance


def derivative_of_identity(x: Any) -> Fraction:
    """d/dx (relu(x) − relu(−x)) by the shipped backward pass, which is 1: x is a bias, and the residual is 1."""
    net = Network(1, 1, Output("gaussian"), (Hidden(1, "identity"), Hidden(2, "relu")))
    parameters = affine_layers(([[0]], [x]), ([[1, -1]], [0, 0]), ([[1], [-1]], [0]))
    return backward.gradient(exact, net, parameters, exact.asarray([[0]]), exact.asarray([[x - 1]]))[0][1][0]


@pytest.mark.claim("C19")
@given(integers, st.fractions(0, 1, max_denominator=8))
def test_relu_of_x_minus_relu_of_minus_x_is_x_and_has_slope_2s_at_0(x: int, s: Fraction) -> None:
    """Each relu's subgradient would make one of the network: at 0 the chain rule returns 2s, right for s = ½ alone."""
    with slope_at_0(s):
        assert derivative_of_identity(x) == (1 if x else 2 * s)


@pytest.mark.claim("C19")
def test_with_the_shipped_slope_of_0_that_derivative_is_0_at_0() -> None:
    """The failure would be one of exotic conventions: it is that of s = 0, which frameworks use too."""
    assert [derivative_of_identity(x) for x in (-1, 0, 1)] == [1, 0, 1]


# Where the kinks are in the space of the parameters


def pre_activation(x: Any, w: Any, b: Any) -> Fraction:
    return trace(exact, *sum_of_units([(w, b, 1)]), exact.asarray([[x]]))[0].z[0, 0]


@pytest.mark.claim("C20")
@search(400)
@given(rational, rational, rational)
def test_with_a_bias_a_data_point_is_on_a_kink_for_one_bias_alone(x: Fraction, w: Fraction, b: Fraction) -> None:
    """The kinks could fill a region of the parameters: {(w, b): wx + b = 0} is a line, which has no area."""
    assert (pre_activation(x, w, b) == 0) == (b == -w * x)


@pytest.mark.claim("C20")
@given(any_deep, st.integers(1, 3))
def test_with_no_bias_a_row_of_zeros_is_on_every_kink_whatever_the_weights(drawn: tuple, rows: int) -> None:
    """'Measure zero' would need no condition: here the kinks are all there is, and every unit is on one."""
    parameters = tuple((W, 0 * b) for W, b in affine_layers(*drawn))
    assert all(np.all(step.z == 0) for step in trace(exact, deep, parameters, exact.asarray([[0, 0]] * rows)))


@pytest.mark.claim("C20")
@given(rational.filter(bool), rational)
def test_with_no_bias_another_row_is_on_a_kink_for_no_weight_but_0(x: Fraction, w: Fraction) -> None:
    """Leaving out the bias would be what goes wrong, and not the row of zeros."""
    assert (pre_activation(x, w, 0) == 0) == (w == 0)


@pytest.mark.claim("C20")
@given(rational, rational, rational)
def test_on_the_positive_side_relu_is_the_identity_and_the_cost_is_not(x: Fraction, w: Fraction, b: Fraction) -> None:
    """Relu and the cost would have one argument: relu takes z, the cost takes θ, and ∂/∂w has a factor x."""
    z = pre_activation(x, w, b)
    assume(z > 0)
    (dW, db), _ = backward.gradient(exact, *sum_of_units([(w, b, 1)]), exact.asarray([[x]]), exact.asarray([[0]]))
    assert (dW[0, 0], db[0]) == (z * x, z)
