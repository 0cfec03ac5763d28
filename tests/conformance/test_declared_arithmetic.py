"""Declared arithmetic: what an implementation says of its arithmetic is allowed, and no more.

Claims: nonsense gets one line; a declaration widens sets by what it says, and narrows them where it says less than is
assumed of everybody.
"""

from __future__ import annotations

from functools import reduce
from typing import Any

import numpy as np
import pytest

from ffn import ActivationCase, Case, Declared, Network, Output, admissible
from ffn.conformance.implementation.subject import Subject
from ffn.conformance.laws import matching
from ffn.conformance.running.runner import run_law
from ffn.conformance.verdict import Verdict
from ffn.numbers.precision import dtype_of, precision
from tests.conformance.implementations.arithmetic import wide_dot, wide_sum
from tests.conformance.implementations.textbook import textbook

Array = Any


@pytest.mark.parametrize(
    ("declared", "line"),
    [
        ({"accumulate": "half"}, "accumulate is float32 or float64, not 'half'"),
        ({"product_bits": 1}, "product_bits is a whole number from 2 to 24, float32's own, not 1"),
        ({"product_bits": 11.0}, "product_bits is a whole number from 2 to 24, float32's own, not 11.0"),
        ({"functions": ["exp"]}, r"functions is a dictionary of names and ulps, not \['exp'\]"),
        ({"functions": {"sin": 1}}, "functions has ulps of exp, log, log1p, tanh, lgamma, not of 'sin'"),
        ({"functions": {"exp": 0}}, "functions has exp off by a number of ulps from 0.5 up, not 0"),
        ({"functions": {"exp": float("nan")}}, "functions has exp off by a number of ulps from 0.5 up, not nan"),
        ({"subnormals": True}, "subnormals is kept or flushed, not True"),
    ],
)
def test_nonsense_gets_one_line(declared: dict[str, Any], line: str) -> None:
    """Without it a misspelt declaration would be none, and its author blamed for what they declared."""
    with pytest.raises(TypeError, match=f"^mine.{line}$"):
        Subject(textbook("mine", **declared))


def of_ones(terms: int, dtype: str) -> Case:
    """The sum of so many ones, as an output."""
    ones = np.ones((1, terms), dtype_of(dtype))
    return Case(Network(terms, 1, Output("gaussian")), ((ones.T, 0 * ones[0, :1]),), ones, ones[:, :1])


def test_sums_of_512_ones_decide_where_their_accumulator_is_declared() -> None:
    """Without it 300, or 900, would be 512 in bfloat16, where nothing says that sums are kept in float32."""
    case, model = of_ones(512, "bfloat16"), Declared(accumulate="float32").precision("bfloat16")
    for answer, admitted in ((300.0, False), (508.0, False), (512.0, True), (516.0, False), (900.0, False)):
        assert (np.array([[answer]]) in admissible.output(case, model)) == admitted
    assert np.array([[300.0]]) in admissible.output(case)


def test_an_accumulator_that_is_not_wider_changes_nothing() -> None:
    """Without it who offers float64 beside half precisions would have it judged as float32."""
    declared = Declared(accumulate="float32", product_bits=11)
    assert declared.precision("float64") == precision("float64")
    assert declared.precision("float32").accumulator is None
    assert declared.precision("float16").product_bits is None


def with_bits(bits: int, array: Array, cut: bool = False) -> Array:
    mantissa, exponent = np.frexp(array)
    return np.ldexp((np.trunc if cut else np.round)(np.ldexp(mantissa, bits)), exponent - bits).astype(array.dtype)


def products_of(bits: int, cut: bool = False) -> Any:
    return lambda self, a, b: with_bits(bits, a, cut) @ with_bits(bits, b, cut)


def verdict(law: str, dtype: str, **lines: Any) -> Verdict:
    (named,) = matching([law])
    return run_law(named, dtype, Subject(textbook("mine", **lines)), examples=6, shrink=False).verdict


@pytest.mark.parametrize("law", ["network/output", "network/gradient"])
def test_tensor_float_32_is_admitted_where_it_is_declared(law: str) -> None:
    """Without it TF32 could only be called wrong, or bfloat16 pass for it."""
    assert verdict(law, "float32", dot=products_of(11)) is Verdict.WRONG
    for cut in (False, True):
        assert not verdict(law, "float32", dot=products_of(11, cut), product_bits=11).fails
    assert verdict(law, "float32", dot=products_of(8), product_bits=11) is Verdict.WRONG
    assert not verdict(law, "float32", dot=products_of(8), product_bits=8).fails


@pytest.mark.parametrize("law", ["network/output", "network/gradient"])
def test_a_product_may_be_rounded_before_a_bias_is_added(law: str) -> None:
    """Without it who keeps products in a wide accumulator, and adds the bias to what is rounded, would be refused."""
    lines = {"dot": wide_dot, "sum": wide_sum, "accumulate": "float32"}
    assert not verdict(law, "bfloat16", **lines, dtypes=("bfloat16",)).fails


def test_nothing_is_exact_where_factors_are_declared_to_be_rounded() -> None:
    """Without it an exact case, whose inputs have more bits, would blame TF32 for what it declares."""
    assert verdict("exact/forward", "float32", dot=products_of(11)) is Verdict.WRONG
    assert verdict("exact/forward", "float32", dot=products_of(11), product_bits=11) is Verdict.NOT_OFFERED


def one_by_one(self: Any, a: Array, b: Array) -> Array:
    """Every partial sum in the precision of the arrays."""
    return reduce(np.add, a.T[:, :, None] * b[:, None, :])


def test_a_declared_accumulator_has_to_be_there() -> None:
    """Without it a sum kept in bfloat16 would pass for one kept in float32."""
    x, w = (np.random.default_rng(seed).normal(size=(1, 256)).astype(dtype_of("bfloat16")) for seed in (0, 1))
    case = Case(Network(256, 1, Output("gaussian")), ((w.T, 0 * w[0, :1]),), x, x[:, :1])
    wide = (x.astype(np.float32) @ w.T.astype(np.float32)).astype(x.dtype)
    for declared, narrow_too in ((Declared(), True), (Declared(accumulate="float32"), False)):
        admitted = admissible.output(case, declared.precision("bfloat16"))
        assert admitted.examine(wide).outside is None
        assert (admitted.examine(one_by_one(None, x, w.T)).outside is None) == narrow_too


@pytest.mark.parametrize(("ulps", "admitted"), [(None, False), (1, False), (4, True)])
def test_a_function_is_held_to_its_declared_error(ulps: float | None, admitted: bool) -> None:
    """Without it a native exponential of float16, three ulps off, could not be judged."""
    z = np.linspace(-6, 6, 101).astype(np.float16)
    e = np.exp(-np.abs(z))
    e = (e.astype(np.float64) + 3 * np.spacing(e)).astype(np.float16)
    sigmoid = np.where(z > 0, np.float16(1), e) / (np.float16(1) + e)
    declared = Declared() if ulps is None else Declared(functions=(("exp", ulps),))
    assert (sigmoid in admissible.activation(ActivationCase("sigmoid", z), declared.precision("float16"))) == admitted


def test_subnormals_that_are_declared_to_be_kept_have_to_be() -> None:
    """Without it who keeps them could lose them unseen."""
    tiny = np.array([1e-40], np.float32)
    case = ActivationCase("identity", tiny)
    assert 0 * tiny in admissible.activation(case)
    assert 0 * tiny not in admissible.activation(case, Declared(subnormals="kept").precision("float32"))
