"""Softmax as a map: what a temperature does, and how far it moves its outputs."""

from __future__ import annotations

from typing import Any

from sympy import KroneckerDelta, Rational, Symbol, exp, log

from ffn.network import outputs
from ffn.numbers.symbolic import symbolic
from proofs.chapters.cost.derivations.likelihood import EXPONENTIAL, x
from proofs.chapters.cost.derivations.softmax import SIZES, i, j, n, row, says, y, z
from proofs.engine.derivation import Comparison, Derivation, Fact, Step, Uses, Valley, WrongStep, claim
from proofs.engine.instances import entries
from proofs.engine.notation import Partial, array, positives, reals, total

T, d, eps, t = positives("T d ε t")
(top,) = reals("m")  # the largest logit
gap = array("g", n, nonnegative=True)  # of each logit below the largest
HALF, QUARTER = Rational(1, 2), Rational(1, 4)


def p(k: Any) -> Any:
    """The probability of class k at the temperature T."""
    return exp(z[k] / T) / total(lambda s: exp(z[s] / T), n)


OTHERS = total(lambda s: (1 - KroneckerDelta(s, y)) * exp(z[s] / T), n)
NLL = log(total(lambda s: exp(z[s] / T), n)) - z[y] / T
DECAYS = total(lambda s: exp(-gap[s] / T), n)
FLAT = exp(-gap[y] / T) / DECAYS
OF_Y = exp((top - gap[y]) / T) / total(lambda s: exp((top - gap[s]) / T), n)
COLD = Fact(T, "≤", eps * d)


def shipped(case: tuple[int, ...]) -> Any:
    """The code's softmax of the logits over T."""
    return outputs.softmax(symbolic, row(case) / T)[0]


temperature = Derivation(
    name="temperature",
    source="Hinton, Vinyals & Dean 2015, for the temperature; the bounds directly",
    letters=(
        "z are the logits, p is their softmax at the temperature T, and y the label; g_s is how far the logit of "
        "class s is below the largest one, m."
    ),
    ranges={i: n, j: n, y: n},
    claims=(
        claim(
            "odds",
            p(i) / p(j),
            "=",
            exp((z[i] - z[j]) / T),
            Step("the sum cancels", exp((z[i] - z[j]) / T), "both have one denominator"),
        ),
        claim(
            "gradient of the NLL",
            Partial(NLL, z[j]),
            "=",
            (p(j) - KroneckerDelta(y, j)) / T,
            Step("chain rule", (p(j) - KroneckerDelta(y, j)) / T, "the inner slope is 1/T"),
        ),
        claim(
            "cold: class i beside any class y",
            p(i),
            "≤",
            exp((z[i] - z[y]) / T),
            Step(
                "one term of the sum",
                exp((z[i] - z[y]) / T),
                "the sum is at least exp(z_y/T)",
                "≤",
                exp((z[i] - z[y]) / T) * OTHERS / total(lambda s: exp(z[s] / T), n),
            ),
        ),
        claim(
            "which for d = z_y − z_i above 0 vanishes as T falls to 0",
            exp(-d / T),
            "<",
            eps,
            Step(
                "1 + x ≤ e^x",
                T / (T + d),
                "at x = d/T, times e^-x/(1 + x)",
                "≤",
                uses=Uses(EXPONENTIAL, {x: d / T}, exp(-d / T) * T / (T + d)),
            ),
            Step("without the T", T / d, "a smaller denominator", "<", T**2 / (d * (T + d))),
            Step("cold enough", eps, "T ≤ εd, by hypothesis", "≤", uses=Uses(COLD, weight=1 / d)),
            given=(COLD,),
        ),
        claim(
            "hot: class y, whose logit is g_y below the largest, m",
            (1 - gap[y] / T) / n,
            "≤",
            OF_Y,
            Step(
                "1 + x ≤ e^x again",
                exp(-gap[y] / T) / n,
                "at x = −g_y/T",
                "≤",
                uses=Uses(EXPONENTIAL, {x: -gap[y] / T}, 1 / n),
            ),
            Step(
                "each term at most 1",
                FLAT,
                "no gap g is negative, so e^(-g/T) ≤ 1",
                "≤",
                exp(-gap[y] / T) * total(lambda s: 1 - exp(-gap[s] / T), n) / (n * DECAYS),
            ),
            Step(
                "its probability",
                OF_Y,
                "e^(m/T) above and below: at least this, and all add up to 1, so that each tends to 1/n",
            ),
        ),
    ),
    ties=(
        Comparison(
            "softmax of z/T by the code",
            SIZES,
            shipped,
            says(p(i), i),
            "ffn.network.outputs.softmax",
        ),
    ),
    planted=(
        WrongStep("temperature forgotten", "the sum cancels", exp(z[i] - z[j])),
        WrongStep("inner slope forgotten", "chain rule", p(j) - KroneckerDelta(y, j)),
        WrongStep("the other way round", "one term of the sum", exp((z[y] - z[i]) / T)),
        WrongStep("not cold enough", "cold enough", eps / 2),
        WrongStep("half of it", "each term at most 1", FLAT / 2),
        WrongStep("times T", "softmax of z/T by the code", claimed=says(p(i).xreplace({T: 1 / T}), i)),
    ),
)

# Lipschitz

u, v = array("u", n), array("v", n)


def normaliser(at: Any) -> Any:
    """Σ exp of the logits z and so many times v."""
    return total(lambda s: exp(z[s] + at * v[s]), n)


def q(k: Any) -> Any:
    """The probability of class k at the logits z + tv."""
    return exp(z[k] + t * v[k]) / normaliser(t)


def variance_slack(of: Any) -> Any:
    """½‖a‖² − Var a, from (a_s − a_r)² = 2a_s² + 2a_r² − (a_s + a_r)² and 2q(1 − q) = ½ − 2(½ − q)²."""
    return total(lambda s: 2 * of[s] ** 2 * (HALF - q(s)) ** 2, n) + HALF * total(
        lambda s, r: (1 - KroneckerDelta(s, r)) * q(s) * q(r) * (of[s] + of[r]) ** 2, n, n
    )


def squares(of: Any) -> Any:
    """‖a‖²."""
    return total(lambda s: of(s) ** 2, n)


PRODUCTS = total(lambda s, r: HALF * q(s) * q(r) * (u[s] - u[r]) * (v[s] - v[r]), n, n)
BOUND = QUARTER * (squares(lambda s: u[s]) + squares(lambda s: v[s]))
SLACK = (
    QUARTER * total(lambda s, r: q(s) * q(r) * (u[s] - u[r] - v[s] + v[r]) ** 2, n, n)
    + variance_slack(u) / 2
    + variance_slack(v) / 2
)
FASTEST = 2 / (exp(x) + exp(-x)) ** 2
MOVED = total(lambda s: u[s] * (q(s) - q(s).xreplace({t: 0})), n)


def moved_by(s: Any) -> Any:
    """p(z + v) − p(z)."""
    return q(s).xreplace({t: 1}) - q(s).xreplace({t: 0})


DISTANCE, LENGTH = squares(moved_by), squares(lambda s: v[s])
along = claim(
    "along a direction",
    MOVED,
    "≤",
    t * BOUND,
    Step(
        "it rises no faster",
        t * BOUND,
        "both are 0 at t = 0, and the slope is at most ¼(‖u‖² + ‖v‖²)",
        "≤",
        Valley(t, 0, t * SLACK),
    ),
)
softmax_lipschitz = Derivation(
    name="softmax is ½-Lipschitz",
    source="Gao & Pavel 2017 have 1; the ½ is the bound of the Hessian, Böhning 1992",
    letters=(
        "z are the logits, and v is added to them, t times; p is the softmax, q that of z + tv; u is any direction "
        "in which the probabilities are looked at."
    ),
    names={Symbol("Z_t"): normaliser(t), Symbol("Z_0"): normaliser(0), Symbol("Z_1"): normaliser(1)},
    claims=(
        claim(
            "slope along a line",
            Partial(total(lambda s: u[s] * q(s), n), t),
            "=",
            PRODUCTS,
            Step("covariance", PRODUCTS, "uᵀJv with J = diag q − qqᵀ, over pairs"),
        ),
        claim(
            "at most ¼(‖u‖² + ‖v‖²)",
            PRODUCTS,
            "≤",
            BOUND,
            Step("two variances", BOUND, "4ab ≤ 2a² + 2b², and a variance is at most ½‖·‖²", "≤", SLACK),
        ),
        along,
        claim(
            "½-Lipschitz in the Euclidean norm",
            DISTANCE,
            "≤",
            LENGTH / 4,
            Step(
                "twice less once",
                total(lambda s: 2 * moved_by(s) * moved_by(s), n) - DISTANCE,
                "‖d‖² = u·d − ‖d‖² with u = 2d, for d = p(z + v) − p(z)",
            ),
            Step(
                "along 2d",
                QUARTER * (squares(lambda s: 2 * moved_by(s)) + LENGTH) - DISTANCE,
                "the claim before at t = 1",
                "≤",
                uses=Uses(along, {u: lambda s: 2 * moved_by(s), t: 1}),
            ),
            Step("‖d‖² cancels", LENGTH / 4, "¼ · 4‖d‖² = ‖d‖²: ‖p(z + v) − p(z)‖ ≤ ½‖v‖"),
        ),
        claim(
            "two classes, along (1, −1)",
            Partial(exp(x) / (exp(x) + exp(-x)), x),
            "=",
            FASTEST,
            Step("quotient rule", FASTEST, "the logits are x and −x; the other probability falls as fast"),
        ),
        claim(
            "where the slope is ½, so that no smaller constant will do",
            FASTEST,
            "=",
            HALF,
            Step("equal logits", HALF, "2/2²: p moves by ½(1, −1) for each (1, −1)"),
            exists={x: 0},
        ),
    ),
    ties=(
        Comparison(
            "softmax of z + tv by the code",
            SIZES,
            lambda case: outputs.softmax(symbolic, row(case) + t * entries(v, *case).reshape(1, -1))[0],
            says(q(i), i),
            "ffn.network.outputs.softmax",
        ),
    ),
    planted=(
        WrongStep("square of the mean lost", "covariance", total(lambda s: u[s] * q(s) * v[s], n)),
        WrongStep("an eighth", "two variances", BOUND / 2),
        WrongStep("flat", "it rises no faster", BOUND / 2),
        WrongStep("a quarter", "‖d‖² cancels", LENGTH / 16),
        WrongStep("one exponential", "quotient rule", 1 / (exp(x) + exp(-x)) ** 2),
        WrongStep(
            "against the direction",
            "softmax of z + tv by the code",
            claimed=says(q(i).xreplace({t: -t}), i),
        ),
    ),
)
