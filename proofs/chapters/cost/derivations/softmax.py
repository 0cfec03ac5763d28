"""Softmax and the log-sum-exp, for any number n of classes: p_i = exp z_i / Σ exp z."""

from __future__ import annotations

from typing import Any

import sympy
from sympy import KroneckerDelta, Symbol, exp, log

from ffn.network import outputs
from ffn.numbers.symbolic import Symbolic, symbolic
from proofs.engine.derivation import Comparison, Derivation, Step, WrongStep, claim
from proofs.engine.instances import entries, formula
from proofs.engine.notation import Partial, array, dimension, index, reals, sigmoid, total

n = dimension("n")
i, j, y = index("i"), index("j"), index("y")
z = array("z", n)
c, top, a, b = reals("c m a b")
gap = array("d", n, nonnegative=True)  # d_i = m − z_i
SIZES = ((1,), (2,), (3,))
BOOK = "Goodfellow, Bengio & Courville 2016, section 6.2.2.3"


NORMALISER = Symbol("Z", positive=True)  # a page's name for Z()


def Z(by: Any = 0) -> Any:
    """Σ exp(z + by)."""
    return total(lambda t: exp(z[t] + by), n)


def p(k: Any, by: Any = 0) -> Any:
    """The probability of class k, at the logits z + by."""
    return exp(z[k] + by) / Z(by)


def says(expr: Any, *indices: Any) -> Any:
    """What an expression in these classes says at a given number of them."""
    return formula(expr, dict.fromkeys(indices, n), (n,))


class Pivoted(Symbolic):
    """Symbols, with an arbitrary symbol where the code takes the largest logit for its pivot."""

    def detached_max(self, values: Any) -> Any:
        return self.asarray([[c]] * values.shape[0])


def row(case: tuple[int, ...]) -> Any:
    """One example's logits, as symbols."""
    return entries(z, *case).reshape(1, -1)


def shipped_jacobian(case: tuple[int, ...]) -> Any:
    """sympy's derivative of the code's softmax: of plain symbols it is safe."""
    logits = row(case)
    return sympy.Matrix(outputs.softmax(symbolic, logits)[0]).jacobian(list(logits[0])).tolist()


JACOBIAN = p(i) * (KroneckerDelta(i, j) - p(j))

jacobian = Derivation(
    name="softmax, Jacobian",
    source=BOOK,
    letters="z are the logits, p is their softmax.",
    names={NORMALISER: Z()},
    ranges={i: n, j: n},
    claims=(
        claim(
            "Jacobian",
            Partial(p(i), z[j]),
            "=",
            JACOBIAN,
            Step(
                "quotient rule",
                (exp(z[i]) * KroneckerDelta(i, j) * Z() - exp(z[i]) * exp(z[j])) / Z() ** 2,
                "∂ exp z_i/∂z_j = [i = j] exp z_i and ∂Σ/∂z_j = exp z_j",
            ),
            Step("in terms of p", JACOBIAN, "divide by Σ twice"),
        ),
        claim(
            "rows add up to 0",
            total(lambda t: p(i) * (KroneckerDelta(i, t) - p(t)), n),
            "=",
            sympy.S.Zero,
            Step("sum of a row", sympy.S.Zero, "Σ p = 1, whatever z is"),
        ),
    ),
    ties=(
        Comparison(
            "Jacobian of the code", SIZES, shipped_jacobian, says(JACOBIAN, i, j), "ffn.network.outputs.softmax"
        ),
    ),
    planted=(
        WrongStep("off-diagonal term dropped", "in terms of p", KroneckerDelta(i, j) * p(i) * (1 - p(i))),
        WrongStep("sign", "in terms of p", p(i) * (KroneckerDelta(i, j) + p(j))),
        WrongStep(
            "square of the sum lost", "quotient rule", (exp(z[i]) * KroneckerDelta(i, j) * Z() - exp(z[i] + z[j])) / Z()
        ),
        WrongStep("index", "in terms of p", p(j) * (KroneckerDelta(i, j) - p(j))),
        WrongStep(
            "diagonal Jacobian", "Jacobian of the code", claimed=says(KroneckerDelta(i, j) * p(i) * (1 - p(i)), i, j)
        ),
    ),
)

shift = Derivation(
    name="softmax, shift invariance",
    source=BOOK + "; Blanchard, Higham & Higham 2021",
    letters="z are the logits, c is added to each of them; a and b are two logits.",
    ranges={i: n},
    claims=(
        claim(
            "softmax",
            p(i, c),
            "=",
            p(i),
            Step("cancel", p(i), "e^c is a factor of each term"),
        ),
        claim(
            "two classes are a sigmoid",
            exp(a) / (exp(a) + exp(b)),
            "=",
            sigmoid(a - b),
            Step("divide by e^a", sigmoid(a - b), "the first logit taken for the pivot"),
        ),
        claim(
            "log-sum-exp",
            log(Z(c)),
            "=",
            c + log(Z()),
            Step("take out c", c + log(Z()), "log of the factor e^c"),
        ),
    ),
    ties=(
        Comparison(
            "softmax with any pivot",
            SIZES,
            lambda case: outputs.softmax(Pivoted(), row(case))[0],
            says(p(i), i),
            "ffn.network.outputs.softmax",
        ),
        Comparison(
            "log-sum-exp with any pivot",
            SIZES,
            lambda case: outputs.log_sum_exp(Pivoted(), row(case))[0],
            says(log(Z())),
            "ffn.network.outputs.log_sum_exp",
        ),
    ),
    planted=(
        WrongStep("sign of the difference", "divide by e^a", sigmoid(b - a)),
        WrongStep("pivot not added back", "take out c", log(Z())),
        WrongStep("pivot in the numerator alone", "cancel", p(i) * exp(c)),
        WrongStep("pivot left out", "log-sum-exp with any pivot", claimed=says(log(Z(c)))),
    ),
)

LOWER = log(1 + total(lambda t: (1 - KroneckerDelta(t, y)) * exp(z[t] - z[y]), n))


DECAYS = total(lambda t: exp(-gap[t]), n)
log_sum_exp = Derivation(
    name="log-sum-exp, bounds",
    source=BOOK,
    letters="z are the logits; m is the largest of them in the second claim, and d_t ≥ 0 how far below it class t is.",
    ranges={y: n},
    claims=(
        claim(
            "at least each entry",
            z[y],
            "≤",
            log(Z()),
            Step("one term of the sum", log(Z()), "the other terms are positive", "≤", LOWER),
        ),
        claim(
            "at most the maximum and log n",
            log(total(lambda t: exp(top - gap[t]), n)),
            "≤",
            top + log(n),
            Step("take out m", top + log(DECAYS), "shift invariance"),
            Step(
                "each term is at most 1",
                top + log(n),
                "e^-d ≤ 1",
                "≤",
                log(1 + total(lambda t: 1 - exp(-gap[t]), n) / DECAYS),
            ),
        ),
    ),
    ties=(
        Comparison(
            "log-sum-exp of the code",
            SIZES,
            lambda case: outputs.log_sum_exp(symbolic, row(case))[0],
            says(log(Z())),
            "ffn.network.outputs.log_sum_exp",
        ),
    ),
    planted=(
        WrongStep("wrong direction", "one term of the sum", relation="≥"),
        WrongStep("log n forgotten", "each term is at most 1", top),
        WrongStep(
            "own term counted twice", "one term of the sum", certificate=log(1 + total(lambda t: exp(z[t] - z[y]), n))
        ),
        WrongStep("log of the mean", "log-sum-exp of the code", claimed=says(log(Z() / n))),
    ),
)
