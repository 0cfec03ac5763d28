"""The smallest relative error of a gradient that its admissible set rejects."""

from collections.abc import Callable
from statistics import median
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from ffn import admissible, reference
from ffn.admissible import AdmissibleSet
from ffn.cases.case import Case
from ffn.network.description import Hidden, Network, Output, Parameters, initialise
from ffn.numbers.precision import NAMES

SEEDS, WIDTH, ROWS = range(20), 8, 8
TARGETS = {"float64": "1e-12", "float32": "1e-4"}
Wrong = Callable[[float], Parameters]


def measure() -> list[dict[str, Any]]:
    """Find the smallest error in each precision and activation, for the whole gradient and for one coordinate."""
    figures = [_figure(dtype, activation) for dtype in NAMES for activation in ("sigmoid", "tanh", "relu")]
    title = f"resolution: smallest relative error rejected, median and worst of {len(SEEDS)} networks of width {WIDTH}"
    table = Table("dtype", "activation", "whole gradient", "one coordinate", "target", title=title)
    for figure in figures:
        whole, one = ("{:.1e} [dim]{:.1e}[/dim]".format(*figure[key]) for key in ("whole", "one"))
        table.add_row(figure["dtype"], figure["activation"], whole, one, TARGETS.get(figure["dtype"], "–"))
    Console().print(table)
    return figures


def _figure(dtype: str, activation: str) -> dict[str, Any]:
    found = [_smallest(_case(dtype, activation, seed), seed) for seed in SEEDS]
    whole, one = ([pair[i] for pair in found] for i in (0, 1))
    return {
        "dtype": dtype,
        "activation": activation,
        "whole": (median(whole), max(whole)),
        "one": (median(one), max(one)),
    }


def _case(dtype: str, activation: str, seed: int) -> Case:
    generator = np.random.default_rng(seed)
    hidden = (Hidden(WIDTH, activation), Hidden(WIDTH, activation))
    network = Network(inputs=WIDTH, hidden=hidden, units=WIDTH, output=Output("categorical"))
    x, y = generator.normal(size=(ROWS, WIDTH)), generator.integers(0, WIDTH, size=ROWS)
    return Case(network, initialise(network, seed), x, y).cast(dtype)


def _smallest(case: Case, seed: int) -> tuple[float, float]:
    """The smallest error rejected when the whole gradient is scaled, and when one random coordinate is."""
    wide = case.cast("float64")  # the same numbers: its gradient is as good as exact
    exact = reference.gradient(wide.network, wide.parameters, wide.x, wide.y)
    admitted = admissible.gradient(case)
    arrays = [array for layer in exact for array in layer]
    places = [(part, index) for part, array in enumerate(arrays) for index in zip(*np.nonzero(array), strict=True)]
    part, index = places[np.random.default_rng(seed).integers(len(places))]

    def whole(error: float) -> Parameters:
        return tuple((dW * (1 + error), db * (1 + error)) for dW, db in exact)

    def one(error: float) -> Parameters:
        changed = [array.copy() for array in arrays]
        changed[part][index] *= 1 + error
        return tuple(zip(changed[::2], changed[1::2], strict=True))

    return _bisected(admitted, whole), _bisected(admitted, one)


def _bisected(admitted: AdmissibleSet, wrong: Wrong) -> float:
    """The ε from which on the set rejects; sets are boxes, so that there is one. Infinite where none up to 100 is."""
    low, high = 1e-18, 1e2
    if wrong(high) in admitted:
        return float("inf")
    while high / low > 1.05:
        middle = (low * high) ** 0.5
        low, high = (middle, high) if wrong(middle) in admitted else (low, middle)
    return high
