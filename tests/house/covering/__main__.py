"""Search for smaller covering arrays of every plan, and store those that are found.

A run tries all the cases that an array has, so that a row less is a case less of each law whose plan it serves.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import ffn.cases.covering
from ffn import reference
from ffn.cases.covering import PAIRS, STORED, Row, made, stored, written
from ffn.conformance.implementation.subject import Subject
from ffn.conformance.laws import ALL
from ffn.conformance.running.support import supported_by
from tests.house.covering.search import Search


def planned() -> Iterator[Row]:
    """The levels of the factors of every plan, the largest number first, where they are more than two."""
    subject = Subject(reference)
    for dtype in subject.dtypes:
        supported = supported_by(subject, dtype)
        for plan in (law.plan(dtype, supported=supported) for law in ALL if law.plan):
            counts = sorted(map(len, plan.levels(PAIRS).values()), reverse=True)
            if len(several := tuple(count for count in counts if count > 1)) > PAIRS:
                yield several


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.house.covering", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0, help="for each array (default 60)")
    parser.add_argument("--seed", type=int, default=0, help="of the search (default 0)")
    arguments = parser.parse_args()
    found = {}
    for counts in dict.fromkeys(planned()):
        before = stored().get(counts) or made(counts, PAIRS)
        found[counts] = Search(before, counts, arguments.seed).shortened(arguments.seconds)
        print(f"{counts}: {len(before)} rows, now {len(found[counts])}; {counts[0] * counts[1]} at least", flush=True)
    Path(ffn.cases.covering.__file__).with_name(STORED).write_text(written(found), encoding="utf-8")


if __name__ == "__main__":
    main()
