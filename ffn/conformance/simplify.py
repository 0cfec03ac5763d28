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

from ffn.cases.case import Case, DropoutCase, RecurrentCase
from ffn.network.description import Output, Parameters

MOST_STEPS = 400  # calls of the law: a second or two for a small network

AnyCase = Case | RecurrentCase


def simplified(case: AnyCase, fails: Callable[[Any], bool]) -> AnyCase:
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


def candidates(case: AnyCase) -> Iterator[AnyCase]:
    """Simpler cases, the greatest simplification first."""
    yield from _fewer_rows(case)
    yield from _recurrent_candidates(case) if isinstance(case, RecurrentCase) else _network_candidates(case)


def _fewer_rows(case: AnyCase) -> Iterator[AnyCase]:
    rows = case.x.shape[0]
    if rows > 1:
        yield case.rows(slice(0, (rows + 1) // 2))
        yield case.rows(slice(rows // 2, rows))
        yield from (case.rows(np.arange(rows) != row) for row in range(rows) if rows <= 8)


def _network_candidates(case: Case) -> Iterator[Case]:
    yield from (_without_hidden_unit(case, layer, unit) for layer, unit in _hidden_units(case))
    yield from (_without_input(case, column) for column in range(case.network.inputs) if case.network.inputs > 1)
    yield from (_without_target(case, target) for target in range(case.network.targets) if _removable_targets(case))
    components = case.network.output.components or 1
    yield from (_without_component(case, component) for component in range(components) if components > 1)
    if isinstance(case, DropoutCase) and not all(mask.all() for mask in case.masks):
        yield from _fewer_dropped(case)
    yield from _simpler_numbers(case)


def _recurrent_candidates(case: RecurrentCase) -> Iterator[RecurrentCase]:
    """Fewer steps, units and inputs of a recurrent layer, then simpler numbers."""
    steps, inputs, width = case.x.shape[1], case.recurrent.inputs, case.recurrent.hidden.units
    if steps > 1:
        yield from (replace(case, x=np.delete(case.x, t, 1)) for t in range(steps))
    yield from (_without_state(case, unit) for unit in range(width) if width > 1)
    yield from (_without_recurrent_input(case, column) for column in range(inputs) if inputs > 1)
    shapes = [len(layer) for layer in case.parameters]
    arrays = [*(array for layer in case.parameters for array in layer), case.x, case.h0]
    for *flat, x, h0 in _each_simpler(arrays):
        yield replace(case, parameters=(tuple(flat[: shapes[0]]), tuple(flat[shapes[0] :])), x=x, h0=h0)


def _without_state(case: RecurrentCase, unit: int) -> RecurrentCase:
    hidden = replace(case.recurrent.hidden, units=case.recurrent.hidden.units - 1)
    (W, U, b), (V, c) = case.parameters
    square = np.delete(np.delete(U, unit, 0), unit, 1)
    parameters = ((np.delete(W, unit, 1), square, np.delete(b, unit)), (np.delete(V, unit, 0), c))
    recurrent = replace(case.recurrent, hidden=hidden)
    return replace(case, recurrent=recurrent, parameters=parameters, h0=np.delete(case.h0, unit, 1))


def _without_recurrent_input(case: RecurrentCase, column: int) -> RecurrentCase:
    (W, U, b), readout = case.parameters
    recurrent = replace(case.recurrent, inputs=case.recurrent.inputs - 1)
    parameters = ((np.delete(W, column, 0), U, b), readout)
    return replace(case, recurrent=recurrent, parameters=parameters, x=np.delete(case.x, column, 2))


def _hidden_units(case: Case) -> Iterator[tuple[int, int]]:
    for layer, hidden in enumerate(case.network.hidden):
        yield from ((layer, unit) for unit in range(hidden.units) if hidden.units > 1)


def _without_hidden_unit(case: Case, layer: int, unit: int) -> Case:
    hidden = list(case.network.hidden)
    hidden[layer] = replace(hidden[layer], units=hidden[layer].units - 1)
    parameters = [list(pair) for pair in case.parameters]
    parameters[layer] = [np.delete(parameters[layer][0], unit, 1), np.delete(parameters[layer][1], unit, 0)]
    parameters[layer + 1][0] = np.delete(parameters[layer + 1][0], unit, 0)
    case = _without_mask(case, layer + 1, unit)
    return replace(case, network=replace(case.network, hidden=tuple(hidden)), parameters=_tuples(parameters))


def _without_input(case: Case, column: int) -> Case:
    (W, b), *rest = case.parameters
    network = replace(case.network, inputs=case.network.inputs - 1)
    case = _without_mask(case, 0, column)
    return replace(
        case, network=network, parameters=((np.delete(W, column, 0), b), *rest), x=np.delete(case.x, column, 1)
    )


def _without_mask(case: Case, layer: int, unit: int) -> Case:
    """With dropout, the mask of one layer's input without one of its units; else the case itself."""
    if not isinstance(case, DropoutCase):
        return case
    masks = list(case.masks)
    masks[layer] = np.delete(masks[layer], unit, 1)
    return replace(case, masks=tuple(masks))


def _fewer_dropped(case: DropoutCase) -> Iterator[DropoutCase]:
    """A whole mask, or one entry, set to 1."""
    for layer, mask in enumerate(case.masks):
        dropped = np.flatnonzero(mask == 0)
        for entries in (dropped, *dropped[:, None]) if len(dropped) else ():
            kept = mask.copy()
            kept.flat[entries] = 1
            yield replace(case, masks=(*case.masks[:layer], kept, *case.masks[layer + 1 :]))


def _removable_targets(case: Case) -> bool:
    return case.network.targets > 1 and case.network.output.name != "categorical"


def _without_target(case: Case, target: int) -> Case:
    """Without the units of one target, of which each block of units holds some."""
    units = np.arange(case.network.units).reshape(case.network.output.blocks, case.network.targets, -1)
    smaller = _with_units(case, np.delete(units, target, 1).ravel(), case.network.output)
    return replace(smaller, y=np.delete(case.y, target, 1))


def _without_component(case: Case, component: int) -> Case:
    """A mixture without one component of every target."""
    components = case.network.output.components or 1
    units = np.delete(np.arange(case.network.units).reshape(-1, components), component, 1)
    return _with_units(case, units.ravel(), replace(case.network.output, components=components - 1))


def _with_units(case: Case, units: npt.NDArray[np.int_], output: Output) -> Case:
    *rest, (W, b) = case.parameters
    network = replace(case.network, units=len(units), output=output)
    return replace(case, network=network, parameters=(*rest, (W[:, units], b[units])))


def _simpler_numbers(case: Case) -> Iterator[Case]:
    arrays = [*(array for layer in case.parameters for array in layer), case.x]
    for *flat, x in _each_simpler(arrays):
        yield replace(case, parameters=tuple(zip(flat[::2], flat[1::2], strict=True)), x=x)


def _each_simpler(arrays: list[npt.NDArray[Any]]) -> Iterator[list[npt.NDArray[Any]]]:
    """The arrays with one entry of one of them simpler."""
    for place, array in enumerate(arrays):
        for changed in _simpler_arrays(array):
            yield [*arrays[:place], changed, *arrays[place + 1 :]]


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
