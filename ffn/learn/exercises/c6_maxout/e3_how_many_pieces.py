"""6.3: how many pieces x² takes."""

from fractions import Fraction
from math import ceil, floor, isqrt

from ffn.learn.kinds import Construct, Demand, Shown

# Widths whose number of pieces is whole in some cases, and in others not.
INPUTS = (
    (-1, 1, Fraction(1, 18)),
    (0, 1, Fraction(1, 50)),
    (0, 3, Fraction(1, 8)),
    (-2, 2, Fraction(1, 10)),
    (0, 1, 2),
    (0, Fraction(5, 3), Fraction(1, 72)),
    (0, 1, 1 / (8 * (Fraction(40**2) + Fraction(1, 10**20)))),  # just not 40: floats do not see it
)


def error(a, b, n):
    return (b - a) ** 2 / (8 * n * n)


def fewest(a, b, e):
    n = max(1, isqrt(floor((b - a) ** 2 / (8 * e))))
    while error(a, b, n) > e:
        n += 1
    return n


def complaint(values, a, b, e):
    n = values["n"].item()
    if n.denominator != 1 or n < 1:
        return f"For {a} to {b} and ε = {e} it says {n} pieces."
    if error(a, b, n) > e:
        left = f"From {a} to {b}, {n} pieces leave an error of {error(a, b, n)}"
        above = error(a, b, n) - e
        return (
            f"{left}, and ε is {e}."
            if above > 1e-12
            else f"{left}: {float(above):.1g} above ε, less than a float sees."
        )
    fewer = n > 1 and error(a, b, n - 1) <= e
    return f"From {a} to {b}, {n - 1} pieces leave {error(a, b, n - 1)}: that is within ε = {e}." if fewer else ""


def is_given_by(formula):
    return lambda values, a, b, e: values["n"].item() == formula(a, b, e)


def as_one_over_n(a, b, e):
    return max(1, ceil((b - a) ** 2 / (8 * e)))


def floored(a, b, e):
    n = fewest(a, b, e)
    return n if error(a, b, n) == e else n - 1


def one_too_many(a, b, e):
    n = fewest(a, b, e)
    return n + (error(a, b, n) == e)


def without_the_width(a, b, e):
    return fewest(Fraction(0), Fraction(1), e)


EXERCISE = Construct(
    title="How many pieces?",
    stars=2,
    minutes=8,
    task="""
With n pieces of equal width, chords lowered by half of their error, a maxout unit
comes as near to x² on the interval from a to b as it can: its error is

    (b − a)²/(8 n²).

Write pieces(a, b, e): the fewest pieces for an error of at most e. a < b and e are
fractions, and so is what you compute with them; avoid square roots of floats.
""",
    template="""
def pieces(a, b, e):
    raise NotImplementedError
""",
    solution="""
def pieces(a, b, e):
    n = 1
    while (b - a) ** 2 / (8 * n * n) > e:
        n += 1
    return n
""",
    hints=(
        "Double n: by what does the error fall?",
        "You need the least whole n with 8 n² e ≥ (b − a)². It may be met exactly.",
        "Counting up from 1 will do: `while (b - a) ** 2 / (8 * n * n) > e: n += 1`.",
    ),
    law="n pieces are enough, and n − 1 are not: (b − a)²/(8 n²) ≤ ε.",
    read="claim C28.",
    function="pieces",
    values=("n",),
    inputs=INPUTS,
    shapes=lambda a, b, e: {"n": ()},
    demands=(Demand("n pieces are enough, and n − 1 are not: (b − a)²/(8 n²) ≤ ε.", complaint),),
    misconceptions=(
        Shown(
            "error falls as 1/n",
            "Double n: by what does the error fall?",
            is_given_by(as_one_over_n),
            example=as_one_over_n,
        ),
        Shown(
            "rounded down", "Try your n, and n + 1: which of them keeps to ε?", is_given_by(floored), example=floored
        ),
        Shown(
            "equality not met",
            "An error of exactly ε is allowed. What does your n leave, and what n − 1?",
            is_given_by(one_too_many),
            example=one_too_many,
        ),
        Shown(
            "the width forgotten",
            "Does an interval twice as wide need as many pieces?",
            is_given_by(without_the_width),
            example=without_the_width,
        ),
    ),
)
