"""A claim of the notes: what they say, whether it is true, and what is true. Each is one Markdown file.

The front matter has the short fields, the body the texts under their headings; ``$…$`` and ``$$…$$`` are LaTeX.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass, fields
from enum import StrEnum
from pathlib import Path
from typing import Any

import frontmatter
import yaml
from frontmatter.default_handlers import YAMLHandler

from ffn.terminal import CannotRun


class ClaimVerdict(StrEnum):
    """What became of a claim, by ``RUBRIC``. A file has the name, in small letters; a page has the text."""

    TRUE = "true"
    QUALIFIED = "true with a qualification"
    FALSE = "false as worded"
    EMPIRICAL = "empirical, or a definition"


RUBRIC = {
    ClaimVerdict.TRUE: (
        "It is proved, or counted case by case, as it is worded, over the real numbers unless it speaks of programs."
        " That something can happen is proved by one case."
    ),
    ClaimVerdict.QUALIFIED: (
        "It is true under a condition that the page states, and a counterexample outside of it is computed."
        " The condition is one that the notes have in mind, or could have."
    ),
    ClaimVerdict.FALSE: (
        "A counterexample to the words is computed. Where a claim has two halves, or gives a reason, one false half or"
        " a false reason is enough."
    ),
    ClaimVerdict.EMPIRICAL: (
        "It defines something, or says what is observed or preferred. The page says which part of it can be checked."
    ),
}


@dataclass(frozen=True, kw_only=True)
class Claim:
    """One claim.

    Attributes:
        id: C and its number, in the order of the notes; its file is called so.
        title: a few words for the index.
        verdict: the judgement.
        sources: author, year and place; a theorem's number only where it was checked.
        derivations: their names.
        code: what ships it, as ``module:name``.
        checked_in_part: why only a part of it can be checked, where that is so.
        underived: why it has no derivation, where it has none.
        unbugged: why no code of it can have a bug, where none can.
        slider: where the page has one: what to move, and what to watch. ``study/static/sliders.js`` draws it.
        condition: under what it is true, where it is true with a qualification.
        also: further verdicts that are a fair answer.
        fair: why they are.
        statement: what the notes say, in our own words.
        answer: why, in plain words: the counterexample of a false one, and what is true instead.
        precisely: the statement that is checked, with its hypotheses and constants.
        figure: the caption below it, in plain words.
        in_words: the figure for who cannot see it.
    """

    id: str
    title: str
    verdict: ClaimVerdict
    sources: tuple[str, ...]
    derivations: tuple[str, ...] = ()
    code: tuple[str, ...] = ()
    checked_in_part: str = ""
    underived: str = ""
    unbugged: str = ""
    slider: str = ""
    condition: str = ""
    also: tuple[str, ...] = ()
    fair: str = ""
    statement: str
    answer: str
    precisely: str
    figure: str
    in_words: str

    @property
    def number(self) -> int:
        return int(self.id[1:])

    @property
    def accepted(self) -> tuple[ClaimVerdict, ...]:
        """The verdicts that are a fair answer, ours first."""
        return (self.verdict, *(VERDICTS[name] for name in self.also))


TEXTS = ("statement", "answer", "precisely", "figure", "in_words")
HEADINGS = {name.replace("_", " ").capitalize(): name for name in TEXTS}
LISTS = ("sources", "derivations", "code", "also")
KNOWN = {field.name for field in fields(Claim)} - set(TEXTS)
NEEDED = [field.name for field in fields(Claim) if field.default is MISSING and field.name in KNOWN]
VERDICTS = {verdict.name.lower(): verdict for verdict in ClaimVerdict}


class _AsWritten(YAMLHandler):
    """YAML in which every scalar is the text that stands there: ``verdict: true`` is a word."""

    def load(self, fm: str, **_: object) -> Any:
        return yaml.load(fm, Loader=yaml.BaseLoader)


def read(path: Path) -> Claim:
    """The claim in a Markdown file.

    Raises:
        CannotRun: one line that names the file, where something is missing, unknown or not of its kind.
    """
    try:
        front, body = frontmatter.parse(path.read_text(encoding="utf-8"), handler=_AsWritten())
    except yaml.YAMLError as error:
        raise CannotRun(f"{path}: {' '.join(str(error).split())}") from error
    parts = [part.strip() for part in re.split(r"^# (.+)$", body, flags=re.MULTILINE)]
    texts = {heading: text for heading, text in zip(["", *parts[1::2]], parts[::2], strict=True) if text}
    for problem in _problems(front, texts, path.stem):
        raise CannotRun(f"{path}: {problem}")
    given: dict[str, Any] = front | {HEADINGS[heading]: text for heading, text in texts.items()}
    lists = {name: tuple(given.get(name, ())) for name in LISTS}
    return Claim(**given | lists | {"verdict": VERDICTS[given["verdict"]]})


def _problems(front: Mapping[str, Any], texts: Mapping[str, str], stem: str) -> Iterator[str]:
    yield from (f"unknown field {name!r}" for name in front if name not in KNOWN)
    yield from (f"no {name!r}" for name in NEEDED if not front.get(name))
    for name, value in front.items():
        entries = value if name in LISTS and isinstance(value, list) else [value]
        if isinstance(value, list) != (name in LISTS) or not all(isinstance(entry, str) for entry in entries):
            yield f"{name!r} is {'a list of texts' if name in LISTS else 'a text'}"
    for verdict in (front["verdict"], *front.get("also", [])):
        if verdict not in VERDICTS:
            yield f"unknown verdict {verdict!r}: one of {', '.join(VERDICTS)}"
    if front["verdict"] in front.get("also", []) or bool(front.get("also")) != bool(front.get("fair")):
        yield "'also' has further verdicts, and 'fair' says why they are fair"
    if (front["verdict"] == "qualified") != bool(front.get("condition")):
        yield "'condition' says when it is true, and is there where the verdict is 'qualified'"
    if front["id"] != stem:
        yield f"the id {front['id']!r} is not the file's name"
    if list(texts) != list(HEADINGS):
        yield f"its texts are under the headings {', '.join(HEADINGS)}, in this order"
