"""What evaluates a claim's page: a check quotes its sentences, and computes what stands there.

``«»`` in a quote is a number that the check returns, ``«.4f»`` one printed so, and ``…`` stands for words without a
number or a relation. What no check quotes is found by ``unchecked``, what is quoted otherwise than it stands there, or
computed to another number, by ``missing``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from proofs.chapters.claim import Claim
from proofs.chapters.figure import Figure

CHECKED = ("answer", "precisely", "figure", "in_words", "condition", "fair", "slider", "checked_in_part", "underived")


@dataclass(frozen=True)
class Evaluation:
    """A check of sentences of one claim.

    Attributes:
        claim: its id.
        quotes: of its page, with slots for what is computed.
        compute: evaluates them: returns the numbers for the slots in order; an AssertionError says that one is false.
        counterexample: whether it is one to the words of the claim, or outside its condition.
    """

    claim: str
    quotes: tuple[str, ...]
    compute: Callable[[], Any]
    counterexample: bool = False

    @property
    def name(self) -> str:
        return self.compute.__name__.replace("_", " ")

    def said(self) -> tuple[str, ...]:
        """The quotes with what was computed in their slots.

        Raises:
            AssertionError: where it is not as they say.
            ValueError: where it returns more or fewer numbers than there are slots.
        """
        result = self.compute()
        numbers = [] if result is None else list(result) if isinstance(result, tuple) else [result]
        slots = sum(quote.count("«") for quote in self.quotes)
        if len(numbers) != slots:
            raise ValueError(f"{self.name}: {len(numbers)} numbers for {slots} slots")
        values = iter(numbers)
        return tuple(re.sub("«(.*?)»", lambda slot: f"{next(values):{slot[1]}}", quote) for quote in self.quotes)


def evaluates(claim: str, *quotes: str, counterexample: bool = False) -> Callable[[Callable[[], Any]], Evaluation]:
    """Makes a check of a function: what it returns takes the slots of the quotes."""
    return lambda compute: Evaluation(claim, quotes, compute, counterexample)


def page_text(claim: Claim) -> str:
    """What is checked of a page: everything but its title, what the notes say, and the sources."""
    return "\n\n".join(_plain(getattr(claim, part)) for part in CHECKED)


def missing(text: str, said: Iterable[str]) -> list[str]:
    """The quotes that the page does not have: another number stands there, or other words."""
    return [quote for quote in said if not re.search(_pattern(quote), text)]


def unchecked(text: str, said: Iterable[str]) -> list[str]:
    """The formulas and numbers that no quote has, each with the words around it."""
    for quote in said:
        text = re.sub(_pattern(quote), "§", text)
    text = re.sub(NAMES, "", text)
    found = [formula for formula in re.findall(FORMULA, text) if _states_something(formula)]
    prose = re.sub(FORMULA, "", text)
    return found + [prose[max(0, at.start() - 30) : at.end() + 30] for at in re.finditer(NUMBER, prose)]


def figure_sentences(claim: Claim) -> list[str]:
    """The caption, sentence by sentence."""
    return re.split(r"(?<=[.!?])\s+(?=[A-ZΑ-Ω−(])", _plain(claim.figure))


def lines(figure: Figure, panel: int = 0) -> dict[str, tuple[Any, Any]]:
    """The labelled lines of a panel as it is drawn: label → (x, y)."""
    axes = drawn(figure).axes[panel]
    return {str(line.get_label()): (line.get_xdata(), line.get_ydata()) for line in axes.get_lines()}


@cache
def drawn(figure: Figure) -> Any:
    """The figure as matplotlib has it, drawn once."""
    return figure.draw()


FORMULA = r"\$\$.*?\$\$|\$.*?\$"
# What has a digit and states nothing: other claims, dtypes, a year behind a name, a section of a book.
NAMES = r"\bC\d+\b|\bfloat(16|32|64)\b|(?<=[a-z] )(19|20)\d\d\b|\bsections? \d+(\.\d+)*"
NUMBER = r"\d[\d.,]*\d|\d|[½¼¾⅓]"
_RELATION = r"[=<>]|\\(le|ge|ne|to|iff|Rightarrow|in|approx|subset|subsetneq|succeq|preceq|equiv|mapsto)(?![a-z])"


def _states_something(formula: str) -> bool:
    """Whether a formula has a relation, or a number other than an index, a power, or a label."""
    bare = re.sub(r"[_^](\{-?\d\}|-?\d)", "", formula)
    return bool(re.search(_RELATION, formula) or re.search(r"\d", bare))


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def _pattern(quote: str) -> str:
    parts = [re.escape(_plain(part)).replace(r"\ ", r"\s*") for part in quote.split("…")]
    return r"[^\d=<>§]*?".join(parts)
