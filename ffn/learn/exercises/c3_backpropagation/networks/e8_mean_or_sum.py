"""3.8: a mean over rows, in the loss and in its gradient."""

from ffn.learn.kinds import Array, Function, Misconception


def parts(xp, z, y, of_loss, of_gradient):
    r = z - y
    return xp.total([r * r]) / 2 / of_loss, r / of_gradient


def loss_and_gradient(xp, z, y):
    return parts(xp, z, y, z.shape[0], z.shape[0])


def divided_twice(xp, z, y):
    return parts(xp, z, y, z.shape[0], z.shape[0] ** 2)


def gradient_summed(xp, z, y):
    return parts(xp, z, y, z.shape[0], 1)


def units_as_rows(xp, z, y):
    entries = z.shape[0] * z.shape[1]
    return parts(xp, z, y, entries, entries)


def one_row_less(xp, z, y):
    return parts(xp, z, y, z.shape[0] - 1, z.shape[0] - 1)


def without_half(xp, z, y):
    loss, gradient = parts(xp, z, y, z.shape[0], z.shape[0])
    return 2 * loss, 2 * gradient


def summed(xp, z, y):
    return parts(xp, z, y, 1, 1)


EXERCISE = Function(
    title="Mean or sum",
    stars=2,
    minutes=12,
    task="""
A network says z for a batch whose targets are y, both of shape (N, units). The
loss of a row is ½ Σⱼ (z[n, j] − y[n, j])², a sum over its units; the loss of the
batch is the mean over its N rows.

Write loss_and_gradient(z, y), which returns the pair of this loss, one number,
and its gradient ∂loss/∂z, shaped as z.
""",
    template="""
import numpy as np


def loss_and_gradient(z, y):
    raise NotImplementedError
""",
    solution="""
import numpy as np


def loss_and_gradient(z, y):
    r = z - y
    return np.sum(r**2) / 2 / len(z), r / len(z)
""",
    hints=(
        "Write the loss with sums alone, and then divide it. By what, and once or twice?",
        "The gradient is that of the whole loss: if the loss is divided by a number, so is each entry of it.",
        "With `r = z - y`: the gradient is `r / len(z)`.",
    ),
    law="The mean divides by the number of rows, once, in the loss and in its gradient.",
    read="claim C37; Goodfellow et al. 2016, section 5.5.",
    function="loss_and_gradient",
    arguments=(Array("z", "row unit"), Array("y", "row unit")),
    returns=(("loss", ""), ("dz", "row unit")),
    truth=loss_and_gradient,
    misconceptions=(
        Misconception("½ forgotten", "What is the loss of one row, off by 1 in one unit?", without_half),
        Misconception("divided twice", "How often does 1/N stand in the loss, and how often in yours?", divided_twice),
        Misconception(
            "loss meant, gradient summed",
            "Double the batch by repeating it: your loss stays. Does your gradient, summed over equal rows?",
            gradient_summed,
        ),
        Misconception("units counted as rows", "The mean is over rows alone. What is a unit?", units_as_rows),
        Misconception("N − 1", "That is for an unbiased variance. What does it do to a single row?", one_row_less),
        Misconception("sum for mean", "With one row it is right. And with two?", summed),
    ),
)
