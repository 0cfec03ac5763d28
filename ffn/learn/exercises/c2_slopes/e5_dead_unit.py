"""2.5: a relu that no row of a batch wakes."""

from ffn.learn.kinds import Construct, Demand, Shown


def pre_activations(values, x):
    w, b = values["w"], values["b"].item()
    return [sum(a * c for a, c in zip(row, w, strict=True)) + b for row in x]


def complaint(values, x):
    for row, z in enumerate(pre_activations(values, x)):
        if z > 0:
            return f"Row {row} still wakes it: z = {z}."
    for row, z in enumerate(pre_activations(values, x)):
        if z == 0:
            return f"In row {row} it is on its kink, z = 0, where any slope from 0 to 1 is right."
    return ""


def draw(values, x):
    yield f"  w = [{', '.join(map(str, values['w']))}]   b = {values['b'].item()}"
    for row, z in zip(x, pre_activations(values, x), strict=True):
        yield f"  x = [{', '.join(map(str, row))}]   z = {f'»{z}«' if z >= 0 else z}"


def all_zero(values):
    return not any(values["w"]) and values["b"].item() == 0


EXERCISE = Construct(
    title="A dead unit",
    stars=2,
    minutes=10,
    task="""
A unit computes h = relu(w·x + b). Where z = w·x + b is below 0 it passes no
gradient back, and if that is so for every row of the data it never learns.

Write dead(x), which returns the pair (w, b) of such a unit: z < 0 for every row
of x, a list of rows of fractions. At z = 0 it would not be dead for certain.
""",
    template="""
def dead(x):
    raise NotImplementedError
""",
    solution="""
def dead(x):
    return [0] * len(x[0]), -1
""",
    hints=(
        "One of w and b alone can see to it. Which of them does not depend on x?",
        "A large negative bias holds z below 0, whatever w makes of the rows. How large has it to be?",
        "With w = 0 any b below 0 does; `b = -1`.",
    ),
    law="z = w·x + b is below 0 for every row.",
    read="claims C16 and C20.",
    function="dead",
    values=("w", "b"),
    inputs=(
        ([[1, 0], [-3, 0]],),
        ([[1, 2], [-2, 3], [1, -9]],),
        ([[2], [-5], [0]],),
        ([[-(10**6), 2 * 10**6], [-(10**6), 1], [10**6, 1]],),
    ),
    shapes=lambda x: {"w": (len(x[0]),), "b": ()},
    demands=(Demand("z = w·x + b is below 0 for every row.", complaint),),
    drawing=draw,
    misconceptions=(
        Shown(
            "dead on one row",
            "It is asleep on the first row. What about the others?",
            lambda values, x: pre_activations(values, x)[0] < 0 < max(pre_activations(values, x)),
            example=lambda x: ([-each for each in x[0]], -1),
        ),
        Shown(
            "z = 0 is not dead",
            "On the kink a slope of 1 is right as well. Which z leaves no doubt?",
            lambda values, x: max(pre_activations(values, x)) == 0 and not all_zero(values),
            example=lambda x: ([1] + [0] * (len(x[0]) - 1), -max(row[0] for row in x)),
        ),
        Shown(
            "zero weights",
            "With w = 0 and b = 0, what is z, and on which side of the kink is it?",
            lambda values, x: all_zero(values),
            example=lambda x: ([0] * len(x[0]), 0),
        ),
    ),
)
