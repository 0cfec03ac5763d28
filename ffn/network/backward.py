"""Backpropagation by hand: one vjp (vector–Jacobian product) for each step of the forward pass.

A vjp takes the cotangent of a step's output, ∂loss/∂output, to those of its inputs.
Source: Goodfellow, Bengio & Courville 2016, section 6.5.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from ffn.network.activations import activation_of
from ffn.network.description import Hidden, Network
from ffn.network.forward import LayerTrace, trace
from ffn.network.maxout import winners
from ffn.network.outputs import distribution_of
from ffn.numbers.namespace import Array, Namespace


def affine_vjp(xp: Namespace, x: Array, dz: Array, decay: Array | None) -> tuple[Array, Array]:
    """z = xW + b: ∂W = xᵀδ and ∂b = Σₙ δₙ for the cotangent δ = dz, to which ∂W adds the weight decay λW."""
    dW = xp.matmul(x.T, dz) if decay is None else xp.affine(x.T, dz, decay)
    return dW, dz.sum(axis=0)


def affine_input_vjp(xp: Namespace, W: Array, dz: Array) -> Array:
    """z = xW + b: ∂x = δWᵀ."""
    return xp.matmul(dz, W.T)


def activation_vjp(xp: Namespace, layer: Hidden, step: LayerTrace, dh: Array) -> Array:
    """h = g(z): ∂z = δ g′(z), element-wise."""
    if layer.activation == "identity":
        return dh
    activation = activation_of(layer)
    others = [partial(slope, xp, step.z, step.h) for slope in activation.other_slopes]
    return dh * xp.either(activation.slope(xp, step.z), *others)


def maxout_vjp(xp: Namespace, step: LayerTrace, dh: Array) -> Array:
    """h = maxⱼ zⱼ: the winner takes the whole cotangent, so ∂z is (N, units, pieces) with one entry a unit."""
    return xp.stack([dh * won for won in winners(xp, step.z)])


def pre_activation_vjp(xp: Namespace, layer: Hidden | None, step: LayerTrace, dh: Array) -> Array:
    """∂z of a layer, given ∂h; the last layer (None) is affine."""
    if layer is None:
        return dh
    return maxout_vjp(xp, step, dh) if layer.activation == "maxout" else activation_vjp(xp, layer, step, dh)


def output_vjp(xp: Namespace, network: Network, z: Array, y: Any) -> Array:
    """∂loss/∂z of the last affine output, (N, units)."""
    dz = distribution_of(network.output).gradient(xp, z, y)
    return dz / z.shape[0] if network.reduction == "mean" else dz


def gradient(
    xp: Namespace, network: Network, parameters: Any, x: Array, y: Any, masks: Sequence[Array] | None = None
) -> tuple[tuple[Array, Array], ...]:
    """The gradient of the loss by every parameter, shaped as the parameters."""
    return backpropagate(xp, network, parameters, trace(xp, network, parameters, x, masks), y, masks)


def backpropagate(
    xp: Namespace,
    network: Network,
    parameters: Any,
    steps: list[LayerTrace],
    y: Any,
    masks: Sequence[Array] | None = None,
) -> tuple[tuple[Array, Array], ...]:
    """The gradient, from the trace of the forward pass and, with dropout, the masks that it was made with."""
    dh = output_vjp(xp, network, steps[-1].z, y)
    layers = zip((*network.hidden, None), parameters, steps, strict=True)
    gradients = []
    for depth, (layer, (W, b), step) in reversed(list(enumerate(layers))):
        dz = pre_activation_vjp(xp, layer, step, dh)
        dz, W_matrix = dz.reshape(dz.shape[0], -1), W.reshape(W.shape[0], -1)  # the pieces of maxout side by side
        decay = xp.constant(repr(network.weight_decay)) * W_matrix if network.weight_decay else None
        dW, db = affine_vjp(xp, step.x, dz, decay)
        gradients.append((dW.reshape(*W.shape), db.reshape(*b.shape)))
        if depth > 0:
            dx = affine_input_vjp(xp, W_matrix, dz)
            dh = dx if masks is None else dx * masks[depth]  # a dropped unit reached nothing
    return tuple(reversed(gradients))
