"""Functions with a name, functions that are arbitrary, and sequences that a recursion defines."""

from __future__ import annotations

from typing import Any

import sympy
from sympy import Expr, Function

from proofs.engine.notation.layers import OfVector


class Named(Function):  # type: ignore[misc]
    """A function that is printed by its name and replaced by its definition in every check."""

    is_real = True
    symbol = ""  # LaTeX

    @classmethod
    def definition(cls, at: Any) -> Any:
        """What it stands for."""
        raise NotImplementedError


class sigmoid(Named):
    """σ(z) = 1/(1 + e^-z)."""

    symbol = r"\sigma"

    @classmethod
    def definition(cls, at: Any) -> Any:
        return 1 / (1 + sympy.exp(-at))


class softplus(Named):
    """log(1 + e^z)."""

    symbol = r"\operatorname{softplus}"

    @classmethod
    def definition(cls, at: Any) -> Any:
        return sympy.log(1 + sympy.exp(at))


class relu(Named):
    """max(z, 0), written as (z + |z|)/2."""

    symbol = r"\operatorname{relu}"

    @classmethod
    def definition(cls, at: Any) -> Any:
        return (at + sympy.Abs(at)) / 2


class silu(Named):
    """z σ(z)."""

    symbol = r"\operatorname{silu}"

    @classmethod
    def definition(cls, at: Any) -> Any:
        return at * sigmoid(at)


class gelu(Named):
    """z Φ(z), Φ the normal distribution function (1 + erf(z/√2))/2."""

    symbol = r"\operatorname{gelu}"

    @classmethod
    def definition(cls, at: Any) -> Any:
        return at * (1 + sympy.erf(at / sympy.sqrt(2))) / 2


class hard_tanh(Named):
    """z between −1 and 1, and clipped to them beyond: (|z + 1| − |z − 1|)/2."""

    symbol = r"\operatorname{hardtanh}"

    @classmethod
    def definition(cls, at: Any) -> Any:
        return (sympy.Abs(at + 1) - sympy.Abs(at - 1)) / 2


class Recursive(Function):  # type: ignore[misc]
    """A sequence s_0, s_1, …, whose first argument is the place: a symbol, a number or a symbol and a number."""

    is_real = True
    symbol = ""

    @classmethod
    def start(cls, *arguments: Any) -> Any:
        """s_0."""
        raise NotImplementedError

    @classmethod
    def following(cls, before: Any, *arguments: Any) -> Any:
        """s_(m+1) from s_m."""
        raise NotImplementedError

    def unfolded(self) -> Any:
        """One step of the recursion, where the place is known to be at the start or beyond it; else itself."""
        place, *arguments = self.args
        if place == 0:
            return self.start(*arguments)
        beyond = place.as_coeff_Add()[0]
        return self.following(self.func(place - 1, *arguments), *arguments) if beyond >= 1 else self


class tent_map(Recursive):
    """T^(m) is the tent map T(t) = 1 − 2|t − ½|, composed m times."""

    symbol = r"T"

    @classmethod
    def start(cls, *arguments: Any) -> Any:
        return arguments[0]

    @classmethod
    def following(cls, before: Any, *arguments: Any) -> Any:
        return 1 - 2 * sympy.Abs(before - sympy.Rational(1, 2))


def unfold(expr: Any) -> Any:
    """The expression with every named function, and every step of a recursion, replaced by its definition."""
    e = sympy.sympify(expr)
    if not e.has(Named, Recursive, OfVector):
        return e
    if isinstance(e, Named):
        return unfold(e.definition(*e.args))
    if isinstance(e, (Recursive, OfVector)):
        once = e.unfolded()
        return e.func(*map(unfold, e.args)) if once == e else unfold(once)
    return e.func(*map(unfold, e.args))


class phi_slope(Function):  # type: ignore[misc]
    """What a derivative of φ becomes: nothing is known of it, and no page may have it."""

    is_real = True


class phi(Function):  # type: ignore[misc]
    """φ: an arbitrary convex function of a real number, which may have kinks (``declared.CONVEX``)."""

    is_real = True

    def fdiff(self, *_: int) -> Expr:
        return phi_slope(*self.args)


class Arbitrary(Function):  # type: ignore[misc]
    """An arbitrary smooth function of one variable; ``slope`` is its derivative."""

    slope: type[Function]
    is_real = True

    def fdiff(self, *_: int) -> Expr:
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
