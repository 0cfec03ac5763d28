"""The answers to changed cases: rows split and permuted, symmetries, second calls, masks of ones, tied pieces."""

from __future__ import annotations

from typing import Any

import numpy as np

from ffn import Case, Hidden, Network, Output, reference
from ffn.conformance.implementation.subject import Subject
from ffn.conformance.law import Offered
from ffn.conformance.laws import batch, purity, symmetry
from ffn.conformance.laws.parts import kept_units_change_nothing
from ffn.conformance.laws.subgradients import pieces_share_one_cotangent
from ffn.conformance.verdict import Judgement, Verdict
from tests.conformance.laws.answers import F32, MODEL, Answers, network_case, offered


def test_parts_of_a_batch_add_up() -> None:
    """Without it a batch of an odd number of rows would lose one."""
    for rows in (1, 2, 3, 5):
        case = network_case(rows, reduction="sum")
        assert batch.whole_is_the_sum_of_its_parts(case, offered("gradient"), MODEL).verdict is Verdict.HOLDS
    sizes: list[int] = []

    def counts(right: Any, network: Any, parameters: Any, x: Any, y: Any) -> Any:
        sizes.append(len(x))
        return right

    batch.whole_is_the_sum_of_its_parts(network_case(5, reduction="sum"), offered("gradient", gradient=counts), MODEL)
    assert sizes == [2, 3]
    twice = offered("gradient", gradient=lambda right, *_: tuple((2 * dW, 2 * db) for dW, db in right))
    assert batch.whole_is_the_sum_of_its_parts(network_case(4, reduction="sum"), twice, MODEL).verdict is Verdict.WRONG


def test_rows_are_repeated_and_permuted() -> None:
    """Without it equal rows could be counted once, or an output be that of another row."""
    case, seen = network_case(), []

    def watches(right: Any, network: Any, parameters: Any, x: Any, *rest: Any) -> Any:
        seen.append(x.copy())
        return right

    assert batch.repeated_row_counts_each_time(case, offered("loss", loss=watches), MODEL).verdict is Verdict.HOLDS
    assert (seen.pop() == np.repeat(case.x, 3, axis=0)).all()
    assert batch.rows_in_any_order(case, offered("forward", forward=watches), MODEL).verdict is Verdict.HOLDS
    assert (seen.pop() == case.x[::-1]).all()
    fixed = offered("forward", forward=lambda right, n, p, x: reference.forward(n, p, case.x))
    assert batch.rows_in_any_order(case, fixed, MODEL).verdict is Verdict.WRONG


def test_symmetries_are_those_of_the_network() -> None:
    """Without it what is held against the case would be an answer to another one."""
    case = network_case()
    seen: list[Any] = []

    def watches(right: Any, network: Any, parameters: Any, *rest: Any) -> Any:
        seen.append(parameters)
        return right

    names = ("forward", "gradient")
    both = offered(*names, forward=watches, gradient=watches)
    assert symmetry.hidden_units_in_any_order(case, both, MODEL).verdict is Verdict.HOLDS
    (W, b), (V, c) = case.parameters
    assert np.array_equal(seen[0][0][0], W[:, ::-1])
    assert np.array_equal(seen[0][1][0], V[::-1])
    seen.clear()
    assert symmetry.relu_may_be_rescaled(case, both, MODEL).verdict is Verdict.HOLDS
    assert np.array_equal(seen[0][0][0], 4 * W)
    assert np.array_equal(seen[0][0][1], 4 * b)
    assert np.array_equal(seen[0][1][0], V / 4)
    assert np.array_equal(seen[0][1][1], c)
    deep = network_case(depth=2)
    assert symmetry.relu_may_be_rescaled(deep, offered(*names), MODEL).verdict is Verdict.HOLDS
    classes = network_case(output="categorical")
    moved = classes.changed(parameters=(classes.parameters[0], (classes.parameters[1][0], np.array([128, 129], F32))))
    seen.clear()
    assert symmetry.softmax_may_be_shifted(moved, offered("loss", loss=watches), MODEL).verdict is Verdict.HOLDS
    assert [given[1][1].tolist() for given in seen] == [[128, 129], [0, 1]]
    inexact = classes.changed(
        parameters=(classes.parameters[0], (classes.parameters[1][0], np.array([128, 1e-7], F32)))
    )
    assert symmetry.softmax_may_be_shifted(inexact, offered("loss"), MODEL) == Judgement(Verdict.NOT_OFFERED)


def test_a_second_call_is_held_against_the_first_bit_by_bit_on_many_rows_too() -> None:
    """Without it a sum in a changing order would be seen on small cases alone, where it does not show."""
    case, rows = network_case(), []

    def watches(right: Any, network: Any, parameters: Any, x: Any) -> Any:
        rows.append((len(x), network.hidden[0].activation))
        return right

    assert purity.second_call_is_the_same(case, offered("forward", forward=watches), MODEL).verdict is Verdict.HOLDS
    assert rows[:4] == [(3, "relu"), (3, "relu"), (257, "relu"), (257, "relu")]
    assert {name for _, name in rows[2:]} >= {"tanh", "softplus", "sigmoid"}
    calls: list[int] = []

    def drifts(right: Any, network: Any, parameters: Any, x: Any) -> Any:
        calls.append(len(x))
        return np.nextafter(right, F32(9)) if len(x) == 257 and len(calls) % 2 == 0 else right

    found = purity.second_call_is_the_same(case, offered("forward", forward=drifts), MODEL)
    assert found.message == "forward: a second call on the same inputs differs: output"
    long = purity._long(case)
    assert (len(long.x), long.x.dtype) == (257, F32)
    assert len(np.unique(long.x)) > 250
    changing = Answers()
    changing.reproducible = False  # type: ignore[attr-defined]
    assert (
        purity.second_call_is_the_same(case, Offered(("forward",), Subject(changing)), MODEL).verdict
        is Verdict.NOT_OFFERED
    )
    zeros = np.zeros(2, F32)
    assert purity.same_bits(zeros, zeros.copy())
    assert not any(purity.same_bits(zeros, other) for other in (-zeros, zeros.astype(np.float64), zeros[:1]))


def test_with_masks_the_answers_of_a_law_on_masks_of_ones_are_those_without_any() -> None:
    """Without it a dropout that drops what it is to keep would be held against itself."""
    case = network_case()
    offers = Offered(("forward",), Subject(reference))
    for mask, verdict in ((np.ones, Verdict.HOLDS), (np.zeros, Verdict.WRONG)):
        masked = case.changed(masks=(mask((3, 2), F32), mask((3, 3), F32)))
        assert kept_units_change_nothing(masked, offers, MODEL).verdict is verdict


def test_pieces_that_share_too_little_are_told_as_their_sum() -> None:
    """Without it two tied pieces with a quarter of the cotangent each would hold: each slope lies between 0 and 1."""
    network = Network(1, 1, Output("gaussian"), (Hidden(1, "maxout", pieces=2),), "sum")
    one = np.ones((1, 1), F32)
    tied = Case(network, ((np.ones((1, 1, 2), F32), np.zeros((1, 2), F32)), (one, 0 * one[0])), one, 3 * one)

    def share(of_each: float) -> Judgement:
        def gradient(right: Any, *_: Any) -> Any:
            _, last = right
            each = np.full((1, 1, 2), -2 * of_each, F32)
            return (each, each[0]), last

        return pieces_share_one_cotangent(tied, offered("gradient", gradient=gradient), MODEL)

    assert share(0.5).verdict is Verdict.HOLDS
    assert share(0.25).message.startswith("summed over the pieces, layer 0, W[0, 0]: computed -1")
    assert share(2.0).message.startswith("layer 0, W[0, 0, 0]: computed -4")


def test_answers_that_overflowed_are_added_up_without_a_word() -> None:
    """Without it NumPy's warnings would stand between the lines of a report."""
    for parts, total in (((np.inf, -np.inf), np.nan), ((1e308, 1e308), np.inf), ((1.0, 2.0), 3.0)):
        assert np.array_equal(batch._added(tuple(map(np.array, parts))), total, equal_nan=True)
