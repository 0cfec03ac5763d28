"""The instances check: concrete dimensions, every free index, no sum left, sympy's own derivative of plain symbols."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np
import sympy
from sympy import Dummy, Expr, Function, Indexed, IndexedBase, KroneckerDelta, Sum, Symbol

from proofs.engine.notation import Partial
from proofs.engine.notation.functions import unfold
from proofs.engine.notation.indices import paired
from proofs.engine.notation.layers import TIME, velocity

Values = Mapping[Any, Any]  # dimensions and indices → whole numbers


def bounds_of(exprs: Sequence[Any]) -> frozenset[Any]:
    """The ends of the sums."""
    return frozenset(high for e in exprs for node in e.atoms(Sum) for _, _, high in node.limits)


def dimensions_of(
    exprs: Sequence[Any], ranges: Mapping[Any, Any], bounds: frozenset[Any] = frozenset()
) -> list[Symbol]:
    """The symbolic dimensions that sums, whose ends may be known, and free indices range over."""
    bounds = bounds | bounds_of(exprs) | set(ranges.values())
    symbols = {s for bound in bounds for s in sympy.sympify(bound).free_symbols}
    widths = {entry.base.label for bound in bounds for entry in sympy.sympify(bound).atoms(Indexed)}
    return sorted({s for s in symbols if s.is_Symbol and s not in widths}, key=str)


def sizes(dimensions: Sequence[Symbol], smallest: Mapping[Any, int], count: int = 3) -> Iterator[dict[Any, int]]:
    """Every choice of sizes, from 1, or the smallest that the hypotheses allow, on."""
    spans = [range(smallest.get(n, 1), smallest.get(n, 1) + count) for n in dimensions]
    yield from (paired(dimensions, chosen) for chosen in product(*spans))


def settings(ranges: Mapping[Any, Any], size: Values) -> Iterator[dict[Any, int]]:
    """The sizes together with every value of the free indices."""
    spans = [range(1, int(sympy.sympify(n).xreplace(dict(size))) + 1) for n in ranges.values()]
    yield from ({**size, **paired(ranges, chosen)} for chosen in product(*spans))


def equal_in_instances(left: Any, right: Any, ranges: Mapping[Any, Any], smallest: Mapping[Any, int]) -> bool:
    """Whether the two sides are shown equal at every size from 1 to 3 and every free index."""
    left, right = unfold(left), unfold(right)
    used = left.free_symbols | right.free_symbols
    ranges = {i: n for i, n in ranges.items() if i in used}
    places = {s for e in left.atoms(Indexed) | right.atoms(Indexed) for i in e.indices for s in i.free_symbols}
    dimensions = dimensions_of([left, right], ranges, frozenset(places & used - ranges.keys()))
    try:
        return all(
            is_zero(expanded(left, values) - expanded(right, values))
            for size in sizes(dimensions, smallest)
            for values in settings(ranges, size)
        )
    except NotImplementedError:
        return False


def expanded(expr: Any, values: Values) -> Any:
    """The expression at given dimensions and indices: x[1, 2] is the symbol x_1_2, sums are written out."""
    e = unfold(expr)
    if e in values:
        return sympy.Integer(values[e])
    if isinstance(e, Sum):
        return _expanded_sum(e, values)
    if isinstance(e, Indexed):
        return entry(e.base, *(int(expanded(i, values)) for i in e.indices))
    if isinstance(e, Partial):
        f, v = e.args
        if v == TIME:
            if f.has(Partial):
                raise NotImplementedError("a derivative by time of another derivative")
            return sympy.diff(expanded(_on_lines(f), values), TIME).xreplace({TIME: 0})
        if not (v.is_Symbol or isinstance(v, Indexed)):
            raise NotImplementedError(f"a derivative by {v}")
        return sympy.diff(expanded(f, values), expanded(v, values))
    return e if e.is_Atom else e.func(*(expanded(argument, values) for argument in e.args))


def _on_lines(e: Any) -> Any:
    """With every entry moving along a line at its velocity: at time 0 it is where it was."""
    return e.replace(
        lambda node: isinstance(node, Indexed) and not node.is_integer,
        lambda node: node + TIME * velocity(node.base)[node.indices],
    )


def _expanded_sum(e: Sum, values: Values) -> Any:
    *outer, (i, low, high) = [tuple(limit) for limit in e.limits]
    inner = Sum(e.function, *outer) if outer else e.function
    span = range(int(expanded(low, values)), int(expanded(high, values)) + 1)
    return sympy.Add(*(expanded(inner, {**values, i: value}) for value in span))


def entry(base: IndexedBase, *indices: int) -> Symbol:
    """The symbol that an entry becomes."""
    assumed = {name: value for name, value in base.assumptions0.items() if name in ("real", "positive", "nonnegative")}
    return Symbol("_".join(map(str, (base, *indices))), **assumed)


def entries(base: IndexedBase, *shape: int) -> Any:
    """A NumPy array of an array's entries, to run the code on."""
    return _array(shape, lambda indices: entry(base, *indices))


def instantiated(expr: Any, ranges: Mapping[Any, Any], size: Values) -> Any:
    """A NumPy array of the expression over its free indices, in the order of ``ranges``, at the given dimensions."""
    shape = tuple(int(expanded(n, size)) for n in ranges.values())
    return _array(shape, lambda at: expanded(expr, {**size, **paired(ranges, at)}))


def formula(expr: Any, ranges: Mapping[Any, Any], dimensions: Sequence[Symbol]) -> Callable[[tuple[int, ...]], Any]:
    """What an expression claims at given sizes of the dimensions: the other side of a comparison with the code."""
    return lambda case: instantiated(expr, ranges, paired(dimensions, case))


def _array(shape: tuple[int, ...], value: Any) -> Any:
    result = np.empty(shape, dtype=object)
    for position in np.ndindex(*shape):
        result[position] = value(tuple(i + 1 for i in position))
    return result


def is_zero(expr: Any) -> bool:
    """Whether an expression of plain symbols is shown to be zero."""
    e = unfold(expr)
    if _rational_zero(e) or _split_zero(e) or _logarithmic_zero(e):
        return True
    return not _has_a_value(e) and bool(sympy.simplify(e) == 0)


def _has_a_value(e: Expr) -> bool:
    """Whether it is far from zero at one point: then there is nothing to simplify, which takes long."""
    place = {symbol: sympy.Float(random.Random(str(symbol)).random()) for symbol in e.free_symbols}
    value = e.xreplace(place).evalf()
    return bool(value.is_Float and abs(value) > 1e-9)


def _rational_zero(e: Expr) -> bool:
    """Zero as a rational function of the functions that occur in it."""
    functions: dict[Any, Any] = {}

    def hide(node: Any) -> Any:
        if isinstance(node, sympy.exp):
            rate, rest = node.args[0].as_coeff_Mul()
            return functions.setdefault(sympy.exp(rest), Dummy()) ** rate
        if isinstance(node, sympy.Abs):
            factors = sympy.Mul.make_args(sympy.factor(node.args[0]))
            outside = sympy.Mul(*(factor for factor in factors if factor.is_positive))
            inside = sympy.Mul(*(factor for factor in factors if not factor.is_positive))
            return outside * functions.setdefault(sympy.Abs(inside), Dummy())
        if isinstance(node, (Function, KroneckerDelta)):
            return functions.setdefault(node, Dummy())
        return node if node.is_Atom else node.func(*map(hide, node.args))

    hidden = hide(e)
    return bool(sympy.expand(sympy.fraction(sympy.together(hidden))[0]) == 0)


def _split_zero(e: Expr) -> bool:
    """Zero once tanh is written in exponentials, and exp(a + b) as exp(a) exp(b)."""
    return _rational_zero(sympy.expand(sympy.expand(e.rewrite(sympy.tanh, sympy.exp)), power_exp=True))


def _logarithmic_zero(e: Expr) -> bool:
    """Σ cᵢ log aᵢ + r = 0, with whole cᵢ, because Π aᵢ^cᵢ e^r = 1; the arguments of logarithms are positive."""
    logs = {log: Dummy() for log in e.atoms(sympy.log)}
    hidden = sympy.expand(e.xreplace(logs))
    coefficients = {log: sympy.diff(hidden, symbol) for log, symbol in logs.items()}
    if not logs or not all(c.is_Integer for c in coefficients.values()):
        return False
    rest = hidden.xreplace(dict.fromkeys(logs.values(), sympy.S.Zero))
    return _split_zero(sympy.Mul(*(log.args[0] ** c for log, c in coefficients.items()), sympy.exp(rest)) - 1)
