"""No free lunch: for an unseen input, every label is as likely as any other whatever was learned."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

from proofs.engine.derivation import Comparison, Derivation, Fact, Step, Uses, WrongStep, claim
from proofs.engine.notation import array, dimension, index, total

INPUTS = 5
LEARNERS = ("majority", "minority", "nearest neighbour", "constant")
TRAINED_ON = ((0,), (0, 3), (1, 2, 4), (0, 1, 2, 3))


def predicted(learner: str, seen: dict[int, int], x: int) -> int:
    majority = int(2 * sum(seen.values()) > len(seen))
    if learner == "nearest neighbour":
        return seen[min(seen, key=lambda other: abs(other - x))]
    return {"majority": majority, "minority": 1 - majority, "constant": 1}[learner]


def mean_accuracy(case: tuple[str, tuple[int, ...]]) -> Fraction:
    """Accuracy off the training set, averaged over all labelings."""
    learner, trained = case
    unseen = [x for x in range(INPUTS) if x not in trained]
    labelings = list(product((0, 1), repeat=INPUTS))
    hits = sum(
        predicted(learner, {i: labels[i] for i in trained}, x) == labels[x] for labels in labelings for x in unseen
    )
    return Fraction(hits, len(labelings) * len(unseen))


R, K = dimension("R"), dimension("K")
s = index("s")
P = array("P", R, K, nonnegative=True)
ROW = Fact(total(lambda c: P[s, c], K), "=", 1, {s: R})
no_free_lunch = Derivation(
    name="no free lunch",
    source="Wolpert 1996; in this form directly",
    letters=(
        "The labels of all inputs but one are one of R assignments, and that one has any of K labels, all equally "
        "likely. After seeing assignment r the learner answers class c there with the probability P_rc."
    ),
    claims=(
        claim(
            "accuracy at an unseen input",
            total(lambda r, c: P[r, c], R, K) / (R * K),
            "=",
            1 / K,
            Step("each row adds up to 1", 1 / K, "R times 1", uses=Uses(ROW, weight=1 / (R * K), over={s: R})),
            given=(ROW,),
            example={P: 1 / K},
        ),
    ),
    counts=(
        Comparison(
            "four learners on five inputs",
            tuple(product(LEARNERS, TRAINED_ON)),
            mean_accuracy,
            lambda case: Fraction(1, 2),
        ),
    ),
    untied="a statement about all learners",
    planted=(
        WrongStep("better than chance", "each row adds up to 1", 2 / K),
        WrongStep(
            "neighbours help",
            "four learners on five inputs",
            claimed=lambda case: Fraction(3, 5) if case[0] == "nearest neighbour" else Fraction(1, 2),
        ),
    ),
)
