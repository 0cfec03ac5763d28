"""The command ``python -m proofs.rocq``: everything compiled, its axioms listed, every mutant refused."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path

import click

from ffn import terminal
from ffn.terminal import EXIT_FAILS, CannotRun
from proofs.rocq import compile as rocq
from proofs.rocq.mutants import MUTANTS
from proofs.rocq.theorems import AXIOMS, FILES, THEOREMS


@click.command()
@click.option("--mutants/--no-mutants", default=True, help="Also have every false file refused.")
def theorems(mutants: bool) -> None:
    """Have Rocq check the theorems in proofs/rocq/theories.

    Exit status: 0 all files compile, no theorem rests on another axiom than those of the classical reals, and every
    mutant is refused; 1 not so; 2 there is no coqc.
    """
    if rocq.compiler() is None:
        raise CannotRun("no coqc on PATH: apt-get install coq libcoq-coquelicot libcoq-flocq, on Debian")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rocq.copied(folder, FILES)
        faults = [*_compile(folder)] or [*_axioms(folder), *(_mutants(folder) if mutants else ())]
    for fault in faults:
        click.echo(fault, err=True)
    sys.exit(EXIT_FAILS if faults else 0)


def _compile(folder: Path) -> list[str]:
    """Compile two files at once, each behind those that it requires."""
    running: dict[str, Future[str]] = {}
    with ThreadPoolExecutor(2) as pool:
        for file in FILES:
            running[file] = pool.submit(_compiled, folder, file, [running[name] for name in rocq.required_by(file)])
        said = {file: future.result() for file, future in running.items()}
    return [f"{file}.v: {words}" for file, words in said.items() if words]


def _compiled(folder: Path, file: str, required: Sequence[Future[str]]) -> str:
    wait(required)
    start = time.perf_counter()
    said = rocq.compiled(folder, file)
    click.echo(f"{file:16} {'refused' if said else 'compiled'} {time.perf_counter() - start:6.1f} s")
    return said


def _axioms(folder: Path) -> list[str]:
    """What is wrong with what the theorems rest on: asked of all together, and of each where that is too much."""
    found = rocq.axioms(folder, THEOREMS)
    click.echo(f"{len(THEOREMS)} theorems rest on {', '.join(sorted(found)) or 'no axiom'}")
    if found <= AXIOMS:
        return []
    of_each = {f"{theorem.file}.{theorem.name}": rocq.axioms(folder, [theorem]) for theorem in THEOREMS}
    return [f"{name} rests on {', '.join(sorted(rests - AXIOMS))}" for name, rests in of_each.items() if rests - AXIOMS]


def _mutants(folder: Path) -> list[str]:
    places = [folder / f"mutant{number}" for number in range(len(MUTANTS))]
    for place in places:
        place.mkdir()
    with ThreadPoolExecutor(2) as pool:
        said = list(pool.map(lambda mutant, place: rocq.refusal(folder, mutant, place), MUTANTS, places))
    click.echo(f"{sum(map(bool, said))} of {len(MUTANTS)} mutants refused")
    return [
        f"{mutant.file}.v was accepted with {mutant.after!r}"
        for mutant, refused in zip(MUTANTS, said, strict=True)
        if not refused
    ]


def main() -> None:
    """Run the command."""
    terminal.run(theorems, "python -m proofs.rocq")
