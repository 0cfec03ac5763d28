"""Loading the implementation that a user names, in a process of its own or in this one."""

from __future__ import annotations

from ffn.conformance.implementation.boundary.isolation.isolated import Isolated
from ffn.conformance.implementation.boundary.isolation.limits import Limits
from ffn.conformance.implementation.errors import LoadingError
from ffn.conformance.implementation.finding import found
from ffn.conformance.implementation.subject import Subject

__all__ = ["Limits", "LoadingError", "load"]


def load(spec: str, isolate: bool = True, limits: Limits | None = None) -> Subject:
    """The implementation that ``finding.found`` finds by this name.

    Args:
        spec: the name.
        isolate: whether it is loaded and called in a process of its own; its code is not imported here then.
        limits: of that process.

    Raises:
        LoadingError: when it cannot be had.
    """
    if isolate:
        return Subject.behind(Isolated(spec, limits or Limits()))
    return Subject(found(spec), lambda: found(spec, afresh=True))
