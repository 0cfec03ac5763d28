"""Starting the process of an implementation, speaking with it, and ending it with what it started."""

from __future__ import annotations

import fcntl
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import weakref
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from threading import Thread
from typing import IO

import ffn
from ffn.conformance.implementation.boundary.calling.place import place_of
from ffn.conformance.implementation.boundary.isolation.limits import Limits
from ffn.conformance.implementation.boundary.isolation.wire import Closed, Frame, Line
from ffn.conformance.implementation.errors import last_line

ENDING_SECONDS = 1.0  # a process whose connection is closed has this long to end by itself, so that its status is known
MOST_PRINTED = 2**16  # bytes that are kept
WORKER = "ffn.conformance.implementation.boundary.isolation.worker"
LIFELINE = "ffn.conformance.implementation.boundary.isolation.lifeline"
FATAL = "Fatal Python error: "  # how what faulthandler prints begins


class Lost(Exception):
    """No frame came.

    Attributes:
        reason: what became of the process.
        place: as the end of a message, where in its code it was, if that is known.
        printed: what it printed, of much the end.
    """

    def __init__(self, reason: str, place: str, printed: str) -> None:
        super().__init__(reason + place + last_line(printed))
        self.reason, self.place, self.printed = reason, place, printed


class Process:
    """A process with one implementation.

    Args:
        spec: what the worker loads.
        limits: what it may use.
        worker: the module of the kit whose ``main`` runs there.

    Raises:
        OSError: when it cannot be started.
    """

    def __init__(self, spec: str, limits: Limits, worker: str = WORKER) -> None:
        ours, theirs = map(_above_the_usual, socket.socketpair())
        alive, life = map(_above_the_usual, socket.socketpair())  # the first is open for as long as this process lives
        given = (_path(), LIFELINE, life.fileno(), worker, theirs.fileno(), spec, asdict(limits))
        with theirs, life:
            self._child = subprocess.Popen(
                [sys.executable, "-P", "-c", _PROGRAM, *map(json.dumps, given)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                pass_fds=[theirs.fileno(), life.fileno()],
                start_new_session=True,  # its own group, which is ended as one, and which no Ctrl-C reaches
            )
        self._line = Line(ours)
        self._printed = bytearray()
        assert self._child.stdout is not None
        self._reader = Thread(target=_keep, args=(self._child.stdout, self._printed), daemon=True)
        self._reader.start()
        self.end = weakref.finalize(self, _end, self._child, ours, self._reader, alive)

    def exchange(self, frame: Frame | None, seconds: float, most: int | None = None) -> tuple[bytes, bytes]:
        """Send a frame, if any, and wait for one.

        Raises:
            Lost: when there is none in time, or there will be none. The process is ended then.
            Garbled: when what came is none.
        """
        deadline = time.monotonic() + seconds
        try:
            if frame is not None:
                self._line.send(frame, deadline)
            return self._line.receive(deadline, most)
        except TimeoutError:  # it may have ended all the same, and left the connection to its children
            reason = self._ending(0) or f"no answer within {seconds:g} s"
            self._child.send_signal(signal.SIGABRT)  # on which it prints where it is
            self._ending(ENDING_SECONDS)
        except Closed:
            reason = self._ending(ENDING_SECONDS) or "the process closed its connection"
        self.end()
        raise Lost(reason, *self._trace())

    def _ending(self, seconds: float) -> str:
        """How the process ended, if it does so within these seconds."""
        try:
            status = self._child.wait(seconds)
        except subprocess.TimeoutExpired:
            return ""
        if status >= 0:
            return f"the process ended with status {status}"
        name = signal.Signals(-status).name if -status in set(signal.Signals) else f"signal {-status}"
        return f"the process was killed by {name}"

    def _trace(self) -> tuple[str, str]:
        """Where it was, and what it had printed."""
        printed, _, frames = self._printed.decode(errors="replace").partition(FATAL)
        place = place_of([(file, int(line)) for file, line in re.findall(r'File "([^"]+)", line (\d+)', frames)])
        return (f" ({place})" if place else ""), printed


def _above_the_usual(end: socket.socket) -> socket.socket:
    """The socket by a descriptor above 2: where one of those is closed it may have taken its place."""
    with end:
        return socket.socket(fileno=fcntl.fcntl(end.fileno(), fcntl.F_DUPFD_CLOEXEC, 3))


# Nothing of the user's folder is importable before the kit is loaded, so no file there stands in for a library's.
_PROGRAM = """
import importlib, json, sys
path, lifeline, life, worker, descriptor, spec, limits = map(json.loads, sys.argv[1:])
sys.path[:], sys.argv[1:] = path, []
importlib.import_module(lifeline).end_with(life, group=True)
importlib.import_module(worker).main(descriptor, spec, limits)
"""


def _path() -> list[str]:
    """Where this process finds its modules, without the current folder, unless the kit itself is found there.

    Where PYTHONPATH names the current folder it is the last: what the user has there is found, and replaces no library.
    """
    kit, here = Path(ffn.__file__).parent.parent, Path.cwd()
    folders = [Path(folder).resolve() for folder in sys.path]
    named = [Path(folder).resolve() for folder in os.environ.get("PYTHONPATH", "").split(os.pathsep) if folder]
    found = [folder for folder in folders if folder != here or folder == kit.resolve()]
    return list(map(str, (*found, kit, *(folder for folder in named if folder == here))))


def _keep(output: IO[bytes], printed: bytearray) -> None:
    """Read what the process prints, however much, and keep the end."""
    with output:
        while piece := os.read(output.fileno(), 4096):
            printed += piece
            del printed[:-MOST_PRINTED]


def _end(child: subprocess.Popen[bytes], line: socket.socket, reader: Thread, alive: socket.socket) -> None:
    """End the process and those that it started, by their group."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()
    line.close()
    alive.close()
    reader.join(ENDING_SECONDS)  # longer only where something that left the group still holds the output
