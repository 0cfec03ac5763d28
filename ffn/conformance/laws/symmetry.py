"""Symmetries: different parameters that give the same function (Goodfellow, Bengio & Courville 2016, 8.2.2)."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from ffn.cases.case import Case, mapped, taken
from ffn.cases.networks import NO_DECAY
from ffn.cases.planned import network_plan
from ffn.cases.strategies import network_cases, shifted_logits_cases, with_shifted_logits
from ffn.conformance.law import ANSWERS, Law, Offered, admitted, same_as
from ffn.conformance.laws.network import planned
from ffn.conformance.verdict import Judgement, Verdict, first_failure
from ffn.numbers.precision import Precision


def hidden_units_in_any_order(case: Case, offered: Offered, assumed: Precision) -> Judgement:
    """Reversing the first hidden layer's units leaves output and loss, and permutes the gradient likewise."""
    order = {"unit 1": np.arange(case.lengths()["unit 1"])[::-1]}
    restored = {"gradient": lambda gradient: taken(gradient, case.network.axes, order)}
    return same_as(case, case.taken(order), offered, assumed, restored)


def relu_may_be_rescaled(case: Case, offered: Offered, assumed: Precision) -> Judgement:
    """relu(cz)/c = relu(z) for c > 0: (4W, 4b, V/4) gives the same output, and gradients (∂W/4, ∂b/4, 4∂V).

    A power of two rounds nothing away from the ends of the range, so the answers belong to the original case's sets,
    with underflow four times as large and overflow four times as near.
    """
    (W, b), (V, c), *rest = case.parameters
    four = W.dtype.type(4)
    assumed = replace(assumed, underflow=4 * assumed.underflow, largest=assumed.largest / 4)
    assumed = replace(assumed, smallest_normal=4 * assumed.smallest_normal)
    rescaled = replace(case, parameters=((four * W, four * b), (V / four, c), *rest))

    def restored(gradient: Any) -> Any:
        (dW, db), (dV, dc), *others = mapped(lambda array: array.astype(np.float64), gradient)
        return (dW * 4, db * 4), (dV / 4, dc), *others

    return same_as(case, rescaled, offered, assumed, {"gradient": restored})


def softmax_may_be_shifted(case: Case, offered: Offered, assumed: Precision) -> Judgement:
    """Taking the first bias from every logit changes neither the loss nor the gradient.

    The biases of the case lie beyond the overflow of exp and close together, so that the subtraction is exact; a case
    where it is not says nothing. The sets are the case's own, whose rounding is the coarser; both answers belong to
    them, for they have one truth.
    """
    *hidden, (W, b) = case.parameters
    difference = b - b[:1]
    if (difference.astype(np.float64) != b.astype(np.float64) - float(b[0])).any():
        return Judgement(Verdict.NOT_OFFERED)
    shifted_back = replace(case, parameters=(*hidden, (W, difference)))
    return first_failure(admitted(case, offered, assumed), same_as(case, shifted_back, offered, assumed))


_RELU: Any = {"activations": ("relu",), "weight_decays": NO_DECAY}

LAWS = (
    Law(
        "symmetry/hidden units permuted",
        "The order of the hidden units does not matter.",
        ANSWERS,
        partial(network_cases, min_depth=1, max_depth=2),
        hidden_units_in_any_order,
        plan=planned,
    ),
    Law(
        "symmetry/relu rescaled",
        "A relu unit scaled up and its outgoing weights scaled down compute the same.",
        ANSWERS,
        partial(network_cases, min_depth=1, max_depth=1, **_RELU),
        relu_may_be_rescaled,
        plan=partial(network_plan, depths=(1,), **_RELU),
    ),
    Law(
        "symmetry/softmax shifted",
        "Softmax and its loss do not change when all logits move together.",
        ("loss", "gradient"),
        shifted_logits_cases,
        softmax_may_be_shifted,
        plan=partial(
            network_plan,
            outputs=("categorical",),
            depths=(1,),
            min_units=2,
            of_layers=False,
            change=lambda case, *_: with_shifted_logits(case),
        ),
    ),
)
