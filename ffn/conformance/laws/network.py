"""The network as a whole: its output, its loss, and the gradient of every parameter."""

from __future__ import annotations

from functools import partial

from hypothesis import strategies as st

from ffn import admissible
from ffn.cases.case import Case
from ffn.cases.strategies import cases, networks
from ffn.conformance.implementation.subject import Subject
from ffn.conformance.law import Law
from ffn.conformance.verdict import Judgement, judged
from ffn.network.activations import ELEMENTWISE
from ffn.numbers.precision import Precision


def output_is_admissible(case: Case, subject: Subject, assumed: Precision) -> Judgement:
    return judged(admissible.output(case, assumed).examine(subject.forward(case)))


def loss_is_admissible(case: Case, subject: Subject, assumed: Precision) -> Judgement:
    return judged(admissible.loss(case, assumed).examine(subject.loss(case)))


def gradient_is_admissible(case: Case, subject: Subject, assumed: Precision) -> Judgement:
    return judged(admissible.gradient(case, assumed).examine(subject.gradient(case)))


def _random(dtype: str) -> st.SearchStrategy[Case]:
    return cases(dtype, networks())


def _one_hidden(activation: str, dtype: str) -> st.SearchStrategy[Case]:
    return cases(dtype, networks((activation,), outputs=("gaussian",), min_depth=1, max_depth=1))


LAWS = (
    Law("network/output", "The last affine output is admissible.", ("forward",), _random, output_is_admissible),
    Law("network/loss", "The loss is admissible.", ("loss",), _random, loss_is_admissible),
    Law(
        "network/gradient",
        "The gradient of every parameter is admissible, at any depth.",
        ("gradient",),
        _random,
        gradient_is_admissible,
    ),
    *(
        Law(
            f"gradient/{activation}",
            f"The gradient through one hidden layer of {activation} is admissible.",
            ("gradient",),
            partial(_one_hidden, activation),
            gradient_is_admissible,
        )
        for activation in (*ELEMENTWISE, "maxout")
    ),
)
