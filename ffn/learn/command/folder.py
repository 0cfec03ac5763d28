"""A learner's folder: the files of the exercises, and what became of each, in one TOML file."""

from __future__ import annotations

import hashlib
import os
import random
import tomllib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

import tomli_w

from ffn.learn import catalogue
from ffn.learn.exercise import Entry
from ffn.terminal import CannotRun

NAME = "ffn-learn.toml"
VERSION = 1


@dataclass
class Record:
    """What became of an exercise.

    Attributes:
        template: hash of the file as it began; where the file still has it, nothing was begun.
        state: ``"passed"``, ``"revealed"``, or the outcome of the last check.
        held: laws that held then, by their sentences.
        laws: of how many.
        checks: how often it was checked.
        hints: how many were shown.
    """

    template: str = ""
    state: str = "not begun"
    held: list[str] = field(default_factory=list)
    laws: int = 0
    checks: int = 0
    hints: int = 0


@dataclass
class Folder:
    """A learner's folder.

    Attributes:
        root: the folder.
        exercises: the ids, in their order.
        current: the one that the learner is at.
        seed: chooses what differs from learner to learner.
        records: by id.
        announced: whether the current one was told as the next, and not looked at since.
    """

    root: Path
    exercises: list[str]
    current: str
    seed: int = 0
    records: dict[str, Record] = field(default_factory=dict)
    announced: bool = False

    # reading and writing

    @classmethod
    def begun(cls, root: Path, exercises: Sequence[str], seed: int | None = None) -> Folder:
        """A folder with the files of the exercises, as they begin. Raises CannotRun where something is in the way."""
        visible = (path for path in root.iterdir() if not path.name.startswith("."))
        occupied = sorted(path.name for path in visible if path.suffix not in (".toml", ".ipynb"))
        if occupied:
            raise CannotRun(
                f"this folder holds {occupied[0]}: begin in an empty one: `mkdir learn; cd learn; ffn learn`"
            )
        folder = cls(root, list(exercises), exercises[0], random.randrange(1000) if seed is None else seed)
        for entry in catalogue.entries(exercises):
            folder.write(entry)
        folder.save()
        return folder

    @classmethod
    def at(cls, root: Path) -> Folder:
        """The folder whose progress is kept there.

        Raises:
            CannotRun: when there is none, or it is not what this command writes.
        """
        path = root / NAME
        try:
            kept = tomllib.loads(path.read_text(encoding="utf-8"))
            known = [each for each in kept["exercises"] if each in catalogue.places()]
            records = {each: Record(**kept.get("records", {}).get(each, {})) for each in known}
            seed = int(kept.get("seed", 0))
            current = kept["current"] if kept["current"] in known else known[0]
            announced = bool(kept.get("announced"))
        except FileNotFoundError:
            raise CannotRun(f"there is no {NAME} here: `ffn learn` in an empty folder begins") from None
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError, TypeError, IndexError) as error:
            raise CannotRun(f"{path} cannot be read: {type(error).__name__}: {error}") from error
        return cls(root, known, current, seed, records, announced)

    def save(self) -> None:
        """Write the progress, as a whole."""
        records = {each: asdict(record) for each, record in self.records.items()}
        kept = {"version": VERSION, "seed": self.seed, "current": self.current, "announced": self.announced}
        kept["exercises"] = self.exercises
        path = self.root / NAME
        beside = path.with_name(f".{NAME}.{os.getpid()}")
        try:
            beside.write_text(tomli_w.dumps({**kept, "records": records}), encoding="utf-8")
            beside.replace(path)
        except OSError as error:
            raise CannotRun(f"{path} cannot be written: {error.strerror}") from error
        finally:
            with suppress(OSError):
                beside.unlink()

    # exercises

    def entry(self, identifier: str | None = None) -> Entry:
        """An exercise of this folder, the current one where none is named. Raises CannotRun where there is no such."""
        try:
            return catalogue.entry(identifier or self.current)
        except catalogue.Unknown as error:
            raise CannotRun(str(error)) from error

    def file(self, entry: Entry) -> Path:
        return self.root / entry.path

    def record(self, entry: Entry) -> Record:
        return self.records.setdefault(entry.id, Record())

    def write(self, entry: Entry) -> None:
        """Write an exercise's file as it begins."""
        path, text = self.file(entry), entry.text(self.seed)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        except OSError as error:
            raise CannotRun(f"{path} cannot be written: {error.strerror}") from error
        self.record(entry).template = digest(text)

    def untouched(self, entry: Entry) -> bool:
        """Whether the file is as it began. Raises CannotRun where it cannot be read."""
        path = self.file(entry)
        try:
            return digest(path.read_text(encoding="utf-8")) == self.record(entry).template
        except UnicodeDecodeError:
            return False
        except OSError as error:
            raise CannotRun(
                f"{path} cannot be read: {error.strerror}; `ffn learn reset {entry.id}` writes it"
            ) from error

    def reset(self, entry: Entry) -> Path | None:
        """Write the file anew; the copy that was made of what stood there."""
        path, copy = self.file(entry), None
        if path.exists() and not self.untouched(entry):
            copy = next(
                path.with_suffix(f".{number}.bak") for number in range(1, 10_000)
                if not path.with_suffix(f".{number}.bak").exists()
            )  # fmt: skip
            path.rename(copy)
        self.write(entry)
        self.record(entry).state = "not begun"
        return copy

    def advance(self, skip: bool = False) -> Entry | None:
        """Make the next exercise that is open the current one; None where there is no other.

        Who skips goes on from what they have seen: the one that was announced, if one was.
        """
        if skip and self.announced:
            self.announced = False
            return self.entry()
        place = self.exercises.index(self.current)
        order = [*self.exercises[place + 1 :], *self.exercises[: place + (not skip)]]
        left = [each for each in order if self.records.get(each, Record()).state not in ("passed", "revealed")]
        if not left:
            return None
        self.current, self.announced = left[0], not skip
        return self.entry()


def digest(text: str) -> str:
    """The hash of a file's text, whatever its line ends."""
    return hashlib.sha256(text.replace("\r\n", "\n").encode()).hexdigest()[:16]


def chosen(path: Path | None) -> list[str]:
    """The ids in a teacher's TOML file, ``exercises = ["3.1", "3.2"]``; every one where there is none.

    Raises:
        CannotRun: when it cannot be read, or names an exercise that there is not.
    """
    if path is None:
        return list(catalogue.places())
    try:
        named = tomllib.loads(path.read_text(encoding="utf-8")).get("exercises")
        if not isinstance(named, list) or not named:
            raise CannotRun(f'{path}: write the ids as exercises = ["3.1", "3.2"]')
        return [catalogue.entry(str(each)).id for each in dict.fromkeys(named)]
    except catalogue.Unknown as error:
        raise CannotRun(f"{path}: {error}") from error
    except OSError as error:
        raise CannotRun(f"{path} cannot be read: {error.strerror}") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, TypeError) as error:
        raise CannotRun(f"{path} cannot be read: {type(error).__name__}: {error}") from error
