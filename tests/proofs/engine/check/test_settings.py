"""The setting that a step is judged in: what is defined there, what its hypotheses give, and its points."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import sympy
from sympy import Abs, Rational, Sum, Symbol, exp, log, oo, sqrt

from proofs.engine.check.defined import undefined
from proofs.engine.check.setting import CORNERS, Setting
from proofs.engine.derivation import (
    Fact,
)
from proofs.engine.notation import (
    Partial,
    array,
    arrays,
    dimension,
    index,
    natural,
    phi,
    positives,
    reals,
    relu,
    total,
)
from proofs.engine.provers import solver

n, q, m = dimension("n"), dimension("q"), natural("m")
i, j, k = index("i"), index("j"), index("k")
(s, t, z), (u, v), level = reals("s t z"), positives("u v"), Symbol("c", nonnegative=True)
x, y, endless = array("x", n), array("y", n), array("e", oo)
HALF = Rational(1, 2)

# What is defined


@pytest.mark.parametrize(
    ("expr", "problems"),
    [
        (1 / u + log(v) + sqrt(level) + u**z + 2**z + level ** Rational(3, 2), []),
        (level**-1, ["c ≠ 0 is not shown, which 1/c needs"]),
        (z**HALF, ["z ≥ 0 is not shown, which sqrt(z) needs"]),
        (level**-HALF, ["c > 0 is not shown, which 1/sqrt(c) needs"]),
        (level**z, ["c > 0 is not shown, which c**z needs"]),
        (log(level), ["c > 0 is not shown, which log(c) needs"]),
        (log(1 + z**2) + (exp(z) + 1) ** -2, []),
        (x[k] + x[1] + endless[k + 3], []),
        (x[j], ["j of x[j] is not shown to be at most n"]),
        (x[2], ["2 of x[2] is not shown to be at most n"]),
        (array("d", m)[1], ["1 of d[1] is not shown to be at most m"]),
        (x[0], ["0 of x[0] is not shown to be at most n"]),
        (endless[m], ["m of e[m] is not shown to be at most oo"]),
        (arrays("W")[0][1], ["the shape of W is not declared"]),
        (total(lambda a: x[a] / u, n), []),
        (Sum(x[i], (i, 2, n)), ["i of x[i] is not shown to be at most n"]),
        (Sum(1, (i, m, n)), ["the sum over i begins at m, though i is declared to be 1 or more"]),
        (Sum(1, (i, 1, u)), ["the sum over i does not run through whole numbers"]),
        (Partial(Abs(u) + relu(u), u), []),
        (Partial(relu(z), z), ["there is a kink where z = 0"]),
        (Partial(sympy.sign(t - z), z), ["there is a kink where t - z = 0"]),
        (Partial(sympy.sign(t), z), []),
        (
            Partial(sqrt(level), level),
            ["c may lie on the boundary of its domain, where there is no derivative", "there is a kink where c = 0"],
        ),
        (Partial(phi(z) + phi(t), t), ["phi(t) may have a kink"]),
        (Partial(Abs(x[k]), x[1]), ["there is a kink where x[k] = 0"]),
        (sympy.zeta(z), ["zeta(z) has no meaning here"]),
    ],
)
def test_what_is_not_defined_is_said(expr: Any, problems: list[str]) -> None:
    """A claim would be made of what has no value, or a true one be refused."""
    assert undefined(expr, Setting("s", {k: n})) == problems


def test_hypotheses_and_least_sizes_define() -> None:
    """1/z could not be written where z > 0, nor the second entry where there are two."""
    assert undefined(1 / z + log(z), Setting("s", given=(Fact(z, ">", 0),))) == []
    assert undefined(x[2], Setting("s", smallest={n: 2})) == []
    assert undefined(x[3], Setting("s", smallest={n: 2})) == ["3 of x[3] is not shown to be at most n"]


# The setting


def test_points_meet_the_hypotheses() -> None:
    """A step would be refuted where it does not claim anything, or tried nowhere."""
    setting = Setting("s", {k: n}, given=(Fact(z, ">", t), Fact(x[k], "≥", 0, {k: n})))
    points = [*setting.points((x[k] * z, t)), *setting.corners((x[k] * z, t))]
    assert len(points) >= 3
    for point in points:
        assert point.rational(z, z) > point.rational(t, t)
        assert all(point.rational((x, at), x[at]) >= 0 for at in range(1, point.indices[n] + 1))
        assert 1 <= point.indices[k] <= point.indices[n]
    first, *_ = Setting("s", {k: n}).points((x[k],))
    assert first.indices[n] == 4
    assert [len(Setting("s", given=given).points((z,))) for given in ((), (Fact(z, ">", 0),))] == [3, 12]
    assert Setting("s").points((log(-u),)) == []
    (given, *_) = Setting("s", {k: n}, example={n: 2, x: 7, z: HALF}, given=(Fact(z, "=", HALF),)).points((x[k], z))
    assert (given.indices[n], given.fixed[x], given.rational(z, z)) == (2, 7, HALF)
    (given, *_) = Setting("s", {k: n}, example={n: 2, x: lambda at: 5 * at}).points((x[2],))
    assert given.rational((x, 2), x[2]) == 10
    beside = Setting("s", example={z: -1}, given=(Fact(z, ">", 0),)).points((z,))
    assert all(point.rational(z, z) > 0 for point in beside)


def test_a_sign_is_shown_by_structure_where_z3_shows_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sum of weights in exponentials could not be a denominator."""
    monkeypatch.setattr(solver, "proves", lambda question: False)
    setting = Setting("s", given=(Fact(x[k], ">", 0, {k: n}), Fact(y[k], "≥", 0, {k: n})))
    weights, squares = total(lambda i: x[i] * exp(x[i]), n), total(lambda i: y[i] * exp(x[i]), n)
    assert [setting.has(weights, relation) for relation in (">", "≥", "≠")] == [True, True, True]
    assert [setting.has(-weights, relation) for relation in (">", "≥", "≠")] == [False, False, True]
    assert [setting.has(squares, relation) for relation in (">", "≥", "≠")] == [False, True, False]


def test_sizes_are_drawn_above_the_least() -> None:
    """Small sizes, where edge cases are, would not be tried, or depths that take minutes."""
    d, setting = Symbol("d", integer=True, nonnegative=True), Setting("s", {k: n}, {q: 2})
    exprs = (
        x[k] + total(lambda i: endless[i], m) + total(lambda i: endless[i], q),
        n * j * d,
    )
    first, *later = setting.points(exprs)
    assert {str(size): first.indices[size] for size in (m, n, q, j)} == {"m": 1, "n": 4, "q": 5, "j": 4}
    corners = list(setting.corners(exprs))
    for size, least in ((m, 0), (n, 1), (q, 2), (j, 1), (d, 0)):
        drawn = {point.indices[size] for point in (*later, *corners)}
        assert (min(drawn), max(drawn) > least + 3) == (least, size != m)
    assert all(1 <= point.indices[k] <= point.indices[n] for point in (first, *later, *corners))
    assert all(point.style == style for point, (style, _) in zip(corners, CORNERS, strict=True))


def test_a_setting_has_what_its_hypotheses_give() -> None:
    """A hypothesis would be asked for its sign, and not know it."""
    setting = Setting("s", {k: n}, given=(Fact(x[k], ">", 0, {k: n}), Fact(z, "≤", t), Fact(s, "=", 1)))
    assert [(known.expr, known.strict, known.indices) for known in setting.known] == [
        (x[k], True, (k,)),
        (t - z, False, ()),
    ]
    wide, loose = array("w", q), arrays("L")[0]
    some = (Fact(wide[k], "≥", 0, {k: n}), Fact(t * k, "≥", 0, {k: n}), Fact(loose[k], "≥", 0, {k: n}))
    pairs = Fact(endless[i] - endless[j], "≥", 0, {i: oo, j: oo})
    assert Setting("s", given=(*some, pairs)).known == ()
    assert len(Setting("s", given=(Fact(endless[k] - endless[k + 1], "≥", 0, {k: oo}),)).known) == 1
    asked = replace(setting, smallest={n: 2}).question(z, ">")
    assert asked.given == ((t - z, "≥"), (s - 1, "="))
    assert (asked.known, asked.ranges, asked.smallest) == (setting.known, {k: n}, {n: 2})
    for difference, relation in (
        (x[1], ">"),
        (x[1], "≥"),
        (x[1], "≠"),
        (-x[1], "≠"),
        (t - z, "≥"),
        (s, ">"),
        (s - 1, "="),
    ):
        assert setting.has(difference, relation)
    for difference, relation in ((t - z, ">"), (t - z, "≠"), (z, "≥"), (endless[1], ">")):
        assert not setting.has(difference, relation)
    assert setting.within(((j, 1, q), (i, 2, n))).ranges == {k: n, j: q}
