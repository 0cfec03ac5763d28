"""What is asked is what was given: options, arguments and their names; and what cannot be asked gets one line."""

from __future__ import annotations

import math
import sys
from functools import partial
from types import SimpleNamespace
from typing import Any

import ml_dtypes
import numpy as np
import pytest

from ffn import admissible
from ffn.admissible.formula.evaluation import parameters, question, wide
from ffn.admissible.formula.taken import STORED, storage, taken
from tests.formula.sets.test_arithmetic import model

X, Y = np.float32([[1, 2], [3, 4]]), np.float32([[5, 6], [7, 8]])
OPTIONS: dict[str, Any] = {
    "compute": "float64",
    "accumulate": "float64",
    "rounds": "every operation",
    "depth": 3,
    "functions": {"exp": 1.0},
    "rounding": "any",
}


def product(xp: Any, left: Any, right: Any) -> Any:
    return left * right


@pytest.mark.parametrize("name", OPTIONS)
def test_an_option_is_part_of_the_question(name: str) -> None:
    """Without it an option could be left aside, or be that of another."""
    given = {name: OPTIONS[name]}
    for ask in (admissible.value, partial(admissible.gradient, cotangent=X)):
        assert ask(product, X, Y, **given).question.arithmetic == model("float32", **given)  # type: ignore[operator]
        assert ask(product, X, Y).question.arithmetic == model("float32")  # type: ignore[operator]


def test_a_gradient_is_of_the_arguments_that_are_named() -> None:
    """Without it ∂x could be told as ∂y, or be taken of a mask."""
    mask = np.array([[True, False], [True, True]])
    three = lambda xp, a, b, keep: xp.where(keep, a * b, 0)  # noqa: E731
    for wrt, names, gradients in (
        (None, ["∂a", "∂b"], [Y * mask, X * mask]),
        ("b", ["∂b"], [X * mask]),
        (0, ["∂a"], [Y * mask]),
        (["b", "a"], ["∂b", "∂a"], [X * mask, Y * mask]),
        ((1,), ["∂b"], [X * mask]),
    ):
        found = admissible.gradient(three, X, Y, mask, cotangent=np.ones_like(X), wrt=wrt)
        assert [part.name for part in found.parts] == names
        for part, gradient in zip(found.parts, gradients, strict=True):
            assert np.array_equal(part.low, gradient)
            assert np.array_equal(part.high, gradient)
    for wrt, said in (("keep", "'keep'"), (2, "2"), (["a", "c"], r"\['a', 'c'\]")):
        with pytest.raises(ValueError, match=rf"^wrt is of a, b, or their positions, not {said}$"):
            admissible.gradient(three, X, Y, mask, cotangent=X, wrt=wrt)


def test_a_cotangent_belongs_to_each_output() -> None:
    """Without it the second output would get the cotangent of the first."""
    two = lambda xp, x: (x * 2, xp.sum(x, axis=1))  # noqa: E731
    g, h = np.float32([[1, 0], [0, 2]]), np.float32([10, 20])
    found = admissible.gradient(two, X, cotangent=(g, h))
    assert np.array_equal(found.lower, 2 * g + h[:, None])
    assert np.array_equal(found.upper, found.lower)
    same = admissible.gradient(lambda xp, x: (x, x), X, cotangent=[g, 3 * g])
    assert np.array_equal(same.middle, 4 * g)
    unused = admissible.gradient(lambda xp, x, y: x, X, Y, cotangent=g)
    assert np.array_equal(unused.parts[1].low, 0 * Y)
    assert np.array_equal(admissible.gradient(lambda xp, x: xp.sum(x), X).lower, np.ones_like(X))
    with pytest.raises(
        ValueError, match=r"^the cotangent has shapes \[\(2,\)\], the formula's outputs \[\(2, 2\), \(2,\)\]$"
    ):
        admissible.gradient(two, X, cotangent=h)


def test_arguments_are_called_as_the_formula_calls_them() -> None:
    """Without it a formula made of another would have arguments without names."""
    assert parameters(product, 2) == ["left", "right"]
    assert parameters(partial(product, right=1), 2) == ["left", "right"]
    assert parameters(lambda xp, a, *rest: a, 3) == ["a", "rest", "argument 2"]
    assert parameters(lambda xp, a, b=1, c=2: a, 1) == ["a"]
    assert parameters(np.add, 1) == ["argument 0"] or len(parameters(np.add, 1)) == 1
    assert parameters(dict, 2) == ["argument 0", "argument 1"]


def test_whole_numbers_are_handed_on_wide() -> None:
    """Without it labels and quantised weights of 8 bits would wrap."""
    for dtype in (np.int8, np.uint8, np.int16, np.int64, np.uint32):
        assert wide(np.ones(2, dtype)).dtype == np.int64
    assert wide(np.ones(2, np.uint64)).dtype == np.uint64
    assert wide(np.ones(2, bool)).dtype == bool


NOTHING: list[tuple[Any, str]] = [
    (lambda xp, x: (), "a formula returns an array or several, not none"),
    (lambda xp, x: 1.0, "a formula returns arrays made of its arguments by operators and xp, not float"),
    (lambda xp, x: (x, X), "a formula returns arrays made of its arguments by operators and xp, not ndarray"),
]


@pytest.mark.parametrize(("formula", "line"), NOTHING)
def test_what_is_no_array_of_a_formula_is_refused(formula: Any, line: str) -> None:
    """Without it a number that was computed outside of the formula would have no roundings."""
    with pytest.raises(TypeError) as raised:
        admissible.value(formula, X)
    assert str(raised.value) == line


def test_a_list_of_outputs_is_several() -> None:
    """Without it a formula that returns a list would be refused."""
    assert [part.name for part in admissible.value(lambda xp, x: [x, x + 1], X).parts] == ["output 0", "output 1"]


def test_the_precision_of_an_answer_is_named_for_each_or_for_all() -> None:
    """Without it two answers in float16 would be asked for twice, or one more than there are go unseen."""
    two = lambda xp, x: (x, x + 1)  # noqa: E731
    for dtype, names in (
        (None, ["float32", "float32"]),
        ("float16", ["float16", "float16"]),
        (["float16", "float64"], ["float16", "float64"]),
        (np.float64, ["float64", "float64"]),
    ):
        assert [part.returned.name for part in admissible.value(two, X, dtype=dtype).parts] == names
    own = admissible.gradient(product, X, Y.astype(np.float16), cotangent=X)
    assert [part.returned.name for part in own.parts] == ["float32", "float16"]
    eights = admissible.gradient(product, X, Y.astype(ml_dtypes.float8_e5m2), cotangent=X)
    assert [part.returned.name for part in eights.parts] == ["float32", "float32"]
    for dtype in ("float16", ["float16"] * 2):
        asked = admissible.gradient(product, X, Y, cotangent=X, dtype=dtype)
        assert [part.returned.name for part in asked.parts] == ["float16"] * 2
    with pytest.raises(ValueError, match=r"^dtype names 3 precisions, for 2 arrays$"):
        admissible.value(two, X, dtype=["float16"] * 3)


@pytest.mark.parametrize(
    ("dtypes", "found"),
    [
        (["float32"], "float32"),
        (["float16", "float32", "int64"], "float32"),
        (["float16", "float64"], "float64"),
        (["float16", "bfloat16"], "float32"),
        (["float16", "bfloat16", "float64"], "float64"),
        (["bfloat16", "bool"], "bfloat16"),
        (["float8_e5m2"], "float32"),
        (["float8_e4m3fn", "float16"], "float16"),
    ],
)
def test_the_widest_of_the_arrays_is_the_precision_of_a_program(dtypes: list[str], found: str) -> None:
    """Without it one argument in float16 would make a float32 kernel a half precision one."""
    arrays = [np.ones(2).astype(getattr(ml_dtypes, name, None) or name) for name in dtypes]
    assert storage(arrays) == found


def test_what_holds_no_floating_point_numbers_has_no_precision() -> None:
    """Without it a formula of integers would be judged in some precision."""
    line = "none of the arrays holds floating-point numbers: their precision says what a program rounds to"
    with pytest.raises(TypeError, match=rf"^{line}$"):
        admissible.value(lambda xp, x: x, np.ones(2, int))
    with pytest.raises(
        TypeError, match=r"^a Python number has no precision: give the formula its own, as by functools.partial$"
    ):
        admissible.value(product, X, 2.0)
    assert 5 in admissible.value(lambda xp, x, i: x[0, 0] * i, X, 5)
    assert np.float32(2) in admissible.value(lambda xp, x: x * 2, np.float32(1))


def test_arrays_are_taken_as_they_are() -> None:
    """Without it a list would be refused, a mask be dropped, or a name be taken for a number."""
    assert taken([1.0, 2.0]).dtype == np.float64
    assert taken(X) is X
    assert taken(np.float16(1)).dtype == np.float16
    assert taken(True).dtype == bool
    assert taken(np.ones(2, ml_dtypes.bfloat16)).dtype.name == "bfloat16"
    with pytest.raises(TypeError, match=r"^a masked array has entries that are no numbers$"):
        taken(np.ma.array([1.0], mask=[True]))
    for wrong, name in ((["a"], "str32"), ([1j], "complex128"), ([None], "object")):
        line = f"an array of {name}: of {', '.join(STORED[:6])}, integers or bool it can be"
        with pytest.raises(TypeError, match=rf"^{line}$"):
            taken(wrong)


class Tensor:
    """As torch's: on a tape and a device, and its numbers only by DLPack."""

    def __init__(self, array: Any, calls: list[str]) -> None:
        self.array, self.calls, self.dtype = array, calls, f"torch.{array.dtype.name}"

    def __getattr__(self, name: str) -> Any:
        if name not in ("detach", "cpu", "contiguous"):
            raise AttributeError(name)
        self.calls.append(name)
        return lambda: self

    def __dlpack__(self, **options: Any) -> Any:
        return self.array.__dlpack__(**options)

    def __dlpack_device__(self) -> Any:
        return self.array.__dlpack_device__()


def test_a_tensor_is_taken_off_its_tape_and_its_device() -> None:
    """Without it the tensor of a parameter, or one on a GPU, could not be judged."""
    calls: list[str] = []
    assert np.array_equal(taken(Tensor(X, calls)), X)
    assert [name for name in calls if name != "detach"] == ["cpu", "contiguous"]
    assert calls.count("detach") >= 1


class Bits(Tensor):
    """One whose numbers only its bits tell, as torch's bfloat16."""

    def view(self, dtype: Any) -> Any:
        return Tensor(self.array.view(dtype), self.calls)

    def __dlpack__(self, **options: Any) -> Any:
        raise TypeError("not this dtype")


@pytest.mark.parametrize("name", ["bfloat16", "float8_e5m2"])
def test_a_tensor_that_numpy_does_not_know_comes_by_its_bits(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it torch's bfloat16 would be refused, or be other numbers."""
    monkeypatch.setitem(sys.modules, "torch", SimpleNamespace(int16=np.int16, uint8=np.uint8))
    given = np.array([1.5, -2.0, 0.25]).astype(getattr(ml_dtypes, name))
    found = taken(Bits(given, []))
    assert found.dtype.name == name
    assert np.array_equal(found.astype(float), given.astype(float))


class WithoutDlpack:
    """An array that only its own library makes one of NumPy's."""

    def __dlpack__(self, **options: Any) -> Any:
        raise BufferError("not on this device")

    def __dlpack_device__(self) -> Any:
        return (1, 0)

    def __array__(self, *arguments: Any, **options: Any) -> Any:
        return X


def test_what_dlpack_does_not_know_comes_by_its_own_library() -> None:
    """Without it bfloat16 of jax would be refused."""
    assert np.array_equal(taken(WithoutDlpack()), X)


def doubled(xp: Any, x: Any) -> Any:
    return 2 * x


def test_an_algorithm_is_a_formula_for_the_same_function() -> None:
    """Without it a wrong alternative would admit its own mistake, or a right one be refused."""
    found = admissible.value(doubled, X, algorithms=[lambda xp, x: x + x])
    assert len(found.alternatives) == 1
    assert 2 * X in found
    for other, line in (
        (lambda xp, x: 3 * x, r"<lambda> is another function: at output\[0, 0\] it is 3\.0, the formula 2\.0"),
        (lambda xp, x: x + x[::-1], r"<lambda> is another function: at output\[0, 0\] it is 4\.0, the formula 2\.0"),
        (
            lambda xp, x: x[0] * 2,
            r"<lambda> is another function: it returns shapes \[\(2,\)\], the formula \[\(2, 2\)\]",
        ),
        (
            partial(product, right=3.0),
            r"an algorithm is another function: at output\[0, 0\] it is 3\.0, the formula 2\.0",
        ),
    ):
        with pytest.raises(ValueError, match=rf"^{line}$"):
            admissible.value(doubled, X, algorithms=[other])
    with pytest.raises(ValueError, match=r"^total is another function: at output it is 10\.0, the formula 20\.0$"):
        admissible.value(lambda xp, x: 2 * xp.sum(x), X, algorithms=[total])
    for wrong in (doubled, [3]):
        with pytest.raises(TypeError, match=r"^algorithms is a list of formulas$"):
            admissible.value(doubled, X, algorithms=wrong)  # type: ignore[arg-type]


def total(xp: Any, x: Any) -> Any:
    return xp.sum(x)


def test_an_algorithm_of_a_gradient_takes_the_cotangents_too() -> None:
    """Without it a backward pass of one's own could not be declared."""
    found = admissible.gradient(product, X, Y, cotangent=X, algorithms=[lambda xp, x, y, g: (g * y, x * g)])
    assert (X * Y, X * X) in found
    assert found.alternatives[0].parts[1].returned.name == "float32"
    with pytest.raises(
        ValueError, match=r"^<lambda> is another function: at ∂left\[0, 0\] it is 1\.0, the formula 5\.0"
    ):
        admissible.gradient(product, X, Y, cotangent=X, algorithms=[lambda xp, x, y, g: (g * x, x * g)])
    one = admissible.gradient(total, X, algorithms=[lambda xp, x, g: xp.broadcast_to(g, x.shape)])
    assert np.ones_like(X) in one


def test_only_the_chosen_outputs_are_judged() -> None:
    """Without it ``outputs`` could be lost on the way."""
    assert admissible.value(doubled, X, outputs=1).parts[0].count == 1
    assert admissible.gradient(product, X, Y, cotangent=X, outputs=1).parts[1].count == 1
    both = admissible.value(doubled, X, outputs=1, algorithms=[lambda xp, x: x + x])
    assert both.alternatives[0].parts[0].count == 1


def test_a_question_keeps_what_it_was_asked_with() -> None:
    """Without it a set could not be asked for again, at other arrays or in another arithmetic."""
    asked = question(product, [X, Y], model("float32"), X, ("left",), "float16")
    assert (asked.wrt, asked.dtype, asked.names()) == ((0,), ("float16",), ["∂left"])
    assert asked.cotangents is not None
    assert asked.cotangents[0] is X
    assert asked.at((Y, X)).arrays[0] is Y
    assert asked.in_arithmetic(every=True).arithmetic == model("float32", rounds="every operation")
    plain = question(product, [X, Y], model("float32"))
    assert (plain.cotangents, plain.wrt, plain.dtype, plain.names()) == (None, (), (), [])
    (true,) = plain.without_rounding()
    assert np.array_equal(true.x.m, X * Y)
    assert not true.x.r.any() or math.isfinite(true.x.r.max())
