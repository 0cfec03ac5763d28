"""The strategies generate what one random sample lacks, and shrink to small integers.

``find`` searches for a case with the property and shrinks it: what is asserted of the result holds of the simplest one.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import Phase, find, settings

from ffn import reference
from ffn.cases.case import Case
from ffn.cases.networks import networks
from ffn.cases.strategies import cases, confident_cases, kinked_network_cases, maxout_cases, special_values
from ffn.network.activations import ELEMENTWISE, activation_named
from ffn.network.forward import trace
from ffn.numbers.floating import floating
from ffn.numbers.precision import NAMES, precision

SHRUNK = settings(max_examples=1000, derandomize=True, database=None, deadline=None)
FOUND = settings(SHRUNK, phases=[Phase.generate])


def pre_activations(case: Case) -> np.ndarray:
    """z of the first layer."""
    return trace(floating("float64"), case.network, case.parameters, case.x)[0].z


LACKING: dict[str, Callable[[Case], bool]] = {
    "a row of zeros": lambda case: not case.x[0].any() and bool(case.x.any()),
    "repeated rows": lambda case: len(case.x) > 1 and bool(case.x.any()) and bool((case.x[0] == case.x[1]).all()),
    "a batch of one": lambda case: len(case.x) == 1 and bool(case.x.any()),
    "a saturated unit": lambda case: bool((np.abs(pre_activations(case)) > 25).any()),
    "a dead unit": lambda case: bool((pre_activations(case) < -10).all(axis=0).any()),
    "a pre-activation on the kink": lambda case: bool((pre_activations(case) == 0).any() and case.x.any()),
    "weights with a full significand": lambda case: bool((case.parameters[0][0] * 2**20 % 1).any()),
    "equal units": lambda case: (
        len(case.parameters[0][1]) > 1 and bool(np.ptp(case.parameters[0][0], axis=1).max() == 0)
    ),
    "no hidden layer": lambda case: not case.network.hidden and bool(case.x.any()),
    "two hidden layers": lambda case: len(case.network.hidden) == 2,
}


@pytest.mark.parametrize("property_name", LACKING)
def test_what_one_sample_lacks_is_generated(property_name: str) -> None:
    """Without it a law could hold because its hard cases never came."""
    find(cases("float64", networks(("relu", "sigmoid"))), LACKING[property_name], settings=FOUND)


def test_a_failing_case_shrinks_to_small_integers() -> None:
    """Without it a counterexample would be read by nobody."""
    case = find(cases("float64", networks()), lambda case: bool(np.abs(case.x).max() > 2), settings=SHRUNK)
    assert (case.network.hidden, case.x.shape) == ((), (1, 1))
    assert abs(case.x[0, 0]) == 3
    assert all((array == np.round(array)).all() for layer in case.parameters for array in layer)


def test_batches_grow_beyond_any_tile() -> None:
    """Without it a kernel that drops the rows after its last whole tile would pass."""
    from hypothesis import strategies as st

    case = find(cases("float32", networks(), st.just(129)), lambda case: True, settings=FOUND)
    assert case.x.shape[0] == len(case.y) == 129
    assert len(np.unique(case.x)) > 64


@pytest.mark.parametrize("dtype", NAMES)
@pytest.mark.parametrize("name", ELEMENTWISE)
def test_special_values_hold_the_kinks_and_the_ends_of_the_range(name: str, dtype: str) -> None:
    """Without it ±0, a subnormal, a kink or the largest number would be left to chance."""
    values = special_values(name, dtype).astype(np.float64)
    largest, smallest = precision(dtype).largest, 2 * precision(dtype, "kept").underflow
    wanted = [largest, -largest, smallest, -smallest, *(float(kink.at) for kink in activation_named(name).kinks)]
    assert set(wanted) <= set(values)
    assert {np.signbit(zero) for zero in values[values == 0]} == {True, False}


def test_confident_labels_are_on_the_side_asked_for() -> None:
    """Without it confident wrong predictions would be tried on right ones."""
    for right in (True, False):
        case = find(confident_cases("float64", right), lambda case: case.network.units > 1, settings=FOUND)
        z = reference.forward(case.network, case.parameters, case.x)
        assert (z.argmax(axis=1) == case.y).all() == right


def test_kinks_and_ties_are_hit_exactly() -> None:
    """Without it the subdifferential would never be entered: a random pre-activation is almost surely off the kink."""
    case = find(kinked_network_cases("float32", ("relu",)), lambda case: True, settings=FOUND)
    assert (pre_activations(case)[0] == 0).all()
    find(maxout_cases("float32", True), has_tied_winners, settings=FOUND)


def has_tied_winners(case: Case) -> bool:
    z = pre_activations(case)
    return bool(case.x.any() and ((z == z.max(axis=2, keepdims=True)).sum(axis=2) > 1).any())
