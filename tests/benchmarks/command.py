"""How long one waits for the command and for the import."""

import os
import resource
import subprocess
import sys
from collections.abc import Sequence
from statistics import median
from time import perf_counter
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.benchmarks.timing import written

FFN = (sys.executable, "-m", "ffn")
FIRST = ("--law", "activation/identity/value", "--dtype", "float16")  # what the whole run judges first
ANYBODY = "ffn.conformance.implementation.adapters.reference"  # by its module: as nobody whom the kit trusts
IMPORTS = 9
MOST = 1.1  # times what it takes in the judge's own process


def measure() -> list[dict[str, Any]]:
    """Time ``ffn verify`` to its end and to its first verdict, and what ``import ffn`` adds to NumPy's own import."""
    failed = _failure((*FFN, "--help"))
    if failed:
        Console().print(f"command: ffn cannot be run: {failed}")
        return []
    figures: list[dict[str, Any]] = [
        {"figure": "ffn verify", "seconds": _seconds((*FFN, "verify")), "target": 30},
        *_isolation(),
        {"figure": "first verdict", "seconds": _first_verdict(), "target": 3},
        {"figure": "import ffn, beyond NumPy", "seconds": _import_seconds(), "target": None},
    ]
    table = Table("figure", "time", "target", title="command: wall time, with the threads that libraries choose")
    for figure in figures:
        target = "–" if figure["target"] is None else f"≤ {figure['target']} s"
        table.add_row(figure["figure"], written(figure["seconds"]), target)
    Console().print(table)
    return figures


def _isolation() -> list[dict[str, Any]]:
    """The reference as anybody's implementation, in a process of its own and in the judge's, turn about.

    One judge in both: without isolation there is no other. Processor time besides, of the command and all that it
    starts, which tells what isolation takes where other programs share the machine.
    """
    options = {"in a process of its own": ("-j", "1"), "in the judge's": ("--no-isolate",)}
    turns = [(what, *_times((*FFN, "verify", ANYBODY, *extra))) for _ in range(3) for what, extra in options.items()]
    figures: list[dict[str, Any]] = []
    for place, kind in enumerate(("wall time", "processor time")):
        isolated, here = (median(times[place] for turn, *times in turns if turn == what) for what in options)
        for what, seconds, target in zip(options, (isolated, here), (round(MOST * here, 1), None), strict=True):
            name = f"{ANYBODY.rpartition('.')[2]}, {what}, {kind}"
            figures.append({"figure": name, "seconds": seconds, "target": target})
    return figures


def _first_verdict() -> float:
    """From the start of Python to the end of a run that judges one law in one precision: an upper bound."""
    return median(_seconds((*FFN, "verify", *FIRST)) for _ in range(3))


def _import_seconds() -> float:
    numpy, ffn = ((sys.executable, "-c", f"import {name}") for name in ("numpy", "ffn"))
    return median(_seconds(ffn) - _seconds(numpy) for _ in range(IMPORTS))


def _seconds(command: Sequence[str]) -> float:
    return _times(command)[0]


def _times(command: Sequence[str]) -> tuple[float, float]:
    """Wall time, and the processor time of the command and of what it started."""
    start, before = perf_counter(), _processor_seconds()
    subprocess.run(command, env=_environment(), capture_output=True, check=True)
    return perf_counter() - start, _processor_seconds() - before


def _processor_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _failure(command: Sequence[str]) -> str:
    """The last line of what a command that fails says; nothing where it succeeds."""
    done = subprocess.run(command, env=_environment(), capture_output=True, text=True, check=False)
    return (done.stderr.strip().splitlines() or [f"exit status {done.returncode}"])[-1] if done.returncode else ""


def _environment() -> dict[str, str]:
    """Ours without the one thread, as a user has it."""
    return {name: value for name, value in os.environ.items() if not name.endswith("_NUM_THREADS")}
