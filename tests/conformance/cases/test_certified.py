"""The certificate of an exact case: what it admits is rounded by no correct program, and what it refuses may be.

Each refusal stands beside the largest numbers that are admitted, so that the bound is where it is said to be.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from ffn.cases.exact.arithmetic import (
    Rounds,
    Unrounded,
    UnroundedArray,
    _finest,
    _is_power_of_two,
    _low,
    _used,
    lowest_bit,
)
from ffn.numbers.precision import NAMES, dtype_of, precision

HALF = precision("float16")  # 11 bits, the largest 65504, the smallest normal 2^-14
XP = Unrounded(HALF)


def array(*values: Any) -> Any:
    return UnroundedArray(np.array(values, dtype=np.float64), XP)


def values(found: Any) -> list[Any]:
    assert isinstance(found, UnroundedArray)
    assert found.xp is XP
    return found.values.tolist()  # type: ignore[no-any-return]


def refused(message: str) -> Any:
    return pytest.raises(Rounds, match=message)


TOO_LONG = "a sum of products has more than 11 bits, or leaves the range"
RESULT = "a result has more than 11 bits, or leaves the range"


@pytest.mark.parametrize("dtype", NAMES)
def test_numbers_that_the_precision_holds_are_admitted_and_no_other(dtype: str) -> None:
    """Without it a number could be called exact that every program rounds, overflows or flushes."""
    model, xp = precision(dtype), Unrounded(precision(dtype))
    largest, least = model.largest if dtype != "float64" else 2.0**900, float(model.smallest_normal)
    held = [0.0, 1.0, 2.0**model.bits - 1, largest, -largest, least, -3 * least]
    assert xp.held(np.array(held), "it").values.tolist() == held
    beyond = {"overflow": [math.inf, math.nan, -math.inf], "underflow": [least / 2, -least / 2]}
    if dtype != "float64":
        beyond["overflow"] += [largest * 2, -largest * 2]
        beyond["bits"] = [2.0**model.bits + 1, -(2.0**model.bits) - 1]
    for message, numbers in beyond.items():
        for number in numbers:
            with pytest.raises(Rounds, match="it (may|has)" if dtype == "float64" else message):
                xp.held(np.array([1.0, number]), "it")
    assert xp.held(np.zeros(0), "it").shape == (0,)
    assert xp.held(np.ones(1), "it").xp is xp.asarray(np.ones(1).astype(dtype_of(dtype))).xp is xp


@pytest.mark.parametrize("dtype", NAMES)
def test_arguments_are_looked_at_as_any_other_numbers(dtype: str) -> None:
    """Without it a subnormal argument would be called exact, which a program may flush to zero."""
    model, xp, kind = precision(dtype), Unrounded(precision(dtype)), dtype_of(dtype)
    largest, least = model.largest, float(model.smallest_normal)
    held = np.array([0.0, 1.0, largest, -largest, least]).astype(kind)
    assert xp.asarray(held).values.tolist() == held.astype(np.float64).tolist()
    for number in (math.inf, math.nan, least / 2, -least / 2):
        with refused("an argument may overflow or underflow"):
            xp.asarray(np.array([1.0, number]).astype(kind))
    if dtype != "float64":
        with refused(f"an argument has more than {model.bits} bits"):
            xp.asarray(np.array([1 / 3]))
        assert xp.asarray([0.5, 2]).values.tolist() == [0.5, 2.0]


def test_headroom_is_left_for_factors_on_the_way() -> None:
    """Without it a mean that is divided at its end would overflow where it is called exact."""
    roomy = Unrounded(HALF, 4)
    assert roomy.held(np.array([2.0**13]), "it").values == 2.0**13
    for call in (roomy.held, lambda given, what: roomy.asarray(given.astype(np.float16))):
        with refused("overflow"):
            call(np.array([2.0**14]), "it")
    with refused("leaves the range"):
        roomy.sum(UnroundedArray(np.full(2, 2.0**13), roomy))


def test_constants_are_exact_or_refused() -> None:
    """Without it a tenth would be called exact."""
    assert XP.constant("1/2") == 0.5
    assert XP.constant("-3") == -3
    for text, message in (("pi", "pi is rounded"), ("1/10", "1/10 is rounded"), ("4097", "4097 has more than 11 bits")):
        with refused(message):
            XP.constant(text)


def test_the_lowest_bit_divides_every_number() -> None:
    """Without it a sum of odd multiples would be certified by a coarser unit."""
    numbers = np.array([1.0, -1.0, 3.0, 12.0, 0.75, -(2.0**-14), 1 / 3, 2.0**1000, 2.0**-1000, 5.0 * 2.0**60])
    for number, low in zip(numbers, lowest_bit(numbers), strict=True):
        exact = Fraction(float(number)) / Fraction(float(low))
        assert exact.denominator == 1
        assert exact.numerator % 2 == 1
        assert math.frexp(low)[0] == 0.5
    assert lowest_bit(np.array([0.0, -0.0])).tolist() == [math.inf] * 2
    assert lowest_bit(6.0) == 2
    assert [_low(number) for number in (12, -6, 1, 0, 0.75)] == [4, 2, 1, math.inf, 0.25]
    assert _low(array(12.0, 0.0)).tolist() == [4, math.inf]
    assert array(12.0, 3.0).low.tolist() == [4, 1]


@pytest.mark.parametrize("order", ["C", "F"])
def test_what_is_used_is_what_is_not_0(order: Any) -> None:
    """Without it a weight would be left out of the bound of its sum."""
    b = np.asarray([[0.0, 2.0, 0.0], [3.0, 0.0, -1.0]], order=order)
    places = {(int(term), int(column)) for term, column in zip(*_used(b), strict=True)}
    assert places == {(0, 1), (1, 0), (1, 2)}


def test_powers_of_two_are_told_from_other_numbers() -> None:
    """Without it a division by 3 would be called exact."""
    assert _is_power_of_two(np.array([1.0, -2.0, 0.125, 2.0**60]))
    assert not any(_is_power_of_two(np.array([1.0, number])) for number in (3.0, 0.0, 0.75, -6.0, math.inf))


def test_the_finest_unit_of_a_product_is_one_that_divides_every_term() -> None:
    """Without it sums whose terms are finer than their largest would be certified."""
    random = np.random.default_rng(0)
    for _ in range(20):
        a, b = (random.integers(-7, 8, shape) * 2.0 ** random.integers(-9, 9, shape) for shape in ((4, 5), (5, 3)))
        found = _finest(a, b)
        terms = lowest_bit(a[:, :, None] * b[None])
        assert (found <= terms.min(axis=1)).all()
        assert (4 * found >= terms.min(axis=1)).all()  # of 5 equal terms a fourth root is lost, of 16 one bit
    assert (_finest(np.zeros((1, 2)), np.ones((2, 1))) == math.inf).all()
    huge = _finest(np.array([[2.0**-300, 1.0], [2.0**-900, 1.0]]), np.array([[0.0], [1.0]]))
    assert not (huge >= 0).any()  # what overflows on the way passes no comparison
    assert _finest(np.array([[1.0, 0.0]]), np.array([[0.25], [2.0**-30]])).tolist() == [[0.25]]


def test_a_sum_is_admitted_up_to_its_last_bit_and_no_further() -> None:
    """Without it the order in which terms are added would show."""
    assert values(XP.sum(array(2.0**10, 2.0**10 - 1))) == 2.0**11 - 1
    assert values(XP.sum(array(65504.0, 0.0))) == 65504  # the largest number
    assert values(XP.sum(array(2.0**-14, 2.0**-14))) == 2.0**-13
    for terms in (
        (2.0**10, 2.0**10, 1.0),
        (2.0**11, 0.5, -0.5),
        (60000.0, 32.0, 30000.0, -60000.0),
        (2.0**-14, 2.0**-15),
    ):
        with refused(TOO_LONG):
            XP.sum(array(*terms))
    two = array([1.0, 2.0], [3.0, 0.0])
    assert values(XP.sum(two, axis=0)) == [4, 2]
    assert values(XP.sum(two, 1)) == [3, 3]
    assert values(two.sum(axis=0)) == [4, 2]
    assert values(two.sum()) == 6
    assert values(XP.sum(array(0.0, 0.0))) == 0
    columns = array([2.0**10, 1.0], [2.0**9, 2.0**-9])  # each by itself has few bits, all together have not
    assert values(XP.sum(columns, axis=0)) == [2.0**10 + 2.0**9, 1 + 2.0**-9]
    with refused(TOO_LONG):
        XP.sum(columns)
    assert values(XP.total([two, array(1.0)])) == 7
    assert values(XP.sum(UnroundedArray(np.zeros((0, 2)), XP), axis=0)) == [0, 0]
    with refused(TOO_LONG):
        XP.total([array(2.0**11 - 1), array(1.0, -1.0)])


def product(a: Any, b: Any, bias: Any = None) -> Any:
    left, right = array(*a), array(*b)
    return values(XP.matmul(left, right) if bias is None else XP.affine(left, right, array(*bias)))


def test_products_are_admitted_up_to_their_last_bit_and_no_further() -> None:
    """Without it a long sum could be certified that is rounded when its terms come in another order."""
    assert product([[2.0**10, 1.0]], [[1.0], [2.0**10 - 1]]) == [[2.0**11 - 1]]
    assert product([[3.0, 1.0]], [[0.0, 2.0], [0.0, 1.0]]) == [[0, 7]]
    for a, b in (
        ([[2.0**10, 1.0]], [[1.0], [2.0**10 + 1]]),
        ([[2.0**10, 1.0]], [[1.0], [2.0**-1]]),
        ([[2.0**8]], [[2.0**8]]),
        ([[2.0**-10]], [[2.0**-5]]),
        ([[65.0]], [[65.0]]),
    ):
        with refused(TOO_LONG):
            product(a, b)
    assert product([[2.0**8]], [[2.0**7]]) == [[2.0**15]]
    assert product([[2.0**-10]], [[2.0**-4]]) == [[2.0**-14]]


def test_a_bias_is_a_term_of_its_sum() -> None:
    """Without it a fused or a reordered bias could round."""
    for bias in ([2.0**10 - 1], [[2.0**10 - 1]]):
        assert product([[2.0**10]], [[1.0]], bias) == [[2.0**11 - 1]]
    for bias in ([2.0**10 + 1], [0.25], [[2.0**10 + 1]], [[0.25]]):
        with refused(TOO_LONG):
            product([[2.0**10]], [[1.0]], bias)
    assert product([[1.0], [2.0]], [[4.0]], [[0.5], [0.25]]) == [[4.5], [8.25]]


def test_where_bounds_over_rows_are_too_coarse_each_entry_has_its_own() -> None:
    """Without it a batch would be refused for a large number of one row and a fine one of another."""
    a = [[2.0**10, 0.0], [0.0, 2.0**-5]]
    assert product(a, [[1.0], [1.0]]) == [[2.0**10], [2.0**-5]]
    assert product(a, [[1.0, 1.0], [1.0, 0.0]]) == [[2.0**10, 2.0**10], [2.0**-5, 0]]
    assert product([[2.0**9], [2.0**-9]], [[1.0]], [[2.0**9], [2.0**-9]]) == [[2.0**10], [2.0**-8]]
    for inside in ([[2.0**10, 2.0**-5], [0.0, 1.0]], [[0.0, 1.0], [2.0**10, 2.0**-5]]):
        with refused(TOO_LONG):
            product(inside, [[1.0], [1.0]])
    for bias in ([[2.0**-9], [2.0**-9]], [[2.0**9], [2.0**3]]):
        with refused(TOO_LONG):
            product([[2.0**9], [2.0**-9]], [[1.0]], bias)


def test_results_that_may_round_have_a_sign_and_no_value() -> None:
    """Without it a comparison of close numbers would be refused, or a rounded difference be used."""
    large, fine = array(2.0**11 - 1, 2.0**11 - 1), array(0.0, 0.5)
    difference = large - fine
    assert difference.signs.tolist() == [2047, 2046.5]
    assert XP.detached_positive(difference).tolist() == [True, True]
    for use in (lambda: difference.values, lambda: difference + 1, lambda: XP.sum(difference), lambda: difference.T):
        with refused(RESULT):
            use()
    assert values(large - array(1.0, 2.0)) == [2046, 2045]
    assert values(array(4.0, -1.0) + 3) == [7, 2]
    assert values(2 - array(4.0)) == [-2]
    assert values(array(0.5) * array(3.0)) == [1.5]
    assert values(array(0.5, 0.0) * 0) == [0, 0]
    assert values(-array(3.0)) == [-3]
    assert values(array(3.0) / 4) == [0.75]
    assert values(array(3.0) / -array(2.0)) == [-1.5]
    assert values(array(2.0**11 - 1) - array(2.0**11 - 1)) == [0]  # of numbers however fine
    assert values(array(2.0**-14) - array(2.0**-14)) == [0]
    for rounded in (array(65.0) * 65, array(2.0**8) * 2.0**8, array(2.0**-14) / 2, array(2.0**-10) * 2.0**-5):
        with refused(RESULT):
            rounded.values  # noqa: B018
    with refused("a division by something else than a power of two is rounded"):
        array(3.0) / 3


def test_other_operations_are_not_spoken_of() -> None:
    """Without it a function that rounds would be computed as if it were exact."""
    for operation in (
        lambda: array(2.0) ** 2,
        lambda: np.sqrt(array(4.0)),
        lambda: np.add.reduce(array(1.0)),
        lambda: abs(array(1.0)),
        lambda: np.add(array(1.0), 1, where=True),
    ):
        with pytest.raises(TypeError):
            operation()
    for function in (XP.exp, XP.log, XP.log1p, XP.tanh, XP.lgamma):
        with refused("a function whose values are rounded"):
            function(array(0.0))


def test_branches_take_one_side_and_refuse_a_kink() -> None:
    """Without it a slope at a kink would be called exact, where programs differ without rounding."""
    t, one, other = array(-1.0, 2.0), array(3.0, 4.0), array(5.0, 6.0)
    assert values(XP.select(t, one, other)) == [5, 4]
    assert values(XP.select(t, 1.0, 0.0)) == [0, 1]
    with refused("a pre-activation on a kink has several slopes"):
        XP.select(array(0.0, 1.0), 1.0, 0.0)
    assert values(XP.select(array(0.0, 1.0), one, array(3.0, 9.0))) == [3, 4]  # both sides are the same there
    assert values(XP.maximum(one, array(9.0, 1.0))) == [9, 4]
    assert values(XP.where(np.array([True, False]), one, other)) == [3, 6]
    assert XP.detached_positive(array(0.0, 1.0, -1.0)).tolist() == [False, True, False]
    assert values(XP.ones_like(array([1.0, 2.0]))) == [[1, 1]]
    assert XP.either("preferred", lambda: "another") == "preferred"  # type: ignore[comparison-overlap, arg-type]


def test_arrays_are_put_together_and_taken_apart() -> None:
    """Without it the pieces of a maxout, or the blocks of an output, would lie elsewhere than they should."""
    one, other = array([1.0, 2.0]), array([3.0, 4.0])
    assert values(XP.stack([one, other])) == [[[1, 3], [2, 4]]]
    assert values(XP.concatenate([one, other])) == [[1, 2, 3, 4]]
    assert values(one.reshape(2, 1)) == [[1], [2]]
    assert values(one[:, 1]) == [2]
    assert one.shape == (1, 2)
    assert values(one.T) == [[1], [2]]
    assert one.low.tolist() == [[1, 2]]
    assert one.T.low.tolist() == [[1], [2]]
