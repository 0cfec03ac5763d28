"""The formats and what is assumed in them, by the figures of IEEE 754, and what an implementation declares instead."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

import pytest

from ffn.numbers.declared import STANDARD, Declared
from ffn.numbers.precision import NAMES, Precision, dtype_of, precision

# Significand bits p, and the exponents of the smallest normal and of the largest number (IEEE 754, table 3.5; bfloat16
# is float32 cut off).
FIGURES = {
    "float16": (11, -14, 15),
    "bfloat16": (8, -126, 127),
    "float32": (24, -126, 127),
    "float64": (53, -1022, 1023),
}


@pytest.mark.parametrize("said", ["kept", "flushed", None])
@pytest.mark.parametrize("name", NAMES)
def test_a_format_has_the_figures_of_the_standard(name: str, said: str | None) -> None:
    """Without it every set would have the width of another format."""
    p, least, most = FIGURES[name]
    flushed = said == "flushed" or (said is None and name != "float16")
    half_subnormal = 2.0 ** (least - p) if name != "float64" else 2.0**-1074  # half of float64's is no float64
    assert precision(name, said) == Precision(
        name=name,
        unit_roundoff=2.0**-p,
        underflow=2.0**least if flushed else half_subnormal,
        smallest_normal=2.0**least,
        largest=(2 - 2.0 ** (1 - p)) * 2.0**most,
        flushed=flushed,
        function_ulps=0.5 + 2.0**-11 if p < 24 else 4.0,
    )
    assert precision(name).bits == p
    assert precision(name).with_bits(5) == replace(precision(name), unit_roundoff=2.0**-5)
    assert dtype_of(name).name == name


def test_bfloat16_is_there_whoever_else_has_asked_for_it() -> None:
    """Without it a program that asks for bfloat16 first would be told that NumPy does not know it."""
    asked = "from ffn.numbers.precision import dtype_of; print(dtype_of('bfloat16').itemsize)"
    assert dtype_of("bfloat16").itemsize == 2
    assert subprocess.run([sys.executable, "-c", asked], capture_output=True, check=True).stdout.strip() == b"2"


def test_a_treatment_of_subnormals_that_there_is_not_gets_one_line() -> None:
    """Without it a misspelt treatment would be the standard one."""
    with pytest.raises(ValueError, match=r"^subnormals are 'kept' or 'flushed', not 'lost'$"):
        precision("float32", "lost")


NONSENSE: list[tuple[dict[str, Any], str]] = [
    ({"accumulate": "bfloat16"}, "accumulate is float32 or float64, not 'bfloat16'"),
    ({"product_bits": 1}, "product_bits is a whole number from 2 to 24, float32's own, not 1"),
    ({"product_bits": 25}, "product_bits is a whole number from 2 to 24, float32's own, not 25"),
    ({"product_bits": True}, "product_bits is a whole number from 2 to 24, float32's own, not True"),
    ({"product_bits": 11.0}, "product_bits is a whole number from 2 to 24, float32's own, not 11.0"),
    ({"functions": {"sin": 1}}, "functions has ulps of exp, log, log1p, tanh, lgamma, not of 'sin'"),
    ({"functions": {"exp": 0.4}}, "functions has exp off by a number of ulps from 0.5 up, not 0.4"),
    ({"functions": {"log": True}}, "functions has log off by a number of ulps from 0.5 up, not True"),
    ({"functions": {"log": "1"}}, "functions has log off by a number of ulps from 0.5 up, not '1'"),
    ({"functions": {"exp": float("inf")}}, "functions has exp off by a number of ulps from 0.5 up, not inf"),
    ({"functions": [("exp", 1)]}, r"functions is a dictionary of names and ulps, not \[\('exp', 1\)\]"),
    ({"subnormals": "lost"}, "subnormals is kept or flushed, not 'lost'"),
]


@pytest.mark.parametrize(("said", "line"), NONSENSE)
def test_a_declaration_that_is_nonsense_gets_one_line(said: dict[str, Any], line: str) -> None:
    """Without it a misspelt declaration would be none, and its author blamed for what they declared."""
    with pytest.raises(ValueError, match=f"^{line}$"):
        Declared.of(SimpleNamespace(**said))


SENSE: list[tuple[dict[str, Any], Declared, str]] = [
    ({}, STANDARD, ""),
    ({"functions": None}, STANDARD, ""),
    ({"accumulate": "float32"}, Declared(accumulate="float32"), "sums in float32"),
    ({"accumulate": "float64"}, Declared(accumulate="float64"), "sums in float64"),
    ({"product_bits": 2}, Declared(product_bits=2), "factors of 2 bits in float32's products"),
    ({"product_bits": 24}, Declared(product_bits=24), "factors of 24 bits in float32's products"),
    (
        {"functions": {"exp": 0.5, "log": 3}},
        Declared(functions=(("exp", 0.5), ("log", 3))),
        "exp within 0.5 ulps, log within 3 ulps",
    ),
    ({"subnormals": "kept"}, Declared(subnormals="kept"), "subnormals kept"),
    ({"subnormals": "flushed"}, Declared(subnormals="flushed"), "subnormals flushed"),
]


@pytest.mark.parametrize(("said", "declared", "words"), SENSE)
def test_what_an_implementation_says_of_itself_is_what_it_declares(
    said: dict[str, Any], declared: Declared, words: str
) -> None:
    """Without it an attribute could be read under another name, or be told wrongly."""
    assert Declared.of(SimpleNamespace(**said)) == declared
    assert str(declared) == words


def test_a_declaration_gives_way_to_another_only_where_that_says_something() -> None:
    """Without it an option of the command would undo what the implementation says besides."""
    own = Declared("float32", 11, (("exp", 1), ("log", 2)), "kept")
    assert own.but(STANDARD) == own
    assert STANDARD.but(own) == own
    assert own.but(Declared(product_bits=8, functions=(("exp", 3),))) == replace(
        own, product_bits=8, functions=(("exp", 3), ("log", 2))
    )


@dataclass(frozen=True)
class Assumed:
    accumulator: str | None
    product_bits: int | None
    flushed: bool


@pytest.mark.parametrize("dtype", NAMES)
@pytest.mark.parametrize("accumulate", [None, "float32", "float64"])
@pytest.mark.parametrize("said", [None, "kept", "flushed"])
def test_the_error_model_is_what_is_declared(dtype: str, accumulate: str | None, said: str | None) -> None:
    """Without it a declaration would widen what it says nothing of, or an accumulator be assumed that is none."""
    functions = (("exp", 7),)
    model = Declared(accumulate, 11, functions, said).precision(dtype)
    bits = 11 if dtype == "float32" else None
    plain = replace(precision(dtype, said), functions=functions, product_bits=bits)
    wider = accumulate is not None and FIGURES[accumulate][0] > FIGURES[dtype][0]
    expected = replace(precision(accumulate, said), product_bits=bits) if accumulate and wider else None
    assert model == replace(plain, accumulator=expected)
    assert (model.ulps_of("exp"), model.ulps_of("log")) == (7, plain.function_ulps)
