"""Maxout: each unit is the largest of its pieces (Goodfellow et al. 2013, Maxout networks)."""

from __future__ import annotations

from functools import reduce

from ffn.numbers.namespace import Array, Namespace


def maxout(xp: Namespace, z: Array) -> Array:
    """h = maxⱼ z[..., j] for z (N, units, pieces); of tied pieces the first, as in ``winners``."""
    return reduce(lambda largest, piece: xp.maximum(piece, largest), _pieces(z))


def winners(xp: Namespace, z: Array) -> list[Array]:
    """For each piece, 1 where it is the largest and 0 elsewhere; the first of tied pieces wins."""
    pieces = _pieces(z)
    largest, won = pieces[0], [xp.ones_like(pieces[0])]
    for piece in pieces[1:]:
        wins = xp.select(piece - largest, 1, 0)
        won = [previous * (1 - wins) for previous in won] + [wins]
        largest = xp.maximum(largest, piece)
    return won


def _pieces(z: Array) -> list[Array]:
    return [z[:, :, j] for j in range(z.shape[2])]
