"""All that may be said of some answers, word by word as a reader sees it, and what each sentence claims.

``sentences.txt`` has them in their order: a sentence, then after ``|`` its claims, separated by semicolons, where they
are other than its own words, and after ``=`` the sentence that leaves out what a multiple may mean.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ffn import ActivationCase, Case, Network, Output
from ffn.cases.exact.making import exact_case
from ffn.conformance import explanation
from ffn.conformance.explanation import explained, points
from ffn.conformance.explanation.answer import Answer, Hypothesis
from ffn.conformance.explanation.multiples import multiples, orders
from ffn.conformance.explanation.points import PointAnswer, probes
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


def of_tanh(dtype: str, times: float, *places: float) -> str:
    case = ActivationCase("tanh", np.array(places, dtype))
    return explained(Answer("activation", case, times * ask("activation", case)))


def test_a_multiple_takes_two_numbers_that_are_off_by_far_more_than_they_may_round() -> None:
    """Without it any wrong number would be told as a multiple that is near it, or none in a precision of few digits."""
    doubled = "It is 2 times what is admissible (another convention?), at z from -2 to 0.5."
    assert of_tanh("float16", 2, -2, -1, 0.25, 0.5) == doubled
    assert of_tanh("float64", 2, -2, -1, 0.25, 0.5) == doubled
    assert "times" not in of_tanh("float64", 2, -2, 0.25, 0.5)  # of one side there is one number alone
    assert "times" not in of_tanh("float64", 2, -2, -1, 0.25)
    affine = Case(Network(1, 1, Output("gaussian")), ((np.ones((1, 1)), np.ones(1)),), *np.full((2, 1, 1), 3.0))
    assert explained(Answer("loss", affine, 3 * ask("loss", affine))) == "It is 3 times what is admissible."
    few = affine.cast("float16")
    assert explained(Answer("loss", few, 3 * ask("loss", few))) == ""


def test_of_several_ways_to_an_answer_all_are_told_and_of_many_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it one of them would be blamed by chance."""
    case, _ = probes("forward", "float32")
    answer = PointAnswer("forward", case[0], ask("forward", case[0]))

    def told(count: int) -> str:
        ways = [(f"way {place}", lambda: answer.computed) for place in range(count)]
        monkeypatch.setattr(points, "reproductions", lambda answer: [*ways, ("another", lambda: 2 * answer.computed)])
        return points.reproduced([answer, answer])

    assert told(0) == ""
    assert told(1) == "It is, bit for bit, way 0."
    assert told(3) == "It is, bit for bit, way 0, or way 1, or way 2."
    assert told(4) == ""


def test_of_cases_that_are_all_large_no_multiple_is_looked_for() -> None:
    """Without it a reader would wait for sets of thousands of coordinates, or the judge end for want of any."""
    assert explanation._by_sets([]) == ""
    case = exact_case({"rows": 3, "inputs": 3, "width": 3, "units": 2, "bits": 2}, "float32", 0, ("forward",))
    z = ask("forward", case)
    right, off = PointAnswer("forward", case, z), PointAnswer("forward", case, 2 * z)
    assert explanation._by_sets([off]) == "It is 2 times what is admissible."
    assert explanation._by_sets([off, right]) == ""
    for rows, said in ((64, "It is 2 times what is admissible."), (65, "")):
        many = exact_case({"rows": rows, "inputs": 3, "width": 3, "units": 2, "bits": 2}, "float32", 0, ("forward",))
        assert explanation._by_sets([PointAnswer("forward", many, 2 * ask("forward", many))]) == said
