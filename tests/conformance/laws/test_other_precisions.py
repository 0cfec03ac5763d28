"""A law compares in the precision that is assumed: how many bits of an answer are said to be right rests on it."""

from __future__ import annotations

from itertools import islice
from typing import Any

import numpy as np
import pytest

from ffn import ActivationCase, Case, reference
from ffn.cases.case import mapped
from ffn.conformance.implementation.sequence import Sequence, Use
from ffn.conformance.implementation.subject import Subject
from ffn.conformance.law import Judge, Law
from ffn.conformance.laws import ALL, activations, arguments, nonfinite
from ffn.conformance.laws.layouts import LAYOUTS, laid
from ffn.conformance.laws.state.judging import held
from ffn.conformance.verdict import Verdict
from ffn.network.formulas import FORMULAS
from ffn.numbers.precision import precision
from tests.conformance.laws.answers import F32, network_case, offered
from tests.conformance.laws.test_single_cases import cases

CHAPTERS = "network gradient output kinks/gradient maxout batch width symmetry reduction weight dropout recurrent"
OF_ONE_VALUE = "output/laplace/gradient"  # whose admissible values are ±1, in any precision
COMPARING = [law for law in ALL if law.name.startswith(tuple(CHAPTERS.split())) and law.name != OF_ONE_VALUE]


class ElevenBits:
    """The reference, each of whose numbers is off by 2^-11 of it."""

    name, dtypes, parts = "eleven bits", ("float32",), reference.parts

    def __getattr__(self, name: str) -> Any:
        right = getattr(reference, name)
        return (lambda *given: mapped(self._off, right(*given))) if name in FORMULAS else right

    @staticmethod
    def _off(array: Any) -> Any:
        return (np.asarray(array) * (1 + 2.0**-11)).astype(np.asarray(array).dtype)


@pytest.mark.parametrize("law", COMPARING, ids=lambda law: law.name)
def test_what_has_eleven_bits_right_is_admissible_in_a_precision_of_five(law: Law) -> None:
    """Without it none of an answer's bits would be said to be right, or all of them."""
    trial = law.put_to(Subject(ElevenBits()))
    failing = next(case for case in islice(cases(law, "float32", 8), 8) if trial(case).fails)
    assert trial(failing, precision("float32").with_bits(5)).verdict in (Verdict.HOLDS, Verdict.UNDECIDED)


def off_where(told: Any) -> Any:
    """Answers of eleven right bits where the arguments are told so."""
    return lambda right, *given: mapped(ElevenBits._off, right) if told(*given) else right


def does_not_lie_as_usual(network: Any, parameters: Any, x: Any, *y: Any) -> bool:
    return not (x.flags.c_contiguous and parameters[0][0].flags.c_contiguous)


CASE = network_case()
SECOND = CASE.changed(x=CASE.x + F32(1))


CALLED: list[int] = []


def is_second_call(*_: Any) -> bool:
    CALLED.append(1)
    return len(CALLED) == 2


def in_calls(case: Case, offered: Any, assumed: Any) -> Any:
    CALLED.clear()
    return held(Sequence((Use("forward", case), Use("forward", SECOND))), offered, assumed)


ELSEWHERE: dict[str, tuple[Judge, Any, str, Any]] = {
    "in another layout": (
        lambda *given: arguments.laid_out(LAYOUTS[0])(*given),
        CASE,
        "forward",
        does_not_lie_as_usual,
    ),
    "as they lie": (arguments.as_they_lie, laid(CASE, {"layout": "transposed"}), "forward", does_not_lie_as_usual),
    "labels of another type": (
        arguments.labels_of_every_type,
        network_case(output="categorical"),
        "loss",
        lambda network, parameters, x, y: y.dtype != np.int64,
    ),
    "beside NaN": (
        lambda *given: nonfinite.in_rows(nonfinite.stays_in_its_row)(*given),
        CASE,
        "forward",
        lambda network, parameters, x: np.isnan(x).any(),
    ),
    "beside no number": (
        lambda *given: nonfinite.elementwise_at("activation", *given),
        ActivationCase("tanh", np.array([0.5, np.nan], F32)),
        "activation",
        lambda *given: True,
    ),
    "at no number": (
        lambda *given: nonfinite.elementwise_at("activation", *given),
        ActivationCase("tanh", np.array([np.inf], F32)),
        "activation",
        lambda *given: True,
    ),
    "beside a kink": (
        activations.slope_is_a_subgradient,
        ActivationCase("leaky_relu", -np.ones(1, F32)),
        "slope",
        lambda *given: True,
    ),
    "after another call": (in_calls, CASE, "forward", is_second_call),
}


@pytest.mark.parametrize("where", ELSEWHERE)
def test_what_is_off_elsewhere_alone_is_off_in_the_precision_that_is_assumed(where: str) -> None:
    """Without it a law on layouts, on NaN or on calls would judge in another precision than was declared."""
    judge, case, name, told = ELSEWHERE[where]
    asked = offered(name, **{name: off_where(told)})
    assert judge(case, asked, precision("float32")).verdict is Verdict.WRONG
    assert not judge(case, asked, precision("float32").with_bits(5)).fails
