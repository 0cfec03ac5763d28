"""autograd boxes: the forward pass, differentiated in reverse by a library that knows nothing of the backward one."""

from __future__ import annotations

import autograd.numpy
import numpy as np
import numpy.typing as npt
from autograd.tracer import getval

from ffn.numbers.arrays import NumpyNamespace
from ffn.numbers.floating import Floating
from ffn.numbers.namespace import Array, Mask


class Traced(NumpyNamespace):
    """float64 arrays and autograd's boxes of them.

    Every function goes through ``autograd.numpy``: plain ``np.where`` on a box gives a zero gradient.
    """

    numpy = autograd.numpy

    def asarray(self, values: npt.ArrayLike) -> Array:
        return np.asarray(values, dtype=np.float64)

    def lgamma(self, z: Array) -> Array:
        return Floating(np.float64).lgamma(z)

    def detached_positive(self, z: Array) -> Mask:
        return np.asarray(getval(z) > 0)

    def detached_max(self, z: Array) -> Array:
        return getval(z).max(axis=1, keepdims=True)


traced = Traced()
