"""The kind *be the bug*: a wrong program that a given test accepts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ffn.learn.exercise import Exercise, Finding, Misconception, Outcome
from ffn.learn.judging.opening import not_written, opened, raised
from ffn.learn.judging.submission import Answer, Submission
from ffn.learn.kinds.answers.function import Function


class _Silent(Exception):
    """The program did not answer with an array.

    Attributes:
        answer: what came instead.
    """

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.failure)
        self.answer = answer


@dataclass(frozen=True, kw_only=True)
class Disguise(Exercise):
    """A program that ``theirs`` accepts and ``ours`` refuses.

    The first misconception is a program that is correct, the second one that is found out; their rules are programs.

    Attributes:
        theirs: (program) → why the given test refuses it, empty where it accepts; the program takes and returns arrays.
        ours: the exercise whose laws it has to break, on numbers or in some precision.
    """

    theirs: Callable[[Callable[..., Any]], str]
    ours: Function

    @property
    def asked(self) -> tuple[str, ...]:
        return self.ours.asked

    def judge(self, submission: Submission) -> Finding:
        if finding := opened(submission, self.asked, "function"):
            return finding
        name, correct, found_out = self.ours.function, *self.misconceptions[:2]
        try:
            refused = self.theirs(lambda array: self._called(submission, array))
        except _Silent as silent:
            return self._silent(silent.answer)
        if refused:
            return self._wrong(f"The given test refuses it: {refused}", found_out, ())
        held = ("the given test accepts it",)
        finding = self.ours.judge(submission)
        if finding.outcome is Outcome.PASSED:
            return self._wrong("Every law holds of it, wherever it was tried: there it is right.", correct, held)
        if finding.stage not in ("numbers", "precision"):
            return finding
        return Finding(Outcome.PASSED, name=name, held=(*held, "a law refuses it"), laws=2, drawing=finding.drawing)

    def _wrong(self, message: str, misconception: Misconception, held: tuple[str, ...]) -> Finding:
        name = self.ours.function
        return Finding(Outcome.WRONG, "numbers", message, self.law, name, None, (), misconception, 1, 1, held, 2)

    def _called(self, submission: Submission, array: Any) -> Any:
        answer = submission.call(self.ours.function, (array,), "answer", array.shape)
        if not answer.is_one:
            raise _Silent(answer)
        return answer.value

    def _silent(self, answer: Answer) -> Finding:
        name = self.ours.function
        if not answer.written:
            return not_written(name)
        if answer.error:
            return raised(answer.error, name)
        message = f"{answer.failure or 'It changes its argument, or returns another dtype'}."
        return Finding(Outcome.ERROR, "shapes", message, self.law, name)

    def slip(self, misconception: Misconception) -> Mapping[str, Any]:
        return {self.ours.function: misconception.rule}
