"""Points of a declared domain: random ones, its corners, and far out."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import lru_cache
from typing import Any

import sympy
from flint import arb
from sympy import Indexed

from ffn.numbers.ball import number
from proofs.engine.notation.layers import velocity


@dataclass(frozen=True)
class Point:
    """Sizes of the dimensions, values of the indices, and a rational for every symbol and entry that is asked for.

    A value follows from the seed and the name alone, so that it is the same wherever an expression is evaluated.
    """

    indices: Mapping[Any, int]
    seed: str
    shifts: Mapping[Any, Fraction] = field(default_factory=dict)
    style: str = "ordinary"
    fixed: Mapping[Any, Any] = field(default_factory=dict)  # numbers, or functions of an entry's indices
    time: Fraction = Fraction(0)  # since when every entry moves at its velocity
    values: dict[Any, arb] = field(default_factory=dict, init=False, compare=False)  # of whole expressions, once asked

    def rational(self, key: Any, symbol: Any) -> Fraction:
        """From −2 to 2, above or from 0 where the symbol is; at a corner a round number, or a large or tiny one."""
        if (name := key[0] if isinstance(key, tuple) else key) in self.fixed:
            value = self.fixed[name]
            return Fraction(value(*key[1:])) if callable(value) else value
        return _drawn(self.seed, self.style, key, symbol)

    def value(self, key: Any, symbol: Any) -> arb:
        return number(self.rational(key, symbol) + self.shifts.get(key, 0) + self._way(key, symbol))

    def _way(self, key: Any, symbol: Any) -> Fraction:
        """How far an entry has moved."""
        if not self.time or not isinstance(symbol, Indexed) or symbol.is_integer:
            return Fraction(0)
        base = velocity(symbol.base)
        return self.time * self.rational((base, *key[1:]), base[symbol.indices])

    def bound(self, indices: Mapping[Any, int]) -> Point:
        return replace(self, indices={**self.indices, **indices})

    def moved(self, key: Any, by: Fraction) -> Point:
        return replace(self, shifts={**self.shifts, key: self.shifts.get(key, 0) + by})

    def later(self, by: Fraction) -> Point:
        return replace(self, time=self.time + by)

    def names(self, exprs: tuple[Any, ...]) -> str:
        """Where it is: the sizes, indices and values of what occurs in the expressions, for a person to read."""
        symbols = sorted(set().union(*(sympy.sympify(e).free_symbols for e in exprs)), key=str)
        shown = [
            f"{s} = {self.indices[s] if s in self.indices else self.rational(s, s)}"
            for s in symbols
            if s in self.indices or (s.is_Symbol and not _is_label(s, exprs))
        ]
        return ", ".join(shown)


@lru_cache(maxsize=4096)
def _drawn(seed: str, style: str, key: Any, symbol: Any) -> Fraction:
    generator = random.Random(f"{seed} {key}")
    if symbol.is_integer:
        return Fraction(generator.randint(1, 3))  # a width
    if style != "ordinary":
        kind = "positive" if symbol.is_positive else "nonnegative" if symbol.is_nonnegative else "real"
        return generator.choice(CORNERS[style][kind])
    low = 1 if symbol.is_positive else 0 if symbol.is_nonnegative else -24
    return Fraction(generator.randint(low, 24), 12)


def _fractions(*values: int | str) -> tuple[Fraction, ...]:
    return tuple(Fraction(value) for value in values)


# What a corner of the declared domain is: its boundary and round numbers, or what is large and tiny.
CORNERS = {
    "corner": {
        "real": _fractions(-1, 0, 1, 2, "1/2", "-1/2"),
        "nonnegative": _fractions(0, 1, "1/1000"),
        "positive": _fractions(1, 2, "1/1000"),
    },
    "extreme": {
        "real": _fractions(-30, 30, "-1/50", 12),
        "nonnegative": _fractions(30, "1/50", 100),
        "positive": _fractions(30, "1/50", 100),
    },
    "huge": {
        "real": _fractions(-(10**12), 10**12),
        "nonnegative": _fractions(10**12, "1/1000000000000"),
        "positive": _fractions(10**12, "1/1000000000000"),
    },
}


def _is_label(symbol: Any, exprs: tuple[Any, ...]) -> bool:
    """Whether it is the name of an array."""
    bases = set().union(*(sympy.sympify(e).atoms(Indexed) for e in exprs))
    return symbol in {entry.base.label for entry in bases}
