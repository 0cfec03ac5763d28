"""Rounding errors of sums: (n − 1) u Σ|x_i| in every order of the additions."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np
from sympy import Abs, Symbol

from proofs.engine.derivation import (
    Case,
    Cases,
    Comparison,
    Derivation,
    Fact,
    Step,
    Uses,
    Worded,
    WrongStep,
    claim,
)
from proofs.engine.notation import reals

# Two partial sums: n terms of magnitudes A in all, the exact sum e, the computed s; u the unit roundoff, and d what the
# addition of both is off by
n1, n2, e1, e2, s1, s2 = reals("n_1 n_2 e_1 e_2 s_1 s_2")
A1, A2, u, d = (Symbol(name, nonnegative=True) for name in ("A_1", "A_2", "u", "d"))
total_ = Symbol("r", real=True)  # the computed sum of both
FIRST, SECOND = (n1 - 1) * u * A1, (n2 - 1) * u * A2
SMALL, AT_LEAST_1, AT_LEAST_1_TOO = Fact(u, "≤", 1), Fact(n1, "≥", 1), Fact(n2, "≥", 1)
OFF_FIRST, OFF_SECOND = Fact(Abs(s1 - e1), "≤", FIRST), Fact(Abs(s2 - e2), "≤", SECOND)
WITHIN, WITHIN_TOO = Fact(Abs(e1), "≤", A1), Fact(Abs(e2), "≤", A2)
NEAREST, NEAREST_TOO, ROUNDED = Fact(d, "≤", Abs(s1)), Fact(d, "≤", Abs(s2)), Fact(d, "≤", u * Abs(s1 + s2))
GIVEN = (SMALL, AT_LEAST_1, AT_LEAST_1_TOO, OFF_FIRST, OFF_SECOND, WITHIN, WITHIN_TOO, NEAREST, NEAREST_TOO, ROUNDED)
BOUND = u * (n2 * A1 + n1 * A2)
EXAMPLE = {u: Fraction(1, 2), n1: 2, n2: 1, A1: 3, A2: 2, e1: 3, e2: 2, s1: 3, s2: 2, d: 2}
SMALLER = A1 - u * A2 + A2 - u * A1 - Abs(A1 - u * A2 - A2 + u * A1)  # twice the smaller of A_1 − u A_2 and A_2 − u A_1


def beside_little(mine: Any, count: Any, other: Any, size: Any, sum_fact: Fact, term: Any) -> tuple[Step, ...]:
    """The steps where the magnitudes ``mine`` are at most u times the ``other`` ones."""
    little = Fact(mine, "≤", u * other)
    name = f"the {size} is small"
    return (
        Step(f"{name}: to nearest", Abs(term), "the other sum is a float too, and no nearer", "≤", uses=Uses(sum_fact)),
        Step(f"{name}: what it is", mine + (count - 1) * u * mine, "its exact sum and its error", "≤"),
        Step(
            f"{name}: beside the other",
            u * other + (count - 1) * u * mine,
            "A ≤ uA′, in this case",
            "≤",
            uses=Uses(little),
        ),
        Step(f"{name}: and A ≤ A′", count * u * other, "as u ≤ 1", "≤"),
    )


addition = claim(
    "what an addition is off by",
    d,
    "≤",
    BOUND,
    proof=Cases(
        (
            Case(
                Fact(A2, "≤", u * A1),
                (
                    *beside_little(A2, n2, A1, "second", NEAREST_TOO, s2),
                    Step("with the first's count", BOUND, "n₁uA₂ is not negative", "≤"),
                ),
                {**EXAMPLE, A2: 1, e2: 1, s2: 1, d: 1},
                "A_2 ≤ u A_1",
            ),
            Case(
                Fact(A1, "≤", u * A2),
                (
                    *beside_little(A1, n1, A2, "first", NEAREST, s1),
                    Step("with the second's count", BOUND, "n₂uA₁ is not negative", "≤"),
                ),
                {**EXAMPLE, A1: 1, e1: 1, s1: 1, d: 1},
                "A_1 ≤ u A_2",
            ),
            Case(
                Fact(SMALLER, ">", 0),
                (
                    Step(
                        "by the unit roundoff",
                        u * Abs(s1 + s2),
                        "of the sum of what was computed",
                        "≤",
                        uses=Uses(ROUNDED),
                    ),
                    Step("both sums", u * (A1 + FIRST + A2 + SECOND), "their exact sums and their errors", "≤"),
                    Step("neither is small", BOUND, "uA₁ ≤ A₂ and uA₂ ≤ A₁", "≤"),
                ),
                name="u A_1 < A_2 and u A_2 < A_1",
            ),
        )
    ),
    given=GIVEN,
    example=EXAMPLE,
)
ADDED = Fact(Abs(total_ - (s1 + s2)), "≤", BOUND)
one_more = claim(
    "a sum of two partial sums",
    Abs(total_ - (e1 + e2)),
    "≤",
    (n1 + n2 - 1) * u * (A1 + A2),
    Step(
        "three errors",
        Abs(total_ - (s1 + s2)) + Abs(s1 - e1) + Abs(s2 - e2),
        "that of the addition and those of the partial sums",
        "≤",
    ),
    Step("the addition's", BOUND + Abs(s1 - e1) + Abs(s2 - e2), "the claim before", "≤", uses=Uses(ADDED)),
    Step("the first sum's", BOUND + FIRST + Abs(s2 - e2), "by hypothesis", "≤", uses=Uses(OFF_FIRST)),
    Step("the second sum's", BOUND + FIRST + SECOND, "by hypothesis", "≤", uses=Uses(OFF_SECOND)),
    Step("together", (n1 + n2 - 1) * u * (A1 + A2), "n₁ + n₂ terms, one addition less"),
    given=(ADDED, OFF_FIRST, OFF_SECOND),
    example={u: 1, n1: 2, n2: 2, A1: 1, A2: 1, e1: 1, e2: 1, s1: 1, s2: 1, total_: 2},
)

HALVES = np.array([1, 2**-11, -(2**-11), 3, 2**-12, -1], np.float16)
TERMS = tuple(tuple(HALVES[list(places)]) for places in ((0, 1), (0, 1, 1), (0, 1, 2, 4), (3, 1, 5, 4), (0, 1, 1, 1)))


def orders(terms: tuple[Any, ...]) -> Iterator[Any]:
    """What the terms add up to in float16, for every way to put brackets around them as they stand."""
    if len(terms) == 1:
        yield terms[0]
    for cut in range(1, len(terms)):
        for left in orders(terms[:cut]):
            yield from (np.float16(left + right) for right in orders(terms[cut:]))


def beyond(terms: tuple[Any, ...], count: int = 1) -> int:
    """How many of the sums are off by more than (n − count) u Σ|x|, u = 2⁻¹¹."""
    exact = [Fraction(float(term)) for term in terms]
    bound = (len(terms) - count) * Fraction(1, 2**11) * sum(map(abs, exact))
    return sum(abs(Fraction(float(computed)) - sum(exact)) > bound for computed in orders(terms))


summation = Derivation(
    name="rounding errors of a sum in every order",
    source="Jeannerod & Rump 2013",
    letters=(
        "s_1 and s_2 are two computed partial sums, of n_1 and n_2 terms whose sizes add up to A_1 and A_2; e_1 and "
        "e_2 are the exact ones. r is the computed sum of both, d its error, u the unit roundoff, η half of the least "
        "positive float."
    ),
    claims=(addition, one_more),
    worded=(
        Worded(
            "every order",
            "A sum of n floats, rounded to nearest, is within (n − 1)u Σ|x| of what it is in every order of its "
            "additions, where nothing overflows. A dot product is within nu Σ|xy| + 2nη where nu ≤ 1, fused or not.",
            "An order is a tree: a leaf has no error, and a node is a sum of two partial sums. The sum of two floats "
            "is exact where it would underflow. The induction over the tree, and all of the dot product, are Rocq's.",
            rocq=("float_sum", "float_dot"),
        ),
    ),
    counts=(
        Comparison("sums in float16 beyond the bound", TERMS, beyond, lambda terms: 0),
        Comparison("beyond it with n − 2", TERMS[:1], lambda terms: int(beyond(terms, 2) > 0), lambda terms: 1),
    ),
    untied="the code's sets rest on it, and do not compute it",
    planted=(
        WrongStep("half of it", "with the first's count", u * n2 * A1 / 2),
        WrongStep("half of the roundoff", "by the unit roundoff", u * Abs(s1 + s2) / 2),
        WrongStep("no addition", "together", (n1 + n2 - 2) * u * (A1 + A2)),
        WrongStep("one", "sums in float16 beyond the bound", claimed=lambda terms: 1),
    ),
)
