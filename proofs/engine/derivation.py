"""A derivation: a theorem, and the steps that lead to it, as plain data that a page can render."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from sympy import Expr, Symbol

from proofs.engine.badges import Badge

Relation = Literal["=", "≤", "<", "≥", ">"]


@dataclass(frozen=True)
class Valley:
    """A proof that D(u) ≥ 0: it is 0 at ``bottom`` and rises away from it, as (u − bottom) D′(u) = ``product`` ≥ 0."""

    variable: Symbol
    bottom: Any
    product: Any


@dataclass(frozen=True)
class Step:
    """One step: the previous expression stands in ``relation`` to ``result``.

    Attributes:
        name: unique in the derivation.
        because: the justification, in words.
        certificate: of an inequality: an expression equal to larger − smaller whose sign its structure shows
            (see ``sign``), or a ``Valley``.
    """

    name: str
    result: Any
    because: str
    relation: Relation = "="
    certificate: Any = None


@dataclass(frozen=True)
class Chain:
    """A start and the steps from it: start = … ≤ … = end. An induction has one for its base and one for its step."""

    name: str
    start: Any
    steps: tuple[Step, ...]

    @property
    def end(self) -> Any:
        return self.steps[-1].result

    @property
    def relation(self) -> Relation:
        """What the steps add up to."""
        relations = {step.relation for step in self.steps} - {"="}
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


def chain(name: str, start: Any, *steps: Step) -> Chain:
    """A chain of these steps."""
    return Chain(name, start, steps)


@dataclass(frozen=True)
class Comparison:
    """A finite exact check: at every case, what is computed is what the formula claims.

    Attributes:
        cases: what the check runs over.
        computed: case → a number, an expression or an array of them, from ``ffn`` or by counting.
        claimed: case → what the theorem says it is.
        code: the function of ``ffn`` that is checked, where it is a tie to the code.
    """

    name: str
    cases: tuple[Any, ...]
    computed: Callable[[Any], Any]
    claimed: Callable[[Any], Any]
    code: str = ""


@dataclass(frozen=True)
class WrongStep:
    """A wrong step, or a wrong claim, that must be refused.

    Attributes:
        name: what is wrong with it.
        at: the step or the comparison that it replaces.
        result: the wrong result of the step; the right one where the relation or the certificate is wrong.
        claimed: the wrong claim of the comparison.
    """

    name: str
    at: str
    result: Any = None
    relation: Relation | None = None
    certificate: Any = None
    claimed: Callable[[Any], Any] | None = None

    def instead_of(self, step: Step) -> Step:
        return replace(
            step,
            result=step.result if self.result is None else self.result,
            relation=self.relation or step.relation,
            certificate=step.certificate if self.certificate is None else self.certificate,
        )


@dataclass(frozen=True)
class Derivation:
    """A theorem and its proof.

    Attributes:
        name: a short name in the words of the field, as the command takes it.
        statement: the theorem in words.
        hypotheses: what it assumes.
        source: author and year; a theorem's number only where it was checked.
        badge: what it must reach; the strongest, unless it says less.
        chains: the proof. What they show together is the statement, by ``conclusion`` where that takes an argument.
        ranges: each free index with its dimension.
        smallest: the least size of a dimension, where the hypotheses ask for more than 1.
        conclusion: the argument from the chains to the statement, such as "by induction".
        ties: comparisons with the code that has the formula.
        counts: further finite exact checks.
        untied: why there is no tie, where no code has the formula.
        planted: wrong steps that must be refused.
    """

    name: str
    statement: str
    hypotheses: tuple[str, ...]
    source: str
    planted: tuple[WrongStep, ...]
    badge: Badge = Badge.GENERAL
    chains: tuple[Chain, ...] = ()
    ranges: Mapping[Symbol, Expr] = field(default_factory=dict)
    smallest: Mapping[Symbol, int] = field(default_factory=dict)
    conclusion: str = ""
    ties: tuple[Comparison, ...] = ()
    counts: tuple[Comparison, ...] = ()
    untied: str = ""

    def __post_init__(self) -> None:
        names = [step.name for chain in self.chains for step in chain.steps] + [c.name for c in self.comparisons]
        if len(set(names)) < len(names):
            raise ValueError(f"{self.name}: two steps of one name")
        if not self.planted or {planted.at for planted in self.planted} - set(names):
            raise ValueError(f"{self.name}: wrong steps are planted, each at a step that there is")
        if bool(self.ties) == bool(self.untied):
            raise ValueError(f"{self.name}: it is tied to the code, or says why not")

    @property
    def comparisons(self) -> tuple[Comparison, ...]:
        return self.ties + self.counts

    @property
    def steps(self) -> int:
        """How many steps and comparisons there are to check."""
        return sum(len(chain.steps) for chain in self.chains) + len(self.comparisons)
