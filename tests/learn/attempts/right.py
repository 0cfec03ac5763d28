"""Right attempts, and unusual."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np

lg = np.vectorize(math.lgamma)


def sg(z):
    return 1 / (1 + np.exp(-z))


def loop(x, W, b):
    z = np.empty((len(x), W.shape[1]))
    for n in range(len(x)):
        for j in range(W.shape[1]):
            z[n, j] = b[j] + sum(x[n, i] * W[i, j] for i in range(W.shape[0]))
    return z


def foot(w, b):
    if not any(w):
        raise ValueError("there is none")
    w = np.array(w, dtype=object)
    return list(-b * w / np.dot(w, w))


def lb(s):

    def f(name, dh, x, z, h, W):
        dz = dh * s(name, z, h)
        return (dz @ W.T, x.T @ dz, dz.sum(0))

    return f


def asserting(W, b, dW, db, rate, rows):
    assert rows >= 1
    return W - rate * dW, b - rate * db


def by_quotients(p, delta, i, j, z, exp, n, total):
    s = total(lambda t: exp(z[t]), n)
    return (delta(i, j) * exp(z[i]) * s - exp(z[i]) * exp(z[j])) / s**2


def of_halves(z, exp, Rational):
    return (exp(z / 2) - exp(-z / 2)) ** 2 / (4 * (exp(z / 2) + exp(-z / 2)) ** 2)


def three_points_on_one_side(f, w):
    h, (at_w, on) = Fraction(1), f(w)
    while not (f(w + h)[1] == on == f(w + 2 * h)[1]):
        h /= 3
    return (-3 * at_w + 4 * f(w + h)[0] - f(w + 2 * h)[0]) / (2 * h)


def both_ends_alike(f, w):
    """Enough: between the ends the first layer is affine, so its units do not change; then the second's; and so on."""
    h = Fraction(4)
    while f(w + h)[1] != f(w - h)[1]:
        h /= 2
    return (f(w + h)[0] - f(w - h)[0]) / (2 * h)


def ok81(f):
    rng = np.random.default_rng(0)
    for _ in range(50):
        z = rng.integers(-2, 3, (3, 2)) / 2
        dh = rng.integers(1, 4, (3, 2)) * rng.choice([-1.0, 1.0], (3, 2))
        s = f(dh, z) / dh
        if not (np.all(s[z > 0] == 1) and np.all(s[z < 0] == 0) and np.all((s >= 0) & (s <= 1))):
            return False
    return True


# right, and unusual
RIGHT: tuple[tuple[str, str, Any], ...] = (
    ("1.1", "einsum", lambda x, W, b: np.einsum("ni,iu->nu", x, W) + b[None]),
    ("1.1", "concat ones", lambda x, W, b: np.hstack([x, np.ones((len(x), 1))]) @ np.vstack([W, b])),
    ("1.1", "loops", loop),
    (
        "1.2",
        "floats where exact? numpy fractions",
        foot,
    ),
    ("1.4", "abs", {"W": [[1, -1], [-1, 1]], "b": [0, 0], "v": [1, 1], "c": 0}),
    ("1.4", "from above", {"W": [[-1, 1], [-1, 1]], "b": [1, -1], "v": [-1, -1], "c": 1}),
    ("1.5", "einsum", lambda a, b, c, d: (np.einsum("ij,jk->ik", a, c), np.einsum("j,jk->k", b, c) + d)),
    (
        "2.1",
        "maximum leaky",
        lambda n, z: {"relu": z * (z > 0), "leaky_relu": np.maximum(z, 0.01 * z), "absolute": np.maximum(z, -z)}[n],
    ),
    (
        "2.2",
        "half",
        lambda n, z: {"relu": (np.sign(z) + 1) / 2, "leaky_relu": np.where(z > 0, 1, 0.01), "absolute": np.sign(z)}[n],
    ),
    ("2.3", "e form", lambda z: np.exp(-z) / (1 + np.exp(-z)) ** 2),
    ("2.3", "tanh form", lambda z: (1 - np.tanh(z / 2) ** 2) / 4),
    ("2.3", "cosh", lambda z: 1 / (2 + 2 * np.cosh(z))),
    ("2.3", "sigma(z)sigma(-z)", lambda z: sg(z) * sg(-z)),
    ("2.4", "factors", lambda h: (1 - h) * (1 + h)),
    ("2.4", "h-h3 over", lambda h: 1 - np.square(h)),
    ("2.5", "below all", lambda x: ([1] * len(x[0]), -1 - sum(abs(each) for row in x for each in row))),
    ("3.2", "heaviside .5", lambda dh, z: dh * np.heaviside(z, 0.5)),
    ("3.2", "where", lambda dh, z: np.where(z >= 0, dh, 0.0)),
    ("3.3", "einsum", lambda dz, x: (np.einsum("ni,nj->ij", x, dz), np.ones(len(dz)) @ dz)),
    ("3.3", "reversed", lambda dz, x: ((dz.T @ x).T.copy(), dz[::-1].sum(0))),
    ("3.4", "(W@dz.T).T", lambda dz, W: (W @ dz.T).T),
    (
        "3.5",
        "from z",
        lb(lambda n, z, h: np.exp(-abs(z)) / (1 + np.exp(-abs(z))) ** 2 if n == "sigmoid" else 1 / np.cosh(z) ** 2),
    ),
    ("3.8", "dot", lambda z, y: (np.vdot(z - y, z - y) / (2 * len(z)), (z - y) * (1 / len(z)))),
    ("3.9", "norm2", lambda W, b, r, n: (r / 2 * np.linalg.norm(W) ** 2, r * W, b * 0)),
    ("4.1", "sqrt", lambda z, y: (0.5 * (y - z) ** 2 + np.log(np.sqrt(2 * np.pi)), -(y - z))),
    ("4.2", "where", {"laplace": lambda z, y: (abs(y - z) - np.log(0.5), np.where(z > y, 1.0, -1.0)), "c": "6/2"}),
    ("4.3", "naive logs", lambda z, y: (-(y * np.log(sg(z)) + (1 - y) * np.log(1 - sg(z))), sg(z) - y)),
    ("4.3", "where", lambda z, y: (np.log1p(np.exp(np.where(y > 0, -z, z))), sg(z) - y)),
    ("4.4", "plain", lambda z, y: (np.exp(z) / np.exp(z).sum(1, keepdims=True) - np.eye(z.shape[1])[y]) / len(y)),
    (
        "4.5",
        "factorial",
        lambda z, y: (
            np.exp(z) - z * y + np.log(np.vectorize(math.factorial)(y.astype(int)).astype(float)),
            np.exp(z) - y,
        ),
    ),
    ("3.11", "three points on one side", three_points_on_one_side),
    ("3.11", "both ends alike", both_ends_alike),
    ("4.6", "logaddexp", lambda z, y: np.logaddexp.reduce(z, 1) - z[np.arange(len(y)), y]),
    ("4.7", "fractions", {"q": ["3/5", "3/10", Fraction(1, 10)]}),
    (
        "5.2",
        "piecewise",
        lambda z: np.where(z >= 0, 1 / (1 + np.exp(-abs(z))), np.exp(-abs(z)) / (1 + np.exp(-abs(z)))),
    ),
    ("5.3", "e", lambda z: (lambda e: e / ((1 + e) * (1 + e)))(np.exp(-abs(z)))),
    ("5.4", "logaddexp", lambda z: np.logaddexp.reduce(z, 1)),
    ("5.5", "logaddexp", lambda z: np.logaddexp(z.dtype.type(0), z)),
    ("6.1", "other order", {"slopes": [1, 0], "intercepts": [0, 0]}),
    ("6.3", "isqrt", lambda a, b, e: max(1, next(n for n in range(1, 99) if 8 * n * n * e >= (b - a) ** 2))),
    ("6.6", "mirrored", {"b": ["-1/2", 0], "v": [-4, 2], "pieces": 32}),
    ("7.3", "rows at least 1", asserting),
    ("9.3", "by the rule of quotients", by_quotients),
    ("9.5", "of half the exponent", of_halves),
    ("8.1", "random integers", ok81),
    ("8.5", "only far", lambda z: np.where(abs(z) <= 3, sg(z) * (1 - sg(z)), 0.0)),
    ("9.1", "other order", lambda c, W, g1, z, k, m, total: total(lambda q: W[k, q] * g1(z(q)) * c[q], m)),
    ("9.3", "expanded", lambda p, delta, i, j: p(i) * delta(i, j) - p(i) * p(j)),
    ("9.5", "square of quotient", lambda z, exp, Rational: ((1 - exp(-z)) / (2 * (1 + exp(-z)))) ** 2),
)
