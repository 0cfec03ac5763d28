"""The arrays that a formula computes with: an enclosure of every value that a correct program has there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

from ffn.admissible.formula.enclosures.arbs import Arbs
from ffn.admissible.formula.enclosures.midrad import MidRad

if TYPE_CHECKING:
    from ffn.admissible.formula.operations.forms import Namespace

Enclosure: TypeAlias = Any  # MidRad or Arbs: the same methods
Mask = npt.NDArray[np.bool_]
Cotangent = Callable[["Value"], "Value"]


class Value:
    """An array of a formula.

    Attributes:
        x: the enclosure.
        raw: where the last rounding is a single one to the precision of the arrays, the exact result and its error
            before.
        grid: g, where every value in it is known to be a multiple of 2^g.
        error: the bound of what a program loses in this operation alone.
        parents: the operands with the functions that take the cotangent of this array to theirs, where they are kept.
        place: what was computed, and on which line of the formula.
        sums: of a sum over an axis or a matrix product the number of its terms, and the sum of their absolute values.
        stopped: whether a cotangent stops here; what a rounding does goes on.
        moved: where it has the entries of its operand, moved, how they were moved, and their sign.
    """

    __slots__ = ("error", "grid", "moved", "parents", "place", "raw", "stopped", "sums", "x", "xp")

    def __init__(
        self,
        xp: Any,
        x: Enclosure,
        grid: int | None = None,
        raw: tuple[Enclosure, Any] | None = None,
        error: Any = None,
        parents: Sequence[tuple[Value, Cotangent]] = (),
        place: tuple[str, str] = ("", ""),
    ) -> None:
        self.xp: Namespace = xp
        self.x, self.grid, self.raw, self.error = x, grid, raw, error
        self.parents, self.place, self.stopped = parents if xp.record else (), place, False
        self.sums: tuple[int, Any] | None = None
        self.moved: tuple[Callable[[Any], Any], int] | None = None

    # what arrays have

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(self.x.shape)

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def size(self) -> int:
        return int(np.prod(self.shape))

    @property
    def T(self) -> Value:
        return self.xp.transpose(self)

    @property
    def mT(self) -> Value:
        return self.xp.matrix_transpose(self)

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, index: Any) -> Value:
        return self.xp.form(self, lambda part: part[index])

    def reshape(self, *shape: Any) -> Value:
        return self.xp.reshape(self, shape if len(shape) > 1 else shape[0])

    def sum(self, axis: Any = None, keepdims: bool = False) -> Value:
        return self.xp.sum(self, axis, keepdims)

    def mean(self, axis: Any = None, keepdims: bool = False) -> Value:
        return self.xp.mean(self, axis, keepdims)

    def max(self, axis: Any = None, keepdims: bool = False) -> Value:
        return self.xp.max(self, axis, keepdims)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise AttributeError(f"an array of a formula has no {name!r}; xp has {', '.join(self.xp.names())}")

    # operators

    def __add__(self, other: Any) -> Value:
        return self.xp.add(self, other)

    def __radd__(self, other: Any) -> Value:
        return self.xp.add(other, self)

    def __sub__(self, other: Any) -> Value:
        return self.xp.subtract(self, other)

    def __rsub__(self, other: Any) -> Value:
        return self.xp.subtract(other, self)

    def __mul__(self, other: Any) -> Value:
        return self.xp.multiply(self, other)

    def __rmul__(self, other: Any) -> Value:
        return self.xp.multiply(other, self)

    def __truediv__(self, other: Any) -> Value:
        return self.xp.divide(self, other)

    def __rtruediv__(self, other: Any) -> Value:
        return self.xp.divide(other, self)

    def __matmul__(self, other: Any) -> Value:
        return self.xp.matmul(self, other)

    def __rmatmul__(self, other: Any) -> Value:
        return self.xp.matmul(other, self)

    def __neg__(self) -> Value:
        return self.xp.negative(self)

    def __abs__(self) -> Value:
        return self.xp.abs(self)

    def __pow__(self, power: Any) -> Value:
        return self.xp.pow(self, power)

    def __rpow__(self, other: Any) -> Value:
        return self.xp.pow(other, self)

    # comparisons: certain, or neither

    def __gt__(self, other: Any) -> Condition:
        return self.xp._greater(self, other, tie=False)

    def __ge__(self, other: Any) -> Condition:
        return self.xp._greater(self, other, tie=True)

    def __lt__(self, other: Any) -> Condition:
        return ~self.xp._greater(self, other, tie=True)

    def __le__(self, other: Any) -> Condition:
        return ~self.xp._greater(self, other, tie=False)

    def __eq__(self, other: object) -> Any:
        raise TypeError("arrays of a formula are compared by <, <=, > or >=: equality hangs on every rounding")

    __hash__ = object.__hash__

    def __bool__(self) -> bool:
        raise TypeError("a formula does not branch on its arrays: write xp.where(condition, a, b)")

    def _no_number(self) -> Any:
        raise TypeError("an entry of a formula's array is an enclosure, no number: what depends on it is an array too")

    __float__ = __int__ = __index__ = _no_number

    def _no_operator(self, other: Any) -> Any:
        raise TypeError(f"arrays of a formula have + - * / @ ** and comparisons; xp has {', '.join(self.xp.names())}")

    __floordiv__ = __rfloordiv__ = __mod__ = __rmod__ = _no_operator

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        """NumPy's arrays leave their operators to this class; its functions are not those of a formula."""
        if method == "__call__" and not options and ufunc.__name__ in OPERATORS:
            return OPERATORS[ufunc.__name__](self.xp, *inputs)
        return self.__array_function__(ufunc)

    def __array_function__(self, function: Any, *arguments: Any) -> Any:
        raise TypeError(
            f"NumPy's {function.__name__} does not take a formula's arrays; xp has {', '.join(self.xp.names())}"
        )

    def __array__(self, *arguments: Any, **options: Any) -> Any:
        return self.__array_function__(np.array)


OPERATORS: dict[str, Any] = {
    name: (lambda xp, a, b, name=name: getattr(xp, name)(a, b))
    for name in ("add", "subtract", "multiply", "divide", "matmul")
} | {
    "power": lambda xp, a, b: xp.pow(a, b),
    "greater": lambda xp, a, b: xp.number(a) > b,
    "greater_equal": lambda xp, a, b: xp.number(a) >= b,
    "less": lambda xp, a, b: xp.number(a) < b,
    "less_equal": lambda xp, a, b: xp.number(a) <= b,
}


class Condition:
    """Where a comparison of arrays certainly holds, and where it certainly does not; in between a program may go
    either way."""

    __array_ufunc__ = None

    def __init__(self, holds: Mask, fails: Mask) -> None:
        self.holds, self.fails = holds, fails

    def __invert__(self) -> Condition:
        return Condition(self.fails, self.holds)

    def __and__(self, other: Any) -> Condition:
        other = condition(other)
        return Condition(self.holds & other.holds, self.fails | other.fails)

    def __or__(self, other: Any) -> Condition:
        return ~(~self & ~condition(other))

    __rand__, __ror__ = __and__, __or__

    def __bool__(self) -> bool:
        raise TypeError("a formula does not branch on its arrays: write xp.where(condition, a, b)")

    @property
    def certain(self) -> bool:
        return bool((self.holds | self.fails).all())


def condition(given: Any) -> Condition:
    """A comparison, or a mask of NumPy, as a condition."""
    if isinstance(given, Condition):
        return given
    mask = np.asarray(False if isinstance(given, Value) else given)
    if isinstance(given, Value):
        raise TypeError("a condition is a comparison of arrays or a mask of bool, not an array of numbers")
    if mask.dtype != bool:
        raise TypeError("a condition is a comparison of arrays or a mask of bool")
    return Condition(mask, ~mask)


def enclosures(dtype: str) -> type[MidRad] | type[Arbs]:
    """The arithmetic for a precision: arb where the roundings of float64 are what is judged."""
    return Arbs if dtype == "float64" else MidRad
