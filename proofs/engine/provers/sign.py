"""Signs that can be read off the structure of an expression: how a certificate of an inequality is checked.

Sums and products of squares, exponentials, absolute values, positive symbols and what a hypothesis says is positive;
and three facts: δ ≤ 1, and 1 − e^-d ≥ 0 for d ≥ 0 and u − 1 − log u ≥ 0, which the derivation "log u ≤ u − 1" proves
without them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sympy
from sympy import Indexed, KroneckerDelta, Pow, Sum

from proofs.engine.notation.functions import unfold


@dataclass(frozen=True)
class Known:
    """A hypothesis: the expression is at least 0, or more where ``strict``, for every value of the ``indices``."""

    expr: Any
    strict: bool
    indices: tuple[Any, ...] = ()


def nonnegative(e: Any, known: Sequence[Known] = ()) -> bool:
    """Whether the expression is at least 0 by its structure; every symbol and entry is real."""
    return _Signs(tuple(known)).nonnegative(unfold(e))


def positive(e: Any, known: Sequence[Known] = ()) -> bool:
    """Whether the expression is more than 0 by its structure."""
    return _Signs(tuple(known)).positive(unfold(e))


@dataclass(frozen=True)
class _Signs:
    known: tuple[Known, ...]

    def nonnegative(self, e: Any) -> bool:
        if self._is_known(e, strict=False) or self.positive(e):
            return True
        if e.is_Number or e.is_Symbol or isinstance(e, Indexed):
            return bool(e.is_nonnegative)
        if isinstance(e, (sympy.Abs, KroneckerDelta)):
            return True
        if isinstance(e, Pow):
            return _is_even(e.exp) or self.nonnegative(e.base)
        if isinstance(e, Sum):
            return self.nonnegative(e.function)
        if isinstance(e, sympy.log):
            return self.nonnegative(_minus_one(e.args[0]))
        if e.is_Mul:
            return all(map(self.nonnegative, e.args))
        return bool(e.is_Add) and (all(map(self.nonnegative, e.args)) or self._is_classical(e))

    def positive(self, e: Any) -> bool:
        if self._is_known(e, strict=True):
            return True
        if e.is_Number or e.is_Symbol or e.is_NumberSymbol or isinstance(e, Indexed):
            return bool(e.is_positive)
        if isinstance(e, sympy.exp):
            return True
        if isinstance(e, Pow):
            return self.positive(e.base)
        if isinstance(e, Sum):
            return self.positive(e.function) and all((high - low).is_nonnegative for _, low, high in e.limits)
        if isinstance(e, sympy.log):
            return self.positive(_minus_one(e.args[0]))
        if e.is_Mul:
            return all(map(self.positive, e.args))
        return bool(e.is_Add) and all(map(self.nonnegative, e.args)) and any(map(self.positive, e.args))

    def _is_known(self, e: Any, strict: bool) -> bool:
        return any(
            (fact.strict or not strict) and any(_same_sign(e, shown) for shown in _instances(fact, e))
            for fact in self.known
        )

    def _is_classical(self, e: Any) -> bool:
        return self._is_one_minus_decay(e) or isinstance(1 - e, KroneckerDelta) or self._is_above_logarithm(e)

    def _is_one_minus_decay(self, e: Any) -> bool:
        rest = 1 - e
        return isinstance(rest, sympy.exp) and self.nonnegative(-rest.args[0])

    def _is_above_logarithm(self, e: Any) -> bool:
        """u − 1 − log u for a positive u."""
        logs = [-term for term in e.args if isinstance(-term, sympy.log)]
        if len(logs) != 1 or not self.positive(logs[0].args[0]):
            return False
        return bool(sympy.expand(e + logs[0] - logs[0].args[0] + 1) == 0)


def _instances(fact: Known, e: Any) -> Iterator[Any]:
    """The hypothesis at the indices that occur in the expression."""
    if not fact.indices:
        yield fact.expr
        return
    (index,) = fact.indices
    for place in {i for entry in e.atoms(Indexed) for i in entry.indices}:
        yield fact.expr.xreplace({index: place})


def _same_sign(e: Any, shown: Any) -> bool:
    """Whether one is a positive number times the other."""
    ratio = sympy.expand(e).as_content_primitive()[1] - sympy.expand(shown).as_content_primitive()[1]
    return bool(sympy.expand(ratio) == 0)


def _minus_one(e: Any) -> Any:
    """e − 1, with the 1 taken out of a sum that has one: log(1 + t) has the sign of t."""
    return sympy.Add(*e.args, -1) if e.is_Add else e - 1


def _is_even(exponent: Any) -> bool:
    return bool(exponent.is_Integer and exponent % 2 == 0)
