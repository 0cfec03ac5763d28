"""Exact cases: where no correct program rounds the answer is one number, at width 1025 as at width 1."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache, partial
from itertools import cycle, product
from typing import Any

import hypothesis
from hypothesis import strategies as st

from ffn import admissible
from ffn.cases.case import Case
from ffn.cases.exact.arithmetic import Rounds
from ffn.cases.exact.making import exact_case, exact_case_of, may_be_exact, network_of
from ffn.cases.exact.sizes import wide
from ffn.cases.networks import EVERYTHING, NothingSupported, Supported
from ffn.conformance.law import Law, Offered
from ffn.conformance.verdict import Judgement, Verdict, first_failure, judged
from ffn.numbers.precision import Precision

MOST_WORK = 400_000  # multiply-adds of a case: half precisions have no fast kernels in NumPy
OWN_ROWS = (1, 2, 8, 17, 32)  # of networks that an implementation lists
LAYERS: tuple[Mapping[str, Any], ...] = (
    {"activation": "relu"},
    {"activation": "maxout", "pieces": 2},
    {"activation": "leaky_relu", "slope": 0.5},
    {"activation": "absolute"},
    {"activation": "hard_tanh"},
    {"activation": "identity"},
    {"activation": "leaky_relu", "slope": 2.0},
    {"activation": "maxout", "pieces": 5},
    {"activation": "leaky_relu", "slope": -1.0},
    {"activation": "maxout", "pieces": 8},
)


def equals(case: Case, offered: Offered, assumed: Precision) -> Judgement:
    """Whether every answer is the only admissible one; nothing is said of a case on which some program rounds."""
    try:
        sets = [(name, admissible.exact(name, case, assumed)) for name in offered.names]
    except Rounds:
        return Judgement(Verdict.NOT_OFFERED)
    return replace(first_failure(*(judged(points.examine(offered(name, case))) for name, points in sets)), exact=True)


Rows = tuple[Mapping[str, Any], ...]


@cache
def every_depth() -> Rows:
    """Every kind of layer at every depth, on small networks."""
    sizes = {"rows": (1, 2, 4, 3, 8, 5), "inputs": (1, 3, 2, 5, 8), "width": (1, 4, 2, 7), "units": (1, 2, 3)}
    others = {"output": ("gaussian", "laplace"), "reduction": ("sum", "mean"), "decay": (0.0, 0.5, 2.0)}
    further = {name: cycle(levels) for name, levels in (sizes | others).items()}
    rows = [
        {**layer, "depth": depth, **{name: next(levels) for name, levels in further.items()}}
        for depth, layer in product(range(9), LAYERS)
    ]
    return tuple(row | {"rows": 4} if row["reduction"] == "mean" else row for row in rows)


@cache
def every_size() -> Rows:
    """Every size along every axis, with one hidden layer or none."""
    layers = cycle(LAYERS)
    return tuple({**sizes._asdict(), **next(layers), "depth": 1} for sizes in wide(MOST_WORK))


def _supported(rows: Rows, supported: Supported) -> Rows:
    """Those that can be built. Raises NothingSupported where there are none."""
    found = tuple(
        row
        for row in rows
        if (row["activation"] in supported.activations or not row["depth"])
        and row["depth"] in supported.depths
        and row.get("output", "gaussian") in supported.outputs
        and row.get("reduction", "sum") in supported.reductions
        and (supported.accepts is None or supported.accepts(network_of(row)))
    )
    if not found:
        raise NothingSupported("none of the networks on which nothing is rounded is supported")
    return found


def _cases(
    rows: Callable[[], Rows], answer: str, dtype: str, supported: Supported = EVERYTHING
) -> st.SearchStrategy[Case]:
    if supported.networks:
        own = tuple(network for network in supported.networks if may_be_exact(network, 1))
        if not own:
            raise NothingSupported("every program rounds on each of the networks that are listed")
        return _made(st.sampled_from(list(product(own, OWN_ROWS))), exact_case_of, answer, dtype)
    return _made(st.sampled_from(_supported(rows(), supported)), exact_case, answer, dtype)


@st.composite
def _made(draw: st.DrawFn, chosen: st.SearchStrategy[Any], make: Callable[..., Case], answer: str, dtype: str) -> Case:
    levels, seed = draw(chosen), draw(st.integers(0, 2**32 - 1))
    try:
        return make(levels, dtype, seed, (answer,))
    except Rounds:
        hypothesis.reject()


LAWS = tuple(
    Law(f"exact/{name}", statement, (answer,), partial(_cases, rows, answer), equals, rounded_factors=False)
    for answer, rows, name, statement in (
        ("forward", every_depth, "forward", "Where nothing is rounded the output is one number, at any depth."),
        ("gradient", every_depth, "gradient", "Where nothing is rounded the gradient is one number, at any depth."),
        ("forward", every_size, "wide forward", "Every row, input and unit counts in the output, whatever the size."),
        (
            "gradient",
            every_size,
            "wide gradient",
            "Every row, input and unit counts in the gradient, whatever the size.",
        ),
    )
)
