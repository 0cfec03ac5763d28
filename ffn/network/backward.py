"""Backpropagation by hand: one vjp (vector–Jacobian product) for each step of the forward pass.

A vjp takes the cotangent of a step's output, ∂loss/∂output, to those of its inputs.
Source: Goodfellow, Bengio & Courville 2016, section 6.5.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

from ffn.network.activations import activation_of
from ffn.network.description import Hidden, Network
from ffn.network.forward import LayerTrace, decay_rate, trace
from ffn.network.maxout import winners
from ffn.network.outputs import distribution_of
from ffn.numbers.namespace import Array, Namespace, quotient

SLOPE_ROUNDINGS = 5  # of σ(z)σ(−z), which near 0 is beyond ¼ by these and by half the errors of two exponentials


class Rules(NamedTuple):
    """The vjp of each step of a pass, any of which another function may take the place of.

    A slip given here is in one pass alone: nothing that judges it is patched.

    Attributes:
        output: as ``output_vjp``.
        pre_activation: as ``pre_activation_vjp``.
        affine: as ``affine_vjp``.
        affine_input: as ``affine_input_vjp``.
    """

    output: Callable[..., Array]
    pre_activation: Callable[..., Array]
    affine: Callable[..., tuple[Array, Array]]
    affine_input: Callable[..., Array]


class LayerCotangents(NamedTuple):
    """What the backward pass finds at a layer: ∂loss by its output h, its pre-activation z, its W and its b."""

    dh: Array
    dz: Array
    dW: Array
    db: Array


def own_rules() -> Rules:
    """The rules of this module, by their names at this moment."""
    return Rules(output_vjp, pre_activation_vjp, affine_vjp, affine_input_vjp)


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
    slope = xp.either(activation.slope(xp, step.z), *others)
    return dh * xp.within(slope, *activation.slope_range, beyond=SLOPE_ROUNDINGS)


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
    return quotient(beside_a_mean(xp, network, z.shape[0]), dz, z.shape[0]) if network.reduction == "mean" else dz


def beside_a_mean(xp: Namespace, network: Network, rows: int) -> Namespace:
    """The numbers of the backward pass: the division by N of a mean may as well be its last step."""
    return xp.headroom(rows) if network.reduction == "mean" else xp


def gradient(
    xp: Namespace,
    network: Network,
    parameters: Any,
    x: Array,
    y: Any,
    masks: Sequence[Array] | None = None,
    rules: Rules | None = None,
) -> tuple[tuple[Array, Array], ...]:
    """The gradient of the loss by every parameter, shaped as the parameters, by other rules where some are given."""
    return backpropagate(xp, network, parameters, trace(xp, network, parameters, x, masks), y, masks, rules)


def backpropagate(
    xp: Namespace,
    network: Network,
    parameters: Any,
    steps: list[LayerTrace],
    y: Any,
    masks: Sequence[Array] | None = None,
    rules: Rules | None = None,
) -> tuple[tuple[Array, Array], ...]:
    """The gradient, from the trace of the forward pass and, with dropout, the masks that it was made with."""
    return tuple((found.dW, found.db) for found in cotangents(xp, network, parameters, steps, y, masks, rules))


def cotangents(
    xp: Namespace,
    network: Network,
    parameters: Any,
    steps: list[LayerTrace],
    y: Any,
    masks: Sequence[Array] | None = None,
    rules: Rules | None = None,
) -> list[LayerCotangents]:
    """Every cotangent that the backward pass meets, layer by layer as the network has them."""
    rules = rules or own_rules()
    dh = rules.output(xp, network, steps[-1].z, y)
    xp = beside_a_mean(xp, network, steps[-1].z.shape[0])
    layers = zip((*network.hidden, None), parameters, steps, strict=True)
    found = []
    for depth, (layer, (W, b), step) in reversed(list(enumerate(layers))):
        dz = rules.pre_activation(xp, layer, step, dh)
        W_matrix = W.reshape(W.shape[0], -1)  # the pieces of maxout side by side
        flat_dz = dz.reshape(dz.shape[0], W_matrix.shape[1])  # said in full: of no rows nothing can be worked out
        decay = decay_rate(xp, network.weight_decay) * W_matrix if network.weight_decay else None
        dW, db = rules.affine(xp, step.x, flat_dz, decay)
        found.append(LayerCotangents(dh, dz, dW.reshape(*W.shape), db.reshape(*b.shape)))
        if depth > 0:
            dx = rules.affine_input(xp, W_matrix, flat_dz)
            dh = dx if masks is None else dx * masks[depth]  # a dropped unit reached nothing
    return found[::-1]
