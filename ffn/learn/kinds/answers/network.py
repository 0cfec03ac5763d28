"""The kind *network*: a function of the parameters and the batch, tried on whole networks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from ffn.cases.case import Case, flat, mapped
from ffn.learn.exercise import Misconception
from ffn.learn.judging.sets import Judged, Rule
from ffn.learn.judging.submission import Answer, Submission
from ffn.learn.kinds.answers.computed import Computed
from ffn.learn.message import drawing
from ffn.learn.message.network import network as drawn_network
from ffn.network import forward
from ffn.network.backward import gradient
from ffn.network.description import Network
from ffn.network.dropout import mask_shapes
from ffn.network.formulas import placed
from ffn.numbers.floating import floating

ROWS = (1, 2, 3, 2, 1, 3)


def output(xp: Any, network: Network, parameters: Any, x: Any, y: Any) -> Any:
    """The truth of ``"forward"``."""
    return forward.output(xp, network, parameters, x)


TRUTHS: Mapping[str, Rule] = {"gradient": gradient, "forward": output, "loss": forward.objective}


@dataclass(frozen=True, kw_only=True)
class NetworkFunction(Computed):
    """``function(*given)`` of a case, such as ``gradient(parameters, x, y)``.

    ``truth`` and the rules of misconceptions take (xp, network, parameters, x, y); a slip in one step of the backward
    pass is ``gradient(…, rules=own_rules()._replace(…))`` of ``ffn.network.backward``.

    Attributes:
        answer: ``"forward"``, ``"loss"`` or ``"gradient"``.
        given: the fields of a case that the function takes.
        masked: whether each layer's input is multiplied by a dropout mask; the rules are then given the masks too.
        networks: pairs of a law, in one sentence, and the networks on which it is tried, from small to large.
    """

    answer: str
    networks: tuple[tuple[str, tuple[Network, ...]], ...]
    given: tuple[str, ...] = ("parameters", "x", "y")
    masked: bool = False
    drawing: drawing.Drawing = drawn_network

    def stages(self) -> Sequence[tuple[str, str, Sequence[Judged]]]:
        rng = np.random.default_rng(0)
        return [
            ("numbers", law, [drawn_case(network, rows, rng, self.masked) for rows in ROWS for network in networks])
            for law, networks in self.networks
        ]

    def call(self, submission: Submission, case: Judged, names: Any, shapes: Any) -> Answer:
        arguments = tuple(getattr(case, name) for name in self.given)
        return submission.call(self.function, arguments, names, shapes, None if self.answer == "loss" else case.dtype)

    def argument_names(self, case: Judged) -> list[str]:
        return [name for name in self.given for _ in flat(getattr(case, name))]

    def returned(self, case: Judged) -> tuple[Any, Any]:
        return case.returned(self.answer)

    def slip(self, misconception: Misconception) -> Mapping[str, Any]:
        return {self.function: partial(self._programmed, misconception.rule)}

    def _programmed(self, rule: Rule, *arguments: Any) -> Any:
        given = dict(zip(self.given, arguments, strict=True))
        network = self._network_of(given["parameters"])
        xp = floating("float64")
        method = "dropout_gradient" if self.masked else "gradient"
        fields = ("parameters", "x", "y", *(("masks",) if self.masked else ()))
        arrays = placed(xp, method, network, *(given.get(name) for name in fields))
        with np.errstate(all="ignore"):
            return mapped(np.asarray, rule(xp, *arrays))

    def _network_of(self, parameters: Any) -> Network:
        """The network of the exercise that these parameters belong to."""
        known = (network for _, networks in self.networks for network in networks)
        network = next(each for each in known if len(each.hidden) + 1 == len(parameters))
        widths = [W.shape[1] for W, _ in parameters]
        hidden = tuple(replace(layer, units=units) for layer, units in zip(network.hidden, widths, strict=False))
        return replace(network, inputs=parameters[0][0].shape[0], hidden=hidden, units=widths[-1])


def drawn_case(network: Network, rows: int, rng: np.random.Generator, masked: bool = False) -> Case:
    """Halves from −2 to 2, whole class indices."""

    def halves(shape: tuple[int, ...]) -> Any:
        return rng.integers(-4, 5, shape) / 2

    parameters = tuple(tuple(halves(shape) for shape in layer) for layer in network.shapes)
    if network.output.name == "categorical":
        y = rng.integers(0, network.units, rows)
    else:
        y = halves((rows, network.targets))
        y = {"bernoulli": (y > 0).astype(float), "poisson": np.abs(np.trunc(y))}.get(network.output.name, y)
    x = halves((rows, network.inputs))
    if not masked:
        return Case(network, parameters, x, y)
    masks = tuple((rng.random(shape) < 0.6).astype(float) for shape in mask_shapes(network, rows))
    return Case(network, parameters, x, y, masks)
