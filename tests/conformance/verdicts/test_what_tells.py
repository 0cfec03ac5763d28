"""What a failure is explained by: a planned case of middle size beside the smallest one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from ffn import Case, Network, Output
from ffn.cases.exact.arithmetic import Rounds
from ffn.cases.plan import NoCase, Plan
from ffn.conformance.implementation.errors import Died
from ffn.conformance.implementation.subject import Subject
from ffn.conformance.running import runner
from ffn.conformance.running.runner import SAMPLE, _telling, run_law
from ffn.conformance.verdict import Judgement, Verdict
from tests.conformance.verdicts.stubs import HOLDS, OFF, WRONG, Tanh, drawn, law, plan, z

HALF = 20  # of the rows of the plan


def case(kind: str) -> Case:
    rows, units = (2 if kind == "few rows" else 3), (1 if kind == "one unit" else 2)
    network = Network(1, units, Output("gaussian"), reduction="sum" if kind == "another reduction" else "mean")
    ((w, b),) = network.shapes
    x = np.full((rows, 1), float(kind != "zeros alone"))
    return Case(network, ((np.ones(w), np.ones(b)),), x, np.ones((rows, units)))


def told(*kinds: str, shown: Any = None, strength: int = 1, planned: bool = True) -> tuple[Any, list[int]]:
    """The case that tells, of a plan whose second half has cases of these kinds, and the places that were judged."""
    built: dict[int, tuple[int, str]] = {}
    judged: list[int] = []

    def build(levels: Any, random: np.random.Generator) -> Case:
        place = levels["place"]
        kind = ("tells",) * HALF + kinds + ("tells",) * (HALF - len(kinds))
        if kind[place] == "none":
            raise NoCase("none")
        made = case(kind[place])
        built[id(made)] = place, kind[place]
        kept.append(made)
        draws.append((place, int(random.integers(10**6))))
        return made

    def trial(case: Any) -> Judgement:
        place, kind = built[id(case)]
        judged.append(place)
        if kind == "dies":
            raise Died("it ended")
        return HOLDS if kind == "holds" else WRONG

    kept: list[Case] = []
    draws: list[tuple[int, int]] = []
    tried = Plan({"place": tuple(range(2 * HALF))}, build)
    found = _telling(trial, tried if planned else None, shown or case("shown"), "7 law", strength)
    before = list(draws)
    for place, number in before:
        tried.case({"place": place}, f"7 law {place}")
        assert draws[-1] == (place, number)  # the values are those that the law was judged with
    return found and built[id(found)][0], judged


def test_a_case_of_middle_size_that_fails_too_tells() -> None:
    """Without it what is true of one number by chance would be told as the cause."""
    assert told() == (HALF, [HALF])
    passed_over = ("few rows", "one unit", "zeros alone", "another reduction", "none", "dies", "holds")
    assert told(*passed_over) == (HALF + 7, [HALF + 5, HALF + 6, HALF + 7])
    assert told(*["holds"] * (SAMPLE - 1))[0] == HALF + SAMPLE - 1
    assert told(*["holds"] * SAMPLE) == (None, [*range(HALF, HALF + SAMPLE)])
    assert told(*["few rows"] * HALF) == (None, [])


def test_none_tells_where_nothing_was_planned_or_no_network_is_shown() -> None:
    """Without it a case would be told of that no law was judged on."""
    assert told(planned=False) == told(strength=0) == told(shown=z(1)) == (None, [])


def test_what_rounding_cannot_explain_is_explained_by_nothing() -> None:
    """Without it a shape that is wrong would be told as a multiple of what is right."""
    assert run_law(law(lambda case: WRONG), "float32", Subject(Tanh()), examples=1).explanation == ""


def test_where_one_number_is_right_what_reproduces_the_answer_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it a wrong tile would be told as a multiple, or as nothing."""
    subject = Subject(Tanh())
    monkeypatch.setattr(runner, "explained_exactly", lambda name, case, answer: f"{name} {answer(name, case).shape}")
    exact = replace(OFF, exact=True, answers=("activation",))
    assert run_law(law(lambda case: exact), "float32", subject, examples=1).explanation == "activation (1,)"


def test_who_dies_when_it_is_asked_again_keeps_the_failure() -> None:
    """Without it the run would end at the failure that it is for."""

    def dies(*given: Any) -> Any:
        raise Died("it ended")

    subject = Subject(Tanh())
    subject.answer = dies  # type: ignore[method-assign]
    found = run_law(law(lambda case: OFF, cases=drawn(12, 12)), "float32", subject, examples=1)
    assert (found.verdict, found.message, found.counterexample.z) == (Verdict.WRONG, OFF.message, 12)


def test_a_failure_is_classified_in_the_precision_that_is_declared(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it the bits that are right would be counted in another precision than the answers are judged in."""
    declaring = Tanh()
    declaring.product_bits = 11  # type: ignore[attr-defined]
    given: list[Any] = []

    def classified(trial: Any, case: Any, judgement: Judgement, *rest: Any) -> Judgement:
        given.append((case, judgement.message, *rest))
        return replace(judgement, enclosed=False)

    monkeypatch.setattr(runner, "classified", classified)
    subject = Subject(declaring)
    run_law(law(lambda case: OFF, plan=plan((3,))), "float32", subject, examples=1, shrink=False)
    ((shown, message, dtypes, model),) = given
    assert (shown.z.tolist(), message, dtypes) == ([3], OFF.message, subject.dtypes)
    assert model.product_bits == 11


def test_an_answer_is_explained_by_the_case_that_tells_and_by_the_smallest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it what is true of the smallest case by chance would be told as the cause."""
    explained: list[Any] = []
    asked: list[Any] = []
    monkeypatch.setattr(runner, "_telling", lambda *given: asked.append(given[1:]) or z(9))
    monkeypatch.setattr(runner, "explained", lambda *answers: explained.extend(answers) or "It is so.")
    enclosed = replace(OFF, answers=("activation",))
    found = run_law(law(lambda case: enclosed, plan=plan((3,))), "float32", Subject(Tanh()), examples=1)
    assert found.explanation == "It is so."
    assert [float(answer.case.z[0]) for answer in explained] == [9, float(found.counterexample.z[0])]
    ((planned, shown, *rest),) = asked
    assert (planned.factors, shown, rest) == (
        {"size": (3,)},
        found.counterexample,
        ["0 activation/tanh float32", 2],
    )


def test_where_another_case_would_round_nothing_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it a failure would be lost to what was only to explain it."""

    def rounds(*given: Any) -> str:
        raise Rounds("no exact case")

    monkeypatch.setattr(runner, "explained_exactly", rounds)
    exact = replace(OFF, exact=True, answers=("activation",))
    found = run_law(law(lambda case: exact), "float32", Subject(Tanh()), examples=1)
    assert (found.verdict, found.explanation) == (Verdict.WRONG, "")
