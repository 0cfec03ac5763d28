"""The learner's side of the boundary: what they wrote, called by name, and where it went wrong."""

from __future__ import annotations

import importlib
import io
import json
import math
import numbers
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from copy import deepcopy
from dataclasses import asdict, replace
from fractions import Fraction
from functools import wraps
from pathlib import Path
from typing import Any

import numpy as np

from ffn.conformance.implementation.boundary.data.call import Offer
from ffn.conformance.implementation.boundary.isolation import worker
from ffn.conformance.implementation.errors import LoadingError
from ffn.conformance.implementation.finding import module_at
from ffn.learn.judging.printing import Caught
from ffn.numbers.precision import NAMES

OFFER = Offer("learner", NAMES, (), ())
MOST_TEXT = 200  # characters of an exception's text
MOST_NUMBERS = 10_000  # of a value that is handed in


class Pupil:
    """What a learner wrote. A function of theirs is an attribute of its own name; the rest answers in JSON.

    Args:
        defined: what they define, by name.
        file: where, as tracebacks call it; empty where anything counts.
        error: what importing the file raised, if it did.
        out: where what they print goes; importing the file may have printed there.
    """

    def __init__(
        self, defined: Mapping[str, Any], file: str = "", error: BaseException | None = None, out: Caught | None = None
    ) -> None:
        self._defined, self._file, self._error = defined, file, error
        self._shared: list[int] = []
        self._fitting: list[str] = []
        self._out = out or Caught()
        self._printed = replace(self._out.printed, when="on import")

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("_") or not callable(self._defined.get(name)):
            raise AttributeError(f"there is no function {name}")
        function = self._defined[name]

        @wraps(function)
        def called(*arguments: Any) -> Any:
            with self._watched():
                answer = function(*arguments)
            self._shared = [place for place, each in enumerate(arguments) if _share_memory(answer, each)]
            return answer

        return called

    @contextmanager
    def _watched(self) -> Iterator[None]:
        """Keep what a call prints, and what it raises."""
        self._shared, self._fitting, self._error = [], [], None
        self._out.forget()
        try:
            with self._out.catching():
                yield
        except Exception as error:
            self._error = error
            raise
        finally:
            self._printed = self._out.printed

    def learner_defines(self) -> str:
        """What is defined, by kind, as a JSON object from names."""
        kinds = {
            name: "function" if callable(value) else "nothing" if value is None else "value"
            for name, value in self._defined.items()
            if not name.startswith("_")
        }
        return json.dumps(kinds)

    def learner_aside(self) -> str:
        """What there is beside the answer of the last call, or after importing the file, as a JSON object.

        ``error``: what was raised, where, and the shapes of the arrays there; empty if nothing was. ``shared``: the
        places of the arguments whose memory the answer holds. ``printed``: as ``Printed``. ``fitting``: the
        misconceptions that the calls made by a test do not speak against.
        """
        error = _circumstances(self._error, self._file) if self._error is not None else {}
        found = {"error": error, "shared": self._shared, "printed": asdict(self._printed), "fitting": self._fitting}
        return json.dumps(found)

    def learner_tries(self, check: str, place: str) -> bool:
        """Whether a test that was handed in accepts the program of the kit at ``module:name``."""
        calls: list[tuple[Any, ...]] = []
        with self._watched():
            try:
                return accepts(self._defined[check], _at(place), calls)
            except Refusal as refusal:
                self._error = refusal.__cause__
                return False
            finally:
                self._fitting = _fitting(importlib.import_module(place.partition(":")[0]).EXERCISE, calls)

    def learner_builds(self, function: str, given: str, way: str = "") -> str:
        """What a function makes of exact numbers, given and returned as JSON. Raises TypeError for other answers."""
        numbers = _fractions(json.loads(given))
        with self._watched():
            built = _at(way)(self._defined[function], *numbers) if way else self._defined[function](*numbers)
        return json.dumps(_exactly(built, [MOST_NUMBERS]))

    def learner_proves(self, function: str, module: str) -> str:
        """What the derivation engine says of a function, for the exercise of a module."""
        from ffn.learn.kinds.exact.proof import proved

        with self._watched():
            return proved(importlib.import_module(module).EXERCISE, self._defined[function])

    def learner_value(self, name: str) -> str:
        """A value as JSON: nested lists, or an object, of exact numbers as strings.

        Raises:
            TypeError: when it holds something else.
        """
        return json.dumps(_exactly(self._defined[name], [MOST_NUMBERS]))


def _share_memory(answer: Any, argument: Any) -> bool:
    parts = answer if isinstance(answer, (tuple, list)) else (answer,)
    return isinstance(argument, np.ndarray) and any(
        isinstance(part, np.ndarray) and np.shares_memory(part, argument) for part in parts
    )


def _at(place: str) -> Callable[..., Any]:
    """The function of the kit at ``module:name``."""
    module, _, name = place.partition(":")
    found: Callable[..., Any] = getattr(importlib.import_module(module), name)
    return found


class Refusal(Exception):
    """A test refuses a program by raising, which is the cause."""


def _fitting(exercise: Any, calls: list[tuple[Any, ...]]) -> list[str]:
    """The names of the misconceptions whose ``fits`` is true of the calls that a test made."""
    found = []
    for misconception in exercise.misconceptions:
        with suppress(Exception):  # a test may hand over anything
            found += [misconception.name] if misconception.fits(calls) else []
    return found


def accepts(check: Callable[[Any], Any], program: Callable[..., Any], calls: list[tuple[Any, ...]]) -> bool:
    """Whether a test accepts a program: it returns True, or nothing. ``calls`` gets what it calls the program with.

    Raises:
        Refusal: when it refuses by a failing assertion or, where the program raises, as that does.
        TypeError: when it returns something else than True, False or nothing.
        NotImplementedError: when it is not written yet.
        Exception: what it raises by itself, other than by an assertion.
    """
    raised: list[Exception] = []

    def watched(*arguments: Any) -> Any:
        calls.append(deepcopy(arguments))
        try:
            return program(*arguments)
        except Exception as error:
            raised.append(error)
            raise

    try:
        said = check(watched)
    except NotImplementedError:
        raise
    except Exception as error:
        if isinstance(error, AssertionError) or error in raised:
            raise Refusal from error
        raise
    if said is None or isinstance(said, (bool, np.bool_)):
        return said is None or bool(said)
    whole = ": are all of its entries true?" if isinstance(said, np.ndarray) else ""
    raise TypeError(f"it returned {type(said).__name__}, not True or False{whole}")


def loaded(spec: str) -> tuple[Pupil, Offer]:
    """The learner's file at a path. What importing it raises is told when it is asked for."""
    if isinstance(sys.stdout, io.TextIOWrapper):  # whatever the user's terminal is set to, the judge reads it
        sys.stdout.reconfigure(encoding="utf-8", errors="replace")
    path, out = Path(spec), Caught(onward=sys.stdout)
    try:
        with out.catching():
            defined = vars(module_at(path))
        return Pupil(defined, str(path), out=out), OFFER
    except LoadingError as error:
        return Pupil({}, str(path), error.__cause__ or error, out), OFFER


def main(descriptor: int, spec: str, limits: dict[str, float]) -> None:
    """Serve the judge at the other end of the descriptor, as the worker of an implementation does."""
    worker.main(descriptor, spec, limits, loaded)


def _circumstances(error: BaseException, file: str) -> dict[str, Any]:
    if isinstance(error, SyntaxError) and error.filename == file:
        return {
            "text": f"{type(error).__name__}: {error.msg}",
            "line": error.lineno,
            "code": (error.text or "").strip(),
        }
    frames = [frame for frame in traceback.walk_tb(error.__traceback__) if frame[0].f_code.co_filename == file]
    found = {"text": f"{type(error).__name__}: {' '.join(str(error).split())[:MOST_TEXT]}".removesuffix(": ")}
    if not frames:
        return found
    frame, line = frames[-1]
    summary = traceback.FrameSummary(file, line, frame.f_code.co_name)
    shapes = {name: list(value.shape) for name, value in frame.f_locals.items() if isinstance(value, np.ndarray)}
    return {**found, "line": line, "code": summary.line or "", "shapes": shapes}


def _exactly(value: Any, left: list[int]) -> Any:
    left[0] -= 1
    if left[0] < 0:
        raise TypeError(f"more than {MOST_NUMBERS} numbers")
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, Mapping):
        return {str(name): _exactly(each, left) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_exactly(each, left) for each in value]
    return str(_number(value))


def _fractions(value: Any) -> Any:
    return [_fractions(each) for each in value] if isinstance(value, list) else Fraction(value)


def _number(value: Any) -> Fraction | str:
    """A number as it was written: 0.1 is a tenth, and "1/3" a third; a float stays one. Raises TypeError for others."""
    if isinstance(value, (str, numbers.Integral, Fraction)):
        try:
            return Fraction(str(value).replace(" ", ""))
        except (ValueError, ZeroDivisionError):
            raise TypeError(f"{value!r} is no number") from None
    if isinstance(value, (float, np.floating)):
        if not math.isfinite(value):
            raise TypeError(f"{value} is no number")
        return repr(float(value))
    raise TypeError(f"{type(value).__name__} is no number")
