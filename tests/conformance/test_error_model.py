"""The error model is what correct programs may do, and no constant of it is larger than one of them needs.

Claims: an operation may be rounded twice; of a sum of n terms each passes at most n − 1 additions, in a dot product one
rounding more; products underflow, additions where subnormals are flushed; a function is off by its ulps. Each of these
programs is in its set, and would be outside of one with a smaller constant.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from ffn import ActivationCase, admissible
from ffn.admissible.sets import WORKING_BITS
from ffn.network.backward import SLOPE_ROUNDINGS
from ffn.numbers.ball import Ball, BallArray, working_precision
from ffn.numbers.precision import NAMES, Precision, dtype_of, precision
from tests.conformance.implementations.arithmetic import nearest

X87 = 64  # significand bits of its registers
HALVES = ("float16", "bfloat16")


def balls(dtype: str) -> Ball:
    return Ball(WORKING_BITS, precision(dtype))


def admits(balls: BallArray, computed: Any) -> bool:
    with working_precision(WORKING_BITS):
        pairs = zip(balls.balls.ravel(), np.asarray(computed).astype(np.float64).ravel(), strict=True)
        return all(ball.contains(float(value)) for ball, value in pairs)


def numbers(dtype: str, *shape: int, seed: int = 0) -> Any:
    return np.random.default_rng(seed).normal(size=shape).astype(dtype_of(dtype))


# an operation


def test_a_product_may_be_rounded_to_64_bits_and_then_to_53() -> None:
    """Without it a correct product of an x87 is refused: it errs by 1.00007 u."""
    x, y = float.fromhex("0x1.369cfad9ceddfp+0"), float.fromhex("0x1.a5fa6b47e33c6p-1")
    twice = nearest(nearest(Fraction(x) * Fraction(y), X87), 53)
    assert abs(twice / (Fraction(x) * Fraction(y)) - 1) > Fraction(1, 2**53)
    xp = balls("float64")
    a, b = xp.asarray([[x]]), xp.asarray([[y]])
    for product in (xp.matmul(a, b), a * b):
        assert admits(product, float(twice))


def test_a_sum_rounded_twice_errs_by_all_that_is_allowed() -> None:
    """Without it the second rounding could be allowed less: 1 + b is a tie at 64 bits, and again at 53."""
    xp, b = balls("float64"), 2.0**-53 * (1 + 2.0**-11 - 2.0**-52)
    twice = nearest(nearest(1 + Fraction(b), X87), 53)
    assert twice == 1
    assert admits(xp.sum(xp.asarray([1.0, b])), 1.0)
    assert Fraction(b) / (1 + Fraction(b)) > Fraction(precision("float64").rounding) * (1 - Fraction(1, 2**51))


def test_what_the_precision_holds_is_not_rounded() -> None:
    """Without it a network of small whole numbers would have sets wider than one number."""
    xp = balls("float16")
    exact = xp.asarray([3.0, 2.0]) * xp.asarray([0.5, 1024.0])
    assert all(ball.is_exact() for ball in exact.balls)
    assert not any(ball.is_exact() for ball in (xp.asarray([3.0]) * xp.asarray([1025.0])).balls)  # 12 bits


def test_a_quotient_may_underflow_once_and_a_product_of_three_numbers_twice() -> None:
    """Without it dh·h·(1 − h) near the smallest numbers would be refused, which a program multiplies in any order."""
    xp, smallest = balls("float16"), 2.0**-24
    assert admits(xp.asarray([2.0**-14]) / xp.asarray([2.0**11]), 0.0)
    dh, h, rest = np.array([2 * smallest, 0.75, 0.875], np.float16)
    assert dh * h * rest == 2 * smallest
    assert admits(xp.asarray([dh]) * (xp.asarray([h]) * xp.asarray([rest])), dh * h * rest)


# sums


@pytest.mark.parametrize("dtype", NAMES)
@pytest.mark.parametrize("terms", [1, 2, 7, 64, 300])
def test_the_bounds_of_a_sum_are_those_of_exact_arithmetic(dtype: str, terms: int) -> None:
    """Without it the float64 that the bound is computed in could make it too small."""
    model, xp = precision(dtype), balls(dtype)
    for seed in range(5):
        x = np.abs(numbers(dtype, terms, seed=seed)) * dtype_of(dtype).type(2.0**-seed)
        total, v = sum(Fraction(float(each)) for each in x), Fraction(model.rounding)
        ball = xp.sum(xp.asarray(x)).balls[()]
        with working_precision(2000):
            low, high = (Fraction(*_ratio(end)) for end in (ball.mid() - ball.rad(), ball.mid() + ball.rad()))
        assert low <= total * (1 - v) ** (terms - 1)
        assert total * (1 + v) ** (terms - 1) <= high
        assert high - low <= total * ((1 + v) ** terms - (1 - v) ** terms) + 4 * terms * Fraction(model.underflow)


def _ratio(number: Any) -> tuple[int, int]:
    mantissa, exponent = (int(part) for part in number.man_exp())
    return (mantissa << max(exponent, 0)), 1 << max(-exponent, 0)


def test_a_sum_of_three_needs_two_roundings_and_one_of_one_none() -> None:
    """Without it 1 + u + u, which stays 1, would be refused, or a sum of one term have a tolerance."""
    xp, u = balls("float16"), precision("float16").unit_roundoff
    assert admits(xp.sum(xp.asarray([1.0, u, u])), 1.0)
    assert xp.sum(xp.asarray([1.0])).balls[()].is_exact()


@pytest.mark.parametrize("dtype", HALVES)
@pytest.mark.parametrize("terms", [1, 2])
def test_a_dot_product_needs_a_rounding_for_each_term_and_one_for_the_bias(dtype: str, terms: int) -> None:
    """Without it a product and the additions after it could share a rounding."""
    xp, model = balls(dtype), precision(dtype)
    x, w, b = (numbers(dtype, 20000, n, seed=n + 1) for n in (terms, terms, 1))
    dot = x[:, 0] * w[:, 0]
    for each in range(1, terms):
        dot = dot + x[:, each] * w[:, each]
    for computed, parts in ((dot, ()), (b[:, 0] + dot, (b,))):
        exact = [x[:, each].astype(float) * w[:, each].astype(float) for each in range(terms)]
        exact += [part[:, 0].astype(float) for part in parts]
        error = np.abs(computed.astype(float) - sum(exact)) / sum(map(np.abs, exact))
        worst = int(np.argmax(error))
        one_fewer = model.compounded(terms + len(parts) - 1)[1]
        assert error[worst] > one_fewer
        case = [xp.asarray(array[worst : worst + 1]) for array in (x, w, b)]
        made = xp.affine(case[0], case[1].T, case[2].reshape(1)) if parts else xp.matmul(case[0], case[1].T)
        assert admits(made, computed[worst])


def test_products_underflow_and_additions_where_subnormals_are_flushed() -> None:
    """Without it products of 2^-12 and 2^-13, which are 0 in float16, or a flushed difference, would be refused."""
    half, n = balls("float16"), 4
    assert admits(half.matmul(half.asarray(np.full((1, n), 2.0**-12)), half.asarray(np.full((n, 1), 2.0**-13))), 0.0)
    single, smallest = balls("float32"), 2.0**-126
    assert admits(single.sum(single.asarray([1.75 * smallest, -smallest])), 0.0)
    kept = Ball(WORKING_BITS, precision("float32", "kept"))
    assert not admits(kept.sum(kept.asarray([1.75 * smallest, -smallest])), 0.0)


def test_a_sum_of_positive_terms_stays_positive_whatever_their_number() -> None:
    """Without it 512 ones of bfloat16, which may stay 256, could also be −1 or 0: nu is 2 there, and no bound."""
    xp = balls("bfloat16")
    ones = xp.sum(xp.asarray(np.ones(512)))
    assert admits(ones, 256.0)
    assert not admits(ones, 0.0)


# functions


@pytest.mark.parametrize("dtype", HALVES)
def test_a_function_of_a_half_precision_is_that_of_float32_rounded_once(dtype: str) -> None:
    """Without it four ulps of float32 on top of half an ulp would be refused, or whole ulps admitted."""
    model, single = precision(dtype), precision("float32")
    u = Fraction(model.unit_roundoff)
    needed = (1 + 2 * Fraction(single.function_ulps) * Fraction(single.unit_roundoff)) * (1 + u) - 1
    allowed = 2 * Fraction(model.function_ulps) * Fraction(model.rounding)
    assert needed <= allowed <= needed * (1 + Fraction(1, 500))


@pytest.mark.parametrize("ulps", [-4, 4])
def test_a_function_may_be_four_ulps_off_in_float32(ulps: int) -> None:
    """Without it NumPy's vectorised functions would be refused where they are at their worst."""
    xp, u = balls("float32"), precision("float32").unit_roundoff
    with working_precision(WORKING_BITS):
        exponential = xp.exp(xp.asarray([1e-12])).balls[0]  # just above 1, where an ulp is 2u
        assert exponential.contains(1.0 + ulps * 2 * u)
        assert not exponential.contains(1.0 + ulps * 2.5 * u)


def test_tanh_may_come_of_expm1() -> None:
    """Without it a program that takes tanh = −e/(2 + e) for e = expm1(−2z), four ulps off, would be refused."""
    u = precision("float32").unit_roundoff
    e = np.float32(-(1 - 8 * u))  # of z = 20, where it is −1
    assert -e / (2 + e) in admissible.activation(ActivationCase("tanh", np.float32(20.0)))
    z = np.arange(2**10, 2**15, dtype=np.uint16).view(np.float16)
    z = z[z < 12]
    e = np.expm1(-2 * z)
    assert -e / (2 + e) in admissible.activation(ActivationCase("tanh", z))


def test_a_slope_may_leave_its_range_by_the_errors_of_two_exponentials() -> None:
    """Without it σ(z)σ(−z) near 0 would be held to ¼, which two exponentials four ulps too small take it beyond."""
    model = precision("float32")
    u = Fraction(model.unit_roundoff)
    e = 1 - 2 * Fraction(model.function_ulps) * u
    factor = (1 + u) / ((1 + e) * (1 - u))  # a sum rounded down, a quotient rounded up
    largest = factor * factor * (1 + u)
    beyond = SLOPE_ROUNDINGS + 2 * Fraction(model.function_ulps)
    assert Fraction(1, 4) * (1 + (beyond - 1) * u) < largest <= Fraction(1, 4) * (1 + beyond * Fraction(model.rounding))


def test_fewer_bits_have_larger_constants() -> None:
    """Without it "the bits that are right" would not be monotone."""
    model: Precision = precision("float16")
    assert all(
        math.isfinite(a) and a > b for a, b in zip(model.with_bits(5).compounded(9), model.compounded(9), strict=True)
    )
