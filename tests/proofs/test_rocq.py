"""Which theorem of Rocq goes with which derivation, and that its files assume nothing; Rocq itself has a session."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from proofs.chapters.notes import derivations
from proofs.rocq import command
from proofs.rocq.compile import axioms_of, compiled, compiler, required_by
from proofs.rocq.mutants import MUTANTS
from proofs.rocq.theorems import AXIOMS, FILES, THEOREMS, THEORIES, RocqTheorem, of_derivation

WITH = {
    "rounding errors of a sum in every order": {"float_sum", "float_dot"},
    "Jensen's inequality": {"jensen"},
    "sigmoid, range": {"sigma_range", "sigma_opp"},
    "sigmoid, slope": {"slope", "slope_le", "slope_attained", "slope_even"},
    "sigmoid, saturation": {"saturation"},
    "sigmoid, second derivative": {"second", "second_le"},
    "sigmoid is ¼-Lipschitz": {"lipschitz"},
    "sigmoid, third derivative": {"third_le"},
    "categorical NLL": {"gradient"},
    "categorical NLL, Hessian": {"nll_second", "variance_pos", "variance_le"},
    "softmax, Jacobian": {"jacobian"},
    "log-sum-exp, bounds": {"lse_bounds"},
    "backpropagation": {"backpropagation"},
    "maxout's best approximation of x²": {"lower_bound", "attained"},
    "log u ≤ u − 1": {"ln_below"},
    "NLL, cross-entropy and KL": {"divergence_nonneg", "divergence_zero"},
    "ridge makes the minimum unique": {"unique", "decayed_minimum"},
    "no free lunch": {"no_free_lunch", "off_the_training_set"},
    "interpolation error": {"chord_error", "error_of_ramps"},
    "universal approximation": {"universal"},
    "squares are not universal": {"a_quarter_away", "reached_by_two"},
}


def test_theorems_go_with_these_derivations() -> None:
    """A badge could come to stand beside another theorem than the one that Rocq has checked."""
    names = {name for theorem in THEOREMS for name in theorem.derivations}
    assert {name: {theorem.name for theorem in of_derivation(name)} for name in names} == WITH
    assert names <= {derivation.name for derivation in derivations()}


@pytest.mark.parametrize("theorem", THEOREMS, ids=lambda theorem: theorem.name)
def test_a_theorem_is_in_its_file_with_all_that_is_given(theorem: RocqTheorem) -> None:
    """A page would show half of it: not its proof, but every hypothesis of the sections that are open."""
    assert theorem.statement.endswith(".")
    assert "Proof" not in theorem.statement
    assert (
        theorem.file != "Convexity"
        or theorem.name not in ("divergence_zero", "unique")
        or "Hypothesis" in theorem.given
    )


def test_a_theorem_that_is_not_there_is_refused() -> None:
    """A misspelt name would show nothing."""
    with pytest.raises(LookupError):
        _ = RocqTheorem("Sums", "no_such_lemma").statement


def test_every_file_is_compiled() -> None:
    """One could lie there that Rocq has never seen."""
    assert {path.stem for path in THEORIES.glob("*.v")} == set(FILES)


@pytest.mark.parametrize("file", FILES)
def test_nothing_is_assumed(file: str) -> None:
    """A theorem could rest on what was never proved; that its hypotheses are met is for Sanity.v and its users."""
    text = re.sub(r"\(\*.*?\*\)", "", (THEORIES / f"{file}.v").read_text(encoding="utf-8"), flags=re.S)
    assert re.findall(r"\b(Admitted|admit|Axiom|Axioms|Parameter|Conjecture|Abort|give_up)\b", text) == []


def test_axioms_are_read_as_they_are_printed() -> None:
    """One of our own would be overlooked."""
    printed = "Axioms:\nClassicalDedekindReals.sig_not_dec\n  : forall P : Prop, {~ ~ P} + {~ P}\nmine : False\n"
    assert axioms_of(printed) - AXIOMS == {"mine"}
    assert axioms_of("Closed under the global context\n") == set()
    with pytest.raises(ValueError, match="not understood"):
        axioms_of("Error: mine is not defined")


def test_a_file_waits_for_those_that_it_requires() -> None:
    """It would be refused where two are compiled at once."""
    assert required_by("Sanity") == ["Summation", "Backprop"]
    assert required_by("Sums") == []
    assert all(FILES.index(name) < place for place, file in enumerate(FILES) for name in required_by(file))


@pytest.mark.skipif(compiler() is None, reason="no coqc on PATH")
def test_an_axiom_of_our_own_is_told_with_its_theorem(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """One theorem of many could rest on it: all are asked about at once."""
    wrong = "Axiom mine : False.\nTheorem wrong : 1 = 2.\nProof. destruct mine. Qed.\n"
    (tmp_path / "Planted.v").write_text(f"Theorem right : 1 = 1.\nProof. reflexivity. Qed.\n{wrong}")
    assert compiled(tmp_path, "Planted") == ""
    monkeypatch.setattr(command, "THEOREMS", [RocqTheorem("Planted", name) for name in ("right", "wrong")])
    assert command._axioms(tmp_path) == ["Planted.wrong rests on Planted.mine"]


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: f"{mutant.file}: {mutant.after[:40]}")
def test_a_mutant_changes_its_file(mutant) -> None:
    """It would be refused for nothing, or accepted as what it was."""
    assert mutant.text != (THEORIES / f"{mutant.file}.v").read_text(encoding="utf-8")


def test_every_file_that_proves_something_has_mutants() -> None:
    """Its statements could be weaker than they look, and nobody would have tried."""
    assert set(Counter(mutant.file for mutant in MUTANTS)) == set(FILES) - {"Sums", "Sanity"}


def test_what_rocq_is_said_to_prove_is_there() -> None:
    """A page would send who doubts an argument in words to a theorem that is not on it; none is left in words alone."""
    for derivation in derivations():
        there = {theorem.name for theorem in of_derivation(derivation.name)}
        assert all(each.rocq and {*each.rocq} <= there for each in derivation.worded)
