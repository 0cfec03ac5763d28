"""False theorems by premises that do not hold: inductions, cases, witnesses, hypotheses and lemmas."""

from __future__ import annotations

from typing import Any

import sympy
from sympy import Abs, Rational, exp, log, oo, sign

from proofs.engine.declared import CONVEX, rest, share
from proofs.engine.declared import x as CONVEX_X
from proofs.engine.declared import y as CONVEX_Y
from proofs.engine.derivation import (
    Case,
    Cases,
    Claim,
    Extremum,
    Fact,
    Induction,
    Step,
    Uses,
    Valley,
    Words,
    claim,
)
from proofs.engine.notation import Partial, array, dimension, g, index, natural, phi, positives, reals, total

HALF = Rational(1, 2)
n, q, m = dimension("n"), dimension("q"), natural("m")
j, k = index("j"), index("k")
t, s, z = reals("t s z")
(u,), level = positives("u"), sympy.Symbol("c", nonnegative=True)
x, y, endless = array("x", n), array("y", n), array("e", oo)
LOGARITHM = claim("log", log(u), "≤", u - 1, because="tangent", certificate=Valley(u, 1, (u - 1) ** 2 / u))


def direct(name: str, left: Any, relation: Any, right: Any, **rest: Any) -> Claim:
    return claim(name, left, relation, right, because="directly", **rest)


POSITIVE, NEGATIVE = Fact(endless[k], ">", 0, {k: oo}), Fact(endless[k], "≤", 0, {k: oo})
AWAY = Fact((7 * endless[k] - 1) ** 2, ">", 0, {k: n})
FALLING = Fact(endless[k + 1], "≤", endless[k], {k: oo})
TWICE = claim(
    "p",
    phi(2 * z - t),
    "≤",
    2 * phi(z) - phi(t),
    Step("c", 2 * phi(z) - phi(t), "", "≤", uses=Uses(CONVEX, {share: 2, rest: -1, CONVEX_X: z, CONVEX_Y: t})),
)


def ended(*steps: tuple[str, Any, str]) -> tuple[Step, ...]:
    return tuple(Step(name, result, "", relation) for name, result, relation in steps)  # type: ignore[arg-type]


FALSE_PREMISES: dict[str, Claim | Extremum] = {
    "an induction without a base": claim(
        "p",
        total(lambda i: endless[i] - endless[i], n) + 2 * n,
        "≤",
        2 * n - 1,
        proof=Induction(n, ended(("base", 1, "≤")), (Step("step", 2 * n + 1, "", "≤", uses=Uses()),)),
    ),
    "an induction from too late": claim(
        "p",
        total(lambda i: sympy.Integer(1), n),
        "≥",
        2,
        proof=Induction(
            n, ended(("base", 2, "≥")), (Step("h", 3, "", "≥", uses=Uses()), *ended(("w", 2, "≥"))), start=2
        ),
    ),
    "an induction whose step uses nothing": claim(
        "p",
        total(lambda i: i, n),
        "=",
        n**2,
        proof=Induction(n, ended(("base", 1, "=")), ended(("step", (n + 1) ** 2, "="))),
    ),
    "an induction that goes beyond its hypothesis": claim(
        "p",
        total(lambda i: i, n),
        "=",
        n,
        proof=Induction(n, ended(("base", 1, "=")), (Step("h", n + 1, "", "=", uses=Uses()),)),
    ),
    "an induction under a hypothesis about its variable": claim(
        "p",
        total(lambda i: 1 + 0 * i, n),
        "≥",
        3,
        given=(Fact(n, "≥", 2),),
        proof=Induction(n, ended(("base", 3, "≥")), (Step("h", 4, "", "≥", uses=Uses()), *ended(("w", 3, "≥")))),
    ),
    "a hypothesis used twice over": claim(
        "p",
        total(lambda i: i, n),
        "=",
        n**2,
        proof=Induction(
            n,
            ended(("base", 1, "=")),
            (Step("h", n**2 + 2 * n + 1, "", uses=Uses(weight=2)), *ended(("e", (n + 1) ** 2, "="))),
        ),
    ),
    "half of the cases": claim("p", Abs(z), "=", z, proof=Cases((Case(Fact(z, "≥", 0), ended(("right", z, "="))),))),
    "cases that leave out a point": claim(
        "p",
        sign(z) ** 2 + Abs(z),
        "=",
        1 + Abs(z),
        proof=Cases(
            (
                Case(Fact(z, ">", 0), ended(("r", 1 + Abs(z), "="))),
                Case(Fact(z, "<", 0), ended(("l", 1 + Abs(z), "="))),
            )
        ),
    ),
    "a case that holds on its other side": claim(
        "p",
        z,
        "≥",
        -Abs(z) / 2,
        proof=Cases(
            (
                Case(Fact(z, ">", 0), ended(("r", -Abs(z) / 2, "≥"))),
                Case(Fact(z, "≤", 0), ended(("l", -Abs(z) / 2, "≥"))),
            )
        ),
    ),
    "cases of every entry": claim(
        "p",
        endless[1] * (Abs(endless[2]) - endless[2]),
        "≤",
        0,
        proof=Cases(
            (
                Case(POSITIVE, ended(("r", 0, "≤")), {endless: 1}),
                Case(
                    NEGATIVE,
                    (Step("l", 0, "", "≤", uses=Uses(NEGATIVE, {k: 1}, Abs(endless[2]) - endless[2])),),
                    {endless: -1},
                ),
            )
        ),
    ),
    "a hypothesis of the first entries, used of the next": direct(
        "p", (7 * endless[n + 1] - 1) ** 2, ">", 0, certificate=(7 * endless[n + 1] - 1) ** 2, given=(AWAY,)
    ),
    "a witness outside the domain": direct("p", u + 1, "<", 1, exists={u: -1}),
    "a witness below 0": direct("p", level + 1, "<", 1, exists={level: -1}),
    "a witness that breaks a hypothesis": Extremum(
        "p", "minimum", z, (z,), sympy.Integer(0), (Step("bound", 0, "", "≥"),), at={z: 0}, given=(Fact(z, "≥", 1),)
    ),
    "its own witness": direct("p", z, ">", t, exists={z: z + 1}, given=(Fact(z, ">", t),)),
    "hypotheses that nothing meets": direct("p", z, "=", z + 1, given=(Fact(z, ">", 1), Fact(z, "<", 0))),
    "what it assumes": direct("p", exp(z), "≤", 1, given=(Fact(exp(z), "≤", 1),)),
    "a lemma outside its domain": claim(
        "p", t, "≤", exp(t) - 2, Step("l", exp(t) - 2, "", "≤", uses=Uses(LOGARITHM, {u: exp(t) - 1}))
    ),
    "a lemma that nobody proved": claim(
        "p", exp(z), "≤", 0, Step("l", 0, "", "≤", uses=Uses(direct("false", exp(z), "≤", 0)))
    ),
    "a hypothesis of another index": claim(
        "p",
        x[k],
        "≤",
        t,
        Step("h", t, "", "≤", uses=Uses(Fact(y[k], "≤", t, {k: n}))),
        given=(Fact(y[k], "≤", t, {k: n}),),
    ),
    "a negative weight": claim(
        "p", -z, "≤", -t, Step("h", -t, "", "≤", uses=Uses(Fact(z, "≤", t), weight=-1)), given=(Fact(z, "≤", t),)
    ),
    "strict over no terms": claim(
        "p",
        total(lambda i: endless[i], m),
        "<",
        total(lambda i: endless[i] + 1, m),
        Step(
            "h",
            total(lambda i: endless[i] + 1, m),
            "",
            "<",
            uses=Uses(direct("q", s, "<", s + 1), {s: endless[k]}, 1, {k: m}),
        ),
    ),
    "a size that is found": direct("p", Abs(t) + 3, "≤", n, exists={n: 2}),
    "a witness that is not defined": direct("p", z * t, "=", 1, exists={z: 1 / t}),
    "a witness for every size": claim(
        "p",
        total(lambda i: 1 + 0 * i, n),
        "≤",
        z,
        exists={z: 1},
        proof=Induction(n, ended(("base", 1, "≤")), (Step("h", 1, "", "≤", uses=Uses()),)),
    ),
    "a hypothesis that is not defined": direct("p", z, ">", 1, given=(Fact(log(z), "≥", 0),)),
    "a witness on the edge": direct("p", z, "≤", t, exists={z: t}, given=(Fact(z, ">", t),)),
    "a hypothesis of every layer, used upwards": claim(
        "p",
        endless[n],
        "≤",
        endless[n + 1],
        Step("h", endless[n + 1], "", "≤", uses=Uses(FALLING, {k: n})),
        given=(FALLING,),
        example={endless: 1},
    ),
    "a hypothesis of every layer, used before the first": claim(
        "p",
        endless[m + 1],
        "≤",
        endless[m],
        Step("h", endless[m], "", "≤", uses=Uses(FALLING, {k: m})),
        given=(FALLING,),
        example={endless: 1},
    ),
    "a hypothesis of every layer, used twice over": claim(
        "p",
        endless[n + 1],
        "≤",
        2 * endless[n] - endless[n + 1],
        Step("h", 2 * endless[n] - endless[n + 1], "", "≤", uses=Uses(FALLING, {k: n})),
        given=(FALLING,),
        example={endless: 1},
    ),
    "convexity beyond both ends": TWICE,
    "convexity with weights that add up to 2": claim(
        "p",
        phi(z + t),
        "≤",
        phi(z) + phi(t),
        Step("c", phi(z) + phi(t), "", "≤", uses=Uses(CONVEX, {share: 1, rest: 1, CONVEX_X: z, CONVEX_Y: t})),
    ),
    "convexity of a function that is not": claim(
        "p",
        g((z + t) / 2),
        "≤",
        g(z) / 2 + g(t) / 2,
        Step(
            "c",
            g(z) / 2 + g(t) / 2,
            "",
            "≤",
            uses=Uses(CONVEX, {share: HALF, rest: HALF, CONVEX_X: z, CONVEX_Y: t}),
        ),
    ),
    "the derivative of a convex function": direct("p", Partial(phi(z), z) ** 2, "≥", 0, certificate=z**2),
    "a convex function that is not negative": direct("p", phi(z), "≥", 0),
    "a definition of one's own": claim(
        "p",
        exp(z),
        "≤",
        z,
        Step("d", z, "", "≤", uses=Uses(Claim("convex", exp(z), "≤", z, Words("what convex means")))),
    ),
}
