"""The squared error: through a sigmoid, in its parts, and made robust."""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy
from sympy import Abs, Rational, Symbol, exp, log

from ffn.admissible import formulas
from ffn.network import forward
from ffn.network.description import Network, Output
from ffn.numbers.symbolic import symbolic
from proofs.chapters.code_on_symbols import gradients, kernels, network_1, without_floats
from proofs.engine.derivation import Comparison, Derivation, Fact, Step, WrongStep, claim
from proofs.engine.instances import entries
from proofs.engine.notation import Partial, array, dimension, positives, reals, relu, sigmoid, total

z, y = reals("z y")
(t,) = positives("t")
SIGMA = sigmoid(z)
SQUARED_GRADIENT = (SIGMA - y) * SIGMA * (1 - SIGMA)
CURVATURE: Any = SIGMA * (1 - SIGMA) ** 2 * (3 * SIGMA - 1)
FLAT = 1 / (3 + t)

squared_error = Derivation(
    name="squared error through sigmoid",
    source="Goodfellow, Bengio & Courville 2016, section 6.2.2.2, for the saturation; the constants directly",
    letters="z is the logit, y the target.",
    claims=(
        claim(
            "gradient",
            Partial((y - SIGMA) ** 2 / 2, z),
            "=",
            SQUARED_GRADIENT,
            Step("chain rule", SQUARED_GRADIENT, "σ′ = σ(1 − σ)"),
        ),
        claim(
            "second derivative at y = 1",
            Partial(Partial((1 - SIGMA) ** 2 / 2, z), z),
            "=",
            CURVATURE,
            Step("differentiate twice", CURVATURE, "product rule on −σ(1 − σ)²"),
        ),
        claim(
            "not convex",
            CURVATURE.xreplace({z: -log(2 + t)}),
            "<",
            0,
            Step("at e^-z = 2 + t", FLAT * (1 - FLAT) ** 2 * (3 * FLAT - 1), "σ = 1/(3 + t)"),
            Step("curved downwards", 0, "3σ − 1 is negative", "<", t * (2 + t) ** 2 / (3 + t) ** 4),
        ),
        claim(
            "steepest at y = 1",
            -Partial((1 - SIGMA) ** 2 / 2, z),
            "≤",
            Rational(4, 27),
            Step("its slope, downwards", SIGMA * (1 - SIGMA) ** 2, "chain rule"),
            Step(
                "largest slope",
                Rational(4, 27),
                "4/27 − σ(1 − σ)² has a double root at 1/3",
                "≤",
                (SIGMA - Rational(1, 3)) ** 2 * (1 + 4 * exp(-z)) / (3 * (1 + exp(-z))),
            ),
        ),
        claim(
            "which it is at σ = 1/3",
            SIGMA * (1 - SIGMA) ** 2,
            "=",
            Rational(4, 27),
            Step("at e^-z = 2", Rational(4, 27), "σ = 1/(1 + 2)"),
            exists={z: -log(2)},
        ),
    ),
    ties=(
        Comparison(
            "gradient of the code",
            ((z, y),),
            lambda case: gradients(network_1("sigmoid"), (0, z, 1, 0), 0, y)[1],
            lambda case: SQUARED_GRADIENT,
            "ffn.network.backward.gradient",
        ),
    ),
    planted=(
        WrongStep("slope forgotten", "chain rule", SIGMA - y),
        WrongStep("factor 3 lost", "differentiate twice", SIGMA * (1 - SIGMA) ** 2 * (2 * SIGMA - 1)),
        WrongStep("convex", "curved downwards", relation=">"),
        WrongStep("an eighth", "largest slope", Rational(1, 8)),
        WrongStep("gradient of the NLL", "gradient of the code", claimed=lambda case: SIGMA - y),
    ),
)

# Bias and variance: fits f_s with the chances a_s/Σa, outcomes y_r with b_r/Σb, drawn independently

S, R = dimension("S"), dimension("R")
fits, outcomes = array("f", S), array("y", R)
a, b = array("a", S, positive=True), array("b", R, positive=True)
(guess,) = reals("c")


def over_fits(of: Any) -> Any:
    """E over the fits."""
    return total(lambda s: a[s] * of(fits[s]), S) / total(lambda s: a[s], S)


def over_outcomes(of: Any) -> Any:
    """E over the outcomes."""
    return total(lambda r: b[r] * of(outcomes[r]), R) / total(lambda r: b[r], R)


MEAN_FIT, MEAN_OUTCOME = over_fits(lambda f: f), over_outcomes(lambda o: o)
VARIANCE = over_fits(lambda f: f**2) - MEAN_FIT**2
NOISE = over_outcomes(lambda o: o**2) - MEAN_OUTCOME**2
DECOMPOSED = (MEAN_FIT - MEAN_OUTCOME) ** 2 + VARIANCE + NOISE
EXPECTED = total(lambda s, r: a[s] * b[r] * (fits[s] - outcomes[r]) ** 2, S, R) / (
    total(lambda s: a[s], S) * total(lambda r: b[r], R)
)
NOISE_PAIRS = total(lambda p, r: b[p] * b[r] * (outcomes[p] - outcomes[r]) ** 2, R, R) / (
    2 * total(lambda r: b[r], R) ** 2
)
FIT_PAIRS = total(lambda p, r: a[p] * a[r] * (fits[p] - fits[r]) ** 2, S, S) / (2 * total(lambda r: a[r], S) ** 2)


def shipped_constant(case: tuple[int, ...]) -> Any:
    """Twice the mean loss of a network that answers c whatever the input, by the code on symbols."""
    (rows,) = case
    parameters = ((symbolic.asarray([[0]]), symbolic.asarray([guess])),)
    inputs, targets = symbolic.asarray([[1]] * rows), entries(outcomes, rows).reshape(-1, 1)
    network = Network(1, 1, Output("gaussian"))
    return 2 * forward.objective(symbolic, network, parameters, inputs, targets, kernel_only=True)


def claimed_constant(case: tuple[int, ...], noise: int = 1) -> Any:
    """(c − ȳ)² and the variance of the outcomes, all as likely."""
    values = entries(outcomes, *case)
    mean = sum(values) / len(values)
    return (guess - mean) ** 2 + noise * sum((value - mean) ** 2 for value in values) / len(values)


bias_and_variance = Derivation(
    name="bias and variance of the squared error",
    source="Geman, Bienenstock & Doursat 1992",
    letters=(
        "The fits f_s have the chances a_s/Σa, the outcomes y_r independently of them the chances b_r/Σb. In the "
        "second claim c is any answer, in the last the target."
    ),
    names={Symbol("A"): total(lambda s: a[s], S), Symbol("B"): total(lambda r: b[r], R)},
    claims=(
        claim(
            "decomposition: the square of the bias, the variance of the fits, the noise",
            EXPECTED,
            "=",
            DECOMPOSED,
            Step(
                "multiply out",
                DECOMPOSED,
                "E(f − y)² = E f² − 2 E f E y + E y², as fit and outcome are independent",
            ),
        ),
        claim(
            "noise is what no fit avoids",
            over_outcomes(lambda o: (guess - o) ** 2),
            "≥",
            NOISE,
            Step("about the mean", (guess - MEAN_OUTCOME) ** 2 + NOISE, "the cross term has the mean 0"),
            Step("a square", NOISE, "0 at the mean alone", "≥", (guess - MEAN_OUTCOME) ** 2),
        ),
        claim(
            "and is not negative",
            NOISE,
            "≥",
            0,
            Step("over pairs", NOISE_PAIRS, "half the mean squared difference of two draws"),
            Step("squares", 0, "with weights", "≥", NOISE_PAIRS),
        ),
        claim(
            "the mean of the fits is no worse than they are on average",
            (MEAN_FIT - guess) ** 2,
            "≤",
            over_fits(lambda f: (f - guess) ** 2),
            Step(
                "a variance",
                over_fits(lambda f: (f - guess) ** 2),
                "E(f − c)² = (E f − c)² + Var f, and Var f is over pairs a sum of squares",
                "≤",
                FIT_PAIRS,
            ),
        ),
    ),
    ties=(
        Comparison(
            "loss of a constant by the code",
            ((1,), (2,), (3,)),
            shipped_constant,
            claimed_constant,
            "ffn.network.forward.objective",
        ),
    ),
    planted=(
        WrongStep("noise forgotten", "multiply out", (MEAN_FIT - MEAN_OUTCOME) ** 2 + VARIANCE),
        WrongStep("bias not squared", "about the mean", guess - MEAN_OUTCOME + NOISE),
        WrongStep("half lost", "over pairs", 2 * NOISE_PAIRS),
        WrongStep("wrong direction", "a variance", relation="≥"),
        WrongStep("no noise", "loss of a constant by the code", claimed=lambda case: claimed_constant(case, noise=0)),
    ),
)

# Huber

kappa, beyond = positives("κ t")
r, s = reals("r s")


def huber(at: Any) -> Any:
    """r²/2 up to κ, κ(|r| − κ/2) beyond: r²/2 less what a parabola rises beyond either kink."""
    return at**2 / 2 - relu(at - kappa) ** 2 / 2 - relu(-at - kappa) ** 2 / 2


def clipped(at: Any) -> Any:
    """r clipped to [−κ, κ]."""
    return (Abs(at + kappa) - Abs(at - kappa)) / 2


def shipped_huber(at: Any) -> Any:
    """The loss at one residual, by the code on symbols."""
    prediction, target = np.array([at]), np.array([sympy.Integer(0)])
    return without_floats(formulas.huber(kernels, prediction, target, delta=kappa))


WITHIN = (Fact(r, ">", -kappa), Fact(r, "<", kappa))
RESIDUALS = (kappa / 2, -kappa / 4, kappa + beyond, -kappa - beyond)
huber_loss = Derivation(
    name="Huber's loss",
    source="Huber 1964",
    letters="r is the residual, κ where the parabola ends.",
    claims=(
        claim(
            "a parabola between",
            huber(r),
            "=",
            r**2 / 2,
            Step("neither relu", r**2 / 2, "r − κ and −r − κ are negative"),
            given=WITHIN,
        ),
        claim(
            "a line on the right",
            huber(r),
            "=",
            kappa * (r - kappa / 2),
            Step("one relu", kappa * (r - kappa / 2), "r²/2 − (r − κ)²/2"),
            given=(Fact(r, ">", kappa),),
        ),
        claim(
            "gradient",
            Partial(huber(r), r),
            "=",
            clipped(r),
            Step("clipped", clipped(r), "the square of a relu has the slope 2 relu"),
            given=(Fact(r, "≠", kappa), Fact(r, "≠", -kappa)),
        ),
        claim(
            "which is at most κ in size",
            clipped(r) ** 2,
            "≤",
            kappa**2,
            Step("on either side", kappa**2, "clipped to [−κ, κ]: one outlier pulls no more than κ", "≤"),
        ),
        claim(
            "convex",
            huber(r) + clipped(r) * (s - r),
            "≤",
            huber(s),
            Step("above its tangents", huber(s), "at every r, the kinks included, for every s", "≤"),
        ),
        claim(
            "above the lines that it ends in",
            kappa * (Abs(r) - kappa / 2),
            "≤",
            huber(r),
            Step("a parabola above its tangents", huber(r), "(|r| − κ)² ≥ 0 between the kinks, and equal beyond", "≤"),
        ),
    ),
    ties=(
        Comparison(
            "loss of the code",
            RESIDUALS,
            shipped_huber,
            huber,
            "ffn.admissible.formulas.huber",
        ),
    ),
    planted=(
        WrongStep("½ forgotten", "neither relu", r**2),
        WrongStep("half a κ lost", "one relu", kappa * r),
        WrongStep("not clipped", "clipped", r),
        WrongStep("concave", "above its tangents", relation="≥"),
        WrongStep("bound too small", "on either side", kappa**2 / 2),
        WrongStep("squared error", "loss of the code", claimed=lambda at: at**2 / 2),
    ),
)
