"""Small sizes, written out, and derivatives by their rules."""

from __future__ import annotations

from typing import Any

import pytest
import sympy
from sympy import Abs, KroneckerDelta, Pow, Rational, Symbol, exp, log, oo, sqrt, tanh

from proofs.engine import instances
from proofs.engine.notation import (
    Partial,
    array,
    arrays,
    dimension,
    g,
    index,
    positives,
    reals,
    sigmoid,
    total,
)
from proofs.engine.notation.calculus import differentiate
from proofs.engine.provers import normal

n, q = dimension("n"), dimension("q")
i, j, k = index("i"), index("j"), index("k")
(t, z), (u, v) = reals("t z"), positives("u v")
x, y = array("x", n), array("y", n)


def test_sizes_and_indices_are_all_tried() -> None:
    """A size or an index would be left out, where the sides differ."""
    assert list(instances.sizes([n, q], {q: 2})) == [{n: a, q: b} for a in (1, 2, 3) for b in (2, 3, 4)]
    assert list(instances.settings({i: n, j: n + 1}, {n: 1})) == [{n: 1, i: 1, j: 1}, {n: 1, i: 1, j: 2}]
    assert instances.dimensions_of([total(lambda a: x[a], q)], {i: n + 1}) == [n, q]
    assert instances.expanded(total(lambda a: x[a] * t, n) + KroneckerDelta(k, 2), {n: 2, k: 2}) == (
        t * Symbol("x_1", real=True) + t * Symbol("x_2", real=True) + 1
    )
    assert instances.expanded(Partial(total(lambda a, b: x[a] * y[b], n, n), x[k]), {n: 2, k: 1}) == sum(
        Symbol(f"y_{at}", real=True) for at in (1, 2)
    )
    assert instances.entry(array("a", n, positive=True), 3).is_positive
    assert instances.entries(x, 2).tolist() == [Symbol("x_1", real=True), Symbol("x_2", real=True)]
    assert instances.instantiated(k * 10 + j, {k: n, j: q}, {n: 2, q: 1}).tolist() == [[11], [21]]


@pytest.mark.parametrize(
    ("left", "right", "smallest", "equal"),
    [
        (x[k] * 0 + n, n, {}, True),
        ((n - 1) * (n - 2) * (n - 3) * x[k], 0, {}, True),  # of three sizes alone
        ((n - 1) * (n - 2) * x[k], 0, {n: 2}, False),
        (total(lambda a: 1, n), n, {}, True),
        (total(lambda a: x[a], n), x[1] + x[2], {n: 2}, False),
        (x[k], x[1], {}, False),
        (array("e", oo)[q + 1] * 2, array("e", oo)[1 + q] + array("e", oo)[q + 1], {}, True),
    ],
)
def test_sides_are_equal_at_small_sizes(left: Any, right: Any, smallest: Any, equal: bool) -> None:
    """A claim that fails at the third size, or the second index, would go through."""
    assert instances.equal_in_instances(left, right, {k: n}, smallest) is equal


@pytest.mark.parametrize(
    ("expr", "zero"),
    [
        (tanh(z) - (exp(z) - exp(-z)) / (exp(z) + exp(-z)), True),
        (tanh(z) - tanh(2 * z), False),
        (log(u * exp(z)) - log(u) - z, True),
        (log(u**2 + u * v) - log(u) - log(u + v), True),
        (log(1 + u) - log(u), False),
        (2 * log(sqrt(u)) - log(u), True),
        (Abs(u * z) - u * Abs(z), True),
        (Abs(u * z + u * t) - u * Abs(t + z), True),
        (Abs(z) - z, False),
        (exp(2 * z) - exp(z) ** 2, True),
        (exp(z + t) - exp(z) * exp(t), True),
        (1 / (1 + exp(-z)) - exp(z) / (1 + exp(z)), True),
        (sigmoid(z) + sigmoid(-z) - 1, True),
        (sympy.sin(z) ** 2 + sympy.cos(z) ** 2 - 1, True),
        (sympy.sin(z) ** 2 + sympy.cos(z) ** 2 - 2, False),
        (g(z) * 2 - g(z) - g(z), True),
        (Rational(1, 10**8) * z, False),
        (sqrt(u) ** 3 - u * sqrt(u), True),
    ],
)
def test_an_expression_is_zero(expr: Any, zero: bool) -> None:
    """Two equal sides would be told apart at every size, or two that differ would not."""
    assert instances.is_zero(expr) is zero


def test_what_is_far_from_zero_at_one_point_is_not_simplified(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each refusal at a small size would take seconds."""
    monkeypatch.setattr(sympy, "simplify", None)
    for far in (sympy.sin(z) ** 2 + sympy.cos(z) ** 2 - 2, sqrt(u) - sqrt(v), z - t, z * u / 100, sympy.cos(t * z)):
        assert not instances.is_zero(far)


# Calculus


@pytest.mark.parametrize(
    ("expr", "by", "slope"),
    [
        (z**3 * t, z, 3 * z**2 * t),
        (u ** Rational(3, 2), u, Rational(3, 2) * sqrt(u)),
        (1 / (1 + exp(z)), z, -exp(z) / (1 + exp(z)) ** 2),
        (u**n, u, n * u ** (n - 1)),
        (Abs(z * t), z, sympy.sign(z * t) * t),
        (x[i] * y[j], x[k], KroneckerDelta(i, k) * y[j]),
        (x[i], y[k], 0),
        (t, z, 0),
        (Partial(z**3, z), z, 6 * z),
        (total(lambda a: x[a] * t, n), t, total(lambda a: x[a], n)),
    ],
)
def test_a_derivative_by_its_rule(expr: Any, by: Any, slope: Any) -> None:
    """A rule would be of another function."""
    ranges = {i: n, j: n, k: n}
    assert normal.equal_in_general(differentiate(expr, by), slope, ranges)


def test_whole_numbers_and_other_entries_have_no_derivative() -> None:
    """A size would be varied as if it were a number between, or an entry be taken for one of another array."""
    for whole in (n, k):
        with pytest.raises(NotImplementedError, match=f"^no derivative by a dimension: {whole}$"):
            differentiate(u**n * k, whole)
    (loose,) = arrays("L")
    assert differentiate(x[i] * loose[i, j], y[i]) == 0
    with pytest.raises(ValueError, match="zip"):
        differentiate(loose[i, j], loose[i])


@pytest.mark.parametrize("expr", [Pow(2, z), Pow(u, x[k]), Pow(u, g(z)), Pow(u, total(lambda a: x[a], n))], ids=str)
def test_an_exponent_that_varies_has_no_rule(expr: Any) -> None:
    """It would be differentiated as if it did not."""
    with pytest.raises(NotImplementedError, match=r"no rule for the derivative of (Pow|exp2)"):
        differentiate(expr, z)
