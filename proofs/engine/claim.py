"""A claim: what is said of which variables under which hypotheses, and the proof that has to end in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import sympy
from sympy import Indexed, Symbol

from proofs.engine.notation.calculus import rename_apart

Relation = Literal["=", "≤", "<", "≥", ">", "≠"]
IMPLIES: dict[str, set[str]] = {
    "=": {"=", "≤", "≥"},
    "<": {"<", "≤", "≠"},
    ">": {">", "≥", "≠"},
    "≤": {"≤"},
    "≥": {"≥"},
    "≠": {"≠"},
}


@dataclass(frozen=True)
class Fact:
    """A hypothesis: left stands in the relation to right, for every value of the indices ``over``.

    An index runs from 1 to its dimension; of a dimension ``oo`` without an end, as layers do.
    """

    left: Any
    relation: Relation
    right: Any
    over: Mapping[Symbol, Any] = field(default_factory=dict)

    @property
    def difference(self) -> tuple[Any, str]:
        """What stands in which relation, one of =, ≥, > and ≠, to 0."""
        gap = sympy.sympify(self.left) - sympy.sympify(self.right)
        turned = {"≤": (-gap, "≥"), "<": (-gap, ">")}
        return turned.get(self.relation, (gap, self.relation))

    @property
    def symbols(self) -> set[Any]:
        """Its free symbols."""
        return {s for side in (self.left, self.right) for s in sympy.sympify(side).free_symbols}

    def replaced(self, values: Mapping[Any, Any]) -> Fact:
        return replace(self, left=put(self.left, values), right=put(self.right, values))


@dataclass(frozen=True)
class Uses:
    """What a step rests on: a hypothesis, the hypothesis of an induction (``None``), or a claim proved before.

    The step's difference is that of the fact, with ``at`` put in for its variables, times ``weight``, which is not
    negative where the fact is an inequality, added up over the indices ``over``. Or the fact is an equality whose left
    side is an entry of an array, and the step puts its right side in the entry's place, wherever it stands.
    """

    fact: Fact | Claim | None = None
    at: Mapping[Any, Any] = field(default_factory=dict)
    weight: Any = 1
    over: Mapping[Symbol, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Valley:
    """A proof that D(u) ≥ 0: it is 0 at ``bottom`` and rises away from it, as (u − bottom) D′(u) = ``product`` ≥ 0."""

    variable: Symbol
    bottom: Any
    product: Any


@dataclass(frozen=True)
class Cover:
    """A proof by ball arithmetic: boxes that cover the domain, in each of which the difference is enclosed, and tails.

    For the variables of the step, each in the interval that its declaration and the hypotheses about it alone leave.
    """

    shows = "larger − smaller is enclosed in boxes that cover the domain, and its tails are bounded"


@dataclass(frozen=True)
class Step:
    """One step: the previous expression stands in ``relation`` to ``result``.

    Attributes:
        name: unique in the derivation.
        because: the justification, in words.
        certificate: of an inequality: an expression equal to larger − smaller whose sign its structure shows
            (see ``sign``), a ``Valley``, or a ``Cover``.
        uses: a fact or a claim that it rests on.
    """

    name: str
    result: Any
    because: str
    relation: Relation = "="
    certificate: Any = None
    uses: Uses | None = None

    def replaced(self, values: Mapping[Any, Any]) -> Step:
        certificate = self.certificate
        if certificate is not None and not isinstance(certificate, (Valley, Cover)):
            certificate = put(certificate, values)
        return replace(self, result=put(self.result, values), certificate=certificate)


@dataclass(frozen=True)
class Chain:
    """A start and the steps from it: start = … ≤ … = end. An induction has one for its base and one for its step.

    Of a claim that something exists the start is ``whole`` at the witnesses ``at``, which a page shows before it.
    """

    name: str
    start: Any
    steps: tuple[Step, ...]
    whole: Any = None
    at: Mapping[Symbol, Any] = field(default_factory=dict)

    @property
    def end(self) -> Any:
        return self.steps[-1].result

    @property
    def relation(self) -> Relation:
        """What the steps add up to."""
        unequal = [step.relation for step in self.steps if step.relation != "="]
        if unequal == ["≠"]:
            return "≠"
        relations = set(unequal)
        if relations <= {"≤", "<"} or relations <= {"≥", ">"}:
            strict, weak = ("<", "≤") if relations & {"<", "≤"} else (">", "≥")
            return strict if strict in relations else weak if weak in relations else "="
        raise ValueError(f"the steps of {self.name} go both ways")

    def transitions(self) -> Iterator[tuple[Any, Step]]:
        """Each step with the expression before it."""
        before = self.start
        for step in self.steps:
            yield before, step
            before = step.result


@dataclass(frozen=True)
class Case:
    """One case: under the condition, these steps lead from left to right; ``example`` as of a claim.

    ``name`` says the condition, where it is too long to be read as it stands.
    """

    when: Fact
    steps: tuple[Step, ...]
    example: Mapping[Symbol, Any] = field(default_factory=dict)
    name: str = ""


@dataclass(frozen=True)
class Cases:
    """Cases, of which one always holds: that is proved too."""

    cases: tuple[Case, ...]


@dataclass(frozen=True)
class Induction:
    """``base`` leads from left to right at ``start``, ``step`` at variable + 1, using the hypothesis by name."""

    variable: Symbol
    base: tuple[Step, ...]
    step: tuple[Step, ...]
    start: int = 1


@dataclass(frozen=True)
class Words:
    """An argument that nothing checks."""

    argument: str


@dataclass(frozen=True)
class Cited:
    """A proof that stands elsewhere."""

    source: str


@dataclass(frozen=True)
class Worded:
    """A statement in words, with an argument in words: it weakens the whole to what it is.

    Attributes:
        rocq: the theorems of Rocq that prove it, by their names; none where nothing does.
    """

    name: str
    statement: str
    argument: str
    rocq: tuple[str, ...] = ()


@dataclass(frozen=True)
class Claim:
    """For every value of its free variables that meets the hypotheses, left stands in the relation to right.

    The domain of a variable is declared where it is made (``notation``): real, positive, a size, entries of an array.

    Attributes:
        proof: steps that lead from left to right, cases, an induction, or an argument in words.
        given: the hypotheses.
        exists: variables of which there is a value, each with its witness.
        example: values of variables and sizes, or of all entries of an array, as a number or a function of their
            indices, that meet the hypotheses, where a random search finds none.
    """

    name: str
    left: Any
    relation: Relation
    right: Any
    proof: tuple[Step, ...] | Cases | Induction | Words | Cited
    given: tuple[Fact, ...] = ()
    exists: Mapping[Symbol, Any] = field(default_factory=dict)
    example: Mapping[Symbol, Any] = field(default_factory=dict)

    @property
    def fact(self) -> Fact:
        return Fact(self.left, self.relation, self.right)

    @property
    def chains(self) -> tuple[Chain, ...]:
        """The steps of its proof, as a page shows them."""
        return tuple(chain for chain, _, _, _ in self.parts())

    def parts(self) -> Iterator[tuple[Chain, Fact, tuple[Fact, ...], Fact | None]]:
        """Each chain with what it must show, under which further hypotheses, and the hypothesis of an induction."""
        goal = self.fact.replaced(self.exists)
        if isinstance(self.proof, tuple):
            yield Chain(self.name, goal.left, self.proof, self.left, self.exists), goal, (), None
        elif isinstance(self.proof, Cases):
            for case in self.proof.cases:
                when = case.name or f"{case.when.left} {case.when.relation} {case.when.right}"
                title = f"{self.name}, where {when}"
                yield Chain(title, goal.left, case.steps), goal, (case.when,), None
        elif isinstance(self.proof, Induction):
            n = self.proof.variable
            base, following = goal.replaced({n: self.proof.start}), goal.replaced({n: n + 1})
            yield Chain(f"{self.name}: base, {n} = {self.proof.start}", base.left, self.proof.base), base, (), None
            yield Chain(f"{self.name}: from {n} to {n} + 1", following.left, self.proof.step), following, (), goal


def claim(
    name: str,
    left: Any,
    relation: Relation,
    right: Any,
    *steps: Step,
    because: str = "",
    certificate: Any = None,
    **rest: Any,
) -> Claim:
    """A claim with its steps; ``because`` and ``certificate`` in their place where one is enough."""
    one = (Step(name, right, because, relation, certificate, rest.pop("uses", None)),) if because else ()
    return Claim(name, left, relation, right, rest.pop("proof", None) or (*steps, *one), **rest)


@dataclass(frozen=True)
class Extremum:
    """The least or the greatest value of an expression, or its infimum or supremum.

    Attributes:
        kind: "minimum" or "maximum", which is attained; "infimum" or "supremum", which is not.
        over: the variables that it is taken over.
        steps: from the expression to the value, as a bound.
        at: where it is attained, or for an infimum where it is passed by less than ``margin``.
        only: whether it is attained nowhere else.
        margin: a positive symbol, of an infimum or a supremum.
        near: the steps from the expression there.
    """

    name: str
    kind: Literal["minimum", "maximum", "infimum", "supremum"]
    expr: Any
    over: tuple[Symbol, ...]
    value: Any
    steps: tuple[Step, ...]
    at: Mapping[Symbol, Any]
    only: bool = False
    margin: Any = None
    near: tuple[Step, ...] = ()
    given: tuple[Fact, ...] = ()

    @property
    def claims(self) -> tuple[Claim, ...]:
        return tuple(self._claims())

    def _claims(self) -> Iterator[Claim]:
        from_below = self.kind in ("minimum", "infimum")
        attained = self.kind in ("minimum", "maximum")
        bound: Relation = ("≥" if from_below else "≤") if attained else (">" if from_below else "<")
        yield Claim(f"{self.name}: bound", self.expr, bound, self.value, self.steps, self.given)
        if attained:
            step = Step(f"{self.name}: put in", self.value, "its value there")
            yield Claim(f"{self.name}: attained", self.expr, "=", self.value, (step,), self.given, self.at)
        else:
            near: Relation = "<" if from_below else ">"
            end = self.value + self.margin if from_below else self.value - self.margin
            yield Claim(f"{self.name}: no better bound", self.expr, near, end, self.near, self.given, self.at)
        if self.only:
            for variable in self.over:
                step = Step(f"{self.name}: only at {variable}", self.at[variable], "the bound is attained only so")
                given = (*self.given, Fact(self.expr, "=", self.value))
                yield Claim(
                    f"{self.name}: only there, {variable}",
                    variable,
                    "=",
                    self.at[variable],
                    (step,),
                    given,
                    {},
                    self.at,
                )


def put(expr: Any, values: Mapping[Any, Any]) -> Any:
    """Values in place of symbols; a function of its indices in place of the entries of an array."""
    if not values:
        return sympy.sympify(expr)
    e = rename_apart(sympy.sympify(expr))
    entries = {base: value for base, value in values.items() if callable(value) and not isinstance(value, sympy.Basic)}
    plain = {sympy.sympify(k): sympy.sympify(v) for k, v in values.items() if k not in entries}
    if entries:
        e = e.replace(
            lambda node: isinstance(node, Indexed) and node.base in entries,
            lambda node: entries[node.base](*node.indices),
        )
    return e.xreplace(plain)
