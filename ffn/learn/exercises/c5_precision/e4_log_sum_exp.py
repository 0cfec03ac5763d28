"""5.4: log Σ exp of each row."""

import numpy as np

from ffn.learn.kinds import Array, Function, Misconception
from ffn.network.outputs import log_sum_exp


def not_subtracted(xp, z):
    return xp.log(xp.exp(z).sum(axis=1))


def not_added_back(xp, z):
    return xp.log(xp.exp(z - xp.detached_max(z)).sum(axis=1))


def largest_of_the_batch(xp, z):
    m = xp.detached_max(z.reshape(1, z.shape[0] * z.shape[1]))
    return m[0, 0] + xp.log(xp.exp(z - m).sum(axis=1))


def largest_alone(xp, z):
    largest = z[:, 0]
    for column in range(1, z.shape[1]):
        largest = xp.maximum(largest, z[:, column])
    return largest


def far_apart(rng, shape):
    """Numbers whose exponentials overflow beside others whose exponentials are 0, often in one row."""
    return np.asarray(rng.choice((0.0, 1.0, -3.0, 99.5, 100.0, 749.5, 750.0, -750.0), shape))


EXERCISE = Function(
    title="log Σ exp",
    stars=2,
    minutes=10,
    task="""
Write log_sum_exp(z): for each row of z, (N, n), the logarithm of the sum of the
exponentials of its entries, an array of shape (N,).

First from −4 to 4, then for entries up to 750 in float32 and float64, where exp
overflows, and rows that are far apart.
""",
    template="""
import numpy as np


def log_sum_exp(z):
    raise NotImplementedError
""",
    solution="""
import numpy as np


def log_sum_exp(z):
    m = z.max(axis=1)
    return m + np.log(np.exp(z - m[:, None]).sum(axis=1))
""",
    hints=(
        "Take a number off every entry of a row. By how much does log Σ exp move?",
        "Which number makes every exponential at most 1, and one of them exactly 1?",
        "Each row has its own: `m = z.max(axis=1)`, taken off as `m[:, None]`, and added back at the end.",
    ),
    law="It is log Σⱼ exp(z[n, j]), row by row.",
    read="Blanchard, Higham & Higham 2021; claim C34.",
    function="log_sum_exp",
    arguments=(Array("z", "row entry"),),
    returns=("lse", "row"),
    truth=log_sum_exp,
    precisions=("float32", "float64"),
    precise=far_apart,
    precise_law="it is right also for entries of several hundred.",
    misconceptions=(
        Misconception("not subtracted", "What is exp(750)?", not_subtracted),
        Misconception("the maximum not added back", "Move z by 5: does yours move by 5?", not_added_back),
        Misconception(
            "the maximum of the batch", "One large row: what is left of the others' exponentials?", largest_of_the_batch
        ),
        Misconception("the maximum alone", "What is log(e^0 + e^0), and what is yours?", largest_alone),
    ),
)
