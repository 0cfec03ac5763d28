"""4.2: the cost of a laplace distribution with scale 1."""

from fractions import Fraction

from ffn.learn.kinds import PART, Array, Function, Misconception, Predict, Together
from ffn.network.activations import absolute


def parts(xp, z, y, gradient, constant=True):
    cost = absolute(xp, z - y)
    return (cost + xp.log(xp.constant("2")) if constant else cost), gradient


def sign(xp, r):
    return xp.select(r, 1, -1)


def laplace(xp, z, y):
    return parts(xp, z, y, sign(xp, z - y))


def the_error_itself(xp, z, y):
    return parts(xp, z, y, z - y)


def constant_forgotten(xp, z, y):
    return parts(xp, z, y, sign(xp, z - y), constant=False)


def turned_round(xp, z, y):
    return parts(xp, z, y, sign(xp, y - z))


TARGETS = (1, 2, 3, 4, 20)

COST = Function(
    **PART,
    title="the cost and its gradient",
    law="The cost is −log of the density at y, and the gradient its derivative by z.",
    read="claims C33 and C37.",
    function="laplace",
    arguments=(Array("z", "row unit"), Array("y", "row unit")),
    returns=(("cost", "row unit"), ("dz", "row unit")),
    truth=laplace,
    hull=True,
    misconceptions=(
        Misconception(
            "the error in place of its sign", "By how much does |r| rise when r rises by 1?", the_error_itself
        ),
        Misconception("log 2 forgotten", "To what does your density add up, over all y?", constant_forgotten),
        Misconception("turned round", "When z is too large, has the cost to rise or to fall with z?", turned_round),
    ),
)
BEST = Predict(
    **PART,
    title="the best constant",
    law="No other constant has a smaller sum of costs.",
    read="claims C33 and C37.",
    truth=lambda xp: {"c": sorted(TARGETS)[len(TARGETS) // 2]},
    misconceptions=(
        Misconception(
            "mean for median",
            "Move the outlier from 20 to 100: does your c move, and does the slope of the cost at it?",
            lambda xp: {"c": Fraction(sum(TARGETS), len(TARGETS))},
        ),
        Misconception(
            "the middle of the range",
            "How many targets lie below your c, and how many above? What do they say of the slope?",
            lambda xp: {"c": Fraction(min(TARGETS) + max(TARGETS), 2)},
        ),
    ),
)

EXERCISE = Together(
    title="Laplace and the median",
    stars=2,
    minutes=10,
    task="""
A network says the middle z of a laplace distribution with scale 1, whose density
at y is ½ exp(−|y − z|). The cost of a target y is −log of that density.

Write laplace(z, y), which returns the pair of the costs and the gradient ∂cost/∂z,
each an array shaped as z and y. Where z = y there is a kink: any slope between the
two sides will do.

And by hand: which constant c = z makes the sum of the costs of the targets 1, 2, 3, 4
and 20 least?
""",
    template="""
import numpy as np


def laplace(z, y):
    raise NotImplementedError


c = None
""",
    solution="""
import numpy as np


def laplace(z, y):
    r = z - y
    return np.abs(r) + np.log(2), np.sign(r)


c = 3
""",
    hints=(
        "Take the logarithm of the density: of ½, and of the exponential.",
        "How steep is |r| on either side of 0? It does not matter how far away r is.",
        "At the best constant the slopes of the five costs add up to 0, and each is 1 or −1, or anything between.",
        "`return np.abs(r) + np.log(2), np.sign(r)`",
    ),
    law="The cost is −log of the density at y, and the gradient its derivative by z.",
    read="claims C33 and C37.",
    parts=(COST, BEST),
    misconceptions=(*COST.misconceptions, *BEST.misconceptions),
)
