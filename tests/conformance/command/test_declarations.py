"""Declared arithmetic on the command line, and of an implementation in a process of its own."""

from __future__ import annotations

import pytest

from tests.conformance.command import RIGHT, verify


def test_the_report_says_what_was_declared_and_the_command_line_has_the_last_word(capsys, write) -> None:
    """Without it a reader would take what was allowed for what holds of everybody."""
    body = RIGHT + 'Implementation.accumulate, Implementation.functions = "float32", {"exp": 2, "log": 1}\n'
    quick = ("--law", "activation/sigmoid/value", "--dtype", "float32", "--examples", "3")
    status, out, _ = verify(capsys, write(body), *quick, "--function", "exp=3", "--subnormals", "kept")
    assert status == 0
    assert "declared: sums in float32, exp within 3 ulps, log within 1 ulps, subnormals kept" in out
    assert "may be flushed" not in out


@pytest.mark.parametrize(
    ("option", "line"),
    [
        (("--accumulate", "half"), "accumulate is float32 or float64, not 'half'"),
        (("--bits", "99"), "product_bits is a whole number from 2 to 24"),
        (("--function", "exp"), "--function takes NAME=ULPS, such as exp=2, not 'exp'"),
        (("--subnormals", "lost"), "subnormals is kept or flushed, not 'lost'"),
    ],
)
def test_nonsense_on_the_command_line_gets_one_line(capsys, write, option: tuple[str, str], line: str) -> None:
    """Without it a misspelt option would be told as a fault of ours."""
    status, _, err = verify(capsys, write(RIGHT), *option)
    assert (status, err.count("\n")) == (2, 1)
    assert line in err
