"""What a page says a claim is about: the declared domains, in words."""

from __future__ import annotations

from typing import Any

import pytest
from sympy import Symbol, oo

from proofs.engine.claim import Fact
from proofs.engine.derivation import Claim, Derivation, Step, WrongStep
from proofs.engine.notation import (
    Partial,
    array,
    arrays,
    dimension,
    g,
    g1,
    index,
    natural,
    phi,
    positives,
    reals,
    sigmoid,
    softplus,
    tent_map,
    text,
)
from proofs.engine.notation.layers import LAYERS, MOVING, TIME, WIDTH, Delta, Drift, Gradient, Loss, Pairing, vector_of
from proofs.engine.rendering import definitions, domain

n, q, m = dimension("n"), dimension("q"), natural("m")
j, k = index("j"), index("k")
(t, z), (u, v), level = reals("t z"), positives("u v"), Symbol("c", nonnegative=True)


ROW = array("r", oo)


def derivation(left: Any, given: tuple[Fact, ...] = (), exists: Any = None, **fields: Any) -> Derivation:
    """Of the claim that something is 0."""
    one = Claim("p", left, "=", 0, (Step("s", 0, ""),), given, exists or {})
    return Derivation("d", "", (WrongStep("w", "s", 1),), (one,), untied="an example", **fields)


@pytest.mark.parametrize(
    ("of", "words"),
    [
        (derivation(t * u + z * v + level), "real t, z; positive u, v; c ≥ 0"),
        (derivation(n * q + m), "size n, q; whole m from 0"),
        (derivation(n * q + t, smallest={n: 2}), "size q; whole n from 2; real t"),
        (
            derivation(array("x", n, q)[k, j], ranges={k: n, j: q}),
            "size n, q; k from 1 to n; j from 1 to q; real x of shape n × q",
        ),
        (
            derivation(array("a", n, positive=True)[k], ranges={k: n, j: q}),
            "size n; k from 1 to n; positive a of shape n",
        ),
        (derivation(array("b", n, nonnegative=True)[1]), "size n; nonnegative b of shape n"),
        (derivation(array("b", q)[1] * k, ranges={k: n}), "size n, q; k from 1 to n; real b of shape q"),
        (
            derivation(array("e", oo)[m + 1] + arrays("W")[0][1]),
            "whole m from 0; real W of any shape; real e (a sequence)",
        ),
        (
            derivation(array("x", n)[1], (Fact(array("y", n)[k], "≤", t, {k: n}),), ranges={k: n}),
            "size n; real t; real x of shape n; real y of shape n",
        ),
        (derivation(z - t, exists={z: t}), "real t"),
        (derivation(phi(z) + g(t) + g1(t)), "real t, z; convex φ; differentiable g, as often as it is differentiated"),
        (
            derivation(array("x", WIDTH[1])[k], ranges={k: WIDTH[1]}),
            "k from 1 to w[1]; whole, from 1, w (a sequence); real x of shape w[1]",
        ),
        (derivation(WIDTH[n]), "size n; whole, from 1, w (a sequence)"),
    ],
)
def test_every_variable_is_declared_once(of: Derivation, words: str) -> None:
    """A reader would not know of which numbers it is said."""
    assert domain(of.single_claims[0], of) == words


def test_functions_are_defined() -> None:
    """A reader would take T or σ for another function, or F for a loss that is not said to be of a network."""
    vector = vector_of(lambda i: ROW[i])
    assert definitions(derivation(g(z))) == []
    assert definitions(derivation(tent_map(m, z) + sigmoid(t), (Fact(softplus(t), ">", 1),))) == [
        "sigmoid: σ(z) = 1/(1 + e^-z).",
        "softplus: log(1 + e^z).",
        "T^(m) is the tent map T(t) = 1 − 2|t − ½|, composed m times.",
    ]
    assert definitions(derivation(Loss(1, vector))) == [LAYERS]
    for moving in (Drift(1, vector), Pairing(1, vector)):
        assert definitions(derivation(moving)) == [LAYERS, MOVING]


def test_a_function_of_a_vector_is_printed_with_its_entries() -> None:
    """A refusal would not say where the loss is taken."""
    vector = vector_of(lambda i: ROW[i])
    assert text(Loss(m, vector)) == "F[m](r[i] for i)"
    assert text(Gradient(2, vector, k)) == "∇F[2]_k(r[i] for i)"
    assert text(Delta(m + 1, vector, j)) == "δ[m + 1]_j(r[i] for i)"
    assert text(Partial(Drift(1, vector) + Pairing(0, vector), TIME)) == "d[Ḟ[1](r[i] for i) + P[0](r[i] for i)]/dt"
