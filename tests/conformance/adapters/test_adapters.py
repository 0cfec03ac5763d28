"""Every adapter that is found, judged by every law: what it fails is listed beside it, as an adopter would list it."""

import importlib
from pathlib import Path

import pytest

from ffn.conformance import known_failures, laws
from ffn.conformance.implementation import adapters
from ffn.conformance.implementation.subject import Subject
from ffn.conformance.runner import run


@pytest.mark.parametrize("name", adapters.NAMES)
def test_an_adapter_fails_as_its_list_says(name: str) -> None:
    """A departure of a library could change its kind, or a fault of ours hide in its place, and go by as known."""
    pytest.importorskip(name if name != "reference" else "ffn", reason=f"{name} is not installed")
    subject = Subject(importlib.import_module(f"{adapters.__name__}.{name}").implementation)
    path = Path(__file__).with_name(f"{name}-known-failures.toml")
    listed = {(known.law, known.dtype): known.verdict for known in known_failures.read(path)} if path.exists() else {}
    reports = run(laws.ALL, subject.dtypes, subject, examples=6, shrink=False)
    failures = {(report.law.name, report.dtype): report.verdict for report in reports if report.verdict.fails}
    # Where there is a list, what it names may also show in laws about random networks.
    assert {key: verdict for key, verdict in failures.items() if verdict != listed.get(key, verdict)} == {}
    assert listed or not failures
