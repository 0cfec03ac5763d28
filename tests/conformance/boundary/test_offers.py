"""What an implementation says of itself, or one line that says what is wrong with it."""

from __future__ import annotations

from typing import Any

import pytest

from ffn import Declared
from ffn.conformance.implementation.boundary.calling.guard import (
    ALIASES,
    offer_of,
)
from ffn.conformance.implementation.protocol import PARTS
from ffn.network.family import Family
from ffn.network.formulas import FORMULAS
from tests.conformance.boundary.stubs import NETWORK, implementation


def test_an_offer_is_what_is_there() -> None:
    """Without it a method would go unjudged, or one be called that is not there."""
    plain = offer_of(implementation())
    assert (plain.name, plain.dtypes, plain.parts, plain.methods) == ("mine", ("float32",), (), ("forward",))
    assert (plain.networks, plain.families, plain.asks, plain.misspelt) == ((), (), (), ())
    assert (plain.reproducible, plain.concurrent, plain.declared) == (True, False, Declared())
    family = Family(NETWORK, inputs=(1, 9))
    whole = offer_of(
        implementation(
            dtypes=["float64", "float16"],
            parts=["dropout"],
            loss=lambda self: None,
            supports=lambda self, network, *, method: True,
            networks=[NETWORK, family],
            reproducible=False,
            concurrent=1,
            accumulate="float64",
            gradiant=lambda self: None,
        )
    )
    assert (whole.dtypes, whole.parts) == (("float64", "float16"), ("dropout",))
    assert whole.methods == ("forward", "loss", "supports")
    assert (whole.networks, whole.families) == ((NETWORK.to_json(),), (family.to_json(),))
    assert (whole.asks, whole.reproducible, whole.concurrent) == (("method",), False, True)
    assert whole.declared == Declared(accumulate="float64")
    assert whole.misspelt == (("gradiant", "gradient"),)
    assert offer_of(implementation(networks=NETWORK)).networks == (NETWORK.to_json(),)


NONE_OF = f"mine offers none of {', '.join(FORMULAS)}"
NO_DTYPES = "mine has no dtypes: a sequence of some of float16, bfloat16, float32, float64"
NO_NETWORKS = "mine.networks holds something else than descriptions, ffn.Network or ffn.Family"


@pytest.mark.parametrize(
    ("attributes", "message"),
    [
        ({"forward": ...}, NONE_OF),
        ({"forward": ..., "predict": lambda self: None}, f"{NONE_OF}; predict is not called: did you mean forward?"),
        ({"loss": 3}, "mine.loss is a int, not a method"),
        ({"dtypes": ...}, NO_DTYPES),
        ({"dtypes": ()}, NO_DTYPES),
        ({"dtypes": "float32"}, NO_DTYPES),
        ({"dtypes": ("float32", "float8")}, NO_DTYPES),
        ({"dtypes": {"float32"}}, NO_DTYPES),
        ({"parts": "dropout"}, f"mine.parts is a sequence of some of {', '.join(PARTS)}, not 'dropout'"),
        ({"parts": 3}, f"mine.parts is a sequence of some of {', '.join(PARTS)}, not 3"),
        ({"parts": ("droput",)}, f"mine offers an unknown part 'droput': {', '.join(PARTS)}"),
        (
            {"networks": ()},
            "mine.networks is empty: it lists what can be built, and is left out where that is everything",
        ),
        ({"networks": ("relu",)}, NO_NETWORKS),
        ({"networks": 3}, NO_NETWORKS),
        ({"accumulate": "float8"}, "mine.accumulate is float32 or float64, not 'float8'"),
    ],
)
def test_what_is_no_offer_says_why_in_a_line(attributes: dict[str, Any], message: str) -> None:
    """Without it a newcomer would see nothing judged, and not know why."""
    with pytest.raises(TypeError) as error:
        offer_of(implementation(**attributes))
    assert str(error.value) == message


def test_dtypes_that_change_from_one_look_to_the_next_are_none() -> None:
    """Without it an implementation could offer one precision and be judged in another."""
    looks = iter([("float32",), ("float64",), ("float64",)])
    with pytest.raises(TypeError, match=r"mine.dtypes is \['float32'\], and \['float64'\] when it is asked for again"):
        offer_of(implementation(dtypes=property(lambda self: next(looks))))


def test_a_name_is_one_line_or_that_of_the_class() -> None:
    """Without it a name could be a page, or raise."""
    assert offer_of(implementation(name=" a\n b ")).name == "a b"
    assert offer_of(implementation(name="x" * 600)).name == "x" * 500
    assert offer_of(implementation(name=...)).name == "Mine"
    assert offer_of(implementation(name=property(lambda self: 1 / 0))).name == "Mine"


@pytest.mark.parametrize(
    ("found", "meant"),
    [("gradent", "gradient"), ("Forward", "forward"), ("suports", "supports"), *ALIASES.items()],
)
def test_a_slip_of_the_pen_is_noticed(found: str, meant: str) -> None:
    """Without it a gradient that is never called would hold."""
    other = "loss" if meant == "slope" else "slope"
    without = implementation(**{found: lambda self: None, "forward": ..., other: lambda self: None})
    assert offer_of(without).misspelt == ((found, meant),)
    assert offer_of(implementation(**{found: 3})).misspelt == ()
    assert offer_of(implementation(**{f"_{found}": lambda self: None})).misspelt == ()
    assert offer_of(implementation(**{found: lambda self: None, meant: lambda self: None})).misspelt == ()
    assert offer_of(implementation(unlike=lambda self: None)).misspelt == ()
