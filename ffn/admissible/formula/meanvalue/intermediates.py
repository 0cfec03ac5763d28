"""Sums and matrix products on the way narrowed as outputs are, so that what follows starts from less.

In a long formula the enclosures grow with every operation, and with them the derivatives that the mean value theorem
needs. Each sum on the way is an output of what comes before it: its own bound by the theorem, around its true value,
holds for every later operation.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ffn.admissible.formula.arithmetic import Arithmetic
from ffn.admissible.formula.meanvalue.radii import PAYS, radii
from ffn.admissible.formula.operations.forms import Namespace
from ffn.admissible.formula.operations.values import Enclosure, Value

SUMS = ("a sum", "a matrix product")


class Truths(Namespace):
    """Without rounding: keeps the true value of every operation.

    Args:
        kind: MidRad or Arbs.
    """

    def __init__(self, kind: Any) -> None:
        super().__init__(kind, None, record=True)
        self.kept: list[Value] = []

    def result(self, name: str, x: Enclosure, *rest: Any, **options: Any) -> Value:
        found = super().result(name, x, *rest, **options)
        self.kept.append(found)
        return found


class Narrowing(Namespace):
    """Narrows each sum on its way.

    Args:
        kept: the true values, in the order of the operations.
        most: entries that may be visited for each.
    """

    def __init__(self, kind: Any, arithmetic: Arithmetic, kept: list[Value], most: float) -> None:
        super().__init__(kind, arithmetic, record=True)
        self.kept, self.most, self.done = kept, most, 0

    def result(self, name: str, x: Enclosure, *rest: Any, **options: Any) -> Value:
        found = super().result(name, x, *rest, **options)
        if self.arithmetic is None:  # a derivative, of which nothing is kept
            return found
        true = self.kept[self.done] if self.done < len(self.kept) else found
        self.done += 1
        if true is found or (true.place, true.shape) != (found.place, found.shape):
            self.kept = []  # another operation than without rounding: nothing further is narrowed
        elif name in SUMS:
            self._narrow(found, true.x)
        return found

    def _narrow(self, value: Value, truth: Enclosure) -> None:
        radius = value.x.radius()
        wanted = np.isfinite(radius) & (radius > 0)
        moved = radii(self, value, wanted, self.most, PAYS) if wanted.any() else None
        if moved is None:
            return
        other = truth.widened(moved + value.error)
        narrower = other.radius() < radius
        value.x = self.kind.joined(lambda a, b: np.where(narrower, a, b), [other, value.x])
        value.raw = None
