"""An implementation is a function of its arguments: it changes none, repeats itself, and keeps their dtype."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt

from ffn.cases.case import Case, flat
from ffn.cases.strategies import dropout_cases, learned_variance_cases, network_cases, recurrent_cases
from ffn.conformance.implementation.errors import Impure
from ffn.conformance.law import ANSWERS, Cases, Judge, Law, Offered
from ffn.conformance.laws.objective import OUTPUTS
from ffn.conformance.verdict import Judgement, Verdict, first_failure, holds, wrong
from ffn.network.activations import ELEMENTWISE
from ffn.network.description import LEARNED_VARIANCE, Hidden, Network
from ffn.numbers.precision import Precision

LONG = 257  # rows: one more than the largest block that kernels like


def is_free_of(fault: str) -> Judge:
    """The judge of a fault that is looked for in every answer, whatever the law."""

    def judge(case: Case, offered: Offered, assumed: Precision) -> Judgement:
        for name in offered.names:
            try:
                offered(name, case)
            except Impure as impure:
                if fault in impure.faults:
                    return wrong(impure.faults[fault])
        return holds()

    return judge


inputs_are_untouched = is_free_of("inputs")
dtype_is_kept = is_free_of("dtype")


def second_call_is_the_same(case: Case, offered: Offered, assumed: Precision) -> Judgement:
    """Also on many rows of numbers that are no small integers, where the order of a sum shows."""
    if not offered.subject.reproducible:
        return Judgement(Verdict.NOT_OFFERED)
    for each, name in product((case, *_with_each_activation(_long(case))), offered.names):
        if not offered.subject.takes(name, each):
            continue
        first, second = map(flat, offered.together((name, each), (name, each)))
        for path, a, b in zip(flat(each.returned(name)[0]), first, second, strict=True):
            if not same_bits(a, b):
                return wrong(f"{each.method(name)}: a second call on the same inputs differs: {path}")
    return holds()


def _with_each_activation(case: Case) -> Iterator[Case]:
    """The case, and where its one hidden layer is element-wise, the case with each other activation there."""
    yield case
    network = case.network
    if isinstance(network, Network) and len(network.hidden) == 1 and network.hidden[0].pieces is None:
        for name in ELEMENTWISE:
            yield case.changed(network=replace(network, hidden=(Hidden(network.hidden[0].units, name),)))


def _long(case: Case) -> Case:
    """The case on more rows than any block of a kernel has, each moved by a share of its own."""
    longer = case.rows(np.arange(LONG) % len(case.x))
    share = np.sqrt(np.arange(LONG, dtype=np.float64)).reshape(-1, *(1,) * (longer.x.ndim - 1))
    return longer.changed(x=(longer.x.astype(np.float64) + share / 16).astype(case.x.dtype))


def all_of(*judges: Judge) -> Judge:
    """The first judge that a case fails, or what they say together."""
    return lambda case, offered, assumed: first_failure(*(judge(case, offered, assumed) for judge in judges))


def same_bits(a: npt.NDArray[Any], b: npt.NDArray[Any]) -> bool:
    return a.shape == b.shape and a.dtype == b.dtype and a.tobytes() == b.tobytes()


_small = partial(network_cases, outputs=OUTPUTS, max_depth=1)
CASES_OF_PARTS: dict[str, Cases] = {
    **{output: partial(learned_variance_cases, name=output) for output in LEARNED_VARIANCE},
    "dropout": dropout_cases,
    "recurrent": recurrent_cases,
}

LAWS = (
    Law(
        "purity/inputs untouched",
        "No call changes the arrays that it was given.",
        ANSWERS,
        _small,
        inputs_are_untouched,
    ),
    Law(
        "purity/second call",
        "A second call on the same inputs gives the same bits.",
        ANSWERS,
        _small,
        second_call_is_the_same,
    ),
    Law("purity/dtype kept", "Arrays come back in the dtype of the inputs.", ANSWERS, _small, dtype_is_kept),
    *(
        Law(
            f"purity/{part}",
            f"With {part} no call changes its arrays, a second one gives the same bits, and the dtype is kept.",
            ANSWERS,
            cases_of_part,
            all_of(inputs_are_untouched, second_call_is_the_same, dtype_is_kept),
            part=part,
        )
        for part, cases_of_part in CASES_OF_PARTS.items()
    ),
)
