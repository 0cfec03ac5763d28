"""Every law is shown able to fail, and none fails without cause.

Claims: each law rejects, by its name and with the stated verdict, a classic bug; no law is without a bug; the reference
passes every law in every precision.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from ffn import reference
from ffn.cases.networks import Supported
from ffn.conformance.implementation.subject import Subject
from ffn.conformance.law import ANSWERS, Law
from ffn.conformance.laws import ALL
from ffn.conformance.running import DEFAULT_EXAMPLES
from ffn.conformance.running.runner import run_law
from ffn.conformance.running.support import supported_by
from ffn.conformance.verdict import Verdict
from ffn.network.activations import ELEMENTWISE
from ffn.numbers.precision import NAMES
from tests.conformance.implementations.buggy import BuggyImplementation
from tests.conformance.implementations.bugs import PLANTED
from tests.conformance.implementations.textbook import Textbook
from tests.helpers.profiles import examples

LAWS = {law.name: law for law in ALL}
EVERY_BUG = [(law, bug) for law, bugs in PLANTED.items() for bug in bugs]


def builds(implementation: Any, dtype: str) -> Supported | None:
    """What a law would find that it can build: asked once for all that answer as the textbook; None for the others."""
    return _textbook_builds(dtype) if _answering(implementation) == _answering(Textbook()) else None


@cache
def _textbook_builds(dtype: str) -> Supported:
    return supported_by(Subject(Textbook()), dtype)


def _answering(implementation: Any) -> tuple[Any, ...]:
    """All that it depends on what an implementation says it can build."""
    functions = [getattr(implementation, name, None) for name in ("supports", "supports_activation")]
    has = {name for name in (*ANSWERS, *ELEMENTWISE) if hasattr(implementation, name)}
    lists = [getattr(implementation, name, ()) for name in ("networks", "parts")]
    return [getattr(function, "__func__", function) for function in functions], has, lists


@pytest.mark.parametrize(("law", "bug"), EVERY_BUG, ids=[f"{law}-{bug.name}-{bug.dtype}" for law, bug in EVERY_BUG])
def test_bug_is_rejected(law: str, bug: BuggyImplementation) -> None:
    """Without it a law could be one that nothing breaks, or could mistake rounding for a wrong formula."""
    fresh = bug.fresh()
    supported = builds(fresh, bug.dtype)
    report = run_law(LAWS[law], bug.dtype, Subject(fresh), examples=40, shrink=False, supported=supported)
    assert report.verdict is bug.verdict, report.message


def test_every_law_has_its_bug() -> None:
    """Without it a new law would be trusted unseen, and a bug could be planted for a law that is gone."""
    assert set(PLANTED) == set(LAWS)
    assert all(PLANTED.values())


@pytest.mark.parametrize("law", ALL, ids=lambda law: law.name)
@pytest.mark.parametrize("dtype", NAMES)
def test_reference_is_never_rejected(law: Law, dtype: str) -> None:
    """Without it a law that rejects everything would count as able to fail."""
    report = run_law(law, dtype, Subject(reference), examples(DEFAULT_EXAMPLES).max_examples, shrink=False, strength=1)
    assert report.verdict in (Verdict.HOLDS, Verdict.UNDECIDED), report.message
