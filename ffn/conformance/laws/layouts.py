"""How arrays may lie in memory and what labels may be stored as, and a case whose arrays lie so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ffn.cases.case import Arguments, Case
from ffn.cases.plan import Levels
from ffn.conformance.implementation.sequence import leaves_of

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Layout:
    """A way to lie in memory.

    Attributes:
        name: as an adjective.
        lay: the array in a new one that lies so; of a broadcast one every row is the first.
        expression: the same in Python that can be pasted, of the array ``{}``.
        changes: whether numbers change.
    """

    name: str
    lay: Callable[[Array], Array]
    expression: str
    changes: bool = False


def _strided(array: Array) -> Array:
    return np.stack([array.T, array.T], -1)[..., 0].T


def _misaligned(array: Array) -> Array:
    """One byte beyond where numbers of this size lie."""
    moved: Array = np.frombuffer(bytearray(b"-" + array.tobytes()), array.dtype, offset=1).reshape(array.shape)
    return moved


def _read_only(array: Array) -> Array:
    fixed: Array = np.frombuffer(array.tobytes(), array.dtype).reshape(array.shape)
    return fixed


LAYOUTS = (
    Layout("transposed", lambda array: np.asfortranarray(array), "np.asfortranarray({})"),
    Layout("strided", _strided, "np.stack([{0}.T, {0}.T], -1)[..., 0].T"),
    Layout("reversed", lambda array: np.flip(np.flip(array).copy()), "np.flip(np.flip({}).copy())"),
    Layout(
        "broadcast",
        lambda array: np.broadcast_to(array[:1].copy(), array.shape),
        "np.broadcast_to({0}[:1].copy(), {0}.shape)",
        changes=True,
    ),
    Layout(
        "misaligned",
        _misaligned,
        'np.frombuffer(bytearray(b"-" + {0}.tobytes()), {0}.dtype, offset=1).reshape({0}.shape)',
    ),
    Layout("read-only", _read_only, "np.frombuffer({0}.tobytes(), {0}.dtype).reshape({0}.shape)"),
)


USUAL = "usual"
LABELS = ("int64", "int32", "int8", "int16", "uint8", "uint16", "uint32", "uint64")  # bool is none of them


def laid(case: Case, levels: Levels, *_: Any) -> Case:
    """The case with all arrays in the layout of that name."""
    named = {layout.name: layout.lay for layout in LAYOUTS}
    return case if levels["layout"] == USUAL else case.mapped(named[levels["layout"]])


def labelled(case: Case, levels: Levels, *_: Any) -> Case:
    """The case with labels of that type."""
    return case.changed(y=case.y.astype(levels["labels"]))


def layout_of(case: Arguments) -> Layout | None:
    """The layout of all arrays of a case; none where they lie as they usually do, or each differently."""

    def lying(lay: Callable[[Array], Array]) -> bool:
        return all(_lies(array) == _lies(lay(array.copy())) for array in case.arrays())

    return None if lying(lambda array: array) else next((each for each in LAYOUTS if lying(each.lay)), None)


def _lies(array: Array) -> tuple[tuple[int, ...], bool, bool]:
    return array.strides, array.flags.aligned, array.flags.writeable


@dataclass(frozen=True)
class LaidOut:
    """A case some of whose fields lie in memory in a certain way, as a counterexample."""

    case: Arguments
    layout: Layout
    fields: tuple[str, ...]

    @property
    def dtype(self) -> str:
        return self.case.dtype

    @property
    def laid(self) -> Arguments:
        """The case itself, with these arrays."""
        return self.case.mapped(self.layout.lay, *self.fields)

    def __str__(self) -> str:
        return f"{', '.join(self.fields)} {self.layout.name}"

    def to_json(self) -> dict[str, Any]:
        """The case, and how which of its arrays lie."""
        return {**self.case.to_json(), "layout": dict.fromkeys(self.fields, self.layout.name)}

    def to_python(self) -> str:
        """The case as Python that can be pasted, with its arrays as they lie."""
        lines = (f"{name} = {self._expression(name, getattr(self.case, name))}" for name in self.fields)
        return "\n".join((self.case.to_python(), *lines))

    def _expression(self, path: str, value: Any) -> str:
        if isinstance(value, tuple):
            inner = (self._expression(f"{path}[{place}]", each) for place, each in enumerate(value))
            return f"({', '.join(inner)},)"
        return self.layout.expression.format(path)


def array_fields(case: Arguments) -> tuple[str, ...]:
    """The names of the fields that hold arrays."""
    return tuple(name for name, tree in case.trees() if any(leaves_of(name, tree)))
