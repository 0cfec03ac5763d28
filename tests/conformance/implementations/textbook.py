"""A network as a textbook writes it, in plain NumPy: the ground that planted bugs and correct variants stand on.

It shares no code with the package. Each method is a line of the textbook; ``textbook`` replaces some of them, so that
a bug, or another correct algorithm, is written as the one line in which it differs. The unchanged network is itself one
of the correct variants, and so passes every law in every precision.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from ffn.network.description import Hidden, Network, Parameters, Recurrent

Array = Any  # an ndarray of the dtype under test, or what a variant computes in its place

LOG_TWO_PI = math.log(2 * math.pi)
_lgamma = np.frompyfunc(math.lgamma, 1, 1)


class Step(NamedTuple):
    """A layer's input (of a recurrent one x_t and h_{t−1}), pre-activation and output."""

    x: Any
    z: Array
    h: Array


class Textbook:
    """The implementation; Python floats never meet the arrays, because they would widen bfloat16."""

    name = "textbook"
    dtypes: tuple[str, ...] = ("float16", "bfloat16", "float32", "float64")
    parts: tuple[str, ...] = ("heteroscedastic", "mixture", "dropout", "recurrent")
    concurrent: bool = False  # what a variant keeps may not be made for threads

    # what the laws call

    def supports(self, network: Network) -> bool:
        return all(layer.activation == "maxout" or hasattr(self, layer.activation) for layer in network.hidden)

    def supports_activation(self, name: str) -> bool:
        return hasattr(self, name)

    def forward(self, network: Network, parameters: Parameters, x: Array) -> Array:
        return self.steps(network, parameters, x)[-1].h

    def loss(self, network: Network, parameters: Parameters, x: Array, y: Array) -> Array:
        return self.cost(network, parameters, self.steps(network, parameters, x)[-1].h, y)

    def gradient(self, network: Network, parameters: Parameters, x: Array, y: Array) -> Parameters:
        return self.backward(network, parameters, self.steps(network, parameters, x), y)

    def dropout_forward(self, network: Network, parameters: Parameters, x: Array, masks: Any) -> Array:
        return self.steps(network, parameters, x, masks)[-1].h

    def dropout_loss(self, network: Network, parameters: Parameters, x: Array, y: Array, masks: Any) -> Array:
        return self.cost(network, parameters, self.steps(network, parameters, x, masks)[-1].h, y)

    def dropout_gradient(self, network: Network, parameters: Parameters, x: Array, y: Array, masks: Any) -> Parameters:
        return self.backward(network, parameters, self.steps(network, parameters, x, masks), y, masks)

    def recurrent_forward(self, recurrent: Recurrent, parameters: Any, x: Array, h0: Array) -> Array:
        return self.affine(self.states(recurrent, parameters[0], x, h0)[-1].h, *parameters[1])

    def recurrent_loss(self, recurrent: Recurrent, parameters: Any, x: Array, y: Array, h0: Array) -> Array:
        z = self.affine(self.states(recurrent, parameters[0], x, h0)[-1].h, *parameters[1])
        return self.cost(recurrent.readout, parameters[1:], z, y)

    def recurrent_gradient(self, recurrent: Recurrent, parameters: Any, x: Array, y: Array, h0: Array) -> Any:
        (_, U, _), (V, c) = parameters
        states = self.states(recurrent, parameters[0], x, h0)
        dz = self.output_cotangent(recurrent.readout, self.affine(states[-1].h, V, c), y)
        dh, gradients = self.input_cotangent(V, dz), []
        for step in reversed(states):
            da = self.activation_cotangent(recurrent.hidden, step, dh)
            gradients.append((self.dot(step.x[0].T, da), self.dot(step.x[1].T, da), self.sum(da)))
            dh = self.state_cotangent(U, da)
        return self.over_time(gradients), (self.dot(states[-1].h.T, dz), self.sum(dz))

    def activation(self, name: str, z: Array) -> Array:
        return getattr(self, name)(z)

    def slope(self, name: str, z: Array) -> Array:
        return getattr(self, f"{name}_slope")(z, getattr(self, name)(z))

    # arithmetic

    def sum(self, terms: Array) -> Array:
        """Over the first axis."""
        return terms.sum(axis=0)

    def dot(self, a: Array, b: Array) -> Array:
        return np.matmul(a, b).astype(a.dtype, copy=False)

    def affine(self, x: Array, W: Array, b: Array) -> Array:
        return self.dot(x, W) + b

    # the layers

    def steps(self, network: Network, parameters: Parameters, x: Array, masks: Any = None) -> list[Step]:
        steps = []
        for depth, (layer, (W, b)) in enumerate(zip((*network.hidden, None), parameters, strict=True)):
            x = x if masks is None else self.dropped(x, masks[depth])
            z = self.affine(x, W.reshape(len(W), -1), b.ravel()).reshape(len(x), *b.shape)
            steps.append(Step(x, z, z if layer is None else self.activated(layer, z)))
            x = steps[-1].h
        return steps

    def backward(self, network: Network, parameters: Parameters, steps: Any, y: Array, masks: Any = None) -> Parameters:
        dh = self.output_cotangent(network, steps[-1].h, y)
        gradients: list[tuple[Array, Array]] = []
        layers = zip((*network.hidden, None), parameters, steps, strict=True)
        for depth, (layer, (W, b), step) in reversed(list(enumerate(layers))):
            matrix = W.reshape(len(W), -1)
            dz = dh if layer is None else self.activation_cotangent(layer, step, dh)
            dz = dz.reshape(len(step.x), matrix.shape[1])
            dW, db = self.weight_gradient(network, matrix, step.x, dz), self.bias_gradient(network, b.ravel(), dz)
            gradients.insert(0, (dW.reshape(W.shape), db.reshape(b.shape)))
            dx = self.input_cotangent(matrix, dz)
            dh = dx if masks is None else self.dropped_cotangent(dx, masks[depth])
        return tuple(gradients)

    def dropped(self, x: Array, mask: Array) -> Array:
        return x * mask

    def dropped_cotangent(self, dx: Array, mask: Array) -> Array:
        return dx * mask

    def states(self, recurrent: Recurrent, cell: Any, x: Array, h: Array) -> list[Step]:
        states = []
        for t in range(x.shape[1]):
            z = self.state(x[:, t], h, *cell)
            states.append(Step((x[:, t], h), z, self.activated(recurrent.hidden, z)))
            h = states[-1].h
        return states

    def state(self, x: Array, h: Array, W: Array, U: Array, b: Array) -> Array:
        return self.affine(x, W, b) + self.dot(h, U)

    def state_cotangent(self, U: Array, dz: Array) -> Array:
        return self.dot(dz, U.T)

    def over_time(self, gradients: Any) -> Any:
        """The sum of the gradients of all steps, which come last step first."""
        return tuple(self.sum(np.stack(terms)) for terms in zip(*gradients, strict=True))

    def activated(self, layer: Hidden, z: Array) -> Array:
        if layer.activation == "leaky_relu":
            return self.leaky_relu(z, layer.negative_slope)
        return getattr(self, layer.activation)(z)

    def activation_cotangent(self, layer: Hidden, step: Step, dh: Array) -> Array:
        if layer.activation == "maxout":
            return dh[:, :, None] * self.winners(step.z)
        if layer.activation == "leaky_relu":
            return dh * self.leaky_relu_slope(step.z, step.h, layer.negative_slope)
        return dh * getattr(self, f"{layer.activation}_slope")(step.z, step.h)

    def output_cotangent(self, network: Network, z: Array, y: Array) -> Array:
        return self.reduced(network, getattr(self, f"{network.output.name}_gradient")(z, y), len(z))

    def input_cotangent(self, W: Array, dz: Array) -> Array:
        return self.dot(dz, W.T)

    def weight_gradient(self, network: Network, W: Array, x: Array, dz: Array) -> Array:
        dW = self.dot(x.T, dz)
        return dW + W.dtype.type(network.weight_decay) * W if network.weight_decay else dW

    def bias_gradient(self, network: Network, b: Array, dz: Array) -> Array:
        return self.sum(dz)

    # the objective around the likelihood

    def cost(self, network: Network, parameters: Parameters, z: Array, y: Array) -> Array:
        total = self.sum(getattr(self, network.output.name)(z, y).ravel())
        return self.reduced(network, total, len(z)) + self.penalty(network, parameters, len(z))

    def reduced(self, network: Network, total: Array, rows: int) -> Array:
        return total / rows if network.reduction == "mean" else total

    def penalty(self, network: Network, parameters: Parameters, rows: int) -> Array:
        if not network.weight_decay:
            return 0
        squares = self.sum(np.concatenate([(W * W).ravel() for W, _ in parameters]))
        return squares.dtype.type(network.weight_decay) * squares / 2

    # activations and their slopes

    def identity(self, z: Array) -> Array:
        return z

    def identity_slope(self, z: Array, h: Array) -> Array:
        return np.ones_like(z)

    def relu(self, z: Array) -> Array:
        return np.maximum(z, 0)

    def relu_slope(self, z: Array, h: Array) -> Array:
        return (z > 0).astype(z.dtype)

    def leaky_relu(self, z: Array, negative_slope: float | None = 0.01) -> Array:
        return np.where(z > 0, z, z.dtype.type(negative_slope) * z)

    def leaky_relu_slope(self, z: Array, h: Array, negative_slope: float | None = 0.01) -> Array:
        return np.where(z > 0, np.ones_like(z), z.dtype.type(negative_slope))

    def absolute(self, z: Array) -> Array:
        return np.abs(z)

    def absolute_slope(self, z: Array, h: Array) -> Array:
        return np.sign(z)

    def hard_tanh(self, z: Array) -> Array:
        return np.maximum(np.minimum(z, 1), -1)

    def hard_tanh_slope(self, z: Array, h: Array) -> Array:
        return (np.abs(z) < 1).astype(z.dtype)

    def sigmoid(self, z: Array) -> Array:
        e = np.exp(-np.abs(z))
        return np.where(z > 0, np.ones_like(z), e) / (1 + e)

    def sigmoid_slope(self, z: Array, h: Array) -> Array:
        e = np.exp(-np.abs(z))
        return e / (1 + e) / (1 + e)

    def tanh(self, z: Array) -> Array:
        return np.tanh(z)

    def tanh_slope(self, z: Array, h: Array) -> Array:
        secant = 1 / np.cosh(z)
        return secant * secant

    def softplus(self, z: Array) -> Array:
        return np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))

    def softplus_slope(self, z: Array, h: Array) -> Array:
        return self.sigmoid(z)

    def maxout(self, z: Array) -> Array:
        return z.max(axis=-1)

    def winners(self, z: Array) -> Array:
        """1 at the largest piece, the first of those tied."""
        return np.eye(z.shape[-1], dtype=z.dtype)[z.argmax(axis=-1)]

    # output distributions: −log p(y | z), and its derivative

    def gaussian(self, z: Array, y: Array) -> Array:
        return (y - z) * (y - z) / 2 + z.dtype.type(LOG_TWO_PI / 2)

    def gaussian_gradient(self, z: Array, y: Array) -> Array:
        return z - y

    def laplace(self, z: Array, y: Array) -> Array:
        return np.abs(y - z) + z.dtype.type(math.log(2))

    def laplace_gradient(self, z: Array, y: Array) -> Array:
        return np.sign(z - y)

    def bernoulli(self, z: Array, y: Array) -> Array:
        return self.softplus(z) - y * z

    def bernoulli_gradient(self, z: Array, y: Array) -> Array:
        return self.sigmoid(z) - y

    def categorical(self, z: Array, y: Array) -> Array:
        return self.log_sum_exp(z) - z[np.arange(len(z)), y]

    def categorical_gradient(self, z: Array, y: Array) -> Array:
        return self.softmax(z) - np.eye(z.shape[1], dtype=z.dtype)[y]

    def log_sum_exp(self, z: Array) -> Array:
        m = z.max(axis=1)
        return m + np.log(self.sum(np.exp(z.T - m)))

    def softmax(self, z: Array) -> Array:
        e = np.exp(z - z.max(axis=1, keepdims=True))
        return e / self.sum(e.T)[:, None]

    def poisson(self, z: Array, y: Array) -> Array:
        return np.exp(z) - y * z + np.asarray(_lgamma(np.asarray(y + 1, dtype=np.float64))).astype(z.dtype)

    def poisson_gradient(self, z: Array, y: Array) -> Array:
        return np.exp(z) - y

    def heteroscedastic(self, z: Array, y: Array) -> Array:
        mean, s = np.split(z, 2, axis=1)
        return self.standard(y - mean, s) + z.dtype.type(LOG_TWO_PI / 2)

    def heteroscedastic_gradient(self, z: Array, y: Array) -> Array:
        mean, s = np.split(z, 2, axis=1)
        return np.concatenate(self.standard_gradient(mean - y, s), axis=1)

    def standard(self, r: Array, s: Array) -> Array:
        """r²/2v + ½ log v for s = log v."""
        return (r * r * np.exp(-s) + s) / 2

    def standard_gradient(self, r: Array, s: Array) -> tuple[Array, Array]:
        return r * np.exp(-s), (1 - r * r * np.exp(-s)) / 2

    def mixture(self, z: Array, y: Array) -> Array:
        a, mean, s = _of_components(z, y)
        nll = self.weighted(a, -self.standard(mean - y.reshape(-1, 1), s))
        return nll.reshape(y.shape) + z.dtype.type(LOG_TWO_PI / 2)

    def weighted(self, a: Array, log_density: Array) -> Array:
        """−log Σ softmax(a) e^log_density."""
        return self.log_sum_exp(a) - self.log_sum_exp(a + log_density)

    def mixture_gradient(self, z: Array, y: Array) -> Array:
        a, mean, s = _of_components(z, y)
        r = mean - y.reshape(-1, 1)
        gamma = self.responsibilities(a, -self.standard(r, s))
        d_mean, ds = self.standard_gradient(r, s)
        parts = self.weights_gradient(a, gamma), gamma * d_mean, gamma * ds
        return np.concatenate([part.reshape(len(z), -1) for part in parts], axis=1)

    def responsibilities(self, a: Array, log_density: Array) -> Array:
        return self.softmax(a + log_density)

    def weights_gradient(self, a: Array, gamma: Array) -> Array:
        return self.softmax(a) - gamma


def _of_components(z: Array, y: Array) -> list[Array]:
    """Logits, means and log-variances, a row for each target."""
    return [block.reshape(y.size, -1) for block in np.split(z, 3, axis=1)]


def textbook(name: str, **lines: Any) -> Textbook:
    """The textbook network with some of its lines replaced."""
    network: Textbook = type("Textbook", (Textbook,), {"name": name, **lines})()
    return network
