"""Wide layers of functions that round: what a partial last tile computes, and exponentials of long arrays.

Admissible sets of long sums are wide, so the numbers are chosen for each unit to be seen by itself: the gradient by a
weight of one row is a single product, and a target far away makes the cotangent of the output large beside its error.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from ffn.cases.case import Case
from ffn.cases.networks import EVERYTHING, NothingSupported, Supported, first_supported, supported_of
from ffn.cases.plan import Levels, Plan
from ffn.cases.planned import of_plan
from ffn.conformance.law import ANSWERS, Law
from ffn.network.activations import ELEMENTWISE, PIECEWISE_LINEAR
from ffn.network.description import REDUCTIONS, Hidden, Network, Output
from ffn.numbers.precision import dtype_of, precision

SMOOTH = tuple(name for name in ELEMENTWISE if name not in PIECEWISE_LINEAR)
WIDTHS = (9, 10, 15, 16, 17, 31, 32, 33, 63, 64, 65, 100, 127, 128, 129, 257)
ROWS = (1, 2)
MOST_ROWS = 33  # in which every class is a label
TELLING = (0, 1, 99, 100, 127, 128, 254, 255, 256)  # labels that programs ignore, or that a narrow type cannot hold
LABEL_TYPES = ("int64", "narrowest")
FAR = 40.0  # a target, far beyond the outputs


def smooth_plan(dtype: str, supported: Supported = EVERYTHING) -> Plan:
    """Layers of every width and smooth activation. Raises NothingSupported where there are none."""
    supported_of((1,), supported.depths, "depth")
    _require_no_list(supported)
    factors = {
        "width": WIDTHS,
        "activation": supported_of(SMOOTH, supported.activations, "activation"),
        "rows": ROWS,
        "output": first_supported(("gaussian", "laplace", "bernoulli"), supported),
        "reduction": supported_of(REDUCTIONS[::-1], supported.reductions, "reduction")[:1],
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
        "type": LABEL_TYPES,
        "reduction": supported_of(REDUCTIONS[::-1], supported.reductions, "reduction")[:1],
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
    most = min(1000.0, 0.25 / precision(dtype).unit_roundoff)
    return tuple(size for size in (*WIDTHS[:-1], 1000) if size <= most)


def _classes_case(dtype: str, levels: Levels, random: np.random.Generator) -> Case:
    """Logits from −2 to 2, each a product with 1; or the last so far above that no other pivot bears its exponential.

    Labels are among the last; or each class is the label of a row, and of many classes those that tell. Their type is
    the narrowest that holds them where it is asked for, which holds no product of them.
    """
    to = dtype_of(dtype)
    network = Network(1, levels["classes"], Output("categorical"), reduction=levels["reduction"])
    logits = random.permutation(np.linspace(-2, 2, network.units))
    if levels["logits"] == "last far above":
        logits[-1] = np.log(precision(dtype).largest) + 4
    y: Any = network.units - 1 - random.integers(0, min(network.units, 3), 1 if levels["labels"] == "a last one" else 2)
    if levels["labels"] == "each once" and network.units <= MOST_ROWS:
        y = random.permutation(network.units)
    elif levels["labels"] == "each once":
        y = np.array(sorted({*TELLING, network.units - 1} & set(range(network.units))))
    y = y.astype(np.min_scalar_type(int(y.max())) if levels["type"] == "narrowest" else np.int64)
    return Case(network, ((logits.astype(to)[None], np.zeros(network.units, to)),), np.ones((len(y), 1), to), y)


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
)
