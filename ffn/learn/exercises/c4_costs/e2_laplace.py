"""4.2: the cost of a laplace distribution with scale 1."""

from ffn.learn.kinds import Array, Function, Misconception
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


EXERCISE = Function(
    title="Laplace",
    stars=2,
    minutes=10,
    task="""
A network says the middle z of a laplace distribution with scale 1, whose density
at y is ½ exp(−|y − z|). The cost of a target y is −log of that density.

Write laplace(z, y), which returns the pair of the costs and the gradient ∂cost/∂z,
each an array shaped as z and y. Where z = y there is a kink: any slope between the
two sides will do.
""",
    template="""
import numpy as np


def laplace(z, y):
    raise NotImplementedError
""",
    solution="""
import numpy as np


def laplace(z, y):
    r = z - y
    return np.abs(r) + np.log(2), np.sign(r)
""",
    hints=(
        "Take the logarithm of the density: of ½, and of the exponential.",
        "How steep is |r| on either side of 0? It does not matter how far away r is.",
        "`return np.abs(r) + np.log(2), np.sign(r)`",
    ),
    law="The cost is |y − z| + log 2, and its gradient the sign of z − y.",
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
