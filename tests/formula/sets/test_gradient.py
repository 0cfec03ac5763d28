"""``computed in admissible.gradient(formula, *arrays, cotangent=…)``."""

from typing import Any

import numpy as np
import pytest

from ffn import admissible
from ffn.admissible import formulas


def test_every_slope_between_the_one_sided_ones_at_a_kink() -> None:
    """Without it a program would be blamed for its convention at the kink of relu, or not for leaving it."""
    x, one = np.float32([-1, 0, 2]), np.ones(3, dtype=np.float32)
    admitted = admissible.gradient(lambda xp, x: xp.maximum(x, 0), x, cotangent=one)
    for slope in (0, 0.3, 1):
        assert np.float32([0, slope, 1]) in admitted
    assert np.float32([0, 1.5, 1]) not in admitted
    assert np.float32([0.1, 1, 1]) not in admitted


def test_tied_maxima_share_or_take_all() -> None:
    x = np.float32([[1, 3, 3]])
    admitted = admissible.gradient(lambda xp, x: xp.max(x, axis=-1), x, cotangent=np.ones(1, dtype=np.float32))
    for shared in ([0, 1, 0], [0, 0, 1], [0, 0.5, 0.5]):
        assert np.float32([shared]) in admitted
    assert np.float32([[1, 0, 0]]) not in admitted


def test_a_scalar_needs_no_cotangent_and_wrt_names_arguments() -> None:
    """Without it the gradient of a loss would ask for a 1, and that of a weight for all the others."""
    x, y = np.float32([[1, 2], [3, 4]]), np.float32([[1, 1], [1, 1]])

    def loss(xp: Any, prediction: Any, target: Any) -> Any:
        return xp.sum(xp.square(prediction - target))

    admitted = admissible.gradient(loss, x, y, wrt="prediction")
    assert 2 * (x - y) in admitted
    assert (2 * (x - y), -2 * (x - y)) in admissible.gradient(loss, x, y)
    with pytest.raises(ValueError, match=r"^wrt is of prediction, target"):
        admissible.gradient(loss, x, y, wrt="weight")
    with pytest.raises(ValueError, match=r"^the cotangent has shapes"):
        admissible.gradient(loss, x, y, cotangent=np.ones(3, dtype=np.float32))


def test_rows_that_are_gathered_twice_add_up() -> None:
    """Without it an embedding's gradient could forget all but one of the rows."""
    table, index = np.arange(12, dtype=np.float32).reshape(4, 3), np.array([1, 1, 3])
    cotangent = np.ones((3, 3), dtype=np.float32)
    admitted = admissible.gradient(lambda xp, table: xp.take(table, index), table, cotangent=cotangent)
    exact = np.zeros_like(table)
    np.add.at(exact, index, cotangent)
    assert exact in admitted
    exact[1] = 1
    assert exact not in admitted


def test_a_backward_pass_from_stored_probabilities_is_an_algorithm() -> None:
    """Without it a backward pass that reads the softmax as it was stored would be called wrong, or admitted unasked."""
    rng = np.random.default_rng(0)
    x, g = (rng.normal(size=(4, 33)).astype(np.float16) for _ in range(2))
    p = np.exp(x.astype(np.float32) - x.max(-1, keepdims=True))
    p = (p / p.sum(-1, keepdims=True)).astype(np.float16).astype(np.float32)
    computed = (p * (g - (g * p).sum(-1, keepdims=True))).astype(np.float16)
    plain = admissible.gradient(formulas.softmax, x, cotangent=g, compute="float32")
    assert computed not in plain

    def stored(xp: Any, x: Any, g: Any) -> Any:
        p = xp.cast(formulas.softmax(xp, x))
        return p * (g - xp.sum(g * p, axis=-1, keepdims=True))

    with pytest.raises(ValueError, match="another function"):
        admissible.gradient(formulas.softmax, x, cotangent=g, algorithms=[lambda xp, x, g: 2 * stored(xp, x, g)])
    admitted = admissible.gradient(formulas.softmax, x, cotangent=g, compute="float32", algorithms=[stored])
    assert computed in admitted


def test_the_order_in_which_cotangents_meet_is_free() -> None:
    """Without it a residual connection's gradient would hang on which branch comes first."""
    x = np.float32([1.1, -2.3, 0.7])
    formula = lambda xp, x: x * x + xp.tanh(x) + 3 * x + xp.exp(x)  # noqa: E731
    one = np.ones_like(x)
    parts = [2 * x, 1 - np.tanh(x) ** 2, np.float32([3, 3, 3]), np.exp(x)]
    admitted = admissible.gradient(formula, x, cotangent=one)
    for order in ([0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1]):
        total = parts[order[0]]
        for i in order[1:]:
            total = total + parts[i]
        assert total in admitted
