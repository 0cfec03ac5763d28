"""Arguments as they may lie in memory, labels of every type, and no rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from ffn import Case, Network, Output
from ffn.conformance.implementation.errors import ImplementationError
from ffn.conformance.implementation.subject import Subject
from ffn.conformance.law import Offered
from ffn.conformance.laws import arguments, layouts
from ffn.conformance.laws.layouts import LAYOUTS, LaidOut, labelled, laid, layout_of
from ffn.conformance.verdict import Judgement, Verdict
from tests.conformance.laws.answers import F32, MODEL, Answers, network_case, offered


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
def test_a_layout_is_known_by_how_its_arrays_lie(layout: Any) -> None:
    """Without it a failure would be told without what it takes."""
    case = network_case()
    lying = laid(case, {"layout": layout.name})
    assert layout_of(lying) is not None
    assert (layout_of(lying) or layout).name == layout.name
    assert laid(case, {"layout": "usual"}) is case
    assert layout_of(case) is None
    assert layout_of(lying.changed(x=case.x)) is None
    number = Case(Network(1, 1, Output("gaussian")), ((np.ones((1, 1)), np.ones(1)),), np.ones((1, 1)), np.ones((1, 1)))
    assert layout_of(number) is None  # though it lies as it would in other layouts, too
    given = LaidOut(case, layout, ("x", "y"))
    assert str(given) == f"x, y {layout.name}"
    assert given.dtype == "float32"
    assert given.laid.parameters[0][0] is case.parameters[0][0]
    assert given.to_json()["layout"] == {"x": layout.name, "y": layout.name}
    assert {name: value for name, value in given.to_json().items() if name != "layout"} == case.to_json()
    names: dict[str, Any] = {}
    exec(LaidOut(case, layout, ("parameters", "x")).to_python(), names)
    for made, there in ((names["x"], lying.x), (names["parameters"][1][0], lying.parameters[1][0])):
        assert np.array_equal(made, there)
        assert (made.strides, made.flags.aligned, made.flags.writeable) == (
            there.strides,
            there.flags.aligned,
            there.flags.writeable,
        )
    assert labelled(network_case(output="categorical"), {"labels": "uint8"}).y.dtype == np.uint8
    assert layouts.array_fields(case) == ("parameters", "x", "y")


def fails_on(lies: Any) -> Any:
    """An answer that is off where ``x`` lies so."""
    return lambda right, network, parameters, x, *rest: right + F32(lies(x))


def test_arrays_whose_numbers_change_with_their_layout_are_judged_by_their_own_numbers() -> None:
    """Without it an answer to parameters that are all one row would be held against that to the batch."""

    def off(right: Any, network: Any, parameters: Any, x: Any) -> Any:
        return right + F32(0 in parameters[0][0].strides and 0 not in x.strides)

    (broadcast,) = (layout for layout in LAYOUTS if layout.changes)
    found = arguments.laid_out(broadcast)(network_case(), offered("forward", forward=off), MODEL)
    assert found.message.startswith("with parameters broadcast: output[0, 0]: computed ")


def test_an_answer_is_judged_by_how_its_arrays_lie_and_not_by_what_fails_anyway() -> None:
    """Without it every wrong formula would be told as one of memory."""
    case, transposed = network_case(), LAYOUTS[0]
    judge = arguments.laid_out(transposed)
    assert judge(case, offered("forward"), MODEL).verdict is Verdict.HOLDS
    found = judge(case, offered("forward", forward=fails_on(lambda x: not x.flags.c_contiguous)), MODEL)
    assert found.verdict is Verdict.WRONG
    assert found.message.startswith("with x, y transposed: output[0, 0]: computed ")
    assert isinstance(found.shown, LaidOut)
    always = judge(case, offered("forward", forward=lambda right, *_: right + 1), MODEL)
    assert always.verdict is not Verdict.WRONG

    def raises(right: Any, network: Any, parameters: Any, x: Any) -> Any:
        if not x.flags.c_contiguous:
            raise ValueError("not contiguous")
        return right

    told = judge(case, offered("forward", forward=raises), MODEL)
    assert told.verdict is Verdict.ERROR
    assert told.message.startswith("with x, y transposed: forward raised ValueError: not contiguous")

    def always_raises(*_: Any) -> Any:
        raise ValueError("always")

    with pytest.raises(ImplementationError, match="always"):
        judge(case, offered("forward", forward=always_raises), MODEL)
    lying = laid(case, {"layout": "transposed"})
    assert arguments.as_they_lie(lying, offered("forward"), MODEL).verdict is Verdict.HOLDS
    assert (
        arguments.as_they_lie(lying, offered("forward", forward=lambda right, *_: right + 1), MODEL).verdict
        is Verdict.WRONG
    )
    assert arguments.as_they_lie(case, offered("forward"), MODEL).verdict is Verdict.HOLDS
    of_parameters = judge(
        case, offered("forward", forward=lambda right, n, p, x: right + F32(not p[0][0].flags.c_contiguous)), MODEL
    )
    assert of_parameters.message.startswith("with parameters transposed: ")


def test_labels_of_every_type_are_labels() -> None:
    """Without it labels in int32, or without a sign, would be refused or be wrong."""
    case = network_case(output="categorical")
    assert arguments.labels_of_every_type(case, offered("loss"), MODEL).verdict is Verdict.HOLDS
    for dtype in layouts.LABELS:

        def wrong(right: Any, n: Any, p: Any, x: Any, y: Any, dtype: str = dtype) -> Any:
            return right + F32(y.dtype == dtype and dtype != "int64")

        found = arguments.labels_of_every_type(case, offered("loss", loss=wrong), MODEL)
        assert found.verdict is (Verdict.HOLDS if dtype == "int64" else Verdict.WRONG)
        assert dtype == "int64" or found.message.startswith(f"with y as {dtype}: loss: computed ")


class Empty(Answers):
    """What it says of no rows; the reference refuses them."""

    def __init__(self, answer: Any) -> None:
        super().__init__()
        self.answer = answer

    def loss(self, *given: Any) -> Any:
        return self.answer("loss", *given)

    def forward(self, *given: Any) -> Any:
        return self.answer("forward", *given)

    def gradient(self, *given: Any) -> Any:
        return self.answer("gradient", *given)


def of_no_rows(name: str, network: Any, parameters: Any, x: Any, y: Any = None) -> Any:
    if name == "forward":
        return np.zeros((0, network.units), F32)
    decay = F32(network.weight_decay)
    if name == "loss":
        return decay / 2 * sum((W**2).sum() for W, _ in parameters)
    return tuple((decay * W, 0 * b) for W, b in parameters)


@pytest.mark.parametrize("decay", [0.0, 0.5])
def test_a_sum_over_no_rows_is_its_weight_decay(decay: float) -> None:
    """Without it the gradient of an empty batch could be NaN, or the weights not decay."""
    case = network_case(reduction="sum", weight_decay=decay)

    def judged(answer: Any, *names: str, assumed: Any = MODEL) -> Judgement:
        asked = Offered(names or ("forward", "loss", "gradient"), Subject(Empty(answer)))
        return arguments.no_rows(case, asked, assumed)

    assert judged(of_no_rows).verdict is Verdict.HOLDS

    def refuses(*given: Any) -> Any:
        raise ValueError("no rows")

    assert judged(refuses).verdict is Verdict.HOLDS

    def off(name: str, *given: Any) -> Any:
        right = of_no_rows(name, *given)
        return ((right[0][0], right[0][1] + 1), *right[1:]) if name == "gradient" else right + F32(1)

    found = judged(off, "gradient")
    assert found.message == "gradient of a batch of no rows: 1.0 in layer 0, b, where a sum has no terms: 0"
    loss = judged(off, "loss")
    assert loss.verdict is Verdict.WRONG
    start = (
        "of no rows, whose loss is the decay: loss: computed"
        if decay
        else "loss of a batch of no rows: 1.0 in loss, where"
    )
    assert loss.message.startswith(start)

    def nearly(name: str, *given: Any) -> Any:
        return of_no_rows(name, *given) * F32(1 + 2.0**-11)

    if decay:
        assert judged(nearly, "loss").verdict is Verdict.WRONG
        assert judged(nearly, "loss", assumed=MODEL.with_bits(5)).verdict is Verdict.HOLDS

    def undecayed(name: str, *given: Any) -> Any:
        right = of_no_rows(name, *given)
        return tuple((0 * dW, db) for dW, db in right)

    found = judged(undecayed, "gradient")
    assert found.verdict is Verdict.WRONG
    assert found.shown.network.weight_decay == 0.5  # which is tried of every case


def test_of_several_layouts_all_arrays_lie_so_and_of_one_each_part_by_itself() -> None:
    """Without it a law on six layouts would make three times the calls, or a failure say less than it could."""

    def calls(*given: Any) -> list[bool]:
        seen: list[bool] = []

        def noted(right: Any, network: Any, parameters: Any, x: Any) -> Any:
            seen.append(not x.flags.c_contiguous)
            return right

        arguments.laid_out(*given)(network_case(), offered("forward", forward=noted), MODEL)
        return seen

    transposed, strided, *_ = LAYOUTS
    assert calls(transposed) == [True, False, True]
    assert calls(transposed, strided) == [True, True]
