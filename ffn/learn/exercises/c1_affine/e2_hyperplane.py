"""1.2: the point of a hyperplane that is nearest to the origin."""

from fractions import Fraction

from ffn.learn.kinds import Construct, Demand, Shown


def dot(a, b):
    return sum(x * y for x, y in zip(a, b, strict=True))


def on_it(values, w, b):
    found = dot(w, values["p"]) + b
    return f"w·p + b is {found}, with p = {written(values['p'])}, and on the hyperplane it is 0." if found else ""


def along_w(values, w, b):
    p = values["p"]
    aligned = all(p[i] * w[j] == p[j] * w[i] for i in range(len(w)) for j in range(i))
    return "" if aligned else f"p = {written(p)} is no multiple of w: a shorter way leads along w."


def written(vector):
    return "(" + ", ".join(map(str, vector)) + ")"


def scaled(factor):
    """Whether p is a given multiple of w."""
    return lambda values, w, b: all(x == factor(w, b) * y for x, y in zip(values["p"], w, strict=True))


EXERCISE = Construct(
    title="A node makes a hyperplane",
    stars=1,
    minutes=10,
    task="""
A unit with weights w = (w₁, …, w_d) and bias b has z = w·x + b. The points
with z = 0 make a hyperplane: a point on a line, a line in the plane, and so on.

Write foot(w, b), the point p of the hyperplane that is nearest to the origin,
as a list of d numbers. It lies on the hyperplane, w·p + b = 0, and along w. You
are given fractions; w is a list, and never all zeros.
""",
    template="""
def foot(w, b):
    raise NotImplementedError
""",
    solution="""
def foot(w, b):
    squares = sum(each * each for each in w)
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
    values=("p",),
    inputs=(
        ([2], 4), ([1, 0], -3), ([1, 1], 2), ([3, 4], 5), ([3, -4], -10), ([1, 2, 2], 3), ([Fraction(1, 2), 0], 1),
        ([2, 1], 0),
    ),
    shapes=lambda w, b: {"p": (len(w),)},
    demands=(
        Demand("The point lies on the hyperplane: w·p + b = 0.", on_it),
        Demand("The point lies along w, so that no other is nearer.", along_w),
    ),
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
            "|w|² taken as Σ|w|",
            "Take w = (2) and b = 4: by what do you divide, and where is 2x + 4 zero?",
            scaled(lambda w, b: -b / sum(map(abs, w))),
            example=lambda w, b: [-b * each / sum(map(abs, w)) for each in w],
        ),
    ),
)  # fmt: skip
