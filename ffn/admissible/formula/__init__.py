"""Admissible sets of a formula of one's own: ``kernel(x) in admissible.value(formula, x)``.

The formula is written over ``xp``, and run on arrays that enclose, at every operation, the exact result and every
result that a correct program may have there: sums in any order, fused multiply-adds, something wider on the way, two
roundings where the formula has a product or a quotient, library functions within a stated number of ulps. A program
that computes by other operations, if to the same value, is an algorithm of its own: ``algorithms``. So is one that
carries out an operation of the formula twice, and differently, as a backward pass that makes the scores of an attention
again in another order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ffn.admissible.formula.arithmetic import Depth, Ulps, arithmetic
from ffn.admissible.formula.evaluation import Formula, Question, question
from ffn.admissible.formula.membership.sets import FormulaSet, admissible_set, bounded
from ffn.admissible.formula.taken import storage, taken

__all__ = ["FormulaSet", "gradient", "value"]


def value(
    formula: Formula,
    *arrays: Any,
    compute: str | None = None,
    accumulate: str | None = None,
    rounds: str = "output",
    depth: Depth = None,
    functions: str | Mapping[str, Ulps] = "libm",
    rounding: str = "nearest",
    algorithms: Sequence[Formula] = (),
    outputs: Any = None,
    dtype: Any = None,
) -> FormulaSet:
    """Every answer that a correct program for the formula may return.

    Args:
        formula: ``formula(xp, *arrays)``, an array or a tuple of arrays.
        arrays: of NumPy, torch, jax or anything with ``__dlpack__``. The widest precision among the floating-point ones
            is that of the answer; integers and masks are handed on as NumPy arrays.
        compute: the precision of the operations; the arrays' own when left out.
        accumulate: that of sums and matrix products; as ``compute`` when left out.
        rounds: ``"output"``, rounded to the arrays' precision once, at the end, or ``"every operation"``, as eager
            code does.
        depth: the longest chain of additions in a sum of n terms, or a function of n; any order when left out.
        functions: ulps by name, or the name of a table: ``"libm"``, ``"cuda"``.
        rounding: ``"nearest"``, or ``"any"`` direction.
        algorithms: further formulas for the same function; the whole answer lies in the set of one of them.
        outputs: which entries are judged: how many of each array, drawn at random, always the same; or an index or a
            mask, of several arrays one for each. All when left out. Where they are chosen each has the narrower bounds
            of ``ffn.admissible.formula.meanvalue``, which many have only where that takes few passes.
        dtype: the precision that the answer is returned in, or of several arrays each; that of the arrays when left
            out. An answer in any other is outside.

    Raises:
        ValueError, TypeError: in one line, for what cannot be: an algorithm that is another function, too.
    """
    given = _given(arrays)
    model = arithmetic(storage(given), compute, accumulate, rounds, depth, functions, rounding)
    return _admitted(
        question(formula, given, model, dtype=dtype),
        [question(other, given, model, dtype=dtype) for other in _listed(algorithms)],
        outputs,
    )


def gradient(
    formula: Formula,
    *arrays: Any,
    cotangent: Any = None,
    wrt: Any = None,
    compute: str | None = None,
    accumulate: str | None = None,
    rounds: str = "output",
    depth: Depth = None,
    functions: str | Mapping[str, Ulps] = "libm",
    rounding: str = "nearest",
    algorithms: Sequence[Formula] = (),
    outputs: Any = None,
    dtype: Any = None,
) -> FormulaSet:
    """Every answer that a correct backward pass may return: a tuple of arrays, or one where there is one.

    Reverse mode through the formula, operation by operation, each rounded. At a kink every slope between the
    one-sided ones.

    Args:
        cotangent: what the formula's output is paired with, of its shape; of a scalar, 1 when left out.
        wrt: the arguments, by name or position, of which the gradient is taken; all with floating-point numbers when
            left out.
        algorithms: formulas of the gradient itself, ``backward(xp, *arrays, *cotangents)``.
        dtype: as ``value`` has it; when left out the gradient of each argument has the precision of that argument.

    Raises:
        ValueError, TypeError: as ``value``, and for a cotangent of another shape.
    """
    given = _given(arrays)
    model = arithmetic(storage(given), compute, accumulate, rounds, depth, functions, rounding)
    asked = question(formula, given, model, np.ones(()) if cotangent is None else cotangent, wrt, dtype)
    cotangents = asked.cotangents or ()
    others = [
        question(other, [*given, *cotangents], model, dtype=asked.returned(len(asked.wrt)))
        for other in _listed(algorithms)
    ]
    return _admitted(asked, others, outputs)


def _given(arrays: Sequence[Any]) -> list[Any]:
    if any(isinstance(array, float) and not isinstance(array, np.generic) for array in arrays):
        raise TypeError("a Python number has no precision: give the formula its own, as by functools.partial")
    return [taken(array) for array in arrays]


def _listed(algorithms: Any) -> Sequence[Formula]:
    if callable(algorithms) or not all(map(callable, algorithms)):
        raise TypeError("algorithms is a list of formulas")
    return tuple(algorithms)


def _admitted(asked: Question, others: Sequence[Question], outputs: Any) -> FormulaSet:
    admitted = admissible_set(asked, outputs)
    if not others:
        return admitted
    truth = bounded(asked, asked.without_rounding())
    alternatives = []
    for other in others:
        _check_the_same(truth, bounded(other, other.without_rounding()))
        alternatives.append(admissible_set(other, outputs))
    return replace(admitted, alternatives=tuple(alternatives))


def _check_the_same(truth: FormulaSet, other: FormulaSet) -> None:
    """Refuse an algorithm whose true values are certainly not those of the formula, at these arguments.

    Raises:
        ValueError: where the enclosures of the true values do not meet, or the shapes differ.
    """
    name = getattr(other.question.formula, "__name__", "an algorithm")
    ours, theirs = [part.low.shape for part in truth.parts], [part.low.shape for part in other.parts]
    if ours != theirs:
        raise ValueError(f"{name} is another function: it returns shapes {theirs}, the formula {ours}")
    for a, b in zip(truth.parts, other.parts, strict=True):
        apart = (a.inner[0] > b.inner[1]) | (b.inner[0] > a.inner[1])
        if apart.any():
            index = tuple(int(i) for i in np.argwhere(apart)[0])
            place = f"{a.name}[{', '.join(map(str, index))}]" if index else a.name
            raise ValueError(
                f"{name} is another function: at {place} it is {float(b.middle[index])!r}, "
                f"the formula {float(a.middle[index])!r}"
            )
