"""False theorems, each written against the engine by one who has read it: every one is refused."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
import sympy
from sympy import Abs, KroneckerDelta, Rational, Sum, Symbol, erf, exp, log, oo, sign, sqrt

from proofs.engine.badges import Badge
from proofs.engine.check import Refusal, check
from proofs.engine.declared import CONVEX, rest, share
from proofs.engine.declared import x as CONVEX_X
from proofs.engine.declared import y as CONVEX_Y
from proofs.engine.derivation import (
    Case,
    Cases,
    Claim,
    Cover,
    Derivation,
    Extremum,
    Fact,
    Induction,
    Step,
    Uses,
    Valley,
    Words,
    WrongStep,
    claim,
)
from proofs.engine.notation import Partial, array, dimension, g, index, natural, phi, positives, reals, relu, total
from proofs.engine.notation.functions import sigmoid, silu

HALF = Rational(1, 2)
n, q, m = dimension("n"), dimension("q"), natural("m")
j, k = index("j"), index("k")
t, s, z = reals("t s z")
u, v = positives("u v")
x, y, endless = array("x", n), array("y", n), array("e", oo)
weights = array("a", n, positive=True)
level = Symbol("c", nonnegative=True)
LOGARITHM = claim("log", log(u), "≤", u - 1, because="tangent", certificate=Valley(u, 1, (u - 1) ** 2 / u))


def direct(name: str, left: Any, relation: Any, right: Any, **rest: Any) -> Claim:
    return claim(name, left, relation, right, because="directly", **rest)


GROWTH = total(lambda i: exp(endless[i]), m)
BOUNDED = Fact(y[k], "≤", t, {k: n})
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
NEXT = direct("q", s, "<", s + 1)
TWO_WELLS = (z**2 - 1) ** 2


def ended(*steps: tuple[str, Any, str]) -> tuple[Step, ...]:
    return tuple(Step(name, result, "", relation) for name, result, relation in steps)  # type: ignore[arg-type]


FALSE = {
    "across a pole": direct("p", 1 / z, "≥", 0, certificate=1 / z**2 * Abs(z)),
    "a pole divided out": direct("p", (z**2 - z) / z, "=", z - 1),
    "a root of a negative number": direct("p", sqrt(z) ** 2 + sqrt(z - 1) ** 2, "≥", sqrt(z - 1) ** 2),
    "the logarithm of a square": direct("p", log(z**2), "=", 2 * log(z)),
    "a lower limit below 1": direct("p", Sum(1, (k, 0, n)), "=", n),
    "terms before the first": direct("p", total(lambda i: x[i], n), "=", Sum(x[k], (k, 2, n))),
    "an empty sum counted": direct("p", Sum(1, (k, 1, n - 2)), "=", n - 2),
    "positive, of no terms": direct(
        "p", total(lambda i: exp(endless[i]), m), ">", 0, certificate=total(lambda i: exp(endless[i]), m)
    ),
    "an index beyond the array": direct("p", total(lambda i: KroneckerDelta(i, k) * x[i], q), "=", x[k]),
    "another size": direct("p", total(lambda i: y[i], n), "=", total(lambda i: y[i], q)),
    "captured": direct("p", total(lambda i: x[i] * x[k], n), "=", total(lambda i: x[i] ** 2, n)),
    "an end that is summed over, taken for another": direct(
        "p", Sum(exp(endless[j]), (j, 1, k), (k, 1, n)), "≤", n * Sum(exp(endless[j]), (j, 1, k))
    ),
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
    "not equal, but at one point": direct("p", z, "≠", 0),
    "equal, of what is not less": direct("p", z, "=", 0, given=(Fact(z, "≥", 0),)),
    "a witness outside the domain": direct("p", u + 1, "<", 1, exists={u: -1}),
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
    "a valley across a jump": direct("p", z**2, "≥", sign(z) ** 2, certificate=Valley(z, 0, 2 * z**2)),
    "a valley across a gap": direct(
        "p", Abs(z - 1) / z, "≥", 0, certificate=Valley(z, 1, Abs(z - 1) / z**2), given=(Fact(z, "≠", 0),)
    ),
    "a derivative at a kink": direct("p", Partial(Abs(z), z) ** 2, "=", sign(z) ** 2),
    "a derivative at the boundary": direct("p", Partial(sqrt(level) ** 2, level), "=", 1),
    "steps that end elsewhere": claim("p", exp(z), ">", 1, Step("positive", 0, "", ">", exp(z))),
    "steps that go both ways": claim("p", z**2, "≤", -1, *ended(("up", z**2 + 1, "≤"), ("down", -1, "≥"))),
    "weak steps for a strict claim": claim("p", 2 * z, "<", z**2 + 1, Step("s", z**2 + 1, "", "≤", (z - 1) ** 2)),
    "a restated start": claim("p", z, "=", z + 1, *ended(("again", z, "="))),
    "said of any function": direct("p", sigmoid(z) - sigmoid(t), "=", sigmoid(z) + 0 * t - sigmoid(t) * 1 + 0),
    "a function of no meaning": direct("p", sympy.floor(z) + sympy.zeta(2), "≤", z + sympy.zeta(2)),
    "a choice": direct("p", z**2, "≥", sympy.Piecewise((z, z > 0), (0, True))),
    "a number that is rounded": direct("p", z * sympy.Float("0.1") * 3, "=", z * sympy.Float("0.3")),
    "not declared to be real": direct("p", Symbol("w") ** 2, "≥", 0, certificate=Symbol("w") ** 2),
    "two variables of one name": direct("p", Symbol("u", real=True) + u, "≥", u - 1),
    "relu without its kink": direct("p", Partial(relu(z), z), "=", (1 + sign(z)) / 2),
    "attained elsewhere": Extremum(
        "p",
        "minimum",
        (z**2 - 1) ** 2,
        (z,),
        sympy.Integer(0),
        (Step("b", 0, "", "≥", (z**2 - 1) ** 2),),
        at={z: 1},
        only=True,
    ),
    "a cover of what rises at last": direct("p", exp(-(z**2)) + z / 1000, "<", 2, certificate=Cover()),
    "a cover, touched at one point": direct("p", -(z**2) * exp(-(z**2)), "<", 0, certificate=Cover()),
    "a cover, passed by 4e-5": direct("p", Partial(silu(z), z), "<", Rational(10998, 10000), certificate=Cover()),
    "a cover, passed in the tail alone": direct("p", erf(z), "<", 1 - Rational(1, 10**9), certificate=Cover()),
    "a cover of a plane without an end": direct("p", exp(-(z**2)), "<", 2 + t, certificate=Cover()),
    "a cover that a hypothesis does not bound": direct(
        "p", exp(z), "<", 3, certificate=Cover(), given=(Fact(z, "<", 2), Fact(z + t, "<", 1))
    ),
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
    "an infimum that is passed": Extremum(
        "p",
        "infimum",
        exp(z) + 1,
        (z,),
        sympy.Integer(0),
        (Step("b", 0, "", ">", exp(z) + 1),),
        at={z: -1 / u},
        margin=u,
        near=ended(("near", u, "<")),
    ),
}


WHY = tomllib.loads((Path(__file__).parent / "why.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", FALSE)
def test_a_false_theorem_is_refused(name: str) -> None:
    """It would have the badge of a proof; or be refused by accident, and go through once another check is mended."""
    each = FALSE[name]
    first = (each.claims[0] if isinstance(each, Extremum) else each).chains[0].steps[0]
    planted = (WrongStep("planted", first.name, result=-7),)
    outcome = check(Derivation(name, "", planted, (each,), untied="false", ranges={k: n}))
    assert outcome.badge is Badge.REFUSED
    assert [said(refusal) for refusal in outcome.refusals] == WHY[name]


def said(refusal: Refusal) -> str:
    """The step, the checks that it does not pass, and why, but for points drawn at random."""
    why = "" if "numeric" in refusal.checks else refusal.where
    return f"{refusal.step}: {', '.join(refusal.checks)}" + (f": {why}" if why else "")


def test_every_reason_belongs_to_a_false_theorem() -> None:
    """A reason would outlive what it is of."""
    assert set(WHY) == set(FALSE)
