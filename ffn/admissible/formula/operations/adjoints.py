"""Reverse mode: the cotangents of every array of a formula, and what each rounding does to an entry of its answer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ffn.admissible.formula.operations.forms import Namespace
from ffn.admissible.formula.operations.values import Value


def pulled_back(
    xp: Namespace, outputs: Sequence[Value], cotangents: Sequence[Value], inputs: Sequence[Value]
) -> list[Value]:
    """Reverse mode: the cotangents of the inputs. Those that meet in one array add up in any order."""
    xp.going_back = True
    found = adjoints(xp, outputs, cotangents)
    return [found[id(value)] if id(value) in found else xp.given(np.zeros(value.shape)) for value in inputs]


def adjoints(xp: Namespace, outputs: Sequence[Value], cotangents: Sequence[Value]) -> dict[int, Value]:
    """The cotangent of every array that the outputs hang on, by ``id``."""
    arriving: dict[int, list[Value]] = {}
    for output, cotangent in zip(outputs, cotangents, strict=True):
        arriving.setdefault(id(output), []).append(cotangent)
    found: dict[int, Value] = {}
    for value in reversed(ordered(outputs)):
        if id(value) in arriving:
            found[id(value)] = g = xp.total(arriving.pop(id(value)))
            for parent, back in value.parents:
                arriving.setdefault(id(parent), []).append(back(g))
    return found


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


def rounding_shares(
    xp: Namespace, outputs: Sequence[Value], output: int, index: tuple[int, ...]
) -> list[tuple[float, Value]]:
    """How far the rounding of each operation can move an entry of an output: sup |∂out/∂e| ρ, and infinite in total
    where a branch hangs on a rounding.

    A program's answer is F(e), where e are its roundings, |e| ≤ ρ, each added to the result of its operation; between
    F(0), the true value, and F(e) lies Σ ∂F/∂eᵢ eᵢ at some roundings of the same bounds (the mean value theorem; of
    continuous functions with kinks, Lebourg's). All values there are in the enclosures, over which the derivatives
    are enclosed.
    """
    cotangents = [np.zeros(value.shape) for value in outputs]
    cotangents[output][index] = 1.0
    model, record = xp.arithmetic, xp.record
    xp.arithmetic, xp.record = None, False  # derivatives in exact arithmetic
    try:
        found = adjoints(xp, outputs, [xp.given(each) for each in cotangents])
    finally:
        xp.arithmetic, xp.record = model, record
    shares = []
    for value in ordered(outputs):
        if value.error is not None and id(value) in found:
            slope = found[id(value)].x.magnitude()
            error = np.broadcast_to(value.error, slope.shape)
            moved = np.where((error == 0) | (slope == 0), 0, slope * error)
            shares.append((float(moved.sum()) * (1 + 2.0**-20), value))
    return shares
