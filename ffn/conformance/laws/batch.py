"""The batch: of one row, beyond any tile, repeated, split and permuted."""

from __future__ import annotations

from functools import partial

import numpy as np
import numpy.typing as npt
from hypothesis import strategies as st

from ffn import admissible
from ffn.cases.case import Case
from ffn.cases.strategies import cases, networks
from ffn.conformance.implementation.subject import Subject
from ffn.conformance.law import Law, admitted
from ffn.conformance.verdict import Judgement, first_failure, judged
from ffn.network.description import Parameters
from ffn.numbers.precision import Precision

BEYOND_TILES = (65, 129, 257)  # one more than the block sizes that kernels like


def repeated_row_counts_each_time(case: Case, subject: Subject, assumed: Precision) -> Judgement:
    """A row given m times has m times the gradient of its sum, and its own gradient as a mean."""
    return admitted("gradient")(case.rows(np.repeat(np.arange(case.x.shape[0]), 3)), subject, assumed)


def whole_is_the_sum_of_its_parts(case: Case, subject: Subject, assumed: Precision) -> Judgement:
    """∇ of the summed loss over a batch = Σ of ∇ over its parts, so the answers' sum is admissible for the whole.

    The error nu Σ|xᵢyᵢ| of the whole covers those of two parts with fewer terms and the rounding of this one addition.
    """
    half = case.x.shape[0] // 2
    parts = [subject.answer("gradient", case.rows(rows)) for rows in (slice(None, half), slice(half, None))]
    return judged(admissible.gradient(case, assumed).examine(_sum(*parts)))


def rows_in_any_order(case: Case, subject: Subject, assumed: Precision) -> Judgement:
    """Permuted rows have permuted outputs and the same gradient."""
    order = np.arange(case.x.shape[0])[::-1]
    permuted = case.rows(order)
    outputs = judged(admissible.output(case, assumed).examine(subject.answer("forward", permuted)[order]))
    gradients = judged(admissible.gradient(case, assumed).examine(subject.answer("gradient", permuted)))
    return first_failure(outputs, gradients)


def _sum(a: Parameters, b: Parameters) -> Parameters:
    return tuple((_add(W, V), _add(c, d)) for (W, c), (V, d) in zip(a, b, strict=True))


def _add(a: npt.NDArray[np.floating], b: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    with np.errstate(invalid="ignore", over="ignore"):  # what overflowed is judged, or not, like any other answer
        return np.asarray(a.astype(np.float64) + b.astype(np.float64))


def _rows(rows: st.SearchStrategy[int], dtype: str) -> st.SearchStrategy[Case]:
    return cases(dtype, networks(max_depth=1), rows)


def _summed(dtype: str) -> st.SearchStrategy[Case]:
    return cases(dtype, networks(max_depth=1, reductions=("sum",)), st.integers(2, 6))


LAWS = (
    Law(
        "batch/of one",
        "A batch of one row is a batch: nothing is squeezed away.",
        ("forward", "gradient"),
        partial(_rows, st.just(1)),
    ),
    Law(
        "batch/beyond a tile",
        "Rows beyond any block size count like the first.",
        ("forward", "gradient"),
        partial(_rows, st.sampled_from(BEYOND_TILES)),
    ),
    Law(
        "batch/repeated rows",
        "A row given three times counts three times.",
        ("gradient",),
        partial(_rows, st.integers(1, 3)),
        repeated_row_counts_each_time,
    ),
    Law(
        "batch/sum of parts",
        "The gradient of a summed loss is the sum over the parts of the batch.",
        ("gradient",),
        _summed,
        whole_is_the_sum_of_its_parts,
    ),
    Law(
        "batch/permuted rows",
        "The order of the rows does not matter.",
        ("forward", "gradient"),
        partial(_rows, st.integers(2, 6)),
        rows_in_any_order,
    ),
)
