"""Each element-wise activation once, with every fact of it that the project uses.

Source of the definitions: Goodfellow, Bengio & Courville 2016, sections 6.3 and 3.10; hard tanh: Collobert 2004.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from ffn.numbers.namespace import Array, Namespace
from ffn.numbers.precision import Precision

if TYPE_CHECKING:
    from ffn.network.description import Hidden

Function = Callable[[Namespace, Array], Array]


@dataclass(frozen=True)
class Kink:
    """A point where the slope jumps, and the one-sided slopes: every value between them is a subgradient's."""

    at: str
    left: str
    right: str


def exponential_thresholds(precision: Precision) -> tuple[float, ...]:
    """Where σ and tanh round to 1, and where the exponential overflows: a program of any activation may use them."""
    p = precision.bits
    return (p * math.log(2), (p + 1) * math.log(2), (p + 2) * math.log(2) / 2, math.log(precision.largest))


@dataclass(frozen=True)
class Activation:
    """An element-wise activation g.

    Attributes:
        value: (xp, z) → g(z).
        slope: (xp, z) → g′(z), accurate to a few ulps also in saturation; at a kink the slope of one side.
        slope_range: the infimum and the supremum of g′, where it is defined.
        other_slopes: (xp, z, g(z)) → g′(z) by the other standard algorithms. Frameworks keep a layer's output and take
            the slope from it, which loses all relative accuracy in saturation: a gradient may be computed either way.
        kinks: where g is not differentiable.
        convex: whether g is convex.
        piecewise_linear: whether g is linear between its kinks.
        thresholds: from a precision to the numbers, beside the kinks, where programs begin to go wrong.
    """

    name: str
    value: Function
    slope: Function
    slope_range: tuple[str, str]
    other_slopes: tuple[Callable[[Namespace, Array, Array], Array], ...] = ()
    kinks: tuple[Kink, ...] = ()
    convex: bool = False
    piecewise_linear: bool = False
    thresholds: Callable[[Precision], tuple[float, ...]] = exponential_thresholds

    @property
    def rectifies(self) -> bool:
        """Whether it bends, and upwards alone, as relu does: such a layer is initialised as He et al. 2015 say."""
        return self.convex and self.slope_range[0] != self.slope_range[1]


def step(xp: Namespace, z: Array) -> Array:
    """1 where z > 0, else 0."""
    return xp.select(z, 1, 0)


def exp_minus_abs(xp: Namespace, z: Array) -> Array:
    """e^-|z|, which never overflows; smooth, because the sign is detached: of a ball around 0 it goes beyond 1."""
    minus = xp.where(xp.detached_positive(z), -z, z)
    return xp.within(xp.exp(minus), "0", "1", 0, minus)


def sigmoid(xp: Namespace, z: Array) -> Array:
    """σ(z) = 1/(1 + e^-z) for z > 0, e^z/(1 + e^z) elsewhere."""
    e = exp_minus_abs(xp, z)
    return xp.within(xp.where(xp.detached_positive(z), xp.ones_like(e), e) / (1 + e), "0", "1")


def sigmoid_slope(xp: Namespace, z: Array) -> Array:
    """σ′(z) = e/(1 + e)², e = e^-|z|, also as σ(z)σ(−z).

    The form σ(1 − σ) is 0 from z = 36.7 on in float64, where this is 1e-16.
    """
    e = exp_minus_abs(xp, z)
    return xp.either(e / _square_above_one(xp, e), lambda: e / (1 + e) * (1 / (1 + e)))


def _square_above_one(xp: Namespace, e: Array) -> Array:
    """(1 + e)² for e from 0 to 1."""
    return xp.within((1 + e) * (1 + e), "1", "4")


def tanh_slope(xp: Namespace, z: Array) -> Array:
    """tanh′(z) = 4σ′(2z) = 4e/(1 + e)², e = e^-2|z|, taken as a square because 2z may overflow."""
    e = exp_minus_abs(xp, z)
    e = xp.within(e * e, "0", "1")
    return 4 * e / _square_above_one(xp, e)


def softplus(xp: Namespace, z: Array) -> Array:
    """log(1 + e^z) = max(z, 0) + log(1 + e^-|z|)."""
    positive = xp.where(xp.detached_positive(z), z, 0 * xp.ones_like(z))  # 0 · −∞ is no number
    return xp.within(positive + xp.log1p(exp_minus_abs(xp, z)), "0")


def absolute(xp: Namespace, z: Array) -> Array:
    return xp.maximum(z, -z)


def hard_tanh(xp: Namespace, z: Array) -> Array:
    """z clipped to [-1, 1]."""
    one = xp.ones_like(z)
    return xp.maximum(-xp.maximum(-z, -one), -one)


def hard_tanh_slope(xp: Namespace, z: Array) -> Array:
    return step(xp, z + 1) * step(xp, 1 - z)


@cache
def leaky_relu(negative_slope: float) -> Activation:
    """z for z > 0, else ``negative_slope`` times z (Maas, Hannun & Ng 2013)."""
    text = repr(negative_slope)

    def value(xp: Namespace, z: Array) -> Array:
        return xp.select(z, z, xp.constant(text) * z)

    def slope(xp: Namespace, z: Array) -> Array:
        return xp.select(z, xp.ones_like(z), xp.constant(text) * xp.ones_like(z))

    low, high = sorted((text, "1"), key=float)
    return Activation(
        "leaky_relu",
        value,
        slope,
        slope_range=(low, high),
        kinks=(Kink("0", text, "1"),),
        convex=negative_slope <= 1,
        piecewise_linear=True,
    )


DEFAULT_NEGATIVE_SLOPE = 0.01
TABLE = (
    Activation(
        "identity", lambda xp, z: z, lambda xp, z: xp.ones_like(z), ("1", "1"), convex=True, piecewise_linear=True
    ),
    Activation(
        "relu",
        lambda xp, z: xp.maximum(z, 0),
        step,
        slope_range=("0", "1"),
        kinks=(Kink("0", "0", "1"),),
        convex=True,
        piecewise_linear=True,
    ),
    leaky_relu(DEFAULT_NEGATIVE_SLOPE),
    Activation(
        "absolute",
        absolute,
        lambda xp, z: xp.select(z, 1, -1),
        slope_range=("-1", "1"),
        kinks=(Kink("0", "-1", "1"),),
        convex=True,
        piecewise_linear=True,
    ),
    Activation(
        "hard_tanh",
        hard_tanh,
        hard_tanh_slope,
        slope_range=("0", "1"),
        kinks=(Kink("-1", "0", "1"), Kink("1", "1", "0")),
        piecewise_linear=True,
    ),
    Activation(
        "sigmoid",
        sigmoid,
        sigmoid_slope,
        slope_range=("0", "1/4"),
        other_slopes=(lambda xp, z, h: h * (1 - h), lambda xp, z, h: h - h * h),
    ),
    Activation(
        "tanh",
        lambda xp, z: xp.tanh(z),
        tanh_slope,
        slope_range=("0", "1"),
        other_slopes=(lambda xp, z, h: 1 - h * h, lambda xp, z, h: (1 - h) * (1 + h)),
    ),
    Activation(
        "softplus",
        softplus,
        sigmoid,
        slope_range=("0", "1"),
        other_slopes=(lambda xp, z, h: xp.exp(z - h), lambda xp, z, h: 1 - xp.exp(-h)),
        convex=True,
    ),
)  # the end of the table
ACTIVATIONS = {activation.name: activation for activation in TABLE}
ELEMENTWISE = tuple(ACTIVATIONS)
KINKED = tuple(name for name, activation in ACTIVATIONS.items() if activation.kinks)
PIECEWISE_LINEAR = tuple(name for name, activation in ACTIVATIONS.items() if activation.piecewise_linear)


def activation_named(name: str, negative_slope: float | None = None) -> Activation:
    """The activation of that name; leaky_relu with a slope of 0.01 where none is given.

    Raises:
        ValueError: for a name that is no element-wise activation.
    """
    if name not in ACTIVATIONS:
        raise ValueError(f"unknown element-wise activation {name!r}: one of {', '.join(sorted(ACTIVATIONS))}")
    if name == "leaky_relu" and negative_slope is not None:
        return leaky_relu(negative_slope)
    return ACTIVATIONS[name]


def activation_of(layer: Hidden) -> Activation:
    """The element-wise activation of a hidden layer that is not maxout."""
    return activation_named(layer.activation, layer.negative_slope)
