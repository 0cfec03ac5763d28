"""7.1: equal units stay equal, whatever the data."""

from typing import Any

import numpy as np

from ffn.constructions.training import step
from ffn.learn.kinds import Misconception, Predict
from ffn.network import backward
from ffn.network.description import Hidden, Network, Output
from ffn.numbers.exact import exact

NETWORK = Network(2, 1, Output("gaussian"), (Hidden(2, "relu"),))
X, Y = [[1, 2], [2, -1], [-1, 1]], [[1], [0], [2]]
# W, b, V of two hidden units; c is 0.
STARTS = {
    "zeros": ([[0, 0], [0, 0]], [0, 0], [[0], [0]]),
    "equal": ([[1, 1], [2, 2]], [1, 1], [[3], [3]]),
    "noise_in_b": ([[1, 1], [2, 2]], [1, 2], [[3], [3]]),
    "other_readers": ([[1, 1], [2, 2]], [1, 1], [[3], [-3]]),
    "scaled": ([[1, 2], [2, 4]], [1, 2], [[4], [2]]),
}
STEPS = 3


def trained(start):
    """W, b and V after some steps of descent, in fractions."""
    W, b, V = start
    parameters: Any = ((exact.asarray(W), exact.asarray(b)), (exact.asarray(V), exact.asarray([0])))
    for _ in range(STEPS):
        gradient = backward.gradient(exact, NETWORK, parameters, exact.asarray(X), exact.asarray(Y))
        parameters = step(parameters, gradient, exact.number("1/8"))
    return parameters


def stays_equal(start):
    (W, b), (V, _) = trained(start)
    return int(np.array_equal(W[:, 0], W[:, 1]) and b[0] == b[1] and V[0, 0] == V[1, 0])


def truth(xp):
    return {name: stays_equal(start) for name, start in STARTS.items()}


EXERCISE = Predict(
    title="Equal units stay equal",
    stars=2,
    minutes=8,
    task="""
Two inputs, two relus, one output; c begins at 0. After some steps of gradient
descent on any data, are the two hidden units surely still equal: the same column
of W, the same b, the same row of V? Write 1 for yes, and 0 for no.

                    W                   b         V
    zeros           [[0, 0], [0, 0]]    [0, 0]    [[0], [0]]
    equal           [[1, 1], [2, 2]]    [1, 1]    [[3], [3]]
    noise_in_b      [[1, 1], [2, 2]]    [1, 2]    [[3], [3]]
    other_readers   [[1, 1], [2, 2]]    [1, 1]    [[3], [−3]]
    scaled          [[1, 2], [2, 4]]    [1, 2]    [[4], [2]]
""",
    template="""
zeros = None
equal = None
noise_in_b = None
other_readers = None
scaled = None
""",
    solution="""
zeros = 1
equal = 1
noise_in_b = 0
other_readers = 0
scaled = 0
""",
    hints=(
        "Exchange the names of the two units. For which starts does nothing change?",
        "If nothing changes, the gradient cannot tell them apart either, and so neither can the next step.",
        "A unit is its column of W, its b and its row of V: all three have to be equal at the start.",
    ),
    law="Units with equal weights in, bias and weights out have equal gradients, and stay equal.",
    read="claim C10; Goodfellow et al. 2016, section 8.4.",
    truth=truth,
    misconceptions=(
        Misconception(
            "only zeros",
            "In “equal” the two columns, biases and rows are alike. What could make their gradients differ?",
            lambda xp: {**truth(xp), "equal": 0},
        ),
        Misconception(
            "noise in b is nothing",
            "Other biases: are these two units on for the same rows?",
            lambda xp: {**truth(xp), "noise_in_b": 1},
        ),
        Misconception(
            "what reads them does not matter",
            "V is what carries the loss back to each unit. Is that the same for both?",
            lambda xp: {**truth(xp), "other_readers": 1},
        ),
    ),
)
