"""The error model holds of programs: sums in every order, roundings, functions."""

from typing import Any

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ffn.admissible.formula.arithmetic import arithmetic, binade, nearest
from ffn.admissible.formula.operations.forms import Namespace
from ffn.admissible.formula.operations.values import enclosures
from ffn.numbers.precision import dtype_of, precision
from tests.helpers.profiles import examples

HALVES = ("float16", "bfloat16")
NARROW = (*HALVES, "float32")


def model(storage: str, **given: Any) -> Any:
    defaults = {"compute": None, "accumulate": None, "rounds": "output", "depth": None, "functions": "libm"}
    return arithmetic(storage, **{**defaults, "rounding": "nearest", **given})


@pytest.mark.parametrize("name", NARROW)
def test_rounding_is_that_of_the_format(name: str) -> None:
    """Without it RN(lo) ≤ computed ≤ RN(hi) would be said of other roundings than the program's.

    The witness is the cast of NumPy and ml_dtypes, from numbers that float32 holds, from which it rounds once.
    """
    rng = np.random.default_rng(0)
    exponents = rng.integers(-150, 124, size=20000) if name != "float16" else rng.integers(-30, 18, size=20000)
    x = np.ldexp(rng.normal(size=20000), exponents)
    x = x if name == "float32" else x.astype(np.float32).astype(np.float64)
    ties = np.ldexp(np.arange(1, 2001) * 2.0 + 1, -9)  # half way between numbers of 8 bits, and of fewer
    with np.errstate(over="ignore"):
        for values in (x, ties, -x, np.zeros(1)):
            cast = values.astype(dtype_of(name)).astype(np.float64)
            assert np.array_equal(nearest(values, precision(name)), cast)


def test_the_binade_is_the_power_of_two_below() -> None:
    x = np.array([1.0, 1.5, 2.0, 0.75, 3e-20, 0.0])
    assert np.array_equal(binade(x), [1.0, 1.0, 2.0, 0.5, 2.0 ** np.floor(np.log2(3e-20)), 0.0])


def summed(values: list[Any], order: st.DataObject) -> Any:
    """The sum in an order that Hypothesis picks: any two of the parts that are left are added next."""
    parts = list(values)
    while len(parts) > 1:
        i = order.draw(st.integers(0, len(parts) - 1))
        first = parts.pop(i)
        j = order.draw(st.integers(0, len(parts) - 1))
        parts[j] = parts[j] + first
    return parts[0]


@pytest.mark.parametrize("name", HALVES)
@given(data=st.data())
@examples(60)
def test_a_sum_in_any_order_stays_within_its_bound(name: str, data: st.DataObject) -> None:
    """Without it a kernel that adds in tiles or in pairs could be called wrong. (n − 1)u Σ|x|
    (Jeannerod & Rump 2013)."""
    dtype = dtype_of(name).type
    whole = st.integers(-200, 200)
    values = [dtype(each / 16) for each in data.draw(st.lists(whole, min_size=2, max_size=9))]
    exact = sum(float(value) for value in values)
    bound = model(name).added(np.float64(sum(abs(float(value)) for value in values)), len(values), False, False)
    assert abs(float(summed(values, data)) - exact) <= bound


def test_a_bound_of_half_the_terms_is_exceeded() -> None:
    """The planted bug: with half the bound, numbers added one by one to a large one are called wrong."""
    values = [ml_dtypes.bfloat16(1)] + [ml_dtypes.bfloat16(2.0**-8)] * 40  # each is half an ulp, lost to even
    total = values[0]
    for value in values[1:]:
        total = total + value
    lost = abs(float(total) - sum(map(float, values)))
    bound = model("bfloat16").added(np.float64(sum(map(float, values))), len(values), False, False)
    assert bound / 2 < lost <= bound


def test_nothing_is_known_of_too_many_additions() -> None:
    """Without it 256 additions in bfloat16 would be given a bound that no theorem has."""
    assert model("bfloat16").added(np.float64(1.0), 258, False, False) == np.inf
    assert model("bfloat16", depth=8).added(np.float64(1.0), 258, False, False) < 0.04
    assert model("bfloat16", accumulate="float32").added(np.float64(1.0), 258, False, False) < 1e-4


JOINED: dict[str, Any] = {
    "sum and bias": (lambda xp, x, b: xp.sum(x) + b[0], 7, lambda x, b: np.abs(x).sum() + np.abs(b[0])),
    "bias and sum": (lambda xp, x, b: b[0] + xp.sum(x), 7, lambda x, b: np.abs(x).sum() + np.abs(b[0])),
    "two sums": (lambda xp, x, b: xp.sum(x) + xp.sum(b), 9, lambda x, b: np.abs(x).sum() + np.abs(b).sum()),
    "sum less sum": (lambda xp, x, b: xp.sum(x) - xp.sum(b), 9, lambda x, b: np.abs(x).sum() + np.abs(b).sum()),
    "three sums": (
        lambda xp, x, b: (xp.sum(x) + b[0]) + xp.sum(x),
        13,
        lambda x, b: 2 * np.abs(x).sum() + np.abs(b[0]),
    ),
    "reshaped": (lambda xp, x, b: xp.sum(x, keepdims=True) + b[:1], 7, lambda x, b: np.abs(x).sum() + np.abs(b[0])),
    "matrix product": (lambda xp, x, b: x @ x + b[0], 7, lambda x, b: (x * x).sum() + np.abs(b[0])),
}


@pytest.mark.parametrize("name", JOINED)
def test_an_accumulator_may_start_from_what_is_added_to_its_sum(name: str) -> None:
    """Without it a product that starts from its bias would be refused. (n − 1)u Σ|x| of all terms, but for the last
    addition, which rounds by half an ulp of what it has."""
    formula, terms, sizes = JOINED[name]
    rng = np.random.default_rng(0)
    x, b = rng.normal(size=6), 100 * rng.normal(size=3)
    for options in ({}, {"accumulate": "float64"}, {"compute": "float64", "rounds": "every operation"}):
        given = model("float32", **options)
        xp = Namespace(enclosures("float32"), given)
        found = formula(xp, xp.given(x.astype(np.float32)), xp.given(b.astype(np.float32)))
        magnitude, share = float(sizes(x, b)), given.unit(given.accumulate)
        products = 2 * (name == "matrix product")  # two roundings of each
        needed, last = (terms - 1 + products) * share * magnitude, given.unit(given.storage) * magnitude
        assert found.sums[0] == terms
        assert found.sums[1] == pytest.approx(magnitude, rel=1e-5)
        assert found.x.r.max() <= needed + 3 * last * (bool(options) + 1)
        if not options:
            assert found.x.r.max() >= (terms - 2) * share * magnitude


def test_what_is_added_last_rounds_in_the_binade_that_it_may_reach() -> None:
    """Without it a sum that some order takes beyond 16 would be held to the ulp below it."""
    xp, u = Namespace(enclosures("float32"), model("float32"), True), 2.0**-24
    found = xp.sum(xp.given(np.array([8.0, 4.0]))) + xp.given(np.array(4 - 2.0**-22))
    assert 16 * u + 3.9 * u <= found.error <= (16 * u + 4 * u) * 1.01


@pytest.mark.parametrize(
    ("options", "ends"),
    [
        ({"accumulate": "float64"}, 1),
        ({"compute": "float64", "rounds": "every operation"}, 1),
        ({"compute": "float64", "accumulate": "float32"}, 0),
        ({"accumulate": "float64", "compute": "float64"}, 0),
    ],
)
def test_a_sum_kept_wider_is_rounded_once_at_its_end(options: dict[str, Any], ends: int) -> None:
    """Without it float32 sums of a program that adds in float64 would be refused, or be exact."""
    given, x = model("float32", **options), np.array([1.1, 2.3, 4.7])
    xp = Namespace(enclosures("float32"), given, True)
    found = xp.sum(xp.given(x))
    inner = 2 * given.unit(given.accumulate) * x.sum()
    needed = inner + ends * given.unit(given.storage) * 8  # of a result from 8 on
    assert needed <= found.error <= needed * 1.005 + 2.0**-50
    assert (found.raw is not None) == bool(ends)


def test_a_mask_stays_a_point_through_operations() -> None:
    """Without it a score of −∞ would be unknown once something is added to it, and so its whole row."""
    xp = Namespace(enclosures("float32"), model("float32"))
    x = xp.given(np.array([3.0, 200.0, 1.0]))
    with np.errstate(all="ignore"):
        masked = xp.where(np.array([False, True, True]), x, -np.inf) * 2.0 + 1.0
        found = xp.exp(masked)
    assert (masked.x.m[0], masked.x.r[0]) == (-np.inf, 0)
    assert (found.x.m[0], found.x.r[0]) == (0, 0)
    assert np.isinf(found.x.r).tolist() == [False, True, False]  # e^401 overflows


def test_multiples_of_a_power_of_two_are_exact_up_to_the_bits_of_each_precision() -> None:
    """Without it a product that underflows would be taken for exact, or whole numbers round."""
    single, eager = model("float32"), model("float16", compute="float32", rounds="every operation")
    for assumed, grid, below in (
        (single, 0, 2.0**24),
        (single, -126, 2.0**-102),
        (single, -127, 0),  # flushed
        (single, None, 0),
        (single, 900, 2.0**924),
        (single, 14400, 2.0**1000),
        (eager, 0, 2.0**11),
        (eager, -24, 2.0**-13),
        (eager, -25, 0),
        (model("float32", accumulate="float16"), 0, 2.0**11),
        (model("float16", compute="float32"), 0, 2.0**24),
        (model("float64"), -1022, 2.0**-969),
        (model("float64"), -1023, 0),
        (None, 0, 0),
    ):
        assert Namespace(enclosures("float32"), assumed)._exact_below(grid) == below
    xp = Namespace(enclosures("float32"), single)
    for values, grid in (
        ([0.0, 0.0], 900),
        ([1.0, 6.0], 0),
        ([6.0, 20.0], 1),
        ([0.75, 4.0, np.inf], -2),
        ([np.inf, 0.0], None),
        ([1.0, 1 + 2.0**-24], None),  # no number is below 2^24 of their steps
        ([2.0**-20, 3.0], -20),
    ):
        assert xp._grid(np.array(values)) == grid
    assert Namespace(enclosures("float32"), None)._grid(np.ones(1)) is None


def test_several_arrays_are_added_with_a_rounding_for_each_but_one() -> None:
    """Without it three cotangents that meet would round once, or four times."""
    given = model("float32")
    xp = Namespace(enclosures("float32"), given, True)
    parts = [xp.given(np.array([value, 0.5])) for value in (1.1, -2.3, 0.7, 5.3)]
    for n in (3, 4):
        total = xp.total(parts[:n])
        last = given.rounded(np.abs([part.x.m for part in parts[:n]]).sum(0), False)[1]
        assert total.error == pytest.approx((n - 1) * last, rel=1e-12)
        assert (total.grid, [part for part, _ in total.parents]) == (parts[0].grid, parts[:n])
    whole = [xp.given(np.array([value])) for value in (1.0, 6.0, 0.5)]
    assert (xp.total(whole).x.r.any(), xp.total(whole).grid) == (False, -1)
    assert xp.total(whole[:1]) is whole[0]
    assert xp.total(whole[:2]).place[0] == "a sum"
    true = Namespace(enclosures("float32"), None, True)
    assert true.total([true.given(np.array([value])) for value in (1.0, 6.0, 0.5)]).x.m.tolist() == [7.5]


def test_a_branch_that_a_rounding_decides_is_any_number_between_its_sides() -> None:
    """Without it a set narrowed by derivatives would know the side that the true value takes alone."""
    for record in (True, False):
        xp = Namespace(enclosures("float32"), model("float32"), record)
        x = xp.given(np.array([1.0, 1.0, 1.0]))
        found = xp.where(x / 3 * 9 > np.array([3.0, 2.0, 4.0]), 8.0 * x, -2.0 * x)
        assert found.x.lower() == pytest.approx([-2, 8, -2], rel=1e-6)
        assert found.x.upper() == pytest.approx([8, 8, -2], rel=1e-6)
        assert found.grid is None
        if record:
            assert found.error == pytest.approx([10, 0, 0], rel=1e-6)
        else:
            assert found.error is None
        certain = xp.where(x > 0.5, 8.0 * x, 2.0)
        assert (certain.grid, certain.error, certain.x.r.any()) == (1, None, False)


def test_two_ways_to_one_value_pass_on_the_roundings_of_both() -> None:
    """Without it the slope of tanh would forget, where a set is narrowed, what its result had lost."""
    xp = Namespace(enclosures("float32"), model("float32"), True)
    a, b = xp.given(np.array([1.0, 5.0])), xp.given(np.array([2.0, -5.0]))
    found = xp.hull(a, b)
    assert np.allclose([found.x.lower(), found.x.upper()], [[1, -5], [2, 5]], rtol=1e-12)
    assert [part for part, _ in found.parents] == [a, b]
    for _, back in found.parents:  # any share of the cotangent
        share = back(xp.given(np.array([3.0, -1.0]))).x
        assert np.allclose([share.lower(), share.upper()], [[0, -1], [3, 0]], rtol=1e-6, atol=1e-6)


def test_an_argument_that_may_be_flushed_is_itself_or_0() -> None:
    """Without it a program that reads its subnormal arguments as 0 would be refused, also where a set is narrowed."""
    values = np.array([2.0**-130, -(2.0**-130), 0.0, 2.0**-126, 1.0])
    found = Namespace(enclosures("float32"), model("float32"), True).given(values)
    assert found.x.lower() == pytest.approx(np.minimum(values, [0, 1, 0, 1, 1]), rel=1e-3, abs=1e-50)
    assert found.x.upper() == pytest.approx(np.maximum(values, [-1, 0, 0, -1, -1]), rel=1e-3, abs=1e-50)
    assert found.error.tolist() == [2.0**-130, 2.0**-130, 0, 0, 0]
    assert found.place[0] == "an argument"
    for name, record in (("float16", True), ("float64", True)):
        kept = Namespace(enclosures(name), model(name), record).given(values)
        assert (kept.error, kept.x.radius().any(), kept.place[0]) == (None, False, "an argument")


def test_a_step_that_a_rounding_decides_jumps_by_its_height() -> None:
    """Without it a set narrowed by derivatives would know one side of a jump alone: no slope tells of it."""
    xp = Namespace(enclosures("float32"), model("float32"), True)
    x = xp.given(np.array([1.0, 1.0, 5.0])) / 3 * 9 + np.array([0.0, 0.5, 0.0])  # 3, 3.5 and 15
    for step, low, high in (
        (xp.floor, [2, 3, 14], [3, 3, 15]),
        (xp.ceil, [3, 4, 15], [4, 4, 16]),
        (xp.round, [3, 3, 15], [3, 4, 15]),
        (xp.trunc, [2, 3, 14], [3, 3, 15]),
    ):
        found = step(x)
        assert (found.x.lower().round(6).tolist(), found.x.upper().round(6).tolist()) == (low, high)
        assert found.error.tolist() == [b - a for a, b in zip(low, high, strict=True)]
        assert found.grid == 0
        assert step(xp.given(np.array([0.5, 7.0]))).error is None
    sign = xp.sign(x - 3)
    assert (sign.error.tolist(), sign.x.r.max() > 0.99) == ([2, 0, 0], True)
    for ends, grid in (([2.0**30, 1.5], None), ([2.0**24 + 0.5, 1.5], None), ([2.0**24, -(2.0**24)], 0)):
        assert xp.ceil(xp.given(np.array(ends))).grid == grid  # no more whole numbers than float32 has
    unknown = xp.floor(x * 1e38 * 10.0)
    assert (np.isinf(unknown.x.r).all(), np.isinf(unknown.error).all()) == (True, True)
    assert Namespace(enclosures("float32"), model("float32")).floor(x).error is None


WRONG: list[dict[str, Any]] = [
    {"compute": "float8"},
    {"rounds": "never"},
    {"rounding": "up"},
    {"depth": 0},
    {"functions": "mine"},
    {"functions": {"tan": 1}},
]


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_argument_is_one_line(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"^[^\n]+$"):
        model("float32", **wrong)
