"""Which outputs an entry hangs on: of every operation all those that one of its operands hangs on."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from ffn.admissible.formula.enclosures.owners import MANY, NONE, Owners

LABELS = np.array([[0, 0, 1], [NONE, 2, 2]])


def owned(*labels: Any) -> Owners:
    return Owners.labelled(np.array(labels))


def test_an_entry_has_one_owner_none_or_many() -> None:
    """Without it outputs that meet on their way would share a pass, and each get the errors of both."""
    assert Owners.labelled(LABELS).owner().tolist() == LABELS.tolist()
    assert Owners.exactly(np.empty((2, 3))).owner().tolist() == [[NONE] * 3] * 2
    found = owned(0, 0, NONE, NONE).add(owned(0, 1, 1, NONE))
    assert found.owner().tolist() == [0, MANY, 1, NONE]


A, B = owned(0, 0, NONE, 2), owned(0, 1, 1, NONE)
PAIRS = {name: getattr(A, name) for name in ("add", "multiply", "divide", "maximum", "hull")}


@pytest.mark.parametrize("name", PAIRS)
def test_what_is_made_of_two_hangs_on_both(name: str) -> None:
    """Without it an error could be looked for in one of two outputs that it reaches."""
    assert PAIRS[name](B).owner().tolist() == [0, MANY, 1, 2]


FUNCTIONS = ("root", "reciprocal_root", "tanh", "erf", "sin", "cos", "atan", "exp", "exp2", "expm1", "log", "log2")


@pytest.mark.parametrize("name", [*FUNCTIONS, "log10", "log1p", "sinh", "cosh", "__neg__", "__abs__"])
def test_a_function_hangs_on_its_argument(name: str) -> None:
    """Without it a function could lose whose entry it is of."""
    assert getattr(A, name)().owner().tolist() == [0, 0, NONE, 2]


def test_sums_hang_on_all_their_terms() -> None:
    """Without it an error that reaches two outputs through a sum would be counted for one."""
    a = Owners.labelled(LABELS)
    assert a.sum((0,)).owner().tolist() == [0, MANY, MANY]
    assert a.sum((1,)).owner().tolist() == [MANY, 2]
    assert a.sum((0, 1)).owner() == MANY
    assert a.max(1).owner().tolist() == [MANY, 2]
    assert a.cumulative(1).owner().tolist() == [[0, 0, MANY], [NONE, 2, 2]]
    assert a.cumulative(0).owner().tolist() == [[0, 0, 1], [0, MANY, MANY]]
    assert Owners.labelled(LABELS[:, :0]).sum((1,)).owner().tolist() == [NONE, NONE]
    place = np.array([[1, 1, 3], [0, 0, 3]])
    assert a.gathered(place, 4).owner().tolist() == [2, 0, NONE, MANY]
    other = Owners.labelled(np.array([[NONE, 7], [NONE, 7], [NONE, NONE]]))
    assert a.matmul(other).owner().tolist() == [[MANY, MANY], [2, MANY]]
    assert Owners.labelled(LABELS[:, :2]).matmul(Owners.exactly(np.empty((2, 1)))).owner().tolist() == [[0], [2]]


def test_entries_that_are_moved_or_joined_keep_their_owners() -> None:
    """Without it a transposed array would be that of other outputs."""
    a = Owners.labelled(LABELS)
    assert a.formed(np.transpose).owner().tolist() == LABELS.T.tolist()
    assert a.shape == (2, 3)
    joined = Owners.joined(lambda *parts: np.concatenate(parts), [a, Owners.exactly(np.empty((1, 3)))])
    assert joined.owner().tolist() == [*LABELS.tolist(), [NONE] * 3]


def test_nothing_is_known_of_the_numbers() -> None:
    """Without it a branch would be taken that the numbers do not take."""
    a = Owners.labelled(LABELS)
    for found, expected in ((a.lower(), -np.inf), (a.upper(), np.inf), (a.magnitude(), np.inf), (a.radius(), np.inf)):
        assert found.shape == (2, 3)
        assert (found == expected).all()
