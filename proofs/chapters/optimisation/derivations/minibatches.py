"""Random batches: mean and variance of their gradient."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations
from typing import Any

from sympy import KroneckerDelta

from proofs.engine.derivation import Comparison, Derivation, Fact, Step, WrongStep, claim
from proofs.engine.notation import array, dimension, total

N = dimension("N")
data = array("x", N)
m = dimension("m")
WITHIN = (Fact(m, "≤", N),)
AVERAGE = total(lambda i: data[i], N) / N
SPREAD = total(lambda i: (data[i] - AVERAGE) ** 2, N) / N


def together(p: Any, q: Any) -> Any:
    """P(p and q are both drawn), m of N without replacement."""
    return KroneckerDelta(p, q) * m / N + (1 - KroneckerDelta(p, q)) * m * (m - 1) / (N * (N - 1))


def pair_frequencies(case: tuple[int, int]) -> list[Fraction]:
    """How often 0, and 0 and 1 together, are in a batch: every batch counted."""
    size, batch = case
    batches = list(combinations(range(size), batch))
    return [Fraction(sum(set(wanted) <= set(drawn) for drawn in batches), len(batches)) for wanted in ((0,), (0, 1))]


def batch_means(case: tuple[int, int]) -> list[Any]:
    """Mean and variance of the batch mean of squares 0, 1, 4, …: every batch counted."""
    size, batch = case
    means = [Fraction(sum(i * i for i in drawn), batch) for drawn in combinations(range(size), batch)]
    average = sum(means) / len(means)
    return [average, sum((mean - average) ** 2 for mean in means) / len(means)]


def claimed_means(case: tuple[int, int], population: int = 1) -> list[Any]:
    size, batch = case
    average = Fraction(sum(i * i for i in range(size)), size)
    variance = sum((i * i - average) ** 2 for i in range(size)) / size
    return [average, variance * (size - batch) / (batch * (size - population))]


BATCHES = tuple((size, batch) for size in range(2, 7) for batch in range(1, size + 1))
minibatch = Derivation(
    name="mini-batch mean",
    source="Cochran 1977",
    letters="m of N numbers x are drawn without replacement, every batch being equally likely. It is about their mean.",
    smallest={N: 2},
    claims=(
        claim(
            "mean",
            total(lambda p: (m / N) * data[p], N) / m,
            "=",
            AVERAGE,
            Step("unbiased", AVERAGE, "each is drawn with probability m/N"),
            given=WITHIN,
            example={m: 2},
        ),
        claim(
            "variance",
            total(lambda p, q: (together(p, q) - m**2 / N**2) * data[p] * data[q], N, N) / m**2,
            "=",
            SPREAD * (N - m) / (m * (N - 1)),
            Step(
                "over equal and different pairs",
                SPREAD * (N - m) / (m * (N - 1)),
                "pairs are drawn together with probability m(m − 1)/(N(N − 1))",
            ),
            given=WITHIN,
            example={m: 2},
        ),
    ),
    counts=(
        Comparison(
            "probabilities of a pair",
            BATCHES,
            pair_frequencies,
            lambda case: [Fraction(case[1], case[0]), Fraction(case[1] * (case[1] - 1), case[0] * (case[0] - 1))],
        ),
        Comparison("mean and variance", BATCHES, batch_means, claimed_means),
    ),
    untied="a statement about sampling: the code draws batches, and has no formula of their variance",
    planted=(
        WrongStep("with replacement", "over equal and different pairs", SPREAD / m),
        WrongStep("divided by N", "over equal and different pairs", SPREAD * (N - m) / (m * N)),
        WrongStep("sum in place of the mean", "unbiased", AVERAGE * N),
        WrongStep("N in place of N − 1", "mean and variance", claimed=lambda case: claimed_means(case, population=0)),
    ),
)
