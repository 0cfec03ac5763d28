"""The objective around the likelihood: reduction over the batch and weight decay."""

from __future__ import annotations

from functools import partial

from hypothesis import strategies as st

from ffn.cases import levels as standard
from ffn.cases.networks import EVERYTHING, Supported
from ffn.cases.plan import Plan
from ffn.cases.planned import network_plan
from ffn.cases.strategies import network_cases
from ffn.conformance.law import Law

# Without poisson: a mistake in its constant, which libraries approximate, is not one of the reduction.
OUTPUTS = ("gaussian", "laplace", "bernoulli", "categorical")
DECAYS = (0.5, 0.1, 2.0)
EVERY_DECAY = tuple(decay for decay in standard.DECAYS if decay)
_ROWS = st.integers(2, 5)


_drawn, _planned = partial(network_cases, outputs=OUTPUTS, max_depth=1), partial(network_plan, outputs=OUTPUTS)
_planned_by_rows = partial(_planned, depths=(1,))
_decayed = partial(_drawn, weight_decays=DECAYS)
_decayed_planned = partial(_planned, weight_decays=EVERY_DECAY, depths=(2,), of_layers=False)


def _reduced_planned(reduction: str, dtype: str, supported: Supported = EVERYTHING) -> Plan:
    rows = standard.long_batches(dtype)
    return _planned_by_rows(dtype, reductions=(reduction,), rows=rows, supported=supported)


LAWS = (
    Law(
        "reduction/mean",
        "The mean divides by the number of rows, once.",
        ("loss", "gradient"),
        partial(_drawn, reductions=("mean",), rows=_ROWS),
        plan=partial(_reduced_planned, "mean"),
    ),
    Law(
        "reduction/sum",
        "The sum divides by nothing.",
        ("loss", "gradient"),
        partial(_drawn, reductions=("sum",), rows=_ROWS),
        plan=partial(_reduced_planned, "sum"),
    ),
    Law(
        "weight decay/loss",
        "Weight decay adds (λ/2) Σ‖W‖², whatever the reduction, and leaves biases out.",
        ("loss",),
        _decayed,
        plan=_decayed_planned,
    ),
    Law(
        "weight decay/gradient",
        "Weight decay adds λW to the gradient of every W, and nothing to that of b.",
        ("gradient",),
        _decayed,
        plan=_decayed_planned,
    ),
)
