"""Sets of a formula of one's own: outputs a second, and the kernels of torch."""

from itertools import pairwise
from statistics import median
from time import process_time
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from ffn import admissible
from ffn.admissible import formulas
from ffn.admissible.formula.membership.sets import bounded
from tests.benchmarks.timing import written
from tests.formula.kernels import PROBLEMS

ROUNDS = 5
Figures = list[dict[str, Any]]

# formula, shapes, outputs a second that are aimed at
SPEEDS: dict[str, tuple[Any, list[tuple[int, ...]], float]] = {
    "gelu, 1000 × 1000": (formulas.gelu, [(1000, 1000)], 1e6),
    "silu, 1000 × 1000": (formulas.silu, [(1000, 1000)], 1e6),
    "layer norm, 4096 × 256": (formulas.layer_norm, [(4096, 256), (256,), (256,)], 1e6),
    "softmax, 4096 × 256": (formulas.softmax, [(4096, 256)], 1e6),
    "linear, 512 × 1024 × 512": (formulas.linear, [(512, 1024), (512, 1024), (512,)], 3e5),
    "attention, 512 × 64, a head": (formulas.attention, [(512, 64)] * 3, 5e4),
}


def measure() -> dict[str, Figures]:
    """Print four tables: speed, what the mean value theorem narrows, and the numbers of torch where it is there."""
    return {"speed": _speed(), "narrowed": _narrowed(), "deep": _deep(), "torch": _torch()}


def _speed() -> Figures:
    figures = []
    for name, (formula, shapes, target) in SPEEDS.items():
        rng = np.random.default_rng(0)
        arrays = [rng.normal(size=shape).astype(np.float32) for shape in shapes]
        middle = admissible.value(formula, *arrays).middle.astype(np.float32)
        seconds = median(_seconds(formula, arrays, middle) for _ in range(ROUNDS))
        figures.append({"figure": name, "seconds": seconds, "rate": middle.size / seconds, "target": target})
    table = Table("formula", "processor time", "outputs a second", "target", title="formulas: float32, one core")
    for figure in figures:
        rate, target = f"{figure['rate']:.2g}", f"≥ {figure['target']:.0g}"
        table.add_row(figure["figure"], written(figure["seconds"]), rate, target)
    Console().print(table)
    return figures


NARROWED = ("silu", "layer norm", "softmax", "attention", "d layer norm", "d softmax", "d attention")


def _narrowed() -> Figures:
    """The enclosures' sets over those by the mean value theorem too: medians for each array of the answer."""
    table = Table("formula", "narrower", "processor time", title="formulas: sets by the mean value theorem, float32")
    figures = []
    for problem in NARROWED:
        arrays = PROBLEMS[problem].inputs("ordinary", 0, "float32")
        start = process_time()
        admitted = PROBLEMS[problem].admitted(arrays)
        seconds = process_time() - start
        factors = _narrower(admitted)
        figures.append({"figure": problem, "factors": factors, "seconds": seconds})
        table.add_row(problem, ", ".join(f"{name} {f:.2f}" for name, f in factors.items()), written(seconds))
    Console().print(table)
    return figures


def _narrower(admitted: Any) -> dict[str, float]:
    """For each array of the answer the median of how many times narrower its sets are than the enclosures."""
    question = admitted.question
    wide = bounded(question, question.evaluate(question.namespace(question.arithmetic)))
    pairs = zip(wide.parts, admitted.parts, strict=True)
    with np.errstate(invalid="ignore"):  # what is exact has no width
        return {b.name: float(np.median((a.high - a.low) / (b.high - b.low))) for a, b in pairs}


DEPTHS, WIDTH, INPUTS = (3, 5, 8), 64, 8


def _network(xp: Any, x: Any, *parameters: Any) -> Any:
    """Layers of tanh and a linear output, written as a formula."""
    *hidden, (V, c) = zip(parameters[::2], parameters[1::2], strict=True)
    for W, b in hidden:
        x = xp.tanh(xp.matmul(x, W) + b)
    return xp.matmul(x, V) + c


def _deep() -> Figures:
    """The same of networks of tanh on one row, with weights of variance 1/inputs: the output, and ∂x."""
    table = Table(
        "depth", "output", "its width", "∂x", "processor time", title=f"formulas: tanh networks, width {WIDTH}"
    )
    figures = []
    for depth in DEPTHS:
        rng, sizes = np.random.default_rng(0), [INPUTS, *[WIDTH] * depth, 1]
        shapes = [shape for a, b in pairwise(sizes) for shape in ((a, b), (b,))]
        parameters = [(rng.normal(size=shape) / np.sqrt(shape[0])).astype(np.float32) for shape in shapes]
        x, one = rng.normal(size=(1, INPUTS)).astype(np.float32), np.ones((1, 1), np.float32)
        start = process_time()
        output = admissible.value(_network, x, *parameters)
        gradient = admissible.gradient(_network, x, *parameters, cotangent=one)
        (part,), narrower = output.parts, (_narrower(output)["output"], _narrower(gradient)["∂x"])
        width, seconds = float((part.high - part.low).max() / 2), process_time() - start
        figures.append({"figure": f"depth {depth}", "narrower": narrower, "width": width, "seconds": seconds})
        table.add_row(f"{depth}", f"{narrower[0]:.2g}", f"± {width:.1g}", f"{narrower[1]:.2g}", written(seconds))
    Console().print(table)
    return figures


def _seconds(formula: Any, arrays: list[Any], computed: Any) -> float:
    """Of the processor: with one thread that is what a core takes, whatever else the machine does."""
    start = process_time()
    admissible.value(formula, *arrays).judge(computed)
    return process_time() - start


def _torch() -> Figures:
    try:
        from tests.benchmarks.torch_kernels import measured
    except ImportError:
        Console().print("formulas: torch is not installed")
        return []
    return measured()
