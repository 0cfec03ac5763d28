"""Every derivation, in the order of the notes: networks, optimisation, activations, maxout, cost, approximation."""

from __future__ import annotations

from proofs.derivations import (
    activations,
    approximation,
    backpropagation,
    categorical,
    cited,
    layers,
    likelihood,
    linearity,
    maxout,
    minima,
    nonconvexity,
    outputs,
    sampling,
    sigmoids,
    softmax,
)
from proofs.engine.derivation import Derivation

SUBJECTS = (
    layers,
    linearity,
    backpropagation,
    nonconvexity,
    sampling,
    sigmoids,
    activations,
    maxout,
    softmax,
    categorical,
    outputs,
    likelihood,
    minima,
    approximation,
    cited,
)

ALL: tuple[Derivation, ...] = tuple(derivation for subject in SUBJECTS for derivation in subject.DERIVATIONS)
