"""The smallest example, drawn in a few lines of text, the wrong number between » and «."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ffn.cases.case import flat
from ffn.learn.judging.arguments import FunctionCase
from ffn.learn.message.digits import short
from ffn.numbers.floating import floating

FLOATS = floating("float64")
WIDTH = 78
DIGITS = (4, 7, 9)  # the first of these in which numbers that differ look different
Wrong = tuple[str, tuple[int, ...]]  # an array, by name, and the index in it
# (case, names of the answer, the answer or None, what is wrong in it) → lines
Drawing = Callable[[Any, Any, Any, Wrong | None], Sequence[str]]


def matrix(array: Any, wrong: tuple[int, ...] | None = None) -> list[str]:
    """An array as rows of numbers, aligned; the entry at ``wrong`` is marked."""
    array = np.asarray(array)
    if array.ndim > 2:
        array, wrong = array.reshape(array.shape[0], -1), None if wrong is None else _flat_index(wrong, array.shape)
    rows = array.reshape(1, -1) if array.ndim < 2 else array
    place = None if wrong is None else (0,) * (2 - len(wrong)) + tuple(wrong)
    digits = next((n for n in DIGITS if len({short(v, n) for v in rows.flat}) == len(set(rows.ravel().tolist()))), 4)
    cells = [
        [f"»{short(value, digits)}«" if (i, j) == place else short(value, digits) for j, value in enumerate(row)]
        for i, row in enumerate(rows)
    ]
    if np.ndim(array) == 0:
        return cells[0]
    width = max((len(cell) for row in cells for cell in row), default=1)
    return ["[" + " ".join(cell.rjust(width) for cell in row) + "]" for row in cells] or ["[]"]


def _flat_index(index: tuple[int, ...], shape: tuple[int, ...]) -> tuple[int, int]:
    return index[0], int(np.ravel_multi_index(index[1:], shape[1:]))


def blocks(named: Sequence[tuple[str, list[str]]]) -> list[str]:
    """Named blocks of lines side by side, as many as the width takes, then below."""
    lines: list[str] = []
    row: list[tuple[str, list[str]]] = []
    for name, block in named:
        if row and sum(len(n) + len(b[0]) + 6 for n, b in [*row, (name, block)]) > WIDTH:
            lines += _side_by_side(row)
            row = []
        row.append((name, block))
    return lines + (_side_by_side(row) if row else [])


def _side_by_side(row: Sequence[tuple[str, list[str]]]) -> list[str]:
    height = max(len(block) for _, block in row)
    lines = []
    for i in range(height):
        parts = []
        for name, block in row:
            label = f"{name} = " if i == 0 else " " * (len(name) + 3)
            parts.append(label + (block[i] if i < len(block) else " " * len(block[0])))
        lines.append("  " + "   ".join(parts).rstrip())
    return lines


def tables(case: FunctionCase, names: Any, answer: Any, wrong: Wrong | None) -> list[str]:
    """The arguments, and below them the answer."""
    given = [(name, [repr(value)] if isinstance(value, str) else matrix(value)) for name, value in case.named()]
    lines = blocks(given)
    return lines if answer is None else [*lines, *blocks(returned(names, answer, wrong))]


def returned(names: Any, answer: Any, wrong: Wrong | None) -> list[tuple[str, list[str]]]:
    """The arrays of an answer by their names."""
    return [
        (name, matrix(array, wrong[1] if wrong and wrong[0] == name else None))
        for name, array in zip(flat(names), flat(answer), strict=True)
    ]


def elementwise(forward: str, shown: Mapping[str, Callable[..., Any]] | None = None, **names: str) -> Drawing:
    """A unit with its pre-activation z and its output h, forward above and backward below, of the wrong entry.

    Args:
        forward: what stands over the arrow, such as ``"relu"``.
        shown: further arrays by name, each from the arguments in their order, in NumPy.
        names: which argument, or array of the answer, is ``z``, ``h``, ``dz`` and ``dh``; what is missing is left out.
    """

    def draw(case: FunctionCase, asked: Any, answer: Any, wrong: Wrong | None) -> list[str]:
        if answer is None or wrong is None:
            return tables(case, asked, answer, wrong)
        index = wrong[1]
        numbers: dict[str, Any] = {**dict(case.named()), **dict(zip(flat(asked), flat(answer), strict=True))}
        numbers |= {name: function(*case.arguments("")) for name, function in (shown or {}).items()}

        def number(role: str) -> str:
            if role not in names:
                return ""
            entry = short(np.asarray(numbers[names[role]])[index])
            return f"{names[role]} = " + (f"»{entry}«" if names[role] == wrong[0] else entry)

        over, under = number("z"), number("dz")
        left = max(len(over), len(under))
        label = forward if "name" not in numbers else str(numbers["name"])
        lines = [f"  {over.rjust(left)} ──{label}──▶ {number('h')}".rstrip()]
        if "dz" in names and "dh" not in names:
            return [f"  {over} ──{label}──▶ {number('h')}", f"  {under}"]
        if "dh" in names:
            lines.append(f"  {under.rjust(left)} ◀──{'─' * len(label)}── {number('dh')}".rstrip())
        return lines

    return draw
