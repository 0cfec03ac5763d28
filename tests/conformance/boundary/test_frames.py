"""Calls, replies and offers as frames: they arrive as they were sent, and what was never sent is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from ffn import Declared, Hidden, Network, Output, Recurrent
from ffn.conformance.implementation.boundary.data.call import NOT_CALLED, Asked, Call, Offer, Reply
from ffn.conformance.implementation.boundary.data.described import described
from ffn.conformance.implementation.boundary.data.script import Brought, How, Named, Step
from ffn.conformance.implementation.boundary.data.stored import stored
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
from ffn.conformance.implementation.boundary.isolation.wire import Garbled
from ffn.network.family import Family

F32 = np.float32
NETWORK = Network(2, 3, Output("mixture", 1), (Hidden(4, "leaky_relu", 0.5), Hidden(2, "maxout", pieces=3)), "sum", 0.5)
LAYER = Recurrent(1, Hidden(2, "tanh"), 1, Output("gaussian"))


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
