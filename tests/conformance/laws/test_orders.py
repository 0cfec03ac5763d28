"""Sequences of calls: each kind of thing that may be remembered has calls in which it would show.

Claims: the others of a case differ from it in one thing and in no shape; an order goes there and back; a fault that an
answer shows is put down to the calls before only where they are to blame.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from ffn import ActivationCase, Case, Hidden, Network, Output, Recurrent, reference
from ffn.cases.case import flat
from ffn.conformance.implementation.sequence import AT_ONCE, Arrays, Sequence, Use
from ffn.conformance.implementation.subject import Subject
from ffn.conformance.law import Offered
from ffn.conformance.laws.state import orders
from ffn.conformance.laws.state.judging import held
from ffn.conformance.laws.state.others import (
    different,
    larger,
    spread,
    with_another,
    with_other_biases,
    with_unequal_targets,
)
from ffn.conformance.verdict import Judgement, Verdict
from ffn.numbers.precision import precision

F32 = np.float32
MODEL = precision("float32")


def case_of(output: str = "gaussian", units: int = 2, rows: int = 3, activation: str = "tanh", **own: Any) -> Case:
    network = Network(2, units, Output(output), (Hidden(3, activation),), **own)
    random = np.random.default_rng(0)
    arrays = tuple(tuple(random.uniform(-1, 1, shape).astype(F32) for shape in layer) for layer in network.shapes)
    y: Any = random.uniform(0.1, 0.9, (rows, network.targets)).astype(F32)
    if output == "categorical":
        y = np.arange(rows) % units
    return spread(Case(network, arrays, random.uniform(-1, 1, (rows, 2)).astype(F32), y))


CASE = case_of()
ALL = Offered(("forward", "loss", "gradient"), Subject(reference))


def changed_fields(one: Case, other: Case) -> set[str]:
    before = dict(one.trees())
    return {
        name
        for name, tree in other.trees()
        if any(a.tobytes() != b.tobytes() for a, b in zip(flat(tree), flat(before[name]), strict=True))
    }


# others


@pytest.mark.parametrize("name", ["parameters", "x", "y"])
def test_others_differ_in_one_field_and_in_no_shape(name: str) -> None:
    """Without it what is mistaken for what was there before would differ in its shape, and be told apart by that."""
    others = different(CASE, name)
    assert len(others) == 4
    assert all(changed_fields(CASE, other) == {name} for other in others)
    for other in others:
        assert [array.shape for array in other.arrays()] == [array.shape for array in CASE.arrays()]
        assert [array.dtype for array in other.arrays()] == [array.dtype for array in CASE.arrays()]
        replace(other)  # which checks it
    every, last, later, backwards = (flat(getattr(other, name)) for other in others)
    before = flat(getattr(CASE, name))
    assert all((a != b).all() for a, b in zip(every, before, strict=True))
    place = len(before) - (2 if name == "parameters" else 1)
    assert [(a != b).any() for a, b in zip(last, before, strict=True)] == [k == place for k in range(len(before))]
    assert (last[place] != before[place])[..., -1].all()
    assert (last[place] == before[place])[..., :-1].all()
    assert (later[0] == before[0])[0].all()
    assert (later[0] != before[0])[1:].all()
    assert all((a == b).all() for a, b in zip(later[1:], before[1:], strict=True))
    assert all((a == b[::-1]).all() for a, b in zip(backwards, before, strict=True))


@pytest.mark.parametrize(
    ("output", "units", "domain"),
    [
        ("categorical", 3, lambda y: set(y.tolist()) <= {0, 1, 2}),
        ("bernoulli", 2, lambda y: ((y >= 0) & (y <= 1)).all()),
        ("poisson", 2, lambda y: (y >= 0).all()),
        ("gaussian", 2, lambda y: True),
    ],
)
def test_other_targets_stay_in_the_domain(output: str, units: int, domain: Any) -> None:
    """Without it the other case would be refused, and nothing be tried."""
    case = case_of(output, units)
    others = different(case, "y")
    assert others
    assert all(domain(other.y) and (other.y.dtype == case.y.dtype) for other in others)
    assert (others[0].y != case.y).all()


def test_other_masks_keep_what_was_dropped() -> None:
    """Without it the other masks would be those of the case."""
    masks = (np.array([[1, 0], [1, 1], [0, 0]], F32), np.ones((3, 3), F32))
    others = different(replace(CASE, masks=masks), "masks")
    assert all(set(np.unique(mask)) <= {0, 1} for other in others for mask in other.masks or ())
    assert [mask.tolist() for mask in others[0].masks or ()] == [(1 - mask).tolist() for mask in masks]


def test_fields_that_cannot_differ_have_no_others() -> None:
    """Without it the same call would be made again in the name of another one."""
    one = case_of(rows=1)
    assert len(different(one, "x")) == 2  # of one row neither the later ones nor their order
    assert len(different(CASE, "x", "y")) == 8


def test_other_biases_are_those_of_every_layer_and_of_the_ends() -> None:
    """Without it a key made of the weights would be right."""
    every, last, first = with_other_biases(CASE)
    (b, c) = (layer[1] for layer in CASE.parameters)
    for other, changed in ((every, (True, True)), (last, (False, True)), (first, (True, False))):
        found = [layer[1] for layer in other.parameters]
        assert tuple((new != old).all() for new, old in zip(found, (b, c), strict=True)) == changed
        assert all(
            new[0] is old[0] or (new[0] == old[0]).all()
            for new, old in zip(other.parameters, CASE.parameters, strict=True)
        )


@pytest.mark.parametrize("what", ["activation", "slope", "reduction", "decay", "output"])
def test_other_networks_have_the_same_shapes_and_differ_in_one_thing(what: str) -> None:
    """Without it a key that leaves that thing out would be right."""
    case = case_of(activation="leaky_relu", units=2)
    others = with_another(what, case)
    field = {"activation": "hidden", "slope": "hidden", "decay": "weight_decay"}.get(what, what)
    assert others
    for other in others:
        network: Any = other.network
        assert network.shapes == case.network.shapes
        assert {
            name
            for name in vars(case.network)
            if name != "shapes" and getattr(network, name) != getattr(case.network, name)
        } == {field}
        assert all(a is b for a, b in zip(other.arrays(), case.arrays(), strict=True))
    values = {str(getattr(other.network, field)) for other in others}
    assert len(values) == len(others) >= {"activation": 7, "slope": 3, "decay": 2}.get(what, 1)
    if what == "slope":
        assert {layer.activation for other in others for layer in other.network.hidden} == {"leaky_relu"}
        assert not with_another("slope", CASE)
    if what == "output":
        assert not with_another("output", case_of("bernoulli"))
    pieces = replace(CASE.network, hidden=(Hidden(3, "maxout", pieces=2),))
    arrays = tuple(tuple(np.ones(shape, F32) for shape in layer) for layer in pieces.shapes)
    maxout = Case(pieces, arrays, CASE.x, CASE.y)
    assert bool(with_another(what, maxout)) == (what not in ("activation", "slope"))


def test_larger_batches_have_other_rows() -> None:
    """Without it a larger batch would be the same rows again."""
    found = larger(CASE)
    assert len(found.x) == len(found.y) == 9
    assert len(np.unique(found.x, axis=0)) == 9
    assert len(larger(CASE, 2).x) == 6
    assert (found.y == np.tile(CASE.y, (3, 1))).all()
    assert found.x.dtype == F32


def test_numbers_are_mild_and_in_no_simple_relation() -> None:
    """Without it what differs would not show in the answer."""
    z = np.arange(-8, 8, dtype=F32).reshape(4, 4)
    found = spread(ActivationCase("tanh", z)).z
    assert (found.dtype, found.shape) == (F32, (4, 4))
    assert np.abs(found).max() < 2
    assert len(np.unique(found)) == 16
    assert len(np.unique(np.diff(found.ravel()))) > 1
    same = spread(ActivationCase("tanh", np.zeros((11,), F32))).z
    assert sorted(same.tolist()) == [k / 8 + 1 / 16 for k in range(-5, 6)]
    given = Case(CASE.network, CASE.parameters, CASE.x, CASE.y)
    assert (spread(given).y == given.y).all()


def test_equal_targets_are_made_unequal() -> None:
    """Without it rows in another order would have the same loss."""
    equal = CASE.changed(y=np.full((3, 2), 0.25, F32))
    found = with_unequal_targets(equal)
    assert (found.y[:-1] == equal.y[:-1]).all()
    assert (found.y[-1] != equal.y[-1]).all()
    assert (equal.y == 0.25).all()
    assert with_unequal_targets(CASE) is CASE


# orders


def steps(uses: list[Use]) -> list[tuple[str, int]]:
    """Of each call what is asked for, and the number of its case in the order in which they first come."""
    numbers: dict[int, int] = {}
    return [(use.name, numbers.setdefault(id(use.case), len(numbers))) for use in uses]


def cases_in_order(uses: list[Use], names: int = 3) -> list[Case]:
    return [use.case for use in uses[::names]]


def test_an_order_goes_to_each_other_case_and_back() -> None:
    """Without it what is remembered of the first call would never be met again."""
    others = different(CASE, "x")
    uses = orders.there_and_back(CASE, others, ALL, Arrays.IN_PLACE)
    assert {use.arrays for use in uses} == {Arrays.IN_PLACE}
    assert [use.name for use in uses] == ["forward", "loss", "gradient"] * 9
    assert [number for _, number in steps(uses)[::3]] == [0, 1, 0, 2, 0, 3, 0, 4, 0]
    large = case_of(rows=300)  # of which two numbers in three thousand are too many
    assert len(cases_in_order(orders.there_and_back(large, different(large, "x"), ALL))) == 3


EXPECTED: dict[str, tuple[Callable[..., Any], set[str], set[Arrays]]] = {
    "parameters in place": (orders.parameters_in_place, {"parameters"}, {Arrays.IN_PLACE}),
    "batch in place": (orders.batch_in_place, {"x", "y"}, {Arrays.IN_PLACE}),
    "address used again": (orders.address_used_again, {"parameters", "x", "y"}, {Arrays.SAME_ADDRESS}),
    "other parameters": (orders.other_parameters, {"parameters"}, {Arrays.NEW}),
    "other targets": (orders.other_targets, {"y"}, {Arrays.NEW}),
    "biases alone": (orders.biases_alone, {"parameters"}, {Arrays.NEW, Arrays.IN_PLACE}),
}


@pytest.mark.parametrize("what", EXPECTED)
def test_each_order_changes_what_it_is_about(what: str) -> None:
    """Without it a law on parameters would be tried on other inputs."""
    order, fields, arrays = EXPECTED[what]
    uses = order(CASE, ALL)
    assert {use.arrays for use in uses} == arrays
    assert {name for use in uses if use.case is not CASE for name in changed_fields(CASE, use.case)} == fields
    assert uses[0].case is uses[-1].case is CASE
    assert [use.name for use in uses[:3]] == ["forward", "loss", "gradient"]
    per_field = {
        "parameters in place": 4,
        "batch in place": 8,
        "address used again": 6,
        "other parameters": 4,
        "other targets": 4,
    }
    assert len(uses) == 3 * (2 * per_field[what] + 1) if what in per_field else len(uses) == 2 * 3 * 7


def test_other_inputs_are_those_of_a_long_batch_too() -> None:
    """Without it a key made of the first numbers would be right."""
    uses = orders.other_inputs(CASE, ALL)
    long = [use.case for use in uses if len(use.case.x) == 27]
    assert len({id(case) for case in long}) == 2
    one, other = long[0], next(case for case in long if case is not long[0])
    assert (one.x != other.x).sum() == 1
    assert one.x.ravel()[-1] != other.x.ravel()[-1]
    assert other.x.dtype == F32


def test_rows_come_in_another_order_also_of_one_field_alone() -> None:
    """Without it a key made of a sum would be right."""
    uses = orders.rows_permuted(CASE, ALL)
    _, back, _, x_alone, _, y_alone, _ = cases_in_order(uses)
    assert (back.x == CASE.x[::-1]).all()
    assert (back.y == CASE.y[::-1]).all()
    assert (x_alone.x == CASE.x[::-1]).all()
    assert (x_alone.y == CASE.y).all()
    assert (y_alone.x == CASE.x).all()
    assert (y_alone.y == CASE.y[::-1]).all()


def test_batches_grow_and_shrink() -> None:
    """Without it stale rows of a buffer would be seen by nobody."""
    sizes = [len(case.x) for case in cases_in_order(orders.batches_of_other_sizes(CASE, ALL))]
    assert sizes == [9, 3, 9, 1, 9, 3, 1, 3, 9, 3, 1, 3]


def test_one_array_is_that_of_every_layer_and_then_of_one() -> None:
    """Without it a gradient that is keyed by its array would be right."""
    network = Network(2, 2, Output("gaussian"), (Hidden(2),) * 2)
    arrays = tuple((np.full((2, 2), k, F32), np.full(2, k, F32)) for k in (1, 2, 3))
    case = Case(network, arrays, np.ones((1, 2), F32), np.ones((1, 2), F32))
    uses = orders.one_array_for_two_layers(case, ALL)
    assert [use.shared for use in uses[::3]] == [True, False, True, False, True]
    tied, untied, again, own, last = cases_in_order(uses)
    assert tied is again is last
    assert own is case
    assert [float(W[0, 0]) for W, _ in tied.parameters] == [1, 1, 1]
    assert changed_fields(tied, untied) == {"parameters"}
    assert [use.name for use in uses[:3]] == ["forward", "loss", "gradient"]


def test_another_network_comes_between_where_it_is_taken() -> None:
    """Without it who supports one reduction would be asked for another."""
    uses = orders.another("activation", CASE, ALL)
    assert [number for _, number in steps(uses)[::3]] == [0, 1, 0, 2, 0, 3, 0]

    class Sums:
        name, dtypes = "sums", ("float32",)
        forward, loss, gradient = reference.forward, reference.loss, reference.gradient

        def supports(self, network: Any) -> bool:
            return bool(network.reduction == "mean")

    for method in ("forward", "loss", "gradient"):
        setattr(Sums, method, staticmethod(getattr(reference, method)))
    picky = Offered(("forward", "loss", "gradient"), Subject(Sums()))
    assert orders.another("reduction", CASE, picky) == []
    assert orders.another("decay", CASE, picky)
    only = orders.there_and_back(CASE, with_another("reduction", CASE), picky)
    assert {id(use.case) for use in only} == {id(CASE)}


def test_answers_are_kept_written_and_repeated() -> None:
    """Without it a buffer that is handed out would be overwritten by nobody."""
    kept = orders.answers_kept(CASE, ALL)
    assert [use.name for use in kept] == [name for name in ALL.names for _ in range(20)]
    assert {use.arrays for use in kept} == {Arrays.IN_PLACE}
    assert [number for _, number in steps(kept)[:4]] == [0, 1, 2, 0]
    assert [changed_fields(CASE, use.case) for use in kept[:3]] == [set(), {"x"}, {"parameters"}]
    written = orders.answers_written(CASE, ALL)
    assert all(use.written for use in written)
    assert [number for _, number in steps(written)[::3]] == [0, 1, 0, 0]
    assert [use.name for use in orders.repeated(CASE, ALL)] == [name for name in ALL.names for _ in range(20)]
    assert len(orders.repeated(CASE, replace(ALL, thorough=True))) == 900
    assert {id(use.case) for use in orders.repeated(CASE, ALL)} == {id(CASE)}


def test_a_gradient_comes_first_of_all_and_after_each_other_forward() -> None:
    """Without it a gradient that needs what went forward before would be right."""
    restarts: list[int] = []
    subject = Subject(reference)
    subject.restart = lambda: bool(restarts.append(1)) or True  # type: ignore[method-assign]
    alone = orders.gradient_alone(CASE, Offered(("gradient",), subject))
    assert [number for _, number in steps(alone)] == [0, 1, 0]
    assert {use.name for use in alone} == {"gradient"}
    assert restarts == [1]
    uses = orders.gradient_after_another_forward(CASE, Offered(("gradient",), subject))
    assert [name for name, _ in steps(uses)[:6]] == ["gradient", "forward", "gradient", "gradient", "loss", "gradient"]
    assert len(uses) == 3 * 2 * 3
    between = [use.case for use in uses[1::3]]
    assert [changed_fields(CASE, case) if len(case.x) == 3 else len(case.x) for case in between[::2]] == [
        {"x"},
        {"parameters"},
        1,
    ]
    assert all(use.case is CASE for use in uses if use.name == "gradient")


def test_threads_take_turns_or_call_at_once_where_that_is_promised() -> None:
    """Without it what is kept for each thread would be met by one."""
    uses = orders.from_two_threads(CASE, ALL)
    assert [use.thread for use in uses[:12]] == [0] * 3 + [1] * 3 + [2] * 3 + [0] * 3
    assert len(uses) == 3 * 17
    at_once = orders.from_threads_at_once(CASE, ALL)
    assert bool(at_once) == ALL.subject.concurrent
    subject = Subject(reference)
    subject.concurrent = True
    at_once = orders.from_threads_at_once(CASE, Offered(ALL.names, subject))
    assert all(use.at_once for use in at_once)
    assert [changed_fields(CASE, use.case) for use in at_once[:3]] == [set(), {"x"}, {"parameters"}]
    assert len(at_once) == 9
    subject.concurrent = False
    assert orders.from_threads_at_once(CASE, Offered(ALL.names, subject)) == []


def test_an_order_that_is_drawn_has_calls_of_every_kind_and_is_the_same_each_time() -> None:
    """Without it a failure could not be repeated."""
    uses, again = orders.in_any_order(CASE, ALL), orders.in_any_order(CASE, ALL)
    assert len(uses) == 36
    assert [(use.name, use.arrays, use.case.network) for use in uses] == [
        (use.name, use.arrays, use.case.network) for use in again
    ]
    assert {use.name for use in uses} == set(ALL.names)
    assert {use.arrays for use in uses} == set(Arrays)
    assert len({len(use.case.x) for use in uses}) > 1
    assert len({use.case.network for use in uses}) > 1
    assert len({id(use.case) for use in uses}) > 3
    assert any(use.case is CASE for use in uses)
    other = orders.in_any_order(different(CASE, "x")[0], ALL)
    assert [(use.name, use.arrays) for use in other] != [(use.name, use.arrays) for use in uses]


def test_parts_and_elements_have_orders_of_their_own() -> None:
    """Without it masks, first states or pre-activations that are remembered would be seen by nobody."""
    masked = replace(CASE, masks=(np.array([[1, 0], [1, 1], [0, 0]], F32), np.ones((3, 3), F32)))
    uses = orders.masks(masked, ALL)
    assert any(use.case.masks is None for use in uses)
    assert {use.arrays for use in uses} == {Arrays.NEW, Arrays.IN_PLACE}
    others = len(different(masked, "masks"))
    assert len(uses) == 3 * (2 * (others + 1) + 1 + 2 * others + 1)
    layer = Recurrent(1, Hidden(2, "tanh"), 1, Output("gaussian"))
    arrays = tuple(tuple(np.full(shape, 0.5, F32) for shape in each) for each in layer.shapes)
    cell = spread(Case(layer, arrays, np.ones((2, 3, 1), F32), np.ones((2, 1), F32), h0=np.ones((2, 2), F32)))
    of_cell = orders.sequences_and_states(cell, ALL)
    assert {name for use in of_cell if use.case.x.shape == cell.x.shape for name in changed_fields(cell, use.case)} == {
        "x",
        "h0",
        "parameters",
    }
    assert {use.case.x.shape[1] for use in of_cell} == {3, 1}
    assert of_cell[-1].case is cell
    z = spread(ActivationCase("tanh", np.ones(4, F32)))
    elements = orders.elements(z, Offered(("activation", "slope"), Subject(reference)))
    assert {use.arrays for use in elements} == {Arrays.IN_PLACE, Arrays.SAME_ADDRESS, Arrays.NEW}
    assert {use.case.activation for use in elements} == {"tanh", "relu", "sigmoid"}
    assert {len(use.case.z) for use in elements} == {4, 2}
    seen = {use.case.z.tobytes() for use in elements}
    assert {z.z.tobytes(), z.z[::-1].tobytes(), (0.5 - z.z / 2).astype(F32).tobytes()} <= seen
    assert len(elements) == 3 * 2 * 11


# judging


def judged(
    implementation: Any, *uses: Use, names: tuple[str, ...] = ("forward",), again: bool = True, **options: bool
) -> Judgement:
    subject = Subject(implementation, type(implementation) if again else None)
    if not again:
        subject.boundary._again = None  # type: ignore[attr-defined]
    return held(Sequence(uses), Offered(names, subject), MODEL, **options)


class Forward:
    name, dtypes = "forward alone", ("float32",)

    def __init__(self) -> None:
        self.calls = 0
        self.kept: Any = None

    def forward(self, network: Any, parameters: Any, x: Any) -> Any:
        self.calls += 1
        return self.answer(reference.forward(network, parameters, x))

    def answer(self, z: Any) -> Any:
        return z


class KeepsTheFirst(Forward):
    def answer(self, z: Any) -> Any:
        self.kept = z if self.kept is None else self.kept
        return self.kept.copy()


class Wrong(Forward):
    def answer(self, z: Any) -> Any:
        return z + 1


class Drifts(Forward):
    """The bits move, and stay admissible."""

    def answer(self, z: Any) -> Any:
        return np.nextafter(z, F32(9)) if self.calls == 2 else z


class OneBuffer(Forward):
    def answer(self, z: Any) -> Any:
        self.kept = np.empty_like(z) if self.kept is None else self.kept
        self.kept[...] = z
        return self.kept


OTHER = different(CASE, "x")[0]
THERE_AND_BACK = (Use("forward", CASE), Use("forward", OTHER), Use("forward", CASE))


def test_answers_of_their_own_hold_where_those_of_others_would_have_shown() -> None:
    """Without it a sequence of equal calls would hold of what remembers everything."""
    assert judged(Forward(), *THERE_AND_BACK).verdict is Verdict.HOLDS
    assert judged(Forward(), Use("forward", CASE), Use("forward", CASE)).verdict is Verdict.UNDECIDED
    assert judged(Forward(), Use("forward", CASE), Use("forward", CASE), telling=False).verdict is Verdict.HOLDS
    shorter = CASE.rows([0])
    assert judged(Forward(), Use("forward", CASE), Use("forward", shorter)).verdict is Verdict.UNDECIDED


@pytest.mark.parametrize("again", [True, False])
def test_an_answer_to_other_arguments_is_told_with_the_call_that_had_it(again: bool) -> None:
    """Without it a reader would not know what was remembered."""
    found = judged(KeepsTheFirst(), *THERE_AND_BACK, again=again)
    assert found.verdict is Verdict.WRONG
    assert found.message.startswith("forward, call 2 of 3: output[0, 0]: computed ")
    assert found.message.endswith(", which is what call 1 returned")
    assert len(found.shown.uses) == 2
    assert found.replayed is not None
    assert found.replayed(found.shown).verdict is Verdict.WRONG
    assert found.replayed(Sequence(THERE_AND_BACK[:1])).verdict is not Verdict.WRONG


def test_what_is_wrong_by_itself_is_not_put_down_to_the_calls_before() -> None:
    """Without it every wrong formula would be state."""
    assert judged(Wrong(), *THERE_AND_BACK).verdict is Verdict.UNDECIDED
    assert judged(Wrong(), *THERE_AND_BACK, again=False).verdict is Verdict.UNDECIDED


def test_an_answer_that_changes_later_is_told_with_its_call() -> None:
    """Without it a buffer that is handed out would hold."""
    found = judged(OneBuffer(), *THERE_AND_BACK, kept=True)
    assert (found.verdict, found.message) == (
        Verdict.WRONG, "forward, call 2 of 3: the answer that call 1 returned is changed, output"
    )  # fmt: skip
    assert judged(OneBuffer(), *THERE_AND_BACK).verdict is Verdict.HOLDS

    class Passes:
        name, dtypes = "passes", ("float32",)

        def __init__(self) -> None:
            self.kept = np.zeros(2, F32)

        def activation(self, name: str, at: Any) -> Any:
            return at

        def gradient(self, network: Any, parameters: Any, x: Any, y: Any) -> Any:
            both = np.zeros(9, F32)
            return ((both[:6].reshape(2, 3), both[3:6]), (np.zeros((3, 2), F32), np.zeros(2, F32)))

    z = ActivationCase("relu", np.ones(2, F32))
    own = judged(Passes(), Use("activation", z, written=True), names=("activation",), kept=True)
    assert own.message == "activation, call 1 of 1: its answer lies in the memory of its argument z"
    shared = judged(Passes(), Use("gradient", CASE, written=True), names=("gradient",), kept=True)
    assert shared.message == "gradient, call 1 of 1: another array of its answer lies in the memory of layer 0, b"


def test_other_bits_are_told_where_the_same_are_promised() -> None:
    """Without it a sum in a changing order would be one that is repeated."""
    same = tuple(Use("forward", CASE) for _ in range(3))
    found = judged(Drifts(), *same, telling=False, same_bits=True)
    assert found.message == "forward, call 2 of 3: other bits than call 1 returned for the same arguments"
    assert judged(Drifts(), *same, telling=False).verdict is Verdict.HOLDS
    drifts = Drifts()
    drifts.reproducible = False  # type: ignore[attr-defined]
    subject = Subject(drifts)
    assert (
        held(Sequence(same), Offered(("forward",), subject), MODEL, telling=False, same_bits=True).verdict
        is Verdict.HOLDS
    )


def test_what_raises_is_an_error_with_the_calls() -> None:
    """Without it the calls that lead there would be lost."""

    class Raises(Forward):
        def answer(self, z: Any) -> Any:
            if self.calls == 2:
                raise ValueError("once more")
            return z

    found = judged(Raises(), *THERE_AND_BACK)
    assert found.verdict is Verdict.ERROR
    assert found.message.startswith("forward raised ValueError: once more")
    assert found.message.endswith("(call 2 of 3)")
    assert found.shown.uses == THERE_AND_BACK
    assert AT_ONCE > 1
