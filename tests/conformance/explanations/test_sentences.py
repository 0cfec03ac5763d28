"""All that may be said of some answers, word by word as a reader sees it, and what each sentence claims.

``sentences.txt`` has them in their order: a sentence, then after ``|`` its claims, separated by semicolons, where they
are other than its own words, and after ``=`` the sentence that leaves out what a multiple may mean.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ffn.conformance.explanation.answer import Answer, Hypothesis
from ffn.conformance.explanation.multiples import multiples, orders
from ffn.conformance.explanation.related import related
from tests.conformance.explanations.answers import CELL, SUM, ask
from tests.conformance.explanations.test_hypotheses import CLASSES, MASKED, PLAIN, VARIANCES

SENTENCES = Path(__file__).parent / "sentences.txt"
ANSWERS: dict[str, tuple[str, Any, Any]] = {
    "related: the gradient of three layers with masks": ("gradient", MASKED, related),
    "related: the loss of three layers with masks": ("loss", MASKED, related),
    "related: the output of two layers": ("forward", SUM, related),
    "related: the loss of a logit": ("loss", PLAIN, related),
    "related: the loss of classes": ("loss", CLASSES, related),
    "related: the loss of variances": ("loss", VARIANCES, related),
    "related: the output of a recurrent layer": ("forward", CELL, related),
    "related: the loss of a recurrent layer": ("loss", CELL, related),
    "related: the gradient of a recurrent layer": ("gradient", CELL, related),
    "multiples: the gradient of a logit": ("gradient", PLAIN, multiples),
    "multiples: the loss of a recurrent layer": ("loss", CELL, multiples),
    "orders: the gradient of classes": ("gradient", CLASSES, orders),
}


def lines(hypotheses: Iterator[Hypothesis]) -> Iterator[str]:
    for each in hypotheses:
        own = each.claims in ({each.sentence}, {each.sentence.removeprefix("It is the ").removesuffix(".")})
        claims = "" if own else f" | {'; '.join(sorted(each.claims))}"
        yield each.sentence + claims + (f" = {each.plain}" if each.plain else "")


def section(title: str) -> list[str]:
    name, case, family = ANSWERS[title]
    return [f"# {title}", *lines(family(Answer(name, case, ask(name, case))))]


@pytest.mark.parametrize("title", ANSWERS)
def test_what_may_be_said_is_what_is_written_down(title: str) -> None:
    """Without it a sentence could lose a word, or claim what another one claims, so that one of both is never said."""
    written = {
        part.splitlines()[0]: part.splitlines() for part in SENTENCES.read_text(encoding="utf-8").strip().split("\n\n")
    }
    assert written.keys() == {f"# {each}" for each in ANSWERS}
    assert section(title) == written[f"# {title}"]
