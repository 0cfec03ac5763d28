"""PyTorch: its own layers, activations and losses, differentiated by its own autograd."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F

from ffn.network import DEFAULT_NEGATIVE_SLOPE, Hidden, Network, Parameters

Tensor = Any  # torch is not seen by the type checker

ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "identity": lambda z: z,
    "relu": F.relu,
    "leaky_relu": partial(F.leaky_relu, negative_slope=DEFAULT_NEGATIVE_SLOPE),
    "absolute": torch.abs,
    "hard_tanh": F.hardtanh,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "softplus": F.softplus,
}

# Each adds up the negative log-likelihood of every example and unit.
LOSSES: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "gaussian": lambda z, y: F.gaussian_nll_loss(z, y, torch.ones_like(z), full=True, reduction="sum"),
    # without validation, which raises where z overflowed: there an infinite loss is the answer
    "laplace": lambda z, y: -torch.distributions.Laplace(z, 1, validate_args=False).log_prob(y).sum(),
    "bernoulli": partial(F.binary_cross_entropy_with_logits, reduction="sum"),
    "categorical": partial(F.cross_entropy, reduction="sum"),
    "poisson": partial(F.poisson_nll_loss, log_input=True, full=True, reduction="sum"),
}


class Torch:
    """PyTorch on the CPU.

    The number of threads is left as it is: it belongs to the whole process, and torch's operations share out only work
    far larger than any case here.
    """

    name = "torch"
    dtypes = ("float16", "bfloat16", "float32", "float64")

    def forward(self, network: Network, parameters: Parameters, x: npt.NDArray[Any]) -> npt.NDArray[Any]:
        return to_numpy(output(network, tensors(parameters), to_tensor(x)))

    def loss(
        self, network: Network, parameters: Parameters, x: npt.NDArray[Any], y: npt.NDArray[Any]
    ) -> npt.NDArray[Any]:
        return to_numpy(objective(network, tensors(parameters), to_tensor(x), to_tensor(y)))

    def gradient(
        self, network: Network, parameters: Parameters, x: npt.NDArray[Any], y: npt.NDArray[Any]
    ) -> Parameters:
        layers = tensors(parameters)
        leaves = [array.requires_grad_() for layer in layers for array in layer]
        gradients = torch.autograd.grad(objective(network, layers, to_tensor(x), to_tensor(y)), leaves)
        arrays = map(to_numpy, gradients)
        return tuple(zip(arrays, arrays, strict=True))  # one iterator twice: (dW, db), (dW, db), …

    def activation(self, name: str, z: npt.NDArray[Any]) -> npt.NDArray[Any]:
        return to_numpy(ACTIVATIONS[name](to_tensor(z)))

    def slope(self, name: str, z: npt.NDArray[Any]) -> npt.NDArray[Any]:
        leaf = to_tensor(z).requires_grad_()
        value = ACTIVATIONS[name](leaf)
        (gradient,) = torch.autograd.grad(value, leaf, torch.ones_like(value))
        return to_numpy(gradient)


def output(network: Network, layers: list[tuple[Tensor, Tensor]], x: Tensor) -> Tensor:
    """The last affine output, (N, units)."""
    for layer, (W, b) in zip(network.hidden, layers, strict=False):
        x = activate(layer, affine(x, W, b))
    return affine(x, *layers[-1])


def affine(x: Tensor, W: Tensor, b: Tensor) -> Tensor:
    """xW + b by torch's linear layer, which keeps its weights transposed; the pieces of maxout lie side by side."""
    return F.linear(x, W.flatten(1).T, b.flatten()).unflatten(1, b.shape)


def activate(layer: Hidden, z: Tensor) -> Tensor:
    if layer.activation == "maxout":
        return z.amax(dim=-1)  # shares the cotangent equally among tied pieces, where max gives it to one
    if layer.activation == "leaky_relu":
        return F.leaky_relu(z, negative_slope=layer.negative_slope or 0.0)  # never None: a layer has its default
    return ACTIVATIONS[layer.activation](z)


def objective(network: Network, layers: list[tuple[Tensor, Tensor]], x: Tensor, y: Tensor) -> Tensor:
    """The loss: summed over the units, reduced over the batch, plus weight decay."""
    loss = LOSSES[network.output.name](output(network, layers, x), y)
    if network.reduction == "mean":
        loss = loss / x.shape[0]  # torch's own mean would divide by the units too
    if network.weight_decay:
        loss = loss + network.weight_decay / 2 * sum(W.square().sum() for W, _ in layers)
    return loss


def tensors(parameters: Parameters) -> list[tuple[Tensor, Tensor]]:
    return [(to_tensor(W), to_tensor(b)) for W, b in parameters]


def to_tensor(array: npt.NDArray[Any]) -> Tensor:
    """A copy as a tensor, bit for bit; torch does not read bfloat16 arrays, but it reads their bits."""
    array = np.array(array, order="C")
    if array.dtype.name == "bfloat16":
        return torch.from_numpy(array.view(np.int16)).view(torch.bfloat16)
    return torch.from_numpy(array)


def to_numpy(tensor: Tensor) -> npt.NDArray[Any]:
    """The tensor as an array, bit for bit."""
    tensor = tensor.detach()
    if tensor.dtype != torch.bfloat16:
        return np.asarray(tensor.numpy())
    import ml_dtypes  # here, because only bfloat16 needs it

    return np.asarray(tensor.view(torch.int16).numpy().view(ml_dtypes.bfloat16))


implementation = Torch()
