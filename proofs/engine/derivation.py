"""A derivation: claims with their proofs, ties to the code and planted wrong steps, as plain data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sympy import Expr, Symbol, oo

from proofs.engine.badges import Badge
from proofs.engine.claim import (
    Case,
    Cases,
    Chain,
    Cited,
    Claim,
    Cover,
    Extremum,
    Fact,
    Induction,
    Relation,
    Step,
    Uses,
    Valley,
    Worded,
    Words,
    claim,
)

__all__ = [
    "Case",
    "Cases",
    "Chain",
    "Cited",
    "Claim",
    "Comparison",
    "Cover",
    "Derivation",
    "Extremum",
    "Fact",
    "Induction",
    "Relation",
    "Step",
    "Uses",
    "Valley",
    "Worded",
    "Words",
    "WrongStep",
    "claim",
]


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
        claims: what is proved, each with its proof. What a page states is rendered from them.
        worded: what is stated beside them, with an argument in words.
        statement: of a theorem that is cited, in place of claims.
        letters: what the letters in its claims stand for, where their names do not say.
        names: sums that a page writes by a name of their own, a symbol, or of indices an entry of an array.
        source: author and year; a theorem's number only where it was checked.
        badge: what it must reach; the strongest, unless it says less.
        ranges: each free index with its dimension.
        smallest: the least size of a dimension, where the hypotheses ask for more than 1.
        ties: comparisons with the code that has the formula.
        counts: further finite exact checks.
        untied: why there is no tie, where no code has the formula.
        planted: wrong steps that must be refused.
    """

    name: str
    source: str
    planted: tuple[WrongStep, ...]
    claims: tuple[Claim | Extremum, ...] = ()
    worded: tuple[Worded, ...] = ()
    statement: str = ""
    letters: str = ""
    names: Mapping[Any, Expr] = field(default_factory=dict)
    badge: Badge = Badge.PROVED
    ranges: Mapping[Symbol, Expr] = field(default_factory=dict)
    smallest: Mapping[Symbol, int] = field(default_factory=dict)
    ties: tuple[Comparison, ...] = ()
    counts: tuple[Comparison, ...] = ()
    untied: str = ""

    def __post_init__(self) -> None:
        names = [step.name for chain in self.all_chains for step in chain.steps] + [c.name for c in self.comparisons]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"{self.name}: two steps of one name: {twice[0]}")
        if not self.planted or {planted.at for planted in self.planted} - set(names):
            raise ValueError(f"{self.name}: wrong steps are planted, each at a step that there is")
        if bool(self.ties) == bool(self.untied):
            raise ValueError(f"{self.name}: it is tied to the code, or says why not")
        if endless := [str(i) for i, size in self.ranges.items() if size == oo]:
            raise ValueError(f"{self.name}: {endless[0]} has no end, which an index of a claim needs")
        if bool(self.claims) == bool(self.statement):
            raise ValueError(f"{self.name}: it has claims, or a statement that is cited")

    @property
    def comparisons(self) -> tuple[Comparison, ...]:
        return self.ties + self.counts

    @property
    def single_claims(self) -> tuple[Claim, ...]:
        """The claims, an extremum as the claims that make it."""
        return tuple(one for each in self.claims for one in (each.claims if isinstance(each, Extremum) else (each,)))

    @property
    def all_chains(self) -> tuple[Chain, ...]:
        return tuple(chain for each in self.single_claims for chain in each.chains)

    @property
    def steps(self) -> int:
        """How many steps and comparisons there are to check."""
        return sum(len(chain.steps) for chain in self.all_chains) + len(self.comparisons)
