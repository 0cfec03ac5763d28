"""Comparisons with the code: at every case, exactly; and the code that is named was entered."""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import sympy

from proofs.engine import instances
from proofs.engine.derivation import Comparison
from proofs.engine.notation import text


def wrong(comparison: Comparison, claimed: Any) -> tuple[tuple[str, ...], str, str]:
    """Which kind of check fails, with both sides of the first case that differs."""
    kind = "code" if comparison.code else "count"
    if not comparison.cases:
        return (kind,), "no case", ""
    try:
        watch = Entered(comparison.code)
    except LookupError as error:
        return ("entered",), str(error), ""
    with watch as entered:
        for case in comparison.cases:
            left, right = np.asarray(comparison.computed(case)), np.asarray(claimed(case))
            if left.shape != right.shape:
                return (kind,), f"{case}: shape {left.shape}", str(right.shape)
            for at in np.ndindex(left.shape):
                if not _same(left[at], right[at]):
                    return (kind,), f"{case}: {text(left[at])}", text(right[at])
    return ((), "", "") if entered.done else (("entered",), f"{comparison.code} was not called", "")


def _same(a: Any, b: Any) -> bool:
    if isinstance(a, sympy.Basic) or isinstance(b, sympy.Basic):
        return instances.is_zero(sympy.sympify(a) - sympy.sympify(b))
    return bool(a == b)


class Entered:
    """Whether a function, or one of those in a table's entry (``module: entry``), is called inside the block."""

    def __init__(self, place: str) -> None:
        self._lines = lines_of(place) if place else None
        self.done = not place

    def __enter__(self) -> Entered:
        self._before = sys.getprofile()
        if self._lines:
            sys.setprofile(self._watch)
        return self

    def __exit__(self, *_: object) -> None:
        sys.setprofile(self._before)

    def _watch(self, frame: Any, event: str, _: Any) -> None:
        assert self._lines
        file, first, last = self._lines
        code = frame.f_code
        if event == "call" and first <= code.co_firstlineno <= last and code.co_filename == file:
            self.done = True
            sys.setprofile(self._before)


def lines_of(place: str) -> tuple[str, int, int]:
    """The file and the lines of ``module.function`` or ``module: entry of a table``.

    Raises:
        LookupError: where there is none.
    """
    module, colon, entry = (part.strip() for part in place.partition(":"))
    if colon:
        file = inspect.getsourcefile(_module(module)) or ""
        for node in ast.walk(ast.parse(inspect.getsource(_module(module)))):
            if isinstance(node, ast.Call) and entry in _names(node):
                return file, node.lineno, node.end_lineno or node.lineno
        raise LookupError(f"{module} has no entry {entry}")
    module, _, name = place.rpartition(".")
    function: Callable[..., Any] | None = getattr(_module(module), name, None)
    if function is None:
        raise LookupError(f"{module} has no {name}")
    function = inspect.unwrap(function)
    lines, first = inspect.getsourcelines(function)
    return inspect.getsourcefile(function) or "", first, first + len(lines) - 1


def _names(call: ast.Call) -> list[Any]:
    """What a call gives as its first argument, or as ``name=``."""
    given = [*call.args[:1], *(keyword.value for keyword in call.keywords if keyword.arg == "name")]
    return [value.value for value in given if isinstance(value, ast.Constant)]


def _module(name: str) -> Any:
    """What a derivation is tied to, it has imported."""
    if name not in sys.modules:
        raise LookupError(f"no module {name}")
    return sys.modules[name]
