"""The kind *function*: a plain function of arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from ffn.cases.case import mapped
from ffn.learn.exercise import Behaviour, Finding, Misconception, Outcome
from ffn.learn.judging.arguments import Argument, Choice, Draw, FunctionCase, drawn, shapes_of, wide
from ffn.learn.judging.sets import Judged, Rule, number
from ffn.learn.judging.submission import Answer, Submission
from ffn.learn.kinds.answers.computed import Computed
from ffn.learn.kinds.answers.inside import Inside, Silent
from ffn.numbers.floating import floating

EXAMPLES = 24


@dataclass(frozen=True, kw_only=True)
class Function(Computed):
    """A function of arrays, judged on mild numbers in float64, then in the precisions that it names.

    Attributes:
        arguments: in their order; their ``draw`` gives the mild numbers.
        returns: (name, axes) of what is returned, or a tuple of such pairs where it is a tuple.
        precisions: in which wide numbers are tried; none where rounding is not the point.
        precise: how the numbers of that stage are drawn.
        examples: how many of each stage.
        inside: networks in which it is tried in the end.
        fresh: whether the answer has to be in memory of its own.
    """

    arguments: tuple[Argument, ...]
    returns: Any
    precisions: tuple[str, ...] = ()
    precise: Draw = wide
    examples: int = EXAMPLES
    inside: Inside | None = None
    fresh: bool = False

    def judge(self, submission: Submission) -> Finding:
        finding = super().judge(submission)
        if self.inside is None:
            return finding
        finding = replace(finding, laws=finding.laws + bool(finding.laws))
        if finding.outcome is not Outcome.PASSED:
            return finding
        failure = self.inside.failure(partial(self._step, submission))
        if failure is not None:
            return replace(failure, name=self.function, held=finding.held, laws=finding.laws)
        return replace(finding, held=(*finding.held, self.inside.law))

    def _step(self, submission: Submission, *arrays: Any) -> Any:
        """What the learner's function makes of arrays, as a step of a backward pass."""
        names, shapes = shapes_of(self.returns, FunctionCase(self.arguments, (), arrays))
        answer = submission.call(self.function, arrays, names, shapes)
        if not answer.is_one:
            raise Silent(answer.failure or f"{self.function} changes an argument, or returns {answer.dtype}")
        return answer.value

    def stages(self) -> Sequence[tuple[str, str, Sequence[Judged]]]:
        found = [("numbers", self.law, drawn(self.arguments, self.examples))]
        for dtype in self.precisions:
            cases = drawn(self.arguments, self.examples, dtype, self.precise)
            found.append(("precision", f"In {dtype}: {self.precise_law[:1].lower()}{self.precise_law[1:]}", cases))
        return found

    def call(self, submission: Submission, case: Judged, names: Any, shapes: Any) -> Answer:
        return submission.call(self.function, case.arguments(""), names, shapes, case.dtype, self.fresh)

    def argument_names(self, case: Judged) -> list[str]:
        assert isinstance(case, FunctionCase)
        return [name for name, _ in case.named()]

    def returned(self, case: Judged) -> tuple[Any, Any]:
        assert isinstance(case, FunctionCase)
        return shapes_of(self.returns, case)

    def slip(self, misconception: Misconception) -> Mapping[str, Any]:
        by_rule = not isinstance(misconception, Behaviour)
        return {self.function: partial(programmed, misconception.rule) if by_rule else misconception.rule}

    @property
    def choices(self) -> tuple[Choice, ...]:
        """The arguments that are names."""
        return tuple(each for each in self.arguments if isinstance(each, Choice))


def programmed(rule: Rule, *arguments: Any) -> Any:
    """A rule as a program over NumPy, in the dtype of its arguments."""
    dtype = next(value.dtype for value in arguments if isinstance(value, np.ndarray) and value.dtype.kind != "i")
    xp = floating(dtype)
    with np.errstate(all="ignore"):
        answer = rule(xp, *(number(xp, value) for value in arguments))
        return mapped(lambda array: np.asarray(array).astype(dtype), answer)
