"""6.1: a maxout unit with two pieces can be a relu."""

from fractions import Fraction

from ffn.learn.judging.lines import at, lines
from ffn.learn.kinds import Construct, Demand, Shown

POINTS = tuple(map(Fraction, (-2, -1, 0, 1, 2)))  # two on each side and the joint: equal there, equal everywhere


def values_at(values):
    pieces = lines(values["slopes"], values["intercepts"])
    return [at(pieces, x) for x in POINTS]


def complaint(values):
    for x, found in zip(POINTS, values_at(values), strict=True):
        if found != max(x, 0):
            return f"At x = {x} the larger piece is {found}, and relu(x) is {max(x, Fraction(0))}."
    return ""


def exchanged(values):
    return not any(values["slopes"]) and set(values["intercepts"]) == {0, 1}


def shows(function):
    return lambda values: values_at(values) == [function(x) for x in POINTS]


EXERCISE = Construct(
    title="Two pieces learn relu",
    stars=1,
    minutes=8,
    task="""
A maxout unit with one input and two pieces computes the larger of two lines,

    max(slopes[0] x + intercepts[0], slopes[1] x + intercepts[1]).

Choose them so that it is relu(x) = max(x, 0) for every x.
""",
    template="""
slopes = [None, None]
intercepts = [None, None]
""",
    solution="""
slopes = [0, 1]
intercepts = [0, 0]
""",
    hints=(
        "relu is made of two straight lines. Which?",
        "On the left it is 0, on the right it is x, and each is the larger where it is to be seen.",
        "The two lines are 0 · x + 0 and 1 · x + 0.",
    ),
    law="The larger of the two pieces is relu(x), for every x.",
    read="claims C25 and C30; Goodfellow et al. 2013.",
    values=("slopes", "intercepts"),
    shapes=lambda: {"slopes": (2,), "intercepts": (2,)},
    demands=(Demand("The larger of the two pieces is relu(x), for every x.", complaint),),
    misconceptions=(
        Shown(
            "slopes and intercepts exchanged",
            "How steep are your two lines, and how steep are those of relu?",
            exchanged,
            example={"slopes": [0, 0], "intercepts": [0, 1]},
        ),
        Shown(
            "one piece",
            "Your larger piece is a line. Where does relu bend, and where do your pieces meet?",
            lambda values: values["slopes"][0] == values["slopes"][1] and not exchanged(values),
            example={"slopes": [1, 1], "intercepts": [0, 0]},
        ),
        Shown(
            "mirrored",
            "On which side of 0 is relu flat, and on which side yours?",
            shows(lambda x: max(-x, Fraction(0))),
            example={"slopes": [0, -1], "intercepts": [0, 0]},
        ),
        Shown(
            "|x|",
            "How steep is relu on the left?",
            shows(abs),
            example={"slopes": [-1, 1], "intercepts": [0, 0]},
        ),
    ),
)
