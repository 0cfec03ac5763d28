"""Random masks: one network for the geometric mean over all of them."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from math import prod
from typing import Any

import numpy as np
from sympy import KroneckerDelta, Symbol, exp, log

from ffn.network.description import Network, Output
from ffn.network.dropout import weight_scaled
from ffn.network.forward import objective, trace
from ffn.numbers.exact import exact
from ffn.numbers.symbolic import symbolic
from proofs.engine.derivation import Comparison, Derivation, Fact, Step, Uses, WrongStep, claim
from proofs.engine.instances import entries, formula
from proofs.engine.notation import Partial, array, dimension, index, reals, total

D, R, C = map(dimension, "DRC")
W, h, M, b = array("W", D, C), array("h", D), array("μ", R, D), array("b", C)
(c,) = reals("c")
a = array("a", R, positive=True)
i, k = index("i"), index("k")


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
    keep = formula(kept(k), {k: D}, (R, D, C))(case)
    scaled = weight_scaled(((entries(W, inputs, classes), entries(b, classes)),), (keep,))
    network = Network(inputs, classes, Output("categorical"))
    return trace(symbolic, network, scaled, entries(h, inputs).reshape(1, -1))[-1].h[0]


weight_scaling = Derivation(
    name="dropout, weight scaling",
    source="Srivastava et al. 2014; Goodfellow, Bengio & Courville 2016, section 7.12",
    letters=(
        "Mask s has the chance a_s/Σa and the entries μ_sp; W and b are the weights and the biases of a softmax "
        "that reads μ_s h, a product entry by entry. c is any number, and in use the mean of the normalisers log Σ "
        "exp."
    ),
    ranges={k: C},
    claims=(
        claim(
            "log of the geometric mean",
            total(lambda s: chance(s) * (logit(k, lambda p: M[s, p]) - normaliser(s)), R),
            "=",
            SCALED,
            Step("mean of the masks", SCALED, "log softmax is affine in the mask, but for a term free of the class"),
        ),
        claim(
            "renormalised",
            exp(logit(k, kept) - c) / total(lambda q: exp(logit(q, kept) - c), C),
            "=",
            SOFTMAX,
            Step("that term cancels", SOFTMAX, "shift invariance; c is the mean of the normalisers"),
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

# A linear unit under inverted dropout: each input is kept with the probability q_p, and divided by it. Mask t is drawn
# with the probability a_t; of its entries μ the first two moments are what independent ones have.

y = Symbol("y", real=True)
w, x, q = array("w", D), array("x", D), array("q", D, positive=True)
N = dimension("N")
many = array("x", N, D)


def mean(of: Any) -> Any:
    """The mean over the masks."""
    return total(lambda t: a[t] * of(t), R)


def read(p: Any) -> Any:
    """What a kept input contributes."""
    return w[p] * x[p] / q[p]


CERTAIN = Fact(total(lambda t: a[t], R), "=", 1)
KEPT = Fact(mean(lambda t: M[t, i]), "=", q[i], {i: D})
INDEPENDENT = Fact(
    mean(lambda t: M[t, i] * M[t, k]), "=", q[i] * q[k] + KroneckerDelta(i, k) * q[i] * (1 - q[i]), {i: D, k: D}
)
AT_MOST_1 = Fact(q[i], "≤", 1, {i: D})
EXPECTED = mean(lambda t: (y - total(lambda p: read(p) * M[t, p], D)) ** 2)
FIRST = -2 * y * total(lambda p: read(p) * mean(lambda t: M[t, p]), D)
SECOND = total(lambda p, r: read(p) * read(r) * mean(lambda t: M[t, p] * M[t, r]), D, D)
CROSS = -2 * y * total(lambda p: w[p] * x[p], D)
PAIRS = total(
    lambda p, r: (q[p] * q[r] + KroneckerDelta(p, r) * q[p] * (1 - q[p])) * read(p) * read(r),
    D,
    D,
)
PLAIN = (y - total(lambda p: w[p] * x[p], D)) ** 2
PENALTY = total(lambda p: (1 - q[p]) / q[p] * w[p] ** 2 * x[p] ** 2, D)
OVER_ROWS = total(lambda r: total(lambda p: (1 - q[p]) / q[p] * w[p] ** 2 * many[r, p] ** 2, D), N)
RIDGE = total(lambda p: (1 - q[p]) / q[p] * total(lambda r: many[r, p] ** 2, N) * w[p] ** 2, D)
KEEP = (Fraction(1, 2), Fraction(1, 3), Fraction(3, 4))
WEIGHTS, ROW, TARGET = (2, -1, 3), (1, 4, -2), 5


def shipped_expectation(case: int) -> Any:
    """The mean over all masks of twice the code's loss, with divided inputs, on fractions."""
    network = Network(case, 1, Output("gaussian"))
    parameters = ((exact.asarray([[weight] for weight in WEIGHTS[:case]]), exact.asarray([0])),)
    row = np.array([[at / keep for at, keep in zip(ROW[:case], KEEP, strict=False)]])
    total_loss = Fraction(0)
    for mask in product((0, 1), repeat=case):
        chance = prod((keep if kept else 1 - keep for kept, keep in zip(mask, KEEP, strict=False)), start=Fraction(1))
        masks = (exact.asarray([mask]),)
        loss = objective(exact, network, parameters, row, exact.asarray([[TARGET]]), masks, kernel_only=True)
        total_loss += chance * 2 * loss
    return total_loss


def claimed_expectation(case: int, penalty: int = 1) -> Any:
    inputs = list(zip(WEIGHTS[:case], ROW, KEEP, strict=False))
    plain = (TARGET - sum(weight * at for weight, at, _ in inputs)) ** 2
    return plain + penalty * sum((1 - keep) / keep * weight**2 * at**2 for weight, at, keep in inputs)


penalty = Derivation(
    name="dropout of a linear unit is a quadratic penalty",
    source="Srivastava et al. 2014, section 9.1; Wager, Wang & Liang 2013",
    letters=(
        "Mask t has the chance a_t and the entries μ_(t,p), 0 or 1, of mean q_p; a kept input x_p is divided by q_p. "
        "y is the target, w are the weights."
    ),
    ranges={k: D},
    claims=(
        claim(
            "mean squared error over the masks",
            EXPECTED,
            "=",
            y**2 + CROSS + PAIRS,
            Step("multiply out", y**2 * total(lambda t: a[t], R) + FIRST + SECOND, "the sum over the masks inside"),
            Step("the chances", y**2 + FIRST + SECOND, "they add up to 1", uses=Uses(CERTAIN, weight=y**2)),
            Step(
                "the means",
                y**2 + CROSS + SECOND,
                "E μ = q, by which the input was divided",
                uses=Uses(KEPT, {i: i}, -2 * y * read(i), {i: D}),
            ),
            Step(
                "the products",
                y**2 + CROSS + PAIRS,
                "E μ_i μ_k = q_i q_k for i ≠ k, as they are independent, but E μ² = E μ = q, as μ is 0 or 1",
                uses=Uses(INDEPENDENT, {i: i, k: k}, read(i) * read(k), {i: D, k: D}),
            ),
            given=(CERTAIN, KEPT, INDEPENDENT, AT_MOST_1),
            example={a: 1 / R, M: 1, q: 1},
        ),
        claim(
            "which is the error without masks and a penalty",
            y**2 + CROSS + PAIRS,
            "=",
            PLAIN + PENALTY,
            Step("equal and different inputs", PLAIN + PENALTY, "q_p q_r makes the square, q(1 − q) the penalty"),
        ),
        claim(
            "over the rows of a data set",
            OVER_ROWS,
            "=",
            RIDGE,
            Step("by the inputs", RIDGE, "a ridge for each weight, as strong as its input is large"),
        ),
        claim(
            "slope of the penalty",
            Partial(PENALTY, w[k]),
            "=",
            2 * (1 - q[k]) / q[k] * x[k] ** 2 * w[k],
            Step("one square", 2 * (1 - q[k]) / q[k] * x[k] ** 2 * w[k], "the others do not have this weight"),
        ),
    ),
    ties=(
        Comparison(
            "every mask by the code",
            (1, 2, 3),
            shipped_expectation,
            claimed_expectation,
            "ffn.network.forward.objective",
        ),
    ),
    planted=(
        WrongStep("no products", "the products", y**2 + CROSS),
        WrongStep("no variance", "equal and different inputs", PLAIN),
        WrongStep(
            "inputs not divided",
            "equal and different inputs",
            PLAIN + total(lambda p: (1 - q[p]) * q[p] * w[p] ** 2 * x[p] ** 2, D),
        ),
        WrongStep("mean over the rows", "by the inputs", RIDGE / N),
        WrongStep("factor 2", "one square", (1 - q[k]) / q[k] * x[k] ** 2 * w[k]),
        WrongStep("no penalty", "every mask by the code", claimed=lambda case: claimed_expectation(case, penalty=0)),
    ),
)
