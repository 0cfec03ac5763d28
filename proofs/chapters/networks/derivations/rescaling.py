"""Relu networks: which changes of the weights leave the function as it is, and how it grows with them."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from ffn.constructions.symmetries import rescale_units
from ffn.network import forward
from ffn.network.description import Hidden, Network, Output
from ffn.numbers.exact import exact
from proofs.engine.derivation import Comparison, Derivation, Fact, Step, WrongStep, claim
from proofs.engine.notation import Partial, array, dimension, index, positives, reals, relu, total

d, m = dimension("d"), dimension("m")
p = index("p")
x, W, b, v = array("x", d), array("W", d, m), array("b", m), array("v", m)
f = array("f", m, positive=True)  # a factor for each unit
(t,) = positives("t")
c, outer, bias = reals("c u a")
w = array("w", d)


def network(weights: Any, biases: Any, outward: Any, at: Any = lambda p: x[p]) -> Any:
    """Σ_i v_i relu(Σ_p W_pi x_p + b_i) + c."""
    return total(lambda i: outward(i) * relu(total(lambda p: weights(p, i) * at(p), d) + biases(i)), m) + c


AS_IT_IS = network(lambda p, i: W[p, i], lambda i: b[i], lambda i: v[i])
RESCALED = network(lambda p, i: f[i] * W[p, i], lambda i: f[i] * b[i], lambda i: v[i] / f[i])
BARE = network(lambda p, i: W[p, i], lambda i: 0, lambda i: v[i]) - c
ALL_SCALED = network(lambda p, i: t * W[p, i], lambda i: t * b[i], lambda i: t * v[i]) - c
INPUT_SCALED = network(lambda p, i: W[p, i], lambda i: 0, lambda i: v[i], lambda p: t * x[p]) - c
PRE = total(lambda p: w[p] * x[p], d) + bias
UNIT = outer * relu(PRE)
EULER = total(lambda q: w[q] * Partial(UNIT, w[q]), d) + bias * Partial(UNIT, bias)

NETWORK = Network(2, 1, Output("gaussian"), (Hidden(3),))
WEIGHTS = (
    (exact.asarray([[1, -2, 3], [2, 1, -1]]), exact.asarray([1, 0, -1])),
    (exact.asarray([[2], [-1], [3]]), exact.asarray([1])),
)
INPUTS = tuple((p, q) for p in (-2, 0, 1) for q in (-1, 0, 2))
FACTORS: Any = np.array([Fraction(2), Fraction(1, 3), Fraction(5)])


def shipped(case: tuple[int, int]) -> Any:
    """The output with the code's rescaled weights, on fractions."""
    return forward.output(exact, NETWORK, rescale_units(WEIGHTS, 0, FACTORS), exact.asarray([case]))[0, 0]


def claimed(case: tuple[int, int], factor: int = 1) -> Any:
    """Σ v relu(Wx + b) + c by hand."""
    (inward, biases), (outward, last) = WEIGHTS
    units = [max(sum(a * at for a, at in zip(inward[:, i], case, strict=True)) + biases[i], 0) for i in range(3)]
    return factor * sum(unit * weight for unit, weight in zip(units, outward[:, 0], strict=True)) + last[0]


rescaling = Derivation(
    name="relu networks, rescaling",
    source="Neyshabur, Salakhutdinov & Srebro 2015; for the balance Du, Hu & Lee 2018",
    letters=(
        "W and b are the weights and the biases of m hidden units, v and c those of the output, x the input; f_i "
        "and t are the factors. In the last claim w, a and u are one unit's weights in, bias and weight out."
    ),
    ranges={p: d},
    claims=(
        claim(
            "a unit's input and output",
            RESCALED,
            "=",
            AS_IT_IS,
            Step("factors cancel", AS_IT_IS, "relu(fz) = f relu(z) for f > 0, and v/f · f = v"),
        ),
        claim(
            "the weights of both layers and the hidden biases",
            ALL_SCALED,
            "=",
            t**2 * (AS_IT_IS - c),
            Step(
                "degree 2", t**2 * (AS_IT_IS - c), "t from each layer; the last bias, left out here, would have t alone"
            ),
        ),
        claim(
            "the input, without biases",
            INPUT_SCALED,
            "=",
            t * BARE,
            Step(
                "degree 1",
                t * BARE,
                "every pre-activation is multiplied by t: of several outputs the largest stays the largest",
            ),
        ),
        claim(
            "balance of one unit's slopes",
            EULER,
            "=",
            outer * Partial(UNIT, outer),
            Step(
                "Euler's identity",
                UNIT,
                "off the kink the output is linear in the incoming weights and bias, all of them together",
            ),
            Step("linear in the outgoing weight", outer * Partial(UNIT, outer), "∂(u relu(z))/∂u = relu(z)"),
            given=(Fact(PRE, "≠", 0),),
        ),
    ),
    ties=(
        Comparison(
            "units rescaled by the code",
            INPUTS,
            shipped,
            claimed,
            "ffn.constructions.symmetries.rescale_units",
        ),
    ),
    planted=(
        WrongStep(
            "output not undone",
            "factors cancel",
            network(lambda p, i: f[i] * W[p, i], lambda i: f[i] * b[i], lambda i: v[i]),
        ),
        WrongStep("degree 1 of two layers", "degree 2", t * (AS_IT_IS - c)),
        WrongStep("degree 2 in the input", "degree 1", t**2 * BARE),
        WrongStep("counted twice", "Euler's identity", 2 * UNIT),
        WrongStep("output doubled", "units rescaled by the code", claimed=lambda case: claimed(case, 2)),
    ),
)
