"""A case is checked when it is made: what the reference refuses is never judged, and both refuse in the same words.

Each of the refused arguments was judged once: as a broadcast, as the last class, in another precision than it had.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from ffn import ActivationCase, Case, Hidden, Network, Output, Recurrent, reference
from ffn.cases.writing import imports, literal, numbers, written
from ffn.numbers.exact import exact
from ffn.numbers.precision import NAMES, dtype_of

F32 = np.float32
ONE, COLUMN = np.ones((1, 1), F32), np.ones((3, 1), F32)
PARAMETERS = ((ONE, ONE[0]),)
RECURRENT = Recurrent(1, Hidden(1, "tanh"), 1, Output("gaussian"))
CELL = ((ONE, ONE, ONE[0]), (ONE, ONE[0]))


def affine(output: str, units: int = 1) -> Network:
    return Network(1, units, Output(output))


def classes(*y: Any) -> tuple[Any, ...]:
    return affine("categorical", 3), ((np.ones((1, 3), F32), np.ones(3, F32)),), COLUMN[: len(y)], np.array(y)


REFUSED = {
    "targets that would be broadcast": ((affine("gaussian"), PARAMETERS, COLUMN, np.ones(3, F32)), "have shape"),
    "a class below the first": (classes(-1), "class indices from 0"),
    "a class far below the first": (classes(-100), "class indices from 0"),
    "a class past the last": (classes(3), "class indices from 0"),
    "classes as floats": (classes(1.0), "are integers"),
    "a probability of 2": ((affine("bernoulli"), PARAMETERS, COLUMN, 2 * COLUMN), "numbers from 0 to 1"),
    "a negative count": ((affine("poisson"), PARAMETERS, COLUMN, -COLUMN), "finite numbers from 0"),
    "a target that is NaN": ((affine("gaussian"), PARAMETERS, COLUMN, COLUMN * np.nan), "finite numbers"),
    "parameters of another shape": ((affine("gaussian"), ((ONE, COLUMN),), COLUMN, COLUMN), "layer 0, b has shape"),
    "parameters of another network": ((affine("gaussian"), CELL, COLUMN, COLUMN), "has 1 layers"),
    "parameters as lists": ((affine("gaussian"), (([[1.0]], [1.0]),), COLUMN, COLUMN), "is a list"),
    "an empty batch": ((affine("gaussian"), PARAMETERS, COLUMN[:0], COLUMN[:0]), "with N at least 1"),
    "x of another width": ((affine("gaussian"), PARAMETERS, np.ones((3, 2), F32), COLUMN), "x has shape"),
    "wide parameters": ((affine("gaussian"), ((np.ones((1, 1)), np.ones(1)),), COLUMN, COLUMN), "one dtype"),
    "one wide parameter": ((affine("gaussian"), ((ONE, np.ones(1)),), COLUMN, COLUMN), "layer 0, b is float64"),
    "a wide batch": ((affine("gaussian"), PARAMETERS, np.ones((3, 1)), COLUMN), "x is float64"),
    "wide targets": ((affine("gaussian"), PARAMETERS, COLUMN, np.ones((3, 1))), "y is float64"),
    "integers past the significand": (
        (affine("gaussian"), PARAMETERS, np.full((3, 1), 2**24 + 1), COLUMN),
        "x is int64",
    ),
    "a list beyond the largest": (
        (affine("gaussian"), PARAMETERS, [[1e300]], [[0.0]]),
        "x holds 1e.300, which is beyond",
    ),
    "a target beyond it": ((affine("gaussian"), PARAMETERS, [[0.0]], [[-(10**60)]]), "y holds -1e.60, which"),
    "an integer beyond all": ((affine("gaussian"), PARAMETERS, [[10**400]], [[0.0]]), "x cannot be made an array"),
    "rows of unequal lengths": ((affine("gaussian"), PARAMETERS, [[0.0], []], [[0.0]]), "x cannot be made an array"),
    "integer parameters": ((affine("gaussian"), ((ONE.astype(int), ONE[0]),), COLUMN, COLUMN), "int64"),
    "complex numbers": ((affine("gaussian"), ((ONE * 1j, ONE[0]),), COLUMN, COLUMN), "complex64"),
    "a description that is none": (("gaussian", PARAMETERS, COLUMN, COLUMN), "a Network or a Recurrent"),
}


@pytest.mark.parametrize(("arguments", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_a_case_refuses_what_the_reference_refuses(arguments: Any, message: str) -> None:
    """Without it the set of a broadcast, or of the last class, would refuse the right answer and admit the wrong."""
    for call in (Case, reference.loss, reference.gradient):
        with pytest.raises(ValueError, match=message):
            call(*arguments)


@pytest.mark.parametrize(
    ("arguments", "own", "message"),
    [
        ((affine("gaussian"), PARAMETERS, COLUMN, COLUMN), {"masks": (COLUMN / 2,)}, "0 and 1 alone"),
        ((affine("gaussian"), PARAMETERS, COLUMN, COLUMN), {"masks": (ONE,)}, "masks have shapes"),
        ((affine("gaussian"), PARAMETERS, COLUMN, COLUMN), {"masks": (np.ones((3, 1)),)}, "masks.0. is float64"),
        ((affine("gaussian"), PARAMETERS, COLUMN, COLUMN), {"h0": COLUMN}, "h0 belongs to a recurrent"),
        ((RECURRENT, CELL, COLUMN[:, None], COLUMN), {"masks": (COLUMN,)}, "masks belong to a network"),
        ((RECURRENT, CELL, COLUMN[:, None], COLUMN), {"h0": ONE}, "h0 has shape"),
        ((RECURRENT, CELL, COLUMN[:, None], COLUMN), {"h0": np.ones((3, 1))}, "h0 is float64"),
        ((affine("gaussian"), PARAMETERS, COLUMN, None), {}, "y is left out"),
    ],
)
def test_masks_and_states_are_checked_too(arguments: Any, own: Any, message: str) -> None:
    """Without it masks of a half, or a state that nobody reads, would be judged as if they were meant."""
    with pytest.raises(ValueError, match=message):
        Case(*arguments, **own)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("maxout", [0.0]), "unknown element-wise activation"),
        (("relu", [0]), "int64"),
        (("relu", [0.0], 0.5), "belongs to leaky_relu"),
        (("leaky_relu", [0.0], float("nan")), "a finite number"),
    ],
)
def test_an_activation_case_refuses_what_the_reference_refuses(arguments: Any, message: str) -> None:
    """Without it a slope that is another activation's would be ignored in silence."""
    for call in (ActivationCase, reference.activation, reference.slope):
        with pytest.raises(ValueError, match=message):
            call(*arguments)


def test_numpys_numbers_describe_a_network_as_pythons_do() -> None:
    """Without it a width that was computed would be refused, or stand as np.int64(3) in what is to be pasted."""
    numpys = Network(
        np.int64(3), np.uint8(6), Output("mixture", np.int32(1)), [Hidden(np.int16(4), "leaky_relu", np.float32(0.5))]
    )
    plain = Network(3, 6, Output("mixture", 1), (Hidden(4, "leaky_relu", 0.5),))
    assert (repr(numpys), numpys.to_json()) == (repr(plain), plain.to_json())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((np.float32(3.0), 1, Output("gaussian")), "inputs is a whole number from 1 up, not 3.0"),
        ((np.bool_(True), 1, Output("gaussian")), "inputs is a whole number from 1 up, not True"),
        ((1, 1, Output("gaussian"), Hidden(4)), r"hidden is a tuple of layers, not one: .Hidden.4, 'relu'.,."),
        ((1, 1, Output("gaussian"), (), "sum", np.float64("nan")), "weight_decay is a finite number, not nan"),
    ],
)
def test_what_describes_no_network_is_said_as_it_was_meant(arguments: Any, message: str) -> None:
    """Without it a newcomer would read of np.float32, or that an object is not iterable."""
    with pytest.raises(ValueError, match=message):
        Network(*arguments)


@pytest.mark.parametrize("dtype", NAMES)
def test_lists_and_whole_numbers_take_the_parameters_dtype(dtype: str) -> None:
    """Without it labels of 0 and 1 would have to be cast by hand, or be left behind when the case is cast."""
    parameters = [[array.astype(dtype_of(dtype)) for array in layer] for layer in PARAMETERS]
    case = Case(
        affine("bernoulli"), parameters, [[0.5], [1]], np.array([[0], [1]]), masks=[np.array([[True], [False]])]
    )
    assert isinstance(case.masks, tuple)
    assert isinstance(case.x, np.ndarray)
    assert isinstance(case.y, np.ndarray)
    assert {array.dtype.name for array in case.arrays()} == {dtype}
    assert Case(*classes(0, 2)).y.dtype.kind == "i"


def test_a_replaced_field_is_checked() -> None:
    """Without it a valid case could be made an invalid one."""
    case = Case(affine("gaussian"), PARAMETERS, COLUMN, COLUMN)
    with pytest.raises(ValueError, match="have shape"):
        replace(case, y=COLUMN[:, 0])


def test_a_valid_case_may_overflow_when_it_is_cast_and_scaled() -> None:
    """Without it a failure could not be repeated at another scale or in a narrower precision."""
    wide = np.full((1, 1), 1e300)
    case = Case(affine("gaussian"), ((wide, wide[0]),), wide, wide)
    assert np.isinf(case.cast("float16").y).all()
    assert np.isinf(case.scaled(1e10).x).all()
    assert case.rows([0, 0]).x.shape == (2, 1)


def test_a_case_may_hold_exact_numbers() -> None:
    """Without it the witnesses on fractions would need cases of their own."""
    W = exact.asarray([[Fraction(1, 3)]])
    assert Case(affine("gaussian"), ((W, W[0]),), COLUMN, COLUMN).dtype == "object"


def test_the_names_of_the_library_come_without_the_kit() -> None:
    """Without it a case could not be written where python-flint is not installed."""
    code = "import sys, ffn; ffn.Case, ffn.ActivationCase; print('flint' in sys.modules); print(ffn.admissible.loss)"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.startswith("False\n<function loss")


ONE_OF_MANY = np.eye(1, 30, 7, F32).reshape(5, 6)
WRITTEN = {
    "ones": np.ones((2, 3)),
    "infinities and no number": np.array([np.inf, -np.inf, np.nan, -0.0], F32),
    "many zeros": np.zeros((4, 6), np.float16),
    "zeros, one of them negative": np.where(np.arange(24) == 5, -0.0, 0.0),
    "a third of a bfloat16": np.full((1, 2), 1 / 3).astype(dtype_of("bfloat16")),
    "one of many": ONE_OF_MANY,
    "one of many in bfloat16": ONE_OF_MANY.astype(dtype_of("bfloat16")) / 3,
    "one of many beside a negative zero": np.where(np.arange(30) == 8, -0.0, ONE_OF_MANY.ravel()),
    "a third of many": np.tile([1 / 3, 0, 0], 9),
    "classes": np.array([0, 2]),
    "narrow classes": np.array([0, 2], np.uint8),
}


@pytest.mark.parametrize("array", WRITTEN.values(), ids=WRITTEN)
def test_an_array_that_is_pasted_has_every_bit_of_what_was_written(array: Any) -> None:
    """Without it a failure that is repeated from what was printed could be another one, or none."""
    names: dict[str, Any] = {}
    exec(f"{imports(array)}pasted, both = {literal(array)}, {written((array, (array, array)))}", names)
    for pasted in (names["pasted"], names["both"][0], *names["both"][1]):
        assert (pasted.dtype, pasted.shape, pasted.tobytes()) == (array.dtype, array.shape, array.tobytes())


def test_long_arrays_of_zeros_are_written_by_what_is_not_0() -> None:
    """Without it a case of a million parameters would be a page of zeros."""
    assert literal(np.zeros((4, 6))) == "np.zeros((4, 6), dtype=np.float64)"
    assert literal(np.zeros(23)) == f"np.array({[0.0] * 23}, dtype=np.float64)"
    sparse = "np.bincount([7], [1.0], 30).reshape(5, 6).astype(np.float32)"
    assert literal(ONE_OF_MANY) == sparse
    assert literal(np.array([0, 2])) == "np.array([0, 2])"
    assert literal(np.repeat([1.0, 0.0], [8, 16])).startswith("np.array(")  # a third is not few
    assert literal(np.repeat([1.0, 0.0], [7, 17])).startswith("np.bincount(")


@pytest.mark.parametrize("array", WRITTEN.values(), ids=WRITTEN)
def test_json_has_null_for_what_is_no_number_and_every_bit_in_hexadecimal(array: Any) -> None:
    """Without it a report could not be read where an infinity is in it, or its floats be rounded ones."""
    found = json.loads(json.dumps(numbers(array), allow_nan=False))
    values = [value if np.isfinite(value) else None for value in array.astype(float).ravel().tolist()]
    assert np.ravel(np.array(found["value"], object)).tolist() == values
    if array.dtype.kind in "iu":
        assert list(found) == ["value"]
    else:
        hexadecimal = np.array([float.fromhex(value) for value in np.ravel(found["hex"])])
        assert hexadecimal.astype(array.dtype).tobytes() == array.tobytes()


def test_a_case_is_cut_along_every_array_that_has_the_axis() -> None:
    """Without it a failure that is cut down would fail because its arrays no longer fit."""
    network = Network(2, 3, Output("gaussian"), (Hidden(4, "maxout", pieces=2),))
    arrays = [np.arange(np.prod(shape), dtype=F32).reshape(shape) for layer in network.shapes for shape in layer]
    case = Case(network, (arrays[:2], arrays[2:]), np.ones((5, 2), F32), np.ones((5, 3), F32))
    assert case.lengths() == {"row": 5, "input": 2, "unit 1": 4, "piece 1": 2, "column": 3, "target": 3}
    assert case.work == 5 * (2 * 4 * 2 + 4 * 2 + 4 * 3 + 3 + 5 * 2 + 5 * 3)
    cut = case.taken({"row": [4, 0], "unit 1": [3, 1, 0], "piece 1": [1]})
    assert cut.network == Network(2, 3, Output("gaussian"), (Hidden(3, "maxout", pieces=1),))
    (W, b), (V, c) = cut.parameters
    assert np.array_equal(W, arrays[0][:, [3, 1, 0]][..., [1]])
    assert np.array_equal(b, arrays[1][[3, 1, 0]][:, [1]])
    assert np.array_equal(V, arrays[2][[3, 1, 0]])
    assert np.array_equal(c, arrays[3])
    assert (len(cut.x), len(cut.y)) == (2, 2)
    replace(cut)  # which checks it


def test_a_scaled_case_keeps_what_may_be_a_probability_and_every_integer() -> None:
    """Without it a case that is scaled up would have targets that its output has not."""
    W, x, y = np.full((1, 1), 2.0, F32), np.full((2, 1), 3.0, F32), np.array([[0.5], [1.0]], F32)
    case = Case(affine("gaussian"), ((W, W[0]),), x, y)
    for factor in (0.5, 4.0):
        scaled = case.scaled(factor)
        assert [array.ravel().tolist() for array in scaled.arrays()] == [
            [2 * factor], [2 * factor], [3 * factor] * 2, [0.5, 1.0]
        ]  # fmt: skip
        assert case.changed(y=4 * y).scaled(factor).y.ravel().tolist() == [2 * min(factor, 1), 4 * min(factor, 1)]
    assert Case(*classes(0, 2)).scaled(4.0).y.tolist() == [0, 2]
    assert ActivationCase("tanh", W).scaled(0.25).z == 0.5


def test_a_case_is_written_with_the_names_of_its_arguments() -> None:
    """Without it a counterexample could not be read by another language's test, or not be pasted."""
    network = Network(2, 1, Output("gaussian"), (Hidden(1),))
    arrays = ((np.ones((2, 1), F32), np.zeros(1, F32)), (ONE, ONE[0]))
    case = Case(network, arrays, np.ones((1, 2), F32), ONE, masks=(np.ones((1, 2), F32), ONE))
    found = case.to_json()
    assert list(found) == ["network", "dtype", "parameters", "x", "y", "masks"]
    assert (found["network"], found["dtype"]) == (network.to_json(), "float32")
    assert found["parameters"][0] == {"W": numbers(arrays[0][0]), "b": numbers(arrays[0][1])}
    assert [list(layer) for layer in found["parameters"]] == [["W", "b"]] * 2
    assert found["x"] == numbers(case.x)
    assert found["masks"] == (numbers(np.ones((1, 2), F32)), numbers(ONE))
    names: dict[str, Any] = {}
    exec(case.to_python(), names)
    pasted = Case(names["network"], names["parameters"], names["x"], names["y"], names["masks"])
    assert (pasted.network, pasted.to_json()) == (network, found)
    assert repr(case) == f"Case({network!r}, float32, 1 rows)"
    cell = Case(RECURRENT, CELL, COLUMN[:, None], COLUMN, h0=COLUMN)
    assert list(cell.to_json()) == ["recurrent", "dtype", "parameters", "x", "y", "h0"]
    assert [list(layer) for layer in cell.to_json()["parameters"]] == [["W", "U", "b"], ["V", "c"]]
    exec(cell.to_python(), names)
    assert "from ffn import Hidden, Output, Recurrent\n" in cell.to_python()
    assert names["network"] == RECURRENT


def test_an_activation_is_written_with_its_slope_where_it_is_given() -> None:
    """Without it a slope that is left out would be handed on, or one that is given be lost."""
    plain, sloped = ActivationCase("leaky_relu", ONE), ActivationCase("leaky_relu", ONE[0], 0.5)
    assert plain.arguments("activation") == ("leaky_relu", plain.z)
    assert sloped.arguments("slope") == ("leaky_relu", sloped.z, 0.5)
    written_out = {"activation": "leaky_relu", "dtype": "float32", "z": numbers(ONE)}
    assert plain.to_json() == written_out
    assert sloped.to_json() == {**written_out, "negative_slope": 0.5, "z": numbers(ONE[0])}
    assert list(sloped.to_json()) == ["activation", "negative_slope", "dtype", "z"]
    for case in (plain, sloped):
        names: dict[str, Any] = {}
        exec(case.to_python(), names)
        assert names["activation"] == "leaky_relu"
        assert names["z"].tobytes() == case.z.tobytes()
        assert names.get("negative_slope") == case.negative_slope
    assert (plain.axes(), sloped.axes()) == ({"z": ("axis 0", "axis 1")}, {"z": ("entry",)})
    assert plain.returned("activation") == ("leaky_relu", (1, 1))
    assert plain.returned("slope") == ("leaky_relu′", (1, 1))
    assert (plain.part, plain.method("slope"), plain.work) == (None, "slope", 1)


def test_answers_are_asked_for_by_the_methods_of_the_part_and_with_their_shapes() -> None:
    """Without it dropout would be judged on a method that knows of no masks, or an answer of another shape be taken."""
    mixture = Network(1, 12, Output("mixture", 2))
    W = np.ones((1, 12), F32)
    case = Case(mixture, ((W, W[0]),), COLUMN, np.ones((3, 2), F32))
    masked = replace(case, masks=(COLUMN,))
    cell = Case(RECURRENT, CELL, np.ones((3, 4, 1), F32), COLUMN)
    assert [each.part for each in (case, masked, cell)] == [None, "dropout", "recurrent"]
    assert [each.method("loss") for each in (case, masked, cell)] == ["loss", "dropout_loss", "recurrent_loss"]
    assert case.returned("forward") == ("output", (3, 12))
    assert case.returned("loss") == ("loss", ())
    assert case.returned("mean") == ("mean", (3, 2))
    assert case.returned("gradient") == (mixture.names, mixture.shapes)
    assert cell.lengths() == {"row": 3, "step": 4, "input": 1, "state": 1, "column": 1, "target": 1}
    assert masked.lengths()["input"] == 1
    wide = Recurrent(1, Hidden(2, "tanh"), 1, Output("gaussian"))
    of_two = tuple(tuple(np.ones(shape, F32) for shape in layer) for layer in wide.shapes)
    held = Case(wide, of_two, np.ones((3, 4, 1), F32), COLUMN, h0=np.ones((3, 2), F32)).taken({"state": [1]})
    assert held.h0 is not None
    assert (held.h0.shape, held.parameters[0][1].shape) == ((3, 1), (1, 1))
    assert len(masked.rows([0, 2]).masks or ()) == 1
    deep = Network(2, 1, Output("gaussian"), (Hidden(4),))
    arrays = tuple((np.ones(w, F32), np.ones(b, F32)) for w, b in deep.shapes)
    dropped = Case(deep, arrays, np.ones((3, 2), F32), COLUMN, masks=(np.ones((3, 2), F32), np.ones((3, 4), F32)))
    cut = dropped.taken({"unit 1": [0]})
    assert [mask.shape for mask in cut.masks or ()] == [(3, 2), (3, 1)]
    assert masked.rows(slice(1, None)).masks[0].shape == (2, 1)  # type: ignore[index]
    given = (RECURRENT, cell.parameters, cell.x, cell.y, cell.h0)
    assert all(one is other for one, other in zip(cell.arguments("recurrent_loss"), given, strict=True))


def test_what_is_cast_or_scaled_is_what_it_is_said_to_be() -> None:
    """Without it labels would become floats, or a state stay as large as it was."""
    labels = Case(*classes(0, 2))
    assert labels.cast("float16").y.dtype.kind == "i"
    assert {array.dtype.name for array in labels.cast("float16").arrays()} == {"float16", "int64"}
    two = np.full((3, 1), 2.0, F32)
    cell = Case(RECURRENT, CELL, np.ones((3, 4, 1), F32), two, h0=two)
    scaled = cell.scaled(4.0)
    assert [array.ravel()[0] for array in scaled.arrays()] == [4, 4, 4, 4, 4, 4, 2, 8]
    assert scaled.dtype == "float32"
    assert cell.mapped(lambda array: 0 * array, "x").x.sum() == 0
    assert cell.mapped(lambda array: 0 * array, "x").y.sum() == 6
    assert cell.mapped(lambda array: 0 * array).y.sum() == 0
