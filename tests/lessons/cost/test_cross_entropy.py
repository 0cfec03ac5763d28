"""A mean NLL is a cross-entropy, and a cross-entropy is entropy plus divergence.

Regroupings are compared as exact coefficients of symbols.

Sources: Goodfellow, Bengio & Courville 2016, sections 3.13 and 5.5.
"""

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from ffn.network.description import OUTPUTS, Network, Output
from ffn.network.forward import negative_log_likelihood, objective
from ffn.network.outputs import as_targets
from ffn.numbers.floating import floating
from ffn.numbers.precision import precision
from ffn.numbers.symbolic import symbolic
from tests.helpers.balls import dyadic
from tests.helpers.costs import units
from tests.helpers.densities import Z, enclosure
from tests.helpers.strategies import lists_of

several = pytest.mark.parametrize("name", OUTPUTS)

three = lists_of(3, dyadic)


# A mean NLL is a cross-entropy


def batch_nll(name: str, observations: Sequence, biases: Sequence | None = None, **options: Any) -> sympy.Expr:
    """The shipped loss of a network without hidden layer, as a formula in its weights and biases."""
    n = len(biases) if biases is not None else units(name)
    network = Network(inputs=1, units=n, output=Output(name), **options)
    x = symbolic.asarray([[x] for x, _ in observations])
    targets = np.array([target if name == "categorical" else [target] for _, target in observations])
    parameters = np.array([sympy.symbols(f"w:{n}")]), np.array(biases if biases is not None else Z[:n])
    return objective(symbolic, network, (parameters,), x, as_targets(symbolic, Output(name), targets))


def coefficients(expression: sympy.Expr) -> dict:
    return {term: c for term, c in sympy.expand(expression).as_coefficients_dict().items() if c}


@cache
def nll_of_one(name: str, observation: tuple) -> dict:
    return coefficients(batch_nll(name, [observation]))


def cross_entropy(name: str, observations: Sequence) -> dict:
    """−Σ p̂(x, y) log p(y | x), p̂ the share of each distinct observation, as coefficients of the terms of log p."""
    total: Counter = Counter()
    for observation, count in Counter(observations).items():
        for term, c in nll_of_one(name, observation).items():
            total[term] += sympy.Rational(count, len(observations)) * c
    return {term: c for term, c in total.items() if c}


@pytest.mark.claim("C32")
@several
@given(st.data())
def test_the_mean_nll_is_the_cross_entropy_under_the_empirical_distribution(name: str, data: st.DataObject) -> None:
    """'Cross-entropy' would be a matter of classification: it is every mean NLL, that of squared error too."""
    one = st.tuples(st.integers(0, 1), st.integers(0, 1 if name == "bernoulli" else 2))
    observations = data.draw(st.lists(one, min_size=1, max_size=5))
    assert coefficients(batch_nll(name, observations)) == cross_entropy(name, observations)


@pytest.mark.claim("C32")
@several
def test_a_sum_of_nlls_is_refused_as_a_cross_entropy(name: str) -> None:
    """The comparison of coefficients could not fail: the sum is N times as much."""
    observations = [(1, 0), (1, 1)]
    assert coefficients(batch_nll(name, observations, reduction="sum")) != cross_entropy(name, observations)


@pytest.mark.claim("C32")
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@given(three, st.lists(st.integers(0, 2), min_size=1, max_size=40))
def test_in_floats_the_mean_nll_is_that_to_within_n_roundings(dtype: str, logits: list, ys: list) -> None:
    """Rounding could make of the batch's cost another one: n − 1 sums and a division err by γₙ if no NLL is negative.

    No order of the sums is assumed. What is rounded before, in each NLL, is not counted here.
    """
    xp, network = floating(dtype), Network(inputs=1, units=3, output=Output("categorical"))
    x, z, targets = xp.asarray([[0]] * len(ys)), xp.asarray([logits] * len(ys)), np.array(ys)
    parameters = ((xp.asarray([[0, 0, 0]]), z[0]),)
    nlls = negative_log_likelihood(xp, network, z, targets)
    exact_mean = sum(Fraction(float(entry)) for entry in nlls) / len(ys)
    roundings = len(ys) * Fraction(precision(dtype).unit_roundoff)
    error = Fraction(float(objective(xp, network, parameters, x, targets))) - exact_mean
    assert abs(error) <= roundings / (1 - roundings) * exact_mean


def over_primes(expression: sympy.Expr) -> dict[int, Fraction]:
    """A rational combination of logs of rationals by its coefficients at logs of primes, which are independent."""
    total: Counter = Counter()
    for log, c in coefficients(expression).items():
        for prime, exponent in sympy.factorrat(log.args[0]).items():
            total[prime] += c * exponent
    return {prime: c for prime, c in total.items() if c}


@pytest.mark.claim("C32")
@given(st.lists(st.tuples(st.integers(1, 4), st.integers(1, 4)), min_size=1, max_size=4))
def test_cross_entropy_is_entropy_plus_divergence(pairs: list) -> None:
    """Minimising the NLL would not be minimising the divergence of the model from the data."""
    data, model = zip(*pairs, strict=True)
    q, p = ([sympy.Rational(count, sum(counts)) for count in counts] for counts in (data, model))
    observations = [(0, j) for j, count in enumerate(data) for _ in range(count)]
    loss = batch_nll("categorical", observations, biases=[sympy.log(pj) for pj in p])
    entropy = -sum(qj * sympy.log(qj) for qj in q)
    divergence = sum(qj * sympy.log(qj / pj) for qj, pj in zip(q, p, strict=True))
    assert over_primes(loss) == over_primes(entropy + divergence)
    assert (over_primes(divergence) == {}) == (p == q)
    assert divergence == 0 or enclosure(divergence) > 0
