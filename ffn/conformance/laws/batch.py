"""The batch: of one row, beyond any tile, repeated, split and permuted."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
from hypothesis import strategies as st

from ffn import admissible
from ffn.cases.case import Case, flat, mapped
from ffn.cases.networks import NO_DECAY
from ffn.cases.planned import network_plan
from ffn.cases.strategies import network_cases
from ffn.conformance.law import ANSWERS, Law, Offered, admitted, same_as
from ffn.conformance.verdict import Judgement, judged
from ffn.numbers.precision import Precision

BEYOND_TILES = (65, 129)  # one more than block sizes that kernels like; more rows are tried by ``width/many rows``


def repeated_row_counts_each_time(case: Case, offered: Offered, assumed: Precision) -> Judgement:
    """A row given m times has m times the gradient of its sum, and its own gradient as a mean."""
    return admitted(case.rows(np.repeat(np.arange(len(case.x)), 3)), offered, assumed)


def whole_is_the_sum_of_its_parts(case: Case, offered: Offered, assumed: Precision) -> Judgement:
    """∇ of the summed loss over a batch = Σ of ∇ over its parts, so the answers' sum is admissible for the whole.

    A term of the whole may pass more roundings than one of a part, whose answers are added here without any. Each part
    is rounded at its end, and so is every addition of the whole, whatever accumulator is declared.
    """
    assumed = replace(assumed, accumulator=None)
    half = len(case.x) // 2
    parts = [slice(half), slice(half, None)] if half else [slice(None)]  # a batch of one row has one part
    answers = offered.together(*(("gradient", case.rows(rows)) for rows in parts))
    return judged(admissible.gradient(case, assumed).examine(_sum(answers)))


def rows_in_any_order(case: Case, offered: Offered, assumed: Precision) -> Judgement:
    """Permuted rows have permuted outputs, and the same loss and gradient."""
    order = np.arange(len(case.x))[::-1]
    return same_as(case, case.rows(order), offered, assumed, {"forward": lambda outputs: outputs[order]})


def _sum(answers: list[Any]) -> Any:
    """Nested arrays added up, in float64."""
    columns = iter(list(zip(*map(flat, answers), strict=True)))
    return mapped(lambda _: _added(next(columns)), answers[0])


def _added(arrays: tuple[npt.NDArray[Any], ...]) -> npt.NDArray[np.float64]:
    with np.errstate(invalid="ignore", over="ignore"):  # what overflowed is judged, or not, like any other answer
        return np.asarray(sum(array.astype(np.float64) for array in arrays))


_rows, _rows_planned = partial(network_cases, max_depth=1), partial(network_plan, depths=(1,), of_layers=False)
_SUMMED: Any = {"reductions": ("sum",), "weight_decays": NO_DECAY}

LAWS = (
    Law(
        "batch/of one",
        "A batch of one row is a batch: nothing is squeezed away.",
        ANSWERS,
        partial(_rows, rows=st.just(1)),
        plan=partial(_rows_planned, rows=(1,)),
    ),
    Law(
        "batch/beyond a tile",
        "Rows beyond any block size count like the first.",
        ANSWERS,
        partial(_rows, rows=st.just(BEYOND_TILES[-1])),  # the smaller is planned in a plain run
        plan=partial(_rows_planned, rows=BEYOND_TILES),
    ),
    Law(
        "batch/repeated rows",
        "A row given three times counts three times.",
        ("loss", "gradient"),
        partial(_rows, rows=st.integers(1, 3)),
        repeated_row_counts_each_time,
        plan=partial(_rows_planned, rows=(1, 2, 3)),
    ),
    Law(
        "batch/sum of parts",
        "The gradient of a summed loss is the sum over the parts of the batch.",
        ("gradient",),
        partial(_rows, rows=st.integers(2, 6), **_SUMMED),
        whole_is_the_sum_of_its_parts,
        plan=partial(_rows_planned, rows=(2, 3, 6, 9), **_SUMMED),
    ),
    Law(
        "batch/permuted rows",
        "The order of the rows does not matter.",
        ANSWERS,
        partial(_rows, rows=st.integers(2, 6)),
        rows_in_any_order,
        plan=partial(_rows_planned, rows=(2, 3, 6)),
    ),
)  # the end of the laws
