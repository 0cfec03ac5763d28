"""Gradients through maxima that are pivots: subtracted for safety."""

from typing import Any

import numpy as np
import pytest

from ffn import admissible
from ffn.admissible.formula.operations.forms import Namespace
from ffn.admissible.formula.operations.values import enclosures

Array = Any


def softmax(xp: Any, x: Array) -> Array:
    """As it is written everywhere: the maximum is not marked as a pivot."""
    e = xp.exp(x - xp.max(x, axis=-1, keepdims=True))
    return e / xp.sum(e, axis=-1, keepdims=True)


def probabilities(x: Array) -> Array:
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def by_product(x: Array, g: Array) -> Array:
    """p(g − Σpg): the pivot is a constant."""
    p = probabilities(x)
    return p * (g - (p * g).sum(-1, keepdims=True))


def through_maximum(x: Array, g: Array) -> Array:
    """Operation by operation, with what is left of the sum added to the largest entry."""
    e = np.exp(x - x.max(-1, keepdims=True))
    total = e.sum(-1, keepdims=True)
    ds = (g / total - (g * e / (total * total)).sum(-1, keepdims=True)) * e
    top = np.eye(x.shape[-1], dtype=x.dtype)[x.argmax(-1)]
    return ds - top * ds.sum(-1, keepdims=True)


@pytest.mark.parametrize("kernel", [by_product, through_maximum])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_pivot_may_be_a_constant_or_not(dtype: str, kernel: Any) -> None:
    """Without it three of four backward passes of a softmax would be called wrong: what a maximum sends back is the sum
    of the roundings of its row, and repairs the largest entry."""
    for seed in range(4):
        rng = np.random.default_rng(seed)
        x, g = (6 * rng.normal(size=(4, 6))).astype(dtype), rng.normal(size=(4, 6)).astype(dtype)
        assert kernel(x, g) in admissible.gradient(softmax, x, cotangent=g)
        assert kernel(x, g) * (1 + 1e-3 * (x == x.max())) not in admissible.gradient(softmax, x, cotangent=g)


def hypotenuse(xp: Any, x: Array) -> Array:
    """√Σx², scaled by the largest |x|."""
    top = xp.max(xp.abs(x), axis=-1, keepdims=True)
    return (top * xp.sqrt(xp.sum((x / top) ** 2, axis=-1, keepdims=True)))[:, 0]


def log_sum(xp: Any, a: Array, b: Array) -> Array:
    top = xp.maximum(a, b)
    return top + xp.log(xp.exp(a - top) + xp.exp(b - top))


def test_whatever_a_pivot_does() -> None:
    """A scale, and the maximum of two arrays; the planted bugs leave out a term of the true gradient."""
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, 5, 6)).astype(np.float32)
    one = np.ones(5, dtype=np.float32)
    slope = a / np.sqrt((a * a).sum(-1, keepdims=True))
    assert slope in admissible.gradient(hypotenuse, a, cotangent=one)
    assert slope * (np.abs(a) < np.abs(a).max(-1, keepdims=True)) not in admissible.gradient(
        hypotenuse, a, cotangent=one
    )
    share = 1 / (1 + np.exp(b - a))
    admitted = admissible.gradient(log_sum, a, b, cotangent=np.ones_like(a))
    assert (share, 1 - share) in admitted
    assert (share, 1 - share + (b > a)) not in admitted


REAL = {
    "not divided by the sum": lambda xp, x: xp.exp(x - xp.max(x, axis=-1, keepdims=True)),
    "and a hundred millionth of it": lambda xp, x: softmax(xp, x) + 1e-8 * xp.max(x, axis=-1, keepdims=True),
    "used as a scale too": lambda xp, x: softmax(xp, x) * xp.max(x, axis=-1, keepdims=True),
}


@pytest.mark.parametrize("name", REAL)
def test_a_maximum_that_counts_is_no_pivot(name: str) -> None:
    """Without it a backward pass that forgets the maximum would pass wherever there is one.

    The forgetful one is the set's own truth for the formula with the gradient stopped there.
    """
    rng = np.random.default_rng(1)
    x, g = rng.normal(size=(2, 4, 6))
    stopped = lambda xp, x: REAL[name](Stopping(xp), x)  # noqa: E731
    forgetful = admissible.gradient(stopped, x, cotangent=g).middle
    right = admissible.gradient(REAL[name], x, cotangent=g)
    assert right.middle in right
    assert forgetful not in right


class Stopping:
    """A namespace whose maximum is always a pivot."""

    def __init__(self, xp: Any) -> None:
        self.xp = xp

    def __getattr__(self, name: str) -> Any:
        return getattr(self.xp, name)

    def max(self, *arguments: Any, **options: Any) -> Any:
        return self.xp.stop_gradient(self.xp.max(*arguments, **options))


def test_one_maximum_may_be_a_pivot_in_one_place_and_count_in_another() -> None:
    """Without it the softmax of a formula that uses its maximum again would be held to the repaired sum."""
    rng = np.random.default_rng(2)
    for _ in range(10):
        x, g = (6 * rng.normal(size=(4, 6))).astype(np.float32), rng.normal(size=(4, 6)).astype(np.float32)
        top, p = x.max(-1, keepdims=True), probabilities(x)
        computed = by_product(x, g * top) + (x == top) * (g * p).sum(-1, keepdims=True)
        assert computed in admissible.gradient(REAL["used as a scale too"], x, cotangent=g)


def test_a_maximum_may_be_a_pivot_in_one_row_and_count_in_another() -> None:
    """Without it the row in which it counts could take any share of its cotangent, or twice of it."""
    rng = np.random.default_rng(3)
    x, g = rng.normal(size=(2, 2, 6)).astype(np.float32)
    formula = lambda xp, x: softmax(xp, x) + np.array([[0.0], [1.0]]) * xp.max(x, axis=-1, keepdims=True)  # noqa: E731
    sent = (x == x.max(-1, keepdims=True)) * np.float32([[0], [1]]) * g.sum(-1, keepdims=True)
    admitted = admissible.gradient(formula, x, cotangent=g)
    assert by_product(x, g) + sent in admitted
    assert by_product(x, g) + sent * np.float32(0.999) not in admitted
    assert by_product(x, g) + sent * np.float32(1.001) not in admitted


def test_a_maximum_with_a_constant_is_no_pivot() -> None:
    """Without it each relu would be looked at for cotangents that vanish, in a pass of its own."""
    for record in (True, False):
        xp = Namespace(enclosures("float32"), None, record)
        x = xp.given(np.array([[1.0, 3, 3, 0], [2, 2, 2, 2]]))
        assert xp.maximum(x, 0.0).shape == xp.minimum(x, 6.0).shape == xp.clip(x, 0, 6).shape == x.shape
        assert xp.extrema == []
        tops = [xp.maximum(x, x), xp.max(x, axis=1), xp.max(x, axis=1, keepdims=True)]
        assert xp.extrema == tops * record
        assert xp.places == {id(top): i for i, top in enumerate(tops * record)}


def test_a_pivot_is_found_at_a_kink_too() -> None:
    """Without it a row of zeros under a relu would hide that its maximum is a pivot: there every slope is right."""
    x = np.float32([[8, 0, 1, 0], [0, 0, 0, 0]])
    g = np.float32([[1.3, -0.7, 0.4, 0.1], [0, 0, 0, 0]])
    formula = lambda xp, x: softmax(xp, xp.maximum(x, 0))  # noqa: E731
    assert by_product(x, g) * (x > 0) in admissible.gradient(formula, x, cotangent=g)


def test_a_pivot_is_found_where_a_branch_behind_it_may_go_either_way() -> None:
    """Without it a leaky relu at its kink would hide that the maximum before it is a pivot."""
    x = np.float32([[2, 2, 2, 2], [1, 3, 0, 2]])
    g = np.float32([[1.3, -0.7, 0.4, 0.1], [0.3, 0.9, -1.1, 0.2]])

    def leaky(xp: Any, x: Array) -> Array:
        p = softmax(xp, x) - 0.25
        return xp.where(p > 0, p, 0.5 * p)

    slope = np.where(probabilities(x) > 0.25, np.float32(1), np.float32(0.5))
    admitted = admissible.gradient(leaky, x, cotangent=g)
    for kernel in (by_product, through_maximum):
        assert kernel(x, g * slope) in admitted
        assert kernel(x, g * slope) * (1 + 1e-3 * (x == 3)) not in admitted
