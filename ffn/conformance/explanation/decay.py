"""Weight decay that is forgotten, or of another size, or beside something else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from functools import partial

from ffn.cases.case import Case
from ffn.conformance.explanation.answer import Answer, Balls, Sets, as_vector
from ffn.network.description import Recurrent
from ffn.numbers.ball import BallArray, number

ONE = Fraction(1)


def decay(answer: Answer, case: Case) -> Sets:
    """Weight decay forgotten, of another size or of other arrays, or beside a likelihood that is off."""
    if isinstance(case.network, Recurrent) or not case.network.weight_decay:
        return
    rows, likelihood = len(case.x), partial(answer.of, undecayed(case))
    sizes = {"without": Fraction(0), "with twice the": Fraction(2), "with half the": Fraction(1, 2)}
    sizes["with 1/N of the"] = Fraction(1, rows)
    for words, size in sizes.items():
        claims = ("with half the", "N") if "N" in words else (words,)  # of 2 rows both are one
        yield f"answer {words} weight decay", partial(decayed, answer, likelihood, size=size), *claims
    yield "answer with weight decay of the biases too", partial(decayed, answer, likelihood, biases=True)
    yield "answer with weight decay of the last layer alone", partial(decayed, answer, likelihood, first=-1)
    shares = {
        "N times": Fraction(rows),
        "1/N times": Fraction(1, rows),
        "−1 times": Fraction(-1),
        "2 times": Fraction(2),
        "½ times": Fraction(1, 2),
        "1/units times": Fraction(1, case.network.units),
    }
    for words, share in shares.items():
        yield f"answer with {words} the likelihood beside weight decay", partial(decayed, answer, likelihood, share)


def undecayed(case: Case) -> Case:
    if isinstance(case.network, Recurrent):
        return case
    return case.changed(network=replace(case.network, weight_decay=0.0))


def decayed(
    answer: Answer,
    likelihood: Callable[[], Balls],
    share: Fraction = ONE,
    size: Fraction = ONE,
    biases: bool = False,
    first: int = 0,
) -> Balls:
    """A multiple of the set without weight decay, and of what weight decay adds, of the layers from ``first`` on."""
    case, xp = answer.case, answer.xp
    assert isinstance(case, Case)
    balls: Balls = likelihood() * number(share)
    if isinstance(case.network, Recurrent) or not case.network.weight_decay or not size:
        return balls
    weight = xp.constant(repr(case.network.weight_decay)) * size
    decaying = range(len(case.parameters))[first:]
    arrays = [
        xp.asarray(array if layer in decaying and (biases or kind == 0) else 0 * array)
        for layer, each in enumerate(case.parameters)
        for kind, array in enumerate(each)
    ]
    added = (
        weight * xp.total([a * a for a in arrays]) / 2 if answer.name == "loss" else tuple(weight * a for a in arrays)
    )
    both: BallArray = BallArray(balls, xp) + BallArray(as_vector(added), xp)
    return both.balls
