"""Arrays as data: the bytes and how they lie in memory, from which the same array is made elsewhere."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
from numpy.lib.array_utils import byte_bounds

from ffn.numbers.precision import dtype_of

ALIGNMENT = 64  # bytes, a cache line: where an array lies within one is kept


@dataclass(slots=True)
class Stored:
    """An array as data.

    Attributes:
        data: its entries in C order or, with strides, all the memory that they lie in.
        dtype: its name as NumPy writes it, or ``bfloat16``.
        shape: of the array.
        strides: in bytes; left out, it is contiguous.
        offset: of its first entry in the bytes.
        phase: of the bytes in a cache line.
        writeable: whether anybody may write into it.
    """

    data: bytes
    dtype: str
    shape: tuple[int, ...]
    strides: tuple[int, ...] | None = None
    offset: int = 0
    phase: int = 0
    writeable: bool = True

    def __reduce__(self) -> tuple[type[Stored], tuple[Any, ...]]:
        """How it is pickled: five times as fast as without."""
        return Stored, (self.data, self.dtype, self.shape, self.strides, self.offset, self.phase, self.writeable)

    def restored(self) -> npt.NDArray[Any]:
        """A new array, writable, that lies in memory as the one that was stored."""
        dtype = dtype_named(self.dtype)
        if self.strides is None:
            return np.frombuffer(self.data, dtype).reshape(self.shape).copy()
        memory = np.empty(len(self.data) + 2 * ALIGNMENT, np.uint8)
        start = (self.phase - memory.ctypes.data) % ALIGNMENT
        memory[start : start + len(self.data)] = np.frombuffer(self.data, np.uint8)
        array: npt.NDArray[Any] = np.ndarray(self.shape, dtype, memory, start + self.offset, self.strides)
        array.setflags(write=self.writeable)
        return array

    def is_kept_by(self, array: npt.NDArray[Any]) -> bool:
        """Whether an array that was restored is still as it was: its bytes, those between its entries, its shape."""
        if array.shape != self.shape or name_of(array.dtype) != self.dtype:
            return False
        if self.strides is None:
            return array.tobytes() == self.data
        return array.strides == self.strides and _memory(array)[0] == self.data


def stored(array: npt.NDArray[Any], as_it_lies: bool = False) -> Stored:
    """The array as data; contiguous, unless it is to lie in memory as it does."""
    dtype = name_of(array.dtype)
    if not as_it_lies:
        return Stored(array.tobytes(), dtype, array.shape)
    data, low = _memory(array)
    start, writeable = array.ctypes.data - low, array.flags.writeable
    return Stored(data, dtype, array.shape, array.strides, start, low % ALIGNMENT, writeable)


@cache  # NumPy works a dtype's name out anew at each look
def name_of(dtype: np.dtype[Any]) -> str:
    """A name that says the byte order too, but for bfloat16, for which NumPy has none."""
    return dtype.name if dtype.name == "bfloat16" else dtype.str


@cache
def dtype_named(name: str) -> np.dtype[Any]:
    """The dtype of such a name.

    Raises:
        TypeError: for a name that is none of a number's.
    """
    dtype = dtype_of(name) if name == "bfloat16" else np.dtype(name)
    if dtype.kind not in "iuf" and name != "bfloat16":
        raise TypeError(f"{name} is no dtype of numbers")
    return dtype


def _memory(array: npt.NDArray[Any]) -> tuple[bytes, int]:
    """Every byte from the array's first entry in memory to its last, and the address of the first."""
    low, high = byte_bounds(array)
    return ctypes.string_at(low, high - low), low
