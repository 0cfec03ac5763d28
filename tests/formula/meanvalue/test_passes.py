"""Σ sup |∂out/∂e| ρ by hand, and how outputs share the passes that find it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from ffn.admissible.formula.enclosures.owners import NONE
from ffn.admissible.formula.meanvalue.radii import (
    CALL,
    Graph,
    _alone,
    _labellings,
    _narrower,
    _products,
    _turns,
    radii,
    shares_of,
)
from ffn.admissible.formula.operations.forms import Namespace
from ffn.admissible.formula.operations.values import Value, enclosures
from tests.formula.sets.test_arithmetic import model

A, B, C = np.array([[1.1, -2.3], [0.7, 3.9]]), np.array([[0.3, 1.7], [-1.3, 0.9]]), np.array([[2.9, -0.1], [1.9, 4.3]])
ALL = np.ones((2, 2), dtype=bool)


def made(formula: Any, **options: Any) -> tuple[Namespace, Value, list[Value]]:
    """A formula in float32 with its operations recorded: the namespace, the output, and what it was made of."""
    xp = Namespace(enclosures("float32"), model("float32", **options), True)
    steps: list[Value] = []

    def step(value: Value) -> Value:
        steps.append(value)
        return value

    given = [xp.given(each.astype(np.float32)) for each in (A, B, C)]
    with np.errstate(all="ignore"):
        return xp, formula(xp, step, *given), steps


def found(
    formula: Any, most: float = 1e9, pays: float = 1, wanted: Any = ALL, **options: Any
) -> tuple[Any, list[Value]]:
    xp, output, steps = made(formula, **options)
    with np.errstate(all="ignore"):
        return radii(xp, output, wanted, most, pays), steps


def test_the_rounding_of_a_factor_is_multiplied_by_the_other() -> None:
    """Without it a rounding on the way could count as one of the output, or not at all."""
    moved, (product,) = found(lambda xp, step, a, b, c: step(a * b) * c)
    assert moved == pytest.approx(product.error * np.abs(C), rel=1e-5)


def test_roundings_that_cancel_do_not_count_and_others_add_up() -> None:
    """Without it an entry that enters twice would have twice its error, or errors of two entries cancel."""
    moved, steps = found(lambda xp, step, a, b, c: step(step(a + b) + c) - 1.0)
    assert moved == pytest.approx(steps[0].error + steps[1].error, rel=1e-5)

    def cancels(xp: Any, step: Any, a: Any, b: Any, c: Any) -> Any:
        total = step(a + b)
        return (total + c) - total

    moved, (total,) = found(cancels)
    second = 2.0**-24 * 8 * (1 + 2.0**-9)  # of the sum with c, which is below 8 · 2
    assert (moved <= second * 1.01).all()
    twice, (total,) = found(cancels, rounds="every operation")  # each use has a rounding of its own there
    assert (twice >= 2 * total.error).all()


def test_a_product_that_is_used_twice_has_a_rounding_in_each_place() -> None:
    """Without it a fused multiply-add in one of two places would be refused."""
    moved, (product,) = found(lambda xp, step, a, b, c: (lambda p: (p + c) - p)(step(a * b)))
    assert (moved >= 2 * product.error).all()


def test_what_is_not_asked_for_is_not_found_and_too_much_is_not_tried() -> None:
    """Without it the budget of visits would be none."""
    formula = lambda xp, step, a, b, c: step(a * b) * c  # noqa: E731
    wanted = np.array([[True, False], [False, True]])
    moved, (product,) = found(formula, wanted=wanted)
    assert (np.isfinite(moved) == wanted).all()
    assert moved[wanted] == pytest.approx((product.error * np.abs(C))[wanted], rel=1e-5)
    _, output, _ = made(formula)
    size = Graph.of(output).size
    assert size == 2 * (4 + CALL)  # of the two products, which alone have errors
    assert found(formula, most=size)[0] is not None
    assert found(formula, most=size - 1)[0] is None
    sum_of_all = lambda xp, step, a, b, c: xp.sum(a * b) * c  # noqa: E731, all meet in one sum: a pass for each
    _, output, _ = made(sum_of_all)
    assert found(sum_of_all, most=4 * Graph.of(output).size)[0] is not None
    assert found(sum_of_all, most=3.9 * Graph.of(output).size)[0] is None


def test_no_second_pass_is_made_where_the_first_does_not_pay() -> None:
    """Without it a formula that gains nothing would cost a pass for each of its outputs."""
    formula = lambda xp, step, a, b, c: step(a * b) * c  # noqa: E731
    assert found(formula, pays=0.01)[0] is None
    assert found(formula, pays=0.999)[0] is not None
    shares, radius = np.array([1.0, 2.0, 9.0, 5.0]), np.array([2.0, 4.0, 0.0, np.inf])
    assert _narrower(shares, radius, 0.51)
    assert not _narrower(shares, radius, 0.5)
    assert not _narrower(shares, np.zeros(4), 0.9)


def test_the_shares_of_one_entry_are_those_of_each_operation() -> None:
    """Without it the operation that fills a set could not be named."""
    xp, output, (product,) = made(lambda xp, step, a, b, c: step(a * b) * c)
    with np.errstate(all="ignore"):
        shares = {id(value): share for value, share in shares_of(xp, output, (1, 0))}
    assert set(shares) == {id(product), id(output)}
    assert shares[id(product)] == pytest.approx(product.error[1, 0] * C[1, 0], rel=1e-5)
    assert shares[id(output)] == pytest.approx(output.error[1, 0], rel=1e-12)


def test_a_constant_that_rounds_is_shared_by_outputs_that_do_not_meet_otherwise() -> None:
    """Without it an ε would make a pass for each row, or its error be counted for all of them together."""
    xp, output, _ = made(lambda xp, step, a, b, c: a * 0.1)
    with np.errstate(all="ignore"):
        moved = radii(xp, output, ALL, Graph.of(output).size, 1)
    constant = xp.arithmetic.constant(np.array(0.1))  # type: ignore[union-attr]
    assert moved == pytest.approx(np.abs(A) * float(constant), rel=1e-5)


def test_what_hangs_on_no_rounding_is_alone() -> None:
    """Without it an array behind which there are roundings could be shared, and they be lost."""
    _, output, (first, second) = made(lambda xp, step, a, b, c: step(step(a * b) + c))
    graph = Graph.of(output)
    assert _alone(first, graph)
    assert not _alone(second, graph)


def test_turns_hold_one_output_of_each_label_until_all_had_theirs() -> None:
    """Without it an output would be left out, or two of one label share a pass."""
    labels = np.array([[0, 1, 0, NONE], [2, 0, 1, NONE]])
    masks = list(_turns(labels))
    assert [mask.sum() for mask in masks] == [3, 2, 1]
    assert (sum(mask.astype(int) for mask in masks) == (labels >= 0)).all()
    for mask in masks:
        assert len(set(labels[mask])) == mask.sum()


def test_labellings_begin_with_one_pass_and_end_with_one_for_each_output() -> None:
    """Without it rows that do not meet would be passed one by one."""
    wanted = np.ones((2, 3, 1), dtype=bool)
    wanted[1, 2] = False
    found = list(_labellings(wanted))
    assert [int(np.bincount(labels[labels >= 0]).max()) for labels in found] == [1, 2, 3, 5]
    assert all(((labels >= 0) == wanted).all() for labels in found)
    assert len(set(found[0][wanted])) == 5
    assert set(found[-1][wanted]) == {0}
    assert [len(set(labels[wanted])) for labels in found[1:3]] == [3, 2]


def test_nothing_times_infinity_is_nothing() -> None:
    """Without it an output that does not hang on a rounding would be unknown with it."""
    with np.errstate(invalid="ignore"):
        assert _products(np.array([0.0, np.inf, 2.0]), np.array([np.inf, 0.0, 3.0])).tolist() == [0, 0, 6]
