"""The categorical NLL log Σ exp z − z_y: gradient and Hessian, for any number n of classes."""

from __future__ import annotations

from typing import Any

import sympy
from sympy import KroneckerDelta, Rational, exp, log

from ffn.network.description import Output
from ffn.network.outputs import distribution_of
from ffn.numbers.symbolic import symbolic
from proofs.chapters.cost.derivations.softmax import (
    JACOBIAN,
    NORMALISER,
    SIZES,
    Pivoted,
    Z,
    i,
    j,
    n,
    p,
    row,
    says,
    y,
    z,
)
from proofs.engine.derivation import Comparison, Derivation, Fact, Step, Uses, WrongStep, claim
from proofs.engine.notation import Partial, array, reals, sigmoid, softplus, total


def shipped(which: str, xp: Any) -> Any:
    """The code's kernel or gradient at every target class, class by class."""
    function = getattr(distribution_of(Output("categorical")), which)
    return lambda case: [function(xp, row(case), [target])[0] for target in range(case[0])]


v, soft = array("v", n), array("q", n)
HALF = Rational(1, 2)
NLL = log(Z()) - z[y]
TARGETS = Fact(total(lambda t: soft[t], n), "=", 1)
soft_targets = claim(
    "soft targets, of label smoothing or mixing",
    Partial(-total(lambda t: soft[t] * log(p(t)), n), z[j]),
    "=",
    p(j) - soft[j],
    Step("through every class", p(j) * total(lambda t: soft[t], n) - soft[j], "∂ log p_t/∂z_j = [t = j] − p_j"),
    Step("they add up to 1", p(j) - soft[j], "Σ q = 1", uses=Uses(TARGETS, weight=p(j))),
    given=(TARGETS,),
    example={soft: 1 / n},
)
cross_entropy = Derivation(
    name="categorical NLL",
    source="Goodfellow, Bengio & Courville 2016, section 6.2.2.3",
    letters="z are the logits, p is their softmax, y the label, q a target for every class.",
    names={NORMALISER: Z()},
    ranges={y: n, j: n},
    claims=(
        claim(
            "NLL",
            -log(p(y)),
            "=",
            NLL,
            Step("log of the quotient", NLL, "the log cancels the exp"),
        ),
        claim(
            "gradient",
            Partial(NLL, z[j]),
            "=",
            p(j) - KroneckerDelta(y, j),
            Step("differentiate", p(j) - KroneckerDelta(y, j), "∂ log Σ = ∂Σ/Σ = p_j, and ∂z_y/∂z_j = [y = j]"),
        ),
        claim(
            "it adds up to 0",
            total(lambda t: p(t) - KroneckerDelta(y, t), n),
            "=",
            sympy.S.Zero,
            Step("sum over the classes", sympy.S.Zero, "Σ p = 1 = Σ e_y"),
        ),
        soft_targets,
    ),
    ties=(
        Comparison(
            "NLL of the code",
            SIZES,
            shipped("kernel", Pivoted()),
            says(NLL, y),
            "ffn.network.outputs._categorical_kernel",
        ),
        Comparison(
            "gradient of the code",
            SIZES,
            shipped("gradient", symbolic),
            says(p(j) - KroneckerDelta(y, j), y, j),
            "ffn.network.outputs._categorical_gradient",
        ),
    ),
    planted=(
        WrongStep("sign", "differentiate", KroneckerDelta(y, j) - exp(z[j]) / Z()),
        WrongStep("target forgotten", "differentiate", p(j)),
        WrongStep("index", "differentiate", p(y) - KroneckerDelta(y, j)),
        WrongStep("targets forgotten", "they add up to 1", p(j)),
        WrongStep("log of the sum lost", "log of the quotient", Z() - z[y]),
        WrongStep(
            "softmax differentiated once more",
            "gradient of the code",
            claimed=says(p(j) * (p(j) - KroneckerDelta(y, j)), y, j),
        ),
    ),
)


def quadratic(entry: Any) -> Any:
    """vᵀHv."""
    return total(lambda s, t: v[s] * v[t] * entry(s, t), n, n)


MEAN = total(lambda t: p(t) * v[t], n)
VARIANCE = total(lambda t: p(t) * v[t] ** 2, n) - MEAN**2
PAIRS = HALF * total(lambda s, t: p(s) * p(t) * (v[s] - v[t]) ** 2, n, n)
HALF_NORM = HALF * total(lambda t: v[t] ** 2, n)
CERTIFICATE = total(lambda t: 2 * v[t] ** 2 * (HALF - p(t)) ** 2, n) + HALF * total(
    lambda s, t: (1 - KroneckerDelta(s, t)) * p(s) * p(t) * (v[s] + v[t]) ** 2, n, n
)

hessian = Derivation(
    name="categorical NLL, Hessian",
    source="Böhning 1992",
    letters=(
        "z are the logits, p is their softmax, y the label, e_y its one-hot vector; v is any direction, in which "
        "the curvature is that of the second claim."
    ),
    names={NORMALISER: Z()},
    ranges={i: n, j: n, y: n},
    claims=(
        claim(
            "Hessian",
            Partial(Partial(NLL, z[i]), z[j]),
            "=",
            JACOBIAN,
            Step("differentiate twice", JACOBIAN, "the gradient is p − e_y, and e_y is constant"),
        ),
        claim(
            "positive semidefinite",
            quadratic(lambda s, t: p(s) * (KroneckerDelta(s, t) - p(t))),
            "≥",
            0,
            Step("variance", VARIANCE, "the curvature along v is the variance of v under p"),
            Step("over pairs", PAIRS, "the variance is half the mean squared difference of two draws"),
            Step("not negative", 0, "squares and probabilities", "≥", PAIRS),
        ),
        claim(
            "at most a half",
            VARIANCE,
            "≤",
            HALF_NORM,
            Step(
                "bound",
                HALF_NORM,
                "(v_s − v_t)² = 2v_s² + 2v_t² − (v_s + v_t)², and 2p(1 − p) = ½ − 2(½ − p)²",
                "≤",
                CERTIFICATE,
            ),
        ),
    ),
    untied="the code needs no second derivative",
    planted=(
        WrongStep("off-diagonal term dropped", "differentiate twice", KroneckerDelta(i, j) * p(i) * (1 - p(i))),
        WrongStep("square of the mean lost", "variance", total(lambda t: p(t) * v[t] ** 2, n)),
        WrongStep("half lost", "over pairs", 2 * PAIRS),
        WrongStep("a quarter in place of a half", "bound", HALF_NORM / 2),
        WrongStep(
            "equal pairs kept in the certificate",
            "bound",
            certificate=total(lambda t: 2 * v[t] ** 2 * (HALF - p(t)) ** 2, n)
            + HALF * total(lambda s, t: p(s) * p(t) * (v[s] + v[t]) ** 2, n, n),
        ),
    ),
)

# Two classes with the logits 0 and x, against one Bernoulli unit

x, target, gap = reals("x y d")
PAIR = log(1 + exp(x))  # log-sum-exp of 0 and x
BERNOULLI = softplus(x) - target * x


def shipped_two_ways(label: int) -> list[Any]:
    """The NLL by the code's categorical kernel at the logits 0 and x, and by its Bernoulli kernel at x, on symbols."""
    categorical, bernoulli = (distribution_of(name) for name in (Output("categorical"), Output("bernoulli")))
    pair, single = symbolic.asarray([[0, x]]), symbolic.asarray([[x]])
    return [
        categorical.kernel(symbolic, pair, [label])[0],
        bernoulli.kernel(symbolic, single, symbolic.asarray([[label]]))[0, 0],
    ]


two_classes = Derivation(
    name="sigmoid cross-entropy is a two-class softmax",
    source="Goodfellow, Bengio & Courville 2016, section 6.2.2.3",
    letters=(
        "The logits of the two classes are 0 and x; y is the target of the second, from 0 to 1, and d a gap between "
        "two logits."
    ),
    claims=(
        claim(
            "probability",
            exp(x) / (exp(0) + exp(x)),
            "=",
            sigmoid(x),
            Step("divide by e^x", sigmoid(x), "above and below"),
        ),
        claim(
            "any two logits",
            log(exp(x) + exp(x - gap)) - x,
            "=",
            softplus(-gap),
            Step("take out the first", softplus(-gap), "the loss of one of two classes is softplus of minus the gap"),
        ),
        claim(
            "loss",
            -(1 - target) * log(1 / (1 + exp(x))) - target * log(exp(x) / (1 + exp(x))),
            "=",
            BERNOULLI,
            Step("logs of the quotients", PAIR - target * x, "both classes' NLLs, weighted 1 − y and y"),
            Step("by its name", BERNOULLI, "log(1 + e^x) is softplus"),
        ),
        claim(
            "gradient",
            Partial(BERNOULLI, x),
            "=",
            sigmoid(x) - target,
            Step("differentiate", sigmoid(x) - target, "softplus′ = σ: the second class's probability less its target"),
        ),
    ),
    ties=(
        Comparison(
            "both kernels of the code",
            (0, 1),
            shipped_two_ways,
            lambda label: [BERNOULLI.xreplace({target: sympy.Integer(label)})] * 2,
            "ffn.network.outputs._categorical_kernel",
        ),
    ),
    planted=(
        WrongStep("the other class", "divide by e^x", sigmoid(-x)),
        WrongStep("gap reversed", "take out the first", softplus(gap)),
        WrongStep("target forgotten", "logs of the quotients", PAIR),
        WrongStep("slope of the wrong class", "differentiate", target - sigmoid(x)),
        WrongStep(
            "labels exchanged",
            "both kernels of the code",
            claimed=lambda label: [BERNOULLI.xreplace({target: sympy.Integer(1 - label)})] * 2,
        ),
    ),
)
