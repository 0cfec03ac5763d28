"""The command ``ffn``."""

from __future__ import annotations

import math
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ffn import terminal
from ffn.conformance.implementation.adapters import NAMES as ADAPTERS
from ffn.conformance.running import DEFAULT_EXAMPLES
from ffn.learn.command.commands import learn
from ffn.numbers.declared import Declared
from ffn.numbers.precision import NAMES
from ffn.terminal import EXIT_FAILS, CannotRun, JsonFile, interrupts

if TYPE_CHECKING:  # `ffn --help` should not wait for Hypothesis
    from rich.console import Console

    from ffn.conformance.implementation.subject import Subject
    from ffn.conformance.law import Law
    from ffn.conformance.report.known_failures import Known
    from ffn.conformance.report.run import Run
    from ffn.conformance.report.written import Writer
    from ffn.conformance.running.runner import Judging


@click.group()
@click.version_option(package_name="ffn-reference", prog_name="ffn")
def commands() -> None:
    """Judge feedforward networks: every answer is held against the set of those a correct program may give."""


commands.add_command(learn)


HELP = f"""Judge IMPLEMENTATION by every law that it offers.

IMPLEMENTATION is a name ({", ".join(ADAPTERS)}), package.module:attribute, or path/to/file.py:attribute; the attribute
may be left out where it is called `implementation`.

Exit status: 0 every law offered holds or is a known failure, 1 some law does not, 2 it could not be run or something
offered could not be tried, 3 a fault of ours, 130 Ctrl-C, after which what was found is kept.
"""


class Limit(click.FloatRange):
    """A number up to a largest one; NaN, which compares with nothing, is none."""

    def convert(self, value: Any, parameter: click.Parameter | None, context: click.Context | None) -> Any:
        number = super().convert(value, parameter, context)
        return self.fail(f"{value!r} is not a number.", parameter, context) if math.isnan(number) else number


SECONDS, GIB = Limit(0.001, 86400), Limit(0.01, 65536)


@commands.command(help=HELP)
@click.argument("implementation", default="reference")
@click.option("--law", "patterns", multiple=True, metavar="PATTERN", help="Only laws that match, such as 'batch/*'.")
@click.option("--dtype", "dtypes", multiple=True, metavar="DTYPE", help=f"Only these of {', '.join(NAMES)}.")
@click.option(
    "--examples",
    default=DEFAULT_EXAMPLES,
    show_default=True,
    type=click.IntRange(1),
    help="Cases drawn besides the plan's.",
)
@click.option("--seed", default=0, show_default=True, type=int, help="The same seed generates the same cases.")
@click.option("--thorough", is_flag=True, help="Plan every triple of levels, in each precision; repeat calls more.")
@click.option("--known-failures", type=click.Path(path_type=Path), metavar="FILE", help="TOML list of known failures.")
@terminal.json_option
@click.option("-j", "jobs", type=click.IntRange(1), metavar="N", help="Processes to judge in: all cores when left out.")
@click.option("-x", "stop", is_flag=True, help="Stop at the first failure.")
@click.option("-v", "by_law", is_flag=True, help="A line a law and dtype, not a chapter.")
@click.option("--all", "every_finding", is_flag=True, help="Show every finding, not the first of them.")
@click.option("--no-isolate", is_flag=True, help="Call it in this process, for a debugger.")
@click.option("--time-limit", default=10.0, show_default=True, type=SECONDS, metavar="SECONDS", help="For one call.")
@click.option("--memory", default=4.0, show_default=True, type=GIB, metavar="GIB", help="For its process.")
@click.option("--accumulate", metavar="DTYPE", help="Its sums are kept in float32 or float64, where that is wider.")
@click.option("--bits", type=int, metavar="N", help="Factors of float32's products have N bits: 11 is TF32.")
@click.option("--function", "functions", multiple=True, metavar="NAME=ULPS", help="A function's error, such as exp=2.")
@click.option("--subnormals", metavar="KEPT", help="Subnormals are 'kept' or 'flushed'.")
def verify(
    implementation: str,
    patterns: tuple[str, ...],
    dtypes: tuple[str, ...],
    examples: int,
    seed: int,
    thorough: bool,
    jobs: int | None,
    known_failures: Path | None,
    json_file: Path | None,
    stop: bool,
    by_law: bool,
    every_finding: bool,
    no_isolate: bool,
    time_limit: float,
    memory: float,
    accumulate: str | None,
    bits: int | None,
    functions: tuple[str, ...],
    subnormals: str | None,
) -> None:
    _require_current_folder()
    declared = _declared(accumulate, bits, functions, subnormals)
    begin = partial(_begun, implementation, not no_isolate, time_limit, memory)
    begun = begin()  # the judge is imported meanwhile
    with _nothing_left_behind(bytecode=not no_isolate) as folder:
        from ffn.conformance.report import shown
        from ffn.conformance.report.run import Run
        from ffn.conformance.report.written import Writer

        inputs = [Path(implementation), Path(implementation.rpartition(":")[0])]
        file = JsonFile(json_file, inputs + ([known_failures] if known_failures else []))
        chosen, judged_in = _laws(patterns), _dtypes(dtypes)
        run = Run(implementation, seed, _known(known_failures))
        writer = Writer(run)
        out = terminal.console(stderr=file.is_stdout)
        file.replace(writer.text)  # an older report does not outlive what may happen from here on
        try:
            in_another = partial(_loaded_elsewhere, begin, declared, folder)
            count = 1 if no_isolate else _processes(jobs, chosen, judged_in)
            with closing(_loaded(begun, declared)) as subject, _judging(in_another, count, subject) as judging:
                run.implementation, run.dtypes, run.declared = subject.name, subject.dtypes, subject.declared
                run.misspelt = subject.boundary.offer.misspelt
                _judge(run, subject, chosen, judged_in, examples, thorough, stop, judging, file, writer, out)
        except BaseException as error:
            if not interrupts.heard() and not isinstance(error, KeyboardInterrupt):
                if isinstance(error, SystemExit):  # somebody else's: status 0 is ours to give, after a finished report
                    raise RuntimeError(f"judging was ended from outside, with exit status {error.code}") from error
                raise
            run.interrupted = True
        with run.kept_going():
            file.finish(writer.text)
        shown.show(run, out, by_law, every_finding)
        _end(run, judged_in)


def _require_current_folder() -> None:
    try:
        os.getcwd()
    except OSError as error:
        raise CannotRun(f"the current folder cannot be had: {error.strerror}") from error


@contextmanager
def _nothing_left_behind(bytecode: bool) -> Iterator[str]:
    """Keep what Hypothesis stores, and Python unless ``bytecode``, out of the folders of what is judged meanwhile."""
    from hypothesis.configuration import set_hypothesis_home_dir

    try:
        temporary = tempfile.TemporaryDirectory(prefix="ffn-")
    except OSError as error:
        raise CannotRun(f"there is no folder for temporary files: {error.strerror}") from error
    kept, sys.dont_write_bytecode = sys.dont_write_bytecode, sys.dont_write_bytecode or not bytecode
    with temporary as folder:
        set_hypothesis_home_dir(folder)
        try:
            yield folder
        finally:
            interrupts.heard()  # the folder is to go whatever happens
            set_hypothesis_home_dir(None)
            sys.dont_write_bytecode = kept


def _laws(patterns: tuple[str, ...]) -> Sequence[Law]:
    from ffn.conformance import laws

    try:
        return laws.matching(patterns)
    except ValueError as error:
        raise CannotRun(str(error)) from error


def _dtypes(dtypes: tuple[str, ...]) -> tuple[str, ...]:
    if unknown := [dtype for dtype in dtypes if dtype not in NAMES]:
        raise CannotRun(f"unknown dtype {unknown[0]!r}: one of {', '.join(NAMES)}")
    return dtypes or NAMES


def _declared(accumulate: str | None, bits: int | None, functions: tuple[str, ...], subnormals: str | None) -> Declared:
    try:
        return Declared(accumulate, bits, tuple(map(_function, functions)), subnormals)
    except ValueError as error:
        raise CannotRun(str(error)) from error


def _function(text: str) -> tuple[str, float]:
    name, _, ulps = text.partition("=")
    try:
        return name, float(ulps)
    except ValueError:
        raise ValueError(f"--function takes NAME=ULPS, such as exp=2, not {text!r}") from None


def _known(path: Path | None) -> Sequence[Known]:
    from ffn.conformance.report import known_failures

    try:
        return known_failures.read(path) if path else ()
    except ValueError as error:
        raise CannotRun(str(error)) from error


def _begun(implementation: str, isolate: bool, seconds: float, memory: float) -> Callable[[], Subject]:
    """What waits until the implementation is loaded, or loads it, where that is not to have a process of its own."""
    from ffn.conformance.implementation import loading

    try:
        isolate = isolate and implementation != "reference"  # the kit trusts its own
        return loading.begin(implementation, isolate, loading.Limits.of(seconds, memory))
    except loading.LoadingError as error:
        raise CannotRun(str(error)) from error


def _loaded(begun: Callable[[], Subject], declared: Declared) -> Subject:
    from ffn.conformance.implementation import loading

    try:
        subject = begun()
    except loading.LoadingError as error:
        raise CannotRun(str(error)) from error
    subject.declared = subject.declared.but(declared)
    return subject


def _loaded_elsewhere(begin: Callable[[], Callable[[], Subject]], declared: Declared, folder: str) -> Subject:
    """The same in a process of the judge, which leaves no more behind than this one."""
    from hypothesis.configuration import set_hypothesis_home_dir

    sys.dont_write_bytecode = True
    set_hypothesis_home_dir(folder)
    return _loaded(begin(), declared)


def _processes(jobs: int | None, laws: Sequence[Law], dtypes: Sequence[str]) -> int:
    """In how many it is judged: those asked for, else one a core where there is enough to do."""
    from ffn.conformance.running import parallel

    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1
    few = len(laws) * len(dtypes) < parallel.FEWEST
    return min(jobs, len(laws) * len(dtypes)) if jobs else 1 if few else cores


@contextmanager
def _judging(loaded: Callable[[], Subject], count: int, here: Subject) -> Iterator[Judging | None]:
    """What judges in several processes; of one, nothing: that is this one."""
    from ffn.conformance.running import parallel

    if count == 1:
        yield None
        return
    with parallel.in_processes(loaded, count, here, interrupts.heard) as judging:
        yield judging


def _judge(
    run: Run,
    subject: Subject,
    laws: Sequence[Law],
    dtypes: Sequence[str],
    examples: int,
    thorough: bool,
    stop: bool,
    judging: Judging | None,
    file: JsonFile,
    writer: Writer,
    out: Console,
) -> None:
    """Judge law after law, and write and tell what each found."""
    from ffn.cases.covering import PAIRS, TRIPLES
    from ffn.conformance.report import shown
    from ffn.conformance.running import runner
    from ffn.conformance.running.tried import untried

    out.print(shown.opening(run, len(laws), dtypes, examples), soft_wrap=True)
    teller = shown.Teller(run, out)
    with terminal.progress(out) as progress:
        task = progress.add_task("", total=len(laws) * len(dtypes))
        strength = TRIPLES if thorough else PAIRS
        options: dict[str, Any] = {"stopping": interrupts.heard, "strength": strength, "judging": judging}
        for report in runner.run(laws, dtypes, subject, examples, run.seed, seeing=teller.see, **options):
            run.add(report)
            with run.kept_going():  # what is found is told although it can no longer be written
                file.replace(writer.text)
            teller.tell(report)
            progress.update(task, advance=1, description=f"{report.law.name} {report.dtype}")
            if stop and run.news:
                return
    run.untried += untried(run.reports, subject)
    run.finished = True


def _end(run: Run, dtypes: Sequence[str]) -> None:
    """Exit as the run went."""
    if run.unwritten:
        raise CannotRun(run.unwritten)
    if run.interrupted:
        sys.exit(terminal.interrupted_status())
    if run.news:
        sys.exit(EXIT_FAILS)
    if not run.judged:
        raise CannotRun(f"{run.implementation} offers none of these laws in {', '.join(dtypes)}")
    if run.untried:
        raise CannotRun("; ".join(run.untried))


@commands.command(name="laws")
def list_laws() -> None:
    """List the laws, with what each states."""
    from rich.table import Table

    from ffn.conformance.laws import ALL

    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("law", no_wrap=True)
    table.add_column("statement")
    for law in ALL:
        table.add_row(law.name, law.statement)
    terminal.console().print(table)


def main() -> None:
    """Run the command ``ffn``."""
    terminal.run(commands, "ffn")
