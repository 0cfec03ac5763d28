"""Orders of calls: each kind of thing that may be remembered has calls in which it would show."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from ffn import ActivationCase, Case, Hidden, Network, Output, Recurrent, reference
from ffn.cases.case import flat
from ffn.conformance.implementation.sequence import Arrays, Use
from ffn.conformance.implementation.subject import Subject
from ffn.conformance.law import Offered
from ffn.conformance.laws.state import orders
from ffn.conformance.laws.state.others import (
    different,
    spread,
    with_another,
)
from tests.conformance.laws.sequences import ALL, CASE, F32, case_of, changed_fields


def steps(uses: list[Use]) -> list[tuple[str, int]]:
    """Of each call what is asked for, and the number of its case in the order in which they first come."""
    numbers: dict[int, int] = {}
    return [(use.name, numbers.setdefault(id(use.case), len(numbers))) for use in uses]


def cases_in_order(uses: list[Use], names: int = 3) -> list[Case]:
    return [use.case for use in uses[::names]]


def test_an_order_goes_to_each_other_case_and_back() -> None:
    """Without it what is remembered of the first call would never be met again."""
    others = different(CASE, "x")
    uses = orders.there_and_back(CASE, others, ALL, Arrays.IN_PLACE)
    assert {use.arrays for use in uses} == {Arrays.IN_PLACE}
    assert [use.name for use in uses] == ["forward", "loss", "gradient"] * 9
    assert [number for _, number in steps(uses)[::3]] == [0, 1, 0, 2, 0, 3, 0, 4, 0]
    large = case_of(rows=300)  # of which two numbers in three thousand are too many
    assert len(cases_in_order(orders.there_and_back(large, different(large, "x"), ALL))) == 3


EXPECTED: dict[str, tuple[Callable[..., Any], set[str], set[Arrays]]] = {
    "parameters in place": (orders.parameters_in_place, {"parameters"}, {Arrays.IN_PLACE}),
    "batch in place": (orders.batch_in_place, {"x", "y"}, {Arrays.IN_PLACE}),
    "address used again": (orders.address_used_again, {"parameters", "x", "y"}, {Arrays.SAME_ADDRESS}),
    "other parameters": (orders.other_parameters, {"parameters"}, {Arrays.NEW}),
    "other targets": (orders.other_targets, {"y"}, {Arrays.NEW}),
    "biases alone": (orders.biases_alone, {"parameters"}, {Arrays.NEW, Arrays.IN_PLACE}),
}


@pytest.mark.parametrize("what", EXPECTED)
def test_each_order_changes_what_it_is_about(what: str) -> None:
    """Without it a law on parameters would be tried on other inputs."""
    order, fields, arrays = EXPECTED[what]
    uses = order(CASE, ALL)
    assert {use.arrays for use in uses} == arrays
    assert {name for use in uses if use.case is not CASE for name in changed_fields(CASE, use.case)} == fields
    assert uses[0].case is uses[-1].case is CASE
    assert [use.name for use in uses[:3]] == ["forward", "loss", "gradient"]
    per_field = {
        "parameters in place": 4,
        "batch in place": 8,
        "address used again": 6,
        "other parameters": 5,  # larger ones too
        "other targets": 5,
    }
    assert len(uses) == 3 * (2 * per_field[what] + 1) if what in per_field else len(uses) == 2 * 3 * 7


@pytest.mark.parametrize(
    ("order", "field"),
    [(orders.other_inputs, "x"), (orders.other_parameters, "parameters"), (orders.other_targets, "y")],
)
def test_larger_numbers_come_after_small_ones(order: Callable[..., Any], field: str) -> None:
    """Without it a scale or a table that is made for the first numbers would never be too small."""

    def largest(case: Case) -> float:
        return max(float(np.abs(array).max()) for array in flat(getattr(case, field)))

    sizes = [largest(use.case) for use in order(CASE, ALL) if len(use.case.x) == len(CASE.x)]
    assert sizes[0] == largest(CASE)
    assert max(sizes) == 4 * sizes[0]


def test_other_inputs_are_those_of_a_long_batch_too() -> None:
    """Without it a key made of the first numbers would be right."""
    uses = orders.other_inputs(CASE, ALL)
    long = [use.case for use in uses if len(use.case.x) == 27]
    assert len({id(case) for case in long}) == 2
    one, other = long[0], next(case for case in long if case is not long[0])
    assert (one.x != other.x).sum() == 1
    assert one.x.ravel()[-1] != other.x.ravel()[-1]
    assert other.x.dtype == F32


def test_rows_come_in_another_order_also_of_one_field_alone() -> None:
    """Without it a key made of a sum would be right."""
    uses = orders.rows_permuted(CASE, ALL)
    _, back, _, x_alone, _, y_alone, _ = cases_in_order(uses)
    assert (back.x == CASE.x[::-1]).all()
    assert (back.y == CASE.y[::-1]).all()
    assert (x_alone.x == CASE.x[::-1]).all()
    assert (x_alone.y == CASE.y).all()
    assert (y_alone.x == CASE.x).all()
    assert (y_alone.y == CASE.y[::-1]).all()


def test_batches_grow_and_shrink() -> None:
    """Without it stale rows of a buffer would be seen by nobody."""
    sizes = [len(case.x) for case in cases_in_order(orders.batches_of_other_sizes(CASE, ALL))]
    assert sizes == [9, 3, 9, 1, 9, 3, 1, 3, 9, 3, 1, 3]


def test_one_array_is_that_of_every_layer_and_then_of_one() -> None:
    """Without it a gradient that is keyed by its array would be right."""
    network = Network(2, 2, Output("gaussian"), (Hidden(2),) * 2)
    arrays = tuple((np.full((2, 2), k, F32), np.full(2, k, F32)) for k in (1, 2, 3))
    case = Case(network, arrays, np.ones((1, 2), F32), np.ones((1, 2), F32))
    uses = orders.one_array_for_two_layers(case, ALL)
    assert [use.shared for use in uses[::3]] == [True, False, True, False, True]
    tied, untied, again, own, last = cases_in_order(uses)
    assert tied is again is last
    assert own is case
    assert [float(W[0, 0]) for W, _ in tied.parameters] == [1, 1, 1]
    assert changed_fields(tied, untied) == {"parameters"}
    assert [use.name for use in uses[:3]] == ["forward", "loss", "gradient"]


def test_another_network_comes_between_where_it_is_taken() -> None:
    """Without it who supports one reduction would be asked for another."""
    uses = orders.another("activation", CASE, ALL)
    assert [number for _, number in steps(uses)[::3]] == [0, 1, 0, 2, 0, 3, 0]

    class Sums:
        name, dtypes = "sums", ("float32",)
        forward, loss, gradient = reference.forward, reference.loss, reference.gradient

        def supports(self, network: Any) -> bool:
            return bool(network.reduction == "mean")

    for method in ("forward", "loss", "gradient"):
        setattr(Sums, method, staticmethod(getattr(reference, method)))
    picky = Offered(("forward", "loss", "gradient"), Subject(Sums()))
    assert orders.another("reduction", CASE, picky) == []
    assert orders.another("decay", CASE, picky)
    only = orders.there_and_back(CASE, with_another("reduction", CASE), picky)
    assert {id(use.case) for use in only} == {id(CASE)}


def test_answers_are_kept_written_and_repeated() -> None:
    """Without it a buffer that is handed out would be overwritten by nobody."""
    kept = orders.answers_kept(CASE, ALL)
    assert [use.name for use in kept] == [name for name in ALL.names for _ in range(20)]
    assert {use.arrays for use in kept} == {Arrays.IN_PLACE}
    assert [number for _, number in steps(kept)[:4]] == [0, 1, 2, 0]
    assert [changed_fields(CASE, use.case) for use in kept[:3]] == [set(), {"x"}, {"parameters"}]
    written = orders.answers_written(CASE, ALL)
    assert all(use.written for use in written)
    assert [number for _, number in steps(written)[::3]] == [0, 1, 0, 0]
    assert [use.name for use in orders.repeated(CASE, ALL)] == [name for name in ALL.names for _ in range(20)]
    assert len(orders.repeated(CASE, replace(ALL, thorough=True))) == 900
    assert {id(use.case) for use in orders.repeated(CASE, ALL)} == {id(CASE)}


def test_a_gradient_comes_first_of_all_and_after_each_other_forward() -> None:
    """Without it a gradient that needs what went forward before would be right."""
    restarts: list[int] = []
    subject = Subject(reference)
    subject.restart = lambda: bool(restarts.append(1)) or True  # type: ignore[method-assign]
    alone = orders.gradient_alone(CASE, Offered(("gradient",), subject))
    assert [number for _, number in steps(alone)] == [0, 1, 0]
    assert {use.name for use in alone} == {"gradient"}
    assert restarts == [1]
    uses = orders.gradient_after_another_forward(CASE, Offered(("gradient",), subject))
    assert [name for name, _ in steps(uses)[:6]] == ["gradient", "forward", "gradient", "gradient", "loss", "gradient"]
    assert len(uses) == 3 * 2 * 3
    between = [use.case for use in uses[1::3]]
    assert [changed_fields(CASE, case) if len(case.x) == 3 else len(case.x) for case in between[::2]] == [
        {"x"},
        {"parameters"},
        1,
    ]
    assert all(use.case is CASE for use in uses if use.name == "gradient")
    one = orders.gradient_after_another_forward(case_of(rows=1), Offered(("gradient",), subject))
    assert {len(use.case.x) for use in one} == {1}


def test_threads_take_turns_or_call_at_once_where_that_is_promised() -> None:
    """Without it what is kept for each thread would be met by one."""
    uses = orders.from_two_threads(CASE, ALL)
    assert [use.thread for use in uses[:12]] == [0] * 3 + [1] * 3 + [2] * 3 + [0] * 3
    assert len(uses) == 3 * 17
    at_once = orders.from_threads_at_once(CASE, ALL)
    assert bool(at_once) == ALL.subject.concurrent
    subject = Subject(reference)
    subject.concurrent = True
    at_once = orders.from_threads_at_once(CASE, Offered(ALL.names, subject))
    assert all(use.at_once for use in at_once)
    assert [changed_fields(CASE, use.case) for use in at_once[:3]] == [set(), {"x"}, {"parameters"}]
    assert [use.name for use in at_once] == [name for name in ALL.names for _ in range(3)]
    subject.concurrent = False
    assert orders.from_threads_at_once(CASE, Offered(ALL.names, subject)) == []


def test_an_order_that_is_drawn_has_calls_of_every_kind_and_is_the_same_each_time() -> None:
    """Without it a failure could not be repeated."""
    uses, again = orders.in_any_order(CASE, ALL), orders.in_any_order(CASE, ALL)
    assert len(uses) == 36
    assert [(use.name, use.arrays, use.case.network) for use in uses] == [
        (use.name, use.arrays, use.case.network) for use in again
    ]
    assert {use.name for use in uses} == set(ALL.names)
    assert {use.arrays for use in uses} == set(Arrays)
    assert len({len(use.case.x) for use in uses}) > 1
    assert len({use.case.network for use in uses}) > 1
    assert len({id(use.case) for use in uses}) > 3
    assert any(use.case is CASE for use in uses)
    other = orders.in_any_order(different(CASE, "x")[0], ALL)
    assert [(use.name, use.arrays) for use in other] != [(use.name, use.arrays) for use in uses]


def test_parts_and_elements_have_orders_of_their_own() -> None:
    """Without it masks, first states or pre-activations that are remembered would be seen by nobody."""
    masked = replace(CASE, masks=(np.array([[1, 0], [1, 1], [0, 0]], F32), np.ones((3, 3), F32)))
    uses = orders.masks(masked, ALL)
    assert any(use.case.masks is None for use in uses)
    assert {use.arrays for use in uses} == {Arrays.NEW, Arrays.IN_PLACE}
    others = len(different(masked, "masks"))
    assert len(uses) == 3 * (2 * (others + 1) + 1 + 2 * others + 1)
    layer = Recurrent(1, Hidden(2, "tanh"), 1, Output("gaussian"))
    arrays = tuple(tuple(np.full(shape, 0.5, F32) for shape in each) for each in layer.shapes)
    cell = spread(Case(layer, arrays, np.ones((2, 3, 1), F32), np.ones((2, 1), F32), h0=np.ones((2, 2), F32)))
    of_cell = orders.sequences_and_states(cell, ALL)
    assert {name for use in of_cell if use.case.x.shape == cell.x.shape for name in changed_fields(cell, use.case)} == {
        "x",
        "h0",
        "parameters",
    }
    assert {use.case.x.shape[1] for use in of_cell} == {3, 1}
    assert of_cell[-1].case is cell
    assert len(of_cell) == 3 * (2 * (2 + 2 + 2 + 1 + 1) + 1 + 2 + 1)
    assert any(not use.case.h0.any() for use in of_cell)  # a state that a program may take for none
    one_step = cell.taken({"step": np.arange(1)})
    others = 2 + sum(len(different(one_step, name)[:2]) for name in ("x", "h0", "parameters"))
    assert len(orders.sequences_and_states(one_step, ALL)) == 3 * (2 * others + 1 + 1)  # none is shorter
    z = spread(ActivationCase("tanh", np.ones(4, F32)))
    elements = orders.elements(z, Offered(("activation", "slope"), Subject(reference)))
    assert {use.arrays for use in elements} == {Arrays.IN_PLACE, Arrays.SAME_ADDRESS, Arrays.NEW}
    assert {use.case.activation for use in elements} == {"tanh", "relu", "sigmoid"}
    assert {len(use.case.z) for use in elements} == {4, 2}
    seen = {use.case.z.tobytes() for use in elements}
    assert {z.z.tobytes(), z.z[::-1].tobytes(), (0.5 - z.z / 2).astype(F32).tobytes(), (z.z * 4).tobytes()} <= seen
    assert len(elements) == 3 * 2 * 13


def test_who_computes_two_activations_alone_is_asked_for_the_other_one_in_between() -> None:
    """Without it what is remembered of one of them would never be met by the other."""

    class Few:
        name, dtypes = "few", ("float32",)
        activation = staticmethod(reference.activation)

        def supports_activation(self, name: str) -> bool:
            return name in ("relu", "absolute")

    z = spread(ActivationCase("relu", np.ones(4, F32)))
    uses = orders.elements(z, Offered(("activation",), Subject(Few())))
    assert {use.case.activation for use in uses} == {"relu", "absolute"}
