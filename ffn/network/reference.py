"""The reference network on floating arrays. The module itself is an implementation as the conformance kit takes it."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ffn.network.description import Network, Parameters, Recurrent
from ffn.network.dropout import Masks
from ffn.network.formulas import argument_names, check_arguments, check_elementwise, check_logits, evaluate
from ffn.numbers.floating import floating

name = "reference"
dtypes = ("float16", "bfloat16", "float32", "float64")
parts = ("heteroscedastic", "mixture", "dropout", "recurrent")
concurrent = True

# IEEE 754 gives exp(1000) = inf and inf − inf = nan: the results say what happened, a warning on top would be noise.
_ieee = np.errstate(over="ignore", under="ignore", invalid="ignore", divide="ignore")


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
    result: npt.NDArray[Any] = _computed("forward", network, parameters, x)
    return result


def loss(network: Network, parameters: Parameters, x: npt.ArrayLike, y: npt.ArrayLike) -> Any:
    """The negative log-likelihood of the targets, reduced over the batch, plus weight decay: a scalar.

    ``y`` is (N, targets), or (N,) class indices for categorical. Raises ValueError as ``forward`` does, and for targets
    outside the distribution's domain.
    """
    return _computed("loss", network, parameters, x, y)


def gradient(network: Network, parameters: Parameters, x: npt.ArrayLike, y: npt.ArrayLike) -> Parameters:
    """The gradient of ``loss`` by every parameter, shaped as the parameters. Raises as ``loss`` does."""
    gradients: Parameters = _computed("gradient", network, parameters, x, y)
    return gradients


def mean(network: Network, parameters: Parameters, x: npt.ArrayLike) -> npt.NDArray[Any]:
    """E[y] of each row, (N, targets); for categorical the probabilities, (N, units). Raises as ``forward`` does."""
    result: npt.NDArray[Any] = _computed("mean", network, parameters, x)
    return result


def softmax(z: npt.ArrayLike) -> npt.NDArray[Any]:
    """exp zᵢ / Σⱼ exp zⱼ of each row of z, (N, classes), in z's dtype.

    Raises:
        ValueError: when z has another shape, or none of the four dtypes.
    """
    check_logits(z)
    return _of_array("softmax", z, z)


def log_softmax(z: npt.ArrayLike) -> npt.NDArray[Any]:
    """The logarithm of ``softmax``, accurate also where that underflows. Raises as ``softmax`` does."""
    check_logits(z)
    return _of_array("log_softmax", z, z)


def activation(name: str, z: npt.ArrayLike, negative_slope: float | None = None) -> npt.NDArray[Any]:
    """The named element-wise activation of z, in z's dtype.

    Args:
        name: of the activation.
        z: of any shape.
        negative_slope: of leaky_relu alone, 0.01 when left out.

    Raises:
        ValueError: for another activation or dtype, or a slope that is another activation's.
    """
    check_elementwise(name, z, negative_slope)
    return _of_array("activation", z, name, z, negative_slope)


def slope(name: str, z: npt.ArrayLike, negative_slope: float | None = None) -> npt.NDArray[Any]:
    """The derivative of that activation at z; at a kink the slope of one side. Raises as ``activation`` does."""
    check_elementwise(name, z, negative_slope)
    return _of_array("slope", z, name, z, negative_slope)


def dropout_forward(network: Network, parameters: Parameters, x: npt.ArrayLike, masks: Masks) -> npt.NDArray[Any]:
    """``forward`` with each layer's input multiplied by its mask (see ``ffn.network.dropout``), not scaled up by 1/q.

    Raises ValueError as ``forward`` does, and where the masks do not fit or hold something else than 0 and 1.
    """
    result: npt.NDArray[Any] = _computed("dropout_forward", network, parameters, x, masks)
    return result


def dropout_loss(network: Network, parameters: Parameters, x: npt.ArrayLike, y: npt.ArrayLike, masks: Masks) -> Any:
    """The loss of that output. Raises as ``loss`` and ``dropout_forward`` do."""
    return _computed("dropout_loss", network, parameters, x, y, masks)


def dropout_gradient(
    network: Network, parameters: Parameters, x: npt.ArrayLike, y: npt.ArrayLike, masks: Masks
) -> Parameters:
    """The gradient of ``dropout_loss`` by every parameter, shaped as the parameters. Raises as it does."""
    gradients: Parameters = _computed("dropout_gradient", network, parameters, x, y, masks)
    return gradients


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
    result: npt.NDArray[Any] = _computed("recurrent_forward", recurrent, parameters, x, h0)
    return result


def recurrent_loss(
    recurrent: Recurrent, parameters: Any, x: npt.ArrayLike, y: npt.ArrayLike, h0: npt.ArrayLike | None = None
) -> Any:
    """The negative log-likelihood of the targets, reduced over the batch. Raises as ``recurrent_forward`` and ``loss``
    do."""
    return _computed("recurrent_loss", recurrent, parameters, x, y, h0)


def recurrent_gradient(
    recurrent: Recurrent, parameters: Any, x: npt.ArrayLike, y: npt.ArrayLike, h0: npt.ArrayLike | None = None
) -> Any:
    """The gradient of ``recurrent_loss`` by every parameter, ((dW, dU, db), (dV, dc)). Raises as it does."""
    return _computed("recurrent_gradient", recurrent, parameters, x, y, h0)


@_ieee
def _computed(method: str, *arguments: Any) -> Any:
    """The formula of a method on arrays of the parameters' dtype, once the arguments are found to fit."""
    check_arguments(**dict(zip(argument_names(method), arguments, strict=True)))
    return evaluate(floating(arguments[1][0][0].dtype), method, *arguments)


@_ieee
def _of_array(method: str, z: npt.ArrayLike, *arguments: Any) -> npt.NDArray[Any]:
    """The formula of a method in the dtype of z, which is among its arguments."""
    xp = floating(np.asarray(z).dtype)
    result: npt.NDArray[Any] = xp.asarray(evaluate(xp, method, *arguments))
    return result
