"""What an answer may be in place of what was asked for: each set admits what its sentence says.

The sentence is computed by the reference on what it says (another case, a multiple, other rows), and has to lie in the
set; so a set is that of its words. ``test_explanation.py`` has what is said of planted bugs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from ffn import ActivationCase, Case, Hidden, Network, Output
from ffn.network.outputs import distribution_of
from ffn.numbers.floating import floating
from tests.conformance.explanations.answers import (
    CELL,
    DEEP,
    SUM,
    admits,
    ask,
    case_of,
    found,
    vector,
)

XP = floating("float64")


CLASSES = case_of(Network(2, 3, Output("categorical"), (Hidden(2),), "mean", 0.25))


PLAIN = case_of(Network(2, 1, Output("bernoulli"), reduction="sum"))


VARIANCES = case_of(Network(2, 4, Output("heteroscedastic"), (Hidden(2),), "sum"))


MASKED = replace(DEEP, masks=tuple(np.resize([1.0, 0.0, 1.0], (4, width)) for width in (2, 2, 2)))


def asked(name: str, case: Any) -> Any:
    return vector(ask(name, case))


def without_bias(case: Case, *layers: int) -> Case:
    return case.changed(parameters=tuple((W, 0 * b if k in layers else b) for k, (W, b) in enumerate(case.parameters)))


def silent(case: Case, layer: int, unit: int) -> Case:
    (W, b) = case.parameters[layer]
    W = W.copy()
    W[unit] = 0
    return case.changed(parameters=(*case.parameters[:layer], (W, b), *case.parameters[layer + 1 :]))


def undecayed(case: Case) -> Case:
    return case.changed(network=replace(case.network, weight_decay=0.0))


def decay_alone(name: str, case: Case) -> Any:
    return asked(name, case) - asked(name, undecayed(case))


def of_rows(case: Case, *rows: int, by: float = 1.0) -> Callable[[str], Any]:
    """The answer on some rows, with the decay of the whole."""
    return lambda name: by * asked(name, undecayed(case.rows(list(rows)))) + decay_alone(name, case)


def with_b_of(case: Case, row: int, share: float = 1.0) -> Callable[[str], Any]:
    def answer(name: str) -> Any:
        one = ask("gradient", undecayed(case.rows([row])))
        return tuple((dW, share * db) for (dW, _), (_, db) in zip(ask("gradient", case), one, strict=True))

    return answer


def on(case: Case) -> Callable[[str], Any]:
    return lambda name: ask(name, case)


def turned(array: Any) -> Any:
    return array.T if array.ndim == 2 and array.shape[0] == array.shape[1] else array


def decayed_by(factor: float, case: Case) -> Case:
    return case.changed(network=replace(case.network, weight_decay=factor * case.network.weight_decay))


def with_targets(case: Case, y: Any) -> Callable[[str], Any]:
    return on(case.changed(y=y))


IN_BOTH: dict[str, dict[str, Callable[[str], Any]]] = {
    "deep": {
        "answer with layer 0, b left out": on(without_bias(DEEP, 0)),
        "answer with layer 2, b left out": on(without_bias(DEEP, 2)),
        "answer with layer 0, b and layer 1, b left out": on(without_bias(DEEP, 0, 1)),
        "answer with every b left out": on(without_bias(DEEP, 0, 1, 2)),
        "answer without the first unit of layer 0": on(silent(DEEP, 1, 0)),
        "answer without the last unit of layer 0": on(silent(DEEP, 1, 1)),
        "answer without the first unit of layer 1": on(silent(DEEP, 2, 0)),
        "answer with every square W transposed": on(DEEP.mapped(turned, "parameters")),
        "answer without weight decay": on(undecayed(DEEP)),
        "answer with twice the weight decay": on(decayed_by(2, DEEP)),
        "answer with half the weight decay": on(decayed_by(0.5, DEEP)),
        "answer with 1/N of the weight decay": on(decayed_by(0.25, DEEP)),
        "answer with −y in place of y": with_targets(DEEP, -DEEP.y),
        "answer of all rows but the last": of_rows(DEEP, 0, 1, 2),
        "answer of all rows but the last, divided by all": of_rows(DEEP, 0, 1, 2, by=0.75),
        "answer of all rows but the first": of_rows(DEEP, 1, 2, 3),
        "answer with the first row twice": of_rows(DEEP, 0, 0, 1, 2, 3),
        "answer with the first row twice, divided by all": of_rows(DEEP, 0, 0, 1, 2, 3, by=1.25),
        "answer with equal rows counted once": of_rows(DEEP, 0, 1, 2),
        "answer of the first row alone": of_rows(DEEP, 0),
        "answer of the last row alone": of_rows(DEEP, 3),
        "answer of the last row alone, divided by all": of_rows(DEEP, 3, by=0.25),
    },
    "classes": {
        "answer with every class index less by 1": with_targets(CLASSES, (CLASSES.y - 1) % 3),
        "answer with every class index more by 1": with_targets(CLASSES, (CLASSES.y + 1) % 3),
        "answer with 1/N of the weight decay": on(decayed_by(0.25, CLASSES)),
    },
    "plain": {
        "answer with b left out": on(without_bias(PLAIN, 0)),
        "answer with 1 − y in place of y": with_targets(PLAIN, 1 - PLAIN.y),
        "answer of all rows but the last": of_rows(PLAIN, 0, 1, 2),
    },
}


CASES = {"deep": DEEP, "classes": CLASSES, "plain": PLAIN}


@pytest.mark.parametrize("name", ["loss", "gradient"])
@pytest.mark.parametrize(("which", "words"), [(which, words) for which, all_ in IN_BOTH.items() for words in all_])
def test_a_set_admits_what_its_sentence_says(which: str, words: str, name: str) -> None:
    """Without it a reader would be told of a slip that gives another answer."""
    assert admits(name, CASES[which], f"It is the {words}.", IN_BOTH[which][words](name))


LIKELIHOOD = {
    "N times": 4.0,
    "1/N times": 0.25,
    "−1 times": -1.0,
    "2 times": 2.0,
    "½ times": 0.5,
    "1/units times": 1 / 3,
}


@pytest.mark.parametrize("name", ["loss", "gradient"])
@pytest.mark.parametrize("words", LIKELIHOOD)
def test_a_multiple_of_the_likelihood_stands_beside_the_decay(words: str, name: str) -> None:
    """Without it a mean that is taken of the decay too would have no name."""
    answer = LIKELIHOOD[words] * asked(name, undecayed(DEEP)) + decay_alone(name, DEEP)
    assert admits(name, DEEP, f"It is the answer with {words} the likelihood beside weight decay.", answer)


def test_a_decay_of_other_arrays_is_that_of_its_words() -> None:
    """Without it a decay of the biases would be told as one of the last layer."""
    plain, last, every = vector(ask("gradient", undecayed(DEEP))), np.zeros(0), np.zeros(0)
    for place, (W, b) in enumerate(DEEP.parameters):
        last = np.r_[last, (W if place == 2 else 0 * W).ravel(), 0 * b]
        every = np.r_[every, W.ravel(), b]
    assert admits("gradient", DEEP, "It is the answer with weight decay of the last layer alone.", plain + 0.5 * last)
    assert admits("gradient", DEEP, "It is the answer with weight decay of the biases too.", plain + 0.5 * every)
    loss = asked("loss", undecayed(DEEP))
    assert admits("loss", DEEP, "It is the answer with weight decay of the biases too.", loss + (every**2).sum() / 4)
    assert admits(
        "loss", DEEP, "It is the answer with weight decay of the last layer alone.", loss + (last**2).sum() / 4
    )


def test_a_gradient_by_the_biases_may_be_that_of_one_row() -> None:
    """Without it a sum over the batch that is forgotten would have no name."""
    whole = "It is the answer with the gradient by every b of the {} row alone"
    for words, row in (("first", 0), ("last", 3)):
        assert admits("gradient", DEEP, whole.format(words) + ".", with_b_of(DEEP, row)("gradient"))
        assert admits(
            "gradient", DEEP, whole.format(words) + ", divided by all.", with_b_of(DEEP, row, 0.25)("gradient")
        )
    assert whole.format("first") + ", divided by all." not in found("gradient", SUM)
    one = DEEP.rows([0])
    assert not any("by every b" in sentence for sentence in found("gradient", one))


def test_losses_without_their_constants_and_halves_are_told() -> None:
    """Without it a forgotten ½ log 2π would have no name."""
    constant = np.log(2 * np.pi) / 2 * 3
    loss, plain = asked("loss", DEEP), asked("loss", undecayed(DEEP))
    kernel = plain - constant
    decay = loss - plain
    assert admits("loss", DEEP, "It is the loss without the constant of the likelihood.", loss - constant)
    assert admits("loss", DEEP, "It is the loss without its factor ½.", plain + kernel + decay)
    assert admits("loss", DEEP, "It is the loss without its factor ½ and the constant.", 2 * kernel + decay)
    of_laplace = found("loss", SUM)
    assert "It is the loss without its factor ½." not in of_laplace
    assert admits(
        "loss", SUM, "It is the loss without the constant of the likelihood.", asked("loss", SUM) - 4 * 2 * np.log(2)
    )
    (W, b) = VARIANCES.parameters[1]
    swapped = VARIANCES.changed(parameters=(VARIANCES.parameters[0], (np.roll(W, 2, 1), np.roll(b, 2))))
    assert admits("loss", VARIANCES, "It is the answer with the log-variances first.", asked("loss", swapped))


def test_outputs_may_be_what_is_made_of_them() -> None:
    """Without it a softmax in place of its logits would have no name."""
    z = ask("forward", DEEP)
    assert admits("forward", DEEP, "It is the output after a relu.", np.maximum(z, 0))
    for case in (CLASSES, PLAIN):
        mean = distribution_of(case.network.output).mean(XP, ask("forward", case))
        assert admits("forward", case, "It is the mean of y, where its parameters are asked for.", mean)
    assert "It is the mean of y, where its parameters are asked for." not in found("forward", VARIANCES)
    assert admits(
        "forward", DEEP, "It is the answer without the last unit of layer 1.", ask("forward", silent(DEEP, 2, 1))
    )


FIRST, *OTHERS = MASKED.masks or ()


MASKS: dict[str, tuple[Any, ...]] = {
    "with the mask of the inputs left out": (np.ones_like(FIRST), *OTHERS),
    "with the masks left out": tuple(map(np.ones_like, MASKED.masks or ())),
    "with the first row's masks for every row": tuple(np.repeat(mask[:1], 4, 0) for mask in MASKED.masks or ()),
    "with the masks inverted, 1 taken for dropped": tuple(1 - mask for mask in MASKED.masks or ()),
    "with what is kept divided by its share": tuple(mask / mask.mean() for mask in MASKED.masks or ()),
    "with what is kept doubled": tuple(2 * mask for mask in MASKED.masks or ()),
}


@pytest.mark.parametrize("words", MASKS)
def test_other_masks_are_those_of_their_words(words: str) -> None:
    """Without it a mask that is forgotten would be told as one that is inverted."""
    other = MASKED.changed(masks=MASKS[words])
    from ffn.network.formulas import evaluate

    for name in ("forward", "loss", "gradient"):
        method = other.method(name)
        assert admits(name, MASKED, f"It is the answer {words}.", evaluate(XP, method, *other.arguments(method)))
    assert f"It is the answer {words}, in the backward pass." in found("gradient", MASKED)
    assert f"It is the answer {words}, in the backward pass." not in found("loss", MASKED)
    assert f"It is the answer {words}." not in found("forward", DEEP)


@pytest.mark.parametrize("name", ["forward", "loss", "gradient"])
def test_sequences_have_slips_of_their_own(name: str) -> None:
    """Without it a first state that is ignored would have no name."""
    (W, U, b), last = CELL.parameters
    assert admits(name, CELL, "It is the answer with h₀ left out.", ask(name, CELL.changed(h0=0 * CELL.h0)))  # type: ignore[operator]
    assert admits(
        name, CELL, "It is the answer of the sequence read from its end.", ask(name, CELL.changed(x=CELL.x[:, ::-1]))
    )
    assert admits(
        name, CELL, "It is the answer with U transposed.", ask(name, CELL.changed(parameters=((W, U.T, b), last)))
    )
    assert admits(
        name, CELL, "It is the answer with b left out.", ask(name, CELL.changed(parameters=((W, U, 0 * b), last)))
    )
    both = CELL.changed(parameters=((W, U, 0 * b), (last[0], 0 * last[1])))
    assert admits(name, CELL, "It is the answer with b and c left out.", ask(name, both))
    over = "It is the loss added up over the steps."
    if name == "loss":
        ends = sum(float(ask("loss", CELL.changed(x=CELL.x[:, :end]))) for end in range(1, 5))
        assert admits(name, CELL, over, np.array(ends))
    one_step = found(name, CELL.changed(x=CELL.x[:, :1]))
    assert over not in one_step
    assert "It is the answer of the last step alone." not in one_step
    assert ("It is the answer of the last step alone." in found(name, CELL)) == (name == "gradient")


SLOPES = {
    "slope 1 in place of tanh's": lambda z, g: np.ones_like(z),
    "the slope of relu in place of tanh's": lambda z, g: 1.0 * (z > 0),
    "negative slope 0.01 in place of tanh's": lambda z, g: np.where(z > 0, 1, 0.01),
    "slope 1 in place of every activation's": lambda z, g: np.ones_like(z),
    "every slope taken at g(z) in place of z": lambda z, g: 1 - np.tanh(g) ** 2,
    "every slope taken at −z": lambda z, g: 1 - np.tanh(z) ** 2,
}


@pytest.mark.parametrize("words", SLOPES)
def test_other_slopes_are_those_of_their_words(words: str) -> None:
    """Without it a derivative that is forgotten would be told as one at another place."""
    case = case_of(Network(2, 2, Output("gaussian"), (Hidden(3, "tanh"),), "sum", 0.5))
    (W, b), (V, c) = case.parameters
    z = case.x @ W + b
    g = np.tanh(z)
    delta = g @ V + c - case.y
    dz = delta @ V.T * SLOPES[words](z, g)
    gradient = ((case.x.T @ dz + 0.5 * W, dz.sum(0)), (g.T @ delta + 0.5 * V, delta.sum(0)))
    assert admits("gradient", case, f"It is the answer with {words}.", gradient)
    relu = found("gradient", case_of(Network(2, 2, Output("gaussian"), (Hidden(3),))))
    assert not any("at g(z)" in sentence or "slope of relu in place" in sentence for sentence in relu)
    assert "It is the answer with slope 1 in place of relu's." in relu


def test_pieces_keep_their_winners_where_slopes_are_forgotten() -> None:
    """Without it a forgotten slope behind a maxout layer would have no name."""
    case = case_of(Network(2, 2, Output("gaussian"), (Hidden(2, "maxout", pieces=2), Hidden(3, "tanh")), "sum"))
    (W, b), (V, c), (U, d) = case.parameters
    z = np.tensordot(case.x, W, 1) + b
    h = z.max(-1)
    g = np.tanh(h @ V + c)
    delta = g @ U + d - case.y
    dh = delta @ U.T  # times slope 1
    dz = (z == h[..., None]) * (dh @ V.T)[..., None]
    first = (np.tensordot(case.x.T, dz, 1), dz.sum(0))
    gradient = (first, (h.T @ dh, dh.sum(0)), (g.T @ delta, delta.sum(0)))
    assert admits("gradient", case, "It is the answer with slope 1 in place of every activation's.", gradient)


@pytest.mark.parametrize(("name", "other"), [("activation", "slope"), ("slope", "activation")])
def test_a_function_may_be_another_one_or_at_another_place(name: str, other: str) -> None:
    """Without it a relu for an absolute value would have no name."""
    case = ActivationCase("tanh", np.array([-1.5, -0.5, 0.25, 2.0]))
    what, else_ = ("value", "slope") if name == "activation" else ("slope", "value")
    assert admits(name, case, f"It is the {what} of sigmoid.", ask(name, case.changed(activation="sigmoid")))
    assert admits(name, case, f"It is the {what} at −z.", ask(name, case.changed(z=-case.z)))
    assert admits(name, case, f"It is the {else_} of tanh.", ask(other, case))
    assert f"It is the {what} of tanh." not in found(name, case)
