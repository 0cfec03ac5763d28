"""A case that fails is made smaller, as long as it fails in the same way."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from ffn import ActivationCase, Case, Network, Output
from ffn.conformance.running import simplify
from ffn.conformance.running.simplify import candidates, simplified
from ffn.conformance.verdict import Judgement, Verdict
from tests.conformance.verdicts.stubs import HOLDS, WRONG, network_case, z


def smallest(case: Any, wrong: Any, **own: Any) -> Any:
    def trial(case: Any, model: Any = None) -> Judgement:
        return WRONG if wrong(case) else HOLDS

    return simplified(trial, case, WRONG, **own)[0]


def test_a_case_is_cut_down_along_every_axis() -> None:
    """Without it a reader would look for a fault among numbers that have nothing to do with it."""
    found = smallest(network_case(), lambda case: True)
    assert (found.network.inputs, found.network.units, len(found.x)) == (1, 1, 1)
    assert (found.network.hidden[0].units, found.network.hidden[0].pieces) == (1, 1)
    assert all(not array.any() for layer in found.parameters for array in layer)
    assert not found.x.any()
    assert found.y.tolist() == [[1]]  # targets stay


@pytest.mark.parametrize(
    ("what", "wrong", "lengths"),
    [
        ("rows", lambda case: len(case.x) >= 3, {"row": 3}),
        ("inputs", lambda case: case.network.inputs >= 2, {"input": 2}),
        ("units", lambda case: case.network.units >= 2, {"column": 2, "target": 2}),
        ("hidden units", lambda case: case.network.hidden[0].units >= 3, {"unit 1": 3}),
        ("pieces", lambda case: case.network.hidden[0].pieces >= 2, {"piece 1": 2}),
        ("a square", lambda case: case.network.inputs == case.network.hidden[0].pieces, {"input": 1, "piece 1": 1}),
    ],
)
def test_what_the_failure_needs_stays(what: str, wrong: Any, lengths: dict[str, int]) -> None:
    """Without it the failure would be lost on the way, and the large case be shown."""
    found = smallest(network_case(), wrong)
    assert wrong(found)
    every = {"row": 1, "input": 1, "unit 1": 1, "piece 1": 1, "column": 1, "target": 1}
    assert found.lengths() == every | lengths


def test_components_and_targets_go_with_all_their_columns() -> None:
    """Without it a mixture that fails would be shown with all of its components, or with none of one target."""
    network = Network(1, 2 * 9, Output("mixture", 3), ())
    arrays = tuple((np.ones(w), np.ones(b)) for w, b in network.shapes)
    case = Case(network, arrays, np.ones((1, 1)), np.ones((1, 2)))
    found = smallest(case, lambda case: True)
    assert (found.network.output.components, found.network.units, found.y.shape) == (1, 3, (1, 1))
    columns = case.changed(parameters=((np.ones((1, 18)), np.arange(18.0)),))
    kept = smallest(columns, lambda case: {1, 7, 13} <= set(case.parameters[0][1]))  # the second of the first target's
    assert (kept.network.output.components, kept.network.units, kept.y.shape) == (1, 3, (1, 1))


def test_two_axes_of_one_length_are_cut_down_together() -> None:
    """Without it a fault of square layers would be shown on the first that was found."""
    square = network_case().taken({"input": np.arange(2)})
    found = smallest(square, lambda case: case.network.inputs == case.network.units)
    assert found.lengths() == {"row": 1, "input": 1, "unit 1": 1, "piece 1": 1, "column": 1, "target": 1}


def test_numbers_become_0_one_or_whole() -> None:
    """Without it a reader would compute with seven digits."""
    assert smallest(z(0.25), lambda case: 0 < case.z[0] < 1).z.tolist() == [0.25]
    assert smallest(z(0.25), lambda case: case.z[0] > 0).z.tolist() == [1]  # whole before small
    assert smallest(z(2.5), lambda case: case.z[0] > 0).z.tolist() == [1]
    assert smallest(z(-2.5), lambda case: case.z[0] < 0).z.tolist() == [-1]
    assert smallest(z(-2.5), lambda case: case.z[0] < -1).z.tolist() == [-2]
    assert smallest(z(2.0), lambda case: case.z[0] > 1).z.tolist() == [2]
    many = z(*range(1, 13))
    assert smallest(many, lambda case: len(case.z) == 12 and case.z[7] > 0).z.tolist() == [0] * 7 + [1] + [0] * 4
    assert len(smallest(many, lambda case: 8 in case.z).z) == 1


def test_of_many_numbers_one_half_is_tried_and_then_the_other() -> None:
    """Without it a weight of a large layer would be found by trying every other one first."""
    first, second = (array.astype(bool) for array in list(simplify._simpler_arrays(np.arange(1.0, 14)))[:2])
    assert (first ^ second).all()
    assert abs(int(first.sum()) - int(second.sum())) == 1


def test_what_was_dropped_is_kept_again_where_it_does_not_matter() -> None:
    """Without it masks that have nothing to do with it would be shown."""
    case = network_case(masks=True)
    found = smallest(case, lambda case: len(case.x) == 4 and case.network.inputs == 3)
    assert all(mask.all() for mask in found.masks)
    both = case.mapped(np.zeros_like, "masks")
    assert all(mask.all() for mask in smallest(both, lambda case: len(case.x) == 4 and len(case.masks) == 2).masks)
    assert {len(simpler.masks) for simpler in candidates(both)} == {2}  # type: ignore[union-attr, arg-type]
    found = smallest(case, lambda case: case.masks[0][0, 0] == 0)
    assert [mask.tolist() for mask in found.masks] == [[[0]], [[1]]]


def test_steps_are_limited_and_another_verdict_is_no_progress() -> None:
    """Without it a large network would be cut down for minutes, or another failure be shown."""
    calls: list[Any] = []

    def trial(case: Any, model: Any = None) -> Judgement:
        calls.append(case)
        return replace(WRONG, verdict=Verdict.ERROR)

    case = network_case()
    assert simplified(trial, case, WRONG, 7) == (case, WRONG)
    assert len(calls) == 7
    assert simplified(trial, case, WRONG, 0) == (case, WRONG)
    found, judgement = simplified(lambda case, model=None: replace(WRONG, message="smaller"), case, WRONG, 1)
    assert judgement.message == "smaller"
    assert len(found.x) < len(case.x)
    first = next(iter(candidates(case)))
    assert len(first.x) == 2  # the greatest simplification first
    calls.clear()
    large = network_case(rows=300)
    simplify_ = simplified(lambda case, model=None: calls.append(case.work) or HOLDS, large, WRONG)  # type: ignore[func-returns-value]
    assert simplify_[0] is large
    assert sum(calls[:-1]) <= simplify.MOST_WORK


@pytest.mark.parametrize(("name", "length", "kept"), [("input", 8, [7] * 8), ("input", 9, [5, 5]), ("row", 2, [1] * 4)])
def test_a_long_axis_is_halved_and_a_short_one_loses_single_places(name: str, length: int, kept: list[int]) -> None:
    """Without it a wide layer would be cut down one unit at a time, for minutes."""
    assert [len(places[name]) for places in simplify._shorter(name, length)] == kept


def test_an_exact_case_keeps_its_residuals() -> None:
    """Without it a smaller case would have residuals everywhere, and its gradient round."""
    case = network_case(np.float64)
    from ffn import reference

    z_ = reference.forward(*case.arguments("forward"))
    few = case.changed(y=z_ - np.eye(4, 2))

    def trial(case: Any, model: Any = None) -> Judgement:
        residuals = reference.forward(*case.arguments("forward")) - case.y
        return replace(WRONG, exact=True) if set(np.unique(residuals)) <= {0.0, 1.0} else HOLDS

    found, _ = simplified(trial, few, replace(WRONG, exact=True))
    assert len(found.x) == 1
    assert trial(found).fails
    plain = ActivationCase("tanh", np.ones(3))
    assert simplified(trial, plain, replace(WRONG, exact=True))[0] is plain
