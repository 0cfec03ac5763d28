"""What an implementation offers. An adapter is any object with some of these attributes; it imports nothing of ours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from ffn.network.description import Network, Parameters, Recurrent

PARTS = ("heteroscedastic", "mixture", "dropout", "recurrent")


class Implementation(Protocol):
    """Arrays in and out are NumPy arrays of the dtype under test.

    Every member but ``dtypes`` may be left out: a law that needs it is then *not offered*. ``supports`` left out means
    every network. Shapes, losses and reductions are those of ``ffn.network.description.Network``.

    What was added to the first network is offered by name: ``parts`` lists some of ``PARTS``, and left out stands for
    none, so that nobody is handed what they do not know. With ``"heteroscedastic"`` and ``"mixture"`` the ordinary
    methods are called on networks of these outputs; ``"dropout"`` and ``"recurrent"`` have methods of their own.
    """

    name: str
    dtypes: Sequence[str]  # of "float64", "float32", "float16", "bfloat16"

    parts: Sequence[str]  # of PARTS

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

    # with the part "dropout"

    def dropout_forward(self, network: Network, parameters: Parameters, x: Any, masks: tuple[Any, ...]) -> Any:
        """``forward`` with the input of each affine layer multiplied by its mask, which holds 0 and 1.

        The masks are (N, inputs), then (N, units) of each hidden layer. Nothing is scaled up by 1/q for what they drop.
        """

    def dropout_gradient(
        self, network: Network, parameters: Parameters, x: Any, y: Any, masks: tuple[Any, ...]
    ) -> Parameters:
        """The gradient of the loss of that output, ((dW, db), ...)."""

    # with the part "recurrent"

    def supports_recurrent(self, recurrent: Recurrent) -> bool:
        """Whether the recurrent layer can be built at all; left out means every one."""

    def recurrent_forward(self, recurrent: Recurrent, parameters: Any, x: Any, h0: Any) -> Any:
        """The affine output of the last state, (N, units).

        x is (N, T, inputs), the first state h0 (N, hidden.units), and the parameters are ((W, U, b), (V, c)).
        """

    def recurrent_gradient(self, recurrent: Recurrent, parameters: Any, x: Any, y: Any, h0: Any) -> Any:
        """The gradient of its loss, ((dW, dU, db), (dV, dc))."""
