"""A network of a few units, drawn: numbers on the edges, of the units, and on the way back.

Each row of a layer is a unit. What stands before its arrow are the weights of its edges, from the first unit of the
layer before to the last, and its bias. Below the line are the cotangents, and the gradient that was handed in.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from ffn.cases.case import Case, flat
from ffn.learn.message.digits import short
from ffn.learn.message.drawing import FLOATS, WIDTH, Wrong, blocks, matrix, returned
from ffn.network import backward, forward
from ffn.network.description import Network


class _Column(NamedTuple):
    """A column: its title, a cell for each unit on the way there, and on the way back."""

    title: str
    there: list[str]
    back: list[str]


def network(case: Case, names: Any, answer: Any, wrong: Wrong | None) -> list[str]:
    """The network on the batch; of several rows each number is a list. Wide ones are given as matrices."""
    described = case.network
    assert isinstance(described, Network)
    steps = forward.trace(FLOATS, described, case.parameters, case.x, case.masks)
    found = backward.cotangents(FLOATS, described, case.parameters, steps, case.y, case.masks)
    mine = flat(answer) if isinstance(names, tuple) and answer is not None else None
    columns = [_Column("x", _units(case.x), [])]
    for depth, ((W, b), step, cotangent) in enumerate(zip(case.parameters, steps, found, strict=True)):
        if W.ndim > 2:
            return _as_matrices(case, names, answer, wrong)
        if case.masks is not None:
            columns.append(_Column("·mask", _units(case.masks[depth]), []))
        gradient = _edges(mine[2 * depth], mine[2 * depth + 1], depth, wrong) if mine else []
        columns += [
            _Column("W | b", _edges(W, b, depth, None), gradient),
            _Column("z", _units(step.z), _units(cotangent.dz) if mine else []),
        ]
        if depth < len(described.hidden):
            name = described.hidden[depth].activation
            columns += [
                _Column(name, ["─▶"] * W.shape[1], ["◀─"] * W.shape[1] if mine else []),
                _Column("h", _units(step.h), _units(cotangent.dh) if mine else []),
            ]
    columns.append(_Column("y", _units(np.atleast_2d(case.y.T).T), []))
    if names == "output" and answer is not None:
        columns.append(_Column("yours", _units(answer, wrong[1] if wrong else None), []))
    lines = _lines(columns, bool(mine))
    return lines if max(map(len, lines)) <= WIDTH + 2 else _as_matrices(case, names, answer, wrong)


def _lines(columns: Sequence[_Column], with_back: bool) -> list[str]:
    widths = [max(map(len, (column.title, *column.there, *column.back))) for column in columns]
    rows = [[column.title for column in columns]]
    rows += _rows([column.there for column in columns])
    lines = ["     " + _joined(row, widths) for row in rows]
    back = _rows([column.back for column in columns])
    return lines + [("∂loss" if i == 0 else "     ") + _joined(row, widths) for i, row in enumerate(back)] * with_back


def _rows(columns: Sequence[Sequence[str]]) -> list[list[str]]:
    height = max(map(len, columns))
    return [[column[i] if i < len(column) else "" for column in columns] for i in range(height)]


def _joined(cells: Sequence[str], widths: Sequence[int]) -> str:
    return " " + "  ".join(cell.rjust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()


def _units(array: Any, wrong: tuple[int, ...] | None = None) -> list[str]:
    """A cell for each unit: its number, or that of each row of the batch."""
    return [
        ",".join(_marked(value, (row, unit) == wrong) for row, value in enumerate(column))
        for unit, column in enumerate(np.asarray(array).T)
    ]


def _edges(W: Any, b: Any, depth: int, wrong: Wrong | None) -> list[str]:
    """A cell for each unit: the numbers on its edges and, after a bar, at its bias."""

    def is_wrong(name: str, *index: int) -> bool:
        return wrong == (f"layer {depth}, {name}", index)

    return [
        " ".join(_marked(w, is_wrong("W", i, unit)) for i, w in enumerate(column))
        + f" | {_marked(b[unit], is_wrong('b', unit))}"
        for unit, column in enumerate(np.asarray(W).T)
    ]


def _marked(value: Any, wrong: bool) -> str:
    return f"»{short(value)}«" if wrong else short(value)


def _as_matrices(case: Case, names: Any, answer: Any, wrong: Wrong | None) -> list[str]:
    """What the layer of the wrong number holds, as matrices."""
    depth = int(wrong[0].split(",")[0].removeprefix("layer ")) if wrong and wrong[0].startswith("layer ") else 0
    W, b = case.parameters[depth]
    lines = blocks([("x", matrix(case.x)), (f"layer {depth}: W", matrix(W)), ("b", matrix(b)), ("y", matrix(case.y))])
    if answer is None or wrong is None:
        return lines
    return lines + blocks([(name, block) for name, block in returned(names, answer, wrong) if name == wrong[0]])
