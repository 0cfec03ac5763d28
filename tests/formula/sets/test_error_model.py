"""The errors that are allowed to a program, by exact arithmetic: what an operation needs, and hardly more.

Sources: Higham 2002, sec. 2.1 and 4.2; Jeannerod & Rump 2013.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from ffn.admissible.formula.arithmetic import (
    LIBM,
    TABLES,
    Arithmetic,
    nearest,
    significant_bits,
    smallest,
    smallest_normal,
)
from ffn.admissible.formula.taken import STORED, named
from ffn.numbers.precision import NAMES, Precision, precision
from tests.formula.sets.test_arithmetic import model

HARDLY = 1 + Fraction(1, 200)  # a second rounding in something wider, 2^-9, of every term
MODELS: dict[str, Arithmetic] = {
    "float16": model("float16"),
    "bfloat16": model("bfloat16"),
    "float32": model("float32"),
    "float64": model("float64"),
    "float16 in float32": model("float16", compute="float32"),
    "bfloat16 in float32, eager": model("bfloat16", compute="float32", rounds="every operation"),
    "float16, eager": model("float16", rounds="every operation"),
    "float32, any rounding": model("float32", rounding="any"),
}
SIZES = np.array([1e-41, 1.0, 1.9, 3000.0])


def u(format: Precision) -> Fraction:
    return Fraction(format.unit_roundoff)


def half_ulp(x: Fraction, format: Precision, model: Arithmetic) -> Fraction:
    """The largest error of one rounding of a number of that magnitude: u 2^e, twice that in any direction, and η."""
    binade = Fraction(2) ** (math.frexp(float(x))[1] - 1) if x >= Fraction(2) ** -1022 else Fraction(0)
    return u(format) * binade * (1 if model.nearest else 2) + Fraction(format.underflow)


def assert_hardly_more(found: Any, needed: Fraction) -> None:
    assert needed <= Fraction(float(found)) <= needed * HARDLY


@pytest.mark.parametrize("roundings", [1, 2])
@pytest.mark.parametrize("name", MODELS)
def test_an_operation_is_off_by_half_an_ulp_for_each_rounding(name: str, roundings: int) -> None:
    """Without it an operation that underflows or lies at the end of a binade would be refused, or a wrong one pass."""
    model = MODELS[name]
    unit = u(model.compute) * (1 if model.nearest else 2)
    before, after = model.rounded(SIZES, False, roundings) if roundings > 1 else model.rounded(SIZES, False)
    for x, first, last in zip(map(Fraction, SIZES), before, after, strict=True):
        factor = (roundings - 1) * (unit * x + Fraction(model.compute.underflow))
        computed = factor + half_ulp(x + factor, model.compute, model)
        if model.every and model.storage != model.compute:
            assert_hardly_more(first, computed)
            assert_hardly_more(last, computed + half_ulp(x + computed, model.storage, model))
        else:
            wider = factor + unit * x / 512  # what a program in something wider has before it rounds at the end
            assert wider <= Fraction(float(first)) <= wider * HARDLY
            assert_hardly_more(last, computed)


def test_a_factor_that_is_stored_is_rounded_as_the_arrays_are() -> None:
    """Without it the reciprocal that eager code stores in bfloat16 would be held to float32."""
    eager, once = MODELS["bfloat16 in float32, eager"], MODELS["float16 in float32"]
    x = np.array([1.0])
    stored = float(eager.rounded(x, False, 2, stored=True)[0][0])
    assert stored == pytest.approx(2.0**-8 + 2.0**-24, rel=1 / 200)
    assert once.rounded(x, False, 2, stored=True)[0][0] == once.rounded(x, False, 2)[0][0]


def test_what_is_exact_or_0_is_not_rounded() -> None:
    """Without it small whole numbers, and the zeros of a mask, would have a width."""
    for each in MODELS.values():
        for part in each.rounded(np.array([0.0, 1.0, 2.0]), np.array([False, True, False])):
            assert (part > 0).tolist() == [False, False, True]
        assert all((part > 0).all() for part in each.rounded(np.array([1.0, 2.0]), False))


@pytest.mark.parametrize("name", MODELS)
def test_a_library_function_is_off_by_its_ulps(name: str) -> None:
    """Without it four ulps would be refused, or eight pass; e^−1000 may be 0, and e^−∞ is."""
    model = MODELS[name]
    size = np.array([1.5, 1.5, model.compute.underflow * 2.0**-9])
    before, after = model.function("exp", size, np.array([3.0, np.inf, 1.0]))
    ulps = Fraction(LIBM["exp"])  # type: ignore[arg-type]
    least = 2 * (ulps + 1) * Fraction(model.compute.underflow)
    needed = 2 * ulps * u(model.compute) + least
    assert_hardly_more(before[0], needed)
    assert_hardly_more(before[2], least)
    more = half_ulp(Fraction(1.5) + needed, model.storage, model) if model.every else Fraction(0)
    assert_hardly_more(after[0], needed + more)
    assert before[1] == 0


def test_a_function_may_be_off_by_more_where_its_argument_is_large() -> None:
    """Without it an exponential through 2^(x log₂ e) would be held to the ulps that it has at 0."""
    found = model("float32", functions={"exp": (2.0, 0.5)})
    needed = (2 + Fraction(1, 2) * 12) * 2 * u(precision("float32"))
    assert_hardly_more(found.function("exp", np.array([1.0]), np.array([12.0]))[0][0], needed)


def test_a_reciprocal_root_may_be_that_of_a_root_that_is_stored() -> None:
    """Without it eager code would be refused that stores the root in bfloat16, and then divides."""
    eager = MODELS["bfloat16 in float32, eager"]
    size, argument = np.array([1.5]), np.array([1.0])
    root, other = (float(eager.function(name, size, argument)[0][0]) for name in ("rsqrt", "exp"))
    assert root - other == pytest.approx(1.5 * 2.0**-8, rel=1 / 200)
    root, other = (float(eager.function(name, 0 * size, argument)[0][0]) for name in ("rsqrt", "exp"))
    assert root - other == pytest.approx(precision("bfloat16").underflow * (1 + 2.0**-9), rel=1e-9)


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("products", [False, True])
@pytest.mark.parametrize("depth", [None, 3])
def test_a_sum_has_the_bound_of_its_theorem(name: str, products: bool, depth: int | None) -> None:
    """Without it a sum in some order would be refused, or one with a term too many be admitted."""
    given = MODELS[name]
    model = Arithmetic(given.storage, given.compute, given.accumulate, given.every, depth, nearest=given.nearest)
    n, least = 9, model.accumulate.underflow
    k = (n - 1 if depth is None else depth) + 2 * products
    share = k * Fraction(model.unit(model.accumulate))
    if depth is not None or not model.nearest:
        share = share / (1 - share)
    flushes = n * 3 if products else n
    lost = (flushes if model.accumulate.flushed else n * 2 * products) * Fraction(least)
    for size in (2.5, 4 * least):
        found = Fraction(float(model.added(np.array([size]), n, products, False)[0]))
        assert share * Fraction(size) + lost <= found <= share * Fraction(size) * HARDLY + 2 * HARDLY * lost
    assert model.added(np.array([0.0, 1.0]), n, products, np.array([False, True])).tolist() == [0, 0]


def test_a_depth_is_a_number_or_hangs_on_the_terms_and_is_never_more_than_all() -> None:
    """Without it pairwise sums could not be declared, or a depth of 100 widen a sum of three."""
    n = np.array([1.0])
    pairwise = model("float32", depth=lambda terms: math.ceil(math.log2(terms)))
    assert pairwise.added(n, 1024, False, False)[0] == pytest.approx(10 * 2.0**-24, rel=1 / 200)
    assert model("float32", depth=100).added(n, 3, False, False)[0] == pytest.approx(2 * 2.0**-24, rel=1 / 200)
    for nonsense in (0, True, 2.0, "3"):
        wrong = model("float32", depth=lambda terms, nonsense=nonsense: nonsense)
        with pytest.raises(ValueError, match=rf"^depth is a number from 1, also of 7 terms, not {nonsense!r}$"):
            wrong.added(n, 7, False, False)
    assert model("float32", depth=lambda terms: np.int64(1)).added(n, 7, False, False) > 0


def test_beyond_one_unit_of_all_terms_nothing_is_known() -> None:
    """Without it a theorem would be used where it does not hold: nu ≥ 1."""
    half = model("bfloat16")
    one = np.array([1.0])
    assert half.added(one, 255, False, False)[0] < np.inf
    assert half.added(one, 257, False, False)[0] == np.inf
    assert half.added(np.array([0.0, 1.0]), 257, False, np.array([False, True])).tolist() == [0, 0]


CONSTANTS: list[tuple[str, float, bool]] = [
    ("float16", 0.0, True),
    ("float16", 1.0, True),
    ("float16", -65504.0, True),
    ("float16", 65536.0, False),
    ("float16", 2.0**-14, True),
    ("float16", 2.0**-15, False),
    ("float16", 1 + 2.0**-10, True),
    ("float16", 1 + 2.0**-11, False),
    ("float16", math.inf, True),
    ("float64", 1 + 2.0**-23, True),
    ("float64", 1 + 2.0**-24, False),  # in float32 it would be another
    ("float64", 0.1, False),
    ("float32", 2.0**-126, True),
    ("float32", 2.0**-127, False),
]


@pytest.mark.parametrize(("name", "constant", "held"), CONSTANTS)
def test_a_constant_of_few_bits_is_held_and_another_may_be_rounded(name: str, constant: float, held: bool) -> None:
    """Without it 0.1, which is another number in every precision, would have to be float64's in float16."""
    found, given = model(name), np.array([constant])
    assert found.holds(given).tolist() == [held]
    if abs(constant) <= found.compute.largest:
        unit = u(found.compute) * abs(Fraction(constant))
        assert_hardly_more(found.constant(given)[0], unit + Fraction(found.compute.underflow))
    else:
        assert found.constant(given)[0] == np.inf


def test_eager_code_has_its_constants_in_the_precision_of_the_arrays() -> None:
    """Without it PyTorch's 0.1 in bfloat16 would be that of float32, in which it multiplies."""
    eager, once = MODELS["bfloat16 in float32, eager"], model("bfloat16", compute="float32")
    tenth = np.array([1 + 2.0**-8])
    assert not eager.holds(tenth)[0]
    assert once.holds(tenth)[0]
    assert eager.constant(tenth)[0] == pytest.approx(2.0**-8, rel=0.01)
    assert once.constant(tenth)[0] == pytest.approx(2.0**-24, rel=0.01)


def test_what_is_largest_scaled_and_stored_is_of_the_precision_that_says_so() -> None:
    """Without it eager float16 could hold 10⁵ on its way, or a kernel's stored value be exact."""
    eager, once = model("float16", compute="float32", rounds="every operation"), MODELS["float16 in float32"]
    half, single = precision("float16"), precision("float32")
    assert (eager.largest, once.largest) == (half.largest, single.largest)
    assert model("float32", compute="float16", rounds="every operation").largest == half.largest
    assert (eager.scaled, once.scaled) == (2 * (single.underflow + half.underflow), 2 * single.underflow)
    assert (eager.ends_in_storage, once.ends_in_storage, MODELS["float16"].ends_in_storage) == (True, False, True)
    for each in (eager, once):
        assert_hardly_more(each.stored(np.array([1.5]))[0], half_ulp(Fraction(1.5), half, each))


@pytest.mark.parametrize("name", NAMES)
def test_the_smallest_numbers_of_a_format(name: str) -> None:
    """Without it zeros of float16 would be taken for numbers that may be flushed, or subnormals for held."""
    for said in ("kept", "flushed"):
        format = precision(name, said)
        half_subnormal = name == "float64"  # its η is a whole subnormal
        least = format.smallest_normal * 2.0 ** (1 - format.bits)
        assert smallest(format) == (format.smallest_normal if said == "flushed" else least * (1 + half_subnormal))
        normal = smallest_normal(format)
        assert normal == format.smallest_normal * (1 + (half_subnormal and said == "kept"))


def test_the_bits_of_a_number_are_those_between_its_first_and_its_last() -> None:
    """Without it a constant that every program has would be rounded."""
    values = [0.0, 1.0, -3.0, 0.75, 1 + 2.0**-52, 2.0**-1074, 2.0**1000, 5 * 2.0**-30, np.inf, np.nan]
    assert significant_bits(np.array(values)).tolist() == [0, 1, 2, 2, 53, 1, 1, 3, 0, 0]


def test_rounding_goes_to_even_and_to_infinity_and_leaves_what_is_no_number() -> None:
    """Without it a set's end would be another number than the program's."""
    half = precision("float16")
    given = [1 + 2.0**-11, 1 + 3 * 2.0**-11, 65519.0, 65520.0, -65520.0, np.inf, -np.inf, 2.0**-25, 3 * 2.0**-25, 0.0]
    found = nearest(np.array([*given, np.nan]), half)
    expected = [1.0, 1 + 2.0**-9, 65504.0, np.inf, -np.inf, np.inf, -np.inf, 0.0, 2.0**-23, 0.0]
    assert found[:-1].tolist() == expected
    assert np.isnan(found[-1])
    third = np.array([1 / 3])
    assert nearest(third, precision("float64")) is third


LINES: list[tuple[dict[str, Any], str]] = [
    ({"compute": "float8"}, "compute is one of float16, bfloat16, float32, float64, not 'float8'"),
    ({"accumulate": "half"}, "accumulate is one of float16, bfloat16, float32, float64, not 'half'"),
    ({"rounds": "never"}, "rounds is 'output' or 'every operation', not 'never'"),
    ({"rounding": "up"}, "rounding is 'nearest' or 'any', not 'up'"),
    ({"depth": 0}, "depth is the longest chain of additions, a number from 1 or a function of n, not 0"),
    ({"depth": True}, "depth is the longest chain of additions, a number from 1 or a function of n, not True"),
    ({"depth": 1.5}, "depth is the longest chain of additions, a number from 1 or a function of n, not 1.5"),
    ({"functions": "mine"}, "functions is a table of ulps or one of libm, cuda, not 'mine'"),
    ({"functions": 3}, "functions is a table of ulps or one of libm, cuda, not 3"),
    ({"functions": {"tan": 1, "exp": 1}}, f"no function is called 'tan': {', '.join(sorted(LIBM))}"),
    ({"functions": {"exp": 0.4}}, "exp is off by ulps from 0.5, or (ulps, as many more for each |x|), not 0.4"),
    ({"functions": {"exp": True}}, "exp is off by ulps from 0.5, or (ulps, as many more for each |x|), not True"),
    ({"functions": {"exp": math.inf}}, "exp is off by ulps from 0.5, or (ulps, as many more for each |x|), not inf"),
    ({"functions": {"log": (1, -1)}}, "log is off by ulps from 0.5, or (ulps, as many more for each |x|), not (1, -1)"),
    (
        {"functions": {"log": (1, 1, 1)}},
        "log is off by ulps from 0.5, or (ulps, as many more for each |x|), not (1, 1, 1)",
    ),
]


@pytest.mark.parametrize(("given", "line"), LINES, ids=str)
def test_nonsense_is_told_in_its_own_line(given: dict[str, Any], line: str) -> None:
    """Without it a misspelt option would be none, and its author not know which."""
    with pytest.raises(ValueError) as raised:  # noqa: PT011, the whole line is compared
        model("float32", **given)
    assert str(raised.value) == line


def test_a_precision_is_named_by_itself_or_as_a_dtype_of_any_library() -> None:
    """Without it `dtype=torch.float16` or `np.float16` would be no precision."""
    for given in ("float16", "torch.float16", np.float16, np.dtype("float16")):
        assert named(given) == "float16"
    for given in ("half", "float8_e5m2", int):
        with pytest.raises(ValueError, match=r"^dtype is one of float16, bfloat16, float32, float64, not "):
            named(given)
    assert named("float8_e5m2", names=STORED) == "float8_e5m2"
    with pytest.raises(ValueError, match=rf"^what is one of {', '.join(STORED[:6])}, not 'half'$"):
        named("half", "what", STORED)


def test_what_is_left_out_is_the_precision_of_the_arrays() -> None:
    """Without it sums could be kept in another precision than anybody said."""
    for given, compute, accumulate in (
        ({}, "float16", "float16"),
        ({"compute": "float32"}, "float32", "float32"),
        ({"accumulate": "float32"}, "float16", "float32"),
        ({"compute": "float32", "accumulate": "float64"}, "float32", "float64"),
    ):
        found = model("float16", **given)
        assert (found.storage.name, found.compute.name, found.accumulate.name) == ("float16", compute, accumulate)
        assert (found.every, found.depth, found.nearest) == (False, None, True)
    assert model("float32", functions="cuda").functions == TABLES["cuda"]
    own = model("float32", functions={"exp": 0.5, "log": (1, 0)}).functions
    assert own == {**LIBM, "exp": 0.5, "log": (1, 0)}
    assert model("float32", depth=1).depth == 1
