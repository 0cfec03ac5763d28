"""HIPS autograd: the reference's forward pass, differentiated in reverse by autograd. float64 alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from autograd import elementwise_grad, grad

from ffn.activations import activation_named
from ffn.forward import objective, trace
from ffn.network import Network, Parameters
from ffn.numbers.traced import traced
from ffn.outputs import as_targets


class Autograd:
    """autograd's reverse mode on the forward pass that ships; it shares no code with the backward pass."""

    name = "autograd"
    dtypes = ("float64",)

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


implementation = Autograd()
