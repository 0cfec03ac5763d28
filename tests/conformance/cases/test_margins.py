"""Confident predictions: every margin is for or against the target, as it is said to be."""

from __future__ import annotations

import math

import numpy as np
import pytest

from ffn import Hidden, Network, Output
from ffn.cases import strategies
from ffn.cases.networks import NothingSupported, Supported
from ffn.cases.probes import (
    confident_plan,
)
from ffn.numbers.precision import dtype_of, precision
from tests.conformance.cases.drawn import any_of

NONE = {"activations": (), "outputs": (), "reductions": (), "functions": (), "depths": ()}


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_margins_are_tried_for_and_against_every_target(dtype: str) -> None:
    """Without it a loss that is clipped, or a softmax that overflows, would be met by no case."""
    against, towards = (confident_plan(dtype, right) for right in (False, True))
    assert against.factors["margin"] == strategies.MARGINS
    most = 1 / math.sqrt(precision(dtype).unit_roundoff)
    assert towards.factors["margin"] == tuple(margin for margin in strategies.MARGINS if margin <= most)
    assert against.factors["favoured"] == (0, 1)
    for plan, right in ((against, False), (towards, True)):
        for place, levels in enumerate(plan.rows()):
            case = plan.case(levels, str(place))
            units, margin = case.network.units, dtype_of(dtype).type(levels["margin"])
            z = case.parameters[0][0][0]
            assert (case.network, case.dtype, case.x.tolist()) == (levels["network"], dtype, [[1]])
            assert z[levels["favoured"] % units] == margin
            assert (np.sort(np.abs(z.astype(float)))[:-1] < 2).all()
            assert not case.parameters[0][1].any()
            if units == 1:
                assert case.y.tolist() == [[float(right)]]
            else:
                assert (case.y[0] == levels["favoured"] % units) == right
                assert 0 <= case.y[0] < units


def test_confident_networks_are_bernoulli_and_of_two_to_four_classes() -> None:
    """Without it a softmax that is wrong for two classes alone would be tried on three."""
    found = [
        (network.output.name, network.units, network.inputs, network.hidden, network.reduction)
        for network in strategies.confident_heads()
    ]
    assert found == [("bernoulli", 1, 1, (), "sum"), *(("categorical", units, 1, (), "sum") for units in (2, 3, 4))]
    limited = Supported(outputs=("categorical", "gaussian"), reductions=("mean",))
    assert [(network.output.name, network.reduction) for network in strategies.confident_heads(limited)] == [
        ("categorical", "mean")
    ] * 3
    for missing in ("outputs", "reductions", "depths"):
        with pytest.raises(NothingSupported, match=f"no {missing.removesuffix('s')} of"):
            strategies.confident_heads(Supported(**{missing: NONE[missing]}))  # type: ignore[arg-type]
    one = strategies.confident_heads()[1]
    other = Network(1, 2, Output("categorical"), (Hidden(2),), "sum")
    drawn = any_of(strategies.confident_cases("float32", True, Supported(networks=(other, one))))
    assert drawn.network == one
    refusing = Supported(accepts=lambda network: network.units == 3)
    assert any_of(strategies.confident_cases("float32", False, refusing)).network.units == 3


def test_confident_cases_leave_the_logits_that_they_are_given() -> None:
    """Without it the case that follows would have another margin than its own."""
    logits = np.zeros(3, np.float32)
    case = strategies.confident(strategies.confident_heads()[2], logits, 30.0, 2, False)
    assert case.y.tolist() == [0]
    assert not logits.any()
