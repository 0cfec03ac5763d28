"""Judging in several processes gives the reports in their order, whoever made them, and loses none.

The processes are threads here, which answer over the same pipes; ``command/test_processes.py`` starts real ones.
"""

from __future__ import annotations

import os
import pickle
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import Pipe
from types import SimpleNamespace
from typing import Any

import pytest
from flint import arb

from ffn.conformance.implementation.subject import Subject
from ffn.conformance.laws import matching
from ffn.conformance.running import parallel
from ffn.conformance.running.parallel import _fields, _judged, _share_out, _Worker
from ffn.conformance.running.runner import Task
from ffn.conformance.running.tally import LawReport, Seen
from ffn.conformance.verdict import Verdict
from tests.conformance.verdicts.stubs import HOLDS, Tanh, drawn, law, report

LAWS = matching(("activation/tanh", "activation/relu", "network"))
TASKS = [Task(law, dtype, 1, seed=3) for law in LAWS for dtype in ("float32", "float64")]


def worker(says: Callable[[dict[str, Any]], list[Any]], ready: bool = True) -> _Worker:
    """A worker that says this of each task, and ends when its pipe is closed."""
    ours, theirs = Pipe()
    process: Any = SimpleNamespace(pid=None, exitcode=7, join=lambda seconds=None: None)

    def serve() -> None:
        try:
            if ready:
                theirs.send({})
            while True:
                for said in says(theirs.recv()):
                    theirs.send(said)
        except (EOFError, OSError):
            theirs.close()

    threading.Thread(target=serve, daemon=True).start()
    return _Worker(process, ours)


def holding(given: dict[str, Any]) -> list[Any]:
    return [{"dtype": given["dtype"], "verdict": Verdict.HOLDS, "examples": given["seed"]}]


def judged(
    workers: list[_Worker], tasks: Any = TASKS, seeing: Any = lambda seen: None, stopping: Any = lambda: None
) -> Any:
    return _judged(workers, Subject(Tanh()), stopping, tasks, seeing)


def test_reports_come_in_the_order_of_their_tasks_whoever_made_them() -> None:
    """Without it the report of one law could be told of another."""
    workers = [worker(holding), worker(holding)]
    for each in workers:
        each.ready = True
        each.pipe.recv()  # the word that it is ready
    found = list(judged(workers))
    assert [(each.law, each.dtype) for each in found] == [(task.law, task.dtype) for task in TASKS]
    assert {(each.verdict, each.examples) for each in found} == {(Verdict.HOLDS, 3)}
    assert [each.place for each in workers] == [None, None]
    assert list(judged(workers, [])) == []


def test_what_is_seen_is_told_before_the_report_and_in_order() -> None:
    """Without it a failure would be told after its report, or of another law."""

    def seeing_first(given: dict[str, Any]) -> list[Any]:
        return [Seen(given["law"], given["dtype"], "off"), {"dtype": given["dtype"], "verdict": Verdict.WRONG}]

    mine = worker(seeing_first)
    mine.pipe.recv()
    mine.ready = True
    told: list[Any] = []
    for each in judged([mine], TASKS[:3], told.append):
        told.append(each)
    assert [type(each).__name__ for each in told] == ["Seen", "LawReport"] * 3
    assert [each.law if isinstance(each, Seen) else each.law.name for each in told] == [
        task.law.name for task in TASKS[:3] for _ in range(2)
    ]


def test_until_a_process_is_ready_tasks_are_judged_here() -> None:
    """Without it the first second of a run would be spent on waiting."""
    here: list[str] = []

    def judge(case: Any) -> Any:
        here.append("here")
        return HOLDS

    tasks = [Task(law(judge, cases=drawn(1, 1)), "float32", 1) for _ in range(3)]
    found = list(judged([worker(holding, ready=False)], tasks))
    assert [each.verdict for each in found] == [Verdict.HOLDS] * 3
    assert len(here) == 3
    subject = Subject(Tanh())
    next(_judged([worker(holding, ready=False)], subject, lambda: None, tasks, lambda seen: None))
    started = time.monotonic()
    subject.between()  # after each call of what is judged here, which waits for nobody
    assert time.monotonic() - started < 0.5


def test_a_fault_of_a_process_is_told_with_its_traceback() -> None:
    """Without it a law would be lost in silence."""
    faulty = worker(lambda given: ["Traceback: a fault of ours"])
    faulty.ready = faulty.pipe.recv() == {}
    with pytest.raises(RuntimeError, match="in a process of the judge:\nTraceback: a fault of ours"):
        list(judged([faulty], TASKS[:1]))

    def ends(given: dict[str, Any]) -> list[Any]:
        raise EOFError

    gone = worker(ends)
    gone.pipe.recv()
    gone.ready = True
    with pytest.raises(RuntimeError, match="a process of the judge ended with 7"):
        list(judged([gone], TASKS[:1]))


def test_an_interrupt_comes_through_after_what_each_process_saw(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it Ctrl-C would take the failures with it."""
    interrupted = threading.Event()

    def until_now(given: dict[str, Any]) -> list[Any]:
        if given["dtype"] == "float32":
            return [Seen(given["law"], given["dtype"], "off")]
        assert interrupted.wait(10)
        return [{"dtype": given["dtype"], "verdict": Verdict.WRONG, "message": "until now"}]

    workers = [worker(until_now), worker(until_now)]
    for each in workers:
        each.ready = each.pipe.recv() == {}
    monkeypatch.setattr(_Worker, "interrupt", lambda self: interrupted.set())
    monkeypatch.setattr(parallel, "PATIENCE", 0.3)
    stopped: list[str] = []
    found: list[LawReport] = []

    def seeing(seen: Seen) -> None:
        raise KeyboardInterrupt

    reports = judged(workers, TASKS[:2], seeing, lambda: stopped.append("now"))
    with pytest.raises(KeyboardInterrupt):
        found.extend(reports)
    assert stopped == ["now"]
    assert [(each.dtype, each.message) for each in found] == [("float64", "until now")]


def test_at_an_interrupt_who_is_gone_already_takes_nothing_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it Ctrl-C would end in a traceback, and what another process saw be lost."""

    def ends(given: dict[str, Any]) -> list[Any]:
        raise EOFError

    workers = [worker(ends), worker(holding), worker(holding)]
    stage = parallel._Stage(TASKS[:3], dict(enumerate(TASKS[:3])))
    for each in workers:
        each.pipe.recv()
        each.take(stage.waiting)
    workers[1].pipe.close()
    monkeypatch.setattr(_Worker, "interrupt", lambda self: None)
    parallel._hear_out(workers, stage)
    assert [(place, found.verdict) for place, found in stage.done.items()] == [(2, Verdict.HOLDS)]


def test_dtypes_are_shared_out_so_that_each_has_one_first() -> None:
    """Without it each process would make every plan."""

    def shares(dtypes: str, count: int) -> list[str]:
        workers = [_Worker(SimpleNamespace(), None) for _ in range(count)]  # type: ignore[arg-type]
        _share_out(dtypes, workers)
        return ["".join(each.share) for each in workers]

    assert shares("abcd", 2) == ["ab", "cd"]
    assert shares("abc", 2) == ["a", "bc"]
    assert shares("a", 2) == ["a", "a"]
    assert shares("abcd", 3) == ["a", "b", "cd"]
    waiting = dict(enumerate(TASKS))
    mine = worker(holding)
    mine.share = ("float64",)
    mine.take(waiting)
    assert (mine.place, len(waiting)) == (1, len(TASKS) - 1)
    mine.share = ()
    mine.take(waiting)
    assert mine.place == 0
    mine.take({})
    assert mine.place is None
    gone = worker(holding)
    gone.pipe.close()
    gone.take(dict(enumerate(TASKS)))  # what is received will tell
    assert gone.place == 0


def test_a_report_travels_with_all_that_it_says() -> None:
    """Without it a figure would be lost between two processes."""
    whole = report(Verdict.WRONG, message="off", examples=3, counterexample=1)
    assert LawReport(law=whole.law, **_fields(whole)) == whole
    assert _fields(None) == {}
    ball = pickle.loads(pickle.dumps(arb(1.5, 0.25)))
    assert (float(ball.mid()), float(ball.rad()) >= 0.25) == (1.5, True)
    (task,) = TASKS[:1]
    assert {name: getattr(task, name) for name in parallel._OTHERS} == {
        **{"dtype": "float32", "examples": 1, "seed": 3, "shrink": True, "strength": 2},
        **{"left_out": frozenset(), "shared": ()},
    }


def test_a_variable_of_the_environment_is_as_it_was_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it what the judge starts would change how the user's own programs run."""
    monkeypatch.delenv("FFN_A", raising=False)
    with parallel._environment("FFN_A", "1"):
        assert os.environ["FFN_A"] == "1"
        with suppress(KeyError), parallel._environment("FFN_A", None):
            raise KeyError(os.environ["FFN_A"])
        assert os.environ["FFN_A"] == "1"
    assert "FFN_A" not in os.environ
    with parallel._environment("FFN_A", None):
        assert "FFN_A" not in os.environ


def test_who_has_become_ready_takes_a_task_and_until_then_one_is_judged_here() -> None:
    """Without it a process that is ready would wait for a task that is judged here, or a failure here be told late."""
    given: list[Any] = []
    told: list[Any] = []

    def here(tasks: Any, seeing: Any) -> Any:
        given.append(tasks)
        seeing("seen")
        return iter([report()])

    stage = parallel._Stage(TASKS[:2], dict(enumerate(TASKS[:2])))
    started = time.monotonic()
    parallel._go_on([worker(holding, ready=False)], here, stage, 0, told.append)
    assert time.monotonic() - started < 0.5
    assert (given, told, list(stage.waiting), list(stage.done)) == ([[TASKS[0]]], ["seen"], [1], [0])
    mine = worker(holding)
    assert mine.pipe.poll(10)
    parallel._go_on([mine], here, stage, 1, told.append)
    assert (len(given), mine.ready, mine.place, list(stage.waiting)) == (1, True, 1, [])


def test_nobody_listens_to_a_process_that_has_nothing_to_do() -> None:
    """Without it one that ended when all was done would be told as a fault."""
    stage = parallel._Stage([], {})
    ours, theirs = Pipe()
    theirs.close()
    idle = _Worker(SimpleNamespace(pid=None, exitcode=0, join=lambda seconds=None: None), ours, ready=True)  # type: ignore[arg-type]
    assert parallel._hear([idle], stage, 0.0) is False
    fresh = worker(holding)
    assert fresh.pipe.poll(10)
    assert parallel._hear([idle, fresh], stage, 0.0) is True
    assert (fresh.ready, fresh.place) == (True, None)


def test_at_an_interrupt_each_process_is_waited_for_and_none_for_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Without it what is said a moment later would be lost, or Ctrl-C take minutes."""

    def later(given: dict[str, Any]) -> list[Any]:
        time.sleep(0.1)
        return holding(given)

    silent = threading.Event()
    never = [worker(lambda given: [silent.wait(10)]) for _ in range(3)]
    monkeypatch.setattr(_Worker, "interrupt", lambda self: None)
    for workers, patience, heard in (([worker(later)], 5.0, [0]), (never, 0.05, [])):
        monkeypatch.setattr(parallel, "PATIENCE", patience)
        stage = parallel._Stage(TASKS[:3], dict(enumerate(TASKS[:3])))
        for each in workers:
            each.pipe.recv()
            each.take(stage.waiting)
        started = time.monotonic()
        parallel._hear_out(workers, stage)
        assert (list(stage.done), time.monotonic() - started < 1) == (heard, True)
    silent.set()
