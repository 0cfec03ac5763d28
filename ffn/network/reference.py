"""The reference network on floating arrays. The module itself is an implementation as the conformance kit takes it."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ffn.network import recurrent as recurrence
from ffn.network.activations import activation_named
from ffn.network.backward import gradient as gradient_by_hand
from ffn.network.description import Network, Parameters, Recurrent, check_parameters
from ffn.network.dropout import Masks, check_masks
from ffn.network.forward import objective, trace
from ffn.network.outputs import as_targets, check_targets
from ffn.numbers.floating import Floating, floating

name = "reference"
dtypes = ("float16", "bfloat16", "float32", "float64")
parts = ("heteroscedastic", "mixture", "dropout", "recurrent")

# IEEE 754 gives exp(1000) = inf and inf − inf = nan: the results say what happened, a warning on top would be noise.
_ieee = np.errstate(over="ignore", under="ignore", invalid="ignore", divide="ignore")


@_ieee
def forward(network: Network, parameters: Parameters, x: npt.ArrayLike) -> npt.NDArray[Any]:
    """The last affine output z.

    Args:
        network: the network.
        parameters: its (W, b), all of one floating dtype, in which everything is computed.
        x: the batch, (N, inputs).

    Returns:
        (N, units), of the parameters' dtype.

    Raises:
        ValueError: when a shape or the dtype does not fit.
    """
    xp, batch = _checked(network, parameters, x)
    result: npt.NDArray[Any] = trace(xp, network, parameters, batch)[-1].h
    return result


@_ieee
def loss(network: Network, parameters: Parameters, x: npt.ArrayLike, y: npt.ArrayLike) -> Any:
    """The negative log-likelihood of the targets, reduced over the batch, plus weight decay: a scalar.

    ``y`` is (N, targets), or (N,) class indices for categorical. Raises ValueError as ``forward`` does, and for targets
    outside the distribution's domain.
    """
    xp, batch = _checked(network, parameters, x)
    return objective(xp, network, parameters, batch, _targets(xp, network, batch, y))


@_ieee
def gradient(network: Network, parameters: Parameters, x: npt.ArrayLike, y: npt.ArrayLike) -> Parameters:
    """The gradient of ``loss`` by every parameter, shaped as the parameters. Raises as ``loss`` does."""
    xp, batch = _checked(network, parameters, x)
    return gradient_by_hand(xp, network, parameters, batch, _targets(xp, network, batch, y))


@_ieee
def activation(name: str, z: npt.ArrayLike) -> npt.NDArray[Any]:
    """The named element-wise activation of z, in z's dtype; leaky_relu has negative slope 0.01."""
    xp, array = _numbers(z)
    result: npt.NDArray[Any] = xp.asarray(activation_named(name).value(xp, array))
    return result


@_ieee
def slope(name: str, z: npt.ArrayLike) -> npt.NDArray[Any]:
    """The derivative of the named activation at z, in z's dtype; at a kink the slope of one side."""
    xp, array = _numbers(z)
    result: npt.NDArray[Any] = xp.asarray(activation_named(name).slope(xp, array))
    return result


@_ieee
def dropout_forward(network: Network, parameters: Parameters, x: npt.ArrayLike, masks: Masks) -> npt.NDArray[Any]:
    """``forward`` with each layer's input multiplied by its mask (see ``ffn.network.dropout``), not scaled up by 1/q.

    Raises ValueError as ``forward`` does, and where the masks do not fit or hold something else than 0 and 1.
    """
    xp, batch = _checked(network, parameters, x)
    result: npt.NDArray[Any] = trace(xp, network, parameters, batch, _masks(xp, network, batch, masks))[-1].h
    return result


@_ieee
def dropout_loss(network: Network, parameters: Parameters, x: npt.ArrayLike, y: npt.ArrayLike, masks: Masks) -> Any:
    """The loss of that output. Raises as ``loss`` and ``dropout_forward`` do."""
    xp, batch = _checked(network, parameters, x)
    targets = _targets(xp, network, batch, y)
    return objective(xp, network, parameters, batch, targets, masks=_masks(xp, network, batch, masks))


@_ieee
def dropout_gradient(
    network: Network, parameters: Parameters, x: npt.ArrayLike, y: npt.ArrayLike, masks: Masks
) -> Parameters:
    """The gradient of ``dropout_loss`` by every parameter, shaped as the parameters. Raises as it does."""
    xp, batch = _checked(network, parameters, x)
    targets = _targets(xp, network, batch, y)
    return gradient_by_hand(xp, network, parameters, batch, targets, _masks(xp, network, batch, masks))


@_ieee
def recurrent_forward(
    recurrent: Recurrent, parameters: Any, x: npt.ArrayLike, h0: npt.ArrayLike | None = None
) -> npt.NDArray[Any]:
    """The affine output of the last state.

    Args:
        recurrent: the recurrent layer.
        parameters: its ((W, U, b), (V, c)), all of one floating dtype, in which everything is computed.
        x: the batch, (N, T, inputs).
        h0: the first state, (N, hidden.units); 0 when left out.

    Returns:
        (N, units), of the parameters' dtype.

    Raises:
        ValueError: when a shape or the dtype does not fit.
    """
    xp, batch, state = _checked_recurrent(recurrent, parameters, x, h0)
    result: npt.NDArray[Any] = recurrence.output(xp, recurrent, parameters, batch, state)
    return result


@_ieee
def recurrent_loss(
    recurrent: Recurrent, parameters: Any, x: npt.ArrayLike, y: npt.ArrayLike, h0: npt.ArrayLike | None = None
) -> Any:
    """The negative log-likelihood of the targets, reduced over the batch. Raises as ``recurrent_forward`` and ``loss``
    do."""
    xp, batch, state = _checked_recurrent(recurrent, parameters, x, h0)
    return recurrence.loss(xp, recurrent, parameters, batch, _targets(xp, recurrent.readout, batch, y), state)


@_ieee
def recurrent_gradient(
    recurrent: Recurrent, parameters: Any, x: npt.ArrayLike, y: npt.ArrayLike, h0: npt.ArrayLike | None = None
) -> Any:
    """The gradient of ``recurrent_loss`` by every parameter, ((dW, dU, db), (dV, dc)). Raises as it does."""
    xp, batch, state = _checked_recurrent(recurrent, parameters, x, h0)
    return recurrence.gradient(xp, recurrent, parameters, batch, _targets(xp, recurrent.readout, batch, y), state)


def _numbers(z: npt.ArrayLike) -> tuple[Floating, npt.NDArray[Any]]:
    array = np.asarray(z)
    return floating(array.dtype), array


def _checked(network: Network, parameters: Parameters, x: npt.ArrayLike) -> tuple[Floating, npt.NDArray[Any]]:
    check_parameters(network, parameters)
    xp = _floating_of(parameters)
    batch: npt.NDArray[Any] = xp.asarray(x)
    if batch.ndim != 2 or batch.shape[1] != network.inputs or not batch.shape[0]:
        raise ValueError(f"x has shape {batch.shape}, not (N, {network.inputs}) with N at least 1")
    return xp, batch


def _checked_recurrent(
    recurrent: Recurrent, parameters: Any, x: npt.ArrayLike, h0: npt.ArrayLike | None
) -> tuple[Floating, npt.NDArray[Any], npt.NDArray[Any] | None]:
    recurrence.check_recurrent_parameters(recurrent, parameters)
    xp = _floating_of(parameters)
    batch: npt.NDArray[Any] = xp.asarray(x)
    if batch.ndim != 3 or batch.shape[2] != recurrent.inputs or 0 in batch.shape[:2]:
        raise ValueError(f"x has shape {batch.shape}, not (N, T, {recurrent.inputs}) with N and T at least 1")
    state = None if h0 is None else xp.asarray(h0)
    if state is not None and state.shape != (batch.shape[0], recurrent.hidden.units):
        raise ValueError(f"h0 has shape {state.shape}, not {(batch.shape[0], recurrent.hidden.units)}")
    return xp, batch, state


def _floating_of(parameters: Any) -> Floating:
    dtypes = {array.dtype for layer in parameters for array in layer}
    if len(dtypes) > 1:
        raise ValueError(f"the parameters mix dtypes: {', '.join(sorted(dtype.name for dtype in dtypes))}")
    return floating(dtypes.pop())


def _masks(xp: Floating, network: Network, x: npt.NDArray[Any], masks: Masks) -> Masks:
    arrays = tuple(xp.asarray(mask) for mask in masks)
    check_masks(network, arrays, x.shape[0])
    return arrays


def _targets(xp: Floating, network: Network, x: npt.NDArray[Any], y: npt.ArrayLike) -> Any:
    check_targets(network.output, network.units, y, x.shape[0])
    return as_targets(xp, network.output, y)
