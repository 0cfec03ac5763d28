"""One step: what shows it, what refutes it, and where it fails."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import sympy
from sympy import oo

from proofs.engine import instances
from proofs.engine.check.defined import undefined
from proofs.engine.check.setting import POINTS, Setting
from proofs.engine.claim import Claim, Cover, Fact, Step, Uses, Valley, put
from proofs.engine.notation import Partial, total_over
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
        shown = ("its premise",) if _follows(before, step, step.uses, setting) else ()
        if not shown and step.uses.fact is None and setting.induction:
            shown = ("the hypothesis and z3",) if _solved(before, step, setting) else ()
        failed = () if shown else ("premise",)
    elif step.relation == "=":
        failed, shown = _equality(before, step.result, setting)
    elif step.relation == "≠":
        shown = ("z3",) if setting.has(sympy.sympify(before) - step.result, "≠") else ()
        failed = () if shown else ("z3",)
    else:
        failed, shown = _inequality(before, step, setting)
    where = refuted(before, step.relation, step.result, setting)
    return Judgement(tuple(sorted({*failed, *(("numeric",) if where is not None else ())})), shown, where or "")


# Equalities


def _equality(left: Any, right: Any, setting: Setting) -> tuple[tuple[str, ...], tuple[str, ...]]:
    failed = _unequal(left, right, setting)
    if not failed:
        alone = (sympy.sympify(left) - right).has(OfVector)
        return (), ("normal form",) if alone else ("normal form", "small sizes")
    if setting.given and solver.proves(setting.question(sympy.sympify(left) - right, "=")):
        return (), ("z3",)
    return failed, tuple(name for check, name in _EQUALITY if check not in failed)


_EQUALITY = (("general", "normal form"), ("instances", "small sizes"))


def _unequal(left: Any, right: Any, setting: Setting) -> tuple[str, ...]:
    left, right = sympy.sympify(left), sympy.sympify(right)
    failed = []
    if not normal.equal_in_general(left, right, setting.ranges):
        failed.append("general")
    if (left - right).has(OfVector):
        return tuple(failed)  # a function of a vector has no instance that is not another function
    if not instances.equal_in_instances(left, right, setting.ranges, setting.smallest):
        failed.append("instances")
    return tuple(failed)


# Inequalities


def _inequality(before: Any, step: Step, setting: Setting) -> tuple[tuple[str, ...], tuple[str, ...]]:
    smaller, larger = (before, step.result) if step.relation in ("≤", "<") else (step.result, before)
    difference, strict = sympy.sympify(larger) - sympy.sympify(smaller), step.relation in ("<", ">")
    if isinstance(step.certificate, Cover):
        return _by_cover(difference, ">" if strict else "≥", setting)
    by_solver = solver.proves(setting.question(difference, ">" if strict else "≥"))
    if step.certificate is None:
        return (() if by_solver else ("sign",)), ("z3",)
    prove = _valley if isinstance(step.certificate, Valley) else _certified
    failed = tuple(sorted(set(prove(difference, step.certificate, strict, setting))))
    if not failed and not by_solver and solver.refutes(setting.question(difference, ">" if strict else "≥")):
        failed = ("z3",)
    return failed, ("certificate", "z3") if by_solver else ("certificate",)


def _by_cover(difference: Any, relation: str, setting: Setting) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """z3 is not asked: what it decides needs no cover."""
    variables = {s for s in sympy.sympify(difference).free_symbols if s.is_Symbol}
    domain = {v: cover.interval(v, setting.given) for v in variables}
    if any(v.is_integer or not v.is_real for v in variables) or not cover.proves(difference, relation, domain):
        return ("sign",), ()
    return (), ("arb cover",)


def _certified(difference: Any, certificate: Any, strict: bool, setting: Setting) -> Iterator[str]:
    certificate = sympy.sympify(certificate)
    if not (sign.positive if strict else sign.nonnegative)(certificate, setting.known):
        yield "sign"
    yield from _unequal(difference, certificate, setting)
    if refuted(difference, "=", certificate, setting) is not None:
        yield "numeric"


def _valley(difference: Any, valley: Valley, strict: bool, setting: Setting) -> Iterator[str]:
    """The difference must be defined for every value of the variable, which the check of definedness sees to."""
    u, bottom = valley.variable, sympy.sympify(valley.bottom)
    yield from _unequal(difference.xreplace({u: bottom}), 0, setting)
    rise = (u - bottom) * Partial(difference, u)
    yield from _unequal(rise, valley.product, setting)
    if refuted(rise, "=", valley.product, setting) is not None:
        yield "numeric"
    if strict or not sign.nonnegative(valley.product, setting.known):  # at the bottom both sides are equal
        yield "sign"
    if not _in_domain(u, bottom, setting) or not _is_one_slope(difference, u, bottom, setting):
        yield "sign"


def _is_one_slope(difference: Any, u: Any, bottom: Any, setting: Setting) -> bool:
    """Whether u runs through an interval on which the difference has a derivative, but perhaps at the bottom."""
    for fact in setting.given:
        sides = sympy.sympify(fact.left), sympy.sympify(fact.right)
        concerned = any(u in side.free_symbols for side in sides)
        if concerned and not (fact.left == u and sides[1].is_number and fact.relation in ("<", "≤", ">", "≥")):
            return False
    away = replace(setting, given=(*setting.given, Fact(u, "≠", bottom)))
    jumps = unfold(difference).has(sympy.sign, sympy.Piecewise)
    return not jumps and not undefined(Partial(difference, u), away)


def _in_domain(variable: Any, value: Any, setting: Setting) -> bool:
    """Whether a value lies in the declared domain of a variable, or on its boundary."""
    if variable.is_positive or variable.is_nonnegative:
        return setting.has(value, "≥")
    return bool(variable.is_real)


# What a step uses


def _solved(before: Any, step: Step, setting: Setting) -> bool:
    """Whether z3 shows it, the hypothesis of the induction among what is given."""
    assert setting.induction
    difference, relation = Fact(before, step.relation, step.result).difference
    return solver.proves(replace(setting, given=(*setting.given, setting.induction)).question(difference, relation))


def _follows(before: Any, step: Step, uses: Uses, setting: Setting) -> bool:
    """Whether the step is the fact that it uses, times a weight, added up over indices."""
    fact = _premise(uses, setting)
    if fact is None:
        return False
    inside = replace(setting, ranges={**setting.ranges, **uses.over})
    fact = _carried_out(fact, setting).replaced(uses.at)
    weight = sympy.sympify(uses.weight)
    gain = weight * (sympy.sympify(fact.right) - sympy.sympify(fact.left))
    gain = total_over(gain, uses.over)
    moved = sympy.sympify(step.result) - sympy.sympify(before)
    if not normal.equal_in_general(moved, gain, setting.ranges):
        return False
    if fact.relation == "=":
        return step.relation == "="
    turned = {"≤": "≤", "<": "<", "≥": "≥", ">": ">"}[fact.relation]
    if step.relation not in (turned, {"<": "≤", ">": "≥"}.get(turned)):
        return False
    strict = step.relation in ("<", ">")
    if strict and not all(sympy.sympify(n).is_positive for n in uses.over.values()):
        return False  # a sum of no terms is not positive
    return inside.has(weight, ">" if strict else "≥")


def _carried_out(fact: Fact, setting: Setting) -> Fact:
    """Derivatives carried out before something is put in for the variable that they are by."""
    if not any(sympy.sympify(side).has(Partial) for side in (fact.left, fact.right)):
        return fact
    return replace(fact, left=normal.normal(fact.left, setting.ranges), right=normal.normal(fact.right, setting.ranges))


def _premise(uses: Uses, setting: Setting) -> Fact | None:
    """The fact, where it may be used as it is instantiated: it is given, or a claim whose own conditions are met."""
    if uses.fact is None:
        inside = {**setting.ranges, **uses.over}
        fact = setting.induction
        return fact if fact and _varies(uses, _used(fact, setting.before), inside) else None
    if isinstance(uses.fact, Fact):
        inside = {**setting.ranges, **uses.over}
        places = [(uses.at.get(i, i), n) for i, n in uses.fact.over.items()]
        met = uses.fact in setting.given and set(uses.at) <= set(uses.fact.over)
        return uses.fact if met and all(_is_place(i, n, inside) for i, n in places) else None
    return uses.fact.fact if _instantiates(uses.fact, uses, setting) else None


def _used(fact: Fact, ranges: Any) -> dict[Any, Any]:
    """The ranges of the indices that occur in it."""
    symbols = {s for side in (fact.left, fact.right) for s in sympy.sympify(side).free_symbols}
    return {i: n for i, n in ranges.items() if i in symbols}


def _varies(uses: Uses, ranges: Any, inside: Any) -> bool:
    """Whether only real arrays and indices vary, each index in its range: the hypothesis of an induction is for all."""
    indices = {i: value for i, value in uses.at.items() if not isinstance(i, sympy.IndexedBase)}
    arrays = [base for base in uses.at if isinstance(base, sympy.IndexedBase)]
    moved = {**{i: i for i in ranges}, **indices}
    return (
        all(i in ranges for i in indices)
        and not any(b.is_nonnegative or b.is_integer for b in arrays)
        and all(
            _is_place(value, ranges[i], inside)
            for i, value in moved.items()
            if i in indices or ranges[i] != inside.get(i)
        )
    )


def _is_place(i: Any, n: Any, ranges: Any) -> bool:
    place = sympy.sympify(i)
    return bool(place.is_integer and place.is_positive) if n == oo else bool(ranges.get(i) == n)


def _instantiates(claim: Claim, uses: Uses, setting: Setting) -> bool:
    """Whether what is put in for the claim's variables lies in their domains, and its hypotheses are met."""
    inside = replace(setting, ranges={**setting.ranges, **uses.over})
    if claim.exists:
        return False
    for variable, value in uses.at.items():
        if isinstance(variable, sympy.IndexedBase):
            continue  # its entries are checked where they occur
        if variable in setting.ranges:
            if not _is_place(value, setting.ranges[variable], inside.ranges):
                return False
            continue
        if variable.is_integer or not _is_value(variable, value, inside):
            return False
    facts = (fact.replaced(uses.at) for fact in claim.given)
    return all(not fact.over and inside.has(*fact.difference) for fact in facts) and all(
        _entries_fit(claim, base, value, inside)
        for base, value in uses.at.items()
        if isinstance(base, sympy.IndexedBase)
    )


def _is_value(variable: Any, value: Any, setting: Setting) -> bool:
    if variable.is_positive:
        return setting.has(sympy.sympify(value), ">")
    return not variable.is_nonnegative or setting.has(sympy.sympify(value), "≥")


def _entries_fit(claim: Claim, base: Any, value: Any, setting: Setting) -> bool:
    """Whether every entry that is put in has the declared sign of the array's entries."""
    found = {
        e for side in (claim.left, claim.right) for e in sympy.sympify(side).atoms(sympy.Indexed) if e.base == base
    }
    for entry in found:
        needed = ">" if entry.is_positive else "≥" if entry.is_nonnegative else ""
        limits = dict(zip(entry.indices, base.shape or (), strict=True))
        inside = replace(setting, ranges={**setting.ranges, **limits})
        if needed and not inside.has(put(value(*entry.indices), {}), needed):
            return False
    return True


# Refutation


def refuted(left: Any, relation: str, right: Any, setting: Setting) -> str | None:
    """Where the relation fails, "" where it could not be tried; None where nothing speaks against it."""
    left, right = sympy.sympify(left), sympy.sympify(right)
    points = setting.points((left, right))
    needed = 1 if setting.given else POINTS
    for point in (*points, *setting.corners((left, right))):
        if fails(left, relation, right, point):
            return f"{point.names((left, right))}: {numeric.shown(left, point)} against {numeric.shown(right, point)}"
    return None if len(points) >= needed else ""


def fails(left: Any, relation: str, right: Any, point: Point) -> bool:
    """Whether the relation does not hold at a point where both sides have a value."""
    if relation == "=":
        return not numeric.agree(left, right, point)
    gap = left - right if relation in ("≥", ">", "≠") else right - left
    found = numeric.sign(gap, point)
    return found == -1 if relation in ("≤", "≥") else found is None if relation == "≠" else found != 1
