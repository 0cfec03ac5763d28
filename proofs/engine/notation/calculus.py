"""Differentiation that does not capture bound indices.

sympy's own does: ``diff(Sum(x[i]**2, (i, 1, n)), x[i])`` is Σ 2xᵢ, though the i of xᵢ outside is another i than the one
that is summed over, and the derivative is 2xᵢ.
"""

from __future__ import annotations

from typing import Any

import sympy
from sympy import Expr, Function, Indexed, KroneckerDelta, Lambda, Pow, Sum

from proofs.engine.notation import Partial
from proofs.engine.notation.functions import unfold
from proofs.engine.notation.indices import fresh, fresh_ones, summed
from proofs.engine.notation.layers import (
    BIAS,
    TIME,
    WEIGHT,
    Drift,
    Gradient,
    Loss,
    OfVector,
    layer_activation,
    velocity,
)

_CHANGING = (Sum, Indexed, Function, OfVector, Partial)  # exponents with these have no rule


def rename_apart(expr: Any) -> Any:
    """The expression with a fresh index for every bound one."""
    if not expr.args:
        return expr
    if isinstance(expr, Lambda):
        own = fresh_ones(expr.args[0])
        return Lambda(expr.args[0].xreplace(own), rename_apart(expr.args[1]).xreplace(own))
    if isinstance(expr, Sum):
        own = fresh_ones(i for i, *_ in expr.limits)
        # An end may be an index that is summed over beside it.
        return Sum(rename_apart(expr.function).xreplace(own), *(limit.xreplace(own) for limit in expr.limits))
    return expr.func(*map(rename_apart, expr.args))


def differentiate(expr: Any, variable: Any) -> Expr:
    """∂expr/∂variable for a symbol or an entry x[k]; bound indices are renamed apart first.

    Raises:
        NotImplementedError: for an expression without a rule, and by a whole number.
    """
    if variable.is_integer:
        raise NotImplementedError(f"no derivative by a dimension: {variable}")
    return _derivative(rename_apart(unfold(expr)), variable)


def _derivative(e: Any, v: Any) -> Any:
    if isinstance(e, Indexed):
        return _entry(e, v)
    if e == v:
        return sympy.S.One
    if e.is_Atom or isinstance(e, KroneckerDelta):
        return sympy.S.Zero
    if isinstance(e, Sum):
        return Sum(_derivative(e.function, v), *e.limits)
    if e.is_Add:
        return sympy.Add(*(_derivative(term, v) for term in e.args))
    if e.is_Mul:
        return sympy.Add(*(_product_rule(e.args, i, v) for i in range(len(e.args))))
    return _composite(e, v)


def _entry(e: Indexed, v: Any) -> Any:
    """∂x[i, j]/∂x[k, l] = δ_ik δ_jl, and by time the entry's velocity."""
    if v == TIME and not e.is_integer:
        return velocity(e.base)[e.indices]
    if not isinstance(v, Indexed) or e.base != v.base:
        return sympy.S.Zero
    return sympy.Mul(*(KroneckerDelta(i, k) for i, k in zip(e.indices, v.indices, strict=True)))


def _product_rule(factors: tuple[Any, ...], i: int, v: Any) -> Any:
    return sympy.Mul(*factors[:i], _derivative(factors[i], v), *factors[i + 1 :])


def _of_vector(e: Loss, v: Any) -> Any:
    """∂F_L(u)/∂v = Σ_i (∂F_L/∂u_i)(u) ∂u_i/∂v, for a v that the last L layers do not contain; they move with time."""
    level, vector = e.args
    if isinstance(v, Indexed) and v.base in (WEIGHT, BIAS) and not (v.indices[0] - level).is_positive:
        raise NotImplementedError(f"the last {level} layers may contain {v}")
    (i,), body = vector.args
    k = fresh(i.name)
    own = Drift(level, vector).unfolded() if v == TIME else 0
    return summed(Gradient(level, vector, k) * _derivative(body.xreplace({i: k}), v), {k: e.width}) + own


def _composite(e: Any, v: Any) -> Any:
    if isinstance(e, Loss):
        return _of_vector(e, v)
    if isinstance(e, layer_activation):
        return e.slope() * _derivative(e.args[1], v)
    if isinstance(e, Partial):
        return _derivative(differentiate(*e.args), v)
    if isinstance(e, Pow) and not e.exp.has(*_CHANGING) and v not in e.exp.free_symbols:
        return e.exp * e.base ** (e.exp - 1) * _derivative(e.base, v)
    if isinstance(e, sympy.Abs):  # right off 0
        return sympy.sign(e.args[0]) * _derivative(e.args[0], v)
    if isinstance(e, Function) and len(e.args) == 1:
        return e.fdiff() * _derivative(e.args[0], v)
    raise NotImplementedError(f"no rule for the derivative of {type(e).__name__}")
