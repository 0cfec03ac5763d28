"""Outputs far from 0 are moved there, and nothing else is."""

from __future__ import annotations

import math

import numpy as np
import pytest

from ffn import Hidden, Network, Output, reference
from ffn.cases.networks import NothingSupported, Supported
from ffn.cases.plan import NoCase
from ffn.cases.probes import (
    BELOW,
    EXTREMES,
    extremes_plan,
)
from ffn.numbers.precision import precision

NONE = {"activations": (), "outputs": (), "reductions": (), "functions": (), "depths": ()}


@pytest.mark.parametrize("dtype", ["float16", "float32"])
@pytest.mark.parametrize("output", EXTREMES)
def test_outputs_are_moved_to_their_extremes(output: str, dtype: str) -> None:
    """Without it a rate that is clipped, or a variance that is clamped, would stay inside of its clip."""
    plan = extremes_plan(dtype, output)
    assert plan.factors["extreme"] == tuple(EXTREMES[output])
    assert (plan.factors["depth"], plan.factors["rows"], plan.factors["reduction"]) == ((0,), (1, 2, 3), ("sum",))
    assert [each.name for each in plan.factors["output"]] == [output]
    share = 1.0 if dtype == "float32" else {"poisson": 1 / 8, "heteroscedastic": 1 / 8, "gaussian": 1 / 32}[output]
    unit = math.log(precision(dtype).largest) - BELOW if output == "poisson" else 1
    for name, move in EXTREMES[output].items():
        own = {"extreme": name, "rows": 3, "units": 2, "magnitude": 0, "data": "plain"}
        levels = plan.rows()[7] | own | dict.fromkeys(("weights", "biases", "targets"), "plain")
        case = plan.case(levels, "0")
        b = case.parameters[0][1].astype(float)
        moved = b[2:] if output == "heteroscedastic" else b
        assert (np.abs(moved - share * move * unit) <= 1.01).all()
        assert (np.abs(b[: len(b) - len(moved)]) <= 1.01).all()
        assert case.dtype == dtype
        z = reference.forward(case.network, case.parameters, case.x).astype(float)
        if output == "gaussian":
            assert (np.abs(case.y.astype(float) - z) <= 0.5 + 0.1 * (dtype == "float16")).all()
            assert (np.abs(case.y.astype(float) - z) > (0.12 if dtype == "float32" else -1)).all()
        else:
            assert case.y.any()


def test_extremes_are_those_of_an_output_without_hidden_layers() -> None:
    """Without it a listed network with hidden layers would end the run."""
    listed = Supported(networks=(Network(1, 1, Output("poisson"), (Hidden(1),), "sum"),))
    plan = extremes_plan("float32", "poisson", listed)
    with pytest.raises(NoCase, match="without hidden layers"):
        plan.case(plan.rows()[0], "0")
    mean = Supported(reductions=("mean",))
    assert extremes_plan("float32", "poisson", mean).factors["reduction"] == ("mean",)
    with pytest.raises(NothingSupported, match="no depth of 0"):
        extremes_plan("float32", "poisson", Supported(depths=(1,)))
    for missing in ("outputs", "reductions", "depths"):
        with pytest.raises(NothingSupported, match=f"no {missing.removesuffix('s')} of"):
            extremes_plan("float32", "poisson", Supported(**{missing: NONE[missing]}))  # type: ignore[arg-type]
