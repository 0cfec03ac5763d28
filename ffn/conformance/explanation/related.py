"""Answers to another question: the admissible sets of related cases, and of other backward passes on the same case."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np

from ffn.cases.case import ActivationCase, Case, mapped
from ffn.conformance.explanation.answer import Answer, Balls, Hypothesis, as_vector
from ffn.network import recurrent
from ffn.network.activations import DEFAULT_NEGATIVE_SLOPE, ELEMENTWISE, activation_named, activation_of
from ffn.network.backward import backpropagate
from ffn.network.description import Hidden, Recurrent
from ffn.network.formulas import evaluate, placed
from ffn.network.forward import LayerTrace, activate, trace
from ffn.network.outputs import distribution_of
from ffn.numbers.ball import BallArray, number

# The words for what the answer is, its set, and what it claims where others claim some of the same.
Sets = Iterator[tuple[Any, ...]]
ONE = Fraction(1)


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
            yield f"{what} of {name}", partial(answer.of, replace(case, activation=name))
    yield f"{what} at −z", partial(answer.of, replace(case, z=-case.z))
    yield f"{'slope' if what == 'value' else 'value'} of {case.activation}", partial(answer.of, case, other)


def _biases(answer: Answer, case: Case) -> Sets:
    names = [layer[-1] for layer in case.network.names]
    layers = [[place] for place in range(len(names))]
    for without in (*layers, *([*range(len(names) - 1)], [*range(len(names))])):
        parameters = tuple(
            (*layer[:-1], 0 * layer[-1] if place in without else layer[-1])
            for place, layer in enumerate(case.parameters)
        )
        left = [names[place] for place in without]
        other = replace(case, parameters=parameters)
        yield f"answer with {' and '.join(left)} left out", partial(answer.of, other), *left


def _units(answer: Answer, case: Case) -> Sets:
    """Without what the next layer reads of a unit."""
    for place, (W, *rest) in enumerate(case.parameters[1:], 1):
        for words, unit in (("first", 0), ("last", -1))[-len(W) :]:
            silent = W.copy()
            silent[unit] = 0
            parameters = (*case.parameters[:place], (silent, *rest), *case.parameters[place + 1 :])
            without = partial(answer.of, replace(case, parameters=parameters))
            yield f"answer without the {words} unit of layer {place - 1}", without


def _transposed(answer: Answer, case: Case) -> Sets:
    if isinstance(case.network, Recurrent):
        (W, U, b), last = case.parameters
        yield "answer with U transposed", partial(answer.of, replace(case, parameters=((W, U.T, b), last)))
        return
    turned = replace(case, parameters=mapped(_turned, case.parameters))
    yield "answer with every square W transposed", partial(answer.of, turned)
    if answer.name == "gradient":
        yield "answer with every square W transposed in the backward pass", partial(_backward, answer, case, turned)


def _turned(array: Any) -> Any:
    return array.T if array.ndim == 2 and array.shape[0] == array.shape[1] else array


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
    kernel = partial(answer.of, _undecayed(case), kernel_only=True)
    whole = partial(answer.of, _undecayed(case))
    yield "loss without the constant of the likelihood", partial(_decayed, answer, kernel), "constant"
    if case.network.output.name in ("gaussian", "heteroscedastic"):
        yield "loss without its factor ½", partial(_decayed, answer, lambda: whole() + kernel()), "½"
        yield (
            "loss without its factor ½ and the constant",
            partial(_decayed, answer, kernel, Fraction(2)),
            "constant",
            "½",
        )


def _decay(answer: Answer, case: Case) -> Sets:
    """Weight decay forgotten, of another size or of other arrays, or beside a likelihood that is off."""
    if not getattr(case.network, "weight_decay", 0):
        return
    rows, likelihood = len(case.x), partial(answer.of, _undecayed(case))
    sizes = {"without": Fraction(0), "with twice the": Fraction(2), "with half the": Fraction(1, 2)}
    sizes["with 1/N of the"] = Fraction(1, rows)
    for words, size in sizes.items():
        yield f"answer {words} weight decay", partial(_decayed, answer, likelihood, decay=size)
    yield "answer with weight decay of the biases too", partial(_decayed, answer, likelihood, biases=True)
    yield "answer with weight decay of the last layer alone", partial(_decayed, answer, likelihood, first=-1)
    shares = {
        "N times": Fraction(rows),
        "1/N times": Fraction(1, rows),
        "−1 times": Fraction(-1),
        "2 times": Fraction(2),
        "½ times": Fraction(1, 2),
        "1/units times": Fraction(1, case.network.units),
    }
    for words, share in shares.items():
        yield f"answer with {words} the likelihood beside weight decay", partial(_decayed, answer, likelihood, share)


def _undecayed(case: Case) -> Case:
    if isinstance(case.network, Recurrent):
        return case
    return replace(case, network=replace(case.network, weight_decay=0.0))


def _decayed(
    answer: Answer,
    likelihood: Callable[[], Balls],
    share: Fraction = ONE,
    decay: Fraction = ONE,
    biases: bool = False,
    first: int = 0,
) -> Balls:
    """A multiple of the set without weight decay, and of what weight decay adds, of the layers from ``first`` on."""
    case, xp = answer.case, answer.xp
    assert isinstance(case, Case)
    balls: Balls = likelihood() * number(share)
    if isinstance(case.network, Recurrent) or not case.network.weight_decay or not decay:
        return balls
    weight = xp.constant(repr(case.network.weight_decay)) * decay
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


def _targets(answer: Answer, case: Case) -> Sets:
    if case.network.output.name == "categorical":
        yield (
            "answer with every class index less by 1",
            partial(answer.of, replace(case, y=(case.y - 1) % case.network.units)),
        )
        yield (
            "answer with every class index more by 1",
            partial(answer.of, replace(case, y=(case.y + 1) % case.network.units)),
        )
    if case.network.output.name == "bernoulli":
        yield "answer with 1 − y in place of y", partial(answer.of, replace(case, y=1 - case.y))
    if case.network.output.name == "heteroscedastic" and answer.name == "loss":
        *hidden, last = case.parameters
        swapped = tuple(np.roll(array, array.shape[-1] // 2, axis=-1) for array in last)
        yield "answer with the log-variances first", partial(answer.of, replace(case, parameters=(*hidden, swapped)))


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
    }
    for words, rows in chosen.items():
        if len(rows) not in (0, count):
            some = partial(answer.of, _undecayed(case.rows(rows)))
            yield f"answer {words}", partial(_decayed, answer, some)
            if case.network.reduction == "mean":
                yield f"answer {words}, divided by all", partial(_decayed, answer, some, Fraction(len(rows), count))


def _masks(answer: Answer, case: Case) -> Sets:
    """With other masks in the backward pass, or in both."""
    if case.masks is None:
        return
    first, *others = case.masks
    other: dict[str, Any] = {
        "with the mask of the inputs left out": (np.ones_like(first), *others),
        "with the masks left out": tuple(map(np.ones_like, case.masks)),
        "with the first row's masks for every row": tuple(np.repeat(m[:1], len(m), 0) for m in case.masks),
        "with the masks inverted, 1 taken for dropped": tuple(1 - m for m in case.masks),
        "with what is kept divided by its share": tuple(map(_scaled_up, case.masks)),
        "with what is kept doubled": tuple(2 * m for m in case.masks),
    }
    claimed = {  # what is kept is doubled, too, where its share is ½
        "with the mask of the inputs left out": ("inputs",),
        "with the masks left out": ("inputs", "others"),
        "with what is kept doubled": ("scaled",),
        "with what is kept divided by its share": ("scaled", "share"),
    }
    for words, masks in other.items():
        claims = claimed.get(words, (words,))
        masked = replace(case, masks=masks)
        if answer.name == "gradient":
            yield (
                f"answer {words}, in the backward pass",
                partial(_backward, answer, case, masked),
                *map("back {}".format, claims),
            )
        yield f"answer {words}", partial(answer.of, masked), *claims


def _scaled_up(mask: Any) -> Any:
    wide = mask.astype(np.float64)
    return wide / (wide.mean() or 1)


def _slopes(answer: Answer, case: Case) -> Sets:
    """With other slopes of the activations in the backward pass."""
    if isinstance(case.network, Recurrent):
        return
    for name in dict.fromkeys(layer.activation for layer in case.network.hidden):
        others = [Hidden(1, "identity"), Hidden(1, "relu"), Hidden(1, "leaky_relu")]
        for other in others if name != "maxout" else ():
            if name != other.activation or name == "leaky_relu":
                known = {"identity": "slope 1", "relu": "the slope of relu"}.get(
                    other.activation, f"negative slope {DEFAULT_NEGATIVE_SLOPE}"
                )
                layers = tuple(
                    replace(other, units=layer.units) if layer.activation == name else layer
                    for layer in case.network.hidden
                )
                changed = replace(case, network=replace(case.network, hidden=layers))
                yield f"answer with {known} in place of {name}'s", partial(_backward, answer, case, changed)
    if all(layer.pieces is None and not activation_of(layer).piecewise_linear for layer in case.network.hidden):
        yield (
            "answer with every slope taken at g(z) in place of z",
            partial(_backward, answer, case, case, lambda step: step.h),
        )
    yield "answer with every slope taken at −z", partial(_backward, answer, case, case, lambda step: -step.z)


def _backward(
    answer: Answer, case: Case, changed: Case, place: Callable[[LayerTrace], Any] = lambda step: step.z
) -> Balls:
    """The forward pass of the case, then the backward pass of another one, with slopes taken at some place."""
    xp = answer.xp
    network, parameters, x, _, *masks = _placed(answer, case)
    *hidden, last = trace(xp, network, parameters, x, *masks)
    moved = [
        LayerTrace(step.x, place(step), activate(xp, layer, place(step)))
        for step, layer in zip(hidden, network.hidden, strict=True)
    ]
    network, parameters, _, y, *masks = _placed(answer, _undecayed(changed))
    gradient = partial(backpropagate, xp, network, parameters, [*moved, last], y, *masks)
    return _decayed(answer, lambda: as_vector(gradient()))


def _placed(answer: Answer, case: Case) -> Sequence[Any]:
    method = case.method("gradient")
    return placed(answer.xp, method, *case.arguments(method))


def _over_time(answer: Answer, case: Case) -> Sets:
    if not isinstance(case.network, Recurrent) or case.h0 is None:
        return
    yield "answer with h₀ left out", partial(answer.of, replace(case, h0=0 * case.h0))
    yield "answer of the sequence read from its end", partial(answer.of, replace(case, x=case.x[:, ::-1]))
    steps = case.x.shape[1]
    if steps == 1:
        return
    if answer.name == "loss":
        ends = [replace(case, x=case.x[:, :end]) for end in range(1, steps + 1)]
        yield "loss added up over the steps", lambda: sum(map(answer.of, ends[1:]), answer.of(ends[0]))
    if answer.name == "gradient":
        yield "answer of the last step alone", partial(_last_step, answer, case)


def _last_step(answer: Answer, case: Case) -> Balls:
    states = recurrent.trace(answer.xp, *placed(answer.xp, "recurrent_forward", *case.arguments("recurrent_forward")))
    return answer.of(replace(case, x=case.x[:, -1:], h0=states[-2].h.balls))


_FAMILIES: dict[str, tuple[Callable[[Answer, Any], Sets], ...]] = {
    "activation": (_functions,),
    "slope": (_functions,),
    "forward": (_biases, _units, _transposed, _outputs, _masks, _over_time),
    "loss": (_biases, _units, _transposed, _likelihood, _decay, _targets, _rows, _masks, _over_time),
    "gradient": (_biases, _units, _transposed, _decay, _targets, _rows, _masks, _slopes, _over_time),
}
