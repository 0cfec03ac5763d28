"""What is settled before anything else is imported, where ffn runs as a command: importing takes up to a second."""

from __future__ import annotations

import _signal as signal  # type: ignore[import-not-found]  # Python's own takes a while to be imported
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType

SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")  # of which a system may lack some


def is_module() -> bool:
    """Whether this is ``python -m ffn``."""
    called = sys.orig_argv[1:]
    return "-m" in called and called[called.index("-m") + 1 :][:1] == ["ffn"]


def is_command() -> bool:
    """Whether this is the command, by its name or as a module, and not a process that it started."""
    return is_module() or (os.path.basename(sys.argv[0]) in ("ffn", "ffn.exe") and sys.argv[0] in sys.orig_argv)


def prepare(package: str) -> None:
    """Keep the user's folder from standing in for libraries, and Ctrl-C from ending in a traceback.

    Args:
        package: the folder of ``ffn``.
    """
    # `python -m` puts the current folder first: a numpy.py there is not NumPy. It is searched, but later.
    if is_module() and not sys.flags.safe_path and os.path.dirname(package) != sys.path[0]:
        del sys.path[0]
    for name in SIGNALS:
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
            signal.signal(number, end)


def end(number: int, frame: FrameType | None) -> None:
    """End the process, before the command has begun: an exception would be caught by nobody."""
    os.write(2, b"ffn: interrupted\n")
    os._exit(128 + number)
