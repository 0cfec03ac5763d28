"""Every exercise keeps what its author promises, and the check of that refuses those that do not."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from ffn.learn import catalogue, check
from ffn.learn.command import authoring
from ffn.learn.exercise import Entry, Misconception
from ffn.learn.kinds import Proof
from ffn.learn.kinds.exact import proof


@pytest.mark.parametrize("identifier", catalogue.places())
def test_an_exercise_keeps_its_promises(identifier: str) -> None:
    """Without it a template could count as wrong, a solution fail, a wrong idea bear another's name."""
    if isinstance(catalogue.entry(identifier).exercise, Proof):
        pytest.importorskip("z3")
    assert authoring.faults(catalogue.entry(identifier)) == []


ROOT = Path(__file__).parents[2]
CLAIMS = {path.stem for path in ROOT.glob("proofs/chapters/*/claims/*.md")}
DERIVATIONS = {
    name
    for path in ROOT.glob("proofs/chapters/*/derivations/*.py")
    for name in re.findall(r'^ +name="(.+)",$', path.read_text(encoding="utf-8"), re.M)
}


@pytest.mark.parametrize("identifier", catalogue.places())
def test_what_is_to_be_read_is_there(identifier: str) -> None:
    """Without it a message would send a student to a claim or a file that has been renamed since."""
    read = catalogue.entry(identifier).exercise.read
    assert set(re.findall(r"\bC\d+\b", read)) <= CLAIMS
    assert set(re.findall(r"derivation “(.+?)”", read)) <= DERIVATIONS
    assert all((ROOT / file).exists() for file in re.findall(r"\S+/\S+\.py", read))
    assert set(re.findall(r"\b\d\.\d+\b", read.partition("2016")[0])) <= set(catalogue.places())


def test_every_seed_of_a_bug_hunt_is_a_hunt() -> None:
    """Without it two bugs might cancel, or be put into one line, and a student find nothing to repair."""
    entry = catalogue.entry("3.10")
    begun = {entry.text(seed) for seed in range(20)}
    assert len(begun) > 10
    for seed in range(3):
        defined: dict[str, object] = {}
        exec(entry.text(seed), defined)
        finding = check("3.10", defined).finding
        assert finding.outcome == "wrong"
        assert len(finding.held) < finding.laws


def test_a_step_without_the_engine_is_neither_wrong_nor_right(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it who installed the wheel would be told that a right step is wrong."""
    monkeypatch.setattr(proof, "ENGINE", "proofs.engine_that_there_is_not")
    finding = check("9.1", lambda c, W: c).finding
    assert finding.outcome == "error"
    assert finding.message == proof.MISSING


def changed(**fields: object) -> Entry:
    entry = catalogue.entry("3.2")
    return replace(entry, exercise=replace(entry.exercise, **fields))


WRONG = "def relu_backward(dh, z):\n    return 2 * dh"
CALLED = Misconception("off by one", "Is 1 of 1?", lambda xp, dh, z: dh * xp.select(z, 1, 0) + 1)


@pytest.mark.parametrize(
    ("entry", "fault"),
    [
        (changed(template=WRONG), "the template is wrong"),
        (changed(solution=WRONG), "the solution is wrong"),
        (changed(hints=("`return dh * (z > 0)`", "none")), "hint 1 holds code"),
        (changed(misconceptions=()), "fewer than two"),
        (changed(misconceptions=(CALLED, replace(CALLED, name="twice"))), "“off by one” is called nothing"),
        (changed(misconceptions=(CALLED, replace(CALLED, rule=lambda xp, dh, z: dh * xp.select(z, 1, 0)))), "passes"),
    ],
    ids=["template", "solution", "hint", "number", "two names", "no misconception"],
)
def test_a_broken_promise_is_told(entry: Entry, fault: str) -> None:
    """Without it the check above might find nothing because it looks at nothing."""
    assert any(fault in found for found in authoring.faults(entry)), authoring.faults(entry)
