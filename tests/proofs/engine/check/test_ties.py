"""Ties to the code: which lines a place names, and what is said where a tie does not hold."""

from __future__ import annotations

import inspect
import sys
from typing import Any

import numpy as np
import pytest
from sympy import exp

from ffn.network import activations, backward, outputs
from proofs.chapters.code_on_symbols import shipped
from proofs.engine.check.ties import Entered, lines_of, wrong
from proofs.engine.derivation import Comparison
from proofs.engine.notation import reals

(t,) = reals("t")
SIGMOID = "ffn.network.activations.sigmoid"


def judged(computed: Any, claimed: Any, code: str = "", cases: tuple[int, ...] = (1, 2)) -> tuple[Any, str, str]:
    return wrong(Comparison("c", cases, computed, claimed, code), claimed)


def test_a_place_names_the_lines_of_a_function() -> None:
    """A call of the function beside it would do."""
    lines, first = inspect.getsourcelines(backward.affine_vjp)
    assert lines_of("ffn.network.backward.affine_vjp") == (backward.__file__, first, first + len(lines) - 1)


def test_a_place_names_the_lines_of_an_entry() -> None:
    """A call of another entry of the table would do."""
    file, first, last = lines_of("ffn.network.activations: softplus")
    assert file == activations.__file__
    shown = inspect.getsource(activations).splitlines()[first - 1 : last]
    assert '"softplus"' in "".join(shown)
    assert not [line for line in shown if '"sigmoid"' in line]
    file, first, last = lines_of("ffn.network.outputs: poisson")
    assert 'name="poisson"' in "".join(inspect.getsource(outputs).splitlines()[first - 1 : last])


@pytest.mark.parametrize(
    ("place", "why"),
    [
        ("ffn.network.backward.nothing", "ffn.network.backward has no nothing"),
        ("ffn.network.activations: nothing", "ffn.network.activations has no entry nothing"),
        ("ffn.nowhere.backward", "no module ffn.nowhere"),
    ],
)
def test_a_place_that_is_not_there_is_an_error(place: str, why: str) -> None:
    """A tie to code that is gone would hold."""
    with pytest.raises(LookupError, match=f"^'?{why}'?$"):
        lines_of(place)
    assert judged(abs, abs, place) == (("entered",), why, "")


def test_a_comparison_says_what_differs() -> None:
    """Who reads a refusal would have to look for the case."""
    assert judged(lambda case: [case * t, 1], lambda case: [case * t, case]) == (("count",), "2: 1", "2")
    assert judged(lambda case: [case, t], lambda case: [case, t + 0]) == ((), "", "")
    assert judged(lambda case: [t], lambda case: [[t]]) == (("count",), "1: shape (1,)", "(1, 1)")
    assert judged(abs, abs, cases=()) == (("count",), "no case", "")
    assert judged(lambda case: exp(case * t), lambda case: exp(t) ** case) == ((), "", "")
    assert judged(lambda case: [1, t], lambda case: [1, 2 * t]) == (("count",), "1: t", "2*t")
    assert judged(lambda case: np.ones(2), lambda case: np.zeros(2))[0] == ("count",)


def test_code_that_is_named_is_entered() -> None:
    """The formula would be compared with itself."""
    formula, code = (lambda case: [1 / (1 + exp(-case * t))]), (lambda case: [shipped("sigmoid", "value")(case * t)])
    assert judged(code, formula, SIGMOID) == ((), "", "")
    assert judged(formula, formula, SIGMOID) == (("entered",), f"{SIGMOID} was not called", "")
    assert judged(code, lambda case: [t], SIGMOID)[0] == ("code",)


def test_a_watch_ends_with_its_block() -> None:
    """A profiler of the one who runs the checks would be lost, or what is called after the block would count."""
    before = sys.getprofile()

    def mine(*_: Any) -> None:
        """A profile of one's own."""

    sys.setprofile(mine)
    try:
        with Entered(SIGMOID) as entered:
            assert sys.getprofile() not in (mine, None)
            assert not entered.done
            shipped("sigmoid", "value")(t)
            assert entered.done
            assert sys.getprofile() is mine
        with Entered(SIGMOID) as other:
            pass
        assert sys.getprofile() is mine
        shipped("sigmoid", "value")(t)
        assert not other.done
        with Entered("") as free:
            assert sys.getprofile() is mine
        assert free.done
    finally:
        sys.setprofile(before)
