"""Cases and judges that laws have for themselves: wide layers, many classes, what is no number, layouts, no rows."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from ffn import ActivationCase, Case, Hidden, Network, Output, reference
from ffn.cases.networks import NothingSupported, Supported
from ffn.conformance.implementation.errors import ImplementationError
from ffn.conformance.implementation.subject import Subject
from ffn.conformance.law import Offered
from ffn.conformance.laws import arguments, batch, exact, layouts, nonfinite, purity, symmetry, width
from ffn.conformance.laws.layouts import LAYOUTS, LaidOut, labelled, laid, layout_of
from ffn.conformance.verdict import Judgement, Verdict
from ffn.numbers.precision import dtype_of, precision

F32 = np.float32
MODEL = precision("float32")
NONE: dict[str, tuple[Any, ...]] = {"activations": (), "outputs": (), "reductions": (), "functions": (), "depths": ()}


def generator(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


# width


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
        assert ((np.abs(W) >= 0.25) & (np.abs(W) <= 1)).all()
        assert sorted(b.tolist()) == sorted(np.linspace(-3, 3, 100).astype(F32).tolist())
        assert b.tolist() != sorted(b.tolist())
        assert set(np.abs(V).ravel().tolist()) == {1 / 128}
        assert {1, -1} <= set(np.sign(V).ravel().tolist())
        assert set(np.abs(case.x).ravel().tolist()) <= {0.5, 1}
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
    levels = {"classes": 1000, "logits": "near", "labels": "each once", "type": "int64", "reduction": "sum"}

    def case(seed: str = "0", **own: Any) -> Case:
        made = plan.case(levels | own, seed)
        assert made.network == Network(1, (levels | own)["classes"], Output("categorical"), reduction="sum")
        assert (made.x == 1).all()
        assert made.x.shape == (len(made.y), 1)
        assert made.x.dtype == made.parameters[0][0].dtype == made.parameters[0][1].dtype == F32
        assert not made.parameters[0][1].any()
        return made  # type: ignore[no-any-return]

    assert case().y.tolist() == sorted({*width.TELLING, 999})
    assert sorted(case(classes=33).y.tolist()) == list(range(33))
    assert sorted(case(classes=63).y.tolist()) == [0, 1, 62]
    assert case().y.dtype == np.int64
    assert case(type="narrowest").y.dtype == np.uint16
    assert case(type="narrowest", classes=33).y.dtype == np.uint8
    last = {int(case(str(seed), labels="a last one").y[0]) for seed in range(30)}
    assert last == {997, 998, 999}
    assert len(case(labels="a last one").y) == 1
    assert len(case(labels="two last ones").y) == 2
    near, far = case().parameters[0][0][0], case(logits="last far above").parameters[0][0][0]
    assert sorted(near.tolist()) == sorted(np.linspace(-2, 2, 1000).astype(F32).tolist())
    assert far[-1] == F32(np.log(precision("float32").largest) + 4)
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


# what is no number


class Answers:
    """The reference, whose answer may be another."""

    name, dtypes = "answers", ("float32", "float64")

    def __init__(self, **own: Any) -> None:
        self.own = own

    def __getattr__(self, name: str) -> Any:
        if name not in ("forward", "loss", "gradient", "activation", "slope"):
            raise AttributeError(name)
        right = getattr(reference, name)
        own = self.__dict__["own"].get(name)
        return right if own is None else lambda *given: own(right(*given), *given)


def offered(*names: str, **own: Any) -> Offered:
    return Offered(names, Subject(Answers(**own)))


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


def network_case(rows: int = 3, output: str = "gaussian", depth: int = 1, **own: Any) -> Case:
    network = Network(2, 2, Output(output), (Hidden(3),) * depth, **own)
    random = generator()
    arrays = tuple(tuple(random.uniform(-1, 1, shape).astype(F32) for shape in layer) for layer in network.shapes)
    y: Any = np.arange(rows) % 2 if output == "categorical" else random.uniform(-1, 1, (rows, 2)).astype(F32)
    return Case(network, arrays, random.uniform(0.1, 1, (rows, 2)).astype(F32), y)


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


# layouts


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

    def judged(answer: Any, *names: str) -> Judgement:
        return arguments.no_rows(case, Offered(names or ("forward", "loss", "gradient"), Subject(Empty(answer))), MODEL)

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

    def undecayed(name: str, *given: Any) -> Any:
        right = of_no_rows(name, *given)
        return tuple((0 * dW, db) for dW, db in right)

    assert judged(undecayed, "gradient").verdict is (Verdict.WRONG if decay else Verdict.HOLDS)


# batches, symmetries, purity


def test_parts_of_a_batch_add_up() -> None:
    """Without it a batch of an odd number of rows would lose one."""
    for rows in (1, 2, 3, 5):
        case = network_case(rows, reduction="sum")
        assert batch.whole_is_the_sum_of_its_parts(case, offered("gradient"), MODEL).verdict is Verdict.HOLDS
    sizes: list[int] = []

    def counts(right: Any, network: Any, parameters: Any, x: Any, y: Any) -> Any:
        sizes.append(len(x))
        return right

    batch.whole_is_the_sum_of_its_parts(network_case(5, reduction="sum"), offered("gradient", gradient=counts), MODEL)
    assert sizes == [2, 3]
    twice = offered("gradient", gradient=lambda right, *_: tuple((2 * dW, 2 * db) for dW, db in right))
    assert batch.whole_is_the_sum_of_its_parts(network_case(4, reduction="sum"), twice, MODEL).verdict is Verdict.WRONG


def test_rows_are_repeated_and_permuted() -> None:
    """Without it equal rows could be counted once, or an output be that of another row."""
    case, seen = network_case(), []

    def watches(right: Any, network: Any, parameters: Any, x: Any, *rest: Any) -> Any:
        seen.append(x.copy())
        return right

    assert batch.repeated_row_counts_each_time(case, offered("loss", loss=watches), MODEL).verdict is Verdict.HOLDS
    assert (seen.pop() == np.repeat(case.x, 3, axis=0)).all()
    assert batch.rows_in_any_order(case, offered("forward", forward=watches), MODEL).verdict is Verdict.HOLDS
    assert (seen.pop() == case.x[::-1]).all()
    fixed = offered("forward", forward=lambda right, n, p, x: reference.forward(n, p, case.x))
    assert batch.rows_in_any_order(case, fixed, MODEL).verdict is Verdict.WRONG


def test_symmetries_are_those_of_the_network() -> None:
    """Without it what is held against the case would be an answer to another one."""
    case = network_case()
    seen: list[Any] = []

    def watches(right: Any, network: Any, parameters: Any, *rest: Any) -> Any:
        seen.append(parameters)
        return right

    names = ("forward", "gradient")
    both = offered(*names, forward=watches, gradient=watches)
    assert symmetry.hidden_units_in_any_order(case, both, MODEL).verdict is Verdict.HOLDS
    (W, b), (V, c) = case.parameters
    assert np.array_equal(seen[0][0][0], W[:, ::-1])
    assert np.array_equal(seen[0][1][0], V[::-1])
    seen.clear()
    assert symmetry.relu_may_be_rescaled(case, both, MODEL).verdict is Verdict.HOLDS
    assert np.array_equal(seen[0][0][0], 4 * W)
    assert np.array_equal(seen[0][0][1], 4 * b)
    assert np.array_equal(seen[0][1][0], V / 4)
    assert np.array_equal(seen[0][1][1], c)
    deep = network_case(depth=2)
    assert symmetry.relu_may_be_rescaled(deep, offered(*names), MODEL).verdict is Verdict.HOLDS
    classes = network_case(output="categorical")
    moved = classes.changed(parameters=(classes.parameters[0], (classes.parameters[1][0], np.array([128, 129], F32))))
    seen.clear()
    assert symmetry.softmax_may_be_shifted(moved, offered("loss", loss=watches), MODEL).verdict is Verdict.HOLDS
    assert [given[1][1].tolist() for given in seen] == [[128, 129], [0, 1]]
    inexact = classes.changed(
        parameters=(classes.parameters[0], (classes.parameters[1][0], np.array([128, 1e-7], F32)))
    )
    assert symmetry.softmax_may_be_shifted(inexact, offered("loss"), MODEL) == Judgement(Verdict.NOT_OFFERED)


def test_a_second_call_is_held_against_the_first_bit_by_bit_on_many_rows_too() -> None:
    """Without it a sum in a changing order would be seen on small cases alone, where it does not show."""
    case, rows = network_case(), []

    def watches(right: Any, network: Any, parameters: Any, x: Any) -> Any:
        rows.append((len(x), network.hidden[0].activation))
        return right

    assert purity.second_call_is_the_same(case, offered("forward", forward=watches), MODEL).verdict is Verdict.HOLDS
    assert rows[:4] == [(3, "relu"), (3, "relu"), (257, "relu"), (257, "relu")]
    assert {name for _, name in rows[2:]} >= {"tanh", "softplus", "sigmoid"}
    calls: list[int] = []

    def drifts(right: Any, network: Any, parameters: Any, x: Any) -> Any:
        calls.append(len(x))
        return np.nextafter(right, F32(9)) if len(x) == 257 and len(calls) % 2 == 0 else right

    found = purity.second_call_is_the_same(case, offered("forward", forward=drifts), MODEL)
    assert found.message == "forward: a second call on the same inputs differs: output"
    long = purity._long(case)
    assert (len(long.x), long.x.dtype) == (257, F32)
    assert len(np.unique(long.x)) > 250
    changing = Answers()
    changing.reproducible = False  # type: ignore[attr-defined]
    assert (
        purity.second_call_is_the_same(case, Offered(("forward",), Subject(changing)), MODEL).verdict
        is Verdict.NOT_OFFERED
    )
    zeros = np.zeros(2, F32)
    assert purity.same_bits(zeros, zeros.copy())
    assert not any(purity.same_bits(zeros, other) for other in (-zeros, zeros.astype(np.float64), zeros[:1]))


# exact


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
    assert dtype_of("float32") == F32
