"""Parts that are offered by name: nobody is handed what they do not list.

Claims: without ``parts`` no law of them is offered, and the other laws' cases hold none.
"""

from __future__ import annotations

from typing import Any

import pytest

from ffn.conformance.implementation.protocol import PARTS
from ffn.conformance.implementation.subject import Subject
from ffn.conformance.laws import ALL
from ffn.conformance.running.runner import run_law
from ffn.conformance.verdict import Verdict
from ffn.network.description import OUTPUTS
from tests.conformance.implementations.textbook import Textbook

LAWS = {law.name: law for law in ALL}
OF_PARTS = [law for law in ALL if law.part is not None]


class Silent(Textbook):
    """The textbook network of before there were parts."""

    parts = ()
    concurrent = True  # or a law on threads would not be offered

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
    "law", [law for law in ALL if law.part is None and "loss" in law.speaks_of], ids=lambda law: law.name
)
def test_other_laws_hold_no_part(law) -> None:
    """Without it a part could come in through a law that everybody takes."""
    assert run_law(law, "float32", Subject(Silent()), examples=5, shrink=False, strength=1).verdict is Verdict.HOLDS


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
