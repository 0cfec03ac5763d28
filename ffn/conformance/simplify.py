"""Making a counterexample smaller than Hypothesis leaves it.

Hypothesis shrinks the sequence of choices that made a case. When a dimension of the network shrinks, the choices behind
it are read in other places, and the failure may be lost. Here the network itself is cut down: whole rows, inputs, units
are removed, then single numbers set to 0, ±1 or an integer, as long as the law fails with the same verdict.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from ffn.case import Case
from ffn.network import Parameters

MOST_STEPS = 400  # calls of the law: a second or two for a small network


def simplified(case: Case, fails: Callable[[Case], bool]) -> Case:
    """The case after every simplification, one at a time, that leaves ``fails(case)`` true."""
    steps = 0
    progress = True
    while progress:
        progress = False
        for simpler in candidates(case):
            if steps == MOST_STEPS:
                return case
            steps += 1
            if fails(simpler):
                case, progress = simpler, True
                break
    return case


def candidates(case: Case) -> Iterator[Case]:
    """Simpler cases, the greatest simplification first."""
    rows = case.x.shape[0]
    if rows > 1:
        yield case.rows(slice(0, (rows + 1) // 2))
        yield case.rows(slice(rows // 2, rows))
        yield from (case.rows(np.arange(rows) != row) for row in range(rows) if rows <= 8)
    yield from (_without_hidden_unit(case, layer, unit) for layer, unit in _hidden_units(case))
    yield from (_without_input(case, column) for column in range(case.network.inputs) if case.network.inputs > 1)
    yield from (_without_output(case, unit) for unit in range(case.network.units) if _removable_outputs(case))
    yield from _simpler_numbers(case)


def _hidden_units(case: Case) -> Iterator[tuple[int, int]]:
    for layer, hidden in enumerate(case.network.hidden):
        yield from ((layer, unit) for unit in range(hidden.units) if hidden.units > 1)


def _without_hidden_unit(case: Case, layer: int, unit: int) -> Case:
    hidden = list(case.network.hidden)
    hidden[layer] = replace(hidden[layer], units=hidden[layer].units - 1)
    parameters = [list(pair) for pair in case.parameters]
    parameters[layer] = [np.delete(parameters[layer][0], unit, 1), np.delete(parameters[layer][1], unit, 0)]
    parameters[layer + 1][0] = np.delete(parameters[layer + 1][0], unit, 0)
    return replace(case, network=replace(case.network, hidden=tuple(hidden)), parameters=_tuples(parameters))


def _without_input(case: Case, column: int) -> Case:
    (W, b), *rest = case.parameters
    network = replace(case.network, inputs=case.network.inputs - 1)
    return replace(
        case, network=network, parameters=((np.delete(W, column, 0), b), *rest), x=np.delete(case.x, column, 1)
    )


def _removable_outputs(case: Case) -> bool:
    return case.network.units > 1 and case.network.output.name != "categorical"


def _without_output(case: Case, unit: int) -> Case:
    *rest, (W, b) = case.parameters
    network = replace(case.network, units=case.network.units - 1)
    last = np.delete(W, unit, 1), np.delete(b, unit, 0)
    return replace(case, network=network, parameters=(*rest, last), y=np.delete(case.y, unit, 1))


def _simpler_numbers(case: Case) -> Iterator[Case]:
    arrays = [*(array for layer in case.parameters for array in layer), case.x]
    for place, array in enumerate(arrays):
        for changed in _simpler_arrays(array):
            every = [*arrays[:place], changed, *arrays[place + 1 :]]
            pairs = tuple(zip(every[:-1:2], every[1:-1:2], strict=True))
            yield replace(case, parameters=pairs, x=every[-1])


def _simpler_arrays(array: npt.NDArray[Any]) -> Iterator[npt.NDArray[Any]]:
    """One entry made 0, ±1, or the integer towards 0."""
    for index in np.ndindex(array.shape):
        value = float(array[index])
        for simple in dict.fromkeys((0.0, np.copysign(1.0, value), np.trunc(value))):
            if _complexity(simple) < _complexity(value):
                changed = array.copy()
                changed[index] = simple
                yield changed


def _complexity(value: float) -> tuple[bool, float]:
    """Integers before fractions, small before large."""
    return (value != np.trunc(value), abs(value))


def _tuples(parameters: list[list[Any]]) -> Parameters:
    return tuple((W, b) for W, b in parameters)
