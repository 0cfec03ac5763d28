"""1.2: the point of a hyperplane that is nearest to the origin."""

import math
from fractions import Fraction
from math import isqrt

from ffn.learn.kinds import Construct, Demand, Shown
from ffn.learn.message.digits import fraction


def dot(a, b):
    return sum(x * y for x, y in zip(a, b, strict=True))


def asked(foot, w, b):
    """What it returns, and what it does where there is no hyperplane: 1 for ValueError, 2 for ZeroDivisionError."""
    if any(w):
        return foot(w, b), 0
    try:
        return foot(w, b) or w, 0
    except ValueError:
        return w, 1
    except ZeroDivisionError:
        return w, 2


def refused(values, w, b):
    said = {0: f"It returned {written(values['p'])}", 2: "It divided by 0"}
    how = values["refused"].item()
    return f"{said[how]} for w = {written(w)} and b = {b}, where no point has z = 0." if not any(w) and how != 1 else ""


def on_it(values, w, b):
    if not any(w):
        return ""
    found = dot(w, values["p"]) + b
    return f"w·p + b is {fraction(found)}, and on the hyperplane it is 0." if found else ""


def along_w(values, w, b):
    if not any(w):
        return ""
    p = values["p"]
    aligned = all(p[i] * w[j] == p[j] * w[i] for i in range(len(w)) for j in range(i))
    return "" if aligned else f"p = {written(p)} is no multiple of w: a shorter way leads along w."


def written(vector):
    return "(" + ", ".join(map(fraction, vector)) + ")"


def draw(values, w, b):
    yield f"  w = {written(w)}   b = {b}   p = {written(values['p'])}"


def scaled(factor):
    """Whether p is a given multiple of w, wherever w is not 0."""

    def shows(values, w, b):
        return not any(w) or all(x == factor(w, b) * y for x, y in zip(values["p"], w, strict=True))

    return shows


def size(w):
    """|w|, which is rational for every w here."""
    return Fraction(isqrt(dot(w, w).numerator), isqrt(dot(w, w).denominator))


def not_met(values, w, b):
    return not on_it(values, w, b) and not along_w(values, w, b) and (any(w) or values["refused"].item() != 1)


EXERCISE = Construct(
    title="A node makes a hyperplane",
    stars=1,
    minutes=10,
    task="""
A unit with weights w = (w₁, …, w_d) and bias b has z = w·x + b. The points
with z = 0 make a hyperplane: a point on a line, a line in the plane, and so on.

Write foot(w, b), the point p of the hyperplane that is nearest to the origin,
as a list of d numbers. It lies on the hyperplane, w·p + b = 0, and along w. You
are given fractions, and w as a list. Where every weight is 0 there is no
hyperplane: raise ValueError.
""",
    template="""
def foot(w, b):
    raise NotImplementedError
""",
    solution="""
def foot(w, b):
    squares = sum(each * each for each in w)
    if squares == 0:
        raise ValueError("without a weight there is no hyperplane")
    return [-b * each / squares for each in w]
""",
    hints=(
        "Along w means p = t w for some number t. Which t?",
        "Put t w into w·p + b = 0. What is w·(t w)?",
        "With `squares = sum(each * each for each in w)` the number is t = −b/squares.",
    ),
    law="p lies on the hyperplane, w·p + b = 0, and is a multiple of w.",
    read="claim C3.",
    function="foot",
    values=("p", "refused"),
    way=asked,
    inputs=(
        ([2], 4), ([0, -3], -3), ([3, 4], 5), ([3, -4], -10), ([1, 2, 2], 3), ([Fraction(1, 2), 0], 1), ([4, 3], 0),
        ([0], 1), ([0, 0], 2),
    ),
    shapes=lambda w, b: {"p": (len(w),), "refused": ()},
    demands=(
        Demand("The point lies on the hyperplane: w·p + b = 0.", on_it),
        Demand("The point lies along w, so that no other is nearer.", along_w),
        Demand("Where every weight is 0 there is no hyperplane.", refused),
    ),
    drawing=draw,
    misconceptions=(
        Shown(
            "b of the wrong side",
            "Put your p into w·p + b. Is it 0, or 2b?",
            scaled(lambda w, b: b / dot(w, w)),
            example=lambda w, b: [b * each / sum(x * x for x in w) for each in w],
        ),
        Shown(
            "|w|² forgotten",
            "Take w = (2) and b = 4: where is 2x + 4 zero?",
            scaled(lambda w, b: -b),
            example=lambda w, b: [-b * each for each in w],
        ),
        Shown(
            "|w| for |w|²",
            "Take w = (2) and b = 6: where is 2x + 6 zero, and by what have you divided?",
            scaled(lambda w, b: -b / size(w)),
            example=lambda w, b: [-b * each / math.sqrt(sum(x * x for x in w)) for each in w],
        ),
        Shown(
            "w = 0 not met",
            "With w = 0 and b = 1, for which x is z = 0?",
            not_met,
            example=lambda w, b: [-b * each / sum(x * x for x in w) for each in w],
        ),
        Shown(
            "|w|² taken as Σ|w|",
            "Take w = (2) and b = 4: by what do you divide, and where is 2x + 4 zero?",
            scaled(lambda w, b: -b / sum(map(abs, w))),
            example=lambda w, b: [-b * each / sum(map(abs, w)) for each in w],
        ),
    ),
)  # fmt: skip
