"""Wide layers, many classes and exact cases: each size and each label is in some case, and one answer is right."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from ffn import Case, Hidden, Network, Output, reference
from ffn.cases.networks import NothingSupported, Supported
from ffn.conformance.laws import exact, width
from ffn.conformance.verdict import Verdict
from ffn.numbers.precision import dtype_of, precision
from tests.conformance.laws.answers import F32, MODEL, offered

NONE: dict[str, tuple[Any, ...]] = {"activations": (), "outputs": (), "reductions": (), "functions": (), "depths": ()}


def test_wide_layers_have_units_that_are_seen_by_themselves() -> None:
    """Without it a unit in a partial last tile would be lost in the sum of the others."""
    plan = width.smooth_plan("float32")
    assert plan.factors["width"] == width.WIDTHS
    assert (plan.factors["rows"], plan.factors["output"], plan.factors["reduction"]) == (
        (1, 2),
        ("gaussian",),
        ("sum",),
    )
    assert set(plan.factors["activation"]) == set(width.SMOOTH)
    assert "tanh" in width.SMOOTH
    assert "relu" not in width.SMOOTH
    for output, far in (("gaussian", 40), ("bernoulli", 1)):
        levels = {"width": 100, "activation": "tanh", "rows": 2, "output": output, "reduction": "sum"}
        case = plan.case(levels, "0")
        (W, b), (V, c) = case.parameters
        assert case.network == Network(2, 1, Output(output), (Hidden(100, "tanh"),), "sum")
        assert {array.dtype for array in case.arrays()} == {np.dtype(F32)}
        assert (W.shape, V.shape, c.tolist(), case.x.shape) == ((2, 100), (100, 1), [0], (2, 2))
        assert 0.25 <= np.abs(W).min() < 0.3 < 0.95 < np.abs(W).max() <= 1
        assert sorted(b.tolist()) == sorted(np.linspace(-3, 3, 100).astype(F32).tolist())
        assert b.tolist() != sorted(b.tolist())
        assert set(np.abs(V).ravel().tolist()) == {1 / 128}
        assert {1, -1} <= set(np.sign(V).ravel().tolist())
        drawn = [plan.case(levels, str(seed)).x for seed in range(9)]
        assert {number for x in drawn for number in x.ravel().tolist()} == {-1, -0.5, 0.5, 1}
        assert (case.y == far).all()
        assert np.sign(W).min() == -1 == -np.sign(W).max()
    for missing in ("activations", "outputs", "reductions", "depths"):
        with pytest.raises(NothingSupported, match=f"no {missing.removesuffix('s')} of"):
            width.smooth_plan("float32", Supported(**{missing: NONE[missing]}))  # type: ignore[arg-type]
    with pytest.raises(NothingSupported, match="no depth of 1"):
        width.smooth_plan("float32", Supported(depths=(0,)))
    for plan_of in (width.smooth_plan, width.classes_plan):
        with pytest.raises(NothingSupported, match="networks are listed, and tried at their own sizes by other laws"):
            plan_of("float32", Supported(networks=(Network(1, 1, Output("gaussian")),)))
    limited = width.smooth_plan("float32", Supported(outputs=("bernoulli", "laplace"), reductions=("mean",)))
    assert (limited.factors["output"], limited.factors["reduction"]) == (("laplace",), ("mean",))


def test_many_classes_have_every_label_that_tells() -> None:
    """Without it a label that programs ignore, or that a narrow type cannot hold, would be no label."""
    plan = width.classes_plan("float32")
    assert plan.factors["classes"] == (*width.WIDTHS[:-1], 1000)
    assert plan.factors["reduction"] == ("sum",)
    levels = {"classes": 1000, "logits": "near", "labels": "each once", "reduction": "sum"}

    def case(seed: str = "0", **own: Any) -> Case:
        made = plan.case(levels | own, seed)
        assert made.network == Network(1, (levels | own)["classes"], Output("categorical"), reduction="sum")
        assert made.x.tolist() == [[2.0**-6 if row % 3 else 1.0] for row in range(len(made.y))]
        assert made.x.dtype == made.parameters[0][0].dtype == made.parameters[0][1].dtype == F32
        assert not made.parameters[0][1].any()
        return made  # type: ignore[no-any-return]

    assert case().y.tolist() == sorted({*width.TELLING, 999})
    assert sorted(case(classes=33).y.tolist()) == list(range(33))
    assert sorted(case(classes=63).y.tolist()) == [0, 1, 62]
    assert case(labels="a last one").y.dtype == np.int64
    assert case(labels="two last ones").y.dtype == case().y.dtype == np.uint16
    assert case(classes=33).y.dtype == np.uint8
    last = {int(case(str(seed), labels="a last one").y[0]) for seed in range(30)}
    assert last == {997, 998, 999}
    assert len(case(labels="a last one").y) == 1
    assert len(case(labels="two last ones").y) == 2
    near, far = case().parameters[0][0][0], case(logits="last far above").parameters[0][0][0]
    assert sorted(near.tolist()) == sorted(np.linspace(-2, 2, 1000).astype(F32).tolist())
    assert far[-1] == F32(np.log(precision("float32").largest) + 24)
    assert (far[:-1] == near[:-1]).all()
    assert [len(width.classes(dtype)) for dtype in ("float32", "float64")] == [16, 16]
    for dtype in ("float16", "bfloat16"):
        most = 0.25 / precision(dtype).unit_roundoff
        assert width.classes(dtype) == tuple(size for size in width.WIDTHS[:-1] if size <= most)
    for missing in ("outputs", "reductions", "depths"):
        with pytest.raises(NothingSupported, match=f"no {missing.removesuffix('s')} of"):
            width.classes_plan("float32", Supported(**{missing: NONE[missing]}))  # type: ignore[arg-type]
    with pytest.raises(NothingSupported, match="no depth of 0"):
        width.classes_plan("float32", Supported(depths=(1,)))


def test_many_rows_have_a_last_one_that_counts_for_many() -> None:
    """Without it a tile that is lost at the end of a batch would be lost in the rounding of the sum."""
    plan = width.rows_plan("float32")
    assert plan.factors["rows"] == width.BATCHES
    assert (len(plan.factors["output"]), plan.factors["reduction"]) == (5, ("sum", "mean"))
    for output in plan.factors["output"]:
        case = plan.case({"rows": 100, "output": output, "reduction": "mean"}, "0")
        assert case.network == Network(1, 2 if output == "categorical" else 1, Output(output))
        assert {array.dtype for array in case.arrays() if array.dtype.kind == "f"} == {np.dtype(F32)}
        assert (len(case.x), case.x[-1, 0]) == (100, -width.FAR)
        assert case.parameters[0][0].tolist() == [[1, -1] if output == "categorical" else [1]]
        assert -1 <= case.x[:-1].min() < -0.9 < 0.9 < case.x[:-1].max() <= 1
        rows = [case.rows([row]) for row in range(100)]
        losses = [float(reference.loss(*row.arguments("loss"))) for row in rows]
        assert sum(losses[:-1]) < 16 * losses[-1]
        gradients = [reference.gradient(*row.arguments("gradient")) for row in rows[:-1]]
        assert {bool(gradient[0][1][0] > 0) for gradient in gradients} == {True}  # of every bias, of one sign
    assert width.rows_plan("bfloat16").factors["rows"] == (33,)
    for missing in ("outputs", "reductions", "depths"):
        with pytest.raises(NothingSupported, match=f"no {missing.removesuffix('s')} of"):
            width.rows_plan("float32", Supported(**{missing: NONE[missing]}))  # type: ignore[arg-type]
    with pytest.raises(NothingSupported, match="networks are listed"):
        width.rows_plan("float32", Supported(networks=(Network(1, 1, Output("gaussian")),)))


def test_exact_plans_are_of_what_is_supported() -> None:
    """Without it a layer, a mean or a depth that is built would be tried nowhere."""
    plan = exact.depth_plan("forward", "float32")
    assert [layer["activation"] for layer in plan.factors["layer"]] == [
        layer["activation"] for layer in exact.LAYERS[:8]
    ]
    assert plan.factors["depth"] == tuple(range(9))
    assert (plan.factors["output"], plan.factors["batch"]) == (("gaussian", "laplace"), exact.BATCHES)
    assert plan.factors["decay"] == (0.0, 0.5, 2.0)
    assert {name: plan.factors[name] for name in exact.SMALL} == exact.SMALL
    limited = Supported(("maxout", "tanh"), ("laplace",), ("mean",), depths=(1, 2))
    few = exact.depth_plan("forward", "float32", limited)
    assert {layer["activation"] for layer in few.factors["layer"]} == {"maxout"}
    assert (few.factors["output"], few.factors["depth"]) == (("laplace",), (1, 2))
    assert {reduction for _, reduction in few.factors["batch"]} == {"mean"}
    assert (
        "layer"
        not in exact.depth_plan("forward", "float32", replace(limited, activations=("relu",), depths=(0,))).factors
    )
    own = (Network(2, 1, Output("gaussian"), (Hidden(2),)), Network(2, 1, Output("gaussian"), (Hidden(2, "tanh"),)))
    listed = exact.depth_plan("forward", "float32", Supported(networks=own))
    assert listed.factors == {"network": own[:1], "rows": exact.OWN_ROWS}
    case = listed.case({"network": own[0], "rows": 17}, "0")
    assert (case.network, len(case.x)) == (own[0], 16)  # of a mean a power of two
    for lacking in (Supported(depths=()), Supported(outputs=("poisson",)), Supported(activations=("tanh",))):
        with pytest.raises(NothingSupported):
            exact.depth_plan("forward", "float32", lacking)


def test_every_size_is_planned_with_layers_in_turn() -> None:
    """Without it a size would be tried with relu alone."""
    plan = exact.size_plan("gradient", "float32")
    sizes = plan.factors["sizes"]
    assert {each["activation"] for each in sizes} == {layer["activation"] for layer in exact.LAYERS}
    assert {(each["output"], each["reduction"]) for each in sizes} == {("gaussian", "sum")}
    assert 2049 in {each["rows"] for each in sizes}
    mean = exact.size_plan("gradient", "float32", Supported(outputs=("laplace",), reductions=("mean",))).factors[
        "sizes"
    ]
    assert {(each["output"], each["reduction"]) for each in mean} == {("laplace", "mean")}
    assert all(math.log2(each["rows"]).is_integer() for each in mean)
    assert 2048 in {each["rows"] for each in mean}
    with pytest.raises(NothingSupported, match="networks are listed, and tried at their own sizes"):
        exact.size_plan("gradient", "float32", Supported(networks=(Network(1, 1, Output("gaussian")),)))
    with pytest.raises(NothingSupported, match="no depth of 1"):
        exact.size_plan("gradient", "float32", Supported(depths=(0,)))
    for lacking in (Supported(outputs=("poisson",)), Supported(reductions=()), Supported(activations=("tanh",))):
        with pytest.raises(NothingSupported):
            exact.size_plan("gradient", "float32", lacking)


def test_an_exact_answer_is_the_one_that_is_admitted() -> None:
    """Without it a wrong last bit would pass where nothing is rounded, or a case that rounds be judged."""
    plan = exact.depth_plan("forward", "float32")
    case = plan.case(
        {
            "layer": {"activation": "relu"},
            "depth": 1,
            "output": "gaussian",
            "batch": (4, "mean"),
            "decay": 0.0,
            "inputs": 3,
            "width": 4,
            "units": 2,
        },
        "0",
    )
    assert (len(case.x), case.network.reduction) == (4, "mean")
    right = exact.equals(case, offered("forward"), MODEL)
    assert (right.verdict, right.exact) == (Verdict.HOLDS, True)
    off = exact.equals(case, offered("forward", forward=lambda right, *_: np.nextafter(right, F32(9))), MODEL)
    assert (off.verdict, off.exact) == (Verdict.WRONG, True)
    rounding = case.changed(x=case.x + F32(2.0**-20))
    assert exact.equals(rounding, offered("forward"), MODEL).verdict is Verdict.NOT_OFFERED
    assert exact.loss_of_exact_output(case, offered("loss"), MODEL).verdict is Verdict.HOLDS
    assert (
        exact.loss_of_exact_output(case, offered("loss", loss=lambda right, *_: 2 * right), MODEL).verdict
        is Verdict.WRONG
    )
    assert exact.loss_of_exact_output(rounding, offered("loss"), MODEL).verdict is Verdict.NOT_OFFERED
    nearly = offered("loss", loss=lambda right, *_: right * F32(1 + 2.0**-11))
    assert exact.loss_of_exact_output(case, nearly, MODEL).verdict is Verdict.WRONG
    assert not exact.loss_of_exact_output(case, nearly, MODEL.with_bits(5)).fails
    assert dtype_of("float32") == F32


def test_an_exact_case_is_made_for_the_answer_that_is_judged() -> None:
    """Without it an output would be tried with the few bits that a gradient takes."""
    made = exact._built(lambda *given: given, lambda levels: levels["sizes"], "forward", "float32", {"sizes": 3}, 7)  # type: ignore[arg-type, return-value]
    assert made == (3, "float32", 7, ("forward",))


@pytest.mark.parametrize("plan", [exact.depth_plan, exact.size_plan])
def test_exact_cases_are_drawn_of_networks_that_are_supported(plan: Any) -> None:
    """Without it who supports few networks would be asked for those that it refuses."""
    seen: list[Any] = []

    def accepts(network: Any) -> bool:
        seen.append(network)
        return bool(network.inputs == 3)

    own = Network(1, 1, Output("gaussian"))
    assert exact._network({"network": own, "rows": 1}) is own
    exact._cases(plan, "forward", "float32", Supported(accepts=accepts))
    assert {type(network) for network in seen} == {Network}
    assert {network.inputs for network in seen} > {3}
