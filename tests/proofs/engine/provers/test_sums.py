"""Sums: what sympy does to their indices silently, and the normal form in which equal ones look alike."""

from __future__ import annotations

from typing import Any

import pytest
import sympy
from sympy import Abs, KroneckerDelta, Sum, exp, log, oo, sqrt, tanh

from proofs.engine.claim import put
from proofs.engine.notation import Partial, array, arrays, dimension, f, g, index, phi, positives, reals, total
from proofs.engine.notation.calculus import differentiate
from proofs.engine.notation.layers import Loss, vector_of
from proofs.engine.provers import normal

n, m = dimension("n"), dimension("m")
i, j, k = index("i"), index("j"), index("k")
x, y, a, endless = array("x", n), array("y", n), array("a", n, positive=True), array("e", oo)
(W,) = arrays("W")
s, t = reals("s t")
u, v = positives("u v")
RANGES = {i: n, j: n, k: n}


def equal(left: Any, right: Any, ranges: Any = RANGES) -> bool:
    return normal.equal_in_general(left, right, ranges)


# What sympy captures


def test_sympy_differentiates_by_a_bound_index_and_is_wrong() -> None:
    """The guard would be there for nothing: the i outside is not the i of the sum, and ∂Σxᵢ²/∂xᵢ is 2xᵢ."""
    squares = Sum(x[i] ** 2, (i, 1, n))
    assert sympy.diff(squares, x[i]) == Sum(2 * x[i], (i, 1, n))
    assert normal.normal(differentiate(squares, x[i]), RANGES) == 2 * x[i]


def test_sympy_substitutes_into_a_bound_index_and_is_wrong() -> None:
    """Σᵢ xᵢ xₖ at k = i would become Σᵢ xᵢ²."""
    mixed = Sum(x[i] * x[k], (i, 1, n))
    assert mixed.subs(k, i) == Sum(x[i] ** 2, (i, 1, n))
    assert equal(put(mixed, {k: i}), x[i] * Sum(x[j], (j, 1, n)))


def test_a_derivative_inside_a_sum_keeps_its_index() -> None:
    """Σₖ ∂(Σᵢ xᵢ²)/∂xₖ would be confused with the derivative by one entry."""
    inner = total(lambda i: x[i] ** 2, n)
    assert equal(total(lambda k: Partial(inner, x[k]), n), 2 * total(lambda k: x[k], n))


def test_a_derivative_by_a_dimension_is_refused() -> None:
    """It would silently be 0."""
    with pytest.raises(NotImplementedError, match="dimension"):
        differentiate(total(lambda i: x[i], n), n)


# The general check


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (total(lambda i: x[i], n), total(lambda j: x[j], n)),
        (total(lambda i, j: W[i, j], n, m), total(lambda j, i: W[i, j], m, n)),
        (total(lambda i: x[i] * total(lambda j: W[i, j], m), n), total(lambda i, j: x[i] * W[i, j], n, m)),
        (total(lambda i: 2 * t * x[i], n), 2 * t * total(lambda i: x[i], n)),
        (total(lambda i: x[i], n) ** 2, total(lambda i, j: x[i] * x[j], n, n)),
        (total(lambda i: t, n), n * t),
        (total(lambda i: KroneckerDelta(i, k) * x[i], n), x[k]),
        (total(lambda i, j: KroneckerDelta(i, j) * x[i] * y[j], n, n), total(lambda i: x[i] * y[i], n)),
        (KroneckerDelta(i, j) * x[i], KroneckerDelta(i, j) * x[j]),
        (1 / (1 + KroneckerDelta(i, j)), 1 - KroneckerDelta(i, j) / 2),
        (total(lambda i: exp(x[i] + t), n), exp(t) * total(lambda i: exp(x[i]), n)),
        (log(total(lambda i: exp(x[i] + t), n)), t + log(total(lambda i: exp(x[i]), n))),
        (
            total(lambda i: log(total(lambda j: a[i] * a[j], n)), n),
            total(lambda j: log(total(lambda i: a[i] * a[j], n)), n),
        ),
        (total(lambda i: a[i] / total(lambda j: a[j], n), n), sympy.S.One),
        (total(lambda i: g(total(lambda j: W[i, j], n)), n), total(lambda j: g(total(lambda i: W[j, i], n)), n)),
        (
            total(lambda b, c: x[b] * g(total(lambda p, r: f(x[b] * y[p] + x[c] * y[r]), n, n)), n, n),
            total(lambda c, b: x[c] * g(total(lambda p, r: f(x[c] * y[p] + x[b] * y[r]), n, n)), n, n),
        ),
        (
            total(lambda p, r: endless[p] * endless[r + 1], n, n + 1),
            total(lambda p: endless[p], n) * (total(lambda r: endless[r + 1], n) + endless[n + 2]),
        ),
        (Sum(endless[k], (k, 3, 1)) + Sum(endless[k], (k, 3, 2)) + Sum(endless[k], (k, 3, 3)), endless[3]),
        (total(lambda p: 1 / (a[p] * (1 + a[p])) - 1 / a[p], n), -total(lambda p: 1 / (1 + a[p]), n)),
        (
            total(lambda p: t / (a[p] * (1 + a[p])), n) - t * total(lambda p: 1 / a[p], n),
            total(lambda p: s / (a[p] * (1 + a[p])) - s / a[p] - t / (1 + a[p]), n)
            + total(lambda p: s / (1 + a[p]), n),
        ),
        (total(lambda i: KroneckerDelta(i, 1) * x[i], n), x[1]),
        (Sum(endless[k], (k, n, n + 1)), endless[n] + endless[n + 1]),
        (total(lambda p, r: KroneckerDelta(p, r) * KroneckerDelta(r, k), n, n), 1),
        (
            total(lambda p: total(lambda r: x[r] * a[p], n) ** 2, n),
            total(lambda r: x[r], n) ** 2 * total(lambda p: a[p] ** 2, n),
        ),
        ((u * v) ** (t + 1), u * u**t * v**t * v),
        (Abs(-u * exp(t) * s), u * exp(t) * Abs(s)),
        (Abs(total(lambda p: x[p] - y[p], n)), Abs(total(lambda p: y[p] - x[p], n))),
        (Abs(s - t * exp(s)), Abs(t * exp(s) - s)),
        (log(u * exp(t) / v**2), log(u) + t - 2 * log(v)),
        (exp(log(u) + t) * exp(-t), u),
    ],
)
def test_equal_sums_have_one_normal_form(left: Any, right: Any) -> None:
    """A step would be refused for the names, the order or the grouping of its indices."""
    assert equal(left, right)


@pytest.mark.parametrize(
    "function", [exp, Abs, tanh, g, phi, sympy.sin, lambda e: log(1 + e**2), lambda e: e**-2, sqrt]
)
def test_a_sum_inside_of_a_function_is_in_normal_form(function: Any) -> None:
    """Two values of one function at one place would be told apart."""
    assert equal(function(total(lambda i: KroneckerDelta(i, k) * x[i], n)), function(x[k]))


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (total(lambda i, j: W[i, j], n, n), total(lambda i: W[i, i], n)),
        (total(lambda i: x[i] ** 2, n), total(lambda i: x[i], n) ** 2),
        (total(lambda i: g(total(lambda j: W[i, j], n)), n), total(lambda i: g(total(lambda j: W[j, i], n)), n)),
        (total(lambda i: x[i], n), total(lambda i: x[i], m)),
        (KroneckerDelta(i, j) * x[i], x[i]),
        (log(s * t), log(s) + log(t)),  # wrong where both are negative
        (sqrt(t**2), t),
        (Sum(endless[k], (k, 3, 2)), endless[2]),
        (Sum(endless[k], (k, 3, 1)), endless[1] + endless[2]),
        (total(lambda p: 1 / (a[p] * (1 + a[p])) - 1 / a[p], n), -2 * total(lambda p: 1 / (1 + a[p]), n)),
        (total(lambda p: 1 / (a[p] * (1 + a[p])) - 1 / a[p], n), -total(lambda p: 1 / (1 + endless[p]), m)),
        (total(lambda p: x[p], n) ** 2 - total(lambda p: x[p] ** 2, n), 0),
        (Sum(endless[i], (i, 1, j), (j, 1, n)), n * Sum(endless[i], (i, 1, j))),
        (Sum(endless[i], (i, 1, j - 3)), Sum(endless[i], (i, 1, j - 4)) + endless[j - 3]),  # of no terms where j is 3
        (log(t**2), 2 * log(t)),
        (log(t**2), log(2 * t)),
        (Abs(t * s), t * Abs(s)),
        (total(lambda i: KroneckerDelta(i, 2) * x[i], n), x[2]),  # where n is 1 there is no such entry
    ],
)
def test_sums_that_differ_are_told_apart(left: Any, right: Any) -> None:
    """The general check would accept everything."""
    assert not equal(left, right)


def test_no_index_of_a_derivation_is_taken_for_one_of_a_normal_form() -> None:
    """Σ_a |x_a − y_k| would be Σ_a |x_a − y_a|, were k called as the normal form calls a."""
    called, width = index("ι0.0"), index("υ0")
    apart = total(lambda a: Abs(x[a] - y[called]), n) - total(lambda a: Abs(x[a] - y[a]), n)
    assert not normal.vanishes(apart, {called: n})
    at_one, at_each = vector_of(lambda a: Abs(endless[a] - y[width])), vector_of(lambda a: Abs(endless[a] - y[a]))
    assert not normal.vanishes(Loss(0, at_one) - Loss(0, at_each), {width: n})


def test_a_delta_is_contracted_only_where_both_indices_have_one_range() -> None:
    """Σᵢ₌₁..ₙ δ_ik x_k would be x_k also for k > n."""
    one_term = total(lambda i: KroneckerDelta(i, k) * x[i], n)
    assert equal(one_term, x[k], {k: n})
    assert not equal(one_term, x[k], {k: m})
    assert not equal(one_term, x[k], {})
