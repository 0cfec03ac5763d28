"""What the comparison of computed arrays with an admissible set showed."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from flint import arb

from ffn.numbers.precision import Precision, dtype_of, precision

LEAST_DECIDED = 0.9  # of the coordinates that were judged, or nothing is said
ZERO_UNDERFLOWS = 1e4  # so many η count as none: far below every value that a case contains


def ulp_of(size: float, model: Precision) -> float:
    """The distance of the numbers of a precision beside one of that size; of a 0 what an operation may underflow by."""
    return max(2 * model.unit_roundoff * 2.0 ** (math.frexp(size)[1] - 1) if size else 0.0, model.underflow)


class NotJudged(ValueError):
    """Nobody can say whether the answer is admissible. The text says where, and why."""


@dataclass(frozen=True)
class Outside:
    """The first coordinate whose computed value is not admissible.

    Attributes:
        path: the place of the coordinate, such as ``layer 1, W[0, 2]``.
        computed: what the program returned.
        admissible: the ball of admissible values.
        ulps: the distance from the set in units in the last place of the largest admissible value.
        dtype: the precision's name.
        array: the place of the array, such as ``layer 1, W``.
        index: of the coordinate in it.
    """

    path: str
    computed: float
    admissible: arb
    ulps: float
    dtype: str
    array: str = ""
    index: tuple[int, ...] = ()

    def __str__(self) -> str:
        model = precision(self.dtype)
        middle, radius = float(self.admissible.mid()), float(self.admissible.rad())
        written = dtype_of(self.dtype).type(self.computed)  # a float32 is written in its own digits
        only_zero = middle == 0 and radius <= ZERO_UNDERFLOWS * model.underflow
        alone = f"{middle:.17g} alone" if not radius else f"{middle!r} ± {radius:.2g}"  # where nothing rounds
        said = f"{self.path}: computed {written!s}, admissible " + ("0" if only_zero else alone)
        if not math.isfinite(self.computed):
            return f"{said} (not a finite number)"
        # Far from the set it is no question of rounding, and the number of ulps would only be long.
        return said + (f" ({self.ulps:.3g} ulps outside the set)" if self.ulps < 2 ** (model.bits / 2) else "")


@dataclass
class Examination:
    """What the comparison of computed arrays with an admissible set showed; of several, added up.

    Attributes:
        outside: the first coordinate outside the set, if any.
        error: the largest distance of a coordinate outside from the middle of its set; 0 where none is.
        decided: coordinates whose set is narrower than the value in it, or holds 0 and is narrow beside its array.
        undecided: coordinates whose set contains 0 beside the value, so that even a zero would pass.
        not_judged: coordinates whose set leaves the finite range of the precision.
        unjudged: the first of them, and why; else the first array of which nothing was decided.
        resolutions: of each decided coordinate that is not 0, the smallest relative error that would have been seen,
            whatever its sign.
    """

    outside: Outside | None = None
    error: float = 0.0
    decided: int = 0
    undecided: int = 0
    not_judged: int = 0
    unjudged: str = ""
    resolutions: list[float] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        """Whether all coordinates were judged, and of every array something was decided."""
        return not self.unjudged and (self.outside is not None or self.decided + self.undecided > 0)

    @property
    def decided_share(self) -> float:
        """The share of the judged coordinates that was decided; 1 where there is none."""
        judged = self.decided + self.undecided
        return self.decided / judged if judged else 1.0

    def __str__(self) -> str:
        counts = f"{self.decided} decided, {self.undecided} undecided, {self.not_judged} not judged"
        return f"{self.outside or self.unjudged or 'nothing outside'}; {counts}"

    def __add__(self, other: Examination) -> Examination:
        return Examination(
            outside=self.outside or other.outside,
            error=max(self.error, other.error),
            decided=self.decided + other.decided,
            undecided=self.undecided + other.undecided,
            not_judged=self.not_judged + other.not_judged,
            unjudged=self.unjudged or other.unjudged,
            resolutions=self.resolutions + other.resolutions,
        )
