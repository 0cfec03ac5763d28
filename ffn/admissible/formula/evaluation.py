"""A formula evaluated: its admissible set, the set of its gradient, and what it is without any rounding."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from ffn.admissible.formula.arithmetic import Arithmetic
from ffn.admissible.formula.operations.backward.adjoints import pulled_back
from ffn.admissible.formula.operations.backward.pivots import Drawn, Pivots, pivots_of
from ffn.admissible.formula.operations.backward.ties import shared_sums
from ffn.admissible.formula.operations.forms import Namespace
from ffn.admissible.formula.operations.values import Value, enclosures
from ffn.admissible.formula.taken import STORED, named, taken
from ffn.numbers.ball import working_precision
from ffn.numbers.precision import NAMES

BITS = 128  # of arb's midpoints, for float64

Formula = Callable[..., Any]


@dataclass(frozen=True)
class Question:
    """What is asked: a formula at given arrays in an arithmetic, or its gradient there.

    Attributes:
        cotangents: of the gradient, the arrays that the outputs are paired with; None where the value is asked for.
        wrt: of the gradient, the positions of the arguments that it is taken of.
        dtype: the precision of each array of the answer, or of all; when left out that of the arrays, and of the
            gradient of one of them its own.
    """

    formula: Formula
    arrays: tuple[npt.NDArray[Any], ...]
    arithmetic: Arithmetic
    cotangents: tuple[npt.NDArray[Any], ...] | None = None
    wrt: tuple[int, ...] = ()
    dtype: tuple[str, ...] = ()

    def without_rounding(self) -> list[Value]:
        """Enclosures of the true values."""
        return self.evaluate(self.namespace(None))

    def namespace(self, arithmetic: Arithmetic | None, record: bool = False) -> Namespace:
        record = record or self.cotangents is not None
        return Namespace(enclosures(self.arithmetic.storage.name), arithmetic, record)

    def evaluate(self, xp: Namespace) -> list[Value]:
        """The arrays asked for, in that namespace."""
        with working_precision(BITS), np.errstate(all="ignore"):
            given, outputs, cotangents = self._forward(xp)
            if self.cotangents is None:
                return outputs
            if xp.arithmetic is not None and xp.extrema:
                xp.pivots = self.pivots
            inputs = [given[i] for i in self.wrt]
            found = pulled_back(xp, outputs, cotangents, inputs)
            if xp.ties:
                xp.leaving = True
                xp.shared = shared_sums(xp, inputs, pulled_back(xp, outputs, cotangents, inputs))
                xp.leaving = False
            return found

    def _forward(self, xp: Namespace) -> tuple[list[Any], list[Value], list[Value]]:
        """The arguments, the formula's arrays, and their cotangents."""
        given: list[Any] = [xp.given(array) if floating(array) else wide(array) for array in self.arrays]
        outputs = _arrays(self.formula(xp, *given), xp)
        fitting = () if self.cotangents is None else _fitting(self.cotangents, outputs)
        return given, outputs, [xp.given(each) for each in fitting]

    @cached_property
    def pivots(self) -> Pivots:
        """Where the extrema of the formula are pivots, in the order in which it asks for them."""
        xp = Drawn(enclosures(self.arithmetic.storage.name))
        _, outputs, cotangents = self._forward(xp)
        return pivots_of(xp, outputs, cotangents)

    def returned(self, count: int) -> Sequence[str]:
        """The precision of each of so many arrays of the answer.

        Raises:
            ValueError: where other numbers of them are declared.
        """
        if len(self.dtype) == 1:
            return self.dtype * count
        if self.dtype:
            if len(self.dtype) != count:
                raise ValueError(f"dtype names {len(self.dtype)} precisions, for {count} arrays")
            return self.dtype
        storage = self.arithmetic.storage.name
        if self.cotangents is None:
            return (storage,) * count
        own = [self.arrays[i].dtype.name for i in self.wrt]
        return [name if name in NAMES else storage for name in own]

    def names(self) -> list[str]:
        """What the arrays are called: the gradient's after the formula's arguments."""
        if self.cotangents is None:
            return []
        return [f"∂{name}" for name in (parameters(self.formula, len(self.arrays))[i] for i in self.wrt)]

    def in_arithmetic(self, **changed: Any) -> Question:
        return replace(self, arithmetic=replace(self.arithmetic, **changed))

    def at(self, arrays: tuple[npt.NDArray[Any], ...]) -> Question:
        return replace(self, arrays=arrays)


def parameters(formula: Formula, count: int) -> list[str]:
    """The names of a formula's arguments after ``xp``."""
    try:
        names = list(inspect.signature(formula).parameters)[1:]
    except (TypeError, ValueError):
        names = []
    return [*names, *[f"argument {i}" for i in range(len(names), count)]][:count]


def floating(array: npt.NDArray[Any]) -> bool:
    return array.dtype.name in STORED


def wide(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Integers as a formula has them: of 64 bits, so that a difference of two of 8 does not wrap."""
    return array.astype(np.int64) if array.dtype.kind in "iu" and array.dtype != np.uint64 else array


def question(
    formula: Formula,
    arrays: Sequence[Any],
    arithmetic: Arithmetic,
    cotangent: Any = None,
    wrt: Any = None,
    dtype: Any = None,
) -> Question:
    """The question for arguments as a user gives them.

    Raises:
        ValueError: where ``wrt`` names no argument with floating-point numbers, or ``dtype`` no precision.
    """
    returned = tuple(named(each) for each in _each(dtype))
    given = tuple(taken(array) for array in arrays)
    if cotangent is None:
        return Question(formula, given, arithmetic, dtype=returned)
    cotangents = cotangent if isinstance(cotangent, (tuple, list)) else (cotangent,)
    names = parameters(formula, len(given))
    possible = [i for i, array in enumerate(given) if floating(array)]
    asked = possible if wrt is None else [wrt] if isinstance(wrt, (str, int)) else list(wrt)
    found: tuple[Any, ...] = tuple(names.index(each) if each in names else each for each in asked)
    if not set(found) <= set(possible):
        raise ValueError(f"wrt is of {', '.join(names[i] for i in possible)}, or their positions, not {wrt!r}")
    return Question(formula, given, arithmetic, tuple(taken(each) for each in cotangents), found, returned)


def _each(given: Any) -> Sequence[Any]:
    return () if given is None else given if isinstance(given, (tuple, list)) else (given,)


def _arrays(result: Any, xp: Namespace) -> list[Value]:
    outputs = list(result) if isinstance(result, (tuple, list)) else [result]
    if not outputs:
        raise TypeError("a formula returns an array or several, not none")
    for output in outputs:
        if not isinstance(output, Value):
            raise TypeError(
                f"a formula returns arrays made of its arguments by operators and xp, not {type(output).__name__}"
            )
    return outputs


def _fitting(cotangents: Sequence[Any], outputs: Sequence[Value]) -> Sequence[Any]:
    shapes, expected = [each.shape for each in cotangents], [output.shape for output in outputs]
    if shapes != expected:
        raise ValueError(f"the cotangent has shapes {shapes}, the formula's outputs {expected}")
    return cotangents
