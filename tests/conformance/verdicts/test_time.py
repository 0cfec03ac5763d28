"""A run counts the time of what was judged."""

from __future__ import annotations

import click
import pytest

from ffn.conformance.report.run import Run
from ffn.conformance.report.shown import summary
from tests.conformance.verdicts.reports import ABSENT, HOLDING, OPEN, SOFTER
from tests.conformance.verdicts.stubs import outside


def test_time_is_counted_of_what_was_judged_and_slow_laws_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it nobody would know what to wait for."""
    now = [0.0]
    monkeypatch.setattr("time.perf_counter", lambda: now[0])
    run = Run("mine", 0, _clock=0.0)
    for seconds, each in ((30.0, HOLDING), (6.0, SOFTER), (3.0, ABSENT), (3.0, HOLDING), (4.9, OPEN)):
        now[0] += seconds
        run.add(each)
    assert run.seconds == 46.9
    assert run.reports == [HOLDING, SOFTER, ABSENT, HOLDING, OPEN]
    assert run.slow == {"network/output": 33.0}  # more than a fifth, and than 5 s
    assert run.judged == [HOLDING, SOFTER, HOLDING, OPEN]
    assert "slow: network/output took 33 s" in str(summary(run))
    with run.kept_going():
        raise click.ClickException("no space")
    assert run.unwritten == "no space"


def test_an_outside_coordinate_is_told_by_its_path() -> None:
    """Without it a reader would not know where to look."""
    assert str(outside()).startswith("output[0, 0]: computed 0.0, admissible 1 alone")
