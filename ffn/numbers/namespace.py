"""What a number system offers to the forward and the backward pass."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

Array = Any  # an array of the number system: ndarray, BallArray, DualArray or an autograd box
Mask = npt.NDArray[np.bool_]


class Namespace(Protocol):
    """The functions that go through ``xp``.

    Arithmetic operators, ``.sum(axis)``, ``.reshape``, ``.T``, ``.shape`` and indexing work on the arrays themselves.

    Two kinds of branch are kept apart. ``select`` and ``maximum`` carry meaning: a ball that straddles the kink takes
    both sides. ``where`` with a ``detached_*`` choice is for numerical stability only: every choice gives the same
    value, so that nothing is differentiated through it and a ball decides by its midpoint.
    """

    def asarray(self, values: npt.ArrayLike) -> Array:
        """The given real numbers, exactly where the system can hold them."""

    def constant(self, text: str) -> Any:
        """The number that ``text`` writes, such as ``"1/10"``, ``"0.1"`` or ``"pi"``."""

    def ones_like(self, z: Array) -> Array: ...

    def affine(self, x: Array, W: Array, b: Array) -> Array:
        """``x @ W + b``, its terms added in any order."""

    def matmul(self, a: Array, b: Array) -> Array:
        """``a @ b``, its terms added in any order."""

    def stack(self, parts: Sequence[Array]) -> Array:
        """The parts along a new last axis."""

    def concatenate(self, parts: Sequence[Array]) -> Array:
        """The parts one after the other along the last axis."""

    def total(self, parts: Sequence[Array]) -> Array:
        """The sum of every entry of every part, added in any order."""

    def exp(self, z: Array) -> Array: ...

    def log(self, z: Array) -> Array: ...

    def log1p(self, z: Array) -> Array: ...

    def tanh(self, z: Array) -> Array: ...

    def lgamma(self, z: Array) -> Array:
        """log Γ(z). Applied to targets alone, so that no system differentiates it."""

    def maximum(self, a: Array, b: Array) -> Array: ...

    def select(self, t: Array, a: Array, b: Array) -> Array:
        """``a`` where ``t > 0``, else ``b``: the convention at a kink (t = 0) is ``b``."""

    def where(self, mask: Mask, a: Array, b: Array) -> Array:
        """``a`` where the mask is set, else ``b``."""

    def detached_positive(self, z: Array) -> Mask:
        """Where z is positive; at and near 0 any answer will do."""

    def detached_max(self, z: Array) -> Array:
        """A constant near the largest entry of each row of z (N, n), shaped (N, 1)."""

    def either(self, preferred: Array, *alternatives: Callable[[], Array]) -> Array:
        """One value with several standard algorithms: ``preferred``; only an admissible set takes them all."""

    def within(self, z: Array, low: str, high: str = "", beyond: int = 0, nonpositive: Any = None) -> Array:
        """z, which no standard algorithm takes below ``low`` or, where it is given, above ``high``.

        Only an admissible set makes use of it, and takes it that library functions keep their own range: e^x ≤ 1 for
        x ≤ 0, |tanh| ≤ 1. ``beyond`` are the roundings, besides the error of an exponential, by which one may leave it.
        ``nonpositive``: ``high`` is known only where this is certainly not positive.
        """

    def headroom(self, n: int) -> Namespace:
        """The same numbers, of which also n times each has to be in range: what a mean over n rows is taken of last.

        Only an admissible set makes use of it.
        """


def quotient(xp: Namespace, a: Array, b: Any) -> Array:
    """a/b, also as a times the reciprocal, which is rounded first."""
    return xp.either(a / b, lambda: a * (xp.constant(f"1/{b}") if isinstance(b, int) else 1 / b))
