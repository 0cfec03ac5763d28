"""The process of an implementation: it loads it, says what it offers, and answers calls until nobody asks."""

from __future__ import annotations

import faulthandler
import fcntl
import os
import signal
import socket
import sys
import traceback
from collections.abc import Callable, Iterator
from typing import Any

from ffn.conformance.implementation.boundary.calling import guard
from ffn.conformance.implementation.boundary.calling.playing import played
from ffn.conformance.implementation.boundary.data.call import Call, Offer, Reply
from ffn.conformance.implementation.boundary.isolation.encoding import (
    Calls,
    calls_in,
    offer_frame,
    refusal_frame,
    reply_frame,
)
from ffn.conformance.implementation.boundary.isolation.limits import Limits
from ffn.conformance.implementation.boundary.isolation.wire import Closed, Frame, Line
from ffn.conformance.implementation.errors import LoadingError
from ffn.conformance.implementation.finding import found

HIGH = (
    200  # the descriptor of the connection, where there are so many: what closes or redirects the usual ones leaves it
)
GIB = 2**30


Load = Callable[[str], tuple[Any, Offer]]


def loaded(spec: str) -> tuple[Any, Offer]:
    """The implementation that ``finding.found`` finds by this name, and its offer. Raises as that does."""
    try:
        implementation = found(spec)
    except KeyboardInterrupt as error:  # its own: this process is in no terminal's foreground
        raise LoadingError(f"{spec} cannot be loaded: {guard.line_of(error)}") from error
    return implementation, guard.offer_of(implementation)


def main(descriptor: int, spec: str, limits: dict[str, float], load: Load = loaded) -> None:
    """Serve the judge at the other end of the descriptor.

    Args:
        descriptor: of the socket.
        spec: what ``load`` takes.
        limits: those of ``Limits``, by name.
        load: from the spec to an object whose methods are called, and its offer; it may raise ``LoadingError``.
    """
    line = Line(socket.socket(fileno=fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, _high())))
    os.close(descriptor)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)  # which ends it, see ``_end_in``
    faulthandler.enable(all_threads=False)
    _limit(limits["memory"])
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"  # in what it starts; here the kit's own code may be kept
    sys.dont_write_bytecode = True
    status = 0
    try:
        _serve(line, spec, Limits(**limits), load)
    except Closed:
        pass
    except BaseException:
        traceback.print_exc()
        status = 1
    os._exit(status)  # threads that were left behind would keep the process


def _high() -> int:
    """The least that the descriptor of the connection may be."""
    return min(HIGH, os.sysconf("SC_OPEN_MAX") - 1)


def _limit(memory: float) -> None:
    """Limit what the process may allocate; not its address space: frameworks reserve far more than they use."""
    try:
        import resource

        most = int(memory * GIB)
        resource.setrlimit(resource.RLIMIT_DATA, (most, most))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a crash leaves no file where the user works
    except (ImportError, ValueError, OSError):  # a system without this limit
        pass


def _serve(line: Line, spec: str, limits: Limits, load: Load) -> None:
    process = os.getpid()
    _end_in(2 * limits.loading)
    try:
        implementation, offer = load(spec)
    except LoadingError as error:
        return line.send(refusal_frame(str(error)))
    _end_in(0)
    _send(line, process, offer_frame(offer))
    while True:
        number, calls = calls_in(line.receive()[0])
        _end_in(2 * limits.seconds)
        for reply in _replies(implementation, calls):
            _end_in(0)
            _send(line, process, reply_frame(number, reply))
            _end_in(2 * limits.seconds)
        _end_in(0)


def _end_in(seconds: float) -> None:
    """End this process then, should the judge be killed while it waits; 0 stands for never."""
    signal.setitimer(signal.ITIMER_REAL, seconds)


def _replies(implementation: Any, calls: Calls) -> Iterator[Reply]:
    answering: Any = guard.answering if isinstance(calls[0], Call) else played
    answered = 0
    try:
        for reply in answering(implementation, calls):
            yield reply
            answered += 1
    except KeyboardInterrupt as error:  # not the user's: this process is in no terminal's foreground
        call = calls[answered] if isinstance(calls[0], Call) else None
        yield guard.raised(call.method if isinstance(call, Call) else "a call", error)


def _send(line: Line, process: int, frame: Frame) -> None:
    if os.getpid() != process:  # a fork that came back through the call: the judge waits for its parent
        os._exit(0)
    line.send(frame)
