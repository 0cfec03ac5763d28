"""Bugs in the activations, their slopes, and what happens at kinks and ties."""

from __future__ import annotations

import numpy as np

from tests.conformance.implementations.buggy import BuggyImplementation, error, unstable, wrong
from tests.conformance.implementations.textbook import Array, Textbook


def _where(condition: Array, a: Array, b: Array) -> Array:
    """np.where in the dtype of the first branch."""
    return np.where(condition, a, np.asarray(b, dtype=a.dtype))


def _slope_of_both_relus(self: Textbook, z: Array, h: Array) -> Array:
    """|z| as relu(z) + relu(−z), each with slope 1 at 0, added instead of subtracted."""
    return (z >= 0).astype(z.dtype) + (z <= 0) - 2 * (z < 0)


def square_not_transposed(self: Textbook, W: Array, dz: Array) -> Array:
    return self.dot(dz, W if W.shape[0] == W.shape[1] else W.T)


def _argmin_winners(self: Textbook, z: Array) -> Array:
    return np.eye(z.shape[-1], dtype=z.dtype)[z.argmin(axis=-1)]


def _tied_winners(self: Textbook, z: Array) -> Array:
    return (z == z.max(axis=-1, keepdims=True)).astype(z.dtype)


def _first_winner(self: Textbook, z: Array) -> Array:
    return np.broadcast_to(np.eye(z.shape[-1], dtype=z.dtype)[0], z.shape)


BUGS: dict[str, tuple[BuggyImplementation, ...]] = {
    "activation/identity/value": (
        wrong("pre-activations clipped to ±30", identity=lambda self, z: np.maximum(np.minimum(z, 30), -30)),
        wrong("computed in half precision on the way", identity=lambda self, z: z.astype(np.float16).astype(z.dtype)),
    ),
    "activation/relu/value": (
        wrong("relu clipped at 6", relu=lambda self, z: np.maximum(np.minimum(z, 6), 0)),
        unstable("relu as (z + |z|)/2 overflows", relu=lambda self, z: (z + np.abs(z)) / 2),
    ),
    "activation/leaky_relu/value": (
        wrong("leaky slope on the positive side", leaky_relu=lambda self, z, a=0.01: _where(z < 0, z, a * z)),
        wrong(
            "leaky slope of 0.02 where 0.01 is meant", leaky_relu=lambda self, z, a=0.01: _where(z > 0, z, 2 * a * z)
        ),
    ),
    "activation/absolute/value": (
        unstable("|z| as the root of z² overflows", absolute=lambda self, z: np.sqrt(z * z)),
        wrong("|z| of one sign alone", absolute=lambda self, z: np.maximum(z, 0)),
    ),
    "activation/hard_tanh/value": (wrong("hard tanh not clipped below", hard_tanh=lambda self, z: np.minimum(z, 1)),),
    "activation/sigmoid/value": (
        unstable("sigmoid as e^z/(1 + e^z): ∞/∞", sigmoid=lambda self, z: np.exp(z) / (1 + np.exp(z))),
        unstable("sigmoid as 1/(1 + e^-z) overflows", "float16", sigmoid=lambda self, z: 1 / (1 + np.exp(-z))),
        unstable("sigmoid as (1 + tanh(z/2))/2 cancels", sigmoid=lambda self, z: (1 + np.tanh(z / 2)) / 2),
        wrong(
            "sigmoid clipped to [1e-7, 1]",
            sigmoid=lambda self, z: np.maximum(Textbook.sigmoid(self, z), z.dtype.type(1e-7)),
        ),
    ),
    "activation/tanh/value": (
        unstable(
            "tanh through exp: ∞/∞",
            tanh=lambda self, z: (np.exp(z) - np.exp(-z)) / (np.exp(z) + np.exp(-z)),
        ),
        unstable("tanh as 2σ(2z) − 1 cancels at 0", tanh=lambda self, z: 2 * self.sigmoid(2 * z) - 1),
    ),
    "activation/softplus/value": (
        unstable("softplus as log(1 + e^z) overflows", softplus=lambda self, z: np.log(1 + np.exp(z))),
        wrong(
            "softplus linear from 20 on",
            "float64",
            softplus=lambda self, z: _where(z > 20, z, Textbook.softplus(self, z)),
        ),
        error("softplus of a number is an array", softplus=lambda self, z: Textbook.softplus(self, np.atleast_1d(z))),
        wrong(
            "softplus of the largest number of each column",
            softplus=lambda self, z: Textbook.softplus(self, z.max(axis=0) + 0 * z if z.ndim == 2 else z),
        ),
    ),
    "activation/identity/slope": (wrong("slope of identity is its value", identity_slope=lambda self, z, h: z),),
    "activation/relu/slope": (
        wrong("mask from h ≥ 0", relu_slope=lambda self, z, h: (h >= 0).astype(z.dtype)),
        wrong("smooth slope in place of the step", relu_slope=lambda self, z, h: self.sigmoid(z)),
    ),
    "activation/leaky_relu/slope": (
        wrong("no leak in the slope", leaky_relu_slope=lambda self, z, h, a=0.01: (z > 0).astype(z.dtype)),
        wrong(
            "leak on the positive side", leaky_relu_slope=lambda self, z, h, a=0.01: _where(z < 0, np.ones_like(z), a)
        ),
    ),
    "activation/absolute/slope": (
        wrong("slope of |z| from the sign of h", absolute_slope=lambda self, z, h: np.sign(h)),
        wrong("slope of |z| is 0", absolute_slope=lambda self, z, h: np.zeros_like(z)),
    ),
    "activation/hard_tanh/slope": (
        wrong("straight-through slope", hard_tanh_slope=lambda self, z, h: np.ones_like(z)),
        wrong("slope masked above alone", hard_tanh_slope=lambda self, z, h: (z < 1).astype(z.dtype)),
    ),
    "activation/sigmoid/slope": (
        unstable("slope as h(1 − h)", sigmoid_slope=lambda self, z, h: h * (1 - h)),
        unstable("slope as h(1 − h), in half precision", "float16", sigmoid_slope=lambda self, z, h: h * (1 - h)),
        wrong("slope as z(1 − z)", sigmoid_slope=lambda self, z, h: z * (1 - z)),
    ),
    "activation/tanh/slope": (
        unstable("slope as 1 − h²", tanh_slope=lambda self, z, h: 1 - h * h),
        unstable("slope as 1 − h², in double precision", "float64", tanh_slope=lambda self, z, h: 1 - h * h),
        unstable("slope as 1/cosh² overflows", "float16", tanh_slope=lambda self, z, h: 1 / (np.cosh(z) * np.cosh(z))),
        wrong("slope as 1 − h", tanh_slope=lambda self, z, h: 1 - h),
    ),
    "activation/softplus/slope": (
        unstable("slope as e^z/(1 + e^z): ∞/∞", softplus_slope=lambda self, z, h: np.exp(z) / (1 + np.exp(z))),
        unstable("slope as 1 − e^-h cancels", softplus_slope=lambda self, z, h: 1 - np.exp(-h)),
        wrong("slope of the wrong sign of z", softplus_slope=lambda self, z, h: self.sigmoid(-z)),
    ),
    "kinks/slope": (
        wrong("slope 2 at the kink of |z|", absolute_slope=_slope_of_both_relus),
        wrong("slope as z/|z|: 0/0", absolute_slope=lambda self, z, h: z / np.abs(z)),
        wrong("slope of a difference step: -1 at 0", relu_slope=lambda self, z, h: np.sign(z - (z == 0)) * (z >= 0)),
    ),
    "gradient/identity": (
        wrong("identity taken for a layer without cotangent", identity_slope=lambda self, z, h: np.zeros_like(z)),
        wrong("identity given relu's mask", identity_slope=lambda self, z, h: (z > 0).astype(z.dtype)),
        wrong("W not transposed, which shows where it is square", input_cotangent=square_not_transposed),
    ),
    "gradient/relu": (
        wrong("no relu mask", relu_slope=lambda self, z, h: np.ones_like(z)),
        wrong("mask on the wrong side", relu_slope=lambda self, z, h: (z < 0).astype(z.dtype)),
        wrong(
            "mask from the cotangent's sign",  # what "guided" backpropagation does on purpose
            activation_cotangent=lambda self, layer, step, dh: dh * (dh > 0) if layer.activation == "relu" else dh,
        ),
    ),
    "gradient/leaky_relu": (
        wrong(
            "the layer's own negative slope ignored",
            leaky_relu_slope=lambda self, z, h, a=0.01: Textbook.leaky_relu_slope(self, z, h),
        ),
        wrong(
            "side taken from h: wrong for a slope below 0",
            leaky_relu_slope=lambda self, z, h, a=0.01: Textbook.leaky_relu_slope(self, h, h, a),
        ),
    ),
    "gradient/absolute": (wrong("sign taken from h", absolute_slope=lambda self, z, h: np.sign(h)),),
    "gradient/hard_tanh": (
        wrong("straight-through", hard_tanh_slope=lambda self, z, h: np.ones_like(z)),
        wrong("slope of tanh", hard_tanh_slope=lambda self, z, h: 1 - h * h),
    ),
    "gradient/sigmoid": (
        wrong("slope as z(1 − z)", sigmoid_slope=lambda self, z, h: z * (1 - z)),
        wrong(
            "slope σ(h)(1 − σ(h)): σ taken twice", sigmoid_slope=lambda self, z, h: Textbook.sigmoid_slope(self, h, h)
        ),
    ),
    "gradient/tanh": (
        wrong("forgot the square of 1 − h²", tanh_slope=lambda self, z, h: 1 - h),
        wrong("slope as 1 − z²", tanh_slope=lambda self, z, h: 1 - z * z),
    ),
    "gradient/softplus": (
        wrong("slope of the wrong sign of z", softplus_slope=lambda self, z, h: self.sigmoid(-z)),
        wrong("slope from h in place of z", softplus_slope=lambda self, z, h: self.sigmoid(h)),
    ),
    "gradient/maxout": (
        wrong("cotangent to the smallest piece", winners=_argmin_winners),
        wrong("cotangent to every piece", winners=lambda self, z: np.ones_like(z)),
    ),
    "kinks/gradient": (
        wrong("slope 2 at the kink of |z|", absolute_slope=_slope_of_both_relus),
        wrong("slope as z/|z|: 0/0", absolute_slope=lambda self, z, h: z / np.abs(z)),
        wrong(
            "slope of hard tanh adds at its kink", hard_tanh_slope=lambda self, z, h: 2 * (abs(z) <= 1).astype(z.dtype)
        ),
    ),
    "maxout/value": (
        wrong("average of the pieces", maxout=lambda self, z: self.sum(np.moveaxis(z, -1, 0)) / z.shape[-1]),
        wrong("maximum begun at 0", maxout=lambda self, z: np.maximum(z.max(axis=-1), 0)),
        wrong("smallest piece", maxout=lambda self, z: z.min(axis=-1)),
    ),
    "maxout/winners": (
        wrong("cotangent to the first piece", winners=_first_winner),
        wrong("cotangent to the smallest piece", winners=_argmin_winners),
        wrong("cotangent shared by softmax", winners=lambda self, z: np.apply_along_axis(_soft, -1, z)),
    ),
    "maxout/ties": (
        wrong("whole cotangent to each tied piece", winners=_tied_winners),
        wrong("cotangent to the smallest piece", winners=_argmin_winners),
        wrong("no cotangent where pieces tie", winners=lambda self, z: _tied_winners(self, z) * (_ties(z) == 1)),
    ),
}


def _soft(z: Array) -> Array:
    e = np.exp(z - z.max())
    return e / e.sum()


def _ties(z: Array) -> Array:
    return (z == z.max(axis=-1, keepdims=True)).sum(axis=-1, keepdims=True)
