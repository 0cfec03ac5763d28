"""Where an answer is outside its set, in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ffn.cases.case import ActivationCase
from ffn.conformance.explanation.answer import Answer

Masks = Sequence[npt.NDArray[Any]]  # one for each array of an answer

OUTSIDE = "It is outside"  # how each of them begins


def pattern(answer: Answer) -> str:
    """Which coordinates alone are outside, and what stands there where that is one thing; "" where it is no pattern.

    Where 0 is admissible much that is wrong is admitted too: in a network such a coordinate is not held against others.
    """
    values = answer.values[answer.outside]
    what = "0" if not values.any() else "no finite number" if not np.isfinite(values).any() else ""
    is_what = f", where it is {what}" if what else ""
    where = _interval(answer, answer.case) if isinstance(answer.case, ActivationCase) else _places(answer)
    if where:
        return f"{OUTSIDE} {where} alone{is_what}."
    everywhere = len(values) > 1 and np.array_equal(answer.outside, answer.judged)
    return f"{OUTSIDE} in every coordinate{is_what}." if what and everywhere else ""


def _places(answer: Answer) -> str:
    right = answer.judged & ~answer.outside & answer.is_not_0
    outside, inside = (answer.by_part(mask) for mask in (answer.outside, right))
    parts = frozenset(place for place, mask in enumerate(outside) if mask.any())
    undecided = frozenset(place for place, mask in enumerate(inside) if not mask.any())
    words = next((words for words, scope in answer.scopes.items() if parts <= scope <= parts | undecided), "")
    axes = dict.fromkeys(axis for part in parts for axis in answer.axes[part])
    shared = [axis for axis in axes if all(axis in answer.axes[part] for part in parts)]
    found = [words, *(_along(answer.axes, outside, inside, parts, axis) for axis in shared)]
    return f"in {', '.join(filter(None, found))}" if any(found) else ""


def _along(axes: Sequence[tuple[str, ...]], outside: Masks, inside: Masks, parts: frozenset[int], axis: str) -> str:
    """The places along an axis where something is outside, if at some other something is right."""
    named = [(part, place) for part in parts for place, name in enumerate(axes[part]) if name == axis]
    off, right = (
        {at for part, place in named for at in np.nonzero(masks[part])[place].tolist()} for masks in (outside, inside)
    )
    part, place = named[0]
    return _listed(axis, sorted(off), outside[part].shape[place]) if right - off else ""


def _listed(axis: str, used: Sequence[int], length: int) -> str:
    """Places along an axis, such as rows 64 to 66 of 129; "" where they have no simple order."""
    noun, _, layer = axis.partition(" ")  # units and pieces are counted by the layer that they end
    of = f" of layer {int(layer) - 1}" if layer else ""
    steps = set(np.diff(used).tolist())
    if len(used) == 1:
        last = ", the last" if used[0] == length - 1 > 1 else ""
        return f"{noun} {used[0]}{of}{last}"
    if steps == {1}:
        return f"{noun}s {used[0]} to {used[-1]}{of} (of {length})"
    if steps == {2} and len(used) == len(range(used[0] % 2, length, 2)) > 2:
        return f"every second {noun}{of}, from {used[0]} on"
    return f"{noun}s {' and '.join(map(str, used))}{of}" if len(used) < 4 else ""


def _interval(answer: Answer, case: ActivationCase) -> str:
    """The interval of z, or of |z|, that holds all that is outside and nothing that is admitted."""
    z, right = case.z.astype(np.float64).ravel(), answer.judged & ~answer.outside
    for name, key in (("z", z), ("|z|", np.abs(z))):
        low, high = key[answer.outside].min(), key[answer.outside].max()
        if right.any() and not np.any((low <= key[right]) & (key[right] <= high)):
            ends = dict.fromkeys((f"{low:.9g}", f"{high:.9g}"))
            return (
                f"at {name} = {low:.9g}"
                if low == high
                else f"at {name} {'from ' * (len(ends) > 1) or 'near '}{' to '.join(ends)}"
            )
    return ""
