"""Reverse mode: the cotangents of every array of a formula."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np

from ffn.admissible.formula.operations.values import Value

if TYPE_CHECKING:
    from ffn.admissible.formula.operations.core import Core
    from ffn.admissible.formula.operations.forms import Namespace


def pulled_back(
    xp: Namespace, outputs: Sequence[Value], cotangents: Sequence[Value], inputs: Sequence[Value]
) -> list[Value]:
    """Reverse mode: the cotangents of the inputs. Those that meet in one array add up in any order."""
    xp.going_back = True
    arriving: dict[int, list[Value]] = {}
    for output, cotangent in zip(outputs, cotangents, strict=True):
        arriving.setdefault(id(output), []).append(cotangent)
    found: dict[int, Value] = {}
    for value in reversed(ordered(outputs)):
        if id(value) in arriving:
            found[id(value)] = g = xp.arrived(value, arriving.pop(id(value)))
            for parent, back in () if value.stopped else value.parents:
                arriving.setdefault(id(parent), []).append(back(g))
    return [found[id(value)] if id(value) in found else xp.given(np.zeros(value.shape)) for value in inputs]


def ordered(outputs: Sequence[Value]) -> list[Value]:
    """Every array that the outputs hang on, each after its operands."""
    done: dict[int, Value] = {}
    waiting = [(output, False) for output in outputs]
    while waiting:
        value, ready = waiting.pop()
        if ready:
            done[id(value)] = value
        elif id(value) not in done:
            waiting.append((value, True))
            waiting += [(parent, False) for parent, _ in value.parents if id(parent) not in done]
    return list(done.values())


@contextmanager
def in_exact_arithmetic(xp: Core) -> Iterator[None]:
    """For derivatives that nobody computes: they do not round, and are not differentiated."""
    model, record = xp.arithmetic, xp.record
    xp.arithmetic, xp.record = None, False
    try:
        yield
    finally:
        xp.arithmetic, xp.record = model, record
