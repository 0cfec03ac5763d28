"""Which change of a formula gives the numbers: each change of each operation, by its own numbers."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from ffn import admissible
from ffn.admissible.formula.explanation.changes import CHANGES, OPERATIONS, _distance, changed
from ffn.admissible.formula.operations.values import Value

RNG = np.random.default_rng(0)
X, Y = (RNG.uniform(0.5, 2, size=(4, 4)).astype(np.float32) for _ in range(2))
HIGH = X + Y > 2.5

# the operation, a formula with it, and what it gives with each of its changes
FORMULAS: dict[str, tuple[Any, list[Any]]] = {
    "add": (
        lambda xp, x, y: xp.exp(x + y),
        [lambda x, y: np.exp(y), lambda x, y: np.exp(x), lambda x, y: np.exp(x - y)],
    ),
    "subtract": (lambda xp, x, y: xp.exp(x - y), [lambda x, y: np.exp(x), lambda x, y: np.exp(x + y)]),
    "multiply": (lambda xp, x, y: xp.exp(x * y), [lambda x, y: np.exp(y), lambda x, y: np.exp(x)]),
    "divide": (lambda xp, x, y: xp.exp(x / y), [lambda x, y: np.exp(x), lambda x, y: np.exp(x * y)]),
    "mean": (
        lambda xp, x, y: xp.exp(xp.mean(x, axis=1, keepdims=True)) * y,
        [lambda x, y: np.exp(x.sum(1, keepdims=True)) * y, lambda x, y: np.exp(x.sum(1, keepdims=True) / 3) * y],
    ),
    "sum": (
        lambda xp, x, y: xp.exp(xp.sum(x, 0, True)) * y,
        [lambda x, y: np.exp(x.mean(0, keepdims=True)) * y],
    ),
    "pow": (lambda xp, x, y: xp.exp(x**2), [lambda x, y: np.exp(x)]),
    "sqrt": (lambda xp, x, y: xp.exp(xp.sqrt(x)), [lambda x, y: np.exp(x)]),
    "rsqrt": (lambda xp, x, y: xp.exp(xp.rsqrt(x)), [lambda x, y: np.exp(1 / x)]),
    "negative": (lambda xp, x, y: xp.exp(-x), [lambda x, y: np.exp(x)]),
    "maximum": (lambda xp, x, y: xp.maximum(x, y), [lambda x, y: x, lambda x, y: y]),
    "minimum": (lambda xp, x, y: xp.minimum(x, y), [lambda x, y: x, lambda x, y: y]),
    "where": (lambda xp, x, y: xp.where(HIGH, x, y), [lambda x, y: x, lambda x, y: y]),
    "matrix_transpose": (lambda xp, x, y: xp.exp(xp.matrix_transpose(x)), [lambda x, y: np.exp(x)]),
}


def told(formula: Any, computed: Any, *arrays: Any, deadline: float = math.inf, **options: Any) -> list[str]:
    ask = admissible.gradient if options else admissible.value
    admitted = ask(formula, *arrays, **options)
    return list(changed(admitted.judge(computed), admitted.question, deadline))


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_of_an_operation_is_named_by_the_numbers_that_it_gives(name: str) -> None:
    """Without it a bias that is forgotten, or a mean that is a sum, would be searched for line by line."""
    formula, results = FORMULAS[name]
    assert len(results) == len(CHANGES[name])
    for change, result in zip(CHANGES[name], results, strict=True):
        found = told(formula, result(X.astype(float), Y.astype(float)).astype(np.float32), X, Y)
        assert len(found) == 1
        assert found[0].startswith("the formula gives these numbers with ")
        assert f"`{name}` {change}, in `" in found[0], found


def test_what_is_not_differentiated_is_named_in_a_gradient_alone() -> None:
    """Without it a gradient that stops at a mean would look like noise, or a value be told of its slope."""
    formula = lambda xp, x: xp.exp(x) * xp.mean(x)  # noqa: E731
    x, g = X.astype(float), np.ones_like(X)
    stopped = (np.exp(x) * x.mean()).astype(np.float32)
    (said,) = told(formula, stopped, X, cotangent=g)
    assert "`mean` with nothing differentiated through it, in `formula = " in said
    assert told(formula, (np.exp(x) * x.mean() * 1.3).astype(np.float32), X) == []


def test_what_was_not_tried_is_said() -> None:
    """Without it a change that nobody tried would pass for one that does not fit."""

    def long(xp: Any, x: Any) -> Any:
        for i in range(OPERATIONS + 1):
            x = x + np.float32(i % 3 + 1)
        return x

    wrong = (X + 7).astype(np.float32)
    tried = f"changes of the formula were tried for its first {OPERATIONS} operations alone"
    assert told(long, wrong, X)[-1] == tried
    assert told(long, wrong, X, deadline=0.0) == ["changes of the formula took too long to try"]
    assert told(lambda xp, x: x + 1.0, wrong, X) == []
    assert told(lambda xp, x: x + 1.0, np.where(HIGH, np.nan, X).astype(np.float32), X) == []  # no change gives that
    assert told(lambda xp, x: xp.exp(x + 1.0), np.exp(X[0, :2]), X[0, :2]) != []
    half = X[0].astype(np.float16)
    assert told(lambda xp, x: xp.exp(x + 1.0), np.exp(half), half) == []  # so few, so rough: one would fit by chance


def test_a_change_is_near_where_it_gives_every_entry_and_halves_the_distance() -> None:
    """Without it a change that fits one entry, or that hardly changes anything, would explain a miss."""
    admitted = admissible.value(lambda xp, x: x / 3, X)
    true = X.astype(float) / 3
    judgement = admitted.judge((true * 1.5).astype(np.float32))
    xp = admitted.question.namespace(None)

    def distance(values: Any) -> float:
        return _distance(judgement, [Value(xp, xp.kind.exactly(values))])

    computed = judgement.arrays[0].computed
    assert distance(computed) == 0
    some = computed.copy()
    some[0, 0] *= 1.01
    assert distance(some) == distance(true) == distance(computed.T) == distance(computed[:2]) == math.inf
    off = computed * (1 + 2.0**-26)
    assert distance(off) == pytest.approx(np.abs(computed - off).sum(), rel=1e-6)
    near = admitted.judge((true * (1 + 2.0**-22)).astype(np.float32))
    ours = near.arrays[0].computed
    less = true + 0.45 * (ours - true)
    assert _distance(near, [Value(xp, xp.kind.exactly(less))]) == math.inf
