"""Every law on single cases, without the run around it: what is right holds, and what is planted is rejected."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from typing import Any

import pytest
from hypothesis import Phase, find, settings
from hypothesis.errors import NoSuchExample

from ffn import reference
from ffn.cases.covering import PAIRS
from ffn.cases.plan import NoCase
from ffn.conformance.implementation.subject import Subject
from ffn.conformance.law import Law
from ffn.conformance.laws import ALL
from ffn.conformance.verdict import Verdict
from tests.conformance.implementations.buggy import BuggyImplementation
from tests.conformance.implementations.bugs import PLANTED

LAWS = {law.name: law for law in ALL}
BUGS = [(law, bug) for law, bugs in PLANTED.items() for bug in bugs]
FEW, MOST = 3, 40  # cases that have to hold, and among which a bug has to show


def cases(law: Law, dtype: str, most: int) -> Iterator[Any]:
    """Planned cases, where there are any, and otherwise cases that are drawn."""
    if law.plan is None:
        drawn: list[Any] = []
        few = settings(max_examples=most // 2, derandomize=True, database=None, deadline=None, phases=[Phase.generate])
        with suppress(NoSuchExample):
            find(law.cases(dtype), lambda case: bool(drawn.append(case)), settings=few)
        yield from drawn
        return
    plan = law.plan(dtype)
    for strength in (1, PAIRS):
        for place, levels in enumerate(plan.rows(strength)[: most * strength**2]):
            with suppress(NoCase):
                yield plan.case(levels, f"0 {place}")


@pytest.mark.parametrize("law", ALL, ids=lambda law: law.name)
def test_what_is_right_holds(law: Law) -> None:
    """Without it a law that rejects everything would count as able to fail."""
    subject = Subject(reference)
    found = {law(case, subject).verdict for case in islice(cases(law, "float32", FEW), FEW)}
    assert Verdict.HOLDS in found
    assert not any(verdict.fails for verdict in found)


@pytest.mark.parametrize("law", [law for law in ALL if law.plan], ids=lambda law: law.name)
def test_what_is_drawn_besides_is_a_case_of_the_law(law: Law) -> None:
    """Without it a law that has a plan could draw cases that it does not speak of, or none."""
    one = settings(max_examples=20, derandomize=True, database=None, deadline=None, phases=[Phase.generate])
    case = find(law.cases("float32"), lambda case: True, settings=one)
    assert law(case, Subject(reference)).verdict in (Verdict.HOLDS, Verdict.UNDECIDED)


@pytest.mark.parametrize(("law", "bug"), BUGS, ids=[f"{law}-{bug.name}-{bug.dtype}" for law, bug in BUGS])
def test_what_is_planted_is_rejected_on_a_single_case(law: str, bug: BuggyImplementation) -> None:
    """Without it the law could rest on the run around it, which is told of failures elsewhere."""
    subject = Subject(bug.fresh())
    assert any(LAWS[law](case, subject).fails for case in cases(LAWS[law], bug.dtype, MOST))
