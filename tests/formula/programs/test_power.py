"""The tables of the page on other checks are what the bench writes."""

from typing import Any

import pytest
from hypothesis import settings

from tests.benchmarks.power import kernels, page
from tests.benchmarks.power.checkers import installed
from tests.benchmarks.power.gradients import OURS, powers
from tests.formula.kernels import PRECISIONS
from tests.helpers.profiles import DEFAULT

THOROUGH = settings.default is not None and settings.default.max_examples > DEFAULT
QUICK = [name for name in installed() if name.startswith("autograd")]


def rows(text: str) -> dict[str, list[str]]:
    """The cells of a table by the first of each line."""
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines()]
    return {each[0]: each[1:] for each in cells}


@pytest.mark.parametrize("path", page.PAGES, ids=lambda path: path.parent.name)
def test_the_table_of_kernels_is_what_is_measured(path: Any) -> None:
    """Without it a page could go on to praise what was measured of other code.

    Here float32 and the bugs alone; in a thorough run every precision, and the correct kernels on every seed.
    """
    dtypes, seeds = (PRECISIONS, kernels.SEEDS) if THOROUGH else (("float32",), 0)
    found = rows(page.between(path.read_text(encoding="utf-8"), "kernels"))
    measured = rows(page.kernels(kernels.power(dtypes, seeds)))
    if THOROUGH:
        assert found == measured
    for check, cells in measured.items():
        if check not in ("check", "---"):
            assert found[check][0] == cells[0], check


def test_the_table_of_gradients_is_what_is_measured() -> None:
    """Without it the checkers of others could be said to miss what they see. In a thorough run all that are there."""
    text = page.PAGES[1].read_text(encoding="utf-8")
    names = (*OURS, *(installed() if THOROUGH else QUICK))
    found, measured = rows(page.between(text, "gradients")), rows(page.gradients(powers(names)))
    for name in names:
        assert found[name] == measured[name], name
