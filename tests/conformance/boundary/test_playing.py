"""Sequences of calls: each is given the arrays that it is said to be given, and what becomes of answers is seen."""

from __future__ import annotations

import weakref
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from ffn import ActivationCase, Case, Network, Output, reference
from ffn.conformance.implementation.boundary.calling import playing
from ffn.conformance.implementation.boundary.calling.playing import WRITTEN
from ffn.conformance.implementation.boundary.data.call import Reply
from ffn.conformance.implementation.boundary.data.script import Brought, How
from ffn.conformance.implementation.boundary.data.stored import stored
from ffn.conformance.implementation.errors import Impure
from ffn.conformance.implementation.sequence import (
    AT_ONCE,
    Arrays,
    Sequence,
    Use,
    array_leaves,
    leaves_of,
    of_calls,
    same_contents,
)
from ffn.conformance.implementation.subject import Subject

F32 = np.float32
NETWORK = Network(2, 1, Output("gaussian"))


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine too all calls at once are made."""
    monkeypatch.setattr(playing, "AT_ONCE_SECONDS", 60.0)


def case(*numbers: float) -> Case:
    """Parameters, inputs and targets that are these numbers throughout."""
    W, b, x, y = (
        np.full(shape, number, F32) for shape, number in zip(((2, 1), 1, (3, 2), (3, 1)), numbers, strict=True)
    )
    return Case(NETWORK, ((W, b),), x, y)


ONE = case(1, 2, 3, 4)
OTHER_X = case(1, 2, 5, 4)
OTHER_W = case(9, 2, 3, 4)


class Watches:
    """The reference, and the objects that it was given."""

    name, dtypes, parts = "watches", ("float32",), ("dropout",)

    def __init__(self) -> None:
        self.seen: list[tuple[Any, ...]] = []
        self.threads: list[int] = []
        self.tuples: list[tuple[Any, ...]] = []

    def forward(self, network: Any, parameters: Any, x: Any) -> Any:
        import threading

        ((W, b),) = parameters
        self.seen.append((network, W, b, x))
        self.tuples.append((parameters, parameters[0]))
        self.threads.append(threading.get_ident())
        return reference.forward(network, parameters, x)

    def loss(self, *given: Any) -> Any:
        return reference.loss(*given)

    def gradient(self, *given: Any) -> Any:
        return reference.gradient(*given)

    def activation(self, name: str, at: Any) -> Any:
        return reference.activation(name, at)


def played(*uses: Use, by: Any = None) -> tuple[Watches, list[Any]]:
    watches = by or Watches()
    return watches, Subject(watches, lambda: watches).play(Sequence(uses))


def test_arguments_that_differ_are_what_the_use_says_and_the_others_the_same_objects() -> None:
    """Without it what an implementation remembers of an array would never be seen to be wrong."""
    for arrays in Arrays:
        watches, found = played(Use("forward", ONE), Use("forward", OTHER_X, arrays))
        (_, W, b, x), (_, V, c, y) = watches.seen
        assert [each.answer.tolist() for each in found] == [[[8]] * 3, [[12]] * 3]
        assert (V is W, c is b) == ((False, False) if arrays is Arrays.ALL_NEW else (True, True)), arrays
        assert (y is x) == (arrays is Arrays.IN_PLACE), arrays
        assert (y == 5).all()
    watches, _ = played(Use("forward", ONE), Use("forward", ONE))
    assert all(a is b for a, b in zip(*watches.seen, strict=True))  # the network too
    watches, _ = played(Use("forward", ONE), Use("forward", ONE, Arrays.ALL_NEW))
    assert not any(a is b for a, b in zip(watches.seen[0][1:], watches.seen[1][1:], strict=True))


def test_a_tuple_of_the_same_arrays_is_the_same_tuple() -> None:
    """Without it what is remembered by the tuple of the parameters, as a training loop has it, would be met by none."""
    for other, arrays, same in (
        (OTHER_X, Arrays.NEW, True),
        (OTHER_W, Arrays.IN_PLACE, True),
        (OTHER_W, Arrays.NEW, False),
        (OTHER_W, Arrays.SAME_ADDRESS, False),
    ):
        (one, layer), (two, its) = played(Use("forward", ONE), Use("forward", other, arrays))[0].tuples
        assert (one is two, layer is its) == (same, same), arrays


def test_another_array_lies_where_the_last_one_lay() -> None:
    """Without it a cache by address would hold."""

    class Forgets(Watches):
        def forward(self, network: Any, parameters: Any, x: Any) -> Any:
            self.seen.append((id(x), x.ctypes.data))
            return reference.forward(network, parameters, x)

    watches, found = played(Use("forward", ONE), Use("forward", OTHER_X, Arrays.SAME_ADDRESS), by=Forgets())
    assert watches.seen[0][1] == watches.seen[1][1]
    assert found[1].answer.tolist() == [[12]] * 3


def test_arguments_with_the_same_contents_are_one_array_where_that_is_asked() -> None:
    """Without it a program that overwrites one of two equal arguments would never be seen to change the other."""
    equal = case(1, 1, 1, 1)
    square = Case(
        Network(1, 1, Output("gaussian")),
        ((equal.parameters[0][0][:1], equal.parameters[0][1]),),
        *np.ones((2, 1, 1), F32),
    )
    for shared in (True, False):
        watches, _ = played(Use("forward", square, shared=shared))
        _, W, b, x = watches.seen[0]
        assert (W is x) == shared
        assert b is not W


def test_calls_come_from_the_thread_that_is_named() -> None:
    """Without it what a program keeps for each thread would never be met from another."""
    watches, _ = played(*(Use("forward", ONE, thread=thread) for thread in (0, 1, 2, 1, 0)))
    main, one, two, again, last = watches.threads
    assert main == last
    assert one == again
    assert len({main, one, two}) == 3


def test_calls_at_once_are_made_many_times_each_from_a_thread_of_its_own() -> None:
    """Without it a buffer that threads share would be overwritten by nobody."""
    watches, found = played(
        Use("forward", ONE, at_once=True), Use("forward", OTHER_X, at_once=True), Use("forward", OTHER_W)
    )
    assert len(watches.seen) == len(found) == 2 * AT_ONCE + 1
    assert len(set(watches.threads)) == 3
    assert [each.answer[0, 0] for each in found] == [8] * AT_ONCE + [12] * AT_ONCE + [56]
    assert [each.use.case for each in found[::AT_ONCE]] == [ONE, OTHER_X, OTHER_W]


def test_a_call_that_is_left_of_several_at_once_is_made_as_often() -> None:
    """Without it calls that are left out one by one, to see which of them a failure takes, would end the judge."""
    watches, found = played(Use("forward", ONE), Use("forward", OTHER_X, at_once=True))
    assert [each.answer[0, 0] for each in found] == [8] + [12] * AT_ONCE
    assert len(set(watches.threads)) == 2


def test_an_array_that_was_let_go_of_is_made_where_it_was_and_any_other_one_elsewhere() -> None:
    """Without it what is remembered by its address would be met by chance, or not at all."""
    table = playing._Table()
    old, new = (Brought("x", stored(np.full(3, number, F32)), how) for number, how in ((1, How.NEW), (2, How.NEW)))
    table.bring(old)
    place, watched = id(table.arrays["x"]), weakref.ref(table.arrays["x"])
    table.bring(new)
    assert watched() is not None
    assert id(table.arrays["x"]) != place
    place = id(table.arrays["x"])
    table.bring(replace(old, how=How.SAME_ADDRESS))
    assert (id(table.arrays["x"]), table.arrays["x"].tolist()) == (place, [1, 1, 1])


def test_at_the_same_address_what_did_not_change_of_a_field_is_made_anew_too() -> None:
    """Without it a key made of the first array of a field would be right."""
    (W, b), = ONE.parameters  # fmt: skip
    other = ONE.changed(parameters=((W + F32(1), b),))
    uses = (Use("forward", ONE), Use("forward", other, Arrays.SAME_ADDRESS))
    _, second = Sequence(uses).script()
    assert [(each.name.partition(" ")[0], each.how) for each in second.brought] == [
        ("parameters[0][0]", How.SAME_ADDRESS),
        ("parameters[0][1]", How.SAME_ADDRESS),
    ]


def test_what_did_not_change_is_pasted_by_its_name() -> None:
    """Without it a pasted sequence would make arrays anew that were the same ones, and not fail."""
    (W, b), = ONE.parameters  # fmt: skip
    other = ONE.changed(parameters=((W + F32(1), b),))
    pasted = Sequence((Use("forward", ONE), Use("forward", other))).to_python().splitlines()
    (line,) = (line for line in pasted[1:] if line.startswith("parameters = ") and "parameters[" in line)
    assert line.endswith(", parameters[0][1],),)")
    assert not any(line.startswith("del ") for line in pasted)
    elsewhere = Sequence((Use("forward", ONE, Arrays.SAME_ADDRESS), Use("forward", other, Arrays.SAME_ADDRESS)))
    assert sum(line.startswith("del parameters ") for line in elsewhere.to_python().splitlines()) == 1


class Buffer(Watches):
    """Every answer is the same array."""

    def __init__(self) -> None:
        super().__init__()
        self.kept = np.zeros((3, 1), F32)

    def forward(self, *given: Any) -> Any:
        self.kept[...] = reference.forward(*given)
        return self.kept


class Passes(Watches):
    """Its answer is its argument, and its gradients are one array."""

    def activation(self, name: str, at: Any) -> Any:
        return at

    def gradient(self, network: Any, parameters: Any, x: Any, y: Any) -> Any:
        kept = np.zeros(4, F32)
        return ((kept[:2].reshape(2, 1), kept[1:2]),)


def test_an_answer_that_changes_after_it_was_given_is_told_once() -> None:
    """Without it a buffer that is handed out again and again would hold."""
    _, found = played(Use("forward", ONE), Use("forward", OTHER_X), Use("forward", OTHER_X), by=Buffer())
    assert [each.spoiled for each in found] == [(), ((0, 0),), ()]
    _, found = played(Use("forward", ONE), Use("forward", ONE), by=Buffer())
    assert [each.spoiled for each in found] == [(), ()]
    _, found = played(Use("forward", ONE), Use("forward", OTHER_X))
    assert [each.spoiled for each in found] == [(), ()]


def test_writing_into_an_answer_changes_nothing_else() -> None:
    """Without it a caller's own work on an answer could change the next one."""
    z = ActivationCase("relu", np.ones(2, F32))
    _, found = played(Use("activation", z, written=True), by=Passes())
    assert found[0].spoiled == ((-1, 1),)
    assert found[0].answer.tolist() == [1, 1]
    _, found = played(Use("gradient", ONE, written=True), by=Passes())
    assert found[0].spoiled == ((0, 1),)
    _, found = played(Use("gradient", ONE, written=True), Use("gradient", ONE))
    assert [each.spoiled for each in found] == [(), ()]

    class ReadOnly(Passes):
        def activation(self, name: str, at: Any) -> Any:
            return np.broadcast_to(at, at.shape)

    _, found = played(Use("activation", z, written=True), by=ReadOnly())
    assert found[0].spoiled == ()
    assert WRITTEN not in found[0].answer


def test_what_fails_ends_the_sequence_and_says_where() -> None:
    """Without it calls would be made in a state that nobody knows, and the reader not know which failed."""

    class Fails(Watches):
        def forward(self, network: Any, parameters: Any, x: Any) -> Any:
            self.seen.append(x)
            if len(self.seen) == 2:
                x[...] = 7
            return reference.forward(network, parameters, x)

    with pytest.raises(Impure, match=r"forward changed its input: x \(call 2 of 3\)"):
        played(Use("forward", ONE), Use("forward", ONE), Use("forward", ONE), by=Fails())


# as data


def test_a_sequence_knows_its_calls() -> None:
    """Without it an answer would be put down to another call."""
    one, two, three, four = (Use("forward", ONE, at_once=at_once) for at_once in (False, True, True, False))
    sequence = Sequence((one, two, three, four))
    assert sequence.dtype == "float32"
    assert list(map(id, sequence.asked)) == list(map(id, (one, *[two] * AT_ONCE, *[three] * AT_ONCE, four)))
    assert [len(sequence.until(use).uses) for use in (one, two, three, four)] == [1, 3, 3, 4]
    steps = sequence.script()
    assert [(len(step.calls), step.times, step.thread, step.written) for step in steps] == [
        (1, 1, 0, False), (2, AT_ONCE, 0, False), (1, 1, 0, False)
    ]  # fmt: skip
    assert Sequence((Use("loss", ONE, thread=2, written=True),)).script()[0].thread == 2
    assert Sequence((Use("loss", ONE, written=True),)).script()[0].written
    assert Use("forward", replace(ONE, masks=(np.ones((3, 2), F32),))).method == "dropout_forward"
    assert [(use.name, use.case, use.arrays) for use in of_calls([("loss", ONE)]).uses] == [
        ("loss", ONE, Arrays.ALL_NEW)
    ]


def test_a_sequence_is_written_with_what_is_not_as_usual() -> None:
    """Without it another program could not repeat it."""
    uses = (Use("loss", ONE), Use("forward", OTHER_X, Arrays.IN_PLACE, True, 2, True, True))
    calls = Sequence(uses).to_json()["calls"]
    assert [list(call)[:2] for call in calls] == [["method", "arrays"]] * 2
    assert (calls[0]["method"], calls[0]["arrays"], calls[0]["x"]) == ("loss", "new", ONE.to_json()["x"])
    own = {"shared": True, "thread": 2, "at_once": True, "written": True}
    assert {name: calls[1][name] for name in own} == own
    assert not set(own) & set(calls[0])
    assert calls[1]["arrays"] == "in place"


def test_what_is_as_it_was_is_not_written_again() -> None:
    """Without it a reader would look for what has changed of a network that is the same in every call."""
    text = Sequence((Use("forward", ONE), Use("forward", OTHER_X), Use("forward", ONE))).to_python()
    assert text.count("network = ") == 1


def test_arrays_are_told_apart_by_their_bits() -> None:
    """Without it −0 and 0 would be one array, or an array of another shape."""
    a = np.zeros(2, F32)
    assert same_contents(a, a)
    assert same_contents(a, a.copy())
    assert not any(same_contents(a, other) for other in (-a, a.reshape(1, 2), a.astype(np.int32), a + 1))
    assert [path for path, _ in array_leaves(ONE, "loss")] == ["parameters[0][0]", "parameters[0][1]", "x", "y"]
    assert list(leaves_of("p", 3)) == []


SEQUENCES = {
    "the same arrays": (Use("forward", ONE), Use("loss", ONE)),
    "in place": (
        Use("forward", ONE),
        Use("forward", OTHER_X, Arrays.IN_PLACE),
        Use("forward", OTHER_W, Arrays.IN_PLACE),
    ),
    "same address": (Use("forward", ONE), Use("forward", OTHER_X, Arrays.SAME_ADDRESS)),
    "all new": (Use("forward", ONE), Use("forward", ONE, Arrays.ALL_NEW)),
    "shared": (Use("forward", case(1, 1, 1, 1), shared=True),),
    "threads": (Use("forward", ONE, thread=2), Use("forward", OTHER_X, thread=1)),
    "written": (Use("gradient", ONE, written=True), Use("forward", ONE, written=True)),
    "at once": (Use("forward", ONE, at_once=True), Use("forward", OTHER_X, at_once=True)),
    "an activation": (Use("activation", ActivationCase("relu", np.ones(2, F32))),),
    "another network": (Use("forward", ONE), Use("forward", replace(ONE, network=replace(NETWORK, reduction="sum")))),
}


@pytest.mark.parametrize("uses", SEQUENCES.values(), ids=SEQUENCES)
def test_what_can_be_pasted_makes_the_calls_that_were_played(uses: tuple[Use, ...]) -> None:
    """Without it nobody could repeat what was found, or would repeat something else."""
    there, answers = played(*uses)
    here = Watches()
    printed: list[Any] = []
    names: dict[str, Any] = {"implementation": here, "print": lambda *each, **how: printed.extend(each)}
    exec(Sequence(uses).to_python(), names)
    assert len(here.seen) == len(there.seen)
    for calls in (here.seen, there.seen) if any(use.at_once for use in uses) else ():
        calls.sort(key=lambda call: float(call[-1].sum()))  # at once they come in any order
    for mine, theirs in zip(here.seen, there.seen, strict=True):
        assert all(
            np.array_equal(a, b) if isinstance(a, np.ndarray) else a == b for a, b in zip(mine, theirs, strict=True)
        )
    if not any(use.at_once for use in uses):
        for one, other in ((0, place) for place in range(1, len(here.seen))):
            for field in range(1, 4):
                alike = here.seen[one][field] is here.seen[other][field]
                assert alike == (there.seen[one][field] is there.seen[other][field]), field
        assert len(printed) == len(answers)


def test_where_there_is_no_time_each_of_the_calls_at_once_is_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it a slow implementation would be called for minutes, or not at all."""
    monkeypatch.setattr(playing, "AT_ONCE_SECONDS", -1.0)
    watches, found = played(Use("forward", ONE, at_once=True), Use("forward", OTHER_X, at_once=True))
    assert [each.use.case for each in found] == [ONE, OTHER_X]
    assert len(watches.seen) == 2


def test_arrays_are_made_until_one_lies_where_the_last_one_lay(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it an address would be used again by luck alone."""
    for places, made in (((7, 1, 2, 7), 3), ((7, 7), 1), ((7, *range(8, 8 + 2 * playing.TRIES)), playing.TRIES)):
        table = playing._Table()
        brought = Brought("x", stored(np.ones(3, F32)))
        table.bring(brought)
        ids, over, tries = iter(places), table._over, []
        monkeypatch.setattr(playing, "id", lambda array, ids=ids: next(ids), raising=False)
        monkeypatch.setattr(
            table, "_over", lambda *given, over=over, tries=tries: tries.append(over(*given)) or tries[-1]
        )
        table.bring(replace(brought, how=How.SAME_ADDRESS))
        assert table.arrays["x"] is tries[-1]
        assert len(tries) == made


def test_the_caller_writes_over_every_array_of_the_last_answer() -> None:
    """Without it an answer that is handed out twice would be written over once, and nobody see it."""
    kept = playing._Kept()
    first, second, third = np.zeros(2, F32), np.zeros(2, np.int64), np.zeros(1, F32)
    kept.add(Reply(first.copy()), [first])
    kept.add(Reply((second.copy(), third.copy())), [second, third])
    assert kept.write() == ()
    assert [array.tolist() for array in (first, second, third)] == [[0, 0], [WRITTEN, WRITTEN], [WRITTEN]]
    fixed = np.zeros(1, F32)
    fixed.flags.writeable = False
    kept.add(Reply(fixed.copy()), [fixed])
    assert kept.write() == ()
    both = np.zeros(3, F32)
    kept.add(Reply((both[:2].copy(), both[1:].copy())), [both[:2], both[1:]])
    assert kept.write() == ((3, 1),)
    assert both.tolist() == [WRITTEN, WRITTEN, 0]
