"""What reproduces, bit for bit, an answer where only another one is admissible."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from ffn import admissible
from ffn.cases.case import Case, flat, mapped
from ffn.cases.exact.making import exact_case
from ffn.conformance.explanation.answer import Answer
from ffn.conformance.explanation.kernels import TILES, Floats, Product, missing, products, strided
from ffn.network.backward import affine_vjp, backpropagate, own_rules
from ffn.network.formulas import evaluate, placed
from ffn.network.forward import output, trace
from ffn.numbers.floating import Floating, floating
from ffn.numbers.precision import dtype_of

Made = Callable[[], Any]  # an answer, in float64

MOST_WAYS = 3  # of more that fit nothing is said
# Of few bits, which are exact also where some terms are missing, and which show what is read in another place or left
# out; then of many bits with few terms, which tell narrow numbers apart.
OF_FEW_BITS = (
    {"rows": 9, "inputs": 511, "width": 11, "units": 3, "bits": 2},
    {"rows": 510, "inputs": 3, "width": 3, "units": 2, "bits": 2},
    {"rows": 3, "inputs": 5, "width": 511, "units": 61, "bits": 2},
)
OF_MANY_BITS = ({"rows": 1, "inputs": 37, "width": 5, "units": 3}, {"rows": 2, "inputs": 37, "width": 5, "units": 3})
MOST_WORK = 1e7  # numbers times rows of a case, beyond which some hundred passes take longer than a reader waits


class PointAnswer(Answer):
    """What was computed beside the only admissible answer, both as one long vector in float64.

    Raises:
        Rounds: where there are several.
    """

    case: Case

    def __init__(self, name: str, case: Case, computed: Any) -> None:
        points = admissible.exact(name, case)
        self.name, self.case, self.precision = name, case, points.precision
        self.names = [part for part, _ in points.parts]
        self.shapes = [values.shape for _, values in points.parts]
        self.truth = as_vector(tuple(values for _, values in points.parts))
        self.computed, self.values = computed, as_vector(computed)
        self.judged = np.ones(self.truth.shape, dtype=bool)
        self.outside = np.asarray(self.values != self.truth)

    @property
    def is_not_0(self) -> npt.NDArray[np.bool_]:
        return np.asarray(self.truth != 0)

    def is_that_of(self, made: Made) -> bool:
        """Whether it is equal in every coordinate to what is made, once that is in the precision."""
        target = dtype_of(self.precision.name)
        with np.errstate(over="ignore", invalid="ignore"):
            other = mapped(lambda array: np.asarray(array).astype(target), made())
        return np.array_equal(as_vector(other), self.values)


def reproduced(answers: Sequence[PointAnswer]) -> str:
    """What gives every one of the answers, bit for bit; "" where that is nothing known, or might be many things."""
    *others, last = answers
    if last.case.work > MOST_WORK:
        return ""
    found = [sentence for sentence, made in reproductions(last) if last.is_that_of(made)]
    for answer in others if found else ():
        if answer.case.work > MOST_WORK:
            continue
        found = [sentence for sentence, made in reproductions(answer) if sentence in found and answer.is_that_of(made)]
    ways = list(dict.fromkeys(found))  # one sentence may have several, such as sums that are rounded or cut
    return f"It is, bit for bit, {', or '.join(ways)}." if 0 < len(ways) <= MOST_WAYS else ""


def probes(name: str, dtype: str) -> tuple[list[Case], list[Case]]:
    """Exact cases that tell one kernel from another better than a small counterexample does: of few bits, of many."""
    few, many = ([exact_case(levels, dtype, 0, (name,)) for levels in each] for each in (OF_FEW_BITS, OF_MANY_BITS))
    return few, many


def reproductions(answer: PointAnswer) -> Iterator[tuple[str, Made]]:
    """What may have been computed, in words, and how that is computed."""
    case = answer.case
    for words, product in _kernels(answer, case):
        for scope, (forwards, weights, inputs) in _SCOPES[answer.name].items():
            first, second, third = (product if used else np.matmul for used in (forwards, weights, inputs))
            yield f"what {words} give{scope}", partial(_run, answer.name, case, first, second, third)
    yield from _fewer_biases(answer.name, case)
    if answer.name == "gradient":
        yield from _fewer_rows(case)
    else:
        yield from _stale_rows(answer, case)
    yield from _other_strides(answer.name, case)


# Which products are another kernel's: of the forward pass, xᵀδ, and δWᵀ.
_SCOPES = {
    "forward": {"": (True, False, False)},
    "gradient": {
        "": (True, True, True),
        " in xᵀδ alone": (False, True, False),
        " in δWᵀ alone": (False, False, True),
        " in the forward pass alone": (True, False, False),
    },
}


def _kernels(answer: PointAnswer, case: Case) -> Iterator[tuple[str, Product]]:
    yield from products(answer.precision.bits)
    longest = max(case.lengths().values())
    for words, product in missing(longest):
        yield f"products with {words}", product


def _fewer_biases(name: str, case: Case) -> Iterator[tuple[str, Made]]:
    """Without the biases of the last units of each layer."""
    for tile in TILES:
        for words, least in (("whole tiles", tile), ("any whole tile", 0)):
            parameters = tuple((W, _without_last(tile, least, b)) for W, b in case.parameters)
            without = partial(_plainly, name, case.changed(parameters=parameters))
            yield f"the answer with the biases beyond {words} of {tile} left out", without


def _without_last(tile: int, least: int, b: Any) -> Any:
    kept = np.arange(b.size) < max(least, b.size // tile * tile)
    return np.where(kept, b.ravel(), 0).reshape(b.shape)


class _Kernel(Floating):
    """Arrays of a dtype, with another product of matrices, whose results are rounded to it."""

    def __init__(self, dtype: str, product: Product) -> None:
        super().__init__(dtype_of(dtype))
        self.product = product

    def matmul(self, a: Any, b: Any) -> Any:
        return self.asarray(self.product(a.astype(np.float64), b.astype(np.float64)))

    def affine(self, x: Any, W: Any, b: Any) -> Any:
        return self.asarray(self.product(x.astype(np.float64), W.astype(np.float64)) + b.astype(np.float64))


def _run(
    name: str,
    case: Case,
    forwards: Product,
    weights: Product,
    inputs: Product,
    of_rows: tuple[int | None, int | None] = (None, None),
) -> Any:
    """The answer with these products; of a gradient with W and b summed over the first rows alone, where so many."""
    for_weights, for_biases = (slice(count) for count in of_rows)

    def affine(_: Any, x: Any, dz: Any, decay: Any) -> tuple[Any, Any]:
        kernel = _Kernel(case.dtype, weights)
        dW = affine_vjp(kernel, x[for_weights], dz[for_weights], decay)[0]
        return dW, affine_vjp(kernel, x[for_biases], dz[for_biases], decay)[1]

    xp, method = _Kernel(case.dtype, forwards), case.method(name)
    given = placed(xp, method, *case.arguments(method))
    if name == "forward":
        return output(xp, *given)
    rules = own_rules()._replace(
        affine=affine, affine_input=lambda _, W, dz: _Kernel(case.dtype, inputs).matmul(dz, W.T)
    )
    return backpropagate(xp, given[0], given[1], trace(xp, *given[:3]), given[3], rules=rules)


def _fewer_rows(case: Case) -> Iterator[tuple[str, Made]]:
    """Gradients of all arrays, or of some, summed over the first rows of the batch alone."""
    rows = len(case.x)
    tiles = [tile for tile in TILES if tile < rows]
    counts = {f"the first {tile} rows": tile for tile in tiles}
    counts |= {f"the rows of whole tiles of {tile}": rows // tile * tile for tile in tiles}
    counts["all rows but the last"] = rows - 1
    for words, count in counts.items():
        for scope, of_rows in {"": (count,) * 2, ", in every W": (count, None), ", in every b": (None, count)}.items():
            run = partial(_run, "gradient", case, np.matmul, np.matmul, np.matmul, of_rows)
            yield f"the gradient of {words} alone{scope}", run


def _stale_rows(answer: PointAnswer, case: Case) -> Iterator[tuple[str, Made]]:
    """An output whose wrong rows are those of others."""
    truth, values = (vector.reshape(len(case.x), -1) for vector in (answer.truth, answer.values))
    wrong = np.flatnonzero((truth != values).any(axis=1))
    for words, source in (("the one before it", wrong - 1), ("the first", 0 * wrong), ("the last", 0 * wrong - 1)):
        repeated = truth.copy()
        repeated[wrong] = truth[source]
        yield f"the right output but for stale rows: some are {words}", partial(np.copy, repeated)


def _other_strides(name: str, case: Case) -> Iterator[tuple[str, Made]]:
    """The answer to arrays that are read with other strides, and an output that is written with others."""
    for words, x in strided(case.x):
        yield f"the answer where x is read {words}", partial(_plainly, name, case.changed(x=np.array(x)))
    turned = case.mapped(_turned, "parameters")
    yield "the answer where every W is read as if it were stored column by column", partial(_plainly, name, turned)
    if name == "forward":
        yield "the right output written column by column", lambda: _plainly(name, case).T.ravel()


def _turned(array: Any) -> Any:
    return array.ravel().reshape(array.shape[::-1]).T if array.ndim == 2 else array


def _plainly(name: str, case: Case) -> Any:
    method = case.method(name)
    return evaluate(floating(), method, *case.arguments(method))


def as_vector(tree: Any) -> Floats:
    """Nested arrays as one vector in float64."""
    return np.concatenate([np.asarray(array).astype(np.float64).ravel() for array in flat(tree)])
