"""Parts that are offered by name: nobody is handed what they do not list, and their failures are shown like any other.

Claims: without ``parts`` no law of them is offered, and the other laws' cases hold none; a counterexample of dropout or
of a recurrent layer shrinks, runs as it is printed, fails again, and is written in hexadecimal.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from ffn.cases.case import Case
from ffn.cases.strategies import learned_variance_networks
from ffn.conformance.implementation.protocol import PARTS
from ffn.conformance.implementation.subject import Subject
from ffn.conformance.laws import ALL
from ffn.conformance.report.run import Run
from ffn.conformance.report.shown import failure
from ffn.conformance.report.written import Writer
from ffn.conformance.runner import LawReport, run_law
from ffn.conformance.simplify import candidates
from ffn.conformance.verdict import Verdict
from ffn.network.description import OUTPUTS
from tests.conformance.planted_bugs import PLANTED
from tests.conformance.textbook import Textbook

LAWS = {law.name: law for law in ALL}
OF_PARTS = [law for law in ALL if law.part is not None]


class Silent(Textbook):
    """The textbook network of before there were parts."""

    parts = ()

    def loss(self, network: Any, *given: Any) -> Any:
        assert network.output.name in OUTPUTS
        return super().loss(network, *given)


class WithoutAttribute:
    """An implementation that has never heard of parts."""

    dtypes = ("float32",)
    forward, loss, gradient = (lambda self, *given: None,) * 3


@pytest.mark.parametrize("law", OF_PARTS, ids=lambda law: law.name)
def test_who_says_nothing_is_not_offered_it(law) -> None:
    """Without it an implementation of the first network would fail on what it never promised."""
    for implementation in (Silent(), WithoutAttribute()):
        assert run_law(law, "float32", Subject(implementation)).verdict is Verdict.NOT_OFFERED


@pytest.mark.parametrize(
    "law", [law for law in ALL if law.part is None and "loss" in law.needs], ids=lambda law: law.name
)
def test_other_laws_hold_no_part(law) -> None:
    """Without it a part could come in through a law that everybody takes."""
    assert run_law(law, "float32", Subject(Silent()), examples=5, shrink=False).verdict is Verdict.HOLDS


def test_every_part_has_its_laws() -> None:
    """Without it a part could be promised and never judged."""
    assert {law.part for law in OF_PARTS} == set(PARTS)


def test_a_part_without_its_methods_is_not_offered() -> None:
    """Without it a name alone would be called, and fail."""
    bare = type("Bare", (WithoutAttribute,), {"parts": PARTS})()
    laws = [law for law in OF_PARTS if law.part in ("dropout", "recurrent")]
    assert {run_law(law, "float32", Subject(bare)).verdict for law in laws} == {Verdict.NOT_OFFERED}


def test_an_unknown_part_is_refused() -> None:
    """Without it a typing error would silently offer nothing."""
    with pytest.raises(TypeError, match="unknown part 'dropuot'"):
        Subject(type("Misspelt", (Textbook,), {"parts": ("dropuot",)})())


def test_a_recurrent_layer_that_is_not_supported_is_not_judged() -> None:
    """Without it a framework with tanh alone would fail on relu."""
    none = type("None", (Textbook,), {"supports_recurrent": lambda self, recurrent: False})()
    assert run_law(LAWS["recurrent/output"], "float32", Subject(none), 3).verdict is Verdict.NOT_OFFERED


# counterexamples


def found(law: str, bug: str) -> LawReport:
    """The shrunk failure, pasted from what is printed, judged again, and read back from the JSON."""
    planted = next(planted for planted in PLANTED[law] if planted.name == bug)
    report = run_law(LAWS[law], planted.dtype, Subject(planted.implementation))
    names: dict[str, Any] = {}
    exec(report.counterexample.to_python(), names)
    case = report.counterexample
    fields = {name: names[name] for name in case.__dataclass_fields__}
    assert LAWS[law](replace(case, **fields), Subject(planted.implementation)).verdict is report.verdict
    (entry,) = json.loads(Writer(Run("bug", 0, reports=[report])).text())["laws"]
    hexadecimal = np.ravel(entry["counterexample"]["x"]["hex"])
    assert [float.fromhex(value) for value in hexadecimal] == case.x.ravel().tolist()
    assert str(report.verdict) in failure(report).plain
    return report


def test_an_input_never_dropped_shrinks_to_one_input_and_its_mask() -> None:
    """Without it masks would be cut down without the units that they belong to."""
    case: Case = found("dropout/output", "inputs never dropped").counterexample
    assert {W for W, _ in case.network.shapes} == {(1, 1)}
    assert [mask.tolist() for mask in case.masks] == [[[0]], *[[[1]]] * len(case.network.hidden)]


def test_a_truncated_gradient_shrinks_to_two_steps() -> None:
    """Without it the step where the gradient stops would have to be searched for."""
    case: Case = found("recurrent/gradient", "truncated after one step").counterexample
    assert case.x.shape == (1, 2, 1)


def test_recurrent_weights_not_transposed_shrink_to_a_square() -> None:
    """Without it nobody would see that U and its transpose must differ."""
    case: Case = found("recurrent/gradient", "U not transposed, which is square").counterexample
    U = case.parameters[0][1]
    assert U.shape == (2, 2)
    assert (U != U.T).any()


def test_a_wrong_mixture_shrinks_to_one_target_of_two_components() -> None:
    """Without it units would be taken away that no longer make whole targets."""
    case: Case = found("output/mixture/gradient", "responsibilities replaced by the weights").counterexample
    assert (case.network.units, case.network.output.components, len(case.x)) == (6, 2, 1)


def test_whole_targets_and_components_are_taken_away() -> None:
    """Without it the means of one target would be read as the logits of another."""
    from hypothesis import find, settings

    network = find(
        learned_variance_networks("mixture"),
        lambda network: network.targets == 2 and network.output.components == 3,
        settings=settings(database=None, derandomize=True),
    )
    W = np.arange(18.0)[None, :]  # logits 0–5, means 6–11, log-variances 12–17, three of the first target, then three
    case = Case(replace(network, inputs=1), ((W, W[0]),), np.ones((1, 1)), np.array([[7.0, 8.0]]))
    smaller = [c for c in candidates(case) if c.network.units < 18]
    assert [c.parameters[0][1].tolist() for c in smaller[:3]] == [
        [3, 4, 5, 9, 10, 11, 15, 16, 17],
        [0, 1, 2, 6, 7, 8, 12, 13, 14],
        [1, 2, 4, 5, 7, 8, 10, 11, 13, 14, 16, 17],
    ]
    assert [c.y.tolist() for c in smaller[:2]] == [[[8.0]], [[7.0]]]
