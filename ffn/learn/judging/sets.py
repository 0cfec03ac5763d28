"""What a rule admits: the truth, and each misconception, as a set of answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ffn.admissible import AdmissibleSet
from ffn.admissible.sets import WORKING_BITS
from ffn.cases.case import Case, flat, mapped
from ffn.learn.judging.arguments import FunctionCase
from ffn.network.formulas import placed
from ffn.numbers.ball import Ball
from ffn.numbers.exact import exact
from ffn.numbers.floating import floating
from ffn.numbers.namespace import Namespace
from ffn.numbers.precision import Precision, precision

# A learner's form of a formula may round a few times where the truth's rounds once: a product with 1/N for a quotient
# by N, a constant on the other side. So this many of the last bits are given away.
GRANTED = {"float16": 1, "bfloat16": 1, "float32": 2, "float64": 4}

Rule = Callable[..., Any]
Judged = FunctionCase | Case


def evaluated(xp: Namespace, rule: Rule, case: Judged) -> Any:
    """What a rule gives on a case, in numbers of a system: an array, or nested tuples of arrays."""
    if isinstance(case, Case):
        method = case.method("gradient")
        return rule(xp, *placed(xp, method, *case.arguments(method)))
    return rule(xp, *(number(xp, value) for value in case.arguments()))


def number(xp: Namespace, value: Any) -> Any:
    """An argument in numbers of a system; names and class indices stay what they are."""
    return xp.asarray(value) if isinstance(value, np.ndarray) and value.dtype.kind != "i" else value


def admitted(
    rule: Rule,
    case: Judged,
    names: Any,
    assumed: Precision | None = None,
    meant: bool = False,
    every_algorithm: bool = True,
) -> AdmissibleSet:
    """The admissible answers of a rule in the precision of the case, or in another one.

    Args:
        rule: (xp, *arguments) → the answer.
        case: the arguments.
        names: where each array of the answer stands.
        assumed: the error model, where it is not the one that is granted to a learner.
        meant: whether a wide set is one whose every value is right.
        every_algorithm: whether ``xp.either`` admits every standard algorithm, or the first alone.
    """
    assumed = assumed or granted(case.dtype)
    xp = Ball(WORKING_BITS, assumed, every_algorithm=every_algorithm)
    arrays = flat(evaluated(xp, rule, case))
    return AdmissibleSet(
        tuple((name, _balls(xp, array)) for name, array in zip(flat(names), arrays, strict=True)),
        assumed,
        wide_is_meant=meant,
    )


def granted(dtype: str) -> Precision:
    """The error model of what a learner writes in a dtype."""
    model = precision(dtype)
    return model.with_bits(model.bits - GRANTED[dtype])


def _balls(xp: Ball, array: Any) -> Any:
    return array.balls if hasattr(array, "balls") else xp.asarray(np.asarray(array)).balls


def fractions(rule: Rule, case: Judged) -> Any:
    """What a rule gives on fractions, each as a float.

    Raises:
        TypeError: where it leaves them.
    """
    return mapped(_floats, evaluated(exact, rule, case))


def _floats(array: Any) -> Any:
    return np.asarray(array, dtype=object).astype(float)


def floats(rule: Rule, case: Judged) -> Any:
    """What a rule gives in the dtype of the case: the answer of somebody who programs it."""
    with np.errstate(all="ignore"):
        return mapped(np.asarray, evaluated(floating(case.dtype), rule, case))
