"""Admissible sets: every answer that a correct program in a given precision may return.

The reference's own forward and backward pass run on balls that carry, besides the truth, the rounding of the precision
under test: each operation may be off by a relative u and an absolute η, each library function by a stated number of
ulps, a dot product of n terms by nu Σ|xᵢyᵢ| whatever its order. By inclusion the result encloses the truth *and* all
that a correct program may compute. So ``computed in admissible`` raises no false alarm, and nobody chooses a tolerance.

What is admitted beyond the reference's own formulas, and why, stands where the formulas are: ``other_slopes`` in
``ffn.network.activations`` and ``either`` in ``ffn.network.outputs``.

Sources: Higham 2002, ch. 2–3; Jeannerod & Rump 2013; Blanchard, Higham & Higham 2021; Rump 1999; Johansson 2017.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
from flint import arb

from ffn.cases.case import RECURRENT_NAMES, ActivationCase, Case, DropoutCase, RecurrentCase
from ffn.network import backward, forward, recurrent
from ffn.network.activations import activation_named
from ffn.network.outputs import as_targets
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
    """What the comparison of computed arrays with an admissible set showed.

    Attributes:
        outside: the first coordinate outside the set, if any.
        error: the largest distance of a coordinate outside from the middle of its set; 0 where none is.
        decided: coordinates whose set is narrower than the value in it.
        undecided: coordinates whose set contains 0 beside the value, so that even a zero would pass.
        not_judged: coordinates whose set leaves the finite range of the precision.
        resolution: the smallest relative error that would have been seen, over the decided coordinates.
    """

    outside: Outside | None = None
    error: float = 0.0
    decided: int = 0
    undecided: int = 0
    not_judged: int = 0
    resolution: float = math.inf


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
            result.resolution = min(result.resolution, radius / middle)
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


def output(case: Case, assumed: Precision | None = None) -> AdmissibleSet:
    """The admissible values of the last affine output, (N, units); with the masks of a ``DropoutCase``."""
    xp, assumed = _namespace(case, assumed)
    z = forward.trace(xp, case.network, _parameters(xp, case), xp.asarray(case.x), _masks(xp, case))[-1].h
    return AdmissibleSet((("output", z.balls),), assumed)


def loss(case: Case, assumed: Precision | None = None) -> AdmissibleSet:
    """The admissible values of the loss, a scalar; with the masks of a ``DropoutCase``."""
    xp, assumed = _namespace(case, assumed)
    arguments = _parameters(xp, case), xp.asarray(case.x), _targets(xp, case)
    value = forward.objective(xp, case.network, *arguments, masks=_masks(xp, case))
    return AdmissibleSet((("loss", value.balls),), assumed)


def gradient(case: Case, assumed: Precision | None = None) -> AdmissibleSet:
    """The admissible values of the gradient of every parameter; with the masks of a ``DropoutCase``.

    Every slope between the one-sided ones is admissible where a pre-activation may lie on a kink; the slopes of tied
    pieces of maxout are each taken from 0 to 1, and that they sum to 1 is left to a law of its own.
    """
    xp, assumed = _namespace(case, assumed)
    arguments = _parameters(xp, case), xp.asarray(case.x), _targets(xp, case), _masks(xp, case)
    gradients = backward.gradient(xp, case.network, *arguments)
    return AdmissibleSet(tuple(_named_parts(gradients)), assumed)


def recurrent_output(case: RecurrentCase, assumed: Precision | None = None) -> AdmissibleSet:
    """The admissible values of the affine output of the last state, (N, units)."""
    xp, assumed = _namespace(case, assumed)
    z = recurrent.output(xp, case.recurrent, _parameters(xp, case), xp.asarray(case.x), xp.asarray(case.h0))
    return AdmissibleSet((("output", z.balls),), assumed)


def recurrent_loss(case: RecurrentCase, assumed: Precision | None = None) -> AdmissibleSet:
    """The admissible values of the loss of that output, a scalar."""
    xp, assumed = _namespace(case, assumed)
    y = as_targets(xp, case.recurrent.output, case.y)
    arguments = _parameters(xp, case), xp.asarray(case.x), y, xp.asarray(case.h0)
    return AdmissibleSet((("loss", recurrent.loss(xp, case.recurrent, *arguments).balls),), assumed)


def recurrent_gradient(case: RecurrentCase, assumed: Precision | None = None) -> AdmissibleSet:
    """The admissible values of the gradient of every parameter of a recurrent layer and its output.

    The terms of a weight's gradient, of every row and every step, may be added in any order.
    """
    xp, assumed = _namespace(case, assumed)
    y = as_targets(xp, case.recurrent.output, case.y)
    arguments = _parameters(xp, case), xp.asarray(case.x), y, xp.asarray(case.h0)
    gradients = recurrent.gradient(xp, case.recurrent, *arguments)
    pairs = zip("".join(RECURRENT_NAMES), (array for layer in gradients for array in layer), strict=True)
    return AdmissibleSet(tuple((name, array.balls) for name, array in pairs), assumed)


def activation(case: ActivationCase, assumed: Precision | None = None) -> AdmissibleSet:
    """The admissible values of the activation at z, by accurate algorithms alone."""
    xp, assumed = _namespace(case, assumed, every_algorithm=False)
    value = activation_named(case.activation).value(xp, xp.asarray(case.z))
    return AdmissibleSet(((case.activation, value.balls),), assumed)


def slope(case: ActivationCase, assumed: Precision | None = None) -> AdmissibleSet:
    """The admissible values of the activation's derivative at z, by accurate algorithms alone."""
    xp, assumed = _namespace(case, assumed, every_algorithm=False)
    value = activation_named(case.activation).slope(xp, xp.asarray(case.z))
    return AdmissibleSet(((f"{case.activation}′", value.balls),), assumed)


def kink_slopes(case: ActivationCase, assumed: Precision | None = None) -> AdmissibleSet:
    """All values from the left to the right slope, for a case whose every z is a kink of the activation.

    Raises:
        ValueError: when some z is not a kink.
    """
    xp, assumed = _namespace(case, assumed, every_algorithm=False)
    kinks = {float(kink.at): kink for kink in activation_named(case.activation).kinks}
    here = [kinks.get(float(value)) for value in case.z.ravel()]
    if None in here:
        raise ValueError(f"not every z is a kink of {case.activation}")
    hulls = [xp.constant(kink.left).hull(xp.constant(kink.right)) for kink in here if kink is not None]
    balls = np.array([hull.balls[()] for hull in hulls], dtype=object).reshape(case.z.shape)
    return AdmissibleSet(((f"{case.activation}′", balls),), assumed)


def summed_over_pieces(case: Case, assumed: Precision | None = None) -> AdmissibleSet:
    """The admissible values of ∂W and ∂b of a single hidden maxout layer, summed over its pieces.

    The pieces' slopes sum to 1, so the cotangent of the unit is what they share: Σⱼ ∂Wⱼ = xᵀ ∂h. Each of the pieces may
    round its own share, and the sum rounds too, which costs at most the error of a product over pieces times as many
    rows; ``pieces`` copies of the batch at 1/pieces of the weight have that error.
    """
    xp, assumed = _namespace(case, assumed)
    pieces = case.network.hidden[0].pieces or 1
    parameters, y = _parameters(xp, case), _targets(xp, case)
    steps = forward.trace(xp, case.network, parameters, xp.asarray(case.x))
    dh = backward.affine_input_vjp(xp, parameters[1][0], backward.output_vjp(xp, case.network, steps[1].z, y))
    shares = BallArray(np.tile(dh.balls, (pieces + 2, 1)), xp) / (pieces + 2)
    x = BallArray(np.tile(steps[0].x.balls, (pieces + 2, 1)), xp)
    return AdmissibleSet(tuple(_named_parts([backward.affine_vjp(xp, x, shares, None)])), assumed)


def _namespace(
    case: Case | ActivationCase | RecurrentCase, assumed: Precision | None, every_algorithm: bool = True
) -> tuple[Ball, Precision]:
    assumed = assumed or precision(case.dtype)
    return Ball(WORKING_BITS, assumed, every_algorithm), assumed


def _parameters(xp: Ball, case: Case | RecurrentCase) -> tuple[tuple[BallArray, ...], ...]:
    return tuple(tuple(xp.asarray(array) for array in layer) for layer in case.parameters)


def _masks(xp: Ball, case: Case) -> tuple[BallArray, ...] | None:
    return tuple(map(xp.asarray, case.masks)) if isinstance(case, DropoutCase) else None


def _targets(xp: Ball, case: Case) -> Any:
    return as_targets(xp, case.network.output, case.y)


def _named_parts(gradients: Sequence[tuple[BallArray, BallArray]]) -> Iterator[tuple[str, npt.NDArray[Any]]]:
    for layer, (dW, db) in enumerate(gradients):
        yield f"layer {layer}, W", dW.balls
        yield f"layer {layer}, b", db.balls


def _flattened(computed: Any) -> Iterator[Any]:
    if isinstance(computed, (tuple, list)):
        for part in computed:
            yield from _flattened(part)
    else:
        yield computed


def _path(name: str, index: tuple[int, ...]) -> str:
    return f"{name}[{', '.join(map(str, index))}]" if index else name
