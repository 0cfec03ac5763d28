"""3.3: ∂W and ∂b of an affine layer."""

from ffn.learn.kinds import Array, Function, Inside, Misconception
from ffn.network import backward
from ffn.network.description import Hidden, Network, Output


def affine_backward(xp, dz, x):
    return xp.matmul(x.T, dz), dz.sum(axis=0)


def db_averaged(xp, dz, x):
    return xp.matmul(x.T, dz), dz.sum(axis=0) / dz.shape[0]


def db_with_an_axis_too_many(xp, dz, x):
    return xp.matmul(x.T, dz), dz.sum(axis=0).reshape(1, -1)


def swapped(xp, dz, x):
    return xp.matmul(dz.T, x), dz.sum(axis=0)


def both_averaged(xp, dz, x):
    dW, db = affine_backward(xp, dz, x)
    return dW / dz.shape[0], db / dz.shape[0]


EXERCISE = Function(
    title="∂W and ∂b",
    stars=1,
    minutes=12,
    task="""
An affine layer computed z = x W + b from a batch x of shape (N, in). From
further on you are handed dz = ∂loss/∂z, of shape (N, units).

Write affine_backward(dz, x), which returns the pair (dW, db): how the loss moves
with each weight and each bias, shaped as W (in, units) and b (units,).

If the loss is a mean over the rows, its 1/N is in dz already.
""",
    template="""
import numpy as np


def affine_backward(dz, x):
    raise NotImplementedError
""",
    solution="""
import numpy as np


def affine_backward(dz, x):
    return x.T @ dz, dz.sum(axis=0)
""",
    hints=(
        "W[i, j] moves z[n, j] by x[n, i], in every row n. So which products are added up, over what?",
        "b[j] moves z[n, j] by 1, in every row n. Add up a column of dz.",
        "A sum over rows is a product with the rows in the middle: `return x.T @ dz, dz.sum(axis=0)`.",
    ),
    law="dW and db are the derivatives of the loss by W and b, where z = x W + b.",
    read="the derivation “affine layer, gradient by the weights”; claim C41.",
    function="affine_backward",
    arguments=(Array("dz", "row unit"), Array("x", "row input")),
    returns=(("dW", "input unit"), ("db", "unit")),
    truth=affine_backward,
    inside=Inside(
        "In its place inside networks of relus the gradient is right.",
        (
            Network(2, 1, Output("gaussian"), (Hidden(3, "relu"),)),
            Network(4, 2, Output("gaussian"), (Hidden(6, "relu"), Hidden(5, "relu"))),
        ),
        lambda call: backward.own_rules()._replace(affine=lambda xp, x, dz, decay: call(dz, x)),
    ),
    misconceptions=(
        Misconception("db averaged", "With one row mean and sum are the same. And with two?", db_averaged),
        Misconception(
            "db of shape (1, units)",
            "b has shape (units,). Which argument of a sum keeps an axis of length 1?",
            db_with_an_axis_too_many,
        ),
        Misconception("x and dz swapped", "Which shape has W, and which has yours?", swapped),
        Misconception("averaged once more", "Where has the 1/N of a mean gone in already?", both_averaged),
    ),
)
