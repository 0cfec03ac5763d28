"""Admissible sets: every answer that a correct program in a given precision may return.

The reference's own formulas run on balls that carry, besides the truth, the rounding of the precision
under test: each operation may be off by a relative v, just above u, and an absolute η, each library function by a
stated number of ulps, and no term of a sum passes more than its n roundings, whatever the order. By inclusion the
result encloses the truth *and* all that a correct program may compute. So ``computed in admissible`` raises no false
alarm, and nobody chooses a tolerance.

A layer without biases is one with biases of 0: adding 0 rounds nothing, and widens a sum of n terms to n + 1. Of the
gradient, ``admissible.gradient(case)["layer 0", "W"]`` is then what there is to compare.

What is admitted beyond the reference's own formulas, and why, stands where the formulas are: ``other_slopes`` in
``ffn.network.activations``, ``either`` and ``quotient`` in ``ffn.network.outputs``. What is known of every algorithm
and narrows a set, such as that a probability lies in [0, 1] in floats too, is ``within`` there.

Where no correct program rounds (``ffn.cases.exact``) the set is one point, ``exact``. In networks of several hidden
layers a set that decides too little is met with a second enclosure (``narrowed``, see ``answers``). That one takes it
for granted that a program carries out each matrix product once; by inclusion alone nothing is.

Sources: Higham 2002, ch. 2–3; Blanchard, Higham & Higham 2021; Rump 1999; Johansson 2017.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, overload

import numpy as np
import numpy.typing as npt

from ffn.admissible import formula as own
from ffn.admissible.examination import LEAST_DECIDED, Examination, NotJudged, Outside
from ffn.admissible.formula import FormulaSet, value
from ffn.admissible.formula.probes import inputs, probes
from ffn.admissible.narrowing import MOST, narrower
from ffn.admissible.points import PointSet, exact
from ffn.admissible.sets import WORKING_BITS, AdmissibleSet
from ffn.cases.case import ActivationCase, Arguments, Case, flat, identity
from ffn.cases.exact.certificate import exactly
from ffn.network import backward, forward
from ffn.network.description import Network
from ffn.network.formulas import check_logits, evaluate, placed
from ffn.numbers.ball import Ball, BallArray
from ffn.numbers.precision import Precision, precision

__all__ = [
    "AdmissibleSet",
    "Examination",
    "FormulaSet",
    "NotJudged",
    "Outside",
    "PointSet",
    "activation",
    "answering",
    "answers",
    "exact",
    "forget",
    "gradient",
    "inputs",
    "log_softmax",
    "loss",
    "loss_of_exact_output",
    "mean",
    "output",
    "probes",
    "slope",
    "softmax",
    "summed_over_pieces",
    "value",
]

MOST_SETS = 1024  # the last ones: laws on the same cases have the same, four precisions of a plan a thousand


def answers(
    name: str, case: Arguments, assumed: Precision | None = None, narrowed: bool | None = None
) -> AdmissibleSet:
    """The admissible values of what a method returns on a case.

    Args:
        name: ``"forward"``, ``"loss"``, ``"gradient"``, ``"mean"``, ``"activation"`` or ``"slope"``.
        case: the arguments of the call; with masks or a recurrent layer it is the method of that part.
        assumed: the error model, where it is not that of the case's dtype.
        narrowed: whether the errors that matrix products hand on are followed too (``ffn.numbers.ball.centred``), which
            takes ten times as long, and narrows sets of deep networks by powers of ten. When left out, with two hidden
            layers or more, where less than nine tenths of the coordinates are decided and it takes seconds.
    """
    return answering(case, assumed, narrowed)(name)


def answering(
    case: Arguments, assumed: Precision | None = None, narrowed: bool | None = None
) -> Callable[[str], AdmissibleSet]:
    """``answers`` on one case, by name: the one way to a set. What they have in common is computed once."""
    assumed = assumed or precision(case.dtype)
    if case.part == "recurrent":  # sums over two products, and over steps, are rounded in between
        assumed = replace(assumed, accumulator=None)
    return lambda name: _answer(name, _Alike(case, identity(case)), assumed, narrowed)


@dataclass(frozen=True)
class _Alike:
    """A case, which is the same as any other with the same contents."""

    case: Arguments = field(compare=False)
    contents: Any


@lru_cache(MOST_SETS)
def _answer(name: str, alike: _Alike, assumed: Precision, narrowed: bool | None) -> AdmissibleSet:
    case, xp = alike.case, _balls(assumed)
    method = case.method(name)
    found = _set(case.returned(name)[0], evaluate(xp, method, *case.arguments(method)), assumed)
    found = replace(found, wide_is_meant=name in ("activation", "slope"))  # sin at π, and every slope of a kink
    wanted = narrowed if narrowed is not None else _deep(case) and found.decided_share() < LEAST_DECIDED
    most = math.inf if narrowed else MOST
    return narrower(found, lambda xp: evaluate(xp, method, *case.arguments(method)), most) if wanted else found


@lru_cache(8)  # precisions: the four, and some that are declared
def _balls(assumed: Precision) -> Ball:
    """One namespace for all cases in a precision: what was computed of the same numbers is not computed again."""
    return Ball(WORKING_BITS, assumed, keep=True)


def forget() -> None:
    """Keep no sets, nor what they were made of: a timing is to make them, and a test to see what it changed."""
    _answer.cache_clear()
    _balls.cache_clear()


def _deep(case: Arguments) -> bool:
    """Whether errors are handed on from one hidden layer, or state, to another."""
    return case.part == "recurrent" or (
        isinstance(case, Case) and isinstance(case.network, Network) and len(case.network.hidden) > 1
    )


def output(case: Case, assumed: Precision | None = None, narrowed: bool | None = None) -> AdmissibleSet:
    """The admissible values of the last affine output, (N, units)."""
    return answers("forward", case, assumed, narrowed)


def loss(case: Case, assumed: Precision | None = None, narrowed: bool | None = None) -> AdmissibleSet:
    """The admissible values of the loss, a scalar."""
    return answers("loss", case, assumed, narrowed)


@overload
def gradient(case: Case, assumed: Precision | None = None, narrowed: bool | None = None) -> AdmissibleSet: ...


@overload
def gradient(case: Callable[..., Any], *arrays: Any, **options: Any) -> FormulaSet: ...


def gradient(case: Case | Callable[..., Any], *arguments: Any, **options: Any) -> AdmissibleSet | FormulaSet:
    """The admissible values of the gradient of every parameter; or of a formula, ``gradient(formula, *arrays,
    cotangent=…)``, as ``ffn.admissible.formula.gradient`` says.

    Every slope between the one-sided ones is admissible where a pre-activation may lie on a kink; the slopes of tied
    pieces of maxout are each taken from 0 to 1, and that they sum to 1 is left to a law of its own. The terms of a
    weight's gradient, of every row and of every step of a recurrent layer, may be added in any order, and a mean be
    divided by N at any place: an entry is not judged where N times it, or N times what it is made of, may overflow.
    """
    if isinstance(case, Case):
        return answers("gradient", case, *arguments, **options)
    return own.gradient(case, *arguments, **options)


def mean(case: Case, assumed: Precision | None = None, narrowed: bool | None = None) -> AdmissibleSet:
    """The admissible values of E[y] as the network has it, (N, targets): for categorical the probabilities, (N, units);
    for bernoulli σ(z), for poisson exp(z)."""
    return answers("mean", case, assumed, narrowed)


def softmax(z: npt.ArrayLike, assumed: Precision | None = None) -> AdmissibleSet:
    """The admissible values of the softmax of each row of the logits z, (N, classes), by every standard algorithm.

    Raises:
        ValueError: when z has another shape, or none of the four dtypes.
    """
    return _of_logits("softmax", z, assumed)


def log_softmax(z: npt.ArrayLike, assumed: Precision | None = None) -> AdmissibleSet:
    """The admissible values of the logarithm of the softmax of each row. Raises as ``softmax`` does."""
    return _of_logits("log_softmax", z, assumed)


def activation(case: ActivationCase, assumed: Precision | None = None) -> AdmissibleSet:
    """The admissible values of the activation at z, by accurate algorithms alone."""
    return answers("activation", case, assumed)


def slope(case: ActivationCase, assumed: Precision | None = None) -> AdmissibleSet:
    """The admissible values of the activation's derivative at z, by accurate algorithms alone.

    At a kink all values from the left to the right slope.
    """
    return answers("slope", case, assumed)


def summed_over_pieces(case: Case, assumed: Precision | None = None) -> AdmissibleSet:
    """The admissible values of ∂W and ∂b of a single hidden maxout layer, summed over its pieces.

    The pieces' slopes sum to 1, so the cotangent of the unit is what they share: Σⱼ ∂Wⱼ = xᵀ ∂h. Each of the pieces may
    round its own share, and the sum rounds too, which costs at most the error of a product over pieces times as many
    rows; ``pieces`` copies of the batch at 1/pieces of the weight have that error.
    """
    # each piece is rounded at its end, whatever accumulator is declared
    assumed = replace(assumed or precision(case.dtype), accumulator=None)
    xp = Ball(WORKING_BITS, assumed)
    network, parameters, x, y = placed(xp, "gradient", *case.arguments("gradient"))
    pieces: Any = network.hidden[0].pieces
    copies = pieces + 2
    steps = forward.trace(xp, network, parameters, x)
    dz = backward.output_vjp(xp, network, steps[1].z, y)
    xp = xp.headroom(len(case.x)) if network.reduction == "mean" else xp
    dh = backward.affine_input_vjp(xp, parameters[1][0], dz)
    shares = BallArray(np.tile(dh.balls, (copies, 1)), xp) / copies
    sums = backward.affine_vjp(xp, BallArray(np.tile(x.balls, (copies, 1)), xp), shares, None)
    return _set(network.names[0], sums, assumed)


def loss_of_exact_output(case: Case, assumed: Precision | None = None) -> AdmissibleSet:
    """The admissible values of the loss of a case whose output no correct program rounds: those of the exact output.

    The constant of a likelihood is rounded, so that a loss has no exact cases. Raises Rounds where the output is not
    exact.
    """
    assumed = assumed or precision(case.dtype)
    xp, z = Ball(WORKING_BITS, assumed), exactly("forward", case)
    network, parameters, _, y = placed(xp, "loss", *case.arguments("loss"))
    found = forward.objective_of_output(xp, network, parameters, xp.asarray(z), y)
    return _set("loss", found, assumed)


def _of_logits(name: str, z: npt.ArrayLike, assumed: Precision | None) -> AdmissibleSet:
    check_logits(z)
    assumed = assumed or precision(np.asarray(z).dtype.name)
    return _set(name, evaluate(Ball(WORKING_BITS, assumed), name, z), assumed)


def _set(names: Any, arrays: Any, assumed: Precision) -> AdmissibleSet:
    named = zip(flat(names), flat(arrays), strict=True)
    return AdmissibleSet(tuple((path, array.balls) for path, array in named), assumed)
