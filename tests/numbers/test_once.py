"""Results that a namespace of balls keeps are those of the same operands."""

from __future__ import annotations

import math

import numpy as np
import pytest

from ffn.numbers.ball import Ball
from ffn.numbers.ball.once import MOST_RESULTS, once
from ffn.numbers.precision import precision


def test_the_same_operands_give_the_same_object_and_others_another() -> None:
    """Without it a forward pass would be run for the output, the loss and the gradient each."""
    xp = Ball(precision=precision("float32"), keep=True)
    x, y = xp.asarray(np.array([1.0, 2.0])), xp.asarray(np.array([3.0, 4.0]))
    assert x * y is x * y
    assert xp.exp(x) is xp.exp(x)
    assert x[1:] is x[1:]
    W = x.reshape(2, 1)
    assert W[1:, 0] is W[1:, 0]
    assert W.T is W.T
    assert x.reshape(1, 2) is not W
    assert x * y is not x * x
    assert x[1:] is not x[:1]
    assert xp.sum(x, 0) is not xp.sum(x)
    assert xp.within(x, "0", "1", beyond=1) is not xp.within(x, "0", "1", beyond=2)


def test_an_array_is_known_by_its_contents() -> None:
    """Without it an array changed in place would keep its old balls."""
    xp, values = Ball(keep=True), np.array([1.0])
    before = xp.asarray(values)
    assert xp.asarray(values.copy()) is before
    values[0] = 2
    assert xp.asarray(values).balls[0] == 2
    assert xp.asarray(values.astype(np.float32)) is not xp.asarray(values)


def test_nothing_is_kept_unless_it_is_asked_for() -> None:
    """Without it a namespace that lives as long as a program would grow for as long."""
    xp = Ball()
    x = xp.asarray(np.array([1.0]))
    assert x + x is not x + x
    assert xp.results is None


def test_operands_outlive_their_results() -> None:
    """Without it a new array could take the identity of one that is gone, and have its results."""

    class Namespace:
        results: dict[object, object] | None = {}  # noqa: RUF012, one is made
        times = 1

        @once
        def named(self, operand: object) -> str:
            return repr(operand)

    xp = Namespace()
    seen = [xp.named(np.array([each], dtype=object)) for each in range(50)]
    assert len(set(seen)) == 50


def test_magnitudes_are_those_of_the_array_that_was_formed() -> None:
    """Without it every form of an array would be gone through once more for its magnitudes."""
    W = Ball().asarray(np.arange(6.0).reshape(2, 3))
    known = W.magnitude()
    for form in (W.T, W.reshape(3, 2), W[:, 1:]):
        assert np.shares_memory(form.magnitude(), known)


@pytest.mark.parametrize("dtype", ["float16", "float32"])
def test_magnitudes_of_what_is_given_bound_its_balls(dtype: str) -> None:
    """Without it an input that is no number, or is flushed, would count as small in the error of a sum."""
    model = precision(dtype)
    values = np.array([0.0, -3.5, 1e-7, np.nan, np.inf, -model.largest, model.smallest_normal / 4]).astype(dtype)
    given = Ball(precision=model).asarray(values)
    for ball, magnitude in zip(given.balls, given.magnitude(), strict=True):
        assert magnitude == math.inf or abs(ball) <= magnitude
    assert np.isinf(given.magnitude()).tolist() == [False, False, False, True, True, False, False]


@pytest.mark.parametrize("keep", [False, True])
def test_magnitudes_follow_the_form_of_an_array(keep: bool) -> None:
    """Without it the error of a product by a transposed matrix would be that of another."""
    xp = Ball(keep=keep)
    W = xp.asarray(np.arange(6.0).reshape(2, 3))
    for known in (False, True):
        if known:
            W.magnitude()
        for form in (W.T, W.reshape(3, 2), W[:, 1:], W[1]):
            assert np.allclose(form.magnitude(), [[abs(float(b)) for b in row] for row in np.atleast_2d(form.balls)])


def test_what_has_room_in_one_range_may_have_none_in_a_smaller_one() -> None:
    """Without it a sum that a late mean may overflow would be known from a pass without one: they share results."""
    xp = Ball(precision=precision("float16"), keep=True)
    x = xp.asarray(np.array([40000.0]))
    halved = xp.headroom(2)
    assert halved is xp.headroom(2)
    assert halved.results is xp.results
    assert xp.sum(x).balls.item().is_finite()
    assert (x + 10).balls[0].is_finite()
    assert not halved.operate(np.add, x, 10).balls[0].is_finite()


def test_the_last_results_are_kept() -> None:
    """Without it a run over many cases would keep every ball that it met."""
    xp = Ball(keep=True)
    first = xp.asarray(np.array([0.5]))
    for each in range(MOST_RESULTS):
        xp.asarray(np.array([float(each)]))
    assert xp.results is not None
    assert len(xp.results) == MOST_RESULTS
    assert xp.asarray(np.array([0.5])) is not first
