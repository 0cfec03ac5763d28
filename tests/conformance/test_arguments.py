"""Arguments come in every layout that is promised, and a wrong formula is no matter of memory.

Claims: arrays reach an implementation as they were laid out, on both sides of the boundary; what is shown of a layout
can be pasted; a wrong formula breaks no law on arguments.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from ffn import reference
from ffn.cases.case import ActivationCase
from ffn.conformance.implementation.boundary.data.stored import stored
from ffn.conformance.implementation.subject import Subject
from ffn.conformance.laws import matching
from ffn.conformance.laws.layouts import LAYOUTS, LaidOut, Layout
from ffn.conformance.running.runner import run_law
from ffn.numbers.precision import NAMES, dtype_of
from tests.conformance.implementations.textbook import textbook

FLAGS = ("c_contiguous", "f_contiguous", "writeable", "aligned")


def lies(array: Any) -> tuple[Any, ...]:
    """How an array lies in memory."""
    return array.strides, *(getattr(array.flags, name) for name in FLAGS)


@pytest.mark.parametrize("dtype", NAMES)
@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
def test_an_array_arrives_as_it_was_laid_out(layout: Layout, dtype: str) -> None:
    """Without it a law on layouts would hand out the same contiguous copies as any other."""
    seen: list[Any] = []

    class Looks:
        name, dtypes = "looks", (dtype,)

        def activation(self, name: str, z: Any) -> Any:
            seen.append((lies(z), z.tolist()))
            return reference.activation(name, z)

    z = layout.lay(np.arange(12).reshape(4, 3).astype(dtype_of(dtype)))
    assert lies(z) != lies(z.copy())
    Subject(Looks()).answer("activation", ActivationCase("tanh", z), copied=False)
    assert seen == [(lies(z), z.tolist())]


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
def test_what_is_shown_of_a_layout_can_be_pasted(layout: Layout) -> None:
    """Without it the case that is shown would be one that holds."""
    laid = LaidOut(ActivationCase("tanh", np.arange(12.0).reshape(4, 3)), layout, ("z",))
    names: dict[str, Any] = {}
    exec(laid.to_python(), names)
    (expected,) = laid.laid.arrays()
    assert lies(names["z"]) == lies(expected)
    assert names["z"].tolist() == expected.tolist()
    assert laid.to_json()["layout"] == {"z": layout.name}


def test_an_array_that_nobody_can_write_into_is_stored_as_that() -> None:
    """Without it an implementation that writes would be let off."""
    fixed = np.ones(3)
    fixed.setflags(write=False)
    assert not stored(fixed, as_it_lies=True).restored().flags.writeable
    assert stored(fixed).restored().flags.writeable


def test_a_wrong_formula_is_no_matter_of_memory() -> None:
    """Without it every wrong formula would break these laws too."""
    half = Subject(textbook("half of the bias", affine=lambda self, x, W, b: self.dot(x, W) + b / 2))
    reports = [run_law(law, "float32", half, shrink=False) for law in matching(("arguments",))]
    assert not [report.law.name for report in reports if report.verdict.fails]
