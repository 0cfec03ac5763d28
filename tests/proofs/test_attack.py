"""The provers under attack: true theorems changed at random into false ones, none of which is accepted."""

from __future__ import annotations

from collections import Counter
from itertools import islice

import pytest
from hypothesis import settings

from proofs.engine.check import claims, steps
from proofs.engine.check.setting import Setting
from tests.proofs.attack import MUTATIONS, accepted, mutants

THOROUGH = settings.default is not None and settings.default.max_examples > 200
COUNT = 2000 if THOROUGH else 200


def without_sampling(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the provers alone: what only refutes would hide what they accept."""
    monkeypatch.setattr(steps, "refuted", lambda *arguments: None)
    monkeypatch.setattr(claims, "_of_any_function", lambda *arguments: ())
    monkeypatch.setattr(Setting, "points", lambda self, exprs: [None])


def test_no_false_theorem_is_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    """A badge would say nothing: each of these is false at a point that was computed."""
    found = list(islice(mutants(seed=0), COUNT))
    without_sampling(monkeypatch)
    assert [mutant.label for mutant in found if accepted(mutant)] == []
    kinds = Counter(mutant.kind for mutant in found)
    assert len(kinds) >= len(MUTATIONS) - 2, kinds
