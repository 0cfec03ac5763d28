"""Other backward passes on the same case, and the masks and weights that both passes share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from ffn.cases.case import Case, mapped
from ffn.conformance.explanation.answer import Answer, Balls, Sets, as_vector
from ffn.conformance.explanation.decay import decayed, undecayed
from ffn.network.activations import DEFAULT_NEGATIVE_SLOPE, activation_of
from ffn.network.backward import backpropagate
from ffn.network.description import Hidden, Network, Recurrent
from ffn.network.formulas import placed
from ffn.network.forward import LayerTrace, activate, trace


def transposed(answer: Answer, case: Case) -> Sets:
    if isinstance(case.network, Recurrent):
        (W, U, b), last = case.parameters
        yield "answer with U transposed", partial(answer.of, case.changed(parameters=((W, U.T, b), last)))
        return
    turned = case.changed(parameters=mapped(_turned, case.parameters))
    yield "answer with every square W transposed", partial(answer.of, turned)
    if answer.name == "gradient":
        yield "answer with every square W transposed in the backward pass", partial(_backward, answer, case, turned)


def _turned(array: Any) -> Any:
    return array.T if array.ndim == 2 and array.shape[0] == array.shape[1] else array


def masks(answer: Answer, case: Case) -> Sets:
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
    for words, changed in other.items():
        claims = claimed.get(words, (words,))
        masked = case.changed(masks=changed)
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


def slopes(answer: Answer, case: Case) -> Sets:
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
                changed = case.changed(network=replace(case.network, hidden=layers))
                words = f"answer with {known} in place of {name}'s"
                yield words, partial(_backward, answer, case, changed), f"{known} of {name}"
    yield from _no_slopes(answer, case, case.network)
    if any(map(_is_smooth, case.network.hidden)):  # of a relu it makes no difference
        yield "answer with every slope taken at g(z) in place of z", partial(_backward, answer, case, case, _at_g_of_z)
    yield "answer with every slope taken at −z", partial(_backward, answer, case, case, lambda layer, step: -step.z)


def _no_slopes(answer: Answer, case: Case, network: Network) -> Sets:
    """With slope 1 of every activation: the mask, or the derivative, forgotten."""
    names = {layer.activation for layer in network.hidden} - {"maxout", "identity"}
    plain = (layer if layer.activation == "maxout" else Hidden(layer.units, "identity") for layer in network.hidden)
    if names:
        changed = case.changed(network=replace(network, hidden=tuple(plain)))
        claims = ("every", *(f"slope 1 of {name}" for name in names))
        yield "answer with slope 1 in place of every activation's", partial(_backward, answer, case, changed), *claims


def _is_smooth(layer: Hidden) -> bool:
    return layer.pieces is None and not activation_of(layer).piecewise_linear


def _at_g_of_z(layer: Hidden, step: LayerTrace) -> Any:
    return step.h if _is_smooth(layer) else step.z


def _backward(
    answer: Answer,
    case: Case,
    changed: Case,
    place: Callable[[Hidden, LayerTrace], Any] = lambda layer, step: step.z,
) -> Balls:
    """The forward pass of the case, then the backward pass of another one, with slopes taken at some place."""
    xp = answer.xp
    network, parameters, x, _, *masks = _placed(answer, case)
    *hidden, last = trace(xp, network, parameters, x, *masks)
    moved = [
        LayerTrace(step.x, place(layer, step), activate(xp, layer, place(layer, step)))
        for step, layer in zip(hidden, network.hidden, strict=True)
    ]
    network, parameters, _, y, *masks = _placed(answer, undecayed(changed))
    gradient = partial(backpropagate, xp, network, parameters, [*moved, last], y, *masks)
    return decayed(answer, lambda: as_vector(gradient()))


def _placed(answer: Answer, case: Case) -> Sequence[Any]:
    method = case.method("gradient")
    return placed(answer.xp, method, *case.arguments(method))
