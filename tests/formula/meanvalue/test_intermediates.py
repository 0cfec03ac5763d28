"""Long formulas: sums on the way are narrowed as outputs are."""

from typing import Any

import numpy as np
import pytest

from ffn import admissible
from ffn.admissible import formulas
from ffn.admissible.formula.enclosures.midrad import MidRad
from ffn.admissible.formula.meanvalue.intermediates import Narrowing, Truths
from ffn.admissible.formula.membership.sets import bounded
from tests.formula.kernels import PROBLEMS, correct

ROWS, SIZE = 6, 8


def block(xp: Any, x: Any, wq: Any, wk: Any, wv: Any, wo: Any, w1: Any, w2: Any) -> Any:
    """A transformer's: attention and two linear layers, each after a norm, each added to what it was given."""
    one, zero = np.ones(SIZE), np.zeros(SIZE)
    h = formulas.layer_norm(xp, x, one, zero)
    x = x + formulas.attention(xp, h @ wq, h @ wk, h @ wv) @ wo
    return x + formulas.gelu(xp, formulas.layer_norm(xp, x, one, zero) @ w1) @ w2


def kernel(x: Any, wq: Any, wk: Any, wv: Any, wo: Any, w1: Any, w2: Any, scale: Any = 1) -> Any:
    one, zero = np.ones(SIZE, np.float32), np.zeros(SIZE, np.float32)
    h = correct.layer_norm(x, one, zero)
    x = x + correct.attention(h @ wq * np.float32(scale), h @ wk, h @ wv) @ wo
    return x + correct.gelu(correct.layer_norm(x, one, zero) @ w1) @ w2


def arrays(seed: int) -> list[Any]:
    rng = np.random.default_rng(seed)
    shapes = [(ROWS, SIZE), *[(SIZE, SIZE)] * 4, (SIZE, 4 * SIZE), (4 * SIZE, SIZE)]
    scales = [1.0, *[SIZE**-0.5] * 5, (4 * SIZE) ** -0.5]
    return [(scale * rng.normal(size=shape)).astype(np.float32) for scale, shape in zip(scales, shapes, strict=True)]


@pytest.mark.parametrize("problem", PROBLEMS)
def test_true_values_are_those_of_the_same_operation(problem: str) -> None:
    """Without it a sum could be narrowed around the true value of another one."""
    question = PROBLEMS[problem].admitted(PROBLEMS[problem].inputs("ordinary", 0, "float32")).question
    truths = Truths(MidRad)
    with np.errstate(all="ignore"):
        question.evaluate(truths)
        count = len(truths.kept)
        xp = Narrowing(MidRad, question.arithmetic, truths.kept, 0)
        question.evaluate(xp)
    assert (xp.done, len(xp.kept)) == (count, count)


def test_sums_alone_are_narrowed_on_the_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it each product of a long formula would cost a pass."""
    narrowed: list[Any] = []
    monkeypatch.setattr(Narrowing, "_narrow", lambda self, value, truth: narrowed.append((value.place[0], truth.m)))
    x = np.float32([[1.1, 2.3], [0.7, 3.1]])
    asked = admissible.value(lambda xp, x: xp.exp(xp.sum(x * x, axis=0) / 3) * x @ x, x).question
    truths = Truths(MidRad)
    asked.evaluate(truths)
    asked.evaluate(Narrowing(MidRad, asked.arithmetic, truths.kept, 1e7))
    assert [name for name, _ in narrowed] == ["a sum", "a matrix product"]
    assert np.allclose(narrowed[0][1], (x.astype(float) ** 2).sum(0))
    assert np.allclose(narrowed[1][1], (np.exp((x.astype(float) ** 2).sum(0) / 3) * x) @ x)


def test_a_sum_is_narrowed_around_its_true_value_where_that_pays() -> None:
    """Without it a sum could be narrowed around another number, or one that gains nothing lose its bounds."""
    x = np.float32([[1.1, 2.3], [0.7, 3.1]])

    def formula(xp: Any, x: Any) -> Any:
        total = x + 100.0
        return xp.sum((total + 1.5) - total)

    asked = admissible.value(formula, x).question
    wide = asked.evaluate(asked.namespace(asked.arithmetic))[0].x
    truths = Truths(MidRad)
    true = asked.evaluate(truths)[0].x
    for most, narrower in ((1e7, True), (1.0, False)):
        found = asked.evaluate(Narrowing(MidRad, asked.arithmetic, truths.kept, most))[0]
        assert (found.x.r < 0.999 * wide.r) == narrower
        assert found.x.lower() <= true.m <= found.x.upper()
        assert (found.raw is None) or not narrower
    other = Narrowing(MidRad, asked.arithmetic, truths.kept[1:], 1e7)  # of another operation
    assert asked.evaluate(other)[0].x.r == wide.r
    assert other.kept == []


def test_a_transformer_block_is_judged() -> None:
    """Without it a set would grow with every operation, until nothing is decided. A scale off by 1e-3 is seen."""
    for seed in range(3):
        given = arrays(seed)
        admitted = admissible.value(block, *given)
        question = admitted.question
        wide = bounded(question, question.evaluate(question.namespace(question.arithmetic))).parts[0]
        narrow = admitted.parts[0]
        assert np.median((wide.high - wide.low) / (narrow.high - narrow.low)) > 20
        assert ((narrow.low <= narrow.middle) & (narrow.middle <= narrow.high)).all()
        assert kernel(*given) in admitted
        assert kernel(*given, scale=1.001) not in admitted
