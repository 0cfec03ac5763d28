"""Every adapter that is found, judged by every law: what it fails is listed beside it."""

import importlib
from pathlib import Path

import pytest

from ffn.conformance import laws
from ffn.conformance.implementation import adapters
from ffn.conformance.implementation.subject import Subject
from ffn.conformance.report import known_failures
from ffn.conformance.running.runner import run


def loaded(name: str) -> Subject:
    """The adapter, or a skip where its library is not installed."""
    try:
        return Subject(importlib.import_module(f"{adapters.__name__}.{name}").implementation)
    except ModuleNotFoundError as missing:
        pytest.skip(f"{missing.name} is not installed")


# The reference is judged whole by ``ffn verify``.
@pytest.mark.parametrize("name", [name for name in adapters.NAMES if name != "reference"])
def test_every_failure_of_an_adapter_is_listed(name: str) -> None:
    """A departure of a library could change its kind, or a fault of ours hide behind another, and go by as known.

    Laws about networks leave out what fails by itself, so that one list holds of every seed: no cause has a law here
    today and another one tomorrow.
    """
    subject, path = loaded(name), Path(__file__).with_name(f"{name}-known-failures.toml")
    listed = known_failures.read(path) if path.exists() else ()
    reports = list(run(laws.ALL, subject.dtypes, subject, examples=6, shrink=False, strength=1))
    failures = [report for report in reports if report.verdict.fails]
    news = [report for report in failures if not any(known.matches(report) for known in listed)]
    assert [(report.law.name, report.dtype, report.message) for report in news] == []
