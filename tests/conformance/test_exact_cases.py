"""Exact cases: what is certified is rounded by no correct program, and every place along every axis counts.

Claims: the certificate holds in random orders, in blocks, fused and with wider accumulators, and refuses sums one unit
too large; the answer is that of fractions; every row, input, unit and piece that is left out changes an answer; a copy
of the weights in fewer bits changes one too.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ffn import admissible, reference
from ffn.cases.case import Case, flat
from ffn.cases.exact.arithmetic import Rounds, Unrounded, lowest_bit
from ffn.cases.exact.certificate import exactly
from ffn.cases.exact.making import exact_case
from ffn.conformance.laws.exact import every_depth, every_size
from ffn.network.formulas import evaluate
from ffn.numbers.exact import exact
from ffn.numbers.precision import NAMES, dtype_of, precision
from tests.conformance.implementations.arithmetic import fused_dot, pairwise
from tests.conformance.implementations.bugs.exact import of_bits
from tests.conformance.implementations.textbook import Array, Textbook, textbook
from tests.helpers.profiles import examples

SMALL = {"rows": 8, "inputs": 9, "width": 11, "units": 5}
LAYERS = [row for row in every_depth() if row["depth"] == 1]


def shuffled(self: Textbook, a: Array, b: Array) -> Array:
    """Each product rounded, and added in a random order."""
    order = np.random.default_rng(a.size).permutation(a.shape[1])
    total = np.zeros((len(a), b.shape[1]), a.dtype)
    for place in order:
        total = total + a[:, place, None] * b[None, place]
    return total


def blocked(self: Textbook, a: Array, b: Array) -> Array:
    """From the end, in blocks of 8."""
    starts = range(0, a.shape[1], 8)[::-1]
    return np.stack([Textbook.dot(self, a[:, s : s + 8], b[s : s + 8]) for s in starts]).sum(axis=0)


def in_float64(self: Textbook, a: Array, b: Array) -> Array:
    return (a.astype(np.float64) @ b.astype(np.float64)).astype(a.dtype)


ORDERS = (
    textbook("shuffled", dot=shuffled, sum=lambda self, terms: terms[::-1].sum(axis=0)),
    textbook("blocked", dot=blocked, sum=pairwise),
    textbook("wide", dot=in_float64),
    textbook("as it comes"),
)


def equal(name: str, case: Case, computed: Any) -> bool:
    return computed in admissible.exact(name, case)


@pytest.mark.parametrize("dtype", NAMES)
@given(st.sampled_from(every_depth()), st.integers(0, 2**32 - 1))
@examples(8)
def test_no_order_of_summation_rounds(dtype: str, levels: Any, seed: int) -> None:
    """Without it a correct program could be called wrong for adding up from the other end."""
    case = exact_case(levels, dtype, seed)
    for program in (*ORDERS, textbook("fused", dot=fused_dot)):
        assert equal("forward", case, program.forward(*case.arguments("forward"))), program.name
        assert equal("gradient", case, program.gradient(*case.arguments("gradient"))), program.name


@pytest.mark.parametrize("dtype", NAMES)
def test_no_order_of_summation_rounds_at_width(dtype: str) -> None:
    """Without it a long sum could be certified that is rounded when its terms come in another order."""
    for levels in every_size()[::3]:
        case = exact_case(levels, dtype)
        for program in ORDERS:
            assert equal("gradient", case, program.gradient(*case.arguments("gradient"))), (program.name, levels)


@pytest.mark.parametrize("dtype", NAMES)
def test_one_unit_too_many_is_refused(dtype: str) -> None:
    """Without it the bound could be any: with 2^p + 1 units the order of a sum shows."""
    xp, p = Unrounded(precision(dtype)), precision(dtype).bits
    ones, half = np.ones((3, 1)), 2.0 ** (p - 1)

    def total(*terms: float) -> Any:
        return xp.matmul(xp.asarray(np.array([terms])), xp.asarray(ones[: len(terms)])).values

    assert total(half, half - 2, 1) == 2.0**p - 1
    with pytest.raises(Rounds):
        total(half, half - 1, 1)
    one, large = (np.ones((), dtype_of(dtype)) * dtype_of(dtype).type(each) for each in (1, half))
    assert (large + large) + one != large + (large + one) or (one + one + large) + large != (large + large + one) + one


@pytest.mark.parametrize("dtype", NAMES)
@given(st.integers(1, 5), st.integers(0, 2**32 - 1))
@examples(30)
def test_what_is_certified_is_the_same_in_every_order(dtype: str, bits: int, seed: int) -> None:
    """Without it the certificate could pass sums that only some orders compute exactly."""
    random = np.random.default_rng(seed)
    scale = precision(dtype).bits // 2 - 2 + bits
    a, b = (random.integers(-(2**scale), 2**scale, shape) / 2.0**bits for shape in ((3, 6), (6, 3)))
    a[random.random(a.shape) < 0.5] = 0
    a, b = (of_bits(each, precision(dtype).bits).astype(dtype_of(dtype)) for each in (a, b))
    xp = Unrounded(precision(dtype))
    try:
        product = xp.matmul(xp.asarray(a), xp.asarray(b)).values
    except Rounds:
        return
    for program in ORDERS:
        assert np.array_equal(program.dot(a, b).astype(np.float64), product), program.name


@pytest.mark.parametrize("dtype", NAMES)
@given(st.sampled_from(every_depth()), st.integers(0, 2**32 - 1))
@examples(6)
def test_the_answer_is_that_of_fractions(dtype: str, levels: Any, seed: int) -> None:
    """Without it float64 could have rounded what is called exact."""
    case = exact_case(levels, dtype, seed)
    for name in ("forward", "gradient"):
        of_fractions = flat(evaluate(exact, name, *case.arguments(name)))
        assert all((a == b).all() for a, b in zip(flat(exactly(name, case)), of_fractions, strict=True))


def without_each(case: Case) -> Iterator[tuple[str, Case]]:
    """The case with one place of one axis zero in everything that has the axis: what skipping it would compute."""
    for axis, length in case.lengths().items():
        for place in range(length):
            yield f"{axis} {place}", _without(case, axis, place)


def _without(case: Case, axis: str, place: int) -> Case:
    def silenced(array: Any, axes: Any) -> Any:
        changed = array.copy()
        for at, name in enumerate(axes):
            if name == axis:
                np.moveaxis(changed, at, 0)[place] = 0
        return changed

    def tree(arrays: Any, axes: Any) -> Any:
        if isinstance(arrays, tuple):
            return tuple(tree(*each) for each in zip(arrays, axes, strict=True))
        return silenced(arrays, axes)

    return case.changed(**{name: tree(arrays, axes) for name, arrays, axes in case.with_axes()})


@pytest.mark.parametrize("dtype", NAMES)
@pytest.mark.parametrize(
    "layer", LAYERS, ids=lambda row: f"{row['activation']} {row.get('slope', row.get('pieces', ''))}"
)
def test_every_place_of_every_axis_counts(dtype: str, layer: Any) -> None:
    """Without it a kernel could skip a place that nothing looks at: the last row, a middle unit, one piece."""
    for depth in (0, 1, 2):
        case = exact_case({**layer, **SMALL, "depth": depth, "reduction": "sum", "output": "gaussian"}, dtype)
        for what, other in without_each(case):
            answers = {name: getattr(reference, name)(*other.arguments(name)) for name in ("forward", "gradient")}
            assert not all(equal(name, case, answer) for name, answer in answers.items()), (what, depth)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_copy_of_the_weights_in_fewer_bits_shows(dtype: str) -> None:
    """Without it weights of ±1 alone would hide that each layer keeps a narrowed copy; also of the backward pass."""
    for depth in (0, 1, 2, 3):
        case = exact_case({**SMALL, "depth": depth}, dtype, seed=depth, answers=("forward",))
        narrow = case.mapped(partial(of_bits, bits=precision(dtype).bits - 1), "parameters")
        assert not equal("forward", case, reference.forward(*narrow.arguments("forward")))


def narrowed_backwards(self: Textbook, W: Array, dz: Array) -> Array:
    return self.dot(dz, of_bits(W, precision(W.dtype.name).bits - 1).T)


@pytest.mark.parametrize("dtype", NAMES)
def test_a_narrowed_copy_in_the_backward_pass_shows(dtype: str) -> None:
    """Without it the weights that take cotangents back could be others than those of the forward pass."""
    case = exact_case({**SMALL, "rows": 2}, dtype)
    program = textbook("narrowed", input_cotangent=narrowed_backwards)
    assert not equal("gradient", case, program.gradient(*case.arguments("gradient")))


@pytest.mark.parametrize(("dtype", "bits"), [("float32", 11), ("float64", 24)])
def test_inputs_have_more_bits_than_the_next_narrower_precision(dtype: str, bits: int) -> None:
    """Without it products rounded to 11 bits, or in float32, would be those of the precision."""
    x = exact_case(SMALL, dtype).x.astype(np.float64)
    assert np.median(np.log2(np.abs(x) / lowest_bit(x)) + 1) > bits - 2
    assert np.max(np.log2(np.abs(x) / lowest_bit(x)) + 1) > bits


@pytest.mark.parametrize("dtype", NAMES)
def test_plans_can_be_made(dtype: str) -> None:
    """Without it a level could be planned that no case has."""
    for levels in (*every_depth(), *every_size()):
        for answer in ("forward", "gradient"):
            exact_case(levels, dtype, 0, (answer,))


@pytest.mark.parametrize(
    "levels",
    [
        {"activation": "tanh"},
        {"activation": "leaky_relu", "slope": 0.01},
        {"reduction": "mean", "rows": 3},
        {"decay": 0.1},
        {"output": "categorical", "units": 2},
    ],
    ids=lambda levels: next(iter(levels.values())),
)
def test_what_rounds_is_refused(levels: Any) -> None:
    """Without it a case could be called exact that has no exact answer."""
    with pytest.raises(Rounds, match="every program rounds"):
        exact_case(levels, "float32")
