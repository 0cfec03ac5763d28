"""What was computed beside what is admissible, coordinate by coordinate."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from ffn.admissible import answers
from ffn.admissible.sets import WORKING_BITS
from ffn.cases.case import Arguments, Case, flat, flat_axes
from ffn.network.description import Network
from ffn.network.formulas import evaluate
from ffn.numbers.ball import Ball
from ffn.numbers.precision import Precision

Balls = npt.NDArray[Any]  # a ball for every coordinate of an answer, one array after the other

# The words for what an answer is, its set, and what it claims where others claim some of the same.
Sets = Iterator[tuple[Any, ...]]


@dataclass(frozen=True)
class Hypothesis:
    """A sentence, and the set that admits what it says.

    Attributes:
        sentence: what may be said.
        balls: makes the set, of every coordinate.
        claims: what it claims; of hypotheses that fit, one is left out where another claims some of the same alone.
        plain: for a multiple of what is admissible, the sentence that leaves out what it may mean.
    """

    sentence: str
    balls: Callable[[], Balls]
    claims: frozenset[str]
    plain: str = ""


class Answer:
    """What was computed of a case, and its admissible set, both as one long vector.

    Args:
        name: forward, loss, gradient, activation or slope.
        case: the arguments of the call.
        computed: an array, or nested tuples of them, of the shapes that are asked for.
        assumed: the precision, where it is not that of the case.
    """

    def __init__(self, name: str, case: Arguments, computed: Any, assumed: Precision | None = None) -> None:
        admissible = answers(name, case, assumed)
        self.name, self.case, self.precision = name, case, admissible.precision
        self.xp = Ball(WORKING_BITS, self.precision)
        self.names = [part for part, _ in admissible.parts]
        self.shapes = [balls.shape for _, balls in admissible.parts]
        self.truth: Balls = np.concatenate([balls.ravel() for _, balls in admissible.parts])
        self.values = np.concatenate([np.asarray(array).astype(np.float64).ravel() for array in flat(computed)])
        self.judged = self._judged(self.truth)
        self.outside = self.judged & ~self._contained(self.truth)

    @property
    def is_not_0(self) -> npt.NDArray[np.bool_]:
        """Where 0 is not admissible."""
        return np.array([not ball.contains(0) for ball in self.truth])

    def _judged(self, balls: Balls) -> npt.NDArray[np.bool_]:
        return np.array([bool(abs(ball) <= self.precision.largest) for ball in balls])

    def _contained(self, balls: Balls) -> npt.NDArray[np.bool_]:
        pairs = zip(balls, self.values, strict=True)
        return np.array([bool(np.isfinite(value) and ball.contains(float(value))) for ball, value in pairs])

    def admitted_by(self, balls: Balls) -> bool:
        """Whether another set judges what is outside, and admits every coordinate that it judges."""
        judged = self._judged(balls)
        return bool(judged[self.outside].all() and (self._contained(balls) | ~judged).all())

    def of(self, case: Arguments, name: str = "", **options: Any) -> Balls:
        """The admissible set of another case or by another name, whose answer has the same shapes."""
        method = case.method(name or self.name)
        return as_vector(evaluate(self.xp, method, *case.arguments(method), **options))

    @cached_property
    def axes(self) -> list[tuple[str, ...]]:
        """What each axis of each array runs over."""
        if not isinstance(self.case, Case):
            return [self.case.axes()["z"]]
        if self.name == "gradient":
            return flat_axes(self.case.axes()["parameters"])
        return [("row", "column") if self.name == "forward" else ()]

    @cached_property
    def sizes(self) -> list[int]:
        return [math.prod(shape) for shape in self.shapes]

    def by_part(self, vector: npt.NDArray[Any]) -> list[npt.NDArray[Any]]:
        """A vector as the arrays that the answer consists of."""
        parts = np.split(vector, np.cumsum(self.sizes)[:-1])
        return [part.reshape(shape) for part, shape in zip(parts, self.shapes, strict=True)]

    @cached_property
    def scopes(self) -> dict[str, frozenset[int]]:
        """What can be said in a few words of the arrays of a gradient, the larger first: words to places."""
        found = {"": frozenset(range(len(self.names)))}
        if self.name == "gradient" and isinstance(self.case, Case):
            network = self.case.network
            places = iter(range(len(self.names)))
            layers = [frozenset(next(places) for _ in layer) for layer in network.names]
            titles = ["W, U and b", "V and c"]
            if isinstance(network, Network):
                titles = [f"layer {place}" for place in range(network.depth)]
                kinds = {kind: frozenset(range(place, len(self.names), 2)) for place, kind in enumerate("Wb")}
                found |= {f"every {kind}" if network.hidden else kind: scope for kind, scope in kinds.items()}
                if network.depth > 2:
                    found |= {"all layers but the last": found[""] - layers[-1]}
                    found |= {"all layers but the first": found[""] - layers[0]}
            found |= dict(zip(titles, layers, strict=True))
            found |= {name: frozenset({place}) for place, name in enumerate(self.names)}
        first = {scope: words for words, scope in reversed(found.items()) if scope}
        return {words: scope for words, scope in found.items() if first.get(scope) == words}


def as_vector(tree: Any) -> Balls:
    return np.concatenate([array.balls.ravel() for array in flat(tree)])
