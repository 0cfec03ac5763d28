"""Losses as functions of the parameters: not convex without any nonlinearity, and points where descent stands still."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import sympy
from sympy import Rational, sign

from ffn.network import backward, forward
from ffn.network.description import Hidden, Network, Output
from ffn.numbers.exact import exact
from ffn.numbers.symbolic import symbolic
from proofs.chapters.code_on_symbols import gradients, network_1
from proofs.engine.derivation import Claim, Comparison, Derivation, Fact, Step, Uses, WrongStep, claim
from proofs.engine.notation import Partial, array, dimension, f, f1, g, g1, index, reals, relu, total

z, y, x, b = reals("z y x b")
w1, w2, v = reals("w_1 w_2 v")
HALF = Rational(1, 2)
BOOK = "Goodfellow, Bengio & Courville 2016"

RESIDUAL = 1 - w1 * w2
product_loss = Derivation(
    name="two factors, no convexity",
    source="for linear networks Baldi & Hornik 1989",
    letters="w_1 and w_2 are the weights of two linear units, one behind the other; the input and the target are 1.",
    claims=(
        claim(
            "gradient",
            Partial(RESIDUAL**2 / 2, w1),
            "=",
            -w2 * RESIDUAL,
            Step("chain rule", -w2 * RESIDUAL, "inner derivative −w₂"),
        ),
        claim(
            "diagonal",
            Partial(Partial(RESIDUAL**2 / 2, w1), w1),
            "=",
            w2**2,
            Step("once more", w2**2, "linear in w₁"),
        ),
        claim(
            "off the diagonal",
            Partial(Partial(RESIDUAL**2 / 2, w1), w2),
            "=",
            2 * w1 * w2 - 1,
            Step("mixed", 2 * w1 * w2 - 1, "product rule; −1 at 0, where the diagonal is 0"),
        ),
    ),
    ties=(
        Comparison(
            "gradient of the code",
            ((w1, w2),),
            lambda case: gradients(network_1("identity"), (w1, 0, w2, 0), 1, 1)[::2],
            lambda case: [-w2 * RESIDUAL, -w1 * RESIDUAL],
            "ffn.network.backward.gradient",
        ),
    ),
    counts=(
        Comparison(
            "eigenvalues at 0",
            ((0, 0),),
            lambda case: sorted(sympy.hessian(RESIDUAL**2 / 2, (w1, w2)).subs({w1: 0, w2: 0}).eigenvals()),
            lambda case: [-1, 1],
        ),
        Comparison(
            "minima and their midpoint",
            (((1, 1), 0), ((-1, -1), 0), ((0, 0), HALF)),
            lambda case: (RESIDUAL**2 / 2).subs(dict(zip((w1, w2), case[0], strict=True))),
            lambda case: case[1],
        ),
    ),
    planted=(
        WrongStep("sign", "chain rule", w2 * RESIDUAL),
        WrongStep("constant lost", "mixed", 2 * w1 * w2),
        WrongStep("positive definite", "eigenvalues at 0", claimed=lambda case: [1, 1]),
        WrongStep("inner weight", "gradient of the code", claimed=lambda case: [-w1 * RESIDUAL, -w2 * RESIDUAL]),
    ),
)

n, d, N = map(dimension, ("n", "d", "N"))
j, k, place = map(index, "jkp")
q = index("q")
W, B, V = array("W", d, n), array("b", n), array("v", n)
rows, targets = array("x", N, d), array("y", N)


def unit(i: Any, r: Any) -> Any:
    """The pre-activation of hidden unit i in row r."""
    return total(lambda s: W[s, i] * rows[r, s], d) + B[i]


def residual(r: Any) -> Any:
    """How far the output is from the target of row r."""
    return total(lambda i: V[i] * g(unit(i, r)), n) - targets[r]


LOSS = total(lambda r: f(residual(r)), N)
u, o, i, r = array("u", N, n), array("o", N), index("i"), index("r")
NAMES = {u[r, i]: total(lambda s: W[s, i] * rows[r, s], d), o[r]: total(lambda i: V[i] * g(unit(i, r)), n)}
SAME_IN, SAME_BIAS, SAME_OUT = Fact(W[q, j], "=", W[q, k], {q: d}), Fact(B[j], "=", B[k]), Fact(V[j], "=", V[k])


def half(weights: Any, bias: Any) -> Any:
    """The pre-activations of a unit with the weights of one and the bias of another."""
    return lambda r: total(lambda s: W[s, weights] * rows[r, s], d) + B[bias]


def incoming(out: Any, at: Any, weighs: Any) -> Any:
    """The slope of the loss by what enters a unit, given what leaves it and its pre-activations."""
    return total(lambda r: f1(residual(r)) * out * g1(at(r)) * weighs(r), N)


def leaving(at: Any) -> Any:
    """The slope of the loss by what leaves a unit of these pre-activations."""
    return total(lambda r: f1(residual(r)) * g(at(r)), N)


def equal_slopes(name: str, mine: Any, other: Any, weighs: Any) -> Claim:
    """That two equal units have equal slopes by what enters them."""
    return claim(
        name,
        Partial(LOSS, mine),
        "=",
        Partial(LOSS, other),
        Step(f"{name}: chain rule", incoming(V[j], half(j, j), weighs), "the unit occurs in one term of the output"),
        Step(f"{name}: weights in", incoming(V[j], half(k, j), weighs), "equal", uses=Uses(SAME_IN, over={q: d})),
        Step(f"{name}: bias", incoming(V[j], half(k, k), weighs), "equal", uses=Uses(SAME_BIAS)),
        Step(f"{name}: weight out", incoming(V[k], half(k, k), weighs), "equal", uses=Uses(SAME_OUT)),
        Step(f"{name}: the other unit", Partial(LOSS, other), "chain rule, as for the first"),
        given=(SAME_IN, SAME_BIAS, SAME_OUT),
        example={W: 1, B: 1, V: 1},
    )


symmetry = Derivation(
    name="equal units stay equal",
    source=BOOK + ", section 8.4",
    letters=(
        "A hidden layer of n units with the activation g reads N rows x_r of d inputs; W are the weights into it, b "
        "its biases, v the weights out of it, y_r the targets; f is the loss of a row, a function of its error. Units "
        "j and k are equal; proved is that their slopes are."
    ),
    names=NAMES,
    ranges={place: d, j: n, k: n},
    claims=(
        equal_slopes("by a weight into the unit", W[place, j], W[place, k], lambda r: rows[r, place]),
        equal_slopes("by its bias", B[j], B[k], lambda r: 1),
        claim(
            "by the weight out of it",
            Partial(LOSS, V[j]),
            "=",
            Partial(LOSS, V[k]),
            Step("linear in v", leaving(half(j, j)), "the unit's output is what it multiplies"),
            Step("weights in", leaving(half(k, j)), "equal", uses=Uses(SAME_IN, over={q: d})),
            Step("bias", leaving(half(k, k)), "equal", uses=Uses(SAME_BIAS)),
            Step("the other unit", Partial(LOSS, V[k]), "as for the first"),
            given=(SAME_IN, SAME_BIAS),
            example={W: 1, B: 1},
        ),
    ),
    ties=(
        Comparison(
            "two equal units of the code",
            ((),),
            lambda case: [_equal_units(0, part) - _equal_units(1, part) for part in range(3)],
            lambda case: [0, 0, 0],
            "ffn.network.backward.gradient",
        ),
    ),
    planted=(
        WrongStep("slope of g forgotten", "by its bias: chain rule", total(lambda r: f1(residual(r)) * V[j], N)),
        WrongStep("weight out forgotten", "by its bias: weight out", incoming(2, half(k, k), lambda r: 1)),
        WrongStep("output halved", "linear in v", leaving(half(j, j)) / 2),
        WrongStep("units that differ", "two equal units of the code", claimed=lambda case: [x, 0, 0]),
    ),
)


def _equal_units(which: int, part: int) -> Any:
    """The slope by the weight in, the bias or the weight out of one of two equal units, by the code on symbols."""
    network = Network(1, 1, Output("gaussian"), (Hidden(2, "tanh"),))
    parameters = (
        (symbolic.asarray([[w1, w1]]), symbolic.asarray([b, b])),
        (symbolic.asarray([[v], [v]]), symbolic.asarray([0])),
    )
    inputs, outcomes = symbolic.asarray([[x]]), symbolic.asarray([[y]])
    (dw, db), (dv, _) = backward.gradient(symbolic, network, parameters, inputs, outcomes)
    return (dw[0, which], db[which], dv[which, 0])[part]


UNIT = (y - v * relu(z)) ** 2 / 2
DEAD = (Fact(z, "<", 0),)  # one relu unit, its pre-activation negative
dead_unit = Derivation(
    name="a dead unit",
    source="derived here",
    letters="z is the pre-activation of the unit, v the weight that reads it, y the target.",
    claims=(
        claim(
            "gradient by z",
            Partial(UNIT, z),
            "=",
            0,
            Step("chain rule", (v * relu(z) - y) * v * (1 + sign(z)) / 2, "relu′ = (1 + sign)/2"),
            Step("no slope", 0, "sign z = −1"),
            given=DEAD,
        ),
        claim(
            "gradient by v",
            Partial(UNIT, v),
            "=",
            0,
            Step("linear in v", (v * relu(z) - y) * relu(z), "chain rule"),
            Step("no output", 0, "relu(z) = 0"),
            given=DEAD,
        ),
    ),
    ties=(
        Comparison(
            "a dead network of the code",
            ((1, 1), (2, 2)),
            lambda case: gradients(network_1("relu"), (-1, 0, 1, 0), *case)[:3],
            lambda case: [0, 0, 0],
            "ffn.network.backward.gradient",
        ),
        Comparison(
            "its loss",
            ((),),
            lambda case: _dead_loss(),
            lambda case: Fraction(5, 4),
            "ffn.network.forward.objective",
        ),
    ),
    planted=(
        WrongStep("slope forgotten", "chain rule", (v * relu(z) - y) * v),
        WrongStep("gradient not 0", "a dead network of the code", claimed=lambda case: [0, 0, case[0]]),
    ),
)


def _dead_loss() -> Any:
    """½ mean((y − 0)²) over the data (1, 1) and (2, 2): half of (1 + 4)/2."""
    parameters = tuple((exact.asarray([[value]]), exact.asarray([0])) for value in (-1, 1))
    rows = exact.asarray([[1], [2]])
    return forward.objective(exact, network_1("relu"), parameters, rows, rows, kernel_only=True)
