"""The reference network on floating arrays. The module itself is an implementation as the conformance kit takes it."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ffn.activations import activation_named
from ffn.backward import gradient as gradient_by_hand
from ffn.forward import objective, trace
from ffn.network import Network, Parameters, check_parameters
from ffn.numbers.floating import Floating, floating
from ffn.outputs import as_targets, check_targets

name = "reference"
dtypes = ("float16", "bfloat16", "float32", "float64")

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

    ``y`` is (N, units), or (N,) class indices for categorical. Raises ValueError as ``forward`` does, and for targets
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


def _numbers(z: npt.ArrayLike) -> tuple[Floating, npt.NDArray[Any]]:
    array = np.asarray(z)
    return floating(array.dtype), array


def _checked(network: Network, parameters: Parameters, x: npt.ArrayLike) -> tuple[Floating, npt.NDArray[Any]]:
    check_parameters(network, parameters)
    dtypes = {array.dtype for layer in parameters for array in layer}
    if len(dtypes) > 1:
        raise ValueError(f"the parameters mix dtypes: {', '.join(sorted(dtype.name for dtype in dtypes))}")
    xp = floating(dtypes.pop())
    batch: npt.NDArray[Any] = xp.asarray(x)
    if batch.ndim != 2 or batch.shape[1] != network.inputs or not batch.shape[0]:
        raise ValueError(f"x has shape {batch.shape}, not (N, {network.inputs}) with N at least 1")
    return xp, batch


def _targets(xp: Floating, network: Network, x: npt.NDArray[Any], y: npt.ArrayLike) -> Any:
    check_targets(network.output, network.units, y, x.shape[0])
    return as_targets(xp, network.output, y)
