"""What goes into an operation and what comes out of it.

Exactness: sums, products and maxima of multiples of 2^g are multiples of a known power of two, and one below 2^(p + g)
is a number of p bits, so that nothing rounds, in whatever order.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ffn.admissible.formula.arithmetic import Arithmetic, smallest
from ffn.admissible.formula.operations.values import Condition, Cotangent, Enclosure, Value

INTERNAL = {"form", "hull", "beyond", "arrived"}  # of the methods those that no formula needs

Parents = Sequence[tuple[Value, Cotangent]]


class Core:
    """What every operation needs, on one kind of enclosures, in one arithmetic; without one, the truth alone.

    Args:
        kind: MidRad or Arbs.
        arithmetic: the error model; None for what the formula is in exact arithmetic.
        record: whether derivatives are kept.
    """

    def __init__(self, kind: Any, arithmetic: Arithmetic | None, record: bool = False) -> None:
        self.kind, self.arithmetic, self.record = kind, arithmetic, record
        self.every = arithmetic is not None and arithmetic.every
        self.going_back = False  # whether the backward pass is on its way
        self.repeated_stays = False  # whether the cotangents of what was repeated to fit are left as they are

    if TYPE_CHECKING:  # of the classes that build on this one
        add: Callable[..., Value]
        where: Callable[..., Value]

    def names(self) -> list[str]:
        """What there is, for who looks for something else."""
        parts = [part for part in type(self).__mro__ if part not in (Core, object)]
        found = {name for part in parts for name, what in vars(part).items() if callable(what)}
        return sorted(name for name in found - INTERNAL if not name.startswith("_"))

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(
            f"a formula has no xp.{name}; there is {', '.join(self.names())}; masks, ranges and constants are NumPy's"
        )

    pi, e, inf, newaxis = math.pi, math.e, math.inf, None

    # what goes in

    def given(self, values: Any) -> Value:
        """An argument of the formula, exactly; where subnormals are flushed, one may be read as 0."""
        values = np.asarray(values, dtype=np.float64)
        x = self.kind.exactly(values)
        if self.arithmetic is not None and self.arithmetic.storage.flushed:
            small = (np.abs(values) < self.arithmetic.storage.underflow) & (values != 0)
            if small.any():
                x = x.hull(self.kind.joined(lambda a, b: np.where(small, b, a), [x, self.kind.exactly(values * 0.0)]))
                return Value(
                    self,
                    x,
                    self._grid(values),
                    error=np.where(small, np.abs(values), 0),
                    place=("an argument", "an argument"),
                )
        return Value(self, x, self._grid(values), place=("an argument", "an argument"))

    def number(self, value: Any) -> Value:
        """An operand: a constant of more bits than a program can hold may be rounded to its precision, or be wider."""
        if isinstance(value, Value):
            return value
        if isinstance(value, Condition):
            return self.where(value, 1.0, 0.0)
        array = np.asarray(value)
        if array.dtype == object or array.dtype.kind in "cSUV":
            raise TypeError(f"{type(value).__name__} is nothing to compute with in a formula: numbers and arrays are")
        array = array.astype(np.float64)
        x, grid = self.kind.exactly(array), self._grid(array)
        if self.arithmetic is None:
            return Value(self, x)
        error = None
        held = self.arithmetic.holds(array)
        if not held.all():
            error = np.where(held, 0, self.arithmetic.constant(array))
            x, grid = x.widened(error), None
        return Value(self, x, grid, error=error, place=self._place("a constant"))

    def _grid(self, values: Any) -> int | None:
        """The largest g with multiples of 2^g alone, where that can matter."""
        if self.arithmetic is None:
            return None
        nonzero = values[np.isfinite(values) & (values != 0)]
        if nonzero.size == 0:
            return 900 if np.isfinite(values).all() else None
        fraction, exponent = np.frexp(nonzero)
        whole = (fraction * 2.0**53).astype(np.int64)
        lowest = np.frexp((whole & -whole).astype(np.float64))[1] - 1
        g = int((exponent - 53 + lowest).min())
        return g if np.abs(nonzero).min() < self._exact_below(g) else None

    def _exact_below(self, grid: int | None) -> float:
        """Up to which magnitude multiples of 2^grid are numbers of the precision: 0 alone where none is."""
        model = self.arithmetic
        if model is None or grid is None:
            return 0.0
        formats = (model.compute, model.accumulate, *([model.storage] if model.every else []))
        if grid < math.log2(max(map(smallest, formats))):
            return 0.0
        return 2.0 ** min(min(format.bits for format in formats) + grid, 1000)  # zeros are multiples of everything

    # what comes out

    def rounded(
        self,
        name: str,
        x: Enclosure,
        parents: Parents,
        grid: int | None = None,
        exact: Any = False,
        roundings: int = 1,
        stored: bool = False,
    ) -> Value:
        """The result of an operation that rounds so many times."""
        if self.arithmetic is None:
            return self.result(name, x, parents)
        before, after = self.arithmetic.rounded(x.magnitude(), exact, roundings, stored)
        return self.result(name, x, parents, grid, after, before)

    def result(
        self,
        name: str,
        x: Enclosure,
        parents: Parents = (),
        grid: int | None = None,
        error: Any = 0.0,
        before: Any = None,
    ) -> Value:
        """Everything within an error of x; ``before``: the part of the error that precedes a single rounding at the
        end."""
        place = self._place(name)
        if self.arithmetic is None:
            return Value(self, x, parents=parents, place=place)
        wide = x.widened(error)
        size, limit = wide.magnitude(), self.arithmetic.largest
        if not (size <= limit).all():
            wide = wide.known_where((size <= limit) | (np.isinf(size) & (wide.radius() == 0)))
        raw = (x, before) if before is not None and self.arithmetic.ends_in_storage else None
        return Value(self, wide, grid, raw, error if self.record else None, parents, place)

    def _place(self, name: str) -> tuple[str, str]:
        """The operation and the line of the formula that asked for it."""
        frame: Any = None if self.going_back else sys._getframe()
        while frame is not None and str(frame.f_globals.get("__name__")).startswith("ffn.admissible.formula."):
            frame = frame.f_back
        return (name, f"{frame.f_code.co_filename}:{frame.f_lineno}" if frame is not None else "")

    def _exact(self, grid: int | None, magnitude: Callable[[], Any]) -> Any:
        below = self._exact_below(grid)
        return magnitude() <= below if below > 0 else False

    def summed(
        self,
        name: str,
        x: Enclosure,
        magnitude: Any,
        terms: int,
        products: bool,
        exact: Any,
        grid: int | None,
        parents: Parents,
    ) -> Value:
        """A sum in the precision of accumulation, rounded to that of the operations where these differ."""
        model = self.arithmetic
        if model is None:
            return self.result(name, x, parents)
        error = model.added(magnitude, terms, products, exact)
        error = np.where(magnitude + error <= model.accumulate.largest, error, np.inf)  # on the way too, in any order
        if model.accumulate == model.compute and not model.every:
            found = self.result(name, x, parents, grid, error)
        else:
            before, after = model.rounded(x.magnitude() + error, exact)
            found = self.result(name, x, parents, grid, error + after, error + before)
        found.sums = (terms, magnitude)
        return found

    def total(self, terms: Sequence[Value]) -> Value:
        """The sum of several arrays, in any order, in the precision of the operations."""
        if len(terms) <= 2:
            return self.add(*terms) if len(terms) == 2 else terms[0]
        magnitude = sum(term.x.magnitude() for term in terms)
        grids = [term.grid for term in terms if term.grid is not None]
        grid = min(grids) if len(grids) == len(terms) else None
        exact, x = self._exact(grid, lambda: magnitude), terms[0].x
        for term in terms[1:]:
            x = x.add(term.x, exact)
        parents = [(term, lambda g: g) for term in terms]
        if self.arithmetic is None:
            return self.result("a sum", x, parents)
        error = (len(terms) - 1) * self.arithmetic.rounded(magnitude, exact)[1]
        return self.result("a sum", x, parents, grid, error)
