"""The set of admissible values: its parts, its bounds, and membership."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import Any

import numpy as np
import numpy.typing as npt
from flint import arb

from ffn.admissible.examination import ZERO_UNDERFLOWS, Examination, NotJudged, Outside, ulp_of
from ffn.numbers.arrays import elementwise
from ffn.numbers.ball import working_precision
from ffn.numbers.precision import Precision

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
WORKING_BITS = 128


@dataclass(frozen=True, repr=False, eq=False)
class AdmissibleSet:
    """Balls with the paths of their coordinates. ``computed in admissible`` is how a test reads.

    ``S["layer 1", "W"]`` is the set of that array, ``S["layer 1"]`` that of (W, b), ``S["layer 1", "W"][0, 2]`` that of
    one coordinate and ``S[:, 1:]`` that of a part of an array: sets again. ``for path, part in S`` goes through the
    arrays.

    Of a set that is wide because every value in it is an answer, such as the slopes at a kink, ``wide_is_meant``.
    """

    parts: tuple[tuple[str, npt.NDArray[Any]], ...]
    precision: Precision
    working_bits: int = WORKING_BITS
    wide_is_meant: bool = False

    def __contains__(self, computed: Any) -> bool:
        """Whether every coordinate is in its set; False as soon as one is outside.

        Raises:
            NotJudged: when none is outside, and one has no finite set, or zeros would pass for an array too.
            ValueError: when the shapes do not match, or the numbers are not real.
        """
        examination = self.examine(computed)
        if examination.outside is None and not examination.complete:
            raise NotJudged(examination.unjudged or "there is no coordinate to judge")
        return examination.outside is None

    def explain(self, computed: Any) -> str:
        """Where ``computed`` leaves the set, what was computed there and what is admissible."""
        examination = self.examine(computed)
        admitted = f"every coordinate is admissible in {self.precision.name}"
        return str(examination.outside or examination.unjudged or admitted)

    # parts

    @property
    def shape(self) -> Any:
        """The shape of the array; of several, a tuple of theirs."""
        shapes = tuple(balls.shape for _, balls in self.parts)
        return shapes[0] if len(shapes) == 1 else shapes

    def __len__(self) -> int:
        """The number of arrays."""
        return len(self.parts)

    def __iter__(self) -> Iterator[tuple[str, AdmissibleSet]]:
        return ((path, replace(self, parts=((path, balls),))) for path, balls in self.parts)

    def __getitem__(self, key: Any) -> AdmissibleSet:
        """The set of the arrays of a name, of some entries of an array, or of both: ``S["layer 1", "W", 0, 2]``."""
        key = key if isinstance(key, tuple) else (key,)
        names = tuple(takewhile(lambda each: isinstance(each, str), key))
        named = self._named(", ".join(names)) if names else self
        return named._indexed(key[len(names) :]) if len(key) > len(names) else named

    def _named(self, name: str) -> AdmissibleSet:
        found = tuple(
            part
            for part in self.parts
            if part[0] == name or part[0].startswith(f"{name}, ") or part[0].endswith(f", {name}")
        )
        if not found:
            raise KeyError(f"no {name}: {'; '.join(path for path, _ in self.parts)}")
        return replace(self, parts=found)

    def _indexed(self, index: tuple[Any, ...]) -> AdmissibleSet:
        path, balls = self._single()
        return replace(self, parts=((f"{path}[{_written(index)}]", np.asarray(balls[index], dtype=object)),))

    def _single(self) -> tuple[str, npt.NDArray[Any]]:
        if len(self.parts) > 1:
            raise IndexError(f"several arrays, name one first: {'; '.join(path for path, _ in self.parts)}")
        return self.parts[0]

    # bounds of an array's coordinates: a float for one coordinate

    @property
    def lower(self) -> Any:
        """The largest float64 that no admissible value is below."""
        return self._bound(_below)

    @property
    def upper(self) -> Any:
        """The smallest float64 that no admissible value is above."""
        return self._bound(lambda ball: 0.0 - _below(-ball))  # and no -0.0

    @property
    def middle(self) -> Any:
        """The float64 nearest to the middle; NaN where everything is admissible."""
        return self._bound(lambda ball: float(ball.mid()))

    @property
    def radius(self) -> Any:
        """A float64 such that no admissible value is farther than that from ``middle``."""
        return self._bound(lambda ball: 0.0 - _below(-abs(ball - float(ball.mid()))))

    def _bound(self, function: Callable[[arb], float]) -> Any:
        with working_precision(self.working_bits):
            return elementwise(function)(self._single()[1]).astype(np.float64)[()]

    def __repr__(self) -> str:
        if len(self.parts) == 1 and self.shape == ():
            text = f"{self.parts[0][0]} = {self.middle!s} ± {self.radius:.2g}"
        else:
            text = "; ".join(f"{path} {balls.shape}" for path, balls in self.parts)
        return f"AdmissibleSet({self.precision.name}: {text})"

    # membership

    def examine(self, computed: Any) -> Examination:
        """Compare every coordinate with its ball.

        Args:
            computed: a number, an array, or a tuple of (W, b), shaped as the set.

        Raises:
            ValueError: when the shapes do not match, or the numbers are not real.
        """
        result = Examination()
        with working_precision(self.working_bits):
            for (path, balls), values in zip(self.parts, self._arrays(computed), strict=True):
                before = result.decided
                self._examine_array(result, path, balls, values)
                if balls.size and result.decided == before and not self.wide_is_meant:
                    result.unjudged = result.unjudged or f"{path} is undecided: so wide a set that zeros would pass"
        return result

    def _arrays(self, computed: Any) -> Iterator[list[float]]:
        arrays = [np.asarray(array) for array in ([computed] if len(self.parts) == 1 else _flattened(computed))]
        shapes, expected = [a.shape for a in arrays], [balls.shape for _, balls in self.parts]
        if shapes != expected:
            raise ValueError(f"computed has shapes {shapes}, not {expected}")
        if not all(array.dtype.name == "bfloat16" or array.dtype.kind in "biuf" for array in arrays):
            raise ValueError("computed holds something else than real numbers")
        if any(map(np.ma.is_masked, _flattened(computed))):
            raise ValueError("computed has masked entries, which are no numbers")
        return (array.astype(np.float64).ravel().tolist() for array in arrays)

    def _examine_array(self, result: Examination, path: str, array: npt.NDArray[Any], values: list[float]) -> None:
        balls, largest = array.ravel().tolist(), arb(self.precision.largest)
        bounded = np.array([abs(ball) <= largest for ball in balls], dtype=bool)  # not where one contains everything
        both = zip(balls, values, strict=True)
        held = np.array([math.isfinite(value) and ball.contains(value) for ball, value in both], dtype=bool)
        if not bounded.all():
            result.not_judged += int(np.count_nonzero(~bounded))
            first = _path(path, _index(bounded.argmin(), array.shape))
            result.unjudged = result.unjudged or _why(first, self.precision)
        for place in np.flatnonzero(bounded & ~held).tolist():
            self._miss(result, path, _index(place, array.shape), balls[place], values[place])
        self._count(result, path, array.ravel(), np.abs(values), bounded & held)

    def _miss(self, result: Examination, path: str, index: tuple[int, ...], ball: arb, value: float) -> None:
        finite = math.isfinite(value)
        result.error = max(result.error, abs(float(ball.mid() - value)) if finite else math.inf)
        if result.outside is None:
            ulps = self._ulps(ball, value)
            result.outside = Outside(_path(path, index), value, ball, ulps, self.precision.name, path, index)

    def _count(self, result: Examination, path: str, balls: npt.NDArray[Any], sizes: Floats, inside: Mask) -> None:
        """Count what is decided of the values of such sizes that are inside."""
        middles, radii = _middles(balls), _radii(balls)
        decided, beside_0 = inside & self._narrow(path, middles, radii), inside & (radii < middles)
        to_the_farther_end = radii[beside_0] + np.abs(sizes[beside_0] - middles[beside_0])
        result.resolutions += (to_the_farther_end / sizes[beside_0]).tolist()
        result.decided += int(np.count_nonzero(decided))
        result.undecided += int(np.count_nonzero(inside & ~decided))

    def _narrow(self, path: str, middles: Floats, radii: Floats) -> Mask:
        """Which sets of an array decide: those that hold no 0, and others that have half of the digits beside its
        largest value. A relative error says nothing of a 0. A loss is measured beside 1, its unit."""
        return np.asarray((radii < middles) | (radii <= self._enough(path, middles)) | self.wide_is_meant)

    def _enough(self, path: str, middles: Floats) -> float:
        """The radius of a set that holds 0 from which on it says nothing, in an array of such middles."""
        known = middles[np.isfinite(middles)]
        scale = max(1.0 if path == "loss" else 0.0, float(known.max(initial=0.0)))
        return max(math.sqrt(self.precision.unit_roundoff) * scale, ZERO_UNDERFLOWS * self.precision.underflow)

    def decided_share(self) -> float:
        """The share of the coordinates that any answer in the set would have decided; 1 where there is none."""
        found = [self._decided(path, balls) for path, balls in self.parts]
        total = sum(each.size for each in found)
        return sum(int(each.sum()) for each in found) / total if total else 1.0

    def _decided(self, path: str, balls: npt.NDArray[Any]) -> Mask:
        middles, radii = _middles(balls), _radii(balls)
        return self._narrow(path, middles, radii) & np.asarray(middles + radii <= self.precision.largest)

    def _ulps(self, ball: arb, value: float) -> float:
        if not math.isfinite(value):
            return math.inf
        unit = ulp_of(float(ball.abs_upper()), self.precision)
        return max(float(abs(ball.mid() - value) - ball.rad()), 0.0) / unit


def _middles(balls: npt.NDArray[Any]) -> Floats:
    """The absolute values of the midpoints."""
    return np.array([abs(float(ball)) for ball in balls.ravel().tolist()])


def _radii(balls: npt.NDArray[Any]) -> Floats:
    return np.array([float(ball.rad()) for ball in balls.ravel().tolist()])


def _index(place: Any, shape: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(map(int, np.unravel_index(place, shape)))


def _flattened(computed: Any) -> Iterator[Any]:
    if isinstance(computed, (tuple, list)):
        for part in computed:
            yield from _flattened(part)
    else:
        yield computed


def _path(name: str, index: tuple[int, ...]) -> str:
    return f"{name}[{', '.join(map(str, index))}]" if index else name


def _why(path: str, assumed: Precision) -> str:
    return (
        f"{path} is not judged: what a correct program may compute there is not bounded by the largest "
        f"{assumed.name} number, {assumed.largest:.3g}"
    )


def _written(index: tuple[Any, ...]) -> str:
    """An index as Python writes it."""
    return ", ".join(map(_written_slice, index))


def _written_slice(index: Any) -> str:
    if isinstance(index, slice):
        ends = ["" if end is None else str(end) for end in (index.start, index.stop)]
        return ":".join(ends if index.step is None else [*ends, str(index.step)])
    return "..." if index is Ellipsis else " ".join(str(index).split())


def _below(ball: arb) -> float:
    """The largest float64 that is not above the ball, −∞ where it contains everything."""
    end = ball.lower()
    nearest = float(end)
    if math.isnan(nearest):
        return -math.inf
    return nearest if arb(nearest) <= end else math.nextafter(nearest, -math.inf)
