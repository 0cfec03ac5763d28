"""What ``xp`` has, and what a formula cannot have."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
import pytest

from ffn import admissible
from ffn.admissible.formula.arithmetic import LIBM, binade
from ffn.admissible.formula.enclosures.midrad import MidRad
from ffn.admissible.formula.operations.forms import Namespace
from ffn.admissible.formula.operations.values import enclosures
from tests.formula.sets.test_arithmetic import model
from tests.formula.sets.test_linear import whole

PAGE = Path(__file__).parents[3] / "ffn" / "admissible" / "README.md"


NAMES = ", ".join(Namespace(MidRad, None).names())
BRANCH = "a formula does not branch on its arrays: write xp.where(condition, a, b)"
WRONG_FORMULAS: list[tuple[str, Any]] = [
    ("axis 2 of an array of 2 axes", lambda xp, x: xp.mean(x, axis=2)),
    ("axis (0, -3) of an array of 2 axes", lambda xp, x: xp.max(x, axis=(0, -3))),
    (f"a formula has no xp.arctan; there is {NAMES}; masks, ranges and constants are NumPy's", lambda xp, x: xp.arctan),
    (BRANCH, lambda xp, x: x if x > 0 else -x),
    (BRANCH, lambda xp, x: x if x else -x),
    (f"NumPy's round does not take a formula's arrays; xp has {NAMES}", lambda xp, x: np.round(x)),
    (f"NumPy's exp does not take a formula's arrays; xp has {NAMES}", lambda xp, x: np.exp(x)),
    (f"NumPy's add does not take a formula's arrays; xp has {NAMES}", lambda xp, x: np.add.reduce(x)),
    (f"NumPy's add does not take a formula's arrays; xp has {NAMES}", lambda xp, x: np.add(x, x, dtype=float)),
    (f"NumPy's array does not take a formula's arrays; xp has {NAMES}", lambda xp, x: np.asarray(x)),
    (
        "an entry of a formula's array is an enclosure, no number: what depends on it is an array too",
        lambda xp, x: int(x[0, 0]),
    ),
    (f"arrays of a formula have + - * / @ ** and comparisons; xp has {NAMES}", lambda xp, x: x // 1),
    (
        "a condition is a comparison of arrays or a mask of bool, not an array of numbers",
        lambda xp, x: xp.where(x, x, 1),
    ),
    ("a condition is a comparison of arrays or a mask of bool", lambda xp, x: xp.where(np.ones((2, 2)), x, 1)),
    (
        "arrays of a formula are compared by <, <=, > or >=: equality hangs on every rounding",
        lambda xp, x: xp.where(x == 0, x, 1),
    ),
    (f"an array of a formula has no 'std'; xp has {NAMES}", lambda xp, x: x.std()),
    (
        "einsum of two, each letter once in each, with its result: 'ij,jk->ik', not 'ii->i'",
        lambda xp, x: xp.einsum("ii->i", x, x),
    ),
    *(
        (
            f"einsum of two, each letter once in each, with its result: 'ij,jk->ik', not {text!r}",
            lambda xp, x, text=text: xp.einsum(text, x, x),
        )
        for text in ("ij,jk", "ij->i", "ii,ij->j", "ij,jj->i", "ij,jk->ii", "ij,jk->l", "ij,...->i", "i,j,k->i")
    ),
    (
        "einsum of two, each letter once in each, with its result: 'ij,jk->ik', not 'ij,jk->i'",
        lambda xp, x: xp.einsum("ij,jk->i", x),
    ),
    ("einsum 'ij,jkl->i' of arrays of 2 and 2 axes", lambda xp, x: xp.einsum("ij,jkl->i", x, x)),
    ("einsum 'i,jk->i' of arrays of 2 and 2 axes", lambda xp, x: xp.einsum("i,jk->i", x, x)),
    ("str is nothing to compute with in a formula: numbers and arrays are", lambda xp, x: x + "1"),
    ("complex is nothing to compute with in a formula: numbers and arrays are", lambda xp, x: x + 1j),
    ("matmul of shapes (2, 2) and (3, 2)", lambda xp, x: x @ np.ones((3, 2))),
    ("matmul of shapes () and (2, 2)", lambda xp, x: xp.matmul(1.0, x)),
    ("matmul of shapes (2, 2) and ()", lambda xp, x: xp.matmul(x, 1.0)),
]


@pytest.mark.parametrize(("line", "formula"), WRONG_FORMULAS)
def test_what_a_formula_cannot_have_is_one_line(line: str, formula: Any) -> None:
    """Without it the reader of a traceback would have to guess what there is instead."""
    with pytest.raises((AttributeError, TypeError, ValueError)) as raised:  # the whole line is compared
        admissible.value(formula, np.ones((2, 2), dtype=np.float32))
    assert str(raised.value) == line


def test_every_operation_has_a_line_and_stands_on_the_page() -> None:
    """Without it one would learn of an operation by asking for a wrong one."""
    names = Namespace(MidRad, None).names()
    assert not [name for name in names if not getattr(Namespace, name).__doc__]
    listed = re.findall(r"^- `xp\.(\w+)\(", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(listed) == sorted(set(names) - {"cumsum"})


OPERATIONS: dict[str, Any] = {
    "einsum": (lambda xp, x, y: xp.einsum("ij,kj->ik", x, y), lambda x, y: np.einsum("ij,kj->ik", x, y)),
    "cumulative sum": (lambda xp, x, y: xp.cumulative_sum(x, axis=1), lambda x, y: np.cumsum(x, axis=1)),
    "gather": (lambda xp, x, y: xp.take(x, [2, 0, 2], axis=1), lambda x, y: x[:, [2, 0, 2]]),
    "select": (lambda xp, x, y: xp.select(x, x, y * 2), lambda x, y: np.where(x > 0, x, y * 2)),
    "min": (lambda xp, x, y: xp.min(x - y, axis=0), lambda x, y: (x - y).min(axis=0)),
    "mask": (lambda xp, x, y: x * (x > y), lambda x, y: x * (x > y)),
    "stack": (lambda xp, x, y: xp.stack([x, y], axis=1)[:, 0], lambda x, y: x),
    "vectors": (lambda xp, x, y: x[0] @ y[1], lambda x, y: x[0] @ y[1]),
    "powers": (lambda xp, x, y: x**5 + y**-3, lambda x, y: x**5 + 1 / (y * y * y)),
    "any power": (
        lambda xp, x, y: xp.abs(x) ** 2.4 + (xp.abs(y) + 1) ** x + 2.0**y,
        lambda x, y: np.abs(x) ** x.dtype.type(2.4) + (np.abs(y) + 1) ** x + x.dtype.type(2) ** y,
    ),
    "var of all": (lambda xp, x, y: xp.var(x) + xp.std(y), lambda x, y: x.var() + y.std()),
    "var": (lambda xp, x, y: xp.var(x, axis=1, correction=1), lambda x, y: x.var(axis=1, ddof=1)),
    "var of columns": (
        lambda xp, x, y: xp.var(x, 0, 1, True),
        lambda x, y: x.var(axis=0, ddof=1, keepdims=True),
    ),
    "std": (lambda xp, x, y: xp.std(x - y, axis=0), lambda x, y: (x - y).std(axis=0)),
    "logaddexp": (lambda xp, x, y: xp.logaddexp(x, y), np.logaddexp),
    "roll": (lambda xp, x, y: xp.roll(x, 2, axis=1) * y, lambda x, y: np.roll(x, 2, axis=1) * y),
    "repeat": (lambda xp, x, y: xp.repeat(x, 2, axis=1), lambda x, y: np.repeat(x, 2, axis=1)),
    "tile": (lambda xp, x, y: xp.tile(x, (2, 1)), lambda x, y: np.tile(x, (2, 1))),
    "tril": (lambda xp, x, y: xp.tril(x) + xp.triu(y, 2), lambda x, y: np.tril(x) + np.triu(y, 2)),
    "sign": (lambda xp, x, y: xp.sign(x) * y, lambda x, y: np.sign(x) * y),
    "round": (lambda xp, x, y: xp.round(8 * x) / 8, lambda x, y: np.round(8 * x) / 8),
    "floor": (
        lambda xp, x, y: x - xp.floor(x) + xp.ceil(y) * xp.trunc(3 * x),
        lambda x, y: x - np.floor(x) + np.ceil(y) * np.trunc(3 * x),
    ),
    "bases": (
        lambda xp, x, y: xp.exp2(x) + xp.log2(xp.abs(y) + 1) * xp.log10(2 + xp.abs(x)),
        lambda x, y: np.exp2(x) + np.log2(np.abs(y) + 1) * np.log10(2 + np.abs(x)),
    ),
    "hyperbolic": (lambda xp, x, y: xp.sinh(x) * xp.cosh(y), lambda x, y: np.sinh(x) * np.cosh(y)),
    "atan": (lambda xp, x, y: xp.atan(3 * x), lambda x, y: np.arctan(3 * x)),
    "atan2": (lambda xp, x, y: xp.atan2(x, y), np.arctan2),
    "hypot": (lambda xp, x, y: xp.hypot(x, y), np.hypot),
    "reciprocal": (lambda xp, x, y: xp.reciprocal(x), lambda x, y: 1 / x),
    "diff": (lambda xp, x, y: xp.diff(x, axis=0), lambda x, y: np.diff(x, axis=0)),
    "vecdot": (lambda xp, x, y: xp.vecdot(x, y, axis=0), lambda x, y: (x * y).sum(0)),
    "moveaxis": (lambda xp, x, y: xp.moveaxis(x, 0, -1) * xp.pi, lambda x, y: x.T * x.dtype.type(np.pi)),
    "exp and log": (lambda xp, x, y: xp.log(xp.exp(x)) + xp.log1p(xp.expm1(y)), lambda x, y: x + y),
    "sin and cos": (lambda xp, x, y: xp.sin(x) * xp.cos(y), lambda x, y: np.sin(x) * np.cos(y)),
}


# The units roundoff that an answer may be off by at most: a function's four ulps are up to 8, a product or quotient has
# 2, what is rounded at the end of a binade twice its own, and the ends of a set are rounded to float32 once more.
MOST: dict[str, float] = {
    **dict.fromkeys(("gather", "stack", "repeat", "tile", "tril", "round"), 0),
    **{"min": 4, "mask": 2, "sign": 2, "roll": 2, "reciprocal": 2, "floor": 3, "moveaxis": 1 + 3},
    **{"hypot": (2 + 1) / 2 + 4, "atan": 3 + 8, "atan2": 4 + 8, "sin and cos": 8 + 8 + 2, "hyperbolic": 8 + 8 + 2},
    **{"any power": 8 + 2 + 2, "bases": 8 + 8 + 2 + 1},
}


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_admits_numpy_and_not_its_neighbour(name: str, dtype: Any) -> None:
    formula, kernel = OPERATIONS[name]
    x, y = np.random.default_rng(8).normal(size=(2, 4, 5)).astype(dtype)
    admitted = admissible.value(formula, x, y)
    assert kernel(x, y) in admitted
    assert kernel(x, y) * dtype(1 + 1e-3) + dtype(1e-3) not in admitted
    if name in MOST:
        far = np.maximum(admitted.upper - admitted.middle, admitted.middle - admitted.lower)
        assert (far <= (MOST[name] + (MOST[name] > 0)) * 2.0 ** -np.finfo(dtype).nmant / 2 * np.abs(kernel(x, y))).all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_angles_in_every_quadrant_and_on_the_axes(dtype: Any) -> None:
    """Without it an arc tangent of a quotient could take a quadrant for its opposite."""
    a, b = (each.ravel().astype(dtype) for each in np.meshgrid([-2, 0, 1], [-3, 0, 1]))
    admitted = admissible.value(lambda xp, a, b: xp.atan2(a, b), a, b)
    assert np.arctan2(a, b) in admitted
    for wrong in (np.arctan2(b, a), np.arctan2(-a, b), np.where(a != 0, np.arctan(b / np.where(a, a, 1)), 0)):
        assert wrong.astype(dtype) not in admitted


OFF: dict[str, tuple[Any, float]] = {
    **{name: (lambda xp, x, y, name=name: getattr(xp, name)(x), 3.0) for name in sorted(set(LIBM) - {"pow", "atan2"})},
    "pow": (lambda xp, x, y: x**y, 7.0),
    "atan2": (lambda xp, x, y: xp.atan2(x, y), 7.0),
    "pow, the other way": (lambda xp, x, y: y**x, 7.0),
    "atan2, the other way": (lambda xp, x, y: xp.atan2(y, x), 7.0),
}


@pytest.mark.parametrize("name", OFF)
def test_a_function_may_be_off_by_what_is_declared_of_its_argument(name: str) -> None:
    """Without it an exponential that loses ulps as its argument grows would be held to those at 0, or to another's."""
    formula, largest = OFF[name]
    given = model("float32", functions={name.split(",")[0]: (0.5, 1.0)})
    for every in (False, True):
        xp = Namespace(MidRad, replace(given, every=every), True)
        found = formula(xp, xp.given(np.array([3.0])), xp.given(np.array([7.0])))
        ulp = 2 * 2.0**-24 * float(binade(np.abs(found.x.m))[0])
        stored = (3 if name == "rsqrt" else 1) * ulp / 2 if every else 0
        assert (0.5 + largest) * ulp <= found.error[0] <= ((0.5 + largest) * ulp + stored) * 1.01
        assert (found.raw is not None) == every
        assert [part for part, _ in found.parents]


mp = mpmath.MPContext()
mp.dps = 40

SLOPES: dict[str, tuple[Any, Any]] = {
    "exp": (lambda xp, x: xp.exp(x), mp.exp),
    "expm1": (lambda xp, x: xp.expm1(x), mp.expm1),
    "log": (lambda xp, x: xp.log(x), mp.log),
    "log1p": (lambda xp, x: xp.log1p(x), mp.log1p),
    "tanh": (lambda xp, x: xp.tanh(x), mp.tanh),
    "sin": (lambda xp, x: xp.sin(x), mp.sin),
    "cos": (lambda xp, x: xp.cos(x), mp.cos),
    "sqrt": (lambda xp, x: xp.sqrt(x), mp.sqrt),
    "reciprocal": (lambda xp, x: xp.reciprocal(x), lambda x: 1 / x),
    "exp2": (lambda xp, x: xp.exp2(x), lambda x: mp.power(2, x)),
    "log2": (lambda xp, x: xp.log2(x), lambda x: mp.log(x, 2)),
    "log10": (lambda xp, x: xp.log10(x), mp.log10),
    "sinh": (lambda xp, x: xp.sinh(x), mp.sinh),
    "cosh": (lambda xp, x: xp.cosh(x), mp.cosh),
    "atan": (lambda xp, x: xp.atan(x), mp.atan),
    "atan2, first": (lambda xp, x: xp.atan2(x, 0 * x - 0.75), lambda x: mp.atan2(x, -0.75)),
    "atan2, second": (lambda xp, x: xp.atan2(0 * x - 0.75, x), lambda x: mp.atan2(-0.75, x)),
    "hypot": (lambda xp, x: xp.hypot(x, 2 * x - 1), lambda x: mp.hypot(x, 2 * x - 1)),
    "a power": (lambda xp, x: x**2.25, lambda x: mp.power(x, 2.25)),
    "of a power": (lambda xp, x: 1.5**x, lambda x: mp.power(1.5, x)),
    "erf": (lambda xp, x: xp.erf(x), mp.erf),
    "rsqrt": (lambda xp, x: xp.rsqrt(x), lambda x: 1 / mp.sqrt(x)),
    "logaddexp": (lambda xp, x: xp.logaddexp(x, 1.5 - x), lambda x: mp.log(mp.exp(x) + mp.exp(1.5 - x))),
}


SLOPE_MOST = {  # units roundoff, as in MOST
    **{"exp2": 8 + 1 + 2 + 2, "log2": 1 + 2 + 2, "log10": 1 + 2 + 3, "sinh": 8 + 2, "cosh": 8 + 2},
    **{"atan": 2 + 1 + 2, "atan2, first": 2 + 2 + 1 + 2, "atan2, second": 2 + 2 + 1 + 2, "hypot": 14},
    **{"a power": 8 + 2 + 2, "of a power": 8 + 8 + 2 + 2, "erf": 8 + 1 + 2 + 2, "rsqrt": 3 * 8 + 2 + 2 + 2 + 2},
    **{"exp": 8 + 2, "expm1": 8 + 1 + 2, "log": 2, "log1p": 3, "sin": 8 + 2, "cos": 8 + 2, "sqrt": 8, "reciprocal": 6},
    "tanh": 6000,  # 1 − h² in saturation
    "logaddexp": 45,  # of a difference that loses digits
}


@pytest.mark.parametrize("name", SLOPES)
def test_a_slope_is_that_of_the_function(name: str) -> None:
    """Without it every backward pass through the function would be held to another one."""
    formula, function = SLOPES[name]
    x = np.float64([0.125, 0.5, 1.375, 3.25])
    admitted = admissible.gradient(formula, x, cotangent=np.ones(4))
    slopes = np.array([float(mp.diff(function, mp.mpf(each))) for each in x])
    assert slopes in admitted
    for sign in (-1, 1):
        off = admitted.judge(slopes * (1 + sign * (SLOPE_MOST[name] + 1) * 2.0**-53))
        assert off.outside == 4


PLACES: dict[str, Any] = {
    "a sum": lambda xp, x: xp.sum(x),
    "a product": lambda xp, x: x * x,
    "a quotient": lambda xp, x: x / (x + 5),
    "a scale": lambda xp, x: x * 2,
    "a matrix product": lambda xp, x: x @ x.T,
    "a branch": lambda xp, x: xp.where(x > 0, x, 0),
    "a step": lambda xp, x: xp.sign(x),
    "a stored value": lambda xp, x: xp.cast(x),
    "an argument": lambda xp, x: x,
    "exp": lambda xp, x: xp.exp(x),
    "pow": lambda xp, x: (x + 9) ** 2.5,
    "atan2": lambda xp, x: xp.atan2(x, x + 9),
}


@pytest.mark.parametrize("name", PLACES)
def test_an_operation_knows_its_name(name: str) -> None:
    """Without it an explanation would name another operation."""
    for arithmetic in (None, model("float16")):
        xp = Namespace(enclosures("float16"), arithmetic, True)
        with np.errstate(all="ignore"):
            found = PLACES[name](xp, xp.given(whole(0)))
        assert found.place[0] == name


def test_what_was_taken_comes_back_with_the_roundings_that_it_had() -> None:
    """Without it a narrowed gradient would forget the roundings before a gather; of what was taken twice a sum."""
    for arithmetic in (None, model("float32")):
        xp = Namespace(enclosures("float32"), arithmetic, True)
        for index, name in (([1, 1, 0], "a sum"), ([1, 0], "")):
            ((_, back),) = xp.take(xp.given(whole(0)), index).parents
            cotangent = xp.given(whole(1, (len(index), 4))) / 3.0
            summed = back(cotangent).parents[0][0]
            ((source, again),) = summed.parents
            assert source is cotangent
            assert summed.place[0] == name
            assert np.array_equal(again(xp.given(whole(2).ravel())).x.m, whole(2)[index])


@pytest.mark.parametrize(
    ("name", "formula"),
    [
        *(("a scale", lambda xp, x, each=each: x * each) for each in (0.5, -2.0, 2.0**98, 2.0**-100, -(2.0**-100), 1)),
        *(("a product", lambda xp, x, each=each: x * each) for each in (3, 0.0, 2.0**99, 2.0**-101, np.inf, np.nan)),
        *(("a scale", lambda xp, x, each=each: each * x) for each in (0.25, 2.0)),
        *(("a scale", lambda xp, x, each=each: x / each) for each in (0.25, 2.0)),
        *(("a product", lambda xp, x, each=each: x**each) for each in (2, 3.0, 16)),
        *(("pow", lambda xp, x, each=each: x**each) for each in (17, 2.5, -1.5, np.nan, np.inf)),
        *(("a quotient", lambda xp, x, each=each: x**each) for each in (-1, -2, -16)),
        ("sqrt", lambda xp, x: x**0.5),
        ("rsqrt", lambda xp, x: x**-0.5),
    ],
)
def test_a_power_of_two_scales_and_a_small_power_is_made_of_products(name: str, formula: Any) -> None:
    """Without it a factor ½ would round twice, or x² be held to the ulps of any power."""
    xp = Namespace(enclosures("float32"), model("float32"))
    with np.errstate(all="ignore"):
        assert formula(xp, xp.given(np.array([1.5, 3.0]))).place[0] == name


def test_an_operation_knows_the_line_that_asked_for_it() -> None:
    """Without it an explanation would quote a line of the kit."""
    xp = Namespace(enclosures("float16"), None, True)
    assert {PLACES[name](xp, xp.given(whole(0) + 9)).place[1].rpartition(":")[0] for name in list(PLACES)[:5]} == {
        __file__
    }
