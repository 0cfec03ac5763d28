"""A table of densities in sympy, and balls that enclose what follows from them.

It is a witness for the output distributions: nothing here shares a formula with the code, which computes each negative
log-likelihood from the affine output z without ever forming a probability.
"""

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import cache
from typing import Any

import sympy
from flint import arb

from ffn.numbers.ball import number, working_precision
from tests.helpers.balls import BITS

y = sympy.Symbol("y", real=True)
Z = sympy.symbols("z:3", real=True)
z = Z[0]
p = 1 / (1 + sympy.exp(-z))


def poisson(count: sympy.Expr, rate: sympy.Expr) -> sympy.Expr:
    return sympy.exp(-rate) * rate**count / sympy.factorial(count)


DENSITIES = {
    "gaussian": sympy.exp(-((y - z) ** 2) / 2) / sympy.sqrt(2 * sympy.pi),
    "laplace": sympy.exp(-sympy.Abs(y - z)) / 2,
    "bernoulli": p**y * (1 - p) ** (1 - y),
    "poisson": poisson(y, sympy.exp(z)),
}


def density(name: str, target: Any) -> sympy.Expr:
    """p(y | z); for categorical, of three classes, p(y = target | z)."""
    if name == "categorical":
        return sympy.exp(Z[target]) / sum(map(sympy.exp, Z))
    return DENSITIES[name]


def mean_of(name: str, power: int = 1) -> sympy.Expr:
    """E[y], or of a power of y, by its definition."""
    if name == "gaussian":
        return sympy.integrate(y**power * DENSITIES[name], (y, -sympy.oo, sympy.oo))
    if name == "bernoulli":
        return sum(k**power * DENSITIES[name].subs(y, k) for k in (0, 1))
    count, rate = sympy.Symbol("k", integer=True), sympy.Symbol("rate", positive=True)
    return sympy.summation(count**power * poisson(count, rate), (count, 0, sympy.oo)).subs(rate, sympy.exp(z))


with working_precision(BITS):
    FUNCTIONS: dict[str, Any] = {
        "pi": arb.pi(),
        "Abs": abs,
        "sign": arb.sgn,
        "factorial": lambda n: (n + 1).gamma(),
        "exp": lambda t: arb(t).exp(),
        "log": lambda t: arb(t).log(),
        "sqrt": lambda t: arb(t).sqrt(),
    }


@cache
def _on_balls(expression: sympy.Expr) -> Callable[..., arb]:
    return sympy.lambdify((*Z, y), expression, modules=[FUNCTIONS])


def enclosure(expression: sympy.Expr, logits: Sequence[Fraction] = (), target: Any = 0) -> arb:
    """A ball around the expression's value at these z and y."""
    with working_precision(BITS):
        zs = [number(v) for v in (*logits, 0, 0, 0)[:3]]
        return arb(_on_balls(expression)(*zs, number(target)))
