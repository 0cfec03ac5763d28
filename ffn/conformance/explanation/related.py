"""Answers to another question: the admissible sets of related cases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np

from ffn.cases.case import ActivationCase, Case
from ffn.conformance.explanation.answer import Answer, Balls, Hypothesis, Sets, as_vector
from ffn.conformance.explanation.decay import decay, decayed, undecayed
from ffn.conformance.explanation.passes import masks, slopes, transposed
from ffn.network import recurrent
from ffn.network.activations import ELEMENTWISE, activation_named
from ffn.network.description import Network, Recurrent
from ffn.network.formulas import evaluate, placed
from ffn.network.outputs import distribution_of
from ffn.numbers.ball import number


def related(answer: Answer) -> Iterator[Hypothesis]:
    """What would be admissible if something else were asked for, or something were forgotten."""
    for family in _FAMILIES[answer.name]:
        for words, balls, *claims in family(answer, answer.case):
            yield Hypothesis(f"It is the {words}.", balls, frozenset(claims or [words]))


def _functions(answer: Answer, case: ActivationCase) -> Sets:
    """Of other activations, at another place, and the slope and the value one in place of the other."""
    what, other = {"activation": ("value", "slope"), "slope": ("slope", "activation")}[answer.name]
    for name in ELEMENTWISE:
        if name != case.activation:
            yield f"{what} of {name}", partial(answer.of, case.changed(activation=name))
    yield f"{what} at −z", partial(answer.of, case.changed(z=-case.z))
    yield f"{'slope' if what == 'value' else 'value'} of {case.activation}", partial(answer.of, case, other)


def _biases(answer: Answer, case: Case) -> Sets:
    names = [layer[-1] for layer in case.network.names]
    every = range(len(names))
    groups = dict.fromkeys((*((place,) for place in every), tuple(every[:-1]), tuple(every)))
    for without in filter(None, groups):
        parameters = tuple(
            (*layer[:-1], 0 * layer[-1] if place in without else layer[-1])
            for place, layer in enumerate(case.parameters)
        )
        left = [names[place] for place in without]
        if isinstance(case.network, Network) and len(without) == len(names):
            left = ["every b" if len(names) > 1 else "b"]
        other = case.changed(parameters=parameters)
        yield f"answer with {' and '.join(left)} left out", partial(answer.of, other), *(names[at] for at in without)


def _units(answer: Answer, case: Case) -> Sets:
    """Without what the next layer reads of a unit."""
    for place, (W, *rest) in enumerate(case.parameters[1:], 1):
        for words, unit in (("first", 0), ("last", -1))[-len(W) :]:
            silent = W.copy()
            silent[unit] = 0
            parameters = (*case.parameters[:place], (silent, *rest), *case.parameters[place + 1 :])
            without = partial(answer.of, case.changed(parameters=parameters))
            yield f"answer without the {words} unit of layer {place - 1}", without


def _outputs(answer: Answer, case: Case) -> Sets:
    """What is made of the output, where the output itself is asked for."""
    yield "output after a relu", partial(_after, answer, activation_named("relu").value)
    if case.network.output.blocks == 1:
        yield (
            "mean of y, where its parameters are asked for",
            partial(_after, answer, distribution_of(case.network.output).mean),
        )


def _after(answer: Answer, function: Callable[[Any, Any], Any]) -> Balls:
    method = answer.case.method(answer.name)
    z = evaluate(answer.xp, method, *answer.case.arguments(method))
    return as_vector(function(answer.xp, z))


def _likelihood(answer: Answer, case: Case) -> Sets:
    """Without the constant of the likelihood, and with the part that depends on z twice: a forgotten half."""
    kernel = partial(answer.of, undecayed(case), kernel_only=True)
    whole = partial(answer.of, undecayed(case))
    yield "loss without the constant of the likelihood", partial(decayed, answer, kernel), "constant"
    if case.network.output.name in ("gaussian", "heteroscedastic"):
        yield "loss without its factor ½", partial(decayed, answer, lambda: whole() + kernel()), "½"
        yield (
            "loss without its factor ½ and the constant",
            partial(decayed, answer, kernel, Fraction(2)),
            "constant",
            "½",
        )


def _targets(answer: Answer, case: Case) -> Sets:
    if case.network.output.name == "categorical":
        yield (
            "answer with every class index less by 1",
            partial(answer.of, case.changed(y=(case.y - 1) % case.network.units)),
        )
        yield (
            "answer with every class index more by 1",
            partial(answer.of, case.changed(y=(case.y + 1) % case.network.units)),
        )
    if case.network.output.name in ("gaussian", "laplace"):
        yield "answer with −y in place of y", partial(answer.of, case.changed(y=-case.y))
    if case.network.output.name == "bernoulli":
        yield "answer with 1 − y in place of y", partial(answer.of, case.changed(y=1 - case.y))
    if case.network.output.name == "heteroscedastic" and answer.name == "loss":
        *hidden, last = case.parameters
        swapped = tuple(np.roll(array, array.shape[-1] // 2, axis=-1) for array in last)
        yield "answer with the log-variances first", partial(answer.of, case.changed(parameters=(*hidden, swapped)))


def _rows(answer: Answer, case: Case) -> Sets:
    """Of some rows of the batch; as the whole batch is reduced, and as those rows would be."""
    count = len(case.x)
    every = np.arange(count)
    _, distinct = np.unique(case.x, axis=0, return_index=True)
    chosen = {
        "of all rows but the last": every[:-1],
        "of all rows but the first": every[1:],
        "with the first row twice": np.r_[0, every],
        "with equal rows counted once": np.sort(distinct),
        "of the first 64 rows": every[:64],
        "of the first row alone": every[:1],
        "of the last row alone": every[-1:],
    }
    for words, rows in chosen.items():
        if len(rows) not in (0, count):
            some = partial(answer.of, undecayed(case.rows(rows)))
            yield f"answer {words}", partial(decayed, answer, some)
            if case.network.reduction == "mean":
                yield f"answer {words}, divided by all", partial(decayed, answer, some, Fraction(len(rows), count))


def _biases_of_rows(answer: Answer, case: Case) -> Sets:
    """The gradient by the biases not summed over the batch, but read off one row."""
    if isinstance(case.network, Recurrent) or len(case.x) == 1:
        return
    for words, row in (("first", slice(0, 1)), ("last", slice(-1, None))):
        some = partial(answer.of, undecayed(case.rows(row)))
        whole = f"answer with the gradient by every b of the {words} row alone"
        yield whole, partial(_in_biases, answer, some, Fraction(1))
        if case.network.reduction == "mean":
            yield f"{whole}, divided by all", partial(_in_biases, answer, some, Fraction(1, len(case.x)))


def _in_biases(answer: Answer, others: Callable[[], Balls], share: Fraction) -> Balls:
    """The answer, with a multiple of another one in the biases."""
    chosen = np.repeat([name.endswith("b") for name in answer.names], answer.sizes)
    return np.where(chosen, others() * number(share), answer.truth)


def _over_time(answer: Answer, case: Case) -> Sets:
    if not isinstance(case.network, Recurrent) or case.h0 is None:
        return
    yield "answer with h₀ left out", partial(answer.of, case.changed(h0=0 * case.h0))
    yield "answer of the sequence read from its end", partial(answer.of, case.changed(x=case.x[:, ::-1]))
    steps = case.x.shape[1]
    if steps == 1:
        return
    if answer.name == "loss":
        ends = [case.changed(x=case.x[:, :end]) for end in range(1, steps + 1)]
        yield "loss added up over the steps", lambda: sum(map(answer.of, ends[1:]), answer.of(ends[0]))
    if answer.name == "gradient":
        yield "answer of the last step alone", partial(_last_step, answer, case)


def _last_step(answer: Answer, case: Case) -> Balls:
    states = recurrent.trace(answer.xp, *placed(answer.xp, "recurrent_forward", *case.arguments("recurrent_forward")))
    return answer.of(case.changed(x=case.x[:, -1:], h0=states[-2].h.balls))


_FAMILIES: dict[str, tuple[Callable[[Answer, Any], Sets], ...]] = {
    "activation": (_functions,),
    "slope": (_functions,),
    "forward": (_biases, _units, transposed, _outputs, masks, _over_time),
    "loss": (_biases, _units, transposed, _likelihood, decay, _targets, _rows, masks, _over_time),
    "gradient": (_biases, _units, transposed, decay, _targets, _rows, _biases_of_rows, masks, slopes, _over_time),
}
