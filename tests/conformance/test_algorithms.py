"""Which algorithms of one function are admitted, and which are a little too inaccurate.

Claims: in each precision other orders and forms of the textbook's functions are in the set, and forms that lose a few
ulps somewhere are not: sets are those of named algorithms, and no hull of the worst.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import Any

import numpy as np
import pytest

from ffn import ActivationCase, Case, Network, Output, admissible
from ffn.numbers.precision import NAMES, dtype_of, precision
from tests.conformance.implementations.arithmetic import fused, wide

Array = Any
Algorithm = Callable[[Array], Array]
CLASSES, ROWS, CANDIDATES, SLOPE, DECAY = 5, 40, 20_000, 0.3, 1e-6


def numbers(dtype: str, *shape: int, scale: float = 4.0, seed: int = 0) -> Array:
    return (scale * np.random.default_rng(seed).normal(size=shape)).astype(dtype_of(dtype))


def activation(name: str, scale: float = 4.0) -> Callable[[str, Algorithm], bool]:
    def admits(dtype: str, algorithm: Algorithm) -> bool:
        z = numbers(dtype, 300, scale=scale)
        return algorithm(z) in admissible.activation(ActivationCase(name, z, SLOPE if name == "leaky_relu" else None))

    return admits


def slope(name: str) -> Callable[[str, Algorithm], bool]:
    def admits(dtype: str, algorithm: Algorithm) -> bool:
        z = numbers(dtype, 300)
        return algorithm(z) in admissible.slope(ActivationCase(name, z))

    return admits


def of_logits(made: Callable[[Array], Any], scale: float = 4.0) -> Callable[[str, Algorithm], bool]:
    def admits(dtype: str, algorithm: Algorithm) -> bool:
        z = numbers(dtype, ROWS, CLASSES, scale=scale)
        return algorithm(z) in made(z)

    return admits


def likelihood(output: str) -> Callable[[str, Algorithm], bool]:
    """The sum over one row of the NLL of logits that an affine layer passes on exactly: whole eighths."""

    def admits(dtype: str, algorithm: Algorithm) -> bool:
        for seed in range(ROWS):
            z = np.round(numbers(dtype, 1, CLASSES, scale=16.0, seed=seed)) / dtype_of(dtype).type(8)
            y = np.array([seed % CLASSES]) if output == "categorical" else np.abs(numbers(dtype, *z.shape, seed=seed))
            y = np.minimum(y, y.dtype.type(1)) if output == "bernoulli" else y
            network = Network(CLASSES, CLASSES, Output(output), reduction="sum")
            parameters = ((np.eye(CLASSES, dtype=z.dtype), np.zeros(CLASSES, z.dtype)),)
            if algorithm(z, y) not in admissible.loss(Case(network, parameters, z, y)):
                return False
        return True

    return admits


def dot(terms: int, wide_range: bool = False) -> Callable[[str, Algorithm], bool]:
    def admits(dtype: str, algorithm: Algorithm) -> bool:
        x, W = numbers(dtype, 9, terms, scale=1.0), numbers(dtype, terms, 9, scale=1.0, seed=1)
        if wide_range:  # positive and decreasing: the sum has no slack from cancellation
            x, W = np.abs(x), np.abs(W)
        network, b = Network(terms, 9, Output("gaussian")), np.zeros(9, x.dtype)
        return algorithm(x, W) in admissible.output(Case(network, ((W, b),), x, np.zeros((9, 9), x.dtype)))

    return admits


def log_variances(least: float, scale: float = 1.0) -> Callable[[str, Algorithm], bool]:
    """The gradient by s = log v, at least so large: of many numbers those at which the algorithm is furthest off."""

    def admits(dtype: str, algorithm: Algorithm) -> bool:
        r, s = numbers(dtype, CANDIDATES, scale=scale), np.abs(numbers(dtype, CANDIDATES, scale=1.0, seed=1))
        s = s.dtype.type(least) + s
        exact = (1 - r.astype(np.longdouble) ** 2 * np.exp(-s.astype(np.longdouble))) / 2
        worst = np.argsort(np.abs(algorithm(r, s) - exact))[-ROWS:]
        r, s = r[worst], s[worst]
        W, b = np.zeros((1, 2 * ROWS), s.dtype), np.concatenate([r, s])
        network = Network(1, 2 * ROWS, Output("heteroscedastic"), reduction="sum")
        case = Case(network, ((W, b),), W[:, :1], W[:, :ROWS])
        return algorithm(r, s) in admissible.gradient(case)["layer 0", "b"][ROWS:]

    return admits


def decayed(dtype: str, algorithm: Algorithm) -> bool:
    """The gradient of the penalty alone, of a λ that is subnormal in float16."""
    W, zeros = 16 * numbers(dtype, 9, 9), np.zeros((1, 9), dtype_of(dtype))
    network = Network(9, 9, Output("gaussian"), weight_decay=DECAY)
    return ((algorithm(W), zeros[0]),) in admissible.gradient(Case(network, ((W, zeros[0]),), zeros, zeros))


def one(z: Array) -> Any:
    return z.dtype.type(1)


def shifted(z: Array) -> Array:
    return z - z.max(axis=1, keepdims=True)


def added(terms: Array) -> Array:
    """From first to last along the last axis."""
    return reduce(np.add, np.moveaxis(terms, -1, 0))


def pairs(terms: Array) -> Array:
    half = terms.shape[-1] // 2
    return pairs(terms[..., :half]) + pairs(terms[..., half:]) if half else terms[..., 0]


def online(z: Array) -> Array:
    """The normaliser in one pass, scaled anew with each new maximum (Milakov & Gimelshein 2018)."""
    m, total = z[:, 0], np.ones_like(z[:, 0])
    for column in z.T[1:]:
        new = np.maximum(m, column)
        m, total = new, total * np.exp(m - new) + np.exp(column - new)
    return np.exp(z - m[:, None]) / total[:, None]


def in_float64(function: Algorithm) -> Algorithm:
    return lambda *given: function(*(g.astype(wide(g.dtype)) if g.dtype.kind != "i" else g for g in given)).astype(
        given[0].dtype
    )


def bits_fewer(bits: int, array: Array) -> Array:
    """Rounded to so many significand bits fewer than the precision has."""
    mantissa, exponent = np.frexp(array.astype(np.longdouble))
    p = precision(array.dtype.name).bits - bits
    return np.ldexp(np.round(np.ldexp(mantissa, p)), exponent - p).astype(array.dtype)


def off(ulps: float, array: Array) -> Array:
    """Every number larger by so many ulps of its own."""
    u = precision(array.dtype.name).unit_roundoff
    exact = array.astype(np.longdouble)
    return (exact + ulps * 2 * u * np.ldexp(np.longdouble(1), np.frexp(exact)[1] - 1)).astype(array.dtype)


def sigmoid(z: Array, exp: Algorithm = np.exp) -> Array:
    e = exp(-np.abs(z))
    return np.where(z > 0, one(z), e) / (one(z) + e)


def softmax(z: Array, total: Algorithm = added, exp: Algorithm = np.exp) -> Array:
    e = exp(shifted(z))
    return e / total(e)[:, None]


def log_softmax(z: Array) -> Array:
    return shifted(z) - np.log(added(np.exp(shifted(z))))[:, None]


def fused_dot(x: Array, W: Array) -> Array:
    total = np.zeros((len(x), W.shape[1]), x.dtype)
    for column, row in zip(x.T, W, strict=True):
        total = fused(*np.broadcast_arrays(column[:, None], row), total)
    return total


def products(x: Array, W: Array) -> Array:
    return x[:, None, :] * W.T[None]


def softplus(z: Array) -> Array:
    return np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))


def a_third_less(x: Array) -> Array:
    return x * x.dtype.type(SLOPE)


ODD: dict[str, tuple[Callable[[str, Algorithm], bool], Algorithm]] = {
    "σ as 1/(1 + e^-z), e^z/(1 + e^z) below 0": (activation("sigmoid"), sigmoid),
    "σ computed wide": (activation("sigmoid"), in_float64(sigmoid)),
    "tanh through expm1": (
        activation("tanh"),
        lambda z: np.copysign(np.expm1(-2 * np.abs(z)) / (2 + np.expm1(-2 * np.abs(z))), z),
    ),
    "softplus as logaddexp": (activation("softplus"), lambda z: np.logaddexp(z, 0 * z)),
    "leaky relu as a maximum": (activation("leaky_relu"), lambda z: np.maximum(z, a_third_less(z))),
    "leaky relu as a sum": (
        activation("leaky_relu"),
        lambda z: np.maximum(z, 0 * z) + a_third_less(np.minimum(z, 0 * z)),
    ),
    "σ′ as σ(z)σ(−z)": (slope("sigmoid"), lambda z: sigmoid(z) * sigmoid(-z)),
    "σ′ divided twice": (
        slope("sigmoid"),
        lambda z: np.exp(-np.abs(z)) / (one(z) + np.exp(-np.abs(z))) / (one(z) + np.exp(-np.abs(z))),
    ),
    "softmax by a reciprocal": (
        of_logits(admissible.softmax),
        lambda z: np.exp(shifted(z)) * (one(z) / added(np.exp(shifted(z))))[:, None],
    ),
    "softmax summed in pairs": (of_logits(admissible.softmax), lambda z: softmax(z, pairs)),
    "softmax in one pass": (of_logits(admissible.softmax), online),
    "softmax as e to its logarithm": (of_logits(admissible.softmax), lambda z: np.exp(log_softmax(z))),
    "softmax computed wide": (of_logits(admissible.softmax, 30.0), in_float64(softmax)),
    "log softmax as z − log Σexp(z)": (
        of_logits(admissible.log_softmax),
        lambda z: z - (z.max(axis=1) + np.log(added(np.exp(shifted(z)))))[:, None],
    ),
    "categorical by its margin": (
        likelihood("categorical"),
        lambda z, y: np.log(added(np.exp(shifted(z))))[0] - shifted(z)[0, y[0]],
    ),
    "categorical by log Σexp(z)": (
        likelihood("categorical"),
        lambda z, y: (z.max(axis=1) + np.log(added(np.exp(shifted(z)))))[0] - z[0, y[0]],
    ),
    "bernoulli in proportion": (
        likelihood("bernoulli"),
        lambda z, y: added(y * softplus(-z) + (one(z) - y) * softplus(z))[0],
    ),
    "bernoulli by its terms": (
        likelihood("bernoulli"),
        lambda z, y: pairs(np.maximum(z, 0 * z) - y * z + np.log1p(np.exp(-np.abs(z))))[0],
    ),
    "products summed in pairs": (dot(33), lambda x, W: pairs(products(x, W))),
    "products summed backwards": (dot(33), lambda x, W: added(products(x, W)[..., ::-1])),
    "fused multiply-adds": (dot(33), fused_dot),
    "wide accumulators": (dot(33), in_float64(lambda x, W: x @ W)),
    "∂s as ½(1 − r²/eˢ)": (log_variances(0), lambda r, s: (one(r) - r * r / np.exp(s)) / 2),
    "∂s through the variance": (
        log_variances(0),
        lambda r, s: (one(r) - r * r / np.exp(s) / np.exp(s) * np.exp(s)) / 2,
    ),
    "∂s and log v through the variance": (
        log_variances(6, 1 / 64),
        lambda r, s: (one(r) / np.exp(s) - r * r / np.exp(s) / np.exp(s)) / 2 * np.exp(s),
    ),
    "weight decay as λW": (decayed, lambda W: W.dtype.type(DECAY) * W),
    "weight decay as (λ/2)·2W": (decayed, lambda W: W.dtype.type(DECAY / 2) * (W + W)),
}
INACCURATE: dict[str, tuple[Callable[[str, Algorithm], bool], Algorithm]] = {
    "σ of an exponential 10 ulps off": (activation("sigmoid"), lambda z: sigmoid(z, lambda x: off(10, np.exp(x)))),
    "σ as (1 + tanh(z/2))/2": (activation("sigmoid"), lambda z: (one(z) + np.tanh(z / 2)) / 2),
    "tanh as 2σ(2z) − 1": (activation("tanh", 0.1), lambda z: 2 * sigmoid(2 * z) - one(z)),
    "softplus as log(1 + e^z)": (activation("softplus"), lambda z: np.log(one(z) + np.exp(z))),
    "leaky relu with a slope of fewer bits": (
        activation("leaky_relu"),
        lambda z: np.maximum(z, z * bits_fewer(3, z.dtype.type(SLOPE))),
    ),
    "leaky relu two ulps off": (activation("leaky_relu"), lambda z: np.maximum(z, off(2, a_third_less(z)))),
    "σ′ as σ(1 − σ)": (slope("sigmoid"), lambda z: sigmoid(z) * (one(z) - sigmoid(z))),
    "tanh′ as 1 − tanh²": (slope("tanh"), lambda z: one(z) - np.tanh(z) * np.tanh(z)),
    "softmax of an exponential 20 ulps off below −1": (
        of_logits(admissible.softmax),
        lambda z: softmax(z, exp=lambda x: np.where(x < -1, off(20, np.exp(x)), np.exp(x))),
    ),
    "softmax of logits with three bits fewer": (of_logits(admissible.softmax), lambda z: softmax(bits_fewer(3, z))),
    "log softmax as the log of softmax": (of_logits(admissible.log_softmax, 500.0), lambda z: np.log(softmax(z))),
    "categorical with p clamped": (
        likelihood("categorical"),
        lambda z, y: -np.log(np.maximum(softmax(z)[0, y[0]], one(z) / 64)),
    ),
    "bernoulli with the softplus of fewer bits": (
        likelihood("bernoulli"),
        lambda z, y: added(bits_fewer(7, softplus(z)) - y * z)[0],
    ),
    "inputs of a product with four bits fewer": (dot(3, True), lambda x, W: added(products(bits_fewer(4, x), W))),
    "∂s through a variance of six bits fewer": (
        log_variances(0),
        lambda r, s: (one(r) - r * r / bits_fewer(6, np.exp(s))) / 2,
    ),
    "weight decay by a fifth too much": (decayed, lambda W: W.dtype.type(1.2 * DECAY) * W),
    "sums with four bits fewer": (dot(3, True), lambda x, W: bits_fewer(4, added(products(x, W)))),
}


@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("dtype", NAMES)
def test_another_accurate_algorithm_is_admitted(name: str, dtype: str) -> None:
    """Without it an implementer could be blamed for a form that is as good."""
    admits, algorithm = ODD[name]
    with np.errstate(all="ignore"):
        assert admits(dtype, algorithm)


@pytest.mark.parametrize("name", INACCURATE)
@pytest.mark.parametrize("dtype", NAMES)
def test_an_algorithm_that_loses_some_ulps_is_refused(name: str, dtype: str) -> None:
    """Without it the sets could be hulls in which a fast approximation passes."""
    admits, algorithm = INACCURATE[name]
    with np.errstate(all="ignore"):
        assert not admits(dtype, algorithm)
