"""The admissible set times a number, or in another order, is that of its sentence."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from ffn import ActivationCase, Case, Hidden, Network, Output
from ffn.cases.case import flat
from ffn.conformance.explanation.answer import Answer
from ffn.conformance.explanation.multiples import _factors, multiples, orders
from ffn.numbers.ball import working_precision
from tests.conformance.explanations.answers import (
    CELL,
    DEEP,
    SUM,
    admits,
    ask,
    case_of,
    found,
    numbers,
)


def test_multiples_are_called_by_what_they_may_mean() -> None:
    """Without it a mean for a sum would be told as a number."""
    mean = {
        label: (float(factor), words)
        for label, (factor, words) in _factors(Answer("gradient", DEEP, ask("gradient", DEEP))).items()
    }
    plain = {"0": 0.0, "−1": -1.0, "2": 2.0, "½": 0.5, "3": 3.0, "⅓": 1 / 3, "4": 4.0, "¼": 0.25}
    assert {label: mean[label][0] for label in plain} == plain
    assert [label for label, (_, words) in mean.items() if "another convention" in words] == ["2", "½"]
    own = {
        "N": (4.0, " (N rows): a sum where the mean is asked for"),
        "1/N": (0.25, " (N rows): divided twice"),
        "units": (3.0, ""),
        "1/units": (1 / 3, ": a mean over the units too"),
        "1/(N·units)": (1 / 12, ": a mean over all entries where the sum is asked for"),
        "N/(N − 1)": (4 / 3, " (N rows)"),
    }
    assert {label: mean[label] for label in own} == own
    assert set(mean) == {*plain, *own}
    summed = _factors(Answer("loss", SUM, ask("loss", SUM)))
    assert "0" not in summed
    assert (summed["N"][1], summed["1/N"][1]) == (" (N rows)", " (N rows): a mean where the sum is asked for")
    assert "N/(N − 1)" not in _factors(Answer("gradient", DEEP.rows([0]), ask("gradient", DEEP.rows([0]))))
    cell = _factors(Answer("gradient", CELL, ask("gradient", CELL)))
    assert (float(cell["T"][0]), cell["T"][1], float(cell["1/T"][0])) == (4.0, " (T steps)", 0.25)
    z = ActivationCase("tanh", np.ones(2))
    assert set(_factors(Answer("slope", z, ask("slope", z)))) == set(plain)


@pytest.mark.parametrize(
    ("sentence", "plain", "scaled"),
    [
        (
            "It is 2 times what is admissible (another convention?).",
            "It is 2 times what is admissible.",
            {0, 1, 2, 3, 4, 5},
        ),
        ("It is 0 in layer 0 alone.", "It is 0 in layer 0 alone.", {0, 1}),
        (
            "It is −1 times what is admissible in every b alone.",
            "It is −1 times what is admissible in every b alone.",
            {1, 3, 5},
        ),
        (
            "It is 3 times what is admissible in all layers but the last alone.",
            "It is 3 times what is admissible in all layers but the last alone.",
            {0, 1, 2, 3},
        ),
        (
            "It is ½ times what is admissible in layer 1, W alone (another convention?).",
            "It is 1/2 times what is admissible in layer 1, W alone.",
            {2},
        ),
    ],
)
def test_a_multiple_is_that_of_the_arrays_that_are_named(sentence: str, plain: str, scaled: set[int]) -> None:
    """Without it a gradient that is right in some arrays would be told as wrong in all."""
    hypothesis = found("gradient", DEEP, multiples)[sentence]
    assert hypothesis.plain == plain
    factor = {"2": 2, "0": 0, "−1": -1, "3": 3, "½": 0.5}[sentence.split()[2]]
    arrays = [factor * array if place in scaled else array for place, array in enumerate(flat(ask("gradient", DEEP)))]
    assert admits("gradient", DEEP, sentence, tuple(arrays), multiples)
    assert {name for name in hypothesis.claims if name.startswith("layer")} == {
        name for place, name in enumerate(flat(DEEP.network.names)) if place not in scaled
    }


def test_places_in_another_order_are_told_by_their_axis() -> None:
    """Without it rows that are reversed would be as many wrong numbers."""

    def told(name: str, case: Case, computed: Any) -> list[str]:
        answer = Answer(name, case, computed)
        with working_precision(answer.xp.bits):
            return [each.sentence for each in orders(answer) if answer.admitted_by(each.balls())]

    case = DEEP.rows([0, 1, 2])
    z = ask("forward", case)
    assert told("forward", case, z[::-1]) == ["It is admissible with its rows in another order: 0 and 2 exchanged."]
    assert told(
        "forward",
        DEEP.rows([0, 1, 2, 1]).changed(x=numbers((4, 2), 9)),
        ask("forward", DEEP.changed(x=numbers((4, 2), 9)))[::-1],
    ) == ["It is admissible with its rows in another order: reversed."]
    assert told("forward", case, z[:, [1, 2, 0]]) == ["It is admissible with its columns in another order."]
    (dW, db), (dV, dc), last = ask("gradient", case)
    assert told("gradient", case, ((dW[:, ::-1], db[::-1]), (dV[::-1], dc), last)) == [
        "It is admissible with the units of layer 0 in another order: 0 and 1 exchanged."
    ]
    assert told("gradient", case, ((dW[::-1], db), (dV, dc), last)) == [
        "It is admissible with its inputs in another order: 0 and 1 exchanged."
    ]
    assert told("forward", case, z.T.ravel().reshape(z.shape)) == ["It is admissible transposed."]
    square = case_of(Network(2, 2, Output("gaussian"), (Hidden(2),), "sum"))
    first, second = ask("gradient", square)
    assert told("gradient", square, (second, first)) == ["It is admissible with its layers the other way round."]
    assert told("gradient", square, tuple((dW.T, db) for dW, db in (first, second))) == [
        "It is admissible with every W transposed."
    ]
    assert told("forward", case, z) == []
    (dW, dU, db), (dV, dc) = ask("gradient", CELL)
    half_turned = ((dW[:, ::-1], dU[::-1], db[::-1]), (dV[::-1], dc))  # U is from each state to each
    assert told("gradient", CELL, half_turned) == []
