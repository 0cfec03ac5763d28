"""4.6: a cross-entropy that survives large logits."""

import numpy as np

from ffn.learn.kinds import Array, Function, Labels, Misconception
from ffn.network.description import Output
from ffn.network.outputs import distribution_of, probabilities

DISTRIBUTION = distribution_of(Output("categorical"))


def chosen(z, y):
    return z[np.arange(z.shape[0]), y]


def nll(xp, z, y):
    return DISTRIBUTION.kernel(xp, z, y)


def log_of_softmax(xp, z, y):
    return -xp.log(chosen(probabilities(xp, z), y))


def not_shifted(xp, z, y):
    return xp.log(xp.exp(z).sum(axis=1)) - chosen(z, y)


def epsilon_inside(xp, z, y):
    return -xp.log(chosen(probabilities(xp, z), y) + xp.constant("1e-7"))


def next_class(xp, z, y):
    return nll(xp, z, (y + 1) % z.shape[1])


def far_apart(rng, shape):
    """Numbers whose exponentials overflow beside others whose exponentials are 0, often in one row."""
    return np.asarray(rng.choice((0.0, 1.0, -3.0, 99.5, 100.0, 749.5, 750.0, -750.0), shape))


EXERCISE = Function(
    title="Cross-entropy that survives",
    stars=2,
    minutes=15,
    task="""
Write nll(z, y): the cost of each row of logits z, (N, classes), whose class is
y[n] from 0. It is log Σⱼ exp(z[n, j]) − z[n, y[n]], an array of shape (N,).

First for logits from −4 to 4, then for logits up to 750 in float32 and float64,
where exp overflows, and a hopeless class costs several hundred.
""",
    template="""
import numpy as np


def nll(z, y):
    raise NotImplementedError
""",
    solution="""
import numpy as np


def nll(z, y):
    largest = z.max(axis=1)
    shifted = z - largest[:, None]
    return largest + np.log(np.exp(shifted).sum(axis=1)) - z[np.arange(len(y)), y]
""",
    hints=(
        "Which number can be taken off every logit of a row, and added again outside the log?",
        "With the largest logit taken off, every exponential is at most 1, and one of them is 1.",
        "Keep log and exp together: log of a softmax has lost a probability that is 0 in floats.",
        "`largest + np.log(np.exp(z - largest[:, None]).sum(axis=1)) - z[np.arange(len(y)), y]`",
    ),
    law="The cost is log Σⱼ exp(z[n, j]) − z[n, y[n]].",
    read="claim C34; Blanchard, Higham & Higham 2021.",
    function="nll",
    arguments=(Array("z", "row unit"), Labels("y", "row", classes="unit")),
    returns=("cost", "row"),
    truth=nll,
    precisions=("float32", "float64"),
    precise=far_apart,
    precise_law="the cost is right also for logits of several hundred.",
    misconceptions=(
        Misconception(
            "log of a softmax",
            "What has softmax rounded away before log sees it? Can the two meet?",
            log_of_softmax,
        ),
        Misconception("maximum not subtracted", "What is exp(750) in float64?", not_shifted),
        Misconception("ε, or a floor, inside the log", "Your cost has a ceiling. Which?", epsilon_inside),
        Misconception("the next class", "Is y counted from 0, or from 1?", next_class),
    ),
)
