"""The reference network beside torch, beside autograd on the same forward pass, and beside bare matrix products."""

from collections.abc import Callable
from functools import partial
from statistics import median
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from ffn import reference
from ffn.cases.case import Case
from ffn.conformance.implementation.adapters.autograd import implementation as autograd
from ffn.network.description import Hidden, Network, Output, initialise
from ffn.network.forward import trace
from ffn.numbers.floating import floating
from tests.benchmarks.timing import interleaved, paired_ratio, ratio, written

BATCH, ROUNDS = 128, 41
SIZES = {
    (2, 8, 1): ("tanh", "bernoulli"),
    (16, 64, 64, 4): ("relu", "categorical"),
    (784, 256, 128, 10): ("relu", "categorical"),
    (784, 1024, 1024, 10): ("relu", "categorical"),
}
Contestants = dict[str, Callable[[], object]]


def measure() -> list[dict[str, Any]]:
    """Time every size in both precisions, forward alone and with the gradient."""
    figures = [figure for widths in SIZES for dtype in ("float32", "float64") for figure in _size(widths, dtype)]
    Console().print(_table(figures))
    return figures


def _size(widths: tuple[int, ...], dtype: str) -> list[dict[str, Any]]:
    case = random_case(widths, *SIZES[widths], dtype)
    forward: Contestants = {
        "reference": partial(reference.forward, case.network, case.parameters, case.x),
        "products": partial(_forward_products, *_arrays(case)[:2]),
    }
    gradient: Contestants = {
        "reference": partial(reference.gradient, case.network, case.parameters, case.x, case.y),
        "products": partial(_gradient_products, *_arrays(case)),
    }
    if dtype in autograd.dtypes:
        forward["autograd"] = partial(autograd.forward, case.network, case.parameters, case.x)
        gradient["autograd"] = partial(autograd.gradient, case.network, case.parameters, case.x, case.y)
    try:
        from tests.benchmarks import in_torch
    except ModuleNotFoundError:
        pass  # its column stays empty
    else:
        forward["torch"], gradient["torch"] = in_torch.contestants(case)
    return [_figure(widths, dtype, "forward", forward), _figure(widths, dtype, "gradient", gradient)]


def random_case(widths: tuple[int, ...], activation: str, output: str, dtype: str, rows: int = BATCH) -> Case:
    """A network of these widths as it is when training begins, with normal inputs and random targets."""
    generator = np.random.default_rng(0)
    hidden = tuple(Hidden(units, activation) for units in widths[1:-1])
    network = Network(inputs=widths[0], hidden=hidden, units=widths[-1], output=Output(output))
    x = generator.normal(size=(rows, widths[0])).astype(dtype)
    categorical = output == "categorical"
    y = generator.integers(0, widths[-1] if categorical else 2, size=rows if categorical else (rows, widths[-1]))
    return Case(network, initialise(network, 0, dtype=dtype), x, y if categorical else y.astype(dtype))


def _arrays(case: Case) -> tuple[list[Any], list[Any], list[Any]]:
    """Each layer's input and weights, and a cotangent of its pre-activation's shape."""
    steps = trace(floating(case.dtype), case.network, case.parameters, case.x)
    return [step.x for step in steps], [W for W, _ in case.parameters], [np.ones_like(step.z) for step in steps]


def _forward_products(inputs: list[Any], weights: list[Any]) -> None:
    for x, W in zip(inputs, weights, strict=True):
        np.matmul(x, W)


def _gradient_products(inputs: list[Any], weights: list[Any], cotangents: list[Any]) -> None:
    """The matrix products of a forward and a backward pass, and nothing else."""
    _forward_products(inputs, weights)
    for x, dz in zip(inputs, cotangents, strict=True):
        np.matmul(x.T, dz)
    for W, dz in zip(weights[1:], cotangents[1:], strict=True):  # the batch itself needs no cotangent
        np.matmul(dz, W.T)


def _figure(widths: tuple[int, ...], dtype: str, what: str, contestants: Contestants) -> dict[str, Any]:
    times = interleaved(contestants, ROUNDS)
    others = [name for name in contestants if name != "reference"]
    return {
        "network": "-".join(map(str, widths)),
        "dtype": dtype,
        "pass": what,
        "seconds": {name: median(values) for name, values in times.items()},
        "reference over": {name: paired_ratio(times, "reference", name) for name in others},
    }


def _table(figures: list[dict[str, Any]]) -> Table:
    title = f"speed: batch {BATCH}, one thread; medians of {ROUNDS} paired rounds with quartiles"
    caption = "targets: ≤ 1 × torch everywhere; ≤ 1.15 × the bare matrix products at width 1024"
    table = Table("network", "dtype", "pass", "reference", title=title, caption=caption)
    names = {"torch": "÷ torch", "products": "÷ products", "autograd": "÷ autograd"}
    for heading in names.values():
        table.add_column(heading)
    for figure in figures:
        ratios = [ratio(figure["reference over"].get(name)) for name in names]
        table.add_row(
            figure["network"], figure["dtype"], figure["pass"], written(figure["seconds"]["reference"]), *ratios
        )
    return table
