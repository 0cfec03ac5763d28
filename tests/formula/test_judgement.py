"""What is said of an answer is what the comparison with its bounds shows, to the figure."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from ffn import admissible
from ffn.admissible.examination import NotJudged
from ffn.admissible.formula.evaluation import question
from ffn.admissible.formula.membership.judgement import Part
from ffn.admissible.formula.membership.sets import FormulaSet, chosen
from ffn.numbers.precision import dtype_of, precision
from tests.formula.sets.test_arithmetic import model

ULP = 2.0**-23  # of float32, above 1


def part(low: Any, high: Any, middle: Any = None, name: str = "output", dtype: str = "float32") -> Part:
    low, high = np.array(low, float), np.array(high, float)
    middle = (low + high) / 2 if middle is None else np.array(middle, float)
    return Part(name, low, high, middle, (low, high), precision(dtype))


def admitted(*parts: Part, x: Any = (1.0, 2.0), **options: Any) -> FormulaSet:
    given = np.array(x, np.float32)
    return FormulaSet(question(lambda xp, x: x, [given], model("float32", **options)), parts)


ONE = part([1, 2, 0], [1.5, 2, 1])
SEEN = "a relative error of 0.2 would be seen in half of them, 0.2 in 90 %; 33.3% undecided"
SAID: list[tuple[list[float], str]] = [
    ([1.25, 2, 0.5], f"3 entries: 0% of the radius used, 33% of the sets are one number; {SEEN}"),
    ([1.375, 2, 0.5], f"3 entries: 50% of the radius used, 33% of the sets are one number; {SEEN}"),
    (
        [1.25, 2.5, 0.5],
        "1 of 3 entries are outside, the first output[1]: computed 2.5, admissible 2 alone, true 2\n"
        f"3 entries: 0% of the radius used, 33% of the sets are one number; {SEEN}",
    ),
    (
        [1.25, 2 - 4 * ULP, 0.5],
        "1 of 3 entries are outside, the first output[1]: computed 1.99999952, admissible 2 alone, true 2: 2 ulps "
        f"outside\n3 entries: 0% of the radius used, 33% of the sets are one number; {SEEN}",
    ),
    (
        [1, 2 + 2 * ULP, 2],
        "2 of 3 entries are outside, the first output[1]: computed 2.00000024, admissible 2 alone, true 2: 1 ulps "
        f"outside\n3 entries: 100% of the radius used, 33% of the sets are one number; {SEEN}",
    ),
    (
        [math.nan, 2, 0.5],
        "1 of 3 entries are outside, the first output[0]: computed nan, admissible from 1 to 1.5, true 1.25\n"
        f"3 entries: 0% of the radius used, 33% of the sets are one number; {SEEN}",
    ),
    (
        [0.5, 3, 2],
        "3 of 3 entries are outside, the first output[0]: computed 0.5, admissible from 1 to 1.5, true 1.25\n"
        f"3 entries: nothing inside, 33% of the sets are one number; {SEEN}",
    ),
]


@pytest.mark.parametrize(("computed", "said"), SAID)
def test_a_judgement_says_what_is_outside_and_by_how_much(computed: list[float], said: str) -> None:
    """Without it a reader would be sent to another entry, or told of another distance."""
    found = admitted(ONE).judge(np.float32(computed))
    assert str(found) == repr(found) == said
    assert (np.float32(computed) in admitted(ONE)) == ("outside" not in said)


def test_ulps_are_told_where_a_rounding_may_be_the_matter() -> None:
    """Without it a wrong factor would be told as so many thousand ulps."""
    for ulps, told in ((2**12 - 1, True), (2**12, False)):
        assert ("ulps outside" in str(admitted(ONE).judge(np.float32([1.25, 2 + ulps * 2 * ULP, 0.5])))) == told


def test_the_figures_of_a_judgement() -> None:
    """Without it the share used and the resolution could be of entries that are outside, or be rounded inwards."""
    found = admitted(ONE).judge(np.float32([1.375, 2.5, 0.5]))
    assert (found.size, found.outside, found.used, found.measured) == (3, 1, 0.5, True)
    assert found.undecided == pytest.approx(1 / 3)
    assert (found.resolution(0.5), found.resolution(0)) == pytest.approx(((0.25 + ULP) / 1.25, ULP), rel=1e-6)
    (each,) = found.arrays
    assert (each.known.tolist(), each.out.tolist()) == ([True] * 3, [False, True, False])
    assert each.decided.tolist() == [True, True, False]
    assert each.outside_by.tolist() == [0, 0.5, 0]
    assert each.ulps_off.tolist() == [0.125 / ULP, 0.25 / ULP, 0]
    assert (each.first, each.digits, each.step) == ((1,), 9, ULP)
    assert each.resolution[2] == pytest.approx(1 + 2 * ULP, abs=ULP)
    points = admitted(part([1, 2], [1, 2])).judge(np.float32([1, 2]))
    assert (points.measured, points.used, points.undecided) == (False, 0, 0)
    assert str(points).startswith("2 entries: sets of at most 9 numbers, 100% of the sets are one number; ")
    nine, ten = (part([1, 1], [1 + n * ULP, 1 + n * ULP]) for n in (8, 9))
    assert not admitted(nine).judge(np.float32([1, 1])).measured
    assert admitted(ten).judge(np.float32([1, 1])).measured


def test_a_set_without_a_true_value_to_be_relative_to_has_no_resolution() -> None:
    """Without it a figure would be printed of nothing."""
    either = admitted(part([-1, -2], [1, 2])).judge(np.float32([0, 1]))
    assert math.isnan(either.resolution())
    assert str(either) == (
        "output is undecided, so wide a set that zeros would pass: a depth of the additions, smaller numbers or exact "
        "inputs (small integers) would decide it\n"
        "2 entries: 50% of the radius used; the true values are 0, or of either sign; 100.0% undecided"
    )


def test_zeros_within_a_few_underflows_are_decided() -> None:
    """Without it a mask's zeros, or what underflows, would leave an array undecided."""
    least = precision("float32").underflow
    for width, decided in ((0.0, True), (1e3 * least, True), (1e5 * least, False)):
        found = admitted(part([-width], [width])).judge(np.float32([0]))
        assert found.undecided == (not decided)


UNJUDGED = (
    "output[1] is not judged: what a correct program computes on the way is not bounded by the largest float32 number, "
    "3.4e+38, or a sum has so many terms that float32 bounds nothing; a depth of the additions, smaller numbers or "
    "exact inputs (small integers) would decide it"
)


def test_an_entry_without_bounds_is_not_judged_and_hides_no_other() -> None:
    """Without it an answer would be called right, or one that is wrong elsewhere not be."""
    some = admitted(part([1, -np.inf], [1.5, np.inf], [1.25, 0]))
    assert some.judge(np.float32([1.25, 7])).unjudged == UNJUDGED
    with pytest.raises(NotJudged) as raised:
        assert np.float32([1.25, 7]) in some
    assert str(raised.value) == UNJUDGED
    assert np.float32([2, 7]) not in some
    assert some.judge(np.float32([1.25, 7])).undecided == 0.5
    scalar = admitted(part(-np.inf, np.inf, 0))
    assert scalar.judge(np.float32(1)).unjudged.startswith("output is not judged: ")
    infinite = admitted(part([-np.inf], [np.inf], [0]), x=[1, np.inf]).judge(np.float32([1]))
    said = "an argument is infinite or NaN, and what hangs on it may be anything"
    assert infinite.unjudged == f"output[0] is not judged: {said}"
    assert np.float32([-np.inf]) in admitted(part([-np.inf], [-np.inf], [-np.inf]))  # an infinity that is meant


@pytest.mark.parametrize(
    ("options", "ways"),
    [
        ({}, "a depth of the additions, smaller numbers"),
        ({"depth": 3}, "smaller numbers"),
        ({"compute": "float16", "depth": 3}, "accumulate='float32', compute='float32', smaller numbers"),
        ({"accumulate": "bfloat16"}, "accumulate='float32', a depth of the additions, smaller numbers"),
    ],
)
def test_what_would_decide_is_what_is_not_declared_yet(options: dict[str, Any], ways: str) -> None:
    """Without it a reader would be advised to declare what is declared."""
    found = admitted(part([-1], [1]), **options).judge(np.float32([0]))
    assert found.unjudged.endswith(f": {ways} or exact inputs (small integers) would decide it")


def test_an_answer_in_another_precision_is_outside() -> None:
    """Without it a kernel that returns float64 would be held to float32's numbers, or pass for one that does not."""
    wide = admitted(ONE).judge(np.array([1.25, 2, 0.5]))
    first = "output is returned in float64, where the arrays are float32; dtype='float64' admits that"
    assert str(wide).split("\n")[0] == first
    assert wide.outside == 3
    assert str(admitted(ONE).judge(np.array([1, 2, 3]))).startswith(
        "output is returned in int64, where the arrays are float32\n"
    )
    half = part([1], [1.5], dtype="float16")
    assert str(admitted(half).judge(np.float32([1.25]))).startswith(
        "output is returned in float32, where float16 is asked for\n"
    )
    assert 1.25 in admitted(part(1, 1.5, dtype="float16"))  # a number of Python's is taken in that of the answer
    assert 1.1 not in admitted(part(1, 1.5, dtype="float16"))  # where it is one
    assert True not in admitted(part(1, 1.5))


def test_of_several_arrays_the_first_that_is_wrong_is_told() -> None:
    """Without it a wrong ∂W would be told as one of ∂x."""
    both = admitted(part([1], [2], name="∂x"), part([3, 3], [4, 4], name="∂W"))
    found = both.judge((np.float32([1.5]), np.float32([3.5, 5])))
    assert str(found).startswith("1 of 3 entries are outside, the first ∂W[1]: computed 5, admissible from 3 to 4, ")
    assert (both.shape, repr(both)) == (((1,), (2,)), "FormulaSet(float32: ∂x (1,); ∂W (2,))")
    with pytest.raises(ValueError, match=r"^computed is 1 arrays, not 2$"):
        both.judge(np.float32([1.5]))
    with pytest.raises(ValueError, match=r"^computed has shapes \[\(2,\), \(2,\)\], not \[\(1,\), \(2,\)\]$"):
        both.judge((np.float32([1, 2]), np.float32([3, 4])))
    with pytest.raises(IndexError, match=r"^several arrays, ∂x, ∂W: take one of \.parts$"):
        both.lower  # noqa: B018
    single = admitted(ONE)
    assert (single.lower.tolist(), single.upper.tolist()) == ([1, 2, 0], [1.5, 2, 1])
    assert (single.middle.tolist(), single.shape) == ([1.25, 2, 0.5], (3,))
    assert [np.float32([1.25, 2, 0.5])] in single


def test_entries_that_are_left_out_are_not_judged_and_counted() -> None:
    """Without it a set of a few entries would be told as one of all."""
    some = admitted(ONE.only(np.array([True, False, False])))
    found = some.judge(np.float32([1.25, 9, 9]))
    assert str(found) == (
        "1 entries: 0% of the radius used; a relative error of 0.2 would be seen in half of them, 0.2 in 90 %; "
        "0.0% undecided; 2 further entries were left out"
    )
    assert repr(some) == "FormulaSet(float32: output (3,), 1 of 3 entries judged)"
    assert np.float32([9, 2, 0.5]) not in some
    with pytest.raises(NotJudged, match=r"^there is no entry to judge$"):
        assert np.float32([9, 2, 0.5]) in admitted(ONE.only(np.zeros(3, dtype=bool)))


def test_bounds_that_both_have_are_the_nearer_ones() -> None:
    """Without it the mean-value form could widen what it is to narrow."""
    found = part([0, 0], [2, 2]).within(part([-1, 1], [1, 3]))
    assert (found.low.tolist(), found.high.tolist()) == ([0, 1], [1, 2])
    assert [each.tolist() for each in found.inner] == [[0, 1], [1, 2]]
    only = found.only(np.array([True, False]))
    assert [each.tolist() for each in (only.low, only.high, *only.inner)] == [
        *([0, -np.inf], [1, np.inf]),
        *([0, -np.inf], [1, np.inf]),
    ]


OUTPUTS: list[tuple[Any, list[Any]]] = [
    (None, [[True, True, True]]),
    (1, [[False, True, False]]),
    ([0, 2], [[True, False, True]]),
    (np.array([True, False, False]), [[True, False, False]]),
    (slice(1, None), [[False, True, True]]),
]


@pytest.mark.parametrize(("outputs", "masks"), OUTPUTS[2:])
def test_outputs_are_chosen_by_index_or_mask(outputs: Any, masks: list[Any]) -> None:
    """Without it other entries would be judged than were asked for."""
    assert [mask.tolist() for mask in chosen(outputs, [(3,)])] == masks


def test_outputs_are_drawn_always_the_same() -> None:
    """Without it a failure could not be seen again."""
    one, two = (chosen(4, [(5, 6), (2,)]) for _ in range(2))
    assert all((a == b).all() for a, b in zip(one, two, strict=True))
    assert [int(mask.sum()) for mask in one] == [4, 2]
    assert chosen(np.int64(1), [(5,)])[0].sum() == 1
    assert [mask.sum() for mask in chosen([None, [0]], [(3,), (3,)])] == [3, 1]
    assert chosen(None, [(2, 2)])[0].all()
    with pytest.raises(ValueError, match=r"^outputs is a number from 1, an index or a mask, not 0$"):
        chosen(0, [(3,)])
    for wrong in ([[0]], np.array([0, 1]), (0, 1, 2), True):
        with pytest.raises(
            ValueError, match=r"^outputs is a number, or a list of an index or a mask for each of 2 arrays$"
        ):
            chosen(wrong, [(3,), (3,)])


@pytest.mark.parametrize("name", ["float16", "bfloat16", "float32", "float64"])
def test_an_answer_lies_between_the_rounded_ends(name: str) -> None:
    """Without it a set could end beside a number that a program returns, or one number further."""
    x = np.linspace(0.1, 0.9, 50).astype(dtype_of(name))
    found = admissible.value(lambda xp, x: x * x, x)
    exact = x.astype(float) ** 2
    u = precision(name).unit_roundoff
    assert x * x in found
    assert (found.upper - found.lower <= 2 * 2 * u * exact * (1 + 8 * u) + 8 * precision(name).underflow).all()


def test_a_directed_rounding_moves_an_end_by_an_ulp() -> None:
    """Without it a program that rounds towards 0 would be refused where that is declared."""
    x = np.float32([0.3, -0.3])
    near, wide = (admissible.value(lambda xp, x: x / 3, x, rounding=each) for each in ("nearest", "any"))
    ulp = 2.0**-27
    assert np.allclose(near.upper - near.lower, ulp, atol=1.1 * ulp)
    assert (wide.lower < near.lower).all()
    assert (near.upper < wide.upper).all()
    assert (wide.upper - wide.lower <= 6 * ulp).all()


def test_what_is_flushed_may_be_0() -> None:
    """Without it a program that flushes its subnormal answers would be refused; one that keeps them is right too."""
    x = np.float32([2.0**-100, -(2.0**-100)])
    found = admissible.value(lambda xp, x: x * 2.0**-30, x)
    assert np.float32([0, 0]) in found
    assert x * np.float32(2.0**-30) in found
    assert np.float32([2.0**-120, 0]) not in found
    half = admissible.value(lambda xp, x: x * 2.0**-10, np.float16([2.0**-10]))
    assert np.float16([0]) not in half  # float16 keeps them


def test_what_may_overflow_on_its_way_has_no_bounds_and_what_overflows_at_its_end_is_infinite() -> None:
    """Without it infinity would be refused where a correct program overflows, or 0 be admitted there."""
    x = np.float16([200, 300])
    for compute in ("float32", "float16"):
        end = admissible.value(lambda xp, x: x * x, x, compute=compute)
        assert (end.lower[1], end.upper[1]) == (np.inf, np.inf)
        assert end.lower[0] <= 40000 <= end.upper[0] < np.inf
        way = admissible.value(lambda xp, x: x * x * 0.25, x, compute=compute)
        assert np.isfinite([way.lower[1], way.upper[1]]).all() == (compute == "float32")
        assert np.isfinite([way.lower[0], way.upper[0]]).all()


def test_a_part_is_named_after_what_it_is() -> None:
    """Without it the second output would be told as the first."""
    x = np.float32([1, 2])
    two = admissible.value(lambda xp, x: (x, x + 1), x)
    assert [each.name for each in two.parts] == ["output 0", "output 1"]
    one = admissible.gradient(lambda xp, x, y: x * y, x, x, cotangent=x)
    assert [each.name for each in one.parts] == ["∂x", "∂y"]
