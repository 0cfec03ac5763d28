"""Every derivation, in the order of the notes: networks, optimisation, activations, maxout, cost, approximation."""

from __future__ import annotations

from proofs.chapters.activations.derivations import activations, sigmoids
from proofs.chapters.cost.derivations import categorical, likelihood, minima, outputs, softmax
from proofs.chapters.limits.derivations import backpropagation, cited, layers
from proofs.chapters.maxout.derivations import maxout
from proofs.chapters.networks.derivations import approximation, linearity
from proofs.chapters.optimisation.derivations import nonconvexity, sampling
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
