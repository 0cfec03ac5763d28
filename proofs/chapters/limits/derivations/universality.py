"""Universal approximation: cited, and checked on finite cases, exactly."""

from __future__ import annotations

from sympy import QQ
from sympy.polys.matrices import DomainMatrix

from proofs.engine.derivation import Comparison, Derivation, WrongStep

POWERS = tuple((degree, width) for degree in (1, 2, 3) for width in (1, 2, 3, 4, 5, 6))


def rank_of_features(case: tuple[int, int]) -> int:
    """The rank of (x + b)^p for so many biases b, at 9 points: the dimension of what the units can compute."""
    degree, width = case
    rows = [[QQ(at + i) ** degree for i in range(width)] for at in range(-4, 5)]
    return int(DomainMatrix(rows, (9, width), QQ).rank())


leshno = Derivation(
    name="universal approximation",
    statement="With one hidden layer of any width, networks with a continuous activation g approximate every "
    "continuous function on a compact set as well as wanted if and only if g is not a polynomial; with biases and a "
    "linear output. Checked here: polynomial units of degree p span p + 1 dimensions at most.",
    source="Leshno, Lin, Pinkus & Schocken 1993",
    counts=(
        Comparison(
            "features of a polynomial of degree p",
            POWERS,
            rank_of_features,
            lambda case: min(case[0] + 1, case[1]),
        ),
    ),
    untied="of the code's activations none is a polynomial but the identity",
    planted=(
        WrongStep("every unit helps", "features of a polynomial of degree p", claimed=lambda case: case[1]),
        WrongStep("degree", "features of a polynomial of degree p", claimed=lambda case: min(case[0], case[1])),
    ),
)
