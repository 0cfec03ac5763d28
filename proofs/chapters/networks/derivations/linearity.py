"""Without a nonlinearity: affine layers compose to one, which XOR defeats."""

from __future__ import annotations

from typing import Any

from sympy import Rational

from ffn.network import forward
from ffn.network.description import Hidden, Network, Output
from ffn.numbers.symbolic import symbolic
from proofs.engine.derivation import Comparison, Derivation, Extremum, Step, WrongStep, claim
from proofs.engine.instances import entries, formula
from proofs.engine.notation import array, dimension, index, reals, total

N, d, m, q = map(dimension, "Ndmq")
n, inner = index("n"), index("i")
x, W, b, V, B2 = array("x", N, d), array("W", d, m), array("b", m), array("V", m, q), array("a", q)


def composed(i: Any) -> Any:
    return total(lambda t: (total(lambda p: x[n, p] * W[p, t], d) + b[t]) * V[t, i], m) + B2[i]


MERGED = total(lambda p: x[n, p] * total(lambda t: W[p, t] * V[t, inner], m), d) + (
    total(lambda t: b[t] * V[t, inner], m) + B2[inner]
)


def shipped_linear(case: tuple[int, ...]) -> Any:
    """The output of two affine layers, by the code on symbols."""
    rows, width, units, outputs = case
    network = Network(width, outputs, Output("gaussian"), (Hidden(units, "identity"),))
    parameters = (
        (entries(W, width, units), entries(b, units)),
        (entries(V, units, outputs), entries(B2, outputs)),
    )
    return forward.trace(symbolic, network, parameters, entries(x, rows, width))[-1].h


affine_composition = Derivation(
    name="affine after affine is affine",
    source="Goodfellow, Bengio & Courville 2016, section 6.1",
    letters=(
        "The inputs are the rows x_n; W and b are the weights and the biases of the first layer, V and a those of "
        "the second."
    ),
    ranges={n: N, inner: q},
    claims=(
        claim(
            "composition",
            composed(inner),
            "=",
            MERGED,
            Step("regroup", MERGED, "the product is associative and distributive"),
        ),
    ),
    ties=(
        Comparison(
            "two identity layers",
            ((1, 1, 1, 1), (2, 3, 1, 2), (1, 2, 3, 2)),
            shipped_linear,
            formula(MERGED, {n: N, inner: q}, (N, d, m, q)),
            "ffn.network.forward.trace",
        ),
    ),
    planted=(
        WrongStep("first bias not mapped", "regroup", MERGED - total(lambda t: b[t] * V[t, inner], m) + b[inner]),
        WrongStep("second bias twice", "regroup", MERGED + B2[inner]),
        WrongStep(
            "second bias forgotten",
            "two identity layers",
            claimed=formula(MERGED - B2[inner], {n: N, inner: q}, (N, d, m, q)),
        ),
    ),
)

# XOR

w1, w2, bias = reals("w_1 w_2 b")
HALF = Rational(1, 2)

XOR = ((0, 0, 0), (0, 1, 1), (1, 0, 1), (1, 1, 0))
XOR_ERROR = sum((w1 * p + w2 * q + bias - r) ** 2 for p, q, r in XOR) / 4
XOR_EXCESS = (bias + (w1 + w2) / 2 - HALF) ** 2 + w1**2 / 4 + w2**2 / 4


def shipped_xor(case: Any) -> Any:
    """Twice the mean loss of an affine network on XOR, which has ½ of the squared error."""
    rows = symbolic.asarray([row[:2] for row in XOR])
    targets = symbolic.asarray([row[2:] for row in XOR])
    parameters = ((symbolic.asarray([[w1], [w2]]), symbolic.asarray([bias])),)
    return 2 * forward.objective(
        symbolic, Network(2, 1, Output("gaussian")), parameters, rows, targets, kernel_only=True
    )


xor = Derivation(
    name="XOR, best affine fit",
    source="Goodfellow, Bengio & Courville 2016, section 6.1",
    letters=(
        "The fit is b + w_1 x_1 + w_2 x_2 on the four points (0, 0), (1, 0), (0, 1) and (1, 1), where XOR is 0, 1, "
        "1 and 0."
    ),
    claims=(
        Extremum(
            "least mean squared error",
            "minimum",
            XOR_ERROR,
            (w1, w2, bias),
            Rational(1, 4),
            (
                Step(
                    "complete the squares",
                    XOR_EXCESS + Rational(1, 4),
                    "on the four points 1, x₁ − ½ and x₂ − ½ are orthogonal to one another and to what is left of XOR",
                ),
                Step("at least a quarter", Rational(1, 4), "squares", "≥", XOR_EXCESS),
            ),
            at={w1: 0, w2: 0, bias: HALF},
            only=True,
        ),
    ),
    ties=(
        Comparison(
            "loss of the code",
            ((),),
            shipped_xor,
            lambda case: XOR_EXCESS + Rational(1, 4),
            "ffn.network.forward.objective",
        ),
    ),
    planted=(
        WrongStep("cross term lost", "complete the squares", XOR_EXCESS + Rational(1, 4) - bias * w1),
        WrongStep("a half", "at least a quarter", HALF),
        WrongStep("factor ½", "loss of the code", claimed=lambda case: (XOR_EXCESS + Rational(1, 4)) / 2),
    ),
)
