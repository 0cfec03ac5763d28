"""Runs the checks of a derivation and says what badge it reaches, or which step was refused by which check."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy

from proofs.engine import instances, normal, numeric, sign
from proofs.engine.badges import Badge
from proofs.engine.derivation import Comparison, Derivation, Step, Valley, WrongStep
from proofs.engine.notation import Partial, text

POINTS = 3  # random points that decide the numeric check of a step
TRIES = 12  # points drawn for them: one at a kink decides nothing

# The badge that is left when a check does not go through.
WITHOUT = {"general": Badge.INSTANCES, "instances": Badge.NUMERICAL}


@dataclass(frozen=True)
class Refusal:
    """A step that did not pass: what refused it, and both sides."""

    step: str
    checks: tuple[str, ...]
    left: str
    relation: str
    right: str


@dataclass(frozen=True)
class Outcome:
    """What a derivation reached. ``refusals`` also holds the steps that fall short of the declared badge."""

    derivation: Derivation
    badge: Badge
    refusals: tuple[Refusal, ...]
    seconds: float

    @property
    def holds(self) -> bool:
        return self.badge >= self.derivation.badge


def check(derivation: Derivation) -> Outcome:
    """Check every step, tie and count of a derivation."""
    started = time.perf_counter()
    badge, refusals = _strongest(derivation), []
    for failed, refusal in (*_judged_steps(derivation), *_judged_comparisons(derivation)):
        reached = min((WITHOUT.get(name, Badge.REFUSED) for name in failed), default=Badge.GENERAL)
        badge = min(badge, reached)
        if reached < derivation.badge:
            refusals.append(refusal)
    return Outcome(derivation, badge, tuple(refusals), time.perf_counter() - started)


def refused_by(derivation: Derivation, planted: WrongStep) -> tuple[str, ...]:
    """The checks that refuse a planted wrong step; none where it goes through."""
    for chain in derivation.chains:
        for before, step in chain.transitions():
            if step.name == planted.at:
                return failed_checks(before, planted.instead_of(step), derivation)
    (comparison,) = (c for c in derivation.comparisons if c.name == planted.at)
    return _wrong(comparison, planted.claimed or comparison.claimed)[0]


def _strongest(derivation: Derivation) -> Badge:
    """A theorem that is only cited stays cited, however well its finite check goes."""
    return Badge.CITED if derivation.badge is Badge.CITED else Badge.GENERAL


def _judged_steps(derivation: Derivation) -> Iterator[tuple[tuple[str, ...], Refusal]]:
    for chain in derivation.chains:
        for before, step in chain.transitions():
            failed = failed_checks(before, step, derivation)
            yield failed, Refusal(step.name, failed, text(before), step.relation, text(step.result))


def _judged_comparisons(derivation: Derivation) -> Iterator[tuple[tuple[str, ...], Refusal]]:
    for comparison in derivation.comparisons:
        failed, left, right = _wrong(comparison, comparison.claimed)
        yield failed, Refusal(comparison.name, failed, left, "=", right)


# Steps


def failed_checks(before: Any, step: Step, derivation: Derivation) -> tuple[str, ...]:
    """The names of the checks that a step does not pass."""
    if step.relation == "=":
        return tuple(_equality(before, step.result, derivation))
    smaller, larger = (before, step.result) if step.relation in ("≤", "<") else (step.result, before)
    strict = step.relation in ("<", ">")
    prove = _valley if isinstance(step.certificate, Valley) else _certified
    return tuple(sorted(set(prove(larger - smaller, step.certificate, strict, derivation))))


def _equality(left: Any, right: Any, derivation: Derivation) -> Iterator[str]:
    left, right = sympy.sympify(left), sympy.sympify(right)
    if not normal.equal_in_general(left, right, derivation.ranges):
        yield "general"
    if not instances.equal_in_instances(left, right, derivation.ranges, derivation.smallest):
        yield "instances"
    points = _points((left, right), derivation)
    if len(points) < POINTS or not all(numeric.agree(left, right, point) for point in points):
        yield "numeric"


def _certified(difference: Any, certificate: Any, strict: bool, derivation: Derivation) -> Iterator[str]:
    if certificate is None or not (sign.positive if strict else sign.nonnegative)(sympy.sympify(certificate)):
        yield "sign"
    if certificate is not None:
        yield from _equality(difference, certificate, derivation)
    yield from _sign_at_points(difference, strict, derivation)


def _sign_at_points(difference: Any, strict: bool, derivation: Derivation) -> Iterator[str]:
    """The sign of the difference itself, so that a wrong inequality is refused whatever its certificate."""
    signs = [numeric.sign(difference, point) for point in _points((difference,), derivation)]
    if len(signs) < POINTS or -1 in signs or (strict and None in signs):
        yield "numeric"


def _valley(difference: Any, valley: Valley, strict: bool, derivation: Derivation) -> Iterator[str]:
    u, bottom = valley.variable, valley.bottom
    yield from _equality(difference.xreplace({u: sympy.sympify(bottom)}), 0, derivation)
    yield from _equality((u - bottom) * Partial(difference, u), valley.product, derivation)
    if strict or not sign.nonnegative(valley.product):  # at the bottom both sides are equal
        yield "sign"
    yield from _sign_at_points(difference, strict, derivation)


def _points(exprs: tuple[Any, ...], derivation: Derivation) -> list[numeric.Point]:
    """Random points where every expression has a value; the first has sizes beyond those of the instances."""
    points: list[numeric.Point] = []
    for attempt in range(TRIES):
        above = (1, 2) if points else (3, 3)  # at the least size there are too few terms to tell much
        point = _point(exprs, f"{derivation.name} {attempt}", above, derivation)
        if all(numeric.is_sharp(expr, point) for expr in exprs):
            points.append(point)
        if len(points) == POINTS:
            break
    return points


def _point(exprs: tuple[Any, ...], seed: str, above: tuple[int, int], derivation: Derivation) -> numeric.Point:
    generator = random.Random(seed)
    dimensions = instances.dimensions_of(exprs, derivation.ranges)
    size = {n: derivation.smallest.get(n, 1) + generator.randint(*above) for n in dimensions}
    free = {k: generator.randint(1, int(instances.expanded(n, size))) for k, n in derivation.ranges.items()}
    return numeric.Point({**size, **free}, seed)


# Comparisons


def _wrong(comparison: Comparison, claimed: Any) -> tuple[tuple[str, ...], str, str]:
    """Which kind of check fails, with both sides of the first case that differs."""
    kind = "code" if comparison.code else "count"
    for case in comparison.cases:
        left, right = np.asarray(comparison.computed(case)), np.asarray(claimed(case))
        if left.shape != right.shape:
            return (kind,), f"{case}: shape {left.shape}", str(right.shape)
        for a, b in zip(left.flat, right.flat, strict=True):
            if not _same(a, b):
                return (kind,), f"{case}: {text(a)}", text(b)
    return (), "", ""


def _same(a: Any, b: Any) -> bool:
    if isinstance(a, sympy.Basic) or isinstance(b, sympy.Basic):
        return instances.is_zero(sympy.sympify(a) - sympy.sympify(b))
    return bool(a == b)
