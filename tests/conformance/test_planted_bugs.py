"""Every law is shown able to fail, and none fails without cause.

Claims: each law rejects, by its name and with the stated verdict, a classic bug; no law is without a bug; the reference
passes every law in every precision.
"""

from __future__ import annotations

import pytest

from ffn import reference
from ffn.conformance.implementation.subject import Subject
from ffn.conformance.law import Law
from ffn.conformance.laws import ALL
from ffn.conformance.running.runner import run_law
from ffn.conformance.verdict import Verdict
from ffn.numbers.precision import NAMES
from tests.conformance.implementations.buggy import BuggyImplementation
from tests.conformance.implementations.bugs import PLANTED
from tests.helpers.profiles import examples

LAWS = {law.name: law for law in ALL}
EVERY_BUG = [(law, bug) for law, bugs in PLANTED.items() for bug in bugs]


@pytest.mark.parametrize(("law", "bug"), EVERY_BUG, ids=[f"{law}-{bug.name}-{bug.dtype}" for law, bug in EVERY_BUG])
def test_bug_is_rejected(law: str, bug: BuggyImplementation) -> None:
    """Without it a law could be one that nothing breaks, or could mistake rounding for a wrong formula."""
    report = run_law(LAWS[law], bug.dtype, Subject(bug.fresh()), examples=40, shrink=False)
    assert report.verdict is bug.verdict, report.message


def test_every_law_has_its_bug() -> None:
    """Without it a new law would be trusted unseen, and a bug could be planted for a law that is gone."""
    assert set(PLANTED) == set(LAWS)
    assert all(PLANTED.values())


@pytest.mark.parametrize("law", ALL, ids=lambda law: law.name)
@pytest.mark.parametrize("dtype", NAMES)
def test_reference_is_never_rejected(law: Law, dtype: str) -> None:
    """Without it a law that rejects everything would count as able to fail."""
    report = run_law(law, dtype, Subject(reference), examples(6).max_examples, shrink=False, strength=1)
    assert report.verdict in (Verdict.HOLDS, Verdict.UNDECIDED), report.message
