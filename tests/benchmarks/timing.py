"""Timing contestants side by side, and writing times down."""

from collections.abc import Callable
from time import perf_counter

import numpy as np

Times = dict[str, list[float]]

ROUND = 0.005  # seconds that one contestant runs in one round at least, far above the clock's resolution


def interleaved(contestants: dict[str, Callable[[], object]], rounds: int) -> Times:
    """The seconds of one call in each round. All run in every round, so that what slows the machine slows them all."""
    calls = {name: _calls(contestant) for name, contestant in contestants.items()}
    names = list(contestants)
    times: Times = {name: [] for name in names}
    for turn in range(rounds):
        for name in names[turn % len(names) :] + names[: turn % len(names)]:  # nobody always follows the same one
            times[name].append(_seconds(contestants[name], calls[name]))
    return times


def _calls(contestant: Callable[[], object]) -> int:
    """How many calls fill a round; the first calls, which warm the caches, are not counted."""
    contestant()
    return max(1, round(ROUND / min(_seconds(contestant, 1) for _ in range(3))))


def _seconds(contestant: Callable[[], object], calls: int) -> float:
    start = perf_counter()
    for _ in range(calls):
        contestant()
    return (perf_counter() - start) / calls


def paired_ratio(times: Times, one: str, other: str) -> list[float]:
    """Lower quartile, median and upper quartile of the ratio of two contestants in the same round."""
    return [float(q) for q in np.quantile(np.divide(times[one], times[other]), (0.25, 0.5, 0.75))]


def written(seconds: float) -> str:
    """A time with a unit that fits it."""
    for unit, scale in (("s", 1), ("ms", 1e3), ("µs", 1e6)):
        if seconds * scale >= 1:
            return f"{seconds * scale:.3g} {unit}"
    return f"{seconds * 1e9:.3g} ns"


def ratio(quartiles: list[float] | None) -> str:
    """A median between its quartiles."""
    return "–" if quartiles is None else "{1:.2f} [dim]{0:.2f}–{2:.2f}[/dim]".format(*quartiles)
