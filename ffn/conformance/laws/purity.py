"""An implementation is a function of its arguments: it changes none, repeats itself, and takes arrays as they lie."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
from hypothesis import strategies as st

from ffn.case import Case
from ffn.conformance.law import Law
from ffn.conformance.laws.network import gradient_is_admissible, loss_is_admissible, output_is_admissible
from ffn.conformance.laws.objective import OUTPUTS
from ffn.conformance.subject import Subject, copies
from ffn.conformance.verdict import Judgement, first_failure, holds, wrong
from ffn.network import Parameters
from ffn.numbers.precision import Precision
from ffn.strategies import cases, networks

Arrays = list[tuple[str, npt.NDArray[Any]]]


def named(parameters: Parameters) -> Arrays:
    """The arrays with their paths."""
    return [
        (f"layer {i}, {name}", a) for i, layer in enumerate(parameters) for name, a in zip("Wb", layer, strict=True)
    ]


def answers(case: Case, subject: Subject) -> Iterator[tuple[str, Callable[[], Arrays]]]:
    """Every method offered, with a call that gives its answer as named arrays."""
    if subject.offers("forward"):
        yield "forward", lambda: [("output", subject.forward(case))]
    if subject.offers("loss"):
        yield "loss", lambda: [("loss", subject.loss(case))]
    if subject.offers("gradient"):
        yield "gradient", lambda: named(subject.gradient(case))


def inputs_are_untouched(case: Case, subject: Subject, assumed: Precision) -> Judgement:
    methods = {"forward": (case.x,), "loss": (case.x, case.y), "gradient": (case.x, case.y)}
    for method, data in methods.items():
        if not subject.offers(method):
            continue
        parameters, given = copies(case.parameters), tuple(array.copy() for array in data)
        subject.call(getattr(subject.implementation, method), case.network, parameters, *given)
        before = [*named(case.parameters), *zip("xy", data, strict=False)]
        after = [*named(parameters), *zip("xy", given, strict=False)]
        for (path, a), (_, b) in zip(before, after, strict=True):
            if not same_bits(a, b):
                return wrong(f"{method} changed its input: {path}")
    return holds()


def second_call_is_the_same(case: Case, subject: Subject, assumed: Precision) -> Judgement:
    for method, call in answers(case, subject):
        for (path, first), (_, second) in zip(call(), call(), strict=True):
            if not same_bits(first, second):
                return wrong(f"{method}: a second call on the same inputs differs: {path}")
    return holds()


def dtype_is_kept(case: Case, subject: Subject, assumed: Precision) -> Judgement:
    """The loss may be a plain float; arrays have the dtype of the inputs."""
    for method, call in answers(case, subject):
        if method == "loss":
            continue
        for path, array in call():
            if array.dtype != case.x.dtype:
                return wrong(f"{method}: {path} is {array.dtype.name}, the inputs are {case.dtype}")
    return holds()


def layout_does_not_matter(case: Case, subject: Subject, assumed: Precision) -> Judgement:
    """Every other row of a larger array, and transposed storage, are arrays like any other."""
    strided = replace(
        case,
        x=_scattered(case.x),
        y=_scattered(case.y),
        parameters=tuple((_scattered(W), _scattered(b)) for W, b in case.parameters),
    )
    judges = {"forward": output_is_admissible, "loss": loss_is_admissible, "gradient": gradient_is_admissible}
    offered = [judge for method, judge in judges.items() if subject.offers(method)]
    return first_failure(*(judge(strided, AsTheyLie(subject), assumed) for judge in offered))


class AsTheyLie(Subject):
    """The subject, handed the case's own arrays: a copy would make them contiguous."""

    def __init__(self, subject: Subject) -> None:
        super().__init__(subject.implementation)

    def raw_forward(self, case: Case) -> Any:
        return self.call(self.implementation.forward, case.network, case.parameters, case.x)

    def raw_loss(self, case: Case) -> Any:
        return self.call(self.implementation.loss, case.network, case.parameters, case.x, case.y)

    def raw_gradient(self, case: Case) -> Any:
        return self.call(self.implementation.gradient, case.network, case.parameters, case.x, case.y)


def same_bits(a: npt.NDArray[Any], b: npt.NDArray[Any]) -> bool:
    return a.shape == b.shape and a.dtype == b.dtype and a.tobytes() == b.tobytes()


def _scattered(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The same numbers, stored transposed and with a gap after each."""
    store = np.full((*array.shape[::-1], 2), 99, dtype=array.dtype)
    store[..., 0] = array.T
    return store[..., 0].T


def _small(dtype: str) -> st.SearchStrategy[Case]:
    return cases(dtype, networks(outputs=OUTPUTS, max_depth=1))


def _law(name: str, statement: str, judge: Callable[[Case, Subject, Precision], Judgement]) -> Law:
    return Law(name, statement, (), _small, judge)


LAWS = (
    _law("purity/inputs untouched", "No call changes the arrays that it was given.", inputs_are_untouched),
    _law("purity/second call", "A second call on the same inputs gives the same bits.", second_call_is_the_same),
    _law("purity/dtype kept", "Arrays come back in the dtype of the inputs.", dtype_is_kept),
    _law("purity/layout", "Non-contiguous arrays are accepted and read as they lie.", layout_does_not_matter),
)
