"""Programs made at random, run with their own roundings: whatever order, width or fusion, the set has their answers."""

import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import settings

from ffn import admissible
from ffn.numbers.precision import dtype_of
from tests.helpers.profiles import DEFAULT

PROGRAMS = 80 * (settings.default.max_examples if settings.default else DEFAULT) // DEFAULT
Array = Any


class Machine:
    """A program's arithmetic: each result rounded to a precision, or, where it pleases, kept as it is.

    Args:
        habit: ``"eager"`` rounds every result, ``"wide"`` the answer alone, ``"mixed"`` some of them.
    """

    def __init__(self, dtype: Any, choices: random.Random, habit: str) -> None:
        self.dtype, self.choices, self.habit = dtype, choices, habit

    def rounded(self, x: Array) -> Array:
        keeps = self.habit == "wide" or (self.habit == "mixed" and self.choices.random() < 0.4)
        return x if keeps else np.asarray(x).astype(self.dtype).astype(np.float64)

    def sum(self, a: Array) -> Array:
        """Along the last axis, in an order that nobody chose."""
        parts = [a[..., i] for i in range(a.shape[-1])]
        while len(parts) > 1:
            first = parts.pop(self.choices.randrange(len(parts)))
            other = self.choices.randrange(len(parts))
            parts[other] = self.rounded(parts[other] + first)
        return parts[0][..., None]

    def dot(self, a: Array, b: Array) -> Array:
        """Some products enter their sum unrounded, as a fused multiply-add has them."""
        total, fused = np.zeros((a.shape[0], b.shape[1])), self.choices.random() < 0.5
        for k in self.choices.sample(range(a.shape[1]), a.shape[1]):
            product = a[:, k, None] * b[k]
            total = self.rounded(total + (product if fused else self.rounded(product)))
        return total

    def divide(self, a: Array, b: Array) -> Array:
        by_reciprocal = self.choices.random() < 0.5
        return self.rounded(a * self.rounded(1 / b)) if by_reciprocal else self.rounded(a / b)

    def mean(self, a: Array) -> Array:
        return self.sum(a) if a.shape[-1] == 1 else self.divide(self.sum(a), a.shape[-1])


# an operation of the formula, and of a program with a machine
OPERATIONS: dict[str, tuple[Callable[..., Array], Callable[..., Array]]] = {
    "sum": (lambda xp, a, b: a + b, lambda m, a, b: m.rounded(a + b)),
    "difference": (lambda xp, a, b: a - b, lambda m, a, b: m.rounded(a - b)),
    "product": (lambda xp, a, b: a * b, lambda m, a, b: m.rounded(a * b)),
    "quotient": (lambda xp, a, b: a / (1 + b * b), lambda m, a, b: m.divide(a, m.rounded(1 + m.rounded(b * b)))),
    "fused": (lambda xp, a, b: a * b + a, lambda m, a, b: m.rounded(a * b + a)),
    "constant": (lambda xp, a, b: a * 0.1 + 1e-5, lambda m, a, b: m.rounded(m.rounded(a * m.rounded(0.1)) + 1e-5)),
    "exp": (lambda xp, a, b: xp.exp(-xp.abs(a)), lambda m, a, b: m.rounded(np.exp(-np.abs(a)))),
    "log1p": (lambda xp, a, b: xp.log1p(xp.abs(a)), lambda m, a, b: m.rounded(np.log1p(np.abs(a)))),
    "tanh": (lambda xp, a, b: xp.tanh(a), lambda m, a, b: m.rounded(np.tanh(a))),
    "sin": (lambda xp, a, b: xp.sin(a), lambda m, a, b: m.rounded(np.sin(a))),
    "sqrt": (lambda xp, a, b: xp.sqrt(a * a + 1), lambda m, a, b: m.rounded(np.sqrt(m.rounded(m.rounded(a * a) + 1)))),
    "maximum": (lambda xp, a, b: xp.maximum(a, b), lambda m, a, b: np.maximum(a, b)),
    "branch": (lambda xp, a, b: xp.where(a > b, a, b + b), lambda m, a, b: np.where(a > b, a, m.rounded(b + b))),
    "centred": (lambda xp, a, b: b - xp.mean(a, axis=-1, keepdims=True), lambda m, a, b: m.rounded(b - m.mean(a))),
    "total": (lambda xp, a, b: b * xp.sum(a, axis=-1, keepdims=True), lambda m, a, b: m.rounded(b * m.sum(a))),
    "shifted": (
        lambda xp, a, b: a - xp.max(b, axis=-1, keepdims=True),
        lambda m, a, b: m.rounded(a - b.max(axis=-1, keepdims=True)),
    ),
    "matrices": (lambda xp, a, b: (a @ b.T) @ b, lambda m, a, b: m.dot(m.dot(a, b.T), b)),
}
KINDS: dict[str, Callable[[Array], Array]] = {
    "ordinary": lambda x: x,
    "small": lambda x: x * 1e-3,
    "large": lambda x: x * 30,
    "tiny": lambda x: x * 1e-6,
    "whole": lambda x: np.round(2 * x),
    "eighths": lambda x: np.round(8 * x) / 8,
}
Program = list[tuple[str, int, int]]


def formula(program: Program) -> Callable[..., Array]:
    def run(xp: Any, *arrays: Array) -> Array:
        values = list(arrays)
        for name, i, j in program:
            values.append(OPERATIONS[name][0](xp, values[i], values[j]))
        return values[-1]

    return run


def answer(program: Program, arrays: list[Array], machine: Machine, dtype: Any) -> Array:
    values = [array.astype(np.float64) for array in arrays]
    for name, i, j in program:
        values.append(OPERATIONS[name][1](machine, values[i], values[j]))
    return values[-1].astype(dtype)


def drawn(choices: random.Random, dtype: Any) -> tuple[Program, list[Array]]:
    rng = np.random.default_rng(choices.randrange(2**32))
    shape, kind = (choices.randrange(1, 5), choices.randrange(1, 9)), choices.choice(sorted(KINDS))
    arrays = [KINDS[kind](rng.normal(size=shape)).astype(dtype) for _ in range(choices.randrange(1, 4))]
    program: Program = []
    for length in range(choices.randrange(1, 7)):
        known = len(arrays) + length
        program.append((choices.choice(sorted(OPERATIONS)), choices.randrange(known), choices.randrange(known)))
    return program, arrays


@pytest.mark.parametrize("compute", ["float16", "bfloat16", "float32", "float16 in float32", "bfloat16 in float32"])
def test_no_program_is_outside_the_set_of_its_formula(compute: str) -> None:
    """Without it a correct kernel could be called wrong in a way that no list of kernels has.

    The functions are those of float64, rounded: within half an ulp, so that their ulps are not what is tried here.
    """
    storage, _, inside = compute.partition(" in ")
    dtype, choices, decided, size = dtype_of(storage).type, random.Random(compute), 0, 0
    with np.errstate(all="ignore"):
        for _ in range(PROGRAMS):
            program, arrays = drawn(choices, dtype)
            admitted = admissible.value(formula(program), *arrays, compute=inside or None)
            for habit in ("eager", "wide", "mixed"):
                machine = Machine(dtype_of(inside or storage), choices, habit)
                judgement = admitted.judge(answer(program, arrays, machine, dtype))
                assert not judgement.outside, (program, habit, arrays, judgement)
                decided, size = decided + int(judgement.arrays[0].decided.sum()), size + judgement.size
    assert decided > 0.8 * size


class Downwards(Machine):
    """Rounds towards −∞, as a program may under another rounding mode, and adds in pairs."""

    def rounded(self, x: Array) -> Array:
        near = np.asarray(x).astype(self.dtype)
        low = np.where(near.astype(np.float64) > x, np.nextafter(near, self.dtype.type(-np.inf)), near)
        return low.astype(np.float64)

    def sum(self, a: Array) -> Array:
        while a.shape[-1] > 1:
            pairs = self.rounded(a[..., : a.shape[-1] // 2 * 2 : 2] + a[..., 1::2])
            a = np.concatenate([pairs, a[..., pairs.shape[-1] * 2 :]], axis=-1)
        return a


@pytest.mark.parametrize("name", ["float16", "float32"])
def test_other_roundings_and_a_declared_depth_are_admitted_where_they_are_said(name: str) -> None:
    """Without it ``rounding`` and ``depth`` could be too narrow. A matrix product is added one by one, to 8 terms."""
    dtype, choices, outside = dtype_of(name), random.Random(name), 0
    with np.errstate(all="ignore"):
        for _ in range(PROGRAMS):
            program, arrays = drawn(choices, dtype.type)
            computed = answer(program, arrays, Downwards(dtype, choices, "eager"), np.float64)
            computed = Downwards(dtype, choices, "eager").rounded(computed).astype(dtype)
            pairs = 8 if any(operation == "matrices" for operation, _, _ in program) else 3
            admitted = admissible.value(formula(program), *arrays, rounding="any", depth=pairs)
            assert not admitted.judge(computed).outside, (program, arrays)
            outside += bool(admissible.value(formula(program), *arrays).judge(computed).outside)
    assert outside  # of what is said of rounding to nearest


def test_a_machine_of_fewer_bits_is_seen() -> None:
    """The planted bug: programs of float32 whose sums and products are rounded to bfloat16."""
    choices, seen = random.Random(0), 0
    with np.errstate(all="ignore"):
        for _ in range(40):
            program, arrays = drawn(choices, np.float32)
            computed = answer(program, arrays, Machine(dtype_of("bfloat16"), choices, "eager"), np.float32)
            seen += bool(admissible.value(formula(program), *arrays).judge(computed).outside)
    assert seen > 20
