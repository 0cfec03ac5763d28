"""The adapter of autograd: its answers are admissible, one method after the other."""

from __future__ import annotations

import numpy as np
import pytest

from ffn import ActivationCase, admissible
from ffn.conformance.implementation.adapters import autograd
from tests.conformance.verdicts.stubs import network_case

CASE = network_case(np.float64)


@pytest.mark.parametrize("name", ["forward", "loss", "gradient"])
def test_a_method_has_the_answer_of_its_name(name: str) -> None:
    """Without it the adapter could answer another question, in every law the same."""
    method = autograd.differentiated("loss") if name == "gradient" else autograd.computed(name)
    answer = method(autograd.implementation, *CASE.arguments(name))
    examination = admissible.answers(name, CASE).examine(answer)
    assert (examination.outside, examination.undecided) == (None, 0)


@pytest.mark.parametrize("activation", ["tanh", "relu", "softplus"])
def test_a_slope_is_that_of_its_activation(activation: str) -> None:
    """Without it every activation could have the slope of one."""
    case = ActivationCase(activation, np.linspace(-2, 2, 8))
    for name in ("activation", "slope"):
        answer = getattr(autograd.implementation, name)(activation, case.z)
        assert admissible.answers(name, case).examine(answer).outside is None
