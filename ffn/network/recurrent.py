"""An unrolled recurrent layer: h_t = g(x_t W + h_{t−1} U + b), and the affine output z = h_T V + c of its last state.

Written over a number system ``xp`` as the feedforward network is: on fractions, with identity and inputs of 0, the
states are h_0 Uᵗ exactly. Each step is one affine layer that reads [x_t, h_{t−1}] with the weights W over U; all steps
share them, so their gradient is that of one layer with N·T rows.

Source: Goodfellow, Bengio & Courville 2016, sections 10.2 (the layer) and 10.2.2 (back-propagation through time);
Werbos 1990.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ffn.network.activations import activation_of
from ffn.network.backward import activation_vjp, affine_input_vjp, affine_vjp, beside_a_mean, output_vjp
from ffn.network.description import Recurrent
from ffn.network.forward import LayerTrace, affine
from ffn.network.forward import objective as readout_objective
from ffn.numbers.namespace import Array, Namespace

RecurrentParameters = tuple[tuple[Array, Array, Array], tuple[Array, Array]]


def trace(xp: Namespace, recurrent: Recurrent, parameters: Any, x: Array, h0: Array | None = None) -> list[LayerTrace]:
    """The steps 1 to T: the joined input [x_t, h_{t−1}], the pre-activation and the state h_t.

    Args:
        xp: the number system.
        recurrent: the layer.
        parameters: ((W, U, b), (V, c)).
        x: the batch, (N, T, inputs) with T at least 1.
        h0: the first state, (N, hidden.units); 0 when left out.
    """
    (W, U, b), _ = parameters
    weights = _one_over_the_other(xp, [W, U])
    h = _zeros(xp, x.shape[0], recurrent) if h0 is None else h0
    steps = []
    for t in range(x.shape[1]):
        joined = xp.concatenate([x[:, t], h])
        z = affine(xp, joined, weights, b)
        h = activation_of(recurrent.hidden).value(xp, z)
        steps.append(LayerTrace(joined, z, h))
    return steps


def output(xp: Namespace, recurrent: Recurrent, parameters: Any, x: Array, h0: Array | None = None) -> Array:
    """z = h_T V + c, (N, units)."""
    return affine(xp, trace(xp, recurrent, parameters, x, h0)[-1].h, *parameters[1])


def loss(
    xp: Namespace,
    recurrent: Recurrent,
    parameters: Any,
    x: Array,
    y: Any,
    h0: Array | None = None,
    *,
    kernel_only: bool = False,
) -> Array:
    """The negative log-likelihood of the targets, reduced over the batch; without its constant on demand."""
    h = trace(xp, recurrent, parameters, x, h0)[-1].h
    return readout_objective(xp, recurrent.readout, parameters[1:], h, y, kernel_only=kernel_only)


def gradient(
    xp: Namespace, recurrent: Recurrent, parameters: Any, x: Array, y: Any, h0: Array | None = None
) -> RecurrentParameters:
    """The gradient of the loss by every parameter, ((dW, dU, db), (dV, dc)): back-propagation through time."""
    (_, U, _), (V, c) = parameters
    steps = trace(xp, recurrent, parameters, x, h0)
    dz = output_vjp(xp, recurrent.readout, affine(xp, steps[-1].h, V, c), y)
    xp = beside_a_mean(xp, recurrent.readout, x.shape[0])
    dV, dc = affine_vjp(xp, steps[-1].h, dz, None)
    dh, cotangents = affine_input_vjp(xp, V, dz), []
    for step in reversed(steps):
        cotangents.append(activation_vjp(xp, recurrent.hidden, step, dh))
        dh = affine_input_vjp(xp, U, cotangents[-1])
    rows = _one_over_the_other(xp, [step.x for step in steps])
    d_weights, db = affine_vjp(xp, rows, _one_over_the_other(xp, cotangents[::-1]), None)
    return (d_weights[: recurrent.inputs], d_weights[recurrent.inputs :], db), (dV, dc)


def _one_over_the_other(xp: Namespace, matrices: list[Array]) -> Array:
    """Matrices of one width as one, rows after rows."""
    return xp.concatenate([matrix.T for matrix in matrices]).T


def _zeros(xp: Namespace, rows: int, recurrent: Recurrent) -> Array:
    return xp.asarray(np.zeros((rows, recurrent.hidden.units), dtype=np.int8))
