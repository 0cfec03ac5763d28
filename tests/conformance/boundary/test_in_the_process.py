"""What the process of an implementation does to itself before it serves; ``test_isolation.py`` starts real ones.

Here it is done in the process of the tests, with what would end or limit that one written down in place of done.
"""

from __future__ import annotations

import faulthandler
import fcntl
import os
import resource
import signal
import socket
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ffn.conformance.implementation.boundary.calling.guard import offer_of
from ffn.conformance.implementation.boundary.isolation import lifeline, worker
from ffn.conformance.implementation.boundary.isolation.encoding import offer_in
from ffn.conformance.implementation.boundary.isolation.wire import Line
from ffn.conformance.implementation.errors import LoadingError
from tests.conformance.verdicts.stubs import Tanh

pytestmark = [
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the kernel's part is Linux's"),
    # the connection would be closed by the end of the process, which does not end here
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning"),
]


class Ended(BaseException):
    """In place of the end of the process, with its status."""


@pytest.fixture
def ends(monkeypatch: pytest.MonkeyPatch) -> None:
    def end(status: int) -> None:
        raise Ended(status)

    monkeypatch.setattr(os, "_exit", end)


@pytest.mark.parametrize("group", [False, True])
def test_the_kernel_is_asked_to_kill_who_holds_the_other_end(
    group: bool, monkeypatch: pytest.MonkeyPatch, ends: None
) -> None:
    """Without it a judge that is killed would leave what it judges behind, or leave what that had started."""
    asked: list[Any] = []
    monkeypatch.setattr(fcntl, "fcntl", lambda *given: asked.append(given[1:]) or 0)  # type: ignore[func-returns-value]
    ours, theirs = socket.socketpair()
    with theirs:
        with ours:
            lifeline.end_with(theirs.fileno(), group)
        assert asked == [
            (fcntl.F_SETSIG, signal.SIGKILL),
            (fcntl.F_SETOWN, -os.getpgrp() if group else os.getpid()),
            (fcntl.F_GETFL,),
            (fcntl.F_SETFL, os.O_ASYNC),
        ]
        monkeypatch.setattr(fcntl, "fcntl", raises(OSError))  # a system that has it not
        with pytest.raises(Ended, match="1"):  # too late: the other end is closed
            lifeline.end_with(theirs.fileno(), group)


def raises(error: type[BaseException]) -> Any:
    def raising(*given: Any) -> Any:
        raise error(*given)

    return raising


@pytest.fixture
def limited(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """The limits that it sets itself; what else it changes is as it was afterwards."""
    found: list[Any] = []
    monkeypatch.setattr(resource, "setrlimit", lambda *given: found.append(given))
    monkeypatch.setattr(faulthandler, "enable", lambda **given: found.append(given))
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "")
    before = signal.signal(signal.SIGALRM, signal.SIG_IGN)
    yield found
    signal.signal(signal.SIGALRM, before)
    signal.setitimer(signal.ITIMER_REAL, 0)


LIMITS = {"seconds": 3.0, "loading": 5.0, "memory": 0.5, "lost": 60.0}


def test_it_speaks_by_a_high_descriptor_and_limits_itself(limited: list[Any], ends: None) -> None:
    """Without it a call could use up the memory of the machine, or close the connection among the usual descriptors."""
    ours, theirs = socket.socketpair()
    seen: list[Any] = []

    def load(spec: str) -> Any:
        seen.append((spec, signal.getsignal(signal.SIGALRM), signal.getitimer(signal.ITIMER_REAL)[0] > 5))
        seen.append([Path(f"/proc/self/fd/{each}").exists() for each in (descriptor, worker._high())])
        seen.append((sys.dont_write_bytecode, os.environ["PYTHONDONTWRITEBYTECODE"]))
        ours.shutdown(socket.SHUT_WR)
        return Tanh(), offer_of(Tanh())

    descriptor = theirs.detach()
    with ours:
        with pytest.raises(Ended, match=r"^0$"):
            worker.main(descriptor, "mine.py", LIMITS, load)
        assert offer_in(Line(ours).receive()[0]) == offer_of(Tanh())
    assert seen == [("mine.py", signal.SIG_DFL, True), [False, True], (True, "1")]
    assert signal.getitimer(signal.ITIMER_REAL)[0] == 0
    core, data = (resource.RLIMIT_CORE, (0, 0)), (resource.RLIMIT_DATA, (2**29, 2**29))
    assert limited == [{"all_threads": False}, data, core]
    worker._end_in(100)
    assert 99 < signal.getitimer(signal.ITIMER_REAL)[0] <= 100


def test_a_fault_of_ours_there_has_a_status_and_its_traceback(
    limited: list[Any], ends: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without it the judge would be told of an end, and of nothing that led there."""
    printed: list[str] = []
    monkeypatch.setattr(traceback, "print_exc", lambda: printed.append(traceback.format_exc()))
    monkeypatch.setattr(resource, "setrlimit", raises(ValueError))  # a system without these limits
    ours, theirs = socket.socketpair()
    with ours, pytest.raises(Ended, match=r"^1$"):
        worker.main(theirs.detach(), "mine.py", LIMITS, raises(ZeroDivisionError))
    assert printed[0].rstrip().endswith("ZeroDivisionError: mine.py")


def test_the_descriptor_of_the_connection_is_one_that_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it no implementation could be loaded where few files may be open."""
    for most, high in ((1024, 200), (64, 63)):
        monkeypatch.setattr(os, "sysconf", {"SC_OPEN_MAX": most}.__getitem__)
        assert worker._high() == high


def test_it_loads_what_the_name_says(tmp_path: Path) -> None:
    """Without it another implementation would be served, or its offer be that of another."""
    (tmp_path / "mine.py").write_text("class implementation:\n    dtypes = ('float32',)\n    loss = print\n")
    implementation, offer = worker.loaded(f"{tmp_path}/mine.py")
    assert implementation.dtypes == ("float32",)
    assert offer == offer_of(implementation)
    (tmp_path / "mine.py").write_text("raise KeyboardInterrupt\n")
    spec = f"{tmp_path}/mine.py"
    with pytest.raises(LoadingError, match=rf"^{spec} cannot be loaded: KeyboardInterrupt \(mine.py:1\)$"):
        worker.loaded(spec)
