"""The price of one exact verdict on a wide network, beside a comparison in float64 and a check by differences."""

from functools import partial
from statistics import median
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from ffn import admissible, reference
from ffn.cases.case import Case, flat, mapped
from ffn.cases.exact.certificate import forget
from ffn.cases.exact.making import exact_case_of
from ffn.network.description import Hidden, Network, Output, Parameters
from tests.benchmarks.timing import interleaved, written

TARGETS = {(784, 1024, 1024, 10): 0.3, (784, 800, 450, 10): 0.5}  # the second has 10⁶ parameters
ROWS, ROUNDS, STEP = 128, 5, 1e-3


def measure() -> list[dict[str, Any]]:
    """Time the making of each case and the verdict on the gradient, the implementation itself excluded."""
    figures = [_figure(widths, dtype) for widths in TARGETS for dtype in ("bfloat16", "float32", "float64")]
    title = f"exact cases: gradient, relu and gaussian, {ROWS} rows, one core; medians of {ROUNDS} rounds"
    caption = "targets: ≤ 0.3 s at width 1024, ≤ 0.5 s for 10⁶ parameters, certificate included"
    table = Table("network", "dtype", title=title, caption=caption)
    names = {"made": "case made", "verdict": "verdict", "float64": "float64", "differences": "differences"}
    for heading in names.values():
        table.add_column(heading)
    for figure in figures:
        seconds = (written(figure["seconds"][name]) for name in names)
        table.add_row(figure["network"], figure["dtype"], *seconds)
    Console().print(table)
    return figures


def _figure(widths: tuple[int, ...], dtype: str) -> dict[str, Any]:
    hidden = tuple(Hidden(units) for units in widths[1:-1])
    network = Network(widths[0], widths[-1], Output("gaussian"), hidden, "sum")
    make = partial(exact_case_of, (network, ROWS), dtype, 0, ("gradient",))
    case = make()
    answer = mapped(lambda array: array.copy(), reference.gradient(*case.cast("float64").arguments("gradient")))
    contestants = {
        "made": make,
        "verdict": partial(_verdict, case, answer),
        "float64": partial(_against_float64, case, answer),
        "differences": partial(_one_direction, case, answer),
    }
    times = interleaved(contestants, ROUNDS)
    return {
        "network": "-".join(map(str, widths)),
        "parameters": sum(array.size for array in flat(case.parameters)),
        "dtype": dtype,
        "seconds": {name: median(values) for name, values in times.items()},
        "target": TARGETS[widths],
    }


def _verdict(case: Case, answer: Parameters) -> None:
    """Certificate, truth and comparison: nothing is kept of the last round."""
    forget()
    assert answer in admissible.exact("gradient", case)


def _against_float64(case: Case, answer: Parameters) -> None:
    """The gradient in float64, and a tolerance of somebody's choice."""
    wide = reference.gradient(*case.cast("float64").arguments("gradient"))
    assert all(np.allclose(a, b, rtol=1e-5, atol=1e-8) for a, b in zip(flat(answer), flat(wide), strict=True))


def _one_direction(case: Case, answer: Parameters) -> None:
    """Central differences in float64 along one random direction, as checkers do that are to be fast."""
    wide, random = case.cast("float64"), np.random.default_rng(0)
    direction = mapped(lambda array: random.normal(size=array.shape), wide.parameters)
    moved = [_moved(wide, direction, sign * STEP) for sign in (1, -1)]
    ahead, behind = (float(reference.loss(*each.arguments("loss"))) for each in moved)
    along = sum(float((a * u).sum()) for a, u in zip(flat(answer), flat(direction), strict=True))
    assert np.isfinite((ahead - behind) / (2 * STEP) - along)  # at kinks they differ, whatever the gradient


def _moved(case: Case, direction: Parameters, step: float) -> Case:
    steps = iter(flat(direction))
    return case.mapped(lambda array: array + step * next(steps), "parameters")
