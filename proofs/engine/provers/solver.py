"""z3 over the reals (de Moura & Bjørner 2008): inequalities and definedness, sums, entries and functions as variables.

What is shown of the variables is shown of what they stand for. Of e^x z3 is told that it is positive, that
e^x ≥ 1 + x and that e^-x ≥ 1 − x; of log u, 1 − 1/u ≤ log u ≤ u − 1: facts with a derivation of their own.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import reduce
from operator import add, mul
from typing import Any

import sympy
import z3
from sympy import Function, Indexed, Integer, Pow, Sum, exp, log

from proofs.engine.provers import normal, sign
from proofs.engine.provers.sign import Known

LIMIT = 400_000  # of z3's own unit of work, so that the answer is the same on a busy machine


@dataclass(frozen=True)
class Question:
    """``difference`` stands in ``relation`` to 0, for every value of its symbols that meets the hypotheses.

    Attributes:
        relation: one of "=", "≥", ">", "≠".
        given: hypotheses as (difference, relation) to 0.
        known: the same for the signs of sums and entries.
        smallest: of a dimension, where it is more than 1.
    """

    difference: Any
    relation: str
    ranges: Any
    given: tuple[tuple[Any, str], ...] = ()
    known: tuple[Known, ...] = ()
    smallest: Any = field(default_factory=dict)


def proves(question: Question) -> bool:
    """Whether z3 shows it."""
    return bool(_found(_of(question), question) == z3.unsat)


def refutes(question: Question) -> bool:
    """Whether z3 has a counterexample that is one: each variable stands for itself, so that its values are possible."""
    translation = _of(question)
    found = _found(translation, question)
    return not translation.opaque and bool(found == z3.sat)


def covers(conditions: Iterable[tuple[Any, str]], given: Iterable[tuple[Any, str]], ranges: Any) -> bool:
    """Whether under the hypotheses one of the conditions holds everywhere."""
    return bool(_checked(_Translation(ranges, (), {}), conditions, given) == z3.unsat)


def _of(question: Question) -> _Translation:
    return _Translation(question.ranges, question.known, question.smallest)


def _found(translation: _Translation, question: Question) -> Any:
    return _checked(translation, [(question.difference, question.relation)], question.given)


def _checked(translation: _Translation, denied: Iterable[tuple[Any, str]], given: Iterable[tuple[Any, str]]) -> Any:
    """Whether there are values with which what is given holds, and nothing of what is denied."""
    solver = z3.Solver()
    solver.set("rlimit", LIMIT)
    try:
        solver.add(*(z3.Not(translation.relation(*each)) for each in denied))
        solver.add(*(translation.relation(*each) for each in given))
    except NotImplementedError:
        return z3.unknown
    solver.add(*translation.facts)
    return solver.check()


class _Translation:
    """Expressions as terms of z3, with what is known of the variables that stand for parts of them."""

    def __init__(self, ranges: Any, known: tuple[Known, ...], smallest: Any) -> None:
        self.ranges, self.known, self.smallest = ranges, known, smallest
        self.variables: dict[Any, Any] = {}
        self.exponentials: dict[Any, Any] = {}
        self.facts: list[Any] = []
        self.opaque = bool(known)  # whether a variable stands for a function or a sum, whose values are not free

    def relation(self, difference: Any, relation: str) -> Any:
        """Over the common denominator: a/b > 0 is a b > 0, since b is not 0 where a/b is defined."""
        shown = normal.normal(difference, self.ranges)
        above, below = sympy.fraction(sympy.together(self._hidden(shown)))
        numerator, product = self.term(above), self.term(above) * self.term(below)
        return {"=": numerator == 0, "≠": numerator != 0, ">": product > 0, "≥": product >= 0}[relation]

    def _hidden(self, e: Any) -> Any:
        """Every exponential as a power of a symbol, so that a quotient has a common denominator."""
        rates: dict[Any, list[Any]] = {}
        for node in e.atoms(exp):
            coefficient, rest = node.args[0].as_coeff_Mul()
            rates.setdefault(rest, []).append(coefficient)
        powers: dict[Any, Any] = {}
        for rest, coefficients in rates.items():
            unit = Integer(1) / math.lcm(*(c.q for c in coefficients if c.is_Rational))
            base = self._exponential(rest * unit)
            powers |= {exp(c * rest): base ** (c / unit) for c in coefficients}
        return e.xreplace(powers)

    def _exponential(self, argument: Any) -> Any:
        """The symbol of an exponential, with what z3 is told of it."""
        if argument not in self.exponentials:
            self.opaque = True
            self.exponentials[argument] = symbol = sympy.Dummy(positive=True)
            self.variables[symbol] = value = self._fresh()
            x = self.term(argument)
            self.facts += [value > 0, value >= 1 + x, (1 - x) * value <= 1]
        return self.exponentials[argument]

    def _fresh(self) -> Any:
        return z3.Real(f"v{len(self.variables)}")

    def term(self, e: Any) -> Any:
        if e.is_Rational:
            return z3.RealVal(f"{e.p}/{e.q}")
        if e in self.variables:
            return self.variables[e]
        if e.is_Add or e.is_Mul:
            return reduce(add if e.is_Add else mul, map(self.term, e.args))
        if isinstance(e, Pow) and e.exp.is_Integer:
            return self._reciprocal(e) if e.exp.is_negative else reduce(mul, [self.term(e.base)] * int(e.exp))
        if isinstance(e, exp):
            return self.term(self._hidden(e))
        return self._variable(e)

    def _reciprocal(self, e: Any) -> Any:
        self.variables[e] = value = self._fresh()
        self.facts.append(value * self.term(1 / e) == 1)
        return value

    def _variable(self, e: Any) -> Any:
        if not (e.is_Symbol or e.is_NumberSymbol or isinstance(e, (Indexed, Sum, Function, Pow, sympy.KroneckerDelta))):
            raise NotImplementedError
        self.variables[e] = value = self._fresh()
        self.opaque |= not e.is_Symbol or bool(e.is_integer)
        if sign.positive(e, self.known):
            self.facts.append(value > 0)
        elif sign.nonnegative(e, self.known):
            self.facts.append(value >= 0)
        self.facts += self._meaning(e, value)
        return value

    def _meaning(self, e: Any, value: Any) -> list[Any]:
        if e.is_Symbol and e.is_integer:
            return [value >= self.smallest.get(e, 1 if e.is_positive else 0)] if e.is_nonnegative else []
        if isinstance(e, sympy.Abs):
            inside = self.term(e.args[0])
            return [value == z3.If(inside >= 0, inside, -inside)]
        if isinstance(e, sympy.sign):
            inside = self.term(e.args[0])
            return [value == z3.If(inside > 0, 1, z3.If(inside < 0, z3.RealVal(-1), z3.RealVal(0)))]
        if isinstance(e, sympy.KroneckerDelta):
            return [z3.Or(value == 0, value == 1)]
        if isinstance(e, Pow) and e.exp == sympy.Rational(1, 2):
            return [value >= 0, value * value == self.term(e.base)]
        if isinstance(e, log):
            u = self.term(e.args[0])
            return [z3.Implies(u > 0, z3.And(value <= u - 1, u * value >= u - 1))]
        return []
