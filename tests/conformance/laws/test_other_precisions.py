"""A law compares in the precision that is assumed: how many bits of an answer are said to be right rests on it."""

from __future__ import annotations

from itertools import islice
from typing import Any

import numpy as np
import pytest

from ffn import reference
from ffn.cases.case import mapped
from ffn.conformance.implementation.subject import Subject
from ffn.conformance.law import Law
from ffn.conformance.laws import ALL
from ffn.conformance.verdict import Verdict
from ffn.network.formulas import FORMULAS
from ffn.numbers.precision import precision
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
