"""What is printed of a failure: it is small, runs as it stands, fails again, and is written in hexadecimal."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from typing import Any

import numpy as np

from ffn.cases.case import Case
from ffn.cases.networks import learned_variance_networks
from ffn.conformance.implementation.subject import Subject
from ffn.conformance.laws import ALL
from ffn.conformance.report.run import Run
from ffn.conformance.report.shown import failure
from ffn.conformance.report.written import Writer
from ffn.conformance.running.runner import run_law
from ffn.conformance.running.simplify import candidates
from tests.conformance.implementations.bugs import PLANTED

LAWS = {law.name: law for law in ALL}


def shrunk(law: str, bug: str) -> Any:
    """What the law's first failure shrinks to: pasted as printed it fails again, and the JSON holds its floats."""
    planted = next(planted for planted in PLANTED[law] if planted.name == bug)
    subject = Subject(planted.fresh())
    report = run_law(LAWS[law], planted.dtype, subject)
    case = report.counterexample
    names: dict[str, Any] = {}
    exec(case.to_python(), names)
    pasted = replace(case, **{field.name: names.get(field.name) for field in fields(case)})
    assert pasted.to_json() == case.to_json()
    assert LAWS[law](pasted, subject).verdict is report.verdict
    (entry,) = json.loads(Writer(Run("bug", 0, reports=[report])).text())["laws"]
    hexadecimal = np.ravel(entry["counterexample"]["x"]["hex"])
    assert [float.fromhex(value) for value in hexadecimal] == case.x.ravel().tolist()
    assert str(report.verdict) in failure(report).plain
    return case


def numbers(case: Case) -> set[float]:
    arrays = (case.x, case.y, *(array for layer in case.parameters for array in layer))
    return {float(value) for array in arrays for value in array.ravel()}


def test_missing_mask_shrinks_to_one_dead_unit() -> None:
    """Without it the smallest example could hide the dead relu among other units."""
    case = shrunk("gradient/relu", "no relu mask")
    assert case.network.shapes == (((1, 1), (1,)), ((1, 1), (1,)))
    assert len(case.x) == 1
    assert numbers(case) <= {-1, 0, 1}


def test_transposed_weights_shrink_to_a_square() -> None:
    """Without it nobody would see that W and its transpose must differ: 2 × 2, with one weight off the diagonal."""
    case = shrunk("gradient/identity", "W not transposed, which shows where it is square")
    W = case.parameters[-1][0]
    assert W.shape == (2, 2)
    assert np.count_nonzero(W) == np.count_nonzero(W != W.T) - 1 == 1


def test_mean_of_bias_gradient_shrinks_to_two_rows() -> None:
    """Without it the example would not tell a mean from a sum: one row has both alike."""
    case = shrunk("network/gradient", "bias gradient is the mean")
    assert case.network.shapes == (((1, 1), (1,)),)
    assert len(case.x) == 2


def test_short_tile_shrinks_to_the_first_row_beyond_it() -> None:
    """Without it the example would not show where the tile ends."""
    case = shrunk("batch/beyond a tile", "rows beyond 64 left at 0")
    assert case.network.shapes == (((1, 1), (1,)),)
    assert len(case.x) == 65


def test_forgotten_half_shrinks_to_zeros_and_one() -> None:
    """Without it a factor would have to be read off numbers that nobody checks in the head."""
    case = shrunk("output/gaussian/gradient", "factor 2 of a square without the half")
    assert case.network.shapes == (((1, 1), (1,)),)
    assert numbers(case) == {0, 1}


# of the parts that are offered by name


def test_an_input_never_dropped_shrinks_to_one_input_and_its_mask() -> None:
    """Without it masks would be cut down without the units that they belong to."""
    case: Case = shrunk("dropout/output", "inputs never dropped")
    assert {W for W, _ in case.network.shapes} == {(1, 1)}
    assert [mask.tolist() for mask in case.masks] == [[[0]], *[[[1]]] * len(case.network.hidden)]


def test_a_truncated_gradient_shrinks_to_two_steps() -> None:
    """Without it the step where the gradient stops would have to be searched for."""
    case: Case = shrunk("recurrent/gradient", "truncated after one step")
    assert case.x.shape == (1, 2, 1)


def test_recurrent_weights_not_transposed_shrink_to_a_square() -> None:
    """Without it nobody would see that U and its transpose must differ."""
    case: Case = shrunk("recurrent/gradient", "U not transposed, which is square")
    U = case.parameters[0][1]
    assert U.shape == (2, 2)
    assert (U != U.T).any()


def test_a_wrong_mixture_shrinks_to_one_target_of_two_components() -> None:
    """Without it units would be taken away that no longer make whole targets."""
    case: Case = shrunk("output/mixture/gradient", "responsibilities replaced by the weights")
    assert (case.network.units, case.network.output.components, len(case.x)) == (6, 2, 1)


def test_whole_targets_and_components_are_taken_away() -> None:
    """Without it the means of one target would be read as the logits of another."""
    from hypothesis import find, settings

    network = find(
        learned_variance_networks("mixture"),
        lambda network: network.targets == 2 and network.output.components == 3,
        settings=settings(database=None, derandomize=True),
    )
    W = np.arange(18.0)[None, :]  # logits 0–5, means 6–11, log-variances 12–17, three of the first target, then three
    case = Case(replace(network, inputs=1), ((W, W[0]),), np.ones((1, 1)), np.array([[7.0, 8.0]]))
    smaller = [c for c in candidates(case) if c.network.units < 18]
    assert [c.parameters[0][1].tolist() for c in smaller[:3]] == [
        [3, 4, 5, 9, 10, 11, 15, 16, 17],
        [0, 1, 2, 6, 7, 8, 12, 13, 14],
        [1, 2, 4, 5, 7, 8, 10, 11, 13, 14, 16, 17],
    ]
    assert [c.y.tolist() for c in smaller[:2]] == [[[8.0]], [[7.0]]]
