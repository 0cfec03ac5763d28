"""Make the covering array of every plan, and store it: ``python -m tests.house.covering``, some seconds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ffn.cases import covering
from ffn.cases.covering import PAIRS, STORED, Row, made, written
from ffn.cases.networks import EVERYTHING
from ffn.conformance.laws import ALL
from ffn.numbers.precision import NAMES

FILE = Path(covering.__file__).with_name(STORED)


def planned() -> Iterator[Row]:
    """The numbers of levels of the factors of every plan, where they are more than two."""
    plans = (law.plan(dtype, supported=EVERYTHING) for law in ALL if law.plan for dtype in NAMES)
    for counts in (tuple(map(len, plan.levels(PAIRS).values())) for plan in plans):
        if sum(count > 1 for count in counts) > PAIRS:
            yield counts


def main() -> None:
    arrays = {counts: made(counts, PAIRS) for counts in sorted(set(planned()))}
    FILE.write_text(written(arrays), encoding="utf-8")


if __name__ == "__main__":
    main()
