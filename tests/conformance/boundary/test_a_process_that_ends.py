"""A process of its own as the judge sees it: what it says is taken for the call that it belongs to, or it died.

The process is a stub here; ``test_isolation.py`` starts real ones.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from ffn.conformance.implementation.boundary.calling.guard import offer_of
from ffn.conformance.implementation.boundary.data.call import NOT_CALLED, Asked, Call, Reply
from ffn.conformance.implementation.boundary.data.script import Step
from ffn.conformance.implementation.boundary.data.stored import stored
from ffn.conformance.implementation.boundary.isolation import isolated, process
from ffn.conformance.implementation.boundary.isolation.encoding import calls_in, offer_frame, refusal_frame, reply_frame
from ffn.conformance.implementation.boundary.isolation.isolated import Isolated
from ffn.conformance.implementation.boundary.isolation.limits import Limits
from ffn.conformance.implementation.boundary.isolation.process import Lost
from ffn.conformance.implementation.boundary.isolation.wire import Garbled
from ffn.conformance.implementation.errors import Died, LoadingError
from ffn.conformance.implementation.subject import Subject
from tests.conformance.verdicts.stubs import Tanh, z

F32 = np.float32
CALL = Call("activation", ("tanh", stored(np.zeros(1, F32))), Asked("tanh", (1,), "float32"))
ONE = Reply(np.ones(1, F32))


class Stub:
    """A process that says what it is told to say: a reply, a frame, or an exception, one for each exchange."""

    started: list[Any]
    says: list[Any]

    def __init__(self, spec: str, limits: Limits, worker: str) -> None:
        type(self).started.append((spec, limits, worker))
        self.number, self.ended, self.first = 0, False, True
        self.exchanged: list[Any] = []
        type(self).last = self  # type: ignore[attr-defined]

    def exchange(self, frame: Any, seconds: float, most: int | None = None) -> tuple[bytes, bytes]:
        self.exchanged.append((frame and calls_in(frame[0]), seconds, most))
        if frame:
            self.number = calls_in(frame[0])[0]
        said = type(self).says.pop(0) if type(self).says else ONE
        if callable(said):
            said = said()
        if isinstance(said, BaseException):
            raise said
        header, arrays = reply_frame(self.number, said) if isinstance(said, Reply) else said
        return header, b"".join(arrays)

    def end(self) -> None:
        self.ended = True


OFFER = offer_frame(offer_of(Tanh()))


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Isolated]:
    """An isolated implementation whose process says these things after its offer."""

    def load(*says: Any, limits: Limits | None = None, offer: Any = OFFER) -> Isolated:
        stub: Any = type("Stub", (Stub,), {"started": [], "says": [offer, *says]})
        monkeypatch.setattr(isolated, "Process", stub)
        return Isolated("mine.py", limits or Limits(seconds=3, loading=5, memory=2))

    return load


def stub(implementation: Isolated) -> Any:
    return isolated.Process


def test_an_offer_is_read_when_it_is_asked_for(loaded: Any) -> None:
    """Without it the judge would wait for an implementation before it is itself ready."""
    mine = loaded()
    assert stub(mine).started == [("mine.py", Limits(seconds=3, loading=5, memory=2), process.WORKER)]
    assert stub(mine).last.exchanged == []
    assert mine.loaded() is mine
    assert stub(mine).last.exchanged == [(None, 5, 0)]
    assert mine.offer == offer_of(Tanh())
    assert stub(mine).last.exchanged == [(None, 5, 0)]


@pytest.mark.parametrize(
    ("offer", "message"),
    [
        (refusal_frame("there is no file mine.py"), "there is no file mine.py"),
        (
            Lost("the process ended with status 1", " (mine.py:3)", "a\nb"),
            "mine.py cannot be loaded: the process ended with status 1 (mine.py:3); its last line: b",
        ),
        (Garbled(), "mine.py cannot be loaded: it does not say what it offers"),
        ((b"{}", []), "mine.py cannot be loaded: it does not say what it offers"),
    ],
)
def test_what_cannot_be_loaded_says_why_and_is_ended(loaded: Any, offer: Any, message: str) -> None:
    """Without it the run would go on with an implementation that is not there."""
    mine = loaded(offer=offer)
    with pytest.raises(LoadingError) as error:
        mine.offer  # noqa: B018
    assert str(error.value) == message
    assert stub(mine).last.ended


def test_each_reply_is_that_of_its_call(loaded: Any) -> None:
    """Without it an answer would be judged by another one's set."""
    other = replace(CALL, asked=Asked("tanh", (), "float32"))
    mine = loaded(ONE, Reply(np.full((), 2, F32)), ONE)
    assert mine.offer
    assert [reply.answer.tolist() for reply in mine.calls((CALL, other))] == [[1], 2]
    assert mine.call(CALL).answer.tolist() == [1]
    sent = stub(mine).last.exchanged[1:]
    assert sent == [((1, (CALL, other)), 3, 8), (None, 3, 8), ((2, (CALL,)), 3, 8)]
    script = (Step((CALL,), times=2),)
    assert len(mine.play(script)) == 2
    assert stub(mine).last.exchanged[-2:] == [((3, script), 3, 8), (None, 3, 8)]


def test_a_failure_is_the_last_reply_but_not_what_was_not_called(loaded: Any) -> None:
    """Without it the reply to a call that nobody made would be waited for."""
    mine = loaded(ONE, Reply(failure="it raised", kind="error"))
    assert mine.offer
    assert [reply.failure for reply in mine.calls((CALL, CALL, CALL))] == ["", "it raised"]
    mine = loaded(Reply(failure="no time", kind=NOT_CALLED), ONE)
    assert mine.offer
    assert len(mine.calls((CALL, CALL))) == 2


DEATHS = {
    "ended": (
        Lost("the process was killed by SIGKILL", " (mine.py:3)", "no memory\n"),
        "the process was killed by SIGKILL, in activation (mine.py:3); its last line: no memory",
    ),
    "garbled": (Garbled(), "the process sent something else than an answer, in activation"),
    "another call's": (reply_frame(99, ONE), "the process sent something else than an answer, in activation"),
    "memory": (Reply(failure="x", kind="memory"), "more than 2 GiB of memory, in activation"),
    "descriptors": (Reply(failure="x", kind="descriptors"), "its process has no file descriptors left, in activation"),
}


@pytest.mark.parametrize(("said", "message"), DEATHS.values(), ids=DEATHS)
def test_a_process_that_died_is_told_with_the_replies_before_and_started_again(
    loaded: Any, said: Any, message: str
) -> None:
    """Without it a death would be an answer, or the calls before it be lost."""
    mine = loaded(ONE, said, OFFER, ONE)
    assert mine.offer
    with pytest.raises(Died) as died:
        mine.calls((CALL, CALL))
    assert str(died.value) == message
    assert [reply.answer.tolist() for reply in died.value.replies] == [[1]]
    assert stub(mine).last.ended
    assert mine.call(CALL).answer.tolist() == [1]
    assert len(stub(mine).started) == 2
    assert stub(mine).last.exchanged[0] == (None, 5, 0)


def test_what_cannot_be_started_again_is_told(loaded: Any) -> None:
    """Without it the second death would be as if nothing had been asked."""
    mine = loaded(Lost("it ended", "", ""), refusal_frame("no file"))
    assert mine.offer
    with pytest.raises(Died, match="it ended, in activation"):
        mine.call(CALL)
    with pytest.raises(Died, match="the process died and cannot be started again: no file"):
        mine.call(CALL)


def test_time_that_is_lost_is_counted_and_limited(loaded: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it an implementation that hangs would have the run last for hours."""
    now = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])

    def hangs() -> Any:
        now[0] += 4
        return Lost("no answer within 3 s", "", "")

    def slow() -> Any:
        now[0] += 100
        return ONE

    mine = loaded(slow, hangs, OFFER, slow, hangs, limits=Limits(seconds=3, loading=5, lost=7))
    assert mine.offer
    assert mine.call(CALL).answer.tolist() == [1]  # which is slow, and lost nothing
    with pytest.raises(Died, match="no answer"):
        mine.call(CALL)
    mine._lost = 3.0
    mine.restart()
    stub(mine).says[:] = [OFFER, ONE]
    assert mine.call(CALL).answer.tolist() == [1]
    assert mine._lost == 3  # who is begun anew is not lost
    stub(mine).says[:] = [hangs]
    with pytest.raises(Died, match="no answer"):
        mine.call(CALL)
    assert mine._lost == 7
    stub(mine).says[:] = [OFFER, hangs]
    with pytest.raises(Died, match="no answer"):
        mine.call(CALL)
    with pytest.raises(Died, match="not called: 7 s were lost to calls without an answer; activation"):
        mine.call(CALL)


def test_what_dies_after_it_was_begun_anew_is_lost_like_any_other(loaded: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it an implementation that is begun anew once could die for ever."""
    now = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])

    def slow_offer() -> Any:
        now[0] += 2
        return OFFER

    mine = loaded(slow_offer, ONE, Lost("it ended", "", ""), slow_offer)
    assert mine.offer
    mine.restart()
    assert mine.call(CALL).answer.tolist() == [1]  # the time that it took to begin anew is not lost
    with pytest.raises(Died, match="it ended"):
        mine.call(CALL)
    assert mine.call(CALL).answer.tolist() == [1]
    assert mine._lost == 2  # the time that it took to start it again


def test_an_interrupt_leaves_no_answer_to_an_earlier_call(loaded: Any) -> None:
    """Without it what comes later would be taken for the answer to another call."""
    mine = loaded(KeyboardInterrupt())
    assert mine.offer
    with pytest.raises(KeyboardInterrupt):
        mine.call(CALL)
    assert stub(mine).last.ended
    assert mine.restart()
    mine.close()
    assert mine._process is None


def test_answers_that_are_asked_for_ahead_are_each_given_once(loaded: Any) -> None:
    """Without it an answer would be given twice, or a death be lost between two messages."""
    subject = Subject.behind(loaded(ONE, Lost("it ended", "", ""), OFFER, Reply(np.full(1, 5, F32))))
    assert subject.isolated
    cases = [z(1), z(2)]
    subject.expect([("activation", case) for case in cases])
    assert subject.answer("activation", cases[0]).tolist() == [1]
    with pytest.raises(Died, match="it ended"):
        subject.answer("activation", cases[1])
    assert subject.answer("activation", cases[0]).tolist() == [5]
    assert [case for _, case in subject.history] == [cases[0], cases[1], cases[0]]
    subject.expect([("activation", cases[0])])
    assert subject.restart()
    assert not subject._ahead


# what a process says when it ends


def test_the_path_of_the_judge_goes_along_without_the_folder_of_the_user(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    """Without it a file there could stand in for a library's module."""
    import ffn

    kit = str(process.Path(ffn.__file__).parent.parent)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.path", ["", str(tmp_path), "/elsewhere"])
    monkeypatch.delenv("PYTHONPATH", raising=False)
    assert process._path() == ["/elsewhere", kit]
    monkeypatch.setenv("PYTHONPATH", f"/other:{tmp_path}")
    assert process._path() == ["/elsewhere", kit, str(tmp_path)]


def test_what_a_process_prints_is_kept_from_its_end() -> None:
    """Without it a process that prints without end would fill the memory."""
    import os

    read, write = os.pipe()
    with os.fdopen(write, "wb") as end:
        end.write(b"x" * 1000 + b"last")
    kept = bytearray(b"y" * process.MOST_PRINTED)
    process._keep(os.fdopen(read, "rb"), kept)
    assert len(kept) == process.MOST_PRINTED
    assert kept.endswith(b"xlast")
    assert kept.startswith(b"y")
    lost = Lost("it ended", " (mine.py:3)", "a\nb\n")
    assert (str(lost), lost.reason, lost.place, lost.printed) == (
        "it ended (mine.py:3); its last line: b",
        "it ended",
        " (mine.py:3)",
        "a\nb\n",
    )
