"""True theorems made false at random: a claim and its proof are changed together, and a counterexample is computed.

The attack is a strong one: the last step is made to end in the changed claim, a certificate that would betray the
change is replaced by the difference itself, and what samples points is switched off where the mutants are judged.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import sympy
from sympy import Dummy, Indexed, IndexedBase, Integer, Sum

from proofs.chapters.notes import derivations
from proofs.engine.check import claims as claim_checks
from proofs.engine.check.setting import of_claim
from proofs.engine.check.steps import fails
from proofs.engine.claim import Cases, Claim, Cover, Fact, Induction, Step, Valley, put
from proofs.engine.derivation import Derivation
from proofs.engine.provers import numeric
from proofs.engine.provers.numeric import Undecided
from proofs.engine.provers.point import Point


@dataclass(frozen=True)
class Mutant:
    """A false claim with its proof, and where it is false."""

    kind: str
    derivation: Derivation
    claim: Claim
    where: str

    @property
    def label(self) -> str:
        return f"{self.derivation.name}, {self.claim.name}: {self.kind}: {self.claim.relation} {self.claim.right}"


Mutation = Callable[[Claim, random.Random], Claim | None]


def mutants(seed: int) -> Iterator[Mutant]:
    """False claims without an end, each once."""
    generator = random.Random(seed)
    theorems = [(derivation, claim) for derivation in derivations() for claim in derivation.single_claims]
    seen: set[Any] = set()
    while True:
        kind = generator.choice(sorted(MUTATIONS))
        # Each kind as often as another, though few claims are inductions or have cases.
        for derivation, claim in generator.sample(theorems, len(theorems)):
            changed = MUTATIONS[kind](claim, generator)
            if changed is None or changed == claim or (key := _key(changed)) in seen:
                continue
            seen.add(key)
            if where := counterexample(derivation, changed):
                yield Mutant(kind, derivation, changed, where)
                break


def accepted(mutant: Mutant) -> bool:
    """Whether no check of the claim fails."""
    return not any(problem.failed for problem in claim_checks.problems(mutant.derivation, mutant.claim))


def _key(claim: Claim) -> Any:
    return (claim.name, str(claim.left), claim.relation, str(claim.right), str(claim.given), str(claim.proof))


# Counterexamples


def counterexample(derivation: Derivation, claim: Claim) -> str:
    """A point of the domain that meets the hypotheses, where the claim fails or has no value; "" if none is found."""
    setting = replace(of_claim(derivation, claim), name=f"attack {claim.name}")
    left, right = (put(side, claim.exists) for side in (claim.left, claim.right))
    for attempt in range(24):
        style = ("ordinary", "corner", "extreme")[attempt % 3]
        point = replace(setting._point((left, right), f"attack {attempt}", (attempt % 2, 2), {}), style=style)
        if all(setting._holds(fact, point) for fact in claim.given) and _is_false(left, claim.relation, right, point):
            return point.names((left, right)) or "anywhere"
    return ""


def _is_false(left: Any, relation: str, right: Any, point: Point) -> bool:
    try:
        with numeric.working_precision(numeric.BITS):
            values = [numeric.evaluate(side, point) for side in (left, right)]
        if not all(value.is_finite() for value in values):
            return _is_undefined(values)
        return all(numeric.is_sharp(side, point) for side in (left, right)) and fails(left, relation, right, point)
    except (Undecided, NotImplementedError):
        return False


def _is_undefined(values: list[Any]) -> bool:
    return any(value.is_nan() for value in values)


# Changing a claim with its proof


def _ending_in(claim: Claim, right: Any = None, relation: Any = None) -> Claim:
    """The claim with another right side or relation, and every chain made to end in it."""
    right = claim.right if right is None else right
    relation = relation or claim.relation
    proof = _rewritten(claim.proof, lambda steps, at: _ended(steps, put(right, at), relation))
    return replace(claim, right=right, relation=relation, proof=proof)


def _ended(steps: tuple[Step, ...], right: Any, relation: Any) -> tuple[Step, ...]:
    *before, last = steps
    certificate = last.certificate
    start = before[-1].result if before else None
    if certificate is not None and not isinstance(certificate, (Valley, Cover)) and start is not None:
        certificate = right - start if relation in ("≤", "<") else start - right
    return (*before, replace(last, result=right, relation=relation, certificate=certificate))


def _rewritten(proof: Any, change: Callable[[tuple[Step, ...], Any], tuple[Step, ...]]) -> Any:
    if isinstance(proof, tuple):
        return change(proof, {})
    if isinstance(proof, Cases):
        return Cases(tuple(replace(case, steps=change(case.steps, {})) for case in proof.cases))
    if isinstance(proof, Induction):
        n = proof.variable
        return replace(proof, base=change(proof.base, {n: proof.start}), step=change(proof.step, {n: n + 1}))
    return proof


def _everywhere(claim: Claim, values: Any) -> Claim:
    """Other symbols in place of the claim's own, in all of it."""

    def moved(steps: tuple[Step, ...], _: Any) -> tuple[Step, ...]:
        return tuple(step.replaced(values) for step in steps)

    return replace(
        claim,
        left=_put(claim.left, values),
        right=_put(claim.right, values),
        proof=_rewritten(claim.proof, moved),
        given=tuple(fact.replaced(values) for fact in claim.given),
    )


def _put(expr: Any, values: Any) -> Any:
    return put(expr, values)


def _changed_at_random(
    expr: Any, generator: random.Random, fits: Callable[[Any], bool], change: Callable[[Any], Any]
) -> Any | None:
    """The expression with one of its nodes changed."""
    expr = sympy.sympify(expr)
    nodes = sorted({node for node in sympy.preorder_traversal(expr) if fits(node)}, key=str)
    if not nodes:
        return None
    chosen = generator.choice(nodes)
    return expr.xreplace({chosen: change(chosen)})


def _constant(claim: Claim, generator: random.Random) -> Claim | None:
    change = generator.choice((lambda c: c + 1, lambda c: 2 * c, lambda c: c - 1, lambda c: c / 2))
    right = _changed_at_random(claim.right, generator, lambda node: node.is_Rational, change)
    return None if right is None else _ending_in(claim, right)


def _factor(claim: Claim, generator: random.Random) -> Claim | None:
    factor = generator.choice((2, -1, sympy.Rational(9, 10), sympy.Rational(11, 10)))
    return _ending_in(claim, factor * sympy.sympify(claim.right))


def _added(claim: Claim, generator: random.Random) -> Claim | None:
    amount = generator.choice((1, -1, sympy.Rational(1, 100), -sympy.Rational(1, 100)))
    return _ending_in(claim, claim.right + amount)


def _sign(claim: Claim, generator: random.Random) -> Claim | None:
    right = sympy.sympify(claim.right)
    if not right.is_Add:
        return None
    term = generator.choice(right.args)
    return _ending_in(claim, right - 2 * term)


def _relation(claim: Claim, generator: random.Random) -> Claim | None:
    turned = {"≤": "≥", "≥": "≤", "<": ">", ">": "<"}.get(claim.relation)
    return _ending_in(claim, relation=turned or generator.choice(("<", ">")))


def _strictness(claim: Claim, generator: random.Random) -> Claim | None:
    turned = {"≤": "<", "≥": ">", "=": ">"}.get(claim.relation)
    return _ending_in(claim, relation=turned) if turned else None


def _domain(claim: Claim, generator: random.Random) -> Claim | None:
    symbols = {s for side in (claim.left, claim.right) for s in sympy.sympify(side).free_symbols}
    narrow = sorted((s for s in symbols if s.is_Symbol and s.is_nonnegative and not s.is_integer), key=str)
    bases = {e.base for side in (claim.left, claim.right) for e in sympy.sympify(side).atoms(Indexed)}
    narrow += sorted((base for base in bases if base.is_nonnegative and not base.is_integer), key=str)
    narrow = [each for each in narrow if isinstance(each, IndexedBase) or each not in {b.label for b in bases}]
    if not narrow:
        return None
    chosen = generator.choice(narrow)
    if isinstance(chosen, IndexedBase):
        wider = IndexedBase(str(chosen), shape=chosen.shape, real=True)
        return _everywhere(claim, {chosen: lambda *at: wider[at]})
    return _everywhere(claim, {chosen: Dummy(str(chosen), real=True)})


def _hypothesis(claim: Claim, generator: random.Random) -> Claim | None:
    if not claim.given:
        return None
    dropped = generator.choice(claim.given)
    return replace(claim, given=tuple(fact for fact in claim.given if fact is not dropped))


def _weaker_hypothesis(claim: Claim, generator: random.Random) -> Claim | None:
    place = generator.randrange(len(claim.given)) if claim.given else None
    if place is None:
        return None
    fact = claim.given[place]
    weaker = {"<": Fact(fact.left, "≤", fact.right, fact.over), ">": Fact(fact.left, "≥", fact.right, fact.over)}
    shifted = replace(fact, right=fact.right + (2 if fact.relation in ("<", "≤") else -2))
    given = list(claim.given)
    given[place] = generator.choice((weaker.get(fact.relation, shifted), shifted))
    return replace(claim, given=tuple(given))


def _limits(claim: Claim, generator: random.Random) -> Claim | None:
    def cut(node: Sum) -> Any:
        (i, low, high), *rest = node.limits
        other = generator.choice(((i, low + 1, high), (i, low, high + 1), (i, low, high - 1)))
        return Sum(node.function, other, *rest)

    right = _changed_at_random(claim.right, generator, lambda node: isinstance(node, Sum), cut)
    return None if right is None else _ending_in(claim, right)


def _sizes(claim: Claim, generator: random.Random) -> Claim | None:
    symbols = sorted((s for s in sympy.sympify(claim.right).free_symbols if s.is_Symbol and s.is_integer), key=str)
    if not symbols:
        return None
    chosen = generator.choice(symbols)
    right = sympy.sympify(claim.right).xreplace({chosen: generator.choice([*symbols, chosen + 1, Integer(1)])})
    return _ending_in(claim, right)


def _base(claim: Claim, generator: random.Random) -> Claim | None:
    """An induction that begins too late, for a claim that is false before."""
    if not isinstance(claim.proof, Induction):
        return None
    n = claim.proof.variable
    changed = _ending_in(claim, claim.right + sympy.KroneckerDelta(n, claim.proof.start))
    return replace(changed, proof=replace(changed.proof, start=claim.proof.start + 1))


def _cases(claim: Claim, generator: random.Random) -> Claim | None:
    """A claim that fails in the case that is left out."""
    if not isinstance(claim.proof, Cases):
        return None
    kept = claim.proof.cases[0]
    side = 1 if kept.when.relation in (">", "≥") else -1
    beyond = (sympy.Abs(kept.when.left) - side * kept.when.left) / 2  # 0 in the case that is kept
    sign = 1 if claim.relation in ("≥", ">") else -1
    changed = _ending_in(claim, claim.right + sign * beyond * 100)
    return replace(changed, proof=Cases((changed.proof.cases[0],)))


def _quantifier(claim: Claim, generator: random.Random) -> Claim | None:
    """For every value, in place of one with a witness."""
    return replace(claim, exists={}) if claim.exists else None


def _witness(claim: Claim, generator: random.Random) -> Claim | None:
    if not claim.exists:
        return None
    chosen = generator.choice(list(claim.exists))
    moved = sympy.sympify(claim.exists[chosen]) + generator.choice((1, -1, 2))
    return replace(claim, exists={**claim.exists, chosen: moved})


MUTATIONS: dict[str, Mutation] = {
    "a constant": _constant,
    "a factor": _factor,
    "something added": _added,
    "a sign": _sign,
    "the relation": _relation,
    "strictness": _strictness,
    "a wider domain": _domain,
    "a hypothesis dropped": _hypothesis,
    "a hypothesis weakened": _weaker_hypothesis,
    "a limit": _limits,
    "a size": _sizes,
    "the base": _base,
    "a case dropped": _cases,
    "the quantifier": _quantifier,
    "a witness": _witness,
}
