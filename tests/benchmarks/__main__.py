"""Measure, and print tables that show the target beside each figure."""

import argparse
import importlib
import json
import os
import platform
from pathlib import Path

# One thread for every library, said before NumPy is imported: they read it once.
for library in ("OMP", "OPENBLAS", "MKL", "NUMEXPR", "VECLIB_MAXIMUM"):
    os.environ[f"{library}_NUM_THREADS"] = "1"

PARTS = ("speed", "sets", "exact", "resolution", "depth", "formulas", "power", "command")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; all when left out")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures as JSON too")
    arguments = parser.parse_args()
    if unknown := set(arguments.parts) - set(PARTS):
        parser.error(f"no part is called {min(unknown)!r}: {', '.join(PARTS)}")
    figures = {part: importlib.import_module(f"tests.benchmarks.{part}").measure() for part in arguments.parts or PARTS}
    if arguments.json:
        where = {"python": platform.python_version(), "machine": platform.machine(), "cores": os.cpu_count()}
        arguments.json.write_text(json.dumps({**where, **figures}, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
