"""PyTorch: its own layers, activations and losses, differentiated by its own autograd."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F

from ffn.network.activations import DEFAULT_NEGATIVE_SLOPE
from ffn.network.description import Hidden, Network, Parameters, Recurrent

Tensor = Any  # torch is not seen by the type checker
Array = npt.NDArray[Any]

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


def heteroscedastic(z: Tensor, y: Tensor) -> Tensor:
    """The library takes the variance; without its floor under it, which is another distribution."""
    mean, log_variance = z.tensor_split(2, dim=1)
    return F.gaussian_nll_loss(mean, y, log_variance.exp(), full=True, eps=0, reduction="sum")


def mixture(z: Tensor, y: Tensor, components: int) -> Tensor:
    D = torch.distributions
    logits, means, log_variances = z.unflatten(1, (3, -1, components)).unbind(dim=1)
    weights = D.Categorical(logits=logits, validate_args=False)
    normals = D.Normal(means, (log_variances / 2).exp(), validate_args=False)
    return -D.MixtureSameFamily(weights, normals, validate_args=False).log_prob(y).sum()


# Each adds up the negative log-likelihood of every example and unit.
LOSSES: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "gaussian": lambda z, y: F.gaussian_nll_loss(z, y, torch.ones_like(z), full=True, reduction="sum"),
    # without validation, which raises where z overflowed: there an infinite loss is the answer
    "laplace": lambda z, y: -torch.distributions.Laplace(z, 1, validate_args=False).log_prob(y).sum(),
    "bernoulli": partial(F.binary_cross_entropy_with_logits, reduction="sum"),
    "categorical": partial(F.cross_entropy, reduction="sum"),
    "poisson": partial(F.poisson_nll_loss, log_input=True, full=True, reduction="sum"),
    "heteroscedastic": heteroscedastic,
}


class Torch:
    """PyTorch on the CPU.

    The number of threads is left as it is: it belongs to the whole process, and torch's operations share out only work
    far larger than any case here.
    """

    name = "torch"
    dtypes = ("float16", "bfloat16", "float32", "float64")
    parts = ("heteroscedastic", "mixture", "dropout", "recurrent")

    def forward(self, network: Network, parameters: Parameters, x: Array, masks: tuple[Array, ...] = ()) -> Array:
        return to_numpy(output(network, tensors(parameters), to_tensor(x), list(map(to_tensor, masks))))

    def loss(
        self, network: Network, parameters: Parameters, x: Array, y: Array, masks: tuple[Array, ...] = ()
    ) -> Array:
        dropped = list(map(to_tensor, masks))
        return to_numpy(objective(network, tensors(parameters), to_tensor(x), to_tensor(y), dropped))

    def gradient(
        self, network: Network, parameters: Parameters, x: Array, y: Array, masks: tuple[Array, ...] = ()
    ) -> Any:
        layers, dropped = tensors(parameters, differentiated=True), list(map(to_tensor, masks))
        return differentiated(objective(network, layers, to_tensor(x), to_tensor(y), dropped), layers)

    dropout_forward, dropout_loss, dropout_gradient = forward, loss, gradient

    def activation(self, name: str, z: Array) -> Array:
        return to_numpy(ACTIVATIONS[name](to_tensor(z)))

    def slope(self, name: str, z: Array) -> Array:
        leaf = to_tensor(z).requires_grad_()
        value = ACTIVATIONS[name](leaf)
        (gradient,) = torch.autograd.grad(value, leaf, torch.ones_like(value))
        return to_numpy(gradient)

    def recurrent_forward(self, recurrent: Recurrent, parameters: Any, x: Array, h0: Array) -> Array:
        cell, readout = tensors(parameters)
        return to_numpy(affine(last_state(recurrent, cell, to_tensor(x), to_tensor(h0)), *readout))

    def recurrent_loss(self, recurrent: Recurrent, parameters: Any, x: Array, y: Array, h0: Array) -> Array:
        return to_numpy(recurrent_objective(recurrent, tensors(parameters), x, y, h0))

    def recurrent_gradient(self, recurrent: Recurrent, parameters: Any, x: Array, y: Array, h0: Array) -> Any:
        layers = tensors(parameters, differentiated=True)
        return differentiated(recurrent_objective(recurrent, layers, x, y, h0), layers)


def differentiated(loss: Tensor, layers: list[tuple[Tensor, ...]]) -> Any:
    """The gradient by every tensor of the layers, nested as they are."""
    gradients = iter(torch.autograd.grad(loss, [array for layer in layers for array in layer]))
    return tuple(tuple(to_numpy(next(gradients)) for _ in layer) for layer in layers)


def output(network: Network, layers: list[tuple[Tensor, ...]], x: Tensor, masks: list[Tensor]) -> Tensor:
    """The last affine output, (N, units); with masks each layer's input is multiplied by its own."""
    for depth, (layer, (W, b)) in enumerate(zip((*network.hidden, None), layers, strict=True)):
        z = affine(x * masks[depth] if masks else x, W, b)
        x = z if layer is None else activate(layer, z)
    return x


def last_state(recurrent: Recurrent, cell: tuple[Tensor, ...], x: Tensor, h: Tensor) -> Tensor:
    """h_T by torch's RNN for the two activations that it has, else step by step."""
    W, U, b = cell
    if recurrent.hidden.activation in ("relu", "tanh"):
        library = torch.rnn_tanh if recurrent.hidden.activation == "tanh" else torch.rnn_relu
        weights = [W.T, U.T, b, torch.zeros_like(b)]  # it has two biases, which it adds
        return library(x, h[None], weights, True, 1, 0.0, True, False, True)[1][0]
    for step in x.unbind(dim=1):
        h = activate(recurrent.hidden, affine(step, W, b) + h @ U)
    return h


def affine(x: Tensor, W: Tensor, b: Tensor) -> Tensor:
    """xW + b by torch's linear layer, which keeps its weights transposed; the pieces of maxout lie side by side."""
    return F.linear(x, W.flatten(1).T, b.flatten()).unflatten(1, b.shape)


def activate(layer: Hidden, z: Tensor) -> Tensor:
    if layer.activation == "maxout":
        return z.amax(dim=-1)  # shares the cotangent equally among tied pieces, where max gives it to one
    if layer.activation == "leaky_relu":
        return F.leaky_relu(z, negative_slope=layer.negative_slope or 0.0)  # never None: a layer has its default
    return ACTIVATIONS[layer.activation](z)


def recurrent_objective(
    recurrent: Recurrent, layers: list[tuple[Tensor, ...]], x: Array, y: Array, h0: Array
) -> Tensor:
    """The loss of the last state's output."""
    cell, readout = layers
    h = last_state(recurrent, cell, to_tensor(x), to_tensor(h0))
    return objective(recurrent.readout, [readout], h, to_tensor(y), [])


def objective(network: Network, layers: list[tuple[Tensor, ...]], x: Tensor, y: Tensor, masks: list[Tensor]) -> Tensor:
    """The loss: summed over the units, reduced over the batch, plus weight decay."""
    z, components = output(network, layers, x, masks), network.output.components
    loss = LOSSES[network.output.name](z, y) if components is None else mixture(z, y, components)
    if network.reduction == "mean":
        loss = loss / x.shape[0]  # torch's own mean would divide by the units too
    if network.weight_decay:
        loss = loss + network.weight_decay / 2 * sum(W.square().sum() for W, _ in layers)
    return loss


def tensors(parameters: Any, differentiated: bool = False) -> list[tuple[Tensor, ...]]:
    """The layers' arrays as tensors, which are leaves where a gradient by them is wanted."""
    return [tuple(to_tensor(array).requires_grad_(differentiated) for array in layer) for layer in parameters]


def to_tensor(array: Array) -> Tensor:
    """A copy as a tensor, bit for bit; torch does not read bfloat16 arrays, but it reads their bits."""
    array = np.array(array, dtype=np.int64 if array.dtype.kind in "iu" else None, order="C")  # the labels that it takes
    if array.dtype.name == "bfloat16":
        return torch.from_numpy(array.view(np.int16)).view(torch.bfloat16)
    return torch.from_numpy(array)


def to_numpy(tensor: Tensor) -> Array:
    """The tensor as an array, bit for bit."""
    tensor = tensor.detach()
    if tensor.dtype != torch.bfloat16:
        return np.asarray(tensor.numpy())
    import ml_dtypes  # here, because only bfloat16 needs it

    return np.asarray(tensor.view(torch.int16).numpy().view(ml_dtypes.bfloat16))


implementation = Torch()
