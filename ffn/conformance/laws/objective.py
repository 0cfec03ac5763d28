"""The objective around the likelihood: reduction over the batch and weight decay."""

from __future__ import annotations

from functools import partial

from hypothesis import strategies as st

from ffn.cases.case import Case
from ffn.cases.networks import EVERYTHING, Supported, networks
from ffn.cases.strategies import cases
from ffn.conformance.law import Law

# Without poisson: a mistake in its constant, which libraries approximate, is not one of the reduction.
OUTPUTS = ("gaussian", "laplace", "bernoulli", "categorical")
DECAYS = (0.5, 0.1, 2.0)


def _reduced(reduction: str, dtype: str, supported: Supported = EVERYTHING) -> st.SearchStrategy[Case]:
    drawn = networks(outputs=OUTPUTS, max_depth=1, reductions=(reduction,), supported=supported)
    return cases(dtype, drawn, st.integers(2, 5))


def _decayed(dtype: str, supported: Supported = EVERYTHING) -> st.SearchStrategy[Case]:
    return cases(dtype, networks(outputs=OUTPUTS, max_depth=1, weight_decays=DECAYS, supported=supported))


LAWS = (
    Law(
        "reduction/mean",
        "The mean divides by the number of rows, once.",
        ("loss", "gradient"),
        partial(_reduced, "mean"),
    ),
    Law(
        "reduction/sum",
        "The sum divides by nothing.",
        ("loss", "gradient"),
        partial(_reduced, "sum"),
    ),
    Law(
        "weight decay/loss",
        "Weight decay adds (λ/2) Σ‖W‖², whatever the reduction, and leaves biases out.",
        ("loss",),
        _decayed,
    ),
    Law(
        "weight decay/gradient",
        "Weight decay adds λW to the gradient of every W, and nothing to that of b.",
        ("gradient",),
        _decayed,
    ),
)
