"""Overfitting: what a fit takes from the noise is the rank of its features, in training and in test alike.

Every pattern of noise ±1 is enumerated, so that means over the noise are exact.

Source: Goodfellow, Bengio & Courville 2016, section 5.2; Hastie, Tibshirani & Friedman 2009, section 7.4.
"""

from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ffn.network.description import Network
from ffn.network.forward import objective
from ffn.numbers.exact import exact
from tests.helpers.networks import GAUSSIAN, column
from tests.helpers.profiles import examples
from tests.helpers.strategies import integers, lists_of

designs = st.tuples(st.integers(1, 3), st.integers(1, 4)).flatmap(
    lambda shape: lists_of(shape[0], lists_of(shape[1], integers))
)  # features, and for each its value at every row


def independent(features: list) -> list:
    """Orthogonal vectors that span the same, as many as the rank (Gram and Schmidt)."""
    basis: list = []
    for feature in features:
        rest = exact.asarray(feature) - fitted(basis, exact.asarray(feature))
        basis += [rest] if any(rest) else []
    return basis


def fitted(basis: list, y: Any) -> Any:
    """The least-squares fit to y."""
    return sum(((q @ y) / Fraction(q @ q) * q for q in basis), 0 * y)


def squared_error(predicted: Any, y: Any) -> Fraction:
    """The mean squared error: twice the loss of the network that hands its input on."""
    network, one = Network(1, 1, GAUSSIAN), ((column([1]), exact.asarray([0])),)
    return Fraction(2 * objective(exact, network, one, column(predicted), column(y), kernel_only=True))


@pytest.mark.claim("C46")
@given(designs)
@examples(30)
def test_training_errs_less_than_the_noise_by_the_rank_over_n_and_test_more_by_as_much(design: list):
    """A small training error would promise a small one on new data: each independent feature moves them apart."""
    n, basis = len(design[0]), independent(design)
    noises = [exact.asarray(signs) for signs in product((-1, 1), repeat=n)]
    trained = [squared_error(fitted(basis, noise), noise) for noise in noises]
    tested = [squared_error(fitted(basis, noise), noise * 0) + 1 for noise in noises]  # fresh noise has mean square 1
    share = Fraction(len(basis), n)
    assert (np.mean(trained), np.mean(tested)) == (1 - share, 1 + share)


@pytest.mark.claim("C46")
@given(designs, st.integers(1, 3))
def test_a_copied_feature_overfits_no_more(design: list, copies: int):
    """The number of parameters would decide: copies of a feature add parameters, and the fit stays the same."""
    noise = exact.asarray([(-1) ** row for row in range(len(design[0]))])
    more = independent([*design, *[design[0]] * copies])
    assert fitted(more, noise).tolist() == fitted(independent(design), noise).tolist()
