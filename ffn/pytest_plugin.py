"""pytest plugin: ``assert computed in admissible`` names the first wrong coordinate when it fails."""

from __future__ import annotations

import sys
from typing import Any


def pytest_assertrepr_compare(op: str, left: Any, right: Any) -> list[str] | None:
    """The explanation of a failing membership in an admissible set."""
    admissible = sys.modules.get("ffn.admissible")  # not imported here: other projects' tests need none of it
    if op != "in" or admissible is None or not isinstance(right, (admissible.AdmissibleSet, admissible.FormulaSet)):
        return None
    return ["computed in admissible", *right.explain(left).split("\n")]
