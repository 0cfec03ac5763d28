"""Indices: those of a sum are bound, and each sum has its own.

sympy captures bound indices: ``Sum(x[i]*x[k], (i, 1, n)).subs(k, i)`` is Σ xᵢ². So every sum made here has an index of
its own, a ``Dummy`` that no other expression can contain.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sympy import Dummy, Sum


def fresh(name: str) -> Dummy:
    """A bound index that is printed with this name."""
    return Dummy(name, integer=True, positive=True)


def fresh_ones(indices: Iterable[Any]) -> dict[Any, Dummy]:
    """A bound index for each of these, under its name."""
    return {i: fresh(i.name) for i in indices}


def paired(keys: Iterable[Any], values: Iterable[Any]) -> dict[Any, Any]:
    """Each key with its value, of which there are as many."""
    return dict(zip(keys, values, strict=True))


def summed(body: Any, over: Mapping[Any, Any]) -> Any:
    """Σ of the body over indices, each from 1 to its dimension."""
    return Sum(body, *((i, 1, n) for i, n in over.items())) if over else body
