"""Runs the checks of a derivation and says what badge it reaches, or which step was refused by which check."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from proofs.engine.badges import Badge
from proofs.engine.check import claims, ties
from proofs.engine.check.steps import failed_checks
from proofs.engine.derivation import Derivation, WrongStep

# The badge that is left when a check does not go through.
WITHOUT = {
    "general": Badge.INSTANCES,
    "instances": Badge.NUMERICAL,
    "words": Badge.WORDS,
    "cited": Badge.CITED,
}


@dataclass(frozen=True)
class Refusal:
    """A step that did not pass: what refused it, both sides, and the point where it fails."""

    step: str
    checks: tuple[str, ...]
    left: str
    relation: str
    right: str
    where: str = ""


@dataclass(frozen=True)
class Outcome:
    """What a derivation reached.

    Attributes:
        refusals: also the steps that fall short of the declared badge.
        weakest: the step that makes the badge what it is, "" where all are as strong.
        provers: of each step, by its name, what shows it.
    """

    derivation: Derivation
    badge: Badge
    refusals: tuple[Refusal, ...]
    seconds: float
    weakest: str = ""
    provers: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def holds(self) -> bool:
        return self.badge >= self.declared

    @property
    def declared(self) -> Badge:
        """What it has to reach: no more than its form allows."""
        return min(self.derivation.badge, strongest(self.derivation)[0])


def check(derivation: Derivation) -> Outcome:
    """Check every step, claim, tie and count of a derivation."""
    started = time.perf_counter()
    (badge, weakest), refusals = strongest(derivation), []
    provers: dict[str, tuple[str, ...]] = {}
    for failed, refusal, shown in _judged(derivation):
        provers |= {refusal.step: shown} if shown else {}
        reached = min((WITHOUT.get(name, Badge.REFUSED) for name in failed), default=Badge.PROVED)
        if reached < badge:
            badge, weakest = reached, refusal.step
        if reached < min(derivation.badge, strongest(derivation)[0]):
            refusals.append(refusal)
    if badge is Badge.PROVED and claims.has_sizes(derivation):
        badge = Badge.GENERAL
    return Outcome(derivation, badge, tuple(refusals), time.perf_counter() - started, weakest, provers)


def refused_by(derivation: Derivation, planted: WrongStep) -> tuple[str, ...]:
    """The checks that refuse a planted wrong step; none where it goes through."""
    for chain, setting in claims.chains(derivation):
        for before, step in chain.transitions():
            if step.name == planted.at:
                return failed_checks(before, planted.instead_of(step), setting)
    (comparison,) = (c for c in derivation.comparisons if c.name == planted.at)
    return ties.wrong(comparison, planted.claimed or comparison.claimed)[0]


def strongest(derivation: Derivation) -> tuple[Badge, str]:
    """The most that its form allows, and what keeps it there: a citation, or an argument in words."""
    if derivation.statement:
        return Badge.CITED, "the theorem"
    return (Badge.WORDS, derivation.worded[0].name) if derivation.worded else (Badge.PROVED, "")


def _judged(derivation: Derivation) -> Iterator[tuple[tuple[str, ...], Refusal, tuple[str, ...]]]:
    for claim in derivation.single_claims:
        for problem in claims.problems(derivation, claim):
            yield problem.failed, Refusal(problem.step, problem.failed, *problem.sides, problem.where), problem.provers
    for worded in derivation.worded:
        yield ("words",), Refusal(worded.name, ("words",), worded.statement, "", "", worded.argument), ()
    for comparison in derivation.comparisons:
        failed, left, right = ties.wrong(comparison, comparison.claimed)
        yield failed, Refusal(comparison.name, failed, left, "=", right), ()
