"""Matrix products of numbers that deviate from their centres."""

from __future__ import annotations

import numpy as np

from ffn.numbers.ball.centred.deviations import LOST, NOBODY, TINY, UP, Deviations, Floats, known, long_enough

KEPT = 2**23  # coefficients of a product that are kept; of more, only how large they are
PAIRED = 2**20  # coefficients of a weight's gradient in which those of both factors are paired


class TooLarge(Exception):
    """It would take too long."""


class Noise:
    """The noise of a pass: how much there is, and how many coefficients of products may still be computed."""

    def __init__(self, most: float = float("inf")) -> None:
        self.count, self.left = 0, most

    def product(self, a: Floats, of_a: Deviations, b: Floats, of_b: Deviations) -> Deviations:
        """The deviations of a product of matrices with the centres a and b, without its own roundings.

        What rows lose before they are multiplied by exact weights is their noise from here on. Of other products, such
        as the sum over rows that a weight's gradient is, the bounds alone are handed on.

        Raises:
            TooLarge: where the products of the pass have more coefficients than may be computed.
        """
        sizes = of_a.size(), of_b.size()
        lost = LOST * (sizes[0] @ np.abs(b) + np.abs(a) @ sizes[1]) + TINY * any(size.any() for size in sizes)
        read = None if sizes[1].any() else self.read(of_a, b.shape[1])
        if read is None:
            linear = over_rows(a, of_a, b, of_b) if sizes[0].any() and sizes[1].any() else None
            linear = sizes[0] @ np.abs(b) + np.abs(a) @ sizes[1] if linear is None else linear
            return Deviations.apart(known(linear + bent(*sizes) + lost))
        owner = np.broadcast_to(read.owner[:, :1], lost.shape)
        return Deviations(read.shared @ b, known(read.rest @ np.abs(b) + lost), owner)

    def read(self, rows: Deviations, columns: int) -> Deviations | None:
        """Rows of which each has noise of its own; None where they have not, or that would be too much."""
        (n, m), owner = rows.rest.shape, rows.owner.max(axis=1, keepdims=True, initial=NOBODY)
        owner = np.where(owner == NOBODY, np.arange(n).reshape(n, 1), owner)
        mixed = not ((rows.owner == owner) | (rows.owner == NOBODY)).all()
        if mixed or np.unique(owner).size < n or (self.count + m) * n * max(m, columns) > KEPT:
            return None
        self.left -= (self.count + m) * n * columns
        if self.left < 0:
            raise TooLarge
        finite = np.where(np.isfinite(rows.rest), rows.rest, 0.0)
        places = np.flatnonzero(finite.any(axis=0))
        own = np.eye(m)[places][:, None, :] * finite
        between = np.zeros((self.count - len(rows.shared), n, m))
        self.count += places.size
        shared = np.concatenate([rows.shared, between, own])
        return Deviations(shared, np.where(finite > 0, 0.0, rows.rest), np.broadcast_to(owner, (n, m)))


def over_rows(a: Floats, of_a: Deviations, b: Floats, of_b: Deviations) -> Floats | None:
    """Bounds of Σₙ (aₙβₙ + αₙbₙ) over rows n, of which each has noise of one owner in both factors; None of others."""
    if max(len(of_a.shared), len(of_b.shared)) * a.size * b.shape[1] > PAIRED:
        return None
    owner = np.maximum(of_a.owner.max(axis=0, initial=NOBODY), of_b.owner.max(axis=1, initial=NOBODY))
    theirs = [((of == own) | (of == NOBODY)).all() for of, own in ((of_a.owner, owner), (of_b.owner, owner[:, None]))]
    if not all(theirs):
        return None
    left, right = long_enough([of_a, of_b])
    of_rows = left[..., None] * b + a[:, :, None] * right[:, None]
    shared = sum(np.abs(of_rows[:, :, owner == each].sum(axis=2)).sum(axis=0) for each in np.unique(owner))
    return np.asarray(shared * UP + of_a.rest @ np.abs(b) + np.abs(a) @ of_b.rest)


def bent(a: Floats, b: Floats) -> Floats:
    """What the products of two deviations are at most."""
    return np.asarray(a @ b * UP)
