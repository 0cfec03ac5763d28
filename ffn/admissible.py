"""Admissible sets: every answer that a correct program in a given precision may return.

The reference's own formulas run on balls that carry, besides the truth, the rounding of the precision
under test: each operation may be off by a relative u and an absolute η, each library function by a stated number of
ulps, a dot product of n terms by nu Σ|xᵢyᵢ| whatever its order. By inclusion the result encloses the truth *and* all
that a correct program may compute. So ``computed in admissible`` raises no false alarm, and nobody chooses a tolerance.

What is admitted beyond the reference's own formulas, and why, stands where the formulas are: ``other_slopes`` in
``ffn.network.activations`` and ``either`` in ``ffn.network.outputs``.

Sources: Higham 2002, ch. 2–3; Jeannerod & Rump 2013; Blanchard, Higham & Higham 2021; Rump 1999; Johansson 2017.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
from flint import arb

from ffn.cases.case import ActivationCase, Arguments, Case, flat
from ffn.network import backward, forward
from ffn.network.formulas import evaluate, placed
from ffn.numbers.ball import Ball, BallArray, working_precision
from ffn.numbers.precision import Precision, dtype_of, precision

WORKING_BITS = 128


@dataclass(frozen=True)
class Outside:
    """The first coordinate whose computed value is not admissible.

    Attributes:
        path: the place of the coordinate, such as ``layer 1, W[0, 2]``.
        computed: what the program returned.
        admissible: the ball of admissible values.
        ulps: the distance from the set in units in the last place of the largest admissible value.
        dtype: the precision's name.
    """

    path: str
    computed: float
    admissible: arb
    ulps: float
    dtype: str

    def __str__(self) -> str:
        middle, radius = float(self.admissible.mid()), float(self.admissible.rad())
        written = dtype_of(self.dtype).type(self.computed)  # a float32 is written in its own digits
        distance = "not a finite number" if math.isinf(self.ulps) else f"{self.ulps:.3g} ulps outside the set"
        return f"{self.path}: computed {written!s}, admissible {middle!r} ± {radius:.2g} ({distance})"


@dataclass
class Examination:
    """What the comparison of computed arrays with an admissible set showed; of several, added up.

    Attributes:
        outside: the first coordinate outside the set, if any.
        error: the largest distance of a coordinate outside from the middle of its set; 0 where none is.
        decided: coordinates whose set is narrower than the value in it.
        undecided: coordinates whose set contains 0 beside the value, so that even a zero would pass.
        not_judged: coordinates whose set leaves the finite range of the precision.
        resolutions: of each decided coordinate that is not 0, the smallest relative error that would have been seen.
    """

    outside: Outside | None = None
    error: float = 0.0
    decided: int = 0
    undecided: int = 0
    not_judged: int = 0
    resolutions: list[float] = field(default_factory=list)

    def __add__(self, other: Examination) -> Examination:
        return Examination(
            outside=self.outside or other.outside,
            error=max(self.error, other.error),
            decided=self.decided + other.decided,
            undecided=self.undecided + other.undecided,
            not_judged=self.not_judged + other.not_judged,
            resolutions=self.resolutions + other.resolutions,
        )


@dataclass(frozen=True)
class AdmissibleSet:
    """Balls with the paths of their coordinates. ``computed in admissible`` is how a test reads."""

    parts: tuple[tuple[str, npt.NDArray[Any]], ...]
    precision: Precision
    working_bits: int = field(default=WORKING_BITS, repr=False)

    def __contains__(self, computed: Any) -> bool:
        return self.examine(computed).outside is None

    def explain(self, computed: Any) -> str:
        """Where ``computed`` leaves the set, what was computed there and what is admissible."""
        outside = self.examine(computed).outside
        return f"every coordinate is admissible in {self.precision.name}" if outside is None else str(outside)

    def examine(self, computed: Any) -> Examination:
        """Compare every coordinate with its ball.

        Args:
            computed: a number, an array, or a tuple of (W, b), shaped as the set.

        Raises:
            ValueError: when the shapes do not match.
        """
        result = Examination()
        with working_precision(self.working_bits):
            for (path, balls), values in zip(self.parts, self._arrays(computed), strict=True):
                for index, ball, value in zip(np.ndindex(balls.shape), balls.ravel(), values, strict=True):
                    self._examine_one(result, path, index, ball, value)
        return result

    def _arrays(self, computed: Any) -> Iterator[list[float]]:
        arrays = [np.asarray(array) for array in _flattened(computed)]
        shapes, expected = [a.shape for a in arrays], [balls.shape for _, balls in self.parts]
        if shapes != expected:
            raise ValueError(f"computed has shapes {shapes}, not {expected}")
        return (array.astype(np.float64).ravel().tolist() for array in arrays)

    def _examine_one(self, result: Examination, path: str, index: tuple[int, ...], ball: arb, value: float) -> None:
        if not abs(ball) <= self.precision.largest:  # also where the ball contains everything
            result.not_judged += 1
            return
        finite = math.isfinite(value)
        if finite and ball.contains(value):
            self._count(result, ball)
            return
        result.error = max(result.error, abs(float(ball.mid() - value)) if finite else math.inf)
        if result.outside is None:
            result.outside = Outside(_path(path, index), value, ball, self._ulps(ball, value), self.precision.name)

    def _count(self, result: Examination, ball: arb) -> None:
        middle, radius = abs(float(ball.mid())), float(ball.rad())
        if radius < middle:
            result.decided += 1
            result.resolutions.append(radius / middle)
        elif radius <= _ZERO_UNDERFLOWS * self.precision.underflow:
            result.decided += 1  # an exact zero that only underflow may disturb
        else:
            result.undecided += 1

    def _ulps(self, ball: arb, value: float) -> float:
        if not math.isfinite(value):
            return math.inf
        exponent = math.frexp(float(ball.abs_upper()))[1] - 1
        unit = max(2 * self.precision.unit_roundoff * 2.0**exponent, self.precision.underflow)
        return max(float(abs(ball.mid() - value) - ball.rad()), 0.0) / unit


_ZERO_UNDERFLOWS = 1e4  # so many η count as none: far below every value that a case contains


def answers(name: str, case: Arguments, assumed: Precision | None = None) -> AdmissibleSet:
    """The admissible values of what a method returns on a case: the one way to a set.

    Args:
        name: ``"forward"``, ``"loss"``, ``"gradient"``, ``"activation"`` or ``"slope"``.
        case: the arguments of the call; with masks or a recurrent layer it is the method of that part.
        assumed: the error model, where it is not that of the case's dtype.
    """
    xp, assumed = _namespace(case, assumed, every_algorithm=isinstance(case, Case))
    method = case.method(name)
    arrays = flat(evaluate(xp, method, *case.arguments(method)))
    names = flat(case.returned(name)[0])
    return AdmissibleSet(tuple((path, array.balls) for path, array in zip(names, arrays, strict=True)), assumed)


def output(case: Case, assumed: Precision | None = None) -> AdmissibleSet:
    """The admissible values of the last affine output, (N, units)."""
    return answers("forward", case, assumed)


def loss(case: Case, assumed: Precision | None = None) -> AdmissibleSet:
    """The admissible values of the loss, a scalar."""
    return answers("loss", case, assumed)


def gradient(case: Case, assumed: Precision | None = None) -> AdmissibleSet:
    """The admissible values of the gradient of every parameter.

    Every slope between the one-sided ones is admissible where a pre-activation may lie on a kink; the slopes of tied
    pieces of maxout are each taken from 0 to 1, and that they sum to 1 is left to a law of its own. The terms of a
    weight's gradient, of every row and of every step of a recurrent layer, may be added in any order.
    """
    return answers("gradient", case, assumed)


def activation(case: ActivationCase, assumed: Precision | None = None) -> AdmissibleSet:
    """The admissible values of the activation at z, by accurate algorithms alone."""
    return answers("activation", case, assumed)


def slope(case: ActivationCase, assumed: Precision | None = None) -> AdmissibleSet:
    """The admissible values of the activation's derivative at z, by accurate algorithms alone.

    At a kink all values from the left to the right slope.
    """
    return answers("slope", case, assumed)


def summed_over_pieces(case: Case, assumed: Precision | None = None) -> AdmissibleSet:
    """The admissible values of ∂W and ∂b of a single hidden maxout layer, summed over its pieces.

    The pieces' slopes sum to 1, so the cotangent of the unit is what they share: Σⱼ ∂Wⱼ = xᵀ ∂h. Each of the pieces may
    round its own share, and the sum rounds too, which costs at most the error of a product over pieces times as many
    rows; ``pieces`` copies of the batch at 1/pieces of the weight have that error.
    """
    xp, assumed = _namespace(case, assumed)
    network, parameters, x, y = placed(xp, "gradient", *case.arguments("gradient"))
    copies = (network.hidden[0].pieces or 1) + 2
    steps = forward.trace(xp, network, parameters, x)
    dh = backward.affine_input_vjp(xp, parameters[1][0], backward.output_vjp(xp, network, steps[1].z, y))
    shares = BallArray(np.tile(dh.balls, (copies, 1)), xp) / copies
    sums = backward.affine_vjp(xp, BallArray(np.tile(x.balls, (copies, 1)), xp), shares, None)
    return AdmissibleSet(tuple(zip(network.names[0], (array.balls for array in sums), strict=True)), assumed)


def _namespace(case: Arguments, assumed: Precision | None, every_algorithm: bool = True) -> tuple[Ball, Precision]:
    assumed = assumed or precision(case.dtype)
    return Ball(WORKING_BITS, assumed, every_algorithm), assumed


def _flattened(computed: Any) -> Iterator[Any]:
    if isinstance(computed, (tuple, list)):
        for part in computed:
            yield from _flattened(part)
    else:
        yield computed


def _path(name: str, index: tuple[int, ...]) -> str:
    return f"{name}[{', '.join(map(str, index))}]" if index else name
