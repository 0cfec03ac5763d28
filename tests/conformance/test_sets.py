"""Sets by their parts and names: what cannot be judged is not called good, and softmax has a set of its own."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from flint import arb
from hypothesis import given
from hypothesis import strategies as st

from ffn import ActivationCase, Case, Hidden, Network, Output, admissible, initialise, reference
from ffn.admissible import AdmissibleSet, NotJudged
from ffn.cases.strategies import cases, dropout_cases, learned_variance_cases, networks, recurrent_cases
from ffn.conformance.implementation.subject import Subject
from ffn.network.formulas import evaluate
from ffn.numbers.floating import floating
from ffn.numbers.precision import NAMES, dtype_of
from ffn.numbers.traced import traced
from tests.helpers.profiles import examples

Array = Any


def affine(x: float, dtype: str = "float32") -> Case:
    """The identity of one number, with target 0."""
    one = np.ones((1, 1), dtype_of(dtype))
    return Case(Network(1, 1, Output("gaussian")), ((one, 0 * one[0]),), one * np.asarray(x, one.dtype), 0 * one)


def small() -> tuple[Case, Any]:
    """A case and its gradient."""
    network = Network(3, 2, Output("gaussian"), (Hidden(4, "tanh"),))
    x = np.linspace(-1, 1, 6).reshape(2, 3)
    case = Case(network, initialise(network, 0), x, x[:, :2]).cast("float32")
    return case, reference.gradient(case.network, case.parameters, case.x, case.y)


# what cannot be judged


@pytest.mark.parametrize("answer", [0.0, -1.0, np.nan, np.inf])
def test_a_loss_that_may_overflow_is_neither_in_nor_out(answer: float) -> None:
    """Without it 0, -1 and NaN would be called the loss of a gaussian 1e25 away in float32."""
    with pytest.raises(NotJudged, match=r"loss is not judged: .*float32 number, 3\.4e"):
        assert answer in admissible.loss(affine(1e25))


@pytest.mark.parametrize("x", [np.nan, np.inf])
def test_what_comes_of_no_number_is_not_judged(x: float) -> None:
    """Without it any answer would do for a batch that is spoilt."""
    with pytest.raises(NotJudged, match=r"output\[0, 0\] is not judged"):
        assert 0 * affine(1).x in admissible.output(affine(x))


def test_one_coordinate_outside_is_out_whatever_cannot_be_judged() -> None:
    """Without it a wrong answer would hide behind an overflow in another row."""
    softplus = admissible.activation(ActivationCase("softplus", np.array([1, np.finfo(np.float32).max], np.float32)))
    assert np.array([2, np.inf]) not in softplus
    with pytest.raises(NotJudged, match=r"softplus\[1\]"):
        assert np.array([1.3132617, np.inf], np.float32) in softplus
    examination = softplus.examine(np.array([1.3132617, np.inf], np.float32))
    assert not examination.complete
    assert str(examination).endswith("1 decided, 0 undecided, 1 not judged")
    assert softplus.explain([1.3132617, np.inf]).startswith("softplus[1] is not judged")


def test_a_set_without_coordinates_admits_nothing() -> None:
    """Without it an empty answer would be a right one."""
    with pytest.raises(NotJudged, match="no coordinate"):
        assert np.zeros(0) in admissible.activation(ActivationCase("relu", np.zeros(0)))


def test_a_complex_answer_is_refused() -> None:
    """Without it the imaginary part would be dropped, and the rest called right."""
    with pytest.raises(ValueError, match="complex"):
        assert np.array([0.5 + 3j]) in admissible.activation(ActivationCase("sigmoid", [0.0]))


# parts


def test_a_gradient_is_compared_by_part() -> None:
    """Without it a network without biases, or one layer of a program, could not be judged."""
    case, gradient = small()
    admitted = admissible.gradient(case)
    assert [path for path, _ in admitted] == ["layer 0, W", "layer 0, b", "layer 1, W", "layer 1, b"]
    assert (len(admitted), admitted["layer 1"].shape) == (4, ((4, 2), (2,)))
    assert gradient[1] in admitted["layer 1"]
    W = gradient[1][0]
    for part, value in [
        (admitted["layer 1", "W"], W),
        (admitted["layer 1, W"], W),
        (admitted["layer 1", "W"][0, 1], W[0, 1]),
        (admitted["layer 1", "W", :, 1:], W[:, 1:]),
        (admitted["layer 1", "W"][..., 1], W[:, 1].tolist()),
    ]:
        assert part.shape == np.shape(value)
        assert value in part
        assert np.add(value, 1e-3) not in part


def test_a_coordinate_of_a_part_is_named_as_python_writes_it() -> None:
    """Without it a failure in a slice would name another place of the array."""
    case, gradient = small()
    part = admissible.gradient(case)["layer 1", "W"][2:, ::-1]
    assert part.explain(gradient[1][0][2:, ::-1] + 1).startswith("layer 1, W[2:, ::-1][0, 0]: computed")


def test_a_part_that_is_not_there_is_refused_in_words() -> None:
    """Without it a misspelt name would be an empty set."""
    admitted = admissible.gradient(small()[0])
    with pytest.raises(KeyError, match="no layer 2: layer 0, W; "):
        admitted["layer 2"]
    with pytest.raises(IndexError, match="name one first: layer 0, W; "):
        admitted[0]


@examples(30)
@given(value=st.floats(allow_nan=False, allow_infinity=False), radius=st.floats(0, 1e300))
def test_bounds_are_rounded_outwards(value: float, radius: float) -> None:
    """Without it an admissible value could lie outside the printed bounds."""
    model = admissible.loss(affine(1)).precision
    admitted = AdmissibleSet((("loss", np.asarray(arb(value, radius), dtype=object)),), model)
    ball = arb(value, radius)
    assert arb(admitted.lower) <= ball.lower()
    assert arb(admitted.upper) >= ball.upper()
    if np.isfinite(admitted.radius):
        assert arb(admitted.middle, admitted.radius).contains(ball)


def test_bounds_of_a_point_are_the_point_and_of_everything_are_infinite() -> None:
    """Without it an exact set would look like one with a tolerance."""
    exact = admissible.activation(ActivationCase("relu", [3.0, 1e-3]))[0]
    assert (exact.lower, exact.upper, exact.middle, exact.radius) == (3, 3, 3, 0)
    everything = admissible.loss(affine(1e25))
    assert (everything.lower, everything.upper, everything.radius) == (-np.inf, np.inf, np.inf)
    assert admissible.gradient(small()[0])["layer 1", "W"].lower.shape == (4, 2)


def test_a_set_is_short_on_the_terminal() -> None:
    """Without it a failing assertion would print hundreds of balls."""
    admitted = admissible.gradient(small()[0])["layer 1"]
    assert repr(admitted) == "AdmissibleSet(float32: layer 1, W (4, 2); layer 1, b (2,))"
    assert repr(admissible.loss(affine(0))).startswith("AdmissibleSet(float32: loss = 0.918938533204672")


# by their own names


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


LOGITS = ([[0.5, -1, 2], [3, 0, 1]], [[1e4, 0, -1e4], [1e4, 1e4, 9.9e3]], [[-1e4, -1e4, -1.1e4], [0, 0, 0]])


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
