"""What tied entries have together: each has a share of a cotangent, and the shares sum to 1.

A set for each entry does not know that: at a tie of three it admits the cotangent nowhere, and three times. Entries
that several cotangents join are summed together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ffn.admissible.formula.operations.forms import Namespace
from ffn.admissible.formula.operations.values import Value

Places = npt.NDArray[np.intp]
Floats = npt.NDArray[np.float64]

SHARES = 8  # roundings of a share, such as those of a quotient, and of what is added to it; and one for each summand


@dataclass(frozen=True, eq=False)
class Shared:
    """Entries of several arrays, and the bounds of their sums.

    Attributes:
        array, place: of each entry, which of the arrays it stands in, and where.
        group: of each entry, which sum it is in.
        low, high: the bounds of each sum, without the roundings of the shares and of what they are added to.
        terms, magnitude: of each entry the number of these roundings, and the largest magnitude that they may round.
    """

    array: Places
    place: Places
    group: Places
    low: Floats
    high: Floats
    terms: Places
    magnitude: Floats


def shared_sums(xp: Namespace, inputs: Sequence[Value], without: Sequence[Value]) -> Shared | None:
    """The sums over entries of ``inputs`` that shared cotangents.

    Args:
        without: the cotangents of the inputs where the tied entries got none.
    """
    offset = np.cumsum([0, *[value.size for value in inputs]])
    index = {id(value): i for i, value in enumerate(inputs)}
    node, group, lows, highs, foreign, count = [], [], [], [], [], 0
    for tie in xp.ties:
        signs = [sign for _, _, _, sign in tie.members]
        lows.append(tie.low if signs[0] > 0 else -tie.high)
        highs.append(tie.high if signs[0] > 0 else -tie.low)
        for source, place, member_of, sign in tie.members:
            if id(source) in index and sign == signs[0]:
                node.append(place + offset[index[id(source)]])
                group.append(member_of + count)
            else:
                foreign.append(member_of + count)  # shared with what is not asked for
        count += tie.low.size
    if not sum(each.size for each in node):
        return None
    nodes, groups = np.concatenate(node), np.concatenate(group)
    label = _joined(nodes, groups, count)
    left = np.isin(label, label[np.concatenate([[], *foreign]).astype(np.intp)])
    kept = ~left[groups]
    nodes, groups = nodes[kept], groups[kept]
    met = np.unique(groups)
    if not met.size:
        return None
    entries, first = np.unique(nodes, return_index=True)
    sums, owner = np.unique(label[met], return_inverse=True)
    of_entry = np.searchsorted(sums, label[groups[first]])
    g_low, g_high = np.concatenate(lows)[met], np.concatenate(highs)[met]
    rest_low = np.concatenate([value.x.lower().ravel() for value in without])[entries]
    rest_high = np.concatenate([value.x.upper().ravel() for value in without])[entries]

    def summed(g: Floats, rest: Floats) -> Any:
        return np.bincount(owner, g, sums.size) + np.bincount(of_entry, rest, sums.size)

    where, size = np.searchsorted(entries, nodes), np.maximum(np.abs(g_low), np.abs(g_high))
    reached = np.bincount(where, size[np.searchsorted(met, groups)], entries.size)
    terms = SHARES + np.bincount(where, minlength=entries.size)
    size = reached + np.maximum(np.abs(rest_low), np.abs(rest_high))
    array = np.searchsorted(offset, entries, side="right") - 1
    low, high = summed(g_low, rest_low), summed(g_high, rest_high)
    return Shared(array, entries - offset[array], of_entry, low, high, terms, size)


def _joined(nodes: Places, groups: Places, count: int) -> Places:
    """A label for each group, the same for those that have an entry in common, directly or through others."""
    label = np.arange(count)
    while True:
        smallest = np.full(int(nodes.max()) + 1, count)
        np.minimum.at(smallest, nodes, label[groups])
        new = label.copy()
        np.minimum.at(new, groups, smallest[nodes])
        if (new == label).all():
            return label
        label = new
