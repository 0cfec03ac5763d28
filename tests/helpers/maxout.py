"""Maxima of affine functions: drawn, near another one, their kinks, and how far they are from ±x²."""

from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations

import numpy as np
from hypothesis import strategies as st

from ffn.constructions.maxout import MaxAffine
from ffn.network.description import Hidden, Network, Output
from tests.helpers.networks import affine_layers, outputs
from tests.helpers.strategies import lists_of, rational

small = st.builds(Fraction, st.integers(-8, 8), st.integers(8, 64))


pieces = st.integers(1, 5)


def lines(count: int) -> st.SearchStrategy[MaxAffine]:
    """Maxima of any ``count`` affine functions."""
    return st.builds(MaxAffine, lists_of(count, rational), lists_of(count, rational))


def near(f: MaxAffine, interval: Sequence, error: Fraction) -> st.SearchStrategy[MaxAffine]:
    """Each line tilted and lifted by an error's size at most: what has a chance of doing better than f."""
    a, b = interval
    changes = lists_of(len(f.slopes), st.tuples(small, small)).map(np.array)
    moved = changes.map(lambda d: d * error)  # a tilt is what a line gains from a to b
    tilted = moved.map(lambda d: (f.slopes + d[:, 0] / (b - a), f.intercepts + d[:, 1] - a * d[:, 0] / (b - a)))
    return tilted.map(lambda lines: MaxAffine(*lines))


def crossings(f: MaxAffine) -> list[Fraction]:
    """Where two of the lines meet, whether or not they are the largest there."""
    pairs = combinations(zip(f.slopes, f.intercepts, strict=True), 2)
    return [(c - d) / (t - s) for (s, c), (t, d) in pairs if s != t]


def sup_distance(f: MaxAffine, sign: int, a: Fraction, b: Fraction) -> Fraction:
    """The exact supremum of |f(x) − sign·x²| on [a, b], for sign ±1.

    Where f is affine the difference is a parabola, extremal at its ends or where both have one slope. So the supremum
    lies at a, at b, where two lines cross, or where a line has the parabola's slope 2·sign·x.
    """
    tangent = [sign * slope / 2 for slope in f.slopes]
    return max(abs(f(x) - sign * x * x) for x in [a, b, *crossings(f), *tangent] if a <= x <= b)


def difference_by_network(g: MaxAffine, h: MaxAffine, xs: Sequence[Fraction], spare: int = 0) -> list[Fraction]:
    """g(x) − h(x) by the shipped forward pass: two maxout units, then an affine layer with weights 1 and −1."""
    k = max(len(g.slopes), len(h.slopes)) + spare
    network = Network(inputs=1, hidden=(Hidden(2, "maxout", pieces=k),), units=1, output=Output("gaussian"))
    (W_g, b_g), (W_h, b_h) = g.layer(k), h.layer(k)
    hidden = np.concatenate([W_g, W_h], axis=1), np.concatenate([b_g, b_h])
    return outputs(network, affine_layers(hidden, ([[1], [-1]], [0])), xs)
