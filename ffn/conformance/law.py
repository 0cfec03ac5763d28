"""A law: a statement that every correct implementation satisfies, with the cases that try it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from hypothesis import strategies as st

from ffn import admissible
from ffn.cases.case import Arguments
from ffn.cases.plan import Plan
from ffn.conformance.implementation.errors import Died, ImplementationError, Impure, NotOffered
from ffn.conformance.implementation.protocol import PARTS_WITH_METHODS
from ffn.conformance.implementation.sequence import Played, Sequence
from ffn.conformance.implementation.subject import Subject
from ffn.conformance.verdict import Judgement, Verdict, first_failure, judged, wrong
from ffn.network.activations import ELEMENTWISE
from ffn.network.description import LEARNED_VARIANCE, OUTPUTS, REDUCTIONS
from ffn.numbers.precision import Precision

ELEMENTS = frozenset((*ELEMENTWISE, "maxout", *OUTPUTS, *LEARNED_VARIANCE, *REDUCTIONS))
OF_ELEMENTS = ("activation", "output", "reduction", "gradient")  # chapters of laws about one element each
ANSWERS = ("forward", "loss", "gradient")
Cases = Callable[..., st.SearchStrategy[Any]]  # (dtype, supported=…)
Planned = Callable[..., Plan]  # (dtype, supported=…)
Trial = Callable[..., Judgement]  # (case, assumed=None): a law that is put to one implementation


@dataclass(frozen=True)
class Offered:
    """The answers that an implementation offers on a case: their names, and how each is had, of any case.

    ``thorough`` says that time is no matter.
    """

    names: tuple[str, ...]
    subject: Subject
    thorough: bool = False

    def __call__(self, name: str, case: Arguments, copied: bool = True) -> Any:
        return self.subject.answer(name, case, copied)

    def together(self, *uses: tuple[str, Arguments]) -> list[Any]:
        """Several answers, each by its name and case, which are asked for in one message."""
        return self.subject.answers(uses)

    def play(self, sequence: Sequence) -> list[Played]:
        """The answers to a sequence of calls."""
        return self.subject.play(sequence)


Judge = Callable[[Any, Offered, Precision], Judgement]


def same_as(
    case: Arguments,
    changed: Arguments,
    offered: Offered,
    assumed: Precision,
    restored: Mapping[str, Callable[[Any], Any]] = MappingProxyType({}),
) -> Judgement:
    """Whether the answers on a changed case, each restored where it has to be, are admissible for the case itself."""
    answers = zip(offered.names, offered.together(*((name, changed) for name in offered.names)), strict=True)
    back = ((name, restored[name](answer) if name in restored else answer) for name, answer in answers)
    admitted = admissible.answering(case, assumed)
    return first_failure(*(judged(admitted(name).examine(answer)) for name, answer in back))


def admitted(case: Arguments, offered: Offered, assumed: Precision) -> Judgement:
    """Whether every answer is in its admissible set."""
    return same_as(case, case, offered, assumed)


@dataclass(frozen=True)
class Law:
    """A law.

    Attributes:
        name: chapter/subject, as ``--law`` takes it.
        statement: what holds, in one sentence.
        speaks_of: answers among forward, loss, gradient, activation and slope, or those of its part. Each that is
            offered is judged.
        cases: from a dtype, and from what is supported, to the strategy of its cases.
        plan: likewise to the plan of those that are always tried, before others are searched for.
        judge: (case, offered answers, precision) → judgement, which may raise ImplementationError.
        part: the part of the network that it is about, where an implementation has to say that it offers it.
        rounded_factors: whether it holds too where the factors of products are declared to have fewer bits.
        promise: what an implementation has to promise, ``reproducible`` or ``concurrent``, where that is asked for.
        most: the cases that are as good as any number, where each of them is many calls.
        simplest: whether the simplest case is one of those that are drawn: of most laws it has zeros alone.
        extreme: whether it is about an element far out, so that other laws have to hold of the element first.
        as_given: whether each answer is asked for once, on the case as it is: then those of several cases can be
            had together.
    """

    name: str
    statement: str
    speaks_of: tuple[str, ...]
    cases: Cases
    judge: Judge = admitted
    part: str | None = None
    rounded_factors: bool = True
    plan: Planned | None = None
    most: int | None = None
    simplest: bool = False
    promise: str | None = None
    extreme: bool = False
    as_given: bool = False

    @property
    def element(self) -> str | None:
        """The activation, output or reduction that it is about, where it judges that by itself."""
        chapter, *rest = self.name.split("/")
        return next((part for part in rest if part in ELEMENTS), None) if chapter in OF_ELEMENTS else None

    @property
    def chapter(self) -> str:
        """Its name but for the last part. Laws of a chapter that have one plan have one set of cases."""
        return self.name.rpartition("/")[0]

    @property
    def family(self) -> str:
        """Its name with ``*`` for the element, where other elements have the same law."""
        chapter, *rest = self.name.split("/")
        return "/".join((chapter, *("*" if part in ELEMENTS else part for part in rest)))

    def methods(self) -> dict[str, str]:
        """The method that gives each answer."""
        prefix = f"{self.part}_" if self.part in PARTS_WITH_METHODS else ""
        return {name: prefix + name for name in self.speaks_of}

    def offered_by(self, subject: Subject) -> bool:
        """Whether an implementation offers some answer that the law speaks of."""
        known = self.part is None or self.part in subject.parts
        promised = self.promise is None or getattr(subject, self.promise)
        return known and promised and any(map(subject.offers, self.methods().values()))

    def spoken_in(self, dtype: str, subject: Subject) -> bool:
        """Whether it says something of an implementation in a dtype."""
        rounded = subject.declared.precision(dtype).product_bits is not None
        return dtype in subject.dtypes and self.offered_by(subject) and (self.rounded_factors or not rounded)

    def searched(self, examples: int, thorough: bool) -> int:
        """The cases that are drawn, of so many."""
        return examples if thorough or self.most is None else min(examples, self.most)

    def put_to(self, subject: Subject, thorough: bool = False) -> Trial:
        """The law as a function of a case alone, and of a precision where another one is assumed."""
        return lambda case, assumed=None: self(case, subject, assumed, thorough)

    def announce(self, cases: Iterable[Arguments], subject: Subject) -> None:
        """Have the answers on cases that are judged next asked for in one message, where that is possible."""
        if self.as_given or self.judge is admitted:
            with suppress(ImplementationError):  # of ``supports``: it is met again
                subject.expect([(n, case) for case in cases for n in self.speaks_of if subject.takes(n, case)])

    def __call__(
        self, case: Arguments, subject: Subject, assumed: Precision | None = None, thorough: bool = False
    ) -> Judgement:
        """Judge one case, in the precision of its dtype unless another is assumed.

        Raises:
            Died: when its process did not answer, so that asking again would cost as much.
        """
        names = list(self.speaks_of)
        while True:
            try:
                names = [name for name in names if subject.takes(name, case)]
                if not names:
                    return Judgement(Verdict.NOT_OFFERED)
                offered = Offered(tuple(names), subject, thorough)
                judgement = self.judge(case, offered, assumed or subject.declared.precision(case.dtype))
                return replace(judgement, answers=tuple(names))
            except NotOffered as error:
                names = [name for name in names if error.answer and name != error.answer]
            except Impure as error:
                return wrong(str(error))
            except Died:
                raise
            except ImplementationError as error:
                return Judgement(Verdict.ERROR, str(error))
