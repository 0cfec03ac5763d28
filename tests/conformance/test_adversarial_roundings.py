"""Whatever the roundings of a program are, its answers are admitted.

Claim: the forward and the backward pass, each operation off by all that the error model allows and in either direction,
each function by its ulps, sums in any order, end in the admissible sets, in every precision and under a declaration.
"""

from __future__ import annotations

import math
from functools import reduce
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.lib.mixins import NDArrayOperatorsMixin

from ffn import Declared, admissible
from ffn.cases.case import mapped
from ffn.cases.networks import networks
from ffn.cases.strategies import cases, learned_variance_cases
from ffn.network.description import LEARNED_VARIANCE
from ffn.network.formulas import evaluate
from ffn.numbers.arrays import NumpyNamespace, elementwise
from ffn.numbers.precision import Precision, precision
from tests.helpers.profiles import examples

Wide = np.longdouble  # in which what is not meant to be rounded is rounded, 2^-64 for each operation
SHORT_OF = 1 - 2.0**-10  # of all that is allowed: longdouble itself rounds


class RoundedArray(NDArrayOperatorsMixin):
    """Numbers in which every operation errs as its namespace has it."""

    def __init__(self, values: Any, xp: Adversary) -> None:
        self.values, self.xp = np.asarray(values, dtype=Wide), xp

    shape = property(lambda self: self.values.shape)
    T = property(lambda self: RoundedArray(self.values.T, self.xp))

    def reshape(self, *shape: int) -> RoundedArray:
        return RoundedArray(self.values.reshape(*shape), self.xp)

    def __getitem__(self, index: Any) -> RoundedArray:
        return RoundedArray(self.values[index], self.xp)

    def sum(self, axis: int | None = None) -> RoundedArray:
        terms = self.values.ravel() if axis is None else np.moveaxis(self.values, axis, 0)
        return RoundedArray(self.xp.added(terms), self.xp)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *operands: Any, **options: Any) -> Any:
        if method != "__call__" or options:
            return NotImplemented
        given = [*map(wide, operands)]
        result = ufunc(*given)
        if ufunc is np.add:
            return RoundedArray(beside(self.xp.off(result), *given), self.xp)
        return RoundedArray(result if ufunc is np.negative else self.xp.off(result), self.xp)


def wide(value: Any) -> Any:
    return value.values if isinstance(value, RoundedArray) else np.asarray(value, dtype=Wide)


def beside(total: Any, a: Any, b: Any) -> Any:
    """A rounding is monotone: a + b is rounded to no less than a where b ≥ 0, to no more where b ≤ 0."""
    for one, other in ((a, b), (b, a)):
        total = np.where(other >= 0, np.maximum(total, one), total)
        total = np.where(other <= 0, np.minimum(total, one), total)
    return total


class Adversary(NumpyNamespace):
    """A program whose every rounding is as large as is allowed, up or down as a seed has it."""

    def __init__(self, model: Precision, seed: int) -> None:
        self.model, self.random = model, np.random.default_rng(seed)

    def off(self, values: Any, errors: float = 1.0, model: Precision | None = None) -> Any:
        """Each value off by so many roundings, but for what the precision holds."""
        model = model or self.model
        signs = self.random.choice([-1, 0, 1], values.shape)
        mantissa, _ = np.frexp(values)
        scaled = np.ldexp(mantissa, model.bits)
        held = (errors == 1) & (scaled == np.rint(scaled)) & ((values == 0) | (abs(values) >= model.smallest_normal))
        moved = values * (1 + errors * SHORT_OF * model.rounding * signs) + SHORT_OF * model.underflow * signs
        return np.where(held, values, moved)

    def added(self, terms: Any, products: bool = False) -> Any:
        """One after the other, in an order of its own; products are rounded before."""
        model = self.model.accumulator or self.model
        terms = [self.off(term, model=model) if products else term for term in terms]
        self.random.shuffle(terms)
        total = reduce(lambda total, term: self.off(total + term, model=model), terms)
        return total if self.model.accumulator is None else self.off(total)

    def asarray(self, values: Any) -> RoundedArray:
        return RoundedArray(np.asarray(values).astype(Wide), self)

    def constant(self, text: str) -> Any:
        return RoundedArray(self.off(np.asarray(super().constant(text), dtype=Wide)), self)

    def matmul(self, a: RoundedArray, b: RoundedArray) -> RoundedArray:
        return RoundedArray(self.added(self._products(a, b), products=True), self)

    def affine(self, x: RoundedArray, W: RoundedArray, b: RoundedArray) -> RoundedArray:
        model = self.model.accumulator or self.model
        products = [self.off(product, model=model) for product in self._products(x, W)]
        return RoundedArray(self.added([*products, b.values + 0 * products[0]]), self)

    def _products(self, a: RoundedArray, b: RoundedArray) -> Any:
        factors = [self._factor(each.values) for each in (a, b)]
        return factors[0].T[:, :, None] * factors[1][:, None, :]

    def _factor(self, values: Any) -> Any:
        bits = self.model.product_bits
        return (
            values if bits is None else values * (1 - SHORT_OF * 2.0 ** (1 - bits) * self.random.random(values.shape))
        )

    def stack(self, parts: Any) -> RoundedArray:
        return RoundedArray(np.stack([part.values for part in parts], axis=-1), self)

    def concatenate(self, parts: Any) -> RoundedArray:
        return RoundedArray(np.concatenate([part.values for part in parts], axis=-1), self)

    def total(self, parts: Any) -> RoundedArray:
        return RoundedArray(self.added(np.concatenate([part.values.ravel() for part in parts])), self)

    def _function(self, name: str, values: Any) -> RoundedArray:
        return RoundedArray(self.off(values, 2 * self.model.ulps_of(name)), self)

    def exp(self, z: RoundedArray) -> RoundedArray:
        below = z.values <= 0
        values = np.maximum(self._function("exp", np.exp(z.values)).values, 0)
        return RoundedArray(np.where(below, np.minimum(values, 1), values), self)

    def log(self, z: RoundedArray) -> RoundedArray:
        return self._function("log", np.log(z.values))

    def log1p(self, z: RoundedArray) -> RoundedArray:
        return self._function("log1p", np.log1p(z.values))

    def tanh(self, z: RoundedArray) -> RoundedArray:
        return RoundedArray(np.clip(self._function("tanh", np.tanh(z.values)).values, -1, 1), self)

    def lgamma(self, z: RoundedArray) -> RoundedArray:
        exact = elementwise(lambda x: math.lgamma(float(x)))(z.values).astype(Wide)
        return RoundedArray(exact, self)  # to 53 bits as it is

    def maximum(self, a: Any, b: Any) -> RoundedArray:
        return RoundedArray(np.maximum(wide(a), wide(b)), self)

    def where(self, mask: Any, a: Any, b: Any) -> RoundedArray:
        return RoundedArray(np.where(mask, wide(a), wide(b)), self)

    def detached_positive(self, z: RoundedArray) -> Any:
        return np.asarray(z.values > 0)

    def detached_max(self, z: RoundedArray) -> RoundedArray:
        return RoundedArray(z.values.max(axis=-1, keepdims=True), self)

    def either(self, preferred: RoundedArray, *alternatives: Any) -> RoundedArray:
        """Each entry by an algorithm of its own."""
        values = preferred.values
        for alternative in alternatives:
            values = np.where(self.random.random(values.shape) < 0.5, alternative().values, values)
        return RoundedArray(values, self)

    def within(self, z: RoundedArray, low: str, high: str = "", beyond: int = 0, *nonpositive: Any) -> RoundedArray:
        return RoundedArray(np.clip(z.values, float(low), float(high) if high and not beyond else None), self)


MODELS = {
    "float16": precision("float16"),
    "bfloat16": precision("bfloat16"),
    "float32": precision("float32"),
    "bfloat16, sums in float32": Declared(accumulate="float32").precision("bfloat16"),
    "TF32": Declared(product_bits=11).precision("float32"),
    "float16, functions 3 ulps off": Declared(functions=(("exp", 3), ("log", 3))).precision("float16"),
}


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
@pytest.mark.parametrize("answer", ["forward", "loss", "gradient", "mean"])
@examples(20)
@given(data=st.data())
def test_no_roundings_leave_the_set(model: Precision, answer: str, data: st.DataObject) -> None:
    """Without it a set could be too small where an operation, or the knowledge of a range, forgets an error."""
    learned = [learned_variance_cases(model.name, name) for name in LEARNED_VARIANCE if answer != "forward"]
    case = data.draw(st.one_of(cases(model.name, networks(weight_decays=(0.0, 0.1))), *learned))
    xp, method = Adversary(model, data.draw(st.integers(0, 2**32))), case.method(answer)
    with np.errstate(all="ignore"):  # what overflows is not judged
        computed = mapped(wide, evaluate(xp, method, *case.arguments(method)))
        answered = mapped(lambda each: each.astype(np.float64), computed)
    assert admissible.answers(answer, case, model).examine(answered).outside is None
