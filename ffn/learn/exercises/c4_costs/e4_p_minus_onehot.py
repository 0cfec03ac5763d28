"""4.4: the gradient of the categorical cost, row by row."""

import numpy as np

from ffn.learn.kinds import Array, Function, Labels, Misconception
from ffn.network.outputs import probabilities


def onehot(xp, z, y):
    return xp.asarray(np.eye(z.shape[1], dtype=np.int8)[y])


def gradient(xp, z, y):
    return (probabilities(xp, z) - onehot(xp, z, y)) / z.shape[0]


def column_in_every_row(xp, z, y):
    columns = np.zeros(z.shape, dtype=np.int8)
    columns[:, y] = 1
    return (probabilities(xp, z) - xp.asarray(columns)) / z.shape[0]


def index_subtracted(xp, z, y):
    return (probabilities(xp, z) - xp.asarray(y.reshape(-1, 1))) / z.shape[0]


def added(xp, z, y):
    return (probabilities(xp, z) + onehot(xp, z, y)) / z.shape[0]


def turned_round(xp, z, y):
    return -gradient(xp, z, y)


def mean_forgotten(xp, z, y):
    return probabilities(xp, z) - onehot(xp, z, y)


EXERCISE = Function(
    title="p − onehot",
    stars=2,
    minutes=12,
    task="""
Logits z, (N, classes), make probabilities p by softmax, row by row. y holds the
class of each row, a whole number from 0. The cost is the mean over the rows of
−log p[n, y[n]].

Write gradient(z, y), which returns ∂cost/∂z, shaped as z: in every row p minus a
row that is 1 at its class and 0 elsewhere, and all of it over N.
""",
    template="""
import numpy as np


def gradient(z, y):
    raise NotImplementedError
""",
    solution="""
import numpy as np


def gradient(z, y):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    p[np.arange(len(y)), y] -= 1
    return p / len(y)
""",
    hints=(
        "First the probabilities. As a check: each row of them adds up to 1.",
        "Then 1 is taken off in one place of each row. Which index names a row, and which a class?",
        "NumPy takes one entry of each row with two arrays: `p[np.arange(len(y)), y] -= 1`.",
    ),
    law="It is the derivative of the mean cost by each logit.",
    read="the derivation “categorical NLL”; claim C35.",
    function="gradient",
    arguments=(Array("z", "row unit"), Labels("y", "row", classes="unit")),
    returns=("dz", "row unit"),
    truth=gradient,
    misconceptions=(
        Misconception("turned round", "When the right logit rises, has the cost to rise or to fall?", turned_round),
        Misconception(
            "the column set in every row",
            "An index [:, y] touches all rows. Which one picks one of each?",
            column_in_every_row,
        ),
        Misconception("the class index subtracted", "Is y a quantity, or a name?", index_subtracted),
        Misconception("p + onehot", "Do the entries of a row add up to 0?", added),
        Misconception("mean forgotten", "With one row it is right. And with two?", mean_forgotten),
    ),
)
