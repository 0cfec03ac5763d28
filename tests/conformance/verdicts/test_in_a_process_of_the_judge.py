"""What a process that judges does: one task after the other, and at Ctrl-C a last word.

Here it is done in the process of the tests, with another end of the pipe in a thread of it;
``command/test_processes.py`` starts real ones.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from multiprocessing import Pipe
from types import SimpleNamespace
from typing import Any

import pytest

from ffn.conformance.implementation.subject import Subject
from ffn.conformance.laws import matching
from ffn.conformance.running import parallel
from ffn.conformance.running.parallel import SAFE_PATH, _Worker
from ffn.conformance.running.runner import Task, tally_of
from ffn.conformance.running.tally import LawReport, Seen
from ffn.conformance.verdict import Verdict
from tests.conformance.verdicts.stubs import WRONG, Tanh, z

(LAW,) = matching(("activation/tanh/value",))
GIVEN = {"law": LAW.name, "dtype": "float64", "seed": 3}


class Ended(BaseException):
    """In place of the end of the process, with its status."""


@pytest.fixture(autouse=True)
def as_it_was(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Ctrl-C as it was before, afterwards; and no end."""

    def end(status: int) -> None:
        raise Ended(status)

    monkeypatch.setattr(os, "_exit", end)
    handler, mask = signal.getsignal(signal.SIGINT), signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    yield
    signal.signal(signal.SIGINT, handler)
    signal.pthread_sigmask(signal.SIG_SETMASK, mask)


def blocked() -> bool:
    return signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, ())


def worked(judged_once: Any, monkeypatch: pytest.MonkeyPatch) -> tuple[list[Any], list[Any]]:
    """What the judge hears of one task, and what was seen in the process."""
    ours, theirs = Pipe()
    heard: list[Any] = []
    seen: list[Any] = []

    def hear() -> None:
        with ours:
            heard.append(ours.recv())
            ours.send(GIVEN)
            while not heard[1:] or isinstance(heard[-1], Seen):
                heard.append(ours.recv())

    def load() -> Subject:
        seen.append((os.environ.get(SAFE_PATH), signal.getsignal(signal.SIGINT), blocked()))
        subject = Subject(Tanh())
        subject.close = lambda: seen.append("closed")  # type: ignore[method-assign]
        return subject

    monkeypatch.setattr(parallel, "judged_once", judged_once)
    monkeypatch.setattr(parallel, "parent_process", lambda: SimpleNamespace(sentinel=17))
    monkeypatch.setattr(parallel, "end_with", lambda *line, **group: seen.append((line, group)))
    listening = threading.Thread(target=hear)
    listening.start()
    parallel._work(load, theirs, "0")
    listening.join()
    return heard, seen


def test_each_task_is_judged_with_what_is_supported_in_its_dtype(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it a law would be judged in another precision there, or its first failure not be told at once."""
    monkeypatch.setenv(SAFE_PATH, "1")
    tasks: list[Any] = []

    def judged_once(task: Task, subject: Subject, supported: Any, tally: Any) -> LawReport:
        handler: Any = signal.getsignal(signal.SIGINT)
        tasks.append((task, supported, handler.func, handler.args[1:]))
        tally.add(z(1), WRONG)
        assert (handler.args[2] is tally, hasattr(handler.args[0], "send"), subject.name) == (True, True, "tanh alone")
        return LawReport(task.law, task.dtype, Verdict.WRONG, message="off")

    monkeypatch.setattr(parallel, "supported_by", lambda subject, dtype: (subject.name, dtype))
    heard, seen = worked(judged_once, monkeypatch)
    assert heard[:2] == [{}, Seen(LAW.name, "float64", "off by one")]
    assert LawReport(law=LAW, **heard[2]) == LawReport(LAW, "float64", Verdict.WRONG, message="off")
    ((task, supported, handler, given),) = tasks
    assert task == Task(LAW, "float64", seed=3)
    assert (supported, handler, given[0]) == (("tanh alone", "float64"), parallel._leave, task)
    assert seen == [((17,), {"group": False}), ("0", parallel._leave_at_once, False), "closed"]
    assert signal.getsignal(signal.SIGINT) is parallel._leave_at_once


def test_a_fault_of_ours_is_sent_with_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it the judge would wait for a report."""

    def judged_once(*given: Any) -> LawReport:
        raise ZeroDivisionError("a fault of ours")

    heard, _ = worked(judged_once, monkeypatch)
    assert heard[1].startswith("Traceback")
    assert heard[1].rstrip().endswith("ZeroDivisionError: a fault of ours")


def test_who_is_interrupted_says_what_was_seen_and_ends() -> None:
    """Without it Ctrl-C would take a failure with it, or leave processes behind."""
    ours, theirs = Pipe()
    task = Task(LAW, "float64")
    tally = tally_of(task, lambda seen: None)
    for failure, told in (
        (None, {}),
        ((z(1), WRONG), {"dtype": "float64", "verdict": Verdict.WRONG, "message": "off by one"}),
    ):
        tally.failure = failure
        with pytest.raises(Ended, match=r"^0$"):
            parallel._leave(theirs, task, tally, signal.SIGINT, None)
        found = ours.recv()
        assert {name: found[name] for name in told} == told
        assert bool(found) == bool(told)
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    with pytest.raises(Ended, match=r"^0$"):
        parallel._leave_at_once(signal.SIGINT, None)


def test_what_is_said_is_said_whole() -> None:
    """Without it Ctrl-C in the middle of a report would leave half of it in the pipe."""
    sent: list[Any] = []
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    before = signal.getsignal(signal.SIGINT)
    pipe: Any = SimpleNamespace(send=lambda said: sent.append((said, blocked())))
    parallel._say(pipe, "one")
    assert (sent, signal.getsignal(signal.SIGINT), blocked()) == ([("one", True)], before, False)
    parallel._say(pipe, "two", signal.SIG_IGN)
    assert (sent[1:], signal.getsignal(signal.SIGINT), blocked()) == ([("two", True)], signal.SIG_IGN, False)


def test_a_process_is_started_out_of_reach_of_ctrl_c_and_of_the_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it a socket.py where the user works would stand in for Python's own, or Ctrl-C end it half loaded."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    monkeypatch.setenv(SAFE_PATH, "mine")
    ours, theirs = Pipe()
    made: list[Any] = []
    processes: list[Any] = []

    def process(**given: Any) -> Any:
        made.append(given)
        found = SimpleNamespace(start=lambda: made.append((os.environ[SAFE_PATH], blocked())))
        processes.append(found)
        return found

    context = SimpleNamespace(Pipe=lambda: (ours, theirs), Process=process)
    monkeypatch.setattr(parallel, "get_context", {"spawn": context}.__getitem__)
    load = object()
    started = parallel._started(load)  # type: ignore[arg-type]
    assert made == [{"target": parallel._work, "args": (load, theirs, "mine")}, ("1", True)]
    assert (started.pipe, started.ready, theirs.closed, started.process) == (ours, False, True, processes[0])
    assert (os.environ[SAFE_PATH], blocked()) == ("mine", False)


def test_an_interrupt_reaches_a_process_that_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it Ctrl-C would end in an error where a process had ended before."""
    killed: list[Any] = []

    def kill(*given: int) -> None:
        killed.append(given)
        raise ProcessLookupError

    monkeypatch.setattr(os, "kill", kill)
    for pid in (None, 12):
        _Worker(SimpleNamespace(pid=pid), None).interrupt()  # type: ignore[arg-type]
    assert killed == [(12, signal.SIGINT)]


@pytest.mark.parametrize("error", [EOFError, ConnectionResetError])
def test_a_process_ends_in_silence_when_the_judge_is_gone(
    error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without it each process would print a traceback after Ctrl-C."""

    def gone(*said: Any) -> Any:
        raise error

    closed: list[str] = []
    subject = Subject(Tanh())
    subject.close = lambda: closed.append("closed")  # type: ignore[method-assign]
    monkeypatch.setattr(parallel, "parent_process", lambda: None)
    parallel._work(lambda: subject, SimpleNamespace(send=lambda said: None, recv=gone), None)  # type: ignore[arg-type]
    assert closed == ["closed"]
