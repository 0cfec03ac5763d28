"""3.4: ∂x of an affine layer."""

from ffn.learn.kinds import Array, Function, Inside, Misconception
from ffn.network import backward
from ffn.network.description import Hidden, Network, Output


def input_backward(xp, dz, W):
    return xp.matmul(dz, W.T)


def not_transposed(xp, dz, W):
    return xp.matmul(dz, W)


def reshaped(xp, dz, W):
    return xp.matmul(dz, W.reshape(W.shape[1], W.shape[0]))


def averaged(xp, dz, W):
    return xp.matmul(dz, W.T) / W.shape[1]


EXERCISE = Function(
    title="∂x",
    stars=2,
    minutes=12,
    task="""
An affine layer computed z = x W + b, with W of shape (in, units). You are handed
dz = ∂loss/∂z, of shape (N, units).

Write input_backward(dz, W), which returns dx = ∂loss/∂x, of shape (N, in): what
the layer before is told. Where W is square, nothing crashes whatever you write:
look at a W that is not symmetric.
""",
    template="""
import numpy as np


def input_backward(dz, W):
    raise NotImplementedError
""",
    solution="""
import numpy as np


def input_backward(dz, W):
    return dz @ W.T
""",
    hints=(
        "x[n, i] reaches every unit j, by the weight W[i, j]. How does it move the loss, all in all?",
        "dx[n, i] is the sum over j of dz[n, j] W[i, j]: a row of dz with a row of W.",
        "A product of rows with rows is one with a transposed matrix: `return dz @ W.T`.",
    ),
    law="dx is the derivative of the loss by x, where z = x W + b.",
    read="the derivation “affine layer, gradient by the input”; claim C41.",
    function="input_backward",
    arguments=(Array("dz", "row unit"), Array("W", "input unit")),
    returns=("dx", "row input"),
    truth=input_backward,
    inside=Inside(
        "In its place inside networks of relus the gradient is right.",
        (
            Network(2, 1, Output("gaussian"), (Hidden(3, "relu"),)),
            Network(4, 2, Output("gaussian"), (Hidden(6, "relu"), Hidden(5, "relu"))),
        ),
        lambda call: backward.own_rules()._replace(affine_input=lambda xp, W, dz: call(dz, W)),
    ),
    misconceptions=(
        Misconception("W not transposed", "Whose weights reach x₀: a row of W, or a column?", not_transposed),
        Misconception(
            "reshaped for transposed",
            "Reshaping keeps the order in memory. What does it make of [[0, 0], [1, 0]], and what is its transpose?",
            reshaped,
        ),
        Misconception("averaged over the units", "Does x₀ move the loss through one unit, or through all?", averaged),
    ),
)
