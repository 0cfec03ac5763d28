"""How wide the sets of single functions are, in ulps, beside the tolerances that others choose by hand.

Claim: no set is wider than the tolerance of the web platform tests of WebNN (2023) on their kind of inputs, unless an
algorithm that needs it is named here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from ffn import ActivationCase, Case, Network, Output, admissible
from ffn.admissible import AdmissibleSet
from ffn.numbers.precision import precision

Array = Any


@dataclass(frozen=True)
class Width:
    """What is measured: of which function, on what inputs.

    Attributes:
        admitted: from the inputs to their set.
        tolerance: that of the web platform tests, in ulps.
        widest: the most ulps that an admitted number is off.
        needed_by: of a set that is wider than the tolerance, the algorithm that needs it.
    """

    admitted: Callable[[Array, Any], AdmissibleSet]
    dtype: str
    scale: float
    tolerance: int
    widest: int
    columns: int = 0
    needed_by: str = ""


def activation(name: str, negative_slope: float | None = None) -> Callable[[Array, Any], AdmissibleSet]:
    return lambda z, assumed: admissible.activation(ActivationCase(name, z, negative_slope), assumed)


SHIFT = "z − m, rounded before the exponential: an ulp for each unit of |z − m|"
FOUR_ULPS = "an exponential that is 4 ulps off, as NumPy states"
ONCE_ROUNDED = "a slope of 1/100, rounded to the precision and then multiplied"
WIDTHS = {
    "sigmoid": Width(activation("sigmoid"), "float16", 8.0, 3, 3),
    "sigmoid, float32": Width(activation("sigmoid"), "float32", 10.0, 34, 14),
    "leaky relu": Width(activation("leaky_relu", 0.25 + 2.0**-9), "float16", 10.0, 1, 1),
    "leaky relu, float32": Width(activation("leaky_relu", 0.25 + 2.0**-9), "float32", 10.0, 1, 1),
    "leaky relu of 1/100": Width(activation("leaky_relu", 0.01), "float32", 10.0, 1, 2, needed_by=ONCE_ROUNDED),
    "softplus": Width(activation("softplus"), "float16", 8.0, 18, 3),
    "softplus, float32": Width(activation("softplus"), "float32", 10.0, 18, 17),
    "tanh": Width(activation("tanh"), "float16", 10.0, 16, 4),
    "tanh, float32": Width(activation("tanh"), "float32", 10.0, 16, 18, needed_by="−e/(2 + e) for e = expm1(−2|z|)"),
    **{
        f"softmax of {n}, inputs to {scale:g}, {dtype}": Width(
            admissible.softmax, dtype, scale, 3 * n + 3, widest, n, needed_by
        )
        for n, scale, dtype, widest, needed_by in (
            (3, 1.0, "float16", 8, ""),
            (4, 1.0, "float16", 9, ""),
            (5, 1.0, "float16", 11, ""),
            (6, 1.0, "float16", 13, ""),
            (3, 10.0, "float16", 21, SHIFT),
            (6, 10.0, "float16", 23, SHIFT),
            (3, 1.0, "float32", 26, FOUR_ULPS),
            (6, 1.0, "float32", 36, FOUR_ULPS),
        )
    },
}


def ordinal(numbers: Array) -> Array:
    """Neighbouring floats have neighbouring ordinals; the numbers are not negative."""
    return numbers.view(np.uint16 if numbers.itemsize == 2 else np.uint32).astype(np.int64)


def widest(width: Width) -> int:
    """How many ulps the numbers of the set are off what is nearest to the truth."""
    shape = (60, width.columns) if width.columns else (400,)
    z = np.random.default_rng(0).uniform(-width.scale, width.scale, shape).astype(width.dtype)
    admitted, exact = width.admitted(z, None), width.admitted(z, precision(width.dtype).with_bits(90))
    low, truth, high = (abs(np.asarray(each)) for each in (admitted.lower, exact.middle, admitted.upper))
    low, high = np.minimum(low, high), np.maximum(low, high)
    ends = [each.astype(width.dtype) for each in (low, truth, high)]
    ends[0] += np.where(ends[0] < low, np.spacing(ends[0]), 0).astype(width.dtype)  # the ends of what is inside
    ends[2] -= np.where(ends[2] > high, np.spacing(ends[2]), 0).astype(width.dtype)
    below, nearest, above = map(ordinal, ends)
    return int(max((nearest - below).max(), (above - nearest).max()))


@pytest.mark.parametrize("name", WIDTHS)
def test_a_set_is_as_wide_as_is_written_here_and_no_wider_than_standards_allow(name: str) -> None:
    """Without it a set could grow unseen, or pass what a standard by hand refuses."""
    width = WIDTHS[name]
    assert widest(width) == width.widest
    assert bool(width.needed_by) == (width.widest > width.tolerance)


def test_a_categorical_loss_of_large_logits_does_not_admit_what_onnx_refuses() -> None:
    """Without it 0.4437 would be the loss of logits 10000 … 10003, where it is 0.4401897."""
    z = np.array([10000, 10001, 10002, 10003], np.float32)
    case = Case(Network(1, 4, Output("categorical")), ((0 * z[None], z),), np.ones((1, 1), np.float32), np.array([3]))
    loss = admissible.loss(case)
    assert np.float32(0.4437) not in loss
    by_log_sum_exp = np.float32(10003) + np.log(np.exp(z - z.max()).sum()) - z[3]
    assert by_log_sum_exp != pytest.approx(0.4401897, abs=1e-4)
    assert by_log_sum_exp in loss
