"""Judging in several processes: the same verdicts, in the same order.

Each process loads the implementation for itself and is given one task after the other. Until the first of them is
ready, which takes a second, the first tasks are judged here. When the run is interrupted each says what its law was
seen to fail with, and ends.
"""

from __future__ import annotations

import copyreg
import gc
import os
import signal
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field, fields
from functools import partial
from itertools import pairwise
from multiprocessing import get_context, parent_process, resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any

from flint import arb

from ffn.conformance.implementation.boundary.isolation.lifeline import end_with
from ffn.conformance.implementation.subject import Subject
from ffn.conformance.laws import ALL
from ffn.conformance.running.runner import Judging, Task, judged_here, judged_once, tally_of, until_now
from ffn.conformance.running.support import supported_by
from ffn.conformance.running.tally import LawReport, Seeing, Seen, Tally

Load = Callable[[], Subject]
Found = dict[str, Any]  # the fields of a report, but for the law, which does not travel
FEWEST = 40  # tasks, from which on it pays to start processes
SAFE_PATH = "PYTHONSAFEPATH"  # with it a socket.py where the user works is not taken for Python's own
SELDOM = 100_000  # objects between two searches for cycles, which took up to a fifth of the time of a law
PATIENCE = 5.0  # seconds for a process that is interrupted to say what it found

copyreg.pickle(arb, lambda ball: (arb, (float(ball.mid()), float(ball.rad()))))  # all that a report tells of it


@dataclass
class _Worker:
    """A process, the end of the pipe to it, the place of the task that it is at, and the dtypes that it takes first.

    It is ready when it has loaded the implementation.
    """

    process: BaseProcess
    pipe: Connection
    ready: bool = False
    place: int | None = None
    share: Sequence[str] = ()

    def take(self, waiting: dict[int, Task]) -> None:
        """Hand it the next task of its share, or else the next one, where there is one.

        Plans of a law differ between dtypes of few and of many bits: so most covering arrays are made in one process.
        """
        self.place = next((at for at, task in waiting.items() if task.dtype in self.share), next(iter(waiting), None))
        if self.place is not None:
            task = waiting.pop(self.place)
            with suppress(OSError):  # it has ended: what is received will tell
                self.pipe.send({"law": task.law.name} | {name: getattr(task, name) for name in _OTHERS})

    def interrupt(self) -> None:
        with suppress(ProcessLookupError):
            if self.process.pid is not None:
                os.kill(self.process.pid, signal.SIGINT)


_OTHERS = tuple(each.name for each in fields(Task) if each.name != "law")


@dataclass
class _Stage:
    """Tasks that need not wait for one another: those that nobody took yet, and by place what others came to."""

    tasks: Sequence[Task]
    waiting: dict[int, Task]
    seen: dict[int, Seen] = field(default_factory=dict)
    done: dict[int, LawReport] = field(default_factory=dict)


@contextmanager
def in_processes(
    load: Load, count: int, here: Subject, stopping: Callable[[], object] = lambda: None
) -> Iterator[Judging]:
    """What judges tasks in ``count`` processes, each with the implementation that ``load`` returns there.

    ``here`` is judged until one of them is ready. ``stopping`` is called when it is interrupted, before what was
    found is gathered.
    """
    resource_tracker.ensure_running()  # starting it would let Ctrl-C through again
    workers = [_started(load) for _ in range(count)]
    try:
        yield partial(_judged, workers, here, stopping)
    finally:
        for worker in workers:
            worker.pipe.close()
            worker.process.terminate()
        for worker in workers:
            worker.process.join()


def _started(load: Load) -> _Worker:
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_work, args=(load, theirs, os.environ.get(SAFE_PATH)))
    with _environment(SAFE_PATH, "1"), _without_interrupts():
        process.start()
    theirs.close()
    return _Worker(process, ours)


@contextmanager
def _without_interrupts() -> Iterator[None]:
    """Ctrl-C waits meanwhile; in the process that is started, which inherits it, until it knows what to do then."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _environment(name: str, value: str | None) -> Iterator[None]:
    """A variable of the environment, set or not there, meanwhile."""
    before = os.environ.get(name)
    try:
        _set(name, value)
        yield
    finally:
        _set(name, before)


def _set(name: str, value: str | None) -> None:
    if value is None:
        os.environ.pop(name, None)
    else:
        os.environ[name] = value


def _judged(
    workers: Sequence[_Worker], subject: Subject, stopping: Callable[[], object], tasks: Sequence[Task], seeing: Seeing
) -> Iterator[LawReport]:
    stage = _Stage(tasks, dict(enumerate(tasks)))
    here = partial(judged_here, subject, stopping, {})
    subject.between = partial(_hear, workers, stage, 0.0)  # who becomes ready does not wait for a task to end here
    _share_out(list(dict.fromkeys(task.dtype for task in tasks)), workers)
    for worker in workers:
        if worker.ready:
            worker.take(stage.waiting)
    try:
        for place in range(len(tasks)):
            while not (place in stage.done or place in stage.seen):
                _go_on(workers, here, stage, place, seeing)
            if place in stage.seen:
                seeing(stage.seen[place])
            while place not in stage.done:
                _hear(workers, stage)
            yield stage.done.pop(place)
    except KeyboardInterrupt:
        stopping()
        _hear_out(workers, stage)
        yield from (stage.done[place] for place in sorted(stage.done))
        raise


def _go_on(workers: Sequence[_Worker], here: Judging, stage: _Stage, place: int, seeing: Seeing) -> None:
    """Hear what the processes have to say, or while none of them is ready judge the next task here."""
    if any(worker.ready for worker in workers):
        _hear(workers, stage)
    elif not _hear(workers, stage, 0.0):
        for report in here([stage.waiting.pop(place)], seeing):
            stage.done[place] = report


def _share_out(dtypes: Sequence[str], workers: Sequence[_Worker]) -> None:
    ends = [place * len(dtypes) // len(workers) for place in range(len(workers) + 1)]
    for worker, (start, end) in zip(workers, pairwise(ends), strict=True):
        worker.share = dtypes[start : max(end, start + 1)]


def _hear(workers: Sequence[_Worker], stage: _Stage, seconds: float | None = None) -> bool:
    """Whether some process had something to say, within so many seconds if need be; one that is ready gets a task."""
    busy = {worker.pipe: worker for worker in workers if worker.place is not None or not worker.ready}
    heard = wait(list(busy), seconds)
    for pipe in heard:
        worker = busy[pipe]  # type: ignore[index]
        if _take_down(worker, stage) or not worker.ready:
            worker.ready = True
            worker.take(stage.waiting)
    return bool(heard)


def _take_down(worker: _Worker, stage: _Stage) -> bool:
    """Receive what a process says, and whether it has finished a task with that."""
    said, place = _received(worker), worker.place
    if place is None or not said:
        return False
    if isinstance(said, Seen):
        stage.seen[place] = said
        return False
    stage.done[place] = LawReport(law=stage.tasks[place].law, **said)
    return True


def _hear_out(workers: Sequence[_Worker], stage: _Stage) -> None:
    """Interrupt all of them, and take down what each was seen to fail with."""
    deadline = time.monotonic() + PATIENCE
    for worker in workers:
        worker.interrupt()
    for worker in workers:
        with suppress(EOFError, OSError, RuntimeError):
            while worker.place is not None and worker.pipe.poll(max(0.0, deadline - time.monotonic())):
                if _take_down(worker, stage):
                    break


def _received(worker: _Worker) -> Found | Seen:
    """What a process says of its task, or when it is ready, nothing.

    Raises:
        RuntimeError: with its traceback, for a fault of ours there.
    """
    try:
        found = worker.pipe.recv()
    except (EOFError, OSError):
        worker.process.join(PATIENCE)
        raise RuntimeError(f"a process of the judge ended with {worker.process.exitcode}") from None
    if isinstance(found, str):
        raise RuntimeError(f"in a process of the judge:\n{found}")
    said: Found | Seen = found
    return said


# in the process


def _work(load: Load, pipe: Connection, safe_path: str | None) -> None:
    """Judge what comes, until there is no more."""
    if parent := parent_process():
        end_with(parent.sentinel, group=False)
    _set(SAFE_PATH, safe_path)
    signal.signal(signal.SIGINT, _leave_at_once)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    laws = {law.name: law for law in ALL}
    with suppress(EOFError, OSError), closing(load()) as subject:
        gc.freeze()  # what is loaded stays until the process ends
        gc.set_threshold(SELDOM)
        supported = {dtype: supported_by(subject, dtype) for dtype in subject.dtypes}
        pipe.send({})
        while True:
            given = pipe.recv()
            task = Task(**given | {"law": laws[given["law"]]})
            tally = tally_of(task, partial(_say, pipe))
            signal.signal(signal.SIGINT, partial(_leave, pipe, task, tally))
            try:
                said: Found | str = _fields(judged_once(task, subject, supported.get(task.dtype), tally))
            except Exception:
                said = traceback.format_exc()
            _say(pipe, said, _leave_at_once)


def _say(pipe: Connection, said: Found | Seen | str, then: Any = None) -> None:
    """Send it whole, and let Ctrl-C be answered otherwise from then on, if so."""
    with _without_interrupts():
        pipe.send(said)
        if then:
            signal.signal(signal.SIGINT, then)


def _leave_at_once(number: int, frame: Any) -> None:
    """End: there is nothing to say."""
    os._exit(0)


def _leave(pipe: Connection, task: Task, tally: Tally, number: int, frame: Any) -> None:
    """Say what was found, and end. An exception might be caught by what is judged, or lost in a library."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    pipe.send(_fields(until_now(task, tally)))
    os._exit(0)


def _fields(report: LawReport | None) -> Found:
    if report is None:
        return {}
    return {each.name: getattr(report, each.name) for each in fields(report) if each.name != "law"}
