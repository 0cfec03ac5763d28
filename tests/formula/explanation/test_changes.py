"""Which change of a formula gives the numbers: each change of each operation, by its own numbers; and what else is
said."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np
import pytest

from ffn import admissible
from ffn.admissible.formula.explanation import changes
from ffn.admissible.formula.explanation.changes import CHANGES, _distance, changed
from ffn.admissible.formula.explanation.precisions import narrower
from ffn.admissible.formula.explanation.roundings import filling
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
    assert "`mean` with nothing differentiated through it, in `" in said
    assert told(formula, (np.exp(x) * x.mean() * 1.3).astype(np.float32), X) == []


def test_an_operation_that_only_the_backward_pass_has_is_said_to_be_of_it() -> None:
    """Without it a slip in a backward pass would be looked for in the formula."""
    g = np.linspace(1, 2, 16).reshape(4, 4).astype(np.float32)
    said = told(lambda xp, x: xp.log(x), g, X, cotangent=g)
    assert said == ["the formula gives these numbers with `divide` without the divisor, in its backward pass"]


def test_what_was_not_tried_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it a change that nobody tried would pass for one that does not fit."""
    monkeypatch.setattr(changes, "OPERATIONS", 5)

    def long(xp: Any, x: Any) -> Any:
        for i in range(6):
            x = x + np.float32(i % 3 + 1)
        return x

    wrong = (X + 7).astype(np.float32)
    tried = "changes of the formula were tried for its first 5 operations alone"
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
    for share, found in ((0.45, math.inf), (0.5, np.abs(ours - true).sum() / 2)):
        less = true + share * (ours - true)
        assert _distance(near, [Value(xp, xp.kind.exactly(less))]) == pytest.approx(found, rel=1e-6)


def affine(xp: Any, x: Any, y: Any) -> Any:
    product = x * 1.1
    return product + y


SMALL, OFFSET = np.float32([1.3, 1.7, 2.9]), np.float32([1000, 1e-3, 1000])


def filled(computed: Any, **options: Any) -> list[str]:
    return filling(admissible.value(affine, SMALL, OFFSET, **options).judge(computed))


def test_the_operation_that_fills_a_set_is_that_of_the_entry_which_is_wrong() -> None:
    """Without it nobody would know which operation to declare, or to do better; another entry may have another."""
    right = SMALL * np.float32(1.1) + OFFSET
    (first,) = filled(right * np.float32([2, 1, 1]))
    (second,) = filled(right * np.float32([1, 2, 2]))
    for said, low, high, what in ((first, 95, 100, "a sum in `"), (second, 40, 75, "a product in `")):
        share, cause = said.removeprefix("the roundings there: ").split("% ")
        assert low < int(share) <= high
        assert cause.startswith(what)
    wide = admissible.value(lambda xp, x: xp.sum(x, axis=1) - 3.3, np.float16([[1, 9], [1.1, 2.2]]))
    assert filling(wide.judge(np.float16([6.7, 0])))[0].split("% ")[1].startswith("a ")
    assert filled(right, outputs=np.zeros(3, dtype=bool)) == []
    exact = admissible.value(lambda xp, x: x + 1.0, np.float32([1, 2]))
    assert filling(exact.judge(np.float32([5, 5]))) == []  # nothing rounds


def test_what_fills_a_set_is_told_where_it_decides_nothing() -> None:
    """Without it nobody would know what to declare so that a kernel can be judged at all."""
    x = np.float32([1.1, 2.2, 3.3, 4.4])
    undecided = lambda xp, x: xp.sum(x[:2]) - 3.3000002  # noqa: E731
    for formula, told in (
        (lambda xp, x: (x * 1.1, undecided(xp, x)), True),  # an array of which nothing is decided
        (lambda xp, x: xp.stack([x[0] * 1.1, undecided(xp, x), undecided(xp, x)]), True),  # most entries of one
        (lambda xp, x: xp.stack([x[0] * 1.1, x[1] * 1.1, undecided(xp, x)]), False),
        (lambda xp, x: xp.stack([x[0] * 1.1, undecided(xp, x)]), False),  # half of them
    ):
        admitted = admissible.value(formula, x)
        said = admitted.explain(tuple(part.middle.astype(np.float32) for part in admitted.parts))
        assert said.split("\n")[-1].startswith("the roundings there: ") == told


def test_an_operation_of_the_backward_pass_has_no_line() -> None:
    """Without it the product of a cotangent would be told by a line of the kit."""
    formula = lambda xp, x: xp.sum(x * x * x)  # noqa: E731
    admitted = admissible.gradient(formula, SMALL)
    (said,) = filling(admitted.judge(9 * SMALL))
    assert said.startswith("the roundings there: ")
    assert said.endswith("% a product in its backward pass")


def test_a_precision_is_looked_for_until_the_time_is_up() -> None:
    """Without it the failing test of a large kernel would take a minute to say what is wrong."""
    admitted = admissible.value(affine, SMALL, OFFSET)
    judgement = admitted.judge(2 * SMALL)
    assert list(narrower(judgement, admitted.question, 0.0)) == ["narrower precisions were not all tried"]
    wide = admissible.value(affine, SMALL.astype(float), OFFSET)
    assert list(narrower(wide.judge(2 * SMALL.astype(float)), wide.question, 0.0)) == []


def test_an_explanation_has_what_is_outside_first_and_figures_last() -> None:
    """Without it a cause could stand before what it is the cause of, or be told of an answer that is right."""
    admitted = admissible.value(affine, SMALL, OFFSET)
    right = SMALL * np.float32(1.1) + OFFSET
    assert admitted.explain(right).split("\n") == [admitted.judge(right).figures()]
    said = admitted.explain(right * np.float32([1, 1, 3])).split("\n")
    assert said[0].startswith("1 of 3 entries are outside, the first output[2]: computed ")
    assert said[1].startswith("3 entries: ")
    assert said[-1].startswith("the roundings there: ")
    assert len(said) == 3
    lines = admitted.explain(2 * right).split("\n")
    assert lines[0].startswith("3 of 3 entries are outside, ")
    assert lines[1] == "every decided entry of output is 2 times the true one: the formula, or the kernel?"
    assert lines[2].startswith("3 entries: ")
    narrow = admitted.explain(right.astype(np.float16)).split("\n")
    assert narrow[0] == "output is returned in float16, where the arrays are float32; dtype='float16' admits that"
    assert not [line for line in narrow if "times the true one" in line]
    factor = admitted.explain(right * np.float32(1 + 2.0**-20)).split("\n")[1]
    assert factor.startswith("every decided entry of output is 1.00000")
    near = admitted.explain(right * np.float32([1 + 2.0**-21, 1 - 2.0**-21, 1])).split("\n")
    assert re.fullmatch(
        r"all within [\d.]+ ulps of the true values: by other operations than the formula's\? `algorithms` takes a "
        r"formula of them",
        near[2],
    )
