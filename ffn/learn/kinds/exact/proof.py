"""The kind *proof step*: an expression, or a certificate, that the derivation engine accepts.

The engine is no part of the wheel: it is found by its name in the learner's process, where the repository is installed
with ``pip install -e '.[proofs]'``, and the exercise says so where it is not.
"""

from __future__ import annotations

import importlib
import inspect
import io
import json
import textwrap
from collections.abc import Callable, Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

from ffn.learn.exercise import Exercise, Finding, Misconception, Outcome
from ffn.learn.judging.opening import not_written, opened, raised
from ffn.learn.judging.submission import Submission
from ffn.learn.kinds.exact.shown import as_written

ENGINE = "proofs.engine"
MISSING = "The derivation engine is not installed: in a copy of the repository, `pip install -e '.[proofs]'`."
SECONDS = 30.0  # sympy, and a computer that is slow
Terms = Mapping[str, Any]


class Unusable(TypeError):
    """The function cannot be asked for an expression. The text says why, to the learner."""


@dataclass(frozen=True, kw_only=True)
class Proof(Exercise):
    """One step of a derivation. The learner writes a function that returns an expression; the names of its parameters
    say which terms it is given. The rule of a misconception takes the terms, and returns such an expression.

    Attributes:
        function: the name of that function.
        terms: (engine) → by name what an expression is made of: symbols, arrays, sums. The engine has what
            ``proofs.engine.notation`` and ``proofs.engine.notation.functions`` define, and ``sympy``.
        start: (terms) → the expression before the step.
        ranges: (terms) → each free index with its dimension.
        without: names of what the result may not hold, such as ``"Partial"``.
        form: (expression, terms) → what is wrong with how it is written, in one line; empty where nothing is.
        bound: (terms) → where the step is start ≤ bound: then a certificate is asked for, an expression equal to
            bound − start whose form shows that it is at least 0.
    """

    function: str
    terms: Callable[[Any], Terms]
    start: Callable[[Terms], Any]
    ranges: Callable[[Terms], Mapping[Any, Any]] = lambda terms: {}
    without: tuple[str, ...] = ()
    form: Callable[[Any, Terms], str] | None = None
    bound: Callable[[Terms], Any] | None = None
    seconds: float = SECONDS

    @property
    def asked(self) -> tuple[str, ...]:
        return (self.function,)

    def asked_for(self, terms: Terms) -> Any:
        """What the learner's expression has to be equal to."""
        return self.start(terms) if self.bound is None else self.bound(terms) - self.start(terms)

    def judge(self, submission: Submission) -> Finding:
        if finding := opened(submission, self.asked, "function"):
            return finding
        answer = submission.proves(self.function, self.start.__module__)
        if not answer.written:
            return not_written(self.function)
        if any(f"No module named '{name}" in answer.failure for name in ("proofs", "sympy", "z3")):
            return Finding(Outcome.ERROR, "runs", MISSING, name=self.function)
        if answer.error and answer.error["text"].startswith(Unusable.__name__):
            message = f"{answer.error['text'].partition(': ')[2]}"
            return Finding(Outcome.ERROR, "runs", message, self.law, self.function)
        if answer.error:
            finding = raised(answer.error, self.function)
            help = next((said for text, said in BRACKETS.items() if text in finding.message), "")
            return replace(finding, message=f"{finding.message} {help}".strip(), law=self.law)
        if answer.failure:
            return Finding(Outcome.ERROR, "runs", f"{answer.failure}.", name=self.function)
        return self._told(json.loads(answer.value))

    def _told(self, found: Mapping[str, Any]) -> Finding:
        failed = [check for check in CHECKS if check in found["failed"]]
        held = tuple(CHECKS[check] for check in CHECKS if check not in found["failed"] and check in found["tried"])
        if not failed:
            return Finding(Outcome.PASSED, name=self.function, held=held, laws=len(found["tried"]))
        message = found["form"] if failed[0] == "form" else SAID[failed[0]]
        if found["where"]:
            place, _, numbers = found["where"].partition(": ")
            right, _, theirs = numbers.partition(" against ")
            message = f"Tried with random numbers, at {place}: it should be {right}, and yours is {theirs}."
        drawing = [*_lines("asked: " if self.bound else "from:  ", found["start"]), *_lines("yours: ", found["result"])]
        same = [each for each in self.misconceptions if each.name in found["same"]]
        return Finding(
            Outcome.WRONG, "numbers", message, self.law, self.function, None, tuple(drawing),
            same[0] if len(same) == 1 else None, 1 if len(same) == 1 else 0, 1, held, len(found["tried"]),
        )  # fmt: skip

    def slip(self, misconception: Misconception) -> Mapping[str, Any]:
        def slipped(**terms: Any) -> Any:
            return misconception.rule(SimpleNamespace(**terms))

        return {self.function: slipped}


# What is tried, and what is said of it.
CHECKS = {
    "without": "nothing stands there that may not",
    "form": "it has the form that is asked for",
    "numeric": "both sides agree wherever they were computed",
    "instances": "the step holds at small sizes",
    "general": "the step holds at every size",
    "sign": "the sign shows",
}
HIDDEN = ("Partial", "Sum")  # what starts are made of, and no step needs
BRACKETS = {
    "'function' object is not subscriptable": "A function such as p(i) takes round brackets.",
    "'IndexedBase' object is not callable": "An array such as x[i] takes square brackets.",
}
FLOAT = "A float stands in it, and a proof is about exact numbers: for 0.5 write a quotient, or Rational(1, 2)."
SAID = {
    "without": "There is still a ∂ in it, which this step is to carry out.",
    "numeric": "No number could be computed from it: is it made of what the task lists, and of nothing else?",
    "instances": "It agrees with every number that was tried, and could not be proved: can it be written more simply?",
    "general": "It was proved at small sizes, and not at every size: can it be written more simply?",
    "sign": "It is right, and does not show that it is at least 0: a square would.",
}


def engine() -> Any:
    """What terms are made with.

    Raises:
        ModuleNotFoundError: where the engine, or sympy, is not installed.
    """
    sympy = importlib.import_module("sympy")
    known = dict(vars(sympy))
    for module in ("notation", "notation.functions"):
        known |= vars(importlib.import_module(f"{ENGINE}.{module}"))
    return SimpleNamespace(**{**known, "sympy": sympy})


def proved(exercise: Proof, function: Callable[..., Any]) -> str:
    """What the engine says of the expression that a function returns, as JSON.

    Raises:
        ModuleNotFoundError: where there is no engine.
        Unusable: where the function asks for a term that there is not, or returns nothing.
    """
    found = engine()
    terms = exercise.terms(found)
    expression = _made(function, terms, found)
    if expression.atoms(found.sympy.Float):
        judged = {"failed": ["form"], "tried": ["form"], "where": "", "form": FLOAT}
    else:
        judged = _judged(exercise, terms, expression, found)
    same = [
        misconception.name
        for misconception in exercise.misconceptions
        if judged["failed"]
        and judged["form"] != FLOAT
        and _same(exercise, terms, judged, expression, misconception, found)
    ]
    module = exercise.start.__module__
    with redirect_stdout(io.StringIO()):  # what the function prints was printed above
        result = as_written(lambda terms: _called(function, terms), terms, module, found)
    start = as_written(exercise.asked_for, terms, module, found)
    return json.dumps({**judged, "same": same, "start": start, "result": result})


def _called(function: Callable[..., Any], terms: Terms) -> Any:
    parameters = inspect.signature(function).parameters.values()
    anything = any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters)
    wanted = list(terms) if anything else [parameter.name for parameter in parameters]
    if unknown := [name for name in wanted if name not in terms]:
        there = (name for name in terms if name not in HIDDEN)
        raise Unusable(f"Nothing is called {unknown[0]} here. There are {', '.join(there)}.")
    return function(**{name: terms[name] for name in wanted})


def _made(function: Callable[..., Any], terms: Terms, found: Any) -> Any:
    expression = _called(function, terms)
    if expression is None:
        raise Unusable(f"{function.__name__} returned None: does it end with a return?")
    return found.sympy.sympify(expression)


def _judged(exercise: Proof, terms: Terms, expression: Any, found: Any) -> dict[str, Any]:
    steps = importlib.import_module(f"{ENGINE}.check.steps")
    setting = importlib.import_module(f"{ENGINE}.check.setting").Setting(exercise.title, exercise.ranges(terms))
    step = importlib.import_module(f"{ENGINE}.claim").Step
    start = exercise.start(terms)
    tried = ["numeric", "instances", "general"] + ["without"] * bool(exercise.without)
    if exercise.bound is None:
        judgement = steps.judge(start, step("step", expression, ""), setting)
    else:
        tried.append("sign")
        bound = exercise.bound(terms)
        judgement = steps.judge(start, step("step", bound, "", "≤", expression), setting)
    failed = list(judgement.failed)
    where = judgement.where or (
        steps.refuted(exercise.asked_for(terms), "=", expression, setting) or "" if exercise.bound else ""
    )
    if any(type(node).__name__ in exercise.without for node in found.sympy.preorder_traversal(expression)):
        failed.append("without")
    form = exercise.form(expression, terms) if exercise.form else ""
    failed += ["form"] * bool(form)
    tried += ["form"] * bool(exercise.form)
    return {"failed": failed, "tried": tried, "where": where, "form": form}


def _same(
    exercise: Proof, terms: Terms, judged: Mapping[str, Any], expression: Any, misconception: Misconception, found: Any
) -> bool:
    """Whether the expression is proved equal to that of a misconception, and fails where that fails."""
    theirs = found.sympy.sympify(misconception.rule(SimpleNamespace(**terms)))
    normal = importlib.import_module(f"{ENGINE}.provers.normal")
    if not normal.equal_in_general(expression, theirs, exercise.ranges(terms)):
        return False
    return expression == theirs or set(_judged(exercise, terms, theirs, found)["failed"]) == set(judged["failed"])


def _lines(label: str, text: str) -> list[str]:
    lines = textwrap.wrap(text, 68, break_long_words=True) or [""]
    shown = lines if len(lines) <= 2 else [lines[0], f"{lines[1][:64]} …"]
    return [f"  {label if place == 0 else ' ' * len(label)}{line}" for place, line in enumerate(shown)]
