"""Ctrl-C, SIGTERM and SIGHUP, each as KeyboardInterrupt, which is raised until it is heard.

An exception that a signal raises can get lost. Where the garbage collector is calling back (Hypothesis times it that
way) Python prints and drops it; libraries replace it by an exception of their own (Hypothesis asserts that its engine
has started, and an interrupt just before fails that assertion); an implementation may catch everything. So what arrived
is written down, and raised again until somebody says that it was heard. From then on what was found is written and
told: another signal does not disturb that, and the next one ends the process at once.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from ffn.starting import SIGNALS, end

AGAIN = 0.2  # seconds until it is raised again
_arrived: list[int] = []  # of this process, as signals are
_later: list[int] | None = None  # those that arrive after one was heard


@contextmanager
def raised() -> Iterator[None]:
    """Have the signals raise KeyboardInterrupt meanwhile; those that are ignored, as under nohup, stay so."""
    global _later
    _later = None
    _arrived.clear()
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    unraisable, sys.unraisablehook = sys.unraisablehook, _silent
    numbers = [getattr(signal, name) for name in SIGNALS if hasattr(signal, name)]
    before = {number: signal.getsignal(number) for number in numbers}
    for number, handler in before.items():
        if handler is not signal.SIG_IGN:
            signal.signal(number, _arrive)
    if hasattr(signal, "SIGALRM"):
        before[signal.SIGALRM] = signal.signal(signal.SIGALRM, _insist)
    try:
        yield
    finally:
        heard()
        for number, handler in before.items():  # a command that has ended is not disturbed any more
            signal.signal(number, signal.SIG_IGN if handler is end else handler)
        sys.unraisablehook = unraisable


def number() -> int | None:
    """The first signal that arrived."""
    return _arrived[0] if _arrived else None


def heard(ending: bool = False) -> bool:
    """Whether a signal arrived; it is not raised again, nor is any later one, as where all is ``ending`` anyway."""
    global _later
    _again(0)
    if _later is None and (_arrived or ending):
        _later = []
    return bool(_arrived)


def _arrive(number: int, frame: FrameType | None) -> None:
    _arrived.append(number)
    if _later is None:
        _again(AGAIN)
        raise KeyboardInterrupt
    _later.append(number)
    if len(_later) > 1:
        os.write(2, b"ffn: ended at once, without what was still to be told\n")
        os._exit(128 + _arrived[0])


def _insist(number: int, frame: FrameType | None) -> None:
    if _arrived:  # else somebody else's alarm, such as that of what is judged
        raise KeyboardInterrupt


def _silent(unraisable: sys.UnraisableHookArgs) -> None:
    """Print what Python would, but no traceback of an interrupt that is raised again anyway."""
    if unraisable.exc_type is not KeyboardInterrupt:
        sys.__unraisablehook__(unraisable)


def _again(seconds: float) -> None:
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, seconds, seconds)
