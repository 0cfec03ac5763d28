"""Negative log-likelihoods of the output distributions of single units."""

from __future__ import annotations

from typing import Any

import sympy
from sympy import Abs, Symbol, exp, log, loggamma, pi, sign, sqrt

from ffn.network.description import Output
from ffn.network.outputs import distribution_of
from ffn.numbers.symbolic import symbolic
from proofs.engine.derivation import Comparison, Derivation, Fact, Step, WrongStep, claim
from proofs.engine.notation import Partial, positives, reals, sigmoid, softplus

z, y = reals("z y")
count = Symbol("y", nonnegative=True)
(gap,) = positives("t")
BOOK = "Goodfellow, Bengio & Courville 2016, section 6.2.2"


CODE = {  # of each output, what computes its NLL and its gradient
    "gaussian": ("ffn.network.outputs._squared_error", "ffn.network.outputs._gaussian_gradient"),
    "laplace": ("ffn.network.outputs._absolute_error", "ffn.network.outputs: laplace"),
    "bernoulli": ("ffn.network.outputs._bernoulli_kernel", "ffn.network.outputs._bernoulli_gradient"),
    "poisson": ("ffn.network.outputs: poisson", "ffn.network.outputs: poisson"),
}


def ties(name: str, nll: Any, gradient: Any, target: Any, cases: tuple[Any, ...]) -> tuple[Comparison, ...]:
    """The code's NLL and gradient, on symbols, against two expressions in z and the target."""

    def shipped(case: tuple[Any, Any]) -> tuple[Any, Any]:
        distribution = distribution_of(Output(name))
        logit, given = (symbolic.asarray([[value]]) for value in case)
        kernel, constant = distribution.kernel(symbolic, logit, given), distribution.constant(symbolic, given)
        return (kernel + constant)[0, 0], distribution.gradient(symbolic, logit, given)[0, 0]

    def tie(what: str, place: int, expr: Any) -> Comparison:
        def claimed(case: tuple[Any, Any]) -> Any:
            return expr.xreplace({z: case[0], target: case[1]})

        return Comparison(what, cases, lambda case: shipped(case)[place], claimed, CODE[name][place])

    return tie("NLL of the code", 0, nll), tie("gradient of the code", 1, gradient)


def output(
    name: str,
    density: Any,
    nll: Any,
    gradient: Any,
    variance: Any,
    target: Any,
    why: str,
    wrong: Any,
    letters: str,
) -> Derivation:
    """An exponential family with natural parameter z: NLL, gradient mean − statistic, second derivative variance."""
    return Derivation(
        name=f"{name} NLL",
        source=BOOK,
        letters=letters,
        claims=(
            claim(
                "NLL",
                -log(density),
                "=",
                nll,
                Step("take the log", nll, why),
            ),
            claim(
                "gradient",
                Partial(nll, z),
                "=",
                gradient,
                Step("mean minus statistic", gradient, "differentiate"),
            ),
            claim(
                "second derivative",
                Partial(Partial(nll, z), z),
                ">",
                0,
                Step("variance", variance, "differentiate the mean"),
                Step("convex", 0, "a variance is positive", ">", variance),
            ),
        ),
        ties=ties(name, nll, gradient, target, ((z, target),)),
        planted=(
            WrongStep("sign of the gradient", "mean minus statistic", -gradient),
            WrongStep("log density in place of its negative", "take the log", -nll),
            WrongStep("another variance", "variance", 2 * variance),
            WrongStep("another distribution's gradient", "gradient of the code", claimed=lambda case: wrong),
        ),
    )


gaussian = output(
    "gaussian",
    exp(-((y - z) ** 2) / 2) / sqrt(2 * pi),
    (y - z) ** 2 / 2 + log(2 * pi) / 2,
    z - y,
    sympy.S.One,
    y,
    "the log cancels the exp",
    sign(z - y),
    "z is the mean, y the target; the variance is 1.",
)
bernoulli = output(
    "bernoulli",
    sigmoid(z) ** y * sigmoid(-z) ** (1 - y),
    softplus(z) - y * z,
    sigmoid(z) - y,
    exp(-z) / (1 + exp(-z)) ** 2,
    y,
    "−log σ(z) = softplus(z) − z and −log σ(−z) = softplus(z)",
    (sigmoid(z) - y) * sigmoid(z) * sigmoid(-z),
    "z is the logit, y the target.",
)
poisson = output(
    "poisson",
    exp(z) ** count * exp(-exp(z)) * exp(-loggamma(count + 1)),
    exp(z) - count * z + loggamma(count + 1),
    exp(z) - count,
    exp(z),
    count,
    "log λ = z",
    z - count,
    "z is the log of the rate λ, y the target.",
)

ABSOLUTE = Abs(y - z) + log(2)
laplace = Derivation(
    name="laplace NLL",
    source=BOOK,
    letters="z is the median, y the target; the scale is 1.",
    claims=(
        claim(
            "NLL",
            -log(exp(-Abs(y - z)) / 2),
            "=",
            ABSOLUTE,
            Step("take the log", ABSOLUTE, "the log cancels the exp"),
        ),
        claim(
            "gradient",
            Partial(ABSOLUTE, z),
            "=",
            -sign(y - z),
            Step("sign", -sign(y - z), "|u|′ = sign u off 0"),
            given=(Fact(y, "≠", z),),
        ),
    ),
    ties=ties("laplace", ABSOLUTE, -sign(y - z), y, ((z, z + gap), (z, z - gap))),
    planted=(
        WrongStep("gradient of the squared error", "sign", z - y),
        WrongStep("sign of the gradient", "sign", sign(y - z)),
        WrongStep("normalisation", "take the log", Abs(y - z) - log(2)),
        WrongStep("other side", "gradient of the code", claimed=lambda case: sign(case[1] - case[0])),
    ),
)


(a,) = reals("a")  # the means of the two components are ±a from their midpoint
MIXED = -log(exp(-((y - z - a) ** 2) / 2) + exp(-((y - z + a) ** 2) / 2))
AT_MIDPOINT = -log(exp(-((z + a) ** 2) / 2) + exp(-((z - a) ** 2) / 2))


def curvature(at: Any) -> Any:
    """1 − a² sech²(a z): what a shift z of the midpoint from the target does to the slope."""
    return 1 - 4 * a**2 * exp(2 * a * at) / (1 + exp(2 * a * at)) ** 2


def shipped_mixture(case: tuple[Any, Any]) -> Any:
    """(means, y) → the NLL of the code's mixture of two unit gaussians of equal weight, without constants."""
    (first, second), target = case
    logits = symbolic.asarray([[0, 0, first, second, 0, 0]])
    nll = distribution_of(Output("mixture", components=2)).kernel(symbolic, logits, symbolic.asarray([[target]]))
    return nll[0, 0] - log(2)


mixture = Derivation(
    name="mixture NLL is not convex",
    source="derived here; mixtures as outputs: Bishop 1994",
    letters=(
        "Two gaussians of variance 1 with equal shares have their means at z − a and z + a, and the target is 0; "
        "the constant factor of the density is left out."
    ),
    claims=(
        claim(
            "second derivative",
            Partial(Partial(AT_MIDPOINT, z), z),
            "=",
            curvature(z),
            Step("differentiate twice", curvature(z), "the two exponents differ by 2az"),
        ),
        claim(
            "not convex",
            curvature(z),
            "<",
            0,
            Step("put z = 0", 1 - a**2, "e^0 = 1: at the midpoint"),
            Step("means more than 2 apart", 0, "a > 1", "<"),
            given=(Fact(a, ">", 1),),
            exists={z: 0},
        ),
        claim("six apart", curvature(z), "=", -8, because="1 − 9", exists={z: 0, a: 3}),
    ),
    ties=(
        Comparison(
            "NLL of the code",
            (((z + a, z - a), y), ((a, -a), sympy.Integer(0))),
            shipped_mixture,
            lambda case: MIXED.xreplace({y: case[1]} | ({} if case[0][0].has(z) else {z: sympy.Integer(0)})),
            "ffn.network.outputs._mixture_kernel",
        ),
    ),
    planted=(
        WrongStep("convex", "differentiate twice", sympy.S.One),
        WrongStep("factor 4 forgotten", "differentiate twice", 1 - (1 - curvature(z)) / 4),
        WrongStep("sign", "put z = 0", 1 + a**2),
        WrongStep("one component", "NLL of the code", claimed=lambda case: (case[1] - case[0][0]) ** 2 / 2),
    ),
)
