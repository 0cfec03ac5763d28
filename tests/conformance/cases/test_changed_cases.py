"""Cases that are changed in one thing: shifted logits, smaller variances, dropout, a number scaled or cast."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from ffn import ActivationCase, Case, Network, Output
from ffn.cases import strategies
from ffn.cases.networks import NothingSupported, Supported
from ffn.conformance.implementation.subject import Subject
from ffn.conformance.laws import ALL
from ffn.conformance.running.runner import run_law
from ffn.conformance.verdict import Verdict
from ffn.numbers.precision import NAMES, dtype_of, precision
from tests.conformance.cases.drawn import any_of, many_of
from tests.conformance.implementations.textbook import Textbook, textbook

LAWS = {law.name: law for law in ALL}


def case_of(output: Output, units: int, dtype: str = "float32") -> Case:
    network = Network(2, units, output)
    W, b = np.full((2, units), 8.0, dtype), np.full(units, -8.0, dtype)
    y: Any = np.zeros(3, int) if output.name == "categorical" else np.ones((3, network.targets), dtype)
    return Case(network, ((W, b),), np.ones((3, 2), dtype), y)


@pytest.mark.parametrize(("dtype", "shift"), [("float16", 16), ("float32", 128), ("float64", 1024)])
def test_shifted_logits_lie_above_a_power_of_two_beyond_the_overflow_of_exp(dtype: str, shift: int) -> None:
    """Without it an unshifted exponential would not overflow, and be called stable."""
    case = strategies.with_shifted_logits(case_of(Output("categorical"), 2, dtype))
    assert (case.parameters[0][1] == shift + 8).all()
    assert (case.parameters[0][0] == 8).all()
    assert math.log(precision(dtype).largest) < shift
    assert case.dtype == dtype
    drawn = any_of(strategies.shifted_logits_cases(dtype))
    several = many_of(strategies.shifted_logits_cases(dtype))
    assert {case.network.units for case in several} == {2, 3, 4}
    assert {len(case.network.hidden) for case in several} == {0, 1}
    assert (drawn.network.output.name, drawn.dtype) == ("categorical", dtype)
    assert drawn.network.units >= 2
    assert drawn.parameters[-1][1].min() >= shift
    with pytest.raises(NothingSupported):
        strategies.shifted_logits_cases(dtype, Supported(outputs=("gaussian",)))


@pytest.mark.parametrize(
    ("output", "units", "first"), [(Output("heteroscedastic"), 4, 2), (Output("mixture", 2), 6, 4)]
)
def test_log_variances_are_an_eighth_and_nothing_else_is(output: Output, units: int, first: int) -> None:
    """Without it most variances would overflow in few digits, and nothing be decided."""
    given = case_of(output, units)
    case = strategies.with_smaller_log_variances(given)
    (W, b) = case.parameters[0]
    assert (W[:, :first] == 8).all()
    assert (b[:first] == -8).all()
    assert (W[:, first:] == 1).all()
    assert (b[first:] == -1).all()
    assert W.dtype == b.dtype == np.float32
    assert (given.parameters[0][0] == 8).all()
    assert (given.parameters[0][1] == -8).all()
    drawn = any_of(strategies.learned_variance_cases("float32", output.name, 1), lambda case: bool(case.network.hidden))
    assert drawn.network.output.name == output.name
    assert not any_of(strategies.learned_variance_cases("float32", output.name)).network.hidden


def test_dropout_is_tried_on_what_is_supported() -> None:
    """Without it a mistake in hard_tanh would be one of dropout, or what is refused be drawn."""
    drawn = any_of(strategies.dropout_cases("float32"), lambda case: len(case.network.hidden) == 2)
    assert drawn.masks is not None
    assert [mask.shape[1] for mask in drawn.masks] == [
        drawn.network.inputs,
        *(layer.units for layer in drawn.network.hidden),
    ]
    assert {layer.activation for layer in drawn.network.hidden} <= set(strategies.DROPOUT_ACTIVATIONS)
    assert (
        any_of(strategies.dropout_cases("float32"), lambda case: case.network.weight_decay).network.weight_decay == 0.5
    )
    limited = Supported(outputs=("categorical", "poisson"), activations=("tanh", "hard_tanh"))
    several = many_of(strategies.dropout_cases("float32", limited))
    assert {case.network.output.name for case in several} == {"categorical"}
    assert {layer.activation for case in several for layer in case.network.hidden} == {"tanh"}
    with pytest.raises(NothingSupported, match="no output of gaussian, categorical"):
        strategies.dropout_cases("float32", Supported(outputs=("poisson",)))


@pytest.mark.parametrize("dtype", NAMES)
def test_a_single_number_stays_an_array_whatever_becomes_of_its_case(dtype: str) -> None:
    """Without it what is off by a little of a number alone would end the run as a fault of ours."""
    case = ActivationCase("tanh", np.array(0.5, dtype_of(dtype)))
    for other in (case.scaled(0.5), case.cast("float64"), case.mapped(lambda z: z[()]), case.changed()):
        assert isinstance(other.z, np.ndarray)
        assert (other.z.shape, list(other.arrays())) == ((), [other.z])

    def tanh(self: Textbook, z: Any) -> Any:
        return np.asarray(np.tanh(z) * z.dtype.type(1 + (z.ndim == 0) / 16))

    off = textbook("off for numbers", tanh=tanh)
    report = run_law(LAWS["activation/tanh/value"], dtype, Subject(off))
    assert report.verdict is Verdict.WRONG
    assert report.counterexample.z.shape == ()
