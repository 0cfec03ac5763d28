"""The last stage of a plain function: in its place inside the backward pass of whole networks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ffn.cases.case import flat
from ffn.learn.exercise import Finding, Outcome
from ffn.learn.judging import sets
from ffn.learn.kinds.answers.computed import compared
from ffn.learn.kinds.answers.network import drawn_case
from ffn.learn.message.drawing import FLOATS
from ffn.learn.message.network import network as drawn
from ffn.network import backward
from ffn.network.description import Network

STAGE = "inside a network"
ROWS = (1, 2, 4)


class Silent(Exception):
    """The learner's function did not answer with arrays. The text says how."""


@dataclass(frozen=True)
class Inside:
    """Networks in whose backward pass the learner's function takes a step.

    Attributes:
        law: in one sentence.
        networks: from small to large; wider than the examples of the function by itself.
        rules: (call) → the rules of the pass, where ``call(*arrays)`` is the learner's function.
    """

    law: str
    networks: tuple[Network, ...]
    rules: Callable[[Callable[..., Any]], backward.Rules]

    def failure(self, call: Callable[..., Any]) -> Finding | None:
        """The first network whose gradient is not admissible with the learner's step in it."""
        rng = np.random.default_rng(1)
        for network in self.networks:
            for rows in ROWS:
                case = drawn_case(network, rows, rng)
                names = network.names
                try:
                    found = backward.gradient(FLOATS, network, case.parameters, case.x, case.y, rules=self.rules(call))
                except Silent as silent:
                    return Finding(Outcome.WRONG, STAGE, f"{silent}.", self.law)
                outside = sets.admitted(backward.gradient, case, names, meant=True).examine(tuple(flat(found))).outside
                if outside is not None:
                    lines = tuple(drawn(case, names, found, (outside.array, outside.index)))
                    return Finding(Outcome.WRONG, STAGE, compared(outside), self.law, drawing=lines)
        return None
