"""HIPS autograd: the reference's forward pass, differentiated in reverse by autograd. float64 alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from autograd import elementwise_grad, grad

from ffn.network import recurrent as recurrence
from ffn.network.activations import activation_named
from ffn.network.description import Network, Parameters, Recurrent
from ffn.network.forward import objective, trace
from ffn.network.outputs import as_targets
from ffn.numbers.traced import traced


class Autograd:
    """autograd's reverse mode on the forward pass that ships; it shares no code with the backward pass."""

    name = "autograd"
    dtypes = ("float64",)
    parts = ("heteroscedastic", "mixture", "dropout", "recurrent")

    def forward(self, network: Network, parameters: Parameters, x: npt.NDArray[Any]) -> Any:
        return trace(traced, network, parameters, x)[-1].h

    def loss(self, network: Network, parameters: Parameters, x: npt.NDArray[Any], y: npt.NDArray[Any]) -> Any:
        return objective(traced, network, parameters, x, as_targets(traced, network.output, y))

    def gradient(self, network: Network, parameters: Parameters, x: npt.NDArray[Any], y: npt.NDArray[Any]) -> Any:
        targets = as_targets(traced, network.output, y)
        return grad(lambda parameters: objective(traced, network, parameters, x, targets))(parameters)

    def activation(self, name: str, z: npt.NDArray[Any]) -> Any:
        return np.asarray(activation_named(name).value(traced, z))

    def slope(self, name: str, z: npt.NDArray[Any]) -> Any:
        return elementwise_grad(lambda z: activation_named(name).value(traced, z))(z)

    def dropout_forward(self, network: Network, parameters: Parameters, x: npt.NDArray[Any], masks: Any) -> Any:
        return trace(traced, network, parameters, x, masks)[-1].h

    def dropout_loss(
        self, network: Network, parameters: Parameters, x: npt.NDArray[Any], y: npt.NDArray[Any], masks: Any
    ) -> Any:
        return objective(traced, network, parameters, x, as_targets(traced, network.output, y), masks=masks)

    def dropout_gradient(
        self, network: Network, parameters: Parameters, x: npt.NDArray[Any], y: npt.NDArray[Any], masks: Any
    ) -> Any:
        targets = as_targets(traced, network.output, y)
        return grad(lambda parameters: objective(traced, network, parameters, x, targets, masks=masks))(parameters)

    def recurrent_forward(
        self, recurrent: Recurrent, parameters: Any, x: npt.NDArray[Any], h0: npt.NDArray[Any]
    ) -> Any:
        return recurrence.output(traced, recurrent, parameters, x, h0)

    def recurrent_loss(
        self, recurrent: Recurrent, parameters: Any, x: npt.NDArray[Any], y: npt.NDArray[Any], h0: npt.NDArray[Any]
    ) -> Any:
        return recurrence.loss(traced, recurrent, parameters, x, as_targets(traced, recurrent.output, y), h0)

    def recurrent_gradient(
        self, recurrent: Recurrent, parameters: Any, x: npt.NDArray[Any], y: npt.NDArray[Any], h0: npt.NDArray[Any]
    ) -> Any:
        targets = as_targets(traced, recurrent.output, y)
        return grad(lambda parameters: recurrence.loss(traced, recurrent, parameters, x, targets, h0))(parameters)


implementation = Autograd()
