"""What an implementation can build is found by asking it, and what no law tried of it is told."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ffn import Hidden, Network, Output, Recurrent
from ffn.cases.networks import ACTIVATIONS, SLOPES
from ffn.conformance.implementation.errors import Died
from ffn.conformance.implementation.subject import Subject
from ffn.conformance.running import support
from ffn.conformance.running.support import probes, supported_by
from ffn.conformance.running.tried import untried
from ffn.conformance.verdict import Verdict
from ffn.network.activations import ELEMENTWISE
from ffn.network.family import Family
from tests.conformance.verdicts.stubs import Tanh, named, plan, report


class Builds:
    """Builds what ``accepts`` says."""

    name, dtypes = "builds", ("float32",)

    def __init__(self, accepts: Any = lambda network: True, **own: Any) -> None:
        self.accepts, self.asked = accepts, list[Network]()
        vars(self).update(own)

    def forward(self, *given: Any) -> Any:
        raise AssertionError("it is asked only")

    def supports(self, network: Network) -> bool:
        self.asked.append(network)
        return bool(self.accepts(network))


def found(accepts: Any = lambda network: True, **own: Any) -> Any:
    return supported_by(Subject(Builds(accepts, **own)), "float32")


def test_who_says_nothing_builds_everything() -> None:
    """Without it an implementation without ``supports`` would be judged on nothing."""
    whole = supported_by(Subject(Tanh()), "float32")
    assert (whole.functions, whole.accepts, whole.networks) == (("tanh",), None, ())
    assert whole.activations == ACTIVATIONS

    class Silent:
        name, dtypes = "silent", ("float32",)
        supports_activation = staticmethod(lambda name: 1 / 0)
        forward = staticmethod(lambda *given: None)

    assert supported_by(Subject(Silent()), "float32").functions == ELEMENTWISE  # the laws will meet the error


@pytest.mark.parametrize(
    ("accepts", "field", "levels"),
    [
        (
            lambda n: all(layer.activation in ("tanh", "maxout") for layer in n.hidden),
            "activations",
            ("tanh", "maxout"),
        ),
        (lambda n: n.output.name in ("poisson", "laplace"), "outputs", ("laplace", "poisson")),
        (lambda n: n.reduction == "sum", "reductions", ("sum",)),
        (lambda n: len(n.hidden) in (1, 3), "depths", (1, 3)),
        (lambda n: n.inputs % 4 == 0 and n.units % 4 == 0, "depths", (0, 1, 2, 3)),
        (lambda n: all(layer.pieces in (None, 4) for layer in n.hidden), "activations", ACTIVATIONS),
        (lambda n: False, "activations", ()),
    ],
)
def test_what_is_accepted_is_found(accepts: Any, field: str, levels: tuple[Any, ...]) -> None:
    """Without it cases would be drawn that are refused, or a kind that is built never be drawn."""
    supported = found(accepts)
    assert getattr(supported, field) == levels
    assert all(map(accepts, supported.accepted))
    assert bool(supported.accepted) == bool(levels)
    assert supported.accepts is not None
    network = Network(4, 4, Output("laplace"), (Hidden(4, "tanh"),), "sum", 0.1)
    assert supported.accepts(network) == bool(accepts(network))


def test_every_kind_is_asked_about_in_several_sizes_and_slopes() -> None:
    """Without it who builds widths of 8 alone would seem to build nothing."""
    kinds = list(map(tuple, probes()))
    assert len(kinds) == 5 * 2 * 2 * (1 + 3 * len(ACTIVATIONS))
    for networks in kinds:
        first = networks[0]
        assert {(n.output.name, n.reduction, len(n.hidden), n.weight_decay > 0) for n in networks} == {
            (first.output.name, first.reduction, len(first.hidden), first.weight_decay > 0)
        }
        assert len({layer.activation for n in networks for layer in n.hidden}) <= 1
        assert {(n.inputs, n.units) for n in networks} >= {(2, 2), (1, 1), (4, 4), (8, 8), (5, 3)}
    every = [layer for networks in kinds for n in networks for layer in n.hidden]
    assert {layer.negative_slope for layer in every} == {None, *SLOPES}
    assert {layer.pieces for layer in every} == {None, 1, 2, 3, 4}
    assert {n.weight_decay for networks in kinds for n in networks} == {0.0, 0.1, 0.5}
    mixtures = [n for networks in probes(("mixture",)) for n in networks if n.output.name == "mixture"]
    assert {n.output.components for n in mixtures} == {1, 2, 3}
    assert not any(n.output.name == "heteroscedastic" for networks in probes(("mixture",)) for n in networks)


def test_the_first_that_is_accepted_ends_the_questions() -> None:
    """Without it an implementation would be asked a thousand questions for a hundred."""
    builds = Builds()
    supported_by(Subject(builds), "float32")
    kinds = len(list(probes()))
    assert len(set(builds.asked)) <= kinds


def test_where_the_first_is_refused_the_others_are_asked_about_in_one_message() -> None:
    """Without it an implementation in a process of its own would be waited for once a question."""
    networks = [Network(inputs, 1, Output("gaussian")) for inputs in (1, 2, 3, 4)]
    subject = Subject(Builds(lambda network: network.inputs > 2))
    asked: list[Any] = []
    subject.ask = lambda *given: asked.append(given)  # type: ignore[method-assign, assignment]

    def first(alike: list[Network], accepts: Any = lambda network: network.inputs > 2) -> Network | None:
        return support._first(subject, "float32", accepts, iter(alike))

    assert first(networks) == networks[2]
    assert asked == [(tuple(networks[1:]), "float32", "forward")]
    assert first(networks[2:]) == networks[2]
    assert first(networks[:1]) is None
    assert first(networks[:2]) is None
    assert len(asked) == 2


def test_who_says_no_to_recurrent_layers_alone_is_heard() -> None:
    """Without it each of them would be drawn, and refused."""

    class Some(Tanh):
        def supports_recurrent(self, network: Recurrent) -> bool:
            return network.inputs == 1

    supported = supported_by(Subject(Some()), "float32")
    assert supported.accepts is not None
    layers = [Recurrent(inputs, Hidden(1, "tanh"), 1, Output("gaussian")) for inputs in (1, 2)]
    assert [supported.accepts(layer) for layer in layers] == [True, False]
    assert (supported.activations, supported.functions) == (ACTIVATIONS, ("tanh",))


def test_listed_networks_and_families_are_what_they_are() -> None:
    """Without it who lists networks would be asked about others."""
    one, two = (
        Network(1, 1, Output("gaussian"), (), "sum"),
        Network(2, 3, Output("poisson"), (Hidden(2, "tanh"),), "sum"),
    )
    listed = found(networks=(one, two))
    assert (listed.networks, listed.accepts) == ((one, two), None)
    assert (listed.activations, listed.outputs, listed.reductions, listed.depths) == (
        ("tanh",),
        ("gaussian", "poisson"),
        ("sum",),
        (0, 1),
    )
    family = Family(Network(4, 4, Output("gaussian")), inputs=(4, 8))
    of_family = found(lambda network: network.inputs != 5, networks=(two, family))
    assert of_family.networks == ()
    assert of_family.accepts is not None
    asked = [Network(inputs, 4, Output("gaussian")) for inputs in (4, 5, 8, 16)]
    assert [of_family.accepts(network) for network in asked] == [True, False, True, False]
    assert of_family.accepts(two)
    assert two in of_family.accepted
    assert len(of_family.accepted) > 1


def test_an_error_of_supports_is_met_by_the_laws_and_a_death_ends_the_questions() -> None:
    """Without it a ``supports`` that raises would have nothing judged, or be asked for minutes."""

    def raises(network: Network) -> bool:
        raise ValueError

    assert found(raises).accepts(Network(1, 1, Output("gaussian")))
    subject = Subject(Builds())

    def dies(*given: Any) -> bool:
        raise Died("it ended")

    subject.supports = dies  # type: ignore[method-assign]
    supported = supported_by(subject, "float32")
    assert (supported.accepts, supported.accepted) == (None, ())
    assert range(4) == support.PROBED_DEPTHS


# what was not tried


def told(*reports: Any, **own: Any) -> list[str]:
    return untried(reports, Subject(Builds(**own)))


FULL = replace(
    report(name="network/output"),
    law=named("network/output", speaks_of=("forward",), plan=plan()),
    tried=frozenset({"forward"}),
)
UNTRIED = replace(FULL, tried=frozenset())
WIDE = "was tried by no law on its full plan: the admissible sets are too wide there to decide anything"


def test_a_method_that_a_law_tried_on_its_full_plan_is_not_told() -> None:
    """Without it every run would end with a warning."""
    assert told(FULL) == []
    assert told(FULL, UNTRIED) == []
    other = replace(FULL, law=named("network/loss", speaks_of=("loss",), plan=plan()), tried=frozenset({"loss"}))
    assert told(other, FULL) == []


@pytest.mark.parametrize(
    ("reports", "reason"),
    [
        ((UNTRIED,), "some cases of network/output were not offered"),
        ((replace(FULL, law=replace(FULL.law, plan=None)),), "none of the laws that were chosen has one"),
        ((replace(FULL, law=replace(FULL.law, most=2)),), "none of the laws that were chosen has one"),  # of many calls
        ((replace(UNTRIED, verdict=Verdict.UNDECIDED),), "the admissible sets are too wide there to decide anything"),
        ((replace(UNTRIED, verdict=Verdict.UNDECIDED, message="2 of 5"),), "2 of 5"),
        ((replace(UNTRIED, verdict=Verdict.NOT_OFFERED),), "the laws on it ask for more than is offered"),
        (
            (
                replace(UNTRIED, verdict=Verdict.NOT_OFFERED, message="a"),
                *[replace(UNTRIED, verdict=Verdict.NOT_OFFERED, message="b")] * 2,
            ),
            "b",
        ),
    ],
)
def test_what_no_law_tried_is_told_with_why(reports: Any, reason: str) -> None:
    """Without it an implementation that refuses most would seem to be judged, with the exit status 0."""
    (line,) = told(*reports)
    assert line.startswith(f"forward and float32 were tried by no law on its full plan: {reason}")


def test_parts_precisions_and_methods_are_told_by_reason() -> None:
    """Without it a part that is offered and never tried would be taken for one that holds."""
    lines = told(FULL, parts=("dropout",), dtypes=("float32", "float64"), loss=lambda *given: None)
    assert lines == []  # of laws that are not here nothing is said
    of_part = replace(
        UNTRIED,
        law=named("dropout/output", speaks_of=("forward",), part="dropout", plan=plan()),
        verdict=Verdict.UNDECIDED,
    )
    assert told(FULL, of_part, parts=("dropout",)) == [f"the part dropout {WIDE}"]
    wide = replace(UNTRIED, dtype="float64", verdict=Verdict.UNDECIDED)
    assert told(FULL, wide, dtypes=("float32", "float64")) == [f"float64 {WIDE}"]
    three = [replace(UNTRIED, dtype=dtype, verdict=Verdict.UNDECIDED) for dtype in ("float16", "float32", "float64")]
    (line,) = told(*three, dtypes=("float16", "float32", "float64"))
    assert line.startswith("forward, float16, float32 and float64 were tried")
