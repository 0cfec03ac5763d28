"""Least squares by gradient descent, its rate by the conditioning, and weight decay as a prior."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from sympy import Rational, exp, log, pi

from ffn.constructions import training
from ffn.network import backward, forward
from ffn.network.description import Network, Output
from ffn.numbers.exact import exact
from ffn.numbers.symbolic import symbolic
from proofs.engine.derivation import Comparison, Derivation, Fact, Induction, Step, Uses, WrongStep, claim
from proofs.engine.instances import entries
from proofs.engine.notation import Partial, array, dimension, index, natural, positives, reals, total
from proofs.engine.notation.functions import Recursive

n, d = dimension("n"), dimension("d")
j, steps = index("j"), natural("k")
e, lam = array("e", n), array("λ", n, positive=True)  # along the eigenvectors of the curvature: errors and eigenvalues
low, high, rate, factor = positives("μ L η r")
HALF = Rational(1, 2)


class descended(Recursive):
    """e^(k) is the error after k steps along an eigenvector, e ↦ (1 − 2λ/(L + μ)) e each."""

    symbol = r"e"

    @classmethod
    def start(cls, *arguments: Any) -> Any:
        return arguments[0]

    @classmethod
    def following(cls, before: Any, *arguments: Any) -> Any:
        _, curvature, largest, least = arguments
        return (1 - 2 * curvature / (largest + least)) * before


def after(depth: Any, i: Any) -> Any:
    """The error along eigenvector i after so many steps."""
    return descended(depth, e[i], lam[i], high, low)


def squares(of: Any) -> Any:
    return total(lambda i: of(i) ** 2, n)


RATE, SHORTER = (high - low) / (high + low), 1 - low / high
BETWEEN = (Fact(low, "≤", lam[j], {j: n}), Fact(lam[j], "≤", high, {j: n}), Fact(high, ">", low))
EXAMPLE = {low: HALF, high: 2, lam: 1}


def slack(of: Any) -> Any:
    """ρ² − (1 − 2λ/(L + μ))² = 4(L − λ)(λ − μ)/(L + μ)², weighted by squares."""
    return total(lambda i: 4 * (high - lam[i]) * (lam[i] - low) / (high + low) ** 2 * of(i) ** 2, n)


STEPPED = squares(lambda i: (1 - 2 * lam[i] / (high + low)) * e[i])
FASTER = (Fact(1 - rate * low, "≤", factor), Fact(rate * high - 1, "≤", factor))


def shipped_step(case: tuple[int, int]) -> Any:
    """One step of the code on Σ ½(xᵀw)² over the rows (a, 0) and (0, b), from the weights 3 and 5, on fractions."""
    a, b = case
    network = Network(2, 1, Output("gaussian"), reduction="sum")
    parameters = ((exact.asarray([[3], [5]]), exact.asarray([0])),)
    rows, targets = exact.asarray([[a, 0], [0, b]]), exact.asarray([[0], [0]])
    slopes = backward.gradient(exact, network, parameters, rows, targets)
    return training.step(parameters, slopes, Fraction(1, 10))[0][0][:, 0]


def claimed_step(case: tuple[int, int], power: int = 2) -> list[Fraction]:
    """(1 − ηλ) w along each axis, where the eigenvalues are a² and b²."""
    return [(1 - Fraction(scale**power, 10)) * weight for scale, weight in zip(case, (3, 5), strict=True)]


descent = Derivation(
    name="least squares, rate by conditioning",
    source="Nesterov 2004, theorem 2.1.15, for the rate; Goodfellow, Bengio & Courville 2016, section 4.3.1",
    letters=(
        "λ_i are the eigenvalues of the curvature, from μ to L, and e_i the errors along their eigenvectors; ρ = (L − "
        "μ)/(L + μ). In the last claim e is Euler's number."
    ),
    ranges={j: n},
    claims=(
        claim(
            "gradient along an eigenvector",
            Partial(HALF * total(lambda i: lam[i] * e[i] ** 2, n), e[j]),
            "=",
            lam[j] * e[j],
            Step("one term", lam[j] * e[j], "so that a step of rate η multiplies the error e by 1 − ηλ"),
        ),
        claim(
            "one step",
            STEPPED,
            "≤",
            RATE**2 * squares(lambda i: e[i]),
            Step(
                "at the rate 2/(L + μ)",
                RATE**2 * squares(lambda i: e[i]),
                "ρ² − (1 − ηλ)² = 4(L − λ)(λ − μ)/(L + μ)² for μ ≤ λ ≤ L",
                "≤",
                slack(lambda i: e[i]),
            ),
            given=BETWEEN,
            example=EXAMPLE,
        ),
        claim(
            "after k steps",
            squares(lambda i: after(steps, i)),
            "≤",
            RATE ** (2 * steps) * squares(lambda i: e[i]),
            proof=Induction(
                steps,
                base=(Step("no step", squares(lambda i: e[i]), "ρ⁰ = 1"),),
                step=(
                    Step(
                        "one more step",
                        RATE**2 * squares(lambda i: after(steps, i)),
                        "the claim before, at the error after k steps",
                        "≤",
                        slack(lambda i: after(steps, i)),
                    ),
                    Step(
                        "the hypothesis",
                        RATE**2 * RATE ** (2 * steps) * squares(lambda i: e[i]),
                        "k steps shrink the error by ρ^k",
                        "≤",
                        uses=Uses(weight=RATE**2),
                    ),
                ),
                start=0,
            ),
            given=BETWEEN,
            example=EXAMPLE,
        ),
        claim(
            "at the rate 1/L",
            squares(lambda i: (1 - lam[i] / high) * e[i]),
            "≤",
            SHORTER**2 * squares(lambda i: e[i]),
            Step(
                "one step at the rate 1/L",
                SHORTER**2 * squares(lambda i: e[i]),
                "(1 − μ/L)² − (1 − λ/L)² = (λ − μ)(2L − λ − μ)/L²",
                "≤",
                total(lambda i: (lam[i] - low) * (high - lam[i]) / high**2 * e[i] ** 2, n)
                + total(lambda i: (lam[i] - low) * (high - low) / high**2 * e[i] ** 2, n),
            ),
            given=BETWEEN,
            example=EXAMPLE,
        ),
        claim(
            "no rate is better for both ends",
            RATE,
            "≤",
            factor,
            Step(
                "weighted by L and μ",
                (high * (1 - rate * low) + low * (rate * high - 1)) / (high + low),
                "L(1 − ημ) + μ(ηL − 1) = L − μ, whatever η",
            ),
            Step(
                "the first",
                (high * factor + low * (rate * high - 1)) / (high + low),
                "1 − ημ ≤ r",
                "≤",
                uses=Uses(FASTER[0], weight=high / (high + low)),
            ),
            Step("the second", factor, "ηL − 1 ≤ r", "≤", uses=Uses(FASTER[1], weight=low / (high + low))),
            given=FASTER,
        ),
        claim(
            "by the condition number κ = L/μ",
            RATE,
            "≤",
            exp(-2 / (high / low + 1)),
            Step("1 − x", 1 - 2 / (high / low + 1), "with x = 2/(κ + 1)"),
            Step(
                "1 + t ≤ e^t", exp(-2 / (high / low + 1)), "at t = −x: at most (κ + 1)/2 steps for a factor of e", "≤"
            ),
        ),
    ),
    ties=(
        Comparison(
            "a step of the code",
            ((1, 1), (1, 2), (3, 1)),
            shipped_step,
            claimed_step,
            "ffn.constructions.training.step",
        ),
    ),
    planted=(
        WrongStep("half of it", "one term", lam[j] * e[j] / 2),
        WrongStep("the fourth power", "at the rate 2/(L + μ)", RATE**4 * squares(lambda i: e[i])),
        WrongStep("a step too many", "the hypothesis", RATE**4 * RATE ** (2 * steps) * squares(lambda i: e[i])),
        WrongStep("the fourth power again", "one step at the rate 1/L", SHORTER**4 * squares(lambda i: e[i])),
        WrongStep("weights exchanged", "weighted by L and μ", (low - high) / (high + low)),
        WrongStep("x halved", "1 − x", 1 - 1 / (high / low + 1)),
        WrongStep("curvature a", "a step of the code", claimed=lambda case: claimed_step(case, power=1)),
    ),
)

# Weight decay

W = array("w", d)
(loss,) = reals("ℓ")
(tau,) = positives("τ")  # the variance of the prior
PENALTY = total(lambda i: W[i] ** 2, d)
POSTERIOR = exp(-loss) * exp(-PENALTY / (2 * tau)) / (2 * pi * tau) ** (d / 2)
RIDGE = loss + PENALTY / (2 * tau) + d * log(2 * pi * tau) / 2


def shipped_penalty(case: tuple[int, ...]) -> Any:
    """What weight decay adds to the loss of a linear network, by the code on symbols."""
    (inputs,) = case
    parameters = ((entries(W, inputs).reshape(-1, 1), symbolic.asarray([0])),)
    rows, targets = symbolic.asarray([[1] * inputs]), symbolic.asarray([[2]])
    networks = (Network(inputs, 1, Output("gaussian"), weight_decay=decay) for decay in (0.0, 0.5))
    plain, decayed = (forward.objective(symbolic, network, parameters, rows, targets) for network in networks)
    return decayed - plain


prior = Derivation(
    name="ridge as a prior",
    source="MacKay 1992; Goodfellow, Bengio & Courville 2016, section 5.6.1",
    letters="ℓ is minus the log of the likelihood, w are the d weights, τ is the variance of the prior.",
    ranges={j: d},
    claims=(
        claim(
            "minus the log of the posterior",
            -log(POSTERIOR),
            "=",
            RIDGE,
            Step(
                "logs of the factors",
                RIDGE,
                "e^-ℓ the likelihood, and d independent gaussians of variance τ for the weights; up to the evidence",
            ),
        ),
        claim(
            "its slope beside the loss's",
            Partial(RIDGE, W[j]),
            "=",
            W[j] / tau,
            Step("one square", W[j] / tau, "with ℓ held: weight decay with λ = 1/τ, a mean over N rows with 1/(Nτ)"),
        ),
        claim(
            "the prior's own variance",
            Partial(PENALTY / (2 * tau) + d * log(tau) / 2, tau),
            "=",
            (d - PENALTY / tau) / (2 * tau),
            Step("by τ", (d - PENALTY / tau) / (2 * tau), "0 where τ is the mean square of the weights"),
        ),
    ),
    ties=(
        Comparison(
            "what decay ½ adds in the code",
            ((1,), (2,), (3,)),
            shipped_penalty,
            lambda case: sum(weight**2 for weight in entries(W, *case)) / 4,
            "ffn.network.forward.objective",
        ),
    ),
    planted=(
        WrongStep("variance for its inverse", "logs of the factors", loss + tau * PENALTY / 2),
        WrongStep("factor 2", "one square", 2 * W[j] / tau),
        WrongStep("one weight", "by τ", (1 - PENALTY / tau) / (2 * tau)),
        WrongStep(
            "½ forgotten",
            "what decay ½ adds in the code",
            claimed=lambda case: sum(weight**2 for weight in entries(W, *case)) / 2,
        ),
    ),
)
