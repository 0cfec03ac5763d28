"""KL: convex in both distributions, least where the likelihood is greatest, and its curvature, Fisher's information."""

from __future__ import annotations

from typing import Any

from sympy import Rational, Symbol, exp, log

from ffn.admissible import formulas
from proofs.chapters.code_on_symbols import kernels
from proofs.chapters.cost.derivations.likelihood import (
    COVARIANCE,
    EXPONENTS,
    MEAN,
    PARTITION,
    D,
    S,
    T,
    base,
    eta,
    k,
    m,
)
from proofs.chapters.cost.derivations.soft_targets import ENTROPY, above_its_logarithm, nll_of, q
from proofs.chapters.cost.derivations.softmax import NORMALISER, Z, n, p, z
from proofs.engine.derivation import Comparison, Derivation, Fact, Step, Uses, WrongStep, claim
from proofs.engine.instances import entries
from proofs.engine.notation import Partial, array, index, positives, total

j, o = index("j"), index("o")
a, b, c, d = positives("a b c d")
share, rest = positives("λ μ")  # of a mixture: λ + μ = 1
p1, q1, p2, q2 = (array(name, n, positive=True) for name in ("p", "q", "r", "s"))


PARTS = a * log(a / b) + c * log(c / d)
TOGETHER = (a + c) * log((a + c) / (b + d))
log_sum = claim(
    "log-sum inequality",
    TOGETHER,
    "≤",
    PARTS,
    Step(
        "log u ≤ u − 1, twice",
        PARTS,
        "at b(a + c)/(a(b + d)) with the weight a, and d(a + c)/(c(b + d)) with c: the rest adds up to 0",
        "≤",
        a * above_its_logarithm(b * (a + c) / (a * (b + d))) + c * above_its_logarithm(d * (a + c) / (c * (b + d))),
    ),
)


def divergence(p: Any, q: Any) -> Any:
    """Σ p log(p/q)."""
    return total(lambda i: p(i) * log(p(i) / q(i)), n)


def mixed(one: Any, other: Any) -> Any:
    """Entry by entry λ of one and μ of the other."""
    return lambda i: share * one[i] + rest * other[i]


OF_MIXTURES = divergence(mixed(p1, p2), mixed(q1, q2))
SCALED = divergence(lambda i: share * p1[i], lambda i: share * q1[i]) + divergence(
    lambda i: rest * p2[i], lambda i: rest * q2[i]
)
MIXTURE_OF = share * divergence(lambda i: p1[i], lambda i: q1[i]) + rest * divergence(lambda i: p2[i], lambda i: q2[i])
IN_THE_MODEL = share * divergence(lambda i: p1[i], lambda i: q1[i]) + rest * divergence(
    lambda i: p1[i], lambda i: q2[i]
)
SUM_1 = Fact(share + rest, "=", 1)


def shipped_divergence(classes: int) -> Any:
    """KL from a row of data to a row of a model, by the code on symbols."""
    return formulas.kl_divergence(kernels, kernels.log(entries(q1, 1, classes)), entries(p1, 1, classes))


def claimed_divergence(classes: int, one: Any = p1, other: Any = q1) -> Any:
    pairs = zip(entries(one, 1, classes)[0], entries(other, 1, classes)[0], strict=True)
    return sum(p * log(p / q) for p, q in pairs)


kl_convexity = Derivation(
    name="KL is convex",
    source="Cover & Thomas 2006, theorems 2.7.1 and 2.7.2",
    letters=(
        "λ and μ are the weights of a mixture; p and q, r and s are the distributions that are mixed, none of whose "
        "probabilities is 0."
    ),
    ranges={j: n},
    claims=(
        log_sum,
        claim(
            "convex in both distributions",
            OF_MIXTURES,
            "≤",
            MIXTURE_OF,
            Step(
                "entry by entry",
                SCALED,
                "the log-sum inequality at λp, λq, μr and μs, where λp/(λq) = p/q",
                "≤",
                uses=Uses(log_sum, {a: share * p1[j], b: share * q1[j], c: rest * p2[j], d: rest * q2[j]}, 1, {j: n}),
            ),
            Step("take out λ and μ", MIXTURE_OF, "a common factor of the terms"),
        ),
        claim(
            "convex in the model alone",
            divergence(lambda i: p1[i], mixed(q1, q2)),
            "≤",
            IN_THE_MODEL,
            Step(
                "one distribution mixed with itself",
                divergence(mixed(p1, p1), mixed(q1, q2)),
                "λp + μp = p",
            ),
            Step(
                "entry by entry again",
                divergence(lambda i: share * p1[i], lambda i: share * q1[i])
                + divergence(lambda i: rest * p1[i], lambda i: rest * q2[i]),
                "the log-sum inequality with r = p, where λp/(λq) = p/q",
                "≤",
                uses=Uses(log_sum, {a: share * p1[j], b: share * q1[j], c: rest * p1[j], d: rest * q2[j]}, 1, {j: n}),
            ),
            Step("take out λ and μ again", IN_THE_MODEL, "a common factor of the terms"),
            given=(SUM_1,),
            example={share: Rational(1, 2), rest: Rational(1, 2)},
        ),
    ),
    ties=(
        Comparison(
            "KL of a row by the code",
            (1, 2, 3),
            shipped_divergence,
            claimed_divergence,
            "ffn.admissible.formulas.kl_divergence",
        ),
    ),
    planted=(
        WrongStep("concave", "log u ≤ u − 1, twice", relation="≥"),
        WrongStep("weights lost", "entry by entry", divergence(lambda i: p1[i], lambda i: q1[i])),
        WrongStep("half of it", "take out λ and μ", MIXTURE_OF / 2),
        WrongStep(
            "the other way round",
            "KL of a row by the code",
            claimed=lambda classes: claimed_divergence(classes, q1, p1),
        ),
    ),
)

# The Fisher information of an exponential family with S points and D natural parameters, as in ``likelihood``


def log_probability(point: Any) -> Any:
    """log p of a point: log h + η·T − log Z."""
    return log(base[point]) + total(lambda d: eta[d] * T[point, d], D) - log(PARTITION)


def score(point: Any, by: Any) -> Any:
    """T − E[T]: what the log-probability's slope by a natural parameter turns out to be."""
    return T[point, by] - MEAN.xreplace({k: by})


SCORE = Partial(log_probability(o), eta[k])
r = array("r", S, positive=True)  # the probabilities of the points, up to their sum


def mean_of(of: Any) -> Any:
    """E of a function of the point, under r over its sum."""
    return total(lambda t: r[t] * of(t), S) / total(lambda t: r[t], S)


def deviation(point: Any, by: Any) -> Any:
    """T − E[T]."""
    return T[point, by] - mean_of(lambda t: T[t, by])


PRODUCTS = mean_of(lambda t: T[t, k] * T[t, m])
COVARIANCE_OF_T = PRODUCTS - mean_of(lambda t: T[t, k]) * mean_of(lambda t: T[t, m])
fisher = Derivation(
    name="Fisher information of an exponential family",
    source="Brown 1986; Amari 1998, for its use as a metric",
    letters=(
        "A point s, of finitely many, has the base measure h_s and the statistics T_(s,k); η are the natural "
        "parameters, Z is the sum of h_s e^(η·T_s), and E is the mean over the points. In the second and third claim "
        "it is that under any positive r, divided by its sum, as r_s = h_s e^(η·T_s) is."
    ),
    names={**EXPONENTS, Symbol("R"): total(lambda t: r[t], S)},
    ranges={o: S, k: D, m: D},
    claims=(
        claim(
            "score of a point o, of the probability p_o = h_o e^(η·T_o)/Z",
            SCORE,
            "=",
            score(o, k),
            Step("statistic less its mean", score(o, k), "∂ log p = T − ∂ log Z, and ∂ log Z is the mean"),
        ),
        claim(
            "the mean of T − E T, under any probabilities r/Σr",
            mean_of(lambda t: deviation(t, k)),
            "=",
            0,
            Step("cancel", 0, "E[T] − E[T], as the probabilities add up to 1"),
        ),
        claim(
            "the information, E[(T_k − E T_k)(T_m − E T_m)], is the covariance",
            mean_of(lambda t: deviation(t, k) * deviation(t, m)),
            "=",
            COVARIANCE_OF_T,
            Step("multiply out", COVARIANCE_OF_T, "E[T_k T_m] − E[T_k] E[T_m] is left"),
        ),
        claim(
            "and minus the slope of the score, at every point",
            -Partial(score(o, k), eta[m]),
            "=",
            COVARIANCE,
            Step("the Hessian of log Z", COVARIANCE, "quotient rule: the same for every point, observed or not"),
        ),
    ),
    untied="the code has its members, and needs no second derivative",
    planted=(
        WrongStep("mean forgotten", "statistic less its mean", T[o, k]),
        WrongStep("mean left", "cancel", mean_of(lambda t: T[t, k])),
        WrongStep("second moment", "multiply out", PRODUCTS),
        WrongStep("sign of the curvature", "the Hessian of log Z", -COVARIANCE),
    ),
)

# The data as a distribution: q, positive, beside the softmax of one model and that of another, whose logits are v

other = array("v", n)


def p_other(i: Any) -> Any:
    """The other model's probability."""
    return exp(other[i]) / total(lambda t: exp(other[t]), n)


def from_data(model: Any) -> Any:
    """KL(q‖model)."""
    return total(lambda i: q[i] * log(q[i] / model(i)), n)


MEAN_NLL, OTHER_NLL = nll_of(lambda i: q[i]), -total(lambda i: q[i] * log(p_other(i)), n)
maximum_likelihood = Derivation(
    name="maximum likelihood is the least KL from the data",
    source="Goodfellow, Bengio & Courville 2016, section 5.5",
    letters=(
        "q is the distribution of the data, nowhere 0; z and v are the logits of two models, and the models their "
        "softmax."
    ),
    names={NORMALISER: Z(), Symbol("Z_v"): total(lambda t: exp(other[t]), n)},
    ranges={j: n},
    claims=(
        claim(
            "mean NLL",
            MEAN_NLL,
            "=",
            ENTROPY + from_data(p),
            Step("add and take away the entropy of the data", ENTROPY + from_data(p), "−log p = −log q + log(q/p)"),
        ),
        claim(
            "two models",
            MEAN_NLL - OTHER_NLL,
            "=",
            from_data(p) - from_data(p_other),
            Step("the entropy drops out", from_data(p) - from_data(p_other), "it does not depend on the model"),
        ),
        claim(
            "so the likelier model is nearer",
            from_data(p),
            "≤",
            from_data(p_other),
            Step("the same difference", from_data(p_other) + MEAN_NLL - OTHER_NLL, "two models, as above"),
            Step(
                "by hypothesis",
                from_data(p_other),
                "its NLL is not larger",
                "≤",
                uses=Uses(Fact(MEAN_NLL, "≤", OTHER_NLL)),
            ),
            given=(Fact(MEAN_NLL, "≤", OTHER_NLL),),
        ),
        claim(
            "same gradient",
            Partial(MEAN_NLL, z[j]),
            "=",
            Partial(from_data(p), z[j]),
            Step("the entropy is constant", Partial(from_data(p), z[j]), "differentiate the first equality"),
        ),
    ),
    ties=(
        Comparison(
            "KL of the code",
            (1, 2, 3),
            shipped_divergence,
            claimed_divergence,
            "ffn.admissible.formulas.kl_divergence",
        ),
    ),
    planted=(
        WrongStep("the other way round", "add and take away the entropy of the data", ENTROPY - from_data(p)),
        WrongStep("difference reversed", "the entropy drops out", from_data(p_other) - from_data(p)),
        WrongStep("entropy added", "the same difference", from_data(p_other) + MEAN_NLL - OTHER_NLL + ENTROPY),
        WrongStep("sign", "the entropy is constant", -Partial(from_data(p), z[j])),
        WrongStep("reversed", "KL of the code", claimed=lambda classes: -claimed_divergence(classes)),
    ),
)
