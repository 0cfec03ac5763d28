"""The kind *reverse*: write the test, which is judged by programs that it has to refuse, and others to accept."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ffn.learn.exercise import Exercise, Finding, Misconception, Outcome
from ffn.learn.judging.opening import not_written, opened, raised, shortened
from ffn.learn.judging.submission import Answer, Submission

MOST_SHOWN = 3
OTHER_KIND = "TypeError: it returned"


@dataclass(frozen=True)
class Program:
    """A program that a test is put to.

    Attributes:
        name: what it does, in a few words.
        function: it, defined at the top level of its module, so that another process finds it by its name.
    """

    name: str
    function: Callable[..., Any]

    @property
    def place(self) -> str:
        return f"{self.function.__module__}:{self.function.__qualname__}"


@dataclass(frozen=True)
class Test(Misconception):
    """A misconception of who writes a test: its rule is such a test. It is named where the learner's says the same of
    every program, and nothing that it called them with speaks against the name.

    Attributes:
        fits: (the arguments of each call) → whether the name may be true of them.
        splits: whether it is true of every test that accepts some correct programs and refuses others, as they differ
            in one thing alone; then it is named there.
    """

    splits: bool = False
    fits: Callable[[Sequence[tuple[Any, ...]]], bool] = lambda calls: True


@dataclass(frozen=True, kw_only=True)
class Reverse(Exercise):
    """A function ``check(program)`` that accepts correct programs, and refuses others.

    It accepts by returning True, or nothing, and refuses by a failing assertion or by returning False. What else it
    raises of a wrong program refuses it too; of a correct one it is an error. The misconceptions are ``Test``s.

    Attributes:
        function: the name of the function that the learner writes.
        correct: programs that are right, floating variants included.
        bugs: programs that are wrong, each in its own way.
    """

    function: str
    correct: tuple[Program, ...]
    bugs: tuple[Program, ...]

    @property
    def asked(self) -> tuple[str, ...]:
        return (self.function,)

    def judge(self, submission: Submission) -> Finding:
        if finding := opened(submission, self.asked, "function"):
            return finding
        accepted: dict[str, bool] = {}
        answers: dict[str, Answer] = {}
        for program in (*self.correct, *self.bugs):
            answer = submission.says("learner_tries", self.function, program.place)
            if not answer.written:
                return not_written(self.function)
            if answer.value is None and not (program in self.bugs and answer.error):
                return self._said_nothing(program, answer)
            accepted[program.name] = bool(answer.value)
            answers[program.name] = answer
        fitting = set.intersection(*(set(answer.fitting) for answer in answers.values()))
        finding = self._matrix(accepted, fitting)
        told = next((name for name in answers if name not in finding.held), None)
        return finding if told is None else _with_place(finding, told, answers[told])

    def _said_nothing(self, program: Program, answer: Answer) -> Finding:
        """A test that neither accepts nor refuses a program."""
        finding = Finding(Outcome.ERROR, "runs", f"{answer.failure}.")
        if answer.error:
            finding = raised(answer.error, self.function)
            if OTHER_KIND in finding.message:
                message = f"It returned{finding.message.partition(OTHER_KIND)[2]}"
                finding = Finding(Outcome.ERROR, "runs", message)
        message = f"With “{program.name}”: {finding.message}"
        return replace(finding, message=message, law=self.law, name=self.function)

    def _matrix(self, accepted: Mapping[str, bool], fitting: Collection[str]) -> Finding:
        refused = [program.name for program in self.correct if not accepted[program.name]]
        spared = [program.name for program in self.bugs if accepted[program.name]]
        held = tuple(program.name for program in (*self.correct, *self.bugs) if program.name not in (*refused, *spared))
        laws = len(self.correct) + len(self.bugs)
        if not refused and not spared:
            return Finding(Outcome.PASSED, name=self.function, held=held, laws=laws, things="programs")
        if refused:
            message = f"It refuses a correct program, “{refused[0]}”. What does it ask that the law does not?"
        else:
            some = ", ".join(f"“{each}”" for each in spared[:MOST_SHOWN]) + (", …" if len(spared) > MOST_SHOWN else ".")
            message = f"It accepts {len(spared)} wrong program{'s' if len(spared) > 1 else ''}: {some}"
        table = (
            f"  correct programs accepted: {len(self.correct) - len(refused)} of {len(self.correct)}",
            f"  wrong programs refused:    {len(self.bugs) - len(spared)} of {len(self.bugs)}",
        )
        found = [each for each in self.misconceptions if each.name in fitting and self._as_theirs(each, accepted)]
        misconception = found[0] if len(found) == 1 else None
        by_all = misconception is not None and not getattr(misconception, "splits", False)
        return Finding(
            Outcome.WRONG,
            "numbers",
            message,
            self.law,
            self.function,
            None,
            table,
            misconception,
            len(refused) + len(spared) if by_all else len(refused) if misconception else 0,
            laws if by_all else 1,
            held,
            laws,
            things="programs",
        )

    def _as_theirs(self, misconception: Misconception, accepted: Mapping[str, bool]) -> bool:
        programs = (*self.correct, *self.bugs)
        if getattr(misconception, "splits", False):
            return 0 < sum(accepted[program.name] for program in self.correct) < len(self.correct)
        return any(
            all(_accepts(rule, program) == accepted[program.name] for program in programs)
            for rule in (misconception.rule, *misconception.also)
        )

    def slip(self, misconception: Misconception) -> Mapping[str, Any]:
        return {self.function: misconception.rule}


def _with_place(finding: Finding, program: str, answer: Answer) -> Finding:
    """A finding about a program, with the line that refused it and with what was printed."""
    line, code = answer.error.get("line"), answer.error.get("code")
    drawing = (*finding.drawing, *((f"  refused by: {shortened(code)}",) if code else ()))
    return replace(finding, line=line, drawing=drawing, printed=replace(answer.printed, when=f"with “{program}”"))


def _accepts(rule: Callable[..., Any], program: Program) -> bool:
    from ffn.learn.judging.pupil import accepts

    try:
        return accepts(rule, program.function, [])
    except Exception:
        return False
