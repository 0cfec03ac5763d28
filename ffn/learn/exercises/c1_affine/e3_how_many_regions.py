"""1.3: lines in the plane, and the regions between them."""

from ffn.constructions.regions import arrangement_regions
from ffn.learn.kinds import Misconception, Predict

# A line a·x + b·y = c as (a, b, c).
LINES = {
    "three_lines": ((1, 0, 0), (0, 1, 0), (1, 1, 1)),
    "one_pair_parallel": ((1, 0, 0), (1, 0, 1), (0, 1, 0)),
    "four_lines": ((1, 0, 0), (0, 1, 0), (1, 1, 1), (1, -1, 3)),
}


def regions(xp):
    return {
        name: len(arrangement_regions([line[:2] for line in lines], [-line[2] for line in lines]))
        for name, lines in LINES.items()
    }


def powers_of_two(xp):
    return {name: 2 ** len(lines) for name, lines in LINES.items()}


def one_more(xp):
    return {name: len(lines) + 1 for name, lines in LINES.items()}


def as_if_never_parallel(xp):
    return {name: 1 + len(lines) + len(lines) * (len(lines) - 1) // 2 for name, lines in LINES.items()}


EXERCISE = Predict(
    title="How many regions?",
    stars=1,
    minutes=8,
    task="""
A unit is off on one side of a line and on at the other. Several units cut the
plane into regions, and in each of them a network of relus is affine.

Into how many regions do these lines cut the plane? Draw them.

    three_lines          x = 0,  y = 0,  x + y = 1
    one_pair_parallel    x = 0,  x = 1,  y = 0
    four_lines           x = 0,  y = 0,  x + y = 1,  x − y = 3
""",
    template="""
three_lines = None
one_pair_parallel = None
four_lines = None
""",
    solution="""
three_lines = 7
one_pair_parallel = 6
four_lines = 11
""",
    hints=(
        "Draw one line after the other. How many of the regions that are there does a new line cut in two?",
        "A new line is cut itself by those before it; each of its pieces lies in one region, and halves it.",
        "A line that crosses k others at k different points adds k + 1 regions. Begin with one region, without lines.",
    ),
    law="A new line adds one region for each piece into which the lines before it cut it.",
    read="claim C4, and the derivation of Zaslavsky's count in `python -m proofs`.",
    truth=regions,
    misconceptions=(
        Misconception("2ⁿ", "Two lines make 4. Can a third line cut all four of these?", powers_of_two),
        Misconception(
            "n + 1", "That is right for points on a line. In the plane, what does the second line cut?", one_more
        ),
        Misconception("parallels counted", "Which two of these lines never meet?", as_if_never_parallel),
    ),
)
