"""Whether tied entries have together what they share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ffn.admissible.formula.arithmetic import Arithmetic
from ffn.admissible.formula.membership.judgement import Compared
from ffn.admissible.formula.operations.backward.ties import Shared


def with_sums(arrays: Sequence[Compared], shared: Shared | None, model: Arithmetic) -> tuple[tuple[Compared, ...], str]:
    """The comparison with the sums of tied entries in it, and the first that is wrong in words."""
    if shared is None:
        return tuple(arrays), ""
    low, high = _bounds(arrays, shared, model)
    entries = [(i, shared.array == i) for i in range(len(arrays))]
    computed, judged = np.zeros(shared.place.size), np.zeros(shared.place.size, dtype=bool)
    for i, mine in entries:
        computed[mine] = arrays[i].computed.ravel()[shared.place[mine]]
        judged[mine] = np.broadcast_to(arrays[i].part.asked, arrays[i].out.shape).ravel()[shared.place[mine]]
    count = low.size
    total = np.bincount(shared.group, computed, count)
    known = np.isfinite(low) & np.isfinite(high) & (np.bincount(shared.group, ~judged, count) == 0)
    out = known & ~((low <= total) & (total <= high))
    decided = known & ((low > 0) | (high < 0))
    found = []
    for i, mine in entries:
        place, group = shared.place[mine], shared.group[mine]
        outside, sure = arrays[i].out.copy(), arrays[i].decided.copy()
        outside.ravel()[place] |= out[group]
        sure.ravel()[place] |= decided[group]
        found.append(replace(arrays[i], out=outside, decided=sure))
    first = int(np.argmax(out)) if out.any() else None
    return tuple(found), "" if first is None else _said(arrays, shared, first, (total[first], low[first], high[first]))


def _bounds(arrays: Sequence[Compared], shared: Shared, model: Arithmetic) -> tuple[Any, Any]:
    """Of the sums, with what the roundings of every entry may lose."""
    lost = np.zeros(shared.place.size)
    for i, compared in enumerate(arrays):
        formats = (model.compute, model.storage, compared.part.returned)
        unit, least = max(map(model.unit, formats)), max(format.underflow for format in formats)
        mine = shared.array == i
        lost[mine] = shared.terms[mine] * (unit * shared.magnitude[mine] + 4 * least)
    margin = np.bincount(shared.group, lost, shared.low.size) * (1 + 2.0**-20)
    return shared.low - margin, shared.high + margin


def _said(arrays: Sequence[Compared], shared: Shared, first: int, figures: tuple[float, float, float]) -> str:
    mine = np.flatnonzero(shared.group == first)
    places = []
    for i in mine[:3]:
        compared = arrays[int(shared.array[i])]
        index = np.unravel_index(int(shared.place[i]), compared.out.shape)
        places.append(f"{compared.part.name}[{', '.join(str(int(each)) for each in index)}]")
    digits = max(each.digits for each in arrays)
    total, low, high = (f"{each:.{digits}g}" for each in figures)
    more = f" and {mine.size - 3} more" if mine.size > 3 else ""
    bounds = low if low == high else f"from {low} to {high}"
    return f"tied for an extremum, {', '.join(places)}{more} share one cotangent: together {total}, admissible {bounds}"
