"""Exponential families, the NLL as a cross-entropy, and the bound of the logarithm that it rests on."""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy
from sympy import Symbol, exp, log

from ffn.network import forward
from ffn.network.description import Network, Output
from ffn.numbers.symbolic import symbolic
from proofs.engine.derivation import Comparison, Derivation, Step, Uses, Valley, WrongStep, claim
from proofs.engine.instances import entries, expanded
from proofs.engine.notation import Partial, array, dimension, index, positives, reals, total

BOOK = "Goodfellow, Bengio & Courville 2016, section 6.2.2"
HALF = sympy.Rational(1, 2)


# Exponential families with a finite support of S points and D natural parameters

S, D = dimension("S"), dimension("D")
k, m = index("k"), index("m")
eta, T, v = array("η", D), array("T", S, D), array("v", D)
base = array("h", S, positive=True)


def weight(s: Any) -> Any:
    """h_s exp(η·T_s)."""
    return base[s] * exp(total(lambda d: eta[d] * T[s, d], D))


PARTITION = total(weight, S)
at = index("i")
EXPONENT = {array("ζ", S)[at]: total(lambda d: eta[d] * T[at, d], D)}  # names on a page
EXPONENTS = {**EXPONENT, Symbol("Z"): PARTITION}


def expectation(of: Any) -> Any:
    """E of a function of the point."""
    return total(lambda s: weight(s) / PARTITION * of(s), S)


def projected(s: Any) -> Any:
    """v·T_s."""
    return total(lambda d: v[d] * T[s, d], D)


MEAN, COVARIANCE = (
    expectation(lambda s: T[s, k]),
    expectation(lambda s: T[s, k] * T[s, m]) - expectation(lambda s: T[s, k]) * expectation(lambda s: T[s, m]),
)
SPREAD = HALF * total(lambda s, t: weight(s) * weight(t) * (projected(s) - projected(t)) ** 2, S, S) / PARTITION**2

exponential_family = Derivation(
    name="exponential family",
    source="Brown 1986",
    letters=(
        "A point s, of finitely many, has the base measure h_s and the statistics T_(s,k); η are the natural "
        "parameters, the log of Σ h e^(η·T) is A, and v is any direction."
    ),
    names={**EXPONENTS, array("τ", S)[at]: total(lambda d: T[at, d] * v[d], D)},
    ranges={k: D, m: D},
    claims=(
        claim(
            "gradient",
            Partial(log(PARTITION), eta[k]),
            "=",
            MEAN,
            Step("mean", MEAN, "∂ log Σ = ∂Σ/Σ"),
        ),
        claim(
            "Hessian",
            Partial(MEAN, eta[m]),
            "=",
            COVARIANCE,
            Step("covariance", COVARIANCE, "quotient rule; the probabilities are the weights over their sum"),
        ),
        claim(
            "positive semidefinite",
            expectation(lambda s: projected(s) ** 2) - expectation(projected) ** 2,
            "≥",
            0,
            Step("over pairs", SPREAD, "vᵀ Cov(T) v is half the mean squared difference of two draws of v·T"),
            Step("not negative", 0, "squares and weights", "≥", SPREAD),
        ),
    ),
    untied="the code has its members: gaussian, bernoulli, categorical, poisson",
    planted=(
        WrongStep("probabilities not normalised", "mean", total(lambda s: weight(s) * T[s, k], S)),
        WrongStep("second moment in place of the covariance", "covariance", expectation(lambda s: T[s, k] * T[s, m])),
        WrongStep("half lost", "over pairs", 2 * SPREAD),
    ),
)

# The NLL of a data set

N, n = dimension("N"), dimension("n")
Y, b = array("Y", N, n), array("b", n)
a, q = array("a", n, positive=True), array("q", n, positive=True)


def frequency(i: Any) -> Any:
    """How often class i occurs, from one-hot rows."""
    return total(lambda r: Y[r, i], N) / N


def P(i: Any) -> Any:
    """A distribution: positive numbers over their sum."""
    return a[i] / total(lambda t: a[t], n)


def M(i: Any) -> Any:
    """A model's distribution."""
    return q[i] / total(lambda t: q[t], n)


def excess(ratio: Any) -> Any:
    """u − 1 − log u."""
    return ratio - 1 - log(ratio)


GIBBS = total(lambda i: P(i) * excess(M(i) / P(i)), n)
EMPIRICAL = -total(lambda i: frequency(i) * log(M(i)), n)
ENTROPY = -total(lambda i: P(i) * log(P(i)), n)
KL = total(lambda i: P(i) * log(P(i) / M(i)), n)
TARGETS = ((0,), (1, 1, 0), (0, 2, 2, 1))


def shipped_mean_nll(targets: tuple[int, ...]) -> Any:
    """The loss of a network without weights that predicts softmax(b) for every example, by the code on symbols."""
    classes, rows = max(targets) + 1, len(targets)
    network = Network(1, classes, Output("categorical"))
    parameters = ((symbolic.asarray(np.zeros((1, classes), dtype=int)), entries(b, classes)),)
    inputs = symbolic.asarray(np.zeros((rows, 1), dtype=int))
    return forward.objective(symbolic, network, parameters, inputs, np.array(targets))


def claimed_cross_entropy(targets: tuple[int, ...], sign_of: int = 1) -> Any:
    """H(p̂, softmax b), from the frequencies of the classes."""
    classes = max(targets) + 1
    logits = total(lambda t: exp(b[t]), n)
    values = [-log(exp(b[i]) / logits) for i in range(1, classes + 1)]
    shares = [sympy.Rational(targets.count(i), len(targets)) for i in range(classes)]
    return sign_of * sum(w * expanded(value, {n: classes}) for w, value in zip(shares, values, strict=True))


cross_entropy = Derivation(
    name="NLL, cross-entropy and KL",
    source="Kullback & Leibler 1951; " + BOOK,
    letters=(
        "a and q are positive numbers. The shares of the data are a/Σa, called p in the reasons, and the "
        "probabilities of the model q/Σq, called q there; none of them is 0. Y_r is the target of row r."
    ),
    names={Symbol("A"): total(lambda t: a[t], n), Symbol("Q"): total(lambda t: q[t], n)},
    claims=(
        claim(
            "mean NLL",
            -total(lambda r, i: Y[r, i] * log(M(i)), N, n) / N,
            "=",
            EMPIRICAL,
            Step("regroup by class", EMPIRICAL, "examples of one class have one NLL"),
        ),
        claim(
            "cross-entropy",
            -total(lambda i: P(i) * log(M(i)), n),
            "=",
            ENTROPY + KL,
            Step("add and take away the entropy", ENTROPY + KL, "log q = log p − log(p/q)"),
        ),
        claim(
            "Gibbs' inequality",
            KL,
            "≥",
            0,
            Step("log u ≤ u − 1", 0, "at u = q/p, weighted by p: Σ p(u − 1) = 0, as both add up to 1", "≥", GIBBS),
        ),
    ),
    ties=(
        Comparison(
            "mean NLL of the code", TARGETS, shipped_mean_nll, claimed_cross_entropy, "ffn.network.forward.objective"
        ),
    ),
    planted=(
        WrongStep("sum in place of the mean", "regroup by class", EMPIRICAL * N),
        WrongStep("KL the other way round", "add and take away the entropy", ENTROPY - KL),
        WrongStep("wrong direction", "log u ≤ u − 1", relation="≤"),
        WrongStep("sign", "mean NLL of the code", claimed=lambda targets: claimed_cross_entropy(targets, -1)),
    ),
)

(x,) = reals("x")
t, u = positives("t u")
d = sympy.Symbol("d", nonnegative=True)
NEAR_1 = claim(
    "at 1 + t",
    log(1 + t),
    "≤",
    t,
    Step("tangent at 0", t, "the same at u = 1 + t", "≤", Valley(t, 0, t**2 / (1 + t))),
)
AT_EVERY_U = claim(
    "at every u",
    log(u),
    "≤",
    u - 1,
    Step(
        "tangent at 1",
        u - 1,
        "the difference is 0 at 1 and rises away from it",
        "≤",
        Valley(u, 1, (u - 1) ** 2 / u),
    ),
)
EXPONENTIAL = claim(
    "the exponential above its tangent",
    1 + x,
    "≤",
    exp(x),
    Step("the logarithm of it", exp(x), "log u ≤ u − 1 at u = e^x", "≤", uses=Uses(AT_EVERY_U, {u: exp(x)})),
)
logarithm = Derivation(
    name="log u ≤ u − 1",
    source="classical",
    claims=(
        AT_EVERY_U,
        NEAR_1,
        claim(
            "from below",
            1 - 1 / u,
            "≤",
            log(u),
            Step("of the reciprocal", log(u), "log u ≤ u − 1 at 1/u", "≤", uses=Uses(AT_EVERY_U, {u: 1 / u})),
        ),
        EXPONENTIAL,
        claim(
            "decay",
            exp(-d),
            "≤",
            1,
            Step("more than it", exp(-d) * (1 + d), "d ≥ 0", "≤", d * exp(-d)),
            Step("at most 1", 1, "1 + d ≤ e^d, times e^-d", "≤", uses=Uses(EXPONENTIAL, {x: d}, exp(-d))),
        ),
    ),
    untied="a lemma: the code has no such formula",
    planted=(
        WrongStep("wrong direction", "tangent at 1", relation="≥"),
        WrongStep("shifted tangent", "tangent at 1", u - 2),
        WrongStep("below its tangent", "the logarithm of it", exp(x) - 1),
        WrongStep("wrong slope", "tangent at 0", t, certificate=Valley(t, 0, t**2)),
    ),
)
