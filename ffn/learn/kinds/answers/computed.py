"""What functions and networks have in common: answers held against admissible sets, stage by stage."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ffn.admissible import AdmissibleSet, Examination, Outside
from ffn.cases.case import flat, mapped
from ffn.conformance.running.simplify import simplified
from ffn.conformance.verdict import Judgement, Verdict, inside_hull, judged
from ffn.learn.exercise import FOR_THIS, Behaviour, Exercise, Finding, Manner, Outcome, Printed
from ffn.learn.judging import sets
from ffn.learn.judging.naming import Example, named
from ffn.learn.judging.opening import not_written, opened, raised, returned_nothing
from ffn.learn.judging.sets import Judged, Rule
from ffn.learn.judging.submission import Answer, Submission
from ffn.learn.message import drawing
from ffn.learn.message.digits import apart
from ffn.learn.message.number_line import number_line


@dataclass(frozen=True)
class FurtherLaw:
    """A further law, of something that is computed from the answer, such as a sum over its last axis.

    Attributes:
        sentence: the law.
        projection: (answer) → an array of float64.
        truth: (xp, *arguments) → what it has to be, over any number system, with all that it may round.
    """

    sentence: str
    projection: Callable[[Any], Any]
    truth: Rule


@dataclass(frozen=True, kw_only=True)
class Computed(Exercise):
    """An exercise whose answers are arrays, judged by the admissible set of ``truth``.

    Attributes:
        function: the name of the function that the learner writes.
        truth: (xp, *arguments) → the answer, over any number system.
        further: a law that the set of the answer does not hold, such as shares that sum to 1.
        hull: whether every value of a wide set is right, as between the slopes at a kink.
        every_algorithm: whether ``xp.either`` in ``truth`` admits every standard algorithm, or the first alone.
        accurate: whether the precision stage admits the first algorithm of ``xp.either`` alone.
        drawing: draws the smallest example.
        precise_law: what the precision stage asks for, in one sentence.
    """

    function: str
    truth: Rule
    further: FurtherLaw | None = None
    hull: bool = False
    every_algorithm: bool = True
    accurate: bool = False
    drawing: drawing.Drawing = drawing.tables
    precise_law: str = "It is right to the last digits in every precision, also far from 0."

    @property
    def asked(self) -> tuple[str, ...]:
        return (self.function,)

    @abstractmethod
    def stages(self) -> Sequence[tuple[str, str, Sequence[Judged]]]:
        """For each stage that compares numbers its name, its law, and its examples."""

    @abstractmethod
    def call(self, submission: Submission, case: Judged, names: Any, shapes: Any) -> Answer:
        """Call the learner's function on a case."""

    @abstractmethod
    def argument_names(self, case: Judged) -> list[str]:
        """The name of each array or string that the function takes, in their order."""

    @abstractmethod
    def returned(self, case: Judged) -> tuple[Any, Any]:
        """Where each array of the answer stands, and its shape."""

    def judge(self, submission: Submission) -> Finding:
        if finding := opened(submission, self.asked, "function"):
            return finding
        held: list[str] = []
        stages = self.stages()
        laws = 2 + len(stages)
        for stage, law, cases in stages:
            finding = self._at(stage)._staged(submission, stage, law, cases)
            if not held and (finding is None or finding.stage in ("numbers", "precision")):
                held += ["it runs", "shapes, dtype and arguments are right"]
            if finding is not None:
                return replace(finding, held=tuple(held), laws=laws, name=finding.name or self.function)
            held.append(law)
        return Finding(Outcome.PASSED, name=self.function, held=tuple(held), laws=laws)

    def _at(self, stage: str) -> Computed:
        """The exercise as it is judged at a stage."""
        accurate = stage == "precision" and self.accurate
        return replace(self, every_algorithm=False) if accurate else self

    def _staged(self, submission: Submission, stage: str, law: str, cases: Sequence[Judged]) -> Finding | None:
        examples = self._all_tried(submission, cases)
        if finding := self._of_form(submission, examples) or self._failure(submission, examples, stage, law):
            return finding
        again = self._all_tried(submission, cases[::-1])
        return next((self._unsteady(example) for example in again if example.fails), None)

    def _unsteady(self, example: Example) -> Finding:
        """It was right when it was asked before, or was wrong then and is right now."""
        drawn = tuple(self.drawing(example.case, example.names, example.answer.value, None))
        message = "The same call was right once and wrong once: what is kept between calls?"
        law = "The answer depends on the arguments alone."
        return Finding(Outcome.WRONG, "numbers", message, law, drawing=drawn, printed=_printed(example))

    # one example

    def _all_tried(self, submission: Submission, cases: Sequence[Judged]) -> list[Example]:
        """Each example, until the process of one does not answer."""
        examples: list[Example] = []
        for case in cases:
            examples.append(self._tried(submission, case))
            if examples[-1].answer.died:
                break
        return examples

    def _tried(self, submission: Submission, case: Judged) -> Example:
        names, shapes = self.returned(case)
        answer = self.call(submission, case, names, shapes)
        return Example(case, answer, names, shapes, self._judgement(case, names, answer).fails)

    def _judgement(self, case: Judged, names: Any, answer: Answer) -> Judgement:
        if not answer.is_one:
            return Judgement(Verdict.ERROR, answer.failure)
        found = self._examined(case, names, answer)
        if found.fails or self.further is None:
            return found
        return self._projected(self.further, case, answer) or found

    def _examined(self, case: Judged, names: Any, answer: Answer) -> Judgement:
        examination = self._admitted(case, names).examine(_as_one(answer.value, names))
        return inside_hull(examination) if self.hull else judged(examination)

    def _admitted(self, case: Judged, names: Any) -> AdmissibleSet:
        return sets.admitted(self.truth, case, names, None, self.hull, self.every_algorithm)

    def _projected(self, further: FurtherLaw, case: Judged, answer: Answer) -> Judgement | None:
        admitted = sets.admitted(further.truth, case, "the sum", meant=True)
        outside = admitted.examine(further.projection(mapped(_float64, answer.value))).outside
        return None if outside is None else Judgement(Verdict.WRONG, compared(outside))

    # what is told

    def _of_form(self, submission: Submission, examples: Sequence[Example]) -> Finding | None:
        """The first answer that is none: it raised, or has another shape or dtype, or an argument was changed."""
        for example in examples:
            answer = example.answer
            if not answer.written:
                return not_written(self.function)
            if not answer.is_one:
                break
        else:
            return None
        if answer.error:
            example = self._smallest(submission, example)
        else:  # where rows and columns have different lengths, it shows which is which
            telling = (e for e in examples if e.answer.value is None and len(set(e.case.lengths().values())) > 1)
            example = next(telling, example)
        answer = example.answer
        manner = None
        if answer.changed:
            manner = Manner.CHANGES
            message = f"It changed its argument {self._argument(example, answer.changed)}, which belongs to the caller."
            finding = Finding(Outcome.WRONG, "shapes", message, "A function leaves its arguments as they are.")
        elif answer.dtype:
            manner = Manner.WIDENS
            message = f"It returns {answer.dtype}, and its arguments are {example.case.dtype}."
            finding = Finding(Outcome.WRONG, "shapes", message, "The answer has the dtype of the arguments.")
        elif answer.shared:
            manner = Manner.SHARES
            message = f"Who writes into the answer writes into {self._argument(example, answer.shared)} too."
            finding = Finding(Outcome.WRONG, "shapes", message, "The answer is in memory of its own.")
        elif answer.error:
            finding = replace(raised(answer.error, self.function), law=self.law)
        elif answer.died:
            finding = Finding(Outcome.ERROR, "runs", f"{answer.failure}.", self.law)
        elif "returned NoneType" in answer.failure:
            finding = replace(returned_nothing(self.function), law=self.law)
        else:
            finding = Finding(Outcome.WRONG, "shapes", f"{self._of_shape(answer.failure)}.", self.law)
        drawn = tuple(self.drawing(example.case, example.names, None, None))
        finding = replace(finding, drawing=(*finding.drawing, *drawn), printed=_printed(example))
        if manner is not None:
            behaviours = (each for each in self.misconceptions if isinstance(each, Behaviour))
            return replace(finding, misconception=next((each for each in behaviours if each.shows is manner), None))
        return self._with_name(submission, finding, examples)

    def _of_shape(self, failure: str) -> str:
        """What is wrong with the shape of an answer, in the learner's words."""
        if " parts, not one for each of " in failure:
            names, _ = self.returned(self.stages()[0][2][0])
            flat_names = all(isinstance(each, str) for each in names)
            asked = ", ".join(names) if flat_names else "a pair (dW, db) for each layer"
            count = failure.partition(" returned ")[2].partition(" parts")[0]
            return f"It returned {count} part{'s' * (count.split()[-1] != '1')}, and not what is asked for: {asked}"
        return failure.removeprefix(f"{self.function} of ").replace(", returned shape", " has shape")

    def _failure(self, submission: Submission, examples: Sequence[Example], stage: str, law: str) -> Finding | None:
        """The smallest example that is judged wrong."""
        failing = next((example for example in examples if example.fails), None)
        if failing is None:
            self._require_decided(examples, stage)
            return None
        smallest = self._smallest(submission, failing)
        if not smallest.fails or not smallest.answer.is_one:
            return self._unsteady(smallest)
        examination = self._examined(smallest.case, smallest.names, smallest.answer).examination
        wrong, message = None, ""
        outside = examination.outside
        if outside is not None:
            wrong = (outside.array, outside.index)
            message = compared(outside)
        elif self.further is not None:
            law = self.further.sentence
            message = self._judgement(smallest.case, smallest.names, smallest.answer).message
        outcome = Outcome.UNSTABLE if stage == "precision" else Outcome.WRONG
        drawn = tuple(self.drawing(smallest.case, smallest.names, smallest.answer.value, wrong))
        if outcome is Outcome.UNSTABLE and outside is not None:
            drawn = (*drawn, *number_line(outside))
            message = compared(outside, " (c)", " (a)")
        finding = Finding(outcome, stage, message, law, drawing=drawn, printed=_printed(smallest))
        return self._with_name(submission, finding, examples)

    def _smallest(self, submission: Submission, example: Example) -> Example:
        tried: set[tuple[tuple[Any, bytes], ...]] = set()  # a simpler case may be one again that was tried before

        def trial(case: Judged, assumed: Any = None) -> Judgement:
            arrays = [each for each in flat(case.arguments("gradient")) if isinstance(each, np.ndarray)]
            key = tuple((array.shape, array.tobytes()) for array in arrays)
            if key in tried:
                return Judgement(Verdict.HOLDS)
            tried.add(key)
            names, shapes = self.returned(case)
            return self._judgement(case, names, self.call(submission, case, names, shapes))

        judgement = trial(example.case)
        case, _ = simplified(trial, example.case, judgement)
        return self._tried(submission, case)  # type: ignore[arg-type]

    def _with_name(self, submission: Submission, finding: Finding, examples: Sequence[Example]) -> Finding:
        def again(case: Judged, names: Any, shapes: Any) -> Answer:
            return self.call(submission, case, names, shapes)

        misconception, agree = named(self.misconceptions, examples, again, None if self.hull else self._admitted)
        return replace(finding, misconception=misconception, agree=agree, tried=len(examples))

    def _require_decided(self, examples: Sequence[Example], stage: str) -> None:
        """A stage that could not have failed is a fault of the exercise."""
        whole = sum(
            (self._examined(each.case, each.names, each.answer).examination for each in examples), Examination()
        )
        if not whole.decided:
            raise RuntimeError(f"{self.title}: the stage {stage!r} decides nothing")

    def _argument(self, example: Example, places: tuple[int, ...]) -> str:
        """The name of the first of these arguments."""
        return self.argument_names(example.case)[places[0]]


def _printed(example: Example) -> Printed:
    """What was printed for an example."""
    printed = example.answer.printed
    return printed if example.answer.died else replace(printed, when=FOR_THIS)


def _as_one(value: Any, names: Any) -> Any:
    return value if isinstance(names, str) else tuple(flat(value))


def compared(outside: Outside, c: str = "", a: str = "") -> str:
    """What was computed and what is admissible, in one line."""
    computed, admissible = apart(outside)
    return f"{outside.path}: computed {computed}{c}, admissible {admissible}{a}"


def _float64(array: Any) -> Any:
    return np.asarray(array, dtype=np.float64)
