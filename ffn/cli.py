"""The command ``ffn``."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import click

from ffn import terminal
from ffn.conformance.implementation.adapters import NAMES as ADAPTERS
from ffn.numbers.precision import NAMES
from ffn.terminal import EXIT_FAILS, EXIT_INTERRUPTED, CannotRun


@click.group()
@click.version_option(package_name="ffn-reference", prog_name="ffn")
def commands() -> None:
    """Judge feedforward networks: every answer is held against the set of those a correct program may give."""


HELP = f"""Judge IMPLEMENTATION by every law that it offers.

IMPLEMENTATION is a name ({", ".join(ADAPTERS)}), package.module:attribute, or path/to/file.py:attribute; the attribute
may be left out where it is called `implementation`.

Exit status: 0 every law offered holds or is a known failure, 1 some law does not, 2 it could not be run.
"""


POSITIVE = click.FloatRange(0, min_open=True)


@commands.command(help=HELP)
@click.argument("implementation", default="reference")
@click.option("--law", "patterns", multiple=True, metavar="PATTERN", help="Only laws that match, such as 'batch/*'.")
@click.option("--dtype", "dtypes", multiple=True, metavar="DTYPE", help=f"Only these of {', '.join(NAMES)}.")
@click.option("--examples", default=25, show_default=True, type=click.IntRange(1), help="Cases for each law and dtype.")
@click.option("--seed", default=0, show_default=True, type=int, help="The same seed generates the same cases.")
@click.option("--known-failures", type=click.Path(path_type=Path), metavar="FILE", help="TOML list of known failures.")
@terminal.json_option
@click.option("--no-isolate", is_flag=True, help="Call it in this process, for a debugger.")
@click.option("--time-limit", default=10.0, show_default=True, type=POSITIVE, metavar="SECONDS", help="For one call.")
@click.option("--memory", default=4.0, show_default=True, type=POSITIVE, metavar="GIB", help="For its process.")
def verify(
    implementation: str,
    patterns: tuple[str, ...],
    dtypes: tuple[str, ...],
    examples: int,
    seed: int,
    known_failures: Path | None,
    json_file: Path | None,
    no_isolate: bool,
    time_limit: float,
    memory: float,
) -> None:
    # Hypothesis keeps a cache where the user works, unless that is a place where nothing can be kept.
    os.environ.setdefault("HYPOTHESIS_STORAGE_DIRECTORY", os.path.join(os.devnull, "hypothesis"))
    # The kit is imported here: `ffn --help` should not wait for Hypothesis.
    from ffn.conformance import known_failures as known
    from ffn.conformance import laws, report, runner
    from ffn.conformance.implementation import loading

    try:
        chosen = laws.matching(patterns)
        run = report.Run("", seed, known=known.read(known_failures) if known_failures else ())
        isolate = not no_isolate and implementation != "reference"  # the kit trusts its own
        subject = loading.load(implementation, isolate, loading.Limits(seconds=time_limit, memory=memory))
    except (ValueError, loading.LoadingError) as error:
        raise CannotRun(str(error)) from error
    run.implementation = subject.name
    if unknown := [dtype for dtype in dtypes if dtype not in NAMES]:
        raise CannotRun(f"unknown dtype {unknown[0]!r}: one of {', '.join(NAMES)}")
    terminal.require_writable(json_file)

    judged_in = tuple(dtypes) or NAMES
    started = time.perf_counter()
    with terminal.progress() as progress:
        task = progress.add_task("", total=len(chosen) * len(judged_in))
        try:
            for law_report in runner.run(chosen, judged_in, subject, examples, seed):
                run.reports.append(law_report)
                progress.update(task, advance=1, description=f"{law_report.law.name} {law_report.dtype}")
        except KeyboardInterrupt:
            run.interrupted = True
    run.seconds = time.perf_counter() - started

    report.show(run, terminal.console())
    if json_file is not None:
        json_file.write_text(report.to_json(run), encoding="utf-8")
    if run.interrupted:
        sys.exit(EXIT_INTERRUPTED)
    if not run.judged:
        raise CannotRun(f"{subject.name} offers none of these laws in {', '.join(judged_in)}")
    sys.exit(EXIT_FAILS if run.news else 0)


@commands.command(name="laws")
def list_laws() -> None:
    """List the laws, with what each states."""
    from rich.table import Table

    from ffn.conformance.laws import ALL

    table = Table("law", "statement", box=None, pad_edge=False, header_style="bold")
    for law in ALL:
        table.add_row(law.name, law.statement)
    terminal.console().print(table)


def main() -> None:
    """Run the command ``ffn``."""
    terminal.run(commands, "ffn")
