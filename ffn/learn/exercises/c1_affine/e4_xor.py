"""1.4: XOR by two relus."""

from fractions import Fraction

from ffn.learn.kinds import Construct, Demand, Shown

POINTS = ((0, 0), (0, 1), (1, 0), (1, 1))
XOR = (0, 1, 1, 0)


def pre_activations(values):
    return [[sum(p * w for p, w in zip(point, column, strict=True)) + b
             for column, b in zip(values["W"].T, values["b"], strict=True)] for point in POINTS]  # fmt: skip


def outputs(values):
    return tuple(
        sum(max(z, 0) * v for z, v in zip(row, values["v"], strict=True)) + values["c"].item()
        for row in pre_activations(values)
    )


def complaint(values):
    for point, found, wanted in zip(POINTS, outputs(values), XOR, strict=True):
        if found != wanted:
            return f"At {point} the output is {found}, and XOR is {wanted}."
    return ""


def draw(values):
    yield "    x0 x1      z0   z1      h0   h1    output  XOR"
    for point, row, found, wanted in zip(POINTS, pre_activations(values), outputs(values), XOR, strict=True):
        z = "".join(f"{value!s:>5}" for value in row)
        h = "".join(f"{max(value, Fraction(0))!s:>5}" for value in row)
        mark = f"»{found}«" if found != wanted else str(found)
        yield f"     {point[0]}  {point[1]}   {z}   {h}    {mark:>6}  {wanted:>3}"


EXERCISE = Construct(
    title="XOR by two relus",
    stars=2,
    minutes=15,
    task="""
No line separates the points where XOR is 1 from those where it is 0. Two relus
can do it: find weights with

    z = x W + b,   h = relu(z),   output = h · v + c

equal to XOR at the four points (0, 0), (0, 1), (1, 0) and (1, 1): 0, 1, 1, 0.
W is 2 by 2 with a unit a column; b and v have two numbers, c is one. Whole
numbers will do.
""",
    template="""
W = None
b = None
v = None
c = None
""",
    solution="""
W = [[1, 1], [1, 1]]
b = [0, -1]
v = [1, -2]
c = 0
""",
    hints=(
        "On these points XOR depends on x0 + x1 alone: 0 at 0, 1 at 1, and 0 again at 2. Draw that.",
        "One relu can go up from 0. The second has to switch on at 1, and to turn the slope from 1 to −1.",
        "With both columns of W equal to (1, 1), and `b = [0, -1]`: by how much must v bend at 1?",
    ),
    law="At each of the four points the output is XOR.",
    read="claim C5; Goodfellow et al. 2016, section 6.1.",
    values=("W", "b", "v", "c"),
    shapes=lambda: {"W": (2, 2), "b": (2,), "v": (2,), "c": ()},
    demands=(Demand("At each of the four points the output is XOR.", complaint),),
    drawing=draw,
    misconceptions=(
        Shown(
            "it computes OR",
            "Your value at (1, 1) is 1. Which unit should take it back?",
            lambda values: outputs(values) == (0, 1, 1, 1),
            example={"W": [[1, 1], [1, 1]], "b": [0, -1], "v": [1, -1], "c": 0},
        ),
        Shown(
            "it computes XNOR",
            "It is the right shape, upside down. What has to change, v or c?",
            lambda values: outputs(values) == (1, 0, 0, 1),
            example={"W": [[1, 1], [1, 1]], "b": [0, -1], "v": [-1, 2], "c": 1},
        ),
        Shown(
            "both units always on",
            "On these points every z is at least 0. What is a relu there, and can an affine map be XOR?",
            lambda values: (
                all(z >= 0 for row in pre_activations(values) for z in row)
                and all(any(column) for column in zip(*pre_activations(values), strict=True))
                and outputs(values) not in ((0, 1, 1, 1), (1, 0, 0, 1))
            ),
            example={"W": [[1, 0], [0, 1]], "b": [0, 0], "v": [1, 1], "c": 0},
        ),
    ),
)
