"""5.6: what a function does to its argument, and to its dtype."""

import numpy as np

from ffn.learn.kinds import PART, Array, Behaviour, Function, Manner, Misconception, Predict, Together, numbers


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


def forward(xp, z):
    return xp.maximum(z, 0), z


def with_a_wide_zero(z):
    return np.maximum(z, np.float64(0)), z.copy()


def in_place(z):
    kept = z.copy()
    z[z < 0] = 0
    return z.copy(), kept


def keeping_the_argument(z):
    return np.maximum(z, 0), z


OF_EACH = Predict(
    **PART,
    title="what functions do",
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
REWRITTEN = Function(
    **PART,
    title="a polite relu",
    law="h is max(z, 0) and kept is z, in the dtype of z and in memory of their own.",
    read=OF_EACH.read,
    function="forward",
    arguments=(Array("z", "row unit", numbers),),
    returns=(("h", "row unit"), ("kept", "row unit")),
    truth=forward,
    fresh=True,
    precisions=("float32",),
    precise=numbers,
    precise_law="The answer is that of float64.",
    misconceptions=(
        Behaviour("float64 on the way", "Which operand has widened it?", with_a_wide_zero, shows=Manner.WIDENS),
        Behaviour("argument changed", "Whose array is z?", in_place, shows=Manner.CHANGES),
        Behaviour(
            "the argument itself returned",
            "Change your answer afterwards. Does z change with it?",
            keeping_the_argument,
            shows=Manner.SHARES,
        ),
    ),
)

EXERCISE = Together(
    title="Good manners",
    stars=1,
    minutes=10,
    task="""
x is an array of three float32 numbers, and NumPy is at version 2. Of each function:

    0   lambda x: x * 2.0              4   lambda x: x[[1, 2]]
    1   lambda x: x * np.float64(2)    5   lambda x: np.asarray(x)
    2   def f(x): x *= 2; return x     6   lambda x: x.T + 0
    3   lambda x: x[1:]

Write 1 for yes and 0 for no: does the answer have another dtype (widens), is the
caller's x another one afterwards (changes), would writing into the answer write
into x (shares)? Functions that do any of this surprise who calls them.

And rewrite this one, which does all three; h is relu(z), and z is kept for the way
back. It takes arrays of shape (rows, units) and any dtype:

    def forward(z):
        kept = z
        z *= z > 0
        return z * np.float64(1), kept
""",
    template="""
import numpy as np

widens = [None, None, None, None, None, None, None]
changes = [None, None, None, None, None, None, None]
shares = [None, None, None, None, None, None, None]


def forward(z):
    raise NotImplementedError
""",
    solution="""
import numpy as np

widens = [0, 1, 0, 0, 0, 0, 0]
changes = [0, 0, 1, 0, 0, 0, 0]
shares = [0, 0, 1, 1, 0, 1, 0]


def forward(z):
    return np.maximum(z, 0), z.copy()
""",
    hints=(
        "A number that Python itself writes takes the dtype of the array. Is a float64 scalar of NumPy such a number?",
        "A slice is a view of the same memory, and a list of places makes a copy. What can asarray hand back?",
        "np.shares_memory(answer, x) tells, and so do `answer.dtype` and a comparison with a copy of x.",
    ),
    law=OF_EACH.law,
    read=OF_EACH.read,
    parts=(OF_EACH, REWRITTEN),
    misconceptions=(*OF_EACH.misconceptions, *REWRITTEN.misconceptions),
)
