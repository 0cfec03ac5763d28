"""The formulas that come with the kit, run on sympy's symbols, are those of the textbooks, and so are their gradients.

GELU, SiLU, Huber, KL and the cross-entropies are tied to derivations in ``proofs/``; here are the others.
"""

from functools import partial
from typing import Any

import numpy as np
import pytest
import sympy
from sympy import Rational, exp, log, sqrt, tanh

from ffn import admissible
from ffn.admissible import formulas
from ffn.numbers.arrays import elementwise
from proofs.chapters.code_on_symbols import Kernels

Array = Any
N = 3


class Symbols(Kernels):
    """And what these ask of a namespace; the symbols are positive, and so is what is compared with 0."""

    sqrt = staticmethod(elementwise(sympy.sqrt))
    rsqrt = staticmethod(elementwise(lambda x: 1 / sympy.sqrt(x)))
    log1p = staticmethod(elementwise(lambda x: sympy.log(1 + x)))
    concat = staticmethod(np.concatenate)
    zeros_like = staticmethod(lambda x: x * 0)
    matrix_transpose = staticmethod(lambda x: x.T)
    maximum = staticmethod(lambda x, zero: x)


def sums(x: Array) -> Array:
    return np.sum(x, axis=-1, keepdims=True)


def normal(x: Array, w: Array, b: Array) -> Array:
    c = x - sums(x) / N
    return c / elementwise(sqrt)(sums(c**2) / N + Rational(1, 7)) * w + b


def attended(q: Array, k: Array, v: Array) -> Array:
    """Of two queries and keys, the first query sees the first key alone."""
    e = [[exp(sum(q[i] * k[j]) / 2) for j in range(2)] for i in range(2)]
    second = [(e[1][0] * v[0, c] + e[1][1] * v[1, c]) / (e[1][0] + e[1][1]) for c in range(2)]
    return np.array([[v[0, 0], v[0, 1]], second], dtype=object)


def adam(p: Array, g: Array, m: Array, s: Array) -> Any:
    """The first step, of 1/8, with 9/10 and 3/4."""
    m, s = m * Rational(9, 10) + g / 10, s * Rational(3, 4) + g**2 / 4
    return p - Rational(1, 8) * (10 * m) / (elementwise(sqrt)(4 * s) + Rational(1, 16)), m, s


ROW = (1, N)
EPS = {"eps": Rational(1, 7)}
MOMENTS = {"rate": Rational(1, 8), "betas": (Rational(9, 10), Rational(3, 4)), "eps": Rational(1, 16)}

# formula, its constants, the textbook's, shapes of the arguments
FORMULAS: dict[str, tuple[Any, dict[str, Any], Any, list[tuple[int, ...]]]] = {
    "softmax": (formulas.softmax, {}, lambda x: elementwise(exp)(x) / sums(elementwise(exp)(x)), [ROW]),
    "log softmax": (formulas.log_softmax, {}, lambda x: x - elementwise(log)(sums(elementwise(exp)(x))), [ROW]),
    "swiglu": (formulas.swiglu, {}, lambda a, b: a * b / (1 + elementwise(exp)(-a)), [(1,), (1,)]),
    "mish": (formulas.mish, {}, elementwise(lambda x: x * tanh(log(1 + exp(x)))), [(1,)]),
    "layer norm": (formulas.layer_norm, EPS, normal, [ROW, (N,), (N,)]),
    "layer norm in one pass": (formulas.layer_norm_one_pass, EPS, normal, [ROW, (N,), (N,)]),
    "layer norm, Welford": (formulas.layer_norm_welford, EPS, normal, [ROW, (N,), (N,)]),
    "rms norm": (
        formulas.rms_norm,
        EPS,
        lambda x, w: x * w / elementwise(sqrt)(sums(x**2) / N + Rational(1, 7)),
        [ROW, (N,)],
    ),
    "attention": (
        formulas.attention,
        {"mask": formulas.causal(2, 2), "scale": Rational(1, 2)},
        attended,
        [(2, 2)] * 3,
    ),
    "linear": (
        formulas.linear,
        {},
        lambda x, w, b: np.array([[sum(x[0, k] * w[j, k] for k in range(N)) + b[j] for j in range(2)]]),
        [ROW, (2, N), (2,)],
    ),
    "rotary": (
        formulas.rotary,
        {},
        lambda x, c, s: np.array([x[0] * c[0] - x[1] * s[0], x[1] * c[1] + x[0] * s[1]]),
        [(2,), (2,), (2,)],
    ),
    "sgd": (
        formulas.sgd_step,
        {"rate": Rational(1, 8), "momentum": Rational(3, 4), "decay": Rational(1, 16)},
        lambda p, g, v: (p - (Rational(3, 4) * v + g + p / 16) / 8, Rational(3, 4) * v + g + p / 16),
        [(1,)] * 3,
    ),
    "adam": (formulas.adam_step, MOMENTS, adam, [(1,)] * 4),
}


def symbols(shapes: list[tuple[int, ...]]) -> list[Array]:
    """Arrays of positive symbols, all different."""
    return [
        np.array(sympy.symbols(f"{chr(97 + i)}:{int(np.prod(shape))}", positive=True), dtype=object).reshape(shape)
        for i, shape in enumerate(shapes)
    ]


def listed(answer: Any) -> tuple[Any, ...]:
    return answer if isinstance(answer, tuple) else (answer,)


def entries(answer: Any) -> list[Any]:
    return [each for array in listed(answer) for each in np.asarray(array).ravel()]


@pytest.mark.parametrize("name", FORMULAS)
def test_a_formula_is_that_of_the_textbook(name: str) -> None:
    """Without it every kernel that is right by its paper could be called wrong by ours. The planted bug adds 10⁻⁶."""
    formula, constants, textbook, shapes = FORMULAS[name]
    arrays = symbols(shapes)
    pairs = zip(entries(formula(Symbols(), *arrays, **constants)), entries(textbook(*arrays)), strict=True)
    off = [ours - theirs for ours, theirs in pairs]
    assert all(each.equals(0) for each in off)
    assert not (off[0] + Rational(1, 10**6)).equals(0)


@pytest.mark.parametrize("name", FORMULAS)
def test_its_gradient_is_sympys(name: str) -> None:
    """Without it the set of a backward pass could be that of another function."""
    formula, constants, textbook, shapes = FORMULAS[name]
    rng = np.random.default_rng(0)
    values = [rng.integers(1, 9, size=shape) / 4 for shape in shapes]
    arrays = symbols(shapes)
    answer = textbook(*arrays)
    cotangents = tuple(rng.integers(1, 9, size=np.shape(each)) / 8 for each in listed(answer))
    paired = zip(entries(cotangents), entries(answer), strict=True)
    loss = sympy.Add(*[Rational(float(g)) * each for g, each in paired])
    at = dict(zip(entries(tuple(arrays)), map(Rational, map(float, entries(tuple(values)))), strict=True))

    def slope(symbol: Any) -> float:
        return float(sympy.diff(loss, symbol).subs(at).evalf(30))

    exact = tuple(np.vectorize(slope, otypes=[float])(array) for array in arrays)
    numbers = {name: as_float(constant) for name, constant in constants.items()}
    admitted = admissible.gradient(partial(formula, **numbers), *values, cotangent=cotangents)
    assert (exact if len(exact) > 1 else exact[0]) in admitted
    wrong = tuple(each * (1 + 1e-11) for each in exact)
    assert (wrong if len(exact) > 1 else wrong[0]) not in admitted


def as_float(constant: Any) -> Any:
    if isinstance(constant, tuple):
        return tuple(map(float, constant))
    return constant if isinstance(constant, np.ndarray) else float(constant)
