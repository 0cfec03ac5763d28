"""Correct kernels are admitted, whatever their order, tiles and fusions; wrong ones are not."""

import pytest
from hypothesis import settings

from tests.formula.kernels import PRECISIONS, PROBLEMS, tried
from tests.formula.kernels.bugs import BUGS
from tests.formula.kernels.correct import CORRECT
from tests.helpers.profiles import DEFAULT

SEEDS = 12 if settings.default and settings.default.max_examples > DEFAULT else 2  # 12 in a thorough run

# What is not seen, and why: below what the rounding of the answer leaves, or the same numbers in that precision.
UNSEEN = {
    ("gelu", "√½ to five digits"): ("bfloat16", "float16"),
    ("smoothed", "s/(classes − 1) on the others"): ("bfloat16", "float16"),
    ("mish", "computed in bfloat16"): ("bfloat16",),
    ("linear", "inputs in bfloat16"): ("bfloat16",),
    ("d gelu", "density to five digits"): ("bfloat16",),
}


@pytest.mark.parametrize("dtype", PRECISIONS)
@pytest.mark.parametrize("problem", PROBLEMS)
def test_a_correct_kernel_is_admitted(problem: str, dtype: str) -> None:
    """Without it nobody could keep such a test in his suite: a false alarm costs more than a bug."""
    for kernel in CORRECT[problem]:
        for what, judgement in tried(problem, kernel, dtype, range(SEEDS)):
            assert not judgement.outside, (kernel, what, judgement)
            assert not judgement.unjudged, (kernel, what, judgement)


@pytest.mark.parametrize("dtype", PRECISIONS)
@pytest.mark.parametrize("problem", BUGS)
def test_a_planted_bug_is_seen(problem: str, dtype: str) -> None:
    """Without it a set could be so wide that every kernel lies in it."""
    for label, kernel in BUGS[problem].items():
        if dtype not in UNSEEN.get((problem, label), ()):
            seen = any(judgement.outside for _, judgement in tried(problem, kernel, dtype, range(1)))
            assert seen, label


def test_there_are_many_of_both() -> None:
    """Without it a renamed table could leave a test without anything to try."""
    assert sum(map(len, CORRECT.values())) >= 40
    assert sum(map(len, BUGS.values())) >= 60
    assert set(CORRECT) == set(PROBLEMS) == set(BUGS)
