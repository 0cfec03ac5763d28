"""Smaller covering arrays of pairs, by tabu search (Nurmela 2004, Upper bounds for covering arrays by tabu search)."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]
TABU = (3, 12)  # steps for which a cell that was changed is left alone


class Search:
    """An array whose rows become fewer as long as every pair of levels can still be had.

    Each level of each factor has a number of its own.

    Args:
        rows: of one level of each factor, with every pair.
        counts: the levels of each factor.
        seed: of the search.
    """

    def __init__(self, rows: Sequence[Sequence[int]], counts: Sequence[int], seed: int = 0) -> None:
        self.counts = counts
        self.first = np.cumsum([0, *counts[:-1]])
        self.cells: Integers = np.array(rows, dtype=np.int64) + self.first
        self.factor = np.repeat(np.arange(len(counts)), counts)
        self.fewest = math.prod(sorted(counts)[-2:])
        self.generator = np.random.default_rng(seed)
        self.held = np.zeros((sum(counts), sum(counts)), dtype=np.int64)  # in how many rows each two levels are
        for row in self.cells:
            self.held[np.ix_(row, row)] += 1
        self.held[self.factor[:, None] == self.factor] = 1  # levels of one factor are not asked for together

    def shortened(self, seconds: float) -> list[list[int]]:
        """The rows of the smallest array found within so many seconds of work."""
        end = time.process_time() + seconds
        best = self.cells
        while len(best) > self.fewest and self._without_one(end):
            best = self.cells.copy()
        simple = Search(self._simplest_first(best - self.first).tolist(), self.counts)
        simple.simplify()
        found: list[list[int]] = (simple.cells - self.first).tolist()
        return found

    def simplify(self) -> None:
        """Put the simplest level wherever no pair needs another: a case of it takes less time."""
        for row, factor in self.generator.permutation(list(np.ndindex(self.cells.shape))):
            level, simplest = self.cells[row, factor], self.first[factor]
            if level != simplest and (self.held[level, np.delete(self.cells[row], factor)] > 1).all():
                self._set(row, factor, simplest)

    def _without_one(self, end: float) -> bool:
        """Leave a row out and look for every pair in the others; whether that was found before the end."""
        alone = [np.count_nonzero(self.held[np.ix_(row, row)] == 1) for row in self.cells]
        self._remove(int(np.argmin(alone)))
        until, step = np.zeros(self.cells.shape, dtype=np.int64), 0
        while len(missing := np.argwhere(np.triu(self.held == 0))):
            if time.process_time() > end:
                return False
            step += 1
            row, factor = self._change(*missing[self.generator.integers(len(missing))], until > step)
            until[row, factor] = step + self.generator.integers(*TABU)
        return True

    def _remove(self, row: int) -> None:
        others = self.factor[:, None] != self.factor
        levels = self.cells[row]
        self.held[np.ix_(levels, levels)] -= others[np.ix_(levels, levels)]
        self.cells = np.delete(self.cells, row, axis=0)

    def _change(self, one: int, other: int, tabu: npt.NDArray[np.bool_]) -> tuple[int, int]:
        """Have some row hold both levels by changing one cell of it, so that most pairs are held then."""
        rows, levels = self._candidates(one, other)
        factors = self.factor[levels]
        olds, beside = self.cells[rows, factors], self.cells[rows]
        changes = (self.held[levels[:, None], beside] == 0).astype(float) - (self.held[olds[:, None], beside] == 1)
        changes[np.arange(len(rows)), factors] = 0
        gains = changes.sum(axis=1) + self.generator.random(len(rows)) / 2 - len(self.held) * tabu[rows, factors]
        chosen = int(np.argmax(gains))
        row, factor = int(rows[chosen]), int(factors[chosen])
        self._set(row, factor, int(levels[chosen]))
        return row, factor

    def _set(self, row: int, factor: int, level: int) -> None:
        others = np.delete(self.cells[row], factor)
        for changed, by in ((self.cells[row, factor], -1), (level, 1)):
            self.held[changed, others] += by
            self.held[others, changed] += by
        self.cells[row, factor] = level

    def _candidates(self, one: int, other: int) -> tuple[Integers, Integers]:
        """The rows with one of two levels, and the level that each lacks; any row where there is none."""
        with_one = np.flatnonzero(self.cells[:, self.factor[one]] == one)
        with_other = np.flatnonzero(self.cells[:, self.factor[other]] == other)
        rows = np.concatenate([with_one, with_other])
        if not len(rows):
            return np.arange(len(self.cells)), np.full(len(self.cells), one)
        return rows, np.repeat([other, one], [len(with_one), len(with_other)])

    def _simplest_first(self, rows: Integers) -> Integers:
        """The same array with levels exchanged, so that some row has the simplest level of every factor."""
        simple = rows[0]
        at_0, of_it = rows == 0, rows == simple
        exchanged: Integers = np.where(of_it, 0, np.where(at_0, simple, rows))
        return exchanged
