"""Causes: one slip is one finding, however many laws meet it."""

from __future__ import annotations

from typing import Any

import numpy as np

from ffn import Hidden, Network, Output
from ffn.admissible import Examination, Outside
from ffn.cases.case import ActivationCase, Case
from ffn.conformance.laws import ALL
from ffn.conformance.report.causes import causes
from ffn.conformance.running.tally import LawReport
from ffn.conformance.verdict import Verdict


def case(
    *hidden: str, output: str = "gaussian", rows: int = 1, weight_decay: float = 0.0, reduction: str = "mean"
) -> Case:
    """Zeros, through these hidden layers."""
    network = Network(1, 1, Output(output), tuple(Hidden(1, name) for name in hidden), reduction, weight_decay)
    parameters = tuple((np.zeros(W), np.zeros(b)) for W, b in network.shapes)
    return Case(network, parameters, np.zeros((rows, 1)), np.zeros((rows, 1)))


def activation(name: str) -> ActivationCase:
    return ActivationCase(name, np.zeros(1))


def found(failing: dict[str, Any], verdict: Verdict = Verdict.WRONG) -> dict[str, set[str]]:
    """The causes, with their laws, where these laws fail with these smallest cases, and all others hold."""
    reports = [
        LawReport(law, "float64", verdict, counterexample=failing[law.name], examination=outside(law.speaks_of))
        if law.name in failing
        else LawReport(law, "float64", Verdict.HOLDS)
        for law in ALL
    ]
    return {cause.name: set(cause.laws) for cause in causes(reports)}


def outside(needs: tuple[str, ...]) -> Examination:
    """What the examination says of the place, where the law calls one method."""
    path = {"forward": "output[0, 0]", "loss": "loss", "gradient": "layer 0, b[0]"}.get("".join(needs))
    return Examination(Outside(path, 0.0, 0, 0.0, "float64")) if path else Examination()


def all_laws(chapter: str, example: Any) -> dict[str, Any]:
    return {law.name: example for law in ALL if law.name.startswith(f"{chapter}/") and "gradient" in law.speaks_of}


def test_a_slip_in_softplus_is_one_finding() -> None:
    """Without it one wrong function would be reported as four."""
    failing = {
        "activation/softplus/value": activation("softplus"),
        "gradient/softplus": case("softplus"),
        "network/output": case("relu", "softplus"),
        "batch/permuted rows": case("softplus", rows=2),
    }
    assert found(failing) == {"softplus": set(failing)}


def test_two_slips_are_two_findings() -> None:
    """Without it the second would show only when the first is mended."""
    softplus = {"activation/softplus/value": activation("softplus"), "network/output": case("softplus")}
    poisson = {"output/poisson/loss": case(output="poisson"), "confidence/right": case(output="poisson")}
    assert found(softplus | poisson) == {"softplus": set(softplus), "poisson": set(poisson)}


def test_where_every_element_fails_it_is_the_method() -> None:
    """Without it a bias gradient that is averaged would be as many findings as there are activations and outputs."""
    laws = ("gradient", "output", "network", "weight decay", "batch", "maxout")
    failing = {name: example for chapter in laws for name, example in all_laws(chapter, case(rows=2)).items()}
    assert found(failing) == {"gradient": set(failing)}


def test_a_wrong_loss_is_put_down_to_the_loss_of_a_law_on_several_answers() -> None:
    """Without it a slip in every loss would be as many findings as there are laws on networks."""
    losses = all_losses = {law.name: case(rows=2) for law in ALL if law.speaks_of == ("loss",) and law.part is None}
    both = {law.name: case(rows=2) for law in ALL if law.name in ("batch/of one", "reduction/mean", "reduction/sum")}
    reports = [
        LawReport(law, "float64", Verdict.WRONG, counterexample=case(rows=2), examination=outside(("loss",)))
        if law.name in losses | both
        else LawReport(law, "float64", Verdict.HOLDS)
        for law in ALL
    ]
    assert {cause.name: set(cause.laws) for cause in causes(reports)} == {"loss": set(all_losses | both)}


def test_a_mean_taken_twice_is_the_mean() -> None:
    """Without it every output would be blamed, for each of them has a mean in its smallest case."""
    losses = {
        law.name: case(rows=2)
        for law in ALL
        if "loss" in law.speaks_of and law.part is None and not law.name.startswith("purity")
    }
    del losses["reduction/sum"]
    assert found(losses) == {"mean": set(losses)}


def test_decay_is_an_element() -> None:
    """Without it what is wrong of the penalty would stand under the network."""
    failing = {"weight decay/gradient": case(weight_decay=0.1), "network/gradient": case(weight_decay=0.1)}
    assert found(failing) == {"weight decay": set(failing)}


def test_what_no_element_explains_keeps_its_chapter() -> None:
    """Without it a tile that loses its last row would have no name."""
    assert found({"batch/beyond a tile": case("relu", rows=65)}) == {"batch": {"batch/beyond a tile"}}


def test_exceptions_are_grouped_by_type_and_place_else_by_their_words() -> None:
    """Without it one exception would be as many findings as there are shapes."""
    messages = {
        "network/gradient": "gradient raised ValueError: shapes (3, 4)\nand (2,) (mine.py:12)",
        "network/loss": "loss raised ValueError: shapes (7,) and (1, 1) (mine.py:12)",
        "gradient/relu": "gradient raised ValueError: no relu (mine.py:40)",
        "gradient/tanh": "gradient returned shape (1, 2), not (2, 1)",
        "gradient/identity": "gradient returned shape (3,), not ()",
        "gradient/sigmoid": "w" * 100,
        "gradient/softplus": "off by -1.5e-07",
        "gradient/absolute": "off by 2e+03",
    }
    reports = [
        LawReport(law, "float64", Verdict.ERROR, message=messages[law.name]) for law in ALL if law.name in messages
    ]
    assert {cause.name: len(cause.reports) for cause in causes(reports)} == {
        "ValueError at mine.py:12": 2,
        "ValueError at mine.py:40": 1,
        "gradient returned shape …, not …": 2,
        "w" * 80: 1,
        "off by …": 2,
    }


def test_symptoms_come_after_causes_and_few_laws_before_many() -> None:
    """Without it a reader would begin with what becomes of arguments."""
    failing = {
        "purity/inputs untouched": case("relu"),
        "purity/second call": case("relu"),
        "activation/softplus/value": activation("softplus"),
        "gradient/softplus": case("softplus"),
        "output/poisson/loss": case(output="poisson"),
    }
    assert list(found(failing))[:2] == ["poisson", "softplus"]
    assert set(list(found(failing))[2:]) == {"purity/inputs untouched", "purity/second call"}


def test_the_finding_shown_is_of_a_plain_call_with_the_smallest_case() -> None:
    """Without it the arguments that are printed would not be those of the call."""
    failing = (
        all_laws("batch", case(rows=1)) | all_laws("gradient", case("relu", rows=2)) | all_laws("output", case(rows=2))
    )
    reports = [
        LawReport(law, "float64", Verdict.WRONG, counterexample=failing[law.name], examination=outside(law.speaks_of))
        for law in ALL
        if law.name in failing
    ]
    assert {cause.smallest.law.name for cause in causes(reports)} <= {"output/gaussian/gradient", "batch/of one"}
