"""Bugs in how arguments are read: by a pointer that knows no strides, by the type of a label, of no rows."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.conformance.implementations.buggy import BuggyImplementation, error, wrong
from tests.conformance.implementations.textbook import Array, Textbook


def _as_stored(array: Array) -> Array:
    """The numbers in the order of memory, as a pointer without strides reads them."""
    return array.ravel("K").reshape(array.shape)


def _as_in_fortran(array: Array) -> Array:
    """Numbers that lie in Fortran's order read in C's, and no others."""
    return _as_stored(array) if array.flags.f_contiguous and not array.flags.c_contiguous else array


def _from_its_address(array: Array) -> Array:
    """As many numbers as there are from the address on, with neither strides nor their signs."""
    backwards = array.ndim and any(stride < 0 for stride in array.strides)
    return array[(slice(None, None, -1),) * array.ndim] if backwards else array


def _by_the_least_stride(array: Array) -> Array:
    """A step of 0 is taken for one of a number's size."""
    if 0 in array.strides and array.size > 1:
        return np.concatenate([array[:1], np.zeros_like(array[1:])])
    return array


def _at_whole_numbers(array: Array) -> Array:
    """An address is rounded down to a multiple of a number's size: every number is another."""
    return array if array.flags.aligned else np.roll(array, 1)


def _gaps_read(array: Array) -> Array:
    """A gap between numbers is read as a number."""
    if array.ndim and not array.flags.c_contiguous and not array.flags.f_contiguous and min(array.strides) > 0:
        return np.repeat(array.ravel(), 2)[: array.size].reshape(array.shape)
    return array


def _reading(x: Any = lambda array: array, parameters: Any = lambda array: array) -> dict[str, Any]:
    """A forward pass and a gradient that read x, or the parameters, in that way."""

    def steps(self: Textbook, network: Any, given: Any, batch: Array, masks: Any = None) -> Any:
        read = tuple((parameters(W), parameters(b)) for W, b in given)
        return Textbook.steps(self, network, read, x(batch), masks)

    return {"steps": steps}


def _in_place(self: Textbook, network: Any, parameters: Any, x: Array) -> Array:
    """Centred in place, and put back."""
    x -= 1
    z = Textbook.forward(self, network, parameters, x + 1)
    x += 1
    return z


def _signed(y: Array) -> Array:
    """Labels as signed bytes, whatever their type."""
    return y if y.dtype.itemsize > 1 else y.view(np.int8) - 1


def _cross_entropy(self: Textbook, z: Array, y: Array) -> Array:
    return self.log_sum_exp(z) - z[np.arange(len(z)), _signed(y)]


def _cross_entropy_gradient(self: Textbook, z: Array, y: Array) -> Array:
    if y.dtype.kind == "u":
        raise TypeError(f"labels of {y.dtype}")
    return Textbook.categorical_gradient(self, z, y)


def _masks_as_stored(self: Textbook, x: Array, mask: Array) -> Array:
    return x * _as_stored(mask)


def _states_as_stored(self: Textbook, recurrent: Any, cell: Any, x: Array, h: Array) -> Any:
    return Textbook.states(self, recurrent, cell, _as_stored(x), h)


def _z_as_stored(self: Textbook, name: str, z: Array) -> Array:
    return Textbook.activation(self, name, _as_stored(z))


def _contiguous_alone(self: Textbook, network: Any, parameters: Any, x: Array) -> Array:
    if not x.flags.c_contiguous:
        raise ValueError("x is not contiguous")
    return Textbook.forward(self, network, parameters, x)


def _no_decay_of_an_empty_batch(self: Textbook, network: Any, W: Array, x: Array, dz: Array) -> Array:
    return Textbook.weight_gradient(self, network, W, x, dz) if len(x) else self.dot(x.T, dz)


BUGS: dict[str, tuple[BuggyImplementation, ...]] = {
    "arguments/transposed": (
        wrong("x read in the order of memory", **_reading(x=_as_in_fortran)),
        wrong("W read in the order of memory", **_reading(parameters=_as_in_fortran)),
        error("contiguous arrays alone", forward=_contiguous_alone),
    ),
    "arguments/strided": (wrong("gaps read", **_reading(x=_gaps_read)),),
    "arguments/reversed": (wrong("strides without their sign", **_reading(parameters=_from_its_address)),),
    "arguments/broadcast": (wrong("a stride of 0 forgotten", **_reading(x=_by_the_least_stride)),),
    "arguments/misaligned": (wrong("an address rounded down", **_reading(x=_at_whole_numbers)),),
    "arguments/read-only": (error("centred in place and put back", forward=_in_place),),
    "arguments/labels": (
        wrong("labels as signed bytes", categorical=_cross_entropy),
        error("no unsigned labels", categorical_gradient=_cross_entropy_gradient),
    ),
    "arguments/empty batch": (
        wrong("one for no terms", loss=lambda self, *given: Textbook.loss(self, *given) + (len(given[2]) == 0)),
        wrong("nothing for no terms", loss=lambda self, *given: Textbook.loss(self, *given) * (len(given[2]) > 0)),
        wrong("no decay for no terms", weight_gradient=_no_decay_of_an_empty_batch),
    ),
    "arguments/activations": (wrong("z read in the order of memory", activation=_z_as_stored),),
    "arguments/dropout": (wrong("masks read in the order of memory", dropped=_masks_as_stored),),
    "arguments/recurrent": (wrong("sequences read in the order of memory", states=_states_as_stored),),
}
