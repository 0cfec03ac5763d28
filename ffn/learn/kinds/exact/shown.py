"""How an expression of a proof step is shown: in the words in which a learner writes it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any


def as_written(build: Callable[..., Any], terms: Mapping[str, Any], module: str, found: Any) -> str:
    """The text of an expression whose abbreviations, such as z(i), stand as they were written.

    Args:
        build: (terms) → the expression.
        terms: by name; the functions among them that the exercise's module defines are abbreviations.
        module: of the exercise.
        found: sympy and the engine.
    """
    short = {
        name: found.sympy.Function(name)
        for name, term in terms.items()
        if inspect.isfunction(term) and term.__module__ == module
    }
    try:
        expression = found.sympy.sympify(build({**terms, **short}))
    except Exception:  # it looks into them, where there is nothing now
        expression = found.sympy.sympify(build(terms))
    return str(_printer(found.sympy).doprint(expression))


def _printer(sympy: Any) -> Any:
    """A printer that writes a sum as `total`, Kronecker's δ as `delta`, and an index of a sum by its name."""

    class Written(sympy.printing.str.StrPrinter):  # type: ignore[misc]
        def _print_Dummy(self, expression: Any) -> str:
            return str(expression.name)

        def _print_Sum(self, expression: Any) -> str:
            said = str(self.doprint(expression.function))
            for index, _, last in expression.limits:
                said = f"total(lambda {self.doprint(index)}: {said}, {self.doprint(last)})"
            return said

        def _print_KroneckerDelta(self, expression: Any) -> str:
            return f"delta({', '.join(map(self.doprint, expression.args))})"

    return Written()
