"""Where the entries outside lie, and by what factor they are off."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ffn.admissible.formula.membership.judgement import Compared

Mask = npt.NDArray[np.bool_]


def where_outside(out: Mask) -> str:
    """The lines of an axis that have all the entries outside, in words; nothing where they lie all over."""
    said: list[str] = []
    if out.sum() < 2:
        return ""  # the first is the only one
    for axis in range(out.ndim):
        hit = np.asarray(out.any(axis=tuple(i for i in range(out.ndim) if i != axis)))
        said += _along(hit, {out.ndim - 1: "columns", out.ndim - 2: "rows"}.get(axis, f"axis {axis}"))
    return "; ".join(said)


def _along(hit: Mask, name: str) -> Iterator[str]:
    """Of the lines along an axis those with an entry outside, where they are a stretch or equally far apart."""
    n, found = hit.size, np.flatnonzero(hit)
    if n < 2 or found.size == n:
        return
    first, last, steps = int(found[0]), int(found[-1]), np.diff(found)
    if found.size == last - first + 1:
        yield (
            f"only {name} {first} to {last} of {n}"
            if last < n - 1 or found.size == 1
            else f"only {name} from {first} on, of {n}"
        )
    elif found.size > 3 and (steps == steps[0]).all():
        count = {2: "second", 3: "third", 4: "fourth"}.get(int(steps[0]), f"{steps[0]}th")
        yield f"only every {count} of the {name}, from {first}"


def by_chance(entries: int, resolution: float) -> bool:
    """Whether one of many factors or changes would fit so few entries, known so roughly, without being the cause."""
    return entries < 8 and resolution > 1e-4


def ratio(compared: Compared, arrays: Sequence[Any]) -> str:
    """The one factor, or the one difference, that takes every decided true value to the answer."""
    there = compared.decided & np.isfinite(compared.computed) & (compared.part.middle != 0)
    if not there.any():
        return ""
    every = f"every decided entry of {compared.part.name}" if there.sum() > 1 else "it"
    true, computed = compared.part.middle[there], compared.computed[there]
    width = compared.resolution[there] * np.abs(true)
    factor = float(np.median(computed / true))
    if factor and (np.abs(computed - factor * true) <= width * max(abs(factor), 1)).all():
        accuracy = float(np.median(compared.resolution[there]))
        if by_chance(int(there.sum()), accuracy):
            return ""
        name = _named(factor, accuracy, arrays)
        if abs(factor - 1) > 4 * accuracy and (name or there.sum() > 1):
            text = f"{factor:.{6 if abs(factor - 1) > 1e-5 else compared.digits}g}"
            name = "" if name == f", {text}" else name
            return f"{every} is {text} times the true one{name}: the formula, or the kernel?"
    difference = float(np.median(computed - true))
    if there.sum() > 1 and abs(difference) > np.median(width) and (np.abs(computed - true - difference) <= width).all():
        sign = "+" if difference > 0 else "−"
        return f"{every} is the true one {sign} {abs(difference):.6g}: the formula, or the kernel?"
    return ""


def _named(factor: float, accuracy: float, arrays: Sequence[Any]) -> str:
    """What a factor may be, made of the sizes of the arrays."""
    quotients = [(2, 1), (4, 1)]
    for n in sorted({n for array in arrays for n in array.shape if n > 1}):
        quotients += [(n, 1), (n, n - 1), (2 ** math.ceil(math.log2(n)), n)]
    known = {"log₂ e": math.log2(math.e), "π": math.pi, "√(2/π)": math.sqrt(2 / math.pi), "1": 1.0}
    for pair in quotients:
        for a, b in (pair, pair[::-1]):
            text = f"{a}/{b}" if b > 1 else f"{a}"
            known |= {text: a / b, f"√({text})" if b > 1 else f"√{text}": math.sqrt(a / b)}
    close = [text for text, value in known.items() if abs(abs(factor) / value - 1) <= 2 * accuracy]
    return f", {'−' if factor < 0 else ''}{close[0]}" if close else ""
