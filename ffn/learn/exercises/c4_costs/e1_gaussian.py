"""4.1: the cost of a gaussian with variance 1."""

from ffn.learn.kinds import Array, Function, Misconception


def constant(xp):
    return xp.log(2 * xp.constant("pi")) / 2


def gaussian(xp, z, y):
    r = z - y
    return r * r / 2 + constant(xp), r


def half_forgotten(xp, z, y):
    r = z - y
    return r * r + constant(xp), 2 * r


def half_forgotten_in_the_cost(xp, z, y):
    r = z - y
    return r * r + constant(xp), r


def constant_forgotten(xp, z, y):
    r = z - y
    return r * r / 2, r


def turned_round(xp, z, y):
    r = z - y
    return r * r / 2 + constant(xp), -r


EXERCISE = Function(
    title="Gaussian is squared error",
    stars=1,
    minutes=8,
    task="""
A network says the mean z of a gaussian with variance 1, whose density at y is
exp(−½ (y − z)²)/√(2π). The cost of a target y is −log of that density.

Write gaussian(z, y), which returns the pair of the costs and the gradient ∂cost/∂z,
each an array shaped as z and y.
""",
    template="""
import numpy as np


def gaussian(z, y):
    raise NotImplementedError
""",
    solution="""
import numpy as np


def gaussian(z, y):
    r = z - y
    return r**2 / 2 + np.log(2 * np.pi) / 2, r
""",
    hints=(
        "Take the logarithm of the density: of the exponential, and of the root under it.",
        "−log exp(−½ r²) is ½ r², and −log of 1/√(2π) is half of a logarithm.",
        "With `r = z - y` the gradient is `r`, and the constant `np.log(2 * np.pi) / 2`.",
    ),
    law="The cost is −log of the density at y, and the gradient its derivative by z.",
    read="claims C32 and C37; Goodfellow et al. 2016, section 6.2.2.1.",
    function="gaussian",
    arguments=(Array("z", "row unit"), Array("y", "row unit")),
    returns=(("cost", "row unit"), ("dz", "row unit")),
    truth=gaussian,
    misconceptions=(
        Misconception("½ forgotten", "What stands before the square in the density?", half_forgotten),
        Misconception("½ forgotten in the cost", "Whose derivative is z − y?", half_forgotten_in_the_cost),
        Misconception("½ log 2π forgotten", "To what does your density add up, over all y?", constant_forgotten),
        Misconception("y − z", "When z is too large, has the cost to rise or to fall with z?", turned_round),
    ),
)
