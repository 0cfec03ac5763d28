"""NaN and ±∞: what becomes of them is judged where it is decided, and nowhere else."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from ffn import ActivationCase, Hidden, Network, Output
from ffn.cases.networks import NothingSupported, Supported
from ffn.conformance.laws import nonfinite
from ffn.conformance.verdict import Verdict
from tests.conformance.laws.answers import F32, MODEL, network_case, offered


def at(name: str, activation: str, z: float, answer: Any = None) -> Verdict:
    """The verdict on an answer at one place beside a number."""
    case = ActivationCase(activation, np.array([0.5, z], F32))
    if answer is None:
        return nonfinite.elementwise_at(name, case, offered(name), MODEL).verdict

    def given(right: Any, *_: Any) -> Any:
        changed = right.copy()
        changed[1] = answer
        return changed

    return nonfinite.elementwise_at(name, case, offered(name, **{name: given}), MODEL).verdict


@pytest.mark.parametrize(
    ("name", "activation", "z", "limit"),
    [
        ("activation", "tanh", np.inf, 1.0),
        ("activation", "tanh", -np.inf, -1.0),
        ("activation", "sigmoid", -np.inf, 0.0),
        ("activation", "relu", np.inf, np.inf),
        ("activation", "relu", -np.inf, 0.0),
        ("activation", "absolute", -np.inf, np.inf),
        ("activation", "softplus", np.inf, np.inf),
        ("activation", "identity", -np.inf, -np.inf),
        ("slope", "softplus", np.inf, 1.0),
        ("slope", "tanh", np.inf, 0.0),
    ],
)
def test_at_infinity_an_activation_has_its_limit_or_none(name: str, activation: str, z: float, limit: float) -> None:
    """Without it a program that returns a number for what has none would hold."""
    assert at(name, activation, z) is Verdict.HOLDS
    assert at(name, activation, z, limit) is Verdict.HOLDS
    assert at(name, activation, z, np.nan) is Verdict.HOLDS
    assert at(name, activation, z, 0.25) is Verdict.WRONG
    assert at(name, activation, z, -limit) is (Verdict.HOLDS if limit == 0 else Verdict.WRONG)


def test_nan_becomes_no_number_but_in_the_slope_of_a_comparison() -> None:
    """Without it a NaN would vanish in a comparison, and training go on."""
    for name, activation in (("activation", "relu"), ("activation", "tanh"), ("slope", "tanh")):
        assert at(name, activation, np.nan) is Verdict.HOLDS
        assert at(name, activation, np.nan, 0.0) is Verdict.WRONG
    assert at("slope", "relu", np.nan, 0.0) is Verdict.HOLDS
    case = ActivationCase("tanh", np.array([0.5, np.nan], F32))
    beside = nonfinite.elementwise_at(
        "activation", case, offered("activation", activation=lambda right, *_: right + 1), MODEL
    )
    assert beside.verdict is Verdict.WRONG
    told = nonfinite.elementwise_at(
        "activation", case, offered("activation", activation=lambda right, *_: np.nan_to_num(right)), MODEL
    )
    assert told.message == "tanh[1]: computed 0.0, a number of NaN"
    case = case.changed(z=np.array([0.5, np.inf], F32))
    told = nonfinite.elementwise_at(
        "activation", case, offered("activation", activation=lambda right, *_: right * np.array([1, 0.5], F32)), MODEL
    )
    assert told.message == "tanh[1]: computed 0.5, where at inf it is 1.0"
    told = nonfinite.elementwise_at(
        "activation",
        case.changed(activation="relu"),
        offered("activation", activation=lambda right, *_: np.array([0.5, 7], F32)),
        MODEL,
    )
    assert told.message == "relu[1]: computed 7.0, where at inf it is inf"


def test_a_number_beside_the_limit_is_judged_by_its_own_place() -> None:
    """Without it a tanh that is short of 1 by less than it may round would be wrong where other numbers follow."""
    case = ActivationCase("tanh", np.array([np.inf, 0.5], F32))
    for short, verdict in ((F32(2.0**-24), Verdict.HOLDS), (F32(0.25), Verdict.WRONG)):
        nearly = offered("activation", activation=lambda right, *_, short=short: right - np.array([short, 0], F32))
        assert nonfinite.elementwise_at("activation", case, nearly, MODEL).verdict is verdict


def zeroed(right: Any, *given: Any) -> Any:
    return np.nan_to_num(right)


ROWS = {
    "forward": (nonfinite.stays_in_its_row, zeroed, "output has the number 0.0"),
    "loss": (nonfinite.reaches_the_loss, zeroed, "loss has the number 0.0"),
    "gradient": (
        nonfinite.reaches_the_gradient,
        lambda right, *_: tuple((np.nan_to_num(dW), np.nan_to_num(db)) for dW, db in right),
        "layer 1, b has the number 0.0",
    ),
}


@pytest.mark.parametrize("name", ROWS)
def test_nan_reaches_the_answer_and_is_told_with_its_row(name: str) -> None:
    """Without it a row that is no number would be trained on."""
    judge, bad, message = ROWS[name]
    case = network_case()
    law = nonfinite.in_rows(judge)
    assert law(case, offered(name), MODEL).verdict is Verdict.HOLDS
    found = law(case, offered(name, **{name: bad}), MODEL)
    assert found.verdict is Verdict.WRONG
    assert found.message == f"with NaN in x[2, 0]: {message}"
    assert np.argwhere(np.isnan(found.shown.x)).tolist() == [[2, 0]]
    assert not np.isnan(case.x).any()

    def first_alone(right: Any, network: Any, parameters: Any, x: Any, *rest: Any) -> Any:
        return bad(right) if np.isnan(x[0]).any() else right

    assert law(case, offered(name, **{name: first_alone}), MODEL).message == f"with NaN in x[0, 0]: {message}"


def test_nan_stays_in_its_row() -> None:
    """Without it one bad row would spoil a batch."""

    def spreads(right: Any, *_: Any) -> Any:
        return right + (np.isnan(right).any() * F32(1))

    found = nonfinite.in_rows(nonfinite.stays_in_its_row)(network_case(), offered("forward", forward=spreads), MODEL)
    assert found.message.startswith(
        "with NaN in x[2, 0]: another row is not what it is without: output[0, 0]: computed"
    )
    assert (
        nonfinite.in_rows(nonfinite.stays_in_its_row)(
            network_case(1), offered("forward", forward=spreads), MODEL
        ).verdict
        is Verdict.HOLDS
    )


def test_plans_of_what_is_no_number_have_every_place_and_activation() -> None:
    """Without it NaN would be tried in the middle of an array, or before one output alone."""
    plan = nonfinite.elementwise_plan("float16", Supported(functions=("tanh", "relu")))
    assert plan.factors["activation"] == ("relu", "tanh")
    assert plan.factors["length"] == (1, 8, 17)
    assert [str(value) for value in plan.factors["at"]] == ["nan", "inf", "-inf"]
    case = plan.case({"activation": "tanh", "at": math.inf, "length": 8}, "0")
    assert (case.activation, case.z.dtype, len(case.z)) == ("tanh", np.float16, 8)
    assert math.isinf(case.z[-1])
    assert ((np.abs(case.z[:-1]) >= 0.125) & (np.abs(case.z[:-1]) < 0.5)).all()
    with pytest.raises(NothingSupported):
        nonfinite.elementwise_plan("float16", Supported(functions=()))
    limited = Supported(("tanh",), ("poisson", "gaussian"), ("sum",))
    rows = nonfinite.rows_plan(("gaussian", "laplace"), "float32", limited)
    assert rows.factors == {
        "layer 1": (Hidden(1, "tanh"),), "output": (Output("gaussian"),), "reduction": ("sum",), "rows": (1, 2, 9)
    }  # fmt: skip
    made = rows.case(rows.rows()[-1], "0")
    assert made.network == Network(3, 2, Output("gaussian"), (Hidden(3, "tanh"),), "sum")
    assert 0.5 <= np.abs(made.x).min() < np.abs(made.x).max() < 2
    listed = Supported(networks=(made.network, replace(made.network, weight_decay=0.5)))
    assert nonfinite.rows_plan(("gaussian",), "float32", listed).factors == {
        "network": (made.network,),
        "rows": (1, 2, 9),
    }
    for lacking, message in (
        (Supported(depths=(0,)), "no depth of 1"),
        (Supported(activations=()), "no activation is supported"),
        (Supported(outputs=()), "no output of"),
        (Supported(reductions=()), "no reduction of"),
    ):
        with pytest.raises(NothingSupported, match=message):
            nonfinite.rows_plan(("gaussian",), "float32", lacking)
