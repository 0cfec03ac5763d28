"""A case: everything that one call of an implementation needs, in one precision.

The fields of a case are the arguments of the call, by the names in ``ffn.network.formulas``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from copy import copy
from dataclasses import dataclass, fields
from functools import cache
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from ffn.cases.writing import imports, literal, numbers, written
from ffn.network.description import Network, Recurrent
from ffn.network.formulas import argument_names, check_arguments, check_elementwise
from ffn.network.outputs import distribution_of
from ffn.numbers.precision import dtype_of

ArrayTree = Any  # an array, or a tuple of such trees
Axes = Any  # a tuple of names, one an axis, nested as the arrays are


@dataclass(frozen=True)
class Arguments:
    """What the cases have in common: arrays that are cast, scaled and written alike, whatever the call."""

    @property
    def dtype(self) -> str:
        """The precision's name."""
        return next(_name_of(array.dtype) for array in self.arrays() if not _is_integer(array))

    @property
    def part(self) -> str | None:
        """The part of ``ffn.conformance.implementation.protocol.PARTS`` whose methods are called, if it has its own."""
        return None

    def method(self, name: str) -> str:
        """The method that is called for ``forward``, ``loss``, …, by its own name where the part has one."""
        return name if self.part is None else f"{self.part}_{name}"

    def returned(self, name: str) -> tuple[Any, Any]:
        """Of the arrays that ``forward``, ``loss``, … returns, where each stands, and its shape: nested alike."""
        raise NotImplementedError

    def arguments(self, method: str) -> tuple[Any, ...]:
        """The arguments of a method, in their order."""
        return tuple(getattr(self, name) for name in argument_names(method))

    def trees(self) -> Iterator[tuple[str, ArrayTree]]:
        """The fields that hold arrays, by name."""
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, (tuple, np.ndarray)):
                yield field.name, value

    def arrays(self) -> Iterator[npt.NDArray[Any]]:
        """Every array, in the order of the fields."""
        return (array for _, tree in self.trees() for array in flat(tree))

    def changed(self, **replaced: Any) -> Self:
        """The case with other fields, unchecked: of a valid case, arrays that were cast, scaled, or cut down."""
        other = copy(self)
        vars(other).update(replaced)  # a frozen dataclass forbids its own setattr
        return other

    def mapped(self, function: Callable[[npt.NDArray[Any]], npt.NDArray[Any]], *names: str) -> Self:
        """The case with every array, or those of the named fields, replaced."""

        def array_of(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
            return np.asarray(function(array))  # of an array without axes NumPy's operations return a scalar

        return self.changed(
            **{name: mapped(array_of, tree) for name, tree in self.trees() if not names or name in names}
        )

    def cast(self, dtype: str) -> Self:
        """The same numbers in another dtype, exactly where that dtype can hold them."""
        target = dtype_of(dtype)
        return self.mapped(lambda array: array if _is_integer(array) else _cast(array, target))

    def scaled(self, factor: float) -> Self:
        """Parameters and inputs times ``factor``: closer to 0 every problem here is well conditioned.

        Targets beyond 1 come closer too; class indices, and what may be a probability, stay.
        """
        closer = self.mapped(lambda array: array if _is_bounded(array) else _scaled(array, min(factor, 1.0)), "y")
        return closer.mapped(lambda array: _scaled(array, factor), "parameters", "x", "h0", "z")

    def taken(self, kept: Mapping[str, Any]) -> Self:
        """The case on some entries of some axes: along each, an array of their places, in the order wanted."""
        return self.changed(**{name: taken(tree, axes, kept) for name, tree, axes in self.with_axes()})

    def with_axes(self) -> Iterator[tuple[str, ArrayTree, Axes]]:
        """The fields that hold arrays, with what each axis of them runs over."""
        axes = self.axes()
        return ((name, tree, axes[name]) for name, tree in self.trees())

    def to_json(self) -> dict[str, Any]:
        """The case as JSON, each float as a number and in hexadecimal."""
        raise NotImplementedError

    def to_python(self) -> str:
        """The case as Python that can be pasted."""
        raise NotImplementedError

    @property
    def work(self) -> int:
        """About how much a pass takes: the numbers in all arrays, times the rows."""
        return sum(array.size for array in self.arrays()) * self.lengths().get("row", 1)

    def axes(self) -> dict[str, Axes]:
        """What each axis of the arrays in a field runs over: the same name, the same things."""
        raise NotImplementedError

    def lengths(self) -> dict[str, int]:
        """The length of each axis."""
        found: dict[str, int] = {}
        for _, tree, axes in self.with_axes():
            for array, names in zip(flat(tree), flat_axes(axes), strict=True):
                found |= zip(names, array.shape, strict=True)
        return found


@dataclass(frozen=True, repr=False)
class Case(Arguments):
    """A network or a recurrent layer, its parameters, a batch and its targets, all floats of one dtype.

    Lists and integers become arrays of the parameters' dtype. In parameters and x infinities and NaN are allowed; what
    comes of them is not judged.

    Attributes:
        network: the description.
        parameters: as it asks for them.
        x: (N, inputs), or (N, T, inputs) for a recurrent layer.
        y: the targets, which are integers where they are class indices.
        masks: with dropout, 0 and 1 for the input of each affine layer.
        h0: the first state of a recurrent layer.

    Raises:
        ValueError: where shapes, dtypes or the targets' domain do not fit the network, as ``reference`` raises.
    """

    network: Network | Recurrent
    parameters: tuple[tuple[npt.NDArray[Any], ...], ...]
    x: npt.NDArray[Any]
    y: npt.NDArray[Any]
    masks: tuple[npt.NDArray[Any], ...] | None = None
    h0: npt.NDArray[Any] | None = None

    def __post_init__(self) -> None:
        check_arguments(**vars(self))
        if self.y is None:
            raise ValueError("y is left out: a case has targets")
        dtype = self.parameters[0][0].dtype
        indices = distribution_of(self.network.output).integer_targets
        arrays = {
            "parameters": tuple(map(tuple, self.parameters)),  # which are arrays, of one dtype
            "x": np.asarray(self.x, dtype),
            "y": np.asarray(self.y, None if indices else dtype),
            "masks": self.masks if self.masks is None else tuple(np.asarray(mask, dtype) for mask in self.masks),
            "h0": self.h0 if self.h0 is None else np.asarray(self.h0, dtype),
        }
        vars(self).update(arrays)

    def __repr__(self) -> str:
        return f"Case({self.network!r}, {self.dtype}, {len(self.x)} rows)"

    @property
    def part(self) -> str | None:
        if isinstance(self.network, Recurrent):
            return "recurrent"
        return None if self.masks is None else "dropout"

    def returned(self, name: str) -> tuple[Any, Any]:
        if name == "gradient":
            return self.network.names, self.network.shapes
        units = self.network.units
        return {
            "forward": ("output", (len(self.x), units)),
            "loss": ("loss", ()),
            "mean": ("mean", (len(self.x), units // self.network.output.units_per_target)),
        }[name]

    def rows(self, index: Any) -> Case:
        """The case on some rows of the batch, in the order given."""
        return self.taken({"row": np.arange(len(self.x))[index]})

    def axes(self) -> dict[str, Axes]:
        parameters = self.network.axes
        steps = ("step",) if isinstance(self.network, Recurrent) else ()
        return {
            "parameters": parameters,
            "x": ("row", *steps, "input"),
            "y": ("row", "target")[: self.y.ndim],
            "masks": tuple(("row", layer[0][0]) for layer in parameters),
            "h0": ("row", "state"),
        }

    def taken(self, kept: Mapping[str, Any]) -> Case:
        smaller = super().taken(kept)
        return smaller.changed(network=self.network.resized({name: len(places) for name, places in kept.items()}))

    def to_json(self) -> dict[str, Any]:
        layers = [
            {name[-1]: numbers(array) for name, array in zip(names, layer, strict=True)}
            for names, layer in zip(self.network.names, self.parameters, strict=True)
        ]
        return {
            type(self.network).__name__.lower(): self.network.to_json(),
            "dtype": self.dtype,
            **{name: mapped(numbers, tree) for name, tree in self.trees()},
            "parameters": layers,
        }

    def to_python(self) -> str:
        kind = type(self.network).__name__
        names = sorted({"Hidden", "Output", kind})
        return f"{imports(self.x)}from ffn import {', '.join(names)}\nnetwork = {self.network!r}\n" + "\n".join(
            f"{name} = {written(tree)}" for name, tree in self.trees()
        )


@dataclass(frozen=True)
class ActivationCase(Arguments):
    """An element-wise activation and the pre-activations z, of any shape, that it is applied to.

    Attributes:
        activation: one of ``ELEMENTWISE``.
        z: the pre-activations, an array of one of the four dtypes, or a list of floats.
        negative_slope: of leaky_relu alone, 0.01 when left out; handed on, after z, where it is given.

    Raises:
        ValueError: for another activation or dtype, or a slope that is another activation's.
    """

    activation: str
    z: npt.NDArray[Any]
    negative_slope: float | None = None

    def __post_init__(self) -> None:
        check_elementwise(self.activation, self.z, self.negative_slope)
        vars(self)["z"] = np.asarray(self.z)

    def arguments(self, method: str) -> tuple[Any, ...]:
        given = super().arguments(method)
        return given[:-1] if self.negative_slope is None else given

    def returned(self, name: str) -> tuple[Any, Any]:
        return (self.activation if name == "activation" else f"{self.activation}′"), self.z.shape

    def axes(self) -> dict[str, Axes]:
        return {"z": ("entry",) if self.z.ndim == 1 else tuple(f"axis {place}" for place in range(self.z.ndim))}

    def to_json(self) -> dict[str, Any]:
        slope = {} if self.negative_slope is None else {"negative_slope": self.negative_slope}
        return {"activation": self.activation, **slope, "dtype": self.dtype, "z": numbers(self.z)}

    def to_python(self) -> str:
        slope = "" if self.negative_slope is None else f"negative_slope = {self.negative_slope!r}\n"
        return f"{imports(self.z)}activation = {self.activation!r}\n{slope}z = {literal(self.z)}"


def identity(case: Arguments) -> tuple[Any, ...]:
    """What a case has in common with every other that is like it, bit for bit."""
    return tuple(mapped(_contents, getattr(case, field.name)) for field in fields(case))


def _contents(value: Any) -> Any:
    return (value.shape, value.dtype.str, value.tobytes()) if isinstance(value, np.ndarray) else value


def flat(tree: ArrayTree) -> list[Any]:
    """The arrays of a nested tuple, in order."""
    return [array for each in tree for array in flat(each)] if isinstance(tree, tuple) else [tree]


def flat_axes(axes: Axes) -> list[tuple[str, ...]]:
    """The axes of each array, in the same order."""
    nested = axes and isinstance(axes[0], tuple)
    return [names for each in axes for names in flat_axes(each)] if nested else [axes]


def mapped(function: Callable[[Any], Any], tree: ArrayTree) -> Any:
    """A nested tuple with each array replaced."""
    return tuple(mapped(function, each) for each in tree) if isinstance(tree, tuple) else function(tree)


def taken(tree: ArrayTree, axes: Axes, kept: Mapping[str, Any]) -> ArrayTree:
    """Arrays on some entries of some axes."""
    if isinstance(tree, tuple):
        return tuple(taken(each, names, kept) for each, names in zip(tree, axes, strict=True))
    for place, name in enumerate(axes):
        if name in kept:
            tree = tree.take(kept[name], axis=place)
    return tree


@cache  # NumPy works it out anew at each look
def _name_of(dtype: np.dtype[Any]) -> str:
    return dtype.name


def _is_integer(array: npt.NDArray[Any]) -> bool:
    return array.dtype.kind in "iu"


def _is_bounded(array: npt.NDArray[Any]) -> bool:
    return _is_integer(array) or bool((abs(array.astype(np.float64)) <= 1).all())


def _scaled(array: npt.NDArray[Any], factor: float) -> npt.NDArray[Any]:
    with np.errstate(over="ignore"):
        return _cast(array.astype(np.float64) * factor, array.dtype)


def _cast(array: npt.NDArray[Any], target: np.dtype[Any]) -> npt.NDArray[Any]:
    with np.errstate(over="ignore"):  # what does not fit becomes infinite
        return array.astype(target)
