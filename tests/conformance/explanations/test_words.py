"""Where an answer is off, in words, and kernels that compute it otherwise."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from ffn import ActivationCase, Case, Hidden, Network, Output, reference
from ffn.conformance.explanation import kernels
from ffn.conformance.explanation.answer import Answer
from ffn.conformance.explanation.patterns import _listed, pattern
from ffn.numbers.precision import dtype_of


@pytest.mark.parametrize(
    ("axis", "used", "length", "words"),
    [
        ("row", [2], 9, "row 2"),
        ("row", [8], 9, "row 8, the last"),
        ("row", [1], 2, "row 1"),
        ("row", [2], 3, "row 2, the last"),
        ("unit 2", [3], 9, "unit 3 of layer 1"),
        ("row", [64, 65, 66], 129, "rows 64 to 66 (of 129)"),
        ("unit 1", [0, 1], 4, "units 0 to 1 of layer 0 (of 4)"),
        ("row", [1, 3, 5], 6, "every second row, from 1 on"),
        ("piece 1", [0, 2, 4], 5, "every second piece of layer 0, from 0 on"),
        ("row", [1, 3], 4, "rows 1 and 3"),
        ("row", [1, 3, 5], 9, "rows 1 and 3 and 5"),
        ("row", [1, 4, 9], 12, "rows 1 and 4 and 9"),
        ("row", [1, 4, 9, 11], 12, ""),
        ("row", [1, 3, 5, 7], 12, ""),
    ],
)
def test_places_along_an_axis_are_told_in_a_few_words(axis: str, used: list[int], length: int, words: str) -> None:
    """Without it a reader would be given a list of a hundred rows, or the wrong ones."""
    assert _listed(axis, used, length) == words


def told(name: str, case: Any, changed: Any) -> str:
    answer = getattr(reference, name)(*case.arguments(name))
    return pattern(Answer(name, case, changed(answer)))


def network_case(rows: int = 5) -> Case:
    network = Network(2, 3, Output("gaussian"), (Hidden(4, "tanh"),), "sum")
    random = np.random.default_rng(0)
    arrays = tuple(tuple(random.uniform(0.5, 1, shape) for shape in layer) for layer in network.shapes)
    return Case(network, arrays, random.uniform(0.5, 1, (rows, 2)), random.uniform(20, 30, (rows, 3)))


def off(at: Any, value: float | None = None) -> Any:
    def changed(z: Any) -> Any:
        z = z.copy()
        z[at] = z[at] + 1 if value is None else value
        return z

    return changed


@pytest.mark.parametrize(
    ("at", "value", "words"),
    [
        (1, None, "It is outside in row 1 alone."),
        (4, None, "It is outside in row 4, the last alone."),
        (slice(2, None), None, "It is outside in rows 2 to 4 (of 5) alone."),
        ((slice(None), 2), None, "It is outside in column 2, the last alone."),
        ((1, 2), None, "It is outside in row 1, column 2, the last alone."),
        (slice(2, None), 0.0, "It is outside in rows 2 to 4 (of 5) alone, where it is 0."),
        (1, np.nan, "It is outside in row 1 alone, where it is no finite number."),
        (slice(None), None, ""),
        (slice(None), 0.0, "It is outside in every coordinate, where it is 0."),
        (slice(None), np.inf, "It is outside in every coordinate, where it is no finite number."),
    ],
)
def test_what_is_outside_is_told_by_its_places(at: Any, value: float | None, words: str) -> None:
    """Without it a tile that is lost would be a wrong number."""
    assert told("forward", network_case(), off(at, value)) == words


def test_what_is_outside_of_a_gradient_is_told_by_its_arrays() -> None:
    """Without it a reader would not know which of the arrays to look at."""
    case = network_case()

    def of(layer: int, place: int, at: Any) -> str:
        def changed(gradient: Any) -> Any:
            arrays = [[array.copy() for array in each] for each in gradient]
            arrays[layer][place][at] += 1000
            return tuple(map(tuple, arrays))

        return told("gradient", case, changed)

    assert of(0, 0, slice(None)) == "It is outside in layer 0, W alone."
    assert of(1, 1, slice(None)) == "It is outside in layer 1, b alone."
    assert of(0, 0, (slice(None), 3)) == "It is outside in layer 0, W, unit 3 of layer 0, the last alone."
    assert of(0, 0, 1) == "It is outside in layer 0, W, input 1 alone."


def test_what_is_outside_of_an_activation_is_told_by_its_interval() -> None:
    """Without it a threshold would be a list of places."""
    case = ActivationCase("tanh", np.array([-2.0, -1.0, -0.5, 0.5, 1.0, 2.0]))

    def at(*places: int) -> str:
        return told("activation", case, lambda h: np.where(np.isin(np.arange(6), places), h + 0.25, h))

    assert at(4, 5) == "It is outside at z from 1 to 2 alone."
    assert at(5) == "It is outside at z = 2 alone."
    assert at(0, 5) == "It is outside at |z| = 2 alone."
    assert at(0, 1, 4, 5) == "It is outside at |z| from 1 to 2 alone."
    assert at(1, 3) == ""
    near = case.changed(z=np.array([1.0, 1.0 + 2e-16, 3.0]))
    assert told("activation", near, lambda h: h + np.array([0.25, 0.25, 0])) == "It is outside at z near 1 alone."


# kernels


def test_numbers_are_rounded_to_the_nearest_or_cut_towards_0() -> None:
    """Without it a TF32 product would be told as one that is cut."""
    numbers = np.array([1.0, 1.0 + 2.0**-10, 1.0 + 2.0**-11, 1.0 + 3 * 2.0**-11, -1.75, 0.0])
    for bits, name in ((11, "float16"), (8, "bfloat16")):
        assert (kernels.rounded(numbers, bits) == numbers.astype(dtype_of(name)).astype(float)).all()
    assert kernels.cut(np.array([1 + 3 * 2.0**-11, -1 - 3 * 2.0**-11, 5.0]), 11).tolist() == [
        1 + 2.0**-10,
        -1 - 2.0**-10,
        5,
    ]


A = np.arange(1.0, 13).reshape(3, 4) * (1 + 2.0**-9)
B = np.arange(1.0, 9).reshape(4, 2) / 8


def test_narrow_kernels_are_what_they_are_called() -> None:
    """Without it a kernel would be named that gives other bits."""
    found = dict(kernels.products(24))
    assert len(found) == 2 * 10
    assert [bits for bits in (8, 11, 24, 53) if len(dict(kernels.products(bits))) == 0] == [8]
    assert len(dict(kernels.products(53))) == 30
    r = kernels.rounded
    who = "8 significant bits (bfloat16)"
    assert np.array_equal(found[f"factors rounded to {who}"](A, B), r(A, 8) @ r(B, 8))
    assert np.array_equal(found[f"factors cut to {who}"](A, B), kernels.cut(A, 8) @ kernels.cut(B, 8))
    assert np.array_equal(found[f"results rounded to {who}"](A, B), r(A @ B, 8))
    one_by_one, terms, runs = np.zeros((3, 2)), np.zeros((3, 2)), np.zeros((3, 2))
    for k in range(4):
        product = A[:, [k]] * B[[k]]
        one_by_one, terms = r(one_by_one + product, 8), r(terms + r(product, 8), 8)
    for k in (0, 2):
        runs = r(runs + A[:, k : k + 2] @ B[k : k + 2], 8)
    assert np.array_equal(found[f"partial sums of {who}"](A, B), one_by_one)
    assert np.array_equal(found[f"products and partial sums of {who}"](A, B), terms)
    assert np.array_equal(found[f"partial sums of {who} after every 2 terms"](A, B), runs)
    assert "factors rounded to 11 significant bits (TF32, float16)" in found


def test_what_is_left_out_is_beyond_a_tile() -> None:
    """Without it a tail that is lost would be told of the wrong axis."""
    found = dict(kernels.missing(4))
    a, b = np.arange(1.0, 10).reshape(3, 3), np.arange(1.0, 10).reshape(3, 3)
    whole = a @ b
    assert set(found) == {
        f"the {what} beyond {how} missing"
        for what in ("terms of each sum", "rows", "columns")
        for how in ("the first 2", "whole tiles of 2", "any whole tile of 2")
    }
    assert np.array_equal(found["the terms of each sum beyond the first 2 missing"](a, b), a[:, :2] @ b[:2])
    assert np.array_equal(found["the rows beyond the first 2 missing"](a, b), whole * [[1], [1], [0]])
    assert np.array_equal(found["the columns beyond whole tiles of 2 missing"](a, b), whole * [1, 1, 0])
    one = np.ones((1, 1))
    assert found["the rows beyond whole tiles of 2 missing"](one, one) == 1
    assert found["the rows beyond any whole tile of 2 missing"](one, one) == 0
    assert found["the terms of each sum beyond any whole tile of 2 missing"](one, one) == 0
    assert found["the columns beyond any whole tile of 2 missing"](one, one) == 0
    assert len(dict(kernels.missing(5))) == 18
    wide = np.ones((5, 5))
    assert np.array_equal(
        dict(kernels.missing(5))["the rows beyond whole tiles of 2 missing"](wide, wide)[:, 0], [5, 5, 5, 5, 0]
    )


def test_strides_are_those_of_their_words() -> None:
    """Without it an x that is read in another order would have no name."""
    x = np.arange(6.0).reshape(2, 3)
    assert {words: np.array(read).tolist() for words, read in kernels.strided(x)} == {
        "as if it were stored column by column": [[0, 2, 4], [1, 3, 5]],
        "with stride 0 along its rows: all are the first": [[0, 1, 2], [0, 1, 2]],
        "with its rows from the last to the first": [[3, 4, 5], [0, 1, 2]],
        "with its columns from the last to the first": [[2, 1, 0], [5, 4, 3]],
        "with one more than the length of a row as stride": [[0, 1, 2], [4, 5, 0]],
        "with one less than the length of a row as stride": [[0, 1, 2], [2, 3, 4]],
    }
