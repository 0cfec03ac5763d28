"""What the README shows is what is seen."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from ffn.conformance.implementation.subject import Subject
from ffn.conformance.laws import matching
from ffn.conformance.running.runner import run_law

README = Path(__file__).parents[2].joinpath("README.md").read_text(encoding="utf-8")
FINDING = re.compile(
    r"^(?P<law>\S+), (?P<dtype>float64): wrong\n(?P<statement>.*)\n(?P<explanation>.*)\n(?P<message>.*)\n"
    r"(?P<code>import(?:.*\n)+?)\n",
    re.MULTILINE,
)


def test_the_finding_of_the_first_example_is_the_one_that_is_shown() -> None:
    """Without it a reader would look for a sentence that is no longer said."""
    example = README.partition("```python\nimport ffn\n")[2].partition("```")[0]
    student: dict[str, Any] = {}
    exec("import ffn\n" + example, student)
    shown = FINDING.search(README)
    assert shown
    (law,) = matching((shown["law"],))
    found = run_law(law, shown["dtype"], Subject(student["implementation"]))
    assert (law.statement, found.explanation, found.message) == (
        shown["statement"],
        shown["explanation"],
        shown["message"],
    )
    assert found.counterexample.to_python().strip() == shown["code"].strip()
