"""The operations of a formula that move, repeat, add up or compare the entries of arrays."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ffn.admissible.formula.operations.composed import Composed
from ffn.admissible.formula.operations.extrema import axes_of
from ffn.admissible.formula.operations.values import Value


class Namespace(Composed):
    """``xp``."""

    # entries moved

    def form(self, a: Any, form: Callable[[Any], Any], back: Any = None) -> Value:
        """Entries moved, repeated or left out; cotangents go back to where the entries came from, and add up there."""
        a = self.number(a)

        def gathered(g: Value) -> Value:
            place = np.asarray(form(np.arange(a.size).reshape(a.shape)))
            return self._gathered(g, place, a.shape)

        raw = None if a.raw is None else (a.raw[0].formed(form), form(np.broadcast_to(a.raw[1], a.shape)))
        found = Value(self, a.x.formed(form), a.grid, raw, parents=[(a, back or gathered)])
        found.sums = None if a.sums is None else (a.sums[0], form(a.sums[1]))
        found.moved = (form, 1)
        return found

    def _gathered(self, g: Value, place: Any, shape: tuple[int, ...]) -> Value:
        size = math.prod(shape)
        many = int(np.bincount(place.ravel(), minlength=1).max(initial=0))
        x = g.x.gathered(place, size, many <= 1)

        def back(h: Value) -> Value:
            return self.form(h, lambda part: part.ravel()[place])

        if many <= 1:
            found = Value(self, x, g.grid, parents=[(g, back)])
        elif self.arithmetic is None:
            found = self.result("a sum", x, [(g, back)])
        else:
            magnitude = np.bincount(place.ravel(), weights=g.x.magnitude().ravel(), minlength=size)
            exact = self._exact(g.grid, lambda: magnitude)
            x = g.x.gathered(place, size, exact)
            found = self.summed("a sum", x, magnitude, many, False, exact, g.grid, [(g, back)])
        return self.reshape(found, shape)

    def reshape(self, a: Any, shape: Any) -> Value:
        """The same entries in another shape."""
        a = self.number(a)
        return self.form(a, lambda part: part.reshape(shape), lambda g: self.reshape(g, a.shape))

    def permute_dims(self, a: Any, axes: Sequence[int]) -> Value:
        """The axes in another order."""
        order = [int(i) for i in np.argsort(axes)]
        return self.form(a, lambda part: part.transpose(axes), lambda g: self.permute_dims(g, order))

    def transpose(self, a: Any, axes: Sequence[int] | None = None) -> Value:
        """The axes in another order; reversed where none is given."""
        a = self.number(a)
        return self.permute_dims(a, tuple(range(a.ndim))[::-1] if axes is None else axes)

    def matrix_transpose(self, a: Any) -> Value:
        """The last two axes exchanged."""
        a = self.number(a)
        return self.permute_dims(a, (*range(a.ndim - 2), a.ndim - 1, a.ndim - 2))

    def expand_dims(self, a: Any, axis: int = 0) -> Value:
        """An axis of length 1 at that place."""
        a = self.number(a)
        return self.reshape(a, np.expand_dims(np.empty(a.shape), axis).shape)

    def squeeze(self, a: Any, axis: int) -> Value:
        """An axis of length 1 left out."""
        a = self.number(a)
        return self.reshape(a, np.squeeze(np.empty(a.shape), axis).shape)

    def broadcast_to(self, a: Any, shape: tuple[int, ...]) -> Value:
        """Repeated to a shape."""
        a = self.number(a)

        def repeated(part: Any) -> Any:
            return np.broadcast_to(part, shape)

        return self.form(a, repeated, lambda g: self._unbroadcast(g, a.shape))

    def take(self, a: Any, indices: Any, axis: int = 0) -> Value:
        """A gather: the entries at integer indices along an axis."""
        return self.form(a, lambda part: np.take(part, indices, axis=axis))

    def take_along_axis(self, a: Any, indices: Any, axis: int = -1) -> Value:
        """A gather: for each place the entry along an axis at an index of its own."""
        return self.form(a, lambda part: np.take_along_axis(part, indices, axis=axis))

    def flip(self, a: Any, axis: int) -> Value:
        """The entries along an axis in reverse."""
        return self.form(a, lambda part: np.flip(part, axis))

    def concat(self, parts: Sequence[Any], axis: int = 0) -> Value:
        """Arrays joined along an axis."""
        values = [self.number(part) for part in parts]
        x = self.kind.joined(lambda *each: np.concatenate(each, axis=axis), [value.x for value in values])
        ends = np.cumsum([0, *[value.shape[axis] for value in values]])
        parents = [
            (value, lambda g, i=i: self.take(g, np.arange(ends[i], ends[i + 1]), axis))
            for i, value in enumerate(values)
        ]
        grids = [value.grid for value in values]
        grid = None if None in grids else min(grid for grid in grids if grid is not None)
        return Value(self, x, grid, parents=parents)

    def stack(self, parts: Sequence[Any], axis: int = 0) -> Value:
        """Arrays joined along a new axis."""
        return self.concat([self.expand_dims(part, axis) for part in parts], axis)

    def _unbroadcast(self, g: Value, shape: tuple[int, ...]) -> Value:
        """The cotangent of what was repeated to fit."""
        if g.shape == shape or self.repeated_stays:
            return g
        extra = len(g.shape) - len(shape)
        axes = tuple(i for i, n in enumerate(g.shape) if i < extra or (shape[i - extra] == 1 and n != 1))
        return self.reshape(self.sum(g, axes), shape)

    # entries added and compared

    def sum(self, a: Any, axis: Any = None, keepdims: bool = False) -> Value:
        """The sum along axes, in any order, or one of the ``depth`` that is declared."""
        a = self.number(a)
        axes = axes_of(axis, a.ndim)
        terms = math.prod(a.shape[i] for i in axes)
        kept = tuple(1 if i in axes else n for i, n in enumerate(a.shape))

        def back(g: Value) -> Value:
            return self.broadcast_to(self.reshape(g, kept), a.shape)

        if self.arithmetic is None:
            result = self.rounded("a sum", a.x.sum(axes), [(a, back)])
        else:
            magnitude = np.asarray(a.x.magnitude().sum(axis=axes))
            exact = self._exact(a.grid, lambda: magnitude)
            result = self.summed("a sum", a.x.sum(axes, exact), magnitude, terms, False, exact, a.grid, [(a, back)])
        return self.reshape(result, kept) if keepdims else result

    def mean(self, a: Any, axis: Any = None, keepdims: bool = False) -> Value:
        """The sum divided by n, or multiplied by 1/n."""
        a = self.number(a)
        return self.divide(self.sum(a, axis, keepdims), math.prod(a.shape[i] for i in axes_of(axis, a.ndim)))

    def cumulative_sum(self, a: Any, axis: int = -1) -> Value:
        """The sums of the first entries, each in any order."""
        a = self.number(a)

        def back(g: Value) -> Value:
            return self.flip(self.cumulative_sum(self.flip(g, axis), axis), axis)

        if self.arithmetic is None:
            return self.rounded("a sum", a.x.cumulative(axis), [(a, back)])
        magnitude = a.x.magnitude().cumsum(axis=axis)
        exact = self._exact(a.grid, lambda: magnitude)
        x = a.x.cumulative(axis, exact)
        return self.summed("a sum", x, magnitude, a.shape[axis], False, exact, a.grid, [(a, back)])

    cumsum = cumulative_sum

    def einsum(self, text: str, *operands: Any) -> Value:
        """The sum of products of two arrays, such as ``"bij,bkj->bik"``; each letter once in an operand."""
        left, arrow, out = text.replace(" ", "").partition("->")
        first, comma, second = left.partition(",")
        ours, theirs = set(first), set(second)
        once = all(len(set(part)) == len(part) for part in (first, second, out))
        plain = set(out) <= ours | theirs and "." not in text and "," not in second
        if not (arrow and comma and once and plain) or len(operands) != 2:
            raise ValueError(f"einsum of two, each letter once in each, with its result: 'ij,jk->ik', not {text!r}")
        a, b = (self.number(each) for each in operands)
        if len(first) != a.ndim or len(second) != b.ndim:
            raise ValueError(f"einsum {text!r} of arrays of {a.ndim} and {b.ndim} axes")
        for letter in sorted(ours ^ theirs):
            if letter not in out:  # a plain sum over an axis of one operand
                side, which = (a, first) if letter in ours else (b, second)
                side, which = self.sum(side, which.index(letter)), which.replace(letter, "")
                a, first, b, second = (side, which, b, second) if letter in ours else (a, first, side, which)
        batch = [letter for letter in first if letter in second and letter in out]
        inner = [letter for letter in first if letter in second and letter not in out]
        rows, columns = ([letter for letter in part if letter not in batch + inner] for part in (first, second))
        size = dict(zip(first, a.shape, strict=True)) | dict(zip(second, b.shape, strict=True))

        def count(letters: Sequence[str]) -> int:
            return math.prod(size[letter] for letter in letters)

        p = self.permute_dims(a, [first.index(letter) for letter in batch + rows + inner])
        q = self.permute_dims(b, [second.index(letter) for letter in batch + inner + columns])
        p = self.reshape(p, (*[size[letter] for letter in batch], count(rows), count(inner)))
        q = self.reshape(q, (*[size[letter] for letter in batch], count(inner), count(columns)))
        found = batch + rows + columns
        product = self.reshape(self.matmul(p, q), tuple(size[letter] for letter in found))
        return self.permute_dims(product, [found.index(letter) for letter in out])
