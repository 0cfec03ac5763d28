"""Minima that are not attained, and penalties that make them so."""

from __future__ import annotations

from typing import Any

from sympy import Rational, exp, log

from ffn.network.description import Output
from ffn.network.outputs import distribution_of
from ffn.numbers.symbolic import symbolic
from proofs.chapters.code_on_symbols import gradients, network_1
from proofs.engine.derivation import Comparison, Derivation, Step, Valley, WrongStep, chain
from proofs.engine.notation import Partial, positives, reals, sigmoid, softplus

w, K = reals("w K")
t, lam, var, eps, r, beta = positives("t λ v ε r β")
HALF = Rational(1, 2)

LOSS = softplus(-t)  # the logistic loss at the margin t
separable = Derivation(
    name="separable logistic regression",
    statement="On separable data the logistic loss has the infimum 0 along a separating direction, never attained: "
    "it is positive, decreasing, and at most ε at the margin log(1/ε).",
    hypotheses=("all margins are the multiples t of one separating direction; t > 0",),
    source="Soudry, Hoffer, Nacson, Gunasekar & Srebro 2018",
    chains=(
        chain("never 0", LOSS, Step("positive", 0, "log of more than 1", ">", LOSS)),
        chain(
            "always falling",
            Partial(LOSS, t),
            Step("slope", -sigmoid(-t), "softplus′ = σ"),
            Step("negative", 0, "σ is positive", "<", sigmoid(-t)),
        ),
        chain(
            "as small as wanted",
            LOSS.xreplace({t: -log(eps)}),
            Step("at log 1/ε", log(1 + eps), "e^-t = ε"),
            Step("at most ε", eps, "log(1 + ε) ≤ ε", "≤", Valley(eps, 0, eps**2 / (1 + eps))),
        ),
    ),
    ties=(
        Comparison(
            "gradient of the code",
            ((),),
            lambda case: gradients(network_1(None, "bernoulli"), (t, 0), 1, 1)[0],
            lambda case: -sigmoid(-t),
            "ffn.network.backward.gradient",
        ),
    ),
    planted=(
        WrongStep("minimum attained", "positive", relation="<"),
        WrongStep("sign of the slope", "slope", sigmoid(-t)),
        WrongStep("half of ε", "at most ε", eps / 2),
        WrongStep("slope reflected", "gradient of the code", claimed=lambda case: -sigmoid(t)),
    ),
)

RIDGE = softplus(-w) + lam * w**2 / 2
RIDGE_SLOPE = lam * w - sigmoid(-w)
ridge = Derivation(
    name="ridge makes the minimum unique",
    statement="softplus(−w) + λw²/2 with λ > 0 is strictly convex, and has one minimum: where σ(−w) = λw, with w > 0.",
    hypotheses=("λ > 0", "margins w of one separating direction"),
    source="direct",
    chains=(
        chain("slope", Partial(RIDGE, w), Step("differentiate", RIDGE_SLOPE, "softplus′ = σ")),
        chain(
            "strictly convex",
            Partial(RIDGE_SLOPE, w),
            Step("second derivative", lam + exp(-w) / (1 + exp(-w)) ** 2, "σ′ is even"),
            Step("positive", 0, "λ and σ′ are", ">", lam + exp(-w) / (1 + exp(-w)) ** 2),
        ),
        chain("falling at 0", RIDGE_SLOPE.xreplace({w: Rational(0)}), Step("slope at 0", 0, "−σ(0) = −1/2", "<", HALF)),
        chain(
            "rising at 1/λ",
            RIDGE_SLOPE.xreplace({w: 1 / lam}),
            Step("1 − σ is a σ", sigmoid(1 / lam), "λ/λ = 1"),
            Step("slope at 1/λ", 0, "σ is positive", ">", sigmoid(1 / lam)),
        ),
    ),
    conclusion="The slope is continuous and rises, from negative at 0 to positive at 1/λ: it has one zero.",
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


def shipped_variance_nll(case: tuple[Any, Any]) -> Any:
    """(r, s) → the NLL of the code at the residual r and the log-variance s, without its constant, on symbols."""
    residual, log_variance = case
    z, y = symbolic.asarray([[residual, log_variance]]), symbolic.asarray([[0]])
    return distribution_of(Output("heteroscedastic")).kernel(symbolic, z, y)[0, 0]


variance = Derivation(
    name="a learned variance",
    statement="The gaussian NLL r²/2v + ½ log v is least at v = r², where it is ½ + log r: unbounded below as r → 0. "
    "With a prior term b/v the minimum at r = 0 is v = 2b.",
    hypotheses=("v > 0, r is the residual, b > 0; the constant ½ log 2π left out",),
    source="Goodfellow, Bengio & Courville 2016, section 6.2.2.4",
    chains=(
        chain(
            "stationary",
            Partial(NLL, var),
            Step("slope in v", (var - r**2) / (2 * var**2), "negative below r², positive above"),
        ),
        chain(
            "least value",
            NLL,
            Step(
                "at v = r²",
                HALF + log(r),
                "the NLL rises away from v = r²",
                "≥",
                Valley(var, r**2, (var - r**2) ** 2 / (2 * var**2)),
            ),
        ),
        chain("unbounded", (HALF + log(r)).xreplace({r: exp(-K)}), Step("at r = e^-K", HALF - K, "for every K")),
        chain(
            "with the prior",
            Partial(PRIOR, var),
            Step("slope with the prior", (var - 2 * beta) / (2 * var**2), "negative below 2b, positive above"),
        ),
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
        WrongStep("v = b", "slope with the prior", (var - beta) / (2 * var**2)),
        WrongStep("bounded", "at r = e^-K", HALF + K),
        WrongStep(
            "½ forgotten", "NLL of the code with v = e^s", claimed=lambda case: case[0] ** 2 * exp(-case[1]) + case[1]
        ),
    ),
)
