"""Loading the implementation that a user names, in a process of its own or in this one."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from ffn.conformance.implementation.boundary.isolation.isolated import Isolated
from ffn.conformance.implementation.boundary.isolation.limits import Limits
from ffn.conformance.implementation.errors import LoadingError
from ffn.conformance.implementation.finding import found
from ffn.conformance.implementation.subject import Subject

__all__ = ["Limits", "LoadingError", "begin", "load"]


def load(spec: str, isolate: bool = True, limits: Limits | None = None) -> Subject:
    """The implementation that ``finding.found`` finds by this name; ``begin`` says with what.

    Raises:
        LoadingError: when it cannot be had.
    """
    return begin(spec, isolate, limits or Limits())()


def begin(spec: str, isolate: bool, limits: Limits) -> Callable[[], Subject]:
    """Begin to load an implementation in a process of its own, where that is wanted, and go on meanwhile.

    Args:
        spec: the name.
        isolate: whether it is loaded and called in a process of its own; its code is not imported here then.
        limits: of that process.

    Returns:
        What waits until it is loaded, or else loads it, as ``load`` does.
    """
    if isolate:
        return partial(Subject.behind, Isolated(spec, limits))
    return lambda: Subject(found(spec), lambda: found(spec, afresh=True))
