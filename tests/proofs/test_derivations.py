"""Every derivation reaches the badge that it declares, and every wrong step planted in it is refused."""

from __future__ import annotations

from typing import Any

import pytest

from ffn.network import backward
from proofs.chapters.limits.derivations import layers
from proofs.chapters.notes import derivations
from proofs.engine.check import check, refused_by
from proofs.engine.derivation import Derivation, WrongStep

ALL = derivations()
PROVERS = {"general", "premise", "sign"}
PLANTED = [(derivation, planted) for derivation in ALL for planted in derivation.planted]


@pytest.mark.parametrize("derivation", ALL, ids=lambda derivation: derivation.name)
def test_a_derivation_reaches_its_badge(derivation: Derivation) -> None:
    """A formula in the notes, or in the code, would be wrong or less proved than it says."""
    outcome = check(derivation)
    assert outcome.holds, outcome.refusals
    assert not outcome.refusals


@pytest.mark.parametrize(
    ("derivation", "planted"), PLANTED, ids=[f"{derivation.name}: {planted.name}" for derivation, planted in PLANTED]
)
def test_a_planted_wrong_step_is_refused_twice(derivation: Derivation, planted: WrongStep) -> None:
    """A check that lets it through would prove nothing: what proves and what refutes are asked alone."""
    refused = set(refused_by(derivation, planted))
    assert (refused & PROVERS and "numeric" in refused) or refused in ({"code"}, {"count"})


def test_every_derivation_has_a_name_of_its_own() -> None:
    """The command could not choose between two."""
    assert len({derivation.name for derivation in ALL}) == len(ALL)


@pytest.mark.parametrize("derivation", ALL, ids=lambda derivation: derivation.name)
def test_a_derivation_says_what_it_states_assumes_and_owes(derivation: Derivation) -> None:
    """A student would not know what is proved, from what, or where to read on."""
    assert derivation.statement or derivation.claims
    assert derivation.source
    assert all(step.because for chain in derivation.all_chains for step in chain.steps)


def test_a_bug_in_the_code_breaks_the_derivation_that_is_tied_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The ties would compare the derivation with itself."""
    right = backward.affine_vjp

    def mean_of_the_biases(xp: Any, x: Any, dz: Any, decay: Any) -> Any:
        dW, db = right(xp, x, dz, decay)
        return dW, db / x.shape[0]

    monkeypatch.setattr(backward, "affine_vjp", mean_of_the_biases)
    refusals = check(layers.biases).refusals
    assert [(refusal.step, refusal.checks) for refusal in refusals] == [("db", ("code",))]


@pytest.mark.parametrize("derivation", ALL, ids=lambda derivation: derivation.name)
def test_every_tie_is_planted_with_a_wrong_claim(derivation: Derivation) -> None:
    """A tie that compares nothing would pass."""
    wrong = {planted.at for planted in derivation.planted}
    assert not derivation.ties or wrong & {tie.name for tie in derivation.ties}
    assert all(tie.code.startswith("ffn") for tie in derivation.ties)
