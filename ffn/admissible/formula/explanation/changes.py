"""Which change of the formula, or of the precision, gives the numbers that were computed.

Each operation of the formula is left out or altered in turn, without rounding, and the result compared with the answer.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from itertools import count
from time import process_time
from typing import Any

import numpy as np

from ffn.admissible.formula.evaluation import Question
from ffn.admissible.formula.explanation.patterns import by_chance
from ffn.admissible.formula.explanation.roundings import where
from ffn.admissible.formula.membership.judgement import Judgement
from ffn.admissible.formula.operations.forms import Namespace
from ffn.admissible.formula.operations.values import Value, enclosures

SAME, TINY = 1 + 1e-6, 2.0**-1022
GIVES = "the formula gives"
OPERATIONS = 60  # of a formula, that are changed

Alter = Callable[..., Any]

CHANGES: dict[str, dict[str, Alter]] = {
    "add": {
        "without its first term": lambda xp, a, b: b,
        "without its second term": lambda xp, a, b: a,
        "as a difference": lambda xp, a, b: xp.subtract(a, b),
    },
    "subtract": {"without what is subtracted": lambda xp, a, b: a, "as a sum": lambda xp, a, b: xp.add(a, b)},
    "multiply": {
        "without its first factor": lambda xp, a, b: b,
        "without its second factor": lambda xp, a, b: a,
    },
    "divide": {"without the divisor": lambda xp, a, b: a, "as a product": lambda xp, a, b: xp.multiply(a, b)},
    "mean": {
        "as a sum": lambda xp, a, *r, **k: xp.sum(a, *r, **k),
        "with n − 1 for n": lambda xp, a, *r, **k: _less(xp, a, *r, **k),
    },
    "sum": {"as a mean": lambda xp, a, *r, **k: xp.mean(a, *r, **k)},
    "pow": {"without its power": lambda xp, a, power: a},
    "sqrt": {"without the root": lambda xp, a: a},
    "rsqrt": {"without the root": lambda xp, a: xp.divide(1, a)},
    "negative": {"without the minus": lambda xp, a: a},
    "maximum": {"as its first argument": lambda xp, a, b: a, "as its second argument": lambda xp, a, b: b},
    "minimum": {"as its first argument": lambda xp, a, b: a, "as its second argument": lambda xp, a, b: b},
    "where": {"as if its condition held": lambda xp, c, a, b: a, "as if it did not hold": lambda xp, c, a, b: b},
    "matrix_transpose": {"not transposed": lambda xp, a: a},
}
STOPPED = "with nothing differentiated through it"


def _less(xp: Any, a: Any, *rest: Any, **options: Any) -> Any:
    mean = xp.mean(a, *rest, **options)
    n = a.size // mean.size
    return xp.multiply(mean, n / (n - 1))  # of one entry an exception, as of any change that does not fit


class Changed(Namespace):
    """A namespace in which one operation is another.

    Args:
        target: which one, counted as the formula asks for them.
        change: which of its changes.
    """

    def __init__(self, kind: Any, record: bool, target: int, change: int) -> None:
        super().__init__(kind, None, record)
        self.target, self.change = target, change
        self.count = self.inside = 0
        self.what: tuple[str, str, str] | None = None

    def altered(self, name: str, *arguments: Any, **options: Any) -> Any:
        plain = getattr(super(), name)
        if self.inside:  # an operation made of others counts once
            return plain(*arguments, **options)
        self.inside += 1
        try:
            self.count += 1
            if self.count - 1 != self.target:
                return plain(*arguments, **options)
            changes = [*CHANGES[name].items(), *([(STOPPED, None)] if self.record else [])]
            if self.change >= len(changes):
                return plain(*arguments, **options)
            label, alter = changes[self.change]
            self.what = (name, label, self._place(name)[1])
            if alter is None:
                return self.stop_gradient(plain(*arguments, **options))
            return self.number(alter(self, *arguments, **options))
        finally:
            self.inside -= 1


def _method(name: str) -> Callable[..., Any]:
    return lambda self, *arguments, **options: self.altered(name, *arguments, **options)


for _name in CHANGES:
    setattr(Changed, _name, _method(_name))


def changed(judgement: Judgement, question: Question, deadline: float) -> Iterator[str]:
    """The change of the formula that comes nearest to the answer, in words, or two where both come near; and what was
    not tried.

    Args:
        deadline: of ``process_time``, after which no further operation is changed.
    """
    if by_chance(judgement.size, judgement.resolution()):
        return
    if not all(np.isfinite(each.computed[each.known]).all() for each in judgement.arrays):
        return
    tries = Tries(judgement, question, deadline)
    found = sorted(tries, key=lambda each: each[0])
    # One that gives the numbers of the first too is the same change, written otherwise.
    nearest = max(found[0][0], TINY) if found else TINY
    names = [name for i, (distance, name) in enumerate(found) if not i or SAME < distance / nearest <= 2]
    if names:
        what = "these numbers" if len(names) == 1 else "such numbers"
        yield f"{GIVES} {what} with {' or '.join(names[:2])}"
    if tries.stopped is not None:
        some = f"were tried for its first {tries.stopped} operations alone" if tries.stopped else "took too long to try"
        yield f"changes of the formula {some}"


class Tries:
    """The changes that give the answer, with how far from it they are.

    Attributes:
        stopped: after how many operations the time was up, or there were too many; None where all were tried.
    """

    def __init__(self, judgement: Judgement, question: Question, deadline: float) -> None:
        self.judgement, self.question, self.deadline = judgement, question, deadline
        self.stopped: int | None = None

    def __iter__(self) -> Iterator[tuple[float, str]]:
        kind = enclosures(self.question.arithmetic.storage.name)
        for target in range(OPERATIONS + 1):
            for change in count():
                xp = Changed(kind, self.question.cotangents is not None, target, change)
                if target == OPERATIONS or process_time() > self.deadline:
                    self.stopped = target
                    return
                try:
                    values = self.question.evaluate(xp)
                except Exception:  # an operation left out may leave shapes that do not fit
                    values = []
                if xp.count <= target and xp.what is None and values:
                    return
                if xp.what is None:
                    break
                distance = _distance(self.judgement, values) if values else math.inf
                if distance < math.inf:
                    name, label, place = xp.what
                    yield distance, f"`{name}` {label}{where(place, ', ')}"


def _distance(judgement: Judgement, values: list[Value]) -> float:
    """How far the true values of a changed formula are from those computed, where they are these to within the width of
    the set; infinite where they are not.

    Where the answer is outside they have to be at least twice as near to it as those of the formula, so that a change
    that hardly changes anything explains nothing.
    """
    before = after = 0.0
    for compared, value in zip(judgement.arrays, values, strict=True):
        if value.shape != compared.computed.shape:
            return math.inf
        there = compared.decided & np.isfinite(compared.computed)
        true, computed, changed_to = compared.part.middle[there], compared.computed[there], value.x.middle()[there]
        share = compared.resolution[there]
        finite = np.isfinite(share)
        share = np.where(finite, share, np.median(share[finite]) if finite.any() else 0)
        if not (np.abs(computed - changed_to) <= share * np.maximum(np.abs(changed_to), np.abs(true))).all():
            return math.inf
        out = compared.out[there]
        before += float(np.abs(computed - true)[out].sum())
        after += float(np.abs(computed - changed_to)[out].sum())
    return after if after <= before / 2 else math.inf
