"""What a failing assertion says: where, by how much, and what would give the same numbers."""

import re
from time import process_time
from typing import Any

import numpy as np
import pytest

from ffn import admissible
from ffn.admissible import formulas
from ffn.numbers.precision import dtype_of
from tests.formula.kernels import PROBLEMS, run
from tests.formula.kernels.bugs import BUGS

SAID = {
    ("gelu", "last column not written"): "only columns 64 to 64 of 65",
    ("causal", "no mask"): "only rows 0 to 14 of 16",
    ("gelu tanh", "a square for the cube"): "`multiply` without its second factor",
    ("layer norm", "divided by n − 1"): "`mean` with n − 1 for n, in `variance = ",
    ("layer norm", "bias forgotten"): "`add` without its second term",
    ("layer norm", "sums in bfloat16"): "accumulating sums in bfloat16 gives the same errors",
    ("softmax", "sum in bfloat16"): "accumulating sums in bfloat16 gives the same errors",
    ("linear", "sums in bfloat16"): "accumulating sums in bfloat16 gives the same errors",
    ("linear", "inputs in bfloat16"): "rounding the arguments to bfloat16 gives the same errors",
    ("cross entropy", "ignored rows counted"): "it is 0.833333 times the true one, 5/6",
    ("cross entropy", "sum for mean"): "`divide` without the divisor",
    ("huber", "no half"): "it is 2 times the true one: the formula, or the kernel?",
    ("rotary", "turned the other way"): "`add` as a difference",
    ("d layer norm", "mean term missing"): "`mean` with nothing differentiated through it",
    ("d layer norm", "∂b a mean"): "of ∂bias is 0.166667 times the true one, 1/6",
    ("d attention", "∂k not scaled"): "of ∂k is 2.82843 times the true one, √8",
    ("d softmax", "sum without p"): "in its backward pass",
}


@pytest.mark.parametrize(("problem", "label"), SAID, ids=lambda each: each)
def test_a_bug_is_told_as_what_it_is(problem: str, label: str) -> None:
    """Without it a reader would know that something is wrong, and search a day for what."""
    arrays = PROBLEMS[problem].inputs("ordinary", 0, "float32")
    admitted = PROBLEMS[problem].admitted(arrays)
    said = admitted.explain(run(BUGS[problem][label], arrays, "float32"))
    assert SAID[problem, label] in said
    assert "changes of the formula" not in said  # all were tried


@pytest.mark.parametrize(("sign", "change"), [(0, "without its second term"), (-1, "as a difference")])
def test_of_changes_that_fit_the_nearest_is_named(sign: int, change: str) -> None:
    """Without it the first that a wide set admits would be told as the cause: in bfloat16 both of these are."""
    rng, bfloat16 = np.random.default_rng(5), dtype_of("bfloat16")
    p, m = (rng.normal(size=200).astype(bfloat16) for _ in range(2))
    admitted = admissible.value(lambda xp, p, m: p - 0.5 * (m + 0.1 * p), p, m)
    computed = (p.astype(np.float32) - 0.5 * (m.astype(np.float32) + sign * 0.1 * p.astype(np.float32))).astype(
        bfloat16
    )
    assert f"the formula gives these numbers with `add` {change}" in admitted.explain(computed)


def test_what_is_no_number_has_no_cause() -> None:
    """Without it a change of the formula would be told for a NaN, which nothing gives."""
    admitted = admissible.value(lambda xp, x: x * x * 2, np.zeros(9, dtype=np.float32))
    said = admitted.explain(np.float32([np.nan] + [0] * 8))
    assert "the formula gives" not in said


CAUSES = ("the formula gives these numbers", "times the true one", "gives the same errors")


def test_a_mistake_without_a_name_gets_none() -> None:
    """Without it a wrong cause would be told: noise is none of the changes, factors or precisions that are tried."""
    arrays = PROBLEMS["layer norm"].inputs("ordinary", 0, "float32")
    admitted = PROBLEMS["layer norm"].admitted(arrays)
    noise = 1 + 1e-3 * np.random.default_rng(0).normal(size=admitted.shape)
    said = admitted.explain((admitted.middle * noise).astype(np.float32))
    assert not [cause for cause in CAUSES if cause in said]


def test_every_second_entry_and_a_scale_made_of_sizes() -> None:
    x = np.random.default_rng(1).normal(size=(4, 200)).astype(np.float32)
    admitted = admissible.value(formulas.silu, x)
    computed = admitted.middle.astype(np.float32)
    computed[:, 1::2] = 0
    assert "only every second of the columns, from 1" in admitted.explain(computed)
    scaled = (admitted.middle * np.sqrt(256 / 200)).astype(np.float32)
    assert "is 1.13137 times the true one, √(256/200)" in admitted.explain(scaled)


def test_the_roundings_that_fill_a_set_are_named() -> None:
    """Without it nobody would know which operation to declare, or to do better."""
    x = np.abs(np.random.default_rng(2).normal(size=(2, 300))).astype(np.float16)

    def formula(xp: Any, x: Any) -> Any:
        total = xp.sum(x * x, axis=-1)
        return xp.sqrt(total)

    admitted = admissible.value(formula, x, depth=150)
    said = admitted.explain(np.zeros(2, dtype=np.float16))
    assert "a sum in `total = xp.sum(x * x, axis=-1)`" in said
    slope = admissible.gradient(formula, x, cotangent=np.float16([1, 1]), depth=150)
    assert "a sum in `total = xp.sum(x * x, axis=-1)`" in slope.explain(np.zeros((2, 300), dtype=np.float16))


def test_it_says_how_far_outside_an_answer_is_and_that_there_may_be_another_algorithm() -> None:
    """Without it a faithful answer of a library that computes by other operations would look like any other miss.

    log(1 + eˣ) without the formula's branch is within an ulp of the truth, and outside the one number that the last
    addition of the formula may give.
    """
    x = np.linspace(1, 8, 500).astype(np.float32)
    admitted = admissible.value(formulas.softplus, x)
    other = np.log1p(np.exp(x))
    said = admitted.explain(other)
    assert other not in admitted
    assert "ulps of the true values: by other operations than the formula's? `algorithms` takes" in said
    assert re.search(r"true [\d.]+: [\d.]+ ulps outside", said)
    assert other in admissible.value(formulas.softplus, x, algorithms=[lambda xp, x: xp.log1p(xp.exp(x))])
    assert "by other operations" not in admitted.explain(other * np.float32(1.0001))


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_that_eager_roundings_would_admit_an_answer_is_tried(dtype: str) -> None:
    """Without it the reader would have to guess that `rounds` is the matter."""
    x = np.random.default_rng(6).normal(size=200).astype(dtype_of(dtype))
    eager = np.tanh(x.astype(np.float32)).astype(x.dtype) * x
    admitted = admissible.value(lambda xp, x: xp.tanh(x) * x, x, compute="float32")
    assert eager not in admitted
    said = admitted.explain(eager).split("\n")
    assert "admitted with rounds='every operation', as eager code rounds" in said
    assert "admitted with" not in admitted.explain(2 * eager)


def test_trying_changes_ends_in_time() -> None:
    """Without it the failing test of a formula with a loop would take a minute to say what is wrong."""

    def moving_average(xp: Any, x: Any) -> Any:
        found = [x[:, 0]]
        for i in range(1, x.shape[1]):
            found.append(0.9 * found[-1] + 0.1 * x[:, i])
        return xp.stack(found, axis=1)

    x = np.random.default_rng(7).normal(size=(4, 300)).astype(np.float32)
    admitted = admissible.value(moving_average, x)
    start = process_time()
    said = admitted.explain(admitted.middle.astype(np.float32) + 1)
    assert process_time() - start < 5
    assert re.search(r"changes of the formula (were tried for its first \d+ operations alone|took too long)", said)


def test_figures_are_those_of_the_comparison() -> None:
    """Without it the share used, the resolution and the undecided share could be said of something else."""
    x = np.float32([1, 2, 3, 0])
    admitted = admissible.value(lambda xp, x: x / 3, x)
    judgement = admitted.judge(x / np.float32(3))
    assert judgement.used <= 1
    assert judgement.undecided == 0
    assert 2.0**-25 < judgement.resolution() < 2.0**-21
    assert "would be seen in half of them" in str(judgement)


@pytest.mark.parametrize("problem", ["gelu", "layer norm", "softmax", "linear", "d layer norm"])
@pytest.mark.parametrize("share", [0.5, 0.9])
@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float16"])
def test_an_error_of_the_printed_resolution_is_seen_as_often_as_it_says(problem: str, share: float, dtype: str) -> None:
    """Without it the resolution would be a figure that nobody could hold us to."""
    rng = np.random.default_rng(3)
    arrays = PROBLEMS[problem].inputs("ordinary", 3, dtype)
    admitted = PROBLEMS[problem].admitted(arrays)
    true = tuple(part.middle for part in admitted.parts)
    held = dtype_of(dtype)
    error = admitted.judge(tuple(each.astype(held) for each in true)).resolution(share)
    moved = tuple((each * (1 + error * rng.choice([-1, 1], size=each.shape))).astype(held) for each in true)
    judgement = admitted.judge(moved)
    decided = sum(int(each.decided.sum()) for each in judgement.arrays)
    assert judgement.outside >= share * decided


def test_a_failing_assertion_prints_the_explanation(pytester: pytest.Pytester) -> None:
    """Without it pytest would print two arrays."""
    pytester.makepyfile(
        """
        import numpy as np
        from ffn import admissible
        from ffn.admissible import formulas

        def test_kernel():
            x = np.random.default_rng(0).normal(size=(3, 5)).astype(np.float32)
            wrong = 2 * x / (1 + np.exp(-x))
            assert wrong in admissible.value(formulas.silu, x)
        """
    )
    result = pytester.runpytest()
    result.stdout.fnmatch_lines(
        ["*every decided entry of output is 2 times the true one: the formula, or the kernel?*"]
    )


@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float16"])
@pytest.mark.parametrize("size", [1e-2, 1e-4])
def test_noise_has_no_cause(size: float, dtype: str) -> None:
    """Without it a change that hardly changes anything would be told as the cause of errors of an ulp."""
    rng = np.random.default_rng(4)
    for name in ("gelu", "layer norm", "cross entropy", "linear", "huber", "d gelu", "d layer norm"):
        problem = PROBLEMS[name]
        admitted = problem.admitted(problem.inputs("ordinary", 0, dtype))
        moved = [part.middle * (1 + size * rng.normal(size=part.middle.shape)) for part in admitted.parts]
        said = admitted.explain([each.astype(dtype_of(dtype)) for each in moved])
        assert not [cause for cause in CAUSES if cause in said], said
