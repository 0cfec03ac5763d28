"""What is said of a kernel that rounds, or leaves something out, where nothing is rounded.

Claims: each kind of kernel that is named is named when it is planted, and by its own name alone; a large counterexample
is written in a few lines, which fail again when they are pasted.
"""

from __future__ import annotations

from dataclasses import fields, replace
from functools import partial, reduce
from typing import Any

import numpy as np
import pytest

from ffn import admissible
from ffn.cases.case import Case
from ffn.conformance.explanation import explained_exactly
from ffn.conformance.explanation.kernels import products
from ffn.conformance.explanation.points import PointAnswer, probes, reproduced, reproductions
from ffn.conformance.implementation.subject import Subject
from ffn.conformance.laws import ALL
from ffn.conformance.report.shown import MOST_CODE
from ffn.conformance.running.runner import run_law
from ffn.conformance.verdict import Verdict
from ffn.network.description import Hidden, Network, Output
from ffn.numbers.precision import dtype_of
from tests.conformance.implementations.bugs import exact as bugs
from tests.conformance.implementations.textbook import Array, Textbook, textbook

LAWS = {law.name: law for law in ALL}


def factors(self: Textbook, a: Array, b: Array, bits: int) -> Array:
    return Textbook.dot(self, bugs.of_bits(a, bits), bugs.of_bits(b, bits))


def cut(self: Textbook, a: Array, b: Array) -> Array:
    """The last 13 bits of a float32 left out: TF32 without rounding."""
    mask = np.uint32(0xFFFF_E000)
    return Textbook.dot(
        self, *((each.view(np.uint32) & mask).view(np.float32) for each in map(np.ascontiguousarray, (a, b)))
    )


def summed(self: Textbook, a: Array, b: Array, narrow: str) -> Array:
    """Exact products, added one by one in a narrower precision."""
    wide = a.astype(np.float64).T[:, :, None] * b.astype(np.float64)[:, None, :]
    narrowed = dtype_of(narrow)
    return reduce(
        lambda total, term: (total.astype(np.float64) + term).astype(narrowed), wide[1:], wide[0].astype(narrowed)
    ).astype(a.dtype)


def results(self: Textbook, a: Array, b: Array) -> Array:
    return (a.astype(np.float64) @ b.astype(np.float64)).astype(dtype_of("bfloat16")).astype(a.dtype)


def first_terms(self: Textbook, a: Array, b: Array) -> Array:
    return Textbook.dot(self, a[:, :16], b[:16])


def rows_of_whole_tiles(self: Textbook, a: Array, b: Array) -> Array:
    z = Textbook.dot(self, a, b)
    z[len(z) // 64 * 64 or 64 :] = 0
    return z


def first_columns(self: Textbook, a: Array, b: Array) -> Array:
    z = Textbook.dot(self, a, b)
    z[:, 128:] = 0
    return z


def with_x(change: Any) -> Any:
    return lambda self, network, parameters, x: Textbook.forward(
        self, network, parameters, np.ascontiguousarray(change(x))
    )


def transposed_output(self: Textbook, network: Any, parameters: Any, x: Array) -> Array:
    z = Textbook.forward(self, network, parameters, x)
    return np.frombuffer(z.tobytes(order="F"), z.dtype).reshape(z.shape)


def column_by_column(self: Textbook, x: Array, W: Array, b: Array) -> Array:
    return Textbook.affine(self, x, W.ravel().reshape(W.shape[::-1]).T, b)


def too_long_a_stride(x: Array) -> Array:
    places = np.arange(len(x))[:, None] * (x.shape[1] + 1) + np.arange(x.shape[1])
    return x.ravel()[places % x.size]


def last_row_left_out(self: Textbook, network: Any, W: Array, x: Array, dz: Array) -> Array:
    return Textbook.weight_gradient(self, network, W, x[:-1], dz[:-1])


FORWARD = {
    "what factors rounded to 11 significant bits (TF32, float16) give": {
        "dot": lambda self, a, b: factors(self, a, b, 11)
    },
    "what factors cut to 11 significant bits (TF32, float16) give": {"dot": cut},
    "what factors rounded to 8 significant bits (bfloat16) give": {"dot": lambda self, a, b: factors(self, a, b, 8)},
    "what partial sums of 11 significant bits (TF32, float16) give": {
        "dot": lambda self, a, b: summed(self, a, b, "float16")
    },
    "what partial sums of 8 significant bits (bfloat16) give": {
        "dot": lambda self, a, b: summed(self, a, b, "bfloat16")
    },
    "what products and partial sums of 8 significant bits (bfloat16) give": {"dot": bugs.summed_in_bfloat16},
    "what results rounded to 8 significant bits (bfloat16) give": {"dot": results},
    "what products with the terms of each sum beyond the first 16 missing give": {"dot": first_terms},
    "what products with the terms of each sum beyond whole tiles of 16 missing give": {"dot": bugs.beyond_16_inputs},
    "what products with the rows beyond whole tiles of 64 missing give": {"dot": rows_of_whole_tiles},
    "what products with the columns beyond the first 128 missing give": {"dot": first_columns},
    "the answer with the biases beyond whole tiles of 64 left out": {"affine": bugs.last_columns_without_bias},
    "the right output but for stale rows: some are the one before it": {"forward": bugs.stale_row},
    "the answer where x is read as if it were stored column by column": {
        "forward": with_x(lambda x: x.ravel().reshape(x.shape[::-1]).T)
    },
    "the answer where x is read with stride 0 along its rows: all are the first": {
        "forward": with_x(lambda x: 0 * x + x[:1])
    },
    "the answer where x is read with its rows from the last to the first": {"forward": with_x(lambda x: x[::-1])},
    "the answer where x is read with its columns from the last to the first": {"forward": with_x(lambda x: x[:, ::-1])},
    "the answer where x is read with one more than the length of a row as stride": {
        "forward": with_x(too_long_a_stride)
    },
    "the answer where every W is read as if it were stored column by column": {"affine": column_by_column},
    "the right output written column by column": {"forward": transposed_output},
}
GRADIENT = {
    "what factors rounded to 11 significant bits (TF32, float16) give": {"dot": bugs.of_tensor_float},
    "what factors rounded to 8 significant bits (bfloat16) give in xᵀδ alone": {
        "weight_gradient": lambda self, network, W, x, dz: factors(self, x.T, dz, 8)
    },
    "what products with the terms of each sum beyond whole tiles of 16 missing give in δWᵀ alone": {
        "input_cotangent": lambda self, W, dz: bugs.beyond_16_inputs(self, dz, W.T)
    },
    "the gradient of the first 128 rows alone, in every b": {
        "bias_gradient": lambda self, network, b, dz: self.sum(dz[:128])
    },
    "the gradient of all rows but the last alone, in every W": {"weight_gradient": last_row_left_out},
}
PLANTED = [("forward", *item) for item in FORWARD.items()] + [("gradient", *item) for item in GRADIENT.items()]


@pytest.mark.parametrize(("name", "sentence", "lines"), PLANTED, ids=[f"{name}-{what}" for name, what, _ in PLANTED])
def test_a_kernel_is_named(name: str, sentence: str, lines: Any) -> None:
    """Without it a reader would have to guess which of a hundred kernels gives just these bits."""
    program = textbook(sentence, **lines)
    answer = partial(asked, program)
    case = next(case for cases in probes(name, "float32") for case in cases if is_wrong(program, name, case))
    said = explained_exactly(name, case, answer)
    assert sentence in said
    assert said.count(", or ") <= 1


def asked(program: Textbook, name: str, case: Case) -> Any:
    return getattr(program, name)(*case.arguments(name))


def is_wrong(program: Textbook, name: str, case: Case) -> bool:
    return asked(program, name, case) not in admissible.exact(name, case)


TF32 = "what factors rounded to 11 significant bits (TF32, float16) give"
# W, b, V and c, x, y, and the gradients by the first four, as torch 2.11 gave them on an H100 with ``allow_tf32``.
OF_TENSOR_CORES: dict[int, list[Any]] = {
    2: [
        *([[1, 0], [0, 1]], [0, 0], [[0, 0.970219075679779], [1, 0]], [-0.5, 0]),
        [[1, 0.906982421875], [2, 0.5]],
        [[1.406982421875, 0.970219075679779], [-2, 0.9404381513595581]],
        *([[1.9404255151748657, 3], [0.4851036965847015, 0.0927734375]], [0.9702107310295105, 1]),
        *([[3, 1.9999957084655762], [0.0927734375, 0.499996155500412]], [1.000244140625, 0.9999873042106628]),
    ],
    4: [
        *([[0, -1], [1, 0]], [0, 0.5], [[0, 0.5880163311958313], [1, 0]], [-0.25, 0]),
        [[-1.5771484375, 1], [-1.73974609375, 1], [-0.5, 1], [-0.875732421875, 1]],
        [
            *([0.8271484375, 0.5880163311958313], [0.98974609375, 0.5880163311958313]),
            *([-0.25, 0.0880163311958313], [-0.874267578125, 0.5880163311958313]),
        ],
        [[-0.14654091000556946, -5.570876121520996], [0.2934796214103699, 5.0009765625]],
        [0.29358017444610596, 5.0009765625],
        [[5.0009765625, 0.49937891960144043], [8.072341918945312, 0.4990403950214386]],
        [5.001708984375, 0.4994971752166748],
    ],
}


def of_tensor_cores(rows: int) -> PointAnswer:
    W, b, V, c, x, y, *seen = (np.array(each, np.float32) for each in OF_TENSOR_CORES[rows])
    case = Case(Network(2, 2, Output("gaussian"), (Hidden(2),), "sum"), ((W, b), (V, c)), x, y)
    return PointAnswer("gradient", case, (tuple(seen[:2]), tuple(seen[2:])))


@pytest.mark.parametrize(("rows", "rounded_too"), [(2, False), (4, True)])
def test_what_tensor_cores_give_is_named_though_they_cut_their_sums(rows: int, rounded_too: bool) -> None:
    """Without it TF32 would be named in an emulation, and in no gradient of a GPU."""
    seen = of_tensor_cores(rows)
    ways = [seen.is_that_of(made) for sentence, made in reproductions(seen) if sentence == TF32]
    assert ways == [rounded_too, True]
    assert reproduced([seen]) == f"It is, bit for bit, {TF32}."
    seen.values[-1] = np.nextafter(np.float32(seen.values[-1]), np.float32(2))  # one bit off
    assert reproduced([seen]) == ""


def test_sums_are_cut_to_float32_where_that_is_the_precision() -> None:
    """Without it float64 would be said to go through tensor cores of float32."""
    words = TF32.removeprefix("what ").removesuffix(" give")
    assert [[name for name, _ in products(bits)].count(words) for bits in (24, 53)] == [2, 1]


def test_what_no_kernel_gives_is_not_named() -> None:
    """Without it a slip in one number could be put down to a kernel."""
    case = probes("forward", "float32")[1][0]
    said = explained_exactly("forward", case, partial(asked, textbook("a slip", forward=one_off)))
    assert said == "It is outside in column 1 alone."


def one_off(self: Textbook, network: Any, parameters: Any, x: Array) -> Array:
    z = Textbook.forward(self, network, parameters, x)
    z[0, 1] += 3
    return z


@pytest.mark.parametrize(
    ("law", "bug", "sentence"),
    [
        (
            "exact/wide gradient",
            "gradient of the first 256 rows",
            "the gradient of the first 256 rows alone, in every b",
        ),
        ("exact/wide forward", "tail beyond 16 inputs lost", "terms of each sum beyond whole tiles of 16"),
    ],
)
def test_a_large_counterexample_is_short_and_fails_again(law: str, bug: str, sentence: str) -> None:
    """Without it a matrix of a thousand columns would fill the terminal, or nothing could be pasted."""
    planted = next(planted for planted in bugs.BUGS[law] if planted.name == bug)
    subject = Subject(planted.fresh())
    report = run_law(LAWS[law], planted.dtype, subject, examples=60)
    case: Case = report.counterexample
    code, names = case.to_python(), {}
    assert len(code) < MOST_CODE / 4
    exec(code, names)
    pasted = replace(case, **{field.name: names.get(field.name) for field in fields(case)})
    assert LAWS[law](pasted, subject).verdict is report.verdict is Verdict.WRONG
    assert sentence in report.explanation
