"""The levels of the factors that cases are planned from: one below, at and one above what programs like.

In the precisions of few digits networks stay small, or no admissible set would decide anything; there and beyond these
sizes exact cases try every width. The first level is the simplest.
"""

from __future__ import annotations

from collections.abc import Iterable

from ffn.numbers.precision import precision

Sizes = tuple[int, ...]
ALIKE = (("float32", "float64"), ("float16", "bfloat16"))  # precisions with the same levels, but for magnitudes
FEW_DIGITS = 12  # significand bits up to which sets are wide


def few_digits(dtype: str) -> bool:
    return precision(dtype).bits <= FEW_DIGITS


def sizes(dtype: str) -> tuple[int, ...]:
    """Widths, inputs and units."""
    return (1, 2, 3) if few_digits(dtype) else (1, 2, 3, 4, 5, 8, 9, 17)


def rows(dtype: str) -> tuple[int, ...]:
    return (1, 2, 3, 5) if few_digits(dtype) else (1, 2, 3, 5, 8, 9, 17, 33)


def long_batches(dtype: str) -> tuple[int, ...]:
    return (1, 2, 7, 17) if few_digits(dtype) else (1, 2, 7, 17, 65)


def depths(dtype: str) -> tuple[int, ...]:
    """Numbers of hidden layers, where layers follow one another."""
    return (2,) if few_digits(dtype) else (2, 3, 4, 8)


def steps(dtype: str) -> tuple[int, ...]:
    return (1, 2, 3) if few_digits(dtype) else (1, 2, 3, 4, 8, 17, 33)


def later(factors: Iterable[str]) -> dict[str, Sizes]:
    """The sizes of these factors that are left to plans of triples: others lie beside the same powers of two."""
    left = dict.fromkeys(("width 1", "width 2", "inputs", "units", "rows"), (4, 33, 129))
    return {name: left[name] for name in factors if name in left}


def exponents(dtype: str) -> tuple[int, ...]:
    """k of the magnitude 2^k of the inputs; the weights that read them take 2^-k."""
    most = {"float16": 4, "bfloat16": 30, "float32": 30, "float64": 200}[dtype]
    return (0, 1 - most, most)


def gain(dtype: str) -> float:
    """Of weights and biases: small ones saturate nothing, and little is lost to rounding."""
    return 0.5 if few_digits(dtype) else 1.0


def negative(dtype: str) -> float:
    """The share of negative numbers: where few cancel, sums keep the few digits that there are."""
    return 0.2 if few_digits(dtype) else 0.5


LENGTHS = (1, 3, 7, 8, 9, 15, 16, 17, 33, 65, 129)  # of an array; the special values all together besides
SHAPES = ("array", "matrix", "number")  # of pre-activations
DECAYS = (0.0, 0.5, 2.0, 1e-3, 1e-6)
SLOPES = (0.01, 0.5, 0.1, -1.0, 0.0, 1e-3, 0.009999999776482582, 1.0, 2.0)  # the last but two is 0.01 in float32
PIECES = (2, 1, 3, 4, 5, 8, 9)
OTHER_SLOPE = 0.5  # not the usual 0.01, which a program that forgets the slope would take
COMPONENTS = (2, 1, 3, 5, 9)
WEIGHTS = ("plain", "equal units", "dead unit", "saturated unit", "scaled columns", "one each", "zero column")
BIASES = ("plain", "zero", "proportional", "one large")
INPUTS = ("plain", "whole", "equal rows", "zero column", "constant column", "one-hot", "halves", "zero row")
TARGETS = ("plain", "constant", "sorted", "ends", "whole", "far", "last unused")
MASKS = ("plain", "none dropped", "all dropped", "one dropped", "one kept", "alternating")
TIES = ("all", "none", "first two", "last two")
