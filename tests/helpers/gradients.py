"""The gradient by hand on any number system, and what it means that gradients agree."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import sympy
from hypothesis import strategies as st

from ffn import witnesses
from ffn.cases.case import Case
from ffn.cases.networks import networks
from ffn.cases.strategies import cases
from ffn.network import formulas
from ffn.network.activations import PIECEWISE_LINEAR
from ffn.numbers.ball import number, working_precision
from ffn.numbers.dual import Dual, DualArray
from ffn.numbers.exact import exact


def placed(case: Case, xp: Any) -> tuple[Any, ...]:
    """The arguments of the gradient as the passes take them, on the numbers of xp."""
    method = case.method("gradient")
    return formulas.placed(xp, method, *case.arguments(method))


def by_hand(case: Case, xp: Any = exact) -> Any:
    """The shipped backward pass on the numbers of xp, with masks and through time where the case has them."""
    return formulas.FORMULAS[case.method("gradient")].run(xp, *placed(case, xp))


def flat(gradient: Any) -> list[Any]:
    """Every entry, parameter by parameter."""
    parts = [getattr(part, "balls", part) for pair in gradient for part in pair]
    return [entry for part in parts for entry in part.ravel()]


def overlap(a: list[Any], b: list[Any]) -> bool:
    """Whether every two balls, or numbers, have a point in common, as enclosures of one truth must."""
    with working_precision(witnesses.BITS):
        return all(number(p).overlaps(number(q)) for p, q in zip(a, b, strict=True))


def jacobian(function: Callable[..., Any], x: Sequence[Any], xp: Any) -> Any:
    """∂(function of the row x) by dual numbers over xp: row i is the derivative by x[i]."""
    start = DualArray(xp.asarray([x] * len(x)), xp.asarray(np.eye(len(x), dtype=np.int8)))
    return function(Dual(xp), start).tangent


def off_kinks(case: Case) -> Case:
    """The case on fractions, each bias moved by 1/p with a prime p of its own, from 7 on: no kink is left.

    The numbers of a case have denominators 2ⁿ, kinks and slopes 2ⁿ5ᵐ. So p divides the denominator of its own
    pre-activation alone, and neither a kink, nor a target, nor another piece of a maxout is equal to that.
    """
    primes = iter(list(sympy.primerange(7, 1000)))
    shift = np.frompyfunc(lambda value: Fraction(value) + Fraction(1, next(primes)), 1, 1)
    parameters = tuple((exact.asarray(W), np.asarray(shift(b.astype(object)))) for W, b in case.parameters)
    return replace(case, parameters=parameters, x=exact.asarray(case.x), y=exact.asarray(case.y))


def any_case(**restrictions: Any) -> st.SearchStrategy[Case]:
    """Cases in float64, weight decay included; many of them lie on kinks."""
    return cases("float64", networks(**{"weight_decays": (0.0, 0.1), **restrictions}))


def piecewise_case(**restrictions: Any) -> st.SearchStrategy[Case]:
    """Cases that run on fractions."""
    return any_case(**{"activations": (*PIECEWISE_LINEAR, "maxout"), "outputs": witnesses.QUADRATIC, **restrictions})
