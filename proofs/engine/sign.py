"""Signs that can be read off the structure of an expression: how a certificate of an inequality is checked.

Sums and products of squares, exponentials, absolute values and positive symbols, and three classical inequalities:
1 − e^-d ≥ 0 for d ≥ 0, δ ≤ 1, and u − 1 − log u ≥ 0 (proved in its own derivation).
"""

from __future__ import annotations

from typing import Any

import sympy
from sympy import KroneckerDelta, Pow, Sum


def nonnegative(e: Any) -> bool:
    """Whether the expression is at least 0 by its structure; every symbol and entry is real."""
    if e.is_Number or e.is_Symbol or isinstance(e, sympy.Indexed):
        return bool(e.is_nonnegative)
    if isinstance(e, (sympy.Abs, KroneckerDelta)) or positive(e):
        return True
    if isinstance(e, Pow):
        return _is_even(e.exp) or nonnegative(e.base)
    if isinstance(e, Sum):
        return nonnegative(e.function)
    if isinstance(e, sympy.log):
        return nonnegative(_minus_one(e.args[0]))
    if e.is_Mul:
        return all(map(nonnegative, e.args))
    return bool(e.is_Add) and (all(map(nonnegative, e.args)) or _is_classical(e))


def positive(e: Any) -> bool:
    """Whether the expression is more than 0 by its structure."""
    if e.is_Number or e.is_Symbol or e.is_NumberSymbol or isinstance(e, sympy.Indexed):
        return bool(e.is_positive)
    if isinstance(e, sympy.exp):
        return True
    if isinstance(e, Pow):
        return positive(e.base)
    if isinstance(e, Sum):
        return positive(e.function) and all(low == 1 and high.is_positive for _, low, high in e.limits)
    if isinstance(e, sympy.log):
        return positive(_minus_one(e.args[0]))
    if e.is_Mul:
        return all(map(positive, e.args))
    return bool(e.is_Add) and all(map(nonnegative, e.args)) and any(map(positive, e.args))


def _minus_one(e: Any) -> Any:
    """e − 1, with the 1 taken out of a sum that has one: log(1 + t) has the sign of t."""
    return sympy.Add(*e.args, -1) if e.is_Add else e - 1


def _is_even(exponent: Any) -> bool:
    return bool(exponent.is_Integer and exponent % 2 == 0)


def _is_classical(e: Any) -> bool:
    return _is_one_minus_decay(e) or _is_one_minus_delta(e) or _is_above_logarithm(e)


def _is_one_minus_decay(e: Any) -> bool:
    rest = 1 - e
    return isinstance(rest, sympy.exp) and nonnegative(-rest.args[0])


def _is_one_minus_delta(e: Any) -> bool:
    return isinstance(1 - e, KroneckerDelta)


def _is_above_logarithm(e: Any) -> bool:
    """u − 1 − log u for a positive u."""
    logs = [-term for term in e.args if isinstance(-term, sympy.log)]
    return len(logs) == 1 and positive(logs[0].args[0]) and sympy.expand(e + logs[0] - logs[0].args[0] + 1) == 0
