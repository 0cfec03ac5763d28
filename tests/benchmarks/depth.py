"""How narrow the sets of deep gradients are: balls alone, and with the errors followed that products hand on."""

from statistics import median
from time import perf_counter
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from ffn import Declared, admissible
from ffn.admissible import AdmissibleSet
from ffn.numbers.precision import precision
from tests.benchmarks.speed import random_case
from tests.benchmarks.timing import written

WIDTH, ROWS, DEPTHS = 64, 8, (3, 5, 8)
MODELS = {
    "float64": precision("float64"),
    "float32": precision("float32"),
    "bfloat16*": Declared(accumulate="float32").precision("bfloat16"),
}


def measure() -> list[dict[str, Any]]:
    """Compare both sets of the gradient of networks of each depth."""
    title = f"depth: sets of the gradient of networks of width {WIDTH}, categorical, {ROWS} rows; balls → narrowed"
    caption = (
        "relative radius, times: the median over the entries that the narrowed set tells from 0\n"
        "decided: the share of all entries; * sums in float32"
    )
    columns = ("dtype", "activation", "depth", "relative radius", "times", "decided", "time")
    table = Table(*columns, title=title, caption=caption)
    figures = [
        _figure(model, activation, depth) for model in MODELS for activation in ("tanh", "relu") for depth in DEPTHS
    ]
    for figure in figures:
        pairs = {
            "radius": " → ".join(f"{each:.0e}" for each in figure["radius"]),
            "times": f"{figure['times']:.2g}",
            "decided": " → ".join(f"{each:.0%}" for each in figure["decided"]),
            "seconds": " → ".join(map(written, figure["seconds"])),
        }
        table.add_row(figure["model"], figure["activation"], str(figure["depth"]), *pairs.values())
    Console(width=110).print(table)
    return figures


def _figure(model: str, activation: str, depth: int) -> dict[str, Any]:
    case = random_case((WIDTH,) * (depth + 2), activation, "categorical", "float64", ROWS).cast(MODELS[model].name)
    sets, seconds = [], []
    for narrowed in (False, True):
        start = perf_counter()
        sets.append(admissible.gradient(case, MODELS[model], narrowed=narrowed))
        seconds.append(perf_counter() - start)
    (_, wide), (middles, narrow) = map(_middles_and_radii, sets)
    told = narrow < np.abs(middles)
    radii = [each[told] for each in (wide, narrow)]
    return {
        "model": model,
        "activation": activation,
        "depth": depth,
        "radius": [median((each / np.abs(middles[told])).tolist() or [np.inf]) for each in radii],
        "times": median((radii[0] / radii[1]).tolist() or [1.0]),
        "decided": [each.decided_share() for each in sets],
        "seconds": seconds,
    }


def _middles_and_radii(admitted: AdmissibleSet) -> tuple[Any, Any]:
    """Of all entries; where nothing is known the radius is infinite."""
    balls = [ball for _, part in admitted.parts for ball in part.ravel()]
    middles, radii = (np.array([float(getattr(ball, name)()) for ball in balls]) for name in ("mid", "rad"))
    return middles, np.where(np.isfinite(middles), radii, np.inf)
