"""4.3: the cost of a yes or no, from its logit."""

from ffn.learn.kinds import Array, Function, Misconception, zero_or_one
from ffn.network.activations import sigmoid
from ffn.network.description import Output
from ffn.network.outputs import distribution_of

DISTRIBUTION = distribution_of(Output("bernoulli"))


def bernoulli(xp, z, y):
    h = sigmoid(xp, z)

    def by_logs():
        return -(y * xp.log(h) + (1 - y) * xp.log(1 - h))

    return xp.either(DISTRIBUTION.kernel(xp, z, y), by_logs), h - y


def flipped(xp, z, y):
    return bernoulli(xp, z, 1 - y)


def sigma_twice(xp, z, y):
    return bernoulli(xp, sigmoid(xp, z), y)


def squared_error(xp, z, y):
    h = sigmoid(xp, z)
    return (h - y) * (h - y) / 2, (h - y) * h * (1 - h)


def slope_left_in(xp, z, y):
    cost, dz = bernoulli(xp, z, y)
    h = sigmoid(xp, z)
    return cost, dz * h * (1 - h)


def turned_round(xp, z, y):
    cost, dz = bernoulli(xp, z, y)
    return cost, -dz


EXERCISE = Function(
    title="Bernoulli from logits",
    stars=2,
    minutes=12,
    task="""
A network says a logit z: the probability of y = 1 is σ(z) = 1/(1 + e^−z), that of
y = 0 is 1 − σ(z). The cost is −log of the probability of the y that came.

Write bernoulli(z, y), which returns the pair of the costs and the gradient ∂cost/∂z,
each shaped as z and y. The logits here lie between −4 and 4; exercise 5.5 goes on.
""",
    template="""
import numpy as np


def bernoulli(z, y):
    raise NotImplementedError
""",
    solution="""
import numpy as np


def bernoulli(z, y):
    return np.logaddexp(0, z) - y * z, 1 / (1 + np.exp(-z)) - y
""",
    hints=(
        "One formula for both: −y log σ(z) − (1 − y) log(1 − σ(z)).",
        "It can be written as log(1 + e^z) − y z. Differentiate that.",
        "The gradient is what was said minus what came: `1 / (1 + np.exp(-z)) - y`.",
    ),
    law="The cost is −log of the probability of y, and the gradient its derivative by z.",
    read="claims C33 and C34; Goodfellow et al. 2016, section 6.2.2.2.",
    function="bernoulli",
    arguments=(Array("z", "row unit"), Array("y", "row unit", zero_or_one)),
    returns=(("cost", "row unit"), ("dz", "row unit")),
    truth=bernoulli,
    misconceptions=(
        Misconception("labels flipped", "What should y = 1 cost when z is 4: much, or little?", flipped),
        Misconception("σ taken twice", "Is z a logit, or a probability already?", sigma_twice),
        Misconception("y − σ(z)", "y is 1, and z rises: does the cost rise, or fall?", turned_round),
        Misconception("squared error of σ", "Of which probability is this the logarithm?", squared_error),
        Misconception(
            "σ′ left in the gradient",
            "The log has a slope too. What is left of σ′ once it is multiplied?",
            slope_left_in,
        ),
    ),
)
