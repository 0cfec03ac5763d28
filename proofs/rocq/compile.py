"""Rocq at work: compiling, what a proof rests on, and what is refused."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path

from proofs.rocq.mutants import Mutant
from proofs.rocq.theorems import FILES, THEORIES, RocqTheorem

LIMIT = 300  # seconds for one file


def compiler() -> str | None:
    """Where ``coqc`` is, if it is installed."""
    return shutil.which("coqc")


def compiled(folder: Path, file: str) -> str:
    """Compile a file of the folder, whose requirements lie there compiled; what Rocq says where it refuses, else ""."""
    result = subprocess.run(
        ["coqc", "-w", "none", f"{file}.v"], cwd=folder, capture_output=True, text=True, timeout=LIMIT, check=False
    )
    return (result.stderr or result.stdout or "refused without a word").strip() if result.returncode else ""


def required_by(file: str) -> list[str]:
    """The files of ours that a file requires, each in a line of its own or with others."""
    text = (THEORIES / f"{file}.v").read_text(encoding="utf-8")
    names = [name for line in re.findall(r"^Require Import (.+)\.$", text, flags=re.MULTILINE) for name in line.split()]
    return [name for name in FILES if name in names]


def axioms(folder: Path, theorems: Sequence[RocqTheorem]) -> set[str]:
    """What theorems rest on together, of what lies compiled in the folder, as ``Print Assumptions`` of all says.

    Raises:
        RuntimeError: with what Rocq says, where it does not answer.
    """
    files = " ".join(dict.fromkeys(theorem.file for theorem in theorems))
    every = ", ".join(f"@{theorem.file}.{theorem.name}" for theorem in theorems)
    asking = f"Require {files}.\nDefinition every := ({every}).\nPrint Assumptions every.\n"
    (folder / "Asking.v").write_text(asking, encoding="utf-8")
    result = subprocess.run(
        ["coqc", "-w", "none", "Asking.v"], cwd=folder, capture_output=True, text=True, timeout=LIMIT, check=False
    )
    if result.returncode:
        raise RuntimeError(result.stderr.strip())
    return axioms_of(result.stdout)


def axioms_of(printed: str) -> set[str]:
    """The names in what ``Print Assumptions`` prints: one at the beginning of a line, with its type behind a colon.

    Raises:
        ValueError: for anything that is neither a list of axioms nor says that there is none.
    """
    if printed.strip() == "Closed under the global context":
        return set()
    if not printed.startswith("Axioms:"):
        raise ValueError(f"not understood: {printed!r}")
    return set(re.findall(r"^([\w.']+)(?=\s*:|\s*$)", printed.removeprefix("Axioms:"), flags=re.MULTILINE))


def copied(folder: Path, files: Iterable[str]) -> None:
    """The sources of the theories in a folder of their own, so that nothing is written beside them."""
    for file in files:
        shutil.copy(THEORIES / f"{file}.v", folder)


def refusal(folder: Path, mutant: Mutant, place: Path) -> str:
    """What Rocq says of a mutant, compiled in ``place`` on what lies compiled in the folder; "" where it accepts."""
    for path in folder.glob("*.vo"):
        if path.stem != mutant.file:
            (place / path.name).symlink_to(path)
    (place / f"{mutant.file}.v").write_text(mutant.text, encoding="utf-8")
    said = compiled(place, mutant.file)
    return said if "Syntax error" not in said else ""  # that would be no refusal of what it says
