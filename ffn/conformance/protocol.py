"""What an implementation offers. An adapter is any object with some of these attributes; it imports nothing of ours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from ffn.network import Network, Parameters


class Implementation(Protocol):
    """Arrays in and out are NumPy arrays of the dtype under test.

    Every member but ``dtypes`` may be left out: a law that needs it is then *not offered*. ``supports`` left out means
    every network. Shapes, losses and reductions are those of ``ffn.network.Network``.
    """

    name: str
    dtypes: Sequence[str]  # of "float64", "float32", "float16", "bfloat16"

    def supports(self, network: Network) -> bool:
        """Whether the network can be built at all."""

    def forward(self, network: Network, parameters: Parameters, x: Any) -> Any:
        """The last affine output, (N, units)."""

    def loss(self, network: Network, parameters: Parameters, x: Any, y: Any) -> Any:
        """The loss, a number."""

    def gradient(self, network: Network, parameters: Parameters, x: Any, y: Any) -> Parameters:
        """The gradient of the loss, ((dW, db), ...)."""

    def activation(self, name: str, z: Any) -> Any:
        """The element-wise activation of z, of any shape; leaky_relu with negative slope 0.01."""

    def slope(self, name: str, z: Any) -> Any:
        """Its derivative, element-wise."""
