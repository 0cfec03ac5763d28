"""Matrix products of numbers that deviate from their centres."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ffn.numbers.ball.centred.deviations import LOST, TINY, UP, Deviations, Floats, known

KEPT = 2**22  # coefficients of a product that are kept; of more, only how large they are together
AT_ONCE = 2**20


class TooLarge(Exception):
    """It would take too long."""


class Noise:
    """The noise of a pass: how much there is, and how many coefficients of products may still be computed."""

    def __init__(self, most: float = float("inf")) -> None:
        self.count, self.left = 0, most

    def read(self, of: Deviations) -> Deviations:
        """The deviations of an array that a product reads: what is not shared is noise from here on."""
        fresh = np.isfinite(of.rest) & (of.rest > 0)
        places = np.flatnonzero(fresh)
        if not places.size:
            return of
        own = np.zeros((places.size, of.rest.size))
        own[np.arange(places.size), places] = of.rest.ravel()[places]
        between = np.zeros((self.count - len(of.shared), *of.rest.shape))
        self.count += places.size
        shared = np.concatenate([of.shared, between, own.reshape(-1, *of.rest.shape)])
        return Deviations(shared, np.where(fresh, 0.0, of.rest))

    def product(self, a: Floats, of_a: Deviations, b: Floats, of_b: Deviations) -> Deviations:
        """The deviations of a product of matrices with the centres a and b, without its own roundings.

        Raises:
            TooLarge: where the products of the pass have more coefficients than may be computed.
        """
        fresh = np.count_nonzero(of_a.rest) + np.count_nonzero(of_b.rest)
        coefficients = (self.count + fresh) * a.shape[0] * b.shape[1]
        self.left -= coefficients
        if self.left < 0:
            raise TooLarge
        sizes = of_a.size(), of_b.size()
        lost = LOST * (sizes[0] @ np.abs(b) + np.abs(a) @ sizes[1]) + TINY * any(size.any() for size in sizes)
        if coefficients <= KEPT:
            of_a, of_b = self.read(of_a), self.read(of_b)
        rest = of_a.rest @ np.abs(b) + np.abs(a) @ of_b.rest + bent(*sizes) + lost
        blocks = _coefficients(a, of_a.shared, b, of_b.shared)
        if coefficients <= KEPT:
            none = np.zeros((0, *rest.shape))
            return Deviations(np.concatenate([none, *blocks]), known(rest))
        return Deviations.apart(known(rest + sum(np.abs(block).sum(axis=0) for block in blocks)))


def bent(a: Floats, b: Floats) -> Floats:
    """What the products of two deviations are at most."""
    return np.asarray(a @ b * UP)


def _coefficients(a: Floats, of_a: Floats, b: Floats, of_b: Floats) -> Iterator[Floats]:
    """Those of the product, some noise after the other."""
    count, most = max(len(of_a), len(of_b)), max(AT_ONCE // max(a.shape[0] * b.shape[1], 1), 1)
    for start in range(0, count, most):
        here = slice(start, min(start + most, count))
        block = np.zeros((here.stop - start, a.shape[0], b.shape[1]))
        left, right = of_a[here], of_b[here]
        block[: len(left)] += left @ b
        block[: len(right)] += a @ right
        yield block
