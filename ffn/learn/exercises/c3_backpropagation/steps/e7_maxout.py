"""3.7: of the pieces of a maxout unit, who gets the gradient."""

from functools import reduce

import numpy as np

from ffn.learn.kinds import Array, Function, FurtherLaw, Misconception
from ffn.network.maxout import winners


def pieces_of(z):
    return [z[:, :, j] for j in range(z.shape[2])]


def largest_of(xp, z):
    return reduce(xp.maximum, pieces_of(z))


def maxout_backward(xp, dh, z):
    return xp.stack([dh * won for won in winners(xp, z)])


def every_tied_piece(xp, dh, z):
    largest = largest_of(xp, z)
    return xp.stack([dh * (1 - xp.select(largest - piece, 1, 0)) for piece in pieces_of(z)])


def every_piece(xp, dh, z):
    return xp.stack([dh for _ in pieces_of(z)])


def always_the_first(xp, dh, z):
    _, *others = pieces_of(z)
    return xp.stack([dh, *(0 * dh for _ in others)])


def by_softmax(xp, dh, z):
    exponentials = [xp.exp(piece - largest_of(xp, z)) for piece in pieces_of(z)]
    total = sum(exponentials[1:], exponentials[0])
    return xp.stack([dh * (each / total) for each in exponentials])


def shared(xp, dh, z):
    """What the pieces' shares add up to, each of them rounded, and their sum."""
    count = z.shape[2]
    return xp.stack([dh / count for _ in range(count)]).sum(axis=2)


def tied_or_nearly(rng, shape):
    """−2, 0 or often 1, so that three pieces tie too, some of them a millionth larger."""
    return rng.choice((-2.0, 0.0, 1.0, 1.0, 1.0), shape) + rng.choice((0.0,) * 7 + (2.0**-20,), shape)


EXERCISE = Function(
    title="Maxout: who gets the gradient",
    stars=2,
    minutes=15,
    task="""
A maxout unit has several pre-activations, its pieces, and returns the largest:
h[n, j] = max over k of z[n, j, k]. You are handed dh = ∂loss/∂h, (N, units), and
z, (N, units, pieces).

Write maxout_backward(dh, z), which returns dz, shaped as z. Where pieces are tied
they may share dh in any way, as long as the shares add up to dh and none is
negative or larger than the whole.
""",
    template="""
import numpy as np


def maxout_backward(dh, z):
    raise NotImplementedError
""",
    solution="""
import numpy as np


def maxout_backward(dh, z):
    dz = np.zeros_like(z)
    winner = z.argmax(axis=2)
    np.put_along_axis(dz, winner[:, :, None], dh[:, :, None], axis=2)
    return dz
""",
    hints=(
        "Move a piece that is not the largest by a little. Does h move?",
        "So one piece gets all of dh and the others nothing, unless there is a tie. Who is it?",
        "With `winner = z.argmax(axis=2)` NumPy writes into one entry of each unit by np.put_along_axis.",
    ),
    law="The largest piece takes dh, the others nothing; tied pieces share it.",
    read="claims C25 and C30; Goodfellow et al. 2013.",
    function="maxout_backward",
    arguments=(Array("dh", "row unit"), Array("z", "row unit piece", tied_or_nearly)),
    returns=("dz", "row unit piece"),
    truth=maxout_backward,
    hull=True,
    further=FurtherLaw("What tied pieces get adds up to dh.", lambda dz: np.sum(dz, axis=2), shared),
    misconceptions=(
        Misconception(
            "every tied piece takes all",
            "Add up what you hand back over the pieces of a unit. Is it dh?",
            every_tied_piece,
            exactly=True,
        ),
        Misconception("to every piece", "Did the losing pieces move h?", every_piece),
        Misconception(
            "always the first", "Which piece is the largest: the first, or the one of argmax?", always_the_first
        ),
        Misconception("shared by softmax", "A maximum is not soft. Is nearly tied a tie?", by_softmax),
    ),
)
