"""A claim of the notes: what they say, whether it is true, and what is true."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """What became of the claim."""

    TRUE = "true"
    QUALIFIED = "true with a qualification"
    FALSE = "false as worded"
    EMPIRICAL = "empirical, or a definition"


@dataclass(frozen=True)
class Claim:
    """One claim. ``statement``, ``answer`` and ``precise`` are Markdown with ``$…$`` and ``$$…$$`` around LaTeX.

    Attributes:
        id: C1 to C42, in the order of the notes.
        title: a few words for the index.
        statement: the claim as the notes word it, in plain words.
        verdict: the judgement.
        answer: why, in plain words: the counterexample of a false one, and what is true instead.
        precise: the statement that is checked, with its hypotheses and constants.
        sources: author, year and place; a theorem's number only where it was checked.
        derivations: names in ``proofs.registry``.
        code: what ships it, as ``module:name``.
        checked_in_part: why only a part of it can be checked, where that is so.
        underived: why it has no derivation, where it has none.
        unbugged: why no code of it can have a bug, where none can.
    """

    id: str
    title: str
    statement: str
    verdict: Verdict
    answer: str
    precise: str
    sources: tuple[str, ...]
    derivations: tuple[str, ...] = ()
    code: tuple[str, ...] = ()
    checked_in_part: str = ""
    underived: str = ""
    unbugged: str = ""

    @property
    def number(self) -> int:
        return int(self.id[1:])


@dataclass(frozen=True)
class Subject:
    """A chapter of the notes.

    Attributes:
        letter: A to F.
        title: of the chapter.
        slug: what its files are called.
        claims: in the order of the notes.
    """

    letter: str
    title: str
    slug: str
    claims: tuple[Claim, ...]
