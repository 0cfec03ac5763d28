"""Wrong and correct kernels by sets, and by the tolerances that people use.

The other checks are given the true values, rounded to the precision, on the same inputs.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from ffn.admissible.formula.arithmetic import nearest
from ffn.admissible.formula.explanation.precisions import Emulated
from ffn.numbers.precision import dtype_of, precision
from tests.formula.kernels import PRECISIONS, PROBLEMS, asked, run
from tests.formula.kernels.bugs import BUGS
from tests.formula.kernels.correct import CORRECT

SEEDS = 12
Figures = list[dict[str, Any]]


class Answer:
    """An answer beside the true one and that of the formula run in the arrays' precision, every operation rounded."""

    def __init__(self, problem: str, kernel: Any, kind: str, seed: int, dtype: str) -> None:
        arrays, self.admitted = asked(problem, kind, seed, dtype)
        computed = run(kernel, arrays, dtype)
        with np.errstate(all="ignore"):
            self.judgement = self.admitted.judge(computed)
            self.computed = _flat([each.computed for each in self.judgement.arrays])
            self.true = _flat([part.middle for part in self.admitted.parts])
        self.dtype, self.problem = dtype, problem

    def within(self, rtol: float, atol: float) -> bool:
        expected = self.true.astype(dtype_of(self.dtype)).astype(np.float64)
        return bool(np.all(np.abs(self.computed - expected) <= atol + rtol * np.abs(expected)))

    def cosine(self) -> float:
        sizes = np.linalg.norm(self.computed) * np.linalg.norm(self.true)
        return float(self.computed @ self.true / sizes) if sizes else 1.0

    def twice_the_reference(self) -> bool:
        model, question = precision(self.dtype), self.admitted.question
        values = question.evaluate(Emulated(model, precision("float32"), question.cotangents is not None))
        reference = _flat([nearest(value.x.m, model) for value in values])
        return bool(np.abs(self.computed - self.true).max() <= 2 * np.abs(reference - self.true).max())


def _flat(arrays: list[Any]) -> Any:
    return np.concatenate([np.ravel(array) for array in arrays])


CLOSE = {"float32": (1.3e-6, 1e-5), "bfloat16": (1.6e-2, 1e-5), "float16": (1e-3, 1e-5)}  # assert_close's own
CHECKS: dict[str, Callable[[Answer], bool]] = {
    "in admissible.value(…)": lambda answer: not answer.judgement.outside,
    "allclose, 1e-2 and 1e-2": lambda answer: answer.within(1e-2, 1e-2),
    "torch.testing.assert_close": lambda answer: answer.within(*CLOSE[answer.dtype]),
    "gradcheck's 1e-3 and 1e-5": lambda answer: answer.within(1e-3, 1e-5),
    "a cosine of 0.999": lambda answer: answer.cosine() >= 0.999,
    "twice the reference's error": lambda answer: answer.twice_the_reference(),
}


def _answers(problem: str, kernel: Any, dtype: str, seeds: int) -> Iterator[Answer]:
    for seed in range(seeds):
        yield Answer(problem, kernel, "ordinary", seed, dtype)
    for kind in PROBLEMS[problem].kinds:
        yield Answer(problem, kernel, kind, 0, dtype)


def power(dtypes: Sequence[str] = PRECISIONS, seeds: int = SEEDS) -> Figures:
    """Bugs that a check sees on one seed and the probes, and correct kernels that it rejects in so many."""
    figures = []
    for dtype in dtypes:
        bugs = [passed(problem, kernel, dtype, 1) for problem, found in BUGS.items() for kernel in found.values()]
        right = [
            passed(problem, kernel, dtype, seeds) for problem, found in CORRECT.items() for kernel in found if seeds
        ]
        for check in CHECKS:
            seen, rejected = (sum(not each[check] for each in every) for every in (bugs, right))
            counts = {"seen": seen, "of": len(bugs), "rejected": rejected, "correct": len(right), "seeds": seeds}
            figures.append({"dtype": dtype, "check": check, **counts})
    return figures


def passed(problem: str, kernel: Any, dtype: str, seeds: int) -> dict[str, bool]:
    """Whether a kernel passes each check on all its inputs."""
    with np.errstate(all="ignore"):
        answers = list(_answers(problem, kernel, dtype, seeds))
        return {name: all(check(answer) for answer in answers) for name, check in CHECKS.items()}
