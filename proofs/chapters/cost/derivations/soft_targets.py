"""Targets that are distributions or have weights: label smoothing and class weights."""

from __future__ import annotations

from typing import Any

import numpy as np
from sympy import KroneckerDelta, exp, log

from ffn.admissible import formulas
from proofs.chapters.code_on_symbols import kernels
from proofs.chapters.cost.derivations.softmax import NORMALISER, Z, n, p, row, y, z
from proofs.engine.derivation import Comparison, Derivation, Fact, Step, Uses, WrongStep, claim
from proofs.engine.instances import entries, expanded
from proofs.engine.notation import Partial, array, arrays, index, positives, reals, total

j, k = index("j"), index("k")
q = array("q", n, positive=True)
(s,) = reals("s")  # the share that is spread over the classes
SUM_1 = Fact(total(lambda t: q[t], n), "=", 1)
UNIFORM = {q: 1 / n}


def smoothed(t: Any, at: Any = y) -> Any:
    """The target's entry: (1 − s)[t = y] + s/n."""
    return (1 - s) * KroneckerDelta(t, at) + s / n


def nll_of(target: Any) -> Any:
    """−Σ target_t log p_t."""
    return -total(lambda t: target(t) * log(p(t)), n)


def above_its_logarithm(u: Any) -> Any:
    """u − 1 − log u, which is not negative."""
    return u - 1 - log(u)


ENTROPY = -total(lambda t: q[t] * log(q[t]), n)
EXCESS = total(lambda t: q[t] * above_its_logarithm(p(t) / q[t]), n)
AT_LOGS = -total(lambda t: q[t] * log(exp(log(q[t])) / total(lambda r: exp(log(q[r])), n)), n)
LABELS = ((1, 0), (2, 0), (3, 2))  # classes, label


def shipped_smoothing(case: tuple[int, int]) -> Any:
    """The loss of one example with a smoothed target, by the code on symbols."""
    classes, label = case
    return formulas.cross_entropy(kernels, row((classes,)), np.array([label]), smoothing=s)


def claimed_smoothing(case: tuple[int, int], spread: Any = s) -> Any:
    classes, label = case
    loss = nll_of(lambda t: smoothed(t, label + 1))
    return expanded(loss, {n: classes}).xreplace({s: spread})


at_least_entropy = claim(
    "a target's loss is at least its entropy",
    nll_of(lambda t: q[t]),
    "≥",
    ENTROPY,
    Step("take out the entropy", ENTROPY + EXCESS - 1 + total(lambda t: q[t], n), "−log p = −log q − log(p/q)"),
    Step("q adds up to 1", ENTROPY + EXCESS, "by hypothesis", uses=Uses(SUM_1)),
    Step("log u ≤ u − 1", ENTROPY, "at u = p/q, weighted by q", "≥", EXCESS),
    given=(SUM_1,),
    example=UNIFORM,
)
label_smoothing = Derivation(
    name="label smoothing",
    source="Szegedy, Vanhoucke, Ioffe, Shlens & Wojna 2016",
    letters=(
        "s is the share that is spread over the classes, y the label; z are the logits, p is their softmax; q is any "
        "target that adds up to 1."
    ),
    names={NORMALISER: Z()},
    ranges={y: n, j: n},
    claims=(
        claim(
            "the target adds up to 1",
            total(lambda t: smoothed(t), n),
            "=",
            1,
            Step("1 − s and n shares of s/n", 1, "one class has 1 − s, each has s/n"),
        ),
        claim(
            "gradient",
            Partial(nll_of(smoothed), z[j]),
            "=",
            p(j) - smoothed(j),
            Step(
                "through every class",
                p(j) * total(lambda t: smoothed(t), n) - smoothed(j),
                "∂ log p_t/∂z_j = [t = j] − p_j, weighted by the target",
            ),
            Step("probabilities less the target", p(j) - smoothed(j), "the target adds up to 1"),
        ),
        at_least_entropy,
        claim(
            "which it is at p = q, the logits being log q",
            AT_LOGS,
            "=",
            ENTROPY,
            Step(
                "normalise",
                ENTROPY + log(total(lambda t: q[t], n)) * total(lambda t: q[t], n),
                "log(q/Σq) = log q − log Σq",
            ),
            Step("both sums are 1", ENTROPY, "log 1 = 0"),
            given=(SUM_1,),
            example=UNIFORM,
        ),
        claim(
            "how far the label's logit is above another class's, at the logarithms of the target",
            log((1 - s + s / n) / (s / n)),
            "=",
            log(1 + n * (1 - s) / s),
            because="the label has 1 − s + s/n, another class, for n > 1, s/n: finite for s > 0",
            given=(Fact(s, ">", 0), Fact(s, "<", 1)),
        ),
    ),
    ties=(
        Comparison(
            "smoothed loss of the code",
            LABELS,
            shipped_smoothing,
            claimed_smoothing,
            "ffn.admissible.formulas.cross_entropy",
        ),
    ),
    planted=(
        WrongStep("share counted over n − 1", "1 − s and n shares of s/n", 1 + s / n),
        WrongStep("hard target", "probabilities less the target", p(j) - KroneckerDelta(y, j)),
        WrongStep("sign", "through every class", smoothed(j) - p(j) * total(lambda t: smoothed(t), n)),
        WrongStep("wrong direction", "log u ≤ u − 1", relation="≤"),
        WrongStep("entropy forgotten", "normalise", log(total(lambda t: q[t], n))),
        WrongStep(
            "half of the share", "smoothed loss of the code", claimed=lambda case: claimed_smoothing(case, s / 2)
        ),
    ),
)

# Class weights: class i has the weight c_i and m_i examples, whose mean loss is l_i

c, m, losses = array("c", n, positive=True), array("m", n, positive=True), array("l", n)
(u,) = positives("u")


def weighted_mean(weight: Any, loss: Any) -> Any:
    """Σ weight_i m_i loss_i / Σ weight_i m_i."""
    return total(lambda i: weight(i) * m[i] * loss(i), n) / total(lambda i: weight(i) * m[i], n)


def share(i: Any) -> Any:
    """The class's share of the weight: c_i m_i / Σ c m."""
    return c[i] * m[i] / total(lambda t: c[t] * m[t], n)


BALANCED = Fact(c[k] * m[k], "=", u, {k: n})
ONES = {c: 1, m: 1, u: 1}
WEIGHTED = weighted_mean(lambda i: c[i], lambda i: losses[i])
SHARES_ENTROPY = -total(lambda i: share(i) * log(share(i)), n)
WEIGHTS, OVER_CLASSES = total(lambda i: c[i] * m[i], n), total(lambda i: losses[i], n) / n
NLL = log(Z()) - z[y]
WEIGHTED_LABELS = ((1, (0,)), (2, (0, 1, 1)), (3, (2, 2, 0)))
logits, weights = arrays("x c")


def shipped_weighted(case: tuple[int, tuple[int, ...]]) -> Any:
    """The loss of a batch with class weights, by the code on symbols."""
    classes, labels = case
    batch = entries(logits, len(labels), classes)
    return formulas.cross_entropy(kernels, batch, np.array(labels), weight=entries(weights, classes))


def claimed_weighted(case: tuple[int, tuple[int, ...]], over_rows: bool = False) -> Any:
    classes, labels = case
    batch, of_class = entries(logits, len(labels), classes), entries(weights, classes)
    nll = [log(sum(map(exp, line))) - line[label] for line, label in zip(batch, labels, strict=True)]
    loss = sum(of_class[label] * each for label, each in zip(labels, nll, strict=True))
    return loss / (len(labels) if over_rows else sum(of_class[label] for label in labels))


class_weights = Derivation(
    name="class weights and their mean",
    source="derived here; King & Zeng 2001, for the weights",
    letters=(
        "c_i is the weight of class i, m_i the number of its examples and l_i their mean loss; y is the label, z are "
        "the logits, p is their softmax."
    ),
    names={NORMALISER: Z()},
    ranges={y: n, j: n, k: n},
    claims=(
        claim(
            "gradient of one example",
            Partial(c[y] * NLL, z[j]),
            "=",
            c[y] * (p(j) - KroneckerDelta(y, j)),
            Step("scaled", c[y] * (p(j) - KroneckerDelta(y, j)), "the weight does not depend on the logits"),
        ),
        claim(
            "a factor common to the weights",
            weighted_mean(lambda i: u * c[i], lambda i: losses[i]),
            "=",
            WEIGHTED,
            Step("cancel", WEIGHTED, "it stands above and below: divided by their sum, the weights matter as ratios"),
        ),
        claim(
            "equal weights",
            weighted_mean(lambda i: u, lambda i: losses[i]),
            "=",
            total(lambda i: m[i] * losses[i], n) / total(lambda i: m[i], n),
            Step(
                "the mean over the examples",
                total(lambda i: m[i] * losses[i], n) / total(lambda i: m[i], n),
                "the common factor again",
            ),
        ),
        claim(
            "weights inverse to the numbers: the losses",
            total(lambda i: c[i] * m[i] * losses[i], n),
            "=",
            u * total(lambda i: losses[i], n),
            Step(
                "every class counts alike",
                u * total(lambda i: losses[i], n),
                "c_i m_i = u",
                uses=Uses(BALANCED, {k: k}, losses[k], {k: n}),
            ),
            given=(BALANCED,),
            example=ONES,
        ),
        claim(
            "and the weights",
            total(lambda i: c[i] * m[i], n),
            "=",
            n * u,
            Step("n of them", n * u, "c_i m_i = u again", uses=Uses(BALANCED, {k: k}, 1, {k: n})),
            given=(BALANCED,),
            example=ONES,
        ),
        claim(
            "so that the weighted mean is the mean over the classes",
            WEIGHTED,
            "=",
            OVER_CLASSES,
            Step(
                "the losses above",
                u * total(lambda i: losses[i], n) / WEIGHTS,
                "c_i m_i = u",
                uses=Uses(BALANCED, {k: k}, losses[k] / WEIGHTS, {k: n}),
            ),
            Step(
                "the weights below",
                OVER_CLASSES,
                "their sum is nu",
                uses=Uses(BALANCED, {k: k}, -OVER_CLASSES / WEIGHTS, {k: n}),
            ),
            given=(BALANCED,),
            example=ONES,
        ),
        claim(
            "where one distribution answers every example",
            -weighted_mean(lambda i: c[i], lambda i: log(p(i))),
            "≥",
            SHARES_ENTROPY,
            Step("as a target", nll_of(share), "the shares c_i m_i / Σ c m in place of the classes' frequencies"),
            Step(
                "least loss",
                SHARES_ENTROPY,
                "a target's loss is at least its entropy, which it is at p = the shares",
                "≥",
                uses=Uses(at_least_entropy, {q: share}),
            ),
        ),
    ),
    ties=(
        Comparison(
            "weighted loss of the code",
            WEIGHTED_LABELS,
            shipped_weighted,
            claimed_weighted,
            "ffn.admissible.formulas.cross_entropy",
        ),
    ),
    planted=(
        WrongStep("weight of another class", "scaled", c[j] * (p(j) - KroneckerDelta(y, j))),
        WrongStep("factor kept", "cancel", u * WEIGHTED),
        WrongStep("mean over the classes", "the mean over the examples", total(lambda i: losses[i], n) / n),
        WrongStep("half of it", "every class counts alike", u * total(lambda i: losses[i], n) / 2),
        WrongStep("weights forgotten", "as a target", nll_of(lambda t: m[t] / total(lambda i: m[i], n))),
        WrongStep(
            "divided by the rows",
            "weighted loss of the code",
            claimed=lambda case: claimed_weighted(case, over_rows=True),
        ),
    ),
)
