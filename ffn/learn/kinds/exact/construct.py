"""The kind *construct*: numbers that make something, such as the weights of a network, judged exactly."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from inspect import signature
from typing import Any

import numpy as np

from ffn.learn.exercise import FOR_THIS, Exercise, Finding, Misconception, Outcome, Printed
from ffn.learn.judging.opening import not_written, opened, raised, returned_nothing
from ffn.learn.judging.submission import Submission
from ffn.learn.message.digits import fraction

ROUNDED = "A float, which is rounded, stands for a fraction."
Shape = tuple[int | str | None, ...]
Values = Mapping[str, Any]  # arrays of fractions, as object arrays, by name


@dataclass(frozen=True)
class Demand:
    """What the numbers have to do.

    Attributes:
        sentence: it, as a law.
        complaint: (values, *inputs) → what is wrong, in one line with its numbers; empty where it holds.
    """

    sentence: str
    complaint: Callable[..., str]


@dataclass(frozen=True)
class Shown(Misconception):
    """A misconception that shows in what was made: its rule is (values, *inputs) → whether it does.

    Attributes:
        example: numbers, or a function, of somebody who has it: by the name of what they would define.
    """

    example: Any = None


@dataclass(frozen=True, kw_only=True)
class Construct(Exercise):
    """Values, or a function that makes them, judged on fractions: a float counts as the decimal that it is written as.

    Attributes:
        values: the names of what is made. The file defines them, or ``function`` returns them in this order; of a
            single one it returns that.
        shapes: (*inputs) → the shape of each, by name; None in a shape stands for any length, and a
            word for any that is the same wherever the word stands.
        demands: in the order in which they are tried; the first that fails is told.
        function: the name of the function that the learner writes, if one is asked for.
        inputs: what it is called with: tuples of numbers, or nested lists of numbers, which arrive as fractions.
        way: (function, *inputs) → the values, at the top level of its module: how the learner's function is called,
            where it is given something else than the inputs, or looked at while it runs.
        drawing: (values, *inputs) → lines.
    """

    values: tuple[str, ...]
    shapes: Callable[..., Mapping[str, Shape]]
    demands: tuple[Demand, ...]
    function: str = ""
    inputs: tuple[tuple[Any, ...], ...] = ((),)
    way: Callable[..., Any] | None = None
    drawing: Callable[..., Sequence[str]] | None = None

    @property
    def asked(self) -> tuple[str, ...]:
        return (self.function,) if self.function else self.values

    @property
    def _way(self) -> str:
        return f"{self.way.__module__}:{self.way.__qualname__}" if self.way else ""

    def judge(self, submission: Submission) -> Finding:
        if finding := opened(submission, self.asked, "function" if self.function else "value"):
            return finding
        made: list[tuple[Values, tuple[Any, ...]]] = []
        printed: list[Printed] = []
        for given in self.inputs:
            inputs = _as_fractions(given)
            found = self._made(submission, inputs)
            if isinstance(found, Finding):
                return found
            made.append((found, inputs))
            printed.append(replace(submission.printed, when=FOR_THIS))
        finding, place = self._judged(made)
        rounded = finding.outcome is Outcome.WRONG and submission.rounded and "float" not in finding.message
        finding = replace(finding, printed=printed[place]) if self.function else finding
        return replace(finding, message=f"{finding.message} {ROUNDED}") if rounded else finding

    def _made(self, submission: Submission, inputs: tuple[Any, ...]) -> Values | Finding:
        """What is made of the inputs, in the shapes that are asked for."""
        try:
            if self.function:
                answer = submission.builds(self.function, json.dumps(_as_text(inputs)), self._way)
                if not answer.written:
                    return not_written(self.function)
                if answer.error:
                    finding = replace(raised(answer.error, self.function), law=self.law)
                    return replace(finding, drawing=(*finding.drawing, *self._given(inputs)))
                if answer.failure:
                    said = answer.failure.partition("raised TypeError: ")[2] or answer.failure
                    said = said if answer.died else f"{self.function}: {said}"
                    drawing = tuple(self._given(inputs))
                    return Finding(Outcome.ERROR, "runs", f"{said}.", self.law, self.function, drawing=drawing)
                value = answer.value
                if value is None or (self.way and value[0] is None):
                    return returned_nothing(self.function)
                parts = [value] if len(self.values) == 1 else value
                if not isinstance(parts, list) or len(parts) != len(self.values):
                    raise ValueError(f"{self.function} does not return {', '.join(self.values)}")
            else:
                parts = [submission.value(name) for name in self.values]
                if all(entry is None for part in parts for entry in np.array(part, dtype=object).ravel()):
                    return Finding(Outcome.NOT_BEGUN, message="Every value is None.", name=self.values[0])
            shapes = self.shapes(*inputs)
            made = {name: _array(name, part, shapes[name]) for name, part in zip(self.values, parts, strict=True)}
            _require_same_lengths(made, shapes)
            return made
        except ValueError as error:
            return Finding(Outcome.WRONG, "shapes", f"{error}.", self.law, self.asked[0])

    def _judged(self, made: Sequence[tuple[Values, tuple[Any, ...]]]) -> tuple[Finding, int]:
        """What was found, and the place of what was made that it is about."""
        held: list[str] = []
        for demand in self.demands:
            for place, (values, inputs) in enumerate(made):
                if complaint := demand.complaint(values, *inputs):
                    return self._told(demand.sentence, complaint, values, inputs, made, tuple(held)), place
            held.append(demand.sentence)
        return Finding(Outcome.PASSED, name=self.asked[0], held=tuple(held), laws=len(self.demands)), -1

    def _told(
        self,
        law: str,
        complaint: str,
        values: Values,
        inputs: tuple[Any, ...],
        made: Sequence[tuple[Values, tuple[Any, ...]]],
        held: tuple[str, ...],
    ) -> Finding:
        lines = self.drawing(values, *inputs) if self.drawing else self._written(values, inputs)
        found = [each for each in self.misconceptions if all(each.rule(some, *given) for some, given in made)]
        misconception = found[0] if len(found) == 1 else None
        wrong = [any(demand.complaint(some, *given) for demand in self.demands) for some, given in made]
        agree = sum(wrong) if misconception else 0
        return Finding(
            Outcome.WRONG, "numbers", complaint, law, self.asked[0], None, tuple(lines), misconception, agree,
            len(made), held, len(self.demands),
        )  # fmt: skip

    def _written(self, values: Values, inputs: tuple[Any, ...]) -> list[str]:
        """What it was given, and what came of it."""
        made = values.items()
        return self._given(inputs) + [
            f"  {name} = {fraction(np.asarray(value, dtype=object).tolist())}" for name, value in made
        ]

    def _given(self, inputs: tuple[Any, ...]) -> list[str]:
        """What it was given."""
        given = zip(signature(self.shapes).parameters, inputs, strict=True)
        return [f"  {name} = {fraction(value)}" for name, value in given]

    def slip(self, misconception: Misconception) -> Mapping[str, Any]:
        assert isinstance(misconception, Shown)
        return {self.function: misconception.example} if self.function else misconception.example


def _require_same_lengths(made: Values, shapes: Mapping[str, Shape]) -> None:
    """Raise ValueError where two lengths differ that bear one word."""
    known: dict[str, tuple[str, int]] = {}
    for name, array in made.items():
        for word, length in zip(shapes[name], array.shape, strict=True):
            other, same = known.setdefault(word, (name, length)) if isinstance(word, str) else (name, length)
            if isinstance(word, str) and not length:
                raise ValueError(f"{name} is empty")
            if same != length:
                raise ValueError(f"{other} has {same} entries, and {name} has {length}")


def _array(name: str, value: Any, shape: Shape) -> Any:
    """The values as an object array. Raises ValueError where the shape is another one, or a number is missing."""
    array = np.array(value, dtype=object)
    fits = len(array.shape) == len(shape) and all(
        b is None or isinstance(b, str) or a == b for a, b in zip(array.shape, shape, strict=True)
    )
    if not fits:
        asked = ", ".join("any" if length is None or isinstance(length, str) else str(length) for length in shape)
        raise ValueError(f"{name} has shape {array.shape}, not ({asked}{',' if len(shape) == 1 else ''})")
    if any(entry is None for entry in array.ravel()):
        raise ValueError(f"{name} has an entry that is None")
    return array


def _as_fractions(value: Any) -> Any:
    if isinstance(value, (tuple, list)):
        return type(value)(_as_fractions(each) for each in value)
    return Fraction(value)


def _as_text(value: Any) -> Any:
    return [_as_text(each) for each in value] if isinstance(value, (tuple, list)) else str(value)
