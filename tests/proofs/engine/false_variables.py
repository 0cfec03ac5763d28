"""False theorems by what is put in for what, by derivatives of what is fixed, and by what moves."""

from __future__ import annotations

from typing import Any

from sympy import Abs, Integer, Lambda, Rational, Sum, exp, oo, sign, sqrt, tanh

from proofs.engine.derivation import Case, Cases, Claim, Cover, Extremum, Fact, Induction, Step, Uses, claim
from proofs.engine.notation import Partial, array, natural, phi, reals
from proofs.engine.notation.layers import (
    BIAS,
    TIME,
    WEIGHT,
    Drift,
    Gradient,
    Loss,
    Pairing,
    passed,
    vector_of,
    velocity,
)
from tests.proofs.engine.false_premises import direct, endless, k, n, t, u, x, z

L = natural("L")
(s,), v = reals("s"), array("v", oo)
FAR = 10**6  # beyond what a point at random refutes
ENTERING, FIXED = vector_of(lambda i: v[i]), vector_of(lambda i: Integer(1))
RATE = velocity(v)[1]


def used(name: str, left: Any, relation: Any, right: Any, lemma: Claim, at: Any) -> Claim:
    """By a lemma alone, with these values for its variables."""
    return claim(name, left, relation, right, Step("used", right, "", relation, uses=Uses(lemma, at)))


def given(left: Any, relation: Any, right: Any, fact: Fact) -> Claim:
    """What is given in other words."""
    return claim("given", left, relation, right, Step("it", right, "", relation, uses=Uses(fact)), given=(fact,))


def in_cases(left: Any, relation: Any, right: Any, variable: Any) -> Claim:
    whens = (Fact(variable, ">", -1), Fact(variable, "<", 1))
    cases = tuple(
        Case(when, (Step(f"case {place}", right, "", relation),), {variable: 0}) for place, when in enumerate(whens)
    )
    return claim("p", left, relation, right, proof=Cases(cases))


SLOWLY = Fact(Partial(v[1], TIME), "≥", -FAR)
SLOW = given(RATE, "≥", -FAR, SLOWLY)
OF_SLOPE = given(s, "≤", 1000, Fact(Partial(s * u, u), "≤", 1000))
TWO_TERMS = direct("two terms", Sum(endless[k], (k, 1, 2)) - endless[1] - endless[2], "≤", FAR)
BOUNDED = direct("bounded", tanh(z), "≤", FAR, certificate=Cover())
ONE_LAYER = direct("one layer", Loss(1, FIXED) - Loss(0, passed(1, FIXED)), "≤", FAR)
LESS = Fact(z, "<", t)
LONGER = Loss(0, Lambda(k, x[k] + z))

FALSE_VARIABLES: dict[str, Claim | Extremum] = {
    "a vector put in, that stands still": used("p", RATE, "≥", -FAR, SLOW, {v: lambda i: 0}),
    "a velocity put in, without what moves": used("p", z, "≥", -FAR, SLOW, {velocity(v): lambda i: z}),
    "time put in": used("p", RATE, "≥", -FAR, SLOW, {TIME: s}),
    "a function put in below a derivative": used("p", 1 + 1 / (FAR * u), "≤", 1000, OF_SLOPE, {s: 1 + 1 / (FAR * u)}),
    "an induction past a hypothesis about what moves": claim(
        "p",
        RATE,
        "≥",
        n - 1 - FAR,
        given=(SLOWLY,),
        proof=Induction(
            n,
            (Step("base", -FAR, "", "≥", uses=Uses(SLOWLY)),),
            (Step("step", n - FAR, "", "≥", uses=Uses(at={velocity(v): lambda i: velocity(v)[i] - 1})),),
        ),
    ),
    "an entry put in": used("p", endless[1] - z, "≤", FAR, TWO_TERMS, {endless[1]: z}),
    "a function's value put in": used("p", t, "≤", FAR, BOUNDED, {tanh(z): t}),
    "the name of an array put in": used(
        "p", ONE_LAYER.left.xreplace({WEIGHT.label: s}), "≤", FAR, ONE_LAYER, {WEIGHT.label: s}
    ),
    "not equal, by a weight that may be 0": claim(
        "p",
        z * s**2,
        "≠",
        t * s**2,
        Step("used", t * s**2, "", "≠", uses=Uses(LESS, weight=s**2)),
        given=(LESS,),
    ),
    "weights put in": used("p", ONE_LAYER.left, "≤", FAR, ONE_LAYER, {WEIGHT: lambda *_: z}),
    "a witness that moves": direct("p", Partial(s, TIME), "=", RATE, exists={s: v[1]}),
    "a number as a witness below a derivative": direct("p", Partial(z**3 + z, z), "≤", 0, exists={z: Rational(1, 2)}),
    "a minimum of a slope, at a number": Extremum(
        "p", "minimum", Partial(z**3 + z, z), (z,), Integer(0), (Step("b", 0, "", "≥"),), at={z: Rational(1, 2)}
    ),
    "a function's value as a witness": direct("p", tanh(z), "=", t + 5, exists={tanh(z): t + 5}),
    "cases of what is differentiated by": in_cases(Partial(3 * z, z), "≤", 0, z),
    "cases of time": in_cases(Partial(Loss(L, ENTERING), TIME), "=", 0, TIME),
    "a kink of a loss": direct(
        "p", Partial(Abs(Loss(L, FIXED)), TIME) ** 2, "=", Drift(L, FIXED) ** 2 * sign(Loss(L, FIXED)) ** 2
    ),
    "a kink of a loss by a weight": direct(
        "p", Partial(Abs(Loss(1, FIXED)), BIAS[1, 1]) ** 2, "≥", 0, certificate=Partial(Loss(1, FIXED), BIAS[1, 1]) ** 2
    ),
    "a convex function of a loss, that moves": direct(
        "p", Partial(phi(Loss(L, FIXED)), TIME) ** 2, "≥", 0, certificate=Partial(phi(Loss(L, FIXED)), TIME) ** 2
    ),
    "an exponent that moves": direct("p", Partial(2 ** (Loss(L, FIXED) / FAR), TIME), "≤", FAR),
    "an exponent with a derivative": direct("p", Partial(2 ** Partial(z * t, z), t), "≤", 0),
    "an entry beyond a vector's array": direct("p", LONGER, "=", LONGER + z - z),
    "a component that a vector has not": direct("p", Gradient(0, ENTERING, 9), "=", Partial(Loss(0, ENTERING), v[9])),
    "less than no layer": direct("p", Partial(Loss(L - 1, FIXED), TIME), "=", Drift(L - 1, FIXED)),
    "layers that do not move": direct("p", Partial(Loss(L, ENTERING), TIME), "=", Pairing(L, ENTERING)),
    "a number of time's name": direct("p", Partial(t * v[1], TIME), "=", t * RATE),
    "time itself": direct("p", Partial(Abs(TIME), TIME), "≤", FAR),
    "twice by time, along a line": direct("p", Partial(Partial(v[1] ** 2, TIME), TIME), "=", 2 * RATE**2),
    "a root of what moves": direct("p", Partial(sqrt(v[1] ** 2), TIME) ** 2, "=", (RATE * v[1] / sqrt(v[1] ** 2)) ** 2),
    "an exponential above twice its tangent": direct("p", exp(1 / u), "≥", 1 + 2 / u),
    "half of an exponential above its tangent": direct("p", exp(z / 2), "≥", 1 + 2 * z),
}
