"""``kernel(x) in admissible.value(formula, x)``."""

import math
import tracemalloc
from typing import Any

import ml_dtypes
import numpy as np
import pytest

from ffn import admissible
from ffn.admissible import formulas
from ffn.admissible.examination import NotJudged

SIZES = (63, 64, 65, 200)


def arrays(seed: int, dtype: Any, *shapes: tuple[int, ...]) -> list[Any]:
    rng = np.random.default_rng(seed)
    return [rng.normal(size=shape).astype(dtype) for shape in shapes]


def my_layer_norm(x: Any, weight: Any, bias: Any) -> Any:
    wide = x.astype(np.float32)
    centred = wide - wide.mean(axis=-1, keepdims=True)
    variance = (centred**2).mean(axis=-1, keepdims=True)
    return (centred / np.sqrt(variance + np.float32(1e-5)) * weight + bias).astype(x.dtype)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("dtype", [np.float32, np.float16, ml_dtypes.bfloat16])
def test_a_layer_norm_of_ones_own(size: int, dtype: Any) -> None:
    """The first example of the documentation."""
    x, weight, bias = arrays(size, dtype, (8, size), (size,), (size,))
    admitted = admissible.value(formulas.layer_norm, x, weight, bias, compute="float32")
    assert my_layer_norm(x, weight, bias) in admitted
    wrong = my_layer_norm(x, weight, bias)
    wrong[:, -1] = bias[-1]  # the last column is left out of the loop
    assert wrong not in admitted


def polynomial(xp: Any, x: Any, y: Any) -> Any:
    return (3 * x + 0.5 * y) * x - xp.sum(y, axis=-1, keepdims=True)


@pytest.mark.parametrize("dtype", [np.float16, ml_dtypes.bfloat16, np.float32, np.float64])
def test_whole_numbers_give_single_points(dtype: Any) -> None:
    """Without it a constant that is wrong in its fifth digit would hide behind the roundings of random inputs.

    Multiples of 2^g below 2^(p + g) do not round, in whatever order they are added.
    """
    rng = np.random.default_rng(0)
    x, y = (rng.integers(-2, 3, size=(4, 6)).astype(dtype) for _ in range(2))
    admitted = admissible.value(polynomial, x, y)
    exact = (3 * x.astype(float) + 0.5 * y.astype(float)) * x.astype(float) - y.astype(float).sum(-1, keepdims=True)
    assert np.array_equal(admitted.lower, exact)
    assert np.array_equal(admitted.upper, exact)
    assert exact.astype(dtype) in admitted


def test_beyond_the_precision_whole_numbers_round() -> None:
    """The other side: 2^11 + 1 is no float16, so that both of its neighbours are admitted."""
    x = np.array([2048], dtype=np.float16)
    admitted = admissible.value(lambda xp, x: x + 1, x)
    assert np.float16([2048]) in admitted
    assert np.float16([2050]) in admitted
    assert np.float16([2052]) not in admitted


def test_a_fused_multiply_add_is_admitted() -> None:
    """Without it a compiler's contraction would be called wrong: the product enters the sum unrounded."""
    a, b, c = arrays(1, np.float32, (1000,), (1000,), (1000,))
    fused = (a.astype(np.float64) * b + c).astype(np.float32)
    admitted = admissible.value(lambda xp, a, b, c: a * b + c, a, b, c)
    assert fused in admitted
    assert a * b + c in admitted


def exponential(xp: Any, x: Any) -> Any:
    return xp.exp(x)


def test_every_order_and_its_declared_depth() -> None:
    """Without it nothing would be judged of long sums in narrow precisions."""
    x = np.ones((4, 1024), dtype=ml_dtypes.bfloat16)
    formula = lambda xp, x: xp.sum(x, axis=-1)  # noqa: E731
    pairs = x
    while pairs.shape[-1] > 1:
        pairs = pairs[:, ::2] + pairs[:, 1::2]
    with pytest.raises(NotJudged, match="depth"):
        assert pairs[:, 0] in admissible.value(formula, x)
    assert pairs[:, 0] in admissible.value(formula, x, depth=lambda n: math.ceil(math.log2(n)))
    one_by_one = np.add.accumulate(x, axis=-1)[:, -1]
    assert (one_by_one == 256).all()  # where adding 1 changes nothing any more
    assert one_by_one not in admissible.value(formula, x, depth=10)


def test_an_overflow_is_not_judged() -> None:
    x = np.array([60000.0, 60000.0], dtype=np.float16)
    with pytest.raises(NotJudged, match="not judged"):
        assert np.float16(np.inf) in admissible.value(lambda xp, x: xp.sum(x), x)


def test_an_algorithm_for_the_same_function_is_admitted_whole() -> None:
    """Without it a variance in one pass would be called wrong, or a mixture of two algorithms right."""
    x, weight, bias = arrays(4, np.float32, (6, 64), (64,), (64,))
    x += 100
    variance = (x * x).mean(-1, keepdims=True) - x.mean(-1, keepdims=True) ** 2
    one_pass = (x - x.mean(-1, keepdims=True)) / np.sqrt(variance + np.float32(1e-5)) * weight + bias
    assert one_pass not in admissible.value(formulas.layer_norm, x, weight, bias)
    both = admissible.value(formulas.layer_norm, x, weight, bias, algorithms=[formulas.layer_norm_one_pass])
    assert one_pass in both
    assert my_layer_norm(x, weight, bias) in both
    assert one_pass * np.float32(1.5) not in both


def test_an_algorithm_for_another_function_is_refused() -> None:
    """Without it a wrong alternative would admit its own mistake."""
    x, weight, bias = arrays(5, np.float32, (6, 64), (64,), (64,))

    def unbiased(xp: Any, x: Any, weight: Any, bias: Any) -> Any:
        return formulas.layer_norm(xp, x, weight, bias, eps=1.00001e-5)

    with pytest.raises(ValueError, match="unbiased is another function"):
        admissible.value(formulas.layer_norm, x, weight, bias, algorithms=[unbiased])


def test_eager_code_may_store_a_reciprocal() -> None:
    """Without it 3/x in half precision would be called wrong, where a library makes it of 1/x."""
    x = np.linspace(0.05, 0.5, 500).astype(np.float16)
    computed = (1 / x) * np.float16(3)
    options = {"rounds": "every operation", "compute": "float32"}
    assert computed in admissible.value(lambda xp, x: 3 / x, x, **options)
    assert computed not in admissible.value(lambda xp, x: 3 / x, x, compute="float32")


def test_eager_code_may_store_a_root() -> None:
    """Without it a reciprocal root in half precision would be called wrong in the tail of a vector, where a library
    makes it of a square root."""
    x = np.linspace(0.1, 10, 2000).astype(np.float16)
    stored = (1 / np.sqrt(x.astype(np.float32)).astype(np.float16).astype(np.float32)).astype(np.float16)
    options = {"rounds": "every operation", "compute": "float32"}
    assert stored in admissible.value(lambda xp, x: xp.rsqrt(x), x, **options)
    assert stored not in admissible.value(lambda xp, x: xp.rsqrt(x), x, compute="float32")


def test_small_integers_do_not_wrap() -> None:
    """Without it a dequantisation that wraps in int8 would be admitted, and a correct one called wrong."""
    x, w = np.float32([1]), np.int8([100])
    admitted = admissible.value(lambda xp, x, w: x * (w * w), x, w)
    assert np.float32([10000]) in admitted
    assert x * (w * w) not in admitted


def test_the_true_value_is_that_of_the_formula_where_its_set_is_wide() -> None:
    """Without it the middle of a wide exponential would be called the true one."""
    x = np.array([3.0, 8.0], dtype=ml_dtypes.bfloat16)
    middle = admissible.value(lambda xp, x: xp.exp(x * 1.1 * 1.3), x).middle
    assert np.abs(middle / np.exp(np.float64([3, 8]) * 1.1 * 1.3) - 1).max() < 1e-14


def test_a_python_number_is_no_array() -> None:
    """Without it an ε would make the precision float64, and a correct kernel wrong."""
    with pytest.raises(TypeError, match=r"^a Python number has no precision"):
        admissible.value(lambda xp, x, eps: x + eps, np.float16([1]), 1e-5)


WRONG_OPTIONS: dict[str, dict[str, Any]] = {
    "off by ulps": {"functions": {"exp": -2}},
    "off by ulps from": {"functions": {"exp": float("nan")}},
    "off by ulps from 0.5": {"functions": {"exp": 0}},
    "off by ulps from 0.5, or": {"functions": {"exp": "2"}},
    "functions is a table": {"functions": ["exp"]},
    "no function is called": {"functions": {"cot": 1}},
    "depth is a number": {"depth": lambda n: 0},
    "depth is a number from 1": {"depth": lambda n: "n"},
    "depth is the longest": {"depth": -1},
    "compute is one of": {"compute": "half"},
    "algorithms is a list": {"algorithms": exponential},
}


@pytest.mark.parametrize("said", WRONG_OPTIONS)
def test_an_option_that_says_nothing_is_refused_in_one_line(said: str) -> None:
    """Without it a negative number of ulps would call every kernel wrong, and NaN every one right."""
    with pytest.raises((TypeError, ValueError), match=rf"^[^\n]*{said}[^\n]*$"):
        admissible.value(lambda xp, x: xp.sum(xp.exp(x)), np.ones((2, 2), dtype=np.float32), **WRONG_OPTIONS[said])


class OnAnotherDevice:
    """An array that NumPy reaches by DLPack alone."""

    def __init__(self, array: Any) -> None:
        self.array = array

    def __dlpack__(self, **options: Any) -> Any:
        return self.array.__dlpack__(**options)

    def __dlpack_device__(self) -> Any:
        return self.array.__dlpack_device__()


def test_arrays_come_by_dlpack() -> None:
    """Without it an array of torch, jax or CuPy would have to be copied by hand."""
    (x,) = arrays(6, np.float32, (5, 4))
    assert OnAnotherDevice(np.tanh(x)) in admissible.value(lambda xp, x: xp.tanh(x), OnAnotherDevice(x))


@pytest.mark.parametrize("name", ["float8_e4m3fn", "float8_e5m2"])
def test_inputs_of_eight_bits(name: str) -> None:
    x, y = (each.astype(getattr(ml_dtypes, name)) for each in arrays(7, np.float32, (5, 8), (8, 3)))
    admitted = admissible.value(lambda xp, x, y: x @ y, x, y)
    assert x.astype(np.float32) @ y.astype(np.float32) in admitted
    assert admitted.question.arithmetic.storage.name == "float32"


@pytest.mark.parametrize("formula", [formulas.silu, formulas.softmax], ids=["silu", "softmax"])
def test_memory_grows_as_the_outputs_do(formula: Any) -> None:
    """Without it a large answer could not be judged where its kernel ran."""

    def peak(rows: int, formula: Any) -> int:
        (x,) = arrays(13, np.float32, (rows, 100))
        tracemalloc.start()
        admissible.value(formula, x)
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    small, large = peak(2700, formula), peak(5400, formula)
    assert large < 2.1 * small
    assert large < 300 * 5400 * 100


def test_an_accumulator_may_start_from_what_is_added() -> None:
    """Without it a matrix product that begins with the bias would be called wrong where the bias is large.

    The planted bug: a bias that passes through the sum in a narrower precision.
    """
    for seed in range(10):
        rng = np.random.default_rng(seed)
        x, w, b = rng.normal(size=(6, 8)), rng.normal(size=(8, 8)), 100 * rng.normal(size=8)
        x, w, b = (each.astype(np.float32) for each in (x, w, b))
        total = low = np.broadcast_to(b, (6, 8))
        for k in range(8):
            total = total + x[:, k : k + 1] * w[k]
            low = (low + x[:, k : k + 1] * w[k]).astype(np.float16).astype(np.float32)
        for formula in (lambda xp, x, w, b: x @ w + b, lambda xp, x, w, b: b + xp.sum(x[:, :, None] * w, axis=1)):
            assert total in admissible.value(formula, x, w, b)
            assert low not in admissible.value(formula, x, w, b)


def test_a_wide_exponential_stays_above_zero() -> None:
    """Without it nothing would be known of the logarithm of a sum of exponentials in bfloat16."""
    (x,) = arrays(11, ml_dtypes.bfloat16, (6, 40))
    admitted = admissible.value(lambda xp, x: xp.exp(xp.sum(x * x, axis=-1) - 40), x / 8, depth=6)
    assert (admitted.lower > 0).all()


def test_bounds_that_do_not_meet_the_true_value_are_a_fault() -> None:
    """The set of float64 lies within that of the same numbers in float32, and both around the true value."""
    x, y = arrays(9, np.float32, (4, 5), (4, 5))
    narrow = admissible.value(polynomial, x, y)
    wide = admissible.value(polynomial, x.astype(np.float64), y.astype(np.float64))
    assert (narrow.lower <= wide.lower).all()
    assert (wide.upper <= narrow.upper).all()
    assert (wide.upper - wide.lower < 1e-7 * np.abs(wide.middle) + 1e-12).all()


def test_a_judgement_says_how_many_sets_are_one_number() -> None:
    """Without it half precision, computed wider and rounded once, would look as if it were judged loosely."""
    (x,) = arrays(10, np.float16, (100,))
    judgement = admissible.value(formulas.silu, x, compute="float32").judge(
        (x / (1 + np.exp(-x.astype(np.float32)))).astype(np.float16)
    )
    assert not judgement.outside
    assert "of the sets are one number" in str(judgement)
