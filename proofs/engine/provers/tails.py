"""Tails: whether an expression of one variable is positive from some point on.

In t = |z| ≥ B it is a quotient of sums of terms c tᵏ e^-P(t), P a polynomial that grows: each such term lies between 0
and its value at B where k ≤ t P′(t) for t ≥ B. The normal distribution function enters by 0 ≤ erfc(x) ≤ e^(−x²) for
x ≥ 0 (Abramowitz & Stegun 1964, 7.1.13). Whatever has no such form raises NotImplementedError, and is not shown.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from operator import mul
from typing import Any

import sympy
from flint import arb
from sympy import Dummy, Poly, erf, exp

from proofs.engine.notation.functions import unfold
from proofs.engine.provers import numeric
from proofs.engine.provers.point import Point


class _Nowhere(Point):
    """A point that has no symbols: numbers alone have a value."""

    def value(self, key: Any, symbol: Any) -> arb:
        raise NotImplementedError


NOWHERE = _Nowhere({}, "")


def is_positive(expr: Any, variable: Any, side: int, cut: int) -> bool:
    """Whether the expression is shown to be positive where side · variable ≥ cut > 0."""
    t = Dummy(positive=True)
    try:
        tail = _Tail(t, sympy.Integer(cut))
        above, below = sympy.fraction(sympy.together(tail.rational(unfold(expr).xreplace({variable: side * t}))))
        above, below = tail.sign(above), tail.sign(below)
    except (NotImplementedError, sympy.PolynomialError):
        return False
    return above * below > 0


@dataclass
class _Tail:
    """The interval [cut, ∞) of t, and what stands for the functions there.

    Attributes:
        decays: P of each exponential e^-P, with its symbol.
        shares: symbols that lie between 0 and 1.
    """

    t: Any
    cut: Any
    decays: dict[Any, Any] = field(default_factory=dict)
    shares: list[Any] = field(default_factory=list)

    def rational(self, e: Any) -> Any:
        """The expression with symbols in place of its functions."""
        if not e.has(self.t) or e == self.t:
            return e
        if e.is_Add or e.is_Mul:
            return e.func(*map(self.rational, e.args))
        if e.is_Pow and e.exp.is_Integer:
            return self.rational(e.base) ** e.exp
        if isinstance(e, exp):
            return sympy.Mul(*map(self._exponential, sympy.Add.make_args(sympy.expand(e.args[0]))))
        if isinstance(e, sympy.tanh):
            decay = self.rational(exp(-2 * e.args[0]))
            return (1 - decay) / (1 + decay)
        if isinstance(e, erf):
            return self._error_function(e.args[0])
        raise NotImplementedError

    def _exponential(self, argument: Any) -> Any:
        """e^(−r p) as a power of the symbol of e^-p, with a positive leading coefficient of p."""
        if not argument.has(self.t):
            return exp(argument)
        (((power,), scale),) = Poly(argument, self.t).terms()
        rate, rest = scale.as_coeff_Mul()
        side = -1 if self._number(rest) < 0 else 1
        return self.decays.setdefault(side * rest * self.t**power, Dummy()) ** (-side * rate)

    def _error_function(self, argument: Any) -> Any:
        """erf(ct) = 1 − θ e^-(ct)² with θ from 0 to 1, for c > 0: sympy writes erf(−ct) as −erf(ct)."""
        scale = sympy.expand(argument / self.t)
        if not self._number(scale) > 0:
            raise NotImplementedError
        share = Dummy()
        self.shares.append(share)
        return 1 - share * self.rational(exp(-(scale**2) * self.t**2))

    def _number(self, e: Any) -> arb:
        return numeric.evaluate(sympy.sympify(e), NOWHERE)

    def sign(self, e: Any) -> int:
        """1 or −1 where it is shown to be so on all of the tail, else 0."""
        terms, rates = self._whole_powers(sympy.expand(e))
        common, polynomial = Poly(terms, self.t, *rates, *self.shares).terms_gcd()
        if any(common[1 + len(rates) :]):
            return 0  # a share may be 0; t and the exponentials are positive
        low, high = self._range(polynomial, list(rates.values()))
        return int(low > 0) - int(high < 0)

    def _whole_powers(self, e: Any) -> tuple[Any, dict[Any, Any]]:
        """With other symbols for the exponentials, of which there are whole powers alone, and what they stand for."""
        rates = {}
        for rate, symbol in self.decays.items():
            powers = {node.exp for node in e.atoms(sympy.Pow) if node.base == symbol}
            if not all(power.is_Rational for power in powers):
                raise NotImplementedError
            parts, other = math.lcm(*(power.q for power in powers)), Dummy()
            e = e.xreplace({symbol**power: other ** (power * parts) for power in powers} | {symbol: other**parts})
            rates[other] = rate / parts
        return e, rates

    def _range(self, polynomial: Any, rates: list[Any]) -> tuple[arb, arb]:
        """Bounds of the sum of its terms."""
        low = high = arb(0)
        growing: list[tuple[int, Any]] = []
        for (power, *rest), coefficient in polynomial.terms():
            if not any(rest):
                growing.append((power, coefficient))
                continue
            bound = self._largest(power, sum(map(mul, rest, rates)))
            value = self._number(coefficient) * bound
            low, high = low + _least(value), high + _most(value)
        ends = self._growth(growing)
        return low + ends[0], high + ends[1]

    def _largest(self, power: int, rate: Any) -> arb:
        """What tᵏ e^-P is at the cut, where it falls from there on."""
        excess = sympy.sympify(self.t * sympy.diff(rate, self.t) - power)
        falling = Poly(sympy.expand(excess.subs(self.t, self.t + self.cut)), self.t)
        if not all(self._number(c) >= 0 for c in falling.all_coeffs()):
            raise NotImplementedError
        return self._number(self.cut**power * exp(-sympy.sympify(rate).subs(self.t, self.cut)))

    def _growth(self, terms: list[tuple[int, Any]]) -> tuple[arb, arb]:
        """Bounds of a polynomial in t."""
        whole = sum((c * self.t**k for k, c in terms), sympy.Integer(0))
        shifted = Poly(sympy.expand(whole.subs(self.t, self.t + self.cut)), self.t).all_coeffs()
        values = [self._number(c) for c in shifted]
        constant, rising = values[-1], values[:-1]
        unbounded = arb("inf")
        low = constant if all(value >= 0 for value in rising) else -unbounded
        high = constant if all(value <= 0 for value in rising) else unbounded
        return low, high


def _least(value: arb) -> arb:
    """Of what lies between 0 and a value."""
    return arb(0) if value > 0 else -abs(value)


def _most(value: arb) -> arb:
    return arb(0) if value < 0 else abs(value)
