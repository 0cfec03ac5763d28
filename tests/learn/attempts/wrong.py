"""Wrong attempts at chapters 1 to 7 that nobody planned for, with the name that is true of each."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np

lg = np.vectorize(math.lgamma)


def sg(z):
    return 1 / (1 + np.exp(-z))


def good(n, z, h):
    return h * (1 - h) if n == "sigmoid" else 1 - h * h


def lb(s):

    def f(name, dh, x, z, h, W):
        dz = dh * s(name, z, h)
        return (dz @ W.T, x.T @ dz, dz.sum(0))

    return f


def at_once(z):
    e = np.exp(-np.abs(z, out=z))
    return np.where(z > 0, 1, e) / (1 + e)


def relu_beyond_twenty(z):
    near = np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))
    return np.where(np.abs(z) > 20, np.maximum(z, 0), near)


def tail_from_twenty(z):
    e = np.exp(-np.abs(z))
    return np.where(abs(z) > 20, e, e / (1 + e) ** 2)


def less_the_mean(z):
    wide = z.astype(np.float64)
    mean = wide.mean(axis=1)
    return (mean + np.log(np.exp(wide - mean[:, None]).sum(axis=1))).astype(z.dtype)


def nearly_tied(dh, z):
    tied = np.isclose(z, z.max(axis=2, keepdims=True))
    return dh[:, :, None] * tied / tied.sum(axis=2, keepdims=True)


def fitted(xs, ys):
    basis = [[max(float(x - knot), 0) for knot in xs[:-1]] + [1.0] for x in xs]
    *v, c = np.linalg.solve(np.array(basis), np.array([float(y) for y in ys])) / 3 * 3
    return v, c


def halves_of_ties(z):
    tied = z == z.max(axis=2, keepdims=True)
    return np.where(tied.sum(axis=2, keepdims=True) > 1, 0.5, 1.0) * tied


def by_elements(parameters, x, y):
    ((W, b),) = parameters
    dz = (x @ W + b - y) / y.size
    return ((x.T @ dz, dz.sum(0)),)


# the exercise, what is wrong, the attempt, and the name that is true of it
OF_CODE: tuple[tuple[str, str, Any, str | None], ...] = (
    ("1.1", "b subtracted", lambda x, W, b: x @ W - b, None),
    ("1.1", "relu on top", lambda x, W, b: np.maximum(x @ W + b, 0), None),
    ("1.1", "sum of x times b", lambda x, W, b: x @ W + b.sum(), None),
    ("1.1", "W@x", lambda x, W, b: W @ x + b, None),
    ("1.1", "x*W", lambda x, W, b: x * W + b, None),
    ("1.1", "b doubled", lambda x, W, b: x @ W + 2 * b, None),
    ("1.1", "mean over inputs", lambda x, W, b: x @ W / x.shape[1] + b, None),
    ("1.2", "normalised w", lambda w, b: [Fraction(x) / sum(map(abs, w)) for x in w], None),
    ("1.2", "zero", lambda w, b: [0] * len(w), None),
    ("1.2", "-b/w0 first axis", lambda w, b: [-b / w[0] if w[0] else 0] + [0] * (len(w) - 1), None),
    (
        "1.2",
        "floats sqrt",
        lambda w, b: [-float(b) * float(x) / math.sqrt(float(sum(y * y for y in w))) ** 2 for x in w],
        None,
    ),
    ("1.3", "6,5,10", {"three_lines": 6, "one_pair_parallel": 6, "four_lines": 11}, None),
    ("1.3", "mixed", {"three_lines": 7, "one_pair_parallel": 8, "four_lines": 11}, None),
    ("1.4", "AND", {"W": [[1, 0], [1, 0]], "b": [-1, 0], "v": [1, 0], "c": 0}, None),
    ("1.4", "half", {"W": [[1, 1], [1, 1]], "b": [0, -1], "v": [1, -1.5], "c": 0}, None),
    ("1.4", "constant", {"W": [[0, 0], [0, 0]], "b": [0, 0], "v": [0, 0], "c": 0.5}, None),
    ("1.5", "W2W1 & ok b", lambda a, b, c, d: (a @ c, c.T @ b + d + 0.5), None),
    ("1.5", "b1 through W1", lambda a, b, c, d: (a @ c, a @ b + d), None),
    ("1.6", "w=1", {"w": [1, 1], "b": 0, "loss": "1/4"}, None),
    ("1.6", "swapped half", {"w": [0, 0], "b": "1/2", "loss": "1/16"}, None),
    (
        "2.1",
        "abs as -z",
        lambda n, z: {"relu": np.maximum(z, 0), "leaky_relu": np.where(z > 0, z, 0.01 * z), "absolute": -z}[n],
        None,
    ),
    (
        "2.1",
        "leak .1",
        lambda n, z: {"relu": np.maximum(z, 0), "leaky_relu": np.where(z > 0, z, 0.1 * z), "absolute": abs(z)}[n],
        None,
    ),
    (
        "2.1",
        "sqrt z^2",
        lambda n, z: {"relu": np.maximum(z, 0), "leaky_relu": np.where(z > 0, z, 0.01 * z), "absolute": np.sqrt(z * z)}[
            n
        ],
        None,
    ),
    (
        "2.1",
        "leaky max formula overflow ok wrong",
        lambda n, z: {
            "relu": np.maximum(z, 0),
            "leaky_relu": np.maximum(z, 0) - 0.01 * np.minimum(z, 0),
            "absolute": abs(z),
        }[n],
        None,
    ),
    (
        "2.2",
        "leaky 0 on left",
        lambda n, z: np.where(z > 0, 1.0, {"relu": 0, "leaky_relu": 0, "absolute": -1}[n]),
        None,
    ),
    ("2.2", "abs slope 1", lambda n, z: np.where(z > 0, 1.0, {"relu": 0, "leaky_relu": 0.01, "absolute": 1}[n]), None),
    (
        "2.2",
        "sign plus half",
        lambda n, z: {
            "relu": (np.sign(z) + 1) / 2,
            "leaky_relu": np.where(z > 0, 1, 0.01),
            "absolute": np.sign(z) + 0.1,
        }[n],
        None,
    ),
    (
        "2.2",
        "nan at kink",
        lambda n, z: np.where(
            z == 0, np.nan, np.where(z > 0, 1.0, {"relu": 0, "leaky_relu": 0.01, "absolute": -1.0}[n])
        ),
        None,
    ),
    ("2.3", "h*h", lambda z: sg(z) ** 2, None),
    ("2.3", "1-h", lambda z: 1 - sg(z), None),
    ("2.3", "h(1+h)", lambda z: sg(z) * (1 + sg(z)), None),
    ("2.3", "-h(1-h)", lambda z: -sg(z) * (1 - sg(z)), None),
    ("2.3", "finite difference", lambda z: (sg(z + 1e-05) - sg(z - 1e-05)) / 2e-05, None),
    ("2.4", "1+h2", lambda h: 1 + h * h, None),
    ("2.4", "h2", lambda h: h * h, None),
    ("2.4", "sqrt", lambda h: np.sqrt(1 - h * h), None),
    ("2.5", "big b", lambda x: ([1] * len(x[0]), -1000), None),
    ("2.5", "positive", lambda x: ([0] * len(x[0]), 1), None),
    ("2.5", "w -1", lambda x: ([-1] * len(x[0]), 0), "dead on one row"),
    ("3.2", "tanh slope", lambda dh, z: dh * (1 - np.tanh(z) ** 2), None),
    ("3.2", "z*mask", lambda dh, z: z * (z > 0), None),
    ("3.2", "mask only", lambda dh, z: (z > 0).astype(float), None),
    ("3.2", "abs mask", lambda dh, z: dh * np.sign(z), None),
    ("3.2", "mask both", lambda dh, z: dh * (z > 0) * (dh > 0), None),
    ("3.2", ">= and == double", lambda dh, z: dh * ((z > 0) + (z == 0) * 2.0), None),
    ("3.3", "db max", lambda dz, x: (x.T @ dz, dz.max(0)), None),
    ("3.3", "dW averaged only", lambda dz, x: (x.T @ dz / len(x), dz.sum(0)), None),
    ("3.3", "sum all", lambda dz, x: (x.T @ dz, np.full(dz.shape[1], dz.sum())), None),
    ("3.3", "axis 1", lambda dz, x: (x.T @ dz, dz.sum(1)), None),
    ("3.3", "outer of sums", lambda dz, x: (np.outer(x.sum(0), dz.sum(0)), dz.sum(0)), None),
    ("3.4", "inverse", lambda dz, W: dz @ np.linalg.pinv(W), None),
    ("3.4", "W.T rows summed", lambda dz, W: dz.sum(1, keepdims=True) * W.sum(1), None),
    ("3.5", "same slope for both", lb(lambda n, z, h: h * (1 - h)), None),
    ("3.5", "h as slope", lb(lambda n, z, h: h), None),
    (
        "3.5",
        "mean db",
        lambda name, dh, x, z, h, W: (lambda dz: (dz @ W.T, x.T @ dz, dz.mean(0)))(dh * good(name, z, h)),
        None,
    ),
    (
        "3.5",
        "dx without slope",
        lambda name, dh, x, z, h, W: (lambda dz: (dh @ W.T, x.T @ dz, dz.sum(0)))(dh * good(name, z, h)),
        "∂x before the slope",
    ),
    (
        "3.7",
        "half to each of two first",
        lambda dh, z: np.concatenate([dh[..., None] / z.shape[2]] * z.shape[2], 2),
        None,
    ),
    ("3.6", "mean over elements, one layer", by_elements, "units counted as rows"),
    ("3.7", "winner half", lambda dh, z: 0.5 * dh[..., None] * (z == z.max(2, keepdims=True)), None),
    ("3.7", "argmin", lambda dh, z: dh[..., None] * (z == z.min(2, keepdims=True)), None),
    ("3.8", "no half", lambda z, y: (np.mean(np.sum((z - y) ** 2, 1)), 2 * (z - y) / len(z)), "½ forgotten"),
    ("3.8", "half in grad", lambda z, y: (np.mean(np.sum((z - y) ** 2, 1)) / 2, (z - y) / 2 / len(z)), None),
    ("3.8", "y-z", lambda z, y: (np.mean(np.sum((z - y) ** 2, 1)) / 2, (y - z) / len(z)), None),
    ("3.9", "L1", lambda W, b, r, n: (r * np.abs(W).sum(), r * np.sign(W), 0 * b), None),
    ("3.9", "norm", lambda W, b, r, n: (r / 2 * np.linalg.norm(W), r * W, 0 * b), None),
    ("4.1", "2pi inside", lambda z, y: ((z - y) ** 2 / 2 + np.log(2 * np.pi), z - y), None),
    ("4.1", "plus", lambda z, y: ((z + y) ** 2 / 2 + np.log(2 * np.pi) / 2, z + y), None),
    ("4.2", "squared", lambda z, y: ((z - y) ** 2 + np.log(2), 2 * (z - y)), None),
    ("4.3", "log2", lambda z, y: ((np.logaddexp(0, z) - y * z) / np.log(2), sg(z) - y), None),
    ("4.3", "grad y-h", lambda z, y: (np.logaddexp(0, z) - y * z, y - sg(z)), "y − σ(z)"),
    ("4.4", "no softmax", lambda z, y: (z - np.eye(z.shape[1])[y]) / len(y), None),
    ("4.4", "softmax over axis 0", lambda z, y: (np.exp(z) / np.exp(z).sum(0) - np.eye(z.shape[1])[y]) / len(y), None),
    (
        "4.4",
        "onehot-p",
        lambda z, y: (np.eye(z.shape[1])[y] - np.exp(z) / np.exp(z).sum(1, keepdims=True)) / len(y),
        "turned round",
    ),
    ("4.5", "lgamma(y)", lambda z, y: (np.exp(z) - y * z + lg(y + 1e-300), np.exp(z) - y), None),
    (
        "4.5",
        "stirling",
        lambda z, y: (np.exp(z) - y * z + np.where(y > 0, y * np.log(np.maximum(y, 1)) - y, 0), np.exp(z) - y),
        None,
    ),
    ("4.6", "mean", lambda z, y: np.mean(np.logaddexp.reduce(z, 1) - z[np.arange(len(y)), y]), None),
    (
        "4.6",
        "clip",
        lambda z, y: np.log(np.exp(np.clip(z, -50, 50)).sum(1)) - np.clip(z, -50, 50)[np.arange(len(y)), y],
        None,
    ),
    ("4.7", "sqrt", {"q": [0.5, 0.4, 0.1]}, None),
    ("5.2", "clip 20", lambda z: (1 / (1 + np.exp(-np.clip(z, -20, 20)))).astype(z.dtype), "1/(1 + e^−z)"),
    ("5.2", "tanh z", lambda z: (1 + np.tanh(z)) / 2, None),
    ("5.3", "cosh overflows", lambda z: 0.25 / np.cosh(z / 2) ** 2, None),
    ("5.3", "naive h", lambda z: sg(z) * (1 - sg(z)), "h(1 − h)"),
    ("5.2", "right, on the argument", at_once, None),
    ("5.3", "max eps", lambda z: np.maximum(sg(z) * (1 - sg(z)), 1e-06).astype(z.dtype), None),
    ("5.4", "log of mean", lambda z: np.log(np.exp(z).mean(1)), None),
    ("5.4", "min subtracted", lambda z: z.min(1) + np.log(np.exp(z - z.min(1, keepdims=True)).sum(1)), None),
    ("5.5", "relu beyond 20", relu_beyond_twenty, None),
    ("5.5", "where>0", lambda z: np.where(z > 0, z, np.log1p(np.exp(z))), None),
    ("6.1", "exchanged", {"slopes": [0, 0], "intercepts": [1, 0]}, "slopes and intercepts exchanged"),
    ("6.1", "slopes 0,2", {"slopes": [0, 2], "intercepts": [0, 0]}, None),
    ("6.2", "shift too much", {"slopes": ["-4/3", 0, "4/3"], "intercepts": ["-4/9", "0", "-4/9"]}, "tangents"),
    ("6.2", "unequal", {"slopes": [-1, 0, 1], "intercepts": ["-1/4", 0, "-1/4"]}, "tangents"),
    ("6.3", "always 3", lambda a, b, e: 3, None),
    ("6.3", "ceil+1", lambda a, b, e: int(((b - a) ** 2 / (8 * e)) ** Fraction(1, 2)) + 2, None),
    ("6.5", "c zero jumps ok", lambda xs, ys: ([1] * (len(xs) - 1), ys[0]), None),
    ("6.6", "32 wrong v", {"b": [0, "-1/2"], "v": [1, -2], "pieces": 32}, None),
    ("7.1", "scaled stays", {"zeros": 1, "equal": 1, "noise_in_b": 0, "other_readers": 0, "scaled": 1}, None),
    ("7.2", "2/(in+out)", lambda i, u: Fraction(2) / (i + u), "2/(inputs + units)"),
    ("7.3", "rate twice", lambda W, b, dW, db, r, n: (W - 2 * r * dW, b - 2 * r * db), None),
    ("7.3", "normalised", lambda W, b, dW, db, r, n: (W - r * np.sign(dW), b - r * np.sign(db)), None),
    ("7.4", "19", {"slope": "1/4", "bound": Fraction(1, 4) ** 19}, None),
    ("5.3", "nan for a far tail", lambda z: np.nan_to_num(np.exp(-z) / (1 + np.exp(-z)) ** 2), None),
    ("5.3", "without the denominator", tail_from_twenty, None),
    ("5.2", "clipped at 700", lambda z: sg(np.clip(z.astype(float), -700, 700)).astype(z.dtype), "clipped"),
    ("5.2", "0 below -30", lambda z: np.where(z < -30, 0, 1 / (1 + np.exp(-z.astype(float)))).astype(z.dtype), None),
    ("5.2", "1 - the other side", lambda z: np.where(z > 0, sg(abs(z)), 1 - sg(abs(z))), None),
    ("5.4", "maximum alone far out", lambda z: np.where(z.max(1) > 80, z.max(1), np.logaddexp.reduce(z, 1)), None),
    ("5.4", "mean subtracted", less_the_mean, None),
    ("3.7", "tied get half", lambda dh, z: dh[..., None] * halves_of_ties(z), None),
    ("3.7", "nearly tied is tied", nearly_tied, None),
    ("6.3", "root of a float", lambda a, b, e: math.ceil(math.sqrt((b - a) ** 2 / (8 * e))), None),
    ("6.4", "nothing down", lambda xs, ys: ([1], [0], [], []), None),
    ("6.4", "another order", lambda xs, ys: ([1, 2], [0], [0, 1], [0]), None),
    ("6.5", "fitted in floats", fitted, None),
)
