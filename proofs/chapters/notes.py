"""The notes: their chapters, and what stands in the folder of each. A file that is there is found: no list names it."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from ffn.terminal import CannotRun
from proofs.engine.derivation import Derivation

if TYPE_CHECKING:  # claims and figures are of the site alone, and need its libraries
    from proofs.chapters.claim import Claim
    from proofs.chapters.evaluation import Evaluation
    from proofs.chapters.figure import Figure

Thing = TypeVar("Thing")


@dataclass(frozen=True)
class Chapter:
    """A chapter of the notes.

    Attributes:
        letter: A to F.
        title: of the chapter.
        name: of its folder, here and among the lessons.
    """

    letter: str
    title: str
    name: str

    @property
    def folder(self) -> Path:
        return Path(__file__).parent / self.name

    @cached_property
    def claims(self) -> tuple[Claim, ...]:
        """Its claims, in the order of the notes."""
        from proofs.chapters.claim import read

        return tuple(sorted(map(read, (self.folder / "claims").glob("*.md")), key=lambda claim: claim.number))

    def things(self, room: str, kind: type[Thing]) -> Iterator[Thing]:
        """What of a kind stands in a room of its folder: file by file, and in a file from top to bottom."""
        for path in sorted((self.folder / room).glob("[!_]*.py")):
            module = importlib.import_module(f"{__package__}.{self.name}.{room}.{path.stem}")
            yield from (value for value in vars(module).values() if isinstance(value, kind))


CHAPTERS = (
    Chapter("A", "Networks, hyperplanes, approximation", "networks"),
    Chapter("B", "Optimisation", "optimisation"),
    Chapter("C", "Activations", "activations"),
    Chapter("D", "Maxout", "maxout"),
    Chapter("E", "Cost", "cost"),
    Chapter("F", "Universal approximation and limits", "limits"),
)


@cache
def derivations() -> tuple[Derivation, ...]:
    """Every derivation, chapter by chapter."""
    return tuple(derivation for chapter in CHAPTERS for derivation in chapter.things("derivations", Derivation))


def derivations_in(path: Path) -> tuple[Derivation, ...]:
    """Those at the top level of a file.

    Raises:
        CannotRun: one line that names the file, where it cannot be read or has none.
    """
    spec = importlib.util.spec_from_file_location("derivations_of_a_reader", path)
    if spec is None or spec.loader is None or not path.is_file():
        raise CannotRun(f"{path}: not a file of Python")
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise CannotRun(f"{path}: {type(error).__name__}: {' '.join(str(error).split())}") from error
    found = tuple(value for value in vars(module).values() if isinstance(value, Derivation))
    if not found:
        raise CannotRun(f"{path}: no Derivation at the top level")
    return found


@cache
def claims() -> dict[str, Claim]:
    """Every claim by its id, in the order of the notes."""
    return {claim.id: claim for chapter in CHAPTERS for claim in chapter.claims}


@cache
def evaluations() -> tuple[Evaluation, ...]:
    """What evaluates the pages of the claims, chapter by chapter."""
    from proofs.chapters.evaluation import Evaluation

    return tuple(found for chapter in CHAPTERS for found in chapter.things("checks", Evaluation))


@cache
def figures() -> dict[str, Figure]:
    """The figure of each claim, by its id."""
    from proofs.chapters.figure import Figure

    found = [figure for chapter in CHAPTERS for figure in chapter.things("figures", Figure)]
    return {figure.claim: figure for figure in found}
