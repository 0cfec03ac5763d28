"""Plans of who supports little, and how their cases are announced."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ffn import Hidden, Network, Output, reference
from ffn.cases.networks import NothingSupported, Supported
from ffn.cases.plan import Plan
from ffn.conformance.implementation.subject import Subject
from ffn.conformance.running import runner
from ffn.conformance.running.runner import (
    run_law,
)
from ffn.conformance.verdict import Verdict
from tests.conformance.verdicts.stubs import (
    UNDECIDED,
    named,
    plan,
    planned,
)

NETWORKS = tuple(Network(1, units, Output("gaussian"), (Hidden(2),)) for units in range(1, 101))


def test_where_most_of_a_plan_is_refused_networks_that_were_accepted_are_planned() -> None:
    """Without it who builds one kind of network would be judged on what is drawn alone."""
    each = named("network/output", plan=planned)
    whole = runner._plan(each, "float32", Supported())
    assert whole is not None
    assert whole.factors == {"network": (Network(2, 1, Output("gaussian")),)}
    picky = Supported(accepts=lambda network: network.inputs == 1, accepted=NETWORKS)
    found = runner._plan(each, "float32", picky)
    assert found is not None
    assert found.factors == {"network": NETWORKS[::3]}  # at most 48 of them, evenly
    fond = Supported(accepts=lambda network: True, accepted=NETWORKS)
    assert runner._plan(each, "float32", fond).factors == whole.factors  # type: ignore[union-attr]
    assert runner._plan(named("network/output"), "float32", picky) is None
    some = Supported(accepts=lambda network: network.units < 3, accepted=NETWORKS)

    def five(dtype: str, supported: Any = None) -> Plan:
        return planned(dtype, supported if supported.networks else Supported(networks=NETWORKS[:5]))

    two_of_five = runner._plan(named("network/output", plan=five), "float32", some)
    assert two_of_five is not None
    assert two_of_five.factors == found.factors
    none_known = runner._plan(each, "float32", replace(picky, accepted=()))
    assert none_known is not None
    assert none_known.factors == whole.factors

    def refusing(dtype: str, supported: Any = None) -> Plan:
        if not supported.networks:
            raise NothingSupported("none")
        return planned(dtype, supported)

    assert runner._plan(named("network/output", plan=refusing), "float32", Supported()) is None
    accepted = runner._plan(named("network/output", plan=refusing), "float32", fond)
    assert accepted is not None
    assert accepted.factors == found.factors


def test_levels_without_a_case_tell_nothing_of_what_is_supported() -> None:
    """Without it a plan that has no case at some of its levels would end the run."""
    some = plan((1, 2), missing=(2,))("float32")
    assert runner._case_of(some, {"size": 1}).z == 1
    assert runner._case_of(some, {"size": 2}) is None


def test_planned_cases_are_announced_in_lots_that_grow() -> None:
    """Without it each call of a process would wait for the one before, or a failure cost the whole plan."""
    lots: list[int] = []
    cases = ((number, number) for number in range(60))
    told = list(runner._in_lots(cases, lambda lot: lots.append(len(lot))))  # type: ignore[arg-type]
    assert told == [(number, number) for number in range(60)]
    assert lots == [1, 2, 4, 8, 16, 16, 13]


def test_the_reference_is_judged_alike_by_a_whole_law() -> None:
    """Without it what is found here of small laws could be otherwise of real ones."""
    from ffn.conformance.laws import matching

    found = run_law(matching(("output/gaussian/loss",))[0], "float32", Subject(reference), examples=2, strength=1)
    assert (found.verdict, found.counterexample, found.explanation) == (Verdict.HOLDS, None, "")
    assert found.tried == {"loss"}
    assert UNDECIDED.verdict is not found.verdict
