"""What a step uses: a hypothesis, that of an induction, or a claim proved before, as it is instantiated."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import sympy
from sympy import Indexed, IndexedBase, oo

from proofs.engine.check.setting import Setting
from proofs.engine.claim import IMPLIES, Claim, Fact, Step, Uses, put
from proofs.engine.notation import Partial, total_over
from proofs.engine.notation.calculus import rename_apart
from proofs.engine.notation.indices import paired
from proofs.engine.notation.layers import OF_LAYERS, TIME, OfVector
from proofs.engine.provers import normal


def follows(before: Any, step: Step, uses: Uses, setting: Setting) -> bool:
    """Whether the step is the fact that it uses, times a weight, added up over indices."""
    fact = premise(uses, setting)
    if fact is None:
        return False
    given = isinstance(uses.fact, Fact)  # a claim's variables are any, and have yet to be put in
    if given and step.relation == fact.relation == "=" and _is_put_in(before, step.result, fact, setting):
        return True
    fact = _carried_out(fact, setting).replaced(uses.at)
    weight = sympy.sympify(uses.weight)
    gain = weight * (sympy.sympify(fact.right) - sympy.sympify(fact.left))
    gain = total_over(gain, uses.over)
    moved = sympy.sympify(step.result) - sympy.sympify(before)
    if step.relation not in IMPLIES[fact.relation] - {"≠"} or not normal.equal_in_general(moved, gain, setting.ranges):
        return False
    if fact.relation == "=":
        return True
    strict = step.relation in ("<", ">")
    if strict and not all(sympy.sympify(n).is_positive for n in uses.over.values()):
        return False  # a sum of no terms is not positive
    return setting.has(weight, ">" if strict else "≥")


def _is_put_in(before: Any, result: Any, fact: Fact, setting: Setting) -> bool:
    """Whether the result is the expression before with the fact's right side for each entry that its left side is.

    Not below a derivative, where equal values need not do.
    """
    left, whole = sympy.sympify(fact.left), rename_apart(sympy.sympify(before))
    if not isinstance(left, Indexed) or whole.has(Partial) or left.base.shape is None:
        return False
    shape = paired(left.indices, left.base.shape)
    if len(shape) < len(left.indices) or any(shape.get(i) != n for i, n in fact.over.items()):
        return False  # a diagonal, or entries that run further than the fact
    moved = whole.replace(
        lambda node: isinstance(node, Indexed) and _is_entry(node, left, fact.over),
        lambda node: put(fact.right, paired(left.indices, node.indices)),
    )
    return normal.equal_in_general(moved, result, setting.ranges)


def _is_entry(node: Indexed, left: Indexed, over: Any) -> bool:
    """Whether an entry is the fact's left side at some of the indices that it holds for."""
    return node.base == left.base and all(i in over or i == at for i, at in paired(left.indices, node.indices).items())


def _carried_out(fact: Fact, setting: Setting) -> Fact:
    """Derivatives carried out before something is put in for the variable that they are by."""
    if not any(sympy.sympify(side).has(Partial) for side in (fact.left, fact.right)):
        return fact
    inside = {**setting.ranges, **fact.over}
    return replace(fact, left=normal.normal(fact.left, inside), right=normal.normal(fact.right, inside))


def premise(uses: Uses, setting: Setting) -> Fact | None:
    """The fact, where it may be used as it is instantiated: it is given, or a claim whose own conditions are met."""
    if not all(_is_variable(key, uses, setting) for key in uses.at):
        return None
    if uses.fact is None:
        fact = setting.induction
        return fact if fact and _varies(uses, setting) and _in_place((fact,), uses, setting) else None
    if isinstance(uses.fact, Fact):
        inside = {**setting.ranges, **uses.over}
        places = [(uses.at.get(i, i), n) for i, n in uses.fact.over.items()]
        met = uses.fact in setting.given and set(uses.at) <= set(uses.fact.over)
        return uses.fact if met and all(_is_place(i, n, inside) for i, n in places) else None
    return uses.fact.fact if _instantiates(uses.fact, uses, setting) else None


def _is_variable(key: Any, uses: Uses, setting: Setting) -> bool:
    """Whether it is a symbol or a whole array: not an entry, an array's name, time, or what layers have inside."""
    if isinstance(key, IndexedBase):
        return key not in OF_LAYERS
    facts = (uses.fact or setting.induction, *getattr(uses.fact, "given", ()))
    sides = [sympy.sympify(side) for fact in facts if fact for side in (fact.left, fact.right)]
    arrays = {entry.base for side in sides for entry in side.atoms(Indexed)}
    arrays |= OF_LAYERS if any(side.has(OfVector) for side in sides) else set()
    return bool(key.is_Symbol) and key not in {TIME, *(base.label for base in arrays)}


def _in_place(facts: Iterable[Fact], uses: Uses, setting: Setting) -> bool:
    """Whether each index of what is used, or what is put in for it, runs no further than where it was shown."""
    ranges = setting.before or setting.ranges
    symbols = set().union(*(fact.symbols for fact in facts))
    inside = {**setting.ranges, **uses.over}
    return all(_is_place(uses.at.get(i, i), n, inside) for i, n in ranges.items() if i in symbols)


def _varies(uses: Uses, setting: Setting) -> bool:
    """Whether only indices vary, and real arrays of which no hypothesis speaks: that of an induction is for all."""
    given = [_carried_out(fact, setting) for fact in setting.given]
    sides = [sympy.sympify(side) for fact in given for side in (fact.left, fact.right)]
    bound = {entry.base for side in sides for entry in side.atoms(Indexed)}
    arrays = {base for base in uses.at if isinstance(base, IndexedBase)}
    free = not any(base.is_nonnegative or base.is_integer or base in bound for base in arrays)
    return free and uses.at.keys() - arrays <= setting.before.keys()


def _is_place(i: Any, n: Any, ranges: Any) -> bool:
    place = sympy.sympify(i)
    return bool(place.is_integer and place.is_positive) if n == oo else bool(ranges.get(i) == n)


def _instantiates(claim: Claim, uses: Uses, setting: Setting) -> bool:
    """Whether what is put in for the claim's variables lies in their domains, and its hypotheses are met."""
    if claim.exists or not _in_place((claim.fact, *claim.given), uses, setting):
        return False
    for variable, value in uses.at.items():
        if isinstance(variable, IndexedBase):
            if not _entries_fit(claim, variable, value, setting):
                return False
        elif variable not in setting.ranges and (variable.is_integer or not _is_value(variable, value, setting)):
            return False
    facts = (_carried_out(fact, setting).replaced(uses.at) for fact in claim.given)
    return all(not fact.over and setting.has(*fact.difference) for fact in facts)


def _is_value(variable: Any, value: Any, setting: Setting) -> bool:
    if variable.is_positive:
        return setting.has(sympy.sympify(value), ">")
    return not variable.is_nonnegative or setting.has(sympy.sympify(value), "≥")


def _entries_fit(claim: Claim, base: Any, value: Any, setting: Setting) -> bool:
    """Whether every entry that is put in has the declared sign of the array's entries."""
    entries = {e for side in (claim.left, claim.right) for e in sympy.sympify(side).atoms(Indexed) if e.base == base}
    return all(_is_value(entry, value(*entry.indices), setting) for entry in entries)
