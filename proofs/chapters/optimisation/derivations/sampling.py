"""Random initial weights, random batches, random masks."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations
from typing import Any

import numpy as np
from sympy import KroneckerDelta, Rational, Symbol, exp, log

from ffn.network.description import Network, Output, initialise
from ffn.network.dropout import weight_scaled
from ffn.network.forward import trace
from ffn.numbers.symbolic import symbolic
from proofs.engine.badges import Badge
from proofs.engine.derivation import Chain, Comparison, Derivation, Step, WrongStep
from proofs.engine.instances import entries, formula
from proofs.engine.notation import arrays, dimension, index, positives, reals, relu, total

HALF = Rational(1, 2)
n, N, D, R, C = map(dimension, ("n", "N", "D", "R", "C"))
data, P, W, h, M, b = arrays("x p W h μ b")
(s,) = positives("ω")
(c,) = reals("c")

SECOND_MOMENT = HALF * total(lambda i: P[i] * data[i] ** 2, n)
he = Derivation(
    name="E[relu²] and He's initialisation",
    statement="For a symmetric z with variance s², E[relu(z)²] = s²/2. So a layer of fan-in d after relu keeps the "
    "second moment when its weights have variance 2/d.",
    hypotheses=(
        "z takes ±x_i with probability p_i/2 each: any symmetric distribution is a limit of these",
        "the weights are independent with mean 0 and variance ω²",
    ),
    source="He, Zhang, Ren & Sun 2015",
    badge=Badge.GENERAL,
    chains=(
        Chain(
            "second moment of relu",
            total(lambda i: P[i] / 2 * (relu(data[i]) ** 2 + relu(-data[i]) ** 2), n),
            (Step("half of it is negative", SECOND_MOMENT, "relu(z)² + relu(−z)² = z²"),),
        ),
        Chain(
            "second moment of a layer",
            total(lambda p, q: s**2 * KroneckerDelta(p, q) * data[p] * data[q], D, D),
            (Step("independent weights", s**2 * total(lambda p: data[p] ** 2, D), "E[W_p W_q] = ω² [p = q]"),),
        ),
        Chain(
            "with variance 2/d",
            total(lambda p: (2 / D) * (s**2 / 2), D),
            (Step("kept", s**2, "d terms of (2/d)(s²/2)"),),
        ),
    ),
    ties=(
        Comparison(
            "scale of the code",
            (1, 2, 3, 8),
            lambda d: initialise(Network(d, 2, Output("gaussian")), seed=0, scheme="he")[0][0],
            lambda d: np.sqrt(2 / d) * np.random.default_rng(0).normal(size=(d, 2)),
            "ffn.network.description.initialise",
        ),
    ),
    planted=(
        WrongStep("half forgotten", "half of it is negative", 2 * SECOND_MOMENT),
        WrongStep("cross terms", "independent weights", s**2 * total(lambda p: data[p], D) ** 2),
        WrongStep(
            "variance 1/d",
            "scale of the code",
            claimed=lambda d: np.sqrt(1 / d) * np.random.default_rng(0).normal(size=(d, 2)),
        ),
    ),
)

m = Symbol("m", positive=True)
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
    statement="The mean over m of N examples without replacement is unbiased, with variance s²(N − m)/(m(N − 1)), "
    "s² the variance of the N.",
    hypotheses=("N ≥ 2", "every batch of m is equally likely"),
    source="Cochran 1977",
    badge=Badge.GENERAL,
    smallest={N: 2},
    chains=(
        Chain(
            "mean",
            total(lambda p: (m / N) * data[p] / m, N),
            (Step("unbiased", AVERAGE, "each is drawn with probability m/N"),),
        ),
        Chain(
            "variance",
            total(lambda p, q: (together(p, q) - m**2 / N**2) * data[p] * data[q], N, N) / m**2,
            (
                Step(
                    "over equal and different pairs",
                    SPREAD * (N - m) / (m * (N - 1)),
                    "pairs are drawn together with probability m(m − 1)/(N(N − 1))",
                ),
            ),
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

# Dropout

(a,) = arrays("a", positive=True)
k, p = index("k"), index("p")


def chance(s: Any) -> Any:
    """The probability of mask s."""
    return a[s] / total(lambda q: a[q], R)


def kept(p: Any) -> Any:
    """The mean of a mask's entry: the probability of keeping unit p."""
    return total(lambda s: chance(s) * M[s, p], R)


def logit(i: Any, mask: Any) -> Any:
    return total(lambda p: W[p, i] * mask(p) * h[p], D) + b[i]


def normaliser(s: Any) -> Any:
    """log Σ exp of the logits under mask s."""
    return log(total(lambda q: exp(logit(q, lambda p: M[s, p])), C))


MEAN_NORMALISER = total(lambda s: chance(s) * normaliser(s), R)
SCALED = logit(k, kept) - MEAN_NORMALISER
SOFTMAX = exp(logit(k, kept)) / total(lambda q: exp(logit(q, kept)), C)
UP = logit(k, lambda p: 1 / kept(p))
UNSCALED = exp(logit(k, lambda p: 1)) / total(lambda q: exp(logit(q, lambda p: 1)), C)

MASKS = ((1, 1, 2), (2, 2, 2), (3, 1, 3))  # R, D, C


def shipped_scaling(case: tuple[int, ...]) -> Any:
    """The logits of the code's network, its weights scaled by the code, for one input on symbols."""
    _, inputs, classes = case
    keep = formula(kept(p), {p: D}, (R, D, C))(case)
    scaled = weight_scaled(((entries(W, inputs, classes), entries(b, classes)),), (keep,))
    network = Network(inputs, classes, Output("categorical"))
    return trace(symbolic, network, scaled, entries(h, inputs).reshape(1, -1))[-1].h[0]


weight_scaling = Derivation(
    name="dropout, weight scaling",
    statement="For softmax regression with input dropout, the renormalised weighted geometric mean over all masks is "
    "one network whose inputs are scaled by the probability of keeping them.",
    hypotheses=(
        "R masks μ of D inputs, with any probabilities; C classes",
        "no hidden layer: the logits are affine in the mask",
    ),
    source="Srivastava et al. 2014; Goodfellow, Bengio & Courville 2016, section 7.12",
    badge=Badge.GENERAL,
    ranges={k: C},
    chains=(
        Chain(
            "log of the geometric mean",
            total(lambda s: chance(s) * (logit(k, lambda p: M[s, p]) - normaliser(s)), R),
            (Step("mean of the masks", SCALED, "log softmax is affine in the mask, but for a term free of the class"),),
        ),
        Chain(
            "renormalised",
            exp(logit(k, kept) - c) / total(lambda q: exp(logit(q, kept) - c), C),
            (Step("that term cancels", SOFTMAX, "shift invariance; c is the mean of the normalisers"),),
        ),
    ),
    ties=(
        Comparison(
            "weights scaled by the code",
            MASKS,
            shipped_scaling,
            formula(logit(k, kept), {k: C}, (R, D, C)),
            "ffn.network.dropout.weight_scaled",
        ),
    ),
    planted=(
        WrongStep("weights not scaled", "that term cancels", UNSCALED),
        WrongStep("probabilities forgotten", "mean of the masks", R * SCALED),
        WrongStep("normaliser of the mean mask", "mean of the masks", log(SOFTMAX)),
        WrongStep("scaled up", "weights scaled by the code", claimed=formula(UP, {k: C}, (R, D, C))),
    ),
)
