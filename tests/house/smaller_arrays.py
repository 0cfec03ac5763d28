"""Covering arrays of fewer rows than a greedy search finds: every pair of levels, and few of them twice.

One begins with an orthogonal array, which has every pair once (Bush 1952), adds rows for what its few columns lack,
and then frees what other rows have too, until a row has nothing left (Nayeri, Colbourn & Konjevod 2013).
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import combinations

from ffn.cases.covering import Row

FIELDS = {8: (2, (1, 1, 0)), 9: (3, (2, 0))}  # x³ = 1 + x over GF(2), x² = 2 over GF(3); below and above primes will do
ORDERS = (2, 3, 5, 7, 8, 9, 11, 13)
TRIES = 30  # rows of which the one with most new pairs is added
PASSES = 2000
FREE = -1  # an entry that may be anything
HELPS = 0.9  # of the free entries, the share that takes the levels of the row that is to go

Pair = tuple[int, int, int, int]  # two columns, the first of them before the second, and their levels
Rows = list[list[int]]


def smaller(counts: Row, seed: str) -> tuple[Row, ...]:
    """Rows of one level of each factor, as its place, that hold every pair of levels."""
    drawn, several = random.Random(seed), tuple(count for count in counts if count > 1)
    found = shrunk(completed(_begun(several, drawn), several, drawn), several, drawn)
    return tuple(tuple(next(levels) if count > 1 else 0 for count in counts) for levels in map(iter, found))


def orthogonal(order: int) -> Iterator[tuple[int, ...]]:
    """The lines a + m·x of the field of this order: of any two columns, every pair of levels once."""
    for slope in range(order):
        for start in range(order):
            yield (slope, *(_sum(start, _product(slope, x, order), order) for x in range(order)))


def _digits(number: int, order: int) -> list[int]:
    base, places = (FIELDS[order][0], len(FIELDS[order][1])) if order in FIELDS else (order, 1)
    return [number // base**place % base for place in range(places)]


def _number(digits: Sequence[int], order: int) -> int:
    base = FIELDS[order][0] if order in FIELDS else order
    return sum(digit % base * base**place for place, digit in enumerate(digits))


def _sum(a: int, b: int, order: int) -> int:
    return _number([x + y for x, y in zip(_digits(a, order), _digits(b, order), strict=True)], order)


def _product(a: int, b: int, order: int) -> int:
    found, power = 0, a
    for digit in _digits(b, order):
        for _ in range(digit):
            found = _sum(found, power, order)
        power = _times_x(power, order)
    return found


def _times_x(a: int, order: int) -> int:
    if order not in FIELDS:
        return 0
    *low, top = _digits(a, order)
    return _number([digit + top * more for digit, more in zip([0, *low], FIELDS[order][1], strict=True)], order)


def _begun(counts: Row, drawn: random.Random) -> Rows:
    """The orthogonal array of the largest count; columns beyond its own, and levels that there are not, are drawn."""
    order = next(order for order in ORDERS if order >= max(counts))
    column = {place: n for n, place in enumerate(sorted(range(len(counts)), key=lambda place: -counts[place]))}

    def level(line: Sequence[int], place: int) -> int:
        found = line[column[place]] if column[place] < len(line) else counts[place]
        return found if found < counts[place] else drawn.randrange(counts[place])

    return [[level(line, place) for place in range(len(counts))] for line in orthogonal(order)]


def pairs(row: Sequence[int]) -> list[Pair]:
    return [(i, j, row[i], row[j]) for i, j in combinations(range(len(row)), 2)]


def every_pair(counts: Row) -> set[Pair]:
    return {
        (i, j, a, b) for i, j in combinations(range(len(counts)), 2) for a in range(counts[i]) for b in range(counts[j])
    }


def completed(rows: Rows, counts: Row, drawn: random.Random) -> Rows:
    """With further rows for the pairs that are missing."""
    rows, missing = list(rows), every_pair(counts).difference(*map(pairs, rows))
    while missing:
        found = max((_row_with(missing, counts, drawn) for _ in range(TRIES)), key=lambda row: _new(row, missing))
        rows.append(found)
        missing.difference_update(pairs(found))
    return rows


def _new(row: Sequence[int], missing: set[Pair]) -> int:
    return len(missing.intersection(pairs(row)))


def _row_with(missing: set[Pair], counts: Row, drawn: random.Random) -> list[int]:
    """A row with some missing pair, and in each other column a level with most of them."""
    i, j, a, b = drawn.choice(sorted(missing))
    row = [FREE] * len(counts)
    row[i], row[j] = a, b
    for place in drawn.sample(range(len(counts)), len(counts)):
        if row[place] == FREE:
            levels = drawn.sample(range(counts[place]), counts[place])
            row[place] = max(levels, key=lambda level: _new([*row[:place], level, *row[place + 1 :]], missing))
    return row


def shrunk(rows: Rows, counts: Row, drawn: random.Random, passes: int = PASSES) -> Rows:
    """Fewer rows with the same pairs.

    Each pass frees entries whose pairs other rows have too. A row with nothing left goes; else the free entries of the
    others take the levels of the row that has fewest left, so that it has fewer the next time.
    """
    rows = [list(row) for row in rows]
    had = Counter(pair for row in rows for pair in pairs(row))
    for _ in range(passes):
        for row in drawn.sample(rows, len(rows)):
            _free(row, had, drawn)
        rows = [row for row in rows if len(row) - row.count(FREE) > 1]
        most = max(row.count(FREE) for row in rows)
        going = drawn.choice([row for row in rows if row.count(FREE) >= most - 1])
        helped = list(going)
        for row in rows:
            _fill(row, helped if row is not going else [], counts, had, drawn)
    return rows


def simplified(rows: Sequence[Row]) -> tuple[Row, ...]:
    """With the first level, the simplest, where other rows have the pairs of an entry too, and in the whole first row.

    The simplest rows come first.
    """
    first = min(rows, key=_weight)
    renamed = ([{a: 0, 0: a}.get(level, level) for level, a in zip(row, first, strict=True)] for row in rows)
    left = sorted(renamed, key=_weight, reverse=True)
    had = Counter(pair for row in left for pair in pairs(row))
    for row in left:
        for place in sorted(range(len(row)), key=lambda place: -row[place]):
            found = _of_entry(row, place)
            if all(had[pair] > 1 for pair in found):
                had.subtract(found)
                row[place] = 0
                had.update(_of_entry(row, place))
    return tuple(sorted(map(tuple, left), key=_weight))


def _weight(row: Sequence[int]) -> tuple[int, Sequence[int]]:
    """The same order of the same rows, whatever order they came in."""
    return sum(row), row


def _of_entry(row: Sequence[int], place: int) -> list[Pair]:
    """The pairs of an entry with those that are not free."""
    level = row[place]
    before = [(other, place, a, level) for other, a in enumerate(row[:place]) if a != FREE]
    return before + [(place, other, level, b) for other, b in enumerate(row[place + 1 :], place + 1) if b != FREE]


def _free(row: list[int], had: Counter[Pair], drawn: random.Random) -> None:
    for place in drawn.sample(range(len(row)), len(row)):
        found = _of_entry(row, place)
        if all(had[pair] > 1 for pair in found):
            had.subtract(found)
            row[place] = FREE


def _fill(row: list[int], helped: Sequence[int], counts: Row, had: Counter[Pair], drawn: random.Random) -> None:
    for place, level in enumerate(row):
        if level == FREE:
            helps = helped and helped[place] != FREE and drawn.random() < HELPS
            row[place] = helped[place] if helps else drawn.randrange(counts[place])
            had.update(_of_entry(row, place))
