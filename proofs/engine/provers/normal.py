"""The general check: a normal form in which equal sums look alike, whatever their dimension.

A sum of products is split into the factors that do not depend on its indices and into connected sums, whose indices are
given canonical names: Σᵢⱼ a xᵢ yⱼ is a (Σᵢ xᵢ)(Σⱼ yⱼ). What is left is a rational function of such sums, of entries,
exponentials and logarithms, and the difference of two equal ones is zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from itertools import permutations
from typing import Any

import sympy
from sympy import Dummy, Expr, Function, Integer, KroneckerDelta, Lambda, Pow, Sum, exp, log

from proofs.engine.notation import Partial
from proofs.engine.notation.calculus import differentiate, rename_apart
from proofs.engine.notation.functions import phi, unfold
from proofs.engine.notation.indices import fresh, fresh_ones, paired
from proofs.engine.notation.layers import OfVector
from proofs.engine.provers.sign import positive

Ranges = Mapping[Any, Any]  # index → its dimension
_name = cache(fresh)  # one index for each name, which no derivation has


def equal_in_general(left: Any, right: Any, ranges: Ranges) -> bool:
    """Whether the two sides are shown equal for every dimension; False where it is not shown."""
    try:
        return vanishes(sympy.sympify(left) - sympy.sympify(right), ranges)
    except NotImplementedError:
        return False


def vanishes(expr: Any, ranges: Ranges) -> bool:
    difference = normal(expr, ranges)
    return difference == 0 or _is_zero_rational(difference, ranges)


def normal(expr: Any, ranges: Ranges) -> Expr:
    """The normal form; free indices range over their dimension in ``ranges``."""
    limits = {i: (1, high) for i, high in ranges.items()}
    return _normal(_from_one(_peeled(rename_apart(unfold(expr)))), limits)


def _from_one(e: Any) -> Any:
    """Sums from 1 in place of sums from elsewhere: Σ_{i=a..b} f(i) = Σ_{i=1..b−a+1} f(i + a − 1)."""
    if not e.has(Sum):
        return e
    if not isinstance(e, Sum):
        return e.func(*map(_from_one, e.args))
    body, limits = _from_one(e.function), []
    for i, low, high in e.limits:
        body = body.xreplace({i: i + low - 1})
        limits.append((i, 1, high - low + 1))
    return Sum(body, *limits)


def _peeled(e: Any) -> Any:
    """The last terms of a sum to n + 1, n + 2, … by themselves, and sums between numbers written out."""
    if not e.has(Sum):
        return e
    if not isinstance(e, Sum):
        return e.func(*map(_peeled, e.args))
    if not any(_loose_terms(limit) or _is_written_out(limit) for limit in e.limits):
        return Sum(_peeled(e.function), *e.limits)
    *inner, (i, low, high) = e.limits
    inside = Sum(e.function, *inner) if inner else e.function
    loose = _loose_terms((i, low, high))
    last = [_peeled(unfold(rename_apart(inside).xreplace({i: high - place}))) for place in range(loose)]
    rest = [] if _is_written_out((i, low, high)) else [Sum(_peeled(inside), (i, low, high - loose))]
    return sympy.Add(*last, *rest)


def _is_written_out(limit: Any) -> bool:
    return bool((limit[2] - limit[1]).is_Integer)


def _loose_terms(limit: Any) -> int:
    """How many terms a sum has for certain beyond its symbolic end, or all where both ends are numbers."""
    _, low, high = limit
    if _is_written_out(limit):
        return max(int(high - low) + 1, 0)
    beyond = high.as_coeff_Add()[0]
    return int(beyond) if beyond.is_Integer and beyond > 0 and _reaches(high - beyond, low) else 0


def _reaches(high: Any, low: Any) -> bool:
    """Whether a sum from low to high has no terms counted twice: high ≥ low − 1."""
    return bool((high - low + 1).is_nonnegative)


def _normal(e: Any, ranges: dict[Any, Any]) -> Any:
    if e.is_Atom or isinstance(e, (sympy.Indexed, KroneckerDelta)):
        return e
    if not isinstance(e, Expr):
        raise NotImplementedError
    if isinstance(e, Partial):
        return _normal(differentiate(*e.args), ranges)
    if isinstance(e, Sum):
        return _normal_sum(e, ranges)
    if isinstance(e, OfVector):
        return _normal_of_vector(e, ranges)
    if isinstance(e, exp):
        return _exponential(_normal(e.args[0], ranges))
    if isinstance(e, log):
        return _logarithm(_normal(e.args[0], ranges))
    if isinstance(e, sympy.Abs):
        return _absolute_value(_normal(e.args[0], ranges))
    if isinstance(e, phi):
        return e.func(_factored(_normal(e.args[0], ranges)))
    if isinstance(e, sympy.tanh):  # in exponentials, like everything else
        decay = _exponential(-2 * _normal(e.args[0], ranges))
        return (1 - decay) / (1 + decay)
    if isinstance(e, Pow) and (split := _split_power(e)) != e:
        return _normal(split, ranges)
    rebuilt = e.func(*(_normal(argument, ranges) for argument in e.args))
    return _merge_deltas(sympy.expand(rebuilt, deep=False))


def _normal_of_vector(e: OfVector, ranges: dict[Any, Any]) -> Any:
    """With its entry in normal form and the entry's index under a name of its own."""
    level, vector, *place = e.args
    (i,), body = vector.args
    name = _name(f"υ{_depth(body, OfVector)}")
    inside = _normal(body.xreplace({i: name}), ranges | {name: (1, e.width)})
    return e.func(level, Lambda(name, inside), *place)


def _split_power(e: Pow) -> Any:
    """b^(m + n) as b^m b^n, where b is known to be positive, so that a whole power can be multiplied out."""
    return sympy.Mul(*(e.base**term for term in sympy.Add.make_args(sympy.expand(e.exp))))


def _exponential(argument: Any) -> Any:
    """exp(a + b) as exp(a) exp(b), so that factors can leave a sum."""
    return sympy.Mul(*(exp(term) for term in sympy.Add.make_args(argument)))


def _logarithm(argument: Any) -> Any:
    """log of a product as the sum of the logs of its positive factors and of what is left of it."""
    powers = [factor.as_base_exp() for factor in sympy.Mul.make_args(_factored(argument))]
    logs = [power * _log_of_base(base) for base, power in powers if positive(base)]
    rest = sympy.Mul(*(base**power for base, power in powers if not positive(base)))
    return sympy.Add(*logs) + log(rest)


def _absolute_value(argument: Any) -> Any:
    """|ab| as a|b| for the positive factors a, and |−b| as |b|."""
    factors = sympy.Mul.make_args(_factored(argument))
    outside = sympy.Mul(*(factor for factor in factors if positive(factor)))
    inside = sympy.expand(sympy.Mul(*(factor for factor in factors if not positive(factor))))
    return outside * sympy.Abs(-inside if inside.could_extract_minus_sign() else inside)


def _log_of_base(base: Any) -> Any:
    return base.args[0] if isinstance(base, exp) else log(base)


def _factored(e: Any) -> Any:
    atoms, hidden = _hide(e)
    return sympy.factor(hidden).xreplace({hidden: atom for atom, hidden in atoms.items()})


def _merge_deltas(e: Any) -> Any:
    """δ_kl f(l) as δ_kl f(k), in every term."""
    return sympy.Add(*map(_merge_delta, sympy.Add.make_args(e))) if e.has(KroneckerDelta) else e


def _merge_delta(term: Any) -> Any:
    for factor in sympy.Mul.make_args(term):
        if isinstance(factor, KroneckerDelta):
            kept, replaced = factor.args
            if replaced.is_Symbol:
                return factor * _merge_delta((term / factor).xreplace({replaced: kept}))
    return term


# Sums


def _normal_sum(e: Sum, ranges: dict[Any, Any]) -> Any:
    bound = {i: (low, high) for i, low, high in e.limits}
    _need_rectangle(bound)
    body = sympy.expand(_normal(e.function, ranges | bound))
    return sympy.expand(sympy.Add(*(_sum_of_term(term, bound, ranges) for term in sympy.Add.make_args(body))))


def _need_rectangle(bound: dict[Any, Any]) -> None:
    """Where the end of a sum depends on another index there is no normal form."""
    if any(limit.free_symbols & bound.keys() for limits in bound.values() for limit in map(sympy.sympify, limits)):
        raise NotImplementedError


def _sum_of_term(term: Any, bound: dict[Any, Any], ranges: dict[Any, Any]) -> Any:
    term, bound = _flattened(term, bound)
    contracted = _contracted(term, bound, ranges)
    if contracted is not None:
        return contracted
    groups = _connected(sympy.Mul.make_args(term), bound)
    result = sympy.Integer(1)
    for indices, factors in groups:
        result *= _canonical(sympy.Mul(*factors), {i: bound[i] for i in indices}) if indices else sympy.Mul(*factors)
    return result


def _flattened(term: Any, bound: dict[Any, Any]) -> tuple[Any, dict[Any, Any]]:
    """Inner sums that depend on an outer index become part of the outer sum, a power as so many copies."""
    factors: list[Any] = []
    bound = dict(bound)
    pending = list(sympy.Mul.make_args(term))
    while pending:
        factor = pending.pop()
        base, power = (factor.base, factor.exp) if isinstance(factor, Pow) else (factor, Integer(1))
        if (
            isinstance(base, Sum)
            and isinstance(power, Integer)
            and power.is_positive
            and base.free_symbols & bound.keys()
        ):
            for _ in range(int(power)):
                own = fresh_ones(base.bound_symbols)  # what is inside of it has a name already
                bound |= {own[i]: (low, high) for i, low, high in base.limits}
                _need_rectangle(bound)
                pending += sympy.Mul.make_args(base.function.xreplace(own))
        else:
            factors.append(factor)
    return sympy.Mul(*factors), bound


def _contracted(term: Any, bound: dict[Any, Any], ranges: dict[Any, Any]) -> Any | None:
    """Σᵢ δ_ik f(i) = f(k), where i and k have one range; None where there is no such delta."""
    for factor in sympy.Mul.make_args(term):
        if isinstance(factor, KroneckerDelta):
            for summed, other in (factor.args, factor.args[::-1]):
                if summed in bound and _in_range(other, bound[summed], bound | ranges):
                    rest = (term / factor).xreplace({summed: other})
                    left = [(i, *limits) for i, limits in bound.items() if i != summed]
                    return _normal(Sum(rest, *left) if left else rest, ranges)
    return None


def _in_range(other: Any, limits: Any, ranges: dict[Any, Any]) -> bool:
    low, high = limits
    return bool(ranges.get(other) == limits or (other == low and (high - low).is_nonnegative))


def _connected(factors: Iterable[Any], bound: dict[Any, Any]) -> list[tuple[set[Any], list[Any]]]:
    """The factors in groups that share no bound index; an index that occurs nowhere counts its dimension."""
    groups: list[tuple[set[Any], list[Any]]] = [({i}, []) for i in bound]
    free: list[Any] = []
    for factor in factors:
        used = factor.free_symbols & bound.keys()
        if not used:
            free.append(factor)
            continue
        touched = [group for group in groups if group[0] & used]
        groups = [group for group in groups if not group[0] & used]
        groups.append((set().union(*(g[0] for g in touched)), [f for g in touched for f in g[1]] + [factor]))
    empty = [(i, *bound[i]) for indices, inside in groups if not inside for i in indices]
    counts = [high - low + 1 if _reaches(high, low) else Sum(1, (i, low, high)) for i, low, high in empty]
    return [(indices, inside) for indices, inside in groups if inside] + [(set(), free + counts)]


# Canonical names of bound indices


def _canonical(body: Any, bound: dict[Any, Any]) -> Any:
    """The sum with its indices named in the order that makes its text least; inner sums have names of their own."""
    depth = _depth(body, Sum)
    names = [_name(f"ι{depth}.{j}") for j in range(len(bound))]
    candidates = (_renamed(body, paired(order, names), bound) for order in permutations(bound))
    return min(candidates, key=_text_key)


def _renamed(body: Any, names: dict[Any, Any], bound: dict[Any, Any]) -> Any:
    renamed = _recanonical(body.xreplace(names))
    return Sum(renamed, *((name, *bound[i]) for i, name in names.items()))


def _recanonical(e: Any) -> Any:
    """Inner sums named again, after an outer index has received its name: the order may have changed."""
    if not e.has(Sum):
        return e
    if not isinstance(e, Sum):
        return e.func(*map(_recanonical, e.args))
    own = fresh_ones(i for i, *_ in e.limits)
    return _canonical(_recanonical(e.function.xreplace(own)), {own[i]: (low, high) for i, low, high in e.limits})


def _depth(e: Any, kind: type[Expr]) -> int:
    """How deep expressions of a kind are nested in one another."""
    return max((_depth(argument, kind) for argument in e.args), default=0) + isinstance(e, kind)


def _text_key(e: Any) -> tuple[Any, ...]:
    return (str(e.limits), str(e.function))


# What is left: a rational function


def _hide(e: Any) -> tuple[dict[Any, Any], Any]:
    """The expression as a rational function of symbols, each of which stands for a sum, an entry, a function, …"""
    atoms: dict[Any, Any] = {}

    def symbol_for(atom: Any) -> Any:
        return atoms.setdefault(atom, Dummy())

    def hide(node: Any) -> Any:
        if isinstance(node, exp):
            coefficient, rest = node.args[0].as_coeff_Mul()
            return symbol_for(exp(rest)) ** coefficient
        if isinstance(node, (Sum, sympy.Indexed, Function, OfVector)):
            return symbol_for(node)
        return node if node.is_Atom else node.func(*map(hide, node.args))

    return atoms, hide(e)


def _is_zero_rational(e: Any, ranges: Ranges) -> bool:
    atoms, hidden = _hide(e)
    numerator = sympy.expand(sympy.fraction(sympy.together(hidden))[0])
    if numerator == 0:
        return True
    # Products that the common denominator made may hold deltas to merge.
    shown = _merge_deltas(numerator.xreplace({hidden: atom for atom, hidden in atoms.items()}))
    return bool(sympy.expand(shown) == 0) or _summands_vanish(e, ranges)


def _summands_vanish(e: Any, ranges: Ranges) -> bool:
    """Whether the terms under sums over the same indices add up to 0: Σᵢ a(i) + Σᵢ b(i) with a + b = 0.

    Summands with denominators of their own can be equal though their terms are not.
    """
    bodies: dict[Any, Any] = {}
    for term in sympy.Add.make_args(sympy.expand(e)):
        sums = [factor for factor in sympy.Mul.make_args(term) if isinstance(factor, Sum)]
        if len(sums) != 1:
            return False
        (summed,) = sums
        bodies[summed.limits] = bodies.get(summed.limits, 0) + summed.function * (term / summed)
    return all(_is_zero_rational(body, ranges) for body in bodies.values() if body != 0)
