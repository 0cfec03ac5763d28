"""Expressions as LaTeX, with symbols that do not collide.

- A Kronecker delta is Iverson's bracket [i = j], so that δ is left to backpropagation.
- Heaviside's step is H(z), so that θ is left to the parameters.
- A partial derivative that is not carried out keeps its function in brackets.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sympy
from sympy.printing.latex import LatexPrinter

from proofs.engine.derivation import Relation, Valley
from proofs.engine.notation import Arbitrary, Partial

RELATIONS: dict[Relation, str] = {"=": "=", "≤": r"\le", "<": "<", "≥": r"\ge", ">": ">"}


class _Printer(LatexPrinter):  # type: ignore[misc]
    def __init__(self, settings: dict[str, Any]) -> None:
        super().__init__(settings)
        self._bound: dict[Any, str] = {}  # each index of a sum that is being printed, with its name there

    def _print_Partial(self, expr: Partial) -> str:
        f, v = expr.args
        body = self._print(f)
        inside = body if f.is_Atom or isinstance(f, (sympy.Function, sympy.Indexed)) else rf"\left[{body}\right]"
        return rf"\frac{{\partial}}{{\partial {self._print(v)}}} {inside}"

    def sums(self, expr: sympy.Sum) -> str:
        """The sum signs, without what is summed."""
        return " ".join(
            rf"\sum_{{{self._print(index)} = {self._print(first)}}}^{{{self._print(last)}}}"
            for index, first, last in expr.limits
        )

    @contextmanager
    def bound(self, expr: sympy.Sum) -> Iterator[None]:
        """The bound indices under names of their own: inside a sum over s another one is over s′."""
        taken = set(self._bound.values()) | {str(symbol) for symbol in expr.free_symbols}
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
        comma = "" if all(len(str(index)) == 1 for index in expr.indices) else ", "
        return f"{self._print(expr.base)}_{{{comma.join(map(self._print, expr.indices))}}}"

    def _print_KroneckerDelta(self, expr: sympy.KroneckerDelta, exp: str | None = None) -> str:
        i, j = map(self._print, expr.args)
        return rf"[{i} = {j}]" + (f"^{{{exp}}}" if exp else "")

    def _print_Heaviside(self, expr: sympy.Heaviside, exp: str | None = None) -> str:
        return r"\operatorname{H}" + (f"^{{{exp}}}" if exp else "") + rf"\left({self._print(expr.args[0])}\right)"

    def _print_sign(self, expr: sympy.sign, exp: str | None = None) -> str:
        return r"\operatorname{sign}" + (f"^{{{exp}}}" if exp else "") + rf"\left({self._print(expr.args[0])}\right)"

    def _print_loggamma(self, expr: sympy.loggamma, exp: str | None = None) -> str:
        return rf"\log \Gamma\left({self._print(expr.args[0])}\right)"

    def _print_Dummy(self, expr: sympy.Dummy) -> str:
        name = self._bound.get(expr, str(expr.name))
        return str(self._print(sympy.Symbol(name.rstrip("'")))) + "'" * name.count("'")

    def _print_Function(self, expr: sympy.Function, exp: str | None = None) -> str:
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
    return str(_PRINTER.doprint(sympy.sympify(value)))


def fragments(value: Any) -> list[str]:
    """The LaTeX in the parts between which a line may break: the terms of a sum, the factors of a product."""
    expr = value if isinstance(value, Valley) else sympy.sympify(value)
    if isinstance(expr, sympy.Add):
        return _terms(expr)
    if isinstance(expr, sympy.Sum) and _breaks(expr.function):
        with _PRINTER.bound(expr):
            first, *others = _factors(expr.function)
            return [f"{_PRINTER.sums(expr)} {first}", *others]
    return _factors(expr) if _breaks(expr) else [latex(expr)]


def _terms(expr: sympy.Add) -> list[str]:
    first, *others = _PRINTER._as_ordered_terms(expr)
    signed = (("-", -term) if term.could_extract_minus_sign() else ("+", term) for term in others)
    return [latex(first), *(f"{{}} {sign} {latex(term)}" for sign, term in signed)]


def _breaks(expr: Any) -> bool:
    """Whether an expression is a product without a fraction or a sign."""
    return isinstance(expr, sympy.Mul) and expr.as_numer_denom()[1] == 1 and not expr.could_extract_minus_sign()


def _factors(expr: sympy.Mul) -> list[str]:
    """Factors in order, sums last: what comes after a sum would seem to be part of it."""
    factors = sorted(expr.as_ordered_factors(), key=lambda factor: bool(factor.has(sympy.Sum)))
    short = [factor for factor in factors if not factor.has(sympy.Sum)]
    bracketed = [
        rf"\left({latex(factor)}\right)"
        if factor.is_Add or (isinstance(factor, (sympy.Sum, Partial)) and factor is not factors[-1])
        else latex(factor)
        for factor in factors
    ]
    together = " ".join(bracketed[: len(short)])
    return [part for part in (together, *bracketed[len(short) :]) if part]
