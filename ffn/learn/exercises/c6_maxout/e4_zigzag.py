"""6.4: any zigzag is the difference of two maxout units."""

from fractions import Fraction
from itertools import pairwise

from ffn.learn.judging.lines import at, joints, lines, probes
from ffn.learn.kinds import Construct, Demand, Shown

INPUTS = (([0, 1, 2], [0, 1, 0]), ([0, 1, 2, 3], [0, 2, -1, 1]), ([-1, 0, 2, 3, 4], [1, 0, 3, 3, -2]))


def zigzag(xs, ys, x):
    """The values joined by lines, the first and the last of which go on beyond the ends."""
    place = next((i for i, right in enumerate(xs[1:-1]) if x <= right), len(xs) - 2)
    slope = (ys[place + 1] - ys[place]) / (xs[place + 1] - xs[place])
    return ys[place] + slope * (x - xs[place])


def both(values):
    return lines(values["up"], values["up_at_0"]), lines(values["down"], values["down_at_0"])


def complaint(values, xs, ys):
    up, down = both(values)
    for x in probes({*xs, *joints(up), *joints(down)}):
        found, wanted = at(up, x) - at(down, x), zigzag(xs, ys, x)
        if found != wanted:
            return f"At x = {x} the difference is {found}, and the zigzag {wanted}."
    return ""


def bends(values, xs, ys):
    up, down = both(values)
    return len({slope for slope, _ in up}) > 1, len({slope for slope, _ in down}) > 1


def split(xs, ys, sign=1, running=True):
    """The two sets of lines: at each knot one of them takes the bend."""
    slopes = [(b - a) / (d - c) for (a, b), (c, d) in zip(pairwise(ys), pairwise(xs), strict=True)]
    up, down = [(slopes[0], ys[0] - slopes[0] * xs[0])], [(Fraction(0), Fraction(0))]
    for x, (left, right) in zip(xs[1:-1], pairwise(slopes), strict=True):
        jump = right - left
        turned = up if jump > 0 else down
        slope, intercept = turned[-1]
        turned.append((slope + abs(jump), intercept - abs(jump) * x * running))
    lower = [(sign * slope, sign * intercept) for slope, intercept in down]
    return ([s for s, _ in up], [c for _, c in up], [s for s, _ in lower], [c for _, c in lower])


def not_running(xs, ys):
    return split(xs, ys, running=False)


def equals(made):
    """Whether the lines are those of somebody, as they stand."""

    def shows(values, xs, ys):
        theirs = made(xs, ys)
        return [list(values[name]) for name in ("up", "up_at_0", "down", "down_at_0")] == [
            list(each) for each in theirs
        ]

    return shows


EXERCISE = Construct(
    title="A zigzag by two maxouts",
    stars=3,
    minutes=20,
    task="""
A maxout unit is a maximum of lines, and so it only ever bends upwards. A zigzag also
bends downwards: but it is the difference of two such maxima.

Write split(xs, ys) for the zigzag through the points (xs[k], ys[k]), xs rising, whose
first and last line go on beyond the ends. It returns four lists,

    (up, up_at_0, down, down_at_0),

the slopes and intercepts (values at x = 0) of two sets of lines, so that the zigzag
is max over up minus max over down, for every x. xs and ys are lists of fractions.
""",
    template="""
def split(xs, ys):
    raise NotImplementedError
""",
    solution="""
def split(xs, ys):
    slopes = [(ys[k + 1] - ys[k]) / (xs[k + 1] - xs[k]) for k in range(len(xs) - 1)]
    up, up_at_0 = [slopes[0]], [ys[0] - slopes[0] * xs[0]]
    down, down_at_0 = [0], [0]
    for k in range(1, len(slopes)):
        jump = slopes[k] - slopes[k - 1]
        if jump > 0:
            up.append(up[-1] + jump)
            up_at_0.append(up_at_0[-1] - jump * xs[k])
        else:
            down.append(down[-1] - jump)
            down_at_0.append(down_at_0[-1] + jump * xs[k])
    return up, up_at_0, down, down_at_0
""",
    hints=(
        "Go from left to right. At each point the slope jumps, up or down: which of the two maxima takes the jump?",
        "Where the zigzag bends down, what is subtracted has to bend up by as much.",
        "A new line takes over at x with a slope that is larger by the jump: it meets the last one there.",
        "So its value at 0 is lower by the jump times x: `up_at_0.append(up_at_0[-1] - jump * xs[k])`.",
    ),
    law="The maximum of the lines in up, minus that in down, is the zigzag for every x.",
    read="claim C29; Goodfellow et al. 2013, section 4.",
    function="split",
    values=("up", "up_at_0", "down", "down_at_0"),
    inputs=INPUTS,
    shapes=lambda xs, ys: {"up": ("lines",), "up_at_0": ("lines",), "down": ("other",), "down_at_0": ("other",)},
    demands=(Demand("The maximum of the lines in up, minus that in down, is the zigzag for every x.", complaint),),
    misconceptions=(
        Shown(
            "sign kept",
            "What is subtracted must bend upwards too. Does yours?",
            equals(lambda xs, ys: split(xs, ys, sign=-1)),
            example=lambda xs, ys: split(xs, ys, sign=-1),
        ),
        Shown(
            "intercepts not running",
            "Each line must meet the one before it. At which x do yours?",
            equals(not_running),
            example=not_running,
        ),
        Shown(
            "one unit",
            "A maximum of lines bends upwards alone. Does the zigzag?",
            lambda values, xs, ys: bends(values, xs, ys) == (True, False),
            example=lambda xs, ys: ([0, 1], [0, 0], [0], [0]),
        ),
    ),
)
