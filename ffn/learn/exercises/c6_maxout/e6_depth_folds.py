"""6.6: a layer that folds, and what folding it again and again does."""

from fractions import Fraction

from ffn.learn.kinds import Construct, Demand, Shown

HALF = Fraction(1, 2)
POINTS = tuple(Fraction(k, 8) for k in range(9))
FOLDS = 5


def fold(values, x):
    return sum(v * max(x + b, 0) for v, b in zip(values["v"], values["b"], strict=True))


def tent(x):
    return 2 * min(x, 1 - x)


def complaint(values):
    """Equal at the ends, at the joints of both and between them, and so everywhere from 0 to 1."""
    joints = {-b for b in values["b"] if 0 < -b < 1}
    places = sorted({*POINTS, *joints, *((a + b) / 2 for a in joints for b in (*joints, *POINTS))})
    for x in places:
        if fold(values, x) != tent(x):
            return f"At x = {x} your layer gives {fold(values, x)}, and the tent {tent(x)}."
    return ""


def count(values):
    found = values["pieces"].item()
    return "" if found == 2**FOLDS else f"You say {found} pieces. Draw the tent of a tent, and count."


def folds(values):
    return not complaint(values)


EXERCISE = Construct(
    title="Depth folds",
    stars=3,
    minutes=20,
    task="""
The tent is 2x from 0 to ½ and 2 − 2x from ½ to 1: it folds the interval in the middle,
and stretches both halves over all of it. A layer of two relus does that:

    tent(x) = v[0] relu(x + b[0]) + v[1] relu(x + b[1])    for 0 ≤ x ≤ 1.

Find b and v. Then put five such layers one after the other, tent(tent(…tent(x)…)):
into how many straight pieces is the interval cut? Write that as pieces.
""",
    template="""
b = [None, None]
v = [None, None]
pieces = None
""",
    solution="""
b = [0, "-1/2"]
v = [2, -4]
pieces = 32
""",
    hints=(
        "From 0 to ½ one relu is on, and f rises by 2. Where has the other to switch on?",
        "From ½ on f has to fall by 2, and the first relu still rises by 2. What is left for the second?",
        "Each of the straight pieces is folded again by the next layer, because it runs from 0 to 1.",
    ),
    law="The layer is the tent from 0 to 1, and each further layer folds every piece.",
    read="claim C7; Montúfar et al. 2014.",
    values=("b", "v", "pieces"),
    shapes=lambda: {"b": (2,), "v": (2,), "pieces": ()},
    demands=(
        Demand("The layer is the tent for every x from 0 to 1.", complaint),
        Demand("Each further layer folds every piece there is.", count),
    ),
    misconceptions=(
        Shown(
            "pieces add",
            "Two layers give 4. Does the third add two pieces, or fold all four?",
            lambda values: folds(values) and values["pieces"].item() in (2 * FOLDS, FOLDS + 1),
            example={"b": [0, "-1/2"], "v": [2, -4], "pieces": 2 * FOLDS},
        ),
        Shown(
            "shift forgotten",
            "Where does your second unit switch on, and where does the tent turn?",
            lambda values: values["b"][0] == values["b"][1],
            example={"b": [0, 0], "v": [2, -4], "pieces": 32},
        ),
        Shown(
            "slope for jump",
            "From ½ on both units are on. How steep is their sum?",
            lambda values: list(values["b"]) == [0, -HALF] and list(values["v"]) == [2, -2],
            example={"b": [0, "-1/2"], "v": [2, -2], "pieces": 32},
        ),
    ),
)
