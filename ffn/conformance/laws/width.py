"""Wide layers of functions that round: what a partial last tile computes, and exponentials of long arrays.

Admissible sets of long sums are wide, so the numbers are chosen for each unit to be seen by itself: the gradient by a
weight of one row is a single product, and a target far away makes the cotangent of the output large beside its error.
"""

from __future__ import annotations

from functools import partial
from itertools import product

import numpy as np
from hypothesis import strategies as st

from ffn.cases.case import Case
from ffn.cases.exact.sizes import SIZES
from ffn.cases.networks import EVERYTHING, NothingSupported, Supported, first_supported, supported_of
from ffn.conformance.law import ANSWERS, Law
from ffn.network.activations import ELEMENTWISE, PIECEWISE_LINEAR
from ffn.network.description import REDUCTIONS, Hidden, Network, Output
from ffn.numbers.precision import dtype_of, precision

SMOOTH = tuple(name for name in ELEMENTWISE if name not in PIECEWISE_LINEAR)
WIDTHS = tuple(size for size in SIZES if 5 <= size <= 257)
ROWS = (1, 2)
FAR = 40.0  # a target, far beyond the outputs


def _wide_smooth(dtype: str, supported: Supported = EVERYTHING) -> st.SearchStrategy[Case]:
    supported_of((1,), supported.depths, "depth")
    if supported.networks:
        raise NothingSupported("networks are listed, and drawn by other laws")
    output = first_supported(("gaussian", "laplace", "bernoulli"), supported)[0]
    reduction = supported_of(REDUCTIONS[::-1], supported.reductions, "reduction")[0]
    names = supported_of(SMOOTH, supported.activations, "activation")
    chosen = [
        Network(2, 1, Output(output), (Hidden(width, name),), reduction) for width, name in product(WIDTHS, names)
    ]
    drawn = supported.filtered(st.sampled_from(chosen), lambda network: network in chosen)
    return st.builds(partial(_smooth_case, dtype), drawn, st.sampled_from(ROWS), st.integers(0, 2**32 - 1))


def _smooth_case(dtype: str, network: Network, rows: int, seed: int) -> Case:
    """Pre-activations from −4 to 4, in another order each time, and an output near 0."""
    random, to = np.random.default_rng(seed), dtype_of(dtype)
    width = network.hidden[0].units
    W = random.choice((-1.0, 1.0), (2, width)) * random.uniform(0.25, 1, (2, width))
    b = random.permutation(np.linspace(-3, 3, width))
    V = random.choice((-1.0, 1.0), (width, 1)) / 2 ** np.ceil(np.log2(width))
    x = random.choice((-1.0, 1.0, 0.5, -0.5), (rows, 2))
    far = 1.0 if network.output.name == "bernoulli" else FAR
    arrays = ((W.astype(to), b.astype(to)), (V.astype(to), np.zeros(1, to)))
    return Case(network, arrays, x.astype(to), np.full((rows, 1), far).astype(to))


def _many_classes(dtype: str, supported: Supported = EVERYTHING) -> st.SearchStrategy[Case]:
    supported_of((0,), supported.depths, "depth")
    if supported.networks:
        raise NothingSupported("networks are listed, and drawn by other laws")
    output = supported_of(("categorical",), supported.outputs, "output")[0]
    reduction = supported_of(REDUCTIONS[::-1], supported.reductions, "reduction")[0]
    chosen = [Network(1, count, Output(output), reduction=reduction) for count in classes(dtype)]
    drawn = supported.filtered(st.sampled_from(chosen), lambda network: network in chosen)
    return st.builds(partial(_classes_case, dtype), drawn, st.sampled_from(ROWS), st.integers(0, 2**32 - 1))


def classes(dtype: str) -> tuple[int, ...]:
    """Numbers of classes whose sums of exponentials are bounded well enough to decide."""
    most = min(1000.0, 0.25 / precision(dtype).unit_roundoff)
    return tuple(size for size in (*WIDTHS[:-1], 1000) if size <= most)


def _classes_case(dtype: str, network: Network, rows: int, seed: int) -> Case:
    """Logits from −2 to 2, each a product with 1, and labels among the last."""
    random, to = np.random.default_rng(seed), dtype_of(dtype)
    logits = random.permutation(np.linspace(-2, 2, network.units)).astype(to)
    y = network.units - 1 - random.integers(0, min(network.units, 3), rows)
    return Case(network, ((logits[None], np.zeros(network.units, to)),), np.ones((rows, 1), to), y)


LAWS = (
    Law(
        "width/smooth units",
        "Each unit of a wide layer has its own value and slope, in a partial last tile too.",
        ANSWERS,
        _wide_smooth,
    ),
    Law(
        "width/many classes",
        "The exponential of every logit counts, however many there are.",
        ("loss", "gradient"),
        _many_classes,
    ),
)
