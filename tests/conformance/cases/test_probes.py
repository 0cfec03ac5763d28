"""Plans and strategies of single pieces: special values, kinks, ties, margins and extremes are where they are said."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from ffn import Case, Hidden, Network, Output
from ffn.cases import levels as standard
from ffn.cases import strategies
from ffn.cases.networks import NothingSupported, Supported
from ffn.cases.probes import (
    _tied,
    activation_plan,
    kink_plan,
    kinked_network_plan,
    maxout_plan,
)
from ffn.network.activations import activation_named
from ffn.numbers.precision import NAMES, dtype_of, precision
from tests.conformance.cases.drawn import any_of, many_of

NONE = {"activations": (), "outputs": (), "reductions": (), "functions": (), "depths": ()}


def first_layer(case: Case) -> Any:
    """z of the first layer, in float64."""
    W, b = (array.astype(np.float64) for array in case.parameters[0])
    return np.tensordot(case.x.astype(np.float64), W, 1) + b


@pytest.mark.parametrize("dtype", NAMES)
def test_special_values_are_thresholds_with_their_neighbours_of_both_signs(dtype: str) -> None:
    """Without it a branch that is taken one number too early would be found by luck."""
    values = strategies.special_values("softplus", dtype)
    kind, model = dtype_of(dtype), precision(dtype, "kept")
    smallest_normal = np.finfo(kind).smallest_normal if dtype != "bfloat16" else np.float32(2.0**-126)
    wanted = [
        0.0,
        smallest_normal,
        *strategies.ORDINARY,
        model.largest / 2,
        *activation_named("softplus").thresholds(model),
    ]
    for value in np.array(wanted).astype(kind):
        near = np.nextafter(value, kind.type(0)), value, np.nextafter(value, kind.type(model.largest))
        assert {float(each) for each in near} <= set(values.astype(float).tolist())
        assert {-float(each) for each in near} <= set(values.astype(float).tolist())
    assert values.dtype == kind
    assert np.isfinite(values.astype(float)).all()
    smallest = float(np.nextafter(kind.type(0), kind.type(1)))
    wide = values.astype(float)
    assert set(wide[(wide > 0) & (wide <= 4 * smallest)]) == {smallest, 2 * smallest} or dtype == "float64"


@pytest.mark.parametrize("dtype", NAMES)
def test_ordinary_values_fill_the_significand_over_twelve_octaves(dtype: str) -> None:
    """Without it a formula that is off at numbers like any others would be met at round ones alone."""
    values = strategies.ordinary_values(dtype, 4000, np.random.default_rng(0))
    assert (values.dtype, values.shape) == (dtype_of(dtype), (4000,))
    size = np.abs(values.astype(np.float64))
    assert 2.0**-6 <= size.min() < 2.0**-5.8
    assert 2.0**5.8 < size.max() <= 2.0**6
    assert set(np.frexp(size)[1]) | {7} == set(range(-5, 8))
    assert abs((values > 0).mean() - 0.5) < 5 * 0.5 / math.sqrt(4000)  # 5 sigma
    assert len(np.unique(np.frexp(size)[0])) > (100 if dtype == "bfloat16" else 900)


def test_a_plan_of_an_activation_has_every_special_value_and_every_length() -> None:
    """Without it a value would be tried nowhere, or a vector kernel at its tile alone."""
    plan = activation_plan("float32", "tanh")
    shapes = ("array", "matrix", "number")
    assert plan.factors == {"length": (0, *standard.LENGTHS), "values": ("special", "ordinary"), "shape": shapes}
    special = np.sort(strategies.special_values("tanh", "float32"))
    every = plan.case({"length": 0, "values": "special", "shape": "array"}, "0")
    assert every.activation == "tanh"
    assert (np.sort(every.z) == special).all()
    assert not (every.z == special).all()  # in another order
    some = plan.case({"length": 17, "values": "special", "shape": "array"}, "0")
    assert len(some.z) == 17
    assert set(some.z.tolist()) <= set(special.tolist())
    for length in (0, 9):
        ordinary = plan.case({"length": length, "values": "ordinary", "shape": "array"}, "0").z
        assert len(ordinary) == (length or len(special))
        assert ordinary.dtype == np.float32
        assert not set(ordinary.tolist()) & set(special.tolist())
    for refused in (activation_plan, strategies.activation_cases):
        with pytest.raises(NothingSupported, match="no activation of tanh"):
            refused("float32", "tanh", supported=Supported(functions=("relu",)))


@pytest.mark.parametrize(("length", "matrix"), [(1, (1, 1)), (15, (3, 5)), (16, (4, 4)), (17, (1, 17))])
def test_pre_activations_come_as_an_array_as_a_matrix_and_as_a_number(length: int, matrix: tuple[int, int]) -> None:
    """Without it who takes one axis for granted would be judged on arrays of one axis alone."""
    plan = activation_plan("bfloat16", "tanh")
    array, of_two, number = (
        plan.case({"length": length, "values": "special", "shape": shape}, "0").z
        for shape in ("array", "matrix", "number")
    )
    assert (array.shape, of_two.shape, number.shape) == ((length,), matrix, ())
    assert (of_two.ravel() == array).all()
    assert number == array[0]
    assert number.dtype == array.dtype


def test_drawn_activations_have_ordinary_and_special_values() -> None:
    """Without it the search would go on among round numbers."""
    case = any_of(strategies.activation_cases("float32", "tanh"))
    assert (case.activation, case.z.shape, case.z.dtype) == ("tanh", (48,), np.float32)
    assert any_of(strategies.activation_cases("float32", "tanh", 3)).z.shape == (11,)
    assert set(case.z[8:].tolist()) <= set(strategies.special_values("tanh", "float32").tolist())


def test_kinks_are_met_exactly_with_either_zero() -> None:
    """Without it a slope outside of the subdifferential would be seen nowhere."""
    plan = kink_plan("float16", ("relu", "hard_tanh", "tanh"), Supported(functions=("hard_tanh", "relu")))
    assert plan.factors == {"activation": ("relu", "hard_tanh"), "kink": (0, 1)}
    for kink in (0, 1):
        case = plan.case({"activation": "relu", "kink": kink}, "0")
        assert (case.activation, case.z.dtype) == ("relu", np.float16)
        assert [math.copysign(1, z) for z in case.z.tolist()] == [1, -1]
        assert not case.z.any()
        case = plan.case({"activation": "hard_tanh", "kink": kink}, "0")
        assert case.z.tolist() == [(-1, 1)[kink]] * 2
    for refused in (kink_plan, strategies.kink_cases):
        with pytest.raises(NothingSupported, match="no activation of"):
            refused("float16", ("relu",), Supported(functions=("tanh",)))
    drawn = any_of(strategies.kink_cases("float16", ("hard_tanh", "relu"), Supported(functions=("hard_tanh",))))
    assert drawn.activation == "hard_tanh"
    assert set(np.abs(drawn.z.astype(float))) == {1}


def test_one_row_of_a_network_lies_on_a_kink() -> None:
    """Without it a random pre-activation would almost surely be off the kink."""
    plan = kinked_network_plan("float32", ("hard_tanh",))
    network = {"depth": (1,), "layer 1": (Hidden(1, "hard_tanh"),), "output": (Output("gaussian"),), "kink": (0, 1)}
    assert {name: plan.factors[name] for name in network} == network
    assert plan.factors["rows"] == (1, 2, 3)
    for place, levels in enumerate(plan.rows()[::9]):
        case = plan.case(levels, str(place))
        assert not case.x[0].any()
        assert (first_layer(case)[0] == (-1, 1)[levels["kink"]]).all()
        assert case.dtype == "float32"
    case = plan.case(plan.rows()[-1], "0")
    assert len(case.x) == 1 or case.x[1:].any()


def test_networks_on_a_kink_have_the_first_output_that_is_supported() -> None:
    """Without it a fault of an output would be told as one of a kink."""
    order = ("gaussian", "bernoulli", "categorical", "laplace", "poisson")
    for place, name in enumerate(order):
        limited = Supported(outputs=order[: place - 1 : -1] if place else order[::-1])
        plan = kinked_network_plan("float32", ("relu",), limited)
        assert [output.name for output in plan.factors["output"]] == [name]
        drawn = any_of(strategies.kinked_network_cases("float32", ("relu",), limited))
        assert drawn.network.output.name == name
        assert (first_layer(drawn)[0] == 0).all()
        assert len(drawn.network.hidden) == 1
        assert drawn.dtype == "float32"
    tanh = Supported(activations=("tanh",))
    for refused in (kinked_network_plan, strategies.kinked_network_cases):
        with pytest.raises(NothingSupported):
            refused("float32", ("relu",), tanh)
    drawn = many_of(strategies.kinked_network_cases("float32", ("relu",)))
    assert {len(case.x) for case in drawn} == {1, 2, 3}
    assert {len(case.network.hidden) for case in drawn} == {1}
    both = many_of(strategies.kinked_network_cases("float32", ("hard_tanh",)))
    assert {float(case.parameters[0][1][0]) for case in both} == {-1, 1}


def test_a_case_is_moved_onto_a_kink_and_nothing_else_is() -> None:
    """Without it the rows beside the one on the kink would be on it too, and tell nothing."""
    network = Network(2, 1, Output("gaussian"), (Hidden(3, "hard_tanh"),))
    arrays = tuple((np.ones(w, np.float32), np.ones(b, np.float32)) for w, b in network.shapes)
    case = Case(network, arrays, np.ones((2, 2), np.float32), np.ones((2, 1), np.float32))
    for place, kink in ((0, -1), (1, 1), (2, -1)):
        moved = strategies.on_a_kink(case, place)
        assert (moved.parameters[0][1] == kink).all()
        assert moved.parameters[0][1].dtype == np.float32
        assert moved.x.tolist() == [[0, 0], [1, 1]]
        assert moved.parameters[0][0] is arrays[0][0]
        assert (moved.parameters[1][1] == 1).all()
    assert case.x.all()


@pytest.mark.parametrize(
    ("pattern", "equal"), [("all", {0, 1, 2, 3}), ("none", set()), ("first two", {0, 1}), ("last two", {2, 3})]
)
def test_pieces_tie_as_the_pattern_says(pattern: str, equal: set[int]) -> None:
    """Without it both tied pieces could be given slope 1, and no case show it."""
    assert _tied(pattern, 4) == [min(equal) if place in equal else place for place in range(4)]
    plan = maxout_plan("float32", (pattern,))
    assert plan.factors == {
        **{
            "pieces": (2, 3, 4, 9),
            "units": (1, 2, 3, 4),
            "inputs": (1, 2, 3, 4),
            "rows": (1, 2, 3),
            "ties": (pattern,),
        },
        **{"data": standard.INPUTS, "targets": standard.TARGETS[:4]},
    }
    levels = {"pieces": 4, "units": 3, "inputs": 2, "rows": 3, "ties": pattern, "data": "plain", "targets": "plain"}
    case = plan.case(levels, "0")
    (W, b), (copy, zero) = case.parameters
    assert case.network == Network(2, 3, Output("gaussian"), (Hidden(3, "maxout", pieces=4),), "sum")
    assert (W.shape, b.shape, case.x.shape) == ((2, 3, 4), (3, 4), (3, 2))
    assert (copy == np.eye(3)).all()
    assert not zero.any()
    assert {array.dtype for array in (W, b, copy, zero, case.x)} == {np.dtype(np.float32)}
    alike = {
        frozenset(np.flatnonzero((W[..., [k]] == W).all(axis=(0, 1)) & (b == b[:, [k]]).all(axis=0))) for k in range(4)
    }
    assert {group for group in alike if len(group) > 1} == ({frozenset(equal)} if equal else set())
    assert 0.5 <= np.abs(case.x).min() < np.abs(case.x).max() < 2


def test_maxout_is_tried_with_the_first_output_and_the_last_reduction_that_are_supported() -> None:
    """Without it a fault of an output or a mean would be told as one of maxout."""
    for limited, output, reduction in (
        (Supported(), "gaussian", "sum"),
        (Supported(outputs=("bernoulli", "laplace"), reductions=("mean",)), "laplace", "mean"),
        (Supported(outputs=("poisson", "bernoulli")), "bernoulli", "sum"),
        (Supported(outputs=("poisson",)), "poisson", "sum"),
    ):
        plan = maxout_plan("float32", ("all",), limited)
        drawn = any_of(strategies.maxout_cases("float32", True, limited))
        for case in (plan.case(plan.rows()[0], "0"), drawn):
            assert (case.network.output.name, case.network.reduction) == (output, reduction)
            assert case.network.hidden[0].activation == "maxout"
            assert len(case.network.hidden) == 1
    with pytest.raises(NothingSupported, match="no depth of 1"):
        strategies.maxout_cases("float32", True, Supported(depths=(2,)))
    with pytest.raises(NothingSupported, match="no depth of 1"):
        maxout_plan("float32", ("all",), Supported(depths=(2,)))
    for missing in ("activations", "outputs", "reductions", "depths"):
        lacking = Supported(**{missing: NONE[missing]})  # type: ignore[arg-type]
        with pytest.raises(NothingSupported, match=f"no {missing.removesuffix('s')} of"):
            strategies.maxout_cases("float32", True, lacking)
        with pytest.raises(NothingSupported, match=f"no {missing.removesuffix('s')} of"):
            maxout_plan("float32", ("all",), lacking)


def test_of_listed_networks_maxout_is_tried_on_those_that_a_copy_can_read_off() -> None:
    """Without it a network of other widths would be judged by a set that is not its own."""
    layer = Hidden(2, "maxout", pieces=3)
    fits = Network(2, 2, Output("gaussian"), (layer,), "sum")
    others = (
        Network(2, 3, Output("gaussian"), (layer,), "sum"),  # a copy needs as many units
        Network(2, 2, Output("laplace"), (layer,), "sum"),
        Network(2, 2, Output("gaussian"), (Hidden(2, "relu"),), "sum"),
        Network(2, 2, Output("gaussian"), (layer, layer), "sum"),
        Network(2, 2, Output("gaussian"), (Hidden(2, "maxout", pieces=1),), "sum"),
        Network(2, 2, Output("gaussian"), (layer,), "sum", 0.5),
    )
    drawn = any_of(strategies.maxout_cases("float32", True, Supported(networks=(*others, fits))))
    assert drawn.network == fits
    with pytest.raises(NothingSupported):
        any_of(strategies.maxout_cases("float32", True, Supported(networks=others)))


def test_drawn_ties_are_ties_of_pieces_that_differ_elsewhere() -> None:
    """Without it every piece would be the same, and any share of them right."""
    tied = any_of(strategies.maxout_cases("float32", True), lambda case: case.parameters[0][1].any())
    free = any_of(strategies.maxout_cases("float32", False), lambda case: len(np.unique(case.parameters[0][1])) > 2)
    assert free.network.hidden[0].pieces > 1
    for case in (tied, free):
        assert (case.parameters[1][0] == np.eye(case.network.units)).all()
        assert case.parameters[1][1].shape == (case.network.units,)
        assert not case.parameters[1][1].any()
        assert case.parameters[1][0].dtype == case.parameters[1][1].dtype == np.float32
