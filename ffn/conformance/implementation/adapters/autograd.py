"""HIPS autograd: the reference's forward pass, differentiated in reverse by autograd. float64 alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from autograd import elementwise_grad

from ffn.network.formulas import FORMULAS
from ffn.numbers.traced import traced
from ffn.witnesses import reverse_mode


def computed(method: str) -> Callable[..., Any]:
    """The method as the reference's formula has it."""
    return lambda self, *arguments: np.asarray(FORMULAS[method].run(traced, *arguments))


def differentiated(loss: str) -> Callable[..., Any]:
    """The gradient, by the parameters, of the loss that a method returns."""
    return lambda self, *arguments: reverse_mode(loss, *arguments)


class Autograd:
    """autograd's reverse mode on the forward pass that ships; it shares no code with the backward pass."""

    name = "autograd"
    dtypes = ("float64",)
    parts = ("heteroscedastic", "mixture", "dropout", "recurrent")

    forward, dropout_forward, recurrent_forward = map(computed, ("forward", "dropout_forward", "recurrent_forward"))
    loss, dropout_loss, recurrent_loss = map(computed, ("loss", "dropout_loss", "recurrent_loss"))
    gradient, dropout_gradient, recurrent_gradient = map(differentiated, ("loss", "dropout_loss", "recurrent_loss"))
    activation = computed("activation")

    def slope(self, name: str, z: Any) -> Any:
        return elementwise_grad(lambda z: FORMULAS["activation"].run(traced, name, z))(z)


implementation = Autograd()
