"""The kind *predict*: numbers by hand, judged by fractions, cell by cell."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from ffn.learn.exercise import Exercise, Finding, Misconception, Outcome
from ffn.learn.judging.opening import opened
from ffn.learn.judging.submission import Submission
from ffn.learn.message.digits import fraction
from ffn.numbers.exact import exact

MOST_LINES = 5  # of the table

Cells = Mapping[str, Any]
Cell = tuple[str, tuple[int, ...]]


@dataclass(frozen=True, kw_only=True)
class Predict(Exercise):
    """Values to be found by hand: numbers, or nested lists of them, of which each cell is judged by itself.

    Attributes:
        truth: (xp) → the right values by name, in the order in which one computes them; run on fractions. The rule of a
            misconception is another such function: the numbers of somebody who makes that slip and computes on rightly.
    """

    truth: Callable[..., Cells]

    @property
    def asked(self) -> tuple[str, ...]:
        return tuple(self.truth(exact))

    def judge(self, submission: Submission) -> Finding:
        finding = opened(submission, (), "value")
        if finding is not None:
            return finding
        right = _cells(self.truth(exact))
        computed: dict[Cell, Fraction | None] = {}
        for name, value in self.truth(exact).items():
            if name not in submission.defines:
                return Finding(Outcome.ERROR, "runs", f"There is no {name}.", name=name)
            try:
                computed |= _filled(name, submission.value(name), np.shape(value))
            except ValueError as error:
                return Finding(Outcome.ERROR, "shapes", f"{name}: {error}.", name=name)
        filled = {cell: value for cell, value in computed.items() if value is not None}
        if not filled:
            return Finding(Outcome.NOT_BEGUN, message="Every value is None.", name=self.asked[0])
        return self._compared(right, computed, filled)

    def _compared(
        self, right: Mapping[Cell, Fraction], computed: Mapping[Cell, Fraction | None], filled: Mapping[Cell, Fraction]
    ) -> Finding:
        held = tuple(_written(cell) for cell, value in filled.items() if _same(value, right[cell]))
        if len(held) == len(right):
            return Finding(Outcome.PASSED, held=held, laws=len(right), name=self.asked[0], things="values")
        wrong = [cell for cell, value in filled.items() if not _same(value, right[cell])]
        place = wrong[0] if wrong else next(cell for cell in right if cell not in filled)
        if wrong:
            message = f"{_written(wrong[0])} is not {fraction(filled[wrong[0]])}."
        else:
            message = f"What is there is right; {_written(place)} is still missing."
        name = place[0]
        drawing = tuple(_table(computed, place))
        found = [each for each in self.misconceptions if wrong and self._agrees(each, right, filled)]
        misconception = found[0] if len(found) == 1 else None
        outcome = Outcome.WRONG if wrong else Outcome.UNFINISHED
        return Finding(
            outcome, "numbers", message, self.law, name, None, drawing, misconception,
            len(wrong) if misconception else 0, len(filled), held, len(right),
            things="values",
        )  # fmt: skip

    def _agrees(
        self, misconception: Misconception, right: Mapping[Cell, Fraction], filled: Mapping[Cell, Fraction]
    ) -> bool:
        """Whether every cell that is filled in is what the misconception gives, and some is not the truth."""
        theirs = [_cells(rule(exact)) for rule in (misconception.rule, *misconception.also)]
        return any(all(_same(value, each[cell]) for cell, value in filled.items()) for each in theirs)

    def slip(self, misconception: Misconception) -> Mapping[str, Any]:
        return {name: np.asarray(value).tolist() for name, value in misconception.rule(exact).items()}


def _cells(values: Cells) -> dict[Cell, Fraction]:
    return {
        (name, index): Fraction(entry)
        for name, value in values.items()
        for index, entry in np.ndenumerate(np.asarray(value, dtype=object))
    }


def _filled(name: str, value: Any, shape: tuple[int, ...]) -> Iterator[tuple[Cell, Fraction | None]]:
    """The cells of a value that was handed in.

    Raises:
        ValueError: when it has another shape.
    """
    found = np.empty(shape, dtype=object)
    if value is None:
        return iter([((name, index), None) for index in np.ndindex(shape)])
    array = np.array(value, dtype=object)
    if array.shape != shape:
        raise ValueError(f"it has shape {array.shape}, not {shape}")
    found[...] = array
    return iter([((name, index), entry) for index, entry in np.ndenumerate(found)])


def _same(value: Fraction, right: Fraction) -> bool:
    """Whether a number is right, as a fraction or, where one wrote 1/3 and Python divided, as the float of it."""
    return value == right or float(value) == float(right)


def _written(cell: Cell) -> str:
    name, index = cell
    return f"{name}[{', '.join(map(str, index))}]" if index else name


def _table(computed: Mapping[Cell, Fraction | None], place: Cell) -> Iterator[str]:
    """What was handed in, a line a name, up to the place that is told of."""
    names = list(dict.fromkeys(name for name, _ in computed))
    last = names.index(place[0]) + 1
    for name in names[max(0, last - MOST_LINES) : last]:
        cells = [(cell, value) for cell, value in computed.items() if cell[0] == name]
        said = (f"»{fraction(value)}«" if cell == place else fraction(value) for cell, value in cells)
        yield f"  {name} = {'  '.join(said)}"
