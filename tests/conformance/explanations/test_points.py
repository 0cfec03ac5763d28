"""What may reproduce an exact answer bit for bit is what its words say, computed here by the reference."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from ffn import Case
from ffn.cases.exact.making import exact_case
from ffn.conformance.explanation import points
from ffn.conformance.explanation.kernels import TILES
from ffn.conformance.explanation.points import Made, PointAnswer
from tests.conformance.explanations.answers import ask, vector

LEVELS = {"rows": 3, "inputs": 3, "width": 3, "units": 2, "bits": 2, "reduction": "sum"}


def small(name: str, decay: float = 0.0) -> Case:
    return exact_case(LEVELS | {"decay": decay}, "float32", 0, (name,))


def test_what_is_made_is_compared_in_the_precision_of_the_answer() -> None:
    """Without it a kernel that adds up in float64 would have no name."""
    case = small("forward")
    z = ask("forward", case)
    answer = PointAnswer("forward", case, z)
    assert answer.is_that_of(lambda: z.astype(np.float64) + 2.0**-40)
    assert not answer.is_that_of(lambda: z.astype(np.float64) + 1)


def made(found: Iterable[tuple[str, Made]]) -> dict[str, list[float]]:
    return {words: vector(make()).tolist() for words, make in found}


def test_biases_are_left_out_from_the_tile_on_that_is_named() -> None:
    """Without it a bias that is lost in a partial tile would be told of another tile, or of every unit."""
    case = small("forward")
    (W, b), (V, c) = case.parameters
    b, c = b + b.dtype.type(4), c + c.dtype.type(4)
    case = case.changed(parameters=((W, b), (V, c)))

    def without(b: Any, c: Any) -> list[float]:
        return vector(ask("forward", case.changed(parameters=((W, b), (V, c))))).tolist()  # type: ignore[no-any-return]

    found = made(points._fewer_biases("forward", case))
    assert list(found) == [
        f"the answer with the biases beyond {words} of {tile} left out"
        for tile in TILES
        for words in ("whole tiles", "any whole tile")
    ]
    two = without(b * np.array([1, 1, 0], b.dtype), c)
    assert len({tuple(each) for each in (two, without(b, c), without(0 * b, 0 * c), without(b, 0 * c))}) == 4
    assert [
        found[f"the answer with the biases beyond {words} of 2 left out"] for words in ("whole tiles", "any whole tile")
    ] == [two, two]
    assert found["the answer with the biases beyond whole tiles of 4 left out"] == without(b, c)
    assert found["the answer with the biases beyond any whole tile of 4 left out"] == without(0 * b, 0 * c)


def test_stale_rows_are_those_of_the_row_that_is_named() -> None:
    """Without it a row that is left from another one would be told as that of a third."""
    case = small("forward")
    z = ask("forward", case)
    wrong = z.copy()
    wrong[1] = 99
    found = made(points._stale_rows(PointAnswer("forward", case, wrong), case))
    assert found == {
        f"the right output but for stale rows: some are {words}": vector(z[[0, row, 2]]).tolist()
        for words, row in {"the one before it": 0, "the first": 0, "the last": 2}.items()
    }
    wrong[2] = 99
    later = made(points._stale_rows(PointAnswer("forward", case, wrong), case))
    assert later["the right output but for stale rows: some are the one before it"] == vector(z[[0, 0, 1]]).tolist()


def test_a_gradient_of_fewer_rows_is_summed_over_those_that_are_named() -> None:
    """Without it a row that is lost in every W would be told as one that is lost everywhere."""
    case = small("gradient", 0.5)
    assert case.network.weight_decay == 0.5
    whole, fewer = ask("gradient", case), ask("gradient", case.rows([0, 1]))
    assert vector(whole).tolist() != vector(fewer).tolist()
    scopes = {
        "": fewer,
        ", in every W": tuple((dW, db) for (dW, _), (_, db) in zip(fewer, whole, strict=True)),
        ", in every b": tuple((dW, db) for (dW, _), (_, db) in zip(whole, fewer, strict=True)),
    }
    which = ("the first 2 rows", "the rows of whole tiles of 2", "all rows but the last")
    assert made(points._fewer_rows(case)) == {
        f"the gradient of {rows} alone{scope}": vector(gradient).tolist()
        for rows in which
        for scope, gradient in scopes.items()
    }


def test_arrays_that_are_read_otherwise_are_those_of_their_words() -> None:
    """Without it an output that is written column by column would be told as one whose weights are."""
    case = small("forward")
    found = made(points._other_strides("forward", case))
    z = ask("forward", case)
    assert found["the right output written column by column"] == z.T.ravel().tolist()
    assert found["the answer where x is read with its rows from the last to the first"] == vector(z[::-1]).tolist()
    turned = tuple((W.ravel().reshape(W.shape[::-1]).T, b) for W, b in case.parameters)
    by_columns = vector(ask("forward", case.changed(parameters=turned))).tolist()
    assert found["the answer where every W is read as if it were stored column by column"] == by_columns
    assert len(found) == 8
    assert "the right output written column by column" not in made(points._other_strides("gradient", small("gradient")))
