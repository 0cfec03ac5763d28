"""Every law is shown able to fail, and none fails without cause.

Claims: each law rejects, by its name and with the stated verdict, a classic bug; no law is without a bug; the reference
passes every law in every precision; what is printed of a failure is small, runs as it stands, and fails again.
"""

from __future__ import annotations

import numpy as np
import pytest

from ffn import reference
from ffn.cases.case import Case
from ffn.conformance.implementation.subject import Subject
from ffn.conformance.law import Law
from ffn.conformance.laws import ALL
from ffn.conformance.runner import run_law
from ffn.conformance.verdict import Verdict
from ffn.numbers.precision import NAMES
from tests.conformance.bugs import Planted
from tests.conformance.planted_bugs import PLANTED
from tests.helpers.profiles import examples

LAWS = {law.name: law for law in ALL}
EVERY_BUG = [(law, bug) for law, bugs in PLANTED.items() for bug in bugs]


@pytest.mark.parametrize(("law", "bug"), EVERY_BUG, ids=[f"{law}-{bug.name}-{bug.dtype}" for law, bug in EVERY_BUG])
def test_bug_is_rejected(law: str, bug: Planted) -> None:
    """Without it a law could be one that nothing breaks, or could mistake rounding for a wrong formula."""
    report = run_law(LAWS[law], bug.dtype, Subject(bug.implementation), examples=40, shrink=False)
    assert report.verdict is bug.verdict, report.message


def test_every_law_has_its_bug() -> None:
    """Without it a new law would be trusted unseen, and a bug could be planted for a law that is gone."""
    assert set(PLANTED) == set(LAWS)
    assert all(PLANTED.values())


@pytest.mark.parametrize("law", ALL, ids=lambda law: law.name)
@pytest.mark.parametrize("dtype", NAMES)
def test_reference_is_never_rejected(law: Law, dtype: str) -> None:
    """Without it a law that rejects everything would count as able to fail."""
    report = run_law(law, dtype, Subject(reference), examples(6).max_examples, shrink=False)
    assert report.verdict in (Verdict.HOLDS, Verdict.UNDECIDED), report.message


def shrunk(law: str, bug: str) -> Case:
    """What the law's first failure shrinks to."""
    planted = next(planted for planted in PLANTED[law] if planted.name == bug)
    report = run_law(LAWS[law], "float32", Subject(planted.implementation))
    case: Case = report.counterexample
    assert run_again(case, law, planted) is report.verdict
    return case


def run_again(case: Case, law: str, planted: Planted) -> Verdict:
    """The verdict on the case as it is printed: pasted, run and judged again."""
    names: dict[str, object] = {}
    exec(case.to_python(), names)
    pasted = Case(*(names[name] for name in ("network", "parameters", "x", "y")))  # type: ignore[arg-type]
    assert pasted.to_json() == case.to_json()
    return LAWS[law](pasted, Subject(planted.implementation)).verdict


def numbers(case: Case) -> set[float]:
    arrays = (case.x, case.y, *(array for layer in case.parameters for array in layer))
    return {float(value) for array in arrays for value in array.ravel()}


def test_missing_mask_shrinks_to_one_dead_unit() -> None:
    """Without it the smallest example could hide the dead relu among other units."""
    case = shrunk("gradient/relu", "no relu mask")
    assert case.network.shapes == (((1, 1), (1,)), ((1, 1), (1,)))
    assert len(case.x) == 1
    assert numbers(case) <= {-1, 0, 1}


def test_transposed_weights_shrink_to_a_square() -> None:
    """Without it nobody would see that W and its transpose must differ: 2 × 2, with one weight off the diagonal."""
    case = shrunk("gradient/identity", "W not transposed, which shows where it is square")
    W = case.parameters[-1][0]
    assert W.shape == (2, 2)
    assert np.count_nonzero(W) == np.count_nonzero(W != W.T) - 1 == 1


def test_mean_of_bias_gradient_shrinks_to_two_rows() -> None:
    """Without it the example would not tell a mean from a sum: one row has both alike."""
    case = shrunk("network/gradient", "bias gradient is the mean")
    assert case.network.shapes == (((1, 1), (1,)),)
    assert len(case.x) == 2


def test_short_tile_shrinks_to_the_first_row_beyond_it() -> None:
    """Without it the example would not show where the tile ends."""
    case = shrunk("batch/beyond a tile", "rows beyond 64 left at 0")
    assert case.network.shapes == (((1, 1), (1,)),)
    assert len(case.x) == 65


def test_forgotten_half_shrinks_to_zeros_and_one() -> None:
    """Without it a factor would have to be read off numbers that nobody checks in the head."""
    case = shrunk("output/gaussian/gradient", "factor 2 of a square without the half")
    assert case.network.shapes == (((1, 1), (1,)),)
    assert numbers(case) == {0, 1}
