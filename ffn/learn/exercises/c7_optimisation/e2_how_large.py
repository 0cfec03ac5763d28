"""7.2: the variance that keeps the second moment through relus."""

from fractions import Fraction
from math import isqrt

from ffn.learn.kinds import Construct, Demand, Shown
from ffn.learn.message.digits import fraction

SIZES = ((2, 3), (8, 2), (18, 50), (32, 8))  # with square roots that are fractions


def is_given_by(formula):
    return lambda values, inputs, units: same(values["v"].item(), formula(int(inputs), int(units)))


def same(found, right):
    """Whether it is this fraction, or the float of it."""
    return float(found) == float(right)


def he(inputs, units):
    return Fraction(2, inputs)


def deviation(inputs, units):
    return Fraction(1, isqrt(inputs // 2))


def complaint(values, inputs, units):
    found = values["v"].item()
    if same(found, he(int(inputs), int(units))):
        return ""
    kept = f"{inputs}v/2 = {fraction(inputs * found / 2)}"
    return f"With {inputs} inputs and v = {fraction(found)} each layer multiplies E[h²] by {kept}."


EXERCISE = Construct(
    title="How large at the start",
    stars=1,
    minutes=6,
    task="""
The weights of a layer of relus are drawn with mean 0 and variance v, the biases
are 0. Its inputs h come from relus of a layer like it. Then, over the draws,
z = Σ w h has E[z²] = inputs · v · E[h²], and E[relu(z)²] is half of E[z²].

Write variance(inputs, units), the v with which E[h²] is the same after every
layer. inputs and units are fractions.
""",
    template="""
from fractions import Fraction


def variance(inputs, units):
    raise NotImplementedError
""",
    solution="""
from fractions import Fraction


def variance(inputs, units):
    return Fraction(2) / inputs
""",
    hints=(
        "One layer multiplies E[h²] by a factor. Write it down, from the two equations above.",
        "The factor is inputs · v/2, and is to be 1.",
        "`return Fraction(2) / inputs`",
    ),
    law="E[h²] is the same after the layer as before it.",
    read="the derivation “E[relu²] and He's initialisation”; claim C10.",
    function="variance",
    values=("v",),
    inputs=SIZES,
    shapes=lambda inputs, units: {"v": ()},
    demands=(Demand("E[h²] is the same after the layer as before it.", complaint),),
    misconceptions=(
        Shown(
            "the standard deviation",
            "You have a square root. Which of variance and deviation was asked for?",
            is_given_by(deviation),
            example=lambda inputs, units: deviation(int(inputs), int(units)),
        ),
        Shown(
            "2/(inputs + units)",
            "That is a compromise with the way back, and for a slope of 1. What is asked here?",
            is_given_by(lambda inputs, units: Fraction(2, inputs + units)),
            example=lambda inputs, units: 2 / (inputs + units),
        ),
        Shown(
            "1/inputs",
            "What does relu leave of the second moment of z?",
            is_given_by(lambda inputs, units: Fraction(1, inputs)),
            example=lambda inputs, units: 1 / inputs,
        ),
        Shown(
            "2/units",
            "z is a sum. Over how many terms: the inputs, or the units?",
            is_given_by(lambda inputs, units: Fraction(2, units)),
            example=lambda inputs, units: 2 / units,
        ),
    ),
)
