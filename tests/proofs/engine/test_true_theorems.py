"""True theorems, one for each way to prove one: each has its badge, and what shows it is named."""

from __future__ import annotations

from typing import Any

import pytest
import sympy
from sympy import Abs, KroneckerDelta, Rational, Sum, erf, exp, log, oo, pi, sqrt, tanh

from proofs.engine.badges import Badge
from proofs.engine.check import check, refused_by
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
    WrongStep,
    claim,
)
from proofs.engine.notation import (
    Partial,
    array,
    dimension,
    f,
    f1,
    f2,
    g,
    g1,
    g2,
    gelu,
    hard_tanh,
    index,
    natural,
    phi,
    positives,
    reals,
    relu,
    sigmoid,
    silu,
    softplus,
    tent_map,
    total,
)
from proofs.engine.notation.layers import TIME, velocity

HALF = Rational(1, 2)
n, q, m = dimension("n"), dimension("q"), natural("m")
j, k = index("j"), index("k")
t, s, z = reals("t s z")
u, v = positives("u v")
x, y, endless = array("x", n), array("y", n), array("e", oo)
a, matrix = array("a", n, positive=True), array("A", n, q)
BOUNDED = Fact(y[k], "≤", t, {k: n})
FALLING = Fact(endless[k + 1], "≤", endless[k], {k: oo})
LOGARITHM = claim("log", log(u), "≤", u - 1, because="tangent", certificate=Valley(u, 1, (u - 1) ** 2 / u))
BELOW = claim("below", s, "<", s + 1, because="directly")
IDENTITY, BOTH, Z3 = ("normal form", "small sizes"), ("certificate", "z3"), ("z3",)
CERTIFICATE, COVER, PREMISE = ("certificate",), ("arb cover",), ("its premise",)


def direct(left: Any, relation: Any, right: Any, **more: Any) -> Claim:
    return claim("p", left, relation, right, because="directly", **more)


def by(left: Any, relation: Any, right: Any, used: Uses, **more: Any) -> Claim:
    """In one step, which uses something."""
    return claim("p", left, relation, right, Step("p", right, "", relation, uses=used), **more)


def step(name: str, result: Any, relation: Any = "=", **more: Any) -> Step:
    return Step(name, result, "", relation, **more)


IDENTITIES = {
    "the last term by itself": (total(lambda i: endless[i], n + 1), total(lambda i: endless[i], n) + endless[n + 1]),
    "a sum from 2": (Sum(endless[k], (k, 2, n)), total(lambda i: endless[i + 1], n - 1)),
    "a sum between numbers": (Sum(endless[k], (k, 2, 4)), endless[2] + endless[3] + endless[4]),
    "one more factor": ((1 + u) ** (n + 1), (1 + u) ** n + u * (1 + u) ** n),
    "two indices, the other way round": (
        total(lambda i, p: g(endless[i] * endless[p]), n, q),
        total(lambda i, p: g(endless[i] * endless[p]), q, n),
    ),
    "a sum in a sum, the other way round": (
        total(lambda i: g(total(lambda p: matrix[i, p] * y[i], q)), n),
        total(lambda p: g(y[p] * total(lambda i: matrix[p, i], q)), n),
    ),
    "a product of sums": (
        total(lambda i: x[i], n) * total(lambda i: y[i], n) ** 2,
        total(lambda i, p, r: y[i] * x[p] * y[r], n, n, n),
    ),
    "a double delta": (
        total(lambda i, p: KroneckerDelta(i, k) * KroneckerDelta(p, i) * matrix[p, j] * x[i], n, n),
        matrix[k, j] * x[k],
    ),
    "a weighted mean": (
        total(lambda i: a[i] * x[i] / total(lambda p: a[p], n), n) * total(lambda i: a[i], n),
        total(lambda i: a[i] * x[i], n),
    ),
    "the last two terms": (
        total(lambda i: endless[i] * t, n + 2),
        t * total(lambda i: endless[i], n) + t * endless[n + 1] + t * endless[n + 2],
    ),
    "a delta": (total(lambda i: KroneckerDelta(i, k) * x[i] ** 2, n), x[k] ** 2),
    "one row of a matrix": (
        Partial(total(lambda i, p: matrix[i, p] ** 2, n, q), matrix[k, j]),
        2 * matrix[k, j],
    ),
    "what moves": (
        Partial(total(lambda i: x[i] * g(x[i]), n) * g1(x[k]), TIME),
        total(lambda i: (g(x[i]) + x[i] * g1(x[i])) * velocity(x)[i], n) * g1(x[k])
        + total(lambda i: x[i] * g(x[i]), n) * g2(x[k]) * velocity(x)[k],
    ),
    "a chain of functions": (Partial(g(f(z)), z), g1(f(z)) * f1(z)),
    "a second derivative": (Partial(Partial(f(z) * g(z), z), z), f2(z) * g(z) + 2 * f1(z) * g1(z) + f(z) * g2(z)),
    "a power and a quotient": (Partial(z**3 / (1 + z**2), z), (3 * z**2 + z**4) / (1 + z**2) ** 2),
    "a root": (Partial(sqrt(u), u), 1 / (2 * sqrt(u))),
    "logarithms": (Partial(log(1 + u) * exp(2 * u), u), exp(2 * u) * (1 / (1 + u) + 2 * log(1 + u))),
    "relu off its kink": (Partial(relu(u), u) + Partial(relu(-u), u), 1),
    "softplus": (Partial(softplus(z), z), sigmoid(z)),
    "SiLU": (Partial(silu(z), z), sigmoid(z) * (1 + z * (1 - sigmoid(z)))),
    "GELU": (Partial(gelu(z), z), (1 + erf(z / sqrt(2))) / 2 + z * exp(-(z**2) / 2) / sqrt(2 * pi)),
    "tanh": (tanh(z), 2 * sigmoid(2 * z) - 1),
    "a clipped line": (hard_tanh(z) + hard_tanh(-z) + hard_tanh(u + 1), 1),
    "a logarithm of a product": (log(u * v**2 * exp(z)), log(u) + 2 * log(v) + z),
    "an absolute value of a product": (Abs(-u * z - u * t), u * Abs(z + t)),
    "the place of a recursion": (tent_map(m + 1, z), 1 - 2 * Abs(tent_map(m, z) - HALF)),
    "the start of a recursion": (tent_map(0, z) + tent_map(1, t), z + 1 - Abs(2 * t - 1)),
    "softmax sums to 1": (total(lambda i: exp(x[i]) / total(lambda p: exp(x[p]), n), n), 1),
}

WELL = Extremum(
    "w", "minimum", (z - 1) ** 2, (z,), sympy.Integer(0), (step("b", 0, "≥", certificate=(z - 1) ** 2),), {z: 1}, True
)
PEAK = Extremum(
    "w", "maximum", -((z - 1) ** 2), (z,), sympy.Integer(0), (step("b", 0, "≤", certificate=(z - 1) ** 2),), {z: 1}
)
INFIMUM = Extremum(
    "w",
    "infimum",
    exp(z) + 1,
    (z,),
    sympy.Integer(1),
    (step("b", 1, ">", certificate=exp(z)),),
    {z: log(u / 2)},
    margin=u,
    near=(step("put in", u / 2 + 1), step("near", 1 + u, "<")),
)
SUPREMUM = Extremum(
    "w",
    "supremum",
    -exp(z),
    (z,),
    sympy.Integer(0),
    (step("b", 0, "<", certificate=exp(z)),),
    {z: log(u / 2)},
    margin=u,
    near=(step("put in", -u / 2), step("near", -u, ">")),
)
GAUSS = claim(
    "p",
    total(lambda i: i, n),
    "=",
    n * (n + 1) / 2,
    proof=Induction(
        n, (step("base", 1),), (step("h", n * (n + 1) / 2 + n + 1, uses=Uses()), step("e", (n + 1) * (n + 2) / 2))
    ),
)
DOUBLING = claim(
    "p",
    2 * 2**m,
    "≥",
    m + 1,
    proof=Induction(m, (step("base", 1, "≥"),), (step("h", m + 2, "≥", uses=Uses()),), start=0),
)
CASES = claim(
    "p",
    Abs(z - 1) + 1,
    "≥",
    1 - z,
    proof=Cases(
        (
            Case(Fact(z, ">", 1), (step("right", 1 - z, "≥"),)),
            Case(Fact(z, "≤", 1), (step("left", 1 - z, "≥"),), {z: -1}),
        )
    ),
)
SEVENTH = Rational(1, 7)
AROUND = (7 * z - 1) ** 2 + (7 * z - 1) * Abs(z)
# Each with what shows its steps, in their order.
PROVED: dict[str, tuple[Claim | Extremum, tuple[tuple[str, ...], ...]]] = {
    "by its sign": (direct(exp(z) + z**2, ">", 0, certificate=exp(z) + z**2), (BOTH,)),
    "by a sum of squares": (
        direct(
            total(lambda i: 2 * x[i], n),
            "≤",
            total(lambda i: x[i] ** 2 + 1, n),
            certificate=total(lambda i: (x[i] - 1) ** 2, n),
        ),
        (CERTIFICATE,),
    ),
    "by z3": (direct(2 * z, "≤", z**2 + 1), (Z3,)),
    "by z3, strictly": (direct(2 * z, "<", z**2 + 2), (Z3,)),
    "not equal": (direct(exp(z) + 1, "≠", 0), (Z3,)),
    "equal under a hypothesis": (direct(z**2, "=", 1, given=(Fact(z, "=", 1),), example={z: 1}), (Z3,)),
    "a valley": (LOGARITHM, (BOTH,)),
    "a valley under hypotheses": (
        direct(
            log(z),
            "≤",
            z - 1,
            certificate=Valley(z, 1, (z - 1) ** 2 / z),
            given=(Fact(z, ">", 0), Fact(z, "≤", 3)),
        ),
        (BOTH,),
    ),
    "a valley to the right of a point": (
        direct(log(u), "≤", u - 1, certificate=Valley(u, 1, (u - 1) ** 2 / u), given=(Fact(u, "≥", Rational(1, 2)),)),
        (BOTH,),
    ),
    "a certificate by a hypothesis": (
        direct(exp(z) * z, ">", 0, certificate=exp(z) * z, given=(Fact(z, ">", 0),)),
        (BOTH,),
    ),
    "a lemma put in": (by(z, "≤", exp(z) - 1, Uses(LOGARITHM, {u: exp(z)})), (PREMISE,)),
    "a lemma with weights, summed": (
        by(
            total(lambda i: a[i] * log(a[i]), n),
            "≤",
            total(lambda i: a[i] * (a[i] - 1), n),
            Uses(LOGARITHM, {u: a[k]}, a[k], {k: n}),
        ),
        (PREMISE,),
    ),
    "a strict lemma, summed over 1 and more": (
        by(total(lambda i: x[i], n), "<", total(lambda i: x[i] + 1, n), Uses(BELOW, {s: x[k]}, 1, {k: n})),
        (PREMISE,),
    ),
    "a strict lemma for a weak step": (by(z, "≤", z + 1, Uses(BELOW, {s: z})), (PREMISE,)),
    "a hypothesis summed": (
        by(total(lambda i: y[i], n), "≤", n * t, Uses(BOUNDED, over={k: n}), given=(BOUNDED,), example={y: 0, t: 1}),
        (PREMISE,),
    ),
    "a hypothesis of every layer": (
        by(endless[n + 1], "≤", endless[n], Uses(FALLING, {k: n}), given=(FALLING,), example={endless: 1}),
        (PREMISE,),
    ),
    "convexity": (
        by(
            phi((z + t) / 2),
            "≤",
            phi(z) / 2 + phi(t) / 2,
            Uses(CONVEX, {share: HALF, rest: HALF, CONVEX_X: z, CONVEX_Y: t}),
        ),
        (PREMISE,),
    ),
    "a cover of an interval": (
        direct(exp(z) * (2 - z), "<", 3, certificate=Cover(), given=(Fact(z, "≥", 0), Fact(z, "≤", 1))),
        (COVER,),
    ),
    "a cover of a square": (
        direct(
            exp(z) + exp(t),
            "≤",
            6,
            certificate=Cover(),
            given=(Fact(z, "≥", 0), Fact(z, "≤", 1), Fact(t, ">", -1), Fact(t, "<", 1)),
        ),
        (COVER,),
    ),
    "a cover with both tails": (direct(silu(z), ">", Rational(-3, 10), certificate=Cover()), (COVER,)),
    "a cover with a tail of erf": (direct(gelu(z), "≥", Rational(-1, 5), certificate=Cover()), (COVER,)),
    "a cover from 0 on": (direct(u * exp(-u), "<", HALF, certificate=Cover()), (COVER,)),
    "a cover of a point": (
        direct(z, "≥", HALF, certificate=Cover(), given=(Fact(z, "=", HALF),), example={z: HALF}),
        (COVER,),
    ),
    "a witness": (direct(z, ">", t, exists={z: t + 1}), (Z3,)),
    "a positive witness": (direct(u**2, "=", v, exists={u: sqrt(v)}), (IDENTITY,)),
    "cases": (CASES, (Z3, Z3)),
    "a witness that meets a hypothesis": (
        direct(z, "≥", s, exists={z: s + Abs(t)}, given=(Fact(z, "≥", s - 1),)),
        (Z3,),
    ),
    "a witness that meets an equality": (
        direct(z, "≥", 0, exists={z: exp(t / 2)}, given=(Fact(z**2, "=", exp(t)),)),
        (Z3,),
    ),
    "the one case that a hypothesis leaves": (
        claim(
            "p",
            Abs(z),
            "≤",
            2 * z,
            given=(Fact(z, "≥", 1),),
            proof=Cases((Case(Fact(z, ">", 0), (step("right", 2 * z, "≤"),)),)),
        ),
        (Z3,),
    ),
    "a case that is a point": (
        claim(
            "p",
            (7 * z - 1) * Abs(z),
            "≤",
            AROUND,
            proof=Cases(
                (
                    Case(Fact(z, "=", SEVENTH), (step("at it", AROUND, "≤"),), {z: SEVENTH}),
                    Case(Fact(z, "≠", SEVENTH), (step("beside it", AROUND, "≤"),)),
                )
            ),
        ),
        (Z3, Z3),
    ),
    "an induction": (GAUSS, (IDENTITY, PREMISE, IDENTITY)),
    "an induction that z3 ends": (DOUBLING, (Z3, ("the hypothesis and z3",))),
    "a minimum, and only there": (WELL, (BOTH, IDENTITY, Z3)),
    "a maximum": (PEAK, (BOTH, IDENTITY)),
    "an infimum": (INFIMUM, (BOTH, IDENTITY, Z3)),
    "a supremum": (SUPREMUM, (BOTH, IDENTITY, Z3)),
}


def derivation(each: Claim | Extremum) -> Derivation:
    """With a first step that is wrong, on the side where its relation fails."""
    chain = (each.claims[0] if isinstance(each, Extremum) else each).chains[0]
    first = chain.steps[0]
    wrong = chain.start if first.relation == "≠" else 1000 if first.relation in ("≥", ">") else -1000
    planted = (WrongStep("planted", first.name, result=wrong),)
    return Derivation("true", "", planted, (each,), untied="true", ranges={j: q, k: n})


@pytest.mark.parametrize("name", IDENTITIES)
def test_a_true_identity_is_proved(name: str) -> None:
    """A rule of the calculus or of sums would be wrong in one of the three checks, which have to agree."""
    left, right = IDENTITIES[name]
    outcome = check(derivation(direct(left, "=", right)))
    assert (outcome.badge >= Badge.PROVED, outcome.refusals, *outcome.provers.values()) == (True, (), IDENTITY)


@pytest.mark.parametrize("name", PROVED)
def test_a_true_theorem_is_proved_by_what_is_named(name: str) -> None:
    """A way to prove would be lost, or a page would name another; what refuses everything proves nothing."""
    each, provers = PROVED[name]
    example = derivation(each)
    outcome = check(example)
    assert outcome.holds, outcome.refusals
    assert (outcome.badge >= Badge.PROVED, outcome.weakest) == (True, "")
    assert tuple(outcome.provers.values()) == provers
    assert refused_by(example, example.planted[0])
