"""Plans and what is told of them: every combination of levels is in some row, and what was not tried is not counted."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np
import pytest

from ffn.cases import levels as standard
from ffn.cases.covering import PAIRS, TRIPLES, covering_array, read, written
from ffn.cases.plan import Coverage, Levels, Plan, coverage, left_out, total
from ffn.cases.planned import network_plan
from ffn.cases.probes import confident_plan
from ffn.network.description import Hidden, Output
from ffn.numbers.precision import NAMES
from tests.house.covering import FILE, planned, smallest


def combined(rows: tuple[Levels, ...], names: tuple[str, ...]) -> set[tuple[str, ...]]:
    return {tuple(str(row[name]) for name in names) for row in rows}


@pytest.mark.parametrize("dtype", ["bfloat16", "float64"])
def test_every_pair_of_levels_is_in_some_row(dtype: str) -> None:
    """Without it a fault that takes two factors would be found by luck."""
    plan = network_plan(dtype, depths=(1,))
    for names in combinations(plan.factors, PAIRS):
        levels = np.prod([len(plan.levels()[name]) for name in names])
        assert len(combined(plan.rows(), names)) == levels, names


def test_sizes_left_to_a_thorough_plan_are_in_it_and_are_told() -> None:
    """Without it a size could be tried nowhere, or be left out in silence."""
    plan = network_plan("float32", depths=(0,))
    assert plan.levels(TRIPLES) == plan.factors
    for name, sizes in plan.factors.items():
        assert set(sizes) - set(plan.levels()[name]) == set(sizes) & set(plan.later.get(name, ()))
    assert coverage(plan, plan.rows()).later == (4, 33)
    assert coverage(plan, plan.rows(1)[:1], TRIPLES).later == ()


def test_every_triple_of_levels_is_in_some_row_of_a_thorough_plan() -> None:
    """Without it ``--thorough`` would be a word."""
    plan = confident_plan("float32", False)
    tried = coverage(plan, plan.rows(TRIPLES), TRIPLES)
    assert tried.tried == tried.total > coverage(plan, plan.rows()).total


def test_what_was_not_tried_is_not_counted() -> None:
    """Without it the pairs of a row that an implementation refuses would count as tried."""
    plan = network_plan("float32", depths=(0,))
    rows = plan.rows()
    assert coverage(plan, rows).tried == coverage(plan, rows).total
    assert coverage(plan, rows[:1]).tried == len(list(combinations(plan.factors, PAIRS)))


@pytest.mark.parametrize(
    ("tried", "words"),
    [
        ((1, 2), ("rows 9 and more", "kind b", "layer tanh")),
        ((1, 2, 9), ("rows 17", "kind b", "layer tanh")),
        ((1, 9), ("rows 2, 17", "kind b", "layer tanh")),
        ((2, 9, 17), ("rows 1", "kind b", "layer tanh")),
        ((2, 17), ("rows 1, 9", "kind b", "layer tanh")),
    ],
)
def test_levels_that_no_case_had_are_told(tried: tuple[int, ...], words: tuple[str, ...]) -> None:
    """Without it who refuses a long batch would not read that none was tried, or read it of one that was."""
    relu, tanh = Hidden(1), Hidden(1, "tanh")
    plan = Plan({"rows": (1, 2, 17, 9), "kind": ("a", "b"), "layer": (relu, tanh)}, build=lambda *given: None)
    rows = [{"rows": size, "kind": "a", "layer": relu} for size in tried]
    found = coverage(plan, rows)
    assert left_out([found]) == words
    assert str(found) == f"{2 * len(tried) + 1} of 20 pairs of levels"
    other = coverage(plan, [{"rows": size, "kind": "b", "layer": tanh} for size in (1, 2, 9, 17)], PAIRS)
    both = total([None, found, other])
    assert both is not None
    assert (left_out([None, found, other]), both.total, both.tried) == ((), 40, found.tried + 9)
    assert total([None]) is None


@pytest.mark.parametrize("counts", [(3, 1, 2), (2, 2, 2, 2), (3, 4, 1, 5, 2), (2,), (1, 1)])
@pytest.mark.parametrize("strength", [1, PAIRS, TRIPLES])
def test_a_covering_array_has_every_combination_and_simple_rows_first(counts: tuple[int, ...], strength: int) -> None:
    """Without it a fault that takes two factors would be found by luck, and be shown by a case that is not simple."""
    rows = covering_array(counts, strength)
    assert all(0 <= place < count for row in rows for place, count in zip(row, counts, strict=True))
    for chosen in combinations(range(len(counts)), min(strength, len(counts))):
        wanted = set(product(*(range(counts[place]) for place in chosen)))
        assert {tuple(row[place] for place in chosen) for row in rows} == wanted
    if sum(count > 1 for count in counts) > strength:
        assert list(map(sum, rows)) == sorted(map(sum, rows))
        assert len(rows) < np.prod(counts)


def test_the_array_of_every_plan_is_stored_as_it_is_made() -> None:
    """Without it a level more would cost time at each run, or a stored array leave pairs out. Where it fails after a
    plan was changed: ``python -m tests.house.covering``."""
    stored = read(FILE.read_text(encoding="utf-8"))
    assert set(stored) == set(planned())
    quickest = sorted(stored, key=sum)[:5]
    assert [stored[counts] for counts in quickest] == [smallest(counts) for counts in quickest]
    for counts, rows in stored.items():
        assert covering_array(counts, PAIRS) == rows
        for one, other in combinations(range(len(counts)), PAIRS):
            assert {(row[one], row[other]) for row in rows} == set(product(range(counts[one]), range(counts[other])))
    assert written(stored) == FILE.read_text(encoding="utf-8")


def test_levels_are_counted_by_name_and_others_by_number() -> None:
    """Without it a level without a name would be told as one that was tried."""
    plan = Plan({"size": (1, 2, 4), "layout": ((1, "sum"), (2, "mean"))}, lambda *given: given, {"size": (4,)})
    assert plan.levels() == {"size": (1, 2), "layout": ((1, "sum"), (2, "mean"))}
    assert plan.levels(TRIPLES) == plan.factors
    tried = plan.rows()[:1]
    found = coverage(plan, tried)
    assert found == Coverage(1, 4, PAIRS, (4,), (("size", 1, True), ("size", 2, False)))
    assert (str(found), left_out([found])) == ("1 of 4 pairs of levels", ("size 2",))
    assert str(coverage(plan, tried, TRIPLES)) == "0 of 0 triples of levels"
    assert str(coverage(plan, tried, 1)) == "2 of 4 levels"
    assert str(coverage(plan, ())) == "0 of 4 pairs of levels"
    of_output = Plan({"output": (Output("gaussian"), Output("laplace"))}, lambda *given: given)
    assert coverage(of_output, of_output.rows()[:1], 1).levels == (
        ("output", "gaussian", True),
        ("output", "laplace", False),
    )
    assert Plan({"size": (4, 33)}, lambda *given: given, {"size": (4, 33)}).levels() == {
        "size": (4, 33)
    }  # all are later
    assert plan.case(tried[0], "0")[0] is tried[0]
    draws = [plan.case(tried[0], seed)[1].integers(2**60) for seed in ("0", "0", "1")]
    assert draws[0] == draws[1] != draws[2]


def test_coverages_are_added_up_level_by_level() -> None:
    """Without it a level that one law tried would be told as left out, or sizes left to triples be lost."""
    one = Coverage(3, 5, TRIPLES, (33, 4), (("rows", 1, True), ("rows", 2, False), ("kind", "a", False)))
    other = Coverage(2, 2, TRIPLES, (129, 4), (("rows", 2, True), ("kind", "a", False)))
    assert total([one, None, other]) == Coverage(5, 7, TRIPLES, (4, 33, 129))
    assert left_out([one, None, other]) == ("kind a",)
    assert (total([]), left_out([])) == (None, ())


LEVELS = {
    "sizes": ((1, 2, 3), (1, 2, 3, 4, 5, 8, 9, 17)),
    "rows": ((1, 2, 3, 5), (1, 2, 3, 5, 8, 9, 17, 33)),
    "long_batches": ((1, 2, 7, 17), (1, 2, 7, 17, 65)),
    "steps": ((1, 2, 3), (1, 2, 3, 4, 8, 17, 33)),
    "gain": (0.5, 1.0),
    "negative": (0.2, 0.5),
}


@pytest.mark.parametrize("dtype", NAMES)
def test_levels_stay_small_where_digits_are_few(dtype: str) -> None:
    """Without it a size beside a tile would be tried nowhere, or no set decide anything in half precision."""
    few = dtype in ("float16", "bfloat16")
    for name, (in_few, in_many) in LEVELS.items():
        assert getattr(standard, name)(dtype) == (in_few if few else in_many), name
    assert standard.depths(dtype) == ((2,) if few else (2, 3, 4, 8))
    most = {"float16": 4, "bfloat16": 30, "float32": 30, "float64": 200}[dtype]
    assert standard.exponents(dtype) == (0, 1 - most, most)
