"""3.11: a difference quotient that is the derivative, and not only near it."""

from fractions import Fraction
from functools import cache
from itertools import permutations

from ffn import Case, Hidden, Network, Output
from ffn.learn.kinds import Construct, Demand, Shown
from ffn.network.forward import objective, trace
from ffn.numbers.exact import exact
from ffn.witnesses import exact_differences

NETWORK = Network(1, 1, Output("gaussian"), (Hidden(2, "relu"),))
X, Y = exact.asarray([[1], [-2]]), exact.asarray([[2], [1]])
B, V, C = exact.asarray([0.25, 1]), exact.asarray([[1], [-2]]), exact.asarray([0.5])

# The first unit has its kinks at w = −1/4, where the first row wakes it, and at 1/8, where the second does.
INPUTS = tuple(
    (w,)
    for w in (
        Fraction(3),
        Fraction(1, 2),
        Fraction(-1, 2),
        Fraction(1, 8) - Fraction(1, 2**10),
        Fraction(1, 8) + Fraction(1, 2**200),
    )
)


def parameters(w):
    return (exact.asarray([[w, 1]]), B), (V, C)


@cache
def at(w):
    """½ (y − z)², its mean over the rows, with w as the first unit's weight; and which units are on, row by row."""
    on = tuple(bool(z > 0) for z in trace(exact, NETWORK, parameters(w), X)[0].z.ravel())
    return objective(exact, NETWORK, parameters(w), X, Y, kernel_only=True), on


@cache
def derivative(w):
    return exact_differences(Case(NETWORK, parameters(w), X, Y))[0][0][0, 0]


def watched(difference, w):
    """What the learner's function returns, where it asked for the loss, and whether any of these places was a float."""
    places, floats = [], []

    def f(place):
        places.append(Fraction(place))
        floats.append(isinstance(place, float))
        return at(places[-1])

    return difference(f, w), list(dict.fromkeys(places)), int(any(floats))


def complaint(values, w):
    found, right = values["derivative"].item(), derivative(w)
    if found == right:
        return ""
    floats = " It asked for the loss at a float, which is rounded." if values["floats"].item() else ""
    return f"It is {said(found)}; the derivative is {said(right)}, and it is off by {said(found - right)}.{floats}"


def said(number):
    return str(number) if len(str(number)) <= 20 else f"≈{float(number):.9g}"


def is_quotient(quotient):
    """Whether the answer is a quotient of the losses at two of the places: (w, one place, another) → its divisor."""

    def shows(values, w):
        pairs = permutations({*values["places"], w}, 2)
        divisors = ((a, c, quotient(w, a, c)) for a, c in pairs)
        return any(by and values["derivative"].item() == (at(a)[0] - at(c)[0]) / by for a, c, by in divisors)

    return shows


def draw(values, w):
    yield f"  w = {said(w)}; a unit is ● on or ○ off in a row"
    for place in sorted(sorted(values["places"], key=lambda each: (abs(each - w), each))[:3]):
        loss, on = at(place)
        moved = f" {'+' if place > w else '−'} {said(abs(place - w))}" if place != w else ""
        yield f"  f(w{moved}): loss {said(loss)}, units {''.join('●' if each else '○' for each in on)}"


def by_halving(enough, quotient):
    """Somebody's difference: h is halved until it is small enough."""

    def difference(f, w):
        h = Fraction(1)
        while not enough(f, w, h):
            h /= 2
        return quotient(lambda place: f(place)[0], w, h)

    return difference


def same_units(f, w, h):
    return f(w - h)[1] == f(w)[1] == f(w + h)[1]


EXERCISE = Construct(
    title="A difference that is exact",
    stars=3,
    minutes=15,
    task="""
A relu network with squared error has a loss that is quadratic in each single weight,
as long as no unit goes on or off. The central difference of a quadratic is its
derivative, whatever h is: (f(w + h) − f(w − h))/2h has no error at all.

Write difference(f, w), which returns the derivative of the loss at w, exactly. w is
a fraction, and f(w) returns the pair (loss, on): a fraction, and a tuple that says of
each unit in each row whether it is on. A kink may be near w, and is never at w.
""",
    template="""
from fractions import Fraction


def difference(f, w):
    raise NotImplementedError
""",
    solution="""
from fractions import Fraction


def difference(f, w):
    h = Fraction(1)
    here = f(w)[1]
    while f(w - h)[1] != here or f(w + h)[1] != here:
        h /= 2
    return (f(w + h)[0] - f(w - h)[0]) / (2 * h)
""",
    hints=(
        "On fractions nothing is rounded: h need not be small for the quotient to be exact. What has it to avoid?",
        "Between w − h and w + h no unit may change. What does f tell you of the units?",
        "Begin with h = 1, and halve it for as long as the units at w − h, w and w + h are not the same.",
        "`while f(w - h)[1] != here or f(w + h)[1] != here: h /= 2`, where here is `f(w)[1]`.",
    ),
    law="A central difference that crosses no kink is the derivative, exactly.",
    read="`exact_differences` in ffn/witnesses.py; Griewank & Walther 2008, chapter 1.",
    function="difference",
    values=("derivative", "places", "floats"),
    inputs=INPUTS,
    way=watched,
    shapes=lambda w: {"derivative": (), "places": (None,), "floats": ()},
    demands=(Demand("A central difference that crosses no kink is the derivative, exactly.", complaint),),
    drawing=draw,
    misconceptions=(
        Shown(
            "one-sided",
            "Take a quadratic, w², at 0: what is (f(h) − f(0))/h, and what (f(h) − f(−h))/2h?",
            is_quotient(lambda w, a, c: a - c if w in (a, c) else 0),
            example=by_halving(same_units, lambda f, w, h: (f(w + h) - f(w)) / h),
        ),
        Shown(
            "step over a kink",
            "Between w − h and w + h a unit went on or off. How could your function notice?",
            is_quotient(lambda w, a, c: a - c if a + c == 2 * w else 0),
            example=by_halving(lambda f, w, h: h <= Fraction(1, 1000), lambda f, w, h: (f(w + h) - f(w - h)) / (2 * h)),
        ),
        Shown(
            "divided by h",
            "How far apart are w − h and w + h?",
            is_quotient(lambda w, a, c: (a - c) / 2 if a + c == 2 * w else 0),
            example=by_halving(same_units, lambda f, w, h: (f(w + h) - f(w - h)) / h),
        ),
    ),
)
