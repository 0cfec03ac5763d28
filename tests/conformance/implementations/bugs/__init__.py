"""For every law the classic bugs of feedforward networks that it must reject by name."""

from __future__ import annotations

from ffn.conformance.verdict import Verdict
from ffn.network.activations import ELEMENTWISE
from tests.conformance.implementations.buggy import BuggyImplementation, OffByAThousandth
from tests.conformance.implementations.bugs import (
    activations,
    arguments,
    calls,
    exact,
    nonfinite,
    objective,
    parts,
    state,
)

# An activation that the textbook does not have yet: the laws that come with it reject this.
OF_ANY_ACTIVATION = (BuggyImplementation(OffByAThousandth(), Verdict.WRONG),)
LAWS_OF_ACTIVATIONS = ("activation/{}/value", "activation/{}/slope", "gradient/{}")

PLANTED: dict[str, tuple[BuggyImplementation, ...]] = {
    **{law.format(name): OF_ANY_ACTIVATION for name in ELEMENTWISE for law in LAWS_OF_ACTIVATIONS},
    **activations.BUGS,
    **objective.BUGS,
    **calls.BUGS,
    **arguments.BUGS,
    **exact.BUGS,
    **nonfinite.BUGS,
    **parts.BUGS,
    **state.BUGS,
}
