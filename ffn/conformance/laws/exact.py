"""Exact cases: where no correct program rounds the answer is one number, at width 1025 as at width 1."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache, partial
from itertools import cycle
from typing import Any

import hypothesis
import numpy as np
from hypothesis import strategies as st

from ffn import admissible
from ffn.cases.case import Case
from ffn.cases.exact.arithmetic import Rounds
from ffn.cases.exact.making import EXACT_ACTIVATIONS, EXACT_OUTPUTS, exact_case, exact_case_of, may_be_exact, network_of
from ffn.cases.exact.sizes import wide
from ffn.cases.networks import EVERYTHING, NothingSupported, Supported, first_reduction, first_supported, supported_of
from ffn.cases.plan import Levels, NoCase, Plan, plan_by
from ffn.conformance.law import Law, Offered
from ffn.conformance.verdict import Judgement, Verdict, first_failure, judged
from ffn.network.description import Network
from ffn.numbers.precision import Precision

MOST_WORK = 100_000  # multiply-adds of a case: half precisions have no fast kernels in NumPy
OWN_ROWS = (1, 2, 8, 17, 32)  # of networks that an implementation lists
BATCHES = (
    *((1, "sum"), (2, "mean"), (2, "sum"), (1, "mean"), (3, "sum"), (4, "mean")),
    *((65, "sum"), (32, "mean")),
)
SMALL = {"inputs": (1, 2, 3, 5, 8, 9), "width": (1, 2, 3, 4, 7, 9), "units": (1, 2, 3, 5)}
MOST_LAYERS = 8  # kinds of them at every depth, the others at every size: so few that a run takes seconds
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
    answers = zip(sets, offered.together(*((name, case) for name, _ in sets)), strict=True)
    return replace(first_failure(*(judged(points.examine(answer)) for (_, points), answer in answers)), exact=True)


def loss_of_exact_output(case: Case, offered: Offered, assumed: Precision) -> Judgement:
    """Whether the loss is admissible for the exact output, so that only its own sum and constant are rounded."""
    try:
        admitted = admissible.loss_of_exact_output(case, assumed)
    except Rounds:
        return Judgement(Verdict.NOT_OFFERED)
    return judged(admitted.examine(offered("loss", case)))


def depth_plan(answer: str, dtype: str, supported: Supported = EVERYTHING) -> Plan:
    """Every kind of layer at every depth, on small networks; of listed networks, those on which nothing is rounded.

    Raises:
        NothingSupported: when there are none of these.
    """
    if supported.networks:
        own = supported.known_networks(may_be_exact)
        return Plan({"network": own, "rows": OWN_ROWS}, partial(_built, exact_case_of, _own, answer, dtype))
    depths = supported_of(range(9), supported.depths, "depth")
    factors = {
        "layer": _layers(supported)[:MOST_LAYERS] if max(depths) else (),
        "depth": depths,
        "output": supported_of(EXACT_OUTPUTS, supported.outputs, "output"),
        "batch": tuple(each for each in BATCHES if each[1] in supported.reductions),
        "decay": (0.0, 0.5, 2.0),
        **SMALL,
    }
    levels = {name: each for name, each in factors.items() if each}
    return Plan(levels, partial(_built, exact_case, _of_depth, answer, dtype), shared=True)


def size_plan(answer: str, dtype: str, supported: Supported = EVERYTHING) -> Plan:
    """Every size along every axis, with one hidden layer. Raises NothingSupported where that is refused."""
    if supported.networks:
        raise NothingSupported("networks are listed, and tried at their own sizes")
    supported_of((1,), supported.depths, "depth")
    common = {
        "output": first_supported(EXACT_OUTPUTS, supported)[0],
        "reduction": first_reduction(supported)[0],
    }
    layers = cycle(_layers(supported))
    sizes = tuple(
        {**size._asdict(), **next(layers), **common, "rows": _whole(size.rows, common["reduction"])}
        for size in wide(MOST_WORK)
    )
    return Plan({"sizes": sizes}, partial(_built, exact_case, _of_size, answer, dtype))


def _layers(supported: Supported) -> tuple[Mapping[str, Any], ...]:
    supported_of(EXACT_ACTIVATIONS, supported.activations, "activation")
    return tuple(layer for layer in LAYERS if layer["activation"] in supported.activations)


def _whole(rows: int, reduction: str) -> int:
    """Rows whose mean is exact: as many as a power of two."""
    return 2 ** (rows.bit_length() - 1) if reduction == "mean" else rows


def _own(levels: Levels) -> tuple[Any, int]:
    network = levels["network"]
    return network, _whole(levels["rows"], network.reduction)


def _of_depth(levels: Levels) -> Levels:
    rows, reduction = levels["batch"]
    return {**levels, **levels.get("layer", {}), "rows": rows, "reduction": reduction}


def _of_size(levels: Levels) -> Levels:
    return levels["sizes"]  # type: ignore[no-any-return]


def _built(
    make: Callable[..., Case],
    described: Callable[[Levels], Any],
    answer: str,
    dtype: str,
    levels: Levels,
    seed: int | np.random.Generator,
) -> Case:
    try:
        return make(described(levels), dtype, seed, (answer,))
    except Rounds as rounds:
        raise NoCase from rounds


@cache
def every_depth() -> tuple[Levels, ...]:
    """The levels of ``exact_case`` that are planned where everything is supported."""
    return tuple(map(_of_depth, depth_plan("forward", "float32").rows()))


@cache
def every_size() -> tuple[Levels, ...]:
    """Likewise, of sizes."""
    return tuple(map(_of_size, size_plan("forward", "float32").rows()))


def _cases(
    plan: Callable[..., Plan], answer: str, dtype: str, supported: Supported = EVERYTHING
) -> st.SearchStrategy[Case]:
    """A case of the plan with other values."""
    planned = plan(answer, dtype, supported)
    rows = tuple(row for row in planned.rows() if supported.accepts is None or supported.accepts(_network(row)))
    if not rows:
        raise NothingSupported("none of the networks on which nothing is rounded is supported")
    return _made(planned, rows)


def _network(levels: Levels) -> Network:
    network: Network = (
        levels["network"] if "network" in levels else network_of(levels.get("sizes") or _of_depth(levels))
    )
    return network


@st.composite
def _made(draw: st.DrawFn, plan: Plan, rows: tuple[Levels, ...]) -> Case:
    levels, seed = draw(st.sampled_from(rows)), draw(st.integers(0, 2**32 - 1))
    try:
        case: Case = plan.case(levels, str(seed))
        return case
    except NoCase:
        hypothesis.reject()


STATEMENTS = {
    ("forward", "forward", depth_plan): "Where nothing is rounded the output is one number, at any depth.",
    ("gradient", "gradient", depth_plan): "Where nothing is rounded the gradient is one number, at any depth.",
    ("wide forward", "forward", size_plan): "Every row, input and unit counts in the output, whatever the size.",
    ("wide gradient", "gradient", size_plan): "Every row, input and unit counts in the gradient, whatever the size.",
}
LAWS = (
    Law(
        "exact/loss",
        "Where the output is not rounded the loss is that of the one output, at any depth.",
        ("loss",),
        partial(_cases, depth_plan, "forward"),
        loss_of_exact_output,
        rounded_factors=False,
        plan=plan_by(depth_plan, "forward"),
        as_given=True,
    ),
    *(
        Law(
            f"exact/{name}",
            statement,
            (answer,),
            partial(_cases, plan, answer),
            equals,
            rounded_factors=False,
            plan=plan_by(plan, answer),
            as_given=True,
        )
        for (name, answer, plan), statement in STATEMENTS.items()
    ),
)
