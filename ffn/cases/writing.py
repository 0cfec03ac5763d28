"""Arrays as JSON and as Python that can be pasted, with every bit of their numbers."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import numpy.typing as npt


def numbers(array: npt.NDArray[Any]) -> dict[str, Any]:
    """An array as nested lists of numbers, null for what is none; of floats in hexadecimal too."""
    if np.issubdtype(array.dtype, np.integer):
        return {"value": array.tolist()}
    values = array.astype(np.float64)
    hexadecimal = np.vectorize(lambda value: float(value).hex(), otypes=[object])(values)
    finite = values.astype(object)
    finite[~np.isfinite(values)] = None  # JSON has no NaN and no infinity
    return {"value": finite.tolist(), "hex": hexadecimal.tolist()}


LONG = 24  # entries from which on an array with many zeros is written by what is not 0


def literal(array: npt.NDArray[Any]) -> str:
    """An array as a Python expression, short where the numbers are or where most are 0."""
    if np.issubdtype(array.dtype, np.integer):
        return f"np.array({array.tolist()}" + (")" if array.dtype == np.int64 else f", dtype=np.{array.dtype.name})")
    dtype = "bfloat16" if array.dtype.name == "bfloat16" else f"np.{array.dtype.name}"
    values = array.astype(np.float64)
    used = np.flatnonzero(values)
    if values.size >= LONG and not np.any(np.ascontiguousarray(array).view(np.uint8)):
        return f"np.zeros({values.shape}, dtype={dtype})"
    if values.size >= LONG and 3 * len(used) < values.size and not np.signbit(values[values == 0]).any():
        # Adds up the numbers given at the places given, one each.
        sparse = f"np.bincount({used.tolist()}, {_listed(values.flat[used])}, {values.size})"
        return f"{sparse}.reshape{values.shape}.astype({dtype})"
    # float64 repr is exact for every narrower dtype too
    return f"np.array({_listed(values)}, dtype={dtype})"


def _listed(values: npt.NDArray[np.float64]) -> str:
    """The numbers as Python writes them; what is none by NumPy's names."""
    return re.sub("nan|inf", r"np.\g<0>", repr(values.tolist()))


def written(tree: Any) -> str:
    """An array, or a tuple of arrays or layers with one of them a line."""
    if not isinstance(tree, tuple):
        return literal(tree)
    lines = (f"({', '.join(map(literal, each))})" if isinstance(each, tuple) else literal(each) for each in tree)
    return "(\n" + "".join(f"    {line},\n" for line in lines) + ")"


def imports(array: npt.NDArray[Any]) -> str:
    """The import lines that the expression needs."""
    return "import numpy as np\n" + ("from ml_dtypes import bfloat16\n" if array.dtype.name == "bfloat16" else "")
