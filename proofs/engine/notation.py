"""How derivations are written: sums over fresh indices, unevaluated partial derivatives, an arbitrary activation.

sympy captures bound indices: ``Sum(x[i]*x[k], (i, 1, n)).subs(k, i)`` is Σ xᵢ². So every sum made here has an index of
its own, a ``Dummy`` that no other expression can contain.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import sympy
from sympy import Dummy, Expr, Function, IndexedBase, Sum, Symbol
from sympy.printing.str import StrPrinter


def dimension(name: str) -> Symbol:
    """A dimension: a whole number from 1 up."""
    return Symbol(name, integer=True, positive=True)


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


def total(body: Callable[..., Any], *dimensions: Any) -> Expr:
    """Σ of ``body`` over as many fresh indices as it has parameters, each from 1 to its dimension."""
    names = list(inspect.signature(body).parameters)
    indices = [Dummy(name, integer=True, positive=True) for name in names]
    return Sum(body(*indices), *((i, 1, n) for i, n in zip(indices, dimensions, strict=True)))


class Partial(Expr):  # type: ignore[misc]
    """∂f/∂v, not carried out: each check has its own way to the derivative.

    ``v`` is a symbol or an entry of an array, whose indices may be bound outside.
    """

    is_commutative = True
    is_real = True

    def __new__(cls, f: Any, v: Any) -> Any:
        return Expr.__new__(cls, sympy.sympify(f), sympy.sympify(v))

    def _sympystr(self, printer: Any) -> str:
        f, v = self.args
        return f"∂[{printer.doprint(f)}]/∂{printer.doprint(v)}"


class Arbitrary(Function):  # type: ignore[misc]
    """An arbitrary smooth function of one variable; ``slope`` is its derivative."""

    slope: type[Function]
    is_real = True

    def fdiff(self, argindex: int = 1) -> Expr:
        return self.slope(*self.args)


class g2(Arbitrary):
    """g″: the derivative of g′."""


class g1(Arbitrary):
    """g′: the derivative of g."""

    slope = g2


class g(Arbitrary):
    """g: an arbitrary activation."""

    slope = g1


class f2(Arbitrary):
    """f″: the derivative of f′."""


class f1(Arbitrary):
    """f′: the derivative of f."""

    slope = f2


class f(Arbitrary):
    """f: another arbitrary function."""

    slope = f1


def sigmoid(z: Any) -> Expr:
    """σ(z) = 1/(1 + e^-z)."""
    return 1 / (1 + sympy.exp(-z))


def softplus(z: Any) -> Expr:
    """log(1 + e^z)."""
    return sympy.log(1 + sympy.exp(z))


def relu(z: Any) -> Expr:
    """max(z, 0), written as (z + |z|)/2."""
    return (z + sympy.Abs(z)) / 2


class _Plain(StrPrinter):  # type: ignore[misc]
    """sympy's text with bound indices written as their names."""

    def _print_Dummy(self, expr: Dummy) -> str:
        return str(expr.name)


def text(expr: Any) -> str:
    """One line for a person to read."""
    return str(_Plain().doprint(expr))
