"""Expressions as LaTeX, with symbols that do not collide.

- A Kronecker delta is Iverson's bracket [i = j], so that δ is left to backpropagation.
- A partial derivative that is not carried out keeps its function in brackets.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sympy
from sympy.printing.latex import LatexPrinter

from proofs.engine.derivation import Relation, Valley
from proofs.engine.notation import Partial
from proofs.engine.notation.functions import Arbitrary, Named, Recursive, phi
from proofs.engine.notation.layers import DOT, OfVector
from proofs.study.mathml import width

LINE = 18  # em that fit into 360 pixels, without smaller letters
RELATIONS: dict[Relation, str] = {"=": "=", "≤": r"\le", "<": "<", "≥": r"\ge", ">": ">", "≠": r"\ne"}


_OF_VECTOR = {"F": "F", "∇F": r"\nabla F", "Ḟ": r"\dot F", "δ": r"\delta", "P": "P"}


class _Printer(LatexPrinter):  # type: ignore[misc]
    def __init__(self, settings: dict[str, Any]) -> None:
        super().__init__(settings)
        self._bound: dict[Any, str] = {}  # each index of a sum that is being printed, with its name there
        self._free: frozenset[str] = frozenset()  # the names that are free in the formula that is being printed

    def _print_Partial(self, expr: Partial) -> str:
        f, _ = expr.args
        body = self._print(f)
        inside = body if f.is_Atom or isinstance(f, (sympy.Function, sympy.Indexed)) else rf"\left[{body}\right]"
        return f"{self.derivative(expr)} {inside}"

    def derivative(self, expr: Partial) -> str:
        """∂/∂v, or d/dt."""
        sign = {"∂": r"\partial", "d": "d"}[expr.sign]
        return rf"\frac{{{sign}}}{{{sign} {self._print(expr.args[1])}}}"

    def sums(self, expr: sympy.Sum) -> str:
        """The sum signs, without what is summed."""
        return " ".join(
            rf"\sum_{{{self._print(index)} = {self._print(first)}}}^{{{self._print(last)}}}"
            for index, first, last in expr.limits
        )

    @contextmanager
    def whole(self, expr: Any) -> Iterator[None]:
        """No index of a sum inside gets the name of what is free in the formula, even outside of the sum."""
        before = self._free
        self._free |= {str(symbol) for symbol in expr.free_symbols if not isinstance(symbol, sympy.Dummy)}
        try:
            yield
        finally:
            self._free = before

    @contextmanager
    def bound(self, expr: sympy.Sum) -> Iterator[None]:
        """The bound indices under names of their own: inside a sum over s another one is over s′."""
        taken = set(self._bound.values()) | self._free | {str(symbol) for symbol in expr.free_symbols}
        before = dict(self._bound)
        for index in expr.bound_symbols:
            name = str(index.name)
            while name in taken:
                name += "'"
            self._bound[index] = name
            taken.add(name)
        try:
            yield
        finally:
            self._bound = before

    def _print_Sum(self, expr: sympy.Sum) -> str:
        with self.bound(expr):
            body = self._print(expr.function)
            return f"{self.sums(expr)} " + (rf"\left({body}\right)" if expr.function.is_Add else body)

    def _print_Indexed(self, expr: sympy.Indexed) -> str:
        comma = "" if all(len(str(index).lstrip("_")) == 1 for index in expr.indices) else ", "
        return f"{self._print(expr.base)}_{{{comma.join(map(self._print, expr.indices))}}}"

    def _print_KroneckerDelta(self, expr: sympy.KroneckerDelta, exp: str | None = None) -> str:
        i, j = map(self._print, expr.args)
        return rf"[{i} = {j}]" + (f"^{{{exp}}}" if exp else "")

    def _print_sign(self, expr: sympy.sign, exp: str | None = None) -> str:
        return r"\operatorname{sign}" + (f"^{{{exp}}}" if exp else "") + rf"\left({self._print(expr.args[0])}\right)"

    def _print_loggamma(self, expr: sympy.loggamma, exp: str | None = None) -> str:
        return rf"\log \Gamma\left({self._print(expr.args[0])}\right)"

    def _print_Dummy(self, expr: sympy.Dummy) -> str:
        name = self._bound.get(expr, str(expr.name))
        return str(self._print(sympy.Symbol(name.rstrip("'")))) + "'" * name.count("'")

    def _print_OfVector(self, expr: OfVector) -> str:
        level, vector, *index = expr.args
        place = ", ".join([self._print(level), *map(self._print, index)])
        return rf"{_OF_VECTOR[expr.name]}_{{{place}}}\left({self._vector(vector)}\right)"

    _print_Loss = _print_Gradient = _print_Drift = _print_Delta = _print_Pairing = _print_OfVector

    def _print_Symbol(self, expr: sympy.Symbol, style: str = "plain") -> str:
        name = str(expr.name)
        if not name.endswith(DOT):
            return str(super()._print_Symbol(expr, style))
        return rf"\dot{{{self._print(sympy.Symbol(name.removesuffix(DOT)))}}}"

    def _vector(self, vector: sympy.Lambda) -> str:
        """A vector by its name where it has one, or entry by entry."""
        (index,), body = vector.args
        if isinstance(body, sympy.Indexed) and body.indices[-1] == index:
            row = "".join(f"_{{{self._print(i)}}}" for i in body.indices[:-1])
            return f"{self._print(body.base)}{row}"
        return rf"\left({self._print(body)}\right)_{{{self._print(index)}}}"

    def _print_layer_activation(self, expr: sympy.Function, exp: str | None = None) -> str:
        return self._print_of_layer(expr, "g", exp)

    def _print_layer_slope(self, expr: sympy.Function, exp: str | None = None) -> str:
        return self._print_of_layer(expr, "g'", exp)

    def _print_of_layer(self, expr: sympy.Function, name: str, exp: str | None) -> str:
        layer, at = map(self._print, expr.args)
        power = f"^{{{exp}}}" if exp else ""
        return rf"{name}_{{{layer}}}{power}\left({at}\right)"

    def _print_named(self, expr: sympy.Function, exp: str | None) -> str:
        place, arguments = (expr.args[0], expr.args[1:]) if isinstance(expr, Recursive) else (None, expr.args)
        name = expr.symbol if place is None else rf"{expr.symbol}^{{({self._print(place)})}}"
        power = f"^{{{exp}}}" if exp else ""
        name = rf"\left({name}\right){power}" if place is not None and exp else f"{name}{power}"
        return rf"{name}\left({', '.join(map(self._print, arguments))}\right)"

    def _print_Function(self, expr: sympy.Function, exp: str | None = None) -> str:
        if isinstance(expr, (Named, Recursive)):
            return self._print_named(expr, exp)
        if isinstance(expr, phi):
            return rf"\varphi{f'^{{{exp}}}' if exp else ''}\left({self._print(expr.args[0])}\right)"
        if not isinstance(expr, Arbitrary):
            return str(super()._print_Function(expr, exp))
        name = type(expr).__name__
        primes = "'" * int(name[1:] or 0)
        power = f"^{{{exp}}}" if exp else ""
        return rf"{name[0]}{primes}{power}\left({self._print(expr.args[0])}\right)"

    def _as_ordered_terms(self, expr: sympy.Add, order: str | None = None) -> list[Any]:
        """Positive terms first: x − y rather than −y + x."""
        return sorted(super()._as_ordered_terms(expr, order), key=lambda term: bool(term.could_extract_minus_sign()))

    def _needs_mul_brackets(self, expr: Any, first: bool = False, last: bool = False) -> bool:
        if isinstance(expr, (sympy.Function, Partial)):
            return isinstance(expr, Partial) and not last
        return bool(super()._needs_mul_brackets(expr, first, last))


_PRINTER = _Printer({"ln_notation": False, "fold_short_frac": False})


def latex(value: Any) -> str:
    """An expression, a number, or an array of them, as LaTeX."""
    if isinstance(value, Valley):
        variable, product = latex(value.variable), latex(value.product)
        return rf"({variable} - {latex(value.bottom)})\, D'({variable}) = {product} \ge 0"
    expr = sympy.sympify(value)
    with _PRINTER.whole(expr):
        return str(_PRINTER.doprint(expr))


def fragments(value: Any) -> list[str]:
    """The LaTeX in the parts between which a line may break.

    The terms of a sum are parts. A part that is wider than a telephone's line is cut further, where it can be: behind
    the sign of a sum, between factors, and inside brackets.
    """
    if isinstance(value, Valley):
        return [latex(value)]
    expr = sympy.sympify(value)
    with _PRINTER.whole(expr):
        return _terms(expr) if isinstance(expr, sympy.Add) else _parts(expr)


def _parts(expr: Any) -> list[str]:
    whole = latex(expr)
    if width(whole) <= LINE:
        return [whole]
    if isinstance(expr, sympy.Add):
        return _terms(expr)
    if isinstance(expr, Partial):
        return _joined(rf"{_PRINTER.derivative(expr)} \Big[", _parts(expr.args[0]), r"\Big]")
    if isinstance(expr, sympy.Sum):
        with _PRINTER.bound(expr):
            return _joined(_PRINTER.sums(expr), _bracketed(expr.function))
    above, below = sympy.fraction(expr, exact=True)
    return _factors(expr) if isinstance(expr, sympy.Mul) and width(latex(below)) <= width(latex(above)) else [whole]


def _terms(expr: sympy.Add) -> list[str]:
    first, *others = _PRINTER._as_ordered_terms(expr)
    signed = (("-", -term) if term.could_extract_minus_sign() else ("+", term) for term in others)
    return [*_parts(first), *(part for sign, term in signed for part in _joined(f"{{}} {sign}", _parts(term)))]


def _factors(expr: sympy.Mul) -> list[str]:
    """Factors in order, sums last: what comes after a sum would seem to be part of it."""
    if expr.could_extract_minus_sign():
        return _joined("-", _bracketed(-expr))
    numerator, denominator = sympy.fraction(expr, exact=True)
    if denominator != 1:
        above = _bracketed(numerator)
        return _joined("", _in_brackets(above) if numerator.is_Mul else above, f"/ {_below(denominator)}")
    factors = sorted(expr.as_ordered_factors(), key=lambda factor: bool(factor.has(sympy.Sum)))
    parts = []
    for factor in factors:
        is_open = isinstance(factor, (sympy.Sum, Partial)) and factor is not factors[-1]
        parts += _in_brackets(_parts(factor)) if is_open else _bracketed(factor)
    return _filled(parts)


def _below(denominator: Any) -> str:
    return rf"\left({latex(denominator)}\right)" if denominator.is_Mul or denominator.is_Add else latex(denominator)


def _in_brackets(parts: list[str]) -> list[str]:
    return _joined(r"\Big(", parts, r"\Big)")


def _filled(parts: list[str]) -> list[str]:
    """Neighbours together, as many as fit into a line."""
    lines = parts[:1]
    for part in parts[1:]:
        together = f"{lines[-1]} {part}"
        lines[-1:] = [together] if width(together) <= LINE else [lines[-1], part]
    return lines


def _bracketed(expr: Any) -> list[str]:
    """The parts of a factor: a sum of terms is in brackets."""
    if not isinstance(expr, sympy.Add):
        return _parts(expr)
    whole = rf"\left({latex(expr)}\right)"
    return [whole] if width(whole) <= LINE else _in_brackets(_terms(expr))


def _joined(before: str, parts: list[str], after: str = "") -> list[str]:
    """The parts with what stands before the first and behind the last, in lines of their own where those are full."""
    first, *others = parts
    parts = [f"{before} {first}", *others] if width(f"{before} {first}") <= LINE else [before, *parts]
    return [*parts[:-1], f"{parts[-1]} {after}"] if after else parts
