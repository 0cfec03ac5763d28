"""The answers of a case on which no correct program rounds, with the proof of that."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ffn.cases.case import Case, mapped
from ffn.cases.exact.arithmetic import Unrounded
from ffn.network.formulas import evaluate
from ffn.numbers.precision import precision

EXACT_ANSWERS = ("forward", "gradient")


@dataclass
class _Looked:
    """The case that was looked at last, which is often the one that is asked for next, and its answers."""

    case: Case | None = None
    answers: dict[str, Any] = field(default_factory=dict)


_last = _Looked()


def exactly(name: str, case: Case) -> Any:
    """What every correct program returns of a case: float64 arrays, nested as the answer is.

    Args:
        name: ``"forward"`` or ``"gradient"``. The constant of a likelihood is rounded, and so is every loss.
        case: the arguments of the call.

    Raises:
        Rounds: where some correct program may round, or choose a slope.
    """
    if _last.case is not case:
        _last.case, _last.answers = case, {}
    if name not in _last.answers:
        _last.answers[name] = _computed(name, case)
    return _last.answers[name]


def forget() -> None:
    """Keep no answers: a timing is to make them."""
    _last.case = None


def _computed(name: str, case: Case) -> Any:
    rows = len(case.x) if case.network.reduction == "mean" and name == "gradient" else 1
    method = case.method(name)
    answer = evaluate(Unrounded(precision(case.dtype), rows), method, *case.arguments(method))
    return mapped(lambda array: array.values, answer)
