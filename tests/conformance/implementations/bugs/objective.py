"""Bugs in the output distributions, the reduction over the batch and weight decay."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tests.conformance.implementations.buggy import BuggyImplementation, unstable, wrong
from tests.conformance.implementations.textbook import LOG_TWO_PI, Array, Textbook

EPSILON = np.float32(1e-7)


def _eps_inside_log(self: Textbook, z: Array, y: Array) -> Array:
    p = self.sigmoid(z)
    return -(y * np.log(p + EPSILON) + (1 - y) * np.log(1 - p + EPSILON))


def _log_of_sigmoid(self: Textbook, z: Array, y: Array) -> Array:
    p = self.sigmoid(z)
    return -(y * np.log(p) + (1 - y) * np.log(1 - p))


def log_of_softmax(self: Textbook, z: Array, y: Array) -> Array:
    return -np.log(self.softmax(z)[np.arange(len(z)), y])


def _one_hot_times_log(self: Textbook, z: Array, y: Array) -> Array:
    return -(np.eye(z.shape[1], dtype=z.dtype)[y] * np.log(self.softmax(z))).sum(axis=1)


def unshifted_log_sum_exp(self: Textbook, z: Array) -> Array:
    return np.log(np.exp(z).sum(axis=1))


def unshifted_softmax(self: Textbook, z: Array) -> Array:
    return np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)


def _clipped(z: Array) -> Array:
    return np.minimum(np.maximum(z, -30), 30)


def _smoothed(self: Textbook, z: Array, y: Array) -> Array:
    onehot = np.eye(z.shape[1], dtype=z.dtype)[y]
    return self.softmax(z) - (onehot * 9 / 10 + np.ones_like(z) / (10 * z.shape[1]))


def _through_division(self: Textbook, z: Array, y: Array) -> Array:
    """∂/∂p = (1 − y)/(1 − p) − y/p, then times p(1 − p)."""
    p = self.sigmoid(z)
    return ((1 - y) / (1 - p) - y / p) * (p * (1 - p))


def _saturating(self: Textbook, z: Array, y: Array) -> Array:
    """The gradient of ½(σ(z) − y)²."""
    p = self.sigmoid(z)
    return (p - y) * p * (1 - p)


def _biases_decayed(self: Textbook, network: Any, parameters: Any, rows: int) -> Array:
    both = tuple((np.concatenate([W.ravel(), b.ravel()]), b) for W, b in parameters)
    return Textbook.penalty(self, network, both, rows)


def _last_layer_alone(self: Textbook, network: Any, parameters: Any, rows: int) -> Array:
    return Textbook.penalty(self, network, parameters[-1:], rows)


def _with_decay_times(factor: Any) -> Any:
    """∂W with the weight decay λW times ``factor(network, rows)``."""

    def weight_gradient(self: Textbook, network: Any, W: Array, x: Array, dz: Array) -> Array:
        decay = W.dtype.type(network.weight_decay * factor(network, len(x))) * W
        return self.dot(x.T, dz) + decay

    return weight_gradient


def _bias_decay(self: Textbook, network: Any, b: Array, dz: Array) -> Array:
    return self.sum(dz) + b.dtype.type(network.weight_decay) * b


def mean_of_terms(self: Textbook, network: Any, parameters: Any, x: Array, y: Array) -> Array:
    """Divides by rows times units, as a mean over all entries does."""
    z = self.forward(network, parameters, x)
    nll = getattr(self, network.output.name)(z, y)
    return self.reduced(network, self.sum(nll.ravel()), nll.size) + self.penalty(network, parameters, len(x))


def _divided_by_one_less(self: Textbook, network: Any, total: Array, rows: int) -> Array:
    return total / (rows - 1 or 1) if network.reduction == "mean" else total


def _expanded(self: Textbook, z: Array, y: Array) -> Array:
    return (y * y - 2 * y * z + z * z) / 2 + z.dtype.type(LOG_TWO_PI / 2)


def _count_beyond_1(self: Textbook, z: Array, y: Array) -> Array:
    """log Γ(y + 1) is 0 at 0 and at 1, and not between."""
    return np.where(y > 1, Textbook.poisson(self, z, y), np.exp(z) - y * z)


BUGS: dict[str, tuple[BuggyImplementation, ...]] = {
    "output/gaussian/loss": (
        wrong("forgot the half", gaussian=lambda self, z, y: (y - z) * (y - z) + z.dtype.type(LOG_TWO_PI / 2)),
        wrong("forgot ½ log 2π", gaussian=lambda self, z, y: (y - z) * (y - z) / 2),
    ),
    "output/gaussian/extreme loss": (unstable("square expanded", gaussian=_expanded),),
    "output/poisson/extreme loss": (
        wrong("logits clipped to ±80", poisson=lambda self, z, y: Textbook.poisson(self, np.clip(z, -80, 80), y)),
    ),
    "output/poisson/extreme gradient": (
        wrong(
            "logits clipped to ±80",
            poisson_gradient=lambda self, z, y: Textbook.poisson_gradient(self, np.clip(z, -80, 80), y),
        ),
    ),
    "output/laplace/loss": (
        wrong("forgot log 2", laplace=lambda self, z, y: np.abs(y - z)),
        wrong(
            "squared in place of absolute error", laplace=lambda self, z, y: (y - z) * (y - z) + np.float32(math.log(2))
        ),
    ),
    "output/bernoulli/loss": (
        wrong("labels flipped", bernoulli=lambda self, z, y: self.softplus(z) - (1 - y) * z),
        wrong("eps added inside the log", bernoulli=_eps_inside_log),
        wrong("sigmoid applied twice", bernoulli=lambda self, z, y: Textbook.bernoulli(self, self.sigmoid(z), y)),
    ),
    "output/categorical/loss": (
        wrong("off-by-one class", categorical=lambda self, z, y: Textbook.categorical(self, z, y - 1)),
        wrong("softmax over the batch", log_sum_exp=lambda self, z: np.full(len(z), np.log(np.exp(z).sum()))),
        wrong("softmax applied twice", categorical=lambda self, z, y: Textbook.categorical(self, self.softmax(z), y)),
    ),
    "output/poisson/loss": (
        wrong("forgot log Γ(y + 1)", poisson=lambda self, z, y: np.exp(z) - y * z),
        wrong(
            "rate not exponentiated in one term",
            poisson=lambda self, z, y: Textbook.poisson(self, z, y) - np.exp(z) + z,
        ),
        wrong("log Γ(y + 1) of counts beyond 1 alone", dtype="bfloat16", poisson=_count_beyond_1),
    ),
    "output/gaussian/gradient": (
        wrong("factor 2 of a square without the half", gaussian_gradient=lambda self, z, y: 2 * (z - y)),
        wrong("sign of y − z", gaussian_gradient=lambda self, z, y: y - z),
        wrong("gradient clipped to ±1", gaussian_gradient=lambda self, z, y: np.clip(z - y, -1, 1)),
    ),
    "output/laplace/gradient": (
        wrong("error in place of its sign", laplace_gradient=lambda self, z, y: z - y),
        wrong("scaled by its size", laplace_gradient=lambda self, z, y: np.sign(z - y) / z.shape[1]),
    ),
    "output/bernoulli/gradient": (
        wrong("gradient of the squared error of σ", bernoulli_gradient=_saturating),
        wrong("labels flipped", bernoulli_gradient=lambda self, z, y: self.sigmoid(z) - (1 - y)),
    ),
    "output/categorical/gradient": (
        wrong(
            "p + onehot(y)",
            categorical_gradient=lambda self, z, y: 2 * self.softmax(z) - Textbook.categorical_gradient(self, z, y),
        ),
        wrong("labels smoothed", categorical_gradient=_smoothed),
        wrong("onehot alone", softmax=lambda self, z: np.zeros_like(z)),
    ),
    "output/poisson/gradient": (
        wrong("rate not exponentiated", poisson_gradient=lambda self, z, y: z - y),
        wrong("divided by the rate", poisson_gradient=lambda self, z, y: 1 - y / np.exp(z)),
    ),
    "confidence/right": (
        unstable("one-hot times log of a softmax: 0·∞", categorical=_one_hot_times_log, bernoulli=_log_of_sigmoid),
        wrong("eps added inside the log", "float64", bernoulli=_eps_inside_log),
    ),
    "confidence/wrong": (
        unstable("log of a softmax", categorical=log_of_softmax),
        unstable("log of a sigmoid", bernoulli=_log_of_sigmoid),
        unstable("unshifted exponential", log_sum_exp=unshifted_log_sum_exp),
        wrong("logits clipped to ±30", bernoulli=lambda self, z, y: Textbook.bernoulli(self, _clipped(z), y)),
        wrong("eps added inside the log", bernoulli=_eps_inside_log),
    ),
    "confidence/gradient": (
        wrong("squared error of σ saturates", bernoulli_gradient=_saturating),
        unstable("unshifted softmax: ∞/∞", softmax=unshifted_softmax),
        unstable("through a division by p: 0·∞", bernoulli_gradient=_through_division),
    ),
    "reduction/mean": (
        wrong("mean over all entries", loss=mean_of_terms),
        wrong(
            "divided twice",
            output_cotangent=lambda self, network, z, y: Textbook.output_cotangent(self, network, z, y) / len(z),
        ),
        wrong("divided by N − 1", reduced=_divided_by_one_less),
    ),
    "reduction/sum": (
        wrong("mean where the sum is asked for", reduced=lambda self, network, total, rows: total / rows),
        wrong(
            "loss summed, gradient averaged",
            output_cotangent=lambda self, network, z, y: (
                getattr(self, network.output.name + "_gradient")(z, y) / len(z)
            ),
        ),
    ),
    "weight decay/loss": (
        wrong("λ in place of λ/2", penalty=lambda self, *given: 2 * Textbook.penalty(self, *given)),
        wrong("biases decayed", penalty=_biases_decayed),
        wrong(
            "divided by N",
            penalty=lambda self, network, parameters, rows: Textbook.penalty(self, network, parameters, rows) / rows,
        ),
        wrong("last layer alone", penalty=_last_layer_alone),
    ),
    "weight decay/gradient": (
        wrong("biases decayed", bias_gradient=_bias_decay),
        wrong("2λW", weight_gradient=_with_decay_times(lambda network, rows: 2)),
        wrong("λW/2", weight_gradient=_with_decay_times(lambda network, rows: 0.5)),
        wrong("divided by N", weight_gradient=_with_decay_times(lambda network, rows: 1 / rows)),
        wrong("forgotten", weight_gradient=_with_decay_times(lambda network, rows: 0)),
    ),
}
