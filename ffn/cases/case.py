"""A case: everything that one call of an implementation needs, in one precision."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from ffn.network.description import Network, Parameters, Recurrent
from ffn.numbers.precision import dtype_of


@dataclass(frozen=True)
class Case:
    """A network, its parameters, a batch and its targets, all floats of one dtype; targets may be class indices."""

    network: Network
    parameters: Parameters
    x: npt.NDArray[Any]
    y: npt.NDArray[Any]

    @property
    def dtype(self) -> str:
        return str(self.x.dtype.name)

    def cast(self, dtype: str) -> Case:
        """The same numbers in another dtype, exactly where that dtype can hold them."""
        target = dtype_of(dtype)
        parameters = tuple((_cast(W, target), _cast(b, target)) for W, b in self.parameters)
        return replace(self, parameters=parameters, x=_cast(self.x, target), y=_cast_targets(self.y, target))

    def scaled(self, factor: float) -> Case:
        """Parameters and inputs times ``factor``: closer to 0 every problem here is well conditioned."""
        parameters = tuple((_scaled(W, factor), _scaled(b, factor)) for W, b in self.parameters)
        return replace(self, parameters=parameters, x=_scaled(self.x, factor))

    def rows(self, index: Any) -> Case:
        """The case on some rows of the batch, in the order given."""
        return replace(self, x=self.x[index], y=self.y[index])

    def to_json(self) -> dict[str, Any]:
        """The case as JSON, each float as a number and in hexadecimal."""
        return {
            "network": self.network.to_json(),
            "dtype": self.dtype,
            "parameters": [{"W": numbers(W), "b": numbers(b)} for W, b in self.parameters],
            "x": numbers(self.x),
            "y": numbers(self.y),
        }

    def to_python(self) -> str:
        """The case as Python that can be pasted."""
        layers = "".join(f"    ({literal(W)}, {literal(b)}),\n" for W, b in self.parameters)
        return (
            _imports(self.x)
            + "from ffn import Hidden, Network, Output\n"
            + f"network = {self.network!r}\n"
            + f"parameters = (\n{layers})\n"
            + f"x = {literal(self.x)}\n"
            + f"y = {literal(self.y)}"
        )


@dataclass(frozen=True)
class DropoutCase(Case):
    """A case with dropout masks, one for the input of each affine layer, of the case's dtype."""

    masks: tuple[npt.NDArray[Any], ...]

    def cast(self, dtype: str) -> DropoutCase:
        plain, masks = super().cast(dtype), tuple(_cast(mask, dtype_of(dtype)) for mask in self.masks)
        return replace(self, parameters=plain.parameters, x=plain.x, y=plain.y, masks=masks)

    def rows(self, index: Any) -> DropoutCase:
        return replace(self, x=self.x[index], y=self.y[index], masks=tuple(mask[index] for mask in self.masks))

    def without_masks(self) -> Case:
        """The network, its parameters and the batch alone."""
        return Case(self.network, self.parameters, self.x, self.y)

    def to_json(self) -> dict[str, Any]:
        return {**super().to_json(), "masks": [numbers(mask) for mask in self.masks]}

    def to_python(self) -> str:
        masks = "".join(f"    {literal(mask)},\n" for mask in self.masks)
        return f"{super().to_python()}\nmasks = (\n{masks})"


@dataclass(frozen=True)
class RecurrentCase:
    """A recurrent layer, its ((W, U, b), (V, c)), a batch x (N, T, inputs), its targets and the first state h0."""

    recurrent: Recurrent
    parameters: tuple[tuple[npt.NDArray[Any], ...], ...]
    x: npt.NDArray[Any]
    y: npt.NDArray[Any]
    h0: npt.NDArray[Any]

    @property
    def dtype(self) -> str:
        return str(self.x.dtype.name)

    def cast(self, dtype: str) -> RecurrentCase:
        target = dtype_of(dtype)
        parameters = tuple(tuple(_cast(array, target) for array in layer) for layer in self.parameters)
        x, h0 = _cast(self.x, target), _cast(self.h0, target)
        return replace(self, parameters=parameters, x=x, y=_cast_targets(self.y, target), h0=h0)

    def scaled(self, factor: float) -> RecurrentCase:
        parameters = tuple(tuple(_scaled(array, factor) for array in layer) for layer in self.parameters)
        return replace(self, parameters=parameters, x=_scaled(self.x, factor), h0=_scaled(self.h0, factor))

    def rows(self, index: Any) -> RecurrentCase:
        return replace(self, x=self.x[index], y=self.y[index], h0=self.h0[index])

    def to_json(self) -> dict[str, Any]:
        named = [zip(names, layer, strict=True) for names, layer in zip(RECURRENT_NAMES, self.parameters, strict=True)]
        return {
            "recurrent": self.recurrent.to_json(),
            "dtype": self.dtype,
            "parameters": [{name: numbers(array) for name, array in layer} for layer in named],
            "x": numbers(self.x),
            "y": numbers(self.y),
            "h0": numbers(self.h0),
        }

    def to_python(self) -> str:
        layers = "".join(f"    ({', '.join(map(literal, layer))}),\n" for layer in self.parameters)
        return (
            _imports(self.x)
            + "from ffn import Hidden, Output, Recurrent\n"
            + f"recurrent = {self.recurrent!r}\n"
            + f"parameters = (\n{layers})\n"
            + f"x = {literal(self.x)}\n"
            + f"y = {literal(self.y)}\n"
            + f"h0 = {literal(self.h0)}"
        )


RECURRENT_NAMES = ("WUb", "Vc")  # the letters of ((W, U, b), (V, c))


@dataclass(frozen=True)
class ActivationCase:
    """An element-wise activation and the pre-activations z, of any shape, that it is applied to."""

    activation: str
    z: npt.NDArray[Any]

    @property
    def dtype(self) -> str:
        return str(self.z.dtype.name)

    def cast(self, dtype: str) -> ActivationCase:
        return replace(self, z=_cast(self.z, dtype_of(dtype)))

    def scaled(self, factor: float) -> ActivationCase:
        return replace(self, z=_scaled(self.z, factor))

    def at(self, index: int) -> ActivationCase:
        """The case on one entry of z alone, counted in row order."""
        return replace(self, z=self.z.ravel()[index : index + 1])

    def to_json(self) -> dict[str, Any]:
        return {"activation": self.activation, "dtype": self.dtype, "z": numbers(self.z)}

    def to_python(self) -> str:
        return f"{_imports(self.z)}activation = {self.activation!r}\nz = {literal(self.z)}"


def numbers(array: npt.NDArray[Any]) -> dict[str, Any]:
    """An array as nested lists of numbers, and of their hexadecimal form where they are floats."""
    if np.issubdtype(array.dtype, np.integer):
        return {"value": array.tolist()}
    values = array.astype(np.float64)
    hexadecimal = np.vectorize(lambda value: float(value).hex(), otypes=[object])(values)
    return {"value": values.tolist(), "hex": hexadecimal.tolist()}


def literal(array: npt.NDArray[Any]) -> str:
    """An array as a Python expression, short where the numbers are."""
    if np.issubdtype(array.dtype, np.integer):
        return f"np.array({array.tolist()})"
    dtype = "bfloat16" if array.dtype.name == "bfloat16" else f"np.{array.dtype.name}"
    # float64 repr is exact for every narrower dtype too
    return f"np.array({array.astype(np.float64).tolist()!r}, dtype={dtype})"


def _imports(array: npt.NDArray[Any]) -> str:
    return "import numpy as np\n" + ("from ml_dtypes import bfloat16\n" if array.dtype.name == "bfloat16" else "")


def _scaled(array: npt.NDArray[Any], factor: float) -> npt.NDArray[Any]:
    with np.errstate(over="ignore"):
        scaled: npt.NDArray[Any] = (array.astype(np.float64) * factor).astype(array.dtype)
    return scaled


def _cast_targets(y: npt.NDArray[Any], target: np.dtype[Any]) -> npt.NDArray[Any]:
    return y if np.issubdtype(y.dtype, np.integer) else _cast(y, target)


def _cast(array: npt.NDArray[Any], target: np.dtype[Any]) -> npt.NDArray[Any]:
    with np.errstate(over="ignore"):  # what does not fit becomes infinite
        return array.astype(target)
