"""One step: what shows it, what refutes it, and where it fails."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import sympy

from proofs.engine import instances
from proofs.engine.check import premises
from proofs.engine.check.defined import undefined
from proofs.engine.check.setting import POINTS, Setting
from proofs.engine.claim import Cover, Fact, Relation, Step, Uses, Valley
from proofs.engine.notation import Partial
from proofs.engine.notation.functions import unfold
from proofs.engine.notation.layers import OfVector
from proofs.engine.provers import cover, normal, numeric, sign, solver
from proofs.engine.provers.point import Point


@dataclass(frozen=True)
class Judgement:
    """What became of a step.

    Attributes:
        failed: the checks that it does not pass.
        provers: what shows it: "normal form", "small sizes", "certificate", "z3", or what it uses.
        where: the point where it fails, if one was found.
    """

    failed: tuple[str, ...]
    provers: tuple[str, ...] = ()
    where: str = ""


def failed_checks(before: Any, step: Step, setting: Setting) -> tuple[str, ...]:
    """The names of the checks that a step does not pass."""
    return judge(before, step, setting).failed


def judge(before: Any, step: Step, setting: Setting) -> Judgement:
    """Try to show a step, and to refute it."""
    failed: tuple[str, ...]
    shown: tuple[str, ...]
    if step.uses:
        shown = ("its premise",) if premises.follows(before, step, step.uses, setting) else ()
        if not shown and step.uses.fact is None and _solved(before, step, setting):
            shown = ("the hypothesis and z3",)
        failed = () if shown else ("premise",)
    elif step.relation == "=":
        failed, shown = _equality(before, step.result, setting)
    elif step.relation == "≠":
        shown = ("z3",) if setting.has(sympy.sympify(before) - step.result, "≠") else ()
        failed = () if shown else ("z3",)
    else:
        failed, shown = _inequality(before, step, setting)
    where = refuted(before, step.relation, step.result, setting)
    numeric_too = () if where is None else ("numeric",)
    return Judgement(tuple(sorted({*failed, *numeric_too})), shown, where or "")


# Equalities


def _equality(left: Any, right: Any, setting: Setting) -> tuple[tuple[str, ...], tuple[str, ...]]:
    failed = _unequal(left, right, setting)
    if not failed:
        return (), ("normal form", "small sizes") if _has_instances(left, right) else ("normal form",)
    if setting.given and solver.proves(setting.question(sympy.sympify(left) - right, "=")):
        return (), ("z3",)
    return failed, tuple(name for check, name in _EQUALITY if check not in failed)


_EQUALITY = (("general", "normal form"), ("instances", "small sizes"))


def _unequal(left: Any, right: Any, setting: Setting) -> tuple[str, ...]:
    left, right = sympy.sympify(left), sympy.sympify(right)
    failed = []
    if not normal.equal_in_general(left, right, setting.ranges):
        failed.append("general")
    if not _has_instances(left, right):
        return ("general", "instances") if failed else ()
    if not instances.equal_in_instances(left, right, setting.ranges, setting.smallest):
        failed.append("instances")
    return tuple(failed)


def _has_instances(left: Any, right: Any) -> bool:
    """A function of a vector has none that is not another function."""
    return not any(sympy.sympify(side).has(OfVector) for side in (left, right))


# Inequalities


def _inequality(before: Any, step: Step, setting: Setting) -> tuple[tuple[str, ...], tuple[str, ...]]:
    difference, relation = Fact(before, step.relation, step.result).difference
    if isinstance(step.certificate, Cover):
        return _by_cover(difference, relation, setting)
    question = setting.question(difference, relation)
    by_solver = solver.proves(question)
    if step.certificate is None:
        return (() if by_solver else ("sign",)), ("z3",)
    prove = _valley if isinstance(step.certificate, Valley) else _certified
    failed = tuple(prove(difference, step.certificate, relation, setting))
    if not failed and not by_solver and solver.refutes(question):
        failed = ("z3",)
    return failed, ("certificate", "z3") if by_solver else ("certificate",)


def _by_cover(difference: Any, relation: str, setting: Setting) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """z3 is not asked: what it decides needs no cover."""
    variables = {s for s in sympy.sympify(difference).free_symbols if s.is_Symbol}
    domain = {v: cover.interval(v, setting.given) for v in variables}
    if any(v.is_integer or not v.is_real for v in variables) or not cover.proves(difference, relation, domain):
        return ("sign",), ()
    return (), ("arb cover",)


def _certified(difference: Any, certificate: Any, relation: str, setting: Setting) -> Iterator[str]:
    certificate = sympy.sympify(certificate)
    if not (sign.positive if relation == ">" else sign.nonnegative)(certificate, setting.known):
        yield "sign"
    yield from _unequal(difference, certificate, setting)
    if refuted(difference, "=", certificate, setting) is not None:
        yield "numeric"


def _valley(difference: Any, valley: Valley, relation: str, setting: Setting) -> Iterator[str]:
    """The difference must be defined for every value of the variable, which the check of definedness sees to."""
    u, bottom = valley.variable, sympy.sympify(valley.bottom)
    yield from _unequal(difference.xreplace({u: bottom}), 0, setting)
    rise = (u - bottom) * Partial(difference, u)
    yield from _unequal(rise, valley.product, setting)
    if refuted(rise, "=", valley.product, setting) is not None:
        yield "numeric"
    if relation == ">" or not sign.nonnegative(valley.product, setting.known):  # at the bottom both sides are equal
        yield "sign"
    if not _in_domain(u, bottom, setting) or not _is_one_slope(difference, u, bottom, setting):
        yield "sign"


def _is_one_slope(difference: Any, u: Any, bottom: Any, setting: Setting) -> bool:
    """Whether u runs through an interval on which the difference has a derivative, but perhaps at the bottom."""
    for fact in setting.given:
        bounds = fact.left == u and sympy.sympify(fact.right).is_number and fact.relation in ("<", "≤", ">", "≥")
        if u in fact.symbols and not bounds:
            return False
    away = replace(setting, given=(*setting.given, Fact(u, "≠", bottom)))
    jumps = unfold(difference).has(sympy.sign)
    return not jumps and not undefined(Partial(difference, u), away)


def _in_domain(variable: Any, value: Any, setting: Setting) -> bool:
    """Whether a value lies in the declared domain of a variable, or on its boundary."""
    if variable.is_positive or variable.is_nonnegative:
        return setting.has(value, "≥")
    return bool(variable.is_real)


# What an induction supposes


def _solved(before: Any, step: Step, setting: Setting) -> bool:
    """Whether z3 shows it, the hypothesis of the induction among what is given, where its indices run as before."""
    supposed = premises.premise(Uses(), setting)
    if supposed is None:
        return False
    difference, relation = Fact(before, step.relation, step.result).difference
    return solver.proves(replace(setting, given=(*setting.given, supposed)).question(difference, relation))


# Refutation


def refuted(left: Any, relation: Relation, right: Any, setting: Setting) -> str | None:
    """Where the relation fails, "" where it could not be tried; None where nothing speaks against it."""
    left, right = sympy.sympify(left), sympy.sympify(right)
    points = setting.points((left, right))
    needed = 1 if setting.given else POINTS
    for point in (*points, *setting.corners((left, right))):
        if fails(left, relation, right, point):
            return f"{point.names((left, right))}: {numeric.shown(left, point)} against {numeric.shown(right, point)}"
    return None if len(points) >= needed else ""


def fails(left: Any, relation: Relation, right: Any, point: Point) -> bool:
    """Whether the relation does not hold at a point where both sides have a value."""
    if relation == "=":
        return not numeric.agree(left, right, point)
    gap, turned = Fact(left, relation, right).difference
    found = numeric.sign(gap, point)
    if point.style == "huge":  # where no precision tells a tiny number from 0
        return found == -1 and turned != "≠"
    return {"≥": found == -1, ">": found != 1, "≠": found is None}[turned]
