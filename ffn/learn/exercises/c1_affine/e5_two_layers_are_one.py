"""1.5: an affine layer after an affine layer is one affine layer."""

from ffn.learn.kinds import Array, Function, Misconception


def merge(xp, W1, b1, W2, b2):
    return xp.matmul(W1, W2), xp.affine(b1.reshape(1, -1), W2, b2)[0]


def reversed_product(xp, W1, b1, W2, b2):
    return xp.matmul(W2, W1), xp.affine(b1.reshape(1, -1), W2, b2)[0]


def b1_not_carried(xp, W1, b1, W2, b2):
    return xp.matmul(W1, W2), b2


def biases_added(xp, W1, b1, W2, b2):
    return xp.matmul(W1, W2), b1 + b2


EXERCISE = Function(
    title="Two affine layers are one",
    stars=1,
    minutes=10,
    task="""
Two affine layers, one after the other, without an activation between them:

    u = x W1 + b1,    z = u W2 + b2

W1 is (in, middle), b1 (middle,), W2 (middle, units), b2 (units,). Together they
are one affine layer z = x W + b.

Write merge(W1, b1, W2, b2), which returns the pair (W, b).
""",
    template="""
import numpy as np


def merge(W1, b1, W2, b2):
    raise NotImplementedError
""",
    solution="""
import numpy as np


def merge(W1, b1, W2, b2):
    return W1 @ W2, b1 @ W2 + b2
""",
    hints=(
        "Put u into z, and multiply out. Which part has an x, and which has none?",
        "Matrix products keep their order: x meets W1 first. And b1 goes on through the second layer.",
        "z = x (W1 W2) + (b1 W2 + b2): `return W1 @ W2, b1 @ W2 + b2`.",
    ),
    law="x W + b is (x W1 + b1) W2 + b2, for every x.",
    read="claim C5, and the derivation “affine after affine is affine”.",
    function="merge",
    arguments=(Array("W1", "input middle"), Array("b1", "middle"), Array("W2", "middle unit"), Array("b2", "unit")),
    returns=(("W", "input unit"), ("b", "unit")),
    truth=merge,
    misconceptions=(
        Misconception("product reversed", "In x W1 W2, which matrix meets x first?", reversed_product),
        Misconception("b1 not carried", "What is z at x = 0? Where has b1 gone?", b1_not_carried),
        Misconception("biases added", "Through what does b1 pass before it meets b2?", biases_added),
    ),
)
