"""Every adapter that is found, judged by every law: what it fails has a cause that is listed beside it."""

import importlib
from pathlib import Path

import pytest

from ffn.conformance import laws
from ffn.conformance.implementation import adapters
from ffn.conformance.implementation.subject import Subject
from ffn.conformance.report import known_failures
from ffn.conformance.report.causes import causes
from ffn.conformance.running.runner import run


def loaded(name: str) -> Subject:
    """The adapter, or a skip where its library is not installed."""
    try:
        return Subject(importlib.import_module(f"{adapters.__name__}.{name}").implementation)
    except ModuleNotFoundError as missing:
        pytest.skip(f"{missing.name} is not installed")


# The reference is judged whole by ``ffn verify``.
@pytest.mark.parametrize("name", [name for name in adapters.NAMES if name != "reference"])
def test_every_failure_of_an_adapter_has_a_listed_cause(name: str) -> None:
    """A departure of a library could change its kind, or a fault of ours hide behind another, and go by as known."""
    subject, path = loaded(name), Path(__file__).with_name(f"{name}-known-failures.toml")
    listed = {(known.law, known.dtype): known.verdict for known in known_failures.read(path)} if path.exists() else {}
    reports = list(run(laws.ALL, subject.dtypes, subject, examples=6, shrink=False, strength=1))
    failures = {(report.law.name, report.dtype): report.verdict for report in reports if report.verdict.fails}
    assert {key: verdict for key, verdict in failures.items() if verdict != listed.get(key, verdict)} == {}
    unlisted = [
        cause.name for cause in causes(reports) if not any((r.law.name, r.dtype) in listed for r in cause.reports)
    ]
    assert unlisted == []
