"""The numeric check: an evaluator of its own, in ball arithmetic, at random rationals.

It walks the expression and never calls sympy's ``doit``, ``diff``, ``subs``, ``simplify`` or ``evalf``, so that an
error of sympy's is caught here; nor mpmath, on which ``evalf`` rests. Balls (Johansson 2017, Arb) carry a proven
radius: two values are told apart, or agree to so many digits, by proof, and no tolerance is chosen.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import reduce
from math import prod
from operator import mul
from typing import Any

import sympy
from flint import arb
from sympy import Indexed, KroneckerDelta, Sum

from ffn.numbers.ball import number, working_precision
from proofs.engine.notation import Partial, functions
from proofs.engine.notation.layers import (
    BIAS,
    TIME,
    WEIGHT,
    WIDTH,
    Delta,
    Drift,
    Gradient,
    Loss,
    OfVector,
    Pairing,
    layer_activation,
    layer_slope,
    velocity,
)
from proofs.engine.provers.point import Point

DIGITS = 50
BITS = 1200  # 360 digits: a second difference divides roundings by h² = 1e-80
STEP = Fraction(1, 10**40)


class Undecided(ArithmeticError):
    """A ball straddles a kink, or is too wide to agree to 50 digits."""


def agree(left: Any, right: Any, point: Point) -> bool:
    """Whether the two sides may be equal at the point.

    Raises:
        Undecided: when the balls overlap and are too wide to mean agreement to 50 digits.
    """
    with working_precision(BITS):
        a, b = value_at(left, point), value_at(right, point)
        if not a.overlaps(b):
            return False
        if not (_is_sharp(a) and _is_sharp(b)):
            raise Undecided("known to fewer than 50 digits")
        return True


def is_sharp(expr: Any, point: Point) -> bool:
    """Whether the value at the point is finite and known to 50 digits."""
    with working_precision(BITS):
        try:
            return _is_sharp(value_at(expr, point))
        except (Undecided, NotImplementedError):
            return False


def _is_sharp(value: arb) -> bool:
    # False of a ball that is not a number.
    return bool(value.rad() < (1 + abs(value)) * number(Fraction(1, 10**DIGITS)))


def shown(expr: Any, point: Point) -> str:
    """The value at a point, to a few digits."""
    with working_precision(BITS):
        return str(evaluate(sympy.sympify(expr), point).str(8, radius=False))


def stands(difference: Any, relation: str, point: Point) -> bool:
    """Whether the difference certainly stands in the relation to 0; of an equality, whether nothing is against it."""
    with working_precision(BITS):
        try:
            value = evaluate(difference, point)
        except Undecided:
            return False
        decided = {"=": value.contains(0), "≥": value >= 0, ">": value > 0, "≠": not value.contains(0)}
        return bool(decided[relation])


def sign(expr: Any, point: Point) -> int | None:
    """1, -1, or None where the ball contains 0."""
    with working_precision(BITS):
        value = evaluate(expr, point)
        return 1 if value > 0 else -1 if value < 0 else None


def value_at(e: Any, point: Point) -> arb:
    """The value of a whole expression, kept."""
    if e not in point.values:
        point.values[e] = evaluate(e, point)
    return point.values[e]


def evaluate(e: Any, point: Point) -> arb:
    """The value of an expression at a point, as a ball."""
    if e in point.indices:
        return number(point.indices[e])
    if e.is_Rational:
        return number(Fraction(int(e.p), int(e.q)))
    if e.is_Symbol:
        return point.value(e, e)
    if isinstance(e, functions.Recursive):
        return _sequence(e, point)
    if type(e) in _FUNCTIONS:
        return _FUNCTIONS[type(e)](evaluate(e.args[0], point))
    for kind, rule in _RULES.items():
        if isinstance(e, kind):
            return rule(e, point)
    raise NotImplementedError(f"no rule to evaluate {type(e).__name__}")


def _sequence(e: Any, point: Point) -> arb:
    """s_m by running the recursion m times."""
    place, *arguments = e.args
    value = e.start(*arguments)
    for _ in range(whole(place, point)):
        value = e.following(value, *arguments)
    return evaluate(value, point)


def _run(level: int, values: list[arb], point: Point) -> arb:
    """F_L at a vector: the last L layers and a loss that is neither symmetric nor additive."""
    for layer in range(level, 0, -1):
        values = _pass(layer, values, point)
    return reduce(lambda before, v: (before + v).sin() + v, values, arb(0))


def _pass(layer: int, values: list[arb], point: Point) -> list[arb]:
    return [_activation(layer, _affine(layer, values, j, point)) for j in range(1, _width_of(layer, point) + 1)]


def _affine(layer: int, values: list[arb], j: int, point: Point) -> arb:
    entries = (point.value((WEIGHT, layer, i + 1, j), WEIGHT[layer, i + 1, j]) * v for i, v in enumerate(values))
    return sum(entries, point.value((BIAS, layer, j), BIAS[layer, j]))


def _width_of(layer: int, point: Point) -> int:
    return int(point.rational((WIDTH, layer), WIDTH[layer]))


def _activation(layer: int, z: arb) -> arb:
    """Another one in each layer."""
    return z.sin() + z / (layer + 1)


def _activation_slope(layer: int, z: arb) -> arb:
    return z.cos() + arb(1) / (layer + 1)


def _loss_at(e: OfVector, point: Point) -> arb:
    return _run(*_vector(e, point), point)


def _at_layer(e: Any, point: Point) -> tuple[int, arb]:
    return whole(e.args[0], point), evaluate(e.args[1], point)


def _vector(e: OfVector, point: Point) -> tuple[int, list[arb]]:
    """The level and the entries."""
    level, vector = whole(e.args[0], point), e.args[1]
    (i,), body = vector.args
    return level, [evaluate(body, point.bound({i: at})) for at in range(1, _width_of(level + 1, point) + 1)]


def _component(e: OfVector, point: Point) -> arb:
    """∂F_L/∂v_i, by differences like any other derivative."""
    level, values = _vector(e, point)
    return _slope_at(level, values, whole(e.args[2], point) - 1, point)


def _slope_at(level: int, values: list[arb], place: int, point: Point) -> arb:
    def moved(by: Fraction) -> arb:
        return _run(level, [v + number(by) if at == place else v for at, v in enumerate(values)], point)

    return _differences(moved)


def _delta_at(e: OfVector, point: Point) -> arb:
    level, values = _vector(e, point)
    place = whole(e.args[2], point) - 1
    if place >= len(values):
        raise Undecided("beyond the end of a vector")
    return _deltas(level, values, point)[place]


def _deltas(level: int, values: list[arb], point: Point) -> list[arb]:
    """δ by the recursion, its end by differences of the loss."""
    if level == 0:
        return [_slope_at(0, values, k, point) for k in range(len(values))]
    back = _cotangents(level, values, point)
    weights = [
        [point.value((WEIGHT, level, k + 1, j + 1), WEIGHT[level, k + 1, j + 1]) for j in range(len(back))]
        for k in range(len(values))
    ]
    return [sum(map(mul, back, row), arb(0)) for row in weights]


def _cotangents(level: int, values: list[arb], point: Point) -> list[arb]:
    """δ g′(z) of each unit of a layer."""
    after = _deltas(level - 1, _pass(level, values, point), point)
    return [d * _activation_slope(level, _affine(level, values, j + 1, point)) for j, d in enumerate(after)]


def _drift_at(e: OfVector, point: Point) -> arb:
    """By differences of the loss, at a vector that stands still."""
    level, values = _vector(e, point)
    return _differences(lambda by: _run(level, values, point.later(by)))


def _pairing_at(e: OfVector, point: Point) -> arb:
    level, values = _vector(e, point)
    pairs = arb(0)
    for layer in range(level, 0, -1):
        back = _cotangents(layer, values, point)
        pairs += sum((d * _own_rate(layer, values, j, point) for j, d in enumerate(back, 1)), arb(0))
        values = _pass(layer, values, point)
    return pairs


def _own_rate(layer: int, values: list[arb], j: int, point: Point) -> arb:
    W, b = velocity(WEIGHT), velocity(BIAS)
    weights = (v * point.value((W, layer, i, j), W[layer, i, j]) for i, v in enumerate(values, 1))
    return sum(weights, point.value((b, layer, j), b[layer, j]))


def _entry_key(e: Indexed, point: Point) -> tuple[Any, ...]:
    return (e.base, *(whole(i, point) for i in e.indices))


def whole(e: Any, point: Point) -> int:
    """The value of an index or a dimension."""
    whole = evaluate(e, point).unique_fmpz()
    if whole is None:
        raise Undecided("an index is not a whole number")
    return int(whole)


def _sum(e: Sum, point: Point) -> arb:
    *inner, (i, low, high) = e.limits
    body = Sum(e.function, *inner) if inner else e.function
    span = range(whole(low, point), whole(high, point) + 1)
    return sum((evaluate(body, point.bound({i: at})) for at in span), arb(0))


def _power(e: Any, point: Point) -> arb:
    base = evaluate(e.base, point)
    if e.exp.is_Integer:  # not base ** exp, which is not a number for a ball around 0
        result = prod([base] * abs(int(e.exp)), start=arb(1))
        return 1 / result if e.exp.is_negative else result
    return (evaluate(e.exp, point) * base.log()).exp()


def _product(e: Any, point: Point) -> arb:
    return prod((evaluate(factor, point) for factor in e.args), start=arb(1))


def _delta(e: KroneckerDelta, point: Point) -> arb:
    i, j = (whole(argument, point) for argument in e.args)
    return arb(int(i == j))


def _sign(e: Any, point: Point) -> arb:
    value = evaluate(e.args[0], point)
    if value.contains(0):
        raise Undecided("the sign of 0")
    return value.sgn()


def _partial(e: Partial, point: Point) -> arb:
    """∂f/∂v by central differences of f.

    D(h) = (f(v+h) − f(v−h))/2h is f′ + h²f⁽³⁾/6 + O(h⁴), so R(h) = (4D(h) − D(2h))/3 is f′ − h⁴f⁽⁵⁾/30 + O(h⁶).
    R(2h) has 16 times that error, so |R(2h) − R(h)|, 15 times it, is a radius for R(h): about h⁴f⁽⁵⁾/2, h⁴ = 1e-160.
    Nested, the outer difference divides this radius by h, which leaves 120 digits.
    """
    f, v = e.args
    if v == TIME:
        return _differences(lambda by: evaluate(f, point.later(by)))
    key = _entry_key(v, point) if isinstance(v, Indexed) else v
    return _differences(lambda by: evaluate(f, point.moved(key, by)))


def _differences(function: Callable[[Fraction], arb]) -> arb:
    """The slope at 0."""

    def difference(h: Fraction) -> arb:
        return (function(h) - function(-h)) / number(2 * h)

    d1, d2, d4 = (difference(factor * STEP) for factor in (1, 2, 4))
    fine, coarse = (4 * d1 - d2) / 3, (4 * d2 - d4) / 3
    return fine + arb(0, abs(coarse - fine).abs_upper())


_RULES: dict[Any, Callable[[Any, Point], arb]] = {
    Loss: _loss_at,
    Gradient: _component,
    Delta: _delta_at,
    Drift: _drift_at,
    Pairing: _pairing_at,
    layer_activation: lambda e, point: _activation(*_at_layer(e, point)),
    layer_slope: lambda e, point: _activation_slope(*_at_layer(e, point)),
    functions.Named: lambda e, point: evaluate(e.definition(*e.args), point),
    sympy.Add: lambda e, point: sum((evaluate(term, point) for term in e.args), arb(0)),
    sympy.Mul: _product,
    sympy.Pow: _power,
    Indexed: lambda e, point: point.value(_entry_key(e, point), e),
    Sum: _sum,
    KroneckerDelta: _delta,
    Partial: _partial,
    sympy.sign: _sign,
    type(sympy.pi): lambda e, point: arb.pi(),
    type(sympy.E): lambda e, point: arb(1).exp(),
}
_FUNCTIONS: dict[Any, Callable[[arb], arb]] = {
    sympy.exp: arb.exp,
    sympy.log: arb.log,
    sympy.tanh: arb.tanh,
    sympy.erf: arb.erf,
    sympy.loggamma: arb.lgamma,
    sympy.Abs: abs,
    # An arbitrary function is taken to be one that is neither even, odd nor a polynomial.
    functions.g: lambda t: t.sin() + t * t / 5,
    functions.g1: lambda t: t.cos() + 2 * t / 5,
    functions.g2: lambda t: arb(2) / 5 - t.sin(),
    functions.phi: lambda t: (t / 2).exp() + abs(t - arb(1) / 3),
    functions.f: lambda t: (t / 2).exp() - t * t,
    functions.f1: lambda t: (t / 2).exp() / 2 - 2 * t,
    functions.f2: lambda t: (t / 2).exp() / 4 - 2,
}
