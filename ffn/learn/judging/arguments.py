"""The arguments of a plain function: how they are drawn, and cut down, along their axes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from itertools import product
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from ffn.cases.case import Arguments, flat
from ffn.numbers.precision import dtype_of

LENGTHS = (1, 2, 3)
Draw = Callable[[np.random.Generator, tuple[int, ...]], npt.NDArray[Any]]


def numbers(rng: np.random.Generator, shape: tuple[int, ...]) -> npt.NDArray[Any]:
    """Whole numbers and halves from −4 to 4, one in five of them 0."""
    values = rng.integers(-8, 9, shape) / 2
    return np.where(rng.random(shape) < 0.2, 0, values)


def nonzero(rng: np.random.Generator, shape: tuple[int, ...]) -> npt.NDArray[Any]:
    """Halves from −4 to 4 without 0: away from the kinks."""
    return np.asarray(rng.integers(1, 9, shape) / 2 * rng.choice([-1, 1], shape))


def small(rng: np.random.Generator, shape: tuple[int, ...]) -> npt.NDArray[Any]:
    """Whole numbers from −2 to 2: they tie often, and their products stay small."""
    return rng.integers(-2, 3, shape).astype(float)


def whole(rng: np.random.Generator, shape: tuple[int, ...]) -> npt.NDArray[Any]:
    """Whole numbers from 1 to 5."""
    return np.asarray(rng.integers(1, 6, shape).astype(float))


def positive(rng: np.random.Generator, shape: tuple[int, ...]) -> npt.NDArray[Any]:
    """Halves from ½ to 4."""
    return np.asarray(rng.integers(1, 9, shape) / 2)


def zero_or_one(rng: np.random.Generator, shape: tuple[int, ...]) -> npt.NDArray[Any]:
    """0 or 1."""
    return rng.integers(0, 2, shape).astype(float)


def counts(rng: np.random.Generator, shape: tuple[int, ...]) -> npt.NDArray[Any]:
    """Whole numbers from 0 to 5."""
    return rng.integers(0, 6, shape).astype(float)


# From where a formula is a line to where exponentials overflow, of either sign.
_MAGNITUDES = (
    2.0**-16,
    2.0**-10,
    0.25,
    0.5,
    1.0,
    3.0,
    8.0,
    10.0,
    12.0,
    20.0,
    37.0,
    40.0,
    95.0,
    100.0,
    400.0,
    720.0,
    750.0,
)


def wide(rng: np.random.Generator, shape: tuple[int, ...]) -> npt.NDArray[Any]:
    """Numbers where σ, exp and log go wrong, of either sign, and 0."""
    return np.asarray(rng.choice((0.0, *_MAGNITUDES, *(-m for m in _MAGNITUDES)), shape))


@dataclass(frozen=True)
class Array:
    """An argument that is an array of floats.

    Attributes:
        name: of the argument.
        axes: what each axis runs over, in words with spaces between: ``"row unit"``; ``""`` for a single number.
        draw: (generator, shape) → its numbers; small whole numbers, so that what is shown is easy to follow.
        least: the smallest number that it may be; an example is not cut down below.
    """

    name: str
    axes: str
    draw: Draw = numbers
    least: float | None = None


@dataclass(frozen=True)
class Given:
    """An argument that follows from those before it, such as h from z.

    Attributes:
        name: of the argument.
        axes: as of an ``Array``.
        formula: (*the arguments before it) → its numbers, in NumPy.
    """

    name: str
    axes: str
    formula: Callable[..., Any]


@dataclass(frozen=True)
class Labels:
    """Class indices, as many classes as the axis is long."""

    name: str
    axes: str
    classes: str


@dataclass(frozen=True)
class Choice:
    """A name out of some, such as that of an activation; it comes before the arrays."""

    name: str
    among: tuple[str, ...]


Argument = Array | Given | Labels | Choice


@dataclass(frozen=True)
class FunctionCase(Arguments):
    """What a plain function is called with.

    Attributes:
        described: its arguments.
        chosen: the value of each ``Choice``.
        values: the array of each of the others.
    """

    described: tuple[Argument, ...]
    chosen: tuple[str, ...]
    values: tuple[npt.NDArray[Any], ...]

    def __post_init__(self) -> None:
        vars(self)["values"] = self._consistent()

    def _consistent(self) -> tuple[npt.NDArray[Any], ...]:
        """The arrays, those that follow from others computed anew."""
        found: list[npt.NDArray[Any]] = []
        lengths = dict(self._lengths())
        for described, value in zip(self._arrays(), self.values, strict=True):
            if isinstance(described, Labels):
                value = np.minimum(value, lengths[described.classes] - 1)
            elif isinstance(described, Array) and described.least is not None:
                value = np.asarray(np.maximum(value, np.asarray(described.least, value.dtype)))
            elif isinstance(described, Given):
                with np.errstate(all="ignore"):
                    computed = np.asarray(described.formula(*self.chosen, *found))
                value = computed.astype(found[0].dtype)
            found.append(value)
        return tuple(found)

    def _arrays(self) -> list[Array | Given | Labels]:
        return [each for each in self.described if not isinstance(each, Choice)]

    def _lengths(self) -> Iterator[tuple[str, int]]:
        for described, value in zip(self._arrays(), self.values, strict=True):
            if not isinstance(described, Given):
                yield from zip(described.axes.split(), value.shape, strict=True)

    def trees(self) -> Iterator[tuple[str, Any]]:
        yield "values", self.values

    def changed(self, **replaced: Any) -> Self:
        other = copy(self)
        vars(other).update(replaced)
        other.__post_init__()
        return other

    def axes(self) -> dict[str, Any]:
        return {"values": tuple(tuple(each.axes.split()) for each in self._arrays())}

    def arguments(self, method: str = "") -> tuple[Any, ...]:
        return (*self.chosen, *self.values)

    def named(self) -> Iterator[tuple[str, Any]]:
        """Each argument by its name."""
        return zip((each.name for each in self.described), self.arguments(), strict=True)


def drawn(
    described: Sequence[Argument], count: int, dtype: str = "float64", draw: Draw | None = None
) -> list[FunctionCase]:
    """Examples from small to large: lengths 1, 2 and 3 of the axes in every combination, as far as ``count`` goes, and
    each name in its turn.

    Args:
        described: the arguments; a ``Choice`` comes first.
        count: how many.
        dtype: of the arrays.
        draw: in place of that of every array.
    """
    axes = list(dict.fromkeys(axis for each in described if not isinstance(each, Choice) for axis in each.axes.split()))
    options = [each.among for each in described if isinstance(each, Choice)]
    sizes = sorted(product(LENGTHS, repeat=len(axes)), key=lambda lengths: (sum(lengths), lengths))
    names = list(product(*options))
    plan = [(sizes[place * len(sizes) // count], names[place % len(names)]) for place in range(count)]
    rng = np.random.default_rng(0)
    return [
        _one(described, dict(zip(axes, lengths, strict=True)), chosen, rng, dtype, draw) for lengths, chosen in plan
    ]


def _one(
    described: Sequence[Argument],
    lengths: Mapping[str, int],
    chosen: tuple[str, ...],
    rng: np.random.Generator,
    dtype: str,
    draw: Draw | None,
) -> FunctionCase:
    values = []
    for each in described:
        if isinstance(each, Choice):
            continue
        shape = tuple(lengths[axis] for axis in each.axes.split())
        if isinstance(each, Labels):
            values.append(rng.integers(0, lengths[each.classes], shape))
        else:
            how = (draw or each.draw) if isinstance(each, Array) else numbers
            values.append(np.asarray(how(rng, shape)).astype(dtype_of(dtype)))
    return FunctionCase(tuple(described), chosen, tuple(values))


def shapes_of(returns: Any, case: FunctionCase) -> tuple[Any, Any]:
    """The names and the shapes of what is returned: (name, axes), or a tuple of such pairs."""
    if isinstance(returns[0], str):
        lengths = case.lengths()
        return returns[0], tuple(lengths[axis] for axis in returns[1].split())
    parts = [shapes_of(each, case) for each in returns]
    return tuple(name for name, _ in parts), tuple(shape for _, shape in parts)


__all__ = ["Argument", "Array", "Choice", "FunctionCase", "Given", "Labels", "drawn", "flat", "shapes_of"]
