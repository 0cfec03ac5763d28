"""The resolution that is printed: errors of that size are injected, and as many are seen as it says."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from ffn import admissible, reference
from ffn.cases.case import flat, mapped
from ffn.conformance.implementation.subject import Subject
from ffn.conformance.laws import ALL
from ffn.conformance.running.runner import run_law
from ffn.numbers.precision import NAMES, precision

LAW = next(law for law in ALL if law.name == "gradient/tanh")
INJECTED = 300


Judged = tuple[Any, Any]  # an answer, in float64, and its admissible set


def judged(dtype: str) -> list[Judged]:
    """The planned cases, those of the run."""
    plan = LAW.plan(dtype)  # type: ignore[misc]
    cases = [case for _, case in plan.cases(f"0 {LAW.chapter} {dtype}")]
    answers = (reference.gradient(*case.arguments("gradient")) for case in cases)
    wide = (mapped(lambda array: array.astype(np.float64), answer) for answer in answers)
    return list(zip(wide, map(admissible.gradient, cases), strict=True))


def seen(cases: list[Judged], size: float) -> float:
    """The share of errors that are rejected, each of that relative size in one coordinate of one gradient."""
    generator = np.random.default_rng(0)
    places = [(case, place) for case in cases for place in decided(case[1])]
    chosen = [places[index] for index in generator.integers(0, len(places), INJECTED)]
    return float(np.mean([rejected(case, place, size * generator.choice([-1, 1])) for case, place in chosen]))


def decided(found: Any) -> list[tuple[int, int]]:
    """The array and the place in it of every coordinate whose set lies on one side of 0."""
    balls = enumerate(part.ravel() for _, part in found.parts)
    return [(n, at) for n, part in balls for at, ball in enumerate(part) if not ball.contains(0)]


def rejected(case: Judged, place: tuple[int, int], relative: float) -> bool:
    answer = mapped(np.copy, case[0])
    flat(answer)[place[0]].flat[place[1]] *= 1 + relative
    return case[1].examine(answer).outside is not None


@pytest.mark.parametrize("dtype", NAMES)
def test_errors_of_the_size_that_is_printed_are_seen_as_often_as_it_says(dtype: str) -> None:
    """Without it the figure could be that of the best coordinate, or of errors in every coordinate at once."""
    report = run_law(LAW, dtype, Subject(reference), examples=1, shrink=False)
    assert report.resolution is not None
    assert report.resolution_90 is not None
    cases = judged(dtype)
    sampling = 3 * 0.5 / INJECTED**0.5  # three standard deviations of a share, at most
    assert seen(cases, report.resolution) >= 0.5 - sampling
    assert seen(cases, report.resolution_90) >= 0.9 - sampling
    assert seen(cases, precision(dtype).unit_roundoff / 2) == 0
