"""Networks and their answers, and the sets of the sentences that may explain one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ffn import Case, Hidden, Network, Output, Recurrent, reference
from ffn.cases.case import flat
from ffn.conformance.explanation.answer import Answer, Hypothesis
from ffn.conformance.explanation.related import related
from ffn.numbers.ball import working_precision


def numbers(shape: Any, seed: int) -> Any:
    return np.random.default_rng(seed).uniform(0.25, 1.0, shape) * np.resize([1, -1, 1], shape)


def case_of(network: Network, rows: int = 4, **own: Any) -> Case:
    layers = tuple(
        tuple(numbers(shape, 7 * k + j) for j, shape in enumerate(layer)) for k, layer in enumerate(network.shapes)
    )
    y: Any = np.abs(numbers((rows, network.targets), 5))
    if network.output.name == "categorical":
        y = np.arange(rows) % network.units
    x = numbers((rows, network.inputs), 3)
    x[-1] = x[0]  # equal rows, of which one may be counted
    return Case(network, layers, x, y, **own)


DEEP = case_of(Network(2, 3, Output("gaussian"), (Hidden(2, "tanh"), Hidden(2)), "mean", 0.5))


SUM = case_of(Network(2, 2, Output("laplace"), (Hidden(3, "sigmoid"),), "sum"))


LAYER = Recurrent(2, Hidden(2, "tanh"), 1, Output("gaussian"), "sum")


CELL = Case(
    LAYER,
    tuple(tuple(numbers(shape, 7 * k + j) for j, shape in enumerate(layer)) for k, layer in enumerate(LAYER.shapes)),
    numbers((3, 4, 2), 1),
    numbers((3, 1), 2),
    h0=numbers((3, 2), 4),
)


def ask(name: str, case: Any) -> Any:
    return getattr(reference, case.method(name))(*case.arguments(case.method(name)))


def vector(answer: Any) -> Any:
    return np.concatenate([np.ravel(np.asarray(array, np.float64)) for array in flat(answer)])


def found(name: str, case: Any, family: Callable[[Answer], Any] = related) -> dict[str, Hypothesis]:
    """What may be said of the answer to a case, by its sentence. Nothing is kept between tests: each sees all of it."""
    return {each.sentence: each for each in family(Answer(name, case, ask(name, case)))}


def admits(name: str, case: Any, sentence: str, computed: Any, family: Callable[[Answer], Any] = related) -> bool:
    answer = Answer(name, case, computed)
    with working_precision(answer.xp.bits):
        balls = next(each for each in family(answer) if each.sentence == sentence).balls()
    assert len(answer.values) == len(balls)
    return all(ball.contains(value) for ball, value in zip(balls, answer.values.tolist(), strict=True))
