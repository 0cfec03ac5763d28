"""What comes before any number: the file can be imported, and defines what is asked for."""

from __future__ import annotations

import re
from typing import Any

from ffn.conformance.implementation.errors import Died
from ffn.learn.exercise import Finding, Outcome
from ffn.learn.judging.submission import Submission

MOST_CODE = 66  # columns
# NumPy's own words of a matrix product name the gufunc's signature.
UNEQUAL = re.compile(r"matmul: .*gufunc signature.*\(size (\d+) is different from (\d+)\)")
INNER = r"the inner lengths of a matrix product are \2 and \1"


def opened(submission: Submission, asked: tuple[str, ...], kind: str) -> Finding | None:
    """Why nothing can be judged; None where all that is asked for is there.

    Args:
        submission: what was handed in.
        asked: the names that it has to define.
        kind: what each has to be, ``"function"`` or ``"value"``.
    """
    try:
        error = submission.failed_to_import
        defines = submission.defines
    except Died as died:
        return Finding(Outcome.ERROR, "runs", died.reason.replace("learner_aside", "importing the file"))
    if error:
        return raised(error)
    if missing := [name for name in asked if name not in defines]:
        return Finding(Outcome.ERROR, "runs", f"There is no {missing[0]}.", name=missing[0])
    if unset := [name for name in asked if defines[name] == "nothing"]:
        return Finding(Outcome.NOT_BEGUN, message=f"{unset[0]} is None.", name=unset[0])
    if other := [name for name in asked if defines[name] != kind]:
        return Finding(Outcome.ERROR, "runs", f"{other[0]} is no {kind}.", name=other[0])
    return None


def not_written(name: str) -> Finding:
    """The function is still as the template has it."""
    return Finding(Outcome.NOT_BEGUN, message=f"{name} raises NotImplementedError.", name=name)


def returned_nothing(name: str) -> Finding:
    """The function has no return, or one without a value."""
    return Finding(Outcome.WRONG, "shapes", f"{name} returned None: does it end with a return?", name=name)


def shortened(code: str) -> str:
    """A line of the learner's, no longer than a line of the message."""
    return code if len(code) <= MOST_CODE else f"{code[: MOST_CODE - 1]}…"


def raised(error: Any, name: str = "") -> Finding:
    """An exception: its line, its text, and the shapes at that moment."""
    shapes = ", ".join(f"{name} {tuple(shape)}" for name, shape in error.get("shapes", {}).items())
    code = (f"  {shortened(error['code'])}",) if error.get("code") else ()
    text = UNEQUAL.sub(INNER, error["text"])
    message = f"It raised {text}" + ("" if text.endswith("?") else ".")
    drawing = (*code, f"  shapes there: {shapes}") if shapes else code
    return Finding(Outcome.ERROR, "runs", message, name=name, line=error.get("line"), drawing=drawing)
