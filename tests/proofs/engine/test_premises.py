"""What a step may use: equal entries are put in for one another where that is allowed, and nowhere else."""

from __future__ import annotations

from typing import Any

import pytest
from sympy import exp

from proofs.engine.check.setting import Setting
from proofs.engine.check.steps import failed_checks
from proofs.engine.derivation import Fact, Step, Uses
from proofs.engine.notation import Partial, array, dimension, g, index, natural, total

n, m = dimension("n"), natural("m")
j, k = index("j"), index("k")
x, y, table = array("x", n), array("y", n), array("W", n, n)
EQUAL = Fact(x[k], "=", y[k], {k: n})
COLUMNS = Fact(table[k, 1], "=", table[k, j], {k: n})
SOME, DIAGONAL = Fact(x[k], "=", y[k], {k: m}), Fact(table[k, k], "=", 0, {k: n})
TRUE = {
    "inside a function, under a sum": (total(lambda i: g(x[i]), n), total(lambda i: g(y[i]), n), EQUAL),
    "in a denominator": (1 / (1 + exp(x[j])), 1 / (1 + exp(y[j])), EQUAL),
    "a column for a column": (g(total(lambda i: table[i, 1], n)), g(total(lambda i: table[i, j], n)), COLUMNS),
}
FALSE = {
    "under a derivative": (Partial(g(x[j]), x[j]), Partial(g(y[j]), x[j]), EQUAL),
    "beyond the entries that are equal": (total(lambda i: g(x[i]), n), total(lambda i: g(y[i]), n), SOME),
    "off the diagonal": (total(lambda i, p: g(table[i, p]), n, n), n**2 * g(0), DIAGONAL),
    "from right to left, and left alone": (g(x[j]) * g(y[j]), g(y[j]) * g(x[k]), EQUAL),
    "another column": (g(table[k, 2]), g(table[k, j]), COLUMNS),
}


def premises(before: Any, result: Any, fact: Fact) -> tuple[str, ...]:
    (size,) = fact.over.values()
    setting = Setting("an example", {j: n, k: size}, given=(fact,), example={x: 1, y: 1, table: 1})
    return failed_checks(before, Step("put in", result, "", uses=Uses(fact)), setting)


@pytest.mark.parametrize("case", TRUE.values(), ids=TRUE)
def test_equal_entries_stand_for_one_another(case: tuple[Any, Any, Fact]) -> None:
    """That two equal units have equal gradients could not be said: their weights stand inside of the activation."""
    assert premises(*case) == ()


@pytest.mark.parametrize("case", FALSE.values(), ids=FALSE)
def test_nothing_else_is_put_in(case: tuple[Any, Any, Fact]) -> None:
    """A derivative by an entry, or an entry that the fact does not reach, would become another."""
    assert "premise" in premises(*case)
