"""The set of a sum is the one that exact arithmetic derives: no smaller, and larger by a millionth at most.

Source: Higham 2002, ch. 3 (each term passes at most so many roundings).
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from ffn.numbers.ball import Ball, BallArray
from ffn.numbers.declared import Declared
from ffn.numbers.precision import Precision, dtype_of, precision
from tests.numbers.test_balls import ends

BITS = 128
CLOSE = 1 + Fraction(1, 2**19)
MODELS: dict[str, tuple[str, Declared]] = {
    "float16": ("float16", Declared()),
    "bfloat16": ("bfloat16", Declared()),
    "float32": ("float32", Declared()),
    "float64": ("float64", Declared()),
    "float32, subnormals kept": ("float32", Declared(subnormals="kept")),
    "bfloat16, sums in float32": ("bfloat16", Declared(accumulate="float32")),
    "float16, sums in float32": ("float16", Declared(accumulate="float32", subnormals="kept")),
    "TF32": ("float32", Declared(product_bits=11)),
    "TF32, sums in float64": ("float32", Declared(accumulate="float64", product_bits=11)),
}
Interval = tuple[Fraction, Fraction]


def compounded(terms: list[Fraction], factors: list[tuple[Fraction, int]]) -> Interval:
    """From Σ t∏(1 ± v)^k: the positive terms as small and the negative ones as large as they come, and back."""
    low = high = Fraction(1)
    for v, k in factors:
        low, high = low * (1 - v) ** k, high * (1 + v) ** k
    positive, negative = (sum((max(sign * term, Fraction(0)) for term in terms), Fraction(0)) for sign in (1, -1))
    return positive * low - negative * high, positive * high - negative * low


def derived(model: Precision, terms: list[Fraction], additions: int, products: int) -> Interval:
    """The ends of what a program may return for the sum of these terms, some of them products."""
    wide = model.accumulator or model
    factors = [(Fraction(wide.rounding), additions + (products > 0))]
    if model.product_bits and products:
        factors.append((Fraction(2) ** (1 - model.product_bits), 2))
    largest = compounded([Fraction(1)], factors)[1]
    lost = (products + additions * wide.flushed) * Fraction(wide.underflow) * largest
    low, high = compounded(terms, factors)
    low, high = low - lost, high + lost
    if model.accumulator is None:
        return low, high
    v, slack = Fraction(model.rounding), Fraction(model.underflow)
    return min(low * (1 - v), low * (1 + v)) - slack, max(high * (1 - v), high * (1 + v)) + slack


def fractions(array: Any) -> list[Fraction]:
    return [Fraction(float(each)) for each in np.ravel(array)]


def drawn(dtype: str, *shape: int, seed: int, signs: str) -> Any:
    found = np.random.default_rng(seed).normal(size=shape)
    return {"mixed": found, "positive": abs(found), "negative": -abs(found)}[signs].astype(dtype_of(dtype))


def assert_tight(found: BallArray, derived: Interval, second_order: float = 0.0) -> None:
    low, high = derived
    below, above = ends(found.balls.item())
    assert below <= low <= high <= above
    assert above - below <= (high - low) * (CLOSE + Fraction(second_order))


@pytest.mark.parametrize("signs", ["mixed", "positive", "negative"])
@pytest.mark.parametrize("n", [2, 9])
@pytest.mark.parametrize("name", MODELS)
def test_sums_products_and_affine_layers_have_the_bounds_of_exact_arithmetic(name: str, n: int, signs: str) -> None:
    """Without it a constant of the bound could be off: a correct program be refused, or a wrong one be admitted."""
    dtype, declared = MODELS[name]
    model = declared.precision(dtype)
    xp = Ball(BITS, model)
    x, b = drawn(dtype, 1, n, seed=n, signs=signs), drawn(dtype, 1, seed=99, signs=signs)
    w = drawn(dtype, n, 1, seed=n + 1, signs="positive")
    products = [p * q for p, q in zip(fractions(x), fractions(w), strict=True)]
    twice = model.rounding if model.accumulator else 0.0  # of what a ball that is rounded again is off by already
    assert_tight(xp.sum(xp.asarray(x)), derived(model, fractions(x), n - 1, 0), twice)
    assert_tight(xp.sum(xp.asarray(x), axis=1), derived(model, fractions(x), n - 1, 0), twice)
    assert_tight(xp.matmul(xp.asarray(x), xp.asarray(w)), derived(model, products, n - 1, n), twice)
    if model.accumulator is None:  # else the bias may also be added to what is rounded
        found = xp.affine(xp.asarray(x), xp.asarray(w), xp.asarray(b))
        assert_tight(found, derived(model, products + fractions(b), n, n))


@pytest.mark.parametrize("name", ["float16, subnormals flushed", "float32", "float64"])
def test_what_underflows_in_a_sum_has_the_bounds_of_exact_arithmetic(name: str) -> None:
    """Without it the flushes of a sum of the smallest numbers could be counted once too often, or too rarely."""
    dtype, _, flushed = name.partition(", subnormals ")
    for model in (precision(dtype, flushed or "flushed"), precision(dtype, "kept")):
        xp, n = Ball(BITS, model), 5
        least = model.smallest_normal
        x = np.array([[3, -1, 2, 5, 1]]) * least
        w = np.full((n, 1), 2.0**-2)
        products = [p * q for p, q in zip(fractions(x), fractions(w), strict=True)]
        x, w = xp.asarray(x.astype(dtype)), xp.asarray(w.astype(dtype))
        assert_tight(xp.matmul(x, w), derived(model, products, n - 1, n))
        assert_tight(xp.sum(x), derived(model, fractions([3, -1, 2, 5, 1] * np.array(least)), n - 1, 0))


def known(xp: Ball, *values: float) -> bool:
    return bool(xp.sum(xp.asarray(np.array(values))).balls.item().is_finite())


def test_a_sum_is_known_where_no_order_of_its_terms_overflows() -> None:
    """Without it a sum that overflows on its way could be held to its value, or a large one not be judged."""
    largest, near = precision("float32").largest, 1 - 2.0**-18
    xp = Ball(BITS, precision("float32"))
    assert known(xp, largest / 2 * near, largest / 2 * near)
    assert known(xp, largest / 2 * near, -largest / 2 * near)
    assert not known(xp, largest / 2, largest / 2)
    assert not known(xp, largest, largest / 2, -largest)
    assert not known(xp, largest * 0.6, -largest * (0.4 + 2.0**-21))  # all of them, but for their signs, exceed it
    assert not known(xp, largest * (1 - 2.0**-24), 0.0)  # which the roundings may take beyond it


def test_a_wide_accumulator_does_not_overflow_on_its_way() -> None:
    """Without it three numbers of float16 that a float32 accumulator sums would not be judged."""
    for declared, holds in ((Declared(), False), (Declared(accumulate="float32"), True)):
        assert known(Ball(BITS, declared.precision("float16")), 6e4, 6e4, -6e4) is holds
        assert not known(Ball(BITS, declared.precision("float16")), 6e4, 6e4)


def test_a_product_of_what_is_not_known_is_not_known() -> None:
    """Without it NumPy would warn of 0·∞, or a row of a layer be known that has an unknown input."""
    xp = Ball(BITS, precision("float64"))
    unknown = xp.asarray([[1e308, 1.0]]) * 10
    for found in (xp.matmul(unknown, xp.asarray([[0.0], [1.0]])), xp.sum(unknown)):
        assert not found.balls.item().is_finite()
    assert not xp.affine(xp.asarray([[1e308]]), xp.asarray([[1.0]]), xp.asarray([1e308])).balls.item().is_finite()


def test_a_sum_of_nothing_and_of_one_is_exact() -> None:
    """Without it an empty sum would have roundings, a negative number of them."""
    xp = Ball(BITS, precision("float32"))
    assert xp.sum(xp.asarray(np.zeros((0, 2))), axis=0).balls.tolist() == [0, 0]
    assert xp.sum(xp.asarray(np.array([[0.5]]))).balls.item() == 0.5
