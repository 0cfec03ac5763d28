"""Saturation: how fast the slopes of σ and tanh decay, what rounding makes of it, and what that does to training.

Bounds over the reals are proven at each example in ball arithmetic. Bounds over floats are derived beside the test and
checked on the floats as exact fractions; in float16 on every float there is. u is the unit roundoff, 2^-p.

What is NumPy's own choice is not pinned: where its tanh becomes 1 (in float32 from 10.0 on, where correct rounding says
9.01), where e^x underflows, and between which neighbouring floats its σ decreases by an ulp.

Sources: Goodfellow, Bengio & Courville 2016, section 6.2.2.2; model of rounding: Higham 2002, ch. 2.
"""

from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from flint import arb
from hypothesis import given
from hypothesis import strategies as st

from ffn import admissible, reference
from ffn.cases.case import ActivationCase
from ffn.network import backward
from ffn.network.activations import activation_named, exponential_thresholds, sigmoid_slope
from ffn.network.description import Hidden, Network, Output
from ffn.numbers.ball import number, working_precision
from ffn.numbers.dual import Dual, DualArray
from ffn.numbers.floating import floating
from ffn.numbers.precision import precision
from tests.helpers.balls import BITS, agree, ball, dyadic, exactly
from tests.helpers.profiles import search

DTYPES = ("float16", "float32", "float64")
every_dtype = pytest.mark.parametrize("dtype", DTYPES)
sigmoid, tanh = map(activation_named, ("sigmoid", "tanh"))


def on_balls(function: Any, x: Any) -> arb:
    return function(ball, ball.asarray([x])).balls[0]


# Over the reals


@pytest.mark.claim("C13")
@given(dyadic, dyadic)
def test_over_the_reals_sigmoid_increases_between_0_and_1(x: Fraction, y: Fraction) -> None:
    """A probability taken from a logit could be certain, or the larger logit be the less likely one."""
    at_x, at_y = on_balls(sigmoid.value, x), on_balls(sigmoid.value, y)
    assert 0 < at_x < 1
    assert (at_x < at_y) == (x < y)


@pytest.mark.claim("C13")
@given(dyadic)
def test_tanh_is_sigmoid_rescaled(x: Fraction) -> None:
    """tanh would need thresholds and bounds of its own, not those of σ at 2x."""
    with working_precision(BITS):
        rescaled = 2 * on_balls(sigmoid.value, 2 * x) - 1
        assert agree(on_balls(tanh.value, x), rescaled)
        assert -1 < rescaled < 1


@pytest.mark.claim("C14")
@given(dyadic)
def test_the_slope_of_sigmoid_lies_between_a_quarter_of_e_to_minus_x_and_all_of_it(x: Fraction) -> None:
    """'Saturates' would not mean an exponential decay, from the largest slope ¼ at 0."""
    slope = on_balls(sigmoid.slope, x)
    with working_precision(BITS):
        decay = (-number(abs(x))).exp()
        assert decay / 4 <= slope < decay
        assert slope <= arb(1) / 4
        assert slope.overlaps((1 - (number(x) / 2).tanh() ** 2) / 4)  # σ(x) = (1 + tanh(x/2))/2


@pytest.mark.claim("C14")
@given(dyadic)
def test_the_slope_of_tanh_decays_twice_as_fast(x: Fraction) -> None:
    """tanh would be safer than σ far from 0: four times as steep at 0, it falls off as the square."""
    slope = on_balls(tanh.slope, x)
    with working_precision(BITS):
        assert slope <= 1
        assert slope < 4 * (-2 * number(abs(x))).exp()
        assert slope.overlaps(1 / number(x).cosh() ** 2)


def derivatives_of_the_slope(x: Any) -> tuple[arb, arb]:
    """σ″ and σ‴ by dual numbers through the shipped slope."""
    inner = Dual(ball)
    z = DualArray(ball.asarray([x]), ball.asarray([1]))
    outer = DualArray(z, inner.asarray([1]))
    tangent = sigmoid.slope(Dual(inner), outer).tangent
    return tangent.primal.balls[0], tangent.tangent.balls[0]


@pytest.mark.claim("C14")
@given(dyadic)
def test_the_slope_of_sigmoid_changes_by_a_bounded_amount(x: Fraction) -> None:
    """The step of a central difference, and of descent, could not be chosen ahead: |σ″| ≤ √3/18 and |σ‴| ≤ 1/8."""
    second, third = derivatives_of_the_slope(x)
    with working_precision(BITS):
        assert abs(second) < arb(3).sqrt() / 18
        assert abs(third) < arb(1) / 8 or x == 0


@pytest.mark.claim("C14")
def test_both_bounds_on_how_that_slope_changes_are_reached() -> None:
    """They would be too large: σ″ is √3/18 where σ = ½ − √3/6, at −log(2 + √3), and σ‴ is −1/8 at 0."""
    with working_precision(BITS):
        at = -(2 + arb(3).sqrt()).log()
        assert agree(derivatives_of_the_slope(at)[0], arb(3).sqrt() / 18)
        assert agree(derivatives_of_the_slope(0)[1], arb(-1) / 8)


# In floats: the thresholds


def first_float(dtype: str, logs_of_two: Fraction) -> Any:
    """The smallest float that is at least so many times log 2, which is irrational and so never a tie."""
    with working_precision(BITS):
        bound = number(logs_of_two) * arb(2).log()
        x = np.dtype(dtype).type(float(bound))
        while number(float(x)) > bound:
            x = before(x)
        while number(float(x)) < bound:
            x = after(x)
    return x


def before(x: Any) -> Any:
    return np.nextafter(x, x.dtype.type(-np.inf))


def after(x: Any) -> Any:
    return np.nextafter(x, x.dtype.type(np.inf))


def e_to_minus(x: Any) -> arb:
    with working_precision(BITS):
        return (-number(float(x))).exp()


@pytest.mark.claim("C13")
@every_dtype
def test_the_shipped_sigmoid_is_1_from_p_log_2_on(dtype: str) -> None:
    """σ would stay below 1: but 1 + e^-x rounds to 1 where e^-x ≤ u, half the spacing of floats above 1.

    A library's e^x may be off by 4 ulps, at most 8u, which moves the threshold by fewer than three floats. Right before
    it 1 + e^-x is 1 + 2u, so that σ jumps from 1 − 2u to 1: it never is the float between, 1 − u.
    """
    u = precision(dtype).unit_roundoff
    x = first_float(dtype, Fraction(precision(dtype).bits))
    above, below = after(after(x)), before(before(before(x)))
    assert e_to_minus(above) < u * (1 - 8 * u)
    assert u * (1 + 8 * u) < e_to_minus(below)
    assert reference.activation("sigmoid", above) == 1
    assert reference.activation("sigmoid", below) == 1 - 2 * u


@pytest.mark.claim("C13")
@every_dtype
def test_a_correctly_rounded_sigmoid_is_1_from_one_bit_later_on(dtype: str) -> None:
    """The threshold would be a property of σ and not of the program: 1 − σ(x) ≈ e^-x reaches u/2 at (p + 1) log 2."""
    p = precision(dtype).bits
    x, halfway = first_float(dtype, Fraction(p + 1)), 1 - Fraction(1, 2 ** (p + 1))  # a tie goes to 1, which is even
    assert on_balls(sigmoid.value, float(before(x))) < exactly(halfway) < on_balls(sigmoid.value, float(x))
    assert reference.activation("sigmoid", before(x)) == 1  # where the nearest float is 1 − u


@pytest.mark.claim("C13")
@every_dtype
def test_a_correctly_rounded_tanh_is_1_from_half_of_p_plus_2_log_2_on(dtype: str) -> None:
    """1 − tanh(x) ≈ 2e^-2x would reach u/2 elsewhere; the library's tanh, 4 ulps off at most, is 1 to 8u there."""
    p = precision(dtype).bits
    x, halfway = first_float(dtype, Fraction(p + 2, 2)), 1 - Fraction(1, 2 ** (p + 1))
    assert on_balls(tanh.value, float(before(x))) < exactly(halfway) < on_balls(tanh.value, float(x))
    assert 1 - 8 * precision(dtype).unit_roundoff <= reference.activation("tanh", x) <= 1


@pytest.mark.claim("C14")
@every_dtype
def test_the_slope_from_the_output_is_0_where_sigmoid_is_1_and_the_shipped_one_is_not(dtype: str) -> None:
    """h(1 − h) stops training on the right, at 36.7 in float64, and only there: on the left it loses nothing."""
    x = after(after(first_float(dtype, Fraction(precision(dtype).bits)))).reshape(1)
    set_of_slopes = admissible.slope(ActivationCase("sigmoid", x))
    assert reference.slope("sigmoid", x) in set_of_slopes
    assert from_output(x) == 0
    assert from_output(x) not in set_of_slopes
    assert from_output(-x) in set_of_slopes


@pytest.mark.claim("C13")
@every_dtype
def test_the_sigmoid_in_one_formula_is_0_where_the_shipped_one_is_not(dtype: str) -> None:
    """1/(1 + e^-x) is 0 where e^-x overflows, from −log(largest float) on, though σ(x) is still a float there."""
    x = np.dtype(dtype).type(-np.ceil(np.log(precision(dtype).largest)))
    with np.errstate(over="ignore"):
        assert 1 / (1 + np.exp(-x)) == 0
    assert reference.activation("sigmoid", x) > 0


# In floats: what is false, and what is true instead


def from_output(x: Any) -> Any:
    """σ′ from σ itself, the other standard algorithm: h(1 − h)."""
    return product_with_complement(reference.activation("sigmoid", x))


def product_with_complement(h: Any) -> Any:
    return sigmoid.other_slopes[0](floating(h.dtype), None, h)


def arrays(dtype: str, low: float | None = None, high: float | None = None) -> st.SearchStrategy[np.ndarray]:
    """Some floats from low to high; for float16 all of them."""
    if dtype == "float16":
        every = np.arange(2**16, dtype=np.uint16).view(np.float16)
        inside = (every >= (-np.inf if low is None else low)) & (every <= (np.inf if high is None else high))
        return st.just(np.sort(every[inside]))
    some = st.lists(st.floats(low, high, width=int(dtype[5:]), allow_nan=False), min_size=1, max_size=8)
    return some.map(lambda values: np.array(values, dtype))


def fractions(x: np.ndarray) -> list[Fraction]:
    return [Fraction(float(value)) for value in x]


@pytest.mark.claim("C13")
def test_sigmoid_is_neither_strictly_increasing_nor_inside_0_and_1() -> None:
    """These are true of σ and false of programs: a test that asked for them would fail, in float64 from 37 on."""
    assert reference.activation("sigmoid", np.array([37.0, 38.0, -800.0])).tolist() == [1, 1, 0]


@pytest.mark.claim("C13")
@search(400)
@given(st.floats(-742, 36))
def test_before_its_thresholds_sigmoid_is_strictly_inside_in_float64(x: float) -> None:
    """The ends would be reached where rounding does not force it.

    At 36, e^-x is above u by more than 4 ulps, so that 1 + e^-x exceeds 1. At −742, e^x is 11 times the smallest
    subnormal, which the library's error, at most 4 of these, and a rounding leave above 0.
    """
    assert 0 < reference.activation("sigmoid", x) < 1


@pytest.mark.claim("C13")
@every_dtype
@given(st.data())
def test_sigmoid_stays_within_0_and_1_and_tanh_within_minus_1_and_1(dtype: str, data: st.DataObject) -> None:
    """A probability could exceed 1 by rounding, and its log change sign."""
    x = data.draw(arrays(dtype))
    assert np.all((reference.activation("sigmoid", x) >= 0) & (reference.activation("sigmoid", x) <= 1))
    assert np.all(np.abs(reference.activation("tanh", x)) <= 1)


@pytest.mark.claim("C13")
@every_dtype
@given(st.data())
def test_sigmoid_of_x_and_of_minus_x_add_up_to_1_within_7_quarters_of_u(dtype: str, data: st.DataObject) -> None:
    """The probabilities of both classes would not add up: they do, as both have one e and one d = fl(1 + e).

    |d − (1 + e)| ≤ u and d ≥ 1, so (1 + e)/d is 1 within u; 1/d, from ½ to 1, rounds by at most u/2, and e/d, at most
    ½, by u/4. How accurate e is does not matter.
    """
    x = data.draw(arrays(dtype, 0))
    values, opposite = (fractions(reference.activation("sigmoid", z)) for z in (x, -x))
    u = Fraction(precision(dtype).unit_roundoff)
    assert max(abs(s + t - 1) for s, t in zip(values, opposite, strict=True)) <= Fraction(7, 4) * u


@pytest.mark.claim("C13")
@every_dtype
@given(st.data())
def test_sigmoid_decreases_by_a_few_roundings_at_most(dtype: str, data: st.DataObject) -> None:
    """Monotone is false in floats too, between neighbours; without a bound on the drop any error would be excused.

    e^-|x| is off by 4 ulps, a relative 8u; in e/d that leaves 8u + 2u for x < 0 and less for x > 0. A drop from one
    value to the next is at most twice that, 20u, and 24u covers the products of errors. Where e^x is subnormal an ulp
    is the smallest subnormal number: two values are off by 4 each and by a rounding.
    """
    limit = 20 if dtype == "float16" else 800  # from there on σ is constant
    x = data.draw(arrays(dtype, -limit, limit))
    x = np.sort(np.concatenate([x, after(x)]))
    u, ulp = Fraction(precision(dtype).unit_roundoff), Fraction(float(np.nextafter(x.dtype.type(0), x.dtype.type(1))))
    values = fractions(reference.activation("sigmoid", x))
    assert all(above >= below * (1 - 24 * u) - 10 * ulp for below, above in pairwise(values))


@pytest.mark.claim("C13")
def test_with_every_operation_rounded_correctly_the_stable_sigmoid_still_decreases() -> None:
    """A test could ask for σ(x) ≤ σ(y) where x ≤ y, and blame a program for what no program with this formula does."""
    x = np.array([-1.8984375, -1.8974609375], np.float16)  # neighbours
    assert x[1] == after(x[0])
    e = np.array([0.14978027, 0.14990234], np.float16)
    half_an_ulp = Fraction(float(np.spacing(e[0]))) / 2
    with working_precision(BITS):
        assert all(
            abs(number(float(x)).exp() - number(float(e))) < number(half_an_ulp) for x, e in zip(x, e, strict=True)
        )
    higher, lower = e / (1 + e)  # IEEE 754 rounds both operations correctly
    assert lower < higher


@pytest.mark.claim("C14")
@given(st.floats(-700, 700))
def test_the_shipped_slope_keeps_its_digits_in_saturation(x: float) -> None:
    """The gradient would be noise long before it is 0: σ(1 − σ) has lost 4 % at x = 36, and all of it at 37.

    e is off by 4 ulps, a relative 8u, and e/(1 + e)² passes on at most that: its condition is |1 − e|/(1 + e) ≤ 1. Two
    sums, a product and a quotient add 4u; 13u covers the products of errors. From |x| = 708 on e is subnormal, and no
    bound in u holds: there the error is an absolute one. The witness is 1/(2 cosh(x/2))².
    """
    with working_precision(BITS):
        true = 1 / (2 * (number(x) / 2).cosh()) ** 2
        computed = sigmoid_slope(floating("float64"), np.float64(x))
        assert abs(number(computed) - true) < 13 * precision("float64").unit_roundoff * true


@pytest.mark.claim("C14")
@every_dtype
@given(st.data())
def test_the_slope_from_the_output_never_exceeds_a_quarter(dtype: str, data: st.DataObject) -> None:
    """Rounding could lift h(1 − h) above its largest value.

    For h ≥ ½, 1 − h is exact, h(1 − h) ≤ ¼, and rounding is monotone. For h < ½, 1 − h is off by at most u/2, so the
    product exceeds ¼ by less than u/4, half the spacing of floats above ¼, and rounds to ¼ at most.
    """
    u = precision(dtype).unit_roundoff
    h = data.draw(arrays(dtype, 0, 1) | arrays(dtype, 0.5 - 64 * u, 0.5 + 64 * u))
    assert np.all(product_with_complement(h) <= 0.25)


# What it does to training


def bias_gradient(xp: Any, output: str, z: Any) -> Any:
    """∂loss/∂z for the target 1 by the shipped backward pass: of ½(1 − σ(z))², or of the bernoulli NLL with logit z."""
    hidden = (Hidden(1, "sigmoid"),) if output == "gaussian" else ()
    network = Network(inputs=1, hidden=hidden, units=1, output=Output(output))
    zero, one = xp.asarray([[0]]), xp.asarray([[1]])
    parameters = ((zero, z), (one, zero[0]))[: network.depth]
    return backward.gradient(xp, network, parameters, zero, one)[0][1][0]


def gradient_ball(output: str, z: Fraction | arb) -> arb:
    return bias_gradient(ball, output, ball.asarray([z])).balls.item()


@pytest.mark.claim("C35", "C14")
@given(dyadic.map(lambda z: -abs(z)))
def test_squared_error_through_sigmoid_loses_its_gradient_when_confidently_wrong_and_nll_does_not(z: Fraction) -> None:
    """The NLL would have no advantage: for the target 1 and z → −∞ the one gradient is below e^z, the other near 1."""
    with working_precision(BITS):
        e = number(z).exp()
        assert abs(gradient_ball("gaussian", z)) < e
        assert 1 - e < abs(gradient_ball("bernoulli", z)) < 1


@pytest.mark.claim("C35")
@given(dyadic)
def test_squared_error_through_sigmoid_is_steepest_at_one_third(z: Fraction) -> None:
    """σ(1 − σ)² has its maximum 4/27 at σ = ⅓, z = −log 2 (8/27 without the ½): worse mistakes weigh less."""
    with working_precision(BITS):
        steepest = abs(gradient_ball("gaussian", -arb(2).log()))
        assert agree(steepest, arb(4) / 27)
        assert abs(gradient_ball("gaussian", z)) < arb(4) / 27


@pytest.mark.claim("C35")
@given(dyadic)
def test_squared_error_through_sigmoid_is_not_convex_and_nll_is(z: Fraction) -> None:
    """Descent would find the minimum of either alike: but below σ = ⅓ the squared error curves down."""
    with working_precision(BITS):
        xp = Dual(ball)
        variable = DualArray(ball.asarray([z]), ball.asarray([1]))
        curvature = {name: bias_gradient(xp, name, variable).tangent.balls.item() for name in ("gaussian", "bernoulli")}
        assert curvature["bernoulli"] > 0
        assert (curvature["gaussian"] > 0) == (number(z) > -arb(2).log())


@pytest.mark.claim("C35", "C14")
def test_in_floats_the_gradient_of_the_squared_error_is_gone_altogether() -> None:
    """Training from a bad start would be slow, and not, as it is, impossible."""
    xp, z = floating("float64"), np.array([-800.0])
    assert bias_gradient(xp, "gaussian", z) == 0
    assert bias_gradient(xp, "bernoulli", z) == -1


@pytest.mark.claim("C13")
@pytest.mark.parametrize("dtype", [*DTYPES, "bfloat16"])
def test_within_a_hundredth_of_its_thresholds_a_program_begins_to_round_to_1_or_to_overflow(dtype: str) -> None:
    """Saturation would be tried where nothing happens: before 1 + e^-z, σ or tanh rounds to 1, or far beyond."""
    bits, largest = precision(dtype).bits, precision(dtype).largest
    *to_one, overflow = exponential_thresholds(precision(dtype))
    with working_precision(BITS):
        half_an_ulp = arb(2) ** -(bits + 1)  # of the numbers below 1
        missing = (
            lambda z: (-number(z)).exp() / 2,  # an ulp above 1 is twice as long
            lambda z: on_balls(sigmoid.value, -z),
            lambda z: 2 * on_balls(sigmoid.value, -2 * z),
        )
        for threshold, to_1 in zip(map(Fraction, to_one), missing, strict=True):
            assert to_1(threshold * Fraction(101, 100)) < half_an_ulp < to_1(threshold * Fraction(99, 100))
        before, beyond = (number(Fraction(overflow) * Fraction(share, 100)).exp() for share in (99, 101))
        assert before < number(Fraction(largest)) < beyond
