"""Saturation: how fast the slopes of σ and tanh decay, what rounding makes of it, and why gradients vanish with depth.

Bounds over the reals are proven at each example in ball arithmetic. Bounds over floats are derived beside the test and
checked on the floats as exact fractions; in float16 on every float there is. u is the unit roundoff, 2^-p.

What is NumPy's own choice is not pinned: where its tanh becomes 1 (in float32 from 10.0 on, where correct rounding says
9.01), where e^x underflows, and between which neighbouring floats its σ decreases by an ulp.

Sources: Hochreiter 1991; Bengio, Simard & Frasconi 1994; Goodfellow, Bengio & Courville 2016, section 6.2.2.2.
"""

from fractions import Fraction
from functools import reduce
from typing import Any

import numpy as np
import pytest
from flint import arb
from hypothesis import example, given
from hypothesis import strategies as st

from ffn import admissible, backward, reference
from ffn.activations import activation_named
from ffn.case import ActivationCase
from ffn.forward import trace
from ffn.network import Hidden, Network, Output
from ffn.numbers.ball import Ball, number, working_precision
from ffn.numbers.dual import Dual
from ffn.numbers.exact import exact
from ffn.numbers.floating import floating
from ffn.numbers.precision import precision

BITS = 256
ball = Ball(BITS)
DTYPES = ("float16", "float32", "float64")
every_dtype = pytest.mark.parametrize("dtype", DTYPES)
sigmoid, tanh, relu = map(activation_named, ("sigmoid", "tanh", "relu"))
dyadic = st.integers(-80, 80).map(lambda i: Fraction(i, 4))
small = st.integers(-12, 12).map(lambda i: Fraction(i, 4))


def on_balls(function: Any, x: Any) -> arb:
    return function(ball, ball.asarray([x])).balls[0]


def at_most(a: arb, b: arb) -> bool:
    """a ≤ b, proven; or both enclose one value to 100 bits, as far as balls can tell that two numbers are equal."""
    return bool(a <= b) or (a.overlaps(b) and max(a.rad(), b.rad()) < arb(2) ** -100)


# Over the reals


@given(dyadic)
def test_the_slope_of_sigmoid_lies_between_a_quarter_of_e_to_minus_x_and_all_of_it(x: Fraction) -> None:
    """'Saturates' would not mean an exponential decay, from the largest slope ¼ at 0."""
    slope = on_balls(sigmoid.slope, x)
    with working_precision(BITS):
        decay = (-number(abs(x))).exp()
        assert decay / 4 <= slope < decay
        assert slope <= arb(1) / 4
        assert slope.overlaps((1 - (number(x) / 2).tanh() ** 2) / 4)  # σ(x) = (1 + tanh(x/2))/2


@given(dyadic)
def test_the_slope_of_tanh_decays_twice_as_fast(x: Fraction) -> None:
    """tanh would be safer than σ far from 0: it is steeper there at 0 alone."""
    slope = on_balls(tanh.slope, x)
    with working_precision(BITS):
        assert slope <= 1
        assert slope < 4 * (-2 * number(abs(x))).exp()
        assert slope.overlaps(1 / number(x).cosh() ** 2)


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


@every_dtype
def test_the_shipped_sigmoid_is_1_from_p_log_2_on(dtype: str) -> None:
    """σ would stay below 1: but 1 + e^-x rounds to 1 where e^-x ≤ u, half the spacing of floats above 1.

    A library's e^x may be off by 4 ulps, at most 8u, which moves the threshold by two floats at most. Right before it
    1 + e^-x is 1 + 2u, so that σ jumps from 1 − 2u to 1: it never is the float between, 1 − u.
    """
    u = precision(dtype).unit_roundoff
    above = first_float(dtype, Fraction(precision(dtype).bits))
    below = before(above)
    limits = after(after(above)), before(before(below))
    while not e_to_minus(above) < u * (1 - 8 * u):
        above = after(above)
    while not u * (1 + 8 * u) < e_to_minus(below):
        below = before(below)
    assert reference.activation("sigmoid", above) == 1
    assert reference.activation("sigmoid", below) == 1 - 2 * u
    assert limits[1] <= below < above <= limits[0]


@every_dtype
def test_a_correctly_rounded_sigmoid_is_1_from_one_bit_later_on(dtype: str) -> None:
    """The threshold would be a property of σ and not of the program: 1 − σ(x) ≈ e^-x reaches u/2 at (p + 1) log 2."""
    p = precision(dtype).bits
    x, halfway = first_float(dtype, Fraction(p + 1)), 1 - Fraction(1, 2 ** (p + 1))  # a tie goes to 1, which is even
    assert on_balls(sigmoid.value, float(before(x))) < number(halfway) < on_balls(sigmoid.value, float(x))
    assert reference.activation("sigmoid", before(x)) == 1


@every_dtype
def test_a_correctly_rounded_tanh_is_1_from_half_of_p_plus_2_log_2_on(dtype: str) -> None:
    """1 − tanh(x) ≈ 2e^-2x would reach u/2 elsewhere; the library's tanh, 4 ulps off at most, is 1 to 8u there."""
    p = precision(dtype).bits
    x, halfway = first_float(dtype, Fraction(p + 2, 2)), 1 - Fraction(1, 2 ** (p + 1))
    assert on_balls(tanh.value, float(before(x))) < number(halfway) < on_balls(tanh.value, float(x))
    assert 1 - 8 * precision(dtype).unit_roundoff <= reference.activation("tanh", x) <= 1


@every_dtype
def test_the_slope_from_the_output_is_0_where_sigmoid_is_1_and_the_shipped_one_is_not(dtype: str) -> None:
    """h(1 − h) stops training on the right, at 36.7 in float64, and only there: on the left it loses nothing."""
    x = after(after(first_float(dtype, Fraction(precision(dtype).bits)))).reshape(1)
    set_of_slopes = admissible.slope(ActivationCase("sigmoid", x))
    assert reference.slope("sigmoid", x) in set_of_slopes
    assert from_output(x) == 0
    assert from_output(x) not in set_of_slopes
    assert from_output(-x) in set_of_slopes


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
    xp = floating(x.dtype)
    return sigmoid.other_slopes[0](xp, x, reference.activation("sigmoid", x))


def floats(dtype: str, low: float | None = None, high: float | None = None) -> st.SearchStrategy[Any]:
    """One or more floats as an array; those of float16 are all tried, elsewhere Hypothesis looks for the worst."""
    width = int(dtype[5:])
    every = st.floats(low, high, width=width, allow_nan=False)
    return st.lists(every, min_size=1, max_size=8).map(lambda values: np.array(values, dtype))


def all_float16() -> np.ndarray:
    values = np.arange(2**16, dtype=np.uint16).view(np.float16)
    return np.sort(values[~np.isnan(values)])


def test_sigmoid_is_neither_strictly_increasing_nor_inside_0_and_1() -> None:
    """These are true of σ and false of every program; a property test that asks for them fails in float64 at 37."""
    assert reference.activation("sigmoid", np.array([37.0, 38.0, -800.0])).tolist() == [1, 1, 0]


@every_dtype
@given(st.data())
def test_sigmoid_stays_within_0_and_1_and_tanh_within_minus_1_and_1(dtype: str, data: st.DataObject) -> None:
    """A probability could exceed 1 by rounding, and its log change sign."""
    x = all_float16() if dtype == "float16" else data.draw(floats(dtype))
    assert np.all((reference.activation("sigmoid", x) >= 0) & (reference.activation("sigmoid", x) <= 1))
    assert np.all(np.abs(reference.activation("tanh", x)) <= 1)
