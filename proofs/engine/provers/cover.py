"""Certified covers: the domain cut into boxes, in each of which ball arithmetic encloses the difference.

For inequalities that neither a certificate nor z3 shows, because functions such as Φ meet polynomials. Each box that is
not decided is halved; the enclosure is the better of the plain one and f(c) + f′(box)(box − c) (Tucker 2011). An
unbounded interval has tails, which ``tails`` bounds. What is enclosed is proved, as far as flint is right.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import sympy
from flint import arb

from ffn.numbers.ball import number, working_precision
from proofs.engine.notation import Partial
from proofs.engine.notation.calculus import differentiate
from proofs.engine.notation.functions import unfold
from proofs.engine.provers import numeric, tails
from proofs.engine.provers.numeric import Undecided
from proofs.engine.provers.point import Point

BITS = 128
BOXES = 4000  # looked at, at most, before it gives up
CUTS = (4, 8, 16, 32, 64)  # where a tail may begin
NOTHING = arb("nan")  # is neither positive nor 0
UNDECIDED = (Undecided, NotImplementedError)

Interval = tuple[Fraction | None, Fraction | None]  # None where it has no end
Box = Mapping[Any, tuple[Fraction, Fraction]]


@dataclass(frozen=True)
class _Over(Point):
    """A point whose symbols are balls."""

    indices: Mapping[Any, int] = field(default_factory=dict)
    seed: str = ""
    balls: Mapping[Any, arb] = field(default_factory=dict)

    def value(self, key: Any, symbol: Any) -> arb:
        if key not in self.balls:
            raise NotImplementedError
        return self.balls[key]


def proves(difference: Any, relation: str, domain: Mapping[Any, Interval]) -> bool:
    """Whether the difference is shown to be more than 0, or with the relation "≥" at least 0, on all of the domain."""
    try:
        shown = _carried_out(unfold(difference))
    except NotImplementedError:
        return False
    if shown.free_symbols - domain.keys():
        return False
    with working_precision(BITS):
        boxes = _bounded(shown, domain)
        return boxes is not None and _is_covered(_Difference.of(shown, tuple(domain)), relation, boxes)


def interval(variable: Any, facts: Sequence[Any]) -> Interval:
    """What the declaration of a variable, and the hypotheses that hold it against a number, leave of the reals."""
    low: Fraction | None = Fraction(0) if variable.is_nonnegative else None
    high: Fraction | None = None
    for fact in facts:
        bound = sympy.sympify(fact.right)
        if fact.over or fact.left != variable or not bound.is_Rational:
            continue
        at = Fraction(int(bound.p), int(bound.q))
        if fact.relation in (">", "≥", "="):
            low = at if low is None else max(low, at)
        if fact.relation in ("<", "≤", "="):
            high = at if high is None else min(high, at)
    return low, high


def _carried_out(e: Any) -> Any:
    """Without derivatives that are yet to be taken."""
    if isinstance(e, Partial):
        return differentiate(*map(_carried_out, e.args))
    return e if not e.args else e.func(*map(_carried_out, e.args))


def _bounded(difference: Any, domain: Mapping[Any, Interval]) -> Box | None:
    """The domain without its tails, once they are shown; None where they are not."""
    ended = {v: (low, high) for v, (low, high) in domain.items() if low is not None and high is not None}
    if len(ended) == len(domain):
        return ended
    if len(domain) != 1:
        return None  # a corner at infinity is not bounded here
    ((v, (low, high)),) = domain.items()
    left = Fraction(low) if low is not None else _tail(difference, v, -1)
    right = Fraction(high) if high is not None else _tail(difference, v, 1)
    return None if left is None or right is None else {v: (left, max(left, right))}


def _tail(difference: Any, v: Any, side: int) -> Fraction | None:
    """Where a tail begins on which the difference is positive."""
    return next((Fraction(side * cut) for cut in CUTS if tails.is_positive(difference, v, side, cut)), None)


@dataclass(frozen=True)
class _Difference:
    """An expression with its slopes, where it has them."""

    expr: Any
    slopes: Mapping[Any, Any]

    @staticmethod
    def of(expr: Any, variables: Sequence[Any]) -> _Difference:
        try:
            return _Difference(expr, {v: differentiate(expr, v) for v in variables})
        except (NotImplementedError, AttributeError):
            return _Difference(expr, {})

    def enclosures(self, box: Box) -> Iterator[arb]:
        """The plain one, then the mean-value form."""
        balls = {v: number(low).union(number(high)) for v, (low, high) in box.items()}
        yield _value(self.expr, balls)
        if not self.slopes:
            return
        middle = {v: number((low + high) / 2) for v, (low, high) in box.items()}
        moved = (_value(slope, balls) * (balls[v] - middle[v]) for v, slope in self.slopes.items())
        yield sum(moved, _value(self.expr, middle))


def _value(expr: Any, balls: Mapping[Any, arb]) -> arb:
    try:
        return numeric.evaluate(expr, _Over(balls=balls))
    except UNDECIDED:
        return NOTHING


def _is_covered(difference: _Difference, relation: str, whole: Box) -> bool:
    pending = [whole]
    for _ in range(BOXES):
        if not pending:
            return True
        box = pending.pop()
        if any({">": value > 0, "≥": value >= 0}[relation] for value in difference.enclosures(box)):
            continue
        if all(low == high for low, high in box.values()):
            return False
        pending += _halves(box)
    return False


def _halves(box: Box) -> list[Box]:
    widest = max(box, key=lambda v: box[v][1] - box[v][0])
    low, high = box[widest]
    middle = (low + high) / 2
    return [{**box, widest: (low, middle)}, {**box, widest: (middle, high)}]
