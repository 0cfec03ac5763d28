"""Make the covering array of every plan, and store it: ``python -m tests.house.covering``, some minutes."""

from __future__ import annotations

import math
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from ffn.cases import covering
from ffn.cases.covering import PAIRS, STORED, Row, made, written
from ffn.cases.networks import EVERYTHING
from ffn.conformance.laws import ALL
from ffn.numbers.precision import NAMES
from tests.house.smaller_arrays import simplified, smaller

FILE = Path(covering.__file__).with_name(STORED)


def planned() -> Iterator[Row]:
    """The numbers of levels of the factors of every plan, where they are more than two."""
    plans = (law.plan(dtype, supported=EVERYTHING) for law in ALL if law.plan for dtype in NAMES)
    for counts in (tuple(map(len, plan.levels(PAIRS).values())) for plan in plans):
        if sum(count > 1 for count in counts) > PAIRS:
            yield counts


def smallest(counts: Row) -> tuple[Row, ...]:
    """Of what a greedy search finds and what an orthogonal array leads to, the one with fewer rows."""
    found = made(counts, PAIRS)
    if len(found) > math.prod(sorted(counts)[-2:]):  # which the pairs of two factors take
        found = min(found, smaller(counts, str(counts)), key=len)
    return simplified(found)


def main() -> None:
    every = sorted(set(planned()))
    with ProcessPoolExecutor() as pool:
        arrays = dict(zip(every, pool.map(smallest, every), strict=True))
    FILE.write_text(written(arrays), encoding="utf-8")


if __name__ == "__main__":
    main()
