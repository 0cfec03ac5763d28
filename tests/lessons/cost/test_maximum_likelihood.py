"""Why maximum likelihood: it is as close to the data as the model can be, and what it promises has conditions.

Sources: Goodfellow, Bengio & Courville 2016, sections 5.4.4 and 5.5; Neyman & Scott 1948 (a mean for each pair).
"""

from fractions import Fraction
from itertools import product
from math import comb

import pytest
from flint import arb
from hypothesis import given
from hypothesis import strategies as st

from ffn.network.description import Network, Output
from ffn.network.forward import objective
from ffn.numbers.ball import working_precision
from tests.helpers.balls import BITS, ball, exactly
from tests.helpers.strategies import lists_of, rational

chances = st.builds(Fraction, st.integers(1, 7), st.just(8))


@pytest.mark.claim("C45")
@given(lists_of(3, st.integers(1, 3)), lists_of(3, rational))
def test_no_other_probabilities_have_a_smaller_nll_than_the_shares(counts: list[int], logits: list[Fraction]):
    """The most likely model would not be the one closest to the data: here it has exactly the data's shares."""
    network, rows = Network(1, 3, Output("categorical")), sum(counts)
    classes = [k for k, count in enumerate(counts) for _ in range(count)]

    def nll(biases: list) -> arb:
        parameters = ((ball.asarray([[0] * 3]), ball.asarray(biases)),)
        return objective(ball, network, parameters, ball.asarray([[0]] * rows), classes).balls.item()

    with working_precision(BITS):
        of_shares = nll([exactly(Fraction(count, rows)).log() for count in counts])
        assert not of_shares > nll(logits)


@pytest.mark.claim("C45")
@given(st.integers(1, 6), chances)
def test_the_share_of_heads_is_unbiased_and_as_sharp_as_the_information_allows(n: int, p: Fraction):
    """Some unbiased estimator would be better: none has less variance than 1/(n I), and the share of n "
    "throws has it."""
    weights = {k: comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(n + 1)}
    information = p * (1 / p) ** 2 + (1 - p) * (1 / (1 - p)) ** 2
    assert sum(weight * Fraction(k, n) for k, weight in weights.items()) == p
    assert sum(weight * (Fraction(k, n) - p) ** 2 for k, weight in weights.items()) == 1 / (n * information)


@pytest.mark.claim("C45")
@pytest.mark.parametrize("pairs", [1, 2, 3])
def test_with_a_mean_for_each_pair_half_of_the_variance_is_found(pairs: int):
    """More data would always lead to the truth: with a parameter for each pair the variance stays ½ of what it is."""
    found = Fraction(0)
    for signs in product((-1, 1), repeat=2 * pairs):  # a variance of 1, around means that do not matter
        means = [Fraction(signs[2 * i] + signs[2 * i + 1], 2) for i in range(pairs)]
        found += sum((sign - means[i // 2]) ** 2 for i, sign in enumerate(signs)) / (2 * pairs)
    assert found / 2 ** (2 * pairs) == Fraction(1, 2)
