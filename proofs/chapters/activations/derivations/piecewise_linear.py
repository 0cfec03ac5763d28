"""The piecewise linear activations."""

from __future__ import annotations

from typing import Any

import sympy
from sympy import Abs, Rational, sign

from proofs.chapters.code_on_symbols import shipped
from proofs.engine.derivation import Comparison, Derivation, Step, WrongStep, chain
from proofs.engine.notation import Partial, positives, reals, relu

(z,) = reals("z")
t, u = positives("t u")

SIDES = (t, -t)
CLIPPED = (-1 - t, Rational(-1, 2), Rational(0), Rational(1, 3), 1 + t)


def hard_tanh(at: Any) -> Any:
    """z between −1 and 1, and clipped to them beyond."""
    return (Abs(at + 1) - Abs(at - 1)) / 2


def hard_tanh_slope(at: Any) -> Any:
    """1 between −1 and 1, 0 beyond."""
    return (sign(at + 1) - sign(at - 1)) / 2


piecewise = Derivation(
    name="piecewise linear activations, slopes",
    statement="Off the kinks relu′ is 1 for z > 0 and 0 for z < 0, |z|′ is the sign of z, leaky relu has its negative "
    "slope for z < 0, and hard tanh has the slope 1 between −1 and 1 and 0 beyond.",
    hypotheses=("z ≠ 0, and for hard tanh z ≠ ±1",),
    source="Goodfellow, Bengio & Courville 2016, section 6.3.1",
    chains=(
        chain("relu", Partial(relu(z), z), Step("step", (1 + sign(z)) / 2, "relu z = (z + |z|)/2")),
        chain("absolute value", Partial(Abs(z), z), Step("sign of z", sign(z), "|z| = z sign z")),
        chain(
            "leaky relu",
            Partial(relu(z) - u * relu(-z), z),
            Step("1 or u", (1 + sign(z)) / 2 + u * (1 - sign(z)) / 2, "relu(z) − u relu(−z), u the negative slope"),
        ),
        chain(
            "hard tanh",
            Partial(hard_tanh(z), z),
            Step("1 between −1 and 1", hard_tanh_slope(z), "hard tanh z = (|z + 1| − |z − 1|)/2"),
        ),
    ),
    ties=tuple(
        Comparison(f"{name}, {which}", at, shipped(name, which, leak), claimed, f"ffn.network.activations{code}")
        for name, at, leak, which, code, claimed in (
            ("relu", SIDES, None, "value", ": relu", relu),
            ("relu", SIDES, None, "slope", ".step", lambda at: (1 + sign(at)) / 2),
            ("absolute", SIDES, None, "value", ".absolute", Abs),
            ("absolute", SIDES, None, "slope", ": absolute", sign),
            ("leaky_relu", SIDES, 0.25, "value", ".leaky_relu", lambda at: relu(at) - relu(-at) / 4),
            ("leaky_relu", SIDES, 0.25, "slope", ".leaky_relu", lambda at: (5 + 3 * sign(at)) / 8),
            ("hard_tanh", CLIPPED, None, "value", ".hard_tanh", hard_tanh),
            ("hard_tanh", CLIPPED, None, "slope", ".hard_tanh_slope", hard_tanh_slope),
        )
    ),
    planted=(
        WrongStep("slope 1 everywhere", "step", sympy.S.One),
        WrongStep("sides exchanged", "1 or u", (1 - sign(z)) / 2 + u * (1 + sign(z)) / 2),
        WrongStep("slope 2 between the kinks", "1 between −1 and 1", 2 * hard_tanh_slope(z)),
        WrongStep("not clipped on the left", "hard_tanh, value", claimed=lambda at: 1 - relu(1 - at)),
        WrongStep("slope of the other side", "relu, slope", claimed=lambda at: (1 - sign(at)) / 2),
    ),
)
