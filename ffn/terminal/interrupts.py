"""Ctrl-C, SIGTERM and SIGHUP, each as KeyboardInterrupt, which is raised until it is heard.

An exception that a signal raises can get lost. Where the garbage collector is calling back (Hypothesis times it that
way) Python prints and drops it; libraries replace it by an exception of their own (Hypothesis asserts that its engine
has started, and an interrupt just before fails that assertion); an implementation may catch everything. So what arrived
is written down, and raised again until somebody says that it was heard.
"""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

AGAIN = 0.2  # seconds until it is raised again
_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")  # of which a system may lack some
_arrived: list[int] = []  # of this process, as signals are


@contextmanager
def raised() -> Iterator[None]:
    """Have the signals raise KeyboardInterrupt meanwhile; those that are ignored, as under nohup, stay so."""
    _arrived.clear()
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    unraisable, sys.unraisablehook = sys.unraisablehook, _silent
    numbers = [getattr(signal, name) for name in _SIGNALS if hasattr(signal, name)]
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
        for number, handler in before.items():
            signal.signal(number, handler)
        sys.unraisablehook = unraisable


def number() -> int | None:
    """The first signal that arrived."""
    return _arrived[0] if _arrived else None


def heard() -> bool:
    """Whether a signal arrived; it is not raised again."""
    _again(0)
    return bool(_arrived)


def _arrive(number: int, frame: FrameType | None) -> None:
    _arrived.append(number)
    _again(AGAIN)
    raise KeyboardInterrupt


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
