"""Correct implementations that differ from the reference, each the textbook network with some lines replaced.

They sum in other orders, accumulate in other precisions, fuse multiply and add, take slopes from a layer's output,
choose otherwise at kinks and ties, and flush subnormals to zero. Standard forms that are *not* admitted stand in
``bugs/activations.py`` beside the law that rejects them: the sigmoid as (1 + tanh(z/2))/2 and tanh as 2σ(2z) − 1 lose
the relative accuracy of small values, 1/(1 + e^-z) and 1/cosh² overflow in float16 (in the other precisions they pass),
and (z + |z|)/2 overflows near the largest number.

Flushed subnormals are left out of float16, because no hardware does that there.
"""

from __future__ import annotations

from functools import reduce
from typing import Any

import numpy as np

from ffn.network.description import Network, Parameters, Recurrent
from tests.conformance.implementations.arithmetic import (
    FLUSHED,
    WIDE,
    blocked,
    by_size,
    compensated,
    fused_dot,
    pairwise,
    sequential,
    summing,
    wide_dot,
    wide_sum,
)
from tests.conformance.implementations.textbook import LOG_TWO_PI, Array, Textbook, textbook

NOT_OFFERED = None  # in place of a method: a slope from the output is admitted in gradients alone


# the layers


def bias_first(self: Textbook, x: Array, W: Array, b: Array) -> Array:
    """The accumulator begins at b."""
    ones = np.ones((len(x), 1), dtype=x.dtype)
    return self.dot(np.concatenate([ones, x], axis=1), np.concatenate([b[None, :], W]))


def last_winner(self: Textbook, z: Array) -> Array:
    return Textbook.winners(self, z[..., ::-1])[..., ::-1]


def shared_winner(self: Textbook, z: Array) -> Array:
    tied = (z == z.max(axis=-1, keepdims=True)).astype(z.dtype)
    return tied / tied.sum(axis=-1, keepdims=True)


def at_kinks(name: str, share: float) -> Textbook:
    """At each kink that share of the way from the left slope to the right one."""

    def step(z: Array, at: float, left: float, right: float) -> Array:
        middle = left + share * (right - left)
        return np.where(z > at, right, np.where(z < at, left, middle)).astype(z.dtype)

    return textbook(
        name,
        relu_slope=lambda self, z, h: step(z, 0, 0, 1),
        leaky_relu_slope=lambda self, z, h, a=0.01: step(z, 0, a, 1),
        absolute_slope=lambda self, z, h: step(z, 0, -1, 1),
        hard_tanh_slope=lambda self, z, h: step(z, -1, 0, 1) * step(z, 1, 1, 0),
    )


# activations


def tanh_through_expm1(self: Textbook, z: Array) -> Array:
    e = np.expm1(-2 * np.abs(z))
    return np.copysign(e / (2 + e), z)


# the objective


class LateMean(Textbook):
    """The mean's division by N after the sums of the backward pass, the weight decay added last."""

    name = "mean by late division"

    def output_cotangent(self, network: Network, z: Array, y: Array) -> Array:
        return getattr(self, f"{network.output.name}_gradient")(z, y)

    def weight_gradient(self, network: Network, W: Array, x: Array, dz: Array) -> Array:
        dW = self.reduced(network, self.dot(x.T, dz), len(x))
        return dW + W.dtype.type(network.weight_decay) * W

    def bias_gradient(self, network: Network, b: Array, dz: Array) -> Array:
        return self.reduced(network, self.sum(dz), len(dz))

    def recurrent_gradient(self, recurrent: Recurrent, parameters: Any, x: Array, y: Array, h0: Array) -> Any:
        sums = super().recurrent_gradient(recurrent, parameters, x, y, h0)
        return tuple(tuple(self.reduced(recurrent.readout, array, len(x)) for array in layer) for layer in sums)


def early_mean(self: Textbook, network: Network, parameters: Parameters, z: Array, y: Array) -> Array:
    """Each loss divided by N before they are summed."""
    shares = self.reduced(network, getattr(self, network.output.name)(z, y), len(z))
    return self.sum(shares.ravel()) + self.penalty(network, parameters, len(z))


def late_half(self: Textbook, network: Network, parameters: Parameters, z: Array, y: Array) -> Array:
    """The sum of the squares, halved and divided by N at its end, and the constant of them all."""
    if network.output.name != "gaussian":
        return Textbook.cost(self, network, parameters, z, y)
    squares, half, constant = self.sum(((y - z) * (y - z)).ravel()), z.dtype.type(0.5), z.dtype.type(LOG_TWO_PI / 2)
    likelihood = self.reduced(network, half * squares, len(z)) + self.reduced(network, z.size * constant, len(z))
    return likelihood + self.penalty(network, parameters, len(z))


def penalty_by_layers(self: Textbook, network: Network, parameters: Parameters, rows: int) -> Array:
    """λ·W·W/2, each rounded, summed layer by layer."""
    if not network.weight_decay:
        return 0
    factor = parameters[0][0].dtype.type(network.weight_decay)
    return reduce(np.add, [self.sum((factor * W * W / 2).ravel()) for W, _ in parameters])


def penalty_of_norms(self: Textbook, network: Network, parameters: Parameters, rows: int) -> Array:
    """(λ/2)‖W‖² for the norm as a library returns it: a root, squared again."""
    if not network.weight_decay:
        return 0
    factor = parameters[0][0].dtype.type(network.weight_decay) / 2
    norms = [np.sqrt(self.sum((W * W).ravel())) for W, _ in parameters]
    return reduce(np.add, [factor * norm * norm for norm in norms])


def penalty_differentiated(self: Textbook, network: Network, W: Array, x: Array, dz: Array) -> Array:
    """(λ/2)·2W, as who differentiates the penalty: half of a subnormal λ is rounded by itself."""
    return self.dot(x.T, dz) + W.dtype.type(network.weight_decay / 2) * (2 * W)


def by_example(self: Textbook, network: Network, parameters: Parameters, x: Array, y: Array) -> Parameters:
    """One backward pass for each example; the gradients summed, then divided."""
    single = Network(network.inputs, network.units, network.output, network.hidden, "sum")
    each = [Textbook.gradient(self, single, parameters, x[i : i + 1], y[i : i + 1]) for i in range(len(x))]
    sums = [tuple(reduce(np.add, arrays) for arrays in zip(*layers, strict=True)) for layers in zip(*each, strict=True)]
    decay = parameters[0][0].dtype.type(network.weight_decay)
    return tuple(
        (self.reduced(network, dW, len(x)) + decay * W, self.reduced(network, db, len(x)))
        for (dW, db), (W, _) in zip(sums, parameters, strict=True)
    )


def one_hot(z: Array, y: Array) -> Array:
    return np.eye(z.shape[1], dtype=z.dtype)[y]


def log_softmax(self: Textbook, z: Array) -> Array:
    shifted = z - z.max(axis=1, keepdims=True)
    return shifted - np.log(self.sum(np.exp(shifted).T))[:, None]


# learned variances


def through_variance(self: Textbook, r: Array, s: Array) -> tuple[Array, Array]:
    """½(r²/v + log v) differentiated by v, then by s = log v."""
    v = np.exp(s)
    return r / v, (1 / v - r * r / v / v) / 2 * v


def standardised(self: Textbook, r: Array, s: Array) -> Array:
    """As the logarithm of a normal density takes it, by σ."""
    t = r / np.exp(s / 2)
    return t * t / 2 + np.log(np.exp(s / 2))


def standardised_gradient(self: Textbook, r: Array, s: Array) -> tuple[Array, Array]:
    t = r / np.exp(s / 2)
    return t / np.exp(s / 2), (1 - t * t) / 2


# the recurrent layer


def joined(self: Textbook, x: Array, h: Array, W: Array, U: Array, b: Array) -> Array:
    return self.affine(np.concatenate([x, h], axis=1), np.concatenate([W, U]), b)


def first_step_first(self: Textbook, gradients: Any) -> Any:
    return tuple(reduce(np.add, terms) for terms in zip(*reversed(gradients), strict=True))


VARIANTS: tuple[Textbook, ...] = (
    Textbook(),
    summing("sums from first to last", sequential),
    summing("sums from last to first", lambda self, terms: sequential(self, terms[::-1])),
    summing("sums in random order", lambda self, terms: sequential(self, np.random.default_rng(7).permutation(terms))),
    summing("sums from the largest on", by_size),
    summing("pairwise sums", pairwise),
    summing("blocked sums", blocked),
    summing("compensated sums", compensated),
    summing("bias first", sequential, affine=bias_first),
    textbook("fused multiply-add", dot=fused_dot, sum=sequential, affine=bias_first),
    textbook("wide accumulators", dot=wide_dot, sum=wide_sum),
    WIDE,
    FLUSHED,
    textbook(
        "slopes from the output",
        slope=NOT_OFFERED,
        relu_slope=lambda self, z, h: (h > 0).astype(z.dtype),
        sigmoid_slope=lambda self, z, h: h * (1 - h),
        tanh_slope=lambda self, z, h: 1 - h * h,
        softplus_slope=lambda self, z, h: np.exp(z - h),
    ),
    textbook(
        "other forms of the slopes from the output",
        slope=NOT_OFFERED,
        sigmoid_slope=lambda self, z, h: h - h * h,
        tanh_slope=lambda self, z, h: (1 - h) * (1 + h),
        softplus_slope=lambda self, z, h: -np.expm1(-h),
    ),
    textbook(
        "other forms of activations and slopes",
        relu=lambda self, z: z * (z > 0),
        leaky_relu=lambda self, z, a=0.01: np.maximum(z, 0) + z.dtype.type(a) * np.minimum(z, 0),
        absolute=lambda self, z: np.maximum(z, 0) + np.maximum(-z, 0),
        sigmoid_slope=lambda self, z, h: self.sigmoid(z) * self.sigmoid(-z),
        tanh=tanh_through_expm1,
        softplus=lambda self, z: np.logaddexp(z, 0 * z),
    ),
    at_kinks("slopes from the left at kinks", 0.0),
    at_kinks("slopes from the middle at kinks", 0.5),
    at_kinks("slopes from the right at kinks", 1.0),
    textbook("last of tied pieces", winners=last_winner),
    textbook("tied pieces share", winners=shared_winner),
    textbook(
        "one-hot cross-entropy of a log-softmax",
        categorical=lambda self, z, y: -self.sum((one_hot(z, y) * log_softmax(self, z)).T),
        categorical_gradient=lambda self, z, y: np.exp(log_softmax(self, z)) - one_hot(z, y),
        bernoulli=lambda self, z, y: y * self.softplus(-z) + (1 - y) * self.softplus(z),
        gaussian=lambda self, z, y: (z.dtype.type(LOG_TWO_PI) + (y - z) * (y - z)) / 2,
    ),
    textbook(
        "margin to the largest logit",
        categorical=lambda self, z, y: (
            np.log(self.sum(np.exp(z.T - z.max(axis=1)))) + (z.max(axis=1) - z[np.arange(len(z)), y])
        ),
        bernoulli=lambda self, z, y: np.maximum(z, 0) - z * y + np.log1p(np.exp(-np.abs(z))),
    ),
    LateMean(),
    textbook("mean by early division", cost=early_mean),
    textbook("squares halved last", cost=late_half),
    textbook(
        "mean by a factor 1/N",
        reduced=lambda self, network, total, rows: (
            total * (1 / np.asarray(rows, total.dtype)).astype(total.dtype) if network.reduction == "mean" else total
        ),
    ),
    textbook("weight decay by λ·W·W/2", penalty=penalty_by_layers, weight_gradient=penalty_differentiated),
    textbook("weight decay by norms", penalty=penalty_of_norms),
    textbook("example by example", gradient=by_example),
    textbook(
        "variances in place of log-variances",
        standard=lambda self, r, s: (r * r / np.exp(s) + np.log(np.exp(s))) / 2,
        standard_gradient=through_variance,
        weighted=lambda self, a, log_density: -self.log_sum_exp(log_softmax(self, a) + log_density),
        responsibilities=lambda self, a, log_density: np.exp(log_softmax(self, log_softmax(self, a) + log_density)),
        weights_gradient=lambda self, a, gamma: np.exp(log_softmax(self, a)) * self.sum(gamma.T)[:, None] - gamma,
    ),
    textbook("residuals by the standard deviation", standard=standardised, standard_gradient=standardised_gradient),
    textbook("dropped by choice", dropped=lambda self, x, mask: np.where(mask > 0, x, 0 * x)),
    textbook("input and state joined", state=joined, over_time=first_step_first),
    textbook("state before input", state=lambda self, x, h, W, U, b: (self.dot(h, U) + b) + self.dot(x, W)),
)
