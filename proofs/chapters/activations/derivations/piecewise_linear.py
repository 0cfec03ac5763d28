"""The piecewise linear activations."""

from __future__ import annotations

from typing import Any

import sympy
from sympy import Abs, Rational, sign

from proofs.chapters.code_on_symbols import shipped
from proofs.engine.derivation import Comparison, Derivation, Fact, Step, WrongStep, claim
from proofs.engine.notation import Partial, hard_tanh, positives, reals, relu

(z,) = reals("z")
t, u = positives("t u")

SIDES = (t, -t)
CLIPPED = (-1 - t, Rational(-1, 2), Rational(0), Rational(1, 3), 1 + t)


OFF_KINK = (Fact(z, "≠", 0),)


def hard_tanh_slope(at: Any) -> Any:
    """1 between −1 and 1, 0 beyond."""
    return (sign(at + 1) - sign(at - 1)) / 2


piecewise = Derivation(
    name="piecewise linear activations, slopes",
    source="Goodfellow, Bengio & Courville 2016, section 6.3.1",
    claims=(
        claim(
            "relu",
            Partial(relu(z), z),
            "=",
            (1 + sign(z)) / 2,
            Step("step", (1 + sign(z)) / 2, "relu z = (z + |z|)/2"),
            given=OFF_KINK,
        ),
        claim("relu on the right", Partial(relu(z), z), "=", 1, because="z > 0", given=(Fact(z, ">", 0),)),
        claim("relu on the left", Partial(relu(z), z), "=", 0, because="z < 0", given=(Fact(z, "<", 0),)),
        claim("relu is homogeneous", relu(u * z), "=", u * relu(z), because="a positive factor leaves max(·, 0)"),
        claim("absolute value", Partial(Abs(z), z), "=", sign(z), because="|z| = z sign z", given=OFF_KINK),
        claim(
            "leaky relu",
            Partial(relu(z) - u * relu(-z), z),
            "=",
            (1 + sign(z)) / 2 + u * (1 - sign(z)) / 2,
            Step("1 or u", (1 + sign(z)) / 2 + u * (1 - sign(z)) / 2, "relu(z) − u relu(−z), u the negative slope"),
            given=OFF_KINK,
        ),
        claim(
            "hard tanh",
            Partial(hard_tanh(z), z),
            "=",
            hard_tanh_slope(z),
            Step("by signs", hard_tanh_slope(z), "hard tanh z = (|z + 1| − |z − 1|)/2"),
            given=(Fact(z, "≠", 1), Fact(z, "≠", -1)),
        ),
        claim(
            "hard tanh between",
            Partial(hard_tanh(z), z),
            "=",
            1,
            because="z + 1 is positive and z − 1 negative",
            given=(Fact(z, ">", -1), Fact(z, "<", 1)),
        ),
        claim(
            "hard tanh beyond", Partial(hard_tanh(z), z), "=", 0, because="both have one sign", given=(Fact(z, ">", 1),)
        ),
        claim(
            "hard tanh below", Partial(hard_tanh(z), z), "=", 0, because="both are negative", given=(Fact(z, "<", -1),)
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
        WrongStep("slope 2 between the kinks", "by signs", 2 * hard_tanh_slope(z)),
        WrongStep("not clipped on the left", "hard_tanh, value", claimed=lambda at: 1 - relu(1 - at)),
        WrongStep("slope of the other side", "relu, slope", claimed=lambda at: (1 - sign(at)) / 2),
    ),
)
