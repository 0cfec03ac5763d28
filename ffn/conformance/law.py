"""A law: a statement that every correct implementation satisfies, with the cases that try it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from ffn.cases.case import ActivationCase, Case, RecurrentCase
from ffn.conformance.implementation.subject import ImplementationError, Subject
from ffn.conformance.verdict import Judgement, Verdict
from ffn.numbers.precision import Precision, precision

Judge = Callable[[Any, Subject, Precision], Judgement]
Cases = Callable[[str], st.SearchStrategy[Any]]


@dataclass(frozen=True)
class Law:
    """A law.

    Attributes:
        name: chapter/subject, as ``--law`` takes it.
        statement: what holds, in one sentence.
        needs: the methods of the protocol that it calls; none named, it takes those of the network that are offered.
        cases: from a dtype to the strategy of its cases.
        judge: (case, subject, precision) → judgement, which may raise ImplementationError.
        part: the part of the network that it is about, where an implementation has to say that it offers it.
    """

    name: str
    statement: str
    needs: tuple[str, ...]
    cases: Cases
    judge: Judge
    part: str | None = None

    def offered_by(self, subject: Subject) -> bool:
        if self.part is not None and self.part not in subject.parts:
            return False
        if not self.needs:
            return any(subject.offers(method) for method in ("forward", "loss", "gradient"))
        return all(subject.offers(method) for method in self.needs)

    def __call__(
        self, case: Case | ActivationCase | RecurrentCase, subject: Subject, assumed: Precision | None = None
    ) -> Judgement:
        """Judge one case, in the precision of its dtype unless another is assumed."""
        try:
            supported = subject.supports(case.network) if isinstance(case, Case) else True
            if isinstance(case, RecurrentCase):
                supported = subject.supports_recurrent(case.recurrent)
            if not supported:
                return Judgement(Verdict.NOT_OFFERED)
            return self.judge(case, subject, assumed or precision(case.dtype))
        except ImplementationError as error:
            return Judgement(Verdict.ERROR, str(error))
