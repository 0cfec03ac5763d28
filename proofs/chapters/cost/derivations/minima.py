"""Minima that are not attained, and penalties that make them so."""

from __future__ import annotations

from typing import Any

import sympy
from sympy import Rational, exp, log

from ffn.network.description import Output
from ffn.network.outputs import distribution_of
from ffn.numbers.symbolic import symbolic
from proofs.chapters.code_on_symbols import gradients, network_1
from proofs.chapters.cost.derivations.likelihood import NEAR_1
from proofs.engine.derivation import Comparison, Derivation, Extremum, Step, Uses, Valley, Worded, WrongStep, claim
from proofs.engine.notation import Partial, positives, reals, sigmoid, softplus

w, K = reals("w K")
t, lam, var, eps, r, beta = positives("t λ v ε r β")
HALF = Rational(1, 2)

LOSS = softplus(-w)  # the logistic loss at the margin w
separable = Derivation(
    name="separable logistic regression",
    letters="w is the margin: the logit of the right class, of one row or of the one that is nearest to the border.",
    source="Soudry, Hoffer, Nacson, Gunasekar & Srebro 2018",
    claims=(
        Extremum(
            "the loss by the margin",
            "infimum",
            LOSS,
            (w,),
            sympy.S.Zero,
            (Step("positive", 0, "log of more than 1", ">", log(1 + exp(-w))),),
            at={w: -log(eps / 2)},
            margin=eps,
            near=(
                Step("at log 2/ε", log(1 + eps / 2), "e^-w = ε/2"),
                Step("at most ε/2", eps / 2, "log(1 + t) ≤ t", "≤", uses=Uses(NEAR_1, {t: eps / 2})),
                Step("less than ε", eps, "ε is positive", "<", eps / 2),
            ),
        ),
        claim(
            "always falling",
            Partial(LOSS, w),
            "<",
            0,
            Step("slope", -sigmoid(-w), "softplus′ = σ"),
            Step("negative", 0, "σ is positive", "<", 1 / (1 + exp(w))),
        ),
    ),
    ties=(
        Comparison(
            "gradient of the code",
            ((),),
            lambda case: gradients(network_1(None, "bernoulli"), (w, 0), 1, 1)[0],
            lambda case: -sigmoid(-w),
            "ffn.network.backward.gradient",
        ),
    ),
    planted=(
        WrongStep("minimum attained", "positive", relation="<"),
        WrongStep("sign of the slope", "slope", sigmoid(-w)),
        WrongStep("a quarter of ε", "at most ε/2", eps / 4),
        WrongStep("slope reflected", "gradient of the code", claimed=lambda case: -sigmoid(w)),
    ),
)

RIDGE = softplus(-w) + lam * w**2 / 2
RIDGE_SLOPE = lam * w - sigmoid(-w)
ridge = Derivation(
    name="ridge makes the minimum unique",
    letters="w is the weight of one row with the input 1, so that its margin is w; λ is the weight decay.",
    source="derived here",
    claims=(
        claim(
            "slope",
            Partial(RIDGE, w),
            "=",
            RIDGE_SLOPE,
            Step("differentiate", RIDGE_SLOPE, "softplus′ = σ"),
        ),
        claim(
            "strictly convex",
            Partial(RIDGE_SLOPE, w),
            ">",
            0,
            Step("second derivative", lam + exp(-w) / (1 + exp(-w)) ** 2, "σ′ is even"),
            Step("positive", 0, "λ and σ′ are", ">", lam + exp(-w) / (1 + exp(-w)) ** 2),
        ),
        claim(
            "at most one zero",
            RIDGE_SLOPE.xreplace({w: w + t}),
            ">",
            RIDGE_SLOPE,
            because="the slope rises: λt is positive, and σ(−w − t) < σ(−w)",
        ),
        claim("falling at 0", RIDGE_SLOPE, "<", 0, Step("slope at 0", 0, "−σ(0) = −1/2", "<", HALF), exists={w: 0}),
        claim(
            "rising at 1/λ",
            RIDGE_SLOPE,
            ">",
            0,
            Step("1 − σ is a σ", sigmoid(1 / lam), "λ/λ = 1"),
            Step("slope at 1/λ", 0, "σ is positive", ">", 1 / (1 + exp(-1 / lam))),
            exists={w: 1 / lam},
        ),
    ),
    worded=(
        Worded(
            "one minimum",
            "For λ > 0, softplus(−w) + λw²/2 has one minimum, between 0 and 1/λ, where σ(−w) = λw.",
            "Its slope is continuous, negative at 0 and positive at 1/λ, so that it has a zero between them, and no "
            "other, as it rises; what falls before it and rises behind it has its minimum there.",
            rocq=("decayed_minimum",),
        ),
    ),
    ties=(
        Comparison(
            "gradient of the code",
            (0.5, 0.25),
            lambda decay: gradients(network_1(None, "bernoulli", decay), (w, 0), 1, 1)[0],
            lambda decay: RIDGE_SLOPE.xreplace({lam: Rational(decay)}),
            "ffn.network.backward.gradient",
        ),
    ),
    planted=(
        WrongStep("λ doubled", "differentiate", 2 * lam * w - sigmoid(-w)),
        WrongStep("σ reflected", "differentiate", lam * w - sigmoid(w)),
        WrongStep("rising at 0", "slope at 0", relation=">"),
        WrongStep("no penalty", "gradient of the code", claimed=lambda decay: -sigmoid(-w)),
    ),
)

NLL = r**2 / (2 * var) + log(var) / 2
PRIOR = beta / var + log(var) / 2


least_nll = Extremum(
    "least value",
    "minimum",
    NLL,
    (var,),
    HALF + log(r),
    (
        Step(
            "at v = r²",
            HALF + log(r),
            "the NLL rises away from v = r²",
            "≥",
            Valley(var, r**2, (var - r**2) ** 2 / (2 * var**2)),
        ),
    ),
    at={var: r**2},
)
least_prior = Extremum(
    "with the prior",
    "minimum",
    PRIOR,
    (var,),
    HALF + log(2 * beta) / 2,
    (
        Step(
            "at v = 2β",
            HALF + log(2 * beta) / 2,
            "it rises away from v = 2β",
            "≥",
            Valley(var, 2 * beta, (var - 2 * beta) ** 2 / (2 * var**2)),
        ),
    ),
    at={var: 2 * beta},
)


def shipped_variance_nll(case: tuple[Any, Any]) -> Any:
    """(r, s) → the NLL of the code at the residual r and the log-variance s, without its constant, on symbols."""
    residual, log_variance = case
    z, y = symbolic.asarray([[residual, log_variance]]), symbolic.asarray([[0]])
    return distribution_of(Output("heteroscedastic")).kernel(symbolic, z, y)[0, 0]


variance = Derivation(
    name="a learned variance",
    letters="r is the residual, v the variance, and β the strength of a penalty on small variances, β/v.",
    source="Goodfellow, Bengio & Courville 2016, section 6.2.2.4",
    claims=(
        claim(
            "stationary",
            Partial(NLL, var),
            "=",
            (var - r**2) / (2 * var**2),
            Step("slope in v", (var - r**2) / (2 * var**2), "negative below r², positive above"),
        ),
        least_nll,
        claim(
            "unbounded below",
            NLL,
            "=",
            HALF - K,
            Step("at r = e^-K and v = r²", HALF - K, "for every K"),
            exists={var: exp(-2 * K), r: exp(-K)},
        ),
        least_prior,
    ),
    ties=(
        Comparison(
            "NLL of the code with v = e^s",
            ((r, K), (-r, K), (r, 2 * log(r))),
            shipped_variance_nll,
            lambda case: case[0] ** 2 * exp(-case[1]) / 2 + case[1] / 2,
            "ffn.network.outputs._heteroscedastic_kernel",
        ),
    ),
    planted=(
        WrongStep("variance r", "slope in v", (var - r) / (2 * var**2)),
        WrongStep("greatest value", "at v = r²", relation="≤"),
        WrongStep("v = 3β", "at v = 2β", HALF + log(3 * beta) / 2),
        WrongStep("bounded", "at r = e^-K and v = r²", HALF + K),
        WrongStep(
            "½ forgotten", "NLL of the code with v = e^s", claimed=lambda case: case[0] ** 2 * exp(-case[1]) + case[1]
        ),
    ),
)
