"""Sets of one point: what is admissible where no correct program rounds."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from flint import arb

from ffn.admissible.examination import Examination, Outside, ulp_of
from ffn.cases.case import Case, flat
from ffn.cases.exact.certificate import exactly
from ffn.numbers.precision import Precision, precision

Different = npt.NDArray[np.bool_]


@dataclass(frozen=True, repr=False, eq=False)
class PointSet:
    """One value for each coordinate, compared with ``==``.

    Attributes:
        parts: where each array stands, and its values, in float64, which holds them exactly.
        precision: of the answers.
    """

    parts: tuple[tuple[str, npt.NDArray[np.float64]], ...]
    precision: Precision

    def __contains__(self, computed: Any) -> bool:
        """Whether every coordinate is equal. Raises ValueError as ``examine`` does."""
        return self.examine(computed).outside is None

    def examine(self, computed: Any) -> Examination:
        """Compare every coordinate.

        Args:
            computed: an array, or a tuple of (W, b), shaped as the set.

        Raises:
            ValueError: when the shapes do not match.
        """
        arrays = [np.asarray(array) for array in flat(computed)]
        shapes, expected = [array.shape for array in arrays], [values.shape for _, values in self.parts]
        if shapes != expected:
            raise ValueError(f"computed has shapes {shapes}, not {expected}")
        return sum(map(self._examined, self.parts, arrays), Examination())

    def _examined(self, part: tuple[str, npt.NDArray[np.float64]], array: npt.NDArray[Any]) -> Examination:
        path, true = part
        values = array.astype(np.float64)
        different = values != true
        exact = [0.0] if true.size else []  # one resolution stands for all coordinates: they have the same
        if not different.any():
            return Examination(decided=true.size, resolutions=exact)
        index = tuple(map(int, np.unravel_index(different.argmax(), true.shape)))
        distances = np.abs(values[different] - true[different])
        return Examination(
            outside=self._outside(path, index, float(values[index]), float(true[index])),
            error=float(np.where(np.isnan(distances), np.inf, distances).max()),
            decided=int(true.size - np.count_nonzero(different)),
            resolutions=exact,
        )

    def _outside(self, path: str, index: tuple[int, ...], computed: float, true: float) -> Outside:
        ulps = abs(computed - true) / ulp_of(true, self.precision) if math.isfinite(computed) else math.inf
        place = f"{path}[{', '.join(map(str, index))}]" if index else path
        return Outside(place, computed, arb(true), ulps, self.precision.name, path, index)

    def __iter__(self) -> Iterator[tuple[str, npt.NDArray[np.float64]]]:
        return iter(self.parts)


def exact(name: str, case: Case, assumed: Precision | None = None) -> PointSet:
    """The only admissible answer of a case on which no correct program rounds.

    Args:
        name: ``"forward"`` or ``"gradient"``.
        case: the arguments of the call.
        assumed: the precision, where it is not that of the case.

    Raises:
        Rounds: where some correct program may round, or choose a slope.
    """
    paths = flat(case.returned(name)[0])
    values = flat(exactly(name, case))
    return PointSet(tuple(zip(paths, values, strict=True)), assumed or precision(case.dtype))
