"""Plans and strategies of single pieces: special values, kinks, ties, margins and extremes are where they are said."""

from __future__ import annotations

import math
from contextlib import suppress
from typing import Any

import numpy as np
import pytest
from hypothesis import Phase, find, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample

from ffn import Case, Hidden, Network, Output, reference
from ffn.cases import levels as standard
from ffn.cases import strategies
from ffn.cases.networks import NothingSupported, Supported
from ffn.cases.plan import NoCase
from ffn.cases.probes import (
    EXTREMES,
    _tied,
    activation_plan,
    confident_plan,
    extremes_plan,
    kink_plan,
    kinked_network_plan,
    maxout_plan,
)
from ffn.network.activations import activation_named
from ffn.numbers.precision import NAMES, dtype_of, precision

FOUND = settings(max_examples=100, derandomize=True, database=None, deadline=None, phases=[Phase.generate])
NONE = {"activations": (), "outputs": (), "reductions": (), "functions": (), "depths": ()}


def any_of(strategy: st.SearchStrategy[Any], property_: Any = lambda case: True) -> Any:
    return find(strategy, property_, settings=FOUND)


def many_of(strategy: st.SearchStrategy[Any]) -> list[Any]:
    """A hundred cases that are drawn."""
    found: list[Any] = []
    with suppress(NoSuchExample):
        find(strategy, lambda case: bool(found.append(case)), settings=FOUND)
    return found


def first_layer(case: Case) -> Any:
    """z of the first layer, in float64."""
    W, b = (array.astype(np.float64) for array in case.parameters[0])
    return np.tensordot(case.x.astype(np.float64), W, 1) + b


# activations


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
    assert plan.factors == {"length": (0, *standard.LENGTHS), "values": ("special", "ordinary")}
    special = np.sort(strategies.special_values("tanh", "float32"))
    every = plan.case({"length": 0, "values": "special"}, "0")
    assert every.activation == "tanh"
    assert (np.sort(every.z) == special).all()
    assert not (every.z == special).all()  # in another order
    some = plan.case({"length": 17, "values": "special"}, "0")
    assert len(some.z) == 17
    assert set(some.z.tolist()) <= set(special.tolist())
    for length in (0, 9):
        ordinary = plan.case({"length": length, "values": "ordinary"}, "0").z
        assert len(ordinary) == (length or len(special))
        assert ordinary.dtype == np.float32
        assert not set(ordinary.tolist()) & set(special.tolist())
    for refused in (activation_plan, strategies.activation_cases):
        with pytest.raises(NothingSupported, match="no activation of tanh"):
            refused("float32", "tanh", supported=Supported(functions=("relu",)))


def test_drawn_activations_have_ordinary_and_special_values() -> None:
    """Without it the search would go on among round numbers."""
    case = any_of(strategies.activation_cases("float32", "tanh"))
    assert (case.activation, case.z.shape, case.z.dtype) == ("tanh", (48,), np.float32)
    assert any_of(strategies.activation_cases("float32", "tanh", 3)).z.shape == (11,)
    assert set(case.z[8:].tolist()) <= set(strategies.special_values("tanh", "float32").tolist())


# kinks


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


# maxout


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


# confidence


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_margins_are_tried_for_and_against_every_target(dtype: str) -> None:
    """Without it a loss that is clipped, or a softmax that overflows, would be met by no case."""
    against, towards = (confident_plan(dtype, right) for right in (False, True))
    assert against.factors["margin"] == strategies.MARGINS
    most = 1 / math.sqrt(precision(dtype).unit_roundoff)
    assert towards.factors["margin"] == tuple(margin for margin in strategies.MARGINS if margin <= most)
    assert against.factors["favoured"] == (0, 1)
    for plan, right in ((against, False), (towards, True)):
        for place, levels in enumerate(plan.rows()):
            case = plan.case(levels, str(place))
            units, margin = case.network.units, dtype_of(dtype).type(levels["margin"])
            z = case.parameters[0][0][0]
            assert (case.network, case.dtype, case.x.tolist()) == (levels["network"], dtype, [[1]])
            assert z[levels["favoured"] % units] == margin
            assert (np.sort(np.abs(z.astype(float)))[:-1] < 2).all()
            assert not case.parameters[0][1].any()
            if units == 1:
                assert case.y.tolist() == [[float(right)]]
            else:
                assert (case.y[0] == levels["favoured"] % units) == right
                assert 0 <= case.y[0] < units


def test_confident_networks_are_bernoulli_and_of_two_to_four_classes() -> None:
    """Without it a softmax that is wrong for two classes alone would be tried on three."""
    found = [
        (network.output.name, network.units, network.inputs, network.hidden, network.reduction)
        for network in strategies.confident_heads()
    ]
    assert found == [("bernoulli", 1, 1, (), "sum"), *(("categorical", units, 1, (), "sum") for units in (2, 3, 4))]
    limited = Supported(outputs=("categorical", "gaussian"), reductions=("mean",))
    assert [(network.output.name, network.reduction) for network in strategies.confident_heads(limited)] == [
        ("categorical", "mean")
    ] * 3
    for missing in ("outputs", "reductions", "depths"):
        with pytest.raises(NothingSupported, match=f"no {missing.removesuffix('s')} of"):
            strategies.confident_heads(Supported(**{missing: NONE[missing]}))  # type: ignore[arg-type]
    one = strategies.confident_heads()[1]
    other = Network(1, 2, Output("categorical"), (Hidden(2),), "sum")
    drawn = any_of(strategies.confident_cases("float32", True, Supported(networks=(other, one))))
    assert drawn.network == one
    refusing = Supported(accepts=lambda network: network.units == 3)
    assert any_of(strategies.confident_cases("float32", False, refusing)).network.units == 3


def test_confident_cases_leave_the_logits_that_they_are_given() -> None:
    """Without it the case that follows would have another margin than its own."""
    logits = np.zeros(3, np.float32)
    case = strategies.confident(strategies.confident_heads()[2], logits, 30.0, 2, False)
    assert case.y.tolist() == [0]
    assert not logits.any()


# extremes


@pytest.mark.parametrize("dtype", ["float16", "float32"])
@pytest.mark.parametrize("output", EXTREMES)
def test_outputs_are_moved_to_their_extremes(output: str, dtype: str) -> None:
    """Without it a rate that is clipped, or a variance that is clamped, would stay inside of its clip."""
    plan = extremes_plan(dtype, output)
    assert plan.factors["extreme"] == tuple(EXTREMES[output])
    assert (plan.factors["depth"], plan.factors["rows"], plan.factors["reduction"]) == ((0,), (1, 2, 3), ("sum",))
    assert [each.name for each in plan.factors["output"]] == [output]
    share = 1.0 if dtype == "float32" else {"poisson": 1 / 8, "heteroscedastic": 1 / 8, "gaussian": 1 / 32}[output]
    unit = math.log(precision(dtype).largest) if output == "poisson" else 1
    for name, move in EXTREMES[output].items():
        own = {"extreme": name, "rows": 3, "units": 2, "magnitude": 0, "data": "plain"}
        levels = plan.rows()[7] | own | dict.fromkeys(("weights", "biases", "targets"), "plain")
        case = plan.case(levels, "0")
        b = case.parameters[0][1].astype(float)
        moved = b[2:] if output == "heteroscedastic" else b
        assert (np.abs(moved - share * move * unit) <= 1.01).all()
        assert (np.abs(b[: len(b) - len(moved)]) <= 1.01).all()
        assert case.dtype == dtype
        z = reference.forward(case.network, case.parameters, case.x).astype(float)
        if output == "gaussian":
            assert (np.abs(case.y.astype(float) - z) <= 0.5 + 0.1 * (dtype == "float16")).all()
            assert (np.abs(case.y.astype(float) - z) > (0.12 if dtype == "float32" else -1)).all()
        else:
            assert case.y.any()


def test_extremes_are_those_of_an_output_without_hidden_layers() -> None:
    """Without it a listed network with hidden layers would end the run."""
    listed = Supported(networks=(Network(1, 1, Output("poisson"), (Hidden(1),), "sum"),))
    plan = extremes_plan("float32", "poisson", listed)
    with pytest.raises(NoCase, match="without hidden layers"):
        plan.case(plan.rows()[0], "0")
    mean = Supported(reductions=("mean",))
    assert extremes_plan("float32", "poisson", mean).factors["reduction"] == ("mean",)
    with pytest.raises(NothingSupported, match="no depth of 0"):
        extremes_plan("float32", "poisson", Supported(depths=(1,)))
    for missing in ("outputs", "reductions", "depths"):
        with pytest.raises(NothingSupported, match=f"no {missing.removesuffix('s')} of"):
            extremes_plan("float32", "poisson", Supported(**{missing: NONE[missing]}))  # type: ignore[arg-type]


# cases that are changed


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
    """Without it a mistake in softplus would be one of dropout, or what is refused be drawn."""
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
    limited = Supported(outputs=("categorical", "poisson"), activations=("tanh", "softplus"))
    several = many_of(strategies.dropout_cases("float32", limited))
    assert {case.network.output.name for case in several} == {"categorical"}
    assert {layer.activation for case in several for layer in case.network.hidden} == {"tanh"}
    with pytest.raises(NothingSupported, match="no output of gaussian, categorical"):
        strategies.dropout_cases("float32", Supported(outputs=("poisson",)))
