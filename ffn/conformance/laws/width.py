"""Wide layers of functions that round: what a partial last tile computes, exponentials of long arrays, long batches.

Admissible sets of long sums are wide, so the numbers are chosen for each unit to be seen by itself: the gradient by a
weight of one row is a single product, and a target far away makes the cotangent of the output large beside its error.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from ffn.cases.case import Case
from ffn.cases.networks import EVERYTHING, NothingSupported, Supported, first_reduction, first_supported, supported_of
from ffn.cases.plan import Levels, Plan
from ffn.cases.planned import of_plan
from ffn.conformance.law import ANSWERS, Law
from ffn.network.activations import ELEMENTWISE, PIECEWISE_LINEAR
from ffn.network.description import OUTPUTS, REDUCTIONS, Hidden, Network, Output
from ffn.numbers.precision import dtype_of, precision

SMOOTH = tuple(name for name in ELEMENTWISE if name not in PIECEWISE_LINEAR)
WIDTHS = (9, 10, 15, 16, 17, 31, 32, 33, 63, 64, 65, 100, 127, 128, 129, 257)
ROWS = (1, 2)
MOST_ROWS = 33  # in which every class is a label
TELLING = (0, 1, 99, 100, 127, 128, 254, 255, 256)  # labels that programs ignore, or that a narrow type cannot hold
FAR_ABOVE = 24.0  # beyond the logarithm of the largest number: below it by as much every exponential is 0
UNEQUAL = (1.0, 2.0**-6, 2.0**-6)  # inputs of rows: a row that is taken for another, or its pivot, shows
FAR = 40.0  # a target, far beyond the outputs; or a row's input, whose loss is a good part of that of all rows
BATCHES = (33, 100, 129, 257, 1025, 2049)


def smooth_plan(dtype: str, supported: Supported = EVERYTHING) -> Plan:
    """Layers of every width and smooth activation. Raises NothingSupported where there are none."""
    supported_of((1,), supported.depths, "depth")
    _require_no_list(supported)
    factors = {
        "width": WIDTHS,
        "activation": supported_of(SMOOTH, supported.activations, "activation"),
        "rows": ROWS,
        "output": first_supported(("gaussian", "laplace", "bernoulli"), supported),
        "reduction": first_reduction(supported),
    }
    return Plan(factors, partial(_smooth_case, dtype))


def classes_plan(dtype: str, supported: Supported = EVERYTHING) -> Plan:
    """Every number of classes. Raises NothingSupported where there are none."""
    supported_of((0,), supported.depths, "depth")
    supported_of(("categorical",), supported.outputs, "output")
    _require_no_list(supported)
    factors = {
        "classes": classes(dtype),
        "logits": ("near", "last far above"),
        "labels": ("a last one", "two last ones", "each once"),
        "reduction": first_reduction(supported),
    }
    return Plan(factors, partial(_classes_case, dtype))


def _require_no_list(supported: Supported) -> None:
    if supported.networks:
        raise NothingSupported("networks are listed, and tried at their own sizes by other laws")


def _smooth_case(dtype: str, levels: Levels, random: np.random.Generator) -> Case:
    """Pre-activations from −4 to 4, in another order each time, and an output near 0."""
    width, rows, to = levels["width"], levels["rows"], dtype_of(dtype)
    network = Network(2, 1, Output(levels["output"]), (Hidden(width, levels["activation"]),), levels["reduction"])
    W = random.choice((-1.0, 1.0), (2, width)) * random.uniform(0.25, 1, (2, width))
    b = random.permutation(np.linspace(-3, 3, width))
    V = random.choice((-1.0, 1.0), (width, 1)) / 2 ** np.ceil(np.log2(width))
    x = random.choice((-1.0, 1.0, 0.5, -0.5), (rows, 2))
    far = 1.0 if network.output.name == "bernoulli" else FAR
    arrays = ((W.astype(to), b.astype(to)), (V.astype(to), np.zeros(1, to)))
    return Case(network, arrays, x.astype(to), np.full((rows, 1), far).astype(to))


def classes(dtype: str) -> tuple[int, ...]:
    """Numbers of classes whose sums of exponentials are bounded well enough to decide."""
    return tuple(size for size in (*WIDTHS[:-1], 1000) if size <= most_terms(dtype))


def most_terms(dtype: str) -> float:
    """Of a sum, so that its set is narrower than its terms together."""
    return 0.25 / precision(dtype).unit_roundoff


def _classes_case(dtype: str, levels: Levels, random: np.random.Generator) -> Case:
    """Logits from −2 to 2 times the input of the row, a power of two; or the last so far above that no other pivot
    bears its exponential, and no other row its pivot.

    Labels are among the last; or each class is the label of a row, and of many classes those that tell. Of several
    rows their type is the narrowest that holds them, which holds no product of them.
    """
    to = dtype_of(dtype)
    network = Network(1, levels["classes"], Output("categorical"), reduction=levels["reduction"])
    logits = random.permutation(np.linspace(-2, 2, network.units))
    if levels["logits"] == "last far above":
        logits[-1] = np.log(precision(dtype).largest) + FAR_ABOVE
    y: Any = network.units - 1 - random.integers(0, min(network.units, 3), 1 if levels["labels"] == "a last one" else 2)
    if levels["labels"] == "each once" and network.units <= MOST_ROWS:
        y = random.permutation(network.units)
    elif levels["labels"] == "each once":
        y = np.array(sorted({*TELLING, network.units - 1} & set(range(network.units))))
    y = y.astype(np.min_scalar_type(int(y.max())) if len(y) > 1 else np.int64)
    x = np.resize(UNEQUAL, (len(y), 1)).astype(to)
    return Case(network, ((logits.astype(to)[None], np.zeros(network.units, to)),), x, y)


def rows_plan(dtype: str, supported: Supported = EVERYTHING) -> Plan:
    """Batches of every size, of every output. Raises NothingSupported where there are none."""
    supported_of((0,), supported.depths, "depth")
    _require_no_list(supported)
    factors = {
        "rows": tuple(size for size in BATCHES if size <= most_terms(dtype)),
        "output": supported_of(OUTPUTS, supported.outputs, "output"),
        "reduction": supported_of(REDUCTIONS[::-1], supported.reductions, "reduction"),
    }
    return Plan(factors, partial(_rows_case, dtype))


def _rows_case(dtype: str, levels: Levels, random: np.random.Generator) -> Case:
    """Outputs from −1 to 1 but for the last row, whose loss is large: a sum without the last tile lacks much of it.

    The cotangents of the other rows have one sign, so that few of them cancel.
    """
    rows, output, to = levels["rows"], Output(levels["output"]), dtype_of(dtype)
    W = np.array([[1.0, -1.0]] if output.name == "categorical" else [[1.0]]).astype(to)
    network = Network(1, W.shape[1], output, reduction=levels["reduction"])
    x = random.uniform(-1, 1, (rows, 1))
    y = np.full((rows, 1), -2.0 if output.name in ("gaussian", "laplace") else 0.0)
    x[-1], y[-1] = -FAR, 1
    targets = 1 - y[:, 0].astype(np.int64) if output.name == "categorical" else y.astype(to)
    return Case(network, ((W, np.zeros(W.shape[1], to)),), x.astype(to), targets)


LAWS = (
    Law(
        "width/smooth units",
        "Each unit of a wide layer has its own value and slope, in a partial last tile too.",
        ANSWERS,
        partial(of_plan, smooth_plan),
        plan=smooth_plan,
    ),
    Law(
        "width/many classes",
        "The exponential of every logit counts, however many there are.",
        ("loss", "gradient"),
        partial(of_plan, classes_plan),
        plan=classes_plan,
    ),
    Law(
        "width/many rows",
        "The loss of every row counts, and its gradient, however many there are.",
        ("loss", "gradient"),
        partial(of_plan, rows_plan),
        plan=rows_plan,
    ),
)
