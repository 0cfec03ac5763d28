"""The command ``python -m proofs.study``: builds the study site."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ffn import terminal
from ffn.terminal import EXIT_FAILS, CannotRun

if TYPE_CHECKING:
    from proofs.study.results import Results

ROOT = Path(__file__).parents[2]


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), default=ROOT / "build" / "study")
def study(folder: Path) -> None:
    """Build the study site in FOLDER (build/study), replacing what is there.

    Every derivation is checked, every figure drawn, and every planted bug shrunk to its smallest example. Exit status 1
    where a derivation falls short or a bug is not refused: the site is then not written.
    """
    _require_ours(folder)
    os.chdir(ROOT)  # the lessons are collected from here
    from proofs.chapters import notes
    from proofs.study import lessons, results, site

    notes.claims()  # one that cannot be read says so at once
    collected = lessons.collected(ROOT)
    reached = _run(results.run)
    if reached.failures:
        for failure in reached.failures:
            click.echo(failure, err=True)
        sys.exit(EXIT_FAILS)
    pages = site.write(site.Site(ROOT, collected, reached), folder)
    click.echo(f"{pages} pages: open {folder / 'index.html'}")


def _require_ours(folder: Path) -> None:
    """Refuse to replace a folder that is not a site: nothing else is to be lost."""
    if folder.is_dir() and any(folder.iterdir()) and not (folder / "code.css").exists():
        raise CannotRun(f"{folder} holds something else: name a new folder, or an older build of the site")


def _run(run: Callable[[Callable[[int, int], None]], Results]) -> Results:
    with terminal.progress() as bar:
        task = bar.add_task("derivations, figures and planted bugs", total=None)
        return run(lambda done, total: bar.update(task, completed=done, total=total))


def main() -> None:
    """Run the command."""
    terminal.run(study, "python -m proofs.study")
