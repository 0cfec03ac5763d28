"""Covering arrays that are stored have few rows: an orthogonal array, completed and made smaller."""

from __future__ import annotations

import random
from itertools import combinations, product

import pytest

from ffn.cases.covering import PAIRS, Row, made
from tests.house.smaller_arrays import (
    FREE,
    ORDERS,
    completed,
    every_pair,
    orthogonal,
    pairs,
    shrunk,
    simplified,
    smaller,
)


@pytest.mark.parametrize("order", ORDERS)
def test_an_orthogonal_array_has_every_pair_once(order: int) -> None:
    """Without it the rows would begin with gaps, which take as many rows to fill as a greedy search does."""
    lines = list(orthogonal(order))
    assert len(lines) == order**2
    for one, other in combinations(range(order + 1), 2):
        assert len({(line[one], line[other]) for line in lines}) == order**2


@pytest.mark.parametrize("counts", [(3, 1, 3, 2, 3, 2), (4, 3, 3, 1, 3, 3, 2)])
def test_a_smaller_array_has_every_pair(counts: Row) -> None:
    """Without it rows would be saved where pairs are lost."""
    rows = smaller(counts, "a seed")
    assert {pair for row in rows for pair in pairs(row)} == every_pair(counts)
    assert len(rows) < len(made(counts, PAIRS))
    assert rows == smaller(counts, "a seed")


def test_what_is_left_open_is_simple_and_simple_rows_come_first() -> None:
    """Without it cases would be larger than the pairs ask for, and decide less."""
    counts = (3, 2, 2)
    rows = ((2, 1, 1), (1, 1, 0), (2, 0, 0), (0, 1, 0), (1, 0, 1), (0, 0, 1), (2, 1, 0))
    found = simplified(rows)
    assert {pair for row in found for pair in pairs(row)} == every_pair(counts)
    assert list(map(sum, found)) == sorted(map(sum, found))
    assert found[0] == (0, 0, 0)
    assert sum(map(sum, found)) < sum(map(sum, rows))
    assert sorted(simplified(tuple(product(range(2), repeat=2)))) == list(product(range(2), repeat=2))


def test_pairs_that_are_missing_are_added_and_rows_that_are_not_needed_go() -> None:
    """Without it a step alone could lose pairs that another one makes good by chance."""
    counts, drawn = (3, 2, 3, 2), random.Random("rows")
    full = completed([[0, 0, 0, 0]], counts, drawn)
    assert {pair for row in full for pair in pairs(row)} == every_pair(counts)
    fewer = shrunk([*full, *full], counts, drawn, passes=1)
    assert {pair for row in fewer for pair in pairs(row)} == every_pair(counts)
    assert len(fewer) <= len(full)
    assert not any(FREE in row for row in fewer)
