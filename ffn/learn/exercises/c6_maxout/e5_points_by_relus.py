"""6.5: n points by n − 1 relus."""

from itertools import pairwise

from ffn.learn.kinds import Construct, Demand, Shown
from ffn.learn.message.digits import fraction

INPUTS = (([0, 1, 2], [1, 3, 2]), ([0, 2, 3, 5], [2, 1, 4, 0]), ([-1, 1, 2, 4], [0, 4, -1, 3]))


def network(values, xs, x):
    jumps = zip(xs[:-1], values["v"], strict=True)
    return values["c"].item() + sum(jump * max(x - knot, 0) for knot, jump in jumps)


def complaint(values, xs, ys):
    for x, y in zip(xs, ys, strict=True):
        if network(values, xs, x) != y:
            return f"At x = {x} it is {fraction(network(values, xs, x))}, and should be {y}."
    return ""


def slopes_of(xs, ys):
    return [(b - a) / (d - c) for (a, b), (c, d) in zip(pairwise(ys), pairwise(xs), strict=True)]


def slopes_for_jumps(xs, ys):
    return slopes_of(xs, ys), ys[0]


def first_forgotten(xs, ys):
    slopes = slopes_of(xs, ys)
    return [0, *(right - left for left, right in pairwise(slopes))], ys[0]


def start_forgotten(xs, ys):
    slopes = slopes_of(xs, ys)
    return [slopes[0], *(right - left for left, right in pairwise(slopes))], 0


def equals(made):
    def shows(values, xs, ys):
        v, c = made(xs, ys)
        return list(values["v"]) == list(v) and values["c"].item() == c

    return shows


EXERCISE = Construct(
    title="n points by n − 1 relus",
    stars=2,
    minutes=15,
    task="""
Given n points (xs[k], ys[k]) with rising xs, this network has a relu at each of them
but the last:

    f(x) = c + v[0] relu(x − xs[0]) + … + v[n − 2] relu(x − xs[n − 2]).

Write network(xs, ys), which returns the pair (v, c) for which f goes through all the
points. xs and ys are lists of fractions; v is a list of n − 1 numbers.
""",
    template="""
def network(xs, ys):
    raise NotImplementedError
""",
    solution="""
def network(xs, ys):
    v, slope = [], 0
    for k in range(len(xs) - 1):
        wanted = (ys[k + 1] - ys[k]) / (xs[k + 1] - xs[k])
        v.append(wanted - slope)
        slope = wanted
    return v, ys[0]
""",
    hints=(
        "At xs[0] every relu is 0. What is c?",
        "From xs[0] to xs[1] one relu is on: how steep is f there? And from xs[1] to xs[2]?",
        "Each relu adds its v to the slope of those before it: v is the jump from one slope to the next.",
        "`v.append(wanted - slope)`, where wanted is (ys[k + 1] − ys[k])/(xs[k + 1] − xs[k]).",
    ),
    law="f goes through every point.",
    read="claim C4; tests/lessons/networks/test_networks.py.",
    function="network",
    values=("v", "c"),
    inputs=INPUTS,
    shapes=lambda xs, ys: {"v": (len(xs) - 1,), "c": ()},
    demands=(Demand("f goes through every point.", complaint),),
    misconceptions=(
        Shown(
            "slopes for jumps",
            "From xs[1] on two relus are on. How steep is f there?",
            equals(slopes_for_jumps),
            example=slopes_for_jumps,
        ),
        Shown(
            "the first slope forgotten",
            "Which unit is on between xs[0] and xs[1], and by how much does it lift f?",
            equals(first_forgotten),
            example=first_forgotten,
        ),
        Shown(
            "the start forgotten",
            "What is f at xs[0], where no relu is on?",
            equals(start_forgotten),
            example=start_forgotten,
        ),
    ),
)
