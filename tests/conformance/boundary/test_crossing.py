"""What crosses between judge and implementation: it arrives as it was sent, and what was never sent is refused."""

from __future__ import annotations

import json
import pickle
import socket
import struct
import threading
import time
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from ffn import ActivationCase, Case, Declared, Hidden, Network, Output, Recurrent
from ffn.conformance.implementation.boundary.data.call import NOT_CALLED, Asked, Call, Offer, Reply
from ffn.conformance.implementation.boundary.data.described import Described, described
from ffn.conformance.implementation.boundary.data.script import Brought, How, Named, Step
from ffn.conformance.implementation.boundary.data.stored import Stored, dtype_named, name_of, stored
from ffn.conformance.implementation.boundary.isolation import wire, worker
from ffn.conformance.implementation.boundary.isolation.encoding import (
    calls_frame,
    calls_in,
    most_bytes,
    offer_frame,
    offer_in,
    refusal_frame,
    reply_frame,
    reply_in,
)
from ffn.conformance.implementation.boundary.isolation.limits import Limits
from ffn.conformance.implementation.boundary.isolation.wire import LENGTHS, MOST_HEADER, Closed, Garbled, Line
from ffn.conformance.implementation.errors import Died, ImplementationError, Impure, LoadingError, NotOffered, last_line
from ffn.conformance.implementation.subject import HISTORY, HISTORY_BYTES, History, Subject, argument_paths
from ffn.network.family import Family
from ffn.numbers.precision import NAMES, dtype_of
from tests.conformance.verdicts.stubs import Tanh, z

F32 = np.float32
NETWORK = Network(2, 3, Output("mixture", 1), (Hidden(4, "leaky_relu", 0.5), Hidden(2, "maxout", pieces=3)), "sum", 0.5)
LAYER = Recurrent(1, Hidden(2, "tanh"), 1, Output("gaussian"))


# data


@pytest.mark.parametrize("network", [NETWORK, LAYER], ids=["network", "recurrent"])
def test_a_description_arrives_as_another_object_that_equals_it(network: Any) -> None:
    """Without it an implementation could change the judge's own description."""
    data = described(network)
    restored = data.restored()
    assert restored == network
    assert restored is not network
    assert pickle.loads(pickle.dumps(data)) == data
    assert data.is_kept_by(restored)
    assert described(network) is data
    for name in ("inputs", "units", "output", "hidden", "reduction"):
        changed = data.restored()
        vars(changed)[name] = "another"
        assert not data.is_kept_by(changed), name
    del vars(changed)["units"]
    assert not data.is_kept_by(changed)
    assert not data.is_kept_by(None)
    assert isinstance(data, Described)


LYING = {
    "contiguous": np.arange(6.0).reshape(2, 3),
    "transposed": np.arange(6.0).reshape(2, 3).T,
    "strided": np.arange(12, dtype=F32)[::2],
    "reversed": np.arange(6, dtype=np.int8)[::-1],
    "broadcast": np.broadcast_to(np.arange(3.0), (2, 3)),
    "big-endian": np.arange(6, dtype=">f4"),
    "bfloat16": np.arange(6).astype(dtype_of("bfloat16")),
    "empty": np.zeros((0, 3)),
    "a number": np.array(3.0),
    "misaligned": np.frombuffer(b"-" + np.arange(3.0).tobytes(), np.float64, offset=1),
}


@pytest.mark.parametrize("array", LYING.values(), ids=LYING)
def test_an_array_arrives_with_every_bit_and_as_it_lies_where_that_is_asked(array: Any) -> None:
    """Without it a layout would be tried by its name alone, or a bit be lost on the way."""
    plain = pickle.loads(pickle.dumps(stored(array)))
    restored = plain.restored()
    assert (restored.shape, restored.dtype, restored.tobytes()) == (array.shape, array.dtype, array.tobytes())
    assert restored.flags.c_contiguous
    assert restored.flags.writeable
    assert plain.is_kept_by(restored)
    lying = pickle.loads(pickle.dumps(stored(array, as_it_lies=True)))
    there = lying.restored()
    assert (there.shape, there.dtype, there.tobytes(), there.strides) == (
        array.shape,
        array.dtype,
        array.tobytes(),
        array.strides,
    )
    assert there.flags.writeable == array.flags.writeable
    assert there.flags.aligned == array.flags.aligned
    assert there.ctypes.data % 64 == array.ctypes.data % 64
    assert lying.is_kept_by(there)
    for data, one in ((plain, restored), (lying, there)):
        if one.size and one.flags.writeable:
            one[(0,) * one.ndim] += 9
            assert not data.is_kept_by(one)
    if array.size:
        assert not plain.is_kept_by(plain.restored().astype(np.float16))
        assert not plain.is_kept_by(plain.restored().reshape(-1, 1, 1))


def test_what_lies_between_the_entries_of_an_array_has_to_stay_too() -> None:
    """Without it a kernel could write past its rows unseen."""
    array = np.arange(12, dtype=F32)[::2]
    data = stored(array, as_it_lies=True)
    there = data.restored()
    memory = np.lib.stride_tricks.as_strided(there, (11,), (4,))
    memory[1] = 99
    assert there.tobytes() == array.tobytes()
    assert not data.is_kept_by(there)


def test_only_numbers_have_a_dtype_that_is_taken() -> None:
    """Without it what comes back could be objects."""
    assert [dtype_named(name_of(dtype_of(name))) for name in NAMES] == [dtype_of(name) for name in NAMES]
    assert name_of(np.dtype(">f4")) == ">f4"
    for name in ("O", "U1", "c8", "?", "M8[s]"):
        with pytest.raises(TypeError, match="is no dtype of numbers"):
            dtype_named(name)


# frames

CALL = Call(
    "gradient", (described(NETWORK), (stored(np.ones(2, F32)),)), Asked((("W",), "b"), (((2, 1),), (3,)), "float32")
)
QUESTION = Call("supports", (described(NETWORK),), named=(("dtype", "float32"),))
TEXT = replace(QUESTION, text=True)
ANSWER = ((np.ones((2, 1), F32),), np.arange(3, dtype=F32))


def arrived(reply: Reply, call: Call = CALL, number: int = 7) -> Reply:
    header, arrays = reply_frame(number, reply)
    return reply_in(header, b"".join(arrays), number, call)


def test_calls_and_scripts_arrive_as_they_are() -> None:
    """Without it another call would be made than was meant."""
    script = (Step((CALL,), (Brought("x 1", stored(np.ones(2)), How.IN_PLACE),), 1, 20, True),)
    for calls in ((CALL, QUESTION), script, (replace(CALL, arguments=(Named("x 1"),)),)):
        header, arrays = calls_frame(3, calls)
        assert calls_in(header) == (3, calls)
        assert arrays == ()
    assert script[0].replies == (CALL,) * 20


def test_a_reply_arrives_with_all_that_it_says() -> None:
    """Without it a failure, or an argument that was changed, would be lost on the way, and the answer hold."""
    answer = arrived(Reply(ANSWER)).answer
    assert [array.tolist() for array in (answer[0][0], answer[1])] == [[[1], [1]], [0, 1, 2]]
    for reply, call in (
        (Reply(True), QUESTION),
        (Reply(False), QUESTION),
        (Reply("text"), TEXT),
        (Reply(failure="it raised", kind="error"), CALL),
        (Reply(None, changed=(0, 1), dtypes=((0, "float64"),), spoiled=((-1, 0), (3, 1))), CALL),
        (Reply(failure="x", kind=NOT_CALLED), QUESTION),
    ):
        assert arrived(reply, call) == reply
    assert arrived(Reply(ANSWER, changed=(1,))).changed == (1,)
    wide = Reply((ANSWER[0], np.arange(3, dtype=np.int8)))
    assert arrived(wide).answer[1].dtype == np.int8


def content(**changed: Any) -> bytes:
    given = {"number": 7, "answer": ["<f4", "<f4"]} | changed
    return json.dumps({name: value for name, value in given.items() if value is not ...}).encode()


DATA = b"\0" * 20
GARBLED = {
    "the answer to another call": (content(number=6), DATA),
    "no number": (content(number=...), DATA),
    "no answer": (content(answer=...), DATA),
    "too few bytes": (content(), DATA[:-1]),
    "too many bytes": (content(), DATA + b"\0"),
    "too few arrays": (content(answer=["<f4"]), DATA),
    "too many arrays": (content(answer=["<f4"] * 3), DATA),
    "objects": (content(answer=["O", "<f4"]), DATA),
    "no dtype": (content(answer=["hello", "<f4"]), DATA),
    "an argument that is not there": (content(changed=[2]), DATA),
    "an argument before the first": (content(changed=[-1]), DATA),
    "a place that is no number": (content(changed=["a"]), DATA),
    "places that are none": (content(changed=3), DATA),
    "a dtype without its place": (content(dtypes=["float64"]), DATA),
    "a spoiled answer without its place": (content(spoiled=[1]), DATA),
    "no JSON": (b"{", DATA),
    "a list": (b"[]", DATA),
    "a number": (b"3", DATA),
    "nested without end": (b"[" * 100_000, DATA),
    "no text": (b"\xff", DATA),
}


@pytest.mark.parametrize(("header", "data"), GARBLED.values(), ids=GARBLED)
def test_what_was_never_sent_is_refused(header: bytes, data: bytes) -> None:
    """Without it a process that is judged could make up its answers, or the judge fall over them."""
    assert reply_in(content(), DATA, 7, CALL).answer is not None
    with pytest.raises(Garbled):
        reply_in(header, data, 7, CALL)


@pytest.mark.parametrize(("call", "answer"), [(QUESTION, 1), (QUESTION, "yes"), (TEXT, True), (QUESTION, [1])])
def test_an_answer_of_another_kind_is_refused(call: Call, answer: Any) -> None:
    """Without it a text would be taken for a truth."""
    with pytest.raises(Garbled):
        reply_in(content(answer=answer), b"", 7, call)


def test_an_answer_has_at_most_the_bytes_of_its_numbers() -> None:
    """Without it a process could fill the judge's memory."""
    assert most_bytes(CALL) == 5 * 8
    assert most_bytes(QUESTION) == 0
    assert most_bytes(Call("loss", (), Asked("loss", ()))) == 8


OFFER = Offer(
    "mine",
    ("float32",),
    ("dropout",),
    ("forward", "supports"),
    (NETWORK.to_json(),),
    (Family(NETWORK, inputs=(1, 9)).to_json(),),
    ("dtype",),
    (("gradiant", "gradient"),),
    False,
    True,
    Declared("float64", 11, (("exp", 2.0), ("log", 1.5)), "flushed"),
)


def test_an_offer_arrives_or_why_there_is_none() -> None:
    """Without it an implementation would be judged by what another one declares."""
    plain = Offer("plain", ("float64",), (), ("forward",))
    for offer in (OFFER, plain):
        assert offer_in(offer_frame(offer)[0]) == offer
    assert offer_in(refusal_frame("no file")[0]) == "no file"
    whole = json.loads(offer_frame(OFFER)[0])
    for name in whole["offer"]:
        without = {"offer": {key: value for key, value in whole["offer"].items() if key != name}}
        with pytest.raises(Garbled):
            offer_in(json.dumps(without).encode())
    for other in (
        {},
        {"offer": 3},
        {"offer": whole["offer"] | {"declared": {"accumulate": "float8", "functions": []}}},
    ):
        with pytest.raises(Garbled):
            offer_in(json.dumps(other).encode())


# the wire


def test_frames_arrive_whole_and_in_order() -> None:
    """Without it the end of one answer would be the beginning of the next."""
    ours, theirs = socket.socketpair()
    here, there = Line(ours), Line(theirs)
    frames = [(b"first", [b"ab", b"c"]), (b"", []), (b"x" * 200_000, [b"y" * 300_000])]
    sending = threading.Thread(target=lambda: [there.send(frame) for frame in frames])
    sending.start()
    found = [here.receive(time.monotonic() + 20) for _ in frames]
    sending.join()
    assert found == [(header, b"".join(arrays)) for header, arrays in frames]
    here.send((b"back", []), time.monotonic() + 20)
    assert there.receive() == (b"back", b"")
    theirs.close()
    with pytest.raises(Closed):
        here.receive(time.monotonic() + 20)
    ours.close()
    with pytest.raises(Closed):
        here.send((b"", []))


def test_a_frame_that_is_too_large_or_too_late_is_refused() -> None:
    """Without it a process could fill the judge's memory, or have it wait for ever."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        here = Line(ours)
        start = time.monotonic()
        with pytest.raises(TimeoutError):
            here.receive(start + 0.1)
        with pytest.raises(TimeoutError):
            here.receive(start - 1)  # which is past
        assert 0.1 <= time.monotonic() - start < 5
        Line(theirs).send((b"a", [b"1234"]))
        assert here.receive(time.monotonic() + 5, most=4) == (b"a", b"1234")
        Line(theirs).send((b"a", [b"12345"]))
        with pytest.raises(Garbled):
            here.receive(time.monotonic() + 5, most=4)
    for lengths, garbled in (((MOST_HEADER + 1, 0), True), ((1, 0), False)):
        ours, theirs = socket.socketpair()
        with ours, theirs:
            theirs.sendall(LENGTHS.pack(*lengths) + b"x")
            if garbled:
                with pytest.raises(Garbled):
                    Line(ours).receive(time.monotonic() + 5, most=10)
            else:
                assert Line(ours).receive(time.monotonic() + 5, most=10) == (b"x", b"")
    assert struct.calcsize("<QQ") == LENGTHS.size


def test_a_timeout_that_is_about_right_stays() -> None:
    """Without it each message would cost a call of the system more."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        here = Line(ours)
        here._wait_until(None)
        assert ours.gettimeout() is None
        here._wait_until(time.monotonic() + 10)
        first = ours.gettimeout()
        assert first is not None
        assert 9 < first <= 10
        here._wait_until(time.monotonic() + first - 0.01)
        assert ours.gettimeout() == first
        here._wait_until(time.monotonic() + 5)
        assert 4 < (ours.gettimeout() or 0) <= 5
        here._wait_until(time.monotonic() + 20)
        assert 19 < (ours.gettimeout() or 0) <= 20
    assert 0 < wire.SPARE < 1


# the process of an implementation, in a thread of this one


def served(loaded: Any, *calls: Any, limits: Limits | None = None) -> list[tuple[bytes, bytes]]:
    """What a worker answers to an offer and to messages, one frame for each reply."""
    ours, theirs = socket.socketpair()
    frames: list[tuple[bytes, bytes]] = []

    def serve() -> None:
        try:
            worker._serve(Line(theirs), "spec", limits or Limits(), loaded)
        except Closed:
            pass
        finally:
            theirs.close()

    serving = threading.Thread(target=serve)
    serving.start()
    here = Line(ours)
    try:
        frames.append(here.receive(time.monotonic() + 10))
        for number, (message, replies) in enumerate(calls, 1):
            here.send(calls_frame(number, message))
            frames += [here.receive(time.monotonic() + 10) for _ in range(replies)]
    finally:
        ours.close()
        serving.join()
    return frames


@pytest.fixture
def alarms(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What the worker sets its alarm to, which would end this process."""
    found: list[float] = []
    monkeypatch.setattr(worker, "_end_in", found.append)
    return found


def test_a_worker_says_what_it_offers_and_answers_each_call(alarms: list[float]) -> None:
    """Without it the answers would be those to other calls, or the process outlive a judge that is gone."""
    subject = Tanh()
    from ffn.conformance.implementation.boundary.calling.guard import offer_of

    good = Call("activation", ("tanh", stored(np.zeros(2, F32))), Asked("tanh", (2,), "float32"))
    bad = replace(good, asked=Asked("tanh", (3,), "float32"))
    step = Step((replace(good, arguments=("tanh", Named("z"))),), (Brought("z", stored(np.zeros(2, F32))),))
    given: list[str] = []
    found = served(
        lambda spec: (given.append(spec) or subject, offer_of(subject)),  # type: ignore[func-returns-value]
        ((good, good), 2),
        ((good, bad, good), 2),
        ((step,), 1),
        limits=Limits(seconds=3, loading=5),
    )
    assert given == ["spec"]
    assert offer_in(found[0][0]) == offer_of(subject)
    for (header, data), number in zip(found[1:4], (1, 1, 2), strict=True):
        assert reply_in(header, data, number, good).answer.tolist() == [0, 0]
    assert reply_in(*found[4], 2, bad).failure.startswith("activation returned shape (2,), not (3,)")
    assert reply_in(*found[5], 3, good).answer.tolist() == [0, 0]
    assert len(subject.calls) == 5
    assert alarms == [10, 0, *[6, 0, 6, 0, 6, 0], *[6, 0, 6, 0, 6, 0], *[6, 0, 6, 0]]


def test_a_worker_that_cannot_load_says_why(alarms: list[float]) -> None:
    """Without it the judge would wait for an offer."""

    def refused(spec: str) -> Any:
        raise LoadingError(f"{spec} is not there")

    assert offer_in(served(refused)[0][0]) == "spec is not there"
    assert alarms == [120]


def test_an_interrupt_of_its_own_is_told_of_the_call() -> None:
    """Without it an implementation that raises it would end its process."""

    class Interrupts(Tanh):
        def activation(self, name: str, at: Any) -> Any:
            raise KeyboardInterrupt

    call = Call("activation", ("tanh", stored(np.zeros(2, F32))), Asked("tanh", (2,), "float32"))
    (reply,) = worker._replies(Interrupts(), (call, call))
    assert (reply.kind, reply.failure.partition(" (")[0]) == ("error", "activation raised KeyboardInterrupt")
    (reply,) = worker._replies(Interrupts(), (Step((call,)),))
    assert reply.failure.startswith("a call raised KeyboardInterrupt")


def test_limits_follow_from_the_time_of_a_call() -> None:
    """Without it loading could be cut short where a call may take long."""
    assert Limits() == Limits(10.0, 60.0, 4.0, 60.0)
    assert Limits.of(1.0, 2.0) == Limits(1.0, 10.0, 2.0)
    assert Limits.of(5.0, 2.0) == Limits(5.0, 30.0, 2.0)


# the subject


def test_answers_come_back_in_their_order_and_are_remembered() -> None:
    """Without it an answer would be judged by another one's set."""
    tanh = Tanh()
    subject = Subject(tanh)
    cases = [z(number) for number in range(3)]
    before: list[int] = []
    subject.between = lambda: before.append(len(tanh.calls))
    found = subject.answers([("activation", case) for case in cases])
    assert [answer.tolist() for answer in found] == [np.tanh(case.z).tolist() for case in cases]
    assert subject.answer("activation", cases[1]).tolist() == found[1].tolist()
    assert list(subject.history) == [("activation", case) for case in (*cases, cases[1])]
    assert before == [0, 3]
    assert tanh.calls[0] is not cases[0].z
    assert (subject.name, subject.dtypes, subject.parts, subject.isolated) == ("tanh alone", tanh.dtypes, (), False)


def test_a_history_is_bounded_and_has_the_last_call_always() -> None:
    """Without it wide networks would fill the judge's memory, or what led to a failure be forgotten."""
    history = History()
    quarter = [ActivationCase("relu", np.zeros(HISTORY_BYTES // 32)) for _ in range(5)]
    for case in quarter:
        history.add("slope", case)
    assert [(name, id(case)) for name, case in history] == [("slope", id(case)) for case in quarter[1:]]
    history.add("activation", ActivationCase("relu", np.zeros(HISTORY_BYTES // 8 + 1)))
    assert [name for name, _ in history] == ["activation"]
    small = [z(number) for number in range(HISTORY + 1)]
    for case in small:
        history.add("activation", case)
    assert [case for _, case in history] == small[1:]


class Misbehaves(Tanh):
    def __init__(self, what: Any) -> None:
        super().__init__()
        self.what = what

    def activation(self, name: str, at: Any) -> Any:
        return self.what(at)


def overwritten(at: Any) -> Any:
    at[...] = 7
    return np.zeros(1, F32)


def raising(error: Exception) -> Any:
    def raises(at: Any) -> Any:
        raise error

    return raises


@pytest.mark.parametrize(
    ("what", "error", "message"),
    [
        (raising(NotImplementedError("no")), NotOffered, "activation raised NotImplementedError: no"),
        (raising(ValueError("no")), ImplementationError, "activation raised ValueError: no"),
        (lambda at: np.zeros(2, F32), ImplementationError, r"activation returned shape \(2,\), not \(1,\)"),
        (lambda at: np.zeros(1), Impure, "activation returns float64, the inputs are float32: tanh"),
        (overwritten, Impure, "activation changed its input: z"),
    ],
)
def test_what_is_no_answer_is_raised(what: Any, error: type[Exception], message: str) -> None:
    """Without it what is no answer would be judged as one."""
    subject = Subject(Misbehaves(what))
    with pytest.raises(error, match=message) as raised:
        subject.answer("activation", z(1))
    assert type(raised.value) is error
    if isinstance(raised.value, NotOffered):
        assert raised.value.answer == "activation"
    if isinstance(raised.value, Impure):
        assert set(raised.value.faults) == ({"inputs"} if what is overwritten else {"dtype"})
    assert len(list(subject.history)) == 1


def test_supports_is_asked_once_and_at_first_twice() -> None:
    """Without it an implementation would be asked for each case, or its chance answers be taken for a truth."""
    asked: list[str] = []

    class Picky(Tanh):
        def supports_activation(self, name: str) -> bool:
            asked.append(name)
            return name == "tanh"

    subject = Subject(Picky())
    assert [subject.supports_activation(name) for name in ("tanh", "relu", "tanh")] == [True, False, True]
    assert asked == ["tanh", "tanh", "relu", "relu"]
    assert subject.takes("activation", z(1))
    assert not subject.takes("slope", z(1))
    assert not subject.takes("activation", ActivationCase("relu", np.zeros(1)))

    class Undecided(Tanh):
        def supports_activation(self, name: str) -> bool:
            asked.append(name)
            return len(asked) % 2 == 0

    undecided = Subject(Undecided())
    for name in ("tanh", "relu"):  # what was once seen stays
        with pytest.raises(
            ImplementationError, match=r"supports_activation says (True and then False|False and then True) of the same"
        ):
            undecided.supports_activation(name)


def test_networks_are_asked_about_in_one_message() -> None:
    """Without it a process would be asked a thousand times for a second."""
    asked: list[tuple[Any, ...]] = []

    class Picky(Tanh):
        def supports(self, network: Any, dtype: str, method: str) -> bool:
            asked.append((network.units, dtype, method))
            return network.units == 2

    subject = Subject(Picky())
    networks = [Network(1, units, Output("gaussian")) for units in (1, 2, 2)]
    subject.ask(networks, "float32", "loss")
    assert asked == [(1, "float32", "loss"), (2, "float32", "loss")]
    assert [subject.supports(network, "float32", "loss") for network in networks] == [False, True, True]
    assert len(asked) == 2
    subject.ask(networks, "float32", "loss")
    assert len(asked) == 2
    assert subject.supports(networks[1], "float64", "loss")
    assert asked[2:] == [(2, "float64", "loss")] * 2
    case = Case(networks[0], ((np.ones((1, 1), F32), np.ones(1, F32)),), *np.ones((2, 1, 1), F32))
    assert not subject.takes("forward", case)

    class Lists(Tanh):
        networks = (Network(1, 1, Output("gaussian")), Family(Network(4, 4, Output("gaussian")), inputs=(4, 8)))

        def forward(self) -> None:
            pass

    lists = Subject(Lists())
    assert lists.lists
    listed = [
        lists.supports(Network(inputs, units, Output("gaussian")), "float32", "forward")
        for inputs, units in ((1, 1), (8, 4), (1, 2), (16, 4))
    ]
    assert listed == [True, True, False, False]
    assert lists.supports(LAYER, "float32", "forward")
    assert not Subject(Tanh()).lists


def test_paths_of_arguments_are_as_python_has_them() -> None:
    """Without it a reader would not know which array was overwritten."""
    network = Network(1, 1, Output("gaussian"))
    W = np.ones((1, 1), F32)
    case = Case(network, ((W, W[0]),), W, W, masks=(W,))
    assert argument_paths(case, "gradient") == ["network", "layer 0, W", "layer 0, b", "x", "y"]
    assert argument_paths(case, "dropout_forward") == ["network", "layer 0, W", "layer 0, b", "x", "masks[0]"]
    assert argument_paths(z(1), "activation")[:2] == ["activation", "z"]


def test_the_last_line_that_a_process_printed_ends_its_message() -> None:
    """Without it a kernel's own word on why it died would be lost."""
    assert last_line("a\n b  c \n \n") == "; its last line: b c"
    assert last_line(" \n") == ""
    assert last_line("x" * 300) == "; its last line: " + "x" * 200
    assert str(Died("it ended", "a\nb")) == "it ended; its last line: b"
    assert str(Died("it ended")) == "it ended"
    assert Stored(b"", "<f4", (0,)).writeable
