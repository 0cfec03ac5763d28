"""Where sets end: what rounds last, or is flushed; what tied entries lose together; what narrows them once more."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from ffn import admissible
from ffn.admissible.formula.enclosures.midrad import MidRad
from ffn.admissible.formula.evaluation import question
from ffn.admissible.formula.meanvalue.radii import Graph
from ffn.admissible.formula.membership import sets
from ffn.admissible.formula.membership.bounds import part
from ffn.admissible.formula.membership.judgement import Part, compared
from ffn.admissible.formula.membership.ties import _bounds
from ffn.admissible.formula.operations.backward.ties import Shared
from ffn.admissible.formula.operations.forms import Namespace
from ffn.admissible.formula.operations.values import Value
from ffn.numbers.precision import dtype_of, precision
from tests.formula.sets.test_arithmetic import model


def third(xp: Any, x: Any) -> Any:
    return x / 3


@pytest.mark.parametrize("options", [{"compute": "float32"}, {"dtype": "float16"}], ids=str)
def test_an_answer_that_is_rounded_any_way_at_its_end_is_one_of_two_neighbours(options: dict[str, Any]) -> None:
    """Without it a program that cuts off its last digits would be refused, on one side of its sets or on both."""
    x = np.array([0.7, -0.7, 5.0, -5.0]).astype("float16" if "compute" in options else "float32")
    found = admissible.value(third, x, rounding="any", **options)
    near = (x.astype(float) / 3).astype(np.float16)
    below = np.where(near > x.astype(float) / 3, np.nextafter(near, np.float16(-np.inf)), near)
    above = np.nextafter(below, np.float16(np.inf))
    assert below in found
    assert above in found
    for i, up in ((0, False), (1, False), (2, True), (3, True)):
        beyond = below.copy()
        beyond[i] = np.nextafter((above if up else below)[i], np.float16(np.inf if up else -np.inf))
        beyond[i] = np.nextafter(beyond[i], np.float16(np.inf if up else -np.inf))
        assert found.judge(beyond).outside == 1


def test_an_answer_in_a_narrower_precision_may_be_flushed_at_its_end() -> None:
    """Without it a float32 answer of float64 numbers would be refused where the hardware flushes; float16 keeps."""
    x = np.array([2.0**-130, -(2.0**-130), 2.0**-126])
    found = admissible.value(lambda xp, x: xp.maximum(x, x), x, dtype="float32")
    inside, beside = ([1, 1, 1], [0, 1, 1], [1, 0, 1]), ([1, 1, 0], [-1, 1, 1], [1, -1, 1])
    for answer, outside in [*((each, 0) for each in inside), *((each, 1) for each in beside)]:
        assert found.judge((x * answer).astype(np.float32)).outside == outside
    half = admissible.value(lambda xp, x: xp.maximum(x, x), x * 2.0**110, dtype="float16")
    assert half.judge(np.float16([0, -(2.0**-20), 2.0**-16])).outside == 1


def test_an_answer_in_a_narrower_precision_is_rounded_there_from_what_was_computed_or_stored() -> None:
    """Without it a program that returns float16 without a stop at float32 would be refused where that stop is a tie."""
    tie, given = 1 + 3 * 2.0**-11, model("float32", compute="float64")
    for away, ends in ((2.0**-30, (1 + 2.0**-10, 1 + 2.0**-9)), (0.0, (1 + 2.0**-9,) * 2)):
        value = Value(Namespace(MidRad, given), MidRad(np.array([tie]), np.array([away])))
        found = part("output", value, given, precision("float16"))
        assert (found.low[0], found.high[0]) == ends


WIDEST = [
    ("float16", "float32", "float32", "float16"),
    ("float32", "float16", "float32", "float16"),
    ("float32", "float32", "float16", "float16"),
    ("float64", "float64", "float32", "float32"),
]


@pytest.mark.parametrize(("compute", "storage", "returned", "widest"), WIDEST)
def test_tied_entries_lose_the_roundings_of_each_in_the_widest_of_their_precisions(
    compute: str, storage: str, returned: str, widest: str
) -> None:
    """Without it a right share could be refused for its rounding, or a share that is a thousandth off pass."""
    given, entries = model(storage, compute=compute), np.arange(3)
    part = Part(
        "output", *np.array([[-9.0] * 3, [9.0] * 3, [1.0] * 3]), (np.zeros(3), np.zeros(3)), precision(returned)
    )
    beside = [compared(part, np.zeros(3).astype(dtype_of(returned)), given.storage)]
    terms, sizes = np.array([9, 10, 12]), np.array([1.0, 2.0, 0.0])
    shared = Shared(0 * entries, entries, np.array([0, 0, 1]), np.zeros(2), np.zeros(2), terms, sizes)
    least = max(precision(name).underflow for name in (compute, storage, returned))
    needed = np.array([9 + 20, 0]) * given.unit(precision(widest)) + np.array([19, 12]) * 4 * least
    low, high = _bounds(beside, shared, given)
    assert (high >= needed).all()
    assert high == pytest.approx(needed * (1 + 2.0**-20), rel=1e-9, abs=0)
    assert (low == -high).all()


def cancelling(xp: Any, a: Any, b: Any) -> Any:
    total = xp.sum(a * b)
    return (total + a) - total


A, B = np.float32([1.1, -2.3, 0.7, 3.9]), np.float32([0.3, 1.7, -1.3, 0.9])
ONE = np.arange(4) == 2


def evaluated(formula: Any, *arrays: Any) -> Any:
    """A question, its namespace, its arrays and their bounds by the enclosures alone."""
    asked = question(formula, arrays, model("float32"))
    xp = asked.namespace(asked.arithmetic, record=True)
    values = asked.evaluate(xp)
    return asked, xp, values, sets.bounded(asked, values).parts


def width(part: Part) -> Any:
    return part.high - part.low


def test_only_what_is_asked_for_is_narrowed_and_costs_a_pass() -> None:
    """Without it a sample of a large answer would cost as much as the whole."""
    asked, xp, values, parts = evaluated(cancelling, A, B)
    most = Graph.of(values[0]).size  # of one pass: all outputs meet in the sum
    (some,) = sets._narrowed(asked, xp, values, parts, [ONE], most)
    assert ((width(some) < 0.7 * width(parts[0])) == ONE).all()
    ends = np.array([some.low, some.high])
    assert np.array_equal(ends, ends.astype(np.float32))  # between two float32 numbers there is no answer
    everything = np.ones(4, dtype=bool)
    (none,) = sets._narrowed(asked, xp, values, parts, [everything], most)
    assert none is parts[0]
    (all_of_them,) = sets._narrowed(asked, xp, values, parts, [everything], 4 * most)
    assert (width(all_of_them) < 0.7 * width(parts[0])).all()


def test_what_is_one_number_costs_no_pass() -> None:
    """Without it the zeros of a mask would use up the passes of the entries beside them."""
    masked = lambda xp, a, b: xp.where(ONE, cancelling(xp, a, b), 0.0)  # noqa: E731
    asked, xp, values, parts = evaluated(masked, A, B)
    (found,) = sets._narrowed(asked, xp, values, parts, [np.ones(4, dtype=bool)], Graph.of(values[0]).size)
    assert ((width(found) < 0.7 * width(parts[0])) == ONE).all()


def test_chosen_outputs_are_narrowed_though_it_hardly_pays() -> None:
    """Without it outputs that somebody chose would have the wider bounds; all together they keep theirs."""
    wide = np.random.default_rng(0).normal(size=(4, 40)).astype(np.float32)
    asked, xp, values, parts = evaluated(lambda xp, x: xp.sum(x * x, axis=-1) * 2, wide)
    assert sets._narrowed(asked, xp, values, parts, [np.ones(4, dtype=bool)], 1e7)[0] is parts[0]
    assert sets._narrowed(asked, xp, values, parts, [ONE], 1e7)[0] is not parts[0]


def test_what_has_no_bounds_or_no_width_is_not_narrowed() -> None:
    """Without it 0 · ∞ on the way to an entry that may overflow could bound it."""
    x = np.float32([100.0, 1.0])
    asked, xp, values, parts = evaluated(lambda xp, x: xp.exp(x) * 0.0 + x, x)
    (found,) = sets._narrowed(asked, xp, values, parts, [np.ones(2, dtype=bool)], 1e7)
    assert (found.low[0], found.high[0]) == (-np.inf, np.inf)
    asked, xp, values, parts = evaluated(lambda xp, x: x + x, x)
    assert sets._narrowed(asked, xp, values, parts, [np.ones(2, dtype=bool)], 1e7)[0] is parts[0]


def test_sums_that_are_narrowed_on_the_way_narrow_what_follows() -> None:
    """Without it a long formula would be as wide as its first sums; the last passes may visit ten times as much."""

    def formula(xp: Any, a: Any, b: Any) -> Any:
        return xp.exp((xp.sum(cancelling(xp, a, b)) - xp.sum(a)) * 2**20) * a

    asked, _, values, parts = evaluated(formula, A, B)
    everything, size = [np.ones(4, dtype=bool)], Graph.of(values[0]).size
    (narrow,) = sets._from_intermediates(asked, parts, everything, size)  # four passes at the end
    (first,) = sets._narrowed(asked, *evaluated(formula, A, B)[1:3], parts, everything, 1e7)
    assert (width(narrow) < width(first)).all()
    true = asked.without_rounding()[0].x.m
    assert ((narrow.low <= true) & (true <= narrow.high)).all()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_set_is_narrowed_within_its_budget(dtype: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it a set could take minutes, in float64 through arb above all, or one of few outputs stay wide."""
    calls: list[Any] = []
    monkeypatch.setattr(sets, "_narrowed", lambda q, xp, values, parts, asked, most: [calls.append(most), parts][1])
    monkeypatch.setattr(sets, "_from_intermediates", lambda q, parts, asked, most: [calls.append(-most), parts][1])
    monkeypatch.setattr(sets, "_grown", lambda *arguments: True)

    def budgets(outputs: Any = None, **limits: int) -> list[float]:
        calls.clear()
        for name, limit in limits.items():
            monkeypatch.setattr(sets, name, limit)
        admissible.value(lambda xp, a, b: a * b, A.astype(dtype), B.astype(dtype), outputs=outputs)
        return calls

    visits = 1e7 if dtype == "float32" else 1e5
    assert budgets() == budgets(LARGE=8, SMALL=8, MANY=3) == [visits, -visits]
    assert budgets(outputs=1, LARGE=7, SMALL=7) == [64 * visits, -4 * visits]  # of chosen ones also of large arrays
    assert budgets() == []
    assert budgets(LARGE=8) == [visits]
    assert budgets(SMALL=8, MANY=2) == budgets(outputs=None) == [visits]


def test_a_set_grows_until_half_of_its_entries_have_lost_a_thousand_roundings() -> None:
    """Without it the sums of a short formula would be narrowed for nothing, or those of a long one not."""
    asked, *_ = evaluated(third, A)
    u = 2.0**-24
    for relative, grown in ((2047 * u, False), (2049 * u, True)):
        low, high = np.array([[1.0, 1.0, 1.0], [1 + relative, 1 + relative, 1.0]])
        part = Part("output", low, high, np.ones(3), (low, high), precision("float32"))
        assert sets._grown(asked, [part], [np.ones(3, dtype=bool)]) == grown
        assert not sets._grown(asked, [part], [np.array([False, False, True])])
        assert not sets._grown(asked, [part], [np.zeros(3, dtype=bool)])
    unknown = Part("output", -np.inf * low, np.inf * high, np.zeros(3), (low, high), precision("float32"))
    assert sets._grown(asked, [unknown], [np.ones(3, dtype=bool)])
