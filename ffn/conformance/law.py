"""A law: a statement that every correct implementation satisfies, with the cases that try it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from ffn import admissible
from ffn.cases.case import Arguments
from ffn.conformance.implementation.errors import Died, ImplementationError, Impure, NotOffered
from ffn.conformance.implementation.protocol import PARTS_WITH_METHODS
from ffn.conformance.implementation.subject import Subject
from ffn.conformance.verdict import Judgement, Verdict, first_failure, judged, wrong
from ffn.numbers.precision import Precision, precision

Judge = Callable[[Any, Subject, Precision], Judgement]
Cases = Callable[[str], st.SearchStrategy[Any]]
Trial = Callable[..., Judgement]  # (case, assumed=None): a law that is put to one implementation


def admitted(*names: str) -> Judge:
    """The judge that finds the answers of these methods in their admissible sets."""

    def judge(case: Arguments, subject: Subject, assumed: Precision) -> Judgement:
        sets = (admissible.answers(name, case, assumed).examine(subject.answer(name, case)) for name in names)
        return first_failure(*map(judged, sets))

    return judge


@dataclass(frozen=True)
class Law:
    """A law.

    Attributes:
        name: chapter/subject, as ``--law`` takes it.
        statement: what holds, in one sentence.
        needs: what it calls of forward, loss, gradient, activation and slope, or of those of its part; none named, it
            takes those of the network that are offered.
        cases: from a dtype to the strategy of its cases.
        judge: (case, subject, precision) → judgement, which may raise ImplementationError. Left out, every answer that
            the law needs is to be admissible.
        part: the part of the network that it is about, where an implementation has to say that it offers it.
    """

    name: str
    statement: str
    needs: tuple[str, ...]
    cases: Cases
    judge: Judge | None = None
    part: str | None = None

    def offered_by(self, subject: Subject) -> bool:
        if self.part is not None and self.part not in subject.parts:
            return False
        prefix = f"{self.part}_" if self.part in PARTS_WITH_METHODS else ""
        if not self.needs:
            return any(subject.offers(prefix + name) for name in ("forward", "loss", "gradient"))
        return all(subject.offers(prefix + name) for name in self.needs)

    def put_to(self, subject: Subject) -> Trial:
        """The law as a function of a case alone, and of a precision where another one is assumed."""
        return lambda case, assumed=None: self(case, subject, assumed)

    def __call__(self, case: Arguments, subject: Subject, assumed: Precision | None = None) -> Judgement:
        """Judge one case, in the precision of its dtype unless another is assumed.

        Raises:
            Died: when its process did not answer, so that asking again would cost as much.
        """
        judge = self.judge or admitted(*self.needs)
        try:
            if not subject.supports(case):
                return Judgement(Verdict.NOT_OFFERED)
            return judge(case, subject, assumed or precision(case.dtype))
        except NotOffered:
            return Judgement(Verdict.NOT_OFFERED)
        except Impure as error:
            return wrong(str(error))
        except Died:
            raise
        except ImplementationError as error:
            return Judgement(Verdict.ERROR, str(error))
