"""Sets by their own names: activations with a slope, means of outputs, softmax, layers without biases."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ffn import ActivationCase, Case, Network, Output, admissible, initialise, reference
from ffn.cases.networks import networks
from ffn.cases.strategies import cases, dropout_cases, learned_variance_cases, recurrent_cases
from ffn.conformance.implementation.subject import Subject
from ffn.network.formulas import evaluate
from ffn.numbers.floating import floating
from ffn.numbers.precision import NAMES, dtype_of
from ffn.numbers.traced import traced
from tests.helpers.profiles import examples

Array = Any


def test_leaky_relu_has_the_slope_that_is_given() -> None:
    """Without it every slope but 0.01 would be called wrong."""
    case = ActivationCase("leaky_relu", [-1.0, 2.0], negative_slope=0.25)
    assert reference.activation(*case.arguments("activation")) in admissible.activation(case)
    assert [0.25, 1.0] in admissible.slope(case)
    assert [-0.01, 2.0] not in admissible.activation(case)
    assert case.to_json()["negative_slope"] == 0.25
    assert "negative_slope" not in json.dumps(ActivationCase("leaky_relu", [-1.0]).to_json())
    names: dict[str, Any] = {}
    exec(case.to_python(), names)
    assert (names["negative_slope"], names["z"].tolist()) == (0.25, [-1, 2])


@pytest.mark.parametrize("dtype", NAMES)
@pytest.mark.parametrize(
    "drawn",
    [
        lambda dtype: cases(dtype, networks()),
        lambda dtype: learned_variance_cases(dtype, "mixture"),
        dropout_cases,
        recurrent_cases,
    ],
    ids=["network", "mixture", "dropout", "recurrent"],
)
@examples(10)
@given(data=st.data())
def test_the_reference_s_means_are_admissible(dtype: str, drawn: Callable[[str], Any], data: st.DataObject) -> None:
    """Without it the probabilities that a program predicts could not be judged, nor the rates of a poisson."""
    case = data.draw(drawn(dtype))
    method = case.method("mean")
    with np.errstate(all="ignore"):
        mean = evaluate(floating(dtype), method, *case.arguments(method))
    assert mean.shape == case.returned("mean")[1]
    assert admissible.mean(case).examine(mean).outside is None


def test_a_mean_is_that_of_the_output() -> None:
    """Without it the raw output of a classifier would pass for its probabilities."""
    network = Network(2, 3, Output("categorical"))
    case = Case(network, initialise(network, 0), np.eye(2), np.array([0, 1]))
    assert reference.mean(*case.arguments("forward")) in admissible.mean(case)
    assert reference.forward(*case.arguments("forward")) not in admissible.mean(case)


LOGITS = (
    [[0.5, -1, 2], [3, 0, 1]],
    [[1e4, 0, -1e4], [1e4, 1e4, 9.9e3]],
    [[-1e4, -1e4, -1.1e4], [0, 0, 0]],
    [[0, 0, -80.3], [0.3, 0, -70.7]],  # where the exponential of a log-softmax has lost digits
)


def shifted(z: Array) -> Array:
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def log_shifted(z: Array) -> Array:
    s = z - z.max(axis=1, keepdims=True)
    return s - np.log(np.exp(s).sum(axis=1, keepdims=True))


def log_sum_exp(z: Array) -> Array:
    m = z.max(axis=1, keepdims=True)
    return z - (m + np.log(np.exp(z - m).sum(axis=1, keepdims=True)))


def widened(function: Callable[[Array], Array]) -> Callable[[Array], Array]:
    """As frameworks compute half precisions: in a wider one, rounded once."""
    return lambda z: function(z.astype(np.float64)).astype(z.dtype)


def unshifted(z: Array) -> Array:
    e = np.exp(z)
    return e / e.sum(axis=1, keepdims=True)


RIGHT = {
    "softmax": (shifted, lambda z: np.exp(log_shifted(z)), widened(shifted), reference.softmax),
    "log_softmax": (log_shifted, log_sum_exp, widened(log_shifted), reference.log_softmax),
}
WRONG = {
    "softmax": (
        unshifted,
        lambda z: shifted(z.T).T,
        lambda z: shifted(z / z.dtype.type(1.25)),
        log_shifted,
    ),
    "log_softmax": (
        lambda z: np.log(unshifted(z)),
        lambda z: log_shifted(z.T).T,
        shifted,
        lambda z: log_shifted(2 * z),
    ),
}


@pytest.mark.parametrize("dtype", NAMES)
@pytest.mark.parametrize("name", RIGHT)
def test_every_standard_softmax_is_admitted_and_wrong_ones_are_refused(name: str, dtype: str) -> None:
    """Without it a correct softmax of large logits would be wrong, or an unshifted exponential, another axis or another
    temperature right."""
    logits = [np.array(z).astype(dtype_of(dtype)) for z in LOGITS]
    sets = [getattr(admissible, name)(z) for z in logits]
    for right in RIGHT[name]:
        assert all(right(z) in admitted for z, admitted in zip(logits, sets, strict=True))
    with np.errstate(all="ignore"):
        for wrong in WRONG[name]:
            assert any(wrong(z) not in admitted for z, admitted in zip(logits, sets, strict=True))


@examples(30)
@given(z=st.lists(st.lists(st.floats(-1e3, 1e3), min_size=3, max_size=3), min_size=1, max_size=3))
def test_softmax_is_one_formula_over_every_number_system(z: list[list[float]]) -> None:
    """Without it the set would be that of another formula than the one that is differentiated."""
    for name in ("softmax", "log_softmax"):
        admitted = getattr(admissible, name)(np.array(z))
        assert getattr(reference, name)(np.array(z)) in admitted
        assert evaluate(traced, name, np.array(z)) in admitted


@pytest.mark.parametrize(("z", "message"), [([1.0, 2.0], "z has shape"), ([[1, 2]], "int64"), ([[]], "at least 1")])
def test_logits_are_rows_of_floats(z: Any, message: str) -> None:
    """Without it the softmax of one row would be taken over nothing."""
    for function in (admissible.softmax, admissible.log_softmax, reference.softmax, reference.log_softmax):
        with pytest.raises(ValueError, match=message):
            function(z)


def test_a_layer_without_biases_is_one_with_biases_of_zero() -> None:
    """Without it a program that adds no bias could not be judged."""
    W = np.linspace(-1, 1, 6).reshape(3, 2)
    x = np.linspace(0, 1, 12).reshape(4, 3)
    case = Case(Network(3, 2, Output("gaussian"), reduction="sum"), ((W, np.zeros(2)),), x, np.zeros((4, 2)))
    assert x @ W in admissible.output(case)
    assert x.T @ (x @ W) in admissible.gradient(case)["layer 0", "W"]


def test_sets_and_further_formulas_are_asked_of_no_implementation() -> None:
    """Without it a module with a function called mean would pass for a network."""
    with pytest.raises(TypeError, match="offers none of"):
        Subject(type("Statistics", (), {"mean": np.mean, "dtypes": ("float64",)}))
