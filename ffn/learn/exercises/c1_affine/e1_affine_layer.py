"""1.1: z = xW + b, one example a row."""

from ffn.learn.kinds import Array, Function, Misconception


def affine(xp, x, W, b):
    return xp.affine(x, W, b)


def turned(xp, x, W, b):
    return xp.matmul(x, W.T) + b


def bias_by_row(xp, x, W, b):
    return xp.matmul(x, W) + b.reshape(-1, 1)


def bias_forgotten(xp, x, W, b):
    return xp.matmul(x, W)


EXERCISE = Function(
    title="An affine layer",
    stars=1,
    minutes=8,
    task="""
A layer of units has weights W of shape (in, units) and biases b of shape
(units,). A batch x has one example a row: its shape is (N, in).

Write affine(x, W, b), the pre-activations z of shape (N, units):

    z[n, j] = x[n, 0] W[0, j] + x[n, 1] W[1, j] + … + b[j]

Watch out when W is square: nothing crashes then, whatever you do with it.
""",
    template="""
import numpy as np


def affine(x, W, b):
    raise NotImplementedError
""",
    solution="""
import numpy as np


def affine(x, W, b):
    return x @ W + b
""",
    hints=(
        "Write down the shapes of x, W and z. Which axis do x and W share, and so lose in the sum?",
        "b has one number a unit, and every row of z has one number a unit. NumPy adds it to each row.",
        "The matrix product sums over the shared axis: `return x @ W + b`.",
    ),
    law="z[n, j] is Σᵢ x[n, i] W[i, j] + b[j].",
    read="claim C3; Goodfellow et al. 2016, section 6.1.",
    function="affine",
    arguments=(Array("x", "row input"), Array("W", "input unit"), Array("b", "unit")),
    returns=("z", "row unit"),
    truth=affine,
    misconceptions=(
        Misconception(
            "W turned",
            "x is (N, in) and W (in, units). Which of the two is a row of your answer: an example or a unit?",
            turned,
        ),
        Misconception("bias by row", "b has one number a unit. Which axis of z are the units?", bias_by_row),
        Misconception("bias forgotten", "What should z be at x = 0, and what is yours?", bias_forgotten),
    ),
)
