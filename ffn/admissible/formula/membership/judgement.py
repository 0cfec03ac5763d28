"""What the comparison of a computed answer with the set of a formula shows."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ffn.admissible.examination import ZERO_UNDERFLOWS
from ffn.admissible.formula.arithmetic import binade
from ffn.numbers.precision import NAMES, Precision

if TYPE_CHECKING:
    from ffn.admissible.formula.membership.sets import FormulaSet

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

FEW = 8  # numbers of the precision: of a set of fewer the share that is used says nothing


@dataclass(frozen=True, eq=False)
class Part:
    """The bounds of one array.

    Attributes:
        low, high: of what may be returned; −∞ and ∞ where nothing is known.
        middle: the true values, nearest in float64.
        inner: the bounds of what is computed, before a last rounding.
        returned: the precision of the answer.
        judged: which entries are; None for all.
    """

    name: str
    low: Floats
    high: Floats
    middle: Floats
    inner: tuple[Floats, Floats]
    returned: Precision
    judged: Mask | None = None

    def within(self, other: Part) -> Part:
        """The bounds that both have, where the other has any."""
        low, high = np.maximum(self.low, other.low), np.minimum(self.high, other.high)
        inner = (np.maximum(self.inner[0], other.inner[0]), np.minimum(self.inner[1], other.inner[1]))
        return replace(self, low=low, high=high, inner=inner)

    def only(self, judged: Mask) -> Part:
        """The same for some entries, and no bounds for the others."""
        low, high = np.where(judged, self.low, -np.inf), np.where(judged, self.high, np.inf)
        inner = (np.where(judged, self.inner[0], -np.inf), np.where(judged, self.inner[1], np.inf))
        return replace(self, low=low, high=high, inner=inner, judged=judged)

    @property
    def asked(self) -> Any:
        return True if self.judged is None else self.judged

    @property
    def count(self) -> int:
        """How many entries are judged."""
        return self.low.size if self.judged is None else int(self.judged.sum())

    @property
    def left_out(self) -> str:
        return "" if self.judged is None else f", {self.count} of {self.low.size} entries judged"


@dataclass(frozen=True, eq=False)
class Compared:
    """An array of an answer beside its bounds.

    Attributes:
        wrong_dtype: what is wrong with the precision of the answer, if it is.
        known: where the set is bounded.
        out: where the answer is outside.
        decided: where the set is narrow enough that a zero would not pass.
        step: the distance from 1 to the next number of the precision.
        digits: of a decimal number that tells the numbers of the precision apart, and a little more.
        resolution: the smallest relative distance from the true value that is certainly outside, in either direction.
    """

    part: Part
    computed: Floats
    wrong_dtype: str
    low: Floats
    high: Floats
    known: Mask
    out: Mask
    decided: Mask
    resolution: Floats
    digits: int
    step: float

    @cached_property
    def used(self) -> Floats:
        """The share of the radius used, of entries inside whose set is more than a few numbers."""
        there = self.known & ~self.out & (self.low < self.high)
        low, high, computed = self.low[there], self.high[there], self.computed[there]
        many = high - low > FEW * self.step * binade(np.maximum(np.abs(low), np.abs(high)))
        low, high, computed = low[many], high[many], computed[many]
        return np.minimum(np.abs((computed - low) - (high - computed)) / (high - low), 1)

    @property
    def first(self) -> tuple[int, ...]:
        return tuple(int(i) for i in np.unravel_index(int(self.out.argmax()), self.out.shape))

    def at(self, index: tuple[int, ...]) -> str:
        """An entry in words."""
        place = f"{self.part.name}[{', '.join(map(str, index))}]" if index else self.part.name
        numbers = (self.computed, self.low, self.high, self.part.middle)
        computed, low, high, middle = (f"{float(each[index]):.{self.digits}g}" for each in numbers)
        bounds = f"{low} alone" if low == high else f"from {low} to {high}"
        said = f"{place}: computed {computed}, admissible {bounds}, true {middle}"
        ulps = float(self.outside_by[index] / self.ulp[index])
        near = 0 < ulps < 2 ** (self.part.returned.bits / 2)  # beyond that it is no question of rounding
        return f"{said}: {ulps:.2g} ulps outside" if near else said

    @cached_property
    def ulp(self) -> Floats:
        """The distance of the numbers of the precision beside the set."""
        size = np.maximum(np.abs(self.low), np.abs(self.high))
        return np.maximum(self.step * binade(size), 2 * self.part.returned.underflow)

    @property
    def outside_by(self) -> Floats:
        """How far an entry is from the nearest that is admissible."""
        return np.maximum(np.maximum(self.low - self.computed, self.computed - self.high), 0)

    @property
    def ulps_off(self) -> Floats:
        """How far an entry is from the true value, in units in the last place."""
        return np.abs(self.computed - self.part.middle) / self.ulp


@dataclass(frozen=True, eq=False)
class Judgement:
    """What the comparison of an answer with a set showed.

    Attributes:
        admitted: the set; of several algorithms the one that admits the answer, else the formula's.
        arrays: the arrays of the answer beside their bounds.
        tied: what is wrong with the sum of tied entries, if it is.
    """

    admitted: FormulaSet
    arrays: tuple[Compared, ...]
    tied: str = ""

    def _count(self, name: str) -> int:
        return sum(int(getattr(each, name).sum()) for each in self.arrays)

    @property
    def size(self) -> int:
        """How many entries are judged."""
        return sum(each.part.count for each in self.arrays)

    @property
    def outside(self) -> int:
        """How many entries are outside; all, where the precision is too narrow."""
        return self._count("out")

    @property
    def worst(self) -> Compared:
        """The first array with an entry outside, else the first."""
        return next((each for each in self.arrays if each.out.any()), self.arrays[0])

    @property
    def undecided(self) -> float:
        """The share of entries whose set is so wide that a zero would pass, or that are not bounded at all."""
        return 1 - self._count("decided") / max(self.size, 1)

    @property
    def unjudged(self) -> str:
        """Why an answer with nothing outside is not called admissible, if it is not."""
        for each in self.arrays:
            unknown = ~each.known & each.part.asked
            if unknown.any():
                index = tuple(int(i) for i in np.argwhere(unknown)[0])
                place = f"{each.part.name}[{', '.join(map(str, index))}]" if index else each.part.name
                return f"{place} is not judged: {unbounded(self.admitted)}"
            if each.part.count and not each.decided.any():
                return f"{each.part.name} is undecided, so wide a set that zeros would pass: {deciding(self.admitted)}"
        return "" if self.size else "there is no entry to judge"

    @property
    def used(self) -> float:
        """The largest share of the radius that an entry inside uses."""
        return max((float(each.used.max()) for each in self.arrays if each.used.size), default=0.0)

    @property
    def measured(self) -> bool:
        """Whether there is an entry inside whose set is wide enough to say how much of it is used."""
        return any(each.used.size for each in self.arrays)

    def resolution(self, share: float = 0.5) -> float:
        """The relative error that would be seen in this share of the decided entries; NaN where there are none."""
        found = np.concatenate([each.resolution[(each.low > 0) | (each.high < 0)] for each in self.arrays])
        return float(np.quantile(found, share, method="higher")) if found.size else float("nan")

    def __str__(self) -> str:
        lines = []
        if self.outside:
            each = self.worst
            first = f"{self.outside} of {self.size} entries are outside, the first {each.at(each.first)}"
            lines = [each.wrong_dtype or first, *([self.tied] if self.tied else [])]
        elif self.unjudged:
            lines = [self.unjudged]
        return "\n".join([*lines, self.figures()])

    __repr__ = __str__

    def figures(self) -> str:
        """The share of the radius used, the resolution and the undecided share."""
        inside = "nothing inside"
        if self.outside < self.size:
            inside = f"{self.used:.0%} of the radius used" if self.measured else f"sets of at most {FEW + 1} numbers"
        single = sum(int((each.low == each.high).sum()) for each in self.arrays) / max(self.size, 1)
        inside += f", {single:.0%} of the sets are one number" if single > 0.005 else ""
        seen = "the true values are 0, or of either sign"
        if not math.isnan(self.resolution()):
            seen = f"a relative error of {self.resolution():.1g} would be seen in half of them"
            seen += f", {self.resolution(0.9):.1g} in 90 %"
        left = sum(each.out.size for each in self.arrays) - self.size
        return f"{self.size} entries: {inside}; {seen}; {self.undecided:.1%} undecided" + (
            f"; {left} further entries were left out" if left else ""
        )


def compared(part: Part, array: npt.NDArray[np.generic], storage: Precision) -> Compared:
    """An array of an answer beside its bounds; ``storage`` is the precision of the arguments."""
    low, high, format = part.low, part.high, part.returned
    wrong = "" if array.dtype.name == format.name else _wrong(array.dtype.name, part, storage)
    computed = array.astype(np.float64)
    known = (np.isfinite(low) & np.isfinite(high)) | (low == high)
    out = known & ~((low <= computed) & (computed <= high))
    if wrong:
        out = np.broadcast_to(part.asked, out.shape).copy()
    far = np.maximum(high - part.middle, part.middle - low)
    # A value beyond the next number after the bound is rounded to something outside.
    seen = far + format.unit_roundoff * binade(np.maximum(np.abs(low), np.abs(high))) * 2 + 2 * format.underflow
    nothing = (np.abs(part.middle) <= format.underflow) & (far <= ZERO_UNDERFLOWS * format.underflow)
    decided = known & ((low > 0) | (high < 0) | nothing | (low == high))
    resolution = seen / np.abs(part.middle)
    digits = 2 + int(format.bits * 0.302)
    return Compared(part, computed, wrong, low, high, known, out, decided, resolution, digits, 2 * format.unit_roundoff)


def _wrong(name: str, part: Part, storage: Precision) -> str:
    if part.returned == storage:
        asked = f"where the arrays are {storage.name}"
        more = f"; dtype={name!r} admits that" if name in NAMES else ""
        return f"{part.name} is returned in {name}, {asked}{more}"
    return f"{part.name} is returned in {name}, where {part.returned.name} is asked for"


def unbounded(admitted: FormulaSet) -> str:
    """Why an entry may have no bounds."""
    model = admitted.question.arithmetic
    if not all(np.isfinite(array.astype(np.float64)).all() for array in admitted.question.arrays):
        return "an argument is infinite or NaN, and what hangs on it may be anything"
    return (
        f"what a correct program computes on the way is not bounded by the largest {model.compute.name} number, "
        f"{model.compute.largest:.3g}, or a sum has so many terms that {model.accumulate.name} bounds nothing; "
        f"{deciding(admitted)}"
    )


def deciding(admitted: FormulaSet) -> str:
    """What would narrow the set."""
    model, ways = admitted.question.arithmetic, []
    if model.accumulate.bits < 24:
        ways.append("accumulate='float32'")
    if model.compute.bits < 24:
        ways.append("compute='float32'")
    if model.depth is None:
        ways.append("a depth of the additions")
    return f"{', '.join([*ways, 'smaller numbers'])} or exact inputs (small integers) would decide it"
