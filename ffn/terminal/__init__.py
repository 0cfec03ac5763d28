"""What the project's commands have in common: consoles, how they are interrupted, and how they end."""

from ffn.terminal.ending import EXIT_CANNOT_RUN, EXIT_FAILS, EXIT_FAULT, CannotRun, interrupted_status, run
from ffn.terminal.files import JsonFile, json_option
from ffn.terminal.streams import console, progress

__all__ = [
    "EXIT_CANNOT_RUN",
    "EXIT_FAILS",
    "EXIT_FAULT",
    "CannotRun",
    "JsonFile",
    "console",
    "interrupted_status",
    "json_option",
    "progress",
    "run",
]
