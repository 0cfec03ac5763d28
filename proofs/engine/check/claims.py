"""A claim: it says something, it is defined, something meets its hypotheses, and its proof ends in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

import sympy
from sympy import Dummy

from proofs.engine.check.defined import undefined
from proofs.engine.check.setting import Setting, of_claim
from proofs.engine.check.steps import Judgement, fails, judge
from proofs.engine.claim import (
    IMPLIES,
    Cases,
    Chain,
    Cited,
    Claim,
    Cover,
    Fact,
    Induction,
    Relation,
    Step,
    Valley,
    Words,
    put,
)
from proofs.engine.declared import CONVEX
from proofs.engine.derivation import Derivation
from proofs.engine.notation import Partial, functions, text
from proofs.engine.provers import normal, solver


@dataclass(frozen=True)
class Part:
    """A chain of a proof, in its setting, and what it has to show."""

    chain: Chain
    setting: Setting
    goal: Fact


@dataclass(frozen=True)
class Problem:
    """What was found at a step, or at the claim as a whole: the checks that failed, if any, and both sides."""

    step: str
    failed: tuple[str, ...]
    sides: tuple[str, str, str]
    where: str = ""
    provers: tuple[str, ...] = ()


def chains(derivation: Derivation) -> Iterator[tuple[Chain, Setting]]:
    """Every chain of steps with its setting."""
    yield from ((part.chain, part.setting) for claim in derivation.single_claims for part in parts(derivation, claim))


def parts(derivation: Derivation, claim: Claim) -> Iterator[Part]:
    """The chains of a claim's proof."""
    setting = of_claim(derivation, claim)
    for shown, goal, further, hypothesis in claim.parts():
        inside = replace(setting, given=setting.given + further, induction=hypothesis)
        if isinstance(claim.proof, Cases):
            examples = [case.example for case in claim.proof.cases if (case.when,) == further]
            inside = replace(inside, example=examples[0] or setting.example)
        if isinstance(claim.proof, Induction):
            n = claim.proof.variable
            inside = _at(inside, n, n + 1 if hypothesis else sympy.Integer(claim.proof.start))
        values = _shifted(further)
        steps = tuple(step.replaced(values) for step in shown.steps)
        moved = replace(inside, given=tuple(fact.replaced(values) for fact in inside.given))
        yield Part(Chain(shown.name, put(shown.start, values), steps), moved, goal.replaced(values))


def _at(setting: Setting, n: Any, value: Any) -> Setting:
    """With another value of the variable of an induction, in the ranges too."""
    ranges = {i: sympy.sympify(size).xreplace({n: value}) for i, size in setting.ranges.items()}
    return replace(setting, ranges=ranges, before=setting.ranges)


def _shifted(conditions: tuple[Fact, ...]) -> dict[Any, Any]:
    """Of a case z > c and the like: c + t with a positive t in place of z, so that |z| and its like have a sign."""
    values = {}
    for fact in conditions:
        variable, bound = fact.left, sympy.sympify(fact.right)
        if getattr(variable, "is_Symbol", False) and bound.is_number and fact.relation in ("<", "≤", ">", "≥"):
            beyond = Dummy(variable.name, **{"positive" if fact.relation in "<>" else "nonnegative": True})
            values[variable] = bound + beyond if fact.relation in (">", "≥") else bound - beyond
    return values


def has_sizes(derivation: Derivation) -> bool:
    """Whether a claim speaks of sizes that are symbols."""
    facts = (fact for claim in derivation.single_claims for fact in (claim.fact, *claim.given))
    sides = [sympy.sympify(side) for fact in facts for side in (fact.left, fact.right)]
    return any(symbol.is_integer for side in sides for symbol in side.free_symbols)


def problems(derivation: Derivation, claim: Claim) -> Iterator[Problem]:
    """Every step with what became of it, and what the claim as a whole lacks."""
    sides = text(claim.left), claim.relation, text(claim.right)
    setting = of_claim(derivation, claim)
    whole = (_names(claim), _empty(claim, setting), _witnesses(claim, setting), _frame(claim, setting))
    for failed, where in chain(*whole, _lemmas(derivation, claim)):
        yield Problem(claim.name, (failed,), sides, where)
    for part in parts(derivation, claim):
        yield from _undefined(part, sides)
        for before, step in part.chain.transitions():
            # What a witness makes of a side may be the other side as it stands.
            restated = _is_restated(before, step) and not claim.exists
            found = Judgement(("restated",)) if restated else judge(before, step, part.setting)
            shown = text(before), step.relation, text(step.result)
            yield Problem(step.name, found.failed, shown, found.where, found.provers)
        if where := _ends_elsewhere(part):
            yield Problem(claim.name, ("end",), sides, where)


def _is_restated(before: Any, step: Step) -> bool:
    """Whether a reader would see the same again, whatever the indices of its sums are inside."""
    return text(sympy.sympify(before)) == text(sympy.sympify(step.result))


# What is claimed


def _empty(claim: Claim, setting: Setting) -> Iterator[tuple[str, str]]:
    left, right = sympy.sympify(claim.left), sympy.sympify(claim.right)
    if left == right:
        yield "empty", "both sides are one expression"
    if claim.fact in claim.given:
        yield "empty", "it is one of its hypotheses"
    points = setting.points(tuple(put(side, claim.exists) for side in (left, right)))
    if not points and not isinstance(claim.proof, (Words, Cited)):
        yield "vacuous", "no example that meets the hypotheses was found"
    yield from (
        ("empty", f"it would hold of any function in place of {name}") for name in _of_any_function(claim, setting)
    )
    for fact in claim.given:
        for side in (fact.left, fact.right):
            bare = replace(setting, ranges={**setting.ranges, **fact.over})
            yield from (("undefined", f"hypothesis: {problem}") for problem in undefined(side, bare))


def _of_any_function(claim: Claim, setting: Setting) -> Iterator[str]:
    """Named functions of which nothing is said: an arbitrary one in their place does as well."""
    sides = tuple(map(sympy.sympify, (put(claim.left, claim.exists), put(claim.right, claim.exists))))
    bare = replace(setting, given=())
    for named in sorted({type(node) for side in sides for node in side.atoms(functions.Named)}, key=str):
        if not any(_fails_of(other, named, sides, claim.relation, bare) for other in OTHERS):
            yield str(named)


OTHERS: tuple[Callable[[Any], Any], ...] = (
    functions.f,
    functions.g,
    lambda t: -functions.f(t),
    lambda t: -functions.g(t),
)


def _fails_of(other: Any, named: Any, sides: tuple[Any, ...], relation: Relation, setting: Setting) -> bool:
    """Whether the claim fails somewhere with the other function in the named one's place."""
    left, right = (side.replace(named, other) for side in sides)
    points = (*setting.points((left, right)), *setting.corners((left, right)))
    return any(fails(left, relation, right, point) for point in points)


def _witnesses(claim: Claim, setting: Setting) -> Iterator[tuple[str, str]]:
    sides = [sympy.sympify(side) for fact in (claim.fact, *claim.given) for side in (fact.left, fact.right)]
    if any(node.free_symbols & claim.exists.keys() for side in sides for node in side.atoms(Partial)):
        yield "witness", "what is to be found stands below a derivative, where it is to vary"
    for variable, witness in claim.exists.items():
        if not variable.is_Symbol:
            yield "witness", f"{text(variable)} is no variable"
        value = sympy.sympify(witness)
        needed = ">" if variable.is_positive else "≥" if variable.is_nonnegative else ""
        if variable.is_integer or (needed and not setting.has(value, needed)):
            yield "witness", f"{text(value)} is not shown to be a value of {variable}"
        yield from (("undefined", problem) for problem in undefined(value, setting))
        if value.free_symbols & claim.exists.keys():
            yield "witness", f"{variable} has a witness that depends on what is to be found"
    for fact in claim.given:
        if fact.symbols & claim.exists.keys() and not _is_met(fact.replaced(claim.exists), setting):
            yield "witness", "the witness is not shown to meet the hypotheses"


def _is_met(fact: Fact, setting: Setting) -> bool:
    return not fact.over and setting.has(*fact.difference)


def _names(claim: Claim) -> Iterator[tuple[str, str]]:
    """Two things of one name would read as one."""
    sides = [sympy.sympify(side) for fact in (claim.fact, *claim.given) for side in (fact.left, fact.right)]
    things = {s for side in sides for s in side.free_symbols if s.is_Symbol}
    things -= {entry.base.label for side in sides for entry in side.atoms(sympy.Indexed)}
    things |= {entry.base for side in sides for entry in side.atoms(sympy.Indexed)}
    names = [text(thing) for thing in things]
    yield from (("names", f"two things are called {name}") for name in sorted(set(names)) if names.count(name) > 1)
    yield from (("names", f"{s} is not declared to be real") for s in things if s.is_Symbol and not s.is_real)


def _lemmas(derivation: Derivation, claim: Claim) -> Iterator[tuple[str, str]]:
    """What is used is proved: here too where it is another derivation's."""
    for each in claim.chains:
        for step in each.steps:
            lemma = step.uses.fact if step.uses else None
            if not isinstance(lemma, Claim) or lemma in derivation.single_claims or lemma == CONVEX:
                continue
            if any(problem.failed for problem in problems(derivation, lemma)):
                yield "lemma", f"{lemma.name}, which {step.name} uses, is not shown"


def _frame(claim: Claim, setting: Setting) -> Iterator[tuple[str, str]]:
    """What an argument in words, cases or an induction need beside their steps."""
    proof = claim.proof
    if isinstance(proof, Words):
        yield "words", proof.argument
    elif isinstance(proof, Cited):
        yield "cited", proof.source
    elif isinstance(proof, Cases):
        given = [fact.difference for fact in setting.given if not fact.over]
        single = [case.when.difference for case in proof.cases if not case.when.over]  # of many, neither need hold
        if not solver.covers(single, given, setting.ranges):
            yield "cover", "the cases are not shown to be all"
    elif isinstance(proof, Induction):
        yield from (("induction", problem) for problem in _induction(claim, proof, setting))


def _induction(claim: Claim, proof: Induction, setting: Setting) -> Iterator[str]:
    n = proof.variable
    least = setting.smallest.get(n, 1) if n.is_positive else 0
    if not (n.is_integer and n.is_nonnegative) or proof.start != least:
        yield f"{n} begins at {least}, and the base is at {proof.start}"
    if any(n in fact.replaced({}).left.free_symbols | fact.replaced({}).right.free_symbols for fact in claim.given):
        yield f"a hypothesis depends on {n}"
    if n in setting.ranges:
        yield f"{n} is an index"
    if claim.exists:
        yield "a claim that something exists is not shown by induction here"
    if not any(step.uses and step.uses.fact is None for step in proof.step):
        yield "the step does not use its hypothesis"


# How it is shown


def _undefined(part: Part, sides: tuple[str, str, str]) -> Iterator[Problem]:
    exprs = [("left side", part.chain.start), ("right side", part.goal.right)]
    for step in part.chain.steps:
        exprs.append((step.name, step.result))
        if isinstance(step.certificate, Valley):
            exprs.append((step.name, step.certificate.product))
        elif step.certificate is not None and not isinstance(step.certificate, Cover):
            exprs.append((step.name, step.certificate))
    seen: set[Any] = set()
    for name, expr in exprs:
        if expr in seen:
            continue
        seen.add(expr)
        for problem in undefined(expr, part.setting):
            yield Problem(name, ("undefined",), sides, problem)


def _ends_elsewhere(part: Part) -> str:
    """Why the steps do not add up to the goal; "" where they do."""
    if not part.chain.steps:
        return "no steps"
    try:
        relation = part.chain.relation
    except ValueError as error:
        return str(error)
    if part.goal.relation not in IMPLIES[relation]:
        return f"the steps show {relation}"
    end, right = sympy.sympify(part.chain.end), sympy.sympify(part.goal.right)
    if end != right and not normal.equal_in_general(end, right, part.setting.ranges):
        return f"the steps end in {text(end)}"
    return ""
