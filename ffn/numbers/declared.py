"""What an implementation declares of its arithmetic: it is allowed, and no more than it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ffn.numbers.precision import Precision, precision

ACCUMULATORS = ("float32", "float64")
FUNCTIONS = ("exp", "log", "log1p", "tanh", "lgamma")
SUBNORMALS = ("kept", "flushed")
LEAST_ULPS = 0.5  # of a result that is rounded to nearest


@dataclass(frozen=True)
class Declared:
    """The arithmetic that an implementation says it has. What it leaves out is the error model of ``precision``.

    Attributes:
        accumulate: sums and dot products are kept in this precision where it is wider than that of the arrays, and
            rounded once at their end.
        product_bits: the factors of float32's matrix products are rounded, or cut off, to so many significand bits: 11
            is TF32, 8 bfloat16.
        functions: names of library functions, each with the ulps that it may be off by.
        subnormals: ``"kept"`` or ``"flushed"``.

    Raises:
        ValueError: in one line, where one of them is nonsense.
    """

    accumulate: str | None = None
    product_bits: int | None = None
    functions: tuple[tuple[str, float], ...] = ()
    subnormals: str | None = None

    def __post_init__(self) -> None:
        if self.accumulate is not None and self.accumulate not in ACCUMULATORS:
            raise ValueError(f"accumulate is {' or '.join(ACCUMULATORS)}, not {self.accumulate!r}")
        bits = self.product_bits
        if bits is not None and (isinstance(bits, bool) or not isinstance(bits, int) or not 2 <= bits <= 24):
            raise ValueError(f"product_bits is a whole number from 2 to 24, float32's own, not {bits!r}")
        for name, ulps in self.functions:
            if name not in FUNCTIONS:
                raise ValueError(f"functions has ulps of {', '.join(FUNCTIONS)}, not of {name!r}")
            if isinstance(ulps, bool) or not isinstance(ulps, (int, float)) or not LEAST_ULPS <= ulps < math.inf:
                raise ValueError(f"functions has {name} off by a number of ulps from {LEAST_ULPS} up, not {ulps!r}")
        if self.subnormals is not None and self.subnormals not in SUBNORMALS:
            raise ValueError(f"subnormals is {' or '.join(SUBNORMALS)}, not {self.subnormals!r}")

    @classmethod
    def of(cls, implementation: Any) -> Declared:
        """What the attributes of an implementation declare. Raises as the class does."""
        functions = getattr(implementation, "functions", None) or {}
        if not isinstance(functions, Mapping):
            raise ValueError(f"functions is a dictionary of names and ulps, not {functions!r}")
        accumulate, bits, subnormals = (
            getattr(implementation, name, None) for name in ("accumulate", "product_bits", "subnormals")
        )
        return cls(accumulate, bits, tuple(functions.items()), subnormals)

    def but(self, other: Declared) -> Declared:
        """This declaration, where another says nothing else."""
        functions = tuple((dict(self.functions) | dict(other.functions)).items())
        said = {name: value for name, value in vars(other).items() if value is not None}
        return replace(self, **said | {"functions": functions})

    def precision(self, dtype: str) -> Precision:
        """The error model of a dtype under this declaration."""
        model = precision(dtype, self.subnormals)
        model = replace(model, functions=self.functions, product_bits=self.product_bits if dtype == "float32" else None)
        wider = precision(self.accumulate or dtype, self.subnormals)
        if wider.unit_roundoff >= model.unit_roundoff:
            return model
        return replace(model, accumulator=replace(wider, product_bits=model.product_bits))

    def __str__(self) -> str:
        """In words, empty where nothing is declared."""
        said = [f"sums in {self.accumulate}"] if self.accumulate else []
        said += [f"factors of {self.product_bits} bits in float32's products"] if self.product_bits else []
        said += [f"{name} within {ulps:g} ulps" for name, ulps in self.functions]
        return ", ".join(said + ([f"subnormals {self.subnormals}"] if self.subnormals else []))


STANDARD = Declared()  # nothing is declared
