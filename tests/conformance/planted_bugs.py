"""For every law the bugs that it must reject by name."""

from __future__ import annotations

from tests.conformance.bugs import Planted, activations, calls, objective, parts

PLANTED: dict[str, tuple[Planted, ...]] = {
    **activations.BUGS,
    **objective.BUGS,
    **calls.BUGS,
    **parts.BUGS,
}
