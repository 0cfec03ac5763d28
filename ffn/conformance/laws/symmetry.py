"""Symmetries: different parameters that give the same function (Goodfellow, Bengio & Courville 2016, 8.2.2)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ffn import admissible
from ffn.cases.case import Case
from ffn.cases.strategies import cases, networks, shifted_logits_cases
from ffn.conformance.implementation.subject import Subject
from ffn.conformance.law import Law
from ffn.conformance.verdict import Judgement, first_failure, judged
from ffn.network.activations import ELEMENTWISE
from ffn.numbers.precision import Precision


def hidden_units_in_any_order(case: Case, subject: Subject, assumed: Precision) -> Judgement:
    """Reversing the first hidden layer's units leaves the output and permutes the gradient likewise."""
    (W, b), (V, c), *rest = case.parameters
    reversed_case = replace(case, parameters=((W[:, ::-1].copy(), b[::-1].copy()), (V[::-1].copy(), c), *rest))
    outputs = judged(admissible.output(case, assumed).examine(subject.answer("forward", reversed_case)))
    (dW, db), (dV, dc), *others = subject.answer("gradient", reversed_case)
    restored = ((dW[:, ::-1], db[::-1]), (dV[::-1], dc), *others)
    return first_failure(outputs, judged(admissible.gradient(case, assumed).examine(restored)))


def relu_may_be_rescaled(case: Case, subject: Subject, assumed: Precision) -> Judgement:
    """relu(cz)/c = relu(z) for c > 0: (4W, 4b, V/4) gives the same output, and gradients (∂W/4, ∂b/4, 4∂V).

    A power of two rounds nothing away from the ends of the range, so the answers belong to the original case's sets,
    with underflow four times as large and overflow four times as near.
    """
    (W, b), (V, c) = case.parameters
    four = W.dtype.type(4)
    assumed = replace(assumed, underflow=4 * assumed.underflow, largest=assumed.largest / 4)
    rescaled = replace(case, parameters=((four * W, four * b), (V / four, c)))
    outputs = judged(admissible.output(case, assumed).examine(subject.answer("forward", rescaled)))
    (dW, db), (dV, dc) = (tuple(a.astype(np.float64) for a in layer) for layer in subject.answer("gradient", rescaled))
    restored = ((dW * 4, db * 4), (dV / 4, dc))
    return first_failure(outputs, judged(admissible.gradient(case, assumed).examine(restored)))


def softmax_may_be_shifted(case: Case, subject: Subject, assumed: Precision) -> Judgement:
    """Taking the first bias from every logit changes neither the loss nor the gradient.

    The biases of the case lie beyond the overflow of exp and close together, so that the subtraction is exact. The sets
    are the case's own, whose rounding is the coarser; both answers belong to them, for they have one truth.
    """
    *hidden, (W, b) = case.parameters
    shifted_back = replace(case, parameters=(*hidden, (W, b - b[0])))
    losses, gradients = admissible.loss(case, assumed), admissible.gradient(case, assumed)
    return first_failure(
        *(judged(losses.examine(subject.answer("loss", each))) for each in (case, shifted_back)),
        *(judged(gradients.examine(subject.answer("gradient", each))) for each in (case, shifted_back)),
    )


LAWS = (
    Law(
        "symmetry/hidden units permuted",
        "The order of the hidden units does not matter.",
        ("forward", "gradient"),
        lambda dtype: cases(dtype, networks((*ELEMENTWISE, "maxout"), min_depth=1, max_depth=2)),
        hidden_units_in_any_order,
    ),
    Law(
        "symmetry/relu rescaled",
        "A relu unit scaled up and its outgoing weights scaled down compute the same.",
        ("forward", "gradient"),
        lambda dtype: cases(dtype, networks(("relu",), min_depth=1, max_depth=1)),
        relu_may_be_rescaled,
    ),
    Law(
        "symmetry/softmax shifted",
        "Softmax and its loss do not change when all logits move together.",
        ("loss", "gradient"),
        shifted_logits_cases,
        softmax_may_be_shifted,
    ),
)
