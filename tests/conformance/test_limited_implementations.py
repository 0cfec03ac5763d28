"""Implementations that build little, or offer little: what they can do is judged, and what was not judged is not good.

Each false clean bill here was given once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import cycle
from typing import Any

import numpy as np
import pytest

from ffn import Family, Hidden, Network, Output, reference
from ffn.conformance.implementation.subject import ASKED_TWICE, Subject
from ffn.conformance.laws import ALL, matching
from ffn.conformance.running.runner import run
from ffn.conformance.running.tally import LawReport
from ffn.conformance.running.tried import untried
from ffn.conformance.verdict import Verdict

SIMPLE = ("network", "gradient", "batch", "symmetry", "maxout", "weight decay", "purity")
LIMITED = ("network", "gradient/tanh", "gradient/relu", "batch/beyond a tile", "reduction")


class TanhAndSoftmax:
    """tanh, softmax and mean alone: a random network is one of these once in thirty draws."""

    name, dtypes = "tanh and softmax", ("float32",)

    def supports(self, network: Network) -> bool:
        tanh = all(layer.activation == "tanh" for layer in network.hidden)
        return tanh and (network.output.name, network.reduction) == ("categorical", "mean")

    def gradient(self, network: Network, parameters: Any, x: Any, y: Any) -> Any:
        assert self.supports(network)
        return reference.gradient(network, parameters, x, y)


class DoubledHidden(TanhAndSoftmax):
    def gradient(self, *given: Any) -> Any:
        *hidden, last = super().gradient(*given)
        return (*((2 * dW, db) for dW, db in hidden), last)


class OneNetwork:
    """2-3-2, and nothing else."""

    name, dtypes = "one network", ("float32",)
    networks = (Network(2, 2, Output("categorical"), (Hidden(3, "relu"),)),)

    def gradient(self, network: Network, parameters: Any, x: Any, y: Any) -> Any:
        assert network in self.networks
        return tuple((dW, 2 * db) for dW, db in reference.gradient(network, parameters, x, y))


class ForwardAlone:
    """An engine for inference, which loses the rows past its tile."""

    name, dtypes = "forward alone", ("float32",)

    def forward(self, network: Network, parameters: Any, x: Any) -> Any:
        z = reference.forward(network, parameters, x)
        z[64:] = 0
        return z


def judged(
    implementation: Any, *patterns: str, seed: int = 0, examples: int = 25, strength: int = 1
) -> list[LawReport]:
    subject = Subject(implementation)
    laws = matching(patterns) if patterns else ALL
    return list(run(laws, subject.dtypes, subject, examples, seed, shrink=False, strength=strength))


def failing(reports: list[LawReport]) -> set[str]:
    return {report.law.name for report in reports if report.verdict.fails}


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_doubled_hidden_gradient_is_seen_of_who_supports_tanh_and_softmax_alone(seed: int) -> None:
    """Without it networks that it does not support would use up the examples, and what is left would hold."""
    assert {"network/gradient", "gradient/tanh"} <= failing(judged(DoubledHidden(), *LIMITED, seed=seed))


def test_who_supports_little_is_judged_on_the_full_plan() -> None:
    """Without it a law would hold on the few cases that happened to be supported."""
    reports = {report.law.name: report for report in judged(TanhAndSoftmax(), *LIMITED)}
    assert reports["network/gradient"].verdict in (Verdict.HOLDS, Verdict.UNDECIDED)
    assert all(report.examples > 25 for report in reports.values() if report.verdict is not Verdict.NOT_OFFERED)
    assert reports["gradient/relu"].message == "no activation of relu is supported"


def test_who_can_build_one_network_is_judged_on_it() -> None:
    """Without it nothing that is drawn would ever be supported."""
    assert {"network/gradient", "gradient/relu", "batch/beyond a tile"} <= failing(judged(OneNetwork(), *LIMITED))


def test_rows_past_a_tile_are_missed_by_who_offers_forward_alone() -> None:
    """Without it the laws that speak of several methods would be left out, and the others hold."""
    assert failing(judged(ForwardAlone(), "batch", "network")) == {"batch/beyond a tile"}


def test_every_method_is_judged_by_itself_by_every_law_that_speaks_of_it() -> None:
    """Without it the loss would be judged where a gradient comes with it, and nowhere else."""
    alone = type("LossAlone", (), {"name": "loss", "dtypes": ("float32",), "loss": staticmethod(reference.loss)})()
    held = {report.law.name for report in judged(alone) if report.verdict is Verdict.HOLDS}
    speak = {law.name for law in ALL if law.part is None and law.promise is None and "loss" in law.speaks_of}
    assert held >= speak - {"confidence/right"}


def test_a_method_that_no_law_could_try_is_named() -> None:
    """Without it an implementation that supports nothing would be told that nothing is wrong with it."""
    nothing = type("Nothing", (TanhAndSoftmax,), {"supports": lambda self, network: False})()
    reports = judged(nothing)
    assert {report.verdict for report in reports} == {Verdict.NOT_OFFERED}
    lines = untried(reports, Subject(nothing))
    assert "gradient" in lines[0]
    assert "were tried by no law on its full plan: supports says no to every network" in lines[0]


TURNS = cycle(("float32", "float64"))
Builds = Callable[[Network], bool]
PARTICULAR: dict[str, Builds] = {
    "one unit of bernoulli": lambda network: network.output.name == "bernoulli" and network.units == 1,
    "multiples of 8": lambda network: (
        {w % 8 for w in (network.inputs, *(layer.units for layer in network.hidden))} == {0}
    ),
    "negative slope 0.1": lambda network: {layer.negative_slope for layer in network.hidden} == {0.1},
    "three pieces": lambda network: {layer.pieces for layer in network.hidden} == {3},
    "weight decay": lambda network: network.weight_decay == 0.1,
    "three hidden layers": lambda network: len(network.hidden) == 3,
}
LISTED = {
    "three hidden layers": Network(3, 2, Output("categorical"), tuple(Hidden(units, "relu") for units in (4, 3, 2))),
    "weight decay": Network(3, 2, Output("gaussian"), (Hidden(2, "maxout"),), reduction="sum", weight_decay=0.1),
    "200 inputs": Network(200, 10, Output("categorical"), (Hidden(32, "relu"),)),
}


def builder(doubled: bool, supports: Builds | None = None, networks: tuple[Network, ...] = ()) -> Any:
    """The reference's gradient where that is supported, or twice it."""

    def gradient(network: Network, *given: Any) -> Any:
        assert supports(network) if supports else network in networks
        found = reference.gradient(network, *given)
        return tuple((2 * dW, db) for dW, db in found) if doubled else found

    members = {"name": "builder", "dtypes": ("float32",), "gradient": staticmethod(gradient)}
    builds = {"supports": staticmethod(supports)} if supports else {"networks": networks}
    return type("Builder", (), members | builds)()


@pytest.mark.parametrize("supports", PARTICULAR.values(), ids=PARTICULAR)
def test_who_builds_one_kind_of_network_is_judged_on_that(supports: Builds) -> None:
    """Without it a kernel for widths of 8, asked about widths of 2 alone, would be wrong and hear nothing of it."""
    assert "network/gradient" in failing(judged(builder(True, supports), "network"))
    assert not failing(judged(builder(False, supports), *SIMPLE[:3], examples=3))


@pytest.mark.parametrize("network", LISTED.values(), ids=LISTED)
def test_a_listed_network_is_judged_whatever_its_depth_decay_or_size(network: Network) -> None:
    """Without it laws of one hidden layer, or of no weight decay, would accuse it or end the run."""
    assert "network/gradient" in failing(judged(builder(True, networks=(network,)), "network"))
    assert not failing(judged(builder(False, networks=(network,)), *SIMPLE, examples=3))


ONE_RELU = Network(1, 1, Output("gaussian"), (Hidden(1, "relu"),), "sum")
RELUS = Network(8, 3, Output("categorical"), (Hidden(8, "relu"),))
FAMILIES = {
    "multiples of 8": Family(RELUS, inputs=range(8, 4097, 8), widths=range(8, 4097, 8), units=range(1, 100)),
    "two to five layers": Family(RELUS, inputs=(1, 2, 3), depths=range(2, 6)),
    "one width": Family(Network(1, 1, Output("gaussian"), (Hidden(4, "tanh"),), "sum"), inputs=range(1, 9)),
}


@pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES)
def test_a_family_is_judged_in_the_sizes_that_may_vary(family: Family) -> None:
    """Without it who builds any width of one kind of network would list them one by one, or be asked for all kinds."""
    asked: set[tuple[int, ...]] = set()

    class OfAFamily:
        name, dtypes, networks = "family", ("float32",), (family,)

        def gradient(self, network: Network, *given: Any) -> Any:
            assert network in family
            asked.add((network.inputs, *(layer.units for layer in network.hidden)))
            return reference.gradient(network, *given)

    reports = judged(OfAFamily(), *SIMPLE[:3], examples=3)
    assert not failing(reports)
    assert not [line for line in untried(reports, Subject(OfAFamily())) if line.startswith("gradient")]
    assert len(asked) > 3


@pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES)
def test_a_family_has_its_members_and_no_others(family: Family) -> None:
    """Without it a network that cannot be built would be asked for, and its refusal be an error."""
    members = list(family.members((1, 5, 16)))
    assert len(set(members)) > 2
    assert all(member in Family.from_json(family.to_json()) for member in members)
    strangers = (
        replace(members[0], weight_decay=0.5),
        replace(members[0], inputs=9999),
        replace(members[0], hidden=()),
    )
    assert not any(stranger in family for stranger in strangers)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((RELUS, [0]), r"inputs is a sequence of whole numbers from 1 up, not \[0\]"),
        ((RELUS, None, 8), "widths is a sequence of whole numbers from 1 up, not 8"),
        ((RELUS, None, range(0)), "widths is a sequence"),
        ((RELUS, None, None, None, [1, True]), "depths is a sequence of whole numbers from 0 up"),
        ((Network(1, 1, Output("gaussian")), None, None, None, (0, 1)), "which has none"),
        ((Network(1, 6, Output("mixture")), None, None, (6, 7)), "units of mixture are multiples of 6, not 7"),
        (("relu",), "network takes a Network, not 'relu'"),
    ],
)
def test_what_is_no_family_is_refused(arguments: Any, message: str) -> None:
    """Without it the slip would show as a network that cannot be made, in the midst of a run."""
    with pytest.raises(ValueError, match=message):
        Family(*arguments)


def test_the_width_beyond_which_a_kernel_fails_is_seen_in_its_family() -> None:
    """Without it a family would be tried at the sizes of small networks alone."""

    class ShortTile:
        name, dtypes, networks = "tile", ("float32",), (Family(ONE_RELU, range(1, 999), range(1, 999), range(1, 999)),)

        def forward(self, network: Network, parameters: Any, x: Any) -> Any:
            z = reference.forward(network, parameters, x)
            return 2 * z if network.hidden[0].units > 500 else z

    assert failing(judged(ShortTile(), "network/output", "exact/*", strength=2)) == {"exact/wide forward"}


def test_supports_is_asked_for_the_dtype_and_the_method_where_it_takes_them() -> None:
    """Without it a precision, or a method, that is not offered for a network would count as an error of it."""

    class Particular(TanhAndSoftmax):
        dtypes = ("float32", "float64")
        loss, gradient = staticmethod(reference.loss), staticmethod(reference.gradient)

        def supports(self, network: Network, dtype: str = "", method: str = "") -> bool:
            return super().supports(network) and (dtype, method) == ("float64", "gradient")

    verdicts = {(r.law.name, r.dtype): r.verdict for r in judged(Particular(), "network", strength=2)}
    held = {key for key, verdict in verdicts.items() if verdict is Verdict.HOLDS}
    assert held == {("network/gradient", "float64")}
    assert set(verdicts.values()) == {Verdict.HOLDS, Verdict.NOT_OFFERED}


def test_supports_is_asked_once_of_a_network_unless_it_takes_more() -> None:
    """Without it each question would be put for every dtype and method, thousands of times to who refuses most."""
    asked: list[Network] = []

    class Counted(TanhAndSoftmax):
        dtypes = ("float32", "float64")
        gradient = staticmethod(reference.gradient)

        def supports(self, network: Network) -> bool:
            asked.append(network)
            return super().supports(network)

    judged(Counted(), "network", examples=3)
    assert len(asked) <= len(set(asked)) + ASKED_TWICE


def test_answers_by_chance_are_told_as_that() -> None:
    """Without it what was judged would differ from run to run, with nobody to know."""

    class Flips(TanhAndSoftmax):
        said = 0

        def supports(self, network: Network) -> bool:
            self.said += 1
            return self.said % 3 == 0

    (report,) = judged(Flips(), "network/gradient")
    assert (report.verdict, report.message) == (Verdict.ERROR, "supports says True and then False of the same")


@pytest.mark.parametrize(
    ("attribute", "message"),
    [
        ({"networks": []}, "mine.networks is empty"),
        ({"dtypes": property(lambda self: [next(TURNS)])}, "and .* when it is asked for again"),
        ({"dtypes": ("float32",), "forward": None, "output": print}, "output is not called: did you mean forward?"),
    ],
    ids=["no networks", "other dtypes each time", "another name"],
)
def test_what_is_no_offer_says_so_in_a_line(attribute: dict[str, Any], message: str) -> None:
    """Without it nothing would be judged, for a reason that one would have to guess."""
    mine = {"name": "mine", "dtypes": ("float32",), "forward": staticmethod(reference.forward)}
    with pytest.raises(TypeError, match=message.replace("?", "[?]")):
        Subject(type("Mine", (), mine | attribute)())


class UpToEightRows:
    """Exactly right, and not offered beyond eight rows; with ``least`` none of fewer."""

    name, dtypes, least = "mine", ("float32",), 0

    def gradient(self, network: Network, parameters: Any, x: Any, y: Any) -> Any:
        if not self.least <= len(x) <= 8:
            raise NotImplementedError
        return reference.gradient(network, parameters, x, y)


def test_levels_that_are_not_offered_are_listed() -> None:
    """Without it a batch that nobody tried would hide behind a percentage."""
    (report,) = judged(UpToEightRows(), "weight decay/gradient", examples=1, strength=2)
    assert report.verdict is Verdict.HOLDS
    assert report.levels_left_out == ("rows 9 and more",)


def test_who_builds_no_hidden_layer_is_judged_on_what_is_drawn() -> None:
    """Without it a linear model would be told that it was not tried, as plans of layers have nothing for it."""
    linear = builder(False, lambda network: not network.hidden)
    assert untried(judged(linear, "network", "batch/of one", examples=3), Subject(linear)) == []


def test_who_builds_widths_of_four_has_its_output_moved_where_there_is_no_hidden_layer() -> None:
    """Without it a plan of accepted networks would end the run as a fault of ours."""

    def fours(network: Network) -> bool:
        return network.inputs % 4 == 0 == network.units % 4 and all(layer.units % 4 == 0 for layer in network.hidden)

    (report,) = judged(builder(False, fours), "output/poisson/extreme gradient", examples=2)
    assert report.verdict in (Verdict.HOLDS, Verdict.UNDECIDED)


def test_a_method_that_is_refused_in_every_plan_is_not_said_to_be_tried() -> None:
    """Without it exit status 0 could be had by who answers where nothing can go wrong."""
    whole, part = UpToEightRows(), type("Three", (UpToEightRows,), {"least": 3})()
    for implementation, lines in ((whole, 0), (part, 1)):
        reports = judged(implementation, "weight decay", "batch/permuted rows")
        assert len(untried(reports, Subject(implementation))) == lines


def test_a_slip_of_the_pen_is_told() -> None:
    """Without it `gradients` would be missing from the table, and nobody hear of it."""

    class Misspelt:
        name, dtypes = "mine", ("float32",)
        loss, gradients, helper = staticmethod(reference.loss), staticmethod(reference.gradient), staticmethod(print)

    assert Subject(Misspelt()).boundary.offer.misspelt == (("gradients", "gradient"),)


def test_not_implemented_is_not_offered_on_that_case() -> None:
    """Without it one output that is not there yet would fail every law."""

    class WithoutPoisson(TanhAndSoftmax):
        supports = None

        def gradient(self, network: Network, parameters: Any, x: Any, y: Any) -> Any:
            if network.output.name == "poisson":
                raise NotImplementedError
            return reference.gradient(network, parameters, x, y)

    verdicts = {report.law.name: report.verdict for report in judged(WithoutPoisson(), "network", "output")}
    assert verdicts["output/poisson/gradient"] is Verdict.NOT_OFFERED
    assert verdicts["network/gradient"] is verdicts["output/laplace/gradient"] is Verdict.HOLDS


def test_what_is_refused_nearly_always_does_not_hold() -> None:
    """Without it who refuses every case but one where the gradient is 0 would hold, though it doubles the gradient."""

    class OneRow(TanhAndSoftmax):
        supports = None

        def gradient(self, network: Network, parameters: Any, x: Any, y: Any) -> Any:
            if len(x) > 1 or network.units > 1 or network.inputs > 1:
                raise NotImplementedError
            return reference.gradient(network, parameters, x, y)

    reports = judged(OneRow(), "network/gradient", "gradient/relu", examples=5, strength=2)
    assert {report.verdict for report in reports} <= {Verdict.UNDECIDED, Verdict.NOT_OFFERED}
    assert untried(reports, Subject(OneRow()))


def test_an_activation_that_is_not_supported_is_not_judged() -> None:
    """Without it an implementation without softplus would be wrong about it."""

    class ReluAlone:
        name, dtypes = "relu alone", ("float32",)
        activation = staticmethod(reference.activation)

        def supports_activation(self, name: str) -> bool:
            return name == "relu"

    held = {report.law.name for report in judged(ReluAlone()) if report.verdict is not Verdict.NOT_OFFERED}
    assert held == {"activation/relu/value", "state/activations", "arguments/activations", "nonfinite/value"}


def test_the_judge_s_own_cuts_are_not_blamed_on_the_implementation() -> None:
    """Without it a case cut to one row would be halved to none by a law, and the empty batch be an error."""

    class FirstRowTwice(TanhAndSoftmax):
        supports = None

        def gradient(self, network: Network, parameters: Any, x: Any, y: Any) -> Any:
            assert len(x), "empty batch"
            rows = np.arange(len(x)).repeat([2, *([1] * (len(x) - 1))])
            return reference.gradient(network, parameters, x[rows], y[rows])

    subject = Subject(FirstRowTwice())
    (report,) = run(matching(("batch/sum of parts",)), subject.dtypes, subject)
    assert report.verdict is Verdict.WRONG
    assert "empty batch" not in report.message
