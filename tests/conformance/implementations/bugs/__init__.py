"""For every law the classic bugs of feedforward networks that it must reject by name."""

from __future__ import annotations

from tests.conformance.implementations.buggy import BuggyImplementation
from tests.conformance.implementations.bugs import activations, calls, objective, parts

PLANTED: dict[str, tuple[BuggyImplementation, ...]] = {
    **activations.BUGS,
    **objective.BUGS,
    **calls.BUGS,
    **parts.BUGS,
}
