"""Wrong gradients, of kernels and of the network, by sets and by the checkers of torch, jax and autograd.

Each checker is given the correct function with the gradient that was written for it, on one ordinary input: the same
for all. The kit judges the answer in float32 and, of the network, in float64 too.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ffn import admissible
from ffn.cases.case import Case, flat
from ffn.network.description import Hidden, Network, Output
from tests.benchmarks.power.checkers import EVERY, Checker, installed
from tests.conformance.implementations.bugs import PLANTED
from tests.conformance.implementations.textbook import Textbook, textbook
from tests.formula.kernels import PROBLEMS, run
from tests.formula.kernels.bugs import BUGS
from tests.formula.kernels.correct import CORRECT

OURS = ("the kit, float64", "the kit, float32")
LAWS = ("gradient/", "output/", "weight decay/gradient", "network/gradient")
OUTPUTS = ("gaussian", "laplace", "bernoulli", "categorical", "poisson")
SLIPS = tuple(10.0**-k for k in range(1, 16))
Figures = list[dict[str, Any]]


@dataclass(frozen=True)
class Subject:
    """A gradient that somebody wrote.

    Attributes:
        function, gradient, arrays: what a checker is given.
        ours: by precision, whether the kit admits the answer; None where it is not asked.
    """

    function: Callable[[Any], Any]
    gradient: Callable[[Any], Any]
    arrays: list[Any]
    ours: Callable[[str], bool | None]

    def passes(self, name: str, checkers: dict[str, Checker]) -> bool | None:
        with np.errstate(all="ignore"):
            if name in OURS:
                return self.ours(name.rpartition(" ")[2])
            return checkers[name](self.function, self.gradient, self.arrays) if name in checkers else None


def powers(names: Sequence[str] = (*OURS, *EVERY)) -> Figures:
    """By check: bugs seen of the kernels' and of the network's gradients, correct ones rejected, and the smallest slip
    of a power of ten that is seen in a whole gradient and in one entry of it, 0 where the correct one is rejected too;
    None where it is not installed."""
    kinds = {
        "kernels": [kernel(problem, bug) for problem, bugs in BUGS.items() if _of(problem) for bug in bugs.values()],
        "network": [network(law, bug.implementation) for law, bug in planted()],
        "correct": list(_correct()),
    }
    checkers, figures = installed(), []
    for name in names:
        found: dict[str, Any] = {"check": name}
        for kind, subjects in kinds.items():
            passed = [subject.passes(name, checkers) for subject in subjects]
            judged = [each for each in passed if each is not None]
            found[kind] = (sum(not each for each in judged), len(judged)) if judged else None
        for what in ("whole", "one"):
            seen = [slip for slip in (*SLIPS, 0.0) if _slipped(slip, what == "one").passes(name, checkers) is False]
            found[what] = min(seen, default=None)
        figures.append(found)
    return figures


# kernels


def _of(problem: str) -> bool:
    return problem.startswith("d ")


def kernel(problem: str, backward: Any) -> Subject:
    """Σ cotangent · kernel, with a backward pass."""
    arrays = PROBLEMS[problem].inputs("ordinary", 0, "float32")
    *given, cotangent = arrays
    places = [i for i, array in enumerate(given) if array.dtype.kind == "f"]
    forward = CORRECT[problem.removeprefix("d ")][0]

    def placed(varied: Any) -> list[Any]:
        each = iter(varied)
        return [next(each) if i in places else array for i, array in enumerate(given)]

    def gradient(varied: Any) -> list[Any]:
        answer = backward(*placed(varied), np.asarray(cotangent, dtype=varied[0].dtype))
        return list(answer) if isinstance(answer, tuple) else [answer]

    def ours(dtype: str) -> bool | None:
        if dtype == "float64":
            return None  # its constants are those of float32
        return not PROBLEMS[problem].admitted(arrays).judge(run(backward, arrays, "float32")).outside

    wide = [given[i].astype(np.float64) for i in places]
    return Subject(lambda varied: np.sum(cotangent * forward(*placed(varied))), gradient, wide, ours)


# the network


def planted() -> Iterator[tuple[str, Any]]:
    """The bugs of the textbook network's gradient, with the law that each is planted for."""
    for law, bugs in PLANTED.items():
        if law.startswith(LAWS) and "gradient" in law and not ("heteroscedastic" in law or "mixture" in law):
            yield from ((law, bug) for bug in bugs if isinstance(bug.implementation, Textbook))


def network(law: str, implementation: Any) -> Subject:
    """The loss of a square network of two layers, as the law has it: its activation, its output, its decay."""
    names = law.split("/")
    activation = names[1] if names[0] == "gradient" else "tanh"
    output = names[1] if names[0] == "output" else "gaussian"
    layer = Hidden(4, activation, pieces=3) if activation == "maxout" else Hidden(4, activation)
    if activation == "leaky_relu":
        layer = Hidden(4, activation, negative_slope=-0.3)
    described = Network(4, 4, Output(output), (layer, layer), "mean", 0.1 if "decay" in law else 0.0)
    rng = np.random.default_rng(0)
    shapes = [(4, 4, 3), (3,)] if activation == "maxout" else [(4, 4), ()]
    parameters = []
    for shape in (shapes[0], shapes[0], (4, 4)):
        parameters.append((rng.normal(size=shape), rng.normal(size=shape[1:])))
    x, y = rng.normal(size=(5, 4)), rng.normal(size=(5, 4))
    if output in ("bernoulli", "poisson"):
        y = rng.integers(0, 2, size=(5, 4)).astype(np.float64)
    if output == "categorical":
        y = rng.integers(0, 4, size=5)
    case = Case(described, tuple(parameters), x, y).cast("float32").cast("float64")  # the same numbers in both
    return _subject(case, implementation)


def _subject(case: Case, implementation: Any) -> Subject:
    correct = Textbook()

    def placed(varied: Any) -> Any:
        return tuple(zip(varied[::2], varied[1::2], strict=True))

    def arguments(varied: Any) -> Any:
        dtype = varied[0].dtype
        y = case.y if case.y.dtype.kind in "iu" else case.y.astype(dtype)
        return case.network, placed(varied), case.x.astype(dtype), y

    def ours(dtype: str) -> bool:
        there = case.cast(dtype)
        return implementation.gradient(*there.arguments("gradient")) in admissible.gradient(there)

    return Subject(
        lambda varied: correct.loss(*arguments(varied)),
        lambda varied: flat(implementation.gradient(*arguments(varied))),
        list(flat(case.parameters)),
        ours,
    )


def _correct() -> Iterator[Subject]:
    for problem, found in CORRECT.items():
        if _of(problem):
            yield from (kernel(problem, each) for each in found)
    for law in sorted({law for law, _ in planted()}):
        yield network(law, Textbook())


def _slipped(slip: float, one: bool) -> Subject:
    """A gradient that is off by a share, as a whole or in its largest entry alone."""

    def gradient(self: Textbook, *given: Any) -> Any:
        layers = Textbook.gradient(self, *given)
        factor = layers[0][0].dtype.type(1 + slip)
        if not one:
            return tuple((dW * factor, db * factor) for dW, db in layers)
        dW = layers[0][0].copy()
        dW.ravel()[np.abs(dW).argmax()] *= factor
        return ((dW, layers[0][1]), *layers[1:])

    return network("network/gradient", textbook("slipped", gradient=gradient))
