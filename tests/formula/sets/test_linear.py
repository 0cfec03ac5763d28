"""What moves, repeats and adds up entries, on whole numbers: no program rounds, and the way back is the transpose.

The law of the adjoint, ⟨g, Lv⟩ = ⟨Lᵀg, v⟩, needs no second derivative to compare with; L is NumPy's.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from ffn import admissible
from ffn.admissible.formula.operations.forms import Namespace
from ffn.admissible.formula.operations.values import enclosures
from ffn.numbers.precision import dtype_of
from tests.formula.sets.test_arithmetic import model

MASK = np.array([[True, False, True, True], [False, False, True, False]])
INDEX = np.array([[2, 0, 2], [1, 1, 3]])
EIGHT = np.arange(8).reshape(4, 2) - 3.0

# xp's operation and NumPy's, of an array of shape (2, 4)
LINEAR: dict[str, tuple[Any, Any]] = {
    "itself": (lambda xp, x: x + 0, lambda x: x),
    "negative": (lambda xp, x: -x, lambda x: -x),
    "sum of two": (lambda xp, x: x + 3 * x, lambda x: 4 * x),
    "difference": (lambda xp, x: 2 * x - x / 4, lambda x: 1.75 * x),
    "sum": (lambda xp, x: xp.sum(x), np.sum),
    "sum of columns": (lambda xp, x: x.sum(axis=0, keepdims=True), lambda x: x.sum(axis=0, keepdims=True)),
    "sum of rows": (lambda xp, x: xp.sum(x, -1), lambda x: x.sum(-1)),
    "mean": (lambda xp, x: x.mean(1, True), lambda x: x.mean(1, keepdims=True)),
    "mean of all": (lambda xp, x: xp.mean(x) + x.mean() + x.sum(), lambda x: 2 * x.mean() + x.sum()),
    "cumulative sum": (lambda xp, x: xp.cumulative_sum(x), lambda x: x.cumsum(-1)),
    "cumulative sum of columns": (lambda xp, x: xp.cumsum(x, axis=0), lambda x: x.cumsum(0)),
    "diff": (lambda xp, x: xp.diff(x), np.diff),
    "diff of columns": (lambda xp, x: xp.diff(x, axis=0), lambda x: np.diff(x, axis=0)),
    "matmul": (lambda xp, x: x @ EIGHT, lambda x: x @ EIGHT),
    "matmul from the left": (lambda xp, x: EIGHT @ x, lambda x: EIGHT @ x),
    "of a list": (lambda xp, x: [[1.0, -1.0]] @ x, lambda x: x[:1] - x[1:]),
    "with a vector": (lambda xp, x: xp.matmul(x, EIGHT[:, 0]), lambda x: x @ EIGHT[:, 0]),
    "of a vector": (lambda xp, x: EIGHT[:, 1] @ x.T, lambda x: EIGHT[:, 1] @ x.T),
    "of two vectors": (lambda xp, x: x[1] @ EIGHT[:, 0], lambda x: x[1] @ EIGHT[:, 0]),
    "in a batch": (lambda xp, x: x[None] @ EIGHT, lambda x: x[None] @ EIGHT),
    "over a batch": (lambda xp, x: x @ np.stack([EIGHT, -EIGHT]), lambda x: x @ np.stack([EIGHT, -EIGHT])),
    "vecdot": (lambda xp, x: xp.vecdot(x, EIGHT.T), lambda x: (x * EIGHT.T).sum(-1)),
    "vecdot of columns": (lambda xp, x: xp.vecdot(x, EIGHT.T, axis=0), lambda x: (x * EIGHT.T).sum(0)),
    "einsum": (lambda xp, x: xp.einsum("ij,jk->ki", x, EIGHT), lambda x: np.einsum("ij,jk->ki", x, EIGHT)),
    "einsum with a sum": (
        lambda xp, x: xp.einsum("ij,k->ik", x, EIGHT[0]),
        lambda x: np.einsum("ij,k->ik", x, EIGHT[0]),
    ),
    "einsum of a batch": (
        lambda xp, x: xp.einsum("bi,bij->bj", x, np.stack([EIGHT, -EIGHT])),
        lambda x: np.einsum("bi,bij->bj", x, np.stack([EIGHT, -EIGHT])),
    ),
    "einsum from the right": (lambda xp, x: xp.einsum("kj,ij -> ik", EIGHT.T, x), lambda x: x @ EIGHT),
    "reshape": (lambda xp, x: x.reshape(4, -1), lambda x: x.reshape(4, 2)),
    "reshape to a tuple": (lambda xp, x: x.reshape((4, 2)), lambda x: x.reshape(4, 2)),
    "reshape to a row": (lambda xp, x: x.reshape(-1) + xp.reshape(x, (8,)), lambda x: 2 * x.ravel()),
    "transpose": (lambda xp, x: x.T, np.transpose),
    "transpose of three": (lambda xp, x: xp.transpose(x[None], (1, 0, 2)), lambda x: x[:, None]),
    "permute_dims": (lambda xp, x: xp.permute_dims(x[..., None], (2, 0, 1)), lambda x: x[None]),
    "matrix_transpose": (lambda xp, x: xp.matrix_transpose(x[None]), lambda x: x.T[None]),
    "mT": (lambda xp, x: x.mT, np.transpose),
    "moveaxis": (lambda xp, x: xp.moveaxis(x[None], 0, -1), lambda x: x[..., None]),
    "moveaxis forwards": (lambda xp, x: xp.moveaxis(x[None], -1, 0), lambda x: np.moveaxis(x[None], -1, 0)),
    "expand_dims": (lambda xp, x: xp.expand_dims(x), lambda x: x[None]),
    "expand_dims at 1": (lambda xp, x: xp.expand_dims(x, 1), lambda x: x[:, None]),
    "squeeze": (lambda xp, x: xp.squeeze(x[:, None], 1), lambda x: x),
    "broadcast_to": (lambda xp, x: xp.broadcast_to(x, (3, 2, 4)), lambda x: np.broadcast_to(x, (3, 2, 4))),
    "broadcast": (lambda xp, x: x[:1] + x * np.ones((3, 1, 1)), lambda x: x[:1] + x * np.ones((3, 1, 1))),
    "take": (lambda xp, x: xp.take(x, [1, 1, 0]), lambda x: x[[1, 1, 0]]),
    "take of columns": (lambda xp, x: xp.take(x, [3, 0], axis=1), lambda x: x[:, [3, 0]]),
    "take_along_axis": (lambda xp, x: xp.take_along_axis(x, INDEX), lambda x: np.take_along_axis(x, INDEX, -1)),
    "take_along_columns": (
        lambda xp, x: xp.take_along_axis(x, MASK[:1] * 1, axis=0),
        lambda x: np.take_along_axis(x, MASK[:1] * 1, 0),
    ),
    "index": (lambda xp, x: x[1, ::-2], lambda x: x[1, ::-2]),
    "flip": (lambda xp, x: xp.flip(x, 1), lambda x: x[:, ::-1]),
    "concat": (lambda xp, x: xp.concat([x, 2 * x, np.ones((1, 4))]), lambda x: np.concatenate([x, 2 * x])),
    "concat of columns": (lambda xp, x: xp.concat([x, -x], axis=-1), lambda x: np.concatenate([x, -x], -1)),
    "stack": (lambda xp, x: xp.stack([x, x]), lambda x: np.stack([x, x])),
    "stack of columns": (lambda xp, x: xp.stack([x, 3 * x], axis=1), lambda x: np.stack([x, 3 * x], 1)),
    "roll": (lambda xp, x: xp.roll(x, 3), lambda x: np.roll(x, 3)),
    "roll of rows": (lambda xp, x: xp.roll(x, -1, axis=1), lambda x: np.roll(x, -1, 1)),
    "repeat": (lambda xp, x: xp.repeat(x, 3, axis=0), lambda x: np.repeat(x, 3, 0)),
    "tile": (lambda xp, x: xp.tile(x, (2, 1, 2)), lambda x: np.tile(x, (2, 1, 2))),
    "tril": (lambda xp, x: xp.tril(x), np.tril),
    "tril above": (lambda xp, x: xp.tril(x, 1), lambda x: np.tril(x, 1)),
    "triu": (lambda xp, x: xp.triu(x), np.triu),
    "triu above": (lambda xp, x: xp.triu(x, 2), lambda x: np.triu(x, 2)),
    "where": (lambda xp, x: xp.where(MASK, x, 0), lambda x: x * MASK),
    "else": (lambda xp, x: xp.where(MASK, 0, x), lambda x: x * ~MASK),
    "where of columns": (lambda xp, x: xp.where(MASK[:1], x, -x), lambda x: np.where(MASK[:1], x, -x)),
    "cast": (lambda xp, x: xp.cast(x), lambda x: x),
    "clip": (lambda xp, x: xp.clip(x, -100, 100), lambda x: x),
    "clip above": (lambda xp, x: xp.clip(x, max=100), lambda x: x),
    "clip below": (lambda xp, x: xp.clip(x, min=-100), lambda x: x),
    "the larger": (lambda xp, x: xp.maximum(x, -100) + xp.minimum(100, x), lambda x: 2 * x),
    "the smaller": (lambda xp, x: xp.minimum(x, 100.0) - xp.maximum(-100, x), lambda x: 0 * x),
    "of constants": (lambda xp, x: x * xp.minimum(3.0, 2.0) * xp.maximum(1.0, -2.0), lambda x: 2 * x),
    "select": (lambda xp, x: xp.select(x + 100, x, 0) + xp.select(x - 100, x, 0), lambda x: x),
}


def whole(seed: int, shape: Any = (2, 4)) -> Any:
    return np.random.default_rng(seed).integers(-4, 5, size=shape).astype(float)


def offset(kernel: Any) -> Any:
    """What an affine operation, such as one beside a constant, makes of zeros."""
    return kernel(np.zeros((2, 4)))


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("name", LINEAR)
def test_whole_numbers_are_moved_and_added_up_without_a_rounding(name: str, dtype: str) -> None:
    """Without it a gather could take other entries, or an exact sum have a width."""
    formula, kernel = LINEAR[name]
    x = whole(0)
    admitted = admissible.value(formula, x.astype(dtype_of(dtype)))
    expected = kernel(x)
    if name == "concat":
        expected = np.concatenate([expected, np.ones((1, 4))])
    assert admitted.shape == expected.shape
    assert np.array_equal(admitted.lower, expected)
    assert np.array_equal(admitted.upper, expected)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("name", LINEAR)
def test_the_way_back_is_the_transpose(name: str, dtype: str) -> None:
    """Without it a cotangent could go to another entry, or be lost where an entry is used twice."""
    formula, kernel = LINEAR[name]
    x, v = whole(1), whole(2)
    value = kernel(v)
    if name == "concat":
        value = np.concatenate([value, np.zeros((1, 4))])
    g = whole(3, value.shape)
    admitted = admissible.gradient(formula, x.astype(dtype_of(dtype)), cotangent=g.astype(dtype_of(dtype)))
    assert admitted.shape == x.shape
    assert np.array_equal(admitted.lower, admitted.upper)
    assert (admitted.lower * v).sum() == (g * value).sum()


def test_what_comes_of_an_operation_is_computed_with_further() -> None:
    """Without it the next operator would find no namespace, or round whole numbers; and what nobody differentiates
    would keep its operands."""
    x = 2 * np.arange(8.0).reshape(2, 4) - 7
    for name, (formula, _) in [*LINEAR.items(), *POWERS.items(), *EXTREMA.items()]:
        for record in (False, True):
            xp = Namespace(enclosures("float32"), model("float32"), record)
            found = formula(xp, xp.given(x))
            assert found.xp is xp, name
            assert bool(found.parents) == record or name in ("x¹", "x⁰", "a step", "constants"), name
            total = found + found / 4
            assert np.array_equal(total.x.m, 1.25 * found.x.m), name
            assert not total.x.r.any(), name


# of two arrays of shape (2, 4), linear in each
BILINEAR: dict[str, tuple[Any, Any]] = {
    "product": (lambda xp, x, y: x * y, lambda x, y: x * y),
    "product with a row": (lambda xp, x, y: x * y[0], lambda x, y: x * y[0]),
    "product of a row": (lambda xp, x, y: x[:1] * y, lambda x, y: x[:1] * y),
    "matmul": (lambda xp, x, y: x @ y.T, lambda x, y: x @ y.T),
    "matmul of vectors": (lambda xp, x, y: x[0] @ y[1], lambda x, y: x[0] @ y[1]),
    "matmul with a vector": (lambda xp, x, y: x @ y[1], lambda x, y: x @ y[1]),
    "matmul of a vector": (lambda xp, x, y: x[:, 0] @ y, lambda x, y: x[:, 0] @ y),
    "matmul in batches": (lambda xp, x, y: x[:, None] @ y[..., None], lambda x, y: x[:, None] @ y[..., None]),
    "matmul over a batch": (
        lambda xp, x, y: xp.stack([x, 2 * x]) @ y.T,
        lambda x, y: np.stack([x, 2 * x]) @ y.T,
    ),
    "vecdot": (lambda xp, x, y: xp.vecdot(x, y), lambda x, y: (x * y).sum(-1)),
    "einsum": (lambda xp, x, y: xp.einsum("ij,kj->ki", x, y), lambda x, y: y @ x.T),
    "outer": (lambda xp, x, y: xp.einsum("ij,kl->iljk", x, y), lambda x, y: np.einsum("ij,kl->iljk", x, y)),
    "sums on both sides": (lambda xp, x, y: xp.einsum("ij,kl->ki", x, y), lambda x, y: np.einsum("ij,kl->ki", x, y)),
    "difference of products": (lambda xp, x, y: x * y - 2 * y * x[::-1], lambda x, y: x * y - 2 * y * x[::-1]),
}


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("name", BILINEAR)
def test_a_product_of_whole_numbers_goes_back_to_both_factors(name: str, dtype: str) -> None:
    """Without it the cotangents of two factors could be exchanged, or one that was repeated to fit be lost."""
    formula, kernel = BILINEAR[name]
    x, y, v, w = map(whole, range(4))
    held = dtype_of(dtype)
    admitted = admissible.value(formula, x.astype(held), y.astype(held))
    assert np.array_equal(admitted.lower, kernel(x, y))
    assert np.array_equal(admitted.upper, kernel(x, y))
    g = whole(5, np.shape(kernel(x, y)))
    back = admissible.gradient(formula, x.astype(held), y.astype(held), cotangent=g.astype(held))
    for part, direction, expected in zip(back.parts, (v, w), (kernel(v, y), kernel(x, w)), strict=True):
        assert np.array_equal(part.low, part.high)
        assert (part.low * direction).sum() == (g * expected).sum()


POWERS: dict[str, tuple[Any, Any]] = {
    "square": (lambda xp, x: xp.square(x), lambda x: 2 * x),
    "x²": (lambda xp, x: x**2, lambda x: 2 * x),
    "x³": (lambda xp, x: x**3, lambda x: 3 * x**2),
    "x⁴": (lambda xp, x: xp.pow(x, 4), lambda x: 4 * x**3),
    "x¹": (lambda xp, x: x**1, np.ones_like),
    "x⁰": (lambda xp, x: x**0, np.zeros_like),
    "|x|": (lambda xp, x: abs(x), np.sign),
    "the larger": (lambda xp, x: xp.maximum(x, 1.5), lambda x: x > 1.5),
    "the smaller": (lambda xp, x: xp.minimum(1.5, x), lambda x: x < 1.5),
    "clipped": (lambda xp, x: xp.clip(x, -1.5, 2.5), lambda x: (x > -1.5) & (x < 2.5)),
    "select": (lambda xp, x: xp.select(x, 3 * x, x), lambda x: np.where(x > 0, 3, 1)),
    "greater": (lambda xp, x: xp.where(x > 1, 3 * x, x), lambda x: np.where(x > 1, 3, 1)),
    "at least": (lambda xp, x: xp.where(x >= 1, 3 * x, x), lambda x: np.where(x >= 1, 3, 1)),
    "less": (lambda xp, x: xp.where(x < 1, 3 * x, x), lambda x: np.where(x < 1, 3, 1)),
    "at most": (lambda xp, x: xp.where(x <= 1, 3 * x, x), lambda x: np.where(x <= 1, 3, 1)),
    "both": (lambda xp, x: xp.where((x > 1) & (x < 3), 3 * x, x), lambda x: np.where((x > 1) & (x < 3), 3, 1)),
    "either": (lambda xp, x: xp.where((x > 1) | (x < -1), 3 * x, x), lambda x: np.where((x > 1) | (x < -1), 3, 1)),
    "not": (lambda xp, x: xp.where(~(x > 1), 3 * x, x), lambda x: np.where(x > 1, 1, 3)),
    "a step": (lambda xp, x: xp.sign(x) + xp.floor(x + 0.25) + xp.ceil(x) + xp.trunc(x) + xp.round(x), np.zeros_like),
    "stopped": (lambda xp, x: x * xp.stop_gradient(x), lambda x: x),
    "constants": (lambda xp, x: xp.zeros_like(x) + xp.ones_like(x), np.zeros_like),
}


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("name", POWERS)
def test_the_slope_of_a_polynomial_or_a_branch_is_a_point_on_whole_numbers(name: str, dtype: str) -> None:
    """Without it a power could have another slope, or a branch that of its other side."""
    formula, slope = POWERS[name]
    x = np.array([-4.0, -3, -2, -1, 1, 2, 3, 4])
    admitted = admissible.gradient(
        formula, x.astype(dtype_of(dtype)), cotangent=np.full(8, 2.0).astype(dtype_of(dtype))
    )
    assert np.array_equal(admitted.lower, 2.0 * slope(x))
    assert np.array_equal(admitted.upper, 2.0 * slope(x))


EXTREMA: dict[str, tuple[Any, Any]] = {
    "max": (lambda xp, x: xp.max(x), lambda x: x.max()),
    "max of all": (lambda xp, x: x.max(), lambda x: x.max()),
    "max beside another": (lambda xp, x: x.max(0) + xp.max(x, -1)[0], lambda x: x.max(0) + x.max(-1)[0]),
    "max of rows": (lambda xp, x: x.max(-1, True), lambda x: x.max(-1, keepdims=True)),
    "max of columns": (lambda xp, x: xp.max(x, axis=0), lambda x: x.max(0)),
    "max of both": (lambda xp, x: xp.max(x, axis=(0, 1), keepdims=True), lambda x: x.max(keepdims=True)),
    "min": (lambda xp, x: xp.min(x), lambda x: x.min()),
    "min of rows": (lambda xp, x: xp.min(x, -1, True), lambda x: x.min(-1, keepdims=True)),
    "maximum": (lambda xp, x: xp.maximum(x, x[::-1]), lambda x: np.maximum(x, x[::-1])),
    "minimum": (lambda xp, x: xp.minimum(x, x[::-1]), lambda x: np.minimum(x, x[::-1])),
}


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("name", EXTREMA)
def test_the_cotangent_of_an_extremum_goes_to_the_entry_that_it_is(name: str, dtype: str) -> None:
    """Without it a pooling could send its cotangent to another entry."""
    formula, kernel = EXTREMA[name]
    x, held = np.array([[1.0, 7, 3, -5], [4, -2, 8, 6]]), dtype_of(dtype)
    admitted = admissible.value(formula, x.astype(held))
    assert np.array_equal(admitted.lower, kernel(x))
    assert np.array_equal(admitted.upper, kernel(x))
    g = whole(7, np.shape(kernel(x))) + 9
    back = admissible.gradient(formula, x.astype(held), cotangent=g.astype(held))
    step = 2.0**-8  # no other entry becomes the extremum
    moved = [(g * (kernel(x + step * each) - kernel(x)) / step).sum() for each in np.eye(8).reshape(8, 2, 4)]
    assert np.array_equal(back.lower.ravel(), moved)
    assert np.array_equal(back.upper, back.lower)


def test_what_is_stored_on_its_way_is_rounded_there() -> None:
    """Without it a kernel that stores a sum in float16 would be held to the one that it computed in float32."""
    x = np.float16([2048])
    stored, kept = (
        admissible.value(formula, x, compute="float32")
        for formula in (lambda xp, x: xp.cast(x + 1) - x, lambda xp, x: (x + 1) - x)
    )
    assert [stored.judge(np.float16([each])).outside for each in (0, 2, 3)] == [0, 0, 1]
    assert (kept.lower, kept.upper) == (1, 1)
