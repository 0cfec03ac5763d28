"""The precision of an answer: that of the arrays, or the one that is declared."""

from typing import Any

import numpy as np
import pytest

from ffn import admissible
from ffn.admissible import formulas
from ffn.numbers.precision import dtype_of


def arrays(seed: int, dtype: Any, *shapes: tuple[int, ...]) -> list[Any]:
    rng = np.random.default_rng(seed)
    return [rng.normal(size=shape).astype(dtype) for shape in shapes]


def exponential(xp: Any, x: Any) -> Any:
    return xp.exp(x)


def test_an_answer_in_a_narrower_precision_is_outside() -> None:
    """Without it a kernel that computes in float16 could pass for a fast one."""
    (x,) = arrays(2, np.float32, (50,))
    admitted = admissible.value(formulas.gelu_tanh, x)
    assert x.astype(np.float16) not in admitted
    assert "float16" in admitted.explain(x.astype(np.float16))


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_an_answer_has_the_precision_of_the_arrays_or_the_one_declared(dtype: str) -> None:
    """Without it a forgotten cast, the commonest mistake in half precision, would pass."""
    x = arrays(12, np.float32, (50,))[0].astype(dtype_of(dtype))
    wide = np.exp(x.astype(np.float32))
    plain = admissible.value(exponential, x, compute="float32")
    assert wide.astype(x.dtype) in plain
    for name in ("float32", "float64"):
        assert wide.astype(name) not in plain
        assert f"output is returned in {name}, where the arrays are {dtype}" in plain.explain(wide.astype(name))
    declared = admissible.value(exponential, x, compute="float32", dtype="float32")
    assert wide in declared
    assert wide.astype(x.dtype).astype(np.float32) not in declared
    assert wide.astype(x.dtype) not in declared
    narrow = admissible.value(exponential, x.astype(np.float32), dtype=dtype)
    assert wide.astype(x.dtype) in narrow


def test_several_answers_have_a_precision_each() -> None:
    """Without it parameters in bfloat16 with moments in float32 could not be judged. The gradient of an argument has
    the argument's own."""
    x, w = np.float16([1.5, 2.25]), np.float32([0.1, 0.3])
    two = lambda xp, x, w: (x * w, x + w)  # noqa: E731
    computed = ((x * w).astype(np.float16), x + w)
    assert computed in admissible.value(two, x, w, dtype=("float16", "float32"))
    assert computed not in admissible.value(two, x, w)
    product = lambda xp, x, w: xp.sum(x * w)  # noqa: E731
    assert (w.astype(np.float16), x.astype(np.float32)) in admissible.gradient(product, x, w)
    with pytest.raises(ValueError, match=r"^dtype names 2 precisions, for 1 arrays$"):
        admissible.value(exponential, x, dtype=("float16", "float32"))
    with pytest.raises(ValueError, match=r"^dtype is one of[^\n]*$"):
        admissible.value(exponential, x, dtype="int8")


def test_a_python_number_is_an_answer_of_any_precision() -> None:
    """Without it a loss taken out of its array would be in float64."""
    x = np.float32([1, 3])
    admitted = admissible.value(lambda xp, x: xp.mean(x), x)
    assert 2.0 in admitted
    assert 2.5 not in admitted
