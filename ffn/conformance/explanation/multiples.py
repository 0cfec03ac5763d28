"""The admissible set times a number, or in another order: the answer is right but for what is done to it at the end."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import partial

import numpy as np
import numpy.typing as npt

from ffn.cases.case import Case
from ffn.conformance.explanation.answer import Answer, Balls, Hypothesis
from ffn.network.description import Recurrent
from ffn.numbers.ball import number

MOST_PLACES = 64  # along an axis whose order is looked for, which takes their square


def multiples(answer: Answer) -> Iterator[Hypothesis]:
    """The set of some arrays times a number, the others, which it claims to be right, as they are."""
    for label, (factor, meaning) in _factors(answer).items():
        for words, scope in answer.scopes.items():
            where = f" in {words} alone" if words else ""
            times = " times what is admissible" if factor else ""
            yield Hypothesis(
                f"It is {label}{times}{where}{meaning}" + ".",
                partial(_scaled, answer, factor, scope),
                claims=frozenset({label, *(name for place, name in enumerate(answer.names) if place not in scope)}),
                plain=f"It is {factor}{times}{where}.".replace("-", "−"),
            )


def _scaled(answer: Answer, factor: Fraction, scope: frozenset[int]) -> Balls:
    chosen = np.repeat([place in scope for place in range(len(answer.shapes))], answer.sizes)
    return np.where(chosen, answer.truth * number(factor), answer.truth)


def _factors(answer: Answer) -> dict[str, tuple[Fraction, str]]:
    """The numbers that are tried, by what they are called, and what they may mean."""
    plain = {"0": (0, 1), "−1": (-1, 1), "2": (2, 1), "½": (1, 2), "3": (3, 1), "⅓": (1, 3), "4": (4, 1), "¼": (1, 4)}
    convention = " (another convention?)"
    found = {label: (Fraction(*ratio), convention if label in ("2", "½") else "") for label, ratio in plain.items()}
    case = answer.case
    if len(answer.values) == 1:
        del found["0"]  # it is what many losses are on simple numbers, and told by the number itself
    if isinstance(case, Case):
        mean = case.network.reduction == "mean"
        rows, units, steps = len(case.x), case.network.units, case.x.shape[1]
        summed, averaged = ": a sum where the mean is asked for", ": a mean where the sum is asked for"
        found |= {
            "N": (Fraction(rows), " (N rows)" + (summed if mean else "")),
            "1/N": (Fraction(1, rows), " (N rows)" + (": divided twice" if mean else averaged)),
            "units": (Fraction(units), ""),
            "1/units": (Fraction(1, units), ": a mean over the units too"),
            "1/(N·units)": (Fraction(1, rows * units), ": a mean over all entries" + averaged[8:]),
        }
        if rows > 1:
            found["N/(N − 1)"] = (Fraction(rows, rows - 1), " (N rows)")
        if isinstance(case.network, Recurrent):
            found |= {"T": (Fraction(steps), " (T steps)"), "1/T": (Fraction(1, steps), " (T steps): their mean")}
    return found


def orders(answer: Answer) -> Iterator[Hypothesis]:
    """The set with the places along an axis in another order, in every array that has it; or a W transposed."""
    if not isinstance(answer.case, Case):
        return
    parts = answer.by_part(answer.truth)
    twice = {axis for axes in answer.axes for axis in axes if axes.count(axis) > 1}  # states: from each, to each
    for axis in dict.fromkeys(axis for axes in answer.axes for axis in axes if axis not in twice):
        order = _order(answer, axis)
        if order is not None:
            moved = [_moved(part, axes, axis, order) for part, axes in zip(parts, answer.axes, strict=True)]
            yield _made(f"It is admissible with {_plural(axis)} in another order{_said(order)}.", moved)
    turned = [part.T.reshape(part.shape) if part.ndim == 2 else part for part in parts]
    yield _made(f"It is admissible {'with every W ' * (answer.name == 'gradient')}transposed.", turned)
    if len(set(answer.shapes[::2])) == 1 < len(answer.shapes[::2]) and answer.name == "gradient":
        yield _made("It is admissible with its layers the other way round.", [*_layers_reversed(parts)])


def _plural(axis: str) -> str:
    noun, _, layer = axis.partition(" ")  # units and pieces are counted by the layer that they end
    return f"the {noun}s of layer {int(layer) - 1}" if layer else f"its {noun}s"


def _made(sentence: str, parts: list[Balls]) -> Hypothesis:
    return Hypothesis(sentence, lambda: np.concatenate([part.ravel() for part in parts]), frozenset({sentence}))


def _moved(part: Balls, axes: tuple[str, ...], axis: str, order: npt.NDArray[np.int_]) -> Balls:
    return part.take(order, axis=axes.index(axis)) if axis in axes else part


def _layers_reversed(parts: list[Balls]) -> Iterator[Balls]:
    for place in reversed(range(0, len(parts), 2)):
        yield from parts[place : place + 2]


def _said(order: npt.NDArray[np.int_]) -> str:
    moved = np.flatnonzero(order != np.arange(len(order)))
    if len(moved) == 2:
        return f": {moved[0]} and {moved[1]} exchanged"
    return ": reversed" if np.array_equal(order, np.arange(len(order))[::-1]) else ""


def _order(answer: Answer, axis: str) -> npt.NDArray[np.int_] | None:
    """Of each place along an axis the only one whose set admits what stands there, if that is another order."""
    values, truth = (_along(answer, vector, axis) for vector in (answer.values, answer.truth))
    if not 2 <= len(values) <= MOST_PLACES:
        return None
    admitted = np.array([[_inside(row, balls) for balls in truth] for row in values])
    order = admitted.argmax(axis=1)
    unique = (admitted.sum(axis=0) == 1).all() and (admitted.sum(axis=1) == 1).all()
    return order if unique and not np.array_equal(order, np.arange(len(order))) else None


def _along(answer: Answer, vector: npt.NDArray[np.generic], axis: str) -> npt.NDArray[np.generic]:
    """What stands at each place along an axis, a row each, in all arrays that have the axis."""
    parts = zip(answer.by_part(vector), answer.axes, strict=True)
    columns = [np.moveaxis(part, axes.index(axis), 0) for part, axes in parts if axis in axes]
    return np.concatenate([column.reshape(len(column), -1) for column in columns], axis=1)


def _inside(values: Balls, balls: Balls) -> bool:
    return all(np.isfinite(value) and ball.contains(value) for value, ball in zip(values.tolist(), balls, strict=True))
