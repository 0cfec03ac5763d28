"""Formulas of common kernels, for ``admissible.value`` and ``admissible.gradient``: each over ``xp``, as one would
write it.

Arguments of a kernel that are no arrays (ε, a slope, a step) are given by name: ``partial(layer_norm, eps=1e-6)``.
Rows are the last axis. An exponential never sees a positive number; what is subtracted for that is a pivot,
``xp.stop_gradient``.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

Array = Any
Xp = Any


def sigmoid(xp: Xp, x: Array) -> Array:
    """1/(1 + e^−x), from e^−|x|."""
    e = xp.exp(-xp.abs(x))
    return xp.where(x > 0, 1 / (1 + e), e / (1 + e))


def softplus(xp: Xp, x: Array) -> Array:
    """log(1 + eˣ)."""
    return xp.maximum(x, 0) + xp.log1p(xp.exp(-xp.abs(x)))


def gelu(xp: Xp, x: Array) -> Array:
    """x Φ(x), Φ the normal distribution function (Hendrycks & Gimpel 2016)."""
    return 0.5 * x * (1 + xp.erf(x * math.sqrt(0.5)))


def gelu_tanh(xp: Xp, x: Array) -> Array:
    """The approximation of ``gelu`` by a tanh."""
    return 0.5 * x * (1 + xp.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x * x * x)))


def silu(xp: Xp, x: Array) -> Array:
    """x σ(x)."""
    return x * sigmoid(xp, x)


def swiglu(xp: Xp, gate: Array, x: Array) -> Array:
    """silu(gate) · x (Shazeer 2020)."""
    return silu(xp, gate) * x


def mish(xp: Xp, x: Array) -> Array:
    """x tanh(log(1 + eˣ)) (Misra 2019)."""
    return x * xp.tanh(softplus(xp, x))


def layer_norm(xp: Xp, x: Array, weight: Array, bias: Array, eps: float = 1e-5) -> Array:
    """(x − mean)/√(variance + ε) · weight + bias, with the variance divided by n (Ba, Kiros & Hinton 2016)."""
    centred = x - xp.mean(x, axis=-1, keepdims=True)
    variance = xp.mean(centred * centred, axis=-1, keepdims=True)
    return centred * xp.rsqrt(variance + eps) * weight + bias


def layer_norm_one_pass(xp: Xp, x: Array, weight: Array, bias: Array, eps: float = 1e-5) -> Array:
    """The same with the variance as E[x²] − E[x]²: another algorithm, as some kernels have it."""
    mean = xp.mean(x, axis=-1, keepdims=True)
    variance = xp.maximum(xp.mean(x * x, axis=-1, keepdims=True) - mean * mean, 0)
    return (x - mean) * xp.rsqrt(variance + eps) * weight + bias


def layer_norm_welford(xp: Xp, x: Array, weight: Array, bias: Array, eps: float = 1e-5) -> Array:
    """The same with mean and variance updated entry by entry (Welford 1962): another algorithm, which divides on its
    way."""
    mean, squares = x[..., :1], xp.zeros_like(x[..., :1])
    for i in range(1, x.shape[-1]):
        entry = x[..., i : i + 1]
        old, mean = mean, mean + (entry - mean) / (i + 1)
        squares = squares + (entry - old) * (entry - mean)
    return (x - mean) * xp.rsqrt(squares / x.shape[-1] + eps) * weight + bias


def rms_norm(xp: Xp, x: Array, weight: Array, eps: float = 1e-6) -> Array:
    """x/√(E[x²] + ε) · weight (Zhang & Sennrich 2019)."""
    return x * xp.rsqrt(xp.mean(x * x, axis=-1, keepdims=True) + eps) * weight


def softmax(xp: Xp, x: Array) -> Array:
    """eˣ/Σeˣ of each row, shifted by its maximum; of a row of −∞ nothing is known."""
    e = xp.exp(x - xp.stop_gradient(xp.max(x, axis=-1, keepdims=True)))
    return e / xp.sum(e, axis=-1, keepdims=True)


def log_softmax(xp: Xp, x: Array) -> Array:
    """x − log Σeˣ of each row, shifted by its maximum."""
    shifted = x - xp.stop_gradient(xp.max(x, axis=-1, keepdims=True))
    return shifted - xp.log(xp.sum(xp.exp(shifted), axis=-1, keepdims=True))


def cross_entropy(
    xp: Xp,
    x: Array,
    labels: Any,
    weight: Array | None = None,
    smoothing: float = 0.0,
    ignored: int = -100,
    z_loss: float = 0.0,
) -> Array:
    """The mean over the rows that are not ignored of −Σ q log p, with q = (1 − s)·(one-hot) + s/classes.

    With the weights of the classes the terms are weighted, and the mean is over the weights of the labels. ``z_loss``
    adds that times the mean of (log Σeˣ)².
    """
    kept = labels != ignored
    index = np.where(kept, labels, 0)[:, None]
    top = xp.stop_gradient(xp.max(x, axis=-1, keepdims=True))
    log_sum = top + xp.log(xp.sum(xp.exp(x - top), axis=-1, keepdims=True))
    log_p = (x - top) - (log_sum - top) if not z_loss else x - log_sum
    rows = -xp.take_along_axis(log_p, index, axis=-1)[:, 0]
    smooth = -log_p
    if weight is not None:
        rows = rows * xp.take(weight, index[:, 0])
        smooth = smooth * weight
    loss = rows if not smoothing else (1 - smoothing) * rows + smoothing / x.shape[-1] * xp.sum(smooth, axis=-1)
    total = xp.sum(xp.where(kept, loss, 0.0))
    count = int(kept.sum())
    mean = total / (count if weight is None else xp.sum(xp.where(kept, xp.take(weight, index[:, 0]), 0.0)))
    if not z_loss:
        return mean
    return mean + z_loss * xp.sum(xp.where(kept, (log_sum * log_sum)[:, 0], 0.0)) / count


def attention(xp: Xp, q: Array, k: Array, v: Array, mask: Any = None, scale: float | None = None) -> Array:
    """softmax(q kᵀ · scale) v (Vaswani et al. 2017); where the boolean mask is not set a key is not seen."""
    scores = (q @ xp.matrix_transpose(k)) * (1 / math.sqrt(q.shape[-1]) if scale is None else scale)
    if mask is not None:
        scores = xp.where(mask, scores, -math.inf)
    return softmax(xp, scores) @ v


def causal(rows: int, columns: int) -> Any:
    """The mask under which a row sees the columns up to its own, aligned at the end."""
    return np.tri(rows, columns, columns - rows, dtype=bool)


def linear(xp: Xp, x: Array, weight: Array, bias: Array) -> Array:
    """x Wᵀ + b, with the weights (out, in)."""
    return x @ xp.matrix_transpose(weight) + bias


def linear_relu(xp: Xp, x: Array, weight: Array, bias: Array) -> Array:
    return xp.maximum(linear(xp, x, weight, bias), 0)


def linear_gelu(xp: Xp, x: Array, weight: Array, bias: Array) -> Array:
    return gelu(xp, linear(xp, x, weight, bias))


def rotary(xp: Xp, x: Array, cosine: Array, sine: Array) -> Array:
    """x cos + (−x₂, x₁) sin, halves of the last axis rotated together (Su et al. 2021)."""
    half = x.shape[-1] // 2
    turned = xp.concat([-x[..., half:], x[..., :half]], axis=-1)
    return x * cosine + turned * sine


def sgd_step(
    xp: Xp,
    p: Array,
    gradient: Array,
    velocity: Array,
    rate: float = 0.01,
    momentum: float = 0.9,
    decay: float = 0.0,
) -> tuple[Array, Array]:
    """The parameters and the velocity after a step with momentum."""
    gradient = gradient + decay * p if decay else gradient
    velocity = momentum * velocity + gradient
    return p - rate * velocity, velocity


def adam_step(
    xp: Xp,
    p: Array,
    gradient: Array,
    first: Array,
    second: Array,
    step: int = 1,
    rate: float = 1e-3,
    betas: tuple[float, float] = (0.9, 0.999),
    eps: float = 1e-8,
    decay: float = 0.0,
) -> tuple[Array, Array, Array]:
    """The parameters and both moments after a step (Kingma & Ba 2015), with decoupled decay (Loshchilov & Hutter
    2019)."""
    first = betas[0] * first + (1 - betas[0]) * gradient
    second = betas[1] * second + (1 - betas[1]) * (gradient * gradient)
    corrected = xp.sqrt(second) / math.sqrt(1 - betas[1] ** step) + eps
    p = p * (1 - rate * decay) if decay else p
    return p - rate / (1 - betas[0] ** step) * (first / corrected), first, second


def huber(xp: Xp, x: Array, y: Array, delta: float = 1.0) -> Array:
    """The mean of ½d² where |d| < δ, else δ(|d| − ½δ), d = x − y (Huber 1964)."""
    d = x - y
    size = xp.abs(d)
    return xp.mean(xp.where(size < delta, 0.5 * (d * d), delta * (size - 0.5 * delta)))


def kl_divergence(xp: Xp, log_p: Array, target: Array) -> Array:
    """Σ target (log target − log p) over the batch, divided by its rows; a term with target 0 is 0."""
    positive = target > 0
    terms = target * (xp.log(xp.where(positive, target, 1.0)) - log_p)
    return xp.sum(xp.where(positive, terms, 0.0)) / log_p.shape[0]
