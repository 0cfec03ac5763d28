"""What a miss looks like, of small arrays: where it lies, by what factor, in which precision; and what is drawn."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from ffn import admissible
from ffn.admissible.formula.arithmetic import nearest
from ffn.admissible.formula.evaluation import question
from ffn.admissible.formula.explanation.patterns import by_chance, ratio, where_outside
from ffn.admissible.formula.explanation.precisions import Emulated, _precisions, narrower
from ffn.admissible.formula.explanation.roundings import line_of, where
from ffn.admissible.formula.membership.judgement import Judgement
from ffn.numbers.precision import dtype_of, precision
from tests.formula.sets.test_arithmetic import model

U = 2.0**-24


def mask(shape: tuple[int, ...], *places: Any) -> Any:
    found = np.zeros(shape, dtype=bool)
    for place in places:
        found[place] = True
    return found


WHERE: list[tuple[Any, str]] = [
    (mask((4, 6), (0, 0)), ""),
    (mask((4, 6), np.s_[:, 2:4]), "only columns 2 to 3 of 6"),
    (mask((4, 6), np.s_[:, 3:]), "only columns from 3 on, of 6"),
    (mask((4, 6), np.s_[:, 5]), "only columns 5 to 5 of 6"),
    (mask((4, 6), np.s_[1]), "only rows 1 to 1 of 4"),
    (mask((4, 6), np.s_[:2, :3]), "only rows 0 to 1 of 4; only columns 0 to 2 of 6"),
    (mask((2, 4, 6), np.s_[1]), "only axis 0 1 to 1 of 2"),
    (mask((4, 8), np.s_[:, ::2]), "only every second of the columns, from 0"),
    (mask((4, 13), np.s_[:, 1::3]), "only every third of the columns, from 1"),
    (mask((4, 16), np.s_[:, 2::4]), "only every fourth of the columns, from 2"),
    (mask((4, 20), np.s_[:, ::5]), "only every 5th of the columns, from 0"),
    (mask((4, 6), np.s_[:, ::2]), ""),  # three are no pattern
    (mask((4, 9), np.s_[:, [0, 2, 4, 7]]), ""),
    (mask((4, 6), np.s_[:]), ""),
    (mask((6,), np.s_[:2]), "only columns 0 to 1 of 6"),
]


@pytest.mark.parametrize(("out", "said"), WHERE)
def test_entries_that_lie_along_an_axis_are_told_by_it(out: Any, said: str) -> None:
    """Without it a column that was not written would look like noise."""
    assert where_outside(out) == said


X = np.float32(np.linspace(0.5, 3, 12)).reshape(3, 4)


def told(kernel: Callable[[Any], Any], x: Any = X, formula: Any = lambda xp, x: x / 3) -> str:
    admitted = admissible.value(formula, x)
    judgement: Judgement = admitted.judge(np.asarray(kernel(admitted.middle)).astype(x.dtype))
    return ratio(judgement.arrays[0], [x])


RATIOS: list[tuple[Callable[[Any], Any], str]] = [
    (lambda y: 2 * y, "every decided entry of output is 2 times the true one: the formula, or the kernel?"),
    (lambda y: -y, "every decided entry of output is -1 times the true one, −1: the formula, or the kernel?"),
    (lambda y: y / 4, "every decided entry of output is 0.25 times the true one, 1/4: the formula, or the kernel?"),
    (
        lambda y: y * math.pi,
        "every decided entry of output is 3.14159 times the true one, π: the formula, or the kernel?",
    ),
    (
        lambda y: y * math.sqrt(2 / math.pi),
        "every decided entry of output is 0.797885 times the true one, √(2/π): the formula, or the kernel?",
    ),
    (
        lambda y: y * math.log2(math.e),
        "every decided entry of output is 1.4427 times the true one, log₂ e: the formula, or the kernel?",
    ),
    (lambda y: y * 3 / 4, "every decided entry of output is 0.75 times the true one, 3/4: the formula, or the kernel?"),
    (
        lambda y: -y * math.sqrt(3),
        "every decided entry of output is -1.73205 times the true one, −√3: the formula, or the kernel?",
    ),
    (
        lambda y: y * 4 / 3,
        "every decided entry of output is 1.33333 times the true one, 4/3: the formula, or the kernel?",
    ),
    (
        lambda y: y * math.sqrt(2 / 3),
        "every decided entry of output is 0.816497 times the true one, √(2/3): the formula, or the kernel?",
    ),
    (lambda y: y * 1.7, "every decided entry of output is 1.7 times the true one: the formula, or the kernel?"),
    (lambda y: y + 0.25, "every decided entry of output is the true one + 0.25: the formula, or the kernel?"),
    (lambda y: y - 0.125, "every decided entry of output is the true one − 0.125: the formula, or the kernel?"),
    (lambda y: y, ""),
    (lambda y: y * np.where(y > 0.5, 2, 1), ""),
    (lambda y: 0 * y, ""),
    (lambda y: y + np.where(y > 0.5, 0.25, 0), ""),
    (
        lambda y: np.where(y > 0.9, np.nan, 2 * y),
        "every decided entry of output is 2 times the true one: the formula, or the kernel?",
    ),
]


@pytest.mark.parametrize(("kernel", "said"), RATIOS)
def test_one_factor_or_one_difference_is_told_with_what_it_may_be(kernel: Callable[[Any], Any], said: str) -> None:
    """Without it a missing 1/√d, or a bias that is added twice, would be searched for in a thousand numbers."""
    assert told(kernel) == said


def test_a_factor_of_two_or_four_is_named_whatever_the_sizes() -> None:
    """Without it a quarter would be told as 0.25, or five as a size that no array has."""
    row = X.ravel()
    assert told(lambda y: y / 4, row).endswith("0.25 times the true one, 1/4: the formula, or the kernel?")
    assert told(lambda y: y / 5, row).endswith("0.2 times the true one: the formula, or the kernel?")
    assert told(lambda y: y / math.sqrt(2), row).endswith("times the true one, √(1/2): the formula, or the kernel?")


def test_a_factor_has_a_name_within_twice_of_what_is_known_of_it() -> None:
    """Without it a factor beside π would be told as π."""
    admitted = admissible.value(lambda xp, x: x / 3, X)
    accuracy = float(np.median(admitted.judge(np.float32(admitted.middle)).arrays[0].resolution))
    for off, named in ((1.6, True), (-1.6, True), (2.4, False), (-2.4, False)):
        assert ("one, π:" in told(lambda y, off=off: y * math.pi * (1 + off * accuracy))) == named


def test_a_factor_of_few_entries_is_told_where_it_has_a_name() -> None:
    """Without it any single wrong number would be some multiple of the right one."""
    one = np.float32([3])
    assert told(lambda y: 1.7 * y, one) == ""
    assert told(lambda y: y / 2, one) == "it is 0.5 times the true one, 1/2: the formula, or the kernel?"
    assert told(lambda y: 2 * y, one, lambda xp, x: x * 0) == ""
    half = np.float16([1, 2, 3])
    assert told(lambda y: 2 * y, half, lambda xp, x: xp.exp(x / 3)) == ""  # known too roughly, and too few
    assert [by_chance(7, 2e-4), by_chance(8, 2e-4), by_chance(7, 1e-4)] == [True, False, False]


def test_emulated_numbers_are_rounded_after_each_operation() -> None:
    """Without it a precision could be named that makes other errors."""
    half, single = precision("float16"), precision("float32")
    x = np.float64(np.float16(np.random.default_rng(0).normal(size=(3, 5))))
    y = x[::-1].T.copy()

    def eager(total: Any, terms: Any, dtype: Any) -> Any:
        for term in terms:
            total = (total + term).astype(dtype).astype(np.float64)
        return total

    for compute, accumulate in ((half, half), (single, half), (half, single)):
        xp = Emulated(compute, accumulate, False)
        a, b = xp.given(x), xp.given(y)
        held, kept = dtype_of(compute.name), dtype_of(accumulate.name)
        assert np.array_equal((a / 3).x.m, (x / 3).astype(held))
        for axis in (0, 1, -1):
            terms = np.moveaxis(x, axis, 0)
            expected = eager(np.zeros(terms.shape[1:]), terms, kept).astype(held)
            assert np.array_equal(xp.sum(a, axis).x.m, expected)
            assert xp.sum(a, axis, keepdims=True).shape == x.sum(axis, keepdims=True).shape
        assert np.array_equal(xp.sum(a).x.m, eager(np.zeros(()), x.ravel(), kept).astype(held))
        products = (x[:, i, None] * y[i] for i in range(5))
        assert np.array_equal((a @ b).x.m, eager(np.zeros((3, 3)), products, kept).astype(held))
    xp, g = Emulated(single, half, True), x[:, :3].copy()
    ((_, left), _) = (xp.given(x) @ xp.given(y)).parents
    products = (g[:, i, None] * y.T[i] for i in range(3))
    assert np.array_equal(left(xp.given(g)).x.m, eager(np.zeros((3, 5)), products, np.float16).astype(np.float32))
    ((_, spread),) = xp.sum(xp.given(x), 1).parents
    assert np.array_equal(spread(xp.given(g[:, 0])).x.m, np.broadcast_to(g[:, :1], x.shape))
    long = Emulated(half, half, False)  # where one by one would take too long
    assert long.sum(long.given(np.ones((2, 3000))), 1).x.m.tolist() == [3000, 3000]
    assert (long.given(np.ones((1, 2, 3000))) @ long.given(np.ones((3000, 1)))).x.m.ravel().tolist() == [3000, 3000]
    assert (long.given(np.ones((1, 1, 2048))) @ long.given(np.full((2048, 1), 2.0))).x.m.item() == 4096
    x, y = long.given(np.ones((1, 1, 2048))), long.given(np.full((2048, 1), 1.5))
    assert (x @ y).x.m.item() != 3072  # half precision loses halves on its way


def test_the_precisions_that_are_tried_are_those_that_are_narrower() -> None:
    """Without it a precision could be named that nobody computed in, or arguments be rounded to another."""
    x = X.copy()
    asked = question(lambda xp, x: x, [x, np.arange(3)], model("float32", accumulate="float64"))
    tried = list(_precisions(asked))
    assert [text for text, *_ in tried] == [
        "accumulating sums in float32",
        "accumulating sums in float16",
        "computing in float16",
        "accumulating sums in bfloat16",
        "computing in bfloat16",
        "rounding the arguments to TF32",
        "rounding the arguments to bfloat16",
    ]
    assert [(compute.bits, accumulate.bits) for _, compute, accumulate, _ in tried] == [
        *((24, 24), (24, 11), (11, 11), (24, 8), (8, 8)),
        *((24, 53), (24, 53)),
    ]
    for (_, _, _, (rounded, whole)), bits in zip(tried[-2:], (11, 8), strict=True):
        assert rounded.dtype == np.float32
        assert np.array_equal(rounded, nearest(x.astype(float), precision("float32").with_bits(bits)))
        assert not np.array_equal(rounded, x)
        assert whole.dtype == np.arange(3).dtype
    assert len(list(_precisions(question(lambda xp, x: x, [x.astype(np.float16)], model("float16"))))) == 3
    assert Emulated(precision("float16"), precision("float16"), True).record


@pytest.mark.parametrize(
    ("factor", "said"), [(1, True), (1.5, True), (0.6, True), (3, False), (0.4, False), (-1, False), (0, False)]
)
def test_errors_are_the_same_where_they_have_one_direction_and_size(factor: float, said: bool) -> None:
    """Without it a precision could be named whose errors are a third of those that were found, or point elsewhere."""
    x = np.random.default_rng(3).normal(size=(20, 30)).astype(np.float32)
    admitted = admissible.value(lambda xp, x: xp.sum(x * 1.25, axis=-1), x)
    xp = Emulated(precision("float32"), precision("bfloat16"), False)
    narrow = admitted.question.evaluate(xp)[0].x.m
    computed = (admitted.middle + factor * (narrow - admitted.middle)).astype(np.float32)
    found = list(narrower(admitted.judge(computed), admitted.question, math.inf))
    assert (found == ["accumulating sums in bfloat16 gives the same errors"]) == said
    for rows, enough in ((8, said), (7, False)):
        few = admissible.value(lambda xp, x: xp.sum(x * 1.25, axis=-1), x[:rows])
        assert bool(list(narrower(few.judge(computed[:rows]), few.question, math.inf))) == enough
    assert not list(narrower(admitted.judge(computed * np.nan), admitted.question, math.inf))


def test_the_errors_of_a_gradient_are_those_of_its_backward_pass() -> None:
    """Without it a precision would be looked for in the formula alone, and none be found for a gradient."""
    rng = np.random.default_rng(4)
    x, w, g = (rng.normal(size=shape).astype(np.float32) for shape in ((6, 5), (5, 40), (6, 40)))
    admitted = admissible.gradient(lambda xp, x: x @ w, x, cotangent=g)
    total = np.zeros((6, 5))
    for i in range(40):
        total = nearest(total + g[:, i : i + 1].astype(float) * w[:, i], precision("bfloat16"))
    found = list(narrower(admitted.judge(total.astype(np.float32)), admitted.question, math.inf))
    assert found == ["accumulating sums in bfloat16 gives the same errors"]


def test_a_line_is_that_of_the_file() -> None:
    """Without it an explanation would quote another line, or fail where there is none."""
    assert line_of(f"{__file__}:1").startswith('"""What a miss looks like')
    assert line_of("") == line_of("nowhere") == line_of(f"{__file__}:x") == ""
    assert where(f"{__file__}:1").startswith(' in `"""What a miss looks like')
    assert where(f"{__file__}:1", ", ").startswith(', in `"""What a miss looks like')
    assert (where(""), where("", ", "), where("<string>:1")) == (
        " in its backward pass",
        ", in its backward pass",
        "",
    )
