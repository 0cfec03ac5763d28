"""Where digits were lost, on the number line of the format."""

from __future__ import annotations

import math

from ffn.admissible import Outside
from ffn.learn.message.digits import short
from ffn.numbers.precision import precision

WIDTH = 64
MOST_STEPS = 24  # between neighbouring floats, which are drawn one by one


def number_line(outside: Outside) -> list[str]:
    """The computed number (c) and the admissible one (a): among their neighbours, or by their magnitude."""
    right = float(outside.admissible.mid())
    if not math.isfinite(right) or math.isnan(outside.computed):
        return []
    steps = _steps(outside.computed, right, outside.dtype)
    if steps is not None and steps <= MOST_STEPS:
        return _by_neighbours(outside, steps, right)
    if steps is not None and max(abs(outside.computed), abs(right)) < 2 * min(abs(outside.computed), abs(right)):
        bits = int(-math.log2(abs(outside.computed - right) / abs(right)))
        return [f"  {bits} of the {precision(outside.dtype).bits} bits of {outside.dtype} are right."]
    return _by_magnitude(outside, right)


def _steps(computed: float, right: float, dtype: str) -> int | None:
    """How many floats of the format apart they are, where they are of one magnitude."""
    if not math.isfinite(computed) or computed * right <= 0:
        return None
    unit = 2 * precision(dtype).unit_roundoff * 2.0 ** (math.frexp(right)[1] - 1)
    return round(abs(computed - right) / unit)


def _by_neighbours(outside: Outside, steps: int, right: float) -> list[str]:
    order = "a" + "┼" * max(0, steps - 1) + "c" if outside.computed > right else "c" + "┼" * max(0, steps - 1) + "a"
    return [f"  {outside.dtype}: ──┼──{'──'.join(order)}──┼──   (each ┼ a float)"]


def _by_magnitude(outside: Outside, right: float) -> list[str]:
    """A line of powers of ten, from the smallest number of the format to the largest, with its landmarks."""
    model = precision(outside.dtype, subnormals="flushed")
    smallest = 2 * model.underflow * model.unit_roundoff  # the smallest subnormal
    low, high = math.log10(smallest), math.log10(model.largest)

    def place(value: float) -> int:
        size = abs(value)
        if size == 0:
            return 0
        if math.isinf(size):
            return WIDTH - 1
        return 2 + round((min(max(math.log10(size), low), high) - low) / (high - low) * (WIDTH - 5))

    line, marks = ["─"] * WIDTH, [" "] * WIDTH
    labels = {
        "0": 0.0,
        short(smallest, 1): smallest,
        "1": 1.0,
        f"2^{round(math.log2(model.unit_roundoff))}": model.unit_roundoff,
    }
    for label, value in labels.items():
        at = place(value)
        if all(each == "─" for each in line[max(at - 1, 0) : at + len(label) + 1]) or label == short(smallest, 1):
            line[at : at + len(label)] = label
    end = short(model.largest, 2)
    line[WIDTH - len(end) - 4 :] = [*end, *" inf"]
    marks[place(right)] = "a"
    marks[place(outside.computed) + (place(outside.computed) == place(right))] = "c"
    return [f"  {outside.dtype:8} {''.join(line)}", f"           {''.join(marks).rstrip()}"]
