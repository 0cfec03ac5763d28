"""A run is the same whatever Hypothesis is told elsewhere: the user's own tests may have loaded another profile."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, Verbosity, settings
from hypothesis import strategies as st
from hypothesis.database import DirectoryBasedExampleDatabase

from ffn.conformance.implementation.subject import Subject
from ffn.conformance.running.runner import run_law
from ffn.conformance.running.tally import LawReport
from ffn.conformance.verdict import Judgement, Verdict
from tests.conformance.verdicts.stubs import HOLDS, WRONG, Tanh, drawn, law, size, z


@pytest.fixture(params=["kept", "derandomised"])
def theirs(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """A profile that has everything otherwise, and the folder of its database; what is derandomised has none."""
    kept = DirectoryBasedExampleDatabase(tmp_path / "examples")
    own: dict[str, Any] = {"database": kept} if request.param == "kept" else {"derandomize": True}
    before = settings.get_current_profile_name()
    settings.register_profile(
        "theirs",
        max_examples=1,
        deadline=1,  # ms
        report_multiple_bugs=True,
        verbosity=Verbosity.debug,
        phases=[Phase.explicit],
        suppress_health_check=[],
        **own,
    )
    settings.load_profile("theirs")
    yield tmp_path / "examples"
    settings.load_profile(before)


def rare(dtype: str, supported: Any = None) -> Any:
    """Cases of which most that are drawn are thrown away."""
    return st.integers(0, 10**6).filter(lambda number: number % 400 == 0).map(z)


def searched(judge: Any, seed: int, cases: Any = rare) -> tuple[LawReport, list[float]]:
    seen: list[float] = []

    def judging(case: Any) -> Judgement:
        seen.append(size(case))
        found: Judgement = judge(size(case))
        return found

    return run_law(law(judging, cases=cases), "float32", Subject(Tanh()), 6, seed), seen


def slowly(number: float) -> Judgement:
    time.sleep(0.003)
    return HOLDS


def test_another_profile_changes_no_run(theirs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without it a verdict would depend on a file that has nothing to do with it."""
    draws = [searched(slowly, seed) for seed in (0, 0, 1)]
    assert [found.verdict for found, _ in draws] == [Verdict.HOLDS] * 3
    assert draws[0][1] == draws[1][1] != draws[2][1]
    assert len(draws[0][1]) == 6
    failing, _ = searched(lambda number: WRONG if number > 1000 else HOLDS, 0, drawn(0, 10**4))
    assert (failing.verdict, failing.counterexample.z) == (Verdict.WRONG, 1001)
    assert not theirs.exists()
    assert capsys.readouterr().out == ""


def test_a_search_leaves_random_numbers_as_they_were() -> None:
    """Without it a program that draws its own would draw others once it is judged."""
    random.seed(3)
    before = random.getstate()
    searched(slowly, 0)
    assert random.getstate() == before
