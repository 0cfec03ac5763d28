"""Sets of a formula of one's own: outputs a second, and what is seen beside the tolerances that people use."""

from collections.abc import Callable, Iterator
from statistics import median
from time import process_time
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from ffn import admissible
from ffn.admissible import formulas
from ffn.admissible.formula.arithmetic import nearest
from ffn.admissible.formula.explanation.precisions import Emulated
from ffn.numbers.precision import dtype_of, precision
from tests.benchmarks.timing import written
from tests.formula.kernels import PRECISIONS, PROBLEMS, run
from tests.formula.kernels.bugs import BUGS
from tests.formula.kernels.correct import CORRECT

SEEDS = 12
ROUNDS = 5
Figures = list[dict[str, Any]]

# formula, shapes, outputs a second that are aimed at
SPEEDS: dict[str, tuple[Any, list[tuple[int, ...]], float]] = {
    "gelu, 1000 × 1000": (formulas.gelu, [(1000, 1000)], 1e6),
    "silu, 1000 × 1000": (formulas.silu, [(1000, 1000)], 1e6),
    "layer norm, 4096 × 256": (formulas.layer_norm, [(4096, 256), (256,), (256,)], 1e6),
    "softmax, 4096 × 256": (formulas.softmax, [(4096, 256)], 1e6),
    "linear, 512 × 1024 × 512": (formulas.linear, [(512, 1024), (512, 1024), (512,)], 3e5),
    "attention, 512 × 64, a head": (formulas.attention, [(512, 64)] * 3, 5e4),
}


def measure() -> dict[str, Figures]:
    """Print three tables: speed, power by precision, and the numbers of torch where it is there."""
    return {"speed": _speed(), "power": _power(), "torch": _torch()}


def _speed() -> Figures:
    figures = []
    for name, (formula, shapes, target) in SPEEDS.items():
        rng = np.random.default_rng(0)
        arrays = [rng.normal(size=shape).astype(np.float32) for shape in shapes]
        middle = admissible.value(formula, *arrays).middle.astype(np.float32)
        seconds = median(_seconds(formula, arrays, middle) for _ in range(ROUNDS))
        figures.append({"figure": name, "seconds": seconds, "rate": middle.size / seconds, "target": target})
    table = Table("formula", "processor time", "outputs a second", "target", title="formulas: float32, one core")
    for figure in figures:
        rate, target = f"{figure['rate']:.2g}", f"≥ {figure['target']:.0g}"
        table.add_row(figure["figure"], written(figure["seconds"]), rate, target)
    Console().print(table)
    return figures


def _seconds(formula: Any, arrays: list[Any], computed: Any) -> float:
    """Of the processor: with one thread that is what a core takes, whatever else the machine does."""
    start = process_time()
    admissible.value(formula, *arrays).judge(computed)
    return process_time() - start


# what is seen


class Answer:
    """An answer beside the true one and that of the formula run in the arrays' precision, every operation rounded."""

    def __init__(self, problem: str, kernel: Any, kind: str, seed: int, dtype: str) -> None:
        arrays = PROBLEMS[problem].inputs(kind, seed, dtype)
        self.admitted = PROBLEMS[problem].admitted(arrays)
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
    "admissible": lambda answer: not answer.judgement.outside,
    "allclose(1e-2, 1e-2)": lambda answer: answer.within(1e-2, 1e-2),
    "assert_close": lambda answer: answer.within(*CLOSE[answer.dtype]),
    "gradcheck's 1e-3, 1e-5": lambda answer: answer.within(1e-3, 1e-5),
    "cosine ≥ 0.999": lambda answer: answer.cosine() >= 0.999,
    "twice the reference": lambda answer: answer.twice_the_reference(),
}


def _answers(problem: str, kernel: Any, dtype: str, seeds: int) -> Iterator[Answer]:
    for seed in range(seeds):
        yield Answer(problem, kernel, "ordinary", seed, dtype)
    for kind in PROBLEMS[problem].kinds:
        yield Answer(problem, kernel, kind, 0, dtype)


def _power() -> Figures:
    """Bugs that a check sees on one seed and the probes, and correct kernels that it rejects in twelve."""
    figures = []
    for dtype in PRECISIONS:
        bugs = [_passed(problem, kernel, dtype, 1) for problem, found in BUGS.items() for kernel in found.values()]
        right = [_passed(problem, kernel, dtype, SEEDS) for problem, found in CORRECT.items() for kernel in found]
        for check in CHECKS:
            seen, rejected = (sum(not each[check] for each in every) for every in (bugs, right))
            figures.append(
                {
                    "dtype": dtype,
                    "check": check,
                    "seen": seen,
                    "of": len(bugs),
                    "rejected": rejected,
                    "correct": len(right),
                }
            )
    title = f"formulas: bugs seen on one seed and probes, correct kernels rejected on {SEEDS} seeds and probes"
    table = Table("dtype", "check", "bugs seen", "correct rejected", title=title)
    for f in figures:
        table.add_row(f["dtype"], f["check"], f"{f['seen']} of {f['of']}", f"{f['rejected']} of {f['correct']}")
    Console().print(table)
    return figures


def _passed(problem: str, kernel: Any, dtype: str, seeds: int) -> dict[str, bool]:
    """Whether a kernel passes each check on all its inputs."""
    with np.errstate(all="ignore"):
        answers = list(_answers(problem, kernel, dtype, seeds))
        return {name: all(check(answer) for answer in answers) for name, check in CHECKS.items()}


def _torch() -> Figures:
    try:
        from tests.benchmarks.torch_kernels import measured
    except ImportError:
        Console().print("formulas: torch is not installed")
        return []
    return measured()
