"""No free lunch: cited, and checked on finite cases, exactly."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

from proofs.engine.badges import Badge
from proofs.engine.derivation import Comparison, Derivation, WrongStep

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


no_free_lunch = Derivation(
    name="no free lunch",
    statement="Averaged over all labelings of the inputs, every deterministic learner has the accuracy 1/2 off its "
    "training set.",
    hypotheses=("two classes, all labelings equally likely", "accuracy off the training set"),
    source="Wolpert 1996",
    badge=Badge.CITED,
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
        WrongStep(
            "neighbours help",
            "four learners on five inputs",
            claimed=lambda case: Fraction(3, 5) if case[0] == "nearest neighbour" else Fraction(1, 2),
        ),
    ),
)
