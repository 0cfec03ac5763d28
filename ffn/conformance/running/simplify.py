"""Making a counterexample smaller than Hypothesis leaves it.

Hypothesis shrinks the sequence of choices that made a case. When a dimension of the network shrinks, the choices behind
it are read in other places, and the failure may be lost. Here the case itself is cut down along its axes: rows, steps,
inputs, units, pieces, targets and components are removed, then single numbers set to 0, ±1 or an integer, as long as
the law fails with the same verdict.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ffn.cases.case import Arguments, Case, flat, mapped
from ffn.conformance.verdict import Judgement
from ffn.network.formulas import evaluate
from ffn.numbers.floating import floating

if TYPE_CHECKING:  # who shrinks without Hypothesis should not wait for it
    from ffn.conformance.law import Trial

MOST_STEPS = 400  # calls of the law: a second or two for a small network
MOST_WORK = 4e9  # numbers times rows of all cases that are tried: some seconds for a large network
ONE_BY_ONE = 8  # entries of an axis, or of an array that are not 0: of more, halves first

Kept = Mapping[str, npt.NDArray[np.int_]]


def simplified(
    trial: Trial, case: Arguments, judgement: Judgement, most: int = MOST_STEPS
) -> tuple[Arguments, Judgement]:
    """The case after every simplification, one at a time, that fails with the same verdict, and its own judgement."""
    simplify = _with_its_residuals if judgement.exact else candidates
    steps, work = 0, 0
    progress = True
    while progress:
        progress = False
        for simpler in simplify(case):
            if steps >= most or work > MOST_WORK:
                return case, judgement
            steps, work = steps + 1, work + simpler.work
            found = trial(simpler)
            if found.verdict is judgement.verdict:
                case, judgement, progress = simpler, found, True
                break
    return case, judgement


def _with_its_residuals(case: Arguments) -> Iterator[Arguments]:
    """Simpler cases with targets as far from the output as the case has them: an exact gradient has few residuals."""
    if not isinstance(case, Case):
        return
    for simpler in candidates(case.changed(y=(case.y - _output(case)).astype(case.y.dtype))):
        assert isinstance(simpler, Case)
        yield simpler.changed(y=(simpler.y + _output(simpler)).astype(case.y.dtype))


def _output(case: Case) -> npt.NDArray[np.float64]:
    z: npt.NDArray[np.float64] = evaluate(floating(), "forward", *case.arguments("forward"))
    return z


def candidates(case: Arguments) -> Iterator[Arguments]:
    """Simpler cases, the greatest simplification first."""
    for kept in (*_shorter("row", case.lengths().get("row", 1)), *_smaller_axes(case), *_smaller_squares(case)):
        yield case.taken(kept)
    yield from _fewer_dropped(case)
    yield from _simpler_numbers(case)


def _smaller_axes(case: Arguments) -> Iterator[Kept]:
    """What to keep along each axis but that of the rows; the columns of the output go by targets and components."""
    for name, length in case.lengths().items():
        if name not in ("row", "column", "target"):
            yield from _shorter(name, length)
    if isinstance(case, Case) and "target" in case.lengths():
        yield from _smaller_output(case)


def _smaller_squares(case: Arguments) -> Iterator[Kept]:
    """Without one place of two axes of one length: some faults show only where two lengths are the same."""
    lengths = {name: length for name, length in case.lengths().items() if name not in ("row", "target")}
    targets = case.lengths().get("target")
    for one, other in combinations(lengths, 2):
        length = lengths[one]
        if 1 < length == lengths[other] <= ONE_BY_ONE and ("column" not in (one, other) or targets == length):
            for place in range(length):
                fewer = np.delete(np.arange(length), place)
                with_target = {"target": fewer} if "column" in (one, other) else {}  # each target has its column
                yield {one: fewer, other: fewer, **with_target}


def _shorter(name: str, length: int) -> Iterator[Kept]:
    places = np.arange(length)
    if length > 1 and (name == "row" or length > ONE_BY_ONE):
        yield {name: places[: (length + 1) // 2]}
        yield {name: places[length // 2 :]}
    if 1 < length <= ONE_BY_ONE:
        yield from ({name: np.delete(places, place)} for place in places)


def _smaller_output(case: Case) -> Iterator[Kept]:
    """Without one target, of which each block of columns holds some, or without one component of every target."""
    output, targets = case.network.output, case.y.shape[1]
    columns = np.arange(case.network.units).reshape(output.blocks, targets, -1)
    for kept in _shorter("target", targets):
        yield {"column": columns[:, kept["target"]].ravel(), **kept}
    components = output.components or 1
    for component in range(components if components > 1 else 0):
        left = np.delete(columns, component, 2)
        yield {"column": left.ravel(), "component": np.arange(components - 1)}


def _fewer_dropped(case: Arguments) -> Iterator[Arguments]:
    """A whole mask, or one entry, set to 1."""
    if isinstance(case, Case) and case.masks is not None:
        for layer, mask in enumerate(case.masks):
            dropped = np.flatnonzero(mask == 0)
            for entries in (dropped, *dropped[:, None]) if len(dropped) else ():
                kept = mask.copy()
                kept.flat[entries] = 1
                yield replace(case, masks=(*case.masks[:layer], kept, *case.masks[layer + 1 :]))


def _simpler_numbers(case: Arguments) -> Iterator[Arguments]:
    """The case with one entry of one array simpler: of parameters, inputs and states, not of targets and masks."""
    for name, tree in case.trees():
        if name not in ("y", "masks"):
            for place, array in enumerate(flat(tree)):
                for simpler in _simpler_arrays(array):
                    yield replace(case, **{name: _with(tree, place, simpler)})


def _with(tree: Any, place: int, array: npt.NDArray[Any]) -> Any:
    """The tree with another array in the place, counted in order."""
    arrays = iter([*flat(tree)[:place], array, *flat(tree)[place + 1 :]])
    return mapped(lambda _: next(arrays), tree)


def _simpler_arrays(array: npt.NDArray[Any]) -> Iterator[npt.NDArray[Any]]:
    """Half of the entries made 0, or one entry 0, ±1, or the integer towards 0."""
    used = np.flatnonzero(array)
    for half in (used[: len(used) // 2], used[len(used) // 2 :]) if len(used) > ONE_BY_ONE else ():
        changed = array.copy()
        changed.flat[half] = 0
        yield changed
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
