"""4.5: the cost of a count."""

from ffn.learn.kinds import Array, Function, Misconception, counts


def poisson(xp, z, y):
    rate = xp.exp(z)
    return rate - y * z + xp.lgamma(y + 1), rate - y


def rate_not_exponentiated(xp, z, y):
    return z - y * xp.log(z) + xp.lgamma(y + 1), 1 - y / z


def factorial_forgotten(xp, z, y):
    rate = xp.exp(z)
    return rate - y * z, rate - y


def by_the_rate(xp, z, y):
    rate = xp.exp(z)
    return rate - y * z + xp.lgamma(y + 1), 1 - y / rate


def turned_round(xp, z, y):
    rate = xp.exp(z)
    return rate - y * z + xp.lgamma(y + 1), y - rate


EXERCISE = Function(
    title="Poisson",
    stars=2,
    minutes=10,
    task="""
A network says the logarithm z of a rate: rate = e^z, so that it is positive. The
probability of the count y is rate^y e^−rate / y!. The cost is −log of it.

Write poisson(z, y), which returns the pair of the costs and the gradient ∂cost/∂z,
each shaped as z and y. y holds whole numbers as floats; log y! is math.lgamma(y + 1)
of each entry, for which there is np.vectorize(math.lgamma).
""",
    template="""
import math

import numpy as np


def poisson(z, y):
    raise NotImplementedError
""",
    solution="""
import math

import numpy as np


def poisson(z, y):
    rate = np.exp(z)
    return rate - y * z + np.vectorize(math.lgamma)(y + 1), rate - y
""",
    hints=(
        "Take the logarithm of the three factors, one by one. What is log rate?",
        "The gradient is asked for by z, and not by the rate: how does the rate move with z?",
        "`rate = np.exp(z)`, and the gradient is `rate - y`.",
    ),
    law="The cost is −log of the probability of y, and the gradient its derivative by z.",
    read="claim C37, and the law output/poisson/loss of `ffn laws`.",
    function="poisson",
    arguments=(Array("z", "row unit"), Array("y", "row unit", counts)),
    returns=(("cost", "row unit"), ("dz", "row unit")),
    truth=poisson,
    misconceptions=(
        Misconception("rate not exponentiated", "z may be below 0. May a rate?", rate_not_exponentiated),
        Misconception("log y! forgotten", "Do the probabilities of all counts add up to 1?", factorial_forgotten),
        Misconception("divided by the rate", "By what did you differentiate: by z, or by the rate?", by_the_rate),
        Misconception("turned round", "When the rate is too large, has the cost to rise with z?", turned_round),
    ),
)
