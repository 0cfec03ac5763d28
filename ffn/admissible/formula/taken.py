"""Arrays of other libraries, taken over as NumPy's: by DLPack, from whatever device."""

from __future__ import annotations

import sys
from typing import Any

import ml_dtypes
import numpy as np
import numpy.typing as npt

from ffn.numbers.precision import NAMES

EIGHTS = ("float8_e4m3fn", "float8_e5m2", "float8_e4m3", "float8_e4m3fnuz", "float8_e5m2fnuz", "float8_e4m3b11fnuz")
STORED = (*NAMES, *EIGHTS)


def taken(given: Any) -> npt.NDArray[Any]:
    """The same numbers as an array of NumPy; bfloat16 and float8 are those of ml_dtypes.

    Raises:
        TypeError: for what is no array of real numbers.
    """
    array: Any = given
    if hasattr(array, "detach"):  # torch: off the tape, and its bfloat16, which NumPy's DLPack does not know, as bits
        array = array.detach().cpu().contiguous()
        name = str(array.dtype).partition(".")[2]
        if name == "bfloat16" or name in EIGHTS:
            torch: Any = sys.modules["torch"]
            bits = array.view(torch.int16 if name == "bfloat16" else torch.uint8)
            array = np.from_dlpack(bits).view(getattr(ml_dtypes, name))
    if not isinstance(array, np.ndarray) and hasattr(array, "__dlpack__") and not isinstance(array, np.generic):
        try:
            array = np.from_dlpack(array)
        except (BufferError, RuntimeError, TypeError):
            array = np.asarray(array)  # a dtype of ml_dtypes, or another device: as its own library makes it NumPy's
    if np.ma.isMaskedArray(array):
        raise TypeError("a masked array has entries that are no numbers")
    found: npt.NDArray[Any] = np.asarray(array)
    if found.dtype.name not in STORED and found.dtype.kind not in "biu":
        raise TypeError(f"an array of {found.dtype.name}: of {', '.join(STORED[:6])}, integers or bool it can be")
    return found


def named(dtype: Any, of: str = "dtype", names: tuple[str, ...] = NAMES) -> str:
    """The name of a precision, given by it, or as a dtype of NumPy or torch.

    Raises:
        ValueError: where it is none of them.
    """
    name = np.dtype(dtype).name if isinstance(dtype, type) else str(dtype).removeprefix("torch.")
    if name not in names:
        raise ValueError(f"{of} is one of {', '.join(names[:6])}, not {dtype!r}")
    return name


def storage(arrays: list[npt.NDArray[Any]]) -> str:
    """The precision of the arrays: the widest; of float8 alone, float32.

    Raises:
        TypeError: where none holds floating-point numbers.
    """
    found = {array.dtype.name for array in arrays if array.dtype.name in STORED}
    if not found:
        raise TypeError(
            "none of the arrays holds floating-point numbers: their precision says what a program rounds to"
        )
    if {"float16", "bfloat16"} <= found:
        return "float64" if "float64" in found else "float32"
    return max(found & set(NAMES), key=["float16", "bfloat16", "float32", "float64"].index, default="float32")
