"""Bugs in what becomes of NaN: comparisons and maxima that drop it, masks that stop it, rows that share it."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.conformance.implementations.buggy import BuggyImplementation, wrong
from tests.conformance.implementations.textbook import Array, Textbook


def _clamped(self: Textbook, z: Array) -> Array:
    """C's fmin and fmax, which drop a NaN."""
    return np.fmax(np.fmin(z, 1), -1).astype(z.dtype)


def _sigmoid_of_a_ratio(self: Textbook, z: Array) -> Array:
    """½ where the ratio is no number, as a library does that replaces NaN."""
    h = Textbook.sigmoid(self, z)
    return np.where(np.isfinite(z), h, h.dtype.type(0.5))


def _slope_of_a_mask(self: Textbook, z: Array, h: Array) -> Array:
    """0 wherever the slope is not positive, and that is where it is NaN."""
    slope = Textbook.sigmoid_slope(self, z, h)
    return np.where(slope > 0, slope, 0 * np.ones_like(slope))


def _cleaned(self: Textbook, network: Any, given: Any, x: Array, masks: Any = None) -> Any:
    """Missing inputs are taken for 0."""
    return Textbook.steps(self, network, given, np.where(np.isnan(x), np.zeros_like(x), x), masks)


def _standardised(self: Textbook, x: Array, W: Array, b: Array) -> Array:
    """Rows shifted by their mean over the batch, and back: a NaN reaches every row."""
    mean = x.mean(axis=0, dtype=np.float64).astype(x.dtype)
    return Textbook.affine(self, x, W, b) + self.dot((mean - mean)[None], W)


def _rows_with_numbers(self: Textbook, network: Any, parameters: Any, x: Array, y: Array) -> Array:
    """The loss of the rows that have one."""
    z = Textbook.forward(self, network, parameters, x)
    kept = ~np.isnan(z).any(axis=1)
    return self.cost(network, parameters, z[kept], y[kept]) if kept.any() else z.dtype.type(0)


def _no_gradient_of_none(self: Textbook, network: Any, z: Array, y: Array) -> Array:
    """A cotangent that is no number is cut to 0, as gradient clipping by value does with a comparison."""
    dz = Textbook.output_cotangent(self, network, z, y)
    return np.where(np.abs(dz) <= dz.dtype.type(1e4), dz, np.zeros_like(dz))


BUGS: dict[str, tuple[BuggyImplementation, ...]] = {
    "nonfinite/value": (
        wrong("relu by a comparison", relu=lambda self, z: np.where(z > 0, z, np.zeros_like(z))),
        wrong("fmax drops a NaN", hard_tanh=_clamped),
        wrong("½ for NaN", sigmoid=_sigmoid_of_a_ratio),
        wrong("cut at 1e300", dtype="float64", softplus=lambda self, z: np.minimum(Textbook.softplus(self, z), 1e300)),
    ),
    "nonfinite/slope": (wrong("a slope that is not positive is 0", sigmoid_slope=_slope_of_a_mask),),
    "nonfinite/output": (
        wrong("missing inputs are 0", steps=_cleaned),
        wrong("the mean over the batch added and taken away", affine=_standardised),
    ),
    "nonfinite/loss": (wrong("rows without a loss left out", loss=_rows_with_numbers),),
    "nonfinite/gradient": (wrong("clipped by a comparison", output_cotangent=_no_gradient_of_none),),
}
