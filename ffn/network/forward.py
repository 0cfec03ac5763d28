"""The forward pass: affine layer, activation, …, affine layer, and the loss of its output.

Written once over a number system ``xp`` (see ``ffn.numbers.namespace``).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

from ffn.network.activations import activation_of
from ffn.network.description import Hidden, Network
from ffn.network.maxout import maxout
from ffn.network.outputs import distribution_of
from ffn.numbers.namespace import Array, Namespace, quotient


class LayerTrace(NamedTuple):
    """What the backward pass needs of a layer: its input x, its pre-activation z and its output h."""

    x: Array
    z: Array
    h: Array


def affine(xp: Namespace, x: Array, W: Array, b: Array) -> Array:
    """z = x @ W + b, of shape (N, units), or (N, units, pieces) for a maxout layer."""
    if len(W.shape) == 2:
        return xp.affine(x, W, b)
    inputs, units, pieces = W.shape
    return xp.affine(x, W.reshape(inputs, units * pieces), b.reshape(units * pieces)).reshape(-1, units, pieces)


def activate(xp: Namespace, layer: Hidden, z: Array) -> Array:
    """h = g(z), of shape (N, units)."""
    return maxout(xp, z) if layer.activation == "maxout" else activation_of(layer).value(xp, z)


def trace(
    xp: Namespace, network: Network, parameters: Any, x: Array, masks: Sequence[Array] | None = None
) -> list[LayerTrace]:
    """Every layer's input, pre-activation and output; the last layer's output is its pre-activation.

    With dropout masks (see ``ffn.network.dropout``) each layer's input is multiplied by its mask.
    """
    layers = []
    for depth, (layer, (W, b)) in enumerate(zip((*network.hidden, None), parameters, strict=True)):
        if masks is not None:
            x = x * masks[depth]
        z = affine(xp, x, W, b)
        h = z if layer is None else activate(xp, layer, z)
        layers.append(LayerTrace(x, z, h))
        x = h
    return layers


def output(xp: Namespace, network: Network, parameters: Any, x: Array, masks: Sequence[Array] | None = None) -> Array:
    """The last affine output z, (N, units)."""
    return trace(xp, network, parameters, x, masks)[-1].h


def negative_log_likelihood(xp: Namespace, network: Network, z: Array, y: Any, kernel_only: bool = False) -> Array:
    """The NLL of every example and target, per example for categorical; without its constant on demand."""
    distribution = distribution_of(network.output)
    kernel = distribution.kernel(xp, z, y)
    if kernel_only or not distribution.has_constant:
        return kernel
    others = [partial(nll, xp, z, y) for nll in distribution.other_sums]
    return xp.either(kernel + distribution.constant(xp, y), *others)


def objective(
    xp: Namespace,
    network: Network,
    parameters: Any,
    x: Array,
    y: Any,
    masks: Sequence[Array] | None = None,
    *,
    kernel_only: bool = False,
) -> Array:
    """The loss: NLL summed over the units, reduced over the batch, plus weight decay (λ/2) Σ‖W‖²."""
    z = output(xp, network, parameters, x, masks)
    return objective_of_output(xp, network, parameters, z, y, kernel_only=kernel_only)


def objective_of_output(
    xp: Namespace, network: Network, parameters: Any, z: Array, y: Any, *, kernel_only: bool = False
) -> Array:
    """``objective`` of the last affine output z. Squares are halved one by one or at the end, twice as large."""
    loss = xp.headroom(2).total([negative_log_likelihood(xp, network, z, y, kernel_only)])
    if network.reduction == "mean":
        loss = quotient(xp, loss, z.shape[0])
    if network.weight_decay:
        squares = xp.total([W * W for W, _ in parameters])
        loss = loss + decay_rate(xp, network.weight_decay) * squares / 2
    return xp.within(loss, "0") if distribution_of(network.output).not_negative else loss


def decay_rate(xp: Namespace, weight_decay: float) -> Array:
    """λ as the precision holds it, also as twice λ/2, which is another number where these are subnormal."""
    return xp.either(xp.constant(repr(weight_decay)), lambda: 2 * xp.constant(repr(weight_decay / 2)))
