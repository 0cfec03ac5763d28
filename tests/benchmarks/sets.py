"""The price of one verdict with an admissible set, and how it grows."""

from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table

from ffn import admissible, reference
from tests.benchmarks.speed import random_case
from tests.benchmarks.timing import interleaved, written

TARGET = (784, 86, 100, 190, 10)  # 97310 parameters
GROWTH = ((8, 16, 10), (64, 64, 10), (784, 128, 10), (784, 512, 256, 10), (784, 900, 320, 10))
CASES = ((TARGET, 32), *((widths, rows) for widths in GROWTH for rows in (1, 32)))
MANY = 1_000_000  # parameters × rows from which one round is enough


def measure() -> list[dict[str, Any]]:
    """Time the set and the comparison for each network and batch."""
    title = "sets: one verdict on the gradient in float64, relu and categorical, one core"
    caption = "target: ≤ 2 s for the first row; at a given number of rows a parameter costs the same in every network"
    table = Table(
        "network", "parameters", "rows", "verdict", "a parameter", "a parameter and row", title=title, caption=caption
    )
    figures = [_figure(widths, rows) for widths, rows in CASES]
    for figure in figures:
        prices = (figure["seconds"] / figure["parameters"] / rows for rows in (1, figure["rows"]))
        cells = (f"{figure['parameters']:,}", figure["rows"], *map(written, (figure["seconds"], *prices)))
        table.add_row(figure["network"], *map(str, cells))
    Console().print(table)
    return figures


def _figure(widths: tuple[int, ...], rows: int) -> dict[str, Any]:
    case = random_case(widths, "relu", "categorical", "float64", rows)
    answer = reference.gradient(case.network, case.parameters, case.x, case.y)
    parameters = sum(W.size + b.size for W, b in case.parameters)

    def verdict() -> object:
        admissible.forget()
        return admissible.gradient(case).examine(answer)

    times = interleaved({"verdict": verdict}, 1 if parameters * rows >= MANY else 5)
    seconds = median(times["verdict"])
    return {"network": "-".join(map(str, widths)), "parameters": parameters, "rows": rows, "seconds": seconds}
