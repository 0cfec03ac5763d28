"""Backpropagation: the gradient by hand against every independent way to it, for every parameter.

Where the numbers are fractions the witnesses are equal to it, where they are balls they overlap, and autograd's float64
result is admissible. No case is thrown away for lying on a kink: there every slope between the one-sided ones is right,
and the enclosures hold them all. The gradient also has the symmetries of the network, and wrong backward passes are
refused.

Sources: Goodfellow, Bengio & Courville 2016, section 6.5; Griewank & Walther 2008, ch. 3 (forward and reverse mode).
"""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from flint import arb
from hypothesis import given
from hypothesis import strategies as st

from ffn import Hidden, Network, Output, admissible, witnesses
from ffn.cases.case import Case
from ffn.cases.networks import networks
from ffn.cases.strategies import cases
from ffn.constructions.symmetries import permute_units, rescale_units
from ffn.network import backward
from ffn.network.activations import ELEMENTWISE, PIECEWISE_LINEAR, step
from ffn.numbers.ball import Ball, number, working_precision
from ffn.numbers.exact import exact
from tests.helpers.gradients import any_case, by_hand, flat, off_kinks, overlap, piecewise_case
from tests.helpers.profiles import examples, search

pytestmark = pytest.mark.claim("C41")
ball = Ball()
relu_case = piecewise_case(activations=("relu",), outputs=("gaussian",), min_depth=1, max_depth=1)
elementwise = PIECEWISE_LINEAR
ACTIVATIONS = [*ELEMENTWISE, "maxout"]


# The gradient by every way


@given(piecewise_case().map(off_kinks))
@examples(40)
def test_gradient_equals_exact_differences(case: Case):
    """A wrong factor, mask, transpose or sum anywhere in the backward pass makes some parameter differ."""
    assert flat(by_hand(case)) == flat(witnesses.exact_differences(case))


@given(piecewise_case().map(off_kinks))
@examples(40)
def test_gradient_equals_forward_mode(case: Case):
    """Forward and reverse mode go through the chain rule in opposite order: a slip in one would part them."""
    assert flat(by_hand(case)) == flat(witnesses.dual_gradient(case, exact))


@given(cases("float64", networks(elementwise, ("gaussian",), max_depth=1), rows=st.just(1)).map(off_kinks))
@examples(6)
def test_gradient_equals_symbolic_derivative(case: Case):
    """The code that ships is what sympy differentiates, so a formula right on paper and wrong in code is seen."""
    assert flat(by_hand(case)) == flat(witnesses.symbolic_gradient(case))


@pytest.mark.parametrize("activation", ACTIVATIONS)
@given(st.data())
@examples(6)
def test_gradient_overlaps_forward_mode(activation: str, data):
    """Two enclosures of one truth: a wrong slope of a smooth activation would move one off the other."""
    case = data.draw(any_case(activations=(activation,), min_depth=1))
    assert overlap(flat(by_hand(case, ball)), flat(witnesses.dual_gradient(case)))


@given(piecewise_case())
@examples(40)
def test_gradient_at_a_kink_lies_between_the_one_sided_slopes(case: Case):
    """The slope that the backward pass chooses at a kink must be one that a limit of gradients has, or one between."""
    assert overlap(flat(by_hand(case)), flat(witnesses.dual_gradient(case)))


@given(cases("float64", networks(max_depth=1), rows=st.just(1)))
@examples(4)
def test_symbolic_derivative_lies_in_the_enclosure(case: Case):
    """For smooth losses the enclosure of forward mode is tight, so that sympy's 50 digits would show any error."""
    with working_precision(witnesses.BITS):
        symbolic = [number(value) * arb(1, 1e-49) for value in flat(witnesses.symbolic_gradient(case))]  # 50 digits
    assert overlap(symbolic, flat(witnesses.dual_gradient(case)))


def test_an_irrational_symbolic_derivative_has_50_digits_and_a_rational_one_all():
    """A witness of float64 would agree with whatever is right to 16 digits: ∂b of a bernoulli unit is σ(1) − y."""
    one, zero = np.ones((1, 1)), np.zeros((1, 1))
    network = Network(inputs=1, units=1, output=Output("bernoulli"))
    ((dW, db),) = witnesses.symbolic_gradient(Case(network, ((one, zero[0]),), one, zero))
    with working_precision(witnesses.BITS):
        sigma = 1 / (1 + arb(-1).exp())
        assert all(abs(number(found) / sigma - 1) < arb(10) ** -49 for found in (dW[0, 0], db[0]))
    assert witnesses.symbolic_gradient(Case(network, ((one, zero[0]),), zero, zero))[0][1][0] == Fraction(1, 2)


@pytest.mark.parametrize("activation", ACTIVATIONS)
@given(st.data())
@examples(10)
def test_autograd_is_admissible(activation: str, data):
    """autograd and the admissible set share no line of backward code: an error in either would put one outside."""
    case = data.draw(any_case(activations=(activation,), min_depth=1))
    assert admissible.gradient(case).examine(witnesses.autograd_gradient(case)).outside is None


@given(any_case())
@examples(25)
def test_central_differences_overlap_the_gradient_over_the_box(case: Case):
    """By the mean value theorem the quotient is a slope inside the box; a wrong gradient has no such slope to offer."""
    assert overlap(flat(witnesses.central_differences(case)), flat(witnesses.gradient_over_box(case)))


@given(piecewise_case().map(off_kinks))
@examples(20)
def test_the_box_would_show_an_error_of_1e_20(case: Case):
    """Enclosures wide enough for any number would agree with everything."""
    balls = flat(witnesses.central_differences(case)) + flat(witnesses.gradient_over_box(case))
    assert all(ball.rad() <= 1e-20 * (1 + abs(ball.mid())) for ball in balls)


# What exact differences refuse


@given(cases("float64", networks(("relu",), ("gaussian",), min_depth=1, max_depth=1)))
@examples(25)
def test_exact_differences_refuse_a_kink(case: Case):
    """At a kink a central difference is the mean of two slopes, which is a derivative of nothing."""
    (W, b), last = case.parameters
    on_kink = replace(case, parameters=((W, np.zeros_like(b)), last), x=np.zeros_like(case.x))
    with pytest.raises(ValueError, match="kink"):
        witnesses.exact_differences(on_kink)


@pytest.mark.parametrize(("activation", "output"), [("tanh", "gaussian"), ("relu", "poisson")])
def test_exact_differences_refuse_what_is_not_quadratic(activation: str, output: str):
    """A difference of anything else has a truncation error, and would not equal the derivative."""
    network = Network(inputs=1, hidden=(Hidden(1, activation),), units=1, output=Output(output))
    one = np.ones((1, 1))
    with pytest.raises(ValueError, match=r"piecewise linear|quadratic"):
        witnesses.exact_differences(Case(network, ((one, one[0]), (one, one[0])), one, one))


# What follows from the chain rule


@given(piecewise_case(reductions=("sum",), weight_decays=(0.0,)))
@examples(40)
def test_gradient_of_the_sum_is_the_sum_of_the_rows_gradients(case: Case):
    """If a row leaked into another's gradient, or a bias were averaged, minibatches would not add up."""
    rows = [flat(by_hand(case.rows([i]))) for i in range(len(case.x))]
    assert flat(by_hand(case)) == [sum(entries) for entries in zip(*rows, strict=True)]


@pytest.mark.claim("C2")
@given(piecewise_case(min_depth=1), st.data())
@examples(40)
def test_permuting_hidden_units_permutes_the_gradient(case: Case, data):
    """No unit has a place of its own: an index mixed up anywhere would give one the gradient of another."""
    order = data.draw(st.permutations(range(case.network.hidden[0].units)))
    again = replace(case, parameters=permute_units(case.parameters, 0, order))
    assert flat(by_hand(again)) == flat(permute_units(by_hand(case), 0, order))


@pytest.mark.claim("C2")
@given(piecewise_case(activations=("relu",), min_depth=1, weight_decays=(0.0,)), st.fractions(Fraction(1, 9), 9))
@examples(40)
def test_rescaling_relu_units_rescales_the_gradient_inversely(case: Case, c: Fraction):
    """relu(cz) = c relu(z) for c > 0, so (cW, cb, V/c) is the same function, with gradients (1/c, 1/c, c) times."""
    fractions = tuple((exact.asarray(W), exact.asarray(b)) for W, b in case.parameters)
    factors = exact.asarray([c] * case.network.hidden[0].units)
    again = replace(case, parameters=rescale_units(fractions, 0, factors))
    assert flat(by_hand(again)) == flat(rescale_units(by_hand(case), 0, 1 / factors))


# What wrong backward passes are held against


@given(relu_case.map(off_kinks))
@search(100)
def test_off_the_kinks_the_gradient_of_relus_equals_exact_differences(case: Case):
    """A slip that shows in relus alone would be seldom met among all activations: here every case has a mask."""
    assert flat(by_hand(case)) == flat(witnesses.exact_differences(case))


@given(relu_case)
@search(100)
def test_on_the_kinks_the_gradient_of_relus_lies_between_the_one_sided_slopes(case: Case):
    """Off the kinks nothing is said of the slope at 0; the enclosure by forward mode holds every one-sided slope."""
    assert overlap(flat(by_hand(case)), flat(witnesses.dual_gradient(case)))


def test_either_slope_of_relu_at_0_is_accepted(monkeypatch: pytest.MonkeyPatch):
    """The mask z ≥ 0 differs from z > 0 at kinks only, and there both are right: libraries differ in it."""
    monkeypatch.setattr(backward, "activation_vjp", lambda xp, layer, at, dh: dh * (1 - step(xp, -at.z)))
    test_off_the_kinks_the_gradient_of_relus_equals_exact_differences()
    test_on_the_kinks_the_gradient_of_relus_lies_between_the_one_sided_slopes()


def test_a_slope_of_2_at_0_is_refused(monkeypatch: pytest.MonkeyPatch):
    """Off the kinks it is right, so that only a check that goes onto them can see a slope outside [0, 1]."""
    twice_at_0 = lambda xp, layer, at, dh: dh * (step(xp, at.z) + 2 * (at.z == 0))  # noqa: E731
    monkeypatch.setattr(backward, "activation_vjp", twice_at_0)
    test_off_the_kinks_the_gradient_of_relus_equals_exact_differences()
    with pytest.raises(AssertionError):
        test_on_the_kinks_the_gradient_of_relus_lies_between_the_one_sided_slopes()
