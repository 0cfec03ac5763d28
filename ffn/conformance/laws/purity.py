"""An implementation is a function of its arguments: it changes none, repeats itself, and takes arrays as they lie."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
from hypothesis import strategies as st

from ffn import admissible
from ffn.cases.case import Case, flat
from ffn.cases.strategies import cases, dropout_cases, learned_variance_cases, networks, recurrent_cases
from ffn.conformance.implementation.errors import Impure
from ffn.conformance.implementation.subject import Subject
from ffn.conformance.law import Cases, Judge, Law
from ffn.conformance.laws.objective import OUTPUTS
from ffn.conformance.verdict import Judgement, first_failure, holds, judged, wrong
from ffn.network.description import LEARNED_VARIANCE
from ffn.numbers.precision import Precision


def offered(case: Case, subject: Subject) -> Iterator[tuple[str, str]]:
    """Every answer that it offers on the case, with the method that gives it."""
    pairs = ((name, case.method(name)) for name in ("forward", "loss", "gradient"))
    return ((name, method) for name, method in pairs if subject.offers(method))


def is_free_of(fault: str) -> Judge:
    """The judge of a fault that the subject looks for in every answer, whatever the law."""

    def judge(case: Case, subject: Subject, assumed: Precision) -> Judgement:
        for name, _ in offered(case, subject):
            try:
                subject.answer(name, case)
            except Impure as impure:
                if fault in impure.faults:
                    return wrong(impure.faults[fault])
        return holds()

    return judge


inputs_are_untouched = is_free_of("inputs")
dtype_is_kept = is_free_of("dtype")


def second_call_is_the_same(case: Case, subject: Subject, assumed: Precision) -> Judgement:
    for name, method in offered(case, subject):
        first, second = (flat(subject.answer(name, case)) for _ in range(2))
        for path, a, b in zip(flat(case.returned(name)[0]), first, second, strict=True):
            if not same_bits(a, b):
                return wrong(f"{method}: a second call on the same inputs differs: {path}")
    return holds()


def layout_does_not_matter(case: Case, subject: Subject, assumed: Precision) -> Judgement:
    """Every other row of a larger array, and transposed storage, are arrays like any other."""
    strided = case.mapped(_scattered)
    answers = ((name, subject.answer(name, strided, copied=False)) for name, _ in offered(case, subject))
    sets = (admissible.answers(name, strided, assumed).examine(answer) for name, answer in answers)
    return first_failure(*map(judged, sets))


def all_of(*judges: Judge) -> Judge:
    """The first judge that a case fails, or what they say together."""
    return lambda case, subject, assumed: first_failure(*(judge(case, subject, assumed) for judge in judges))


def same_bits(a: npt.NDArray[Any], b: npt.NDArray[Any]) -> bool:
    return a.shape == b.shape and a.dtype == b.dtype and a.tobytes() == b.tobytes()


def _scattered(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The same numbers, stored transposed and with a gap after each."""
    store = np.full((*array.shape[::-1], 2), 99, dtype=array.dtype)
    store[..., 0] = array.T
    return store[..., 0].T


def _small(dtype: str) -> st.SearchStrategy[Case]:
    return cases(dtype, networks(outputs=OUTPUTS, max_depth=1))


CASES_OF_PARTS: dict[str, Cases] = {
    **{output: partial(learned_variance_cases, name=output) for output in LEARNED_VARIANCE},
    "dropout": dropout_cases,
    "recurrent": recurrent_cases,
}

LAWS = (
    Law("purity/inputs untouched", "No call changes the arrays that it was given.", (), _small, inputs_are_untouched),
    Law(
        "purity/second call",
        "A second call on the same inputs gives the same bits.",
        (),
        _small,
        second_call_is_the_same,
    ),
    Law("purity/dtype kept", "Arrays come back in the dtype of the inputs.", (), _small, dtype_is_kept),
    Law(
        "purity/layout",
        "Non-contiguous arrays are accepted and read as they lie.",
        (),
        _small,
        layout_does_not_matter,
    ),
    *(
        Law(
            f"purity/{part}",
            f"With {part} no call changes its arrays, a second one gives the same bits, and the dtype is kept.",
            (),
            cases_of_part,
            all_of(inputs_are_untouched, second_call_is_the_same, dtype_is_kept),
            part=part,
        )
        for part, cases_of_part in CASES_OF_PARTS.items()
    ),
)
