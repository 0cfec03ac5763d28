"""Wrong kernels: tails, masks, constants, scales, stale tiles, low accumulation, missing maxima, wrong terms of a
gradient."""

from __future__ import annotations

import math
from typing import Any

import ml_dtypes
import numpy as np

from tests.formula.kernels.correct import (
    attention,
    attention_causal,
    d_attention,
    d_gelu,
    d_layer_norm,
    d_linear,
    erf,
    gelu,
    huber,
    layer_norm,
    linear,
    log_softmax,
    rms_norm,
    rotary,
    sgd,
    sigmoid,
    silu,
    softmax,
    softmax_online,
    swiglu,
)

F = np.float32
Array = Any


def narrow(x: Array) -> Array:
    return x.astype(ml_dtypes.bfloat16).astype(F)


def narrow_sum(x: Array) -> Array:
    """A sum along the last axis with an accumulator of bfloat16."""
    total = np.zeros_like(x[..., :1])
    for i in range(x.shape[-1]):
        total = narrow(total + x[..., i : i + 1])
    return total


def tail_left(kernel: Any, columns: int = 1) -> Any:
    """The last columns are not written: what was there, zeros, stays."""

    def wrong(*arrays: Array) -> Array:
        answer = kernel(*arrays).copy()
        answer[..., -columns:] = 0
        return answer

    return wrong


def gelu_tanh_constant(x: Array) -> Array:
    return F(0.5) * x * (1 + np.tanh(F(math.sqrt(2 / math.pi)) * (x + F(0.04471) * x**3)))


def gelu_constant(x: Array) -> Array:
    return F(0.5) * x * (1 + erf(x * F(0.70711)))


def gelu_tanh_cubed(x: Array) -> Array:
    return F(0.5) * x * (1 + np.tanh(F(math.sqrt(2 / math.pi)) * (x + F(0.044715) * x**2)))


def silu_clamped(x: Array) -> Array:
    return x * sigmoid(np.clip(x, -20, 20))


def mish_log(x: Array) -> Array:
    return x * np.tanh(np.log(1 + np.exp(narrow(x))))


def norm(x: Array, w: Array, b: Array, eps: float = 1e-5, outside: bool = False, ddof: int = 0) -> Array:
    c = x - x.mean(-1, keepdims=True)
    v = (c * c).sum(-1, keepdims=True) / F(x.shape[-1] - ddof)
    return c / (np.sqrt(v) + F(eps) if outside else np.sqrt(v + F(eps))) * w + b


def norm_uncentred(x: Array, w: Array, b: Array) -> Array:
    return (x - x.mean(-1, keepdims=True)) / np.sqrt((x * x).mean(-1, keepdims=True) + F(1e-5)) * w + b


def norm_low(x: Array, w: Array, b: Array) -> Array:
    n = F(x.shape[-1])
    c = x - narrow_sum(x) / n
    return c / np.sqrt(narrow_sum(c * c) / n + F(1e-5)) * w + b


def norm_padded(x: Array, w: Array, b: Array) -> Array:
    """The row is padded with zeros to 128, which the variance counts as (0 − mean)²."""
    n, mean = x.shape[-1], x.mean(-1, keepdims=True)
    v = (((x - mean) ** 2).sum(-1, keepdims=True) + (128 - n) * mean**2) / F(n)
    return (x - mean) / np.sqrt(v + F(1e-5)) * w + b


def rms_tail(x: Array, w: Array) -> Array:
    return x / np.sqrt((x[:, :64] ** 2).sum(-1, keepdims=True) / F(x.shape[-1]) + F(1e-6)) * w


def softmax_no_max(x: Array) -> Array:
    e = np.exp(x)
    return e / e.sum(-1, keepdims=True)


def softmax_low(x: Array) -> Array:
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / narrow_sum(e)


def softmax_stale(x: Array, tile: int = 16) -> Array:
    """Online, but the sum is not corrected when the maximum grows."""
    top = np.full_like(x[:, :1], -np.inf)
    total = np.zeros_like(top)
    for start in range(0, x.shape[-1], tile):
        part = x[:, start : start + tile]
        top = np.maximum(top, part.max(-1, keepdims=True))
        total = total + np.exp(part - top).sum(-1, keepdims=True)
    return np.exp(x - top) / total


def softmax_padded(x: Array) -> Array:
    """Padded with zeros, not with −∞, to a multiple of the tile."""
    top = np.maximum(x.max(-1, keepdims=True), 0)
    e = np.exp(x - top)
    return e / (e.sum(-1, keepdims=True) + np.exp(-top) * (-x.shape[-1] % 16))


def log_softmax_of_softmax(x: Array) -> Array:
    return np.log(softmax(x) + F(1e-7))


def cross_entropy(
    x: Array, y: Array, ignore: bool = True, count: bool = True, smooth: float = 0.0, other: bool = False
) -> Array:
    kept = y >= 0 if ignore else np.ones(len(y), dtype=bool)
    p = -log_softmax(x)[kept]
    rows = p[np.arange(len(p)), y[kept] % x.shape[-1]]
    if smooth:
        classes = x.shape[-1]
        rest = (p.sum(-1) - rows) / F(classes - 1) if other else p.mean(-1)
        rows = F(1 - smooth) * rows + F(smooth) * rest
    return rows.sum() / F(kept.sum() if count else len(y))


def attend(q: Array, k: Array, v: Array, scale: float | None = None, mask: Any = None, low: Any = None) -> Array:
    scores = q @ k.swapaxes(-1, -2) * F(1 / math.sqrt(q.shape[-1]) if scale is None else scale)
    if mask is not None:
        scores = np.where(mask, scores, F(-np.inf if low is None else low))
    return softmax(scores) @ v


def flash_stale(q: Array, k: Array, v: Array, tile: int = 4) -> Array:
    """The values already summed are not corrected when the maximum grows."""
    top = np.full_like(q[..., :1], -np.inf)
    total, answer = np.zeros_like(top), np.zeros_like(q)
    for start in range(0, k.shape[-2], tile):
        scores = q @ k[..., start : start + tile, :].swapaxes(-1, -2) * F(1 / math.sqrt(q.shape[-1]))
        new = np.maximum(top, scores.max(-1, keepdims=True))
        p, old = np.exp(scores - new), np.exp(top - new)
        total = total * old + p.sum(-1, keepdims=True)
        answer = answer + p @ v[..., start : start + tile, :]
        top = new
    return answer / total


def linear_low(x: Array, W: Array, b: Array) -> Array:
    answer = np.zeros((len(x), len(W)), dtype=F)
    for i in range(x.shape[1]):
        answer = narrow(answer + x[:, i, None] * W[:, i])
    return answer + b


def linear_no_tail(x: Array, W: Array, b: Array) -> Array:
    return x[:, :64] @ W[:, :64].T + b


def rotary_pairs(x: Array, c: Array, s: Array) -> Array:
    turned = np.stack([-x[:, 1::2], x[:, ::2]], axis=-1).reshape(x.shape)
    return x * c + turned * s


def adam(p: Array, g: Array, m: Array, s: Array, inside: bool = False, step: int = 3, square: bool = True) -> Any:
    m, s = F(0.9) * m + F(0.1) * g, F(0.999) * s + F(0.001) * (g * g if square else np.abs(g))
    corrected = s / F(1 - 0.999**step)
    root = np.sqrt(corrected + F(1e-8)) if inside else np.sqrt(corrected) + F(1e-8)
    return p - F(1e-3 / (1 - 0.9**step)) * m / root, m, s


def sgd_nesterov(p: Array, g: Array, v: Array) -> Any:
    v = F(0.9) * v + g
    return p - F(0.01) * (g + F(0.9) * v), v


def d_norm(x: Array, w: Array, b: Array, g: Array, mean: bool = True, dot: bool = True, weight: bool = True) -> Any:
    _, dw, db = d_layer_norm(x, w, b, g)
    c = x - x.mean(-1, keepdims=True)
    r = 1 / np.sqrt((c * c).mean(-1, keepdims=True) + F(1e-5))
    h, gw = c * r, g * w if weight else g
    first = gw.mean(-1, keepdims=True) if mean else F(0)
    second = h * (gw * h).mean(-1, keepdims=True) if dot else F(0)
    return r * (gw - first - second), dw, db


def d_norm_bias(x: Array, w: Array, b: Array, g: Array) -> Any:
    dx, dw, db = d_layer_norm(x, w, b, g)
    return dx, dw, db / F(len(x))


def d_rms(x: Array, w: Array, g: Array) -> Any:
    r = 1 / np.sqrt((x * x).mean(-1, keepdims=True) + F(1e-6))
    return r * g * w, (g * x * r).sum(0)


def d_silu_term(x: Array, g: Array) -> Array:
    return g * sigmoid(x)


def d_gelu_density(x: Array, g: Array) -> Array:
    return g * (F(0.5) * (1 + erf(x * F(math.sqrt(0.5)))) + x * np.exp(F(-0.5) * x * x) * F(0.39894))


def d_softmax_sum(x: Array, g: Array) -> Array:
    p = softmax(x)
    return p * (g - g.sum(-1, keepdims=True))


def d_log_softmax_sum(x: Array, g: Array) -> Array:
    return g - softmax(x)


def d_ce(x: Array, y: Array, g: Array, mean: bool = True, ignored: bool = True) -> Array:
    kept = y >= 0
    p = softmax(x)
    p[np.arange(len(y)), np.where(kept, y, 0)] -= 1
    p = np.where(kept[:, None], p, 0) if ignored else p
    return p * (g / F(kept.sum() if mean else len(y)))


def d_attention_scale(q: Array, k: Array, v: Array, g: Array) -> Any:
    dq, dk, dv = d_attention(q, k, v, g)
    return dq, dk * F(math.sqrt(q.shape[-1])), dv


def d_linear_transposed(x: Array, W: Array, b: Array, g: Array) -> Any:
    dx, dW, db = d_linear(x, W, b, g)
    return dx, dW, db * 0 + g.mean(0)


MASK = np.tri(16, 16, -1, dtype=bool) | np.eye(16, 1, dtype=bool)

BUGS: dict[str, dict[str, Any]] = {
    "gelu": {"√½ to five digits": gelu_constant, "last column not written": tail_left(gelu)},
    "gelu tanh": {"0.04471": gelu_tanh_constant, "a square for the cube": gelu_tanh_cubed, "the erf form": gelu},
    "silu": {"x clamped to ±20": silu_clamped, "last column not written": tail_left(silu)},
    "swiglu": {"gate and value exchanged": lambda a, b: swiglu(b, a)},
    "mish": {"computed in bfloat16": mish_log},
    "layer norm": {
        "ε outside the root": lambda *a: norm(*a, outside=True),
        "divided by n − 1": lambda *a: norm(*a, ddof=1),
        "ε of 1e-6": lambda *a: norm(*a, eps=1e-6),
        "variance not centred": norm_uncentred,
        "sums in bfloat16": norm_low,
        "padding counted": norm_padded,
        "last column not written": tail_left(layer_norm),
        "bias forgotten": lambda x, w, b: layer_norm(x, w, b * 0),
    },
    "rms norm": {
        "tail not summed": rms_tail,
        "ε of 1e-5": lambda x, w: x / np.sqrt((x * x).mean(-1, keepdims=True) + F(1e-5)) * w,
        "1 + weight": lambda x, w: rms_norm(x, 1 + w),
    },
    "softmax": {
        "no maximum": softmax_no_max,
        "sum in bfloat16": softmax_low,
        "sum of a stale maximum": softmax_stale,
        "padded with zeros": softmax_padded,
        "tile forgotten": lambda x: softmax_online(x[:, :64])[:, np.minimum(np.arange(65), 63)],
    },
    "log softmax": {"log of softmax + 1e-7": log_softmax_of_softmax},
    "cross entropy": {
        "ignored rows counted": lambda x, y: cross_entropy(x, y, count=False),
        "ignored rows not left out": lambda x, y: cross_entropy(x, y, ignore=False),
        "sum for mean": lambda x, y: cross_entropy(x, y) * F((y >= 0).sum()),
    },
    "smoothed": {
        "s/(classes − 1) on the others": lambda x, y: cross_entropy(x, y, smooth=0.1, other=True),
        "no smoothing": cross_entropy,
    },
    "attention": {
        "scale 1/d": lambda q, k, v: attend(q, k, v, scale=1 / 8),
        "scale √d of another size": lambda q, k, v: attend(q, k, v, scale=1 / math.sqrt(9)),
        "values of a stale maximum": flash_stale,
        "last key not seen": lambda q, k, v: attention(q, k[:, :-1], v[:, :-1]),
    },
    "causal": {
        "no mask": attention,
        "mask one off": lambda q, k, v: attend(q, k, v, mask=MASK),
        "mask of −1": lambda q, k, v: attend(q, k, v, mask=np.tri(16, dtype=bool), low=-1),
        "last row not written": lambda q, k, v: attention_causal(q, k, v) * (np.arange(16) < 15)[:, None],
    },
    "linear": {
        "sums in bfloat16": linear_low,
        "tail not summed": linear_no_tail,
        "inputs in bfloat16": lambda x, W, b: linear(narrow(x), narrow(W), b),
        "bias twice": lambda x, W, b: linear(x, W, 2 * b),
    },
    "linear relu": {
        "relu before the bias": lambda x, W, b: np.maximum(x @ W.T, 0) + b,
        "leaky": lambda x, W, b: np.where(linear(x, W, b) > 0, linear(x, W, b), F(0.01) * linear(x, W, b)),
    },
    "rotary": {"pairs for halves": rotary_pairs, "turned the other way": lambda x, c, s: rotary(x, c, -s)},
    "sgd": {"Nesterov": sgd_nesterov, "dampened": lambda p, g, v: sgd(p, F(0.9) * g, v)},
    "adam": {
        "ε inside the root": lambda *a: adam(*a, inside=True),
        "step 2 for 3": lambda *a: adam(*a, step=2),
        "|g| for g²": lambda *a: adam(*a, square=False),
    },
    "huber": {"no half": lambda x, y: 2 * huber(x, y), "sum for mean": lambda x, y: huber(x, y) * F(x.size)},
    "d gelu": {"density to five digits": d_gelu_density, "cotangent forgotten": lambda x, g: d_gelu(x, g * 0 + 1)},
    "d silu": {"second term missing": d_silu_term},
    "d layer norm": {
        "mean term missing": lambda *a: d_norm(*a, mean=False),
        "product term missing": lambda *a: d_norm(*a, dot=False),
        "weight forgotten": lambda *a: d_norm(*a, weight=False),
        "∂b a mean": d_norm_bias,
    },
    "d rms norm": {"second term missing": d_rms},
    "d softmax": {"sum without p": d_softmax_sum},
    "d log softmax": {"sum of the cotangent taken for 1": d_log_softmax_sum},
    "d cross entropy": {
        "divided by all rows": lambda *a: d_ce(*a, mean=False),
        "ignored rows too": lambda *a: d_ce(*a, ignored=False),
    },
    "d linear": {"∂b a mean": d_linear_transposed},
    "d attention": {"∂k not scaled": d_attention_scale},
}
