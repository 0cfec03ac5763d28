"""The command ``ffn learn`` and its parts."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from ffn.learn import catalogue
from ffn.learn.command.folder import NAME, Folder, chosen
from ffn.learn.exercise import Entry
from ffn.learn.message.wrapping import wrapped
from ffn.terminal import EXIT_FAILS, CannotRun


def _said_before(context: click.Context, parameter: click.Parameter, value: bool) -> bool:
    """`--json` counts before the subcommand too."""
    return value or bool(context.parent and context.parent.params.get("in_json"))


as_json = click.option("--json", "in_json", is_flag=True, callback=_said_before, help="Print JSON.")
MARKS = {"passed": "✓", "revealed": "○", "not begun": " "}

HELP = """Learn by writing: exercises, a judge, and the smallest example that shows what is wrong.

In an empty folder it writes the exercises; later it checks the one that you are at. Any exercise may be done first.
`watch` checks whenever you save. The claims and derivations that a message names are pages of the repository, which
`nox -s study` makes.
"""


@click.group(invoke_without_command=True, help=HELP)
@click.option(
    "--exercises", type=click.Path(path_type=Path), metavar="FILE", help="TOML: which exercises, in which order."
)
@click.option("--seed", type=int, help="Chooses the bugs of a bug hunt; at random when left out.")
@as_json
@click.pass_context
def learn(context: click.Context, exercises: Path | None, seed: int | None, in_json: bool) -> None:
    if context.invoked_subcommand is not None:
        if exercises is not None or seed is not None:
            raise CannotRun("--exercises and --seed are read where a folder begins, by `ffn learn` alone")
        return
    root = Path.cwd()
    if (root / NAME).exists():
        if exercises is not None:
            raise CannotRun("--exercises is read where a folder begins, and this one has begun")
        folder = Folder.at(root)
        _check(folder, folder.entry(), in_json)
    else:
        folder = Folder.begun(root, chosen(exercises), seed)
        _say(_welcome(folder), in_json, {"begun": folder.exercises, "current": folder.current})


def _welcome(folder: Folder) -> list[str]:
    entry = folder.entry()
    return [
        f"{len(folder.exercises)} exercises are here now, a file each. The first is",
        "",
        f"  {entry.path}    {entry.id} {entry.exercise.title}, {entry.exercise.minutes} min",
        "",
        "Open it in your editor: the task stands at its top. Then",
        "",
        "  ffn learn          checks the exercise that you are at",
        "  ffn learn watch    checks whenever you save",
        "  ffn learn hint     gives one hint at a time",
        "  ffn learn list     shows all of them; `ffn learn check 3.2` does any one first",
        "",
        f"What you have done is kept in {NAME}.",
    ]


@learn.command()
@click.argument("identifier", metavar="ID", required=False)
@as_json
def check(identifier: str | None, in_json: bool) -> None:
    """Check exercise ID, and be at it."""
    folder = Folder.at(Path.cwd())
    entry = folder.entry(identifier)
    _require_file(folder, entry)
    if entry.id in folder.exercises:
        folder.current = entry.id
    _check(folder, entry, in_json)


def _require_file(folder: Folder, entry: Entry) -> None:
    """An exercise that a newer version brings, or that a teacher left out, is written when it is asked for."""
    if not folder.file(entry).exists() and not folder.record(entry).template:
        folder.write(entry)


def _check(folder: Folder, entry: Entry, in_json: bool) -> None:
    from ffn.learn.command import checking

    checked = checking.check(folder, entry)
    lines = [*checked.lines, *checked.printed, *after(folder, entry, str(checked.finding.outcome))]
    _say(lines, in_json, {**checked.to_json(), "next": folder.current})
    if checked.finding.outcome != "passed":
        sys.exit(EXIT_FAILS)


def after(folder: Folder, entry: Entry, outcome: str) -> list[str]:
    """What comes next."""
    if outcome == "not begun":
        return ["Its task stands at the top of the file. `ffn learn next` goes on to another one."]
    if outcome != "passed":
        left = len(entry.exercise.hints) - folder.record(entry).hints
        return [f"`ffn learn hint` has {left} hint{'s' if left > 1 else ''} left."] if left else []
    following = folder.advance() if entry.id == folder.current else None
    folder.save()
    lines = wrapped(f"`ffn learn reveal {entry.id}` shows how we wrote it.")
    if following is not None:
        exercise = following.exercise
        lines += wrapped(f"Next: {following.path}, {following.id} {exercise.title}, {exercise.minutes} min.")
    return lines


@learn.command()
@click.argument("identifier", metavar="ID", required=False)
@as_json
def hint(identifier: str | None, in_json: bool) -> None:
    """Give the next hint of exercise ID, or of the one that you are at."""
    folder = Folder.at(Path.cwd())
    entry = folder.entry(identifier)
    text = next_hint(folder, entry)
    _say(wrapped(text), in_json, {"exercise": entry.id, "hint": text, "shown": folder.record(entry).hints})


def next_hint(folder: Folder, entry: Entry) -> str:
    """The next hint; the last one again where all were shown."""
    record, hints = folder.record(entry), entry.exercise.hints
    record.hints, folder.announced = min(record.hints + 1, len(hints)), False
    folder.save()
    return f"{entry.id}, hint {record.hints} of {len(hints)}: {hints[record.hints - 1]}"


@learn.command(name="list")
@as_json
def list_exercises(in_json: bool) -> None:
    """List the exercises, and what became of each."""
    folder = Folder.at(Path.cwd())
    _say(listed(folder), in_json, {"exercises": [_row(folder, entry) for entry in catalogue.entries(folder.exercises)]})


def _row(folder: Folder, entry: Entry) -> dict[str, Any]:
    record = folder.record(entry)
    return {
        "exercise": entry.id,
        "title": entry.exercise.title,
        "state": record.state,
        "held": len(record.held),
        "laws": record.laws,
        "hints": record.hints,
    }


def listed(folder: Folder) -> list[str]:
    """A line for each exercise, under its chapter."""
    lines: list[str] = []
    chapter = ""
    for entry in catalogue.entries(folder.exercises):
        if entry.chapter != chapter:
            chapter = entry.chapter
            lines.append(f"{entry.id.partition('.')[0]} {chapter}")
        record, exercise = folder.record(entry), entry.exercise
        mark = MARKS.get(record.state, "·")
        held = f"{len(record.held)} of {record.laws}" if record.laws else f"{exercise.minutes} min"
        here = "  ← here" if entry.id == folder.current else ""
        lines.append(f" {mark} {entry.id:<5}{exercise.title:<38} {'★' * exercise.stars:<4}{held}{here}")
    solved = sum(folder.record(entry).state == "passed" for entry in catalogue.entries(folder.exercises))
    return [*lines, f"{solved} of {len(folder.exercises)} passed"]


@learn.command(name="next")
@as_json
def next_exercise(in_json: bool) -> None:
    """Go on to the next exercise that is open, without solving this one."""
    folder = Folder.at(Path.cwd())
    entry = folder.advance(skip=True)
    folder.save()
    if entry is None:
        raise CannotRun("there is no other open exercise")
    lines = wrapped(f"{entry.path}: {entry.id} {entry.exercise.title}, {entry.exercise.minutes} min")
    _say(lines, in_json, {"exercise": entry.id, "path": entry.path})


@learn.command()
@click.argument("identifier", metavar="ID", required=False)
@as_json
def reset(identifier: str | None, in_json: bool) -> None:
    """Write the file of exercise ID anew; what stood there is kept beside it."""
    folder = Folder.at(Path.cwd())
    entry = folder.entry(identifier)
    copy = folder.reset(entry)
    folder.save()
    lines = wrapped(f"{entry.path} is as it began." + (f" What stood there is {copy.name}." if copy else ""))
    _say(lines, in_json, {"exercise": entry.id, "copy": copy.name if copy else None})


@learn.command()
@click.argument("identifier", metavar="ID")
@as_json
def reveal(identifier: str, in_json: bool) -> None:
    """Show a solution of exercise ID, which then counts as revealed, not as passed."""
    folder = Folder.at(Path.cwd())
    entry = folder.entry(identifier)
    record = folder.record(entry)
    if record.state != "passed":
        record.state = "revealed"
        folder.save()
    lines = [entry.exercise.solution.strip()]
    if record.state == "revealed":
        lines.append("\n# It counts as revealed, not as passed.")
    _say(lines, in_json, {"exercise": entry.id, "solution": entry.exercise.solution})


@learn.command()
def watch() -> None:
    """Check whenever a file is saved; keys: h hint, l list, n next, r reset, q quit."""
    from ffn.learn.command import watching

    watching.watch(Folder.at(Path.cwd()))


@learn.command()
@click.argument("folders", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FOLDER...")
@as_json
def report(folders: tuple[Path, ...], in_json: bool) -> None:
    """Show what a class has done: a line a folder, a column an exercise."""
    from ffn.learn.command import reporting

    rows = reporting.rows(folders)
    _say(reporting.table(rows), in_json, {"learners": rows})


@learn.group()
def dev() -> None:
    """For authors of exercises."""


@dev.command(name="new")
@click.argument("identifier", metavar="ID")
@click.argument("name")
def dev_new(identifier: str, name: str) -> None:
    """Begin exercise ID, such as 3.12, as a file called NAME in its chapter's folder."""
    from ffn.learn.command import authoring

    click.echo(authoring.begin(identifier, name))


@dev.command(name="check")
@click.argument("identifiers", metavar="[ID]...", nargs=-1)
def dev_check(identifiers: tuple[str, ...]) -> None:
    """Hold exercises to what an author promises: all of them where none is named."""
    from ffn.learn.command import authoring

    wrong = 0
    try:
        checked: Iterable[Entry] = catalogue.entries(identifiers)
    except catalogue.Unknown as error:
        raise CannotRun(str(error)) from error
    for entry in checked:
        faults = authoring.faults(entry)
        wrong += bool(faults)
        click.echo(f"{entry.id:<5} {entry.exercise.title}: " + ("; ".join(faults) or "as promised"))
    if wrong:
        sys.exit(EXIT_FAILS)


def _say(lines: Iterable[str], in_json: bool, content: dict[str, Any]) -> None:
    click.echo(json.dumps(content, ensure_ascii=False, indent=1) if in_json else "\n".join(lines))
