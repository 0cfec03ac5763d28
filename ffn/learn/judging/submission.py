"""What was handed in, from the judge's side: asked for answers, it gives them, or says why there are none."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Any, Self

import numpy as np

from ffn.conformance.implementation.boundary.calling.local import Local
from ffn.conformance.implementation.boundary.data.call import Asked, Boundary, Call, Reply
from ffn.conformance.implementation.boundary.data.stored import stored
from ffn.conformance.implementation.boundary.isolation.isolated import Isolated
from ffn.conformance.implementation.boundary.isolation.limits import Limits
from ffn.conformance.implementation.errors import Died
from ffn.learn.exercise import Exercise, Finding, Printed
from ffn.learn.judging.printing import last_of
from ffn.learn.judging.pupil import OFFER, Pupil

LIMITS = Limits(loading=10.0, lost=10.0)  # the judge's, but for how long one waits in all
WORKER = "ffn.learn.judging.pupil"


@dataclass(frozen=True)
class Answer:
    """What came of a call.

    Attributes:
        value: arrays, nested as asked; None where there are none.
        failure: why not, in one line.
        error: what was raised: ``text``, ``line``, ``code`` and ``shapes``, as far as they are known.
        written: False where it raised NotImplementedError.
        died: whether its process did not answer, so that asking again would cost as much.
        changed: the arguments that the call changed, by their places.
        dtype: that of the first array that is not of the dtype asked.
        shared: the arguments whose memory the answer holds, by their places; only where that was asked for.
        printed: what the call printed.
        fitting: the misconceptions that the calls made by a test do not speak against; only of ``says``.
    """

    value: Any = None
    failure: str = ""
    error: Mapping[str, Any] = field(default_factory=dict)
    written: bool = True
    died: bool = False
    changed: tuple[int, ...] = ()
    dtype: str = ""
    shared: tuple[int, ...] = ()
    printed: Printed = field(default_factory=Printed)
    fitting: tuple[str, ...] = ()

    @property
    def is_one(self) -> bool:
        """Whether it is an answer, and nothing was done beside."""
        return self.value is not None and not self.changed and not self.dtype and not self.shared


class _Here(Local):
    """What a notebook hands in is called in its own process."""

    def __init__(self, pupil: Pupil) -> None:
        self.implementation, self.offer = pupil, OFFER


class Submission:
    """What a learner handed in.

    Args:
        boundary: the way to it.

    Attributes:
        rounded: whether an exact number that was handed in was a float with many digits.
        printed: what the last call printed.
        printed_on_import: what importing the file printed.
    """

    def __init__(self, boundary: Boundary) -> None:
        self._boundary = boundary
        self._defines: dict[str, str] | None = None
        self._failed_to_import: Mapping[str, Any] | None = None
        self.rounded = False
        self.printed = self.printed_on_import = Printed()

    @classmethod
    def in_file(cls, path: Path, limits: Limits = LIMITS) -> Self:
        """A file, in a process of its own. Raises LoadingError where that cannot be had."""
        return cls(Isolated(str(path.resolve()), limits, WORKER).loaded())

    @classmethod
    def of(cls, defined: Mapping[str, Any], file: str = "") -> Self:
        """Objects of this process, by name, and the file that they stand in."""
        return cls(_Here(Pupil(defined, file)))

    def close(self) -> None:
        self._boundary.close()

    @property
    def defines(self) -> dict[str, str]:
        """``"function"``, ``"value"`` or ``"nothing"`` for None, by name. Raises Died where the file hangs."""
        if self._defines is None:
            self._defines = json.loads(self._text("learner_defines").answer)
        return self._defines

    @property
    def failed_to_import(self) -> Mapping[str, Any]:
        """What importing the file raised, empty where it raised nothing. Raises Died where it hangs."""
        if self._failed_to_import is None:
            self._failed_to_import = self._aside()["error"]
            self.printed_on_import = self.printed
        return self._failed_to_import

    def _aside(self) -> dict[str, Any]:
        """What there is beside the last answer; ``printed`` is kept."""
        found: dict[str, Any] = json.loads(self._text("learner_aside").answer)
        self.printed = Printed(**{**found["printed"], "lines": tuple(found["printed"]["lines"])})
        return found

    def _died(self, died: Died) -> Answer:
        """The answer of a call after which its process is no more."""
        self.printed = last_of(died.printed)
        reason = re.sub(r", in learner_\w+", "", died.reason)
        return Answer(failure=f"{reason[:1].upper()}{reason[1:]}", died=True, printed=self.printed)

    def value(self, name: str) -> Any:
        """A value that was handed in: nested lists, or a dict, of fractions.

        Raises:
            ValueError: when it holds something else than numbers.
        """
        reply = self._text("learner_value", name)
        if reply.failure:
            raise ValueError(reply.failure.partition(" raised ")[2].partition(": ")[2] or reply.failure)
        return self._exactly(reply.answer)

    def _exactly(self, answer: str) -> Any:
        """Exact numbers from JSON. ``rounded`` says from then on whether one was a float with all its digits."""
        self.rounded |= bool(re.search(r"\.\d{9}|e-", answer))
        return _fractions(json.loads(answer))

    def call(
        self,
        function: str,
        arguments: tuple[Any, ...],
        names: Any,
        shapes: Any,
        dtype: str | None = "float64",
        fresh: bool = False,
    ) -> Answer:
        """Call a function with arrays, or nested tuples of arrays, and strings.

        Args:
            function: its name.
            arguments: in their order.
            names: where each array of the answer stands, nested as the answer is.
            shapes: of each.
            dtype: that the answer has to be of; None takes any.
            fresh: whether it is looked at whose memory the answer holds.
        """
        try:
            answer = self._answer(self._boundary.call(Call(function, _as_data(arguments), Asked(names, shapes, dtype))))
        except Died as died:
            return self._died(died)
        return answer if fresh else replace(answer, shared=())

    def says(self, function: str, *arguments: Any) -> Answer:
        """Put a test to a program: True or False, and what was raised on the way to False."""
        try:
            answer = self._answer(self._boundary.call(Call(function, _as_data(arguments))))
            aside = self._aside()
            return replace(answer, error=aside["error"], fitting=tuple(aside["fitting"]))
        except Died as died:
            return self._died(died)

    def builds(self, function: str, given: str, way: str = "") -> Answer:
        """Call a function with exact numbers, as JSON; what it returns comes back as fractions.

        Args:
            function: its name.
            given: the numbers.
            way: ``module:name`` of what calls it, (function, *numbers) → the answer; empty where nothing does.
        """
        try:
            answer = self._answer(self._text("learner_builds", function, given, way))
        except Died as died:
            return self._died(died)
        return answer if answer.value is None else replace(answer, value=self._exactly(answer.value))

    def proves(self, function: str, module: str) -> Answer:
        """What the derivation engine says of a function, for the exercise of a module, as JSON."""
        try:
            return self._answer(self._text("learner_proves", function, module))
        except Died as died:
            return self._died(died)

    def _answer(self, reply: Reply) -> Answer:
        aside = self._aside()
        if reply.failure:
            error = aside["error"] if " raised " in reply.failure else {}
            return Answer(failure=reply.failure, error=error, written=reply.kind != "not offered", printed=self.printed)
        dtype = reply.dtypes[0][1] if reply.dtypes else ""
        return Answer(reply.answer, "", {}, True, False, reply.changed, dtype, tuple(aside["shared"]), self.printed)

    def _text(self, method: str, *arguments: Any) -> Reply:
        return self._boundary.call(Call(method, arguments, text=True))


def judged(exercise: Exercise, submission: Submission) -> Finding:
    """What an exercise finds, with what was printed: for the example that is told or, where none is, last. Where that
    is nothing, it is what importing the file printed."""
    finding = exercise.judge(submission)
    printed = submission.printed if finding.printed is None else finding.printed
    return replace(finding, printed=printed if printed.lines else submission.printed_on_import)


def _as_data(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(map(_as_data, value))
    return stored(value) if isinstance(value, np.ndarray) else value


def _fractions(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _fractions(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_fractions(each) for each in value]
    return Fraction(value) if isinstance(value, str) else value
