"""Bugs that begin at some width, depth of a sum or number of rows, and correct kernels for such sizes.

Claims: each of nineteen plausible bugs fails a law of exact cases, in float32 and in a half precision where it shows
there; none of ten correct kernels fails any, in any precision.
"""

from __future__ import annotations

from typing import Any

import pytest

from ffn.cases.exact.making import exact_case
from ffn.conformance.implementation.subject import Subject
from ffn.conformance.laws import ALL
from ffn.conformance.laws.exact import every_depth, every_size
from ffn.conformance.verdict import Judgement
from ffn.numbers.precision import NAMES
from tests.conformance.implementations.bugs.width import AT_WIDTH, CORRECT
from tests.conformance.implementations.textbook import Textbook

LAWS = {law.name: law for law in ALL}
PLANNED = {
    "exact/wide forward": every_size(),
    "exact/wide gradient": every_size(),
    "exact/forward": every_depth()[::9],
    "exact/gradient": every_depth()[::9],
}


def judgements(law: str, program: Textbook, dtype: str, seed: int, rows: Any = None) -> list[Judgement]:
    """What the law says on its planned cases, until one fails."""
    found: list[Judgement] = []
    for levels in PLANNED[law] if rows is None else rows:
        case = exact_case(levels, dtype, seed, LAWS[law].speaks_of)
        found.append(LAWS[law](case, Subject(program)))
        if found[-1].fails:
            break
    return found


def is_rejected(program: Textbook, dtype: str, seed: int = 0) -> bool:
    return any(judgements(law, program, dtype, seed)[-1].fails for law in PLANNED)


@pytest.mark.parametrize("bug", AT_WIDTH)
def test_bug_is_rejected(bug: str) -> None:
    """Without it a kernel that is right at width 4 would be called right at every width."""
    program = AT_WIDTH[bug]
    for dtype in ("float32", *({"bfloat16"} & set(program.dtypes))):
        assert is_rejected(program, dtype), dtype


@pytest.mark.parametrize("program", CORRECT, ids=lambda program: program.name)
def test_correct_kernel_is_not_rejected(program: Textbook) -> None:
    """Without it an implementer could be blamed for the order of a long sum."""
    for dtype in NAMES:
        for law in PLANNED:
            every = judgements(law, program, dtype, 0, PLANNED[law][::8])
            assert not every[-1].fails, (law, dtype, every[-1].message)
