"""False theorems, each written against the engine by one who has read it: every one is refused."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
import sympy
from sympy import Abs, KroneckerDelta, Rational, Sum, Symbol, erf, exp, log, sign, sqrt

from proofs.engine.badges import Badge
from proofs.engine.check import Refusal, check
from proofs.engine.derivation import (
    Cover,
    Derivation,
    Extremum,
    Fact,
    Step,
    Valley,
    WrongStep,
    claim,
)
from proofs.engine.notation import Partial, relu, total
from proofs.engine.notation.functions import sigmoid, silu
from proofs.engine.notation.layers import TIME, velocity
from tests.proofs.engine.false_premises import (
    FALSE_PREMISES,
    direct,
    ended,
    endless,
    j,
    k,
    level,
    m,
    n,
    q,
    t,
    u,
    x,
    y,
    z,
)
from tests.proofs.engine.false_variables import FALSE_VARIABLES

FALSE = (
    FALSE_PREMISES
    | FALSE_VARIABLES
    | {
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
        "not equal, but at one point": direct("p", z, "≠", 0),
        "not equal, of two that may be": direct("p", 2 * u, "≠", u + u**2),
        "a root that is never 0": direct("p", sqrt(level), ">", 0),
        "equal, of what is not less": direct("p", z, "=", 0, given=(Fact(z, "≥", 0),)),
        "a valley across a jump": direct("p", z**2, "≥", sign(z) ** 2, certificate=Valley(z, 0, 2 * z**2)),
        "a valley across a gap": direct(
            "p", Abs(z - 1) / z, "≥", 0, certificate=Valley(z, 1, Abs(z - 1) / z**2), given=(Fact(z, "≠", 0),)
        ),
        "a derivative at a kink": direct("p", Partial(Abs(z), z) ** 2, "=", sign(z) ** 2),
        "a derivative at a kink that moves": direct(
            "p", Partial(Abs(x[1]), TIME) ** 2, "=", (sign(x[1]) * velocity(x)[1]) ** 2
        ),
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
        "a cover of a point, touched": direct(
            "p", z, "<", 2, certificate=Cover(), given=(Fact(z, "=", 2),), example={z: 2}
        ),
        "a cover, passed by 4e-5": direct("p", Partial(silu(z), z), "<", Rational(10998, 10000), certificate=Cover()),
        "a cover, passed in the tail alone": direct("p", erf(z), "<", 1 - Rational(1, 10**9), certificate=Cover()),
        "a cover of a plane without an end": direct("p", exp(-(z**2)), "<", 2 + t, certificate=Cover()),
        "a cover that a hypothesis does not bound": direct(
            "p", exp(z), "<", 3, certificate=Cover(), given=(Fact(z, "<", 2), Fact(z + t, "<", 1))
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
)


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
