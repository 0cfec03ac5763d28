"""The command ``python -m proofs``: check the derivations, show what each reached."""

from __future__ import annotations

import difflib
import json
import multiprocessing
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from ffn import terminal
from ffn.terminal import EXIT_FAILS, CannotRun

if TYPE_CHECKING:  # sympy takes a second to load, which `--help` should not
    from proofs.engine.check import Outcome, Refusal
    from proofs.engine.derivation import Derivation

FEW = 8  # derivations that are checked in this process: another takes seconds to begin
MOST = 4  # processes


@click.command()
@click.argument("names", nargs=-1)
@click.option("--check", "own", type=click.Path(path_type=Path), help="Check the derivations in a file of your own.")
@terminal.json_option
def proofs(names: tuple[str, ...], own: Path | None, json_file: Path | None) -> None:
    """Check the derivations behind the reference network: all, or those of the given NAMES.

    How one of your own is written stands in proofs/README.md.

    Exit status: 0 every derivation reaches its declared badge, 1 a step is refused or a badge falls short, 2 it could
    not be run.
    """
    chosen = _chosen(names) if own is None else _of_reader(own, names)
    file = terminal.JsonFile(json_file)
    outcomes = list(_checked(chosen, apart=own is None and len(chosen) > FEW))
    file.finish(lambda: to_json(outcomes))
    console = terminal.console(stderr=file.is_stdout)
    show(outcomes, console)
    passed = list(_planted_that_pass(outcomes)) if own else []
    for name in passed:
        console.print(f"\nthe planted wrong step '{name}' is not refused", markup=False)
    sys.exit(0 if all(outcome.holds for outcome in outcomes) and not passed else EXIT_FAILS)


def _of_reader(path: Path, names: tuple[str, ...]) -> tuple[Derivation, ...]:
    from proofs.chapters.notes import derivations_in

    if names:
        raise CannotRun("--check takes a file, and no names")
    return derivations_in(path)


def _planted_that_pass(outcomes: Iterable[Outcome]) -> Iterator[str]:
    from proofs.engine.check import refused_by

    for outcome in outcomes:
        planted = outcome.derivation.planted
        yield from (wrong.name for wrong in planted if not refused_by(outcome.derivation, wrong))


def show(outcomes: Sequence[Outcome], console: Console) -> None:
    """The table, then every refused step with both sides."""
    numbers = (Column(heading, justify="right") for heading in ("steps", "seconds"))
    table = Table("theorem", "badge", *numbers, box=None, pad_edge=False, header_style="bold")
    for outcome in outcomes:
        counts = (str(outcome.derivation.steps), f"{outcome.seconds:.1f}")
        name, style = escape(outcome.derivation.name), "" if outcome.holds else "red"
        table.add_row(name, _badge(outcome), *counts, style=style)
    console.print(table)
    for outcome in outcomes:
        for refusal in outcome.refusals:
            _show_refusal(outcome, refusal, console)


def to_json(outcomes: Iterable[Outcome]) -> str:
    """The report as JSON."""
    rows = [
        {
            "name": outcome.derivation.name,
            "badge": str(outcome.badge),
            "declared": str(outcome.declared),
            "weakest": outcome.weakest,
            "one prover": sorted(name for name, provers in outcome.provers.items() if len(provers) == 1),
            "steps": outcome.derivation.steps,
            "seconds": round(outcome.seconds, 3),
        }
        for outcome in outcomes
    ]
    return json.dumps({"derivations": rows}, ensure_ascii=False, indent=2) + "\n"


def _badge(outcome: Outcome) -> str:
    return str(outcome.badge) if outcome.holds else f"{outcome.badge}, not {outcome.declared}"


def _show_refusal(outcome: Outcome, refusal: Refusal, console: Console) -> None:
    refused_by = ", ".join(refusal.checks)
    # Not markup: brackets are indices here.
    console.print(f"\n{outcome.derivation.name}: the step '{refusal.step}' is refused ({refused_by})", markup=False)
    console.print(f"    {refusal.left}\n  {refusal.relation} {refusal.right}", markup=False, highlight=False)
    if refusal.where:
        console.print(f"  at {refusal.where}", markup=False, highlight=False)


def _chosen(names: tuple[str, ...]) -> tuple[Derivation, ...]:
    from proofs.chapters.notes import derivations

    by_name = {derivation.name: derivation for derivation in derivations()}
    for name in names:
        if name not in by_name:
            raise CannotRun(f"unknown derivation {name!r}{_similar(name, tuple(by_name))}")
    return tuple(by_name[name] for name in names) or derivations()


def _similar(name: str, names: tuple[str, ...]) -> str:
    """A question that names the likeliest of the names."""
    found = [known for known in names if name.lower() in known.lower()] or difflib.get_close_matches(name, names, 1)
    return f": {found[0]!r}?" if found else ""


def _checked(chosen: tuple[Derivation, ...], apart: bool) -> Iterator[Outcome]:
    from proofs.engine.check import check

    outcomes = _in_processes(chosen) if apart else map(check, chosen)
    with terminal.progress() as progress:
        task = progress.add_task("", total=len(chosen))
        for derivation, outcome in zip(chosen, outcomes, strict=True):
            progress.update(task, description=derivation.name)
            yield outcome
            progress.advance(task)


def _in_processes(chosen: tuple[Derivation, ...]) -> Iterator[Outcome]:
    """What comes of derivations of ours, in their order, checked at once."""
    from proofs.engine.check import Outcome

    cores = min(MOST, os.cpu_count() or 1)
    with ProcessPoolExecutor(cores, mp_context=multiprocessing.get_context("spawn")) as pool:
        found = pool.map(_result, [derivation.name for derivation in chosen])
        for derivation, result in zip(chosen, found, strict=True):
            yield Outcome(derivation, *result)


def _result(name: str) -> tuple[Any, ...]:
    """What comes of one, without the derivation, which goes to no other process: it has functions."""
    from proofs.chapters.notes import derivations
    from proofs.engine.check import check

    (derivation,) = (each for each in derivations() if each.name == name)
    outcome = check(derivation)
    return outcome.badge, outcome.refusals, outcome.seconds, outcome.weakest, outcome.provers


def main() -> None:
    """Run the command."""
    terminal.run(proofs, "python -m proofs")
