"""Balls at the edges of a precision: the smallest, the largest, what is declared and what is known beforehand."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from flint import arb

from ffn.network.activations import ACTIVATIONS, ELEMENTWISE
from ffn.numbers.ball import Ball, BallArray, magnitude, number, product, working_precision
from ffn.numbers.declared import FUNCTIONS, LEAST_ULPS, Declared
from ffn.numbers.precision import NAMES, precision

BITS = 128
single = Ball(BITS, precision("float32"))


def balls(*values: Any) -> np.ndarray:
    found = np.empty(len(values), dtype=object)
    found[:] = values
    return found


def ends(ball: arb) -> tuple[Fraction, Fraction]:
    """The lower and the upper end, exactly."""
    with working_precision(4000):
        return tuple(  # type: ignore[return-value]
            Fraction(int(m)) * Fraction(2) ** int(e)
            for m, e in (end.man_exp() for end in (ball.mid() - ball.rad(), ball.mid() + ball.rad()))
        )


@pytest.mark.parametrize("value", [arb(1) / 3, arb(2) ** -1080, arb(-7), arb(0, 1e-30), arb(3) ** -700])
def test_a_magnitude_is_no_smaller_than_what_it_bounds(value: arb) -> None:
    """Without it the error of a sum of tiny terms would be 0: a float64 is 0 below 2^-1075."""
    bound = Fraction(float(magnitude(balls(value))[0]))
    assert bound >= max(map(abs, ends(value)))
    assert bound <= max(map(abs, ends(value))) * (1 + Fraction(1, 2**48)) + Fraction(1, 2**1073)


def test_the_magnitude_of_what_is_not_known_is_infinite() -> None:
    """Without it a sum with an unknown term could be known."""
    assert magnitude(balls(arb.nan(), arb("+inf"))).tolist() == [np.inf, np.inf]


@pytest.mark.parametrize("n", [1, 2, 3, 17])
def test_the_error_of_a_dot_product_is_no_smaller_than_its_formula_and_hardly_larger(n: int) -> None:
    """Without it a factor of the float64 in which the bound is computed could point inwards."""
    rng, v = np.random.default_rng(n), Fraction(precision("float32").rounding)
    for _ in range(20):
        a, b = rng.normal(size=(1, n)).astype(np.float32), rng.normal(size=(n, 1)).astype(np.float32)
        terms = [Fraction(float(x)) * Fraction(float(y)) for x, y in zip(a[0], b[:, 0], strict=True)]
        positive, negative = (sum(max(sign * term, Fraction(0)) for term in terms) for sign in (1, -1))
        low = positive * (1 - v) ** n - negative * (1 + v) ** n
        high = positive * (1 + v) ** n - negative * (1 - v) ** n
        below, above = ends(single.matmul(single.asarray(a), single.asarray(b)).balls[0, 0])
        assert below <= low <= high <= above
        assert above - below <= (high - low) * (1 + Fraction(1, 2**19)) + 8 * n * Fraction(2) ** -126


def test_an_answer_beyond_the_largest_number_is_not_known() -> None:
    """Without it an overflow would be held to the number that it is not."""
    large = single.asarray([3e38])
    assert not (large * 2).balls[0].is_finite()
    assert (large * 1).balls[0].is_finite()
    assert not single.sum(single.asarray([3e38, 3e38, -3e38])).balls[()].is_finite()
    assert not single.exp(single.asarray([89.0])).balls[0].rad().is_zero()


def test_one_entry_that_is_not_known_leaves_the_others() -> None:
    """Without it one overflow would hide every error beside it."""
    found = (single.asarray([3e38, 1.0, 3.0]) * 2).balls
    assert [ball.is_finite() for ball in found] == [False, True, True]
    assert found[1] == 2


def test_the_largest_number_is_known_and_a_sum_that_may_pass_it_is_not() -> None:
    """Without it the last number of a format could not be judged, or a sum that rounds beyond it be held to it."""
    largest = precision("float32").largest
    assert (single.asarray([largest]) * 1).balls[0].is_finite()
    assert not single.sum(single.asarray([largest / 2, largest / 2])).balls[()].is_finite()


def test_half_of_the_smallest_subnormal_is_what_an_operation_may_lose() -> None:
    """Without it an underflow would be refused, or hide errors of many subnormals."""
    for name, kept in (("float16", 2.0**-25), ("bfloat16", 2.0**-134), ("float32", 2.0**-150), ("float64", 2.0**-1074)):
        assert precision(name, "kept").underflow == kept
        assert precision(name, "flushed").underflow == precision(name).smallest_normal
    double = Ball(BITS, precision("float64", "kept"))
    assert (double.asarray([1e-200]) * 1e-200).balls[0].contains(0)


def test_a_quotient_underflows_once_and_a_sum_of_products_with_every_operation() -> None:
    """Without it one flush would be refused, or each hide another beside it."""
    for said, flushes in (("flushed", 4 + 3), ("kept", 4)):
        xp = Ball(BITS, precision("float32", said))
        smallest = Fraction(precision("float32", said).underflow)
        low, high = ends(xp.matmul(Ball(BITS).asarray([[2.0**-160] * 4]), xp.asarray([[1.0]] * 4)).balls[0, 0])
        assert flushes <= (high - low) / 2 / smallest <= flushes * (1 + Fraction(1, 10**5))
    low, high = ends((single.asarray([2.0**-75]) / single.asarray([2.0**75])).balls[0])
    assert 1 <= (high - low) / 2 / Fraction(2) ** -126 <= Fraction(11, 10)


def test_the_smallest_normal_number_is_held_and_what_is_below_may_be_lost() -> None:
    """Without it a number that every program has would be a set, or a subnormal be taken for held."""
    products = (single.asarray([2.0**-126, 2.0**-100, 0.0]) * single.asarray([1.0, 2.0**-27, 0.1])).balls
    assert [ball.is_exact() for ball in products] == [True, False, True]


def test_a_function_may_underflow() -> None:
    """Without it e^−104, which is 0 in float32, would be refused."""
    for name, z in (("float16", -20.0), ("bfloat16", -100.0), ("float32", -104.0), ("float64", -746.0)):
        for said in ("kept", "flushed"):
            xp = Ball(BITS, precision(name, said))
            assert xp.exp(xp.asarray([z])).balls[0].contains(0)
            assert not xp.exp(xp.asarray([z / 4])).balls[0].contains(0)


@pytest.mark.parametrize(("name", "errors"), [("exp", 8), ("log", 8), ("log1p", 8), ("tanh", 2 * 8 + 2)])
def test_a_function_is_off_by_its_ulps_and_no_more(name: str, errors: int) -> None:
    """Without it a function could be off by twice as much: an ulp is 2u, and tanh may come of expm1 (2 roundings)."""
    v, least = Fraction(precision("float32").rounding), Fraction(precision("float32").underflow)
    for z in (0.5, 3.0):
        low, high = ends(getattr(single, name)(single.asarray([z])).balls[0])
        truth = Fraction(getattr(math, name)(z))
        assert (high - low) / 2 == pytest.approx(abs(truth) * errors * v + errors * least, rel=1e-6, abs=0)
        assert (high + low) / 2 == pytest.approx(truth, rel=1e-15)


def test_an_empty_product_is_a_zero_of_its_shape() -> None:
    """Without it a layer without inputs would have no bias to give."""
    empty = product(np.empty((2, 0), dtype=object), np.empty((0, 3), dtype=object))
    assert empty.shape == (2, 3)
    assert all(ball == 0 for ball in empty.ravel())


def test_a_subnormal_input_may_be_read_as_zero_where_that_is_not_denied() -> None:
    """Without it a program with flush-to-zero would be refused, or every program be allowed it."""
    tiny = 2.0**-130
    read = single.asarray([tiny, 0.0, 2.0**-126]).balls
    assert [ball.contains(0) for ball in read] == [True, True, False]
    assert [ball.is_exact() for ball in read] == [False, True, True]
    kept = Ball(BITS, Declared(subnormals="kept").precision("float32"))
    assert kept.asarray([tiny]).balls[0].is_exact()


@pytest.mark.parametrize(
    ("ball", "expected"),
    [
        (arb(0.5, 1), (Fraction(0), Fraction(1))),  # sticks out on both sides
        (arb(0.5, 0.25), (Fraction(1, 4), Fraction(3, 4))),  # inside: left as it is
        (arb(3, 0.5), (Fraction(5, 2), Fraction(7, 2))),  # outside: a contradiction is not hidden
        (arb(-2, 0.5), (Fraction(-5, 2), Fraction(-3, 2))),
        (arb(-0.5, 0.5), (Fraction(0), Fraction(0))),  # touches
        (arb(1.5, 0.5), (Fraction(1), Fraction(1))),
    ],
)
def test_what_is_known_beforehand_narrows_and_never_hides(ball: arb, expected: tuple[Fraction, Fraction]) -> None:
    """Without it a probability could be −1, or a set be empty."""
    found = ends(single.within(single.asarray([0]).xp.asarray(balls(ball)), "0", "1").balls[0])
    assert found == pytest.approx(expected, abs=1e-8)


def test_a_range_may_be_left_by_the_roundings_that_are_said() -> None:
    """Without it a slope of two exponentials would be held to ¼ to the last bit, or to no range at all."""
    wide = single.asarray(balls(arb(0, 10)))
    exact, beyond = (ends(single.within(wide, "0", "1", beyond=n).balls[0])[1] for n in (0, 2))
    u = Fraction(precision("float32").rounding)
    assert exact == pytest.approx(1, abs=1e-8)
    assert 1 + 10 * u <= beyond <= 1 + 11 * u  # 2 said, and 2·4 of an exponential


@pytest.mark.parametrize("dtype", NAMES)
def test_alternatives_are_all_in_the_set_and_the_truth_has_none(dtype: str) -> None:
    """Without it only one of two standard algorithms would be admitted, or the truth be wide."""
    for xp, members in ((Ball(BITS, precision(dtype)), True), (Ball(BITS), False)):
        one, two = xp.asarray([1.0]), xp.asarray([2.0])
        assert xp.either(one, lambda two=two: two).balls[0].contains(2) is members
    assert not Ball(BITS, precision(dtype), every_algorithm=False).either(one, lambda: two).balls[0].contains(2)


@pytest.mark.parametrize("ulps", [LEAST_ULPS, 1, 7.5])
def test_a_function_may_be_declared_off_by_half_an_ulp_or_more(ulps: float) -> None:
    """Without it a correctly rounded library could not say so."""
    for name in FUNCTIONS:
        assert Declared(functions=((name, ulps),)).precision("float32").ulps_of(name) == ulps
    for nonsense in (LEAST_ULPS / 2, float("inf"), True, "4"):
        with pytest.raises(ValueError, match="off by a number of ulps"):
            Declared(functions=(("exp", nonsense),))  # type: ignore[arg-type]


def test_a_declaration_is_told_in_words() -> None:
    """Without it a report would not say what was allowed."""
    said = str(Declared("float32", 11, (("exp", 2.0),), "kept"))
    assert said == "sums in float32, factors of 11 bits in float32's products, exp within 2 ulps, subnormals kept"
    assert str(Declared()) == ""


def test_an_accumulator_flushes_as_the_precision_does() -> None:
    """Without it a float32 accumulator that keeps subnormals would be allowed to lose them."""
    for said, flushed in (("kept", False), ("flushed", True)):
        model = Declared(accumulate="float32", subnormals=said).precision("bfloat16")
        assert model.accumulator is not None
        assert (model.flushed, model.accumulator.flushed) == (flushed, flushed)
    assert Declared(accumulate="float32").precision("float64").accumulator is None


def test_factors_of_fewer_bits_are_float32s_alone() -> None:
    """Without it TF32 would be allowed in float64."""
    assert Declared(product_bits=11).precision("float64").product_bits is None
    model = Declared(product_bits=11).precision("float32")
    below, above = model.compounded(3, products=True)
    v, cut = Fraction(model.rounding), Fraction(2) ** -10
    assert Fraction(above) == pytest.approx((1 + v) ** 3 * (1 + cut) ** 2 - 1, rel=1e-12)
    assert Fraction(below) == pytest.approx(1 - (1 - v) ** 3 * (1 - cut) ** 2, rel=1e-12)
    assert model.compounded(3) == precision("float32").compounded(3)


def test_where_a_bias_of_0_is_not_added_a_declared_accumulator_rounds_once() -> None:
    """Without it x·W + 0, which a program rounds to float16 once, could be rounded there twice."""
    xp = Ball(BITS, Declared(accumulate="float32").precision("float16"))
    x, w = xp.asarray([[1.0, 2.0**-12]]), xp.asarray([[1.0], [1.0]])
    widths = [ends(xp.affine(x, w, xp.asarray([b])).balls[0, 0]) for b in (0.0, 2.0**-30)]
    assert widths[1][1] - widths[1][0] > 1.5 * (widths[0][1] - widths[0][0])


def test_log_gamma_is_exact_at_1_and_2_and_off_by_an_absolute_error_between() -> None:
    """Without it a library that loses all digits beside a zero of log Γ, as libraries do, would be refused."""
    found = single.lgamma(single.asarray([1.0, 2.0, 1.5, 1.0 + 2.0**-20])).balls
    assert all(ball.contains(0) and ball.rad() < 2.0**-100 for ball in found[:2])  # but for an underflow
    u = precision("float32").unit_roundoff
    for ball in found[2:]:
        low, high = ends(ball)
        assert 8 * u <= high - low <= 12 * u
    (large,) = (single.lgamma(single.asarray([171.0])) + 0).balls  # log 170!, about 706.6, by twice the ulps of others
    truth = Fraction(math.log(math.factorial(170)))
    low, high = ends(large)
    assert (high - low) / 2 / truth == pytest.approx((2 * 2 * precision("float32").function_ulps + 1) * u, rel=1e-2)


def test_a_pivot_of_another_program_moves_the_roundings_alone() -> None:
    """Without it a log-sum-exp with a pivot of its own, off by the roundings of the logits, would be refused."""
    z = single.asarray([[1.0, 3.0]]) * 1.1
    (pivot,) = single.detached_max(z).balls[0]
    largest = max((above - below) / 2 for below, above in map(ends, z.balls[0]))
    low, high = ends(pivot)
    roundings = 16 * Fraction(precision("float32").unit_roundoff) * largest
    assert (high - low) / 2 == pytest.approx(roundings, rel=1e-6, abs=0)
    assert (high + low) / 2 == pytest.approx(3.3, rel=1e-6)
    assert Ball(BITS).detached_max(Ball(BITS).asarray([[1.0, 3.0]])).balls[0, 0] == 3
    assert not single.detached_max(single.asarray(balls(arb.nan(), arb(1)).reshape(1, 2))).balls[0, 0].is_finite()


@pytest.mark.parametrize("name", ELEMENTWISE)
@pytest.mark.parametrize("middle", ["1/20", "-1/20", "0"])
def test_an_activation_of_a_ball_around_0_holds_those_of_both_its_ends(name: str, middle: str) -> None:
    """Without it the sign of the midpoint would cut off what a pre-activation of the other sign gives."""
    with working_precision(BITS):
        z = arb(number(Fraction(middle)), 0.15)
        of_the_ball, of_points = (
            ACTIVATIONS[name].value(xp, BallArray(balls(*given), xp)).balls
            for xp, given in ((single, [z]), (Ball(BITS), [z.lower(), z.upper()]))
        )
        assert all(of_the_ball[0].contains(point) for point in of_points)
