"""3.5: one layer, from ∂h to ∂x, ∂W and ∂b."""

import numpy as np

from ffn.learn.kinds import Array, Choice, Function, Given, Misconception
from ffn.network.activations import sigmoid_slope, tanh_slope

NAMES = ("sigmoid", "tanh")


def pulled_back(xp, dz, dz_of_W, x, W):
    return xp.matmul(dz, W.T), xp.matmul(x.T, dz_of_W), dz.sum(axis=0)


def slope(xp, name, z, h):
    if name == "sigmoid":
        return xp.either(sigmoid_slope(xp, z), lambda: h * (1 - h))
    return xp.either(tanh_slope(xp, z), lambda: 1 - h * h)


def layer_backward(xp, name, dh, x, z, h, W):
    dz = dh * slope(xp, name, z, h)
    return pulled_back(xp, dz, dz, x, W)


def slope_at_the_output(xp, name, dh, x, z, h, W):
    at_h = sigmoid_slope if name == "sigmoid" else tanh_slope
    dz = dh * at_h(xp, h)
    return pulled_back(xp, dz, dz, x, W)


def slope_forgotten(xp, name, dh, x, z, h, W):
    return pulled_back(xp, dh, dh, x, W)


def weights_before_the_slope(xp, name, dh, x, z, h, W):
    return pulled_back(xp, dh * slope(xp, name, z, h), dh, x, W)


def input_before_the_slope(xp, name, dh, x, z, h, W):
    return xp.matmul(dh, W.T), *layer_backward(xp, name, dh, x, z, h, W)[1:]


def output_of(name, dh, x, z):
    return 1 / (1 + np.exp(-z)) if name == "sigmoid" else np.tanh(z)


EXERCISE = Function(
    title="One layer, whole",
    stars=2,
    minutes=15,
    task="""
A layer computed z = x W + b and then h = σ(z), with name "sigmoid", or tanh(z),
with name "tanh". It kept x, z and h. You are handed dh = ∂loss/∂h.

Write layer_backward(name, dh, x, z, h, W), which returns (dx, dW, db). x is
(N, in), W (in, units), and z, h and dh are (N, units).
""",
    template="""
import numpy as np


def layer_backward(name, dh, x, z, h, W):
    raise NotImplementedError
""",
    solution="""
import numpy as np


def layer_backward(name, dh, x, z, h, W):
    slope = h * (1 - h) if name == "sigmoid" else 1 - h**2
    dz = dh * slope
    return dz @ W.T, x.T @ dz, dz.sum(axis=0)
""",
    hints=(
        "Go back in the order in which the layer went: first through g, to dz, then through the affine part.",
        "dz is dh times the slope of g at z. Exercises 2.3 and 2.4 have it from h.",
        "dx, dW and db all come from dz, as in exercises 3.3 and 3.4: `dz = dh * slope`.",
    ),
    law="dx, dW and db are the derivatives of the loss, where h = g(x W + b).",
    read="the derivation “one layer, the pullback of a cotangent”; claim C41.",
    function="layer_backward",
    arguments=(
        Choice("name", NAMES),
        Array("dh", "row unit"),
        Array("x", "row input"),
        Array("z", "row unit"),
        Given("h", "row unit", output_of),
        Array("W", "input unit"),
    ),
    returns=(("dx", "row input"), ("dW", "input unit"), ("db", "unit")),
    truth=layer_backward,
    misconceptions=(
        Misconception("∂x before the slope", "x moves z, and z moves h. Which has ∂x to use?", input_before_the_slope),
        Misconception("slope at the output", "Is the slope that you need g′(z), or g′(h)?", slope_at_the_output),
        Misconception(
            "slope forgotten", "Three things lie between x and h. What is the slope of each?", slope_forgotten
        ),
        Misconception(
            "∂W before the slope", "W moves z, and z moves h. Which cotangent has ∂W to use?", weights_before_the_slope
        ),
    ),
)
