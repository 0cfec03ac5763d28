"""Sets by their parts: membership is of what was judged, and each part is a set again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

import numpy as np
import pytest
from flint import arb
from hypothesis import given
from hypothesis import strategies as st

from ffn import ActivationCase, Case, Hidden, Network, Output, Recurrent, admissible, initialise, reference
from ffn.admissible import AdmissibleSet, NotJudged
from ffn.numbers.precision import NAMES, dtype_of, precision
from tests.helpers.profiles import examples


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


AFFINE, DEEP = (Network(1, 1, Output("gaussian"), hidden) for hidden in ((), (Hidden(1, "identity"),)))
UNROLLED = Recurrent(1, Hidden(1, "identity"), 1, Output("gaussian"), "mean")


@pytest.mark.parametrize(
    ("network", "V", "sums", "cotangents"),
    [
        (AFFINE, 1, {"layer 0, b"}, set()),
        (DEEP, 1, {"layer 0, b", "layer 1, b"}, set()),
        (DEEP, 8, {"layer 0, b", "layer 1, b", "layer 0, W"}, {"layer 0, b", "layer 0, W"}),
        (UNROLLED, 1, {"b", "c"}, set()),
        (UNROLLED, 8, {"W", "U", "b", "c"}, {"W", "U", "b"}),
    ],
)
def test_a_gradient_of_a_mean_is_not_judged_where_its_sum_may_overflow(
    network: Network | Recurrent, V: float, sums: set[str], cotangents: set[str]
) -> None:
    """Without it a program that divides by N last would be unstable where the mean is in range.

    The mean is 2^126 in the last bias, and its sum of 16 rows beyond 2^128; that of three rows is not. Eight times as
    much, backpropagated through V, is beyond it in each row, of which a third is not.
    """
    *first, last = ([np.full(shape, len(shape) > 1, np.float32) for shape in layer] for layer in network.shapes)
    parameters = (*map(tuple, first), (V * last[0], last[1]))
    x = np.full((16, 1, 1) if network is UNROLLED else (16, 1), 2.0**-40, np.float32)
    case = Case(network, parameters, x, np.full((16, 1), -(2.0**126), np.float32), h0=x[:, 0] if x.ndim > 2 else None)
    assert unknown(case) == sums
    assert unknown(case.rows(range(3))) == cotangents


@pytest.mark.parametrize("reduction", ["sum", "mean"])
def test_a_loss_is_not_judged_where_the_sum_of_its_squares_may_overflow(reduction: Literal["sum", "mean"]) -> None:
    """Without it a program that halves squares last would be unstable where their halves are in range."""
    one = affine(0.875 * 2.0**64)  # whose square is in range, and twice that is not
    case = one.changed(network=replace(one.network, reduction=reduction))
    assert np.float32(0.875**2 * 2.0**127) in admissible.loss(case)
    with pytest.raises(NotJudged, match="loss is not judged"):
        assert np.inf in admissible.loss(case.rows([0, 0]))


def unknown(case: Case) -> set[str]:
    """The arrays of a gradient that have a coordinate which is not judged."""
    return {path for path, part in admissible.gradient(case) if np.isinf(part.lower).any()}


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


def test_what_is_too_wide_to_decide_is_not_admitted() -> None:
    """Without it zeros would be the bfloat16 gradient of 64 tanh units on 64 inputs."""
    network = Network(64, 1, Output("gaussian"), (Hidden(64, "tanh"),))
    case = Case(network, initialise(network, 0), np.linspace(-1, 1, 128).reshape(2, 64), np.ones((2, 1))).cast(
        "bfloat16"
    )
    first = admissible.gradient(case)["layer 0"]["W"]
    with pytest.raises(NotJudged, match="layer 0, W is undecided"):
        assert np.zeros((64, 64)) in first


@pytest.mark.parametrize(
    "answer",
    [[0.5 + 3j], np.ma.array([0.5], mask=True), ["0.5"], np.array([1], "m8[s]"), [None]],
    ids=["complex", "masked", "text", "a duration", "nothing"],
)
def test_what_is_no_real_number_is_refused(answer: Any) -> None:
    """Without it the imaginary part, or the mask, would be dropped, and the rest called right."""
    with pytest.raises(ValueError, match=r"real numbers|no numbers"):
        assert np.asanyarray(answer) in admissible.activation(ActivationCase("sigmoid", [0.0]))


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


# what is known beforehand


@pytest.mark.parametrize("dtype", NAMES)
@pytest.mark.parametrize("output", ["bernoulli", "categorical"])
def test_a_loss_of_classes_is_not_negative_however_wide_rounding_makes_its_set(output: str, dtype: str) -> None:
    """Without it −1e-3 could be a loss: beside logits of 100 what is lost to rounding is far beyond the loss."""
    logits = np.array([[100.0, 0.0]]).astype(dtype_of(dtype))
    network = Network(1, 2, Output(output))
    y = np.array([0]) if output == "categorical" else np.array([[1, 0]], dtype_of(dtype))
    case = Case(network, ((logits, 0 * logits[0]),), np.ones((1, 1), dtype_of(dtype)), y)
    admitted = admissible.loss(case)
    assert admitted.upper >= 0
    assert -(2.0**-29) * admitted.upper <= admitted.lower
    assert -admitted.upper / 1024 not in admitted


@pytest.mark.parametrize("dtype", NAMES)
def test_a_probability_is_at_most_1_in_float64_too(dtype: str) -> None:
    """Without it 1 + 1e-15 would pass for σ(40), and for the largest of several probabilities."""
    z = np.array([40.0, -40.0]).astype(dtype_of(dtype))
    for admitted in (admissible.activation(ActivationCase("sigmoid", z)), admissible.softmax(z[None])):
        assert np.all(admitted.upper <= 1 + 2.0**-52 + 2.0**-29 * (admitted.upper - admitted.lower))
        assert np.all(admitted.lower >= -(2.0**-29) * (admitted.upper - admitted.lower))


@pytest.mark.parametrize("dtype", NAMES)
def test_a_set_is_kept_for_every_case_that_is_alike_and_for_no_other(dtype: str) -> None:
    """Without it laws on the same cases would enclose them anew, or a case be judged by the set of another."""
    case = small()[0].cast(dtype)
    assert isinstance(case.network, Network)
    kept = {name: admissible.answers(name, case) for name in ("gradient", "loss", "forward")}
    alike = case.mapped(np.copy)
    assert all(admissible.answers(name, alike) is found for name, found in kept.items())
    decayed = case.changed(network=replace(case.network, weight_decay=0.5))
    masked = case.changed(masks=tuple(np.ones((len(case.x), W.shape[0]), case.x.dtype) for W, _ in case.parameters))
    fewer = replace(precision(dtype), unit_roundoff=2 * precision(dtype).unit_roundoff)
    others = [admissible.loss(decayed), admissible.loss(masked), admissible.loss(case, fewer)]
    assert kept["loss"] not in [*others, admissible.loss(case, narrowed=True)]
    together = admissible.answering(case)
    case.x[0, 0] += 1  # an array changed in place is another one
    assert not np.array_equal(together("forward").middle, kept["forward"].middle)
    admissible.forget()
    fresh = {name: admissible.answers(name, alike) for name in kept}
    for name, found in fresh.items():
        assert found is not kept[name]
        for (path, one), (_, other) in zip(kept[name].parts, found.parts, strict=True):
            assert one is not other  # nor what it was made of is kept
            assert np.array_equal(kept[name][path].lower, found[path].lower)
            assert np.array_equal(kept[name][path].upper, found[path].upper)


def test_numbers_of_the_same_bits_are_others_in_another_shape_or_precision() -> None:
    """Without it a set would be that of other numbers, or of another shape."""
    z, assumed = np.array([0.5, 1, 2, 3], np.float16), precision("float16")
    admitted = admissible.activation(ActivationCase("tanh", z), assumed)
    assert admissible.activation(ActivationCase("tanh", z.reshape(2, 2)), assumed).shape == (2, 2)
    in_bfloat16 = admissible.activation(ActivationCase("tanh", z.view(dtype_of("bfloat16"))), assumed)
    assert not np.array_equal(in_bfloat16.middle, admitted.middle)
