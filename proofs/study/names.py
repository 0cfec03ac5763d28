"""Sums under a name of their own, so that a reader sees at once that they are the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from itertools import product
from typing import Any

import sympy
from sympy import Indexed, Sum

from proofs.engine.derivation import Cover, Derivation, Valley
from proofs.engine.notation import text


def named(value: Any, derivation: Derivation) -> Any:
    """An expression, or what shows a sign, with the derivation's names for the sums in it."""
    if isinstance(value, Valley):
        return replace(value, product=named(value.product, derivation), bottom=named(value.bottom, derivation))
    if isinstance(value, Cover):
        return value
    shown = sympy.sympify(value)
    for name, meaning in meanings(derivation.names):
        shown = _with(shown, name, meaning)
    return shown


def meanings(names: Mapping[Any, Any]) -> Iterator[tuple[Any, Any]]:
    """The names with what they stand for, written with the names before them."""
    before: list[tuple[Any, Any]] = []
    for name, meaning in names.items():
        for earlier, sum_of in before:
            meaning = _with(meaning, earlier, sum_of)
        before.append((name, meaning))
        yield name, meaning


def _with(expr: Any, name: Any, meaning: Any) -> Any:
    if not expr.has(Sum):
        return expr
    return expr.replace(
        lambda node: isinstance(node, Sum) and bool(_as(node, name, meaning)), lambda node: _as(node, name, meaning)
    )


@cache  # a sum is met on several pages, and in several steps of each
def _as(node: Any, name: Any, meaning: Any) -> Any:
    """The name for a sum, at the indices at which it is what the name stands for; None where it is another sum."""
    if not isinstance(name, Indexed):
        return name if _same(node, meaning) else None
    places = sorted({i for entry in node.atoms(Indexed) for i in entry.indices}, key=str)
    tried = (dict(zip(name.indices, at, strict=True)) for at in product(places, repeat=len(name.indices)))
    return next((name.xreplace(at) for at in tried if _same(node, meaning.xreplace(at))), None)


def _same(one: Any, other: Any) -> bool:
    """Whether two sums are the same but for the indices that they run over."""
    # Not entries, which are free symbols too: their index differs.
    symbols = [{s for s in each.free_symbols if s.is_Symbol} for each in (one, other)]
    if symbols[0] != symbols[1] or len(one.limits) != len(other.limits):
        return False
    alike = one.func(one.function, *one.limits).xreplace(dict(zip(one.bound_symbols, other.bound_symbols, strict=True)))
    return text(alike) == text(other)
