"""Frames on a socket arrive whole, in order and in time; a worker answers each call."""

from __future__ import annotations

import socket
import struct
import threading
import time
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from ffn import Hidden, Network, Output, Recurrent
from ffn.conformance.implementation.boundary.data.call import Asked, Call
from ffn.conformance.implementation.boundary.data.script import Brought, Named, Step
from ffn.conformance.implementation.boundary.data.stored import stored
from ffn.conformance.implementation.boundary.isolation import wire, worker
from ffn.conformance.implementation.boundary.isolation.encoding import (
    calls_frame,
    offer_in,
    reply_in,
)
from ffn.conformance.implementation.boundary.isolation.limits import Limits
from ffn.conformance.implementation.boundary.isolation.wire import LENGTHS, MOST_HEADER, Closed, Garbled, Line
from ffn.conformance.implementation.errors import LoadingError
from tests.conformance.verdicts.stubs import Tanh

F32 = np.float32
NETWORK = Network(2, 3, Output("mixture", 1), (Hidden(4, "leaky_relu", 0.5), Hidden(2, "maxout", pieces=3)), "sum", 0.5)
LAYER = Recurrent(1, Hidden(2, "tanh"), 1, Output("gaussian"))


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
