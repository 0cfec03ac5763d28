"""Random masks: one network for the geometric mean over all of them."""

from __future__ import annotations

from typing import Any

from sympy import exp, log

from ffn.network.description import Network, Output
from ffn.network.dropout import weight_scaled
from ffn.network.forward import trace
from ffn.numbers.symbolic import symbolic
from proofs.engine.derivation import Comparison, Derivation, Step, WrongStep, claim
from proofs.engine.instances import entries, formula
from proofs.engine.notation import array, dimension, index, reals, total

D, R, C = map(dimension, "DRC")
W, h, M, b = array("W", D, C), array("h", D), array("μ", R, D), array("b", C)
(c,) = reals("c")
a = array("a", R, positive=True)
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
    source="Srivastava et al. 2014; Goodfellow, Bengio & Courville 2016, section 7.12",
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
