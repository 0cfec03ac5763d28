"""An implementation is a function of its arguments: it changes none, repeats itself, and takes arrays as they lie."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
from hypothesis import strategies as st

from ffn.cases.case import Case, DropoutCase, RecurrentCase
from ffn.cases.strategies import cases, dropout_cases, learned_variance_cases, networks, recurrent_cases
from ffn.conformance.implementation.subject import Subject, copies
from ffn.conformance.law import Law
from ffn.conformance.laws.network import gradient_is_admissible, loss_is_admissible, output_is_admissible
from ffn.conformance.laws.objective import OUTPUTS
from ffn.conformance.verdict import Judgement, first_failure, holds, wrong
from ffn.network.description import LEARNED_VARIANCE, Parameters
from ffn.numbers.precision import Precision

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


def output_is_pure(case: Case, subject: Subject, assumed: Precision) -> Judgement:
    """The first three laws above, on an output that is offered by name."""
    laws = inputs_are_untouched, second_call_is_the_same, dtype_is_kept
    return first_failure(*(law(case, subject, assumed) for law in laws))


def part_is_pure(case: DropoutCase | RecurrentCase, subject: Subject, assumed: Precision) -> Judgement:
    """The first three laws above, for the methods of a part that are offered."""
    for method, (described, arguments) in calls_of_part(case).items():
        if not subject.offers(method):
            continue
        given = {name: _copied(value) for name, value in arguments.items()}
        subject.call(getattr(subject.implementation, method), described, *given.values())
        for name, before in arguments.items():
            if not all(map(same_bits, flat(before), flat(given[name]))):
                return wrong(f"{method} changed its input: {name}")
        first, second = (flat(getattr(subject, method)(case)) for _ in range(2))
        if not all(map(same_bits, first, second)):
            return wrong(f"{method}: a second call on the same inputs differs")
        if method.endswith("_loss"):  # which may be a plain float
            continue
        if others := [array.dtype.name for array in first if array.dtype != case.x.dtype]:
            return wrong(f"{method} returns {others[0]}, the inputs are {case.dtype}")
    return holds()


def calls_of_part(case: DropoutCase | RecurrentCase) -> dict[str, tuple[Any, dict[str, Any]]]:
    """The methods of the case's part: what describes the network, and the arrays that follow it."""
    first = {"parameters": case.parameters, "x": case.x}
    if isinstance(case, RecurrentCase):
        return {
            "recurrent_forward": (case.recurrent, {**first, "h0": case.h0}),
            "recurrent_loss": (case.recurrent, {**first, "y": case.y, "h0": case.h0}),
            "recurrent_gradient": (case.recurrent, {**first, "y": case.y, "h0": case.h0}),
        }
    return {
        "dropout_forward": (case.network, {**first, "masks": case.masks}),
        "dropout_loss": (case.network, {**first, "y": case.y, "masks": case.masks}),
        "dropout_gradient": (case.network, {**first, "y": case.y, "masks": case.masks}),
    }


def flat(arrays: Any) -> list[npt.NDArray[Any]]:
    """The arrays of a nested tuple, in order."""
    return [array for each in arrays for array in flat(each)] if isinstance(arrays, tuple) else [arrays]


def _copied(arrays: Any) -> Any:
    return tuple(map(_copied, arrays)) if isinstance(arrays, tuple) else arrays.copy()


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
    *(
        Law(
            f"purity/{output}",
            f"With {output} no call changes its arrays, a second one gives the same bits, and the dtype is kept.",
            (),
            partial(learned_variance_cases, name=output),
            output_is_pure,
            part=output,
        )
        for output in LEARNED_VARIANCE
    ),
    *(
        Law(
            f"purity/{part}",
            f"No call of {part} changes its arrays, a second one gives the same bits, and the dtype is kept.",
            (f"{part}_forward", f"{part}_gradient"),
            cases_of_part,
            part_is_pure,
            part=part,
        )
        for part, cases_of_part in (("dropout", dropout_cases), ("recurrent", recurrent_cases))
    ),
)
