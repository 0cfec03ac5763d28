"""The notes: their chapters, and what stands in the folder of each. A file that is there is found: no list names it."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from proofs.engine.derivation import Derivation

if TYPE_CHECKING:  # claims and figures are of the site alone, and need its libraries
    from proofs.chapters.claim import Claim
    from proofs.chapters.figure import Figures


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

    def modules(self, room: str) -> Iterator[ModuleType]:
        """The modules in a room of its folder, in the order of their names."""
        for path in sorted((self.folder / room).glob("[!_]*.py")):
            yield importlib.import_module(f"{__package__}.{self.name}.{room}.{path.stem}")


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
    """Every derivation, by chapter, in each by file, and in a file as they stand there."""
    modules = (module for chapter in CHAPTERS for module in chapter.modules("derivations"))
    return tuple(value for module in modules for value in vars(module).values() if isinstance(value, Derivation))


@cache
def claims() -> dict[str, Claim]:
    """Every claim by its id, in the order of the notes."""
    return {claim.id: claim for chapter in CHAPTERS for claim in chapter.claims}


@cache
def figures() -> Figures:
    """What draws the figure of each claim."""
    modules = (module for chapter in CHAPTERS for module in chapter.modules("figures"))
    return {id: draw for module in modules for id, draw in module.FIGURES.items()}
