"""Correct kernels: by tiles, in one pass, fused, in other orders."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

F = np.float32
Array = Any
_erf = np.frompyfunc(math.erf, 1, 1)


def erf(x: Array) -> Array:
    return np.asarray(_erf(x)).astype(x.dtype)


def sigmoid(x: Array) -> Array:
    e = np.exp(-np.abs(x))
    return np.where(x > 0, 1 / (1 + e), e / (1 + e))


def gelu(x: Array) -> Array:
    return F(0.5) * x * (1 + erf(x * F(math.sqrt(0.5))))


def gelu_halved_last(x: Array) -> Array:
    return x * (F(0.5) + F(0.5) * erf(x / F(math.sqrt(2))))


def gelu_tanh(x: Array) -> Array:
    return F(0.5) * x * (1 + np.tanh(F(math.sqrt(2 / math.pi)) * (x + F(0.044715) * x**3)))


def gelu_tanh_factored(x: Array) -> Array:
    k = F(math.sqrt(2 / math.pi))
    return F(0.5) * x * (1 + np.tanh(x * (k + k * F(0.044715) * x * x)))


def silu(x: Array) -> Array:
    return x / (1 + np.exp(-x))


def silu_by_sigmoid(x: Array) -> Array:
    return x * sigmoid(x)


def swiglu(gate: Array, x: Array) -> Array:
    return silu(gate) * x


def mish(x: Array) -> Array:
    return x * np.tanh(np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x))))


def layer_norm(x: Array, w: Array, b: Array) -> Array:
    c = x - x.mean(-1, keepdims=True)
    return c / np.sqrt((c * c).mean(-1, keepdims=True) + F(1e-5)) * w + b


def layer_norm_scale_first(x: Array, w: Array, b: Array) -> Array:
    c = x - x.mean(-1, keepdims=True)
    return c * (w / np.sqrt((c * c).mean(-1, keepdims=True) + F(1e-5))) + b


def layer_norm_welford(x: Array, w: Array, b: Array) -> Array:
    mean, m2 = np.zeros_like(x[:, :1]), np.zeros_like(x[:, :1])
    for i in range(x.shape[-1]):
        delta = x[:, i : i + 1] - mean
        mean = mean + delta / F(i + 1)
        m2 = m2 + delta * (x[:, i : i + 1] - mean)
    return (x - mean) / np.sqrt(m2 / F(x.shape[-1]) + F(1e-5)) * w + b


def layer_norm_in_tiles(x: Array, w: Array, b: Array) -> Array:
    n = F(x.shape[-1])
    mean = tiled_sum(x) / n
    c = x - mean
    return c * (1 / np.sqrt(tiled_sum(c * c) / n + F(1e-5))) * w + b


def tiled_sum(x: Array, tile: int = 16) -> Array:
    total = np.zeros_like(x[..., :1])
    for start in range(0, x.shape[-1], tile):
        total = total + x[..., start : start + tile].sum(-1, keepdims=True)
    return total


def rms_norm(x: Array, w: Array) -> Array:
    return x / np.sqrt((x * x).mean(-1, keepdims=True) + F(1e-6)) * w


def rms_norm_by_dots(x: Array, w: Array) -> Array:
    return w * (x * (1 / np.sqrt(np.einsum("ij,ij->i", x, x)[:, None] / F(x.shape[-1]) + F(1e-6))))


def softmax(x: Array) -> Array:
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def softmax_online(x: Array, tile: int = 16) -> Array:
    """Maximum and sum in one pass over tiles, corrected as the maximum grows (Milakov & Gimelshein 2018)."""
    top = np.full_like(x[:, :1], -np.inf)
    total = np.zeros_like(top)
    for start in range(0, x.shape[-1], tile):
        part = x[:, start : start + tile]
        new = np.maximum(top, part.max(-1, keepdims=True))
        total = total * np.exp(top - new) + np.exp(part - new).sum(-1, keepdims=True)
        top = new
    return np.exp(x - top) / total


def softmax_by_reciprocal(x: Array) -> Array:
    e = np.exp(x - x.max(-1, keepdims=True))
    return e * (1 / tiled_sum(e))


def log_softmax(x: Array) -> Array:
    s = x - x.max(-1, keepdims=True)
    return s - np.log(np.exp(s).sum(-1, keepdims=True))


def cross_entropy(x: Array, y: Array) -> Array:
    kept = y >= 0
    return -log_softmax(x)[kept, y[kept]].sum() / F(kept.sum())


def cross_entropy_smoothed(x: Array, y: Array) -> Array:
    kept = y >= 0
    p = -log_softmax(x)[kept]
    return (F(0.9) * p[np.arange(len(p)), y[kept]] + F(0.1) * p.mean(-1)).mean()


def attention(q: Array, k: Array, v: Array) -> Array:
    return softmax(q @ k.swapaxes(-1, -2) / F(math.sqrt(q.shape[-1]))) @ v


def attention_scaled_first(q: Array, k: Array, v: Array) -> Array:
    return softmax((q * F(1 / math.sqrt(q.shape[-1]))) @ k.swapaxes(-1, -2)) @ v


def attention_flash(q: Array, k: Array, v: Array, tile: int = 4, causal: bool = False) -> Array:
    """One pass over tiles of keys, the sum of values corrected as the maximum grows (Dao et al. 2022)."""
    top = np.full_like(q[..., :1], -np.inf)
    total, answer = np.zeros_like(top), np.zeros_like(q)
    for start in range(0, k.shape[-2], tile):
        scores = q @ k[..., start : start + tile, :].swapaxes(-1, -2) * F(1 / math.sqrt(q.shape[-1]))
        if causal:
            seen = np.arange(q.shape[-2])[:, None] >= start + np.arange(scores.shape[-1])
            scores = np.where(seen, scores, F(-np.inf))
        new = np.maximum(top, scores.max(-1, keepdims=True))
        p, old = np.exp(scores - new), np.exp(top - new)
        total = total * old + p.sum(-1, keepdims=True)
        answer = answer * old + p @ v[..., start : start + tile, :]
        top = new
    return answer / total


def attention_causal(q: Array, k: Array, v: Array) -> Array:
    scores = q @ k.swapaxes(-1, -2) / F(math.sqrt(q.shape[-1]))
    return softmax(np.where(np.tri(q.shape[-2], dtype=bool), scores, F(-np.inf))) @ v


def linear(x: Array, W: Array, b: Array) -> Array:
    return x @ W.T + b


def linear_in_tiles(x: Array, W: Array, b: Array) -> Array:
    answer = np.zeros((len(x), len(W)), dtype=F) + b
    for start in range(0, x.shape[1], 16):
        answer = answer + x[:, start : start + 16] @ W[:, start : start + 16].T
    return answer


def linear_one_by_one(x: Array, W: Array, b: Array) -> Array:
    answer = np.zeros((len(x), len(W)), dtype=F)
    for i in reversed(range(x.shape[1])):
        answer = answer + x[:, i, None] * W[:, i]
    return answer + b


def linear_wide(x: Array, W: Array, b: Array) -> Array:
    return (x.astype(np.float64) @ W.T.astype(np.float64) + b).astype(F)


def linear_relu(x: Array, W: Array, b: Array) -> Array:
    return np.maximum(linear(x, W, b), 0)


def rotary(x: Array, c: Array, s: Array) -> Array:
    a, b = np.split(x, 2, axis=-1)
    return x * c + np.concatenate([-b, a], axis=-1) * s


def sgd(p: Array, g: Array, v: Array) -> tuple[Array, Array]:
    v = F(0.9) * v + g
    return p - F(0.01) * v, v


def adam(p: Array, g: Array, m: Array, s: Array) -> tuple[Array, Array, Array]:
    m, s = F(0.9) * m + F(0.1) * g, F(0.999) * s + F(0.001) * g * g
    root = np.sqrt(s) / F(math.sqrt(1 - 0.999**3)) + F(1e-8)
    return p - F(1e-3 / (1 - 0.9**3)) * m / root, m, s


def adam_unfused(p: Array, g: Array, m: Array, s: Array) -> tuple[Array, Array, Array]:
    m, s = F(0.9) * m + F(0.1) * g, F(0.999) * s + F(0.001) * (g * g)
    return p - F(1e-3) * ((m / F(1 - 0.9**3)) / (np.sqrt(s / F(1 - 0.999**3)) + F(1e-8))), m, s


def huber(x: Array, y: Array) -> Array:
    d = np.abs(x - y)
    return np.where(d < 1, F(0.5) * d * d, d - F(0.5)).mean()


# gradients: the last argument is the cotangent


def d_gelu(x: Array, g: Array) -> Array:
    density = np.exp(F(-0.5) * x * x) * F(1 / math.sqrt(2 * math.pi))
    return g * (F(0.5) * (1 + erf(x * F(math.sqrt(0.5)))) + x * density)


def d_silu(x: Array, g: Array) -> Array:
    s = sigmoid(x)
    return g * (s + x * s * sigmoid(-x))


def d_layer_norm(x: Array, w: Array, b: Array, g: Array) -> tuple[Array, Array, Array]:
    c = x - x.mean(-1, keepdims=True)
    r = 1 / np.sqrt((c * c).mean(-1, keepdims=True) + F(1e-5))
    h, gw = c * r, g * w
    dx = r * (gw - gw.mean(-1, keepdims=True) - h * (gw * h).mean(-1, keepdims=True))
    return dx, (g * h).sum(0), g.sum(0)


def d_rms_norm(x: Array, w: Array, g: Array) -> tuple[Array, Array]:
    r = 1 / np.sqrt((x * x).mean(-1, keepdims=True) + F(1e-6))
    gw = g * w
    return r * (gw - x * r * r * (gw * x).mean(-1, keepdims=True)), (g * x * r).sum(0)


def d_softmax(x: Array, g: Array) -> Array:
    p = softmax(x)
    return p * (g - (g * p).sum(-1, keepdims=True))


def d_log_softmax(x: Array, g: Array) -> Array:
    return g - softmax(x) * g.sum(-1, keepdims=True)


def d_cross_entropy(x: Array, y: Array, g: Array) -> Array:
    kept = y >= 0
    p = softmax(x)
    p[np.arange(len(y)), np.where(kept, y, 0)] -= 1
    return np.where(kept[:, None], p, 0) * (g / F(kept.sum()))


def d_linear(x: Array, W: Array, b: Array, g: Array) -> tuple[Array, Array, Array]:
    return g @ W, g.T @ x, g.sum(0)


def d_attention(q: Array, k: Array, v: Array, g: Array) -> tuple[Array, Array, Array]:
    """The softmax's backward pass through the row sums of g · answer (Dao et al. 2022)."""
    scale = F(1 / math.sqrt(q.shape[-1]))
    p = softmax(q @ k.swapaxes(-1, -2) * scale)
    ds = p * (g @ v.swapaxes(-1, -2) - (g * (p @ v)).sum(-1, keepdims=True)) * scale
    return ds @ k, ds.swapaxes(-1, -2) @ q, p.swapaxes(-1, -2) @ g


CORRECT: dict[str, tuple[Any, ...]] = {
    "gelu": (gelu, gelu_halved_last),
    "gelu tanh": (gelu_tanh, gelu_tanh_factored),
    "silu": (silu_by_sigmoid,),
    "swiglu": (swiglu,),
    "mish": (mish,),
    "layer norm": (layer_norm, layer_norm_scale_first, layer_norm_welford, layer_norm_in_tiles),
    "rms norm": (rms_norm, rms_norm_by_dots),
    "softmax": (softmax, softmax_online, softmax_by_reciprocal),
    "log softmax": (log_softmax,),
    "cross entropy": (cross_entropy,),
    "smoothed": (cross_entropy_smoothed,),
    "attention": (attention, attention_scaled_first, attention_flash),
    "causal": (attention_causal, lambda q, k, v: attention_flash(q, k, v, causal=True)),
    "linear": (linear, linear_in_tiles, linear_one_by_one, linear_wide),
    "linear relu": (linear_relu,),
    "rotary": (rotary,),
    "sgd": (sgd,),
    "adam": (adam, adam_unfused),
    "huber": (huber,),
    "d gelu": (d_gelu,),
    "d silu": (d_silu,),
    "d layer norm": (d_layer_norm,),
    "d rms norm": (d_rms_norm,),
    "d softmax": (d_softmax,),
    "d log softmax": (d_log_softmax,),
    "d cross entropy": (d_cross_entropy,),
    "d linear": (d_linear,),
    "d attention": (d_attention,),
}
