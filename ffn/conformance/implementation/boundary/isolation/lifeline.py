"""A process that ends when the one that started it does, however that ended."""

from __future__ import annotations

import fcntl
import os
import select
import signal
from contextlib import suppress


def end_with(line: int, group: bool) -> None:
    """Have this process, or its group, killed once the other end of a line is closed, as it is when its holder ends.

    The kernel does it, so that it does not matter what runs here, and how. Only Linux does.

    Args:
        line: a descriptor of this end, of a pipe or a socket on which nothing is ever sent.
        group: whether the whole group is killed.
    """
    with suppress(AttributeError, OSError):  # of systems that have it not
        fcntl.fcntl(line, fcntl.F_SETSIG, signal.SIGKILL)
        fcntl.fcntl(line, fcntl.F_SETOWN, -os.getpgrp() if group else os.getpid())
        fcntl.fcntl(line, fcntl.F_SETFL, fcntl.fcntl(line, fcntl.F_GETFL) | os.O_ASYNC)
    if select.select([line], [], [], 0)[0]:  # too late for the signal
        os._exit(1)
