"""How derivations are written: sums over fresh indices, unevaluated partial derivatives, an arbitrary activation."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

import sympy
from sympy import Dummy, Expr, IndexedBase, Symbol
from sympy.printing.str import StrPrinter

from proofs.engine.notation.functions import (  # the notation of derivations in one place
    Arbitrary,
    f,
    f1,
    f2,
    g,
    g1,
    g2,
    gelu,
    hard_tanh,
    phi,
    relu,
    sigmoid,
    silu,
    softplus,
    tent_map,
)
from proofs.engine.notation.indices import fresh, fresh_ones, paired, summed
from proofs.engine.notation.layers import TIME

__all__ = [
    "Arbitrary",
    "Partial",
    "array",
    "arrays",
    "dimension",
    "f",
    "f1",
    "f2",
    "g",
    "g1",
    "g2",
    "gelu",
    "hard_tanh",
    "index",
    "natural",
    "phi",
    "positives",
    "reals",
    "relu",
    "sigmoid",
    "silu",
    "softplus",
    "tent_map",
    "text",
    "total",
    "total_over",
]


def dimension(name: str) -> Symbol:
    """A dimension: a whole number from 1 up."""
    return Symbol(name, integer=True, positive=True)


def natural(name: str) -> Symbol:
    """A whole number from 0 up."""
    return Symbol(name, integer=True, nonnegative=True)


def index(name: str) -> Symbol:
    """A free index; a derivation says which dimension it ranges over."""
    return Symbol(name, integer=True, positive=True)


def reals(names: str) -> tuple[Symbol, ...]:
    return tuple(Symbol(name, real=True) for name in names.split())


def positives(names: str) -> tuple[Symbol, ...]:
    return tuple(Symbol(name, positive=True) for name in names.split())


def arrays(names: str, **assumptions: bool) -> tuple[IndexedBase, ...]:
    """Arrays of real entries, or of entries with other assumptions such as ``positive=True``."""
    return tuple(IndexedBase(name, **(assumptions or {"real": True})) for name in names.split())


def array(name: str, *shape: Any, **assumptions: bool) -> IndexedBase:
    """An array of a declared shape; a dimension ``oo`` is a sequence without an end."""
    return IndexedBase(name, shape=shape, **(assumptions or {"real": True}))


def total(body: Callable[..., Any], *dimensions: Any) -> Expr:
    """Σ of ``body`` over as many fresh indices as it has parameters, each from 1 to its dimension."""
    indices = [fresh(name) for name in inspect.signature(body).parameters]
    return summed(body(*indices), paired(indices, dimensions))


def total_over(body: Any, over: Mapping[Any, Any]) -> Any:
    """Σ of ``body`` over free indices, each from 1 to its dimension."""
    own = fresh_ones(over)
    return summed(sympy.sympify(body).xreplace(own), {own[i]: n for i, n in over.items()})


class Partial(Expr):  # type: ignore[misc]
    """∂f/∂v, not carried out: each check has its own way to the derivative.

    ``v`` is a symbol, ``layers.TIME`` or an entry of an array, whose indices may be bound outside.
    """

    is_commutative = True
    is_real = True

    def __new__(cls, f: Any, v: Any) -> Any:
        return Expr.__new__(cls, sympy.sympify(f), sympy.sympify(v))

    def _sympystr(self, printer: Any) -> str:
        f, v = self.args
        return f"{self.sign}[{printer.doprint(f)}]/{self.sign}{printer.doprint(v)}"

    @property
    def sign(self) -> str:
        """d where everything may move."""
        return "d" if self.args[1] == TIME else "∂"


class _Plain(StrPrinter):  # type: ignore[misc]
    """sympy's text with bound indices written as their names."""

    def _print_Dummy(self, expr: Dummy) -> str:
        return str(expr.name)


def text(expr: Any) -> str:
    """One line for a person to read."""
    return str(_Plain().doprint(expr))
