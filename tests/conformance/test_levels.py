"""A table of bugs: for each level of each factor of the plans a bug that shows at that level alone, and a law rejects.

Claims: the plan of the law has cases at which the bug shows, all of them with that level, and the law rejects it on one
of them; what no implementation can see is listed with why.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import pytest

from ffn.cases.plan import Levels, NoCase, Plan
from ffn.conformance.implementation.subject import Subject
from ffn.conformance.law import Law
from ffn.conformance.laws import ALL
from tests.conformance.implementations.bugs import levels as bugs
from tests.conformance.implementations.bugs.levels import Seen, Shows, WrongAt

LAWS = {law.name: law for law in ALL}
DTYPE = "float32"
TRIES = 8  # cases at which a bug shows, of which one has to decide


class Factor(NamedTuple):
    """A factor of the plan of a law, when a bug of one of its levels shows, and those levels, where not all of them."""

    law: str
    name: str
    shows: Shows
    levels: tuple[Any, ...] = ()


def attribute(read: Callable[[Seen], Any]) -> Shows:
    """Where something that an implementation reads is the level."""
    return lambda level, seen: read(seen) == level


FACTORS = (
    Factor("network/output", "depth", attribute(lambda seen: len(seen.network.hidden))),
    Factor("network/output", "layer 1", bugs.layer(0)),
    Factor("network/output", "layer 2", bugs.layer(1)),
    Factor("network/output", "width 1", bugs.width(0)),
    Factor("network/output", "width 2", bugs.width(1)),
    Factor("network/output", "inputs", attribute(lambda seen: seen.network.inputs)),
    Factor("network/output", "rows", attribute(lambda seen: len(seen.x))),
    Factor("network/output", "output", attribute(lambda seen: seen.network.output)),
    Factor("network/output", "reduction", attribute(lambda seen: seen.network.reduction)),
    Factor("network/output", "magnitude", bugs.magnitude),
    Factor("network/output", "weights", bugs.weights),
    Factor("network/output", "biases", bugs.biases),
    Factor("network/output", "data", bugs.data),
    Factor("network/output", "layout", bugs.layout),
    Factor("network/loss", "targets", bugs.targets, ("constant", "sorted", "whole", "far")),
    Factor("output/categorical/loss", "targets", bugs.targets, ("ends", "last unused")),
    Factor("output/gaussian/loss", "units", attribute(lambda seen: seen.network.units)),
    Factor("weight decay/loss", "decay", attribute(lambda seen: seen.network.weight_decay)),
    Factor("gradient/leaky_relu", "layer 1", bugs.layer(0)),  # every slope
    Factor("gradient/maxout", "layer 1", bugs.layer(0)),  # every number of pieces
    Factor("output/mixture/loss", "output", attribute(lambda seen: seen.network.output)),  # every number of components
    Factor("output/categorical/loss", "labels", attribute(lambda seen: seen.y.dtype.name)),
    Factor("batch/beyond a tile", "rows", attribute(lambda seen: len(seen.x))),
    Factor("width/smooth units", "width", bugs.width(0)),
    Factor("width/many classes", "classes", attribute(lambda seen: seen.network.units)),
    Factor("dropout/output", "masks", bugs.masks),
    Factor("recurrent/output", "steps", attribute(lambda seen: seen.x.shape[1])),
    Factor("recurrent/output", "first state", lambda level, seen: level == "zero" and not seen.last.any()),
)
UNSEEN = {
    "plain": "values like any others: a bug that shows with those shows with every law",
    "usual": "arrays as every other law hands them out",
}


@cache
def planned(law: str) -> tuple[tuple[Levels, Any], ...]:
    plan = LAWS[law].plan(DTYPE)  # type: ignore[misc]
    return tuple(found for place, levels in enumerate(plan.rows()) if (found := _case(plan, levels, place)))


def _case(plan: Plan, levels: Levels, place: int) -> tuple[Levels, Any] | None:
    try:
        return levels, plan.case(levels, f"0 {place}")
    except NoCase:
        return None


def seen(case: Any) -> Seen:
    return Seen(case.network, case.parameters, case.x, case.y, case.masks if case.h0 is None else case.h0)


def rejected(law: Law, case: Any, subject: Subject) -> bool:
    return law(case, subject).fails


@pytest.mark.parametrize("factor", FACTORS, ids=lambda factor: f"{factor.law}-{factor.name}")
def test_every_level_has_a_bug_that_it_alone_finds(factor: Factor) -> None:
    """Without it a level could be tried in name, and a fault that needs it be found nowhere."""
    law, cases = LAWS[factor.law], planned(factor.law)
    for level in factor.levels or dict.fromkeys(levels[factor.name] for levels, _ in cases):
        if level in UNSEEN:
            continue
        there = [(levels, case) for levels, case in cases if factor.shows(level, seen(case))]
        assert there, f"no case shows a bug of {factor.name} at {level}"
        assert {str(levels[factor.name]) for levels, _ in there} == {str(level)}, level
        shown = _shown_by(factor, level)
        assert any(rejected(law, case, shown) for _, case in there[:TRIES]), f"{factor.name} at {level}"


def _shown_by(factor: Factor, level: Any) -> Subject:
    return Subject(WrongAt(f"{factor.name} at {level}", DTYPE, lambda given: factor.shows(level, given)))


def test_a_bug_that_never_shows_is_never_rejected() -> None:
    """Without it the table would hold of an implementation that is wrong everywhere."""
    right = Subject(WrongAt("right", DTYPE, lambda given: False))
    assert not any(rejected(LAWS["network/output"], case, right) for _, case in planned("network/output")[:20])


def test_every_factor_of_networks_is_in_the_table() -> None:
    """Without it a new factor would have levels that nothing shows to matter."""
    named = {factor.name for factor in FACTORS}
    for law in ("network/output", "output/categorical/loss", "dropout/output"):
        several = {name for name, levels in LAWS[law].plan(DTYPE).levels().items() if len(levels) > 1}  # type: ignore[misc]
        assert several <= named, law
