"""Holding a sequence of calls against fresh ones.

Each answer is held against the admissible set of its own arguments, which has everything that a fresh call may give:
an implementation may add in another order after other calls, and may not give what belongs to other arguments. An
answer outside is put down to the calls before only where a fresh call is right; otherwise it is for the laws on values.
A sequence counts only where what belongs to one of its calls would have been seen as the answer to another.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import Any

from ffn import admissible
from ffn.admissible import AdmissibleSet, Examination
from ffn.cases.case import Arguments, flat
from ffn.conformance.implementation.errors import Died, ImplementationError, Impure, NotOffered
from ffn.conformance.implementation.sequence import Played, Sequence, Use, same_contents
from ffn.conformance.implementation.subject import argument_paths
from ffn.conformance.law import Offered
from ffn.conformance.verdict import Judgement, Verdict, first_failure, holds, judged, wrong
from ffn.numbers.precision import Precision

ENOUGH = 3  # wrong answers with nothing called before, from which on a method is wrong by itself


@dataclass
class _Sets:
    """The admissible set of each answer, made once a case."""

    assumed: Precision
    sets: dict[tuple[str, int], AdmissibleSet] = field(default_factory=dict)
    seen: dict[Any, Examination] = field(default_factory=dict)

    def examine(self, use: Use, answer: Any) -> Examination:
        key = use.name, id(use.case)
        bits = key, tuple(array.tobytes() for array in flat(answer))
        if bits not in self.seen:
            if key not in self.sets:
                self.sets[key] = admissible.answers(use.name, use.case, self.assumed)
            self.seen[bits] = self.sets[key].examine(answer)
        return self.seen[bits]


def held(
    sequence: Sequence,
    offered: Offered,
    assumed: Precision,
    telling: bool = True,
    kept: bool = False,
    same_bits: bool = False,
) -> Judgement:
    """The judgement of calls one after the other.

    Args:
        sequence: the calls.
        offered: the answers that are offered.
        assumed: the precision.
        telling: whether the calls differ, so that an answer of one in place of another's has to show.
        kept: whether the answers are also to stay as they are.
        same_bits: whether equal calls also give the same bits, where that is promised.
    """
    found = _judged(sequence, offered, assumed, telling, kept, same_bits)
    if not found.fails:
        return found

    def replayed(other: Sequence) -> Judgement:
        return held(other, offered, assumed, telling, kept, same_bits)

    return replace(found, replayed=replayed)


def _judged(
    sequence: Sequence, offered: Offered, assumed: Precision, telling: bool, kept: bool, same_bits: bool
) -> Judgement:
    sets = _Sets(assumed)
    try:
        played = offered.play(sequence)
    except (Died, Impure, NotOffered):
        raise
    except ImplementationError as error:
        return replace(Judgement(Verdict.ERROR, str(error)), shown=sequence)
    same_bits &= offered.subject.reproducible
    fault = (next(_spoiled(played), "") if kept else "") or (_changed_bits(played) if same_bits else "")
    if fault:
        return replace(wrong(fault), shown=sequence)
    judgements = []
    for number, each in enumerate(played):
        examination = sets.examine(each.use, each.answer)
        if examination.outside is None:
            judgements.append(judged(examination))
        elif _is_due_to_the_calls_before(played, number, offered, sets):
            return replace(wrong(_said(played, number, examination)), shown=sequence.until(each.use))
    if first_failure(*judgements).verdict is Verdict.HOLDS and (not telling or _tells(played, sets)):
        return holds()  # of calls, not of values: how many coordinates are decided is for other laws
    return Judgement(Verdict.UNDECIDED)


def _said(played: list[Played], number: int, examination: Examination) -> str:
    answer = played[number]
    before = (
        f", which is what call {place + 1} returned"
        for place, other in enumerate(played[:number])
        if other.use.name == answer.use.name and other.use.case is not answer.use.case and _same(other, answer)
    )
    return f"{_call(played, number)}: {examination.outside}{next(before, '')}"


def _call(played: list[Played], number: int) -> str:
    return f"{played[number].use.method}, call {number + 1} of {len(played)}"


def _spoiled(played: list[Played]) -> Iterator[str]:
    """What a call changed of what was returned before, or the caller by writing into an answer."""
    for number, each in enumerate(played):
        for answer, place in each.spoiled:
            if answer < 0:
                path = argument_paths(each.use.case, each.use.method)[place]
                yield f"{_call(played, number)}: its answer lies in the memory of its argument {path}"
            else:
                use = played[answer].use
                path = flat(use.case.returned(use.name)[0])[place]
                if answer == number:
                    yield f"{_call(played, number)}: another array of its answer lies in the memory of {path}"
                else:
                    yield f"{_call(played, number)}: the answer that call {answer + 1} returned is changed, {path}"


def _changed_bits(played: list[Played]) -> str:
    first: dict[Any, int] = {}
    for number, each in enumerate(played):
        other = first.setdefault((each.use.name, id(each.use.case)), number)
        if not _same(played[other], each):
            return f"{_call(played, number)}: other bits than call {other + 1} returned for the same arguments"
    return ""


def _is_due_to_the_calls_before(played: list[Played], number: int, offered: Offered, sets: _Sets) -> bool:
    """Whether an answer outside its set is another where nothing was called before.

    Where the implementation cannot be had anew, only what shows by itself is put down to them: an answer that is right
    when it is asked for once more, that differs then, or that another call was given too.
    """
    use = played[number].use
    plain = _alone(use, offered)
    if plain is None or sets.examine(use, plain).outside is None:
        return plain is not None
    wrong_afresh = offered.subject.wrong_afresh
    if offered.subject.isolated and wrong_afresh[use.method] >= ENOUGH:  # a process takes a second to start
        return False
    if offered.subject.restart():
        fresh = _alone(use, offered)
        right = fresh is not None and sets.examine(use, fresh).outside is None
        wrong_afresh[use.method] += not right
        return right
    others = (other for other in played if other.use.name == use.name and other.use.case is not use.case)
    differs = offered.subject.reproducible and not _same(replace(played[number], answer=plain), played[number])
    return differs or any(_same(other, played[number]) for other in others)


def _alone(use: Use, offered: Offered) -> Any:
    try:
        return offered(use.name, use.case)
    except Died:
        raise
    except ImplementationError:
        return None


def _tells(played: list[Played], sets: _Sets) -> bool:
    """Whether the answer to one call would have been seen as wrong in place of the answer to another."""
    first = {(each.use.name, id(each.use.case)): each for each in played}
    return any(
        a.use.name == b.use.name and _fits(a.use.case, b.use) and sets.examine(b.use, a.answer).outside is not None
        for a, b in combinations(first.values(), 2)
    )


def _fits(case: Arguments, use: Use) -> bool:
    shapes: tuple[Any, Any] = case.returned(use.name)[1], use.case.returned(use.name)[1]
    return bool(shapes[0] == shapes[1])


def _same(a: Played, b: Played) -> bool:
    one, other = flat(a.answer), flat(b.answer)
    return len(one) == len(other) and all(map(same_contents, one, other))
