"""5.6: what a function does to its argument, and to its dtype."""

import numpy as np

from ffn.learn.kinds import Misconception, Predict


def doubled_in_place(x):
    x *= 2
    return x


FUNCTIONS = (
    lambda x: x * 2.0,
    lambda x: x * np.float64(2),
    doubled_in_place,
    lambda x: x[1:],
    lambda x: x[[1, 2]],
    lambda x: np.asarray(x),
    lambda x: x.T + 0,
)


def observed(function):
    """Whether it widens float32, changes its argument, and returns memory that it shares with it."""
    x = np.array([1, 2, 4], dtype=np.float32)
    before = x.copy()
    answer = function(x)
    return int(answer.dtype != x.dtype), int(not np.array_equal(x, before)), int(np.shares_memory(answer, x))


def truth(xp):
    widens, changes, shares = zip(*map(observed, FUNCTIONS), strict=True)
    return {"widens": list(widens), "changes": list(changes), "shares": list(shares)}


def with_cells(name, **cells):
    def rule(xp):
        values = truth(xp)
        for place, value in cells.items():
            values[name][int(place[1:])] = value
        return values

    return rule


EXERCISE = Predict(
    title="Good manners",
    stars=1,
    minutes=8,
    task="""
x is an array of three float32 numbers, and NumPy is at version 2. Of each function:

    0   lambda x: x * 2.0              4   lambda x: x[[1, 2]]
    1   lambda x: x * np.float64(2)    5   lambda x: np.asarray(x)
    2   def f(x): x *= 2; return x     6   lambda x: x.T + 0
    3   lambda x: x[1:]

Write 1 for yes and 0 for no: does the answer have another dtype (widens), is the
caller's x another one afterwards (changes), would writing into the answer write
into x (shares)? Functions that do any of this surprise who calls them.
""",
    template="""
widens = [None, None, None, None, None, None, None]
changes = [None, None, None, None, None, None, None]
shares = [None, None, None, None, None, None, None]
""",
    solution="""
widens = [0, 1, 0, 0, 0, 0, 0]
changes = [0, 0, 1, 0, 0, 0, 0]
shares = [0, 0, 1, 1, 0, 1, 0]
""",
    hints=(
        "A number that Python itself writes takes the dtype of the array. Is a float64 scalar of NumPy such a number?",
        "A slice is a view of the same memory, and a list of places makes a copy. What can asarray hand back?",
        "np.shares_memory(answer, x) tells, and so do `answer.dtype` and a comparison with a copy of x.",
    ),
    law="Who calls a function keeps the dtype and the contents of x, and x to themselves.",
    read="the laws purity/inputs untouched and purity/dtype kept of `ffn laws`.",
    truth=truth,
    misconceptions=(
        Misconception("a Python number widens", "Has 2.0 a dtype before it meets x?", with_cells("widens", _0=1)),
        Misconception(
            "a NumPy scalar does not widen", "What is the dtype of np.float64(2)?", with_cells("widens", _1=0)
        ),
        Misconception(
            "a slice is a copy",
            "How long would x[1:] of a million numbers take, if it were copied?",
            with_cells("shares", _3=0),
        ),
        Misconception(
            "asarray makes a copy",
            "What is there to do for asarray, if x is an array already?",
            with_cells("shares", _5=0),
        ),
    ),
)
